"""Which of two things a sentence says is the larger, and what it says of several together: what a difference, a ratio
or a sum may not be beside."""

import re

from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Vocabulary

_PAIR = 2
TOGETHER_BY_SIGN = re.compile(
    r"\b(?:losers?|gainers|winners|laggards|decliners|risers|fallers)\b[^;.\x01]{0,30}\b(?:together|combined|"
    r"in all|in total|between them|"
    r"altogether|jointly)\b|\b(?:together|combined|between them)\W+(?:\w+\W+){0,3}(?:losers|gainers|winners|"
    r"laggards)\b",
    re.IGNORECASE,
)


def is_sum_of_list(setting: Setting) -> bool:
    """Whether a figure in points is said of several together: it is their sum, and no difference of two of them."""
    if setting.figure.unit not in {Unit.POINTS, Unit.BASIS_POINTS}:
        return False
    names = [item for item in setting.sentence.mentions if item.end <= setting.start]
    between = setting.sentence.plain[names[-1].end : setting.start] if len(names) >= _PAIR else ""
    return bool(between) and re.match(r"\s*(?:together|combined|between them|jointly)\b", between) is not None


_SIDES = re.compile(
    r"\b(?:(?P<up>outweighs?|exceeds?|above|ahead of|(?:more|larger|bigger|higher|greater|heavier|"
    r"better)\b[^,;.]{0,30}\bthan)|"
    r"(?P<down>below|behind|trails?|lags?|(?:less|smaller|lower|fewer|lighter|worse)\b[^,;.]{0,30}\bthan))\b",
    re.IGNORECASE,
)


def is_other_side(setting: Setting, larger: Fact, smaller: Fact, vocabulary: Vocabulary) -> bool:
    """Whether the words say of two assets that the one is the larger which is the smaller (``A outweighs B by 2``)."""
    if larger.subject is None or smaller.subject is None or larger.measure != smaller.measure:
        return False
    order = [mention.subject for mention in setting.sentence.mentions]
    keys = vocabulary.key(larger.subject), vocabulary.key(smaller.subject)
    match = _SIDES.search(setting.sentence.plain)
    if keys[0] == keys[1] or match is None or sorted(set(order)) != sorted(set(keys)):
        return False
    if setting.sentence.mentions[0].start > match.start() or larger.value < 0:
        return False
    return (order[0] == keys[0]) is not (match["up"] is not None)


_AS_MUCH = re.compile(
    r"\s*(?:times\s+)?(?:(?:as|so)\s+\w+(?:\s+\w+){0,2}?(?:\s+\x01+)?\s+as|(?:more|larger|bigger|higher)\s+than|"
    r"the\s+(?:size|weight|value|"
    r"amount|share|income|yield)\s+of|(?:that\s+of|what)\b|(?:as|so)\s+(?:much|large|big|heavy|high|many)\b)",
    re.IGNORECASE,
)
_STARTS_BESIDE = re.compile(
    r"^\W*(?:compared (?:with|to)|beside|next to|unlike|against|measured against)\s+(?:the\s+)?$", re.IGNORECASE
)


def is_turned(setting: Setting, top: Fact, bottom: Fact, vocabulary: Vocabulary) -> bool:
    """Whether a sentence says a ratio of two assets the other way round: what is named first is so many times as large
    as what is named then."""
    if top.subject is None or bottom.subject is None or top.measure != bottom.measure:
        return False
    if not _AS_MUCH.match(setting.sentence.plain[setting.end :]):
        return False
    order = [mention.subject for mention in setting.sentence.mentions]
    keys = vocabulary.key(top.subject), vocabulary.key(bottom.subject)
    if keys[0] == keys[1] or any(key not in order for key in keys):
        return False
    beside = _STARTS_BESIDE.match(setting.sentence.plain[: setting.sentence.mentions[0].start]) is not None
    return (order.index(keys[0]) > order.index(keys[1])) is not beside
