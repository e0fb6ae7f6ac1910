"""One program or another by a condition, and dictionaries from value to value."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis.edges import Check
from services.converter.domain.synthesis.evidence import DIGITS, chosen, labelling_bits, repeated_bits
from services.converter.domain.synthesis.language import (
    CELL,
    OTHER_CELL,
    Column,
    Condition,
    Constant,
    Examples,
    Expression,
    Node,
    Record,
    Tie,
)
from services.converter.domain.synthesis.operators.logic.combined import Not
from services.converter.domain.synthesis.operators.logic.condition import Blank, Contains, Matches
from services.converter.domain.synthesis.operators.logic.kinds import PATTERNS
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import is_data, stands_in

LEAST_WITNESSES = 2
"""Different rows of the example that a case must rest on."""


READ = 3.0
"""What a list of values costs more whose answers are made of their own values' words, as a rule would make them: about
what a text of two parts costs more than one."""
BY_SIGN = 4.4
"""How much likelier a sign parts two texts than what has to be chosen does: a little more than a list of two values in
a column whose name says nothing for it, which is a rival then, and less than in one whose name does."""
_WORD = re.compile(r"[^\W_]+")


def _is_made_of(answer: str, value: str) -> bool:
    """Whether every word of an answer is one of the value's."""
    return set(_WORD.findall(answer)) <= set(_WORD.findall(value))


@dataclass(frozen=True, slots=True)
class Branch(Expression):
    """``then`` where the condition holds, else ``otherwise``."""

    condition: Condition
    then: Expression
    otherwise: Expression

    @property
    def surcharge(self) -> float:
        """Less for two texts that a sign parts: neither a word nor a threshold is chosen for them."""
        return -BY_SIGN if self._is_by_sign else 0.0

    @property
    def _is_by_sign(self) -> bool:
        """Whether it is one of two texts as a number's sign says."""
        texts = isinstance(self.then, Constant) and isinstance(self.otherwise, Constant)
        return texts and self.condition.bare.tells_sign

    @property
    def tied(self) -> frozenset[Tie]:
        """A case."""
        return frozenset({"case"})

    @property
    def given(self) -> tuple[Expression, ...]:
        """Both."""
        return (*self.then.given, *self.otherwise.given)

    @property
    def is_whole(self) -> bool:
        """Where what is given in each case is."""
        return self.then.is_whole and self.otherwise.is_whole

    def answers(self) -> Iterator[str | None]:
        """Those of both."""
        yield from self.then.answers()
        yield from self.otherwise.answers()

    def scopes(self) -> Iterator[tuple[Node, tuple[Condition, ...]]]:
        """The condition always, each program where it is chosen."""
        yield self.condition, ()
        yield self.then, (self.condition,)
        yield self.otherwise, (Not(self.condition),)

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Cases that rest on one row of the example: what is common to them cannot be told from one.

        Rows that say the very same as that one are told by it.
        """
        for condition, arm in ((self.condition, self.then), (Not(self.condition), self.otherwise)):
            if isinstance(arm, Branch) or not arm.columns <= self.columns:
                continue
            if condition.bare.asks_for_blank and isinstance(arm, Column):
                continue  # one cell where another is blank: a row is enough to say so
            if condition.bare.tells_sign:
                continue  # a sign says by itself what it parts
            witnesses = {tuple(row) for row in rows if condition.holds(row)}
            if len(witnesses) < LEAST_WITNESSES and condition.columns:
                columns = list(dict.fromkeys(n for e in (condition, arm) for n in e.walk() if isinstance(n, Column)))
                same = [
                    f"coalesce({column.sql()}, '') = {literal(column.run(row) or '')}"
                    for row in witnesses
                    for column in columns
                ]
                words = f"this case rests on one row of the example: {condition.words()}"
                outside = f"{condition.sql()} AND NOT ({' AND '.join(same)})" if same else condition.sql()
                reads = condition.columns | arm.columns
                yield Check(columns[0].name, "shape", "note", words, columns[0].sql(), outside, reads)

    def run(self, record: Record) -> str | None:
        return (self.then if self.condition.holds(record) else self.otherwise).run(record)

    def doubt(self, task: Examples) -> str:
        """Conditions that so few rows would be told apart by in any case; data of the example as an answer."""
        arms = self._arms()
        said = task.preference.conditions if task.preference else ()
        written = [arm.text for arm in (*(arm for _, arm in arms), self._last()) if isinstance(arm, Constant)]
        asked = [text for condition, _ in arms if condition not in said for text in condition.bare.listed]
        # What several rows have in common names a kind of rows, whatever it looks like: an account, a product's number.
        written += [text for text in asked if sum(text in record for record in task.records) < LEAST_WITNESSES]
        data = next((text for text in written if is_data(text)), None)
        if data is not None:
            return f"{quoted(data)} is data of the example, written into the rule"
        known = [*said, *(c for c, _ in arms if self._stands_in(c) or (c.columns and c.columns <= task.telling))]
        conditions = [condition for condition, _ in arms if condition not in known]
        answers = {arm.text for arm in (*(arm for _, arm in arms), self._last()) if isinstance(arm, Constant)}
        guessed = any(not c.bare.listed and not c.bare.asks_for_blank for c in conditions)
        if guessed and 1 < len(answers) == len(arms) + 1 and all(map(task.is_left_out, answers)):
            return f"{' and '.join(map(quoted, sorted(answers)))} stand in lines of the file that make no rows"
        # What a kind of condition on some columns costs is paid once, however many of it there are.
        kinds = {condition.columns: condition.bits(task) - condition.choices(task) for condition in conditions}
        picked = sum(condition.choices(task) for condition in conditions) + sum(kinds.values())
        # Thresholds of one column: it is chosen once, and in which order they come does not count.
        again = len(conditions) - len({condition.columns for condition in conditions})
        picked -= chosen(math.factorial(again + 1), len(task.names) ** again)
        rows = {tuple(self._said_by(record, conditions, task)): record for record in task.records}.values()
        labels = [next((i for i, (c, _) in enumerate(arms) if c.holds(row)), -1) for row in rows]
        if min(Counter(labels).values()) < LEAST_WITNESSES and any(isinstance(c.bare, Matches) for c in conditions):
            # A single row is of some kind that the others are not, whichever kinds part these rows.
            picked = max(picked, chosen(len(task.names), len(PATTERNS)))
        if round(picked - labelling_bits(labels), DIGITS) > 0.0:
            return f"so few rows would be told apart by some condition in any case: {arms[0][0].words()}"
        return ""

    @staticmethod
    def _said_by(record: Record, conditions: Sequence[Condition], task: Examples) -> Record:
        """What of a row counts once: rows below one title say once what it does, unless it names a kind of rows."""
        read = frozenset[int]().union(*(condition.columns for condition in conditions))
        if read and read <= task.shared and not all(condition.bare.listed for condition in conditions):
            return [record[index] for index in sorted(read)]
        return record

    def _stands_in(self, condition: Condition) -> bool:
        """Whether a case is for the rows in which what the last resort reads is blank, or a mark for nothing: its
        condition is not chosen."""
        last = self._last()
        return condition.asks_for_nothing and bool(last.columns) and last.columns == condition.columns

    @property
    def judged(self) -> tuple[Node, ...]:
        """Conditions and answers; the cases further down are its own."""
        return (*(part for arm in self._arms() for part in arm), self._last())

    def _arms(self) -> list[tuple[Condition, Expression]]:
        """The cases in their order, without the last resort."""
        found, rest = [(self.condition, self.then)], self.otherwise
        while isinstance(rest, Branch):
            found.append((rest.condition, rest.then))
            rest = rest.otherwise
        return found

    def _last(self) -> Expression:
        rest = self.otherwise
        while isinstance(rest, Branch):
            rest = rest.otherwise
        return rest

    def sql(self) -> str:
        lines = [f"    WHEN {self.condition.sql()} THEN {self.then.sql()}"]
        rest = self.otherwise
        while isinstance(rest, Branch):
            lines.append(f"    WHEN {rest.condition.sql()} THEN {rest.then.sql()}")
            rest = rest.otherwise
        lines.append(f"    ELSE {rest.sql()}")
        return "CASE\n" + "\n".join(lines) + "\nEND"

    def words(self) -> str:
        return f"if {self.condition.words()} then {self.then.words()}, otherwise {self.otherwise.words()}"


@dataclass(frozen=True, slots=True)
class Dictionary(Expression):
    """Each value seen stands for another; NULL for a value that was not seen."""

    source: Expression
    pairs: tuple[tuple[str, str], ...]

    @property
    def surcharge(self) -> float:
        """Each pair must be believed; all the more where what it says can be read from its own value."""
        told = {(key, value) for key, value in self.pairs if key.strip() and value.strip()}
        is_read = len(told) > 1 and sum(_is_made_of(value, key) for key, value in told) >= len(self.pairs) - 1
        return 0.5 * len(self.pairs) + READ * is_read

    def answers(self) -> Iterator[str | None]:
        """Those of the pairs."""
        yield from (value for _, value in self.pairs)

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Values that stand for nothing."""
        del rows
        words = f"a value of {self.source.words()} that the example did not show"
        seen = ", ".join(literal(key) for key, _ in self.pairs)
        if self.columns:
            yield self.check("value_set", "unseen", words, f"coalesce({self.source.sql()}, '') NOT IN ({seen})")

    def widened(self, task: Examples) -> Iterator[Expression]:
        """With the values of the task that stand for nothing so far."""
        known = dict(self.pairs)
        for record, output in zip(task.records, task.outputs, strict=True):
            known.setdefault(self.source.run(record) or "", output)
        if len(known) > len(self.pairs):
            yield Dictionary(self.source, tuple(known.items()))

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else dict(self.pairs).get(text)

    def doubt(self, task: Examples) -> str:
        """Values that hardly repeat, and data of the example as a key or as an answer."""
        data = next((text for pair in self.pairs for text in pair if is_data(text)), None)
        if data is not None:
            return f"{quoted(data)} is data of the example, written into the rule"
        rows = {tuple(record): output for record, output in zip(task.records, task.outputs, strict=True)}
        if (index := self._read_too(rows)) is not None:
            return f"{quoted(task.names[index])} stands in what the list says, and is written into the rule"
        keys = [self.source.run(record) or "" for record in rows]
        if repeated_bits(keys, list(rows.values())) < self._choice(task):
            return f"too few rows repeat a value of {self.source.words()} to say that the output is told by it"
        return ""

    def _read_too(self, rows: Mapping[tuple[str | None, ...], str]) -> int | None:
        """A column that the list does not read, and whose cell, not always the same, stands as data in each output."""
        for index in range(min(map(len, rows), default=0)):
            cells = [record[index] or "" for record in rows]
            told = all(map(is_data, cells)) and len(set(cells)) > 1 and index not in self.columns
            if told and all(stands_in(cell, output) for cell, output in zip(cells, rows.values(), strict=True)):
                return index
        return None

    def _choice(self, task: Examples) -> float:
        """log2 of the columns of kinds that it was chosen from."""
        return min((task.choice_of(index, task.recurring) for index in self.columns), default=chosen(len(task.kinds)))

    def sql(self) -> str:
        lines = [f"    WHEN {literal(key)} THEN {literal(value)}" for key, value in self.pairs if key]
        blank = [f"    WHEN '' THEN {literal(value)}" for key, value in self.pairs if not key]
        return f"CASE {self.source.sql()}\n" + "\n".join(lines + blank) + "\nEND"

    def words(self) -> str:
        shown = ", ".join(f"{quoted(k)} as {quoted(v)}" for k, v in self.pairs[:4])
        return f"{self.source.words()} by a list of values seen: {shown}" + (
            f" and {len(self.pairs) - 4} more" if len(self.pairs) > 4 else ""
        )


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return (
        Branch(Contains(CELL, ","), OTHER_CELL, Branch(Blank(CELL), Constant("blank"), CELL)),
        Dictionary(CELL, (("", "none"), ("a", "it's"))),
    )
