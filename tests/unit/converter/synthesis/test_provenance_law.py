"""The law of programs that move cells: layouts and places mean the same in Python and in DuckDB on every grid."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.compile import compile_cells, edge_sql, steps_sql
from services.converter.domain.synthesis.rows.provenance.addresses import (
    Address,
    Cell,
    Filled,
    Fixed,
    Heading,
    Label,
    Side,
    Title,
    Written,
)
from services.converter.domain.synthesis.rows.provenance.labels import Labels
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.left_out import left_out
from services.converter.domain.synthesis.rows.provenance.lines import LineTest, line_tests
from services.converter.domain.synthesis.rows.provenance.located import (
    FirstNames,
    Item,
    Locate,
    Located,
    Name,
    TopName,
    TopNames,
    WrittenName,
)
from services.converter.domain.synthesis.rows.provenance.pieces import Cells, Joined, Part, Stripped
from services.converter.domain.synthesis.rows.provenance.sheet import CORNER
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

PLACE = st.sampled_from([1, 2, 3, -1, -2])
COLUMN = st.sampled_from([1, 2, 3])
TESTS: st.SearchStrategy[LineTest] = st.sampled_from(line_tests(4))
CELL_LISTS: st.SearchStrategy[Cells] = st.builds(
    Cells,
    st.sampled_from(["lines", "columns", "down", "right", "column", "labels", "sides", "tops"]),
    first=st.sampled_from([1, 2, 4]),
    last=st.sampled_from([0, 1, 3]),
    filled=st.booleans(),
    column=COLUMN,
    mark=st.sampled_from(["", "", ";"]),
    back=st.booleans(),
    bare=st.booleans(),
)
ADDRESSES: st.SearchStrategy[Address] = st.one_of(
    st.builds(Cell, PLACE, PLACE),
    st.builds(Side, COLUMN, st.booleans()),
    st.just(Label()),
    st.builds(Heading, PLACE, COLUMN, st.booleans()),
    st.builds(Title, st.sampled_from(["at", "filled", "above"]), COLUMN, st.booleans()),
    st.builds(Title, st.sampled_from(["at", "filled"]), PLACE, st.booleans()),
    st.builds(Fixed, PLACE, PLACE),
    st.builds(Filled, PLACE),
    st.builds(Written, st.sampled_from(["", "it's", "x"])),
    st.builds(Joined, CELL_LISTS, st.sampled_from([", ", " > ", ""])),
    st.builds(Part, st.builds(Cell, PLACE, PLACE), st.sampled_from([";", " "]), PLACE),
    st.builds(Stripped, st.builds(Cell, PLACE, PLACE)),
)
ITEMS: st.SearchStrategy[Item] = st.one_of(ADDRESSES, CELL_LISTS)
NAMES: st.SearchStrategy[Name] = st.one_of(
    st.builds(TopName, COLUMN, PLACE),
    st.builds(TopNames, COLUMN, COLUMN, st.sampled_from([0, 1])),
    st.builds(WrittenName, st.sampled_from(["name", "it's"])),
    st.builds(FirstNames, CELL_LISTS),
    st.builds(FirstNames, CELL_LISTS, st.just(" / "), CELL_LISTS),
)
SECTIONED = st.builds(
    Layout,
    names=st.booleans(),
    split=st.sampled_from(["", "", ";", " "]),
    into=st.sampled_from(["cells", "lines"]),
    tops=st.sampled_from([0, 1, 2, CORNER]),
    begins=TESTS,
    title=st.sampled_from(["title", "first", "between"]),
    outer=st.none() | TESTS,
    without=st.none() | TESTS,
    records=st.sampled_from(["each", "every", "whole", "keyed"]),
    size=st.sampled_from([1, 2, 3]),
    key=st.sampled_from([1, 2]),
    labels=st.none()
    | st.builds(
        Labels,
        st.sampled_from([1, 2]),
        st.sampled_from([("x", "k: 1", ""), ("*x",), ("-", "+")]),
        by=st.sampled_from(["text", "sign"]),
        shared=st.sampled_from([(), (1,), (1, 3)]),
        own=st.booleans(),
    ),
    sides=st.sampled_from([0, 1, 2, CORNER]),
    columns=st.sampled_from(["all", "each", "groups", "repeats", "spans"]),
    group=st.sampled_from([2, 3]),
    keep=st.sampled_from(["all", "any", "first", "told", "headed"]),
    by=st.sampled_from(["row", "column", "section"]),
)
LAYOUTS = SECTIONED | SECTIONED.map(lambda layout: replace(layout, begins=None, outer=None))
TEXTS = [
    "",
    "",
    "",
    " ",
    "x",
    "y",
    "x;y",
    "; ",
    " A b",
    "1",
    "2.5",
    "-3",
    "٣",
    "Ünï",
    "a1 b",
    "*x",
    "*y",
    "k: 1",
    "k: 2",
    "j=k",
]
TABLES = st.lists(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=5).map(tuple), max_size=7).map(
    lambda rows: Table(("a", "b", "n"), tuple(rows))
)
LAW = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@LAW
@given(
    table=TABLES,
    layout=LAYOUTS,
    items=st.lists(ITEMS, min_size=1, max_size=4).map(tuple),
    names=st.lists(NAMES, max_size=3).map(tuple),
)
def test_programs_that_move_cells_mean_the_same_in_python_and_in_duckdb(
    table: Table, layout: Layout, items: tuple[Item, ...], names: tuple[Name, ...], runner: InProcessRunner
) -> None:
    start = Relation.of(table)
    plan = Plan(start).then(Located(layout, items, names))
    assert list(runner.run(compile_cells(start, plan), table).rows) == plan.relation.even()


@LAW
@given(table=TABLES, layout=LAYOUTS, items=st.lists(ITEMS, min_size=1, max_size=3))
def test_no_line_of_the_example_is_left_out_unlike_those_that_it_leaves_out(
    table: Table, layout: Layout, items: list[Item], runner: InProcessRunner
) -> None:
    start = Relation.of(table)
    edge = left_out(layout, start, items)
    assert edge is None or runner.run(edge_sql(start, Plan(start), edge), table).rows == ()


@LAW
@given(table=TABLES, layout=LAYOUTS, addresses=st.lists(ADDRESSES, min_size=1, max_size=4))
def test_located_relations_mean_the_same_in_python_and_in_duckdb(
    table: Table, layout: Layout, addresses: list[Address], runner: InProcessRunner
) -> None:
    start = Relation.of(table)
    named = tuple((f"place_{i}", address) for i, address in enumerate(addresses))
    plan = Plan(start).then(Locate(layout, named))
    names = plan.relation.names
    ctes, source = steps_sql(start, plan, frozenset(names))
    order = ", ".join(plan.relation.order)
    sql = f"{ctes}SELECT {', '.join(map(identifier, names))}, _row FROM {source} ORDER BY {order}"
    made = runner.run(sql, table).rows
    assert [row[:-1] for row in made] == [tuple(cell or "" for cell in row) for row in plan.relation.rows]
    if not layout.split:  # a part of a cell that became a line has no row of its own
        assert [int(row[-1]) for row in made] == list(plan.relation.origins)
