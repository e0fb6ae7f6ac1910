"""Long to wide: one row for each group, its amounts apart by the values of another column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.rows.algebra import Cells, Edge, Plan, Relation, Source, Step, column_list
from services.converter.domain.synthesis.rows.steps.figures import amounts_of, figures_of, read_numbers
from services.converter.domain.synthesis.rows.steps.grouping import known_numbers, total
from services.converter.domain.synthesis.rows.steps.ordering import corresponding
from services.converter.domain.synthesis.sqltext import identifier, literal

Kind = Literal["first", "count", "sum", "avg", "min", "max"]
OF_AMOUNTS: tuple[Kind, ...] = ("sum", "avg", "min", "max")
MAX_COLUMNS, MAX_ACROSS, MAX_FIGURES = 12, 12, 24
MAX_KEYS = 3
MAX_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Pivoted(Step):
    """One row for each value of the keys, with figures of its rows for each value of ``across``.

    ``figures`` are (value of ``across``, or "" for all rows; kind; column; style of its numbers).
    """

    keys: tuple[str, ...]
    across: str
    figures: tuple[tuple[str, Kind, str, NumberStyle | None], ...]
    title = "pivoted"

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
                elif style is not None:
                    figures.append(total(kind, known_numbers(texts, style)))
                else:
                    figures.append(texts[0] if texts else None)
            rows.append((*key, *figures))
        members = [apart[""] for apart in groups.values()]
        firsts = [positions[0] for positions in members]
        return Relation(
            (*self.keys, *(name for name, _ in self._added(relation))),
            tuple(rows),
            tuple(relation.origins[i] for i in firsts),
            tuple(tuple(cell or "" for cell in row) for row in rows),
            ("_row",),
            (),
            relation.tops,
        )

    def sql(self, source: Source) -> str:
        """Aggregates with FILTER."""
        order = source.order
        lines = [
            f"    {source.first_row} AS _row",
            *(f"    {identifier(key)}" for key in self.keys),
        ]
        for name, (value, kind, column, style) in self._added(source.relation):
            if name not in source.needed:
                continue
            where = f" FILTER (WHERE {identifier(self.across)} = {literal(value)})" if value else ""
            text = identifier(column)
            if kind == "count":
                cell = f"CAST(count(*){where} AS VARCHAR)"
            elif kind == "first":
                cell = f"first({text} ORDER BY {order}){where}"
            else:
                cell = f"CAST(round({kind}({(style or NumberStyle()).sql(text)}){where}, 8) AS VARCHAR)"
            lines.append(f"    {cell} AS {identifier(name)}")
        return "SELECT\n" + ",\n".join(lines) + f"\nFROM {source}\nGROUP BY {column_list(self.keys)}"

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


def pivots(plan: Plan, wanted: Sequence[tuple[str, ...]]) -> Iterator[Plan]:
    """Pivots by keys that stand in the wanted rows, with the figures that wanted columns show (or all where few)."""
    relation = plan.relation
    count = len(wanted[0]) if wanted else 0
    if count < 2 or not count < len(relation.rows) <= MAX_ROWS:
        return
    names = relation.names[:MAX_COLUMNS]
    columns = {name: tuple(row[i] or "" for row in relation.rows) for i, name in enumerate(names)}
    sets = [set(column) for column in wanted]
    usable = [name for name, column in columns.items() if any(set(column) == s for s in sets)]
    for size in range(1, MAX_KEYS + 1):
        for keys in combinations(usable[:6], size):
            if len(set(zip(*(columns[key] for key in keys), strict=True))) != count:
                continue
            for across in names:
                values = list(dict.fromkeys(columns[across]))
                most = min(MAX_ACROSS, len(wanted) - size + 1)
                if across not in keys and 2 <= len(values) <= most and "" not in values:
                    yield from _pivot(plan, keys, across, values, wanted)


def _pivot(
    plan: Plan, keys: tuple[str, ...], across: str, values: list[str], wanted: Sequence[tuple[str, ...]]
) -> Iterator[Plan]:
    """The pivot with the figures that are wanted, where there are any."""
    relation = plan.relation
    rest = [name for name in relation.names[:MAX_COLUMNS] if name != across and name not in keys]
    at = [relation.names.index(name) for name in rest]
    amounts = dict(amounts_of(rest, [[row[i] for i in at] for row in relation.rows]))
    figures: list[tuple[str, Kind, str, NumberStyle | None]] = []
    for value in (*values, ""):
        figures.append((value, "count", "", None))
        figures += [(value, "first", name, None) for name in rest if value]
        figures += [(value, kind, name, style) for name, style in amounts.items() for kind in OF_AMOUNTS]
    made = Pivoted(keys, across, tuple(figures)).run(relation)
    places = corresponding(made, wanted)
    if places is None:
        return
    unexplained = 0
    needed: list[int] = []
    for column in wanted:
        shown = figures_of(column)
        if any(tuple(made.rows[p][i] or "" for p in places) == column for i in range(len(keys))):
            continue
        for i in range(len(keys), len(made.names)):
            cells = tuple(made.rows[p][i] or "" for p in places)
            numbers = read_numbers(cells, NumberStyle()) if shown and shown.varied else None
            if cells == column or (shown and numbers and shown.shown_by(numbers)):
                needed.append(i - len(keys))
                break
        else:
            unexplained += len(set(column)) > 1
    if not needed and not unexplained:
        return
    if unexplained:
        # Ratios and differences of figures are learned with the columns: all of them are at hand where they are few.
        kinds = {figures[i][1] for i in needed} or {"first", "sum", "avg"}
        more = [i for i, figure in enumerate(figures) if figure[1] in kinds and (figure[2] in amounts or not figure[2])]
        if len(more) > MAX_FIGURES:
            return
        needed += more
    chosen = tuple(figures[i] for i in sorted(set(needed)))
    if len({value for value, _, _, _ in chosen}) > 1:
        yield plan.then(Pivoted(keys, across, chosen))
