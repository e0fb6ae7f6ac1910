"""The law of the steps: a step's meaning in Python and its SELECT in DuckDB give the same rows on every table."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Step
from services.converter.domain.synthesis.rows.catalogue import steps
from services.converter.domain.synthesis.rows.compile import compile_cells, steps_sql
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Table
from tests.support.drawn import drawn
from tests.unit.converter.synthesis.duck import InProcessRunner
from tests.unit.converter.synthesis.steps import CASES, planned

LAW = settings(
    max_examples=drawn(10, 25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
NAMES = ("a", "b", "n")
# Cells hold no NUL: the sandbox refuses it with the file. Surrogates are no characters.
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
LONG = st.sampled_from(["x" * 10_000, "é" * 3000, "; " * 500])
PLAIN = st.sampled_from(
    ["", "", "", " ", "x", "y", "x;y", ";", "A b", "*a", "k=1", "k=2 ", "j=k=3", "\u0301a", "ß;\u200d"]
)
NUMBER = st.sampled_from(["1", "2.5", "-3", "10", "1.234,5", "007", "1e3", "٣", ""])
CELL = st.one_of(PLAIN, PLAIN, PLAIN, NUMBER, ANY, LONG)
PADDED = st.tuples(PLAIN, PLAIN, NUMBER)
RAGGED = st.one_of(
    st.just(("", "", "")), st.tuples(PLAIN, st.just(""), CELL, CELL), st.lists(CELL, max_size=5).map(tuple), PADDED
)
WIDE = st.lists(st.lists(PLAIN, min_size=30, max_size=40).map(tuple), max_size=3)
ROWS = st.one_of(st.lists(PADDED, max_size=7), st.lists(RAGGED, max_size=6), WIDE)
TABLES = ROWS.map(lambda rows: Table(NAMES, tuple(rows)))


@pytest.mark.parametrize("kind", steps(), ids=lambda kind: kind.__name__)
def test_every_kind_of_step_has_law_examples_words_and_a_price(kind: type[Step]) -> None:
    examples = kind.law()
    assert examples
    assert all(type(step) is kind for step in examples)
    assert all(step.words() and step.cost >= 0 for step in examples)


@pytest.mark.drawn
@pytest.mark.parametrize("name", CASES)
@LAW
@given(table=TABLES)
def test_steps_mean_the_same_in_python_and_in_duckdb(name: str, table: Table, runner: InProcessRunner) -> None:
    assert_lawful(*planned(CASES[name], table), table, runner)


SMALL = Table(NAMES, (("x", "y", "1"),) * 4)
ON_CELLS = [step for step in CASES.values() if step.by_row and not planned(step, SMALL)[1].relation.names]


@pytest.mark.drawn
@settings(LAW, max_examples=drawn(60, 200))
@given(first=st.sampled_from(list(CASES.values())), second=st.sampled_from(ON_CELLS), table=TABLES)
def test_a_step_on_cells_may_follow_any_step(first: Step, second: Step, table: Table, runner: InProcessRunner) -> None:
    start, plan = planned(first, table)
    assert_lawful(start, plan.then(second), table, runner)


KEEPING = [step for step in CASES.values() if step.stays]


@pytest.mark.drawn
@settings(LAW, max_examples=drawn(40, 100))
@given(first=st.sampled_from(list(CASES.values())), second=st.sampled_from(KEEPING), table=TABLES)
def test_rows_are_kept_by_the_same_rule_after_any_step(
    first: Step, second: Step, table: Table, runner: InProcessRunner
) -> None:
    start, plan = planned(first, table)
    if plan.relation.names[:3] == NAMES and all(plan.relation.origins):
        assert_lawful(start, plan.then(second), table, runner)


def assert_lawful(start: Relation, plan: Plan, table: Table, runner: InProcessRunner) -> None:
    names = plan.relation.names
    if not names:
        assert list(runner.run(compile_cells(start, plan), table).rows) == plan.relation.even()
        return
    ctes, source = steps_sql(start, plan, frozenset(names))
    columns = ", ".join(f"{identifier(column)} AS c{position}" for position, column in enumerate(names))
    sql = f"{ctes}SELECT {columns} FROM {source} ORDER BY {', '.join(plan.relation.order)}"
    assert list(runner.run(sql, table).rows) == [tuple(cell or "" for cell in row) for row in plan.relation.rows]
