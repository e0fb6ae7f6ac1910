"""Whole-table programs whose width depends on the data: transposed, listed by group, crossed. They return `_cells`."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Source, Step
from services.converter.domain.synthesis.rows.steps.grids import Turn
from services.converter.domain.synthesis.rows.steps.headers import Headed, HeaderLine, numbered_names
from services.converter.domain.synthesis.sqltext import identifier, indent, literal
from services.converter.domain.table import Row, Table

MAX_CELLS = 60_000


@dataclass(frozen=True, slots=True)
class GroupLists(Step):
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
    title = "lists"

    @property
    def cost(self) -> float:
        """The keys and the way of listing."""
        return 3.0 + 0.4 * (len(self.keys) - 1) + 0.2 * self.blockwise + 0.2 * self.skip_blank

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """Keys, shown columns and values."""
        del relation, needed
        return frozenset((*self.keys, *self.shown, *(self.values if not self.from_cell else ())))

    def run(self, relation: Relation) -> Relation:
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
            out.append((*lead, *(t for t in tail if t or not self.skip_blank)))
        return relation.remade(out)

    def sql(self, source: Source) -> str:
        """`list` by group."""
        order = source.order
        values = [f"coalesce({identifier(v)}, '')" for v in self.values]
        if self.from_cell:
            row = "_cells" if self.from_cell == 1 else f"_cells[{self.from_cell}:]"
            listed = f"flatten(list({row} ORDER BY {order}))"
        elif len(values) == 1:
            listed = f"list({values[0]} ORDER BY {order})"
        elif self.blockwise:
            listed = f"list_concat({', '.join(f'list({v} ORDER BY {order})' for v in values)})"
        else:
            listed = f"flatten(list([{', '.join(values)}] ORDER BY {order}))"
        if self.skip_blank:
            listed = f"list_filter({listed}, lambda v: v <> '')"
        if self.shown:
            shown = ", ".join(f"coalesce(first({identifier(s)} ORDER BY {order}), '')" for s in self.shown)
            listed = f"list_concat([{shown}], {listed})"
        keys = ", ".join(f"coalesce({identifier(k)}, '')" for k in self.keys)
        return f"SELECT\n    {source.first_row} AS _row,\n    {listed} AS _cells\nFROM {source}\nGROUP BY {keys}"

    def words(self) -> str:
        """What is listed beside what."""
        what = " and ".join(self.values)
        if self.from_cell:
            what = "cells" if self.from_cell == 1 else f"cells from column {self.from_cell} on"
        return f"one row for each {' and '.join(self.keys)} with the {what} of its rows side by side"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(("a",), ("a",), ("b", "n")),
            cls(("a",), ("a", "b"), ("b", "n"), blockwise=True, skip_blank=True),
            cls(("a",), ("a",), (), from_cell=2),
            cls(("a",), ("a",), (), skip_blank=True, from_cell=1),
        )


@dataclass(frozen=True, slots=True)
class Crosstab(Step):
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
    title = "crossed"

    @property
    def cost(self) -> float:
        """Keys, columns, values."""
        return 3.2 + 0.3 * (len(self.keys) - 1)

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """All that is read."""
        del relation, needed
        return frozenset((*self.keys, self.across, self.value))

    def run(self, relation: Relation) -> Relation:
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
        lines = ((*key, *(cells.get((key, name), "") for name in names)) for key in keys)
        return relation.remade(((*self.corner, *names), *lines))

    def sql(self, source: Source) -> str:
        """Every key with every name, the first value of each, listed."""
        across, value = f"coalesce({identifier(self.across)}, '')", f"coalesce({identifier(self.value)}, '')"
        named = ", ".join(f"coalesce({identifier(k)}, '') AS key_{i + 1}" for i, k in enumerate(self.keys))
        key_names = ", ".join(f"key_{i + 1}" for i in range(len(self.keys)))
        grouped = f"FROM {source}\nGROUP BY ALL"
        heads = source.part("heads", f"SELECT {across} AS head, {source.first_row} AS place\n{grouped}")
        keys = source.part("keys", f"SELECT {named}, {source.first_row} AS place\n{grouped}")
        first = f"first({value} ORDER BY {source.order})"
        met = source.part("met", f"SELECT {named}, {across} AS head, {first} AS cell\n{grouped}")
        by = "head" if self.sorted_across else "place"
        order = key_names if self.sorted_keys else "place"
        corner = ", ".join(literal(c) for c in self.corner)
        lists = (
            f"SELECT {key_names}, list(coalesce(cell, '') ORDER BY {by}) AS cells\n"
            f"FROM (SELECT {key_names} FROM {keys})\nCROSS JOIN {heads}\n"
            f"LEFT JOIN {met} USING ({key_names}, head)\nGROUP BY {key_names}"
        )
        return (
            f"SELECT 0 AS _row, list_concat([{corner}], (SELECT list(head ORDER BY {by}) FROM {heads})) AS _cells\n"
            f"UNION ALL\nSELECT row_number() OVER (ORDER BY {order}), list_concat([{key_names}], cells)\n"
            f"FROM {keys}\nJOIN (\n{indent(lists)}\n) USING ({key_names})"
        )

    def words(self) -> str:
        """What meets what."""
        rows = " and ".join(self.keys)
        return f"one row for each {rows}, one column for each {self.across}, with the {self.value} where they meet"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(("a",), "b", "n", ("corner",)),
            cls(("a", "n"), "b", "n", ("", "x"), sorted_across=True, sorted_keys=True),
        )


def whole_tables(plans: Sequence[Plan], table: Table, expected: Table, ends_at: float) -> Iterator[Plan]:
    """Plans that give the expected rows exactly as cells (its header as the first row where it has one).

    The search ends at ``ends_at`` (monotonic seconds).
    """
    numbered = expected.header is not None and expected.header == numbered_names(expected.width)
    wanted = ([expected.header] if expected.header and not numbered else []) + list(expected.rows)
    if not wanted or sum(len(r) for r in wanted) > MAX_CELLS or sum(len(r) for r in table.rows) > MAX_CELLS:
        return
    for plan in plans:
        for made in _proposals(plan, wanted, has_header=expected.header is not None and not numbered):
            if time.monotonic() > ends_at:
                return
            if made.relation.even() == wanted:
                yield made.then(Headed(read="count")) if numbered else made


def _proposals(plan: Plan, wanted: list[Row], has_header: bool) -> Iterator[Plan]:
    relation = plan.relation
    if not plan.steps:
        for lined in (plan, plan.then(HeaderLine())) if relation.header else (plan,):
            if len(lined.relation.cells) == len(wanted[0]) > 1 and len(wanted) > 1:
                yield lined.then(Turn())
    if not has_header:
        yield from (plan.then(step) for step in _group_proposals(relation, wanted))
    yield from (plan.then(step) for step in _crosstab_proposals(relation, wanted))


def _group_proposals(relation: Relation, wanted: list[Row]) -> Iterator[Step]:
    count = len(wanted)
    columns = {name: [row[i] or "" for row in relation.rows] for i, name in enumerate(relation.names[:40])}
    lent = ("_filled", "_heading", "_before", "_after", "section", "line")
    own = [name for name in columns if not name.endswith(lent)]
    if count >= len(relation.rows):
        return
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


def _crosstab_proposals(relation: Relation, wanted: list[Row]) -> Iterator[Step]:
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
