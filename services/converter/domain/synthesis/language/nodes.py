"""Nodes of programs: what every operator states about itself, with what is the same for all where it says nothing."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args, get_origin

from services.converter.domain.report import GuardKind, Severity
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.asking import Ask
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.evidence import chosen, labelling_bits
from services.converter.domain.synthesis.prices import price_as_rule, price_of
from services.converter.domain.synthesis.sqltext import identifier

if TYPE_CHECKING:
    from services.converter.domain.synthesis.language.task import Examples

Record = Sequence[str | None]
"""The cells of one row of the relation that a column program reads, by position."""


Operands = tuple["Node", ...]


def _operand_fields(kind: type) -> list[tuple[str, bool, bool]]:
    """The fields that are annotated as nodes: name, whether it holds several, whether it may hold none."""
    held = [(one.name, one.type, (one.type, *get_args(one.type))) for one in fields(kind)] if is_dataclass(kind) else []
    found = [(name, get_origin(spelled) is tuple, type(None) in kinds) for name, spelled, kinds in held if _hold(kinds)]
    if len(found) > 1 and any(several for _, several, _ in found):
        raise TypeError(f"{kind.__name__}: a field of several nodes must be the only operand")
    return found


def _operands_of(kind: type) -> Callable[["Node"], Operands]:
    """What gives the operands of a kind of node: made once for its fields, since it is asked for all the time."""
    held = _operand_fields(kind)
    if not held:
        return lambda _: ()
    get: Callable[[Node], Any] = attrgetter(*(name for name, _, _ in held))
    if len(held) == 1:
        return get if held[0][1] else lambda node: (get(node),)
    if any(maybe for _, _, maybe in held):
        return lambda node: tuple(part for part in get(node) if part is not None)
    return get


def _cost_of(kind: type["Node"]) -> Callable[["Node"], float]:
    """What gives the cost of a kind of node: made once, too."""
    price, held = price_of(kind.__name__), _operand_fields(kind)
    if any(several or maybe for _, several, maybe in held):
        return lambda node: sum(part.cost for part in node.parts) + price + node.surcharge
    get: Callable[[Node], Any] = attrgetter(*(f"{name}.cost" for name, _, _ in held)) if held else lambda _: 0.0
    has_more = kind.surcharge is not Node.surcharge
    if len(held) > 1:
        return (lambda n: sum(get(n)) + price + n.surcharge) if has_more else (lambda n: sum(get(n)) + price)
    return (lambda n: get(n) + price + n.surcharge) if has_more else (lambda n: get(n) + price)


def _hold(kinds: Iterable[object]) -> bool:
    return any(isinstance(kind, type) and issubclass(kind, Node) for kind in kinds)


Tie = Literal["case", "place", "text"]
"""What a program may hold of the example: cases, places counted in characters, written words and figures."""


class Node(ABC):
    """Anything that a program is built of."""

    @property
    def parts(self) -> tuple["Node", ...]:
        """The direct operands: what the fields hold that are annotated as nodes, in their order."""
        kind = type(self)
        operands = _operands_of(kind)
        kind.parts = property(operands)  # type: ignore[assignment,method-assign] # asked for the first time
        return operands(self)

    @property
    def cost(self) -> float:
        """The price in the ranking, lower is simpler: that of the operands, of the unit, and of its fields."""
        kind = type(self)
        derived = _cost_of(kind)
        _PRICED.append(kind)
        kind.cost = property(derived)  # type: ignore[assignment,method-assign] # asked for the first time
        return derived(self)

    @property
    def surcharge(self) -> float:
        """What the fields that are no operands add to the unit's price (see `prices`)."""
        return 0.0

    @abstractmethod
    def sql(self) -> str:
        """The node as a DuckDB expression."""

    @abstractmethod
    def words(self) -> str:
        """What the node does, for people."""

    def walk(self) -> Iterator["Node"]:
        """The node and all below it."""
        # Programs are priced by the ten thousand: a list costs half of what a generator does.
        left, found = [self], []
        while left:
            node = left.pop()
            found.append(node)
            if parts := node.parts:
                left.extend(reversed(parts))
        return iter(found)

    @property
    def judged(self) -> tuple["Node", ...]:
        """The direct operands whose own `doubt` counts: all but those that the node's covers."""
        return self.parts

    def doubt(self, task: "Examples") -> str:
        """Why the example is no ground to believe in the node (see `evidence`), for people; empty where it is one."""
        del task
        return ""

    asks: ClassVar[tuple[Ask, ...]] = ()
    """Words in instructions that ask for such a unit."""

    @property
    def met(self) -> tuple[Ask, ...]:
        """Those of them that this very node meets."""
        return self.asks

    @property
    def tied(self) -> frozenset[Tie]:
        """What of the example's own content the node holds (see `Tie`)."""
        return frozenset()

    def readings(self, rows: Sequence[Record]) -> "Iterator[Node]":
        """What the node could have meant as well by all that the rows show: days that all have two digits
        are written with a zero before them elsewhere, or without.

        No search finds these rivals, because they cost as much as the node or more. Where an answer could stand as well
        is told by `proof.standing`.
        """
        del rows
        return iter(())

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Checks for rows on which the node has no ground, by the rows of the example on which it was asked."""
        del rows
        return iter(())

    def told(self, task: "Examples") -> float:
        """What the example says for the node, in bits, less what it was chosen from (see `evidence`); infinite where
        nothing is chosen in it that fits by chance."""
        del task
        return math.inf

    def scopes(self) -> "Iterator[tuple[Node, tuple[Condition, ...]]]":
        """The direct operands, each with the conditions under which it is asked."""
        return ((part, ()) for part in self.parts)

    @property
    def format_read(self) -> str:
        """The format in which it reads a text as something else, for people; empty where it reads none."""
        return ""

    @property
    def first_column(self) -> "Column":
        """The first column that it reads, which stands for what it is about; there must be one."""
        return next(node for node in self.walk() if isinstance(node, Column))

    def check(self, kind: GuardKind, severity: Severity, words: str, outside: str, value: str = "") -> Check:
        """A check of this node, which reads a column, on the rows where ``outside`` holds; what is shown of them is
        that column, or ``value``."""
        column = self.first_column
        return Check(column.name, kind, severity, words, value or column.sql(), outside, self.columns)

    def lacking(self, absent: Iterable[str]) -> Iterator[Check]:
        """Checks for rows whose text lacks what the node goes by: each a test in SQL that holds on such a text."""
        source = self.parts[0].sql()
        for test in absent:
            words = f"what the rule goes by is not there: {self.words()}"
            yield self.check("shape", "note", words, f"coalesce({source}, '') <> '' AND {test}", source)

    @property
    def columns(self) -> frozenset[int]:
        """Positions of the relation's columns that are read."""
        return frozenset([node.index for node in self.walk() if type(node) is Column])


class Expression(Node):
    """A node whose value is text."""

    @property
    def splits_at(self) -> str:
        """The text at which it splits its source; empty where it does not."""
        return ""

    @property
    def is_whole(self) -> bool:
        """Whether whatever stands there is right: a cell, the same on every row, a field of fixed width or one that
        marks enclose."""
        return not self.columns

    @property
    def given(self) -> "tuple[Expression, ...]":
        """What it gives as it is, in each of its cases."""
        return (self,)

    @property
    def holds_text(self) -> bool:
        """Whether all words of the text that it reads are in its answer, in whatever capitals, whatever the text."""
        return False

    @property
    def is_confirmed(self) -> bool:
        """Whether columns beside it are made by the very same rule: each of them speaks for it."""
        return False

    @property
    def format_written(self) -> str:
        """The format in which it writes a number or a date, for people; empty where it writes none."""
        return ""

    @property
    def unformatted(self) -> "Expression | None":
        """What it writes with nothing said of how many decimals; None where it says nothing of them itself."""
        return None

    def sides(self) -> "Iterator[Expression]":
        """What it gives where that is of one sign, and nothing where it is of the other; none where it has no sign."""
        yield from ()

    def other_side(self) -> "Expression | None":
        """What it gives nothing for, where it gives something for amounts of one sign only; None where it does not."""
        return None

    def widened(self, task: "Examples") -> "Iterator[Expression]":
        """The program with what it was not shown so far, as the task's rows have it; none where it lists nothing."""
        del task
        yield from ()

    def answers(self) -> Iterator[str | None]:
        """The texts that it may give; None for one that is made of the row."""
        yield None

    @abstractmethod
    def run(self, record: Record) -> str | None:
        """The value for one row."""

    def run_all(self, records: Sequence[Record]) -> tuple[str | None, ...]:
        """The values for rows."""
        return tuple(map(self.run, records))


class Condition(Node):
    """A node whose value is a truth; SQL's NULL counts as false."""

    asks_for_blank: ClassVar[bool] = False
    """Whether it asks no more than whether anything stands in a cell."""
    is_particular: ClassVar[bool] = False
    """Whether it names what stands in the example's rows (a value, a word, a length): one row alone says nothing of
    rows in another file."""
    relates_cells: ClassVar[bool] = False
    """Whether it holds two cells of a row against each other."""

    @property
    def bare(self) -> "Condition":
        """The condition without what turns it into its opposite."""
        return self

    @property
    def asks_for_nothing(self) -> bool:
        """Whether it asks for a blank cell, or for a text that says nothing: neither letters nor digits but noughts."""
        listed = self.listed
        return self.asks_for_blank or (bool(listed) and not any(c.isalnum() and c != "0" for c in "".join(listed)))

    @property
    def tells_sign(self) -> bool:
        """Whether it asks whether a number is below or above nought."""
        return False

    @property
    def tells_make(self) -> bool:
        """Whether it goes by how a text is made (its marks, its kinds of characters) rather than by what it says."""
        return False

    @property
    def listed(self) -> tuple[str, ...]:
        """The values that it lists; none where it lists none."""
        return ()

    @property
    def price_as_rule(self) -> float:
        """What it costs more as the reason why rows stay."""
        return price_as_rule(type(self).__name__)

    @abstractmethod
    def holds(self, record: Record) -> bool:
        """Whether the row satisfies the condition."""

    def held(self, records: Sequence[Record]) -> int:
        """The rows that satisfy the condition, as the bits of a number, the first the lowest."""
        return as_bits([self.holds(record) for record in records])

    def choices(self, task: "Examples") -> float:
        """log2 of how many conditions of this kind there are over the example: for a place in the order of a column's
        values, as many as it has different ones."""
        return chosen(len(task.names), len(self.texts(task)) - 1)

    def bits(self, task: "Examples") -> float:
        """log2 of how many conditions are within the search's reach before this one is: those of its kind, as often as
        its price, in bits of belief, says that other kinds are likelier than the likeliest that names a value."""
        return self.choices(task) + max(0.0, price_of(type(self).__name__) + self.surcharge - price_of("Equals"))

    def told(self, task: "Examples") -> float:
        """The ways to part as many rows alike, less the conditions that were within reach; what asks for blanks is
        likely by itself, and words that spell a condition out are."""
        said = task.preference.conditions if task.preference else ()
        if self.asks_for_blank or not self.columns or self in said:
            return math.inf
        rows = {tuple(record): record for record in task.records}.values()
        return labelling_bits([self.holds(row) for row in rows]) - self.bits(task)

    def gap(self, rows: Sequence[Record]) -> str:
        """SQL that holds between what the rows show on either side of a threshold: it might lie elsewhere in between.
        Empty where there is none."""
        del rows
        return ""

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """The gap at its threshold."""
        gap = self.gap(sampling.some(rows, MOST_CHECKED))
        if gap:
            words = f"the example shows nothing between its rows on either side: {self.words()}"
            yield self.check("ambiguity", "note", words, gap)

    def texts(self, task: "Examples") -> set[tuple[str, ...]]:
        """The different cells that it reads."""
        read = sorted(self.columns)
        return {tuple((r[i] if i < len(r) else None) or "" for i in read) for r in task.records}


_PRICED: list[type[Node]] = []
_UNDERIVED = Node.__dict__["cost"]


def reprice() -> None:
    """Derive all costs anew, once the table of prices was changed: to fit it, which nothing but a benchmark does."""
    while _PRICED:
        _PRICED.pop().cost = _UNDERIVED  # type: ignore[method-assign]


def as_bits(truths: Iterable[bool]) -> int:
    """Truths as the bits of a number, the first the lowest."""
    return int("".join(["1" if truth else "0" for truth in truths])[::-1] or "0", 2)


@dataclass(frozen=True, slots=True)
class Column(Expression):
    """A cell of the row, as it stands."""

    index: int
    name: str
    price: float = 1.0

    @property
    def cost(self) -> float:
        """Sources are cheap; the price may carry how well the name fits."""
        return self.price

    def run(self, record: Record) -> str | None:
        """The cell."""
        return record[self.index] if self.index < len(record) else None

    @property
    def is_whole(self) -> bool:
        """It is the cell."""
        return True

    @property
    def holds_text(self) -> bool:
        """It is the text."""
        return True

    def run_all(self, records: Sequence[Record]) -> tuple[str | None, ...]:
        """The cells: without a call for each."""
        index = self.index
        return tuple([record[index] if index < len(record) else None for record in records])

    def sql(self) -> str:
        """The column's name."""
        return identifier(self.name)

    def words(self) -> str:
        """The column's name."""
        return self.name
