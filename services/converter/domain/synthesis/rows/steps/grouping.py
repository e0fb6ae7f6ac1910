"""One row for each group, with counts, sums and other aggregates of its rows."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from services.converter.domain.formats.number import NumberStyle, round_double
from services.converter.domain.synthesis.rows.algebra import Cells, Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier, literal

LISTED = "listed"

KINDS = ("sum", "min", "max", "avg")


@dataclass(frozen=True, slots=True)
class Grouped(Step):
    """Rows with equal keys become one: the keys, `rows` (their count), aggregates of amounts, first and last texts."""

    keys: tuple[str, ...]
    amounts: tuple[tuple[str, NumberStyle], ...]
    lists: tuple[tuple[str, str], ...] = ()
    """Columns whose texts stand in a list, each with its kind: `listed` or `listed_once`, a blank, the separator."""
    title = "grouped"
    columns_only = True

    @property
    def cost(self) -> float:
        """Above plain rows."""
        return 2.0 + 0.3 * max(0, len(self.keys) - 1)

    def _added(self, relation: Relation) -> list[tuple[str, str, str, NumberStyle | None]]:
        """(new name, kind, column, style)."""
        out: list[tuple[str, str, str, NumberStyle | None]] = [(relation.fresh("rows"), "count", "", None)]
        for name, style in self.amounts:
            out += [(relation.fresh(f"{name}_{kind}"), kind, name, style) for kind in KINDS]
        out += [(relation.fresh(f"{name}_{kind.partition(' ')[0]}"), kind, name, None) for name, kind in self.lists]
        for name in relation.names:
            if name not in self.keys:
                out += [(relation.fresh(f"{name}_{kind}"), kind, name, None) for kind in ("first", "last", "distinct")]
        return out

    def run(self, relation: Relation) -> Relation:
        """The groups in the order of their first rows."""
        at = {name: i for i, name in enumerate(relation.names)}
        groups: dict[tuple[str | None, ...], list[int]] = {}
        for position, row in enumerate(relation.rows):
            groups.setdefault(tuple(row[at[k]] for k in self.keys), []).append(position)
        added = self._added(relation)
        rows: list[Cells] = []
        for key, members in groups.items():
            cells: list[str | None] = list(key)
            read: dict[str, list[float]] = {}
            for _, kind, column, style in added:
                if style is not None:
                    if column not in read:
                        read[column] = known_numbers((relation.rows[m][at[column]] for m in members), style)
                    cells.append(total(kind, read[column]))
                else:
                    texts = [relation.rows[m][at[column]] for m in members] if column else []
                    cells.append(aggregate(kind, texts, len(members)))
            rows.append(tuple(cells))
        names = (*self.keys, *(name for name, _, _, _ in added))
        return relation.renamed(names, rows, (members[0] for members in groups.values()))

    def sql(self, source: Source) -> str:
        """`GROUP BY` with the aggregates that are read."""
        lines = [f"    {source.first_row} AS _row", *(f"    {identifier(k)}" for k in self.keys)]
        order = source.order
        for name, kind, column, style in self._added(source.relation):
            if name not in source.needed:
                continue
            text = identifier(column)
            if kind == "count":
                value = "CAST(count(*) AS VARCHAR)"
            elif kind in ("first", "last"):
                value = f"{kind}({text} ORDER BY {order})"
            elif kind == "distinct":
                value = f"CAST(count(DISTINCT {text}) AS VARCHAR)"
            elif kind.startswith(LISTED):
                value = _list_sql(kind, text, order)
            else:
                read = (style or NumberStyle()).sql(text)
                value = f"CAST(round({kind}({read}), 8) AS VARCHAR)"
            lines.append(f"    {value} AS {identifier(name)}")
        return (
            "SELECT\n" + ",\n".join(lines) + f"\nFROM {source}\nGROUP BY {', '.join(identifier(k) for k in self.keys)}"
        )

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """Keys and the columns that are aggregated."""
        used = {column for name, _, column, _ in self._added(relation) if name in needed and column}
        return frozenset(used | set(self.keys))

    def words(self) -> str:
        """What the groups are."""
        return f"one row for each {' and '.join(self.keys)}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(("a",), (("n", NumberStyle()),)),
            cls(("a",), (), (("b", "listed , "), ("n", "listed_once ;"))),
            cls(("b", "a"), ()),
        )


def _list_sql(kind: str, text: str, order: str) -> str:
    how, _, separator = kind.partition(" ")
    listed = f"list({text} ORDER BY {order}) FILTER (WHERE {text} <> '')"
    if how != LISTED:
        listed = f"list_filter({listed}, lambda t, i: list_position({listed}, t) = i)"
    return f"nullif(array_to_string({listed}, {literal(separator)}), '')"


def aggregate(kind: str, texts: list[str | None], count: int) -> str | None:
    """What a group of ``count`` rows holds in a column: its first or last text, how many different ones, a list."""
    if kind == "count":
        return str(count)
    if kind == "first":
        return texts[0]
    if kind == "last":
        return texts[-1]
    if kind == "distinct":
        return str(len({t for t in texts if t is not None}))
    how, _, separator = kind.partition(" ")
    filled = [t for t in texts if t]
    return separator.join(filled if how == LISTED else dict.fromkeys(filled)) or None


def known_numbers(texts: Iterable[str | None], style: NumberStyle) -> list[float]:
    """The numbers among texts."""
    return [n for n in (style.read(t) for t in texts if t is not None) if n is not None]


def total(kind: str, numbers: list[float]) -> str | None:
    """The sum, least, greatest or mean of numbers; None of none."""
    if not numbers:
        return None
    if kind in ("min", "max"):
        value = min(numbers) if kind == "min" else max(numbers)
    else:
        value = math.fsum(numbers) / (len(numbers) if kind == "avg" else 1)
    return repr(round_double(value, 8))
