"""Figures of a row's group beside the row: totals, means, counts, ranks, running totals, the row before."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from services.converter.domain.formats.number import NumberStyle, cast_double, round_double, styles
from services.converter.domain.synthesis.columns.separating import roundest
from services.converter.domain.synthesis.evidence import chosen, labelling_bits
from services.converter.domain.synthesis.language import Column, Condition
from services.converter.domain.synthesis.operators.logic.condition import Comparison, Equals
from services.converter.domain.synthesis.operators.number.values import ReadNumber
from services.converter.domain.synthesis.rows.algebra import Cells, Plan, Relation, Step, column_list
from services.converter.domain.synthesis.rows.steps.context import ExactSum
from services.converter.domain.synthesis.rows.steps.figures import amounts_of, figures_of, read_numbers
from services.converter.domain.synthesis.rows.steps.filtering import Filter
from services.converter.domain.synthesis.sqltext import identifier

Kind = Literal[
    "count", "distinct", "number", "number_back", "before", "first",
    "sum", "min", "max", "avg", "running", "rank", "rank_down",
]  # fmt: skip
Compared = Literal["", "minus", "over", "percent", "change", "percent_change"]
OF_AMOUNTS: tuple[Kind, ...] = ("sum", "max", "min", "avg", "running", "rank_down", "rank")
OF_TEXTS: tuple[Kind, ...] = ("before", "first", "distinct")
OF_ROWS: tuple[Kind, ...] = ("number", "count", "number_back")
TELLING: frozenset[Kind] = frozenset({"count", "distinct", "number", "number_back", "sum", "rank", "rank_down"})
"""Figures by which rows are kept."""
COUNTED: frozenset[Kind] = frozenset({"number", "number_back", "count", "distinct", "rank", "rank_down"})
"""Figures that are small whole numbers."""
LEAST_GROUPS = 2
"""Groups of each kind that a threshold must tell apart: of fewer, the group's own name is the likelier reason."""
COMPARED: frozenset[Kind] = frozenset({"sum", "max", "min", "avg", "before", "first"})
"""Figures that a row's own amount is compared with."""
_COMPARISONS: tuple[Compared, ...] = ("minus", "over", "percent", "change", "percent_change")
MAX_COLUMNS, MAX_KEYS, MAX_AMOUNTS = 20, 6, 8
MAX_ROWS, MAX_WORK = 3_000, 250_000
"""Rows of an example in which windows are looked for, and figures that are made of them."""
_WORDS = {
    "count": "the number of rows", "distinct": "the number of different {}", "number": "the row's number",
    "number_back": "the row's number from the end", "before": "the {} before", "first": "the first {}",
    "sum": "the total {}", "min": "the least {}", "max": "the greatest {}", "avg": "the mean {}",
    "running": "the {} so far", "rank": "the rank by {}", "rank_down": "the rank by {}, largest first",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """One figure of a group: of its rows, or of one of its columns."""

    kind: Kind
    column: str = ""
    style: NumberStyle | None = None
    compared: Compared = ""
    """How the row's own amount is compared with the figure; not at all where empty."""

    def values(self, rows: Sequence[str | None]) -> list[str | None]:
        """The figure beside each row of one group, whose column is given in order."""
        figures = self._figures(rows)
        if not self.compared:
            return figures
        style = self.style or NumberStyle()
        reads = style if self.kind in ("before", "first") else NumberStyle()
        return [
            _written(value, 12) if value is not None else None
            for value in (
                compare(self.compared, style.read(own or ""), reads.read(other or ""))
                for own, other in zip(rows, figures, strict=True)
            )
        ]

    def _figures(self, rows: Sequence[str | None]) -> list[str | None]:
        if self.kind == "count":
            return [str(len(rows))] * len(rows)
        if self.kind in ("number", "number_back"):
            numbers = [str(k) for k in range(1, len(rows) + 1)]
            return list(numbers) if self.kind == "number" else list(reversed(numbers))
        if self.kind == "before":
            return [None, *rows[:-1]]
        if self.kind == "first":
            return [rows[0]] * len(rows)
        if self.kind == "distinct":
            return [str(len({text for text in rows if text is not None}))] * len(rows)
        return self._of_amounts(read_numbers(rows, self.style or NumberStyle()))

    def _of_amounts(self, numbers: Sequence[float | None]) -> list[str | None]:
        known = [n for n in numbers if n is not None]
        if self.kind == "running":
            total, out = ExactSum(), []
            for number in numbers:
                if number is not None:
                    total.add(number)
                out.append(_written(total.value) if total.parts else None)
            return out
        if self.kind in ("rank", "rank_down"):
            placed = sorted(known, reverse=self.kind == "rank_down")
            return [str((placed.index(n) if n is not None else len(placed)) + 1) for n in numbers]
        if not known:
            return [None] * len(numbers)
        exact = math.fsum(known)
        value = {"sum": exact, "min": min(known), "max": max(known), "avg": exact / len(known)}[self.kind]
        return [_written(value)] * len(numbers)

    def sql(self, keys: Sequence[str], order: str) -> str:
        """A window function over the group."""
        figure = self._figure_sql(keys, order)
        if not self.compared:
            return figure
        style = self.style or NumberStyle()
        own, reads = style.sql(identifier(self.column)), style if self.kind in ("before", "first") else NumberStyle()
        other = reads.sql(figure)
        value = {
            "minus": f"{own} - {other}",
            "over": f"{own} / nullif({other}, 0)",
            "percent": f"100 * ({own} / nullif({other}, 0))",
            "change": f"{own} / nullif({other}, 0) - 1",
            "percent_change": f"100 * ({own} / nullif({other}, 0) - 1)",
        }[self.compared]
        return f"CAST(round({value}, 12) AS VARCHAR)"

    def _figure_sql(self, keys: Sequence[str], order: str) -> str:
        by = f"PARTITION BY {column_list(keys)}" if keys else ""
        along = f"{by} ORDER BY {order}".strip()
        column = identifier(self.column)
        if self.kind == "count":
            return f"CAST(count(*) OVER ({by}) AS VARCHAR)"
        if self.kind in ("number", "number_back"):
            numbered = f"row_number() OVER ({along})"
            return f"CAST({numbered if self.kind == 'number' else f'count(*) OVER ({by}) + 1 - {numbered}'} AS VARCHAR)"
        if self.kind == "before":
            return f"lag({column}) OVER ({along})"
        if self.kind == "first":
            return f"first_value({column}) OVER ({along})"
        if self.kind == "distinct":
            return f"CAST(count(DISTINCT {column}) OVER ({by}) AS VARCHAR)"
        number = (self.style or NumberStyle()).sql(column)
        if self.kind in ("rank", "rank_down"):
            direction = " DESC" if self.kind == "rank_down" else ""
            return f"CAST(rank() OVER ({f'{by} ORDER BY {number}'.strip()}{direction} NULLS LAST) AS VARCHAR)"
        if self.kind == "running":
            return f"CAST(round(sum({number}) OVER ({along} ROWS UNBOUNDED PRECEDING), 8) AS VARCHAR)"
        return f"CAST(round({self.kind}({number}) OVER ({by}), 8) AS VARCHAR)"

    def words(self) -> str:
        """What the figure is."""
        figure = _WORDS[self.kind].format(self.column)
        return {
            "": figure,
            "minus": f"{self.column} less {figure}",
            "over": f"{self.column} as a share of {figure}",
            "percent": f"{self.column} in percent of {figure}",
            "change": f"the change of {self.column} from {figure}",
            "percent_change": f"the change of {self.column} from {figure} in percent",
        }[self.compared]


def compare(how: Compared, own: float | None, other: float | None) -> float | None:
    """A row's amount compared with a figure: the difference, the ratio, or the ratio less one, or in percent."""
    if own is None or other is None:
        return None
    if how == "minus":
        return own - other
    if other == 0:
        return None
    share = own / other - (1.0 if how.endswith("change") else 0.0)
    return 100.0 * share if how.startswith("percent") else share


def _written(value: float, places: int = 8) -> str:
    return repr(round_double(value, places))


@dataclass(frozen=True, slots=True)
class Windows(Step):
    """Adds to each row figures of the rows with the same keys (of all rows where there are none)."""

    keys: tuple[str, ...]
    windows: tuple[Window, ...]
    title = "with_figures"
    keeps_rows = True
    distant = True

    @property
    def cost(self) -> float:
        """What other rows say is rarer than what a row holds itself; small numbers in order may be so by chance."""
        counted = not self.keys and any(window.kind in COUNTED for window in self.windows)
        return 0.9 + 0.3 * len(self.keys) + 1.2 * counted

    def _added(self, relation: Relation) -> list[tuple[str, Window]]:
        tail = f"_by_{'_'.join(self.keys)}" if self.keys else "_of_all"
        names = [f"{w.column or 'row'}_{w.compared}{'_' if w.compared else ''}{w.kind}{tail}" for w in self.windows]
        return [(relation.fresh(name), window) for name, window in zip(names, self.windows, strict=True)]

    def run(self, relation: Relation) -> Relation:
        """The rows with the figures."""
        columns = figures_beside(relation, self.keys, self.windows)
        rows: tuple[Cells, ...] = tuple(
            (*row, *more) for row, more in zip(relation.rows, zip(*columns, strict=True), strict=True)
        )
        return replace(relation, names=(*relation.names, *(name for name, _ in self._added(relation))), rows=rows)

    def sql(self, relation: Relation, source: str, needed: frozenset[str]) -> str:
        """Window functions."""
        order = ", ".join(relation.order)
        lines = [
            f"    {window.sql(self.keys, order)} AS {identifier(name)}"
            for name, window in self._added(relation)
            if name in needed
        ]
        return "SELECT\n    *,\n" + ",\n".join(lines) + f"\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The keys and the columns that figures are made of."""
        used = {window.column for name, window in self._added(relation) if name in needed and window.column}
        return frozenset({*self.keys, *used})

    def words(self) -> str:
        """Which figures of which rows."""
        among = f"the rows of its {' and '.join(self.keys)}" if self.keys else "all rows"
        return f"each row sees, among {among}: {', '.join(window.words() for window in self.windows)}"


def figures_beside(relation: Relation, keys: Sequence[str], windows: Sequence[Window]) -> list[list[str | None]]:
    """For each window its column, row by row."""
    at = {name: i for i, name in enumerate(relation.names)}
    groups: dict[tuple[str | None, ...], list[int]] = {}
    for position, row in enumerate(relation.rows):
        groups.setdefault(tuple(row[at[key]] for key in keys), []).append(position)
    out: list[list[str | None]] = [[None] * len(relation.rows) for _ in windows]
    for members in groups.values():
        for column, window in zip(out, windows, strict=True):
            cells = [relation.rows[m][at[window.column]] if window.column else None for m in members]
            for member, value in zip(members, window.values(cells), strict=True):
                column[member] = value
    return out


def with_windows(plan: Plan, wanted: Sequence[tuple[str, ...]]) -> Iterator[Plan]:
    """The plan with the figures that wanted columns show, or are differences from or shares of."""
    relation = plan.relation
    if not 2 <= len(relation.rows) <= MAX_ROWS:
        return
    have = {tuple(cell or "" for cell in column) for column in zip(*relation.rows, strict=True)}
    unexplained = [column for column in wanted if column not in have and len(set(column)) > 1]
    best: dict[tuple[str, ...], tuple[float, tuple[str, ...], Window]] = {}
    work = 0
    for keys in _groups(relation) if unexplained else ():
        windows = _windows(relation, keys)
        work += len(windows) * len(relation.rows)
        if work > MAX_WORK:
            break
        beside = figures_beside(relation, keys, windows)
        for column in unexplained:
            for price, window in _fitting(relation, windows, beside, column):
                cost = price + 0.3 * len(keys)
                if column not in best or cost < best[column][0]:
                    best[column] = cost, keys, window
    steps: dict[tuple[str, ...], list[Window]] = {}
    for _, keys, window in best.values():
        if window not in steps.setdefault(keys, []):
            steps[keys].append(window)
    found = plan
    for keys, windows in steps.items():
        found = found.then(Windows(keys, tuple(windows)))
    if steps:
        yield found


def _groups(relation: Relation) -> Iterator[tuple[str, ...]]:
    """All rows, the rows with the same value in a column that is never blank, and in two such columns."""
    yield ()
    count = len(relation.rows)
    usable = []
    for index, name in enumerate(relation.names[:MAX_COLUMNS]):
        column = [row[index] for row in relation.rows]
        distinct = len(set(column))
        most = count // 2 if styles([cell or "" for cell in column]) else count - 1
        if 1 < distinct <= most and all((cell or "").strip() for cell in column):
            usable.append(name)
    yield from ((name,) for name in usable[:MAX_KEYS])
    yield from combinations(usable[:4], 2)


def _windows(relation: Relation, keys: Iterable[str]) -> list[Window]:
    names = [name for name in relation.names[:MAX_COLUMNS] if name not in set(keys)]
    positions = [relation.names.index(name) for name in names]
    amounts = amounts_of(names, [[row[i] for i in positions] for row in relation.rows])[:MAX_AMOUNTS]
    return [
        *(Window(kind) for kind in OF_ROWS),
        *(Window(kind, name, style) for name, style in amounts for kind in OF_AMOUNTS),
        *(Window(kind, name) for name in names for kind in OF_TEXTS),
    ]


def _fitting(
    relation: Relation,
    windows: Sequence[Window],
    figures_of_windows: Sequence[list[str | None]],
    column: tuple[str, ...],
) -> Iterator[tuple[float, Window]]:
    """Windows whose figures the column shows (price 0), or that amounts are compared with (price 1)."""
    figures = figures_of(column)
    amounts = {
        w.column: read_numbers([row[relation.names.index(w.column)] for row in relation.rows], w.style or NumberStyle())
        for w in windows
        if w.kind == "sum"
    }
    for window, beside in zip(windows, figures_of_windows, strict=True):
        texts = tuple(text or "" for text in beside)
        if window.column in amounts and read_numbers(beside, NumberStyle()) == amounts[window.column]:
            continue  # of groups of one row each: the amount itself
        if texts == column:
            yield 0.0, window
        elif figures is not None and figures.varied and window.kind not in ("distinct", "number_back"):
            style = window.style if window.kind in ("before", "first") else None
            numbers = read_numbers(beside, style or NumberStyle())
            if figures.shown_by(numbers):
                yield 0.0, window
            elif window.kind in COMPARED and window.column in amounts:
                for how in _COMPARISONS:
                    computed = [compare(how, a, b) for a, b in zip(amounts[window.column], numbers, strict=True)]
                    if figures.shown_by(computed):
                        yield 1.0, replace(window, compared=how)
                        break


def telling_windows(plan: Plan, kept: Sequence[int]) -> Iterator[Plan]:
    """The plan with only the kept rows, told by a figure of their groups: the largest of each, groups of several.

    The first of all rows by an amount are told only where they are wanted in that order: else a threshold is likelier.
    """
    relation = plan.relation
    if not 3 <= len(relation.rows) <= MAX_ROWS or len(kept) < 2:
        return
    kept_rows = set(kept)
    labels = [position in kept_rows for position in range(len(relation.rows))]
    work = 0
    tried = 0
    found: list[tuple[Windows, Condition]] = []
    for keys in _groups(relation):
        windows = _windows(relation, keys)
        work += len(windows) * len(relation.rows)
        if work > MAX_WORK:
            break
        tried += len(windows)
        for window, beside in zip(windows, figures_beside(relation, keys, windows), strict=True):
            step = Windows(keys, (window,))
            counted = [beside[position] for position in kept] == [str(k) for k in range(1, len(kept) + 1)]
            if not keys and (window.column or window.kind == "count") and not counted:
                continue
            condition = _telling(relation, step, window, beside, labels)
            if condition is not None:
                found.append((step, condition))
    evidence = labelling_bits(labels) - chosen(tried)
    for step, condition in found:
        yield plan.then(step).then(Filter(condition, told=1.0 if step.keys else 0.5, evidence=evidence))


def _telling(
    relation: Relation, step: Windows, window: Window, beside: Sequence[str | None], labels: Sequence[bool]
) -> Condition | None:
    """A condition on the figure that holds on the labelled rows only."""
    if window.kind not in TELLING or (window.kind == "sum" and not step.keys):
        return None
    column = Column(len(relation.names), step.run(relation).names[-1])
    values = [cast_double(text or "") for text in beside]
    yes = [v for v, label in zip(values, labels, strict=True) if label and v is not None]
    no = [v for v, label in zip(values, labels, strict=True) if not label and v is not None]
    if not yes or not no or len(yes) + len(no) < len(values):
        return None
    ranks = window.kind in ("rank", "rank_down", "number", "number_back")
    if ranks and set(yes) == {1.0} and 1.0 not in no:
        return Equals(column, ("1",))
    if ranks and step.keys and max(yes) >= min(no):
        return None
    number = ReadNumber(column, NumberStyle())
    if ranks:
        first = max(yes) < min(no) and set(yes) >= {float(k) for k in range(1, int(max(yes)) + 1)}
        return Comparison(number, "<=", max(yes)) if first else None
    kept = {
        tuple(row[relation.names.index(k)] for k in step.keys)
        for row, x in zip(relation.rows, labels, strict=True)
        if x
    }
    gone = {
        tuple(row[relation.names.index(k)] for k in step.keys)
        for row, x in zip(relation.rows, labels, strict=True)
        if not x
    }
    if len(kept) < LEAST_GROUPS or len(gone) < LEAST_GROUPS:
        return None
    if max(no) < min(yes):
        return Comparison(number, ">=", roundest(max(no), min(yes)))
    alike = max(yes) < min(no) and len(set(yes)) == 1 and window.kind != "sum"
    return Equals(column, (str(int(yes[0])),)) if alike else None
