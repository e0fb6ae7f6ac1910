"""Date and time formats: inferred from values, read with strptime codes that Python and DuckDB understand alike."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import islice

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS_SHORT = tuple(m[:3] for m in MONTHS)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAYS_SHORT = tuple(d[:3] for d in DAYS)

_CURRENCY = re.compile(r"[$€£¥₹₽₩₪฿]")
_PIECE = re.compile(r"[0-9]+|[A-Za-z]+|[^0-9A-Za-z]+")
_NAMES = {**{m.lower(): "%B" for m in MONTHS}, **{m.lower(): "%b" for m in MONTHS_SHORT}}
_NAMES |= {**{d.lower(): "%A" for d in DAYS}, **{d.lower(): "%a" for d in DAYS_SHORT}, "am": "%p", "pm": "%p"}
_NAMES["may"] = "%b"
MAX_FORMATS = 12
_LONGEST = 45
_STANDING = frozenset(
    ["T", "Z", "of", "at", "on", "th", "st", "nd", "rd", "UTC", "GMT", "de", "del", "um", "kl", "uhr"]
)
"""Words that may stand between the parts of a date and mean nothing."""


@lru_cache(maxsize=50000)
def read_moment(text: str, code: str) -> datetime | None:
    """DuckDB's `try_strptime`: None where the text does not fit."""
    try:
        moment = datetime.strptime(text.strip(" \t\n\r\f\v"), code)  # noqa: DTZ007 - files carry local times without a zone
    except ValueError:
        return None
    return moment if "%Y" not in code or re.search(r"[0-9]{4}", text) else None


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(text)


_MARKED_NUMBER = re.compile(r"(?:[^%]|%%)+(?:%H%M(?:%S)?|%j)\W*")


def may_be_date(text: str) -> bool:
    """Whether a text is short enough for a date and has a digit: without either it is read in no format."""
    return len(text) <= _LONGEST and any(map(str.isdigit, text))


def infer_formats(values: Iterable[str]) -> list[str]:
    """strptime codes that read every value, the likelier first (day before month where both fit)."""
    texts = list(dict.fromkeys(v.strip() for v in values if v.strip()))
    if not texts or not all(map(may_be_date, texts)):
        return []
    found = []
    are_years = all(re.fullmatch("(?:19|20)[0-9]{2}", text) for text in texts)
    for code in islice(_guesses(texts[0]), 400):
        if (code == "%H%M" and are_years) or _is_mark(code):
            continue
        if all(read_moment(t, code) is not None for t in texts[:50]):
            found.append(code)
            if len(found) >= MAX_FORMATS:
                break
    # Nobody writes year, day, month where year, month, day fits.
    return [
        code
        for code in found
        if not re.match("%Y.*%d.*%m", code) or code.replace("%d", "%m", 1) not in _by_month(found)
    ]


def _is_mark(code: str) -> bool:
    """Whether a code reads a number behind a mark, such as that of an order (`#1042`), as a time or a day's number."""
    return _MARKED_NUMBER.fullmatch(code) is not None


def _by_month(codes: Iterable[str]) -> set[str]:
    """Codes that begin with year and month, with the day written as a second month."""
    return {re.sub("%m(.*)%d", r"%m\1%m", code) for code in codes if re.match("%Y.*%m.*%d", code)}


def _guesses(text: str) -> Iterator[str]:
    """Codes that fit one text's pieces, by the length and the neighbours of its numbers."""
    pieces = _pieces(text)
    if len(pieces) > 19 or sum(p.isdigit() for p in pieces) > 7:
        return
    options: list[list[str]] = []
    for position, piece in enumerate(pieces):
        before = pieces[position - 1] if position else ""
        after = pieces[position + 1] if position + 1 < len(pieces) else ""
        if piece.isdigit():
            options.append(_number_options(piece, before, after, position, pieces))
        elif piece.isalpha():
            if piece.lower() in _NAMES:
                options.append([_NAMES[piece.lower()]])
            elif piece in _STANDING:
                options.append([piece])
            else:
                return
        elif _CURRENCY.search(piece):
            return  # an amount, whatever its digits could be read as
        else:
            options.append([piece.replace("%", "%%")])
    yield from _combine(options, 0, "", frozenset())


def _number_options(piece: str, before: str, after: str, position: int, pieces: list[str]) -> list[str]:
    """What a run of digits may be, by its length and what stands around it."""
    has_meridiem = any(p.lower() in ("am", "pm") for p in pieces)
    if before.strip(" ") == ":":
        follows_minutes = position >= 4 and pieces[position - 3].endswith(":")
        return [] if len(piece) > 2 else ["%S"] if follows_minutes else ["%M"]
    if after.strip(" ") == ":":
        return ["%I", "%H"] if has_meridiem else ["%H"]
    if before == "." and position >= 4 and pieces[position - 3] == ":":
        return ["%f"] if len(piece) in (3, 6) else []
    next_word = after.strip() or (pieces[position + 2] if position + 2 < len(pieces) else "")
    if next_word.lower() in ("am", "pm"):
        return ["%I"]
    return _by_length(piece)


def _by_length(piece: str) -> list[str]:
    """Date parts that a run of digits of this length may be."""
    size, value = len(piece), int(piece)
    if size == 8:
        codes = (
            ("%Y%m%d", 1000 < value // 10000 < 3000),
            ("%d%m%Y", 1 <= value // 1000000 <= 31),
            ("%m%d%Y", 1 <= value // 1000000 <= 12),
        )
        return [code for code, fits in codes if fits]
    fixed = {
        14: ["%Y%m%d%H%M%S"],
        7: ["%Y%j"],
        6: ["%y%m%d", "%d%m%y", "%m%d%y", "%H%M%S", "%Y%m"],
        4: ["%Y", "%H%M"],
        3: ["%j"],
    }
    if size > 2:
        return fixed.get(size, [])
    fits = (("%d", 1 <= value <= 31), ("%m", 1 <= value <= 12), ("%y", size == 2))
    return [code for code, good in fits if good]


_PARTS = {
    "%d": "d",
    "%j": "dm",
    "%m": "m",
    "%b": "m",
    "%B": "m",
    "%y": "Y",
    "%Y": "Y",
    "%H": "H",
    "%I": "H",
    "%M": "M",
    "%S": "S",
    "%a": "w",
    "%A": "w",
    "%p": "p",
    "%f": "f",
}
_PARTS |= {
    "%Y%m%d": "Ymd",
    "%d%m%Y": "Ymd",
    "%m%d%Y": "Ymd",
    "%y%m%d": "Ymd",
    "%d%m%y": "Ymd",
    "%m%d%y": "Ymd",
    "%H%M%S": "HMS",
    "%H%M": "HM",
    "%Y%m": "Ym",
    "%Y%j": "Ydm",
    "%Y%m%d%H%M%S": "YmdHMS",
}


def _combine(options: list[list[str]], at: int, code: str, used: frozenset[str]) -> Iterator[str]:
    if at == len(options):
        if (
            _sensible(used)
            and ("%j" not in code or "%Y" in code)
            and not _is_year_as_time(code, used)
            and not _is_amount(code, used)
        ):
            yield code
        return
    for option in options[at]:
        parts = set(_PARTS.get(option, ""))
        if not parts & used:
            yield from _combine(options, at + 1, code + option, used | parts)


def _is_year_as_time(code: str, used: frozenset[str]) -> bool:
    """Whether digits that no colon sets apart are taken for a time of day inside of a date, or beside half of one."""
    date = used & set("dmY")
    return "%H%M" in code and bool(date) and (len(date) < 3 or not re.search(r"^%H%M|%H%M(?:%S)?\Z", code))


def _is_amount(code: str, used: frozenset[str]) -> bool:
    """Whether a month with two digits of a year is likelier an amount: 12.50 is none of December."""
    return "%y" in code and not used & set("dH") and not re.fullmatch("(?:%m[/-]|%[bB][ /'-]+)%y", code)


def _sensible(used: frozenset[str]) -> bool:
    """A date has its larger parts, a time its hours: `d` alone is a number, not a date."""
    date = used & set("dmY")
    if date and date not in ({"d", "m", "Y"}, {"m", "Y"}, {"d", "m"}):
        return date == {"Y"} and len(used) > 1 and "H" not in used
    if not date:
        return {"H", "M"} <= used or ("H" in used and "p" in used)
    return True


def parts_of(code: str) -> frozenset[str]:
    """Which parts a code sets: d m Y H M S."""
    found: set[str] = set()
    for spec in re.findall(r"%-?[a-zA-Z]", code):
        found |= set(_PARTS.get(spec.replace("-", ""), ""))
    return frozenset(found)


def describe(code: str) -> str:
    """A code as people write it: %d/%m/%Y -> DD/MM/YYYY."""
    names = {
        "%d": "DD",
        "%-d": "D",
        "%m": "MM",
        "%-m": "M",
        "%Y": "YYYY",
        "%y": "YY",
        "%b": "Mon",
        "%B": "Month",
        "%H": "hh",
        "%-H": "h",
        "%I": "hh",
        "%-I": "h",
        "%M": "mm",
        "%-M": "m",
        "%S": "ss",
        "%p": "AM/PM",
        "%a": "Day",
        "%A": "Weekday",
        "%f": "fraction",
        "%j": "day of year",
        "%-j": "day of year",
        "%%": "%",
    }
    return re.sub(r"%-?[a-zA-Z%]", lambda m: names.get(m.group(), m.group()), code)


# What one code writes: Python and DuckDB agree on these, in every locale; %- drops the leading zero.
_WRITERS: Mapping[str, Callable[[datetime], str]] = {
    "%Y": lambda m: f"{m.year:04d}",
    "%y": lambda m: f"{m.year % 100:02d}",
    "%m": lambda m: f"{m.month:02d}",
    "%-m": lambda m: str(m.month),
    "%d": lambda m: f"{m.day:02d}",
    "%-d": lambda m: str(m.day),
    "%B": lambda m: MONTHS[m.month - 1],
    "%b": lambda m: MONTHS_SHORT[m.month - 1],
    "%A": lambda m: DAYS[m.weekday()],
    "%a": lambda m: DAYS_SHORT[m.weekday()],
    "%H": lambda m: f"{m.hour:02d}",
    "%-H": lambda m: str(m.hour),
    "%I": lambda m: f"{m.hour % 12 or 12:02d}",
    "%-I": lambda m: str(m.hour % 12 or 12),
    "%M": lambda m: f"{m.minute:02d}",
    "%-M": lambda m: str(m.minute),
    "%S": lambda m: f"{m.second:02d}",
    "%-S": lambda m: str(m.second),
    "%p": lambda m: "AM" if m.hour < 12 else "PM",
    "%j": lambda m: f"{m.timetuple().tm_yday:03d}",
    "%-j": lambda m: str(m.timetuple().tm_yday),
}


def write_part(moment: datetime, spec: str) -> str:
    """One strftime code for a moment; KeyError for a code that is not in the table."""
    return _WRITERS[spec](moment)


DATE_SPECS = ("%Y", "%y", "%m", "%-m", "%d", "%-d", "%B", "%b", "%A", "%a", "%j", "%-j")
TIME_SPECS = ("%H", "%-H", "%I", "%-I", "%M", "%-M", "%S", "%-S", "%p")


def write_moment(moment: datetime, code: str) -> str:
    """A whole strftime code."""
    return re.sub(r"%-?[a-zA-Z%]", lambda m: "%" if m.group() == "%%" else write_part(moment, m.group()), code)
