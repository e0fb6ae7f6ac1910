"""Checks beside a program: which of them its own pass over the rows can answer, and the passes of the others."""

# ruff: noqa: S608 - SQL is put together of the sandbox's own texts and of guards whose trees were checked

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from services.converter.adapters.sandbox import letters, settling, statements, trees
from services.converter.adapters.sandbox.sharing import Numbers, Sharing, shares_a_name
from services.converter.adapters.sandbox.trees import Tree
from services.converter.domain.faults import ProgramFault
from services.converter.domain.program_policy import Allowed, check_program

_SHOWN_CHARS = 200
"""What a flag shows of a value."""
_PARSED_TOGETHER = "\n;\n"


@dataclass(slots=True)
class Found:
    """What a check found: how many rows it hits, and (row, value) of the first."""

    rows: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GuardTree:
    """A guard of the request, by its number, and its SELECT."""

    number: int
    sql: str
    node: Tree
    unseen: bool
    of_output: bool
    columns: tuple[str, ...]
    holds: Callable[[], bool] | None = None
    """Whether what it goes by beside its rows is so (None: it is); asked where it hits rows, for it takes a pass."""

    @property
    def test(self) -> Tree:
        """What holds on the rows that a plain guard hits."""
        test: Tree = self.node["where_clause"]
        return test

    @property
    def value(self) -> Tree:
        """What it shows of them."""
        value: Tree = self.node["select_list"][1]
        return value

    def is_in_vain(self, rows: int) -> bool:
        """Whether the rows that it hits, so many, are none after all."""
        return rows > 0 and self.holds is not None and not self.holds()

    def is_test_of_rows(self) -> bool:
        """Whether it asks each row by itself, so that another pass over the same rows can ask it as well."""
        node = self.node
        return (
            not self.of_output
            and trees.is_plain(node)
            and not node["modifiers"]
            and len(node["select_list"]) == 2
            and trees.is_column(node["select_list"][0], "_row")
            and node.get("where_clause") is not None
            and trees.is_rowwise([self.test, self.value])
            and trees.keeps_rows_apart(node)
        )


def read_guards(
    connection: duckdb.DuckDBPyConnection, request: Mapping[str, Any]
) -> tuple[list[GuardTree], dict[int, Exception]]:
    """The guards of a request that may run, as trees, and what is wrong with the others, by their numbers."""
    guards: Sequence[Mapping[str, Any]] = request["guards"]
    names = request["source"]["names"]
    if not guards:
        return [], {}
    whole = trees.parse(connection, _PARSED_TOGETHER.join(guard["sql"] for guard in guards))
    several = whole.get("statements") or []
    if whole.get("error") or len(several) != len(guards):
        found = [trees.parse(connection, guard["sql"]) for guard in guards]
    else:
        found = [{"error": False, "statements": [statement]} for statement in several]
    read: list[GuardTree] = []
    wrong: dict[int, Exception] = {}
    allowed: Allowed = set()
    made: letters.Made = {}
    for number, (guard, tree) in enumerate(zip(guards, found, strict=True)):
        try:
            check_program(tree, names, request["references"], allowed)
        except ProgramFault as fault:
            wrong[number] = fault
            continue
        node = tree["statements"][0]["node"]
        if is_ascii(request):
            node = letters.narrow(node, made)
        unseen, of_output = guard["severity"] == "unseen", guard["rows"] == "output"
        read.append(GuardTree(number, guard["sql"], node, unseen, of_output, tuple(guard["output_columns"])))
    return read, wrong


def without_lists_of_cells(
    connection: duckdb.DuckDBPyConnection, guards: Sequence[GuardTree], request: Mapping[str, Any]
) -> list[GuardTree]:
    """The guards, of which those that read rows of the input as they are make no lists of cells to count them."""
    width = len(request["source"]["names"])
    return [
        replace(guard, node=trees.without_lists_of_cells(connection, guard.node, width))
        if "_cells" in guard.sql
        and not request["source"]["counted"]
        and trees.is_plain(guard.node)
        and not guard.node["cte_map"]["map"]
        else guard
        for guard in guards
    ]


def is_ascii(request: Mapping[str, Any]) -> bool:
    """Whether nothing but ASCII stands in what a request reads."""
    return bool(request["source"]["ascii"]) and not request["references"]


def group_by_source(guards: Sequence[GuardTree]) -> tuple[dict[str, list[GuardTree]], list[GuardTree]]:
    """The guards that are tests of rows, by what they read, and all others."""
    groups: dict[str, list[GuardTree]] = {}
    others: list[GuardTree] = []
    for guard in guards:
        if guard.is_test_of_rows():
            groups.setdefault(trees.source_key(guard.node), []).append(guard)
        else:
            others.append(guard)
    return groups, others


@dataclass(frozen=True, slots=True)
class Checker:
    """Runs guards on a connection whose relations are there. ``settles`` says whether there are so many rows that it is
    worth its time to find out on which of them guards need not be asked; ``limit`` rows are shown of each guard."""

    connection: duckdb.DuckDBPyConnection
    names: Sequence[str]
    limit: int
    settles: bool

    def rows_with_tests(
        self, node: Tree, listed: Sequence[Tree], guards: Sequence[GuardTree], values: Sequence[Tree] = ()
    ) -> str:
        """A plain SELECT's text that returns ``listed``, then whether each of the guards hits the row, then ``values``.

        What several of them have in common is computed once.
        """
        tests = [guard.test for guard in guards]
        starred = any(one.get("class") == "STAR" for one in trees.walk(listed))
        if not guards or starred or shares_a_name(self.names):
            everything = [*listed, *map(_asked, tests), *values]
            return trees.write(self.connection, {**node, "select_list": everything})
        numbers = Numbers([*listed, *tests])
        settled = settling.settle(self.connection, node, listed, tests, numbers) if self.settles else {}
        sharing = Sharing(listed, tests, settled, numbers)
        asked = [
            _asked(sharing.replaced(test), sharing.replaced(settled[place]) if place in settled else None)
            for place, test in enumerate(tests)
        ]
        # Values stay as they are: what tests share is not there on rows on which those are settled.
        everything = [*map(sharing.replaced, listed), *asked, *values]
        source = self._with_layers(node["from_table"], sharing)
        return trees.write(self.connection, {**node, "from_table": source, "select_list": everything})

    def _with_layers(self, source: Tree, sharing: Sharing) -> Tree:
        name = statements.quote_name(source["alias"] or source["table_name"])
        for layer in sharing.layers():
            spelled = ", ".join(f"0 AS {statements.quote_name(column)}" for column, _ in layer)
            made = trees.parse(self.connection, f"SELECT * FROM (SELECT *, {spelled} FROM input) AS {name}")
            outer = made["statements"][0]["node"]["from_table"]
            select = outer["subquery"]["node"]
            select["from_table"] = source
            for place, (column, expression) in enumerate(layer, 1):
                select["select_list"][place] = {**expression, "alias": column}
            source = outer
        return source

    def check_group(self, guards: Sequence[GuardTree]) -> dict[int, Found]:
        """What guards of the same rows find, in one pass over them."""
        tests, values = _names("t", len(guards)), _names("v", len(guards))
        node = {**guards[0].node, "where_clause": None}
        rows = self.rows_with_tests(node, [trees.column("_row")], guards, [guard.value for guard in guards])
        asked = ", ".join(
            f"count(*) FILTER (WHERE {test}), {_first(f'left({value}, {_SHOWN_CHARS})', self.limit)} "
            f"FILTER (WHERE {test})"
            for test, value in zip(tests, values, strict=True)
        )
        named = ", ".join(["_row", *tests, *values])
        answer = self.connection.execute(f"SELECT {asked} FROM ({rows}\n) AS g({named})").fetchall()[0]
        found = {}
        for at, guard in enumerate(guards):
            hit, first = int(answer[2 * at]), _shown(answer[2 * at + 1])
            found[guard.number] = Found() if guard.is_in_vain(hit) else Found(hit, first)
        return found

    def check_alone(self, guard: GuardTree) -> Found:
        """What a guard of any make finds, in a pass of its own."""
        rows = f"SELECT DISTINCT _row, left(value, {_SHOWN_CHARS}) AS value FROM (\n{guard.sql}\n) AS g(_row, value)"
        asked = f"SELECT count(*), {_first('value', self.limit)} FROM ({rows})"
        count, first = self.connection.execute(asked).fetchall()[0]
        return Found(int(count), _shown(first))

    def show(self, guards: Sequence[GuardTree], found: Mapping[int, Found], rows: Mapping[int, Sequence[int]]) -> None:
        """Look up the values of rows that guards of one source hit."""
        hit = [guard for guard in guards if rows[guard.number]]
        if not hit:
            return
        wanted = sorted({row for guard in hit for row in rows[guard.number]})
        node = {**hit[0].node, "where_clause": None}
        source = node["from_table"]
        if not node["cte_map"]["map"]:
            # The rows behind the last of them need not be read.
            self.connection.execute(f"CREATE OR REPLACE VIEW head AS SELECT * FROM input LIMIT {wanted[-1]}")
            named = {"table_name": "head", "qualified_name": {"path": ["head"]}, "alias": source["alias"] or "input"}
            node["from_table"] = {**source, **named}
        node["select_list"] = [trees.column("_row"), *(guard.value for guard in hit)]
        values = _names("v", len(hit))
        cut = ", ".join(f"left({value}, {_SHOWN_CHARS})" for value in values)
        text = trees.write(self.connection, node)
        listed = ", ".join(map(str, wanted))
        answer = self.connection.execute(
            f"SELECT _row, {cut} FROM ({text}\n) AS g(_row, {', '.join(values)}) WHERE _row IN ({listed})"
        ).fetchall()
        by_row = {int(row[0]): row[1:] for row in answer}
        for at, guard in enumerate(hit):
            found[guard.number].first = [(row, by_row[row][at] or "") for row in rows[guard.number]]


def _asked(test: Tree, settled: Tree | None = None) -> Tree:
    """A test as true or false, not asked where it is settled. In a condition, tests behind one that settles it are not
    computed, as they are where a value is asked for."""
    checks = [(settled, trees.FALSE)] if settled is not None else []
    return trees.case([*checks, (test, trees.TRUE)], trees.FALSE)


def _names(letter: str, count: int) -> list[str]:
    return [f"{letter}{number}" for number in range(count)]


def _first(value: str, limit: int) -> str:
    """An aggregate: (row, value) of the first rows in the order of their numbers, then of their values."""
    pair = f"{{'row': coalesce(_row, 0), 'value': coalesce({value}, '')}}"
    return f"min({pair}, {limit})"


def _shown(pairs: Sequence[Mapping[str, Any]] | None) -> list[tuple[int, str]]:
    return [(int(pair["row"]), str(pair["value"])) for pair in pairs or ()]
