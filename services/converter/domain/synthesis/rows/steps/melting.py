"""Wide to long by the columns' names: `qty_2023, amt_2023, qty_2024, ...` become rows of key, qty and amt."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier, literal

MAX_CELLS, MAX_KEYS, MAX_MEASURES = 40_000, 120, 12
_EDGES = " _.-:/|"
_MARKS = "_. -:"
_PARTS = (("stub", "key"), ("key", "stub"))
_PATTERNS = (
    re.compile(r"(?P<stub>.*\D)[ _.:/-]*(?P<key>\d+)\Z", re.DOTALL),
    re.compile(r"(?P<key>\d+)[ _.:/-]*(?P<stub>\D.*)\Z", re.DOTALL),
    re.compile(r"(?P<key>[^()]+?) *(?P<stub>\([^()]*\))\Z", re.DOTALL),
    *(
        re.compile(rf"(?P<{a}>.+{how}){re.escape(mark)}(?P<{b}>.+)\Z", re.DOTALL)
        for how in ("?", "")
        for mark in _MARKS
        for a, b in _PARTS
    ),
)
"""Names of two parts: a number at either end, brackets at the end, the first or the last of a mark between them."""


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


def melts(plan: Plan, wanted: Sequence[tuple[str, ...]], targets: Sequence[str]) -> Iterator[Plan]:
    """Melts whose keys stand in a wanted column, or whose measures are the names of wanted columns."""
    relation = plan.relation
    names = [name for name in relation.names if name in relation.header]
    if len(names) < 2 or len(relation.rows) * len(names) > MAX_CELLS:
        return
    values = [{text.strip() for text in column} - {""} for column in wanted]
    seen: set[tuple[object, ...]] = set()
    for step in (*_named(names, values), *_measured(names, targets, values), *_patterned(names, values)):
        mark = (step.keys, step.columns)
        if mark not in seen and len(step.keys) > 1:
            seen.add(mark)
            for by_key in (False, True):
                yield plan.then(replace(step, by_key=by_key))


def _named(names: Sequence[str], values: Sequence[set[str]]) -> Iterator[Melt]:
    """The columns whose names stand in a wanted column, with what stands between them."""
    for held in values:
        chosen = [name for name in names if name.strip() in held]
        if 2 <= len(chosen) <= MAX_KEYS and 2 * len(chosen) > len(held):
            yield Melt(tuple(chosen), ("cell",), tuple((name,) for name in chosen))


def _measured(names: Sequence[str], targets: Sequence[str], values: Sequence[set[str]]) -> Iterator[Melt]:
    """Names that begin or end with the name of a wanted column: the rest of them is the key."""
    for ends in (True, False):
        cells: dict[str, dict[str, str]] = {}
        for target in sorted(targets, key=len, reverse=True):
            for name in names:
                if len(name) > len(target) and (name.endswith(target) if ends else name.startswith(target)):
                    key = (name[: -len(target)] if ends else name[len(target) :]).strip(_EDGES)
                    if key and not any(name in known.values() for known in cells.values()):
                        cells.setdefault(key, {}).setdefault(target, name)
        yield from _table(cells, values)


def _patterned(names: Sequence[str], values: Sequence[set[str]]) -> Iterator[Melt]:
    """Names of two parts, of which one is the key."""
    for pattern in _PATTERNS:
        cells: dict[str, dict[str, str]] = {}
        for name in names:
            found = pattern.match(name)
            if found:
                stub = found["stub"].strip(_EDGES) or "cell"
                cells.setdefault(found["key"].strip(_EDGES), {}).setdefault(stub, name)
        yield from _table(cells, values)


def _table(cells: dict[str, dict[str, str]], values: Sequence[set[str]]) -> Iterator[Melt]:
    """The melt of cells by key and measure, where the keys stand in a wanted column."""
    if not 2 <= len(cells) <= MAX_KEYS:
        return
    if not any(2 * len(held & set(cells)) > len(held | set(cells)) for held in values):
        return
    measures = tuple(dict.fromkeys(measure for row in cells.values() for measure in row))
    if len(measures) <= MAX_MEASURES:
        columns = tuple(tuple(row.get(measure) for measure in measures) for row in cells.values())
        yield Melt(tuple(cells), measures, columns)
