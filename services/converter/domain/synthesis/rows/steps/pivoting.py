"""Long to wide: one row for each group, its amounts apart by the values of another column."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.rows.algebra import Cells, Edge, Relation, Source, Step, column_list
from services.converter.domain.synthesis.rows.figures import total, total_sql, with_amounts, written
from services.converter.domain.synthesis.sqltext import identifier, literal, quoted

Kind = Literal["first", "count", "sum", "avg", "min", "max"]


@dataclass(frozen=True, slots=True)
class CrowdedCells(Edge):
    """Groups with several rows for one cell, which holds what the first of them says: each of the example had one."""

    keys: tuple[str, ...] = ()
    across: str = ""
    of: str = ""
    """The value of ``across`` whose cell it is."""

    def sql(self, source: Source) -> str:
        """The groups' first rows."""
        where = f"FILTER (WHERE {identifier(self.across)} = {literal(self.of)})"
        rows = f"SELECT min(_row) AS _row, count(*) {where} || ' rows' AS value\nFROM {source}"
        return f"{rows}\nGROUP BY {column_list(self.keys)}\nHAVING count(*) {where} > 1"


@dataclass(frozen=True, slots=True)
class Pivoted(Step):
    """One row for each value of the keys, with figures of its rows for each value of ``across``.

    ``figures`` are (value of ``across``, or "" for all rows; kind; column; style of its numbers).
    """

    keys: tuple[str, ...]
    across: str
    figures: tuple[tuple[str, Kind, str, NumberStyle | None], ...]
    title = "pivoted"
    columns_only = True
    sized = True

    @property
    def cost(self) -> float:
        """Above groups: the values of a column are written down."""
        return 2.6 + 0.3 * max(0, len(self.keys) - 1)

    def _added(self, relation: Relation) -> list[tuple[str, tuple[str, Kind, str, NumberStyle | None]]]:
        added: list[tuple[str, tuple[str, Kind, str, NumberStyle | None]]] = []
        taken = set(relation.names)
        for figure in self.figures:
            value, kind, column, _ = figure
            parts = (value or "all", column or "rows", "" if kind in ("first", "count") else kind)
            name = "_".join(part for part in parts if part)
            while name in taken:
                name += "_"
            taken.add(name)
            added.append((name, figure))
        return added

    def run(self, relation: Relation) -> Relation:
        """The groups in the order of their first rows."""
        at = {name: i for i, name in enumerate(relation.names)}
        groups: dict[Cells, dict[str, list[int]]] = {}
        for position, row in enumerate(relation.rows):
            apart = groups.setdefault(tuple(row[at[key]] for key in self.keys), {"": []})
            apart[""].append(position)
            if row[at[self.across]]:
                apart.setdefault(row[at[self.across]] or "", []).append(position)
        rows: list[Cells] = []
        for key, apart in groups.items():
            figures: list[str | None] = []
            for value, kind, column, style in self.figures:
                texts = [relation.rows[m][at[column]] if column else None for m in apart.get(value, ())]
                if kind == "count":
                    figures.append(str(len(texts)))
                elif style is None or kind == "first":
                    figures.append(texts[0] if texts else None)
                else:
                    figures.append(written(total(kind, texts, style)))
            rows.append((*key, *figures))
        names = (*self.keys, *(name for name, _ in self._added(relation)))
        return relation.renamed(names, rows, (apart[""][0] for apart in groups.values()))

    def sql(self, source: Source) -> str:
        """Aggregates with FILTER."""
        order = source.order
        lines = [
            f"    {source.first_row} AS _row",
            *(f"    {identifier(key)}" for key in self.keys),
        ]
        added = [item for item in self._added(source.relation) if item[0] in source.needed]
        rows, numbers = with_amounts(
            source,
            [(column, style) for _, (_, kind, column, style) in added if style and kind not in ("first", "count")],
        )
        for name, (value, kind, column, _) in added:
            where = f" FILTER (WHERE {identifier(self.across)} = {literal(value)})" if value else ""
            text = identifier(column)
            if kind == "count":
                cell = f"CAST(count(*){where} AS VARCHAR)"
            elif kind == "first":
                cell = f"first({text} ORDER BY {order}){where}"
            else:
                cell = total_sql(kind, column, numbers[column], where)
            lines.append(f"    {cell} AS {identifier(name)}")
        return "SELECT\n" + ",\n".join(lines) + f"\nFROM {rows}\nGROUP BY {column_list(self.keys)}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """Keys, the column across and those of the figures."""
        used = {figure[2] for name, figure in self._added(relation) if name in needed and figure[2]}
        return frozenset({*self.keys, self.across, *used})

    def words(self) -> str:
        """What stands apart."""
        values = ", ".join(dict.fromkeys(value or "all" for value, _, _, _ in self.figures))
        return f"one row for each {' and '.join(self.keys)}, apart by {self.across}: {values}"

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Values for which there is no column."""
        across = identifier(self.across)
        index = relation.names.index(self.across)
        values = ", ".join(literal(value) for value in dict.fromkeys(row[index] or "" for row in relation.rows))
        yield Edge(
            f"a value of {self.across} that the example did not have stands in no column",
            across,
            where=f"coalesce({across}, '') NOT IN ({values})",
            column=self.across,
            reads=frozenset({self.across}),
        )
        at = {name: i for i, name in enumerate(relation.names)}
        counts = Counter((row[at[self.across]], *(row[at[key]] for key in self.keys)) for row in relation.rows)
        for name, (value, kind, _, _) in self._added(relation):
            if kind == "first" and value and max(n for (of, *_), n in counts.items() if of == value) == 1:
                words = f"several rows are of {quoted(value)}, and one is read: no group of the example had more"
                reads = frozenset({self.across, *self.keys})
                together = (frozenset({name}),)
                yield CrowdedCells(
                    words, "", reads=reads, together=together, keys=self.keys, across=self.across, of=value
                )

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(
                ("a",),
                "b",
                (
                    ("x", "count", "", None),
                    ("x;y", "first", "n", None),
                    ("1", "sum", "n", NumberStyle()),
                    ("", "avg", "n", NumberStyle()),
                ),
            ),
        )
