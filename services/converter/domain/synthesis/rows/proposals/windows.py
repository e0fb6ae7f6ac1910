"""Figures of groups that wanted columns show, or by which rows are kept."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from services.converter.domain.formats.datereader import MomentStyle
from services.converter.domain.formats.number import NumberStyle, cast_double, styles
from services.converter.domain.synthesis.evidence import chosen, labelling_bits
from services.converter.domain.synthesis.language import Column, Condition
from services.converter.domain.synthesis.operators.logic.comparing import Comparison
from services.converter.domain.synthesis.operators.logic.condition import Equals
from services.converter.domain.synthesis.operators.logic.telling import roundest
from services.converter.domain.synthesis.operators.number.values import ReadNumber
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.figures import amounts_of, figures_of, read_numbers
from services.converter.domain.synthesis.rows.proposals.ordering import date_styles
from services.converter.domain.synthesis.rows.steps.filtering import Filter
from services.converter.domain.synthesis.rows.steps.windows import (
    OF_AMOUNTS,
    OF_ROWS,
    OF_TEXTS,
    Compared,
    Kind,
    Signs,
    Window,
    Windows,
    compare,
    figures_beside,
)

TELLING: frozenset[Kind] = frozenset({"count", "distinct", "number", "number_back", "sum", "rank", "rank_down"})
"""Figures by which rows are kept."""
RANKS: frozenset[Kind] = frozenset({"rank", "rank_down", "number", "number_back"})
"""Those that count from one."""

LEAST_GROUPS = 2
"""Groups of each kind that a threshold must tell apart: of fewer, the group's own name is the likelier reason."""

COMPARED: frozenset[Kind] = frozenset({"sum", "max", "min", "avg", "before", "first"})
"""Figures that a row's own amount is compared with."""

_COMPARISONS: tuple[Compared, ...] = ("minus", "over", "percent", "change", "percent_change")

SIGNED = ((0, 1), (1, 0))
"""Which of two kinds of rows adds its amounts, and which takes them off."""

MAX_COLUMNS, MAX_KEYS, MAX_AMOUNTS = 20, 6, 8
"""Columns, keys and amounts that are tried for sums and ranks over other rows: their products are searched."""

LATEST = 0.7
"""The price of keeping the first or last rows of a group in time, which people do more than by amounts."""
OF_MOMENTS: tuple[Kind, ...] = ("rank", "rank_down")
_NAME = re.compile("[0-9]{4,}")

MAX_ROWS, MAX_WORK = 3_000, 250_000
"""Rows of an example in which windows are looked for, and figures that are made of them."""


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
        windows = [*_windows(relation, keys), *_signed(relation, keys)]
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
        measured = styles([cell or "" for cell in column]) and not _are_names([cell or "" for cell in column])
        most = count // 2 if measured else count - 1
        if 1 < distinct <= most and all((cell or "").strip() for cell in column):
            usable.append(name)
    yield from ((name,) for name in usable[:MAX_KEYS])
    yield from combinations(usable[:4], 2)


def _are_names(texts: Sequence[str]) -> bool:
    """Whether numbers are the names of things: so many digits each, and no fewer than four."""
    return len({len(text) for text in texts}) == 1 and all(_NAME.fullmatch(text) for text in texts)


def _windows(relation: Relation, keys: Iterable[str]) -> list[Window]:
    names = [name for name in relation.names[:MAX_COLUMNS] if name not in set(keys)]
    positions = [relation.names.index(name) for name in names]
    amounts = amounts_of(names, [[row[i] for i in positions] for row in relation.rows])[:MAX_AMOUNTS]
    dates = [(n, style) for n, i in zip(names, positions, strict=True) for style in _dates(relation, i)]
    return [
        *(Window(kind) for kind in OF_ROWS),
        *(Window(kind, name, style) for name, style in amounts for kind in OF_AMOUNTS),
        *(Window(kind, name, style) for name, style in dates for kind in OF_MOMENTS),
        *(Window(kind, name) for name in names for kind in OF_TEXTS),
    ]


def _dates(relation: Relation, index: int) -> list[MomentStyle]:
    """Ways to read a column as dates; none where it is one of numbers."""
    texts = tuple(row[index] or "" for row in relation.rows)
    return [] if not all(map(str.strip, texts)) or styles(texts) else date_styles(texts)


def _signed(relation: Relation, keys: Iterable[str]) -> Iterator[Window]:
    """Running totals of amounts that one of two kinds of rows takes off, such as sales from a position."""
    kinds = []
    for index, name in enumerate(relation.names[:MAX_COLUMNS]):
        texts = list(dict.fromkeys(row[index] or "" for row in relation.rows))
        if len(texts) == len(SIGNED) and all(text.strip() for text in texts) and not styles(texts):
            kinds.append((name, texts))
    if kinds:
        for window in _windows(relation, keys):
            for name, texts in kinds if window.kind == "running" and window.style is not None else ():
                yield from (replace(window, signs=Signs(name, texts[p], texts[m])) for p, m in SIGNED)


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
        if w.kind == "sum" and w.signs is None
    }
    for window, beside in zip(windows, figures_of_windows, strict=True):
        texts = tuple(text or "" for text in beside)
        own = amounts.get(window.column, ())
        if own and _sizes(read_numbers(beside, NumberStyle())) == _sizes(own):
            continue  # of groups of one row each: the amount itself, whatever its sign
        if texts == column:
            yield 0.0, window
        elif figures is not None and figures.varied and window.kind not in ("distinct", "number_back"):
            style = window.style if window.kind in ("before", "first") else None
            numbers = read_numbers(beside, style or NumberStyle())
            if figures.shown_by(numbers):
                yield 0.0, window
            elif window.kind in COMPARED and window.signs is None and window.column in amounts:
                for how in _COMPARISONS:
                    computed = [compare(how, a, b) for a, b in zip(amounts[window.column], numbers, strict=True)]
                    # A share of one, or what is left of nothing taken off, is the amount itself.
                    if figures.shown_by(computed) and tuple(computed) != own:
                        yield 1.0, replace(window, compared=how)
                        break


def _sizes(numbers: Iterable[Decimal | None]) -> list[Decimal | None]:
    return [None if number is None else abs(number) for number in numbers]


def telling_windows(plan: Plan, kept: Sequence[int], least: float = 0.0) -> Iterator[Plan]:
    """The plan with only the kept rows, told by a figure of their groups: the largest of each, groups of several.

    None costs less than ``least``. The first of all rows by an amount are told only where they are wanted in that
    order: else a threshold is likelier.
    """
    relation = plan.relation
    if not 3 <= len(relation.rows) <= MAX_ROWS or len(kept) < 2:
        return
    kept_rows = set(kept)
    labels = [position in kept_rows for position in range(len(relation.rows))]
    work = 0
    tried = Counter[str]()
    found: list[tuple[Windows, Condition, int]] = []
    for keys in _groups(relation):
        windows = _windows(relation, keys)
        work += len(windows) * len(relation.rows)
        if work > MAX_WORK:
            break
        tried.update(window.kind for window in windows)
        for window, beside in zip(windows, figures_beside(relation, keys, windows), strict=True):
            step = Windows(keys, (window,))
            if not keys and window.kind == "number":
                continue  # how many rows a file begins with is an accident of the example
            counted = [beside[position] for position in kept] == [str(k) for k in range(1, len(kept) + 1)]
            if not keys and (window.column or window.kind == "count") and not counted:
                continue
            condition = _telling(relation, step, window, beside, labels)
            if condition is not None:
                # To be the first of its group is one place; thresholds were to be had between all figures.
                is_first = condition == _is_first(relation, step) and window.kind in RANKS
                found.append((step, condition, 1 if is_first else len(set(beside)) - 1))
    for step, condition, places in found:
        # Columns and groups with a figure of this kind, and places for its threshold. A group says what it says once.
        told = labels
        if step.windows[0].kind not in RANKS:
            at = [relation.names.index(key) for key in step.keys]
            groups = [tuple(row[i] or "" for i in at) for row in relation.rows]
            told = [label for _, label in sorted(set(zip(groups, labels, strict=True)))]
        evidence = labelling_bits(told) - chosen(tried[step.windows[0].kind], places)
        told_by = LATEST if isinstance(step.windows[0].style, MomentStyle) else 1.0
        price = told_by if step.keys else 0.5
        yield plan.then(step).then(Filter(condition, told=price, evidence=evidence, least=least))


def _figure(relation: Relation, step: Windows) -> Column:
    return Column(len(relation.names), step.run(relation).names[-1])


def _is_first(relation: Relation, step: Windows) -> Condition:
    return Equals(_figure(relation, step), ("1",))


def _telling(
    relation: Relation, step: Windows, window: Window, beside: Sequence[str | None], labels: Sequence[bool]
) -> Condition | None:
    """A condition on the figure that holds on the labelled rows only."""
    if window.kind not in TELLING or (window.kind == "sum" and not step.keys):
        return None
    column = _figure(relation, step)
    values = [cast_double(text or "") for text in beside]
    yes = [v for v, label in zip(values, labels, strict=True) if label and v is not None]
    no = [v for v, label in zip(values, labels, strict=True) if not label and v is not None]
    if not yes or not no or len(yes) + len(no) < len(values):
        return None
    ranks = window.kind in RANKS
    if ranks and set(yes) == {1.0} and 1.0 not in no:
        return _is_first(relation, step)
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
