"""Whether a program has learned its example by heart, judged by what it does and not by how it is written.

Every constant of the program is changed a little and the program run again. A constant on which the answer of one row
alone hangs is one that only this row can have taught: were the row left out, nothing in the example would ask for it.
Where many rows hang on constants of their own, the program is a list, whatever it looks like: cases, joins, texts cut
to pieces, sums, codes. Constants that serve several rows, or that the user's words give, are a rule's.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.converter.domain.crew.constants import Constant, list_constants
from services.converter.domain.crew.date_facts import is_date_fact, names_dates
from services.converter.domain.crew.regular import is_regular
from services.converter.domain.crew.rows_by_heart import (
    FEWEST,
    FREE_BITS,
    HELD_BITS,
    MOST_LIMITS,
    PACKED_DIGITS,
    SHARE,
    RowsByHeart,
)
from services.converter.domain.crew.spoken import says, stands_in
from services.converter.domain.crew.trials import Trial, reverse, roll, rows_of, spread, stride
from services.converter.domain.instructions import Instructions
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Row, Table
from services.converter.domain.wording.sentences import sentences_of

MOST_ROWS = 400
"""Rows of the example on which constants are changed."""
_WRITTEN = 0.5
"""The share of an answer that hangs on constants of its row alone, for it to be written rather than made."""
_TOUCHED = 0.5
"""The share of rows of whose answers some part hangs on constants of their own from which on a column is a list."""
_FEW_NUMBERS, _MOST_NUMBERS = 4, 0.75
"""Four numbers at least, and one for three of four rows: then each row brings what is right for it, and there is no
rule."""
_BITS_OF_DIGIT, _BITS_OF_LETTER = math.log2(10), math.log2(26)


@dataclass(frozen=True, slots=True)
class ByHeart:
    """What a program lists instead of making it: columns, each with the reason in words; the reason on rows."""

    columns: dict[str, str] = field(default_factory=dict)
    rows: str = ""

    def __bool__(self) -> bool:
        return bool(self.columns or self.rows)

    def describe(self) -> str:
        """The reasons in a line each, for the agents and for people."""
        lines = [f'The program lists the answers of "{name}": {why}.' for name, why in self.columns.items()]
        return "\n".join([*lines, *([f"The program lists rows: {self.rows}."] if self.rows else [])])


def find_by_heart(
    sql: str,
    source: Table,
    names: Row,
    said: Instructions,
    runner: ProgramRunner,
    *,
    only: Collection[str] | None = None,
) -> ByHeart:
    """What a program that runs on ``source`` lists; ``names`` are its output columns, ``only`` those that count.

    Raises the faults of a program that does not run.
    """
    table = _sampled(source)
    output = runner.run(sql, table)
    base = rows_of(output)
    answers = frozenset(cell.casefold() for row in base for cell in row if cell)
    own = frozenset(name.casefold() for name in source.column_names)
    constants = list_constants(sql, answers - own)
    if not base:
        return ByHeart()
    trial = Trial(sql, table, base, runner, output.header is None)
    rows = RowsByHeart(trial, said.all_words)
    if len(base) < FEWEST:
        return ByHeart(rows=rows.find_nothing_read())
    trial.change(constants)
    columns = _Columns(trial, names, said, trial.with_other_digests()).find(only)
    return ByHeart(columns, rows.find())


@dataclass(frozen=True, slots=True)
class _Columns:
    """The judgement on columns; ``digested`` are the program's rows with other digests, in several ways."""

    trial: Trial
    names: Row
    said: Instructions
    digested: Sequence[list[Row]]

    def find(self, only: Collection[str] | None) -> dict[str, str]:
        """The columns that are lists, each with the reason in words."""
        found = {}
        for column, name in enumerate(self.names):
            if (only is None or name in only) and (why := self._on_column(column)):
                found[name] = why
        return found

    def _on_column(self, column: int) -> str:
        rows = len(self.trial.base)
        owned: dict[int, set[Constant]] = defaultdict(set)
        hanging: dict[int, set[int]] = defaultdict(set)
        whole, touched = set[int](), set[int]()
        answers = frozenset(row[column] for row in self.trial.base if column < len(row))
        for constant, changed in self._changes(column):
            ((place, other),) = changed.items()
            owned[place].add(constant)
            answer = self.trial.base[place][column] if column < len(self.trial.base[place]) else ""
            # Another answer in its place, or none: the whole of it hangs on the constant.
            whole_answer = not other or other in answers
            hanging[place] |= set(range(len(answer))) if whole_answer else _changed_signs(answer, other)
            if not answer or len(hanging[place]) >= _WRITTEN * len(answer):
                whole.add(place)
            if any(answer[at].isalnum() for at in hanging[place]):
                touched.add(place)
        written, parts = (self._written(places, owned, column) for places in (whole, touched))
        if len(written) >= max(FEWEST, SHARE * rows) or len(parts) >= max(FEWEST + 1, _TOUCHED * rows):
            most = max(len(written), len(parts))
            return f"{most} of {rows} answers hang each on constants that serve no other row"
        if written and all(self._is_patch(place, owned[place]) for place in written):
            return "rows are picked out one by one and their answers written down"
        return self._on_many(column) or self._on_digits(column) or self._on_number(column) or self._on_digests(column)

    def _written(self, places: Collection[int], owned: Mapping[int, set[Constant]], column: int) -> list[int]:
        """Places but those whose answer the words give, or that stand for several rows or for few among many."""
        own = [place for place in sorted(places) if not self._is_said(place, column)]
        return self._without_few_of_many(self._without_groups(own, owned, column), owned)

    def _without_groups(self, places: list[int], owned: Mapping[int, set[Constant]], column: int) -> list[int]:
        """Places but those that stand for several rows of the input, and have a name of theirs: no figure."""
        table = self.trial.table
        if len(table.rows) == len(self.trial.base):
            return places
        counts = Counter(cell for row in table.rows for cell in {*row})
        keyed = [place for place in places if any(counts[constant.text] > 1 for constant in owned[place])]
        groups = places if 2 * len(keyed) >= len(places) else keyed  # what is left over needs no key
        return [
            place
            for place in places
            if not keyed
            or place not in groups
            or any(
                counts[constant.text] < FEWEST and not _is_label(constant, self.trial.base[place][column])
                for constant in owned[place]
            )
        ]

    def _on_digests(self, column: int) -> str:
        """Whether it hangs on what a digest happens to be which of the answers, or of the program's texts, a row has.

        A program may list answers that no row of the example happens to have; a digest that is shown makes others yet.
        """
        was = [row[column] if column < len(row) else "" for row in self.trial.base]
        constants = list_constants(self.trial.sql) if self.digested else []
        written = {constant.text.casefold() for constant in constants}
        texts = {c.text.casefold() for c in constants if c.kind == "text" and len(c.text) > 1}
        for rows in self.digested:
            now = [row[column] if column < len(row) else "" for row in rows]
            changed = [(a, b) for a, b in zip(was, now, strict=False) if a != b]
            if (
                len(now) == len(was)
                and changed
                and all(b in was or _is_written(b, a, written, texts) for a, b in changed)
            ):
                return "a digest decides which answer a row has"
        return ""

    def _changes(self, column: int) -> Iterator[tuple[Constant, dict[int, str]]]:
        """Changes that one row alone answers otherwise, of constants that serve no other row.

        A short number serves all rows that any other number in its place would change; a long one may pack many
        answers, like a text, so that each of its digits counts.
        """
        by_number: dict[Constant, list[dict[int, str]]] = defaultdict(list)
        for effect in self.trial.effects:
            changed = effect.cells.get(column)
            if not changed or effect.constant.is_limit or names_dates(effect.constant.text):
                continue
            if self._is_fact(effect.constant, changed, column):
                continue
            if effect.constant.kind == "number":
                by_number[effect.constant].append(changed)
            elif len(changed) == 1:
                yield effect.constant, changed
        for constant, each in by_number.items():
            single = [changed for changed in each if len(changed) == 1]
            served = {place for changed in each for place in changed}
            packed = constant.digits >= PACKED_DIGITS and 2 * len(single) >= len(each)
            if len(served) == 1 or packed:
                yield from ((constant, changed) for changed in single)

    def _is_fact(self, constant: Constant, places: Collection[int], column: int) -> bool:
        """Whether the world gives a constant for every row that it serves."""
        return all(is_date_fact(constant, self._texts(place, column)) for place in places)

    def _texts(self, place: int, column: int) -> Row:
        """An answer, and the cells of the input row that it stands for where that is known."""
        rows = self.trial.table.rows
        answer = self.trial.base[place][column : column + 1]
        return (*answer, *rows[place]) if len(rows) == len(self.trial.base) else answer

    def _on_many(self, column: int) -> str:
        """Whether there are about as many constants as answers, though none serves one row alone."""
        rows, serving = len(self.trial.base), defaultdict[Constant, set[int]](set)
        for effect in self.trial.effects:
            serving[effect.constant] |= effect.cells.get(column, {}).keys()
        numbers = {
            frozenset(places)
            for constant, places in serving.items()
            if places and constant.kind == "number" and not constant.is_limit
            if not self._is_fact(constant, places, column)
        }
        if len(numbers) >= max(_FEW_NUMBERS, _MOST_NUMBERS * rows):
            return f"{len(numbers)} numbers serve {rows} answers, each other ones"
        limits = [c for c, s in serving.items() if s and c.is_limit and not stands_in(self.said.all_words, c.text)]
        answers = {row[column] for row in self.trial.base if column < len(row)}
        if len(limits) > max(MOST_LIMITS, 2 * len(answers)) and len(limits) >= SHARE * rows:
            return f"{len(limits)} limits part {rows} rows for {len(answers)} answers"
        written = [c for c, s in serving.items() if s and c.kind == "text" and c.text in answers]
        if len(limits) > FEWEST and len(written) >= len(answers) + FEWEST:
            return f"{len(limits)} limits part the rows, and the same answers stand behind several of them"
        return ""

    def _on_number(self, column: int) -> str:
        """Whether the answers go by the number of the row alone, and do not show it."""
        base = tuple(row[column] if column < len(row) else "" for row in self.trial.base)
        if len(set(base)) == 1 or len(base) != len(self.trial.table.rows) or is_regular(base):
            return ""
        for order in (reverse, roll, stride):
            if base == order(base):
                continue  # it would tell nothing
            turned = self.trial.turned(order)
            if turned is None or tuple(row[column] if column < len(row) else "" for row in turned) != base:
                return ""
        return "the answers go by the number of the row alone"

    def _on_digits(self, column: int) -> str:
        """Whether the digits of numbers hold about as much as the answers do."""
        serving: dict[Constant, list[frozenset[int]]] = defaultdict(list)
        for effect in self.trial.effects:
            cells = effect.cells.get(column)
            is_number = effect.constant.kind == "number" and not effect.constant.is_limit
            if cells and is_number and not self._is_fact(effect.constant, cells, column):
                serving[effect.constant].append(frozenset(cells))
        # Digits that all serve the same several rows, and not every one, are one value: a fee, a rate.
        active = {
            constant: 1 if len({*sets}) == 1 and 1 < len(sets[0]) < len(self.trial.base) else len(sets)
            for constant, sets in serving.items()
        }
        answers = [row[column] for row in self.trial.base if column < len(row)]
        held = HELD_BITS * _bits(answers)
        long = sum(min(n, c.digits) for c, n in active.items() if c.digits >= PACKED_DIGITS) * _BITS_OF_DIGIT
        every = sum(n for c, n in active.items() if len(c.text) > 1) * _BITS_OF_DIGIT - FREE_BITS
        if held and max(long, every) >= held:
            return "its numbers hold as many digits as it has answers to give"
        return ""

    def _is_said(self, place: int, column: int) -> bool:
        """Whether the user's words give this answer for a value of its row."""
        answer = self.trial.base[place][column]
        answers = {row[column] for row in self.trial.base if column < len(row) and row[column]}
        name = self.names[column]
        words = [self.said.general, self.said.words_for(name)]
        sentences = [sentence for text in words for sentence in sentences_of(text)]
        # A row that was not named may fall to what is left blank.
        rows = (
            [self.trial.table.rows[place]]
            if len(self.trial.base) == len(self.trial.table.rows)
            else self.trial.table.rows
        )
        limits = {effect.constant.text for effect in self.trial.effects if effect.constant.is_limit}
        keys = {key for row in rows for key in row if key} | limits
        return any(says(sentence, key, answer, answers) for sentence in sentences for key in keys)

    def _without_few_of_many(self, written: list[int], owned: Mapping[int, set[Constant]]) -> list[int]:
        """Written rows but those whose value stands alone in a column that by and large repeats its values."""
        table = self.trial.table
        if len(table.rows) != len(self.trial.base):
            return written
        left = list(written)
        for cells in table.columns():
            kinds = Counter(cell for cell in cells if cell)
            if len(kinds) > 0.6 * len(cells):
                continue
            few = [p for p in left if kinds[cells[p]] == 1 and cells[p] in {c.text for c in owned[p]}]
            if 2 * len(few) <= len(kinds):
                left = [place for place in left if place not in few]
        return left

    def _is_patch(self, place: int, owned: set[Constant]) -> bool:
        """Whether a row is picked by a value that no other row has, or by its number, and answered by a literal."""
        table = self.trial.table
        if len(table.rows) != len(self.trial.base):
            return False
        row, answer = table.rows[place], self.trial.base[place]
        if not any(c.kind == "text" and c.text and c.text not in row and c.text in answer for c in owned):
            return False
        alone = {cells[place] for cells in table.columns() if len(set(cells)) == len(cells)}
        return any(c.text in alone for c in owned) or self._goes_by_number(place)

    def _goes_by_number(self, place: int) -> bool:
        """Whether an answer stays where it is when the input's rows come in another order."""
        own = self.trial.base[place]
        for order in (reverse, roll):  # reversed, a row in the middle stays where it is
            now = order(tuple(range(len(self.trial.base)))).index(place)
            turned = self.trial.turned(order)
            if turned is None or now == place:
                continue
            kept = [a == b for a, b in zip(turned[place], own, strict=False)]
            moved = [a == b for a, b in zip(turned[now], own, strict=False)]
            return any(k and not m for k, m in zip(kept, moved, strict=False))
        return False


def _is_written(answer: str, before: str, written: Collection[str], texts: Collection[str]) -> bool:
    """Whether an answer is one of the constants ``written`` or a part of one of the ``texts`` among them, or holds a
    text that it did not hold ``before``."""
    now, was = answer.casefold(), before.casefold()
    if now in written or (len(now) > 1 and any(now in text for text in texts)):
        return True
    return any(text in now and text not in was for text in texts)


def _is_label(constant: Constant, answer: str) -> bool:
    """Whether a constant is a part of an answer that is no figure."""
    return constant.kind == "text" and constant.text in answer and not any(sign.isdigit() for sign in constant.text)


def _changed_signs(answer: str, other: str) -> set[int]:
    """The places of an answer that are others in another."""
    if len(answer) == len(other):
        return {place for place, (a, b) in enumerate(zip(answer, other, strict=True)) if a != b}
    shorter = min(len(answer), len(other))
    left = next((i for i in range(shorter) if answer[i] != other[i]), shorter)
    right = next((i for i in range(shorter - left) if answer[-1 - i] != other[-1 - i]), shorter - left)
    return set(range(left, len(answer) - right))


def _bits(answers: Sequence[str]) -> float:
    """About how much a list of answers holds: which of a few they are, or else what each consists of."""
    counts = Counter(answers)
    if 2 * len(counts) <= len(answers):
        return -sum(n * math.log2(n / len(answers)) for n in counts.values())
    return sum(
        sum(_BITS_OF_DIGIT if sign.isdecimal() else _BITS_OF_LETTER for sign in answer if sign.isalnum())
        for answer in counts
    )


def _sampled(table: Table) -> Table:
    """The first rows, and some of the rest."""
    half = MOST_ROWS // 2
    if len(table.rows) <= MOST_ROWS:
        return table
    rest = table.rows[half:]
    return replace(table, rows=(*table.rows[:half], *spread(rest, half)))
