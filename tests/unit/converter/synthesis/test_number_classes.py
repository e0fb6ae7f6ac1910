"""Numbers are read as classes, strictly: every way to group and sign them with the decimal mark shown, nothing else.

The law that Python and DuckDB read and compute alike is held on the same tables and on generated texts.
"""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.formats.numberformat import NumberFormat
from services.converter.domain.synthesis.language import Column
from services.converter.domain.synthesis.operators.number.arithmetic import Arithmetic, Quotient, Step
from services.converter.domain.synthesis.operators.number.values import Number, ReadNumber, Value
from services.converter.domain.synthesis.operators.number.writing import WriteNumber
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

A, B = Column(0, "a"), Column(1, "b")
POINT = {
    "2131": "2131", "2,131": "2131", "2,131.00": "2131", "2131.5": "2131.5", ".5": "0.5", "5.": "5", "0012": "12",
    "1 200": "1200", "1'200.50": "1200.5", "1’200": "1200", "1\u00a0200": "1200", "12,34,567.80": "1234567.8",
    "-2,131.00": "-2131", "−5": "-5", "5-": "-5", "2,131.00-": "-2131", "(2,131.00)": "-2131", "+7": "7", " 12 ": "12",
}  # fmt: skip
COMMA = {
    "2131": "2131", "2.131,00": "2131", "-2.131,00": "-2131", "2131,5": "2131.5", "1 200,5": "1200.5", "1'200": "1200",
    "(2.131,00)": "-2131", "2.131,00-": "-2131", "1.234.567": "1234567", ",5": "0.5",
}  # fmt: skip
MONEY = {
    "$2,131.00": "2131", "$ 2,131.00": "2131", "($2,131.00)": "-2131", "$(2,131.00)": "-2131", "$ (2,131.00)": "-2131",
    "-$5": "-5", "$-5": "-5", "$5-": "-5", "€5": "5", "5 €": "5", "5 EUR": "5", "USD 5.25": "5.25", "US$5": "5",
    "Rs. 500": "500", "Rs.500.50": "500.5", "12 kr": "12", "CHF 1'200.50": "1200.5", "R$5": "5", "7 zł": "7",
}  # fmt: skip
SIDES = {"1,000.00 DR": "-1000", "1,000.00 CR": "1000", "$1,000.00 DR": "-1000", "5 dr.": "-5", "5CR": "5"}
BOTH_WAYS = (
    "", "-", "$", "()", "1,2,3", "1,23", "12,34", "1.2.3", "1,234,5", "1 23", "1 2345", "--5", "-5-", "(-5)", "(5",
    "5)", "5 6", "1/2", "1-2", "5x", "x5", "no 5", "5 and", "1_000", "0x1F", "1e", "٣", "5\n", "NaN", "inf", "1 200 3",
    "5%",    "1,000.00 DR?", "5 D", "12:30", "1.2,3.4",
)  # fmt: skip
NO_MONEY = ("$5", "5 EUR", "5 kg", "5%", "1,000 DR", "1,000 CR")


def _read_all(style: NumberStyle, texts: Sequence[str], runner: InProcessRunner) -> list[Decimal | None]:
    """The numbers that Python and DuckDB read alike, exactly and as DOUBLE."""
    table = Table(("a",), tuple((text,) for text in texts))
    numbers = [style.exact(text) for text in texts]
    given = runner.run(f"SELECT CAST({style.exact_sql('a')} AS VARCHAR) AS n FROM input ORDER BY _row", table)
    assert [row[0] for row in given.rows] == ["" if n is None else f"{n:f}" for n in numbers]
    doubles = runner.run(f"SELECT CAST({style.sql('a')} AS VARCHAR) AS n FROM input ORDER BY _row", table)
    floats = [style.read(text) for text in texts]
    assert [float(row[0]) if row[0] else None for row in doubles.rows] == floats
    return numbers


CLASSES: dict[str, tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]] = {
    "a decimal point": (("2131.50", "12.25"), POINT, (*BOTH_WAYS, *NO_MONEY)),
    "a grouped number": (("2,131.50",), POINT, (*BOTH_WAYS, *NO_MONEY)),
    "brackets": (("(5.00)", "12.00"), POINT, (*BOTH_WAYS, *NO_MONEY)),
    "a trailing minus": (("5.00-", "12.00"), POINT, (*BOTH_WAYS, *NO_MONEY)),
    "a decimal comma": (("2.131,50",), COMMA, (*("2,131.00", "1.23", "$5", "1,2,3", "1.2345", "5 EUR", "--5"),)),
    "dollars": (("$2,131.00", "$5.00"), {**POINT, **MONEY}, (*BOTH_WAYS, "5 kg", "1,000 DR", "$5 EUR x")),
    "dollars in brackets": (("($2,131.00)", "$5.00"), {**POINT, **MONEY}, (*BOTH_WAYS, "5 kg", "1,000 DR")),
    "a unit": (("5 kg", "12.5 kg"), {"7 kg": "7", "7kg": "7", "-1,200 kg": "-1200"}, (*BOTH_WAYS, "7", "7 lb", "$7")),
}


@pytest.mark.parametrize("name", CLASSES)
def test_one_number_stands_for_its_class_and_no_other_text_is_read(name: str, runner: InProcessRunner) -> None:
    shown, read, refused = CLASSES[name]
    style = styles(shown)[0]
    have = _read_all(style, list(read), runner)
    assert dict(zip(read, have, strict=True)) == {text: Decimal(number) for text, number in read.items()}
    assert [t for t, n in zip(refused, _read_all(style, refused, runner), strict=True) if n is not None] == []


def test_sides_are_read_where_every_number_has_one(runner: InProcessRunner) -> None:
    style = next(s for s in styles(("1,000.00 DR", "12.00 CR")) if s.debit == "DR")
    have = _read_all(style, list(SIDES), runner)
    assert dict(zip(SIDES, have, strict=True)) == {text: Decimal(number) for text, number in SIDES.items()}
    assert _read_all(style, ["5", "-5 DR", "5 DRX", "DR"], runner) == [None] * 4


def test_numbers_without_a_side_have_their_sign_where_some_were_seen(runner: InProcessRunner) -> None:
    style = next(s for s in styles(("1,000.00 DR", "12.00", "($5.00)")) if s.debit == "DR")
    texts = ["5", "-$5.00", "(1,250.00)", "7.00 DR", "$7.00 CR", "-5 DR", "(5 DR)", "DR"]
    numbers = [Decimal(5), Decimal(-5), Decimal(-1250), Decimal(-7), Decimal(7)]
    assert _read_all(style, texts, runner) == [*numbers, None, None, None]


def test_percents_need_their_sign(runner: InProcessRunner) -> None:
    style = next(s for s in styles(("5%", "12.5%")) if s.percent)
    assert _read_all(style, ["7.25%", "-1 %", "7", "$7%"], runner) == [Decimal("0.0725"), Decimal("-0.01"), None, None]


PIECES = st.sampled_from(
    [*POINT, *COMMA, *MONEY, *SIDES, *BOTH_WAYS, "0", "9" * 20, ".", ",", "-", "(", ")", " ", "E5"]
)
ALL_STYLES = [
    NumberStyle(), NumberStyle(exponent=True), NumberStyle(","), NumberStyle(units=("$",)),
    NumberStyle(",", units=("€", "")), NumberStyle(units=("kg", "^]-")), NumberStyle(units=("%",), percent=True),
    NumberStyle(debit="CR"), NumberStyle(units=("",), debit="DR"),
]  # fmt: skip


@pytest.mark.parametrize("style", ALL_STYLES, ids=str)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(texts=st.lists(st.lists(PIECES, max_size=3).map("".join), min_size=1, max_size=40))
def test_texts_of_any_kind_are_read_alike(style: NumberStyle, texts: list[str], runner: InProcessRunner) -> None:
    _read_all(style, texts, runner)


X, Y = (ReadNumber(column, NumberStyle()) for column in (A, B))
FORMULAS: dict[str, Value] = {
    **{f"{operation}": Arithmetic(operation, X, Y) for operation in "+-*/"},  # type: ignore[arg-type]
    **{f"/ {n}": Arithmetic("/", X, Number(n)) for n in (3.0, 7.0, 12.0, 100.0, 0.45359237)},
    **{f"* {n}": Arithmetic("*", X, Number(n)) for n in (-1.0, 1.8, 0.45359237, 1000000.0)},
    "grown": Arithmetic("*", X, Arithmetic("+", Number(1.0), Arithmetic("/", Y, Number(100.0)))),
    "three": Arithmetic("*", Arithmetic("*", X, Y), X),
    "rest": Quotient(X, 12.0, rest=True),
    **{f"{way} {n}": Step(X, n, way) for way in ("floor", "ceil", "round") for n in (0.05, 1.0, 3.0, 5.0, 1000.0)},  # type: ignore[arg-type]
}
AMOUNTS = st.one_of(
    st.decimals(-(10**9), 10**9, places=2).map(str),
    st.decimals(-(10**4), 10**4, places=6).map(str),
    st.sampled_from(["0", "-0", "9" * 28, "-" + "9" * 27, "9" * 18, "0." + "9" * 30, "0.00000000005", "1" * 17, ""]),
)
FORMATS = (NumberFormat(2), NumberFormat(), NumberFormat(2, "'"), NumberFormat(0, indian=True), NumberFormat(12))


@pytest.mark.parametrize("name", FORMULAS)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(rows=st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=20, max_size=60))
def test_amounts_are_computed_alike_to_the_last_digit(
    name: str, rows: list[tuple[str, str]], runner: InProcessRunner
) -> None:
    value = FORMULAS[name]
    sql = f"SELECT CAST({value.sql()} AS VARCHAR) AS n FROM input ORDER BY _row"
    given = runner.run(sql, Table(("a", "b"), tuple(rows)))
    wanted = ["" if number is None else f"{number:f}" for number in (value.run(row) for row in rows)]
    assert [row[0] for row in given.rows] == wanted


@pytest.mark.parametrize("style", FORMATS, ids=str)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(rows=st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=20, max_size=60))
def test_amounts_are_written_alike(style: NumberFormat, rows: list[tuple[str, str]], runner: InProcessRunner) -> None:
    node = WriteNumber(X, style)
    given = runner.run(f"SELECT {node.sql()} AS n FROM input ORDER BY _row", Table(("a", "b"), tuple(rows)))
    assert [row[0] for row in given.rows] == [node.run(row) or "" for row in rows]


@pytest.mark.parametrize(
    ("formula", "a", "b", "want"),
    [
        (Arithmetic("+", X, Y), "0.1", "0.2", "0.30"),
        (Arithmetic("*", X, Y), "1.005", "1", "1.01"),
        (Arithmetic("/", X, Y), "12345678.905", "1", "12345678.91"),
        (Arithmetic("/", X, Y), "2.675", "-1", "-2.68"),
        (Arithmetic("/", X, Y), "10", "4000", "0.00"),
        (Arithmetic("/", X, Y), "1", "0", None),
        (Arithmetic("*", X, Y), "9" * 12, "9" * 12, None),
        (Arithmetic("+", X, Y), "9" * 28, "1", None),
    ],
)
def test_money_is_exact_rounded_half_up_and_null_where_it_overflows(
    formula: Value, a: str, b: str, want: str | None, runner: InProcessRunner
) -> None:
    node = WriteNumber(formula, NumberFormat(2))
    assert node.run((a, b)) == want
    assert runner.evaluate(node.sql(), ("a", "b"), (a, b)) == want
    assert "DOUBLE" not in node.sql()
