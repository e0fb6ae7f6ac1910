"""Dates are read as classes, strictly: every clear form of the order that was shown, and no other text.

The law that Python and DuckDB read alike is held on the same tables, and on generated texts.
"""

from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.domain.synthesis.language import Column
from services.converter.domain.synthesis.operators.date.moment import ReadMoment
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

A = Column(0, "a")
DAY_FIRST = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%y", "%d/%m/%y %H:%M", "%a %d.%m.%Y")
MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%y", "%m/%d/%Y %H:%M:%S")
CLEAR = ("%Y-%m-%d", "%d %b %Y", "%B %d, %Y", "%Y%m%d", "%Y::%m::%d", "%d-%b-%y")
TIMES = {"": (0, 0, 0), " 8:05": (8, 5, 0), " 08:05:09": (8, 5, 9), "T23:59": (23, 59, 0), " 8:05 PM": (20, 5, 0)}

EVERYWHERE = (
    "1997-05-30", "1997/5/30", "19970530", "30 May 1997", "30-May-1997", "30. may 1997", "30May1997", "May 30, 1997",
    "may 30 1997", "30th of May 1997", "May 30th, 1997", "Fri, 30 May 1997", "Friday 30 May 1997", "30-May-97",
    "1997 May 30", "1997-May-30", " 30 MAY 1997 ",
)  # fmt: skip
BY_ORDER = {
    "dmy": ("30.05.1997", "30/5/1997", "30-05-97", "30 05 1997", "30. 5. 1997", "Fri 30/05/97", "30.5.97"),
    "mdy": ("05/30/1997", "5/30/1997", "05-30-97", "5.30.1997", "Fri 5/30/97"),
}
REFUSED = (
    "", "May 1997", "30 May", "30/05", "1997", "31/02/1997", "32.01.1997", "13/13/1997", "30.05.997", "30.05.19970",
    "x 30.05.1997", "30.05.1997 x", "30 Mayo 1997", "30 Maruary 1997", "30.05.1997 25:00", "30.05.1997 8:61", "1|2|3",
    "1997|05|30|", "30.05", "3005", "Foo 30.05.1997", "30.05.1997+1", "(30.05.1997)", "1997|05|30",
    "30|05|1997", "30..05..1997", "0997-05-30",
    "30.05.1997 8:05 XM", "13:11:20", "30:05:1997",
)  # fmt: skip


def _read_all(codes: tuple[str, ...], texts: Sequence[str], runner: InProcessRunner) -> list[datetime | None]:
    """The moments that Python and DuckDB read alike."""
    node = ReadMoment(A, codes)
    moments = [node.run((text,)) for text in texts]
    sql = f"SELECT CAST({node.sql()} AS VARCHAR) AS moment FROM input ORDER BY _row"
    given = runner.run(sql, Table(("a",), tuple((text,) for text in texts)))
    assert [row[0] for row in given.rows] == ["" if moment is None else str(moment) for moment in moments]
    return moments


def _read(codes: tuple[str, ...], text: str, runner: InProcessRunner) -> datetime | None:
    return _read_all(codes, [text], runner)[0]


def _order(code: str) -> str:
    return "dmy" if code in DAY_FIRST else "mdy" if code in MONTH_FIRST else ""


@pytest.mark.parametrize("code", [*DAY_FIRST, *MONTH_FIRST, *CLEAR])
def test_one_date_stands_for_every_clear_form_of_its_order(code: str, runner: InProcessRunner) -> None:
    day = datetime(1997, 5, 30)  # noqa: DTZ001 - files carry local times
    timed = "%H" in code
    forms = [text.rstrip() for text in (*EVERYWHERE, *BY_ORDER.get(_order(code), ()))]
    have = iter(_read_all((code,), [text + time for text in forms for time in TIMES], runner))
    for text in forms:
        for time, (hour, minute, second) in TIMES.items():
            want = None if timed and not time else day.replace(hour=hour, minute=minute, second=second)
            assert next(have) == (want if timed else day), text + time


@pytest.mark.parametrize("code", [*DAY_FIRST, *MONTH_FIRST, *CLEAR])
def test_what_is_no_whole_date_is_refused(code: str, runner: InProcessRunner) -> None:
    others = [text for order, texts in BY_ORDER.items() if order != _order(code) for text in texts]
    texts = [*REFUSED, *others]
    assert [t for t, m in zip(texts, _read_all((code,), texts, runner), strict=True) if m is not None] == []


@pytest.mark.parametrize(
    ("text", "year"), [("4/1/26", 2026), ("13.11.98", 1998), ("1.1.68", 2068), ("1.1.69", 1969), ("1.1.00", 2000)]
)
def test_two_digit_years_lie_from_1969_to_2068(text: str, year: int, runner: InProcessRunner) -> None:
    moment = _read(("%d/%m/%Y",), text, runner)
    assert moment is not None
    assert moment.year == year


def test_dates_that_some_rows_write_without_a_time_are_midnight(runner: InProcessRunner) -> None:
    codes = ("%d/%m/%Y", "%d/%m/%Y %H:%M")
    assert _read(codes, "30 May 1997", runner) == datetime(1997, 5, 30)  # noqa: DTZ001
    assert _read(codes, "1997-05-30 12:00 AM", runner) == datetime(1997, 5, 30)  # noqa: DTZ001


def test_hours_by_halves_of_the_day_need_their_half(runner: InProcessRunner) -> None:
    assert _read(("%m/%d/%Y %I:%M %p",), "5/30/1997 8:05", runner) is None
    assert _read(("%m/%d/%Y %I:%M %p",), "5/30/1997 8:05pm", runner) == datetime(1997, 5, 30, 20, 5)  # noqa: DTZ001


@pytest.mark.parametrize("code", ["%H:%M %d/%m/%Y", "%d%m%Y", "%b %Y", "%m/%Y", "%Y%j", "%Y%m%d%H%M%S", "%y-%m-%d"])
def test_other_forms_are_read_as_they_stand(code: str, runner: InProcessRunner) -> None:
    moment = datetime(1997, 5, 30, 8, 5, 9)  # noqa: DTZ001
    assert _read((code,), moment.strftime(code), runner) is not None
    texts = ["4/1/26", "30 May 1997", "08:05 4/1/26", "1122024", "5/97", "May 97"]
    assert _read_all((code,), texts, runner) == [None] * len(texts)


PIECES = st.sampled_from(
    [*EVERYWHERE, *BY_ORDER["dmy"], *REFUSED, "1", "26", "1997", "May", "sept", "September", "/", "-", ".", " ", ", ",
     "12:30", "pm", "İ", "\u212a", "|", "\n", "T", "Z", "é"]
)  # fmt: skip


@pytest.mark.parametrize(
    "codes",
    [("%d/%m/%Y",), ("%m/%d/%y", "%d %b %Y %H:%M"), ("%Y-%d-%m",), ("%Y-%m-%dT%H:%M:%SZ",), ("%m/%d/%Y %I:%M %p",)],
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(texts=st.lists(st.lists(PIECES, max_size=5).map("".join), min_size=1, max_size=40))
def test_texts_of_any_kind_are_read_alike(codes: tuple[str, ...], texts: list[str], runner: InProcessRunner) -> None:
    _read_all(codes, texts, runner)
