"""One row for each group, with counts, sums and other aggregates of its rows."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from services.converter.domain.formats.number import NumberStyle, round_double, styles
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.synthesis.tables.relation import Cells, Plan, Relation, Step

MAX_KEYS = 8
KINDS = ("sum", "min", "max", "avg")


@dataclass(frozen=True, slots=True)
class Grouped(Step):
    """Rows with equal keys become one: the keys, `rows` (their count), aggregates of amounts, first and last texts."""

    keys: tuple[str, ...]
    amounts: tuple[tuple[str, NumberStyle], ...]
    title = "grouped"

    @property
    def cost(self) -> float:
        """Above plain rows."""
        return 2.0 + 0.3 * max(0, len(self.keys) - 1)

    def _added(self, relation: Relation) -> list[tuple[str, str, str, NumberStyle | None]]:
        """(new name, kind, column, style)."""
        out: list[tuple[str, str, str, NumberStyle | None]] = [(relation.fresh("rows"), "count", "", None)]
        for name, style in self.amounts:
            out += [(relation.fresh(f"{name}_{kind}"), kind, name, style) for kind in KINDS]
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
            for _, kind, column, style in added:
                texts = [relation.rows[m][at[column]] for m in members] if column else []
                cells.append(_aggregate(kind, texts, style, len(members)))
            rows.append(tuple(cells))
        firsts = [members[0] for members in groups.values()]
        return Relation(
            (*self.keys, *(name for name, _, _, _ in added)),
            tuple(rows),
            tuple(relation.origins[i] for i in firsts),
            tuple(relation.cells[i] for i in firsts),
            ("_row",),
            relation.header,
            relation.tops,
        )

    def sql(self, relation: Relation, source: str, needed: frozenset[str]) -> str:
        """`GROUP BY` with the aggregates that are read."""
        lines = ["    min(_row) AS _row", *(f"    {identifier(k)}" for k in self.keys)]
        order = ", ".join(relation.order)
        for name, kind, column, style in self._added(relation):
            if name not in needed:
                continue
            text = identifier(column)
            if kind == "count":
                value = "CAST(count(*) AS VARCHAR)"
            elif kind in ("first", "last"):
                value = f"{kind}({text} ORDER BY {order})"
            elif kind == "distinct":
                value = f"CAST(count(DISTINCT {text}) AS VARCHAR)"
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


def _aggregate(kind: str, texts: list[str | None], style: NumberStyle | None, count: int) -> str | None:
    if kind == "count":
        return str(count)
    if kind == "first":
        return texts[0]
    if kind == "last":
        return texts[-1]
    if kind == "distinct":
        return str(len({t for t in texts if t is not None}))
    numbers = [n for n in ((style or NumberStyle()).read(t) for t in texts if t is not None) if n is not None]
    if not numbers:
        return None
    total = math.fsum(numbers)
    value = {"sum": total, "min": min(numbers), "max": max(numbers), "avg": total / len(numbers)}[kind]
    return repr(round_double(value, 8))


def groupings(plan: Plan, wanted: list[tuple[str, ...]]) -> Iterator[Plan]:
    """Groups by up to three columns whose values stand in the wanted rows, where that leaves as many rows."""
    relation = plan.relation
    rows = len(wanted[0]) if wanted else 0
    columns = {name: [row[i] or "" for row in relation.rows] for i, name in enumerate(relation.names[:30])}
    amounts = []
    for name, texts in columns.items():
        found = styles([t for t in texts if t])
        if found:
            amounts.append((name, found[0]))
    sets = [set(output) for output in wanted]
    usable = [name for name, texts in columns.items() if any(set(texts) == s for s in sets)][:MAX_KEYS]
    for size in (1, 2, 3):
        for keys in combinations(usable, size):
            if len(set(zip(*(columns[k] for k in keys), strict=True))) == rows:
                yield plan.then(Grouped(keys, tuple(a for a in amounts if a[0] not in keys)))
