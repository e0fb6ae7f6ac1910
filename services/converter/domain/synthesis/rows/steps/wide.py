"""Whole-table programs whose width depends on the data: transposed, listed by group, crossed. They return `_cells`."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.sqltext import comment, identifier, indent, literal
from services.converter.domain.table import Row, Table

MAX_CELLS = 60_000
LAST_RESORT = 30.0
"""The price of a whole file as one row: where records of a fixed size explain the example too, they are likelier."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The last SELECT of a whole-table program: the `_cells`, their source and the order of the rows (BIGINT)."""

    cells: str
    source: str
    order: str
    group: str = ""

    def sql(self) -> str:
        """The SELECT as text."""
        group = f"\nGROUP BY {self.group}" if self.group else ""
        return f"SELECT {self.cells} AS _cells\nFROM {self.source}{group}\nORDER BY {self.order}"


class WholeTable(ABC):
    """A program for all cells at once."""

    @property
    @abstractmethod
    def cost(self) -> float:
        """The price in the ranking, beside plans with their columns."""

    @abstractmethod
    def run(self, relation: Relation) -> list[Row]:
        """The output's rows, a header row among them where there is one."""

    @abstractmethod
    def sql(self, source: str) -> tuple[list[str], Listing]:
        """(further common table expressions, the last SELECT) over the plan's last relation."""

    @abstractmethod
    def words(self) -> str:
        """What the program does, for people."""

    def needs(self) -> frozenset[str]:
        """The relation's columns that are read by name."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Transpose(WholeTable):
    """Rows become columns, the header's names the first row's neighbours where ``with_header``."""

    with_header: bool

    @property
    def cost(self) -> float:
        """One idea for the whole table."""
        return 2.5

    def run(self, relation: Relation) -> list[Row]:
        """The columns as rows."""
        rows = ([relation.header] if self.with_header else []) + list(relation.cells)
        width = max((len(r) for r in rows), default=0)
        return [tuple(r[i] if i < len(r) else "" for r in rows) for i in range(width)]

    def sql(self, source: str) -> tuple[list[str], Listing]:
        """All cells with their places, listed by column."""
        header = (
            "SELECT 0 AS _row, list(name ORDER BY position) AS _cells FROM header\nUNION ALL\n"
            if self.with_header
            else ""
        )
        lines = f"lines AS (\n    -- every line of the file\n{indent(f'{header}SELECT _row, _cells FROM {source}')}\n)"
        places = (
            "places AS (\n    -- every cell with its place\n"
            "    SELECT _row, unnest(_cells) AS cell, unnest(range(1, len(_cells) + 1)) AS _col\n    FROM lines\n)"
        )
        return [lines, places], Listing("list(cell ORDER BY _row)", "places", "_col", "_col")

    def words(self) -> str:
        """Rows and columns change places."""
        return "rows become columns"


@dataclass(frozen=True, slots=True)
class GroupLists(WholeTable):
    """One row for each value of the keys: what is shown of it, then the values of its rows, padded to the widest.

    ``blockwise`` lists the first value of every row, then the second; otherwise row after row. ``from_cell`` (1-based)
    takes all cells of a row from there on, however many there are, instead of the named values.
    """

    keys: tuple[str, ...]
    shown: tuple[str, ...]
    values: tuple[str, ...]
    blockwise: bool = False
    skip_blank: bool = False
    from_cell: int = 0

    @property
    def cost(self) -> float:
        """The keys and the way of listing."""
        if not self.keys:
            return LAST_RESORT + 0.2 * self.blockwise + 0.2 * self.skip_blank
        return 3.0 + 0.4 * (len(self.keys) - 1) + 0.2 * self.blockwise + 0.2 * self.skip_blank

    def needs(self) -> frozenset[str]:
        """Keys, shown columns and values."""
        return frozenset((*self.keys, *self.shown, *(self.values if not self.from_cell else ())))

    def run(self, relation: Relation) -> list[Row]:
        """The groups in the order of their first rows."""
        at = {name: i for i, name in enumerate(relation.names)}
        groups: dict[tuple[str, ...], list[int]] = {}
        for position, row in enumerate(relation.rows):
            groups.setdefault(tuple(row[at[k]] or "" for k in self.keys), []).append(position)
        out = []
        for members in groups.values():
            first = relation.rows[members[0]]
            lead = [first[at[name]] or "" for name in self.shown]
            if self.from_cell:
                tail = [cell for m in members for cell in relation.cells[m][self.from_cell - 1 :]]
            elif self.blockwise:
                tail = [relation.rows[m][at[v]] or "" for v in self.values for m in members]
            else:
                tail = [relation.rows[m][at[v]] or "" for m in members for v in self.values]
            out.append((lead, [t for t in tail if t] if self.skip_blank else tail))
        widest = max((len(tail) for _, tail in out), default=0)
        return [tuple(lead + tail + [""] * (widest - len(tail))) for lead, tail in out]

    def sql(self, source: str) -> tuple[list[str], Listing]:
        """`list` by group, resized to the longest."""
        values = [f"coalesce({identifier(v)}, '')" for v in self.values]
        if self.from_cell:
            row = "_cells" if self.from_cell == 1 else f"_cells[{self.from_cell}:]"
            listed = f"flatten(list({row} ORDER BY _row))"
        elif self.blockwise:
            listed = (
                "list_concat(" + ", ".join(f"list({v} ORDER BY _row)" for v in values) + ")"
                if len(values) > 1
                else f"list({values[0]} ORDER BY _row)"
            )
        elif len(values) > 1:
            listed = f"flatten(list([{', '.join(values)}] ORDER BY _row))"
        else:
            listed = f"list({values[0]} ORDER BY _row)"
        if self.skip_blank:
            listed = f"list_filter({listed}, lambda v: v <> '')"
        shown = "[" + ", ".join(f"coalesce(first({identifier(s)} ORDER BY _row), '')" for s in self.shown) + "]"
        keys = ", ".join(f"coalesce({identifier(k)}, '')" for k in self.keys)
        by = f"\n    GROUP BY {keys}" if keys else ""
        group = (
            "lists AS (\n"
            f"    {comment(self.words())}\n"
            f"    SELECT\n        min(_row) AS _row,\n        {shown if self.shown else '[]::VARCHAR[]'} AS lead,\n"
            f"        {listed} AS listed\n"
            f"    FROM {source}{by}\n)"
        )
        padded = "list_resize(listed, (SELECT max(len(listed)) FROM lists), '')"
        return [group], Listing(f"list_concat(lead, {padded})", "lists", "_row")

    def words(self) -> str:
        """What is listed beside what."""
        what = " and ".join(self.values)
        if self.from_cell:
            what = "cells" if self.from_cell == 1 else f"cells from column {self.from_cell} on"
        if not self.keys:
            return f"one row with the {what} of all rows side by side"
        return f"one row for each {' and '.join(self.keys)} with the {what} of its rows side by side"


@dataclass(frozen=True, slots=True)
class Crosstab(WholeTable):
    """One row for each value of ``key``, one column for each value of ``across``, the ``value`` where they meet.

    The first output row holds ``corner`` (one text for each key) and the values across, in the order of their first
    rows or sorted.
    """

    keys: tuple[str, ...]
    across: str
    value: str
    corner: tuple[str, ...]
    sorted_across: bool = False
    sorted_keys: bool = False

    @property
    def cost(self) -> float:
        """Keys, columns, values."""
        return 3.2 + 0.3 * (len(self.keys) - 1)

    def needs(self) -> frozenset[str]:
        """All that is read."""
        return frozenset((*self.keys, self.across, self.value))

    def run(self, relation: Relation) -> list[Row]:
        """The header row and the crossed rows."""
        at = {name: i for i, name in enumerate(relation.names)}
        rows = [tuple(c or "" for c in row) for row in relation.rows]
        names = list(dict.fromkeys(r[at[self.across]] for r in rows))
        keys = list(dict.fromkeys(tuple(r[at[k]] for k in self.keys) for r in rows))
        if self.sorted_across:
            names.sort()
        if self.sorted_keys:
            keys.sort()
        cells: dict[tuple[tuple[str, ...], str], str] = {}
        for r in rows:
            cells.setdefault((tuple(r[at[k]] for k in self.keys), r[at[self.across]]), r[at[self.value]])
        return [(*self.corner, *names), *((*key, *(cells.get((key, n), "") for n in names)) for key in keys)]

    def sql(self, source: str) -> tuple[list[str], Listing]:
        """Every key with every name, the first value of each, listed."""
        across, value = f"coalesce({identifier(self.across)}, '')", f"coalesce({identifier(self.value)}, '')"
        keys = [f"coalesce({identifier(k)}, '') AS key_{i + 1}" for i, k in enumerate(self.keys)]
        key_names = ", ".join(f"key_{i + 1}" for i in range(len(self.keys)))
        grouped = f"\n    FROM {source}\n    GROUP BY ALL\n)"
        heads = (
            f"heads AS (\n    -- the columns of the output\n    SELECT {across} AS head, min(_row) AS place{grouped}"
        )
        lines = f"keys AS (\n    -- the rows of the output\n    SELECT {', '.join(keys)}, min(_row) AS _row{grouped}"
        found = (
            "met AS (\n    -- the first value where a row and a column meet\n"
            f"    SELECT {', '.join(keys)}, {across} AS head, first({value} ORDER BY _row) AS cell{grouped}"
        )
        by = "head" if self.sorted_across else "place"
        order = key_names if self.sorted_keys else "keys._row"
        corner = ", ".join(literal(c) for c in self.corner)
        crossed = (
            "crossed AS (\n"
            f"    SELECT row_number() OVER (ORDER BY {order}) AS line, list_concat([{key_names}], cells) AS _cells\n"
            "    FROM keys\n"
            f"    JOIN (\n        SELECT {key_names}, list(coalesce(cell, '') ORDER BY {by}) AS cells\n"
            f"        FROM (SELECT {key_names} FROM keys)\n        CROSS JOIN heads\n"
            f"        LEFT JOIN met USING ({key_names}, head)\n        GROUP BY {key_names}\n"
            f"    ) USING ({key_names})\n)"
        )
        with_heads = (
            "(\n"
            f"    SELECT 0 AS line, list_concat([{corner}], (SELECT list(head ORDER BY {by}) FROM heads)) AS _cells\n"
            "    UNION ALL\n    SELECT line, _cells FROM crossed\n)"
        )
        return [heads, lines, found, crossed], Listing("_cells", with_heads, "line")

    def words(self) -> str:
        """What meets what."""
        rows = " and ".join(self.keys)
        return f"one row for each {rows}, one column for each {self.across}, with the {self.value} where they meet"


@dataclass(frozen=True, slots=True)
class Numbered(WholeTable):
    """A whole-table program under a header of `col1..colN`, as wide as its widest row, for tables without names."""

    body: WholeTable

    @property
    def cost(self) -> float:
        """The header says nothing of its own."""
        return self.body.cost

    def needs(self) -> frozenset[str]:
        """What the rows need."""
        return self.body.needs()

    def run(self, relation: Relation) -> list[Row]:
        """The header, then the rows."""
        rows = self.body.run(relation)
        return [numbered_names(max((len(row) for row in rows), default=0)), *rows]

    def sql(self, source: str) -> tuple[list[str], Listing]:
        """The rows as a relation, and a header counted from their width."""
        ctes, listing = self.body.sql(source)
        group = f"\n    GROUP BY {listing.group}" if listing.group else ""
        rows = (
            "output_rows AS (\n"
            f"    SELECT {listing.order} AS line, {listing.cells} AS _cells\n"
            f"    FROM {indent(listing.source).lstrip()}{group}\n)"
        )
        width = "coalesce((SELECT max(len(_cells)) FROM output_rows), 0)"
        names = f"list_transform(range(1, {width} + 1), lambda i: 'col' || i)"
        with_header = (
            "(\n"
            f"    -- the header col1, col2, ... as wide as the widest row\n    SELECT -3 AS line, {names} AS _cells\n"
            "    UNION ALL\n    SELECT line, _cells FROM output_rows\n)"
        )
        return [*ctes, rows], Listing("_cells", with_header, "line")

    def words(self) -> str:
        """What the rows are."""
        return self.body.words()


def numbered_names(width: int) -> Row:
    """The header `col1..colN`."""
    return tuple(f"col{i}" for i in range(1, width + 1))


def with_steps(ctes: str, source: str, whole: WholeTable) -> tuple[str, Listing]:
    """The WITH clause of a program after the plan's own steps (empty where there are none), and its last SELECT."""
    more, listing = whole.sql(source)
    parts = ([ctes.removeprefix("WITH\n").rstrip("\n")] if ctes else []) + more
    return "WITH\n" + ",\n".join(parts) + "\n" if parts else "", listing


def compile_whole(ctes: str, source: str, whole: WholeTable) -> str:
    """The program as text, after the plan's own steps."""
    head, listing = with_steps(ctes, source, whole)
    return f"{comment(whole.words())}\n{head}{listing.sql()}\n"


def whole_tables(
    plans: Sequence[Plan], table: Table, expected: Table, budget: Budget
) -> Iterator[tuple[Plan, WholeTable]]:
    """Whole-table programs that give the expected rows exactly (its header as the first row where it has one).

    The search ends where the budget is spent.
    """
    numbered = expected.header is not None and expected.header == numbered_names(expected.width)
    wanted = ([expected.header] if expected.header and not numbered else []) + list(expected.rows)
    if not wanted or sum(len(r) for r in wanted) > MAX_CELLS or sum(len(r) for r in table.rows) > MAX_CELLS:
        return
    cells = sum(map(len, table.rows)) + sum(map(len, wanted))
    for plan in plans:
        for whole in _proposals(plan, wanted, has_header=expected.header is not None and not numbered):
            if budget.is_spent:
                return
            budget.spend(cells)
            if whole.run(plan.relation) == wanted:
                yield plan, Numbered(whole) if numbered else whole


def _proposals(plan: Plan, wanted: list[Row], has_header: bool) -> Iterator[WholeTable]:
    relation = plan.relation
    if not plan.steps:
        for with_header in (False, True) if relation.header else (False,):
            rows = len(relation.cells) + with_header
            if rows == len(wanted[0]) and rows > 1 and len(wanted) > 1:
                yield Transpose(with_header)
    if not has_header:
        yield from _group_proposals(relation, wanted)
    yield from _crosstab_proposals(relation, wanted)


def _group_proposals(relation: Relation, wanted: list[Row]) -> Iterator[WholeTable]:
    count = len(wanted)
    columns = {name: [row[i] or "" for row in relation.rows] for i, name in enumerate(relation.names[:40])}
    lent = ("_filled", "_heading", "_before", "_after", "section", "line")
    own = [name for name in columns if not name.endswith(lent)]
    if count >= len(relation.rows):
        return
    if count == 1:
        for blockwise, skip_blank in ((False, False), (False, True), (True, False)):
            yield GroupLists((), (), tuple(own), blockwise, skip_blank, _tail_from(relation, own, blockwise))
    grouping = [(name,) for name in columns] + [(a, b) for i, a in enumerate(own[:6]) for b in own[i + 1 : 6]]
    for keys in grouping:
        rows = list(zip(*(columns[k] for k in keys), strict=True))
        firsts = {key: position for position, key in reversed(list(enumerate(rows)))}
        if len(firsts) != count:
            continue
        order = sorted(firsts.values())
        shown: list[str] = []
        for place in range(min(len(wanted[0]), 8)):
            column = [r[place] if place < len(r) else "" for r in wanted]
            name = next(
                (n for n in (*keys, *columns) if [columns[n][p] for p in order] == column and n not in shown), None
            )
            if name is None or (name not in keys and _varies(rows, columns[name])):
                break
            shown.append(name)
        for lead in range(len(shown), -1, -1):
            rest = [n for n in own if n not in shown[:lead] and n not in keys]
            choices = [
                tuple(rest),
                *((n,) for n in rest),
                *(tuple(rest[i:]) for i in range(1, len(rest) - 1)),
                tuple(own),
            ]
            for values in dict.fromkeys(c for c in choices if c):
                for blockwise in (False, True) if len(values) > 1 else (False,):
                    for skip_blank in (False, True):
                        tail = _tail_from(relation, list(values), blockwise)
                        yield GroupLists(keys, tuple(shown[:lead]), values, blockwise, skip_blank, tail)


def _tail_from(relation: Relation, values: list[str], blockwise: bool) -> int:
    """From which cell on the values are the whole rest of every row; 0 where they are not."""
    width = max((len(cells) for cells in relation.cells), default=0)
    whole = not blockwise and tuple(values) == relation.names[width - len(values) : width]
    return width - len(values) + 1 if whole and all(len(c) == width for c in relation.cells) else 0


def _varies(rows: list[tuple[str, ...]], column: list[str]) -> bool:
    seen: dict[tuple[str, ...], str] = {}
    return any(seen.setdefault(key, value) != value for key, value in zip(rows, column, strict=True))


def _crosstab_proposals(relation: Relation, wanted: list[Row]) -> Iterator[WholeTable]:
    if len(wanted) < 2 or len(relation.rows) < 2:
        return
    columns = {name: [row[i] or "" for row in relation.rows] for i, name in enumerate(relation.names[:25])}
    for across, heads in columns.items():
        distinct = set(heads)
        if len(distinct) < 2:
            continue
        for keys in range(1, 4):
            if len(wanted[0]) != keys + len(distinct) or set(wanted[0][keys:]) != distinct:
                continue
            in_order = list(dict.fromkeys(heads)) == list(wanted[0][keys:])
            chosen: list[str] = []
            for place in range(keys):
                values = {r[place] for r in wanted[1:]}
                name = next(
                    (n for n, c in columns.items() if n != across and n not in chosen and set(c) == values), None
                )
                if name is None:
                    break
                chosen.append(name)
            if len(chosen) < keys:
                continue
            for value in columns:
                if value != across and value not in chosen:
                    for sorted_keys in (False, True):
                        yield Crosstab(tuple(chosen), across, value, wanted[0][:keys], not in_order, sorted_keys)
