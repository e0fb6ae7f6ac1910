"""Numbers in words, as on cheques: `ten thousand one hundred eighty-three`, `one lakh twenty thousand`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.number.values import ReadNumber, Value
from services.converter.domain.synthesis.operators.text.case import Case
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.sqltext import literal

ONES = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
"""Numbers below twenty in words (none for 0), and the tens."""
Scale = Literal["western", "Indian"]
# Each group's divisor, how many of it there may be, and its name.
_GROUPS: dict[Scale, tuple[tuple[int, int, str], ...]] = {
    "western": ((10**9, 1000, " billion"), (10**6, 1000, " million"), (10**3, 1000, " thousand"), (1, 1000, "")),
    "Indian": ((10**7, 1000, " crore"), (10**5, 100, " lakh"), (10**3, 100, " thousand"), (1, 1000, "")),
}
_LARGEST: dict[Scale, int] = {"western": 10**12, "Indian": 10**10}
_WORDS = re.compile(
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Spelled(Expression):
    """A whole number, not negative, in English words; NULL for others."""

    value: Value
    scale: Scale
    hyphen: str
    joint: str

    def run(self, record: Record) -> str | None:
        value = self.value.run(record)
        if value is None or not 0 <= value < _LARGEST[self.scale] or value != int(value):
            return None
        number = int(value)
        if number == 0:
            return "zero"
        groups = ((number // size % most, name) for size, most, name in _GROUPS[self.scale])
        return " ".join(self._group(n) + name for n, name in groups if n)

    def _group(self, number: int) -> str:
        hundreds, rest = divmod(number, 100)
        small = ONES[rest] if rest < 20 else TENS[rest // 10] + (self.hyphen + ONES[rest % 10] if rest % 10 else "")
        joint = self.joint if hundreds and rest else ""
        return (ONES[hundreds] + " hundred" if hundreds else "") + joint + small

    def sql(self) -> str:
        """The words of each group of digits, joined."""
        value = self.value.sql()
        groups = _GROUPS[self.scale]
        numbers = ", ".join(f"CAST({value} AS BIGINT) // {size} % {most}" for size, most, _ in groups)
        names = ", ".join(literal(name) for _, _, name in groups)
        spelled = f"CASE WHEN n > 0 THEN {self._group_sql()} || [{names}][i] ELSE '' END"
        words = (
            f"array_to_string(list_filter(list_transform([{numbers}], lambda n, i: {spelled}), "
            "lambda word: word <> ''), ' ')"
        )
        return (
            f"CASE WHEN {value} = 0 THEN 'zero' WHEN {value} > 0 AND {value} < {_LARGEST[self.scale]}"
            f" AND {value} = floor({value}) THEN {words} END"
        )

    def _group_sql(self) -> str:
        """The words of one group's number `n`."""
        ones = f"[{', '.join(literal(word) for word in ONES)}]"
        tens = f"[{', '.join(literal(word) for word in TENS)}]"
        hundreds = (
            f"CASE WHEN n >= 100 THEN {ones}[n // 100 + 1] || ' hundred' || "
            f"CASE WHEN n % 100 > 0 THEN {literal(self.joint)} ELSE '' END ELSE '' END"
        )
        small = (
            f"CASE WHEN n % 100 < 20 THEN {ones}[n % 100 + 1] ELSE {tens}[n % 100 // 10 + 1] || "
            f"CASE WHEN n % 10 > 0 THEN {literal(self.hyphen)} || {ones}[n % 10 + 1] ELSE '' END END"
        )
        return f"{hundreds} || {small}"

    def words(self) -> str:
        return f"{self.value.words()} in words" + (" with lakhs and crores" if self.scale == "Indian" else "")


@proposes(typed=40)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Whole numbers whose words stand in the outputs, in small letters or with capitals."""
    if not all(_WORDS.search(o) for o in task.outputs):
        return
    scales: tuple[Scale, ...] = ("western", "Indian")
    for source, values in sources:
        for style in styles(values)[:1] if all(v.strip() for v in values) else ():
            for scale in scales:
                for hyphen in (" ", "-"):
                    for joint in (" ", " and "):
                        plain = Spelled(ReadNumber(source, style), scale, hyphen, joint)
                        for node in (plain, Case(plain, "sentence"), Case(plain, "title"), Case(plain, "upper")):
                            texts = tuple(node.run(r) or "" for r in task.records)
                            if all(texts) and occurs(task, texts):
                                yield Candidate(node, texts)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    amount = ReadNumber(CELL, NumberStyle())
    return Spelled(amount, "western", "-", " and "), Spelled(amount, "Indian", " ", " ")
