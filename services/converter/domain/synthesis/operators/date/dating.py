"""From the dates and times in the outputs back to readings of the sources, moved and written anew."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice, product
from typing import Literal

from services.converter.domain.formats.date import (
    DATE_SPECS,
    TIME_SPECS,
    infer_formats,
    parts_of,
    read_moment,
    write_part,
)
from services.converter.domain.formats.datenames import COMMON, languages_of, names_of
from services.converter.domain.formats.datereader import Order, order_of_codes, settled
from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.language import Examples, Expression
from services.converter.domain.synthesis.operators.date.calendar import (
    CLOCKS_OF_TICKS,
    EDGES,
    EdgeOf,
    FromTicks,
    ReadQuarter,
    ShiftBy,
    ShiftMonths,
    WorkingDay,
    add_months,
)
from services.converter.domain.synthesis.operators.date.datewords import NameInLanguage, NameKind, PlainDate, name_list
from services.converter.domain.synthesis.operators.date.moment import (
    Floor,
    Moment,
    MomentPart,
    Part,
    ReadMoment,
    Shift,
    WriteMoment,
    readings,
    write_named_part,
)
from services.converter.domain.synthesis.operators.date.zones import ToUtc, WithoutZone, conversions, names_zone
from services.converter.domain.synthesis.operators.number.values import ReadNumber, Value
from services.converter.domain.synthesis.operators.text.case import Case
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes

GRIDS_MINUTES = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720)
"""Widths of the grids that times are brought down to; each divides the day."""
MAX_DATES = 4
"""Dates of one output that are looked at."""
MOST_DAYS = 4000
"""Moments further apart than this many days have nothing to do with one another."""
LONGEST = 45
"""Characters of a text that is read as a moment."""
WORKING_DAYS = (1, 2, 3, 0, -1, -2, 4, 5, -3)
"""Working days that settlements and notices count."""
MOST_AMOUNTS = 6
"""Columns of whole numbers that may say how far a moment is moved."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A source read as a moment: its node, its moments on the example's rows, and the parts that it sets (d m Y H M S).

    ``doubtful`` readings (numbers that may be no moments at all) are believed only where a whole date stands for them.
    """

    node: Moment
    moments: tuple[datetime, ...]
    held: frozenset[str]
    doubtful: bool = False


@proposes(typed=50)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Parts of every date or time that the sources hold, moved or gridded where the outputs hold times."""
    times = any(":" in o or re.search(r"\d\s*[ap]\.?m?\b", o, re.IGNORECASE) for o in task.outputs)
    sources = list(sources)
    wanted = _Wanted.of(task)
    amounts = list(islice(_amounts(task, sources), MOST_AMOUNTS))
    seen: set[tuple[str, tuple[datetime, ...]]] = set()
    for source, values in sources:
        if sum(ch.isdigit() for ch in values[0]) < 2 or len(values[0]) > LONGEST:
            continue
        for reading in _readings(source, values, wanted, task.date_order):
            node = reading.node
            # 5/5/2024 is the same day either way, and the next row is not: both orders stay.
            order = order_of_codes(node.codes) if isinstance(node, ReadMoment) else ""
            if len(reading.moments) != len(values) or (order, reading.moments) in seen:
                continue
            seen.add((order, reading.moments))
            whole = [*_whole(task, reading, wanted, amounts), *_dates(task, reading, wanted, amounts)]
            yield from whole
            if reading.doubtful and not whole:
                continue
            yield from _parts(task, reading)
            yield from _names(task, reading)
            yield from _fiscal(task, reading)
            if times and "H" in reading.held:
                yield from _grids(task, reading.node)


@dataclass(frozen=True, slots=True)
class _Dates:
    """Texts of one date or time in each output, with a code that reads them and their moments."""

    texts: tuple[str, ...]
    code: str
    moments: tuple[datetime, ...]

    @property
    def has_time(self) -> bool:
        """Whether the code writes a time of day."""
        return "H" in parts_of(self.code)

    @property
    def is_day(self) -> bool:
        """Whether the code writes a whole day."""
        return {"d", "m", "Y"} <= parts_of(self.code)


_DATES = re.compile(r"\d{1,4}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2,4}|[A-Za-z]{3,9} \d{1,2},? \d{4}|\d{8}")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The dates that the outputs hold: the outputs as a whole, and dates inside of them."""

    whole: tuple[_Dates, ...]
    inside: tuple[_Dates, ...]

    @classmethod
    def of(cls, task: Examples) -> "_Wanted":
        """What can be read of the outputs."""
        whole: list[_Dates] = []
        if all(task.outputs) and any(ch.isdigit() for ch in task.outputs[0]):
            whole += _read_alike(tuple(task.outputs), 4)
        inside: list[_Dates] = []
        for texts in islice(zip(*(_DATES.findall(o) for o in task.outputs), strict=False), MAX_DATES):
            inside += _read_alike(texts, 6)
        return cls(tuple(whole), tuple(inside))


def _read_alike(texts: tuple[str, ...], most: int) -> Iterator[_Dates]:
    for code in infer_formats(texts)[:most]:
        moments = tuple(m for m in (read_moment(text, code) for text in texts) if m is not None)
        if len(moments) == len(texts):
            yield _Dates(texts, code, moments)


def _readings(source: Expression, values: tuple[str, ...], wanted: _Wanted, order: Order) -> Iterator[_Reading]:
    """The ways to read a source: as it stands, with its zone, in a language, as a quarter, as ticks of a clock."""
    plain = False
    spoken = any(re.search(r"\d(?:st|nd|rd|th)\b|[ap]\.m", v, re.IGNORECASE) for v in values)
    if not spoken:
        for reading in _in_codes(source, values, order):
            plain = True
            yield reading
    if all(names_zone(v) for v in values):
        bare = WithoutZone(source)
        for reading in _in_codes(bare, tuple(WithoutZone.rest(v) for v in values), order):
            in_utc = ToUtc(reading.node, source)
            moments = tuple(m for m, v in zip(reading.moments, values, strict=True) if m is not None and v)
            yield _Reading(in_utc, _shifted(in_utc, moments, values), reading.held)
            yield reading
    elif not plain and any(any(ch.isalpha() for ch in v) for v in values):
        yield from _in_words(source, values, order)
        yield from _in_quarters(source, values)
    if all(v.isascii() and v.isdigit() for v in values) and (wanted.whole or wanted.inside):
        yield from _in_ticks(source, values)


def _shifted(node: ToUtc, moments: tuple[datetime, ...], values: tuple[str, ...]) -> tuple[datetime, ...]:
    """The moments in UTC; fewer than the values where one names no zone."""
    found = (node.moved(moment, value) for moment, value in zip(moments, values, strict=True))
    return tuple(m for m in found if m is not None)


def _in_codes(source: Expression, values: tuple[str, ...], order: Order) -> Iterator[_Reading]:
    for codes in settled(readings(values), order):
        node = ReadMoment(source, codes)
        moments = tuple(m for m in (node.read(v) for v in values) if m is not None)
        if len(moments) == len(values):
            yield _Reading(node, moments, frozenset[str]().union(*(parts_of(c) for c in codes)))


def _in_words(source: Expression, values: tuple[str, ...], order: Order) -> Iterator[_Reading]:
    """Dates with names of the first language in which they can be read, and of others that give other dates."""
    seen: set[tuple[datetime, ...]] = set()
    for language in languages_of(values):
        plain = tuple(names_of(language).to_english(v) for v in values)
        for reading in _in_codes(PlainDate(source, language), plain, order):
            if reading.moments not in seen:
                seen.add(reading.moments)
                yield reading
        if seen and language in COMMON:
            return


def _in_quarters(source: Expression, values: tuple[str, ...]) -> Iterator[_Reading]:
    node = ReadQuarter(source)
    moments = tuple(m for m in (node.read(v) for v in values) if m is not None)
    yield _Reading(node, moments, frozenset("mY"))


def _in_ticks(source: Expression, values: tuple[str, ...]) -> Iterator[_Reading]:
    """Numbers of the size that moments have today on one of the usual clocks."""
    for clock in CLOCKS_OF_TICKS:
        node = FromTicks(ReadNumber(source, NumberStyle()), clock)
        moments = tuple(m for m in (node.read(Decimal(v)) for v in values) if m is not None)
        held = frozenset("dmY" if clock == "Excel day" else "dmYHMS")
        yield _Reading(node, moments, held, doubtful=True)


def _amounts(task: Examples, sources: Iterable[Candidate]) -> Iterator[tuple[Value, tuple[int, ...]]]:
    """Sources of whole numbers that differ from row to row."""
    del task
    for source, values in sources:
        if len(set(values)) > 1 and all(re.fullmatch(r"-?[0-9]{1,5}", v) for v in values):
            yield ReadNumber(source, NumberStyle()), tuple(int(v) for v in values)


_UNITS: tuple[tuple[int, Literal["day", "hour", "minute", "second"]], ...] = (
    (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"),
)  # fmt: skip
Amounts = Sequence[tuple[Value, tuple[int, ...]]]


def _whole(task: Examples, reading: _Reading, wanted: _Wanted, amounts: Amounts) -> Iterator[Candidate]:
    """Outputs that are moments as a whole: the same one, or one that is a fixed time away (as in another zone)."""
    if len(set(reading.moments)) < 2:
        return
    for dates in wanted.whole:
        for moved in _relations(task, reading, dates, amounts):
            written = _in_form(task, moved, dates)
            if written:
                yield written
                if moved is reading.node:
                    return


def _dates(task: Examples, reading: _Reading, wanted: _Wanted, amounts: Amounts) -> Iterator[Candidate]:
    """Dates that stand at one place of the outputs: the date itself, or one that follows from it by a rule."""
    if not {"m", "Y"} <= reading.held:
        return
    for dates in wanted.inside:
        for moved in _relations(task, reading, dates, amounts):
            written = _in_form(task, moved, dates)
            if written:
                yield written
            if moved is not reading.node and isinstance(moved, Shift):
                yield from _parts(task, _Reading(moved, dates.moments, frozenset("dmY")))


def _in_form(task: Examples, moved: Moment, dates: _Dates) -> Candidate | None:
    """The moment written as the texts are: with or without the zeros that no code tells apart."""
    code = dates.code
    loose = re.sub(r"%([mdHI])", r"%-\1", code)
    forms = (
        code, loose, code.replace("%d", "%-d").replace("%m", "%-m"), code.replace("%d", "%-d"),
        code.replace("%m", "%-m"), code.replace("%I", "%-I").replace("%H", "%-H"),
    )  # fmt: skip
    for form in dict.fromkeys(forms):
        written = WriteMoment(moved, form)
        if all(written.run(r) == text for r, text in zip(task.records, dates.texts, strict=True)):
            return Candidate(written, dates.texts)
    return None


def _relations(task: Examples, reading: _Reading, dates: _Dates, amounts: Amounts) -> Iterator[Moment]:
    """Moments that follow from the reading's by one rule and are the wanted ones on every row."""
    if dates.has_time and "H" not in reading.held:
        return
    given, wanted = (_days(m, dates) for m in (reading.moments, dates.moments))
    gaps = {int((b - a).total_seconds()) for a, b in zip(given, wanted, strict=True)}
    if gaps == {0}:
        yield reading.node
        return
    if reading.doubtful or max(map(abs, gaps)) > MOST_DAYS * 86400 * 4:
        return
    is_day = dates.is_day and not dates.has_time
    if len(gaps) == 1 and "d" in reading.held | ({"d"} if not dates.is_day else set()):
        gap = next(iter(gaps))
        size, unit = next((size, unit) for size, unit in _UNITS if gap % size == 0)
        if abs(gap) <= MOST_DAYS * 86400 and (len(given) > 1 or dates.has_time):
            yield Shift(reading.node, gap // size, unit)
    if dates.has_time:
        yield from conversions(reading.node, given, wanted, task.names, task.target)
    if is_day and len(given) > 1:
        yield from _by_calendar(reading, given, wanted)
        if "d" in reading.held:
            yield from _by_rows(reading, given, wanted, amounts)


def _days(moments: tuple[datetime, ...], dates: _Dates) -> tuple[datetime, ...]:
    """The moments without their time of day where the wanted ones have none."""
    return moments if dates.has_time else tuple(m.replace(hour=0, minute=0, second=0, microsecond=0) for m in moments)


def _by_calendar(reading: _Reading, given: Sequence[datetime], wanted: Sequence[datetime]) -> Iterator[Moment]:
    """Months later, first and last days of periods, working days."""
    pairs = list(zip(given, wanted, strict=True))
    first = (wanted[0].year - given[0].year) * 12 + wanted[0].month - given[0].month
    if first and "d" in reading.held and all(add_months(a, first) == b for a, b in pairs):
        yield ShiftMonths(reading.node, first)
    for period, edge in EDGES:
        if all(EdgeOf.day_of(a, period, edge) == b for a, b in pairs):
            yield EdgeOf(reading.node, period, edge)
    for months, edge in ((-1, "last"), (1, "first"), (1, "last"), (-1, "first")):
        moved = [add_months(a, months) for a in given]
        if all(m is not None and EdgeOf.day_of(m, "month", edge) == b for m, b in zip(moved, wanted, strict=True)):
            yield EdgeOf(ShiftMonths(reading.node, months), "month", edge)
    for days in WORKING_DAYS if "d" in reading.held else ():
        if all(WorkingDay.after(a, days) == b for a, b in pairs):
            yield WorkingDay(reading.node, days)


def _by_rows(
    reading: _Reading, given: Sequence[datetime], wanted: Sequence[datetime], amounts: Amounts
) -> Iterator[Moment]:
    """As many days, months or years later as another column says."""
    units: tuple[Literal["day", "month", "year"], ...] = ("day", "month", "year")
    for value, numbers in amounts:
        for unit in units:
            if all(ShiftBy.after(a, n, unit) == b for a, n, b in zip(given, numbers, wanted, strict=True)):
                yield ShiftBy(reading.node, value, unit)


CLOCKS = (
    "%-I:%M%p", "%-I:%M %p", "%I:%M%p", "%I:%M %p", "%-I%p", "%-I %p", "%-I:%M:%S%p", "%-I:%M:%S %p", "%H:%M", "%-H:%M",
    "%H:%M:%S",
    "%-H:%M:%S", "%-I:%M", "%-I", "%-H", "%H",
)  # fmt: skip


def _grids(task: Examples, reading: Moment) -> Iterator[Candidate]:
    """The time itself, or else brought down to a grid."""
    plain = list(_clocks(task, [reading]))
    yield from plain
    if not plain:
        yield from islice(_clocks(task, _floors(reading)), 6)


def _clocks(task: Examples, moments: Iterable[Moment]) -> Iterator[Candidate]:
    for moment, code in product(moments, CLOCKS):
        for lower in (False, True) if "%p" in code else (False,):
            if written := _clock(task, moment, code, lower):
                yield written


def _floors(reading: Moment) -> Iterator[Floor]:
    """The usual grids: from midnight, and half a cell later."""
    for minutes in GRIDS_MINUTES:
        yield Floor(reading, minutes)
    for minutes in (30, 60, 120, 240):
        yield Floor(reading, minutes, minutes // 2)


def _clock(task: Examples, node: Moment, code: str, lower: bool) -> Candidate | None:
    written: Expression = WriteMoment(node, code)
    if lower:
        written = Case(written, "lower")
    texts: list[str] = []
    for record, output in zip(task.records, task.outputs, strict=True):
        texts.append(written.run(record) or "")
        if texts[-1] not in output:  # most codes fail on the first row
            return None
    return Candidate(written, tuple(texts)) if any(texts) else None


_OF_DAYS: tuple[Part, ...] = ("quarter", "ordinal day", "iso week", "epoch", "half")
_TICKS: tuple[Part, ...] = ("epoch in milliseconds", "spreadsheet day")
_ALONE: tuple[Part, ...] = (
    "iso weekday",
    "weekday from Sunday",
    "weekday from Sunday as 0",
    "weekday from Monday as 0",
    "days of the month",
)
_WEEKS: tuple[Part, ...] = ("iso week of two digits", "iso year")


def _parts(task: Examples, reading: _Reading) -> Iterator[Candidate]:
    """Single parts of a moment that stand in the outputs."""
    node, moments, held = reading.node, reading.moments, reading.held
    specs = (DATE_SPECS if held & set("dmY") else ()) + (TIME_SPECS if "H" in held else ())
    for spec in specs:
        texts = tuple(write_part(m, spec) for m in moments)
        written = WriteMoment(node, spec)
        if occurs(task, texts):
            yield Candidate(written, texts)
        elif spec in ("%b", "%B", "%a", "%A"):
            upper = tuple(t.upper() for t in texts)
            if occurs(task, upper):
                yield Candidate(Case(written, "upper"), upper)
    for part in _named_parts(task, held):
        texts = tuple(write_named_part(m, part) for m in moments)
        if occurs(task, texts) and (part not in _ALONE or list(texts) == task.outputs):
            yield Candidate(MomentPart(node, part), texts)


_NTH_DAYS: tuple[Part, ...] = ("week of the month", "ordinal week of the month")
_NTH = re.compile(r"#[1-5]\b|\b(?:1st|2nd|3rd|4th|5th) [MTWFS]|\b[Ww](?:eek|k)? ?[1-5]\b")
"""What the n-th weekday of a month, or its week, is written with."""


def _named_parts(task: Examples, held: frozenset[str]) -> Iterator[Part]:
    """Parts that strftime does not write, as far as the moment sets them and the outputs may hold them."""
    if "m" in held:
        yield from _OF_DAYS
    if "d" in held:
        yield from _TICKS
        yield from _ALONE
        if all(_NTH.search(o) for o in task.outputs):
            yield from _NTH_DAYS
        if any("W" in o for o in task.outputs) or "week" in task.target.lower():
            yield from _WEEKS
    yield "lower meridiem"
    if any(".m" in o for o in task.outputs):
        yield "dotted meridiem"


_NAME_KINDS: tuple[NameKind, ...] = ("month", "short month", "weekday", "short weekday")


def _names(task: Examples, reading: _Reading) -> Iterator[Candidate]:
    """Names of months and weekdays in other languages than English."""
    if "m" not in reading.held or not all(re.search(r"[^\W\d_]{2}", o) for o in task.outputs):
        return
    for language, kind in product(list(COMMON)[1:], _NAME_KINDS):
        names = name_list(language, kind)
        texts = tuple(names[m.month - 1 if kind.endswith("month") else m.weekday()] for m in reading.moments)
        if occurs(task, texts):
            yield Candidate(NameInLanguage(reading.node, kind, language), texts)


_YEAR_STARTS = (4, 7, 10, 2, 3, 5, 6, 8, 9, 11, 12)
"""Months in which financial years begin, the usual ones first."""
_FISCAL = re.compile(r"FY|F\.Y|fiscal|financial|\bQ[1-4]|[0-9]{2,4}[-/][0-9]{2}\b", re.IGNORECASE)


def _fiscal(task: Examples, reading: _Reading) -> Iterator[Candidate]:
    """Years, quarters and halves of a financial year that does not begin in January."""
    if not {"m", "Y"} <= reading.held or len(set(reading.moments)) < 2:
        return
    if not (all(_FISCAL.search(o) for o in task.outputs) or _FISCAL.search(task.target)):
        return
    plain = {write_part(m, "%Y") for m in reading.moments}
    for start, back in product(_YEAR_STARTS, (1, 0)):
        moved = [add_months(m, 13 - start if back else 1 - start) for m in reading.moments]
        node = ShiftMonths(reading.node, 13 - start if back else 1 - start)
        for spec in ("%Y", "%y"):
            texts = tuple(write_part(m, spec) for m in moved if m is not None)
            if len(texts) == len(moved) and occurs(task, texts) and set(texts) != plain:
                yield Candidate(WriteMoment(node, spec), texts)
        parts: tuple[Part, ...] = ("quarter", "half")
        for part in parts if not back else ():
            texts = tuple(write_named_part(m, part) for m in moved if m is not None)
            mark = part[0].upper()
            if len(texts) == len(moved) and all(mark + t in o for t, o in zip(texts, task.outputs, strict=True)):
                yield Candidate(MomentPart(node, part), texts)
