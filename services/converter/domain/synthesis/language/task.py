"""What a column is learned from."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.converter.domain.formats.datereader import Order, order_of
from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.evidence import chosen
from services.converter.domain.synthesis.language.basics import Concat, Constant
from services.converter.domain.synthesis.language.nodes import Column, Condition, Expression, Record
from services.converter.domain.synthesis.tokens import is_data, stands_in

LEAST_PART = 3
"""Characters of a part of a word that is likelier taken from it than chance."""
SURE_ROWS, SHARED = 4, 5.0
"""Different rows from which on a word that never changes is a constant, and its price where there are fewer."""
STANDS = 4.0
"""What it costs more to take a text from elsewhere that stands in a cell of its own: about what a condition costs."""
CUT_AMOUNT = 1.0
"""What it costs more to cut an amount out of a text that is one: of thousands it is written otherwise."""
ROUNDED = 0.2
"""What it costs more to round numbers whose decimals were all noughts than to leave these out: twice the difference of
the two formats' prices."""
CUT_SHARE = 2.0
"""What it costs more to cut the digits out of a share, a number below one on every row, than to multiply it: a part
behind the point is 1.4 cheaper than a product, and fits where the share has as many digits as it had."""
LONE_FIGURE = 4.0
"""What a figure in a constant costs more where one row is all there is: figures are what changes from row to row."""
BESIDE = ("_before", "_after")
"""How the names of columns end that hold what the row before says, or the one after."""
_SHARE = re.compile(r"[-+]?0?[.,]\d*[1-9]\d*")
_WORD = re.compile(r"[^\W_]+")
_FIGURE = re.compile(r"\d+")
_LONGEST_CELL = 2000
"""Characters of a cell from which on it is prose: that a word stands there says nothing."""
_PLAIN_AMOUNT = re.compile(r"-?\d+(?:\.\d+)?")
_SIGNED_AMOUNT = re.compile(r"^[^\w.,]*[$€£¥₹₩₽฿][ ]?[\d.,' -]+\)?$|^[^\w.,]*[\d.,']+[ ]?[$€£¥₹₩₽฿]$")
_MARKED = re.compile(r"[-+(−]\D{0,6}\d|\d[-−]\s*$|\d[,.'’ ]\d{3}[,.]\d")
"""A sign, brackets, or a mark of thousands."""
_WHOLE = re.compile(r"\d[.,]0+[^\d.,]*$")
"""A number whose decimals are all noughts."""
_WITHIN = re.compile(r"\d[.,'’ ]\d")
"""A mark between digits."""
_ANY_CELL = "\ue000"
"""Stands for whatever a cell may hold: a character of the private use area."""


def _are_marked(texts: Sequence[str]) -> bool:
    """Whether all texts are numbers, and some have a sign, brackets or a mark of thousands."""
    return any(map(_MARKED.search, texts)) and bool(styles(texts))


def _rounds(expression: Expression) -> bool:
    """Whether a number is written with so many decimals, however many it has."""
    return bool(expression.format_written) and expression.unformatted != expression


def _words_of(record: Record) -> frozenset[str]:
    words = {word for cell in record if cell and len(cell) < _LONGEST_CELL for word in _WORD.findall(cell)}
    return frozenset(words | {word[0] for word in words})


class Preference(Protocol):
    """What the user said of a column, as far as the search can use it."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Conditions that the words spell out."""

    def bonus(self, expression: Expression) -> float:
        """How much cheaper a program is that does what the words say."""

    def asks_for(self, expression: Expression) -> bool:
        """Whether the words spell a program out as a whole."""


@dataclass(slots=True)
class Examples:
    """What a column is learned from: rows of the relation and the wanted text of each."""

    names: tuple[str, ...]
    records: list[Record]
    outputs: list[str]
    target: str = ""
    hint: str = ""
    prices: tuple[float, ...] = field(default=())
    preference: Preference | None = None
    lent: frozenset[int] = frozenset()
    """Columns that hold what other rows say: copied and computed with, never cut to pieces."""
    shared: frozenset[int] = frozenset()
    """Columns that hold what stands above several rows: these say it once together."""
    lone: bool = False
    """Whether no column of the output varies: a constant then explains nothing."""
    budget: Budget = field(default_factory=Budget)
    """The work that may go into learning the column."""
    order: Order | None = None
    """The order of day and month in the file, as far as known; None where it was not looked for yet."""
    around: frozenset[str] = frozenset()
    """Cells of the file that stand in no row."""
    data: frozenset[str] = frozenset()
    """Cells of the file's rows that look like data."""
    lines: tuple[Sequence[str], ...] = ()
    """The file's rows, of which ``kept``, by their numbers, are those that the records come from."""
    kept: tuple[int, ...] = ()
    heads: tuple[str, ...] = ()
    """The names of the file's columns."""
    telling: frozenset[int] = frozenset()
    """Columns by which rows are known apart that were made of one."""
    _left: str | None = None
    _shared: frozenset[str] | None = None
    _kinds: frozenset[int] | None = None
    _recurring: frozenset[int] | None = None
    _standing: frozenset[int] | None = None
    _half_standing: frozenset[int] | None = None
    _money: frozenset[int] | None = None
    _shares: frozenset[int] | None = None

    @property
    def kinds(self) -> frozenset[int]:
        """Columns that hold kinds of rows: different texts, some of which recur."""
        if self._kinds is None:
            columns = (set(self._texts(i)) for i in range(len(self.names)))
            self._kinds = frozenset(i for i, texts in enumerate(columns) if 1 < len(texts) < len(self.records))
        return self._kinds

    @property
    def recurring(self) -> frozenset[int]:
        """Columns that hold kinds of rows over the whole file: words, no data, of which half that the records have
        recur. The kind of another row is no kind of this one."""
        if self._recurring is None:
            columns = {i: self._file_column(i) for i in range(len(self.names)) if i not in self.lent}
            self._recurring = frozenset(i for i, texts in columns.items() if self._holds_kinds(i, texts))
        return self._recurring

    def _holds_kinds(self, index: int, texts: Sequence[str]) -> bool:
        """Whether a column, with these texts in the file, holds words of which half that the records have recur."""
        if not any(texts) or any(map(is_data, texts)):
            return False
        counts = Counter(texts)
        own = set(self._texts(index))
        return len(counts) > 1 and 2 * sum(counts[text] > 1 for text in own) >= len(own)

    def is_beside(self, index: int) -> bool:
        """Whether a column holds what a neighbouring row says: the kind of that is no kind of this one."""
        return index in self.lent and self.names[index].endswith(BESIDE)

    def _texts(self, index: int) -> list[str]:
        """A column's texts on the records, blank where there is none."""
        return [(r[index] if index < len(r) else None) or "" for r in self.records]

    def _file_column(self, index: int) -> list[str]:
        """A column's texts over the whole file, as far as the rows still stand as they stood there."""
        texts = self._texts(index)
        if len(self.kept) != len(texts) or self.heads[index : index + 1] != self.names[index : index + 1]:
            return texts
        whole = [line[index] if index < len(line) else "" for line in self.lines]
        stands = all(0 < k <= len(whole) and whole[k - 1] == text for k, text in zip(self.kept, texts, strict=True))
        return whole if stands else texts

    def choice_of(self, column: int, among: Iterable[int]) -> float:
        """log2 of how many of the columns were as likely chosen as this one: those whose names say no less for them."""
        if not self.prices:
            return chosen(len({*among, column}))
        price = self.prices[column]
        return chosen(len({other for other in {*among, column} if self.prices[other] <= price}))

    @property
    def date_order(self) -> Order:
        """The order of day and month that a column of the file or the words settle; empty where nothing does."""
        if self.order is None:
            columns = (self._texts(i) for i in range(len(self.names)))
            self.order = order_of(columns, self.hint)
        return self.order

    def column(self, index: int) -> Column:
        """The expression that reads one column."""
        return Column(index, self.names[index], self.prices[index] if self.prices else 1.0)

    def price(self, expression: Expression) -> float:
        """The cost of an expression for this column: less where the user asked for it, more where it is doubtful."""
        bonus = self.preference.bonus(expression) if self.preference else 0.0
        return expression.cost - bonus + self.doubt(expression)

    def doubt(self, expression: Expression) -> float:
        """What is held against constants: words that stand in each of so few rows are likelier taken from them.

        A number that is all there is in so few rows is likelier counted than constant. What stands in a cell of its own
        is not taken from elsewhere.
        """
        elsewhere = self.standing and not isinstance(expression, Constant) and not self._moves_a_cell(expression)
        price = self._written(expression) + (STANDS if elsewhere or self._lists_cells(expression) else 0.0)
        if self.money or self.shares:
            pieces = expression.pieces if isinstance(expression, Concat) else (expression,)
            cut = [piece.columns for piece in pieces if not isinstance(piece, Column) and not piece.format_written]
            price += CUT_AMOUNT if any(self.money & columns for columns in cut) else 0.0
            is_whole = not any("." in output for output in self.outputs)
            price += ROUNDED if is_whole and self.money & expression.columns and _rounds(expression) else 0.0
            price += CUT_SHARE if any(self.shares & columns for columns in cut) else 0.0
        return price

    @property
    def money(self) -> frozenset[int]:
        """Columns of amounts, with the sign of a currency or a mark of thousands, where the outputs are plain amounts:
        the ones read and written anew. Of whole outputs those of numbers whose decimals are all noughts."""
        if self._money is None:
            plain = all(_PLAIN_AMOUNT.fullmatch(output) for output in self.outputs if output)
            with_decimals = any("." in output for output in self.outputs)
            filled = [record for record, output in zip(self.records, self.outputs, strict=True) if output]

            def is_amount(i: int) -> bool:
                texts = [(r[i] if i < len(r) else None) or "" for r in filled]
                if not with_decimals and texts and all(map(_WHOLE.search, texts)):
                    return True
                if not with_decimals and not any(map(_WITHIN.search, texts)):
                    return False  # a dash before digits alone may be of a code: `R-1042`
                marked = _are_marked([(r[i] if i < len(r) else None) or "" for r in self.records]) or _are_marked(texts)
                return marked or (with_decimals and all(map(_SIGNED_AMOUNT.search, texts)))

            self._money = frozenset(i for i in range(len(self.names) if plain else 0) if is_amount(i))
        return self._money

    @property
    def shares(self) -> frozenset[int]:
        """Columns of numbers below one with digits behind the point, on each of several rows."""
        if self._shares is None:
            several = len(self.records) > 1
            self._shares = frozenset(
                i
                for i in range(len(self.names) if several else 0)
                if all(i < len(r) and _SHARE.fullmatch((r[i] or "").strip()) for r in self.records)
            )
        return self._shares

    def _lists_cells(self, expression: Expression) -> bool:
        """Whether a program writes out of a list what stands in a column that it does not read."""
        near = self.half_standing
        if not near or isinstance(expression, Constant) or expression.columns & near:
            return False
        return None not in expression.answers()

    @property
    def half_standing(self) -> frozenset[int]:
        """Columns of which the output is the cell on half of the rows or more, and not always the same one."""
        if self._half_standing is None:
            pairs = list(zip(self.records, self.outputs, strict=True))
            same = {
                i: [o for r, o in pairs if o and i < len(r) and r[i] == o]
                for i in (range(len(self.names)) if len(set(self.outputs)) > 1 else ())
            }
            self._half_standing = frozenset(
                i for i, cells in same.items() if 2 * len(cells) >= len(pairs) and len(set(cells)) > 1
            )
        return self._half_standing

    def _moves_a_cell(self, expression: Expression) -> bool:
        """Whether a program gives a standing column's cell, whatever it says."""
        if expression.unformatted is not None and expression.columns <= self.standing:
            return True  # an amount of the cell, written anew
        if any(isinstance(node, Column) and node.index in self.standing for node in expression.given):
            return True  # the cell as it is, in some cases
        place = self.outputs.index(next(filter(None, self.outputs)))
        for index in self.standing & expression.columns:
            record = [*self.records[place]]
            record[index] = _ANY_CELL
            if expression.run(record) == _ANY_CELL:
                return True
        return False

    @property
    def standing(self) -> frozenset[int]:
        """Columns of which each output, where there is one, is the cell but for blanks around it; none where every row
        has an output."""
        if self._standing is None:
            filled = [(r, o) for r, o in zip(self.records, self.outputs, strict=True) if o]
            lacking = len(self.outputs) - len(filled)
            several = lacking > 0 and max(len({output for _, output in filled}), lacking) > 1 and bool(filled)
            width = len(self.names) if several else 0
            self._standing = frozenset(
                i for i in range(width) if all(i < len(r) and (r[i] or "").strip() == o for r, o in filled)
            )
        return self._standing

    def _written(self, expression: Expression) -> float:
        shared, alone = self._shared_words(), len(self.records) == 1
        if len(self.records) < SURE_ROWS and isinstance(expression, Constant) and self._is_counted(expression.text):
            return SHARED
        if not shared and not alone:
            return 0.0
        texts = [node.text for node in expression.walk() if isinstance(node, Constant)]
        figures = LONE_FIGURE * sum(len(_FIGURE.findall(text)) for text in texts) if alone else 0.0
        return figures + sum((2 * SHARED if alone else SHARED) * self._taken(text, shared) for text in texts)

    def _is_counted(self, text: str) -> bool:
        """Whether a text is a number, and all that there is on every row."""
        return text.isdigit() and all(output == text for output in self.outputs)

    def _taken(self, text: str, shared: frozenset[str]) -> int:
        """How much of a constant stands in every row: words, whole cells, and parts of longer words."""
        words = _WORD.findall(text)
        found = sum(
            word in shared or any(word in other for other in shared if len(word) >= LEAST_PART) for word in words
        )
        return found or int(any(len(cell) >= LEAST_PART and cell in text for cell in shared))

    def _shared_words(self) -> frozenset[str]:
        """Words, and their initials, that every row holds; none where the rows are many enough to trust."""
        if self._shared is None:
            distinct = {tuple(record) for record in self.records}
            found = [_words_of(record) for record in distinct] if len(distinct) < SURE_ROWS else []
            self._shared = frozenset.intersection(*found) if found else frozenset()
        return self._shared

    def is_left_out(self, text: str) -> bool:
        """Whether a text stands, as words of its own, in what no record comes from: a title, or what is around the
        table."""
        if self._left is None:
            kept = frozenset(self.kept)
            left = (line for number, line in enumerate(self.lines, 1) if number not in kept)
            self._left = "\0".join([*sorted(self.around), *(cell for line in left for cell in line)])
        return stands_in(text, self._left)

    def values(self, expression: Expression) -> tuple[str | None, ...]:
        """The expression on every row."""
        return expression.run_all(self.records)

    def explains(self, expression: Expression) -> bool:
        """Whether the expression gives the wanted text on every row."""
        self.budget.spend(len(self.records))
        return all((expression.run(r) or "") == want for r, want in zip(self.records, self.outputs, strict=True))

    def reading(self, column: int) -> "Examples":
        """The same task with nothing in any other column than one."""
        part = self.subset(range(len(self.records)))
        part.records = [
            tuple(cell if place == column else "" for place, cell in enumerate(record)) for record in self.records
        ]
        return part

    def subset(self, rows: Sequence[int]) -> "Examples":
        """The same task with fewer rows."""
        return Examples(
            self.names,
            [self.records[i] for i in rows],
            [self.outputs[i] for i in rows],
            self.target,
            self.hint,
            self.prices,
            self.preference,
            self.lent,
            self.shared,
            self.lone,
            self.budget,
            order=self.date_order,
            telling=self.telling,
            around=self.around,
            data=self.data,
            lines=self.lines,
            kept=self.kept,
            heads=self.heads,
        )
