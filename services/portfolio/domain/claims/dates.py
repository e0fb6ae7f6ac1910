"""The dates that a text names: days, months, quarters and years, as the span of days that each stands for."""

import calendar
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from services.portfolio.domain.claims.around import Stretches

_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
_FOREIGN = {
    "januar": 1, "februar": 2, "märz": 3, "mai": 5, "juni": 6, "juli": 7, "oktober": 10, "dezember": 12, "janvier": 1,
    "février": 2, "mars": 3, "avril": 4, "juin": 6, "juillet": 7, "août": 8, "septembre": 9, "octobre": 10,
    "novembre": 11, "décembre": 12,
}  # fmt: skip
"""German and French months that are not written as the English ones begin."""
MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember|"
    r"janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre)\.?"
)
_YEAR = r"(?:19|20)\d{2}"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("iso", re.compile(rf"\b(?P<y>{_YEAR})-(?P<m>\d{{2}})-(?P<d>\d{{2}})\b")),
    ("slashed", re.compile(r"\b(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<y>\d{4}|\d{2})\b(?!\s*%)")),
    (
        "day_first",
        re.compile(
            rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?(?:\s+of)?[\s-]+(?P<name>{MONTHS})(?:,?[\s-]+(?P<y>{_YEAR})|-(?P<yy>\d{{2}}))?\b",
            re.IGNORECASE,
        ),
    ),
    (
        "month_first",
        re.compile(
            rf"\b(?P<name>{MONTHS})[\s-]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y>{_YEAR}))?\b"
            r"(?!\s*(?:%|lakh|crore|million|billion|per))",
            re.IGNORECASE,
        ),
    ),
    ("month", re.compile(rf"\b(?P<name>{MONTHS})[\s,'’-]+(?P<y>{_YEAR}|\d{{2}})\b(?!\s*%)", re.IGNORECASE)),
    ("quarter", re.compile(rf"\b(?:Q(?P<q>[1-4])|(?P<w>first|second|third|fourth) "
    rf"(?:quarter|(?=of\s)))(?:\s*of)?[\s-]*(?P<y>{_YEAR})\b", re.IGNORECASE)),
    ("fiscal", re.compile(rf"\b(?:FY|CY|AY)\s?'?(?:{_YEAR}|\d{{2}})(?:\s?[-–/]\s?(?:{_YEAR}|"
    rf"\d{{2}}))?\b", re.IGNORECASE)),
    ("fiscal", re.compile(r"\b(?:Q[1-4]|H[12]|[1-4]Q|[12]H)(?:[\s-]*(?:(?:FY|CY)\s?'?\d{2,4}|"
    r"20\d{2})(?:\s?[-–/]\s?\d{2,4})?)?\b(?!%)")),
    ("fiscal", re.compile(rf"\b{_YEAR}\s?[-–/]\s?\d{{2}}\b(?!\s*%)")),
    (
        "year",
        re.compile(
            rf"\b(?:in|since|during|by|until|till|of|from|to|through|year|for|between|and|before|after|beyond|past|early|late|mid|mid-|"
            rf"end|calendar|start of|end of)[\s-]+(?P<y>{_YEAR})\b"
            r"(?!\s*(?:%|\d|lakh|crore|million|billion|bps|shares|units)|[.,]\d)",
            re.IGNORECASE,
        ),
    ),
    ("year", re.compile(rf"\((?P<y>{_YEAR})\)")),
    (
        "month_only",
        re.compile(
            r"\b(?:in|since|from|to|until|by|between|and|of|through|at end|end)[\s-]+(?P<name>(?-i:January|"
            r"February|March|April|May|"
            r"June|July|August|September|October|November|December))\b(?!\s*\d)",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text at ``start:end``; ``spans`` are the stretches of days that it may stand for, none where it
    has no
    year of the calendar."""

    text: str
    start: int
    end: int
    spans: tuple[tuple[date, date], ...]
    month: int | None = None
    """The month, where a day or month stands without a year."""
    day: int | None = None

    def covers(self, other: date) -> bool:
        """Whether a day may be the one that is meant."""
        if self.month is not None:
            return other.month == self.month and (self.day is None or other.day == self.day)
        return any(first <= other <= last for first, last in self.spans)


def find_dates(text: str) -> list[DateMention]:
    """The dates of a text in order; of two that overlap the one whose pattern is the more exact."""
    found: list[DateMention] = []
    taken = Stretches()
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if kind in {"year", "month_only"}:
                start, end = match.span("y" if kind == "year" else "name")
            if taken.touch(start, end):
                continue
            if (mention := _make_mention(kind, match, start, end)) is not None:
                found.append(mention)
                taken.add(start, end)
    return sorted(found, key=lambda mention: mention.start)


def _make_mention(kind: str, match: re.Match[str], start: int, end: int) -> DateMention | None:
    groups = match.groupdict()
    spans = tuple(_list_spans(kind, groups))
    month = _month(groups["name"]) if groups.get("name") else None
    if kind in {"day_first", "month_first"} and not (groups.get("y") or groups.get("yy")):
        day = int(groups["d"])
        return DateMention(match[0], start, end, (), month, day) if 1 <= day <= 31 else None
    if kind == "month_only":
        return DateMention(groups["name"], start, end, (), month)
    text = groups["y"] if kind == "year" else match[0]
    if kind != "fiscal" and not spans:
        return None
    return DateMention(text, start, end, spans)


def _list_spans(kind: str, groups: dict[str, str]) -> Iterator[tuple[date, date]]:
    year = groups.get("y") or groups.get("yy")
    number = (int(year) if len(year) == 4 else 2000 + int(year)) if year else 0
    days: list[tuple[int, int]] = []
    if kind == "iso":
        days = [(int(groups["m"]), int(groups["d"]))]
    elif kind == "slashed":
        first, second = int(groups["a"]), int(groups["b"])
        days = [(second, first), (first, second)]
    elif kind in {"day_first", "month_first"} and year:
        days = [(_month(groups["name"]), int(groups["d"]))]
    for month, day in days:
        with suppress(ValueError):
            yield date(number, month, day), date(number, month, day)
    if kind == "month":
        yield _month_span(number, _month(groups["name"]), 1)
    elif kind == "quarter":
        order = ("first", "second", "third", "fourth")
        quarter = int(groups["q"]) if groups.get("q") else order.index(groups["w"].lower()) + 1
        yield _month_span(number, quarter * 3 - 2, 3)
    elif kind == "year":
        yield date(number, 1, 1), date(number, 12, 31)


def _month_span(year: int, month: int, count: int) -> tuple[date, date]:
    last = month + count - 1
    return date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1])


def _month(name: str) -> int:
    word = name.lower().rstrip(".")
    if word in _FOREIGN:
        return _FOREIGN[word]
    return next(place for place, full in enumerate(_NAMES, start=1) if full.startswith(word[:3]))
