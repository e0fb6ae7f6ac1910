"""Cells of workbooks as they are shown: values by their number formats (ECMA-376 part 1, 18.8.30 and 18.8.31).

What a format says explicitly is followed. Formats that stand for the settings of the machine that shows them (short
date, currency of the system) have no one look: days are shown as ISO dates then, and numbers plainly. So are formats
that are not read (fractions, scientific ones, conditions), and those are named.
"""

import locale
import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale, UnknownLocaleError

_PLAIN = frozenset({"General", "@", ""})
_SYSTEM_DAYS = frozenset(
    {"mm-dd-yy", "m/d/yy h:mm", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "[$-F400]h:mm:ss\\ AM/PM"}
)
"""Built-in formats 14 and 22, which each machine shows in its own order, and those that name the system's."""
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<blank>.)|\*(?P<fill>.)|\[\$(?P<money>[^\]-]*)(?:-(?P<lcid>[0-9A-Fa-f]+))?\]'
    r"|\[(?P<bracket>[^\]]*)\]|(?P<meridiem>AM/PM|A/P|am/pm)|(?P<fraction>(?<=s)\.0+|(?<=\])\.0+)"
    r"|(?P<day>y+|m+|d+|h+|s+)|(?P<number>[#0?][#0?,]*(?:\.[#0?]+)?,*|\.[#0?]+)|(?P<exponent>[Ee][+-])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_COLOURS = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color\d+", re.IGNORECASE)
_SIGNIFICANT = 15
"""As many digits as a spreadsheet keeps of a number."""
_GERMAN, _ENGLISH = 0x407, 0x409
"""Windows' numbers of locales."""
Token = tuple[str, str]


def show_cell(value: object, number_format: str, odd: set[str]) -> str:
    """The text of a cell; formats that are not read are added to ``odd``."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        shown = _show_number(value, number_format)
    elif isinstance(value, datetime | date | time | timedelta):
        shown = _show_day(value, number_format)
    else:
        return str(value)
    if shown is None:
        odd.add(number_format)
        return _plain(value) if isinstance(value, int | float) else _iso(value)
    return shown


def _plain(value: int | float) -> str:
    """A number with the digits that a spreadsheet keeps, never with an exponent."""
    if isinstance(value, int):
        return str(value)
    try:
        exact = Decimal(f"{value:.{_SIGNIFICANT}g}")
    except InvalidOperation:
        return str(value)
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _iso(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", timespec="seconds")
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return value.isoformat()


@lru_cache(maxsize=512)
def _split_sections(number_format: str) -> tuple[tuple[Token, ...], ...]:
    """A format's sections, each as tokens."""
    sections: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(number_format):
        kind = match.lastgroup or "other"
        text = match[0]
        if kind == "other" and text == ";":
            sections.append([])
            continue
        if kind == "lcid":
            sections[-1].append(("locale", match["lcid"]))
            kind = "money"
        if kind in {"quoted", "escaped", "money"}:
            sections[-1].append(("text", match[kind] or ""))
        elif kind == "blank":
            sections[-1].append(("text", " "))
        elif kind == "bracket":
            sections[-1].append(("colour", "") if _COLOURS.fullmatch(match[kind]) else ("bracket", match[kind].lower()))
        elif kind != "fill":
            sections[-1].append(("text" if kind == "other" else kind, text))
    return tuple(tuple(section) for section in sections)


def _show_number(value: int | float, number_format: str) -> str | None:
    if number_format in _PLAIN:
        return _plain(value)
    sections = _split_sections(number_format)
    exact = Decimal(str(value)) if isinstance(value, int) else Decimal(repr(value))
    if not exact.is_finite():
        return None
    place = 1 if exact < 0 and len(sections) > 1 else 2 if exact == 0 and len(sections) > 2 else 0
    section = sections[place]
    kinds = [kind for kind, _ in section]
    if {"bracket", "exponent", "day", "meridiem"} & set(kinds) or kinds.count("number") > 1:
        return None
    if "number" not in kinds:
        text = "".join(text for kind, text in section if kind == "text")
        # A section without a digit hides the number, or puts a word in its place.
        return None if place == 0 and not text else text.strip() if "General" not in text else _plain(value)
    pattern = next(text for kind, text in section if kind == "number")
    before = "".join(text for kind, text in section[: kinds.index("number")] if kind == "text")
    after = "".join(text for kind, text in section[kinds.index("number") :] if kind == "text")
    if "/" in before + after and "?" in pattern:
        return None
    percent = (before + after).count("%")
    digits = _fill(abs(exact) * 100**percent, pattern)
    negative = exact < 0 and place == 0 and any(char in "123456789" for char in digits)
    return f"{'-' if negative else ''}{before}{digits}{after}".strip()


def _fill(value: Decimal, pattern: str) -> str:
    """A number's digits by placeholders such as ``#,##0.00``."""
    whole, _, decimals = pattern.partition(".")
    thousands = len(pattern) - len(pattern.rstrip(","))
    scaled = value / Decimal(1000) ** thousands
    rounded = scaled.quantize(Decimal(1).scaleb(-len(decimals.rstrip(","))), ROUND_HALF_UP)
    text = f"{rounded:f}"
    left, _, right = text.partition(".")
    left = left.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole.rstrip(","):
        left = f"{int(left):,}".rjust(len(left), "0") if left else left
    kept = len(decimals.rstrip(",")) - len(decimals.rstrip(",").rstrip("#?"))
    while kept and right.endswith("0"):
        right, kept = right[:-1], kept - 1
    point = "." if decimals and (right or "0" in decimals) else ""
    return f"{left}{point}{right}"


def _show_day(value: datetime | date | time | timedelta, number_format: str) -> str | None:
    if isinstance(value, timedelta):
        return None
    if number_format in _SYSTEM_DAYS or number_format.startswith(("[$-F800]", "[$-F400]")):
        return _iso(value)
    section = _split_sections(number_format)[0]
    if any(kind in {"bracket", "number", "exponent"} for kind, _ in section):
        return None
    moment = _as_moment(value)
    twelve = any(kind == "meridiem" for kind, _ in section)
    names = next((int(text[-4:], 16) for kind, text in section if kind == "locale"), _ENGLISH)
    shown: list[str] = []
    days = [(place, text.lower()) for place, (kind, text) in enumerate(section) if kind == "day"]
    for place, (kind, text) in enumerate(section):
        if kind == "day":
            part = _show_part(moment, text.lower(), _is_minutes(days, place), twelve, names)
            if part is None:
                return None
            shown.append(part)
        elif kind == "meridiem":
            shown.append(("AM" if moment.hour < 12 else "PM")[: len(text.split("/")[0])])
        elif kind == "fraction":
            shown.append(f".{moment.microsecond:06d}"[: len(text)])
        elif kind == "text":
            shown.append("" if text == "@" else text)
    return "".join(shown).strip()


def _as_moment(value: datetime | date | time) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.combine(date(1899, 12, 31), value) if isinstance(value, time) else datetime.combine(value, time())


def _is_minutes(days: list[tuple[int, str]], place: int) -> bool:
    """Whether an ``m`` is of minutes: it stands behind hours or before seconds."""
    at = next(index for index, (found, _) in enumerate(days) if found == place)
    before = days[at - 1][1][0] if at else ""
    after = days[at + 1][1][0] if at + 1 < len(days) else ""
    return len(days[at][1]) <= 2 and (before == "h" or after == "s")


def _show_part(moment: datetime, text: str, is_minutes: bool, twelve: bool, lcid: int) -> str | None:
    size, hour = len(text), moment.hour
    if twelve:
        hour = hour % 12 or 12
    if text[0] == "y":
        return f"{moment.year % 100:02d}" if size <= 2 else f"{moment.year:04d}"
    if text[0] in "md" and size > 2 and not is_minutes:
        return _find_name(text[0], size, moment, lcid)
    number = {"m": moment.minute if is_minutes else moment.month, "d": moment.day, "h": hour, "s": moment.second}
    return f"{number[text[0]]:0{min(size, 2)}d}"


def _find_name(what: str, size: int, moment: datetime, lcid: int) -> str | None:
    """The name of a month or a weekday in the language that the format names."""
    try:
        names = Locale.parse(locale.windows_locale.get(lcid, ""))
    except (UnknownLocaleError, ValueError, TypeError):
        return None
    width = "wide" if size == 4 else "abbreviated"
    if what == "d":
        return str(names.days["format"][width][moment.weekday()])
    full = str(names.months["format"]["wide"][moment.month])
    return full[:1] if size == 5 else str(names.months["format"][width][moment.month])
