"""One conversion on an open, locked database: the program's rows as lines, and what its guards find, in as few passes
over the input as can be."""

# ruff: noqa: S608 - SQL is put together of the sandbox's own texts and of guards whose trees were checked

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from services.converter.adapters.sandbox import facts, letters, statements, trees
from services.converter.adapters.sandbox.checking import (
    Checker,
    Found,
    GuardTree,
    group_by_source,
    is_ascii,
    read_guards,
    without_lists_of_cells,
)
from services.converter.adapters.sandbox.faults import MissingColumn, as_fault, missing_columns
from services.converter.adapters.sandbox.marks import Marks, word_columns
from services.converter.adapters.sandbox.trees import Tree
from services.converter.domain.faults import ProgramFailed, ProgramTooLarge
from services.converter.domain.program import CELLS
from services.converter.domain.program_policy import check_program
from services.converter.domain.table import Dialect

_MOST_PLACES = 100_000
"""Rows that are looked for in the output: as many flags as a report holds, and a page of a review."""


@dataclass(slots=True)
class Conversion:
    """A request at work. Guards of the rows that the program reads are asked in the pass that writes its lines, other
    tests of rows in one pass for all that read the same, and the rest one by one."""

    connection: duckdb.DuckDBPyConnection
    request: Mapping[str, Any]
    found: dict[int, Found] = field(default_factory=dict)
    troubles: dict[int, Exception] = field(default_factory=dict)
    _guards: list[GuardTree] = field(default_factory=list)
    _own: list[Tree] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Run the guards and the program, where there is one; the result for the parent."""
        request, names = self.request, self.request["source"]["names"]
        limit = request["shown"]
        self._guards, self.troubles = read_guards(self.connection, request)
        self._own = [guard.node for guard in self._guards if not guard.of_output]
        in_memory = request["source"]["in_memory"]
        checker = Checker(self.connection, names, limit, settles=not in_memory)
        self._guards = facts.settle(self.connection, self._guards, in_memory=in_memory)
        self._guards = without_lists_of_cells(self.connection, self._guards, request)
        groups, others = group_by_source(self._guards)
        result: dict[str, Any] = {"columns": None, "rows": 0, "traceable": False, "places": None, "marked": False}
        program = None if request["program"] is None else _Program(self.connection, request, checker)
        beside = program.takes(groups) if program is not None else []
        for group in groups.values():
            self._check_group(checker, [guard for guard in group if guard not in beside])
        for guard in others:
            if not guard.of_output:
                self._check_alone(checker, guard)
        if program is not None:
            result |= self._write(program, checker, beside)
        for guard in others:
            if guard.of_output:
                self._check_alone(checker, guard)
        self._report()
        return result | {"troubles": [[number, as_fault(error)] for number, error in self.troubles.items()]}

    def _write(self, program: "_Program", checker: Checker, beside: list[GuardTree]) -> dict[str, Any]:
        elsewhere = [
            guard
            for guard in self._guards
            if guard not in beside and guard.number in self.found and not guard.of_output
        ]
        try:
            return program.write(beside, elsewhere, self.found)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            self._refuse_missing(error)
            if not beside:
                raise
        # One of the guards beside it cannot run, or the program cannot: whose fault it is, shows by itself.
        self._check_group(checker, beside)
        return program.write([], [*elsewhere, *(g for g in beside if g.number in self.found)], self.found)

    def _check_group(self, checker: Checker, group: Sequence[GuardTree]) -> None:
        if not group:
            return
        try:
            self.found |= checker.check_group(group)
        except duckdb.Error as error:
            self._refuse_missing(error)
            for guard in group:
                self._check_alone(checker, guard)

    def _check_alone(self, checker: Checker, guard: GuardTree) -> None:
        try:
            self.found[guard.number] = checker.check_alone(guard)
        except duckdb.Error as error:
            if not guard.of_output:
                self._refuse_missing(error)
            self.troubles[guard.number] = self._explained(error, guard.node)

    def _refuse_missing(self, error: duckdb.Error) -> None:
        """The guards of the program's own rows read what it reads: a column that they lack is one that it lacks."""
        if isinstance(error, duckdb.BinderException) and self._own:
            missing = missing_columns(str(error), self._own, self.request)
            if missing:
                raise MissingColumn(missing) from error

    def _explained(self, error: duckdb.Error, node: Tree) -> Exception:
        if isinstance(error, duckdb.BinderException):
            missing = missing_columns(str(error), node, self.request)
            if missing:
                return MissingColumn(missing)
        return error

    def _report(self) -> None:
        """Write down what was found: more than an answer may hold."""
        found = [[number, one.rows, one.first] for number, one in sorted(self.found.items()) if one.rows]
        Path(self.request["found"]).write_text(json.dumps(found), encoding="utf-8")


class _Program:
    """The program of a request."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, request: Mapping[str, Any], checker: Checker) -> None:
        self._connection = connection
        self._request = request
        self._text = request["program"].rstrip().removesuffix(";")  # as people end a statement
        self._checker = checker
        tree = trees.parse(connection, self._text)
        check_program(tree, request["source"]["names"], request["references"])
        node = tree["statements"][0]["node"]
        self._node: Tree = letters.narrow(node) if is_ascii(request) else node
        self._columns: list[str] = []
        self._cells = False

    def takes(self, groups: Mapping[str, list[GuardTree]]) -> list[GuardTree]:
        """The guards that can be asked in its own pass: those of the rows that it reads, each of which it hands on."""
        node = self._node
        if not trees.is_plain(node) or node.get("where_clause") is not None or not _only_ordered(node):
            return []
        listed = node["select_list"]
        if any(str(one.get("function_name", "")).lower() == "unnest" for one in trees.walk(listed)):
            return []
        return list(groups.get(trees.source_key(node), ()))

    def write(
        self, beside: Sequence[GuardTree], elsewhere: Sequence[GuardTree], found: dict[int, Found]
    ) -> dict[str, Any]:
        """Write the lines, with the cells emptied that guards find no ground for, and say where traced rows went."""
        request, limits = self._request, self._request["limits"]
        self._describe()
        if len(self._columns) > limits["output_columns"]:
            raise ProgramTooLarge(
                f"the program returns {len(self._columns)} columns, the limit is {limits['output_columns']}"
            )
        traced = sorted({*request["traced"], *(row for guard in elsewhere for row, _ in found[guard.number].first)})
        blanks = [guard for guard in elsewhere if self._emptied(guard) and found[guard.number].rows]
        marked: list[str] = []
        rows: str | None = None
        if beside or traced or blanks:
            rows, marked = self._with_marks(beside, blanks, traced)
        if rows is None and self._is_in_order():
            untouched = trees.write(self._connection, {**self._node, "modifiers": []})
        else:
            untouched = self._text
        lines = statements.line_query(
            rows or untouched,
            len(self._columns),
            Dialect(**request["dialect"]),
            cells=self._cells,
            cell_bytes=limits["cell_bytes"],
            marked=marked,
        )
        header = "" if self._cells else request["header_line"]
        written = self._connection.execute(statements.copy_lines(lines, request["output"], header)).fetchall()[0][0]
        if written > limits["output_rows"]:
            raise ProgramTooLarge(f"the program returns {written} rows, the limit is {limits['output_rows']}")
        if Path(request["output"]).stat().st_size > limits["output_bytes"]:
            raise ProgramTooLarge(f"the output is larger than the limit of {limits['output_bytes']} bytes")
        marks = Marks(len(beside), request["shown"], _MOST_PLACES, ascending=self._is_in_order())
        if marked:
            marks.read(Path(request["output"]), Path(request["unmarked"]))
        in_vain = [guard for guard, times in zip(beside, marks.counts, strict=False) if guard.is_in_vain(times)]
        if any(map(self._emptied, in_vain)):
            # The first rows showed none that it hits: cells were emptied that have their ground after all.
            return self.write([guard for guard in beside if guard not in in_vain], elsewhere, found)
        places = self._read_marks(marks, beside, in_vain, traced, found) if marked else []
        return {
            "columns": None if self._cells else self._columns,
            "rows": written,
            "traceable": rows is not None,
            "places": places,
            "marked": marks.any,
        }

    def _emptied(self, guard: GuardTree) -> set[int]:
        """The places of the columns whose cells are emptied where a guard hits.

        DuckDB calls a column as the input does where its name differs in case alone.
        """
        if not self._request["blank"] or not guard.unseen or self._cells:
            return set()
        exact = {name: place for place, name in reversed(list(enumerate(self._columns)))}
        any_case = {name.lower(): place for name, place in exact.items()}
        found = (exact.get(name, any_case.get(name.lower())) for name in guard.columns)
        return {place for place in found if place is not None}

    def _with_marks(
        self, beside: Sequence[GuardTree], blanks: Sequence[GuardTree], traced: Sequence[int]
    ) -> tuple[str | None, list[str]]:
        """The program's rows with the numbers of their rows in the input and in the output, and words of bits: which
        guards hit them, and whether they are traced. None where its rows cannot be told to be rows of the input."""
        node = self._node
        if node.get("type") != "SELECT_NODE" or node.get("group_expressions") or _has(node, "DISTINCT_MODIFIER"):
            return None, []
        width = len(self._columns)
        in_order = self._is_in_order()
        if in_order:
            node = {**node, "modifiers": []}
        listed = [*node["select_list"], trees.column("_row")]
        try:
            text = self._checker.rows_with_tests(node, listed, beside)
            if not beside:  # guards of its rows know them by their numbers
                self._connection.execute(f"DESCRIBE {text}")
        except duckdb.Error:
            if beside:
                raise
            return None, []
        for guard in blanks:
            self._connection.execute(statements.blank_table(guard.number, guard.sql))
        outputs, tests = [f"p{i + 1}" for i in range(width)], [f"t{guard.number}" for guard in beside]
        columns = []
        emptied = {guard.number: self._emptied(guard) for guard in (*beside, *blanks)}
        for place, alias in enumerate(outputs):
            asked = [f"t{g.number}" for g in beside if place in emptied[g.number]]
            asked += [f"origin IN (SELECT _row FROM blank{g.number})" for g in blanks if place in emptied[g.number]]
            columns.append(f"CASE WHEN {' OR '.join(asked)} THEN NULL ELSE {alias} END" if asked else alias)
        number = "origin" if in_order else "row_number() OVER ()"
        is_traced = _is_one_of("origin", traced)
        numbered = (
            f"SELECT *, {number} AS place, {is_traced} AS traced FROM (\n{text}\n) "
            f"AS t({', '.join([*outputs, 'origin', *tests])})"
        )
        words = word_columns([*tests, "traced"])
        spelled = ", ".join([*columns, "origin", "place", *words])
        # Joins may reorder rows (a long list of numbers is one), so their order is written down and restored.
        order = " ORDER BY place" if blanks or " IN " in is_traced else ""
        return f"SELECT {spelled} FROM ({numbered}){order}", [f"w{i}" for i in range(len(words))]

    def _is_in_order(self) -> bool:
        """Whether its rows come in the order of the input by themselves: a scan hands them on as they stand."""
        node = self._node
        orders = node["modifiers"][0]["orders"] if len(node["modifiers"]) == 1 and _only_ordered(node) else []
        return (
            trees.is_plain(node)
            and node.get("where_clause") is None
            and not node["cte_map"]["map"]
            and node["from_table"]["table_name"].lower() == "input"
            and len(orders) == 1
            and orders[0]["type"] in ("ORDER_DEFAULT", "ORDER_ASCENDING")
            and trees.is_column(orders[0]["expression"], "_row")
            and all(trees.is_rowwise(one) or one.get("class") == "STAR" for one in node["select_list"])
            and not any(str(one.get("alias", "")).lower() == "_row" for one in node["select_list"])
        )

    def _read_marks(
        self,
        marks: Marks,
        beside: Sequence[GuardTree],
        in_vain: Sequence[GuardTree],
        traced: Sequence[int],
        found: dict[int, Found],
    ) -> list[tuple[int, int]]:
        """What the guards found that its own pass asked, and where the rows are in the output that are to be shown."""
        rows: dict[int, list[int]] = {}
        for at, guard in enumerate(beside):
            found[guard.number] = Found(0 if guard in in_vain else marks.counts[at])
            rows[guard.number] = [] if guard in in_vain else marks.first(at)
        self._checker.show(beside, found, rows)
        wanted = {*traced, *(row for one in rows.values() for row in one)}
        placed = sorted((place, row) for row, places in marks.places.items() if row in wanted for place in places)
        return [(row, place) for place, row in placed]

    def _describe(self) -> None:
        """The program's column names, and whether it returns one `_cells` list; binds, runs nothing."""
        try:
            described = self._connection.execute(f"DESCRIBE {self._text}").fetchall()
        except duckdb.BinderException as error:
            missing = missing_columns(str(error), self._node, self._request)
            if missing:
                raise MissingColumn(missing) from error
            raise
        names, kinds = [str(row[0]) for row in described], [str(row[1]) for row in described]
        self._columns, self._cells = names, names == [CELLS]
        if self._cells:
            if kinds != ["VARCHAR[]"]:
                raise ProgramFailed(f"the column _cells is VARCHAR[], the program returns {kinds[0]}")
        elif CELLS in names:
            raise ProgramFailed(
                "_cells is returned alone or not at all; SELECT * returns it too: * EXCLUDE (_row, _cells)"
            )


def _is_one_of(number: str, numbers: Sequence[int]) -> str:
    """SQL of whether a number is one of some, which ascend: false where it is NULL."""
    if not numbers:
        return "false"
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"coalesce({number} BETWEEN {numbers[0]} AND {numbers[-1]}, false)"
    return f"coalesce({number} IN ({', '.join(map(str, numbers))}), false)"


def _only_ordered(node: Tree) -> bool:
    return all(modifier.get("type") == "ORDER_MODIFIER" for modifier in node["modifiers"])


def _has(node: Tree, modifier: str) -> bool:
    return any(one.get("type") == modifier for one in node["modifiers"])
