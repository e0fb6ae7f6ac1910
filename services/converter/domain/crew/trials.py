"""A program run again and again with one of its constants a little otherwise, and what that does to its rows."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from services.converter.domain.crew.constants import Constant, otherwise
from services.converter.domain.crew.digests import with_other_digests
from services.converter.domain.faults import ConverterFault, ProgramTimedOut
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Row, Table

MOST_CONSTANTS = 600
MOST_PARTS = 600
_BATCH = 40
_BREAK = "\x1f"
_JOINED = f"array_to_string(list_transform(_cells, lambda c: coalesce(c, '')), chr({ord(_BREAK)}))"
_BATCH_CHARS = 300_000
_Item = TypeVar("_Item")
Order = Callable[[tuple[Any, ...]], tuple[Any, ...]]
"""Puts items in another order."""


def reverse(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """The last first."""
    return items[::-1]


def roll(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """The first last."""
    return (*items[1:], *items[:1])


def stride(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Items far from one another side by side."""
    count = len(items)
    step = next(step for step in range(max(1, round(0.618 * count)), count + 2) if math.gcd(step, count) == 1)
    return tuple(items[(place * step + 1) % count] for place in range(count)) if count else items


@dataclass(frozen=True, slots=True)
class Effect:
    """What one change did: answers of rows that are others, a row that came or went, or another order."""

    constant: Constant
    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    """By column: the rows that are answered otherwise, with the other answer."""
    row: Row | None = None
    """The one row that came or went."""
    chose: bool = False
    """Whether other rows stay than before, one or many."""
    placed: bool = False
    """Whether the same rows come in another order."""
    moved: frozenset[Row] = frozenset()
    """The one row that alone stands elsewhere; both of two neighbours that changed places."""


@dataclass(slots=True)
class Trial:
    sql: str
    table: Table
    base: list[Row]
    runner: ProgramRunner
    ragged: bool
    effects: list[Effect] = field(default_factory=list)

    def change(self, constants: Sequence[Constant]) -> None:
        """Change every constant as a whole, then by its parts those that serve several rows."""
        chosen = spread(constants, MOST_CONSTANTS)
        whole = [(constant, constant.changed(self.sql)) for constant in chosen if constant.kind != "number"]
        several: list[Constant] = [constant for constant in chosen if constant.kind == "number"]
        for (constant, _), rows in zip(whole, self._run([sql for _, sql in whole]), strict=True):
            if rows is None:
                several += [constant] if constant.kind == "text" else []
                continue
            effect = self._effect(constant, rows)
            self.effects.append(effect)
            many = any(len(cells) > 1 for cells in effect.cells.values()) or len(rows) != len(self.base)
            if constant.kind == "text" and effect.row is None and (many or effect.placed):
                several.append(constant)
        signs = sum(len(constant.text) for constant in several) or 1
        parts: list[tuple[Constant, str]] = []
        for constant in several:
            most = max(2, MOST_PARTS * len(constant.text) // signs)
            parts += [(constant, changed) for changed in constant.changed_by_parts(self.sql, most)]
        for (constant, _), rows in zip(parts, self._run([sql for _, sql in parts]), strict=True):
            if rows is not None:
                self.effects.append(self._effect(constant, rows))

    def turned(self, order: Order = reverse) -> list[Row] | None:
        """The program's rows where the input's come in another order; None unless they follow the input's.

        They do where some column is turned with them: rows that are grouped or sorted come as before and say nothing.
        """
        rows = self.in_order(order)
        if rows is None or len(rows) != len(self.base):
            return None
        before, after = list(zip(*self.base, strict=False)), list(zip(*rows, strict=False))
        follows = any(a == order(b) and b != order(b) for b, a in zip(before, after, strict=False))
        return rows if follows else None

    def other(self, order: Order) -> "Trial | None":
        """The program on the input in another order, nothing changed yet; None where it cannot take it."""
        rows = self.in_order(order)
        table = replace(self.table, rows=order(self.table.rows))
        return None if rows is None else Trial(self.sql, table, rows, self.runner, self.ragged)

    def in_order(self, order: Order) -> list[Row] | None:
        """The program's rows where the input's come in another order; None where it cannot take them."""
        try:
            return rows_of(self.runner.run(self.sql, replace(self.table, rows=order(self.table.rows))))
        except ProgramTimedOut:
            raise
        except ConverterFault:
            return None

    def with_other_digests(self) -> list[list[Row]]:
        """The rows where every digest is another, in several ways; none where the program has no digest."""
        return [rows for rows in self._run(with_other_digests(self.sql)) if rows is not None]

    def on_other_rows(self) -> list[Row] | None:
        """The rows that are made of rows with every sign otherwise; None where the program cannot take such."""
        return self.in_order(lambda rows: tuple(tuple(map(otherwise, row)) for row in rows))

    def _effect(self, constant: Constant, rows: list[Row]) -> Effect:
        gone, come = Counter(self.base) - Counter(rows), Counter(rows) - Counter(self.base)
        if len(rows) != len(self.base):
            one = sum(gone.values()) + sum(come.values()) == 1
            return Effect(constant, row=next(iter(gone or come)) if one else None, chose=True)
        if len(rows) != len(self.table.rows) and sum(gone.values()) == 1:
            (was,), (now,) = gone, come
            if not any(a == b for a, b in zip(was, now, strict=False)):
                # Where rows are chosen: another row in its place.
                return Effect(constant, row=was, chose=True)
        cells: dict[int, dict[int, str]] = defaultdict(dict)
        for place, (was, now) in enumerate(zip(self.base, rows, strict=True)):
            if was != now:
                for column, (a, b) in enumerate(zip(was, now, strict=False)):
                    if a != b:
                        cells[column][place] = b
        if cells and Counter(rows) == Counter(self.base):
            return Effect(constant, placed=True, moved=_moved(self.base, rows))
        return Effect(constant, dict(cells), chose=len(rows) != len(self.table.rows) and _are_others(gone, come))

    def _run(self, programs: Sequence[str]) -> Iterator[list[Row] | None]:
        """The rows of each program; None for one that does not run."""
        size = max(1, min(_BATCH, _BATCH_CHARS // (len(self.sql) + 1)))
        for first in range(0, len(programs), size):
            yield from self._run_together(programs[first : first + size])

    def _run_together(self, programs: Sequence[str]) -> Sequence[list[Row] | None]:
        if len(programs) == 1:
            try:
                return self._united(programs)
            except ProgramTimedOut:
                raise  # what could not be judged is not accepted
            except ConverterFault:
                return [None]
        try:
            return list(self._united(programs))
        except ConverterFault:
            half = len(programs) // 2
            return [*self._run_together(programs[:half]), *self._run_together(programs[half:])]

    def _united(self, programs: Sequence[str]) -> list[list[Row]]:
        # One run of the sandbox for many programs: a process for each would take most of the time.
        what = _JOINED if self.ragged else "CAST(COLUMNS(*) AS VARCHAR)"
        parts = (
            f"SELECT CAST({number} AS VARCHAR) AS _program, CAST(row_number() OVER () AS VARCHAR) AS _place, "  # noqa: S608
            f"{what} FROM (\n{program}\n) AS p{number}"
            for number, program in enumerate(programs)
        )
        made: list[list[tuple[int, Row]]] = [[] for _ in programs]
        for number, place, *cells in self.runner.run("\nUNION ALL\n".join(parts), self.table).rows:
            row = tuple(cells[0].split(_BREAK)) if self.ragged else tuple(cells)
            made[int(number)].append((int(place), row))
        return [[row for _, row in sorted(rows)] for rows in made]


def _moved(before: Sequence[Row], after: Sequence[Row]) -> frozenset[Row]:
    """The row without which two orders of the same rows are one; either of two that stand side by side."""
    first = next(place for place, (a, b) in enumerate(zip(before, after, strict=True)) if a != b)
    rows = (before[first], after[first])
    return frozenset(row for row in rows if _without(before, row) == _without(after, row))


def _are_others(gone: Counter[Row], come: Counter[Row]) -> bool:
    """Whether the rows that went have no cell in common with those that came, place by place."""
    pairs = zip(gone.elements(), come.elements(), strict=True)
    return not any(a == b for was, now in pairs for a, b in zip(was, now, strict=False))


def _without(rows: Sequence[Row], row: Row) -> list[Row]:
    left = list(rows)
    left.remove(row)
    return left


def spread(items: Sequence[_Item], most: int) -> Sequence[_Item]:
    """Some of the items, evenly, where there are more."""
    return items if len(items) <= most else [items[i * len(items) // most] for i in range(most)]


def rows_of(output: Table) -> list[Row]:
    return [tuple(row) for row in output.rows]
