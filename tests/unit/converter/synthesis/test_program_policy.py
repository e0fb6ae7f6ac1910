"""Whatever synthesis writes may run in the sandbox: every operator's and step's SQL passes the policy on programs."""

import json

import duckdb
import pytest

from services.converter.domain.program_policy import check_program
from services.converter.domain.synthesis.language import Node
from services.converter.domain.synthesis.operators.catalogue import law_examples, units
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.compile import steps_sql
from services.converter.domain.synthesis.rows.steps.wide import compile_whole
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.test_table_law import CHAINS, WHOLES


def check(sql: str, names: tuple[str, ...]) -> None:
    found = duckdb.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    assert found is not None
    check_program(json.loads(found[0]), names)


@pytest.mark.parametrize("unit", units(), ids=lambda unit: unit.__name__)
def test_units_write_programs_that_may_run(unit: type[Node]) -> None:
    for node in (example for example in law_examples() if type(example) is unit):
        check(f"SELECT {node.sql()} AS output FROM input ORDER BY _row", ("a", "b b"))


@pytest.mark.parametrize("name", CHAINS)
def test_steps_write_programs_that_may_run(name: str) -> None:
    start = Relation.of(Table(("a", "b", "n"), (("x", "y", "1"), ("", " z", "2"))))
    plan = Plan(start)
    for step in CHAINS[name]:
        plan = plan.then(step)
    ctes, source = steps_sql(start, plan, frozenset(plan.relation.names))
    check(f"{ctes}SELECT * FROM {source} ORDER BY {', '.join(plan.relation.order)}", start.names)


@pytest.mark.parametrize("name", WHOLES)
def test_whole_tables_write_programs_that_may_run(name: str) -> None:
    check(compile_whole("", "input", WHOLES[name]), ("a", "b", "n"))
