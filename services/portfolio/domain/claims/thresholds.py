"""Predicates that a figure or a day bounds: ``exceed ten per cent``, ``mature before 2028``."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from services.portfolio.domain.claims.model import Printed
from services.portfolio.domain.claims.peers import choose_measures
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.traits import Trait, dated, signed, weighed
from services.portfolio.domain.number_words import Unit

_THRESHOLD = re.compile(r"\b(?:(?P<over>exceed\w*|above|over|more than|larger than|at least)|(?P<under>below|"
                        r"under|less "
                        r"than|smaller than|at most))\s*$", re.IGNORECASE)  # fmt: skip


def find_thresholds(sentence: Sentence, start: int) -> Iterator[tuple[Trait, int, int]]:
    """The bounded predicates behind a place, each with where it stands."""
    for find in (_find_threshold, _find_move, _find_due):
        if (found := find(sentence, start)) is not None:
            yield found


def _find_threshold(sentence: Sentence, start: int) -> tuple[Trait, int, int] | None:
    """``exceed ten per cent``: the weights that are past a share."""
    for figure in sentence.figures:
        low, high = sentence.spot(figure)
        match = _THRESHOLD.search(sentence.plain[start:low]) if low >= start else None
        if match is not None and figure.unit is Unit.MONEY:
            over, words = match["over"] is not None, sentence.plain[start : start + match.start()]
            verb = _VERB_BEFORE.search(words)
            place = start + (verb.start() if verb is not None else match.start())
            return _make_money_trait(figure, words, over=over), place, high
        if match is None or figure.unit is not Unit.PERCENT:
            continue
        cues = {cue.measure for cue in sentence.cues if cue.named}
        after = sentence.plain[high : high + 30]
        words = sentence.plain[start : start + match.start()]
        if _GAINING.search(words) or _LOSING.search(words):
            sign, over = -1 if _LOSING.search(words) else 1, match["over"] is not None
            return _make_move_trait(figure, sign, over=over), start + match.start(), high
        if cues & {"yield", "coupon", "gain", "return", "price", "maturity_weight"} or re.match(
            r"\s*(?:limit|cap|ceiling|guideline|rule|threshold)", after
        ):
            return None
        return weighed(_make_test(figure, over=match["over"] is not None)), start + match.start(), high
    return None


_OF_MONEY = {
    "income": ("income.",), "gain": ("gain.",), "market_value": ("market_value.", "value."), "cost": ("cost.",),
}  # fmt: skip
"""Where the amounts of each measure stand, one for each position."""
_GAINING = re.compile(r"\b(?:gain\w*|profit\w*)\b", re.IGNORECASE)
_LOSING = re.compile(r"\b(?:loss\w*|lost|loses?|losing)\b", re.IGNORECASE)
_VERB_BEFORE = re.compile(
    r"\b(?:brings?|brought|pays?|paid|comes?|came|takes?|adds?|throws?)\s+(?:in|to|out|off)\s*$", re.IGNORECASE
)
"""A verb of two words, which belongs to what is bounded."""
_PAID = re.compile(r"\bcost\w*\b", re.IGNORECASE)


def _make_money_trait(figure: Printed, words: str, *, over: bool) -> Trait:
    """``brings in more than £14,000``: the amounts, of the measure that the words name, that are past a sum."""
    named = ("cost",) if _PAID.search(words) else choose_measures(words) or ()
    measure = next((name for name in named if name in _OF_MONEY), "market_value")
    sign = -1 if measure == "gain" and _LOSING.search(words) else 1

    def test(value: Decimal) -> bool:
        return value * sign > figure.value if over else value * sign < figure.value

    return signed(_OF_MONEY[measure], test)


_MOVED = re.compile(
    r"\b(?:(?P<up>gain(?:ed|s)?|rose|rise|risen|climb(?:ed)?|advanced?|(?:is|are|was|were)\s+up)|"
    r"(?P<down>lost|lose|loses|fell|fall|fallen|dropp?(?:ed)?|declined?|(?:is|are|was|were)\s+down))\s+(?:by\s+)?"
    r"(?:(?P<more>more\s+than|over|at\s+least)|(?P<less>less\s+than|under|at\s+most))\s*$",
    re.IGNORECASE,
)


def _find_move(sentence: Sentence, start: int) -> tuple[Trait, int, int] | None:
    """``gained more than a tenth``: the moves that are past a size."""
    for figure in sentence.figures:
        low, high = sentence.spot(figure)
        match = _MOVED.search(sentence.plain[start:low]) if low >= start else None
        if match is None or figure.unit is not Unit.PERCENT:
            continue
        over = match["more"] is not None
        return _make_move_trait(figure, 1 if match["up"] else -1, over=over), start + match.start(), high
    return None


def _make_move_trait(figure: Printed, sign: int, *, over: bool) -> Trait:
    """``gained more than a tenth``: the moves that way that are past a size."""

    def test(value: Decimal) -> bool:
        return value * sign > 0 and (abs(value) > figure.value) is over

    return signed(("return.", "gain_pct."), test)


def _make_test(figure: Printed, *, over: bool) -> Callable[[Decimal, Decimal | None], bool]:
    """The test of a share against the one that is printed."""

    def test(value: Decimal, _: Decimal | None) -> bool:
        return value > figure.value if over else value < figure.value

    return test


_DUE = (
    r"\b(?:matur(?:es?|ing|ed)|(?:falls?|comes?)\s+due|falling\s+due|runs?|running|(?:is|are|be)\s+(?:repaid|redeemed|due))\s+"
    r"(?:only\s+|already\s+|until\s+)?"
)
_BY_DAY = re.compile(
    rf"{_DUE}(?:(?P<before>before|prior\s+to|earlier\s+than)|(?P<after>after|beyond|past|later\s+than)|(?P<until>until|by|up\s+to)|"
    r"(?P<between>between)|(?P<inside>in|during))\s+(?:(?P<end>the\s+end\s+of)\s+)?(?:\w+\s+)?$",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    rf"{_DUE}(?:within|in|during|over|inside)\s+(?:the\s+)?(?:next\s+|coming\s+)?(?:(?P<number>\d{{1,2}}|[a-z]+)\s+)?"
    r"(?P<noun>months?|years?)\b",
    re.IGNORECASE,
)
_NUMBERS = {
    "": 1, "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "eighteen": 18,
}  # fmt: skip
_MONTH_DAYS, _YEAR_DAYS = Decimal("30.44"), Decimal("365.25")


def _find_due(sentence: Sentence, start: int) -> tuple[Trait, int, int] | None:
    """``matures before 2028``, ``falls due within twelve months``: what is repaid in a stretch of time."""
    match = _WITHIN.search(sentence.plain, start)
    if match is not None:
        word = (match["number"] or "").lower()
        number = int(word) if word.isdigit() else _NUMBERS.get(word, 0)
        if number:
            days = int(number * (_MONTH_DAYS if match["noun"].lower().startswith("month") else _YEAR_DAYS))
            return (
                dated(lambda day, today: today is not None and day <= today + timedelta(days)),
                match.start(),
                match.end(),
            )
    for place, mention in enumerate(sentence.dates):
        match = (
            _BY_DAY.search(sentence.plain[start : mention.start]) if mention.start >= start and mention.spans else None
        )
        if match is None:
            continue
        (first, last), end = mention.spans[0], mention.end
        if match["between"]:
            following = sentence.dates[place + 1 : place + 2]
            if (
                not following
                or not following[0].spans
                or sentence.plain[end : following[0].start].strip().lower() != "and"
            ):
                return None
            last, end = following[0].spans[0][1], following[0].end
        return dated(_make_day_test(match, first, last)), start + match.start(), end
    return None


def _make_day_test(match: re.Match[str], first: date, last: date) -> Callable[[date, date | None], bool]:
    if match["end"] and not match["after"]:
        return lambda day, _: day <= last
    if match["before"]:
        return lambda day, _: day < first
    if match["after"]:
        return lambda day, _: day > last
    if match["until"]:
        return lambda day, _: day <= last
    return lambda day, _: first <= day <= last
