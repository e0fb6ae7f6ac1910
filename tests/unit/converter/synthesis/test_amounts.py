"""Totals of amounts: exact in ten decimals, rounded half up, and none of rows among which a cell is no such amount."""

from decimal import Decimal

import pytest

from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.language import Column
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.compile import compile_program
from services.converter.domain.synthesis.rows.figures import Total, total
from services.converter.domain.synthesis.rows.steps.grouping import Grouped
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

PLAIN = NumberStyle()
TOTALS: tuple[tuple[Total, tuple[str, ...], str | None], ...] = (
    ("sum", ("0.1", "0.2"), "0.3"),
    ("sum", ("99999999999999999.99", "0.01"), "100000000000000000"),
    ("sum", ("1", "", " ", "2"), "3"),
    ("sum", ("1", "n/a", "2"), None),
    ("sum", ("1", "1e30"), None),
    ("sum", ("", ""), None),
    ("avg", ("1", "0", "0"), "0.3333333333"),
    ("avg", ("-1", "-1", "0"), "-0.6666666667"),
    ("avg", ("0.0000000001", "0"), "0.0000000001"),
    ("min", ("10", "9"), "9"),
    ("max", ("10", "9", "x"), None),
)


@pytest.mark.parametrize(("kind", "texts", "wanted"), TOTALS)
def test_a_total_is_exact_and_none_where_a_filled_cell_is_no_amount(
    kind: Total, texts: tuple[str, ...], wanted: str | None
) -> None:
    assert total(kind, texts, PLAIN) == (None if wanted is None else Decimal(wanted))


@pytest.mark.parametrize(("kind", "texts", "wanted"), TOTALS)
def test_a_total_is_the_same_in_duckdb(
    kind: Total, texts: tuple[str, ...], wanted: str | None, runner: InProcessRunner
) -> None:
    table = Table(("k", "n"), tuple(("x", text) for text in texts))
    start = Relation.of(table)
    plan = Plan(start).then(Grouped(("k",), (("n", PLAIN),)))
    place = plan.relation.names.index(f"n_{kind}")
    sql = compile_program(start, plan, ("total",), [Column(place, f"n_{kind}")])
    ((made,),) = runner.run(sql, table).rows
    assert (Decimal(made) if made else None) == (None if wanted is None else Decimal(wanted))
