"""The law of the steps: a step's meaning in Python and its SELECT in DuckDB give the same rows on every table."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.language import Column
from services.converter.domain.synthesis.operators.logic.condition import Blank, Not
from services.converter.domain.synthesis.operators.text.split import Split
from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Step
from services.converter.domain.synthesis.rows.compile import steps_sql
from services.converter.domain.synthesis.rows.steps.cells import Unpivot
from services.converter.domain.synthesis.rows.steps.computed import Computed
from services.converter.domain.synthesis.rows.steps.context import Lent, Running
from services.converter.domain.synthesis.rows.steps.explode import Explode
from services.converter.domain.synthesis.rows.steps.filtering import Filter, FilterRows
from services.converter.domain.synthesis.rows.steps.grouping import Grouped
from services.converter.domain.synthesis.rows.steps.headings import TopCells
from services.converter.domain.synthesis.rows.steps.melting import Melt
from services.converter.domain.synthesis.rows.steps.pivoting import Pivoted
from services.converter.domain.synthesis.rows.steps.records import Records
from services.converter.domain.synthesis.rows.steps.sections import BlockColumns, Gathered, Sections
from services.converter.domain.synthesis.rows.steps.sorting import Distinct, Sort
from services.converter.domain.synthesis.rows.steps.wide import (
    Crosstab,
    GroupLists,
    Numbered,
    Transpose,
    WholeTable,
    compile_whole,
)
from services.converter.domain.synthesis.rows.steps.windows import OF_AMOUNTS, OF_ROWS, OF_TEXTS, Window, Windows
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

AMOUNTS = (("n", NumberStyle()),)
WINDOWS = (
    *(Window(kind) for kind in OF_ROWS),
    *(Window(kind, "n", NumberStyle()) for kind in OF_AMOUNTS),
    *(Window(kind, "b") for kind in OF_TEXTS),
)
COMPARED = tuple(
    Window(kind, "n", NumberStyle(), how)
    for kind, how in (("sum", "over"), ("before", "minus"), ("first", "percent_change"), ("avg", "change"))
)
FIGURES = (
    ("x", "count", "", None),
    ("x;y", "first", "n", None),
    ("1", "sum", "n", NumberStyle()),
    ("", "avg", "n", NumberStyle()),
)
CHAINS: dict[str, tuple[Step, ...]] = {
    "filled": (Lent("filled", ("a", "b")),),
    "heading": (Lent("heading", ("a", "b"), "n"),),
    "group": (Lent("group", ("a", "b"), "n"),),
    "cells of the first rows": (TopCells(((1, 2), (2, 3), (2, 9))),),
    "previous": (Lent("previous", ("a",)),),
    "following": (Lent("following", ("n",)),),
    "running": (Running(AMOUNTS),),
    "filter": (Filter(Not(Blank(Column(0, "a")))),),
    "filter rows": (FilterRows(1, 1),),
    "cells": (Unpivot(1),),
    "cells by column": (Unpivot(2, 1, "column"),),
    "pairs of cells": (Unpivot(2, 2),),
    "exploded": (Explode("b", ";"),),
    "exploded by part": (Explode("b", ";", by_part=True),),
    "records": (Records(2),),
    "sections": (Sections(),),
    "sections by their first row": (Sections(Not(Blank(Column(0, "a")))),),
    "sections gathered": (Sections(), Gathered("section", "line", 3)),
    "columns of blocks": (BlockColumns(2),),
    "columns of blocks after a row": (BlockColumns(3, 1),),
    "sorted": (Sort("a", descending=False, numeric=False),),
    "sorted by number": (Sort("n", descending=True, numeric=True),),
    "distinct": (Distinct(("a", "n")),),
    "grouped": (Grouped(("a",), AMOUNTS),),
    "grouped with lists": (Grouped(("a",), AMOUNTS, (("b", "listed , "), ("n", "listed_once ;"))),),
    "figures of all rows": (Windows((), WINDOWS),),
    "figures of groups": (Windows(("a",), WINDOWS),),
    "figures compared": (Windows(("a", "b"), COMPARED),),
    "pivoted": (Pivoted(("a",), "b", FIGURES),),
    "melted": (Melt(("1", "2"), ("x", "key"), (("b", "n"), (None, "a"))),),
    "melted by key": (Melt(("1", "2"), ("x",), (("b",), ("n",)), by_key=True),),
    "melted, grouped": (Melt(("1", "2"), ("x",), (("b",), ("n",))), Grouped(("key", "a"), AMOUNTS)),
    "melted, pivoted": (Melt(("1", "2"), ("x",), (("b",), ("n",)), by_key=True), Pivoted(("key",), "a", FIGURES)),
    "a part computed": (Computed("part", Split(Column(1, "b"), ";", 2)), Grouped(("part",), AMOUNTS)),
    "sorted by written numbers": (Sort("n", descending=True, numeric=True, style=NumberStyle(",", ".")),),
    "filled, filtered, cells": (Lent("filled", ("a",)), Filter(Not(Blank(Column(1, "b")))), Unpivot(2)),
    "distinct, sorted": (Distinct(("a",)), Sort("b", descending=True, numeric=False)),
}
WHOLES: dict[str, WholeTable] = {
    "transposed": Transpose(with_header=False),
    "transposed with header": Transpose(with_header=True),
    "listed": GroupLists(("a",), ("a",), ("b", "n")),
    "listed in blocks": GroupLists(("a",), ("a", "b"), ("b", "n"), blockwise=True, skip_blank=True),
    "numbered transposed": Numbered(Transpose(with_header=False)),
    "numbered lists": Numbered(GroupLists(("a",), ("a",), ("b", "n"))),
    "numbered and crossed": Numbered(Crosstab(("a",), "b", "n", ("corner",))),
    "lists of whole rows": GroupLists(("a",), ("a",), (), from_cell=2),
    "flattened whole rows": GroupLists((), (), (), skip_blank=True, from_cell=1),
    "flattened": GroupLists((), (), ("a", "b", "n")),
    "crossed": Crosstab(("a",), "b", "n", ("corner",)),
    "crossed and sorted": Crosstab(("a",), "b", "n", ("corner",), sorted_across=True, sorted_keys=True),
}
CELL = st.sampled_from(["", "", " ", "x", "y", "x;y", ";", "A b", "1", "2.5", "-3", "10"])
TABLES = st.lists(st.tuples(CELL, CELL, CELL), min_size=2, max_size=7).map(
    lambda rows: Table(("a", "b", "n"), tuple(rows))
)


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(table=TABLES)
def test_steps_mean_the_same_in_python_and_in_duckdb(name: str, table: Table, runner: InProcessRunner) -> None:
    start = Relation.of(table)
    plan = Plan(start)
    for step in CHAINS[name]:
        plan = plan.then(step)
    names = plan.relation.names
    ctes, source = steps_sql(start, plan, frozenset(names))
    columns = ", ".join(f"{identifier(column)} AS c{position}" for position, column in enumerate(names))
    sql = f"{ctes}SELECT {columns} FROM {source} ORDER BY {', '.join(plan.relation.order)}"
    assert list(runner.run(sql, table).rows) == [tuple(cell or "" for cell in row) for row in plan.relation.rows]


@pytest.mark.parametrize("name", WHOLES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(table=TABLES)
def test_whole_tables_mean_the_same_in_python_and_in_duckdb(name: str, table: Table, runner: InProcessRunner) -> None:
    whole = WHOLES[name]
    assert list(runner.run(compile_whole("", "input", whole), table).rows) == whole.run(Relation.of(table))
