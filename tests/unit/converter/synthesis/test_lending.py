"""What a plan lends is looked for where it can pay for the plan: no other program comes of it, and no work in vain."""

import random

import pytest

from services.converter.domain.instructions import Instructions
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.language import Column
from services.converter.domain.synthesis.operators.logic.combined import Not
from services.converter.domain.synthesis.operators.logic.condition import Blank
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.search import attempts
from services.converter.domain.synthesis.rows.search.attempts import Attempt, bounded, search_plans
from services.converter.domain.synthesis.rows.search.lending import Bounds
from services.converter.domain.synthesis.rows.steps.context import Lent
from services.converter.domain.synthesis.rows.steps.filtering import Filter
from services.converter.domain.table import Table
from tests.support.drawn import drawn

SOLD = Table(
    ("item", "sold", "price", "booked"),
    (
        ("pear tart", "3", "4.50", "2026-01-09"),
        ("apple pie", "", "7.25", "2026-01-11"),
        ("plum cake", "12", "11.00", "2026-02-02"),
        ("nut bread", "7", "6.75", "2026-02-17"),
        ("corn roll", "", "1.20", "2026-03-01"),
        ("oat bun", "25", "0.95", "2026-03-30"),
    ),
)
NEIGHBOURS = ("previous", "following")
MAKES = {
    "a copy": lambda text: text,
    "in capitals": str.upper,
    "with a mark": lambda text: f"<{text}>",
    "a first word": lambda text: text.split(" ")[0],
    "a constant": lambda _: "stock",
}


def plan_of(table: Table, *kinds: str) -> Plan:
    """The rows of which something was sold, with what rows beside them lend."""
    plan = Plan(Relation.of(table))
    for kind in kinds:
        plan = plan.then(Lent(kind, table.column_names))  # type: ignore[arg-type]
    return plan.then(Filter(Not(Blank(Column(1, table.column_names[1])))))


def wanted_of(plan: Plan, columns: list[tuple[str, str]]) -> Table:
    """What is made of columns of a plan's rows, by their names and how."""
    places = [(plan.relation.names.index(name), MAKES[make]) for name, make in columns]
    rows = tuple(tuple(make(row[place] or "") for place, make in places) for row in plan.relation.rows)
    return Table(tuple(f"out{i}" for i in range(len(columns))), rows)


def search(plans: list[Plan], expected: Table) -> tuple[Attempt | None, int]:
    budget = Budget(20_000_000)
    found = search_plans(
        sorted(bounded(plans, expected), key=lambda item: item[0]), expected, Instructions(), budget, thorough=False
    )
    return found, budget.spent


def test_plans_that_lend_what_no_column_needs_take_no_work() -> None:
    own = plan_of(SOLD)
    expected = wanted_of(own, [("item", "in capitals"), ("price", "a copy"), ("booked", "a copy"), ("sold", "a copy")])
    alone, work = search([own], expected)
    beside, with_others = search([own, *(plan_of(SOLD, kind) for kind in NEIGHBOURS)], expected)
    assert alone == beside
    assert alone is not None
    assert alone.complete
    assert work == with_others


@pytest.mark.parametrize("kind", NEIGHBOURS)
def test_a_plan_that_lends_what_a_column_needs_is_learned_to_the_end(kind: str) -> None:
    lending = plan_of(SOLD, kind)
    lent = lending.relation.names[-2]
    expected = wanted_of(lending, [("item", "in capitals"), (lent, "a copy"), ("booked", "a copy")])
    found, _ = search([plan_of(SOLD), lending], expected)
    assert found is not None
    assert found.complete
    assert found.plan == lending
    assert [column.expression.columns for column in found.columns if column] == [{0}, {6}, {3}]


def test_bounds_change_no_program_and_only_lessen_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    made = random.Random(20261201)
    plans = [plan_of(SOLD), *(plan_of(SOLD, kind) for kind in NEIGHBOURS)]
    less = 0
    for _ in range(drawn(12, 120)):
        of = plans[made.choice((0, 0, 1, 2))]
        columns = [(made.choice(of.relation.names), made.choice([*MAKES])) for _ in range(made.randint(2, 4))]
        expected = wanted_of(of, columns)
        found, work = search(plans, expected)
        assert search(plans, expected) == (found, work), "the same example is the same work"
        with monkeypatch.context() as patched:
            patched.setattr(attempts, "least_of_columns", lambda _plan, wanted, _memory: [Bounds(0.0)] * len(wanted))
            whole, more = search(plans, expected)
        assert found == whole, columns
        assert work <= more, columns
        less += work < more
    assert less
