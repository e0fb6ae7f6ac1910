"""Lists inside a cell: each item made anew, the items in another order, and figures over them."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from services.converter.domain.formats.amount import PLACES, TYPE, computed, computed_sql, exact, of_float
from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.language import Column, Condition, Expression, Node, Record, operand
from services.converter.domain.synthesis.operators.number.values import Value
from services.converter.domain.synthesis.sqltext import literal, quoted

ITEM = Column(0, "item")
"""What a program for items reads."""


@dataclass(frozen=True, slots=True)
class EachItem(Expression):
    """The text split at a delimiter, a program run on every item, the results joined; items without a result fall out.

    ``first`` is the program of the first item where that differs: `an_item` becomes `anItem`.
    """

    source: Expression
    delimiter: str
    each: Expression
    joiner: str
    first: Expression | None = None

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text; the items' program reads no column of the row."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """The split, the join and the program."""
        extra = self.first.cost + 1.0 if self.first is not None else 0.0
        return self.source.cost + 1.8 + self.each.cost + extra

    def run(self, record: Record) -> str | None:
        """The items' results joined."""
        text = self.source.run(record)
        if text is None:
            return None
        items = text.split(self.delimiter)
        results = [self.each.run((item,)) for item in items]
        if self.first is not None:
            results[0] = self.first.run((items[0],))
        return self.joiner.join(r for r in results if r is not None)

    def sql(self) -> str:
        """`list_transform` between `string_split` and `array_to_string`."""
        items = f"string_split({self.source.sql()}, {literal(self.delimiter)})"
        if self.first is None:
            made = f"list_transform({items}, lambda item: {self.each.sql()})"
        else:
            chosen = f"CASE WHEN nth = 1 THEN {operand(self.first)} ELSE {operand(self.each)} END"
            made = f"list_transform({items}, lambda item, nth: {chosen})"
        return f"array_to_string({made}, {literal(self.joiner)})"

    def words(self) -> str:
        """What becomes of each item."""
        first = f" (the first: {self.first.words()})" if self.first is not None else ""
        joined = f", joined by {quoted(self.joiner)}" if self.joiner else ""
        return f"each part of {self.source.words()} at {quoted(self.delimiter)}: {self.each.words()}{first}{joined}"


@dataclass(frozen=True, slots=True)
class Kept(Expression):
    """The items of a list that satisfy a condition: the first of them, all joined, or how many there are."""

    source: Expression
    delimiter: str
    condition: Condition
    joiner: str | None = None
    counted: bool = False

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text; the condition reads no column of the row."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """The split, and the condition."""
        return self.source.cost + 2.2 + self.condition.cost

    def run(self, record: Record) -> str | None:
        """The item, the items or their number."""
        text = self.source.run(record)
        if text is None:
            return None
        items = [item for item in text.split(self.delimiter) if self.condition.holds((item,))]
        if self.counted:
            return str(len(items))
        if self.joiner is not None:
            return self.joiner.join(items)
        return items[0] if items else None

    def sql(self) -> str:
        """`list_filter`."""
        split = f"string_split({self.source.sql()}, {literal(self.delimiter)})"
        kept = f"list_filter({split}, lambda item: {self.condition.sql()})"
        if self.counted:
            return f"CAST(len({kept}) AS VARCHAR)"
        return f"{kept}[1]" if self.joiner is None else f"array_to_string({kept}, {literal(self.joiner)})"

    def words(self) -> str:
        """Which items."""
        head = "how many parts" if self.counted else "the first part" if self.joiner is None else "all parts"
        return f"{head} of {self.source.words()} at {quoted(self.delimiter)} where {self.condition.words()}"


Order = Literal["reversed", "sorted", "distinct", "distinct sorted"]
ORDERS: Mapping[Order, tuple[Callable[[list[str]], list[str]], str]] = {
    "reversed": (lambda items: items[::-1], "list_reverse({})"),
    "sorted": (sorted, "list_sort({})"),
    "distinct": (
        lambda items: list(dict.fromkeys(items)),
        "list_filter({}, lambda item, nth: list_position({}, item) = nth)",
    ),
    "distinct sorted": (lambda items: sorted(set(items)), "list_sort(list_distinct({}))"),
}


@dataclass(frozen=True, slots=True)
class Reordered(Expression):
    """The items of a list turned round, sorted, or each only once."""

    source: Expression
    delimiter: str
    order: Order
    joiner: str

    @property
    def cost(self) -> float:
        """As other joins."""
        return self.source.cost + 2.4 + 0.1 * len(self.joiner)

    def run(self, record: Record) -> str | None:
        """The items in their new order."""
        text = self.source.run(record)
        return None if text is None else self.joiner.join(ORDERS[self.order][0](text.split(self.delimiter)))

    def sql(self) -> str:
        """The list function of that order."""
        items = f"string_split({self.source.sql()}, {literal(self.delimiter)})"
        return f"array_to_string({ORDERS[self.order][1].replace('{}', items)}, {literal(self.joiner)})"

    def words(self) -> str:
        """Which order."""
        return f"the parts of {self.source.words()} at {quoted(self.delimiter)}, {self.order}"


Figure = Literal["sum", "mean", "median", "smallest", "largest", "standard deviation", "range"]
_SORTED = "list_sort({})"
_MIDDLE = f"{_SORTED}[(len({{}}) + 1) // 2] + {_SORTED}[len({{}}) // 2 + 1]"
FIGURES: Mapping[Figure, tuple[Callable[[list[Decimal]], Decimal | None], str, int]] = {
    "sum": (lambda n: exact(sum(n, Decimal(0))), f"TRY(CAST(list_sum({{}}) AS {TYPE}))", 1),
    "mean": (
        lambda n: computed("/", sum(n, Decimal(0)), Decimal(len(n))),
        computed_sql("/", "list_sum({})", "len({})"),
        1,
    ),
    "median": (
        lambda n: computed("*", sum(_middle(sorted(n)), Decimal(0)), Decimal("0.5"), (PLACES, 1)),
        computed_sql("*", f"({_MIDDLE})", "0.5"),
        1,
    ),
    "smallest": (min, "list_min({})", 1),
    "largest": (max, "list_max({})", 1),
    "standard deviation": (
        lambda n: of_float(round(float(statistics.stdev(n)), 9)),
        f"CAST(round(list_aggregate({{}}, 'stddev_samp'), 9) AS {TYPE})",
        2,
    ),
    "range": (lambda n: exact(max(n) - min(n)), "TRY(list_max({}) - list_min({}))", 1),
}


def _middle(numbers: list[Decimal]) -> tuple[Decimal, Decimal]:
    """The number in the middle, twice, or the two around it."""
    return numbers[(len(numbers) - 1) // 2], numbers[len(numbers) // 2]


_ITEM_STYLE = NumberStyle()


@dataclass(frozen=True, slots=True)
class ListFigure(Value):
    """A figure over the numbers of a list in a cell; NULL where an item is no number."""

    source: Expression
    delimiter: str
    figure: Figure

    @property
    def cost(self) -> float:
        """The split and the figure."""
        return self.source.cost + 2.2

    def run(self, record: Record) -> Decimal | None:
        """The figure."""
        text = self.source.run(record)
        if text is None:
            return None
        numbers = [_ITEM_STYLE.exact(item) for item in text.split(self.delimiter)]
        known = [n for n in numbers if n is not None]
        meaning, _, least = FIGURES[self.figure]
        return meaning(known) if len(known) == len(numbers) and len(known) >= least else None

    def sql(self) -> str:
        """The aggregate of the list."""
        split = f"string_split({self.source.sql()}, {literal(self.delimiter)})"
        items = f"list_transform({split}, lambda item: {_ITEM_STYLE.exact_sql('item')})"
        least = FIGURES[self.figure][2]
        enough = f"len({items}) >= {least} AND " if least > 1 else ""
        figure = FIGURES[self.figure][1].replace("{}", items)
        return f"CASE WHEN {enough}list_count({items}) = len({items}) THEN {figure} END"

    def words(self) -> str:
        """Which figure of what."""
        return f"{self.figure} of the numbers in {self.source.words()}"
