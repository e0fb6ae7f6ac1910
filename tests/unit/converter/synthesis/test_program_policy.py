"""Whatever synthesis writes may run in the sandbox: every operator's and step's SQL passes the policy on programs."""

import json

import duckdb
import pytest

from services.converter.domain.program_policy import check_program
from services.converter.domain.synthesis.language import Node
from services.converter.domain.synthesis.operators.catalogue import law_examples, units
from services.converter.domain.synthesis.rows.compile import compile_cells, steps_sql
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.steps import CASES, planned


def check(sql: str, names: tuple[str, ...]) -> None:
    found = duckdb.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    assert found is not None
    check_program(json.loads(found[0]), names)


@pytest.mark.parametrize("unit", units(), ids=lambda unit: unit.__name__)
def test_units_write_programs_that_may_run(unit: type[Node]) -> None:
    for node in (example for example in law_examples() if type(example) is unit):
        check(f"SELECT {node.sql()} AS output FROM input ORDER BY _row", ("a", "b b"))


@pytest.mark.parametrize("name", CASES)
def test_steps_write_programs_that_may_run(name: str) -> None:
    start, plan = planned(CASES[name], Table(("a", "b", "n"), (("x", "y", "1"), ("", " z", "2"))))
    if not plan.relation.names:
        check(compile_cells(start, plan), start.names)
        return
    ctes, source = steps_sql(start, plan, frozenset(plan.relation.names))
    check(f"{ctes}SELECT * FROM {source} ORDER BY {', '.join(plan.relation.order)}", start.names)
