"""Conditions on a row."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from services.converter.domain.formats.letters import BLANKS
from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.edges import MAX_VALUES, Check
from services.converter.domain.synthesis.evidence import chosen, partings
from services.converter.domain.synthesis.language import (
    CELL,
    Column,
    Condition,
    Examples,
    Expression,
    Record,
    as_bits,
)
from services.converter.domain.synthesis.operators.logic.kinds import PATTERNS
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import Pattern, charset, raw

Place = Literal["contains", "starts_with", "ends_with"]

_WORD, _MARK = re.compile(r"[^\W_]+"), re.compile(r"[^\w\s]+|\s+")
RELATIONS: dict[str, Callable[[str, str], bool]] = {
    "=": str.__eq__,
    "contains": str.__contains__,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
}
_ENDS = {"contains": None, "starts_with": slice(0, 1), "ends_with": slice(-1, None)}


@dataclass(frozen=True, slots=True)
class Equals(Condition):
    """The text is one of some values."""

    source: Expression
    values: tuple[str, ...]
    price: float = 0.0
    is_particular = True

    @property
    def listed(self) -> tuple[str, ...]:
        """Its values."""
        return self.values

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Values of a column that the example did not show, where it may have shown all that there are. A mark for
        nothing is no kind: what is none of it is something, whatever it is."""
        if self.asks_for_nothing:
            return
        column = self.source
        values = sorted({column.run(row) or "" for row in rows}) if isinstance(column, Column) else []
        if isinstance(column, Column) and len(values) <= MAX_VALUES and 3 * len(values) <= 2 * len(rows) + 3:
            words = f"a value of {column.name} that the example did not show"
            seen = ", ".join(map(literal, values))
            outside = f"coalesce({column.sql()}, '') NOT IN ({seen})"
            if self._stands_for_no_number(values):
                outside += f" AND NOT regexp_matches({column.sql()}, '[0-9]')"
            yield self.check("value_set", "unseen", words, outside)

    def _stands_for_no_number(self, values: Sequence[str]) -> bool:
        """Whether it asks for words among numbers: these are no kinds, and any other number is one like them."""
        others = [value for value in values if value not in self.values]
        return len(others) > 1 and all(others) and bool(styles(others)) and not any(styles([v]) for v in self.values)

    @property
    def surcharge(self) -> float:
        """Each value is one more thing to believe."""
        return 0.9 * (len(self.values) - 1) + self.price

    def holds(self, record: Record) -> bool:
        return self.source.run(record) in self.values

    def choices(self, task: Examples) -> float:
        """Columns of kinds, and ways to part the column's values into two sets of these sizes."""
        column = self.source.index if isinstance(self.source, Column) else None
        named = task.choice_of(column, task.kinds) if column is not None else chosen(len(task.kinds))
        return named + chosen(partings(len(self.texts(task)), len(self.values)))

    def sql(self) -> str:
        """`=` or `IN`."""
        if len(self.values) == 1:
            return f"{self.source.sql()} = {literal(self.values[0])}"
        return f"{self.source.sql()} IN ({', '.join(literal(v) for v in self.values)})"

    def words(self) -> str:
        return f"{self.source.words()} is {' or '.join(quoted(v) for v in self.values)}"


@dataclass(frozen=True, slots=True)
class Blank(Condition):
    """The text is empty, blank or absent."""

    source: Expression
    asks_for_blank = True

    def holds(self, record: Record) -> bool:
        return not (self.source.run(record) or "").strip(BLANKS)

    def choices(self, task: Examples) -> float:
        """Columns."""
        return chosen(len(task.names))

    def sql(self) -> str:
        return f"coalesce(trim({self.source.sql()}), '') = ''"

    def words(self) -> str:
        return f"{self.source.words()} is blank"


@dataclass(frozen=True, slots=True)
class Contains(Condition):
    """The text contains, starts or ends with a literal."""

    source: Expression
    text: str
    where: Place = "contains"
    price: float = 0.0
    is_particular = True

    @property
    def surcharge(self) -> float:
        """Short literals are simpler; letters may be coincidence."""
        return 0.08 * len(self.text) + (0.5 if len(self.text) == 1 and self.text.isalnum() else 0.0) + self.price

    def holds(self, record: Record) -> bool:
        text = self.source.run(record)
        if text is None:
            return False
        return RELATIONS[self.where](text, self.text)

    def held(self, records: Sequence[Record]) -> int:
        """The rows where it does."""
        stands, part = RELATIONS[self.where], self.text
        return as_bits([text is not None and stands(text, part) for text in self.source.run_all(records)])

    def choices(self, task: Examples) -> float:
        """Columns, places, and the marks, or words, or characters at the end, that its texts hold."""
        texts = [text for (text, *_) in self.texts(task)]
        kind = _MARK if self.tells_make else _WORD
        ends = _ENDS[self.where]
        pieces = {p for t in texts for p in (kind.findall(t) if ends is None else [t[ends]])}
        return chosen(len(task.names), len(pieces), len(_ENDS))

    @property
    def tells_make(self) -> bool:
        """Whether it looks for punctuation rather than for a word."""
        return not any(map(str.isalnum, self.text))

    def sql(self) -> str:
        """The function of that name."""
        return f"{self.where}({self.source.sql()}, {literal(self.text)})"

    def words(self) -> str:
        return f"{self.source.words()} {self.where.replace('_', ' ')} {quoted(self.text)}"


@dataclass(frozen=True, slots=True)
class HasItem(Condition):
    """One of the items of a list, as it stands between two delimiters."""

    source: Expression
    delimiter: str
    item: str
    is_particular = True

    def holds(self, record: Record) -> bool:
        text = self.source.run(record)
        return text is not None and self.item in (part.strip(BLANKS) for part in text.split(self.delimiter))

    def choices(self, task: Examples) -> float:
        """Columns, and the items of their lists; the one that the wanted column is called after is given."""
        if self.item.lower() == task.target.strip().lower():
            return chosen(len(task.names))
        items = {part.strip(BLANKS) for (text, *_) in self.texts(task) for part in text.split(self.delimiter)}
        return chosen(len(task.names), len(items))

    def sql(self) -> str:
        parts = f"string_split({self.source.sql()}, {literal(self.delimiter)})"
        return f"list_contains(list_transform({parts}, lambda part: trim(part)), {literal(self.item)})"

    def words(self) -> str:
        return f"{self.source.words()} has the item {quoted(self.item)}"


@dataclass(frozen=True, slots=True)
class Matches(Condition):
    """A pattern is found in the text."""

    source: Expression
    pattern: Pattern
    what: str
    price: float = 0.0
    tells_make = True

    @property
    def surcharge(self) -> float:
        """Above a literal."""
        return self.price

    def holds(self, record: Record) -> bool:
        text = self.source.run(record)
        return text is not None and self.pattern.search(text) is not None

    def held(self, records: Sequence[Record]) -> int:
        """The rows where it is found: the same columns are asked for with many sets of rows to tell apart."""
        return _found_in(self.pattern, self.source.run_all(records))

    def choices(self, task: Examples) -> float:
        """Columns, and ways in which kinds of texts part those of the column: kinds that part them alike are one."""
        return chosen(
            len(task.names), ways_to_part(tuple(sorted(text for (text, *_) in self.texts(task))), self.pattern)
        )

    def sql(self) -> str:
        return f"regexp_matches({self.source.sql()}, {literal(self.pattern.sql)})"

    def words(self) -> str:
        return f"{self.source.words()} {self.what}"


@lru_cache(maxsize=4096)
def _found_in(pattern: Pattern, texts: tuple[str | None, ...]) -> int:
    found = {text for text in {*texts} if text is not None and pattern.search(text) is not None}
    return as_bits([text in found for text in texts])


def ways_to_part(texts: tuple[str, ...], *more: Pattern) -> int:
    """In how many ways kinds of texts part some texts in those that are of the kind and those that are not."""
    every = (1 << len(texts)) - 1
    found = (_found_in(pattern, texts) for pattern in (*more, *(pattern for pattern, *_ in PATTERNS)))
    return len({min(holds, every ^ holds) for holds in found} - {0})


def law() -> tuple[Condition, ...]:
    """Instances on which `holds` equals `sql`."""
    return (
        Equals(CELL, ("a", "")),
        Equals(CELL, ("a",)),
        Blank(CELL),
        *(Contains(CELL, text, where) for text in ("a", ")") for where in get_args(Place)),
        *(HasItem(CELL, delimiter, "a") for delimiter in (";", " ")),
        Matches(CELL, raw("^") + charset("U"), "starts with a capital"),
    )
