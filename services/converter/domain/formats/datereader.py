"""Reading dates as classes: one date in an example stands for every clear way to write a date in the same order.

A reader takes whole texts in forms that it understands, and nothing else: what it gives is never what is left of a text
after something was deleted. Two-digit years lie from 1969 to 2068, as in POSIX.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal

from services.converter.domain.formats.amount import TYPE
from services.converter.domain.formats.date import MONTHS, MONTHS_SHORT, read_moment
from services.converter.domain.formats.datenames import names_of
from services.converter.domain.formats.letters import BLANKS, lower

Order = Literal["", "dmy", "mdy", "ydm"]
"""How day, month and year follow one another in figures, beside year, month, day; empty where none was seen."""
Clock = Literal["none", "optional", "needed"]
"""Whether a time of day is read: dropped where none was seen, midnight where some dates had none."""

_YEAR, _LONG_YEAR, _TWO = "([12][0-9]{3}|[0-9]{2})", "([12][0-9]{3})", "([0-9]{1,2})"
_WEEKDAY = "^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[.,]* +"
_NAME = "(?:(sep)t|([a-z]{3,9}))"
_JOINT = " ?[./,-] ?| +"
_LOOSE = "[ .,/-]*"
_TIME = "(?:t|[ ,]+(?:at )?)([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:[.][0-9]{1,9})?)? ?([ap]m)?"
_CENTURIES = (("^([0-5][0-9]|6[0-8])[|]", "20"), ("^(69|[7-9][0-9])[|]", "19"))
_CANONICAL = re.compile(
    r"([0-9]{4})\|([0-9]{1,2}|[a-z]{3,9})\|([0-9]{1,2})(?:\|([0-9]{1,2})~([0-9]{2})~([0-9]{2})?([ap]m)?)?\Z"
)
_MONTHS = {name.lower(): number for names in (MONTHS, MONTHS_SHORT) for number, name in enumerate(names, 1)}

MONTHS_A_YEAR = 12
"""A larger number is a day."""

_CODE_JOINT = "([^%0-9A-Za-z|\n]{1,3})"
_CODE_TIME = "(?P<time>(?:T|[ ,]+|[ ,]+at )%[HI]:%M(?::%S)? ?(?P<half>%p)?)?(?P<zulu> ?Z)?"
_CODE_DAY = "(?:%[aA][.,]* +)?"
_NUMERIC = re.compile(rf"{_CODE_DAY}%([dmYy]){_CODE_JOINT}%([dmYy]){_CODE_JOINT}%([dmYy]){_CODE_TIME}\Z")
_COMPACT = re.compile(rf"%Y%m%d{_CODE_TIME}\Z")
_BETWEEN = f"(?:{_LOOSE}| of | de )"
_NAMED = re.compile(
    f"{_CODE_DAY}(?:%d{_BETWEEN}%[bB]{_BETWEEN}%[Yy]|%[bB]{_LOOSE}%d[ ,/-]+%[Yy]|%Y{_LOOSE}%[bB]{_LOOSE}%d)"
    rf"{_CODE_TIME}\Z"
)


@dataclass(frozen=True)
class DateReader:
    """What dates a column may hold.

    ``joint`` is a pattern of what stands between figures; ``zulu`` says that every moment ends in a Z; ``twelve`` that
    hours go by AM and PM only.
    """

    order: Order
    joint: str
    compact: bool
    clock: Clock
    zulu: bool
    twelve: bool

    @cached_property
    def rules(self) -> tuple[tuple[str, str, str], ...]:
        """Pattern, replacement and options of each step to the canonical text: year|month|day|hours~minutes~seconds."""
        time, zulu = "" if self.clock == "none" else "|\\1~\\2~\\3\\4", " ?z" if self.zulu else ""
        steps = [(f"{_TIME}{zulu}$", time, ""), (f"{_WEEKDAY}|{self.joint}", " ", "g")]
        month, day = (3, 2) if self.order == "ydm" else (2, 3)
        forms = [(f"{_LONG_YEAR} {_TWO} {_TWO}", f"\\1|\\{month}|\\{day}", 4)]
        if self.order in ("dmy", "mdy"):
            day, month = (1, 2) if self.order == "dmy" else (2, 1)
            forms.append((f"{_TWO} {_TWO} {_YEAR}", f"\\3|\\{month}|\\{day}", 4))
        if self.compact:
            forms.append(("((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})", "\\1|\\2|\\3", 4))
        forms.append((f"{_TWO}(?:st|nd|rd|th)?(?: of| de)? ?{_NAME}(?: of| de)? ?{_YEAR}", "\\4|\\2\\3|\\1", 5))
        forms.append((f"{_NAME} ?{_TWO}(?:st|nd|rd|th)? {_YEAR}", "\\4|\\1\\2|\\3", 5))
        forms.append((f"{_LONG_YEAR} ?{_NAME} ?{_TWO}", "\\1|\\2\\3|\\4", 5))
        ending = {"none": "$", "needed": "([|].+)$", "optional": "([|].+)?$"}[self.clock]
        kept = (f"\\{at}" if self.clock != "none" else "" for _, _, at in forms)
        steps += [(f"^ ?{form}{ending}", new + time, "") for (form, new, _), time in zip(forms, kept, strict=True)]
        steps += [(pattern, f"{century}\\1|", "") for pattern, century in _CENTURIES]
        # What is none of these is no date, not even `infinity`.
        return (*steps, ("^[^|]*$", "?", ""))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """strptime codes of the canonical texts that the rules make."""
        clocks = ["|%I~%M~%p", "|%I~%M~%S%p"] + ([] if self.twelve else ["|%H~%M~", "|%H~%M~%S"])
        times = ([""] if self.clock != "needed" else []) + (clocks if self.clock != "none" else [])
        return tuple(date + time for date in ("%Y|%m|%d", "%Y|%b|%d", "%Y|%B|%d") for time in times)

    def read(self, text: str) -> datetime | None:
        """The moment of a text, or None where it is no date in an understood form."""
        text = lower(text.strip(BLANKS)).replace("|", "?")
        for pattern, new, count in _compiled(self.rules):
            text = pattern.sub(new, text, count=count)
        found = _CANONICAL.match(text)
        return None if found is None else self._moment(found)

    def _moment(self, found: re.Match[str]) -> datetime | None:
        year, month, day, hour, minute, second, half = found.groups()
        number = _MONTHS.get(month, 0) if month.isalpha() else int(month)
        hours = int(hour or 0)
        if half:
            if not hour or not 1 <= hours <= 12:
                return None
            hours = hours % 12 + (12 if half == "pm" else 0)
        elif hour and self.twelve:
            return None
        try:
            return datetime(int(year), number, int(day), hours, int(minute or 0), int(second or 0))  # noqa: DTZ001 - files carry local times without a zone
        except ValueError:
            return None

    def sql(self, text: str) -> str:
        """The same over SQL text: the rules put in one after the other, then `try_strptime`."""
        text = f"replace(lower(trim({text})), '|', '?')"
        for pattern, new, options in self.rules:
            everywhere = ", 'g'" if options else ""
            text = f"regexp_replace({text}, '{pattern}', '{new}'{everywhere})"
        return f"try_strptime({text}, [{', '.join(repr(code) for code in self.codes)}])"


@lru_cache(maxsize=256)
def _compiled(rules: tuple[tuple[str, str, str], ...]) -> tuple[tuple[re.Pattern[str], str, int], ...]:
    return tuple((re.compile(p.replace("$", r"\Z"), re.ASCII), new, 0 if options else 1) for p, new, options in rules)


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - files carry local times without a zone


@dataclass(frozen=True, slots=True)
class MomentStyle:
    """How a column writes its dates, where they are compared and ranked as the numbers of a `NumberStyle` are.

    ``language`` is that of their names, where it is another than English.
    """

    codes: tuple[str, ...]
    language: str = ""

    def exact(self, text: str) -> Decimal | None:
        """Microseconds since 1970, or None where the text is no date in this style."""
        moment = read_date(names_of(self.language).to_english(text) if self.language else text, self.codes)
        return None if moment is None else Decimal((moment - _EPOCH) // timedelta(microseconds=1))

    def exact_sql(self, text: str) -> str:
        """The same as a DECIMAL(38, 10) over SQL text."""
        english = names_of(self.language).to_english_sql(text) if self.language else text
        return f"CAST(epoch_us({date_sql(english, self.codes)}) AS {TYPE})"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one strptime code says of its column's dates."""

    order: Order
    joints: tuple[str, ...]
    compact: bool
    timed: bool
    half: bool
    zulu: bool


def _seen(code: str) -> _Seen | None:
    """What a code says; None where it is not of a whole date with at most a time of day behind."""
    order: Order = ""
    joints: tuple[str, ...] = ()
    found = _NUMERIC.match(code)
    if found:
        parts = found[1] + found[3] + found[5]
        orders: dict[str, Order] = {"dmY": "dmy", "dmy": "dmy", "mdY": "mdy", "mdy": "mdy", "Ydm": "ydm"}
        if parts != "Ymd" and parts not in orders:
            return None
        order, joints = orders.get(parts, ""), (found[2], found[4])
    else:
        found = _NAMED.match(code) or _COMPACT.match(code)
    if found is None or ("%H" in code and found["half"]):
        return None
    compact = code.startswith("%Y%m%d")
    return _Seen(order, joints, compact, bool(found["time"]), bool(found["half"]), bool(found["zulu"]))


@lru_cache(maxsize=1024)
def reader_of(codes: tuple[str, ...]) -> tuple[DateReader | None, tuple[str, ...]]:
    """The class of dates that strptime codes stand for, and the codes that stand for themselves only.

    No class where the codes contradict one another in the order of day and month.
    """
    seen = {code: _seen(code) for code in codes}
    whole = [one for one in seen.values() if one is not None]
    orders = {one.order for one in whole} - {""}
    if not whole or len(orders) > 1 or len({one.zulu for one in whole}) > 1:
        return None, codes
    joints = {joint for one in whole for joint in one.joints if not re.fullmatch(_JOINT, joint)}
    timed = {one.timed for one in whole}
    exact = tuple(code for code, one in seen.items() if one is None)
    reader = DateReader(
        next(iter(orders), ""),
        "|".join([_JOINT, *sorted(map(re.escape, joints))]),
        not any(re.match("(?:%[a-zA-Z]){3}", code) for code in exact),
        "optional" if len(timed) > 1 else "needed" if timed == {True} else "none",
        whole[0].zulu,
        timed != {False} and all(one.half for one in whole if one.timed),
    )
    return reader, exact


_FIGURES = re.compile(r" *([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ][0-9]{2,4}\b")
_STYLED = r"\b(?:{0})[- ](?:style )?(?:dates?|(?:date )?(?:format|style|notation|order))\b"
_DAY_FIRST, _MONTH_FIRST = _STYLED.format("(?-i:UK)|british|european"), _STYLED.format("(?-i:US)|american")
_SAID: tuple[tuple[Order, re.Pattern[str]], ...] = (
    ("dmy", re.compile(rf"\bdd?[-/. ]mm?[-/. ]yy|\bday (?:comes )?(?:first|before)|{_DAY_FIRST}", re.IGNORECASE)),
    ("mdy", re.compile(rf"\bmm?[-/. ]dd?[-/. ]yy|\bmonth (?:comes )?(?:first|before)|{_MONTH_FIRST}", re.IGNORECASE)),
)


def order_of(columns: Iterable[Sequence[str]], words: str = "") -> Order:
    """The order of day and month that a file's columns of dates settle by a 13th day; else the one that words name.

    Empty where nothing settles it, or columns differ.
    """
    found: set[Order] = set()
    for texts in columns:
        dates = [_FIGURES.match(text) for text in texts if text]
        if dates and all(dates):
            found |= {"dmy"} if any(date and int(date[1]) > MONTHS_A_YEAR for date in dates) else set()
            found |= {"mdy"} if any(date and int(date[2]) > MONTHS_A_YEAR for date in dates) else set()
    said = {order for order, pattern in _SAID if pattern.search(words)}
    settled = found or said
    return settled.pop() if len(settled) == 1 else ""


def settled(readings: Sequence[tuple[str, ...]], order: Order) -> list[tuple[str, ...]]:
    """Ways to read a column without those against an order, where others are left."""
    kept = [codes for codes in readings if order_of_codes(codes) in ("", "ydm", order)] if order else []
    return kept or list(readings)


def order_of_codes(codes: tuple[str, ...]) -> Order:
    """The order in which one way to read a column takes day and month."""
    reader, _ = reader_of(codes)
    return reader.order if reader else ""


_DIRECTIVES = {
    "Y": "[12][0-9]{3}", "y": "[0-9]{2}", "f": "[0-9]{1,9}", "j": "[0-9]{1,3}", "p": "[AaPp][Mm]", "a": "[A-Za-z]+",
    "A": "[A-Za-z]+", "b": "[A-Za-z]+", "B": "[A-Za-z]+",
}  # fmt: skip


def _literally(found: re.Match[str]) -> str:
    mark = found.group()
    return f"\\{mark}" if mark in "^[]\\" else f"[{mark}]"


@lru_cache(maxsize=1024)
def pattern_of(code: str) -> str:
    """A pattern of the texts that one strptime code stands for, with whole years, and two digits where parts touch."""
    out = []
    parts = re.findall(r"%[a-zA-Z%]|[^%]+", code)
    for position, part in enumerate(parts):
        if part == "%%" or not part.startswith("%"):
            out.append(re.sub(r"[^0-9A-Za-z\s]", _literally, part.replace("%%", "%")))
            continue
        touches = parts[position - 1 : position] + parts[position + 1 : position + 2]
        alone = not any(other.startswith("%") and other != "%%" for other in touches)
        touching = {"j": "[0-9]{3}", **({"Y": "(?:19|20)[0-9]{2}"} if "%j" in code else {})}
        if alone:
            out.append(_DIRECTIVES.get(part[1], "[0-9]{1,2}"))
        else:
            out.append(touching.get(part[1]) or _DIRECTIVES.get(part[1], "[0-9]{2}"))
    return "".join(out)


@lru_cache(maxsize=50_000)
def read_date(text: str, codes: tuple[str, ...]) -> datetime | None:
    """The moment of a text by the class of the codes, or by one of those that stand for themselves."""
    reader, exact = reader_of(codes)
    found = reader.read(text) if reader else None
    return found if found is not None else next(_exactly(text, exact), None)


def _exactly(text: str, codes: Sequence[str]) -> Iterator[datetime]:
    for code in codes:
        moment = read_moment(text, code) if re.fullmatch(pattern_of(code), text.strip(BLANKS), re.ASCII) else None
        if moment is not None:
            yield moment


_LONG = 100
"""Letters of SQL above which a text is not written out for each form."""


def date_sql(text: str, codes: tuple[str, ...]) -> str:
    """The same as a TIMESTAMP expression over SQL text: the forms seen, which is fast, then their class."""
    reader, exact = reader_of(codes)
    found = []
    for code in codes if reader is None or len(text) < _LONG else exact:
        plain, pattern = f"trim({text})", pattern_of(code).replace("'", "''")
        written = code.replace("'", "''")
        found.append(f"CASE WHEN regexp_full_match({plain}, '{pattern}') THEN try_strptime({plain}, '{written}') END")
    found += [reader.sql(text)] if reader else []
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"
