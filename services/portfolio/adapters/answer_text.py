"""The text of a model's answer, in whatever form it comes.

Models are asked for a JSON object and send it with fences, thoughts and prose around it, with raw line breaks, fields
missing or of another type, cut off, or plain prose instead. ``read_text`` takes what can be had without inventing a
word, and raises ``FormError`` where there is none. Whether the text is right is not decided here.
"""

import re

from services.common.model_answers import (
    join_parts,
    list_values,
    without_controls,
    without_fences,
    without_thoughts,
)
from services.portfolio.domain.narrative.text import LISTED, Line, Narrative, Role

HEADLINE = "headline"
_ROLES = {
    HEADLINE: Role.HEADLINE, "observations": Role.OBSERVATION, "risks": Role.RISK, "actions": Role.ACTION,
}  # fmt: skip
FIELDS = tuple(_ROLES)
_MAX_LINES = 12
_MAX_CHARACTERS = 1500
_MAX_TEXT = 20_000
_MAX_DEPTH = 6
_TAG_AROUND = re.compile(r"\A<(\w+)>(.*)</\1>\Z", re.DOTALL)
# A quote opens a text behind one of ``{[,:`` or a space and closes it before one of ``,:]}``, so that quotes inside of
# it that nobody escaped stay what they are.
_OPENING = re.compile(r"""(?<=[{\[,:\s])["']""")
_LOOSE = re.compile(
    r"""(?P<q>["'])(?P<text>(?:\\.|(?!(?P=q)\s*[,:\]}]).)*+)(?P=q)(?=\s*(?P<next>[,:\]}]))""", re.DOTALL
)
_MEANT_AS_JSON = re.compile(r"""[{\[]\s*(?:["'{\[\]}]|\Z)""")
_ESCAPES = {"n": " ", "t": " ", "r": " "}


class FormError(ValueError):
    """An answer of which no text can be had; the message says why, in words that can be sent back."""


def read_text(content: object) -> str:
    """The text of an answer: JSON of the fields asked for rendered as a narrative, prose as it stands.

    ``content`` is the answer as decoded: a string, a list of parts with ``text``, or an object. Raises ``FormError``.
    """
    content = join_parts(content)
    if isinstance(content, dict | list):
        return _render(_read_object(content))
    if not isinstance(content, str) or not content.strip():
        raise FormError("the answer is empty")
    return _read_string(content)


def _read_string(content: str) -> str:
    text = without_fences(without_thoughts(content))
    if wrapped := _TAG_AROUND.match(text):
        text = wrapped[2].strip()
    if not text:
        raise FormError("the answer holds thoughts or marks and no text")
    if len(text) > _MAX_TEXT:
        raise FormError(f"the answer is longer than {_MAX_TEXT} characters")
    found = [_read_object(value) for value in list_values(text)]
    named = [lines for lines in found if lines and any(field for field, _ in lines)]
    if named:
        return _render(named[-1])  # drafts come before what they lead to
    if loose := _read_loose(text):
        return _render(loose)
    stands_alone = text[0] in "{[" or (text[0] == '"' and text[-1] == '"')
    if stands_alone and any(found):
        return _render([lines for lines in found if lines][-1])
    if _MEANT_AS_JSON.match(text):
        raise FormError("the answer holds no text under any of its fields")
    return text


Lines = list[tuple[str, str]]
"""Texts with the field that they stand under; an empty one where it is none of those asked for."""


def _read_object(value: object, field: str = "", depth: int = 0) -> Lines:
    """The texts of a decoded value. Where fields asked for are there, what stands under others is left out."""
    if isinstance(value, str):
        return [(field, value)]
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, list):
        return [line for item in value for line in _read_object(item, field, depth + 1)]
    if not isinstance(value, dict):
        return []
    lines = [line for name, item in value.items() for line in _read_object(item, _name(name) or field, depth + 1)]
    named = [line for line in lines if line[0]]
    return named or lines


def _name(raw: object) -> str:
    """The field asked for that a name means, in whatever case and number it is written."""
    name = str(raw).strip().casefold()
    return next((field for field in _ROLES if name in {field, field.removesuffix("s"), f"{field}s"}), "")


def _read_loose(text: str) -> Lines:
    """The texts of something that was meant to be the JSON asked for and is none; complete ones only."""
    lines: Lines = []
    field = ""
    position = max(text.find("{"), 0)
    while opening := _OPENING.search(text, position):
        match = _LOOSE.match(text, opening.start())
        if match is None:
            break  # cut off
        position = match.end()
        if match["next"] == ":":
            field = _name(match["text"])
        elif field:
            lines.append((field, re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), match["text"])))
    return lines


def _render(lines: Lines) -> str:
    made: list[Line] = []
    for field, text in lines:
        role = _ROLES.get(field, Role.OBSERVATION)
        tidy = " ".join(without_controls(text).split())[:_MAX_CHARACTERS]
        if tidy and sum(line.role is role for line in made) < _MAX_LINES:
            made.append(Line(role, tidy, 60 if role is Role.HEADLINE else 50))
    if not made:
        raise FormError("the answer holds no text under any of its fields")
    return Narrative(tuple(made), LISTED).render()
