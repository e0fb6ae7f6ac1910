"""Long to wide for any number of columns: a column for each value of one."""

from dataclasses import dataclass

from services.converter.domain.synthesis.rows.algebra import Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier, indent, literal


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
