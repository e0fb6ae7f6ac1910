"""Wide to long by the columns' names: `qty_2023, amt_2023, qty_2024, ...` become rows of key, qty and amt."""

from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier, literal
from services.converter.domain.synthesis.tokens import is_data


@dataclass(frozen=True, slots=True)
class Melt(Step):
    """Each row once for each key, with the cells of the columns that the key names.

    ``columns`` holds, for each key, the name of the column of each measure (None: there is none).
    """

    keys: tuple[str, ...]
    measures: tuple[str, ...]
    columns: tuple[tuple[str | None, ...], ...]
    by_key: bool = False
    """Whether all rows of the first key come first."""
    title = "melted"

    @property
    def sized(self) -> bool:  # type: ignore[override]
        """Whether days, accounts or numbers are its keys: other files have columns of other ones."""
        return any(map(is_data, self.keys))

    @property
    def cost(self) -> float:
        """Names that are written down say less than places; several measures are a sign of their own."""
        return 2.4 + 0.2 * self.by_key + 0.1 * (len(self.measures) - 1)

    def _added(self, relation: Relation) -> tuple[str, ...]:
        names: list[str] = []
        for wanted in ("key", *self.measures):
            name = relation.fresh(wanted)
            names.append(name if name not in names else f"{name}_")
        return tuple(names)

    def run(self, relation: Relation) -> Relation:
        """The rows, key by key."""
        at = {name: i for i, name in enumerate(relation.names)}
        found = []
        for position, row in enumerate(relation.rows):
            for part, (key, columns) in enumerate(zip(self.keys, self.columns, strict=True)):
                cells = tuple(None if column is None else row[at[column]] for column in columns)
                found.append((position, part, (*row, key, *cells)))
        if self.by_key:
            found.sort(key=lambda item: (item[1], item[0]))
        return replace(
            relation,
            names=(*relation.names, *self._added(relation)),
            rows=tuple(row for _, _, row in found),
            origins=tuple(relation.origins[position] for position, _, _ in found),
            cells=tuple(relation.cells[position] for position, _, _ in found),
            order=("_part", *relation.order) if self.by_key else (*relation.order, "_part"),
        )

    def sql(self, source: Source) -> str:
        """`unnest` of lists of equal length."""
        keys = ", ".join(literal(key) for key in self.keys)
        key, *measures = self._added(source.relation)
        lines = [f"unnest([{keys}]) AS {identifier(key)}"]
        for place, name in enumerate(measures):
            if name in source.needed:
                cells = ", ".join("NULL" if c[place] is None else identifier(c[place] or "") for c in self.columns)
                lines.append(f"unnest([{cells}]) AS {identifier(name)}")
        lines.append(f"unnest(range(1, {len(self.keys) + 1})) AS _part")
        return "SELECT\n    *,\n" + ",\n".join(f"    {line}" for line in lines) + f"\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The columns that become cells."""
        del relation, needed
        return frozenset(column for columns in self.columns for column in columns if column is not None)

    def words(self) -> str:
        """What becomes a row."""
        keys = ", ".join(self.keys[:4]) + (", ..." if len(self.keys) > 4 else "")
        what = " and ".join(self.measures)
        return f"one row for each of {keys}, with its {what}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(("1", "2"), ("x", "key"), (("b", "n"), (None, "a"))),
            cls(("1", "2"), ("x",), (("b",), ("n",)), by_key=True),
        )
