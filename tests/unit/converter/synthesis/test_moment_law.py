"""The law of the language for dates and times: the same in Python and in DuckDB, on rows that hold moments."""

from datetime import datetime
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.domain.formats.datenames import COMMON
from services.converter.domain.formats.number import NumberFormat, NumberStyle
from services.converter.domain.synthesis.language import Column, Expression
from services.converter.domain.synthesis.operators.date.calendar import (
    CLOCKS_OF_TICKS,
    EDGES,
    EdgeOf,
    FromTicks,
    ReadQuarter,
    ShiftBy,
    ShiftMonths,
    ShiftUnit,
    WorkingDay,
)
from services.converter.domain.synthesis.operators.date.datewords import NameInLanguage, NameKind, PlainDate
from services.converter.domain.synthesis.operators.date.elapsed import Elapsed, Unit
from services.converter.domain.synthesis.operators.date.moment import MomentPart, Part, ReadMoment, WriteMoment
from services.converter.domain.synthesis.operators.date.zones import InZone, ToUtc, WithoutZone
from services.converter.domain.synthesis.operators.number.values import ReadNumber, WriteNumber
from tests.unit.converter.synthesis.duck import InProcessRunner

A, B = Column(0, "a"), Column(1, "b b")
NAMES = ("a", "b b")
WHEN, UNTIL = (ReadMoment(column, ("%d/%m/%Y", "%Y-%m-%d %H:%M")) for column in (A, B))
NUMBER = ReadNumber(B, NumberStyle())
DAY, TIME = "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"

TEXT: dict[str, Expression] = {
    **{f"part {part}": MomentPart(WHEN, part) for part in get_args(Part)},
    **{f"date with {language} names": PlainDate(A, language) for language in (*COMMON, "Polish", "Russian")},
    **{
        f"{language} {kind}": NameInLanguage(WHEN, kind, language)
        for language in ("German", "French")
        for kind in get_args(NameKind)
    },
    **{f"{edge} day of the {period}": WriteMoment(EdgeOf(WHEN, period, edge), DAY) for period, edge in EDGES},
    **{f"working days {n}": WriteMoment(WorkingDay(WHEN, n), DAY) for n in (-5, -1, 0, 1, 2, 5)},
    "months before": WriteMoment(ShiftMonths(WHEN, -7), DAY),
    **{f"moved by {unit}": WriteMoment(ShiftBy(WHEN, NUMBER, unit), DAY) for unit in get_args(ShiftUnit)},
    **{
        f"ticks of a {clock}": WriteMoment(FromTicks(ReadNumber(A, NumberStyle()), clock), TIME)
        for clock in CLOCKS_OF_TICKS
    },
    "quarter read": WriteMoment(ReadQuarter(A), DAY),
    "without zone": WithoutZone(A),
    "to UTC": WriteMoment(ToUtc(ReadMoment(WithoutZone(A), ("%Y-%m-%d %H:%M",)), A), TIME),
    "other zone": WriteMoment(InZone(WHEN, "America/New_York", "Europe/London"), TIME),
    **{f"elapsed {unit}": WriteNumber(Elapsed(WHEN, UNTIL, unit), NumberFormat(3)) for unit in get_args(Unit)},
}

# Years whose summer times all tables of zones agree on.
_LATELY = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - files carry local times
_MINUTES = st.one_of(_LATELY, st.sampled_from([datetime(2024, 3, 31, 1, 30), datetime(2024, 11, 3, 1, 30)])).map(  # noqa: DTZ001
    lambda moment: moment.strftime("%Y-%m-%d %H:%M")
)
CELLS = st.one_of(
    st.none(),
    _MINUTES,
    st.dates().filter(lambda d: 1000 <= d.year < 9900).map(lambda d: d.strftime("%d/%m/%Y")),
    st.tuples(_MINUTES, st.sampled_from(["Z", "+05:30", " -0800", " EST", " UTC+2", "+15", " GMT", "Ω"])).map("".join),
    *(st.integers(low, high).map(str) for low, high in ((-200, 200), (0, 10**5), (10**8, 10**10), (10**11, 10**13))),
    st.sampled_from(
        [
            "1er août 2024",
            "3rd Sept. 2021, 4 p.m.",
            "Di. 5. März",
            "7 lip 2025",
            "3 янв. 2024",
            "mar. 2 avr.",
            "Q3 2024",
            "1Q24",
            "2024-Q4",
            "1.5",
            "",
        ]
    ),
)


@pytest.mark.parametrize("name", TEXT)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(a=CELLS, b=CELLS)
def test_moment_means_the_same_in_python_and_in_duckdb(
    name: str, a: str | None, b: str | None, runner: InProcessRunner
) -> None:
    expression = TEXT[name]
    assert expression.run((a, b)) == runner.evaluate(expression.sql(), NAMES, (a, b))
