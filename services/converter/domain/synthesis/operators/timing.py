"""Times of day and days of the week as numbers, to tell rows apart: evenings, weekends."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from services.converter.domain.formats.date import parts_of
from services.converter.domain.synthesis.language import Expression, Node, Record
from services.converter.domain.synthesis.operators.moment import Moment, ReadMoment, readings
from services.converter.domain.synthesis.operators.values import Value

Measure = Literal["hour", "weekday"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
SATURDAY = 6.0
LONGEST = 40
"""Texts longer than this many characters are no moments."""
_LIKELY = re.compile(r"\d[-/.:]\d|\d ?[AaPp][Mm]\b|[A-Za-z]{3}")


@dataclass(frozen=True, slots=True)
class MeasureOf(Value):
    """The hour of a moment, with its minutes as a fraction, or its weekday from 1 (Monday) to 7."""

    moment: Moment
    measure: Measure

    @property
    def parts(self) -> tuple[Node, ...]:
        """The moment."""
        return (self.moment,)

    @property
    def cost(self) -> float:
        """A little above the moment."""
        return self.moment.cost + 0.2

    def run(self, record: Record) -> float | None:
        """The number."""
        moment = self.moment.run(record)
        if moment is None:
            return None
        return moment.hour + moment.minute / 60 if self.measure == "hour" else float(moment.isoweekday())

    def sql(self) -> str:
        """`date_part`."""
        moment = self.moment.sql()
        if self.measure == "weekday":
            return f"date_part('isodow', {moment})"
        return f"(date_part('hour', {moment}) + date_part('minute', {moment}) / 60)"

    def words(self) -> str:
        """Which number of what."""
        return f"{self.measure} of {self.moment.words()}"


def measures(source: Expression, texts: tuple[str, ...]) -> list[MeasureOf]:
    """What the texts, read as moments, can be measured by; blank ones do not count."""
    filled = tuple(t for t in dict.fromkeys(texts) if t.strip())
    if not filled or any(len(t) > LONGEST for t in filled) or not _LIKELY.search(filled[0]):
        return []
    return [MeasureOf(ReadMoment(source, codes), measure) for codes, measure in _measured(filled)]


@lru_cache(maxsize=256)
def _measured(texts: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], Measure], ...]:
    """Codes that read the texts, with what they hold."""
    found: list[tuple[tuple[str, ...], Measure]] = []
    for codes in readings(texts)[:1]:
        held = frozenset[str]().union(*(parts_of(code) for code in codes))
        if "H" in held:
            found.append((codes, "hour"))
        if set("dmY") <= held:
            found.append((codes, "weekday"))
    return tuple(found)
