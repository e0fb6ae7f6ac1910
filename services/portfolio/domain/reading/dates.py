"""Days as feeds write them: what one cell can mean, and the one order that a column's cells have."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from babel import Locale

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.numbers import SPACES

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", re.ASCII)
_CJK = re.compile(r"(\d{4})年\s*(\d{1,2})月(?:\s*(\d{1,2})日)?")
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:[T ,].*)?", re.ASCII)
_WORDED = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?\.?[\s-]+([^\W\d]+)\.?[\s,-]+(\d{4}|\d{2})", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE)
_MONTH = re.compile(r"([^\W\d]+)\.?[\s'’-]+(\d{4}|\d{2})", re.IGNORECASE)
_MONTH_ISO = re.compile(r"(\d{4})-(\d{2})|(\d{2})/(\d{4})", re.ASCII)
_YEAR = r"(?P<year>\d{4}|\d{2})(?:[-/](?P<last>\d{4}|\d{2}))?"
_QUARTERS = (
    re.compile(rf"Q(?P<quarter>[1-4])[\s-]*(?P<fiscal>FY)?[\s'’-]*{_YEAR}", re.IGNORECASE),
    re.compile(rf"(?P<fiscal>FY)?[\s'’]*{_YEAR}[\s-]*Q(?P<quarter>[1-4])", re.IGNORECASE),
    re.compile(rf"(?P<fiscal>FY)[\s'’-]*{_YEAR}(?P<quarter>)", re.IGNORECASE),
)
"""Quarters, and fiscal years, which end with their fourth."""
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+", re.IGNORECASE)
_BLANKS = frozenset({"", "-", "--", "—", "n/a", "na", "n.a.", "nil", "none", "null", "nat"})
_EXCEL_FIRST, _EXCEL_LAST = 20_000, 80_000
_EXCEL_EPOCH = date(1899, 12, 30)
_MONTH_LOCALES = ("en", "de", "fr", "es", "it", "nl", "pt")
_CENTURY_TURN = 70


@dataclass(frozen=True, slots=True)
class Day:
    """What a cell can mean: ``fixed``, or a day for each order (or start of the fiscal year) that fits it."""

    fixed: date | None = None
    options: Mapping[str, date] | None = None
    fiscal: tuple[int, int] | None = None
    """Quarter and year of a fiscal year whose first month is not said."""

    def under(self, order: str) -> date | None:
        """The day under an order."""
        return self.fixed if self.options is None else self.options.get(order)


def scan_day(raw: object, field: str) -> Day | None:
    """What a cell can mean, None for a blank. Raises ``InputError`` for what is no day.

    ISO days, Excel's serial numbers, ``31-Mar-26``, ``31 mars 2026``, ``2026年3月31日``, months and quarters (their
    last day), and numeric days of either order.
    """
    if raw is None:
        return None
    if isinstance(raw, datetime):
        return Day(raw.date())
    if isinstance(raw, date):
        return Day(raw)
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise InputError(field, raw, "a date is needed, such as 2026-03-31")
    text = " ".join(str(raw).translate(SPACES).split())
    if text.lower() in _BLANKS:
        return None
    try:
        found = _scan_serial(text) or _scan_numeric(text) or _scan_worded(_WEEKDAY.sub("", text)) or _scan_period(text)
    except (ValueError, OverflowError):
        raise InputError(field, raw, "no such day") from None
    if found is None:
        raise InputError(field, raw, "a date is needed, such as 2026-03-31")
    return found


def _scan_serial(text: str) -> Day | None:
    whole = text.removesuffix(".0")
    if whole.isascii() and whole.isdigit() and len(whole) == 5 and _EXCEL_FIRST <= int(whole) <= _EXCEL_LAST:
        return Day(_EXCEL_EPOCH + timedelta(days=int(whole)))
    return None


def _scan_numeric(text: str) -> Day | None:
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups() if part is not None)
        return Day(date(year, month, day))
    if match := _YEAR_FIRST.fullmatch(text):
        return Day(date(*map(int, match.groups())))
    if match := _CJK.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        return Day(date(year, month, int(match[3]))) if match[3] else Day(_end_month(year, month))
    if match := _NUMERIC.fullmatch(text):
        first, mark, second, year = int(match[1]), match[2], int(match[3]), _full_year(match[4])
        if mark == ".":
            return Day(date(year, second, first))  # the point is used where the day comes first
        options: dict[str, date] = {}
        for order, (day, month) in (("DMY", (first, second)), ("MDY", (second, first))):
            if 1 <= month <= 12:
                options |= {order: date(year, month, day)} if _exists(year, month, day) else {}
        if len(match[4]) == 2 and _exists(2000 + first, second, int(match[4])):
            options["YMD"] = date(2000 + first, second, int(match[4]))
        if not options:
            raise ValueError(text)
        if len(options) == 2 and len(set(options.values())) == 1:
            return Day(next(iter(options.values())))
        return Day(options=options)
    return None


def _scan_worded(text: str) -> Day | None:
    if (match := _WORDED.fullmatch(text)) and (month := find_month(match[2])):
        return Day(date(_full_year(match[3]), month, int(match[1])))
    if (match := _MONTH_FIRST.fullmatch(text)) and (month := find_month(match[1])):
        return Day(date(int(match[3]), month, int(match[2])))
    if (match := _MONTH.fullmatch(text)) and (month := find_month(match[1])):
        return Day(_end_month(_full_year(match[2]), month))
    return None


def _scan_period(text: str) -> Day | None:
    if match := _MONTH_ISO.fullmatch(text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return Day(_end_month(int(year), int(month)))
    match = next((found for pattern in _QUARTERS if (found := pattern.fullmatch(text))), None)
    if match is not None:
        quarter, year = int(match["quarter"] or 4), _full_year(match["last"] or match["year"])
        return Day(fiscal=(quarter, year)) if match["fiscal"] else Day(_end_month(year, 3 * quarter))
    return None


def end_fiscal_quarter(quarter: int, year: int, start: int) -> date:
    """The last day of a quarter of the fiscal year that is named by the calendar year in which it ends."""
    months = start - 1 + 3 * quarter  # after January of the year in which the fiscal year begins
    first = year if start == 1 else year - 1
    return _end_month(first + (months - 1) // 12, (months - 1) % 12 + 1)


def find_order(days: Sequence[Day]) -> tuple[set[str], int]:
    """The orders that fit a column's cells, and how many cells stand against the best of them.

    Two orders where nothing in the column tells them apart: no 13th day, and rows that run one way under both.
    """
    loose = [day for day in days if day.options is not None]
    misfits = {order: sum(day.under(order) is None for day in loose) for order in ("DMY", "MDY", "YMD")}
    least = min(misfits.values())
    best = {order for order, count in misfits.items() if count == least}
    if best - {"YMD"}:
        best.discard("YMD")  # two-digit years that come first are rare: only where nothing else fits
    if len(best) > 1 and len(days) > 2:
        running = {order for order in best if _runs_one_way([day.under(order) for day in days])}
        best = running or best
    return best, least


def _runs_one_way(days: Sequence[date | None]) -> bool:
    known = [day for day in days if day is not None]
    return all(a < b for a, b in pairwise(known)) or all(a > b for a, b in pairwise(known))


@lru_cache(maxsize=512)
def find_month(word: str) -> int | None:
    """The month that a word stands for, in the languages of the feeds seen."""
    return _list_months().get(word.casefold().rstrip("."))


@lru_cache(maxsize=1)
def _list_months() -> Mapping[str, int]:
    months: dict[str, int] = {"sept": 9}
    for name in _MONTH_LOCALES:
        forms = Locale.parse(name).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, word in forms[context][width].items():
                    months.setdefault(str(word).casefold().rstrip("."), int(number))
    return months


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < _CENTURY_TURN else 1900)


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= (_end_month(year, month)).day


def _end_month(year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError(month)
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
