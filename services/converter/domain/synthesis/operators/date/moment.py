"""Dates and times as nodes: read in the formats seen, moved or brought down to a grid, and written part by part."""

import re
from abc import abstractmethod
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice, product
from typing import Literal, get_args

from services.converter.domain.formats.date import (
    describe,
    infer_formats,
    may_be_date,
    parts_of,
    write_moment,
    write_part,
)
from services.converter.domain.formats.datereader import date_sql, read_date, reader_of
from services.converter.domain.synthesis.asking import HINTED, ask
from services.converter.domain.synthesis.edges import Check, turned_dates
from services.converter.domain.synthesis.language import CELL, Concat, Constant, Examples, Expression, Node, Record, Tie
from services.converter.domain.synthesis.operators.witness import proposes
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.synthesis.tokens import shape

MAX_READINGS, MAX_MIXED = 8, 8
"""Ways to read texts of one outline, and of several."""


class Moment(Node):
    """A node whose value is a date and time (TIMESTAMP)."""

    @abstractmethod
    def run(self, record: Record) -> datetime | None:
        """The moment for one row."""


@dataclass(frozen=True, slots=True)
class ReadMoment(Moment):
    """Text read as a date or time: whole dates in every clear form of their order, others in the formats given."""

    source: Expression
    codes: tuple[str, ...]
    asks = (ask(r"dates?\b|day\b|month\b|year\b", HINTED),)

    @property
    def format_read(self) -> str:
        """The formats seen."""
        return " or ".join(describe(code) for code in self.codes)

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Texts that are none, and all that could be read otherwise where the file's other dates are."""
        del rows
        source = self.source.sql()
        outside = f"({self.sql()}) IS NULL AND trim(coalesce({source}, '')) <> ''"
        yield self.check("date", "unseen", f"{self.source.words()} is no date in a form seen", outside, source)
        turned = turned_dates(source, self.codes)
        if turned is not None:
            doubtful = self.check("date", "unseen", f"{self.source.words()} {turned.words}", turned.outside, source)
            yield replace(doubtful, across=turned.across)

    @property
    def surcharge(self) -> float:
        """One format is simpler than several."""
        return 0.6 if len(self.codes) > 1 else 0.0

    def run(self, record: Record) -> datetime | None:
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> datetime | None:
        """The moment of one text."""
        return read_date(text, self.codes)

    def sql(self) -> str:
        """`try_strptime` of the text in one canonical form."""
        return date_sql(self.source.sql(), self.codes)

    def words(self) -> str:
        return f"{self.source.words()} read as {' or '.join(describe(c) for c in self.codes)}"


@dataclass(frozen=True, slots=True)
class Shift(Moment):
    """A moment moved by a fixed time."""

    moment: Moment
    amount: int
    unit: Literal["day", "hour", "minute", "second"]

    def run(self, record: Record) -> datetime | None:
        moment = self.moment.run(record)
        try:
            return None if moment is None else moment + timedelta(**{f"{self.unit}s": self.amount})
        except OverflowError:
            return None

    def sql(self) -> str:
        """Plus or minus an interval."""
        return f"{self.moment.sql()} {'+' if self.amount >= 0 else '-'} INTERVAL {abs(self.amount)} {self.unit.upper()}"

    def words(self) -> str:
        many = "" if abs(self.amount) == 1 else "s"
        return f"{abs(self.amount)} {self.unit}{many} {'after' if self.amount >= 0 else 'before'} {self.moment.words()}"


@dataclass(frozen=True, slots=True)
class Floor(Moment):
    """A moment brought down to a multiple of ``minutes`` since midnight, or so many minutes (``offset``) after one."""

    moment: Moment
    minutes: int
    offset: int = 0

    @property
    def surcharge(self) -> float:
        """Dearer than the moment."""
        return 1.1 if self.offset else 0.8

    def run(self, record: Record) -> datetime | None:
        moment = self.moment.run(record)
        if moment is None:
            return None
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        since = moment.hour * 60 + moment.minute - self.offset
        try:
            return midnight + timedelta(minutes=since - since % self.minutes + self.offset)
        except OverflowError:
            return None

    def sql(self) -> str:
        """Midnight plus whole cells of the grid."""
        m = self.moment.sql()
        since = f"(date_part('hour', {m}) * 60 + date_part('minute', {m}))"
        if self.offset:
            cells = f"floor(({since} - {self.offset}) / {self.minutes})"
            steps = f"CAST({cells} * {self.minutes} + {self.offset} AS BIGINT)"
            return f"date_trunc('day', {m}) + to_minutes({steps})"
        return f"date_trunc('day', {m}) + to_minutes({since} // {self.minutes} * {self.minutes})"

    def words(self) -> str:
        after = f", {self.offset} after" if self.offset else ""
        return f"{self.moment.words()} brought down to {self.minutes} minutes{after}"


_PADDED = re.compile("%%|%(-?)([dm])")
"""Codes of days and months, which people write both with a zero before one digit and without; the sign itself."""


@dataclass(frozen=True, slots=True)
class WriteMoment(Expression):
    """A moment written with a strftime code."""

    moment: Moment
    code: str

    @property
    def format_written(self) -> str:
        """The date's."""
        return describe(self.code)

    @property
    def tied(self) -> frozenset[Tie]:
        """Figures that stand still: a year or a month that all rows share."""
        return frozenset({"text"} if re.search(r"\d", self.code) else ())

    @property
    def cost(self) -> float:
        """A price for each part and each letter that stands still; what is read and moved is shared: it counts half."""
        reading = next((n.cost for n in self.moment.walk() if _is_reading(n)), self.moment.cost)
        return (
            reading
            + 0.45 * (self.moment.cost - reading)
            + 0.3
            + 0.25 * (len(re.findall(r"%-?[a-zA-Z]", self.code)) - 1)
            + 0.5 * sum(ch.isalnum() for ch in re.sub(r"%-?[a-zA-Z%]", "", self.code))
        )

    def readings(self, rows: Sequence[Record]) -> Iterator[Expression]:
        """The same with a zero before numbers of one digit, or without, where the rows have none of one digit."""
        other = replace(self, code=_PADDED.sub(_padded_otherwise, self.code))
        if other.code != self.code and all(other.run(row) == self.run(row) for row in rows):
            yield other

    def run(self, record: Record) -> str | None:
        moment = self.moment.run(record)
        return None if moment is None else write_moment(moment, self.code)

    def sql(self) -> str:
        return f"strftime({self.moment.sql()}, {literal(self.code)})"

    def words(self) -> str:
        return f"{self.moment.words()}, written as {describe(self.code)}"


def _padded_otherwise(code: re.Match[str]) -> str:
    return code[0] if code[2] is None else f"%{'' if code[1] else '-'}{code[2]}"


def _is_reading(node: Node) -> bool:
    """Whether a node makes a moment of what is none."""
    return isinstance(node, Moment) and not any(isinstance(part, Moment) for part in node.parts)


Part = Literal[
    "quarter", "ordinal day", "iso week", "iso week of two digits", "iso year", "iso weekday", "weekday from Sunday",
    "weekday from Sunday as 0", "weekday from Monday as 0", "days of the month", "epoch", "epoch in milliseconds",
    "spreadsheet day", "lower meridiem", "dotted meridiem", "half", "week of the month", "ordinal week of the month",
]  # fmt: skip


def _suffix(day: int) -> str:
    return f"{day}{'th' if 11 <= day % 100 <= 13 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - files carry local times without a zone
_SPREADSHEET_DAYS = 25_569
"""The day's number of 1 January 1970 in spreadsheets, which count from 30 December 1899."""


def _ticks(moment: datetime, each_s: int) -> int:
    """Whole parts of a second since 1970, ``each_s`` to the second."""
    return (moment - _EPOCH) // timedelta(microseconds=10**6 // each_s)


_PARTS: Mapping[Part, tuple[Callable[[datetime], str], str]] = {
    "quarter": (lambda m: str((m.month + 2) // 3), "CAST(date_part('quarter', {m}) AS VARCHAR)"),
    "ordinal day": (
        lambda m: _suffix(m.day),
        (
            "date_part('day', {m}) || CASE WHEN date_part('day', {m}) IN (11, 12, 13) THEN 'th' "
            "WHEN date_part('day', {m}) % 10 = 1 THEN 'st' "
            "WHEN date_part('day', {m}) % 10 = 2 THEN 'nd' WHEN date_part('day', {m}) % 10 = 3 THEN 'rd' ELSE 'th' END"
        ),
    ),
    "iso week": (lambda m: str(m.isocalendar()[1]), "CAST(date_part('week', {m}) AS VARCHAR)"),
    "iso week of two digits": (lambda m: f"{m.isocalendar()[1]:02d}", "strftime({m}, '%V')"),
    "iso year": (lambda m: f"{m.isocalendar()[0]:04d}", "strftime({m}, '%G')"),
    "iso weekday": (lambda m: str(m.isoweekday()), "CAST(date_part('isodow', {m}) AS VARCHAR)"),
    "weekday from Sunday": (lambda m: str(m.isoweekday() % 7 + 1), "CAST(date_part('dow', {m}) + 1 AS VARCHAR)"),
    "weekday from Sunday as 0": (lambda m: str(m.isoweekday() % 7), "CAST(date_part('dow', {m}) AS VARCHAR)"),
    "weekday from Monday as 0": (lambda m: str(m.weekday()), "CAST(date_part('isodow', {m}) - 1 AS VARCHAR)"),
    "days of the month": (
        lambda m: str(monthrange(m.year, m.month)[1]),
        "CAST(date_part('day', last_day({m})) AS VARCHAR)",
    ),
    "epoch": (lambda m: str(_ticks(m, 1)), "CAST(CAST(floor(epoch({m})) AS BIGINT) AS VARCHAR)"),
    "epoch in milliseconds": (lambda m: str(_ticks(m, 1000)), "CAST(CAST(epoch_ms({m}) AS BIGINT) AS VARCHAR)"),
    "spreadsheet day": (
        lambda m: str((m - _EPOCH).days + _SPREADSHEET_DAYS),
        f"CAST(CAST(floor(epoch({{m}}) / 86400) AS BIGINT) + {_SPREADSHEET_DAYS} AS VARCHAR)",
    ),
    "lower meridiem": (lambda m: "am" if m.hour < 12 else "pm", "lower(strftime({m}, '%p'))"),
    "dotted meridiem": (
        lambda m: "a.m." if m.hour < 12 else "p.m.",
        "CASE strftime({m}, '%p') WHEN 'AM' THEN 'a.m.' WHEN 'PM' THEN 'p.m.' END",
    ),
    "half": (
        lambda m: "1" if m.month < 7 else "2",
        "CASE WHEN date_part('month', {m}) < 7 THEN '1' WHEN date_part('month', {m}) >= 7 THEN '2' END",
    ),
    "week of the month": (lambda m: str((m.day + 6) // 7), "CAST((date_part('day', {m}) + 6) // 7 AS VARCHAR)"),
    "ordinal week of the month": (
        lambda m: _suffix((m.day + 6) // 7),
        "list_extract(['1st', '2nd', '3rd', '4th', '5th'], (date_part('day', {m}) + 6) // 7)",
    ),
}


def write_named_part(moment: datetime, part: Part) -> str:
    """A part of one moment that strftime does not write."""
    return _PARTS[part][0](moment)


@dataclass(frozen=True, slots=True)
class MomentPart(Expression):
    """A part of a moment that strftime does not write."""

    moment: Moment
    part: Part

    def run(self, record: Record) -> str | None:
        moment = self.moment.run(record)
        return None if moment is None else write_named_part(moment, self.part)

    def sql(self) -> str:
        """The part's formula."""
        return _PARTS[self.part][1].format(m=self.moment.sql())

    def words(self) -> str:
        return f"{self.part} of {self.moment.words()}"


def readings(values: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Ways to read all values: one format for all, or one for each outline of text."""
    return list(_readings(values))


@lru_cache(maxsize=1024)
def _readings(values: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
    if not all(may_be_date(value.strip()) for value in values):
        return []
    single = sorted(infer_formats(values), key=_oddness)
    if single:
        return [(code,) for code in single[:MAX_READINGS]]
    by_shape: dict[str, list[str]] = {}
    for value in values:
        by_shape.setdefault(re.sub("[Aa]+", "a", shape(value.strip())), []).append(value)
    if len(by_shape) < 2 or len(by_shape) > 8:
        return []
    options = [sorted(infer_formats(group), key=_oddness)[:2] for group in by_shape.values()]
    mixed = islice(product(*options), MAX_MIXED) if all(options) else ()
    return [codes for codes in map(_distinct, mixed) if len(codes) < 2 or reader_of(codes)[0] is not None]


def _distinct(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))


def _oddness(code: str) -> int:
    """How unlikely a format is: the year first and the day before the month, or hours that no colon sets apart."""
    year, month, day = (code.find(part) for part in ("%Y", "%m", "%d"))
    return int(0 <= year < day < month) + int("%H%M" in code and "%d" in code)


_STILL = re.compile(r"%-?[a-zA-Z%]|[0-9]+|[A-Za-z]+")


def thawed(written: WriteMoment, moments: Sequence[datetime]) -> WriteMoment:
    """The code where text that stands still is a part of every moment: `%Y-03-%d` of days in March is `%Y-%m-%d`."""
    shown = set(re.findall(r"%-?[a-zA-Z]", written.code))
    held = frozenset[str]().union(*(parts_of(spec) for spec in shown))

    def part(found: re.Match[str]) -> str:
        text = found.group()
        if text.startswith("%"):
            return text
        if text in ("AM", "PM") and held & {"H"} and all(write_part(m, "%p") == text for m in moments):
            return "%p"
        for spec in ("%Y", "%m", "%d", "%B", "%b", "%A", "%a", "%y", "%-m", "%-d"):
            if not parts_of(spec) & held and all(write_part(m, spec) == text for m in moments):
                return spec
        return text

    return WriteMoment(written.moment, _STILL.sub(part, written.code)) if moments else written


@proposes(joined=10)
def one_date(task: Examples, expression: Expression) -> Expression:
    """The parts of one moment as one text, with what stands still on all rows and is a part of it."""
    fused = fuse(expression)
    if isinstance(fused, WriteMoment):
        moments = [m for m in (fused.moment.run(r) for r in task.records) if m is not None]
        fused = thawed(fused, moments)
    return fused


def fuse(expression: Expression) -> Expression:
    """Neighbouring parts of one moment, and the constants between them, as one strftime."""
    if not isinstance(expression, Concat):
        return expression
    pieces = [_harmonised(p) if isinstance(p, WriteMoment) else p for p in _in_one(expression.pieces)]
    weeks = [p.moment for p in pieces if isinstance(p, MomentPart) and p.part.startswith("iso week")]
    if weeks:  # the days around New Year belong to the year of their week
        years = [isinstance(p, WriteMoment) and p.code == "%Y" and p.moment in weeks for p in pieces]
        pieces = [MomentPart(weeks[0], "iso year") if y else p for y, p in zip(years, pieces, strict=True)]
    if any(isinstance(p, WriteMoment) and "%-d" in p.code for p in pieces):  # several dates, written alike
        pieces = [
            WriteMoment(p.moment, p.code.replace("%d", "%-d")) if isinstance(p, WriteMoment) else p for p in pieces
        ]
    return pieces[0] if len(pieces) == 1 else Concat(tuple(pieces))


def _in_one(parts: Iterable[Expression]) -> list[Expression]:
    """The pieces, with those of one moment that stand side by side, or with a constant between them, as one."""
    pieces: list[Expression] = []
    for piece in parts:
        last = pieces[-1] if pieces else None
        before = pieces[-2] if len(pieces) > 1 else None
        if isinstance(piece, WriteMoment):
            if isinstance(last, WriteMoment) and last.moment == piece.moment:
                pieces[-1] = WriteMoment(piece.moment, last.code + piece.code)
                continue
            if isinstance(last, Constant) and isinstance(before, WriteMoment) and before.moment == piece.moment:
                pieces[-2:] = [WriteMoment(piece.moment, before.code + last.text.replace("%", "%%") + piece.code)]
                continue
        pieces.append(piece)
    return pieces


def _harmonised(written: WriteMoment) -> WriteMoment:
    """One way of padding for day and month: where one is shown without its zero, the other is likely to be too."""
    code = written.code
    if "%-m" in code and "%d" in code and "%Y" in code:
        return WriteMoment(written.moment, code.replace("%d", "%-d"))
    if "%-d" in code and "%m" in code and "%Y" in code:
        return WriteMoment(written.moment, code.replace("%m", "%-m"))
    if "%p" in code and "%H" in code:
        return WriteMoment(written.moment, code.replace("%H", "%I"))
    return written


_READ = ("%d/%m/%Y", "%Y-%m-%d %H:%M")
_WHOLE = (
    "%d %b %Y", "%B %d, %Y", "%d-%b-%y", "%Y-%m-%d", "%d.%m.%Y", "%a, %d %b %Y", "%m/%d/%Y %I:%M %p", "%Y%m%d",
    "%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%b %Y", "%Y%j", "%H:%M",
)  # fmt: skip
_WRITTEN = (
    "%a %-d %B %y %%, %-I:%M %p %j", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S", "%A, %b %d", "%-m.%-d.%Y %-H:%-M:%-S", "%I %-j",
)  # fmt: skip


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    when = ReadMoment(CELL, _READ)
    read = (*((code,) for code in _WHOLE), *((code,) for code in _READ), _READ, ("%d.%m.%y",), ("%I:%M %p",))
    return (
        *(ReadMoment(CELL, codes) for codes in read),
        Shift(when, -3, "day"),
        Shift(when, 90, "second"),
        Floor(when, 120, 60),
        Floor(when, 15),
        *(WriteMoment(when, code) for code in _WRITTEN),
        *(MomentPart(when, part) for part in get_args(Part)),
    )
