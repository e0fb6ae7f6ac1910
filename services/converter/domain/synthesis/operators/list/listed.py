"""Lists inside a cell: where they come from, what is done with their items, and what is made of them.

A list comes from a text (`Parts` at a delimiter, `Found` by a pattern), passes through steps that give lists again
(`Where`, `Each`, `Within`, `Ordered`), and ends as a text or a number: `Picked`, `Joined`, `HowMany`, `ListFigure`.
"""

import statistics
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from services.converter.domain.formats.amount import PLACES, TYPE, computed, computed_sql, exact, of_float
from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.language import CELL, Column, Condition, Expression, Node, Record, operand
from services.converter.domain.synthesis.operators.logic.combined import Not
from services.converter.domain.synthesis.operators.logic.condition import Blank, Contains, Matches
from services.converter.domain.synthesis.operators.number.values import Value
from services.converter.domain.synthesis.operators.text.match import Match
from services.converter.domain.synthesis.operators.text.pad import Pad
from services.converter.domain.synthesis.positions import ordinal
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import DIGITS, LETTERS, Pattern, charset, raw

ITEM = Column(0, "item")
"""What a program for items reads."""


class Items(Node):
    """A node whose value is a list of texts; None where there is nothing to take it from."""

    @property
    def between(self) -> str:
        """The text that stands between its items; empty where that is not always the same."""
        return ""

    @abstractmethod
    def run(self, record: Record) -> list[str] | None:
        """The list for one row."""


@dataclass(frozen=True, slots=True)
class Parts(Items):
    """The parts of a text between delimiters."""

    source: Expression
    delimiter: str

    @property
    def between(self) -> str:
        """The delimiter."""
        return self.delimiter

    def run(self, record: Record) -> list[str] | None:
        text = self.source.run(record)
        return None if text is None else text.split(self.delimiter)

    def sql(self) -> str:
        return f"string_split({self.source.sql()}, {literal(self.delimiter)})"

    def words(self) -> str:
        return f"parts of {self.source.words()} at {quoted(self.delimiter)}"


@dataclass(frozen=True, slots=True)
class Found(Items):
    """All matches of a pattern in a text, of its first group where ``grouped``."""

    source: Expression
    pattern: Pattern
    grouped: bool
    what: str
    price: float = 0.0

    @property
    def surcharge(self) -> float:
        """Above a single match."""
        return self.price

    def run(self, record: Record) -> list[str] | None:
        text = self.source.run(record)
        return None if text is None else self.pattern.findall(text)

    def sql(self) -> str:
        group = ", 1" if self.grouped else ""
        return f"regexp_extract_all({self.source.sql()}, {literal(self.pattern.sql)}{group})"

    def words(self) -> str:
        return f"{self.what} of {self.source.words()}"


@dataclass(frozen=True, slots=True)
class Where(Items):
    """The items that satisfy a condition."""

    items: Items
    condition: Condition

    @property
    def parts(self) -> tuple[Node, ...]:
        """The list; the condition reads no column of the row."""
        return (self.items,)

    @property
    def cost(self) -> float:
        """The condition."""
        return self.items.cost + 1.0 + self.condition.cost

    def run(self, record: Record) -> list[str] | None:
        items = self.items.run(record)
        return None if items is None else [item for item in items if self.condition.holds((item,))]

    def sql(self) -> str:
        return f"list_filter({self.items.sql()}, lambda item: {self.condition.sql()})"

    def words(self) -> str:
        return f"{self.items.words()} where {self.condition.words()}"


@dataclass(frozen=True, slots=True)
class Each(Items):
    """A program run on every item; items without a result fall out where they are joined.

    ``first`` is the program of the first item where that differs: `an_item` becomes `anItem`.
    """

    items: Items
    program: Expression
    first: Expression | None = None

    @property
    def parts(self) -> tuple[Node, ...]:
        """The list; the items' program reads no column of the row."""
        return (self.items,)

    @property
    def cost(self) -> float:
        """The program, or both."""
        return self.items.cost + self.program.cost + (self.first.cost + 1.0 if self.first is not None else 0.0)

    def run(self, record: Record) -> list[str] | None:
        items = self.items.run(record)
        if items is None:
            return None
        results: list[str | None] = [self.program.run((item,)) for item in items]
        if self.first is not None and items:
            results[0] = self.first.run((items[0],))
        return [result for result in results if result is not None]

    def sql(self) -> str:
        """The results that there are."""
        return f"list_filter({self.results_sql()}, lambda made: made IS NOT NULL)"

    def results_sql(self) -> str:
        """`list_transform`, with NULL for items that have no result."""
        if self.first is None:
            return f"list_transform({self.items.sql()}, lambda item: {self.program.sql()})"
        chosen = f"CASE WHEN nth = 1 THEN {operand(self.first)} ELSE {operand(self.program)} END"
        return f"list_transform({self.items.sql()}, lambda item, nth: {chosen})"

    def words(self) -> str:
        first = f" (the first: {self.first.words()})" if self.first is not None else ""
        return f"each of the {self.items.words()}: {self.program.words()}{first}"


@dataclass(frozen=True, slots=True)
class Within(Items):
    """The first ``count`` items, or the last; all but those where ``dropped``."""

    items: Items
    count: int
    from_end: bool = False
    dropped: bool = False

    @property
    def surcharge(self) -> float:
        """The limit; near ends are likelier."""
        return 0.2 * self.count + (0.1 if self.from_end else 0.0) + (0.8 if self.dropped else 0.0)

    def run(self, record: Record) -> list[str] | None:
        items = self.items.run(record)
        if items is None:
            return None
        if self.dropped:
            return items[: max(0, len(items) - self.count)] if self.from_end else items[self.count :]
        return items[-self.count :] if self.from_end else items[: self.count]

    def sql(self) -> str:
        """A slice of the list."""
        items = self.items.sql()
        if self.dropped and self.from_end:
            return f"{items}[1:greatest(len({items}) - {self.count}, 0)]"
        if self.from_end:
            return f"{items}[greatest(len({items}) - {self.count}, 0) + 1:]"
        return f"{items}[{self.count + 1}:]" if self.dropped else f"{items}[1:{self.count}]"

    def words(self) -> str:
        end = "last" if self.from_end else "first"
        return f"{'all but' if self.dropped else 'at most'} the {end} {self.count} {self.items.words()}"


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
class Ordered(Items):
    """The items turned round, sorted, or each only once."""

    items: Items
    order: Order

    def run(self, record: Record) -> list[str] | None:
        items = self.items.run(record)
        return None if items is None else ORDERS[self.order][0](items)

    def sql(self) -> str:
        """The list function of that order."""
        return ORDERS[self.order][1].replace("{}", self.items.sql())

    def words(self) -> str:
        return f"the {self.items.words()}, {self.order}"


@dataclass(frozen=True, slots=True)
class Joined(Expression):
    """The items with a text between them."""

    items: Items
    joiner: str

    @property
    def surcharge(self) -> float:
        """The joint."""
        return 0.1 * len(self.joiner)

    def run(self, record: Record) -> str | None:
        items = self.items.run(record)
        return None if items is None else self.joiner.join(items)

    def sql(self) -> str:
        """`array_to_string`, which passes over what is NULL."""
        items = self.items.results_sql() if isinstance(self.items, Each) else self.items.sql()
        return f"array_to_string({items}, {literal(self.joiner)})"

    def words(self) -> str:
        return f"all {self.items.words()}" + (f", joined by {quoted(self.joiner)}" if self.joiner else "")


@dataclass(frozen=True, slots=True)
class Picked(Expression):
    """One item by its place (1-based, negative from the end); NULL where there are fewer."""

    items: Items
    pick: int = 1

    @property
    def surcharge(self) -> float:
        """Near ends are likelier; the first is free."""
        return 0.35 * (abs(self.pick) - 1) + (0.1 if self.pick < 0 else 0.0)

    def run(self, record: Record) -> str | None:
        items = self.items.run(record)
        if items is None or len(items) < abs(self.pick):
            return None
        return items[self.pick - 1 if self.pick > 0 else self.pick]

    def sql(self) -> str:
        """An index into the list."""
        return f"{self.items.sql()}[{self.pick}]"

    def words(self) -> str:
        return f"the {ordinal(self.pick)} of the {self.items.words()}"


@dataclass(frozen=True, slots=True)
class HowMany(Expression):
    """The number of items."""

    items: Items

    def run(self, record: Record) -> str | None:
        items = self.items.run(record)
        return None if items is None else str(len(items))

    def sql(self) -> str:
        return f"CAST(len({self.items.sql()}) AS VARCHAR)"

    def words(self) -> str:
        return f"how many {self.items.words()}"


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
    """A figure over a list of numbers; NULL where an item is no number, or there are too few."""

    items: Items
    figure: Figure

    def run(self, record: Record) -> Decimal | None:
        items = self.items.run(record)
        if items is None:
            return None
        numbers = [_ITEM_STYLE.exact(item) for item in items]
        known = [n for n in numbers if n is not None]
        meaning, _, least = FIGURES[self.figure]
        return meaning(known) if len(known) == len(numbers) and len(known) >= least else None

    def sql(self) -> str:
        """The aggregate of the list."""
        items = f"list_transform({self.items.sql()}, lambda item: {_ITEM_STYLE.exact_sql('item')})"
        least = FIGURES[self.figure][2]
        figure = FIGURES[self.figure][1].replace("{}", items)
        return f"CASE WHEN len({items}) >= {least} AND list_count({items}) = len({items}) THEN {figure} END"

    def words(self) -> str:
        return f"{self.figure} of the numbers in {self.items.words()}"


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    parts, words = Parts(CELL, ","), Parts(CELL, " ")
    initials = Found(CELL, raw("(") + charset("L") + raw(")") + charset("L") + raw("*"), True, "initials")
    numbered = Each(words, Match(ITEM, DIGITS, 1), first=ITEM)
    return (
        parts,
        Parts(CELL, ", "),
        initials,
        Found(CELL, LETTERS.pattern, False, "letters"),
        Where(parts, Contains(ITEM, "a")),
        Where(parts, Not(Blank(ITEM))),
        Where(parts, Matches(ITEM, charset("D"), "has a digit")),
        Each(parts, Pad(ITEM, 3, "0", "left")),
        numbered,
        *(Within(words, 2, from_end, dropped) for from_end in (False, True) for dropped in (False, True)),
        *(Ordered(parts, order) for order in ORDERS),
        Joined(initials, "."),
        Joined(numbered, ""),
        *(Picked(Where(parts, Contains(ITEM, "a")), pick) for pick in (1, -2)),
        HowMany(numbered),
        *(ListFigure(parts, figure) for figure in FIGURES),
    )
