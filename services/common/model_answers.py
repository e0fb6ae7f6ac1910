"""What a model's answer is made of, in whatever form it comes: its text without thoughts and marks, the JSON in it.

Models are asked for a form and send it with fences, thoughts and prose around it, with raw line breaks, or as JSON in a
string of JSON. What is meant by the values is for those who asked.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_MAX_OBJECTS = 40
# The tags in which reasoning models think aloud: what stands in them is no answer.
_THOUGHT = r"(?:think|thinking|thoughts?|reasoning|reflection|scratchpad)"
_THOUGHTS = re.compile(rf"<({_THOUGHT})>.*?</\1>|<{_THOUGHT}>.*\Z", re.DOTALL | re.IGNORECASE)
_THOUGHTS_END = re.compile(rf"\A.*</{_THOUGHT}>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w-]*[ \t]*$", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b\u2028\u2029]|[\ud800-\udfff]")


def join_parts(content: Any) -> Any:
    """The text of an answer that comes as a list of parts with ``text``; any other as it is."""
    if isinstance(content, list) and content and all(_is_part(part) for part in content):
        return "".join(part["text"] for part in content)
    return content


def _is_part(part: object) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str) and "type" in part


def without_controls(text: str) -> str:
    """A text without characters that are no text."""
    return _CONTROL.sub("", text)


def without_thoughts(text: str) -> str:
    """An answer's text without what was thought aloud, also where that never ends or never began."""
    return _THOUGHTS_END.sub("", _THOUGHTS.sub("", without_controls(text)))


def without_fences(text: str) -> str:
    """A text without the lines that fence code."""
    return _FENCE.sub("", text).strip()


def list_values(text: str) -> Iterator[Any]:
    """The JSON values of a text, outermost only: the whole of it, or the objects and lists that stand in prose."""
    decoder = json.JSONDecoder(strict=False)  # lenient on raw line breaks in strings
    start = 0
    for _ in range(_MAX_OBJECTS):
        opening = re.compile(r"[{\[]" if start or text[:1] != '"' else r'"').search(text, start)
        if opening is None:
            return
        try:
            value, start = decoder.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            start = opening.start() + 1
            continue
        if isinstance(value, str) and value.strip()[:1] in {"{", "["}:
            yield from list_values(value.strip())  # JSON written as a string of JSON
        else:
            yield value
