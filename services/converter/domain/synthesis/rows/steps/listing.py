"""The values of a group side by side, as many as there are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier


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

    def otherwise(self) -> Iterator[Step]:
        """Row after row or value after value, which are the same in groups of one row."""
        if not self.from_cell and len(self.values) > 1:
            yield replace(self, blockwise=not self.blockwise)

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(("a",), ("a",), ("b", "n")),
            cls(("a",), ("a", "b"), ("b", "n"), blockwise=True, skip_blank=True),
            cls(("a",), ("a",), (), from_cell=2),
            cls(("a",), ("a",), (), skip_blank=True, from_cell=1),
        )
