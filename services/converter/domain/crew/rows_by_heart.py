"""Whether a program lists which rows of its example stay, and in which order, judged by what it does.

Rows stay, and come in an order, by what stands in them, or as they come. What goes by the numbers of the rows shows
when the input comes in other orders; what goes by constants of single rows, by limits around them, by digits or by
what a digest happens to be, when these are changed.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from services.converter.domain.crew.constants import Constant
from services.converter.domain.crew.date_facts import names_dates
from services.converter.domain.crew.lineage import trace
from services.converter.domain.crew.regular import is_regular_choice
from services.converter.domain.crew.spoken import stands_in
from services.converter.domain.crew.trials import Effect, Order, Trial, reverse, roll, stride
from services.converter.domain.synthesis.proof.forms import OUTLINE
from services.converter.domain.table import Row

FEWEST = 2
SHARE = 0.25
"""The share of rows with constants of their own from which on they are a list."""
MOST_LIMITS = 3
HELD_BITS, FREE_BITS = 0.6, 10.0
"""The share of what is to be told that digits may hold, and how much of it a rule's own constants do."""
PACKED_DIGITS = 3
"""A number of fewer digits is a year's day, a month or a percentage, and packs nothing."""
_BITS_OF_DIGIT = math.log2(10)
_MOST_ORDERING = 0.3
_MOST_TIED = 16
"""More rows than these of the example move or tie where a constant orders them: then it lists them. Of a larger table
as many rows are looked at as have sixteen of the example among them."""


@dataclass(frozen=True, slots=True)
class RowsByHeart:
    """The judgement on one program, after its constants were changed; ``words`` are all that the user said."""

    trial: Trial
    words: str

    def find(self) -> str:
        """Why the program lists rows, in words; "" where it does not."""
        return (
            self._on_constants()
            or self._on_limits()
            or self._on_digits()
            or self._on_digests()
            or self._on_order()
            or self._on_numbers()
            or self.find_nothing_read()
        )

    def _effects(self) -> Iterator[Effect]:
        """What is done to the rows by constants that the user's words do not name."""
        for effect in self.trial.effects:
            if (effect.chose or effect.placed) and not self._is_said(effect):
                yield effect

    def _is_said(self, effect: Effect) -> bool:
        if stands_in(self.words, effect.constant.text):
            return True
        rows = {effect.row} if effect.row is not None else effect.moved
        common = Counter(cell for row in self.trial.base for cell in {*row})
        few = (cell for row in rows for cell in row if 2 * common[cell] <= len(self.trial.base))
        return any(stands_in(self.words, cell) for cell in few)

    def _on_constants(self) -> str:
        rows = len(self.trial.base)
        single = {e.row: e.constant for e in self._effects() if e.row is not None and not e.constant.is_limit}
        if len(single) > FEWEST and len(single) >= SHARE * rows:
            return f"{len(single)} rows are kept or dropped each by a constant of its own"
        if single and all(map(self._is_like_the_rest, single.values())):
            return "a row that looks like the others is kept or dropped by a value that it alone has"
        least = max(FEWEST, _MOST_ORDERING * rows)
        moving = [e for e in self._effects() if e.moved and not names_dates(e.constant.text)]
        moved = frozenset[Row]().union(*(e.moved for e in moving))
        if len(moved) > least and (other := self.trial.other(stride)):
            # In whatever order the input comes, they are the same rows.
            other.change(list(dict.fromkeys(e.constant for e in moving)))
            moved &= frozenset[Row]().union(*(e.moved for e in other.effects))
        if len(moved) > least:
            return f"{len(moved)} of {rows} rows stand each where a constant of its own puts it"
        return ""

    def _is_like_the_rest(self, constant: Constant) -> bool:
        """Whether a row was picked by a value that tells all rows apart, and looks in every column like another."""
        table = self.trial.table
        for position, cells in enumerate(table.columns()):
            if constant.text not in cells or len({*cells}) < len(cells) or not constant.text.strip(" 0.,-"):
                continue
            place = cells.index(constant.text)
            others = [other for number, other in enumerate(table.rows) if number != place]
            forms = [{OUTLINE.of(cell) for cell in column} for column in zip(*others, strict=False)]
            own = [OUTLINE.of(cell) for cell in table.rows[place]]
            if own[position] in forms[position] and all(a in b for a, b in zip(own, forms, strict=False)):
                return True
        return False

    def _on_limits(self) -> str:
        limits = {e.constant for e in self._effects() if e.chose and e.constant.is_limit}
        if len(limits) > MOST_LIMITS + 1 and len(limits) >= SHARE * len(self.trial.table.rows):
            return f"{len(limits)} limits part {len(self.trial.table.rows)} rows"
        return ""

    def _on_digits(self) -> str:
        """Whether digits hold about as much as it takes to say which rows stay, or in which order."""
        numbers = [e for e in self._effects() if e.constant.kind == "number" and not e.constant.is_limit]
        total, rows = len(self.trial.table.rows), len(self.trial.base)
        chosen = math.log2(math.comb(total, rows)) if rows < total else 0.0
        placed = math.lgamma(rows + 1) / math.log(2)
        for bits, found in (
            (chosen, [e.constant for e in numbers if e.chose]), (placed, [e.constant for e in numbers if e.placed])
        ):  # fmt: skip
            active = Counter(found)
            long = sum(min(n, c.digits) for c, n in active.items() if c.digits >= PACKED_DIGITS)
            every = sum(n for c, n in active.items() if len(c.text) > 1) * _BITS_OF_DIGIT - FREE_BITS
            if bits and max(long * _BITS_OF_DIGIT - FREE_BITS, every) >= HELD_BITS * bits:
                return "the numbers that say which rows stay, or where, hold as many digits as that takes"
        return ""

    def _on_digests(self) -> str:
        base = self.trial.base
        for rows in self.trial.with_other_digests():
            if len(rows) != len(base):
                return "a digest decides which rows stay"
            if rows != base and {*rows} == {*base}:
                return "a digest decides where rows stand"
        return ""

    def _on_order(self) -> str:
        """Whether rows stand where they do neither for what they hold nor for how they came.

        Of two rows one comes first always, or whichever came first, or whichever came last: so it is the same with any
        order of the input and its reverse.
        """
        # Rows that tie come in no certain order where they are many.
        total = len(self.trial.table.rows)
        most = min(total, max(FEWEST, _MOST_TIED * total // max(total, len(self.trial.base))))
        few = self.trial.other(lambda items: items[:most])
        if few is None or (len(few.base) != most and self._origins(few.table.rows, few.base) is None):
            return ""  # groups come where their first row does
        sources = trace(few.sql, few.table.column_names).sources
        own = [place for place, names in enumerate(sources) if names]
        keys: list[list[Row]] = []
        came: list[dict[Row, int]] = []
        orders: tuple[Order, ...] = (_same, stride, _twice)
        for order in orders:
            for turned in (order, _reversed(order)):
                rows = few.in_order(turned)
                if rows is None:
                    return ""
                keys.append([tuple(row[place] for place in own if place < len(row)) or row for row in rows])
                origins = self._origins(turned(few.table.rows), rows)
                came.append(dict(zip(keys[-1], origins or (), strict=False)))
        counts = Counter(keys[0])
        if any(Counter(each) != counts for each in keys):
            return ""
        places = [{key: place for place, key in enumerate(each)} for each in keys]
        for a, b in combinations([key for key in keys[0] if counts[key] == 1], 2):
            if came[0] and came[0][a] == came[0][b]:
                continue
            first = [each[a] < each[b] for each in places]
            as_came = {one == (each[a] < each[b]) for one, each in zip(first, came, strict=True) if each}
            turns = {one == other for one, other in zip(first[::2], first[1::2], strict=True)}
            if len({*first}) > 1 and (turns != {False} or len(as_came) > 1):
                return "each is put in its place by its number"
        return ""

    def _on_numbers(self) -> str:
        """Whether the same places of the input are kept whatever stands there, and nothing says which."""
        kept = self._places(self.trial.table.rows, self.trial.base)
        total = len(self.trial.table.rows)
        if kept is None or len(kept) == total or is_regular_choice([place in kept for place in range(total)]):
            return ""
        if all(stands_in(self.words, str(place + 1)) for place in kept):
            return ""
        for order in (reverse, roll, stride):
            rows = self.trial.in_order(order)
            if rows is None or self._places(order(self.trial.table.rows), rows) != kept:
                return ""
        return f"{len(kept)} of {total} rows stay by their numbers alone"

    def _places(self, source: Sequence[Row], made: Sequence[Row]) -> frozenset[int] | None:
        origins = self._origins(source, made)
        return None if origins is None else frozenset(origins)

    def _origins(self, source: Sequence[Row], made: Sequence[Row]) -> list[int] | None:
        """The input's row that each row was made of, by a cell that it alone has; None where there is none such."""
        for cells in zip(*source, strict=False):
            places = {cell: place for place, cell in enumerate(cells)}
            if len(places) < len(cells):
                continue
            for answers in zip(*made, strict=False):
                if all(answer in places for answer in answers):
                    return [places[answer] for answer in answers]
        return None

    def find_nothing_read(self) -> str:
        """Whether the same comes of any rows at all."""
        half = len(self.trial.table.rows) // 2
        if not half or not any(map(any, self.trial.base)) or self.trial.on_other_rows() != self.trial.base:
            return ""
        parts = [self.trial.in_order(order) for order in (lambda items: items[:half], lambda items: items[half:])]
        return "all of it comes whatever the rows are" if parts == [self.trial.base] * 2 else ""


def _same(items: tuple[Any, ...]) -> tuple[Any, ...]:
    return items


def _twice(items: tuple[Any, ...]) -> tuple[Any, ...]:
    return roll(stride(stride(items)))


def _reversed(order: Order) -> Order:
    return lambda items: reverse(order(items))
