"""A comparison without a figure as words say it: operand, pole, operand (``A and B`` - ``yield less than`` - ``C``)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Pole

THAN_REACH = 45

_THAN = re.compile(r"\b(?:than|als|que)\b", re.IGNORECASE)

_DENIED = re.compile(r"\b(?:not|never|no|nor|neither|hardly|without|nicht|kein\w*)\b|n['’]t\b", re.IGNORECASE)

_NONE_OF = re.compile(
    r"\b(?:none|neither|not\s+(?:one|a\s+single\s+one))\s+of\s+(?:the|its|our|these|those)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
"""A denial of the members of a class that is named (``none of the bond funds``)."""

_OPEN = re.compile(r"\b(?:if|would|could|may|might|should|will|until)\b", re.IGNORECASE)

_BY_FIGURE = re.compile(r"\b(?:by|um)\s+(?:\w+\s+){0,3}$", re.IGNORECASE)

_FIGURE_REACH = 14
_PARTS_FIGURE = re.compile(r"[,;:]|\bof\b|\x01\s*[(,]")

_LINK = re.compile(
    r"\s*(?:(?:that|those)\s+(?:of|in|on|from)\s+|(?:in|on|of|from|for|with|by|at|into|did|does|do)\s+)?"
    r"(?:the\s+|its\s+|their\s+|in\s+|der\s+|die\s+|das\s+)*",
    re.IGNORECASE,
)

_JOINED = re.compile(r"\s*(?:,\s*(?:and\s+)?|and|&|und|et|plus)\s*(?:the\s+|die\s+|der\s+|das\s+)?", re.IGNORECASE)

NOBODY = re.compile(
    r"\b(?:no(?:\s+(?:other|single))?\s+(?:[a-z]+)|none(?:\s+of\s+(?:the\s+)?[a-z]+)?|nothing(?:\s+else)?)\s+[^,;.]*$",
    re.IGNORECASE,
)

EVERYBODY = re.compile(
    r"\b(?:every(?:thing|one)\s+else|(?:every|each|any)\s+other(?:\s+[a-z]+)?|all\s+(?:the\s+)?others?(?:\s+[a-z]+)?|"
    r"the\s+others)\s+[^,;.]*$",
    re.IGNORECASE,
)

SOMEBODY = re.compile(
    r"\b(?:another(?:\s+[a-z]+)?|(?:some|at\s+least\s+one)\s+other(?:\s+[a-z]+)?|something\s+else|others)\s+[^,;.]*$",
    re.IGNORECASE,
)

SAFE = re.compile(
    r"\b(?:deposits?|cash|risk[- ]free (?:rate|asset)|money[- ]market fund|savings account)\b", re.IGNORECASE
)

_FALLS_DUE = re.compile(
    r"\b(?:pays?|paid|matur\w+|(?:falls?|comes?|is|are)\s+(?:due|repaid|redeemed)|distributes?|be\s+repaid)\s+(?:out\s+)?(?:shortly\s+|just\s+)?$",
    re.IGNORECASE,
)
"""Verbs of what has a day, so that ``before`` and ``after`` order two of them."""

IT = re.compile(r"^\W*(?:it|they|this|that|these|both)\b", re.IGNORECASE)

_HEADED = re.compile(r"\s*(?:the|its)?\s*[a-z]+\s+(?:of|in|on|from|at)\s+(?:the\s+)?", re.IGNORECASE)
"""A noun before a name (``the gains at A``)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left`` and ``right`` as stretches of the sentence around a pole at ``start:end``; ``more`` as it is said,
    denials counted."""

    left: tuple[int, int]
    start: int
    end: int
    right: tuple[int, int]
    pole: Pole
    more: bool
    noun: str
    """What stands between the pole and ``than``."""
    denied: bool = False


def parse(sentence: Sentence, clause: tuple[int, int], evidence: Evidence) -> Iterator[Comparison]:
    text, (low, high) = sentence.plain, clause
    if _OPEN.search(text[low:high]) and not SAFE.search(text[low:high]):
        return
    for match in evidence.vocabulary.pole_words.finditer(text, low, high):
        way, _, name = (match.lastgroup or "").partition("_")
        pole, end, noun = evidence.vocabulary.poles[name], match.end(), ""
        if pole.than:
            than = _THAN.search(text, end, high)
            gap = text[end : than.start()] if than is not None else ""
            if than is None or re.search(r"[,;.]", gap) or len(gap.replace("\x01", "")) > THAN_REACH:
                continue
            noun, end = text[end : than.start()], than.end()
        if (
            pole.measures[:1] == ("next_payment",)
            and not pole.than
            and not _FALLS_DUE.search(text[low : match.start()][-THAN_REACH:])
        ):
            continue
        if _is_measured(sentence, match.start(), end, high):
            continue
        ahead = text[low : match.start()]
        denied = _DENIED.search(re.split(r"[,;:]", ahead)[-1]) is not None and NOBODY.search(ahead) is None
        denied = denied or any(_NONE_OF.search(ahead[: item.start - low]) for item in sentence.mentions
                               if low <= item.start < match.start())  # fmt: skip
        yield Comparison(
            (low, match.start()), match.start(), end, (end, high), pole, (way == "up") is not denied, noun, denied
        )


def _is_measured(sentence: Sentence, start: int, end: int, high: int) -> bool:
    """Whether a figure says by how much, or of what, so that it tells of the comparison itself."""
    for figure in sentence.figures:
        low, stop = sentence.spot(figure)
        near = 2 if figure.unit is Unit.NUMBER else _FIGURE_REACH  # a count may be of what is compared
        between = sentence.plain[end:low] if low >= end else sentence.plain[stop:start]
        if start - near <= stop and low < end + near and not _PARTS_FIGURE.search(between):
            return True
        if end <= low < high and _BY_FIGURE.search(sentence.plain[end:low]):
            return True
    return False


def read_left(sentence: Sentence, item: Comparison) -> list[Mention]:
    """What is compared: names between the pole and ``than``, else the last list of names before it, else what was
    spoken of."""
    inside = [name for name in sentence.mentions if item.start <= name.start and name.end <= item.end]
    if inside:
        return inside
    before = [name for name in sentence.mentions if item.left[0] <= name.start and name.end <= item.start]
    if before:
        found = [before[-1]]
        for name in reversed(before[:-1]):
            between = sentence.plain[name.end : found[0].start]
            if _JOINED.fullmatch(between) or re.fullmatch(r"[^.;,]*\b(?:of|in|on)\s+(?:the\s+)?", between):
                found.insert(0, name)
            else:
                break
        return found
    if sentence.carried and IT.match(sentence.plain[item.left[0] : item.start]):
        return [Mention(sentence.carried, item.left[0], item.left[0])]
    return []


def read_right(sentence: Sentence, item: Comparison) -> list[Mention]:
    """The list of names right behind a comparison."""
    found: list[Mention] = []
    for name in sentence.mentions:
        if name.start < item.right[0] or name.end > item.right[1]:
            continue
        position = found[-1].end if found else item.right[0]
        link = _JOINED if found else _LINK
        between = sentence.plain[position : name.start]
        if link.fullmatch(between) is None and not (not found and _HEADED.fullmatch(between)):
            break
        found.append(name)
    return found
