"""One row for each group, with counts, sums and other aggregates of its rows."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.rows.algebra import Cells, Edge, Relation, Source, Step
from services.converter.domain.synthesis.rows.figures import Total, total, total_sql, with_amounts, written
from services.converter.domain.synthesis.sqltext import identifier, literal

LISTED = "listed"
LEAST_LEGS, LEAST_GROUPS = 2, 3
"""Rows of a group that has a first and a last one, and groups that show by what these are told apart."""
_NEGATIVE = re.compile("^ *[(]?[-−]|^ *[(]")
PAIR = 2
"""Rows of a group whose first is all but its last, and its last all but its first."""

KINDS: tuple[Total, ...] = ("sum", "min", "max", "avg")


@dataclass(frozen=True, slots=True)
class UnlikeGroups(Edge):
    """Groups of whose first row and last row two things are made, unlike those of the example: of fewer rows, whose
    first and last may be one, of more where all had as many, or with the one where the other stood."""

    keys: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    """Rows that a group had at most, where all had as many; else 0."""
    ends: tuple[tuple[str, str, str], ...] = ()
    """Columns by which the first row or the last one of each group is told: its name, the end, SQL of what stands there
    where ``{}`` is the cell."""

    def sql(self, source: Source) -> str:
        """The groups' first rows."""
        keys = ", ".join(map(identifier, self.keys))
        rows = f"SELECT min(_row) AS _row, count(*) || ' rows' AS value\nFROM {source}"
        unlike = [f"count(*) < {self.least}"] * bool(self.least) + [f"count(*) > {self.most}"] * bool(self.most)
        for column, end, told in self.ends:
            cell = f"coalesce({end}({identifier(column)} ORDER BY {source.order}), '')"
            unlike.append(f"NOT ({told.format(cell)})")
        return f"{rows}\nGROUP BY {keys}\nHAVING {' OR '.join(unlike)}"


@dataclass(frozen=True, slots=True)
class Grouped(Step):
    """Rows with equal keys become one: the keys, `rows` (their count), aggregates of amounts, first and last texts."""

    keys: tuple[str, ...]
    amounts: tuple[tuple[str, NumberStyle], ...]
    lists: tuple[tuple[str, str], ...] = ()
    """Columns whose texts stand in a list, each with its kind: `listed` or `listed_once`, a blank, the separator."""
    least: float = 0.0
    """The price below which it is not to be had, since a likelier reason explains which rows there are."""
    alike: tuple[str, ...] = ()
    """Columns that are wanted of a group and are the same in all rows of each of the example's."""
    parted: bool = True
    """Whether rows that differ in those are of several groups, as all that is shown of a group is its key."""
    title = "grouped"
    columns_only = True

    @property
    def cost(self) -> float:
        """Above plain rows."""
        return max(self.least, 2.0 + 0.3 * max(0, len(self.keys) - 1))

    @property
    def _by(self) -> tuple[str, ...]:
        """The columns that tell groups."""
        return (*self.keys, *self.alike) if self.parted else self.keys

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
            groups.setdefault(tuple(row[at[k]] for k in self._by), []).append(position)
        added = self._added(relation)
        rows: list[Cells] = []
        for key, members in groups.items():
            cells: list[str | None] = list(key[: len(self.keys)])
            for _, kind, column, style in added:
                texts = [relation.rows[m][at[column]] for m in members] if column else []
                figure = next((known for known in KINDS if known == kind), None)
                if style is not None and figure is not None:
                    cells.append(written(total(figure, texts, style)))
                else:
                    cells.append(aggregate(kind, texts, len(members)))
            rows.append(tuple(cells))
        names = (*self.keys, *(name for name, _, _, _ in added))
        return relation.renamed(names, rows, (members[0] for members in groups.values()))

    def sql(self, source: Source) -> str:
        """`GROUP BY` with the aggregates that are read."""
        lines = [f"    {source.first_row} AS _row", *(f"    {identifier(k)}" for k in self.keys)]
        order = source.order
        added = [figure for figure in self._added(source.relation) if figure[0] in source.needed]
        rows, numbers = with_amounts(source, [(column, style) for _, _, column, style in added if style is not None])
        for name, kind, column, _ in added:
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
                figure = next(known for known in KINDS if known == kind)
                value = total_sql(figure, column, numbers[column], "")
            lines.append(f"    {value} AS {identifier(name)}")
        return "SELECT\n" + ",\n".join(lines) + f"\nFROM {rows}\nGROUP BY {', '.join(identifier(k) for k in self._by)}"

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Groups unlike the example's, where what the first row says and what the last one does are two things; and
        groups of more than two rows where none had more: which is meant by the first, or the last, was not shown."""
        places = [relation.names.index(key) for key in self._by]
        groups: dict[Cells, list[Cells]] = {}
        for row in relation.rows:
            groups.setdefault(tuple(row[i] for i in places), []).append(row)
        sizes = {len(rows) for rows in groups.values()}
        others = {name: place for place, name in enumerate(relation.names) if name not in self.keys}
        if min(sizes, default=0) >= LEAST_LEGS:
            told = [
                (name, end, sql)
                for name, place in others.items()
                for end, sql in _told_ends([[row[place] or "" for row in rows] for rows in groups.values()])
            ]
            ends = tuple(frozenset(relation.fresh(f"{name}_{end}") for end in ("first", "last")) for name in others)
            yield UnlikeGroups(
                "a group has another number of rows than those of the example, or they stand in another order",
                "", reads=frozenset(self._by).union(name for name, _, _ in told), together=ends, keys=self._by,
                least=min(sizes), most=max(sizes) if len(sizes) == 1 else 0, ends=tuple(told),
            )  # fmt: skip
        if max(sizes, default=0) == PAIR:
            varied = [
                n for n, i in others.items() if any(len({row[i] for row in rows}) > 1 for rows in groups.values())
            ]
            ends = tuple(frozenset({relation.fresh(f"{name}_{end}")}) for name in varied for end in ("first", "last"))
            words = "a group has more than two rows, as none of the example had, and one of them is taken"
            yield UnlikeGroups(words, "", reads=frozenset(self._by), together=ends, keys=self._by, most=PAIR)

    def otherwise(self) -> Iterator[Step]:
        """Rows of equal keys are of one group or of several where they differ in what never differed."""
        if self.alike:
            yield replace(self, parted=not self.parted)

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """Keys and the columns that are aggregated."""
        used = {column for name, _, column, _ in self._added(relation) if name in needed and column}
        return frozenset(used | set(self._by))

    def words(self) -> str:
        """What the groups are."""
        return f"one row for each {' and '.join(self._by)}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls(("a",), (("n", NumberStyle()),)),
            cls(("a",), (), (("b", "listed , "), ("n", "listed_once ;"))),
            cls(("b", "a"), ()),
            cls(("a",), (("n", NumberStyle()),), alike=("b",)),
            cls(("a",), (("n", NumberStyle()),), alike=("b",), parted=False),
        )


def _told_ends(groups: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """SQL of what tells a first cell of each group from the last ones, and the other way round: a sign, or words that
    recur."""
    if len(groups) < LEAST_GROUPS:
        return
    firsts, lasts = [cells[0] for cells in groups], [cells[-1] for cells in groups]
    for end, ours, theirs in (("first", firsts, lasts), ("last", lasts, firsts)):
        signs = [{_NEGATIVE.match(cell) is not None for cell in cells} for cells in (ours, theirs)]
        numbers = all(any(map(str.isdecimal, cell)) for cell in (*ours, *theirs))
        if numbers and signs in ([{True}, {False}], [{False}, {True}]):
            negative = f"regexp_matches({{}}, {literal(_NEGATIVE.pattern)})"
            yield end, negative if signs[0] == {True} else f"NOT {negative}"
        elif not numbers and not set(ours) & set(theirs) and min(Counter(ours).values()) > 1:
            yield end, f"{{}} IN ({', '.join(map(literal, sorted(set(ours))))})"


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
