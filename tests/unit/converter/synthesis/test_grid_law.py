"""Every step over whole grids means in DuckDB what it means in Python."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.search.reshaping import Reshaped
from services.converter.domain.synthesis.rows.steps.grids import (
    DistinctRows,
    DropBlankCells,
    DropBlankColumns,
    DropFirst,
    Fill,
    GridStep,
    JoinCells,
    KeepRows,
    Pick,
    SplitCells,
    StripCells,
    Turn,
)
from services.converter.domain.synthesis.rows.steps.gridshapes import (
    CellGroups,
    EveryRows,
    Flatten,
    Gather,
    GroupRows,
    LiftHeadings,
    StackBlocks,
)
from services.converter.domain.synthesis.rows.steps.gridtables import CrossBlocks, CrossCells, KeyedRows
from services.converter.domain.synthesis.rows.steps.wide import compile_whole
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

STEPS: dict[str, GridStep] = {
    "filled rows": KeepRows("filled"),
    "rows begun": KeepRows("begun"),
    "rows of several cells": KeepRows("several"),
    "no repeated heading": KeepRows("unrepeated"),
    "without the first row": DropFirst("row"),
    "without two columns": DropFirst("column", 2),
    "without blank columns": DropBlankColumns(),
    "without blank cells": DropBlankCells(),
    "filled down": Fill("down"),
    "filled to the right": Fill("right"),
    "turned": Turn(),
    "split": SplitCells(";"),
    "joined": JoinCells(", "),
    "filled cells joined from the second on": JoinCells("-", 2, filled=True),
    "stripped": StripCells("*"),
    "distinct": DistinctRows(),
    "picked": Pick((3, 1, 5)),
    "flattened": Flatten(rows_of_several=True),
    "two rows beside": EveryRows(2),
    "two rows interleaved": EveryRows(2, "interleaved"),
    "columns of two rows": EveryRows(2, "columns"),
    "sections between blank rows": Gather("blank"),
    "sections begun in the first column": Gather("begun"),
    "sections below lone cells": Gather("lone"),
    "sections with a mark": Gather("mark", "*"),
    "sections with the first key": Gather("key", "="),
    "headings lifted": LiftHeadings(),
    "blocks stacked": StackBlocks("block"),
    "blocks stacked row by row": StackBlocks("row"),
    "cells": CellGroups(),
    "pairs of cells by column": CellGroups(2, 1, "column"),
    "grouped by the first cell": GroupRows(1),
    "keys in cells": KeyedRows("="),
    "keys beside values": KeyedRows("", 1, titled=True),
    "crossed tables side by side": CrossBlocks(("value", "labels", "headings")),
    "crossed by the corner": CrossCells(0, 0, ("value", "headings", "labels")),
    "crossed with spans": CrossCells(1, 1, ("labels", "value", "headings"), "column", spans=True, merged=True),
    "crossed without blanks": CrossCells(2, 1, ("headings", "labels", "value"), skip_blank=True),
}
CELL = st.sampled_from(["", "", "", " ", "x", "y", "x;y", "*a", "k=1", "k=2 ", "j=k=3", "2.5"])
ROW = st.one_of(st.just(("", "", "")), st.tuples(CELL, CELL, CELL), st.tuples(CELL, st.just(""), CELL, CELL))
TABLES = st.lists(ROW, min_size=1, max_size=6).map(lambda rows: Table(("a", "b", "n", "m"), tuple(rows)))
LAW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@pytest.mark.parametrize("name", STEPS)
@LAW
@given(table=TABLES)
def test_grid_steps_mean_the_same_in_python_and_in_duckdb(name: str, table: Table, runner: InProcessRunner) -> None:
    whole = Reshaped((STEPS[name],))
    assert list(runner.run(compile_whole("", "input", whole), table).rows) == whole.run(Relation.of(table))


@pytest.mark.parametrize(
    "whole",
    [
        Reshaped((KeepRows("filled"), KeepRows("begun")), "fixed", ("p", "q")),
        Reshaped((DropBlankCells(), EveryRows(2)), "first", ("more",)),
        Reshaped((Turn(),), with_header=True),
    ],
    ids=["fixed", "first", "header"],
)
@LAW
@given(table=TABLES)
def test_headers_mean_the_same_in_python_and_in_duckdb(whole: Reshaped, table: Table, runner: InProcessRunner) -> None:
    assert list(runner.run(compile_whole("", "input", whole), table).rows) == whole.run(Relation.of(table))
