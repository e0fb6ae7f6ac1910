"""Whole numbers in other spellings: binary, octal and hexadecimal, Roman numerals, powers of ten."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, get_args

from services.converter.domain.formats.amount import TYPE
from services.converter.domain.formats.letters import upper
from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.number.values import ReadNumber, Value
from services.converter.domain.synthesis.operators.text.cut import Cut
from services.converter.domain.synthesis.operators.witness import Candidate, proposes
from services.converter.domain.synthesis.positions import Offset
from services.converter.domain.synthesis.sqltext import literal

LARGEST = 2**53
"""Whole numbers beyond this are not exact as DOUBLE."""
_DIGITS = "0123456789ABCDEF"
_MOST_DIGITS = 52
"""Characters of the longest numeral: as many binary digits as are exact in a double."""

Base = Literal[2, 8, 10, 16]
_NAMES: dict[int, str] = {2: "binary", 8: "octal", 10: "decimal", 16: "hexadecimal"}
_SPELLED: dict[int, re.Pattern[str]] = {
    2: re.compile(r"[01]{1,52}\Z"),
    8: re.compile(r"[0-7]{1,17}\Z"),
    10: re.compile(r"[0-9]{1,15}\Z"),
    16: re.compile(r"(?:0x)?[0-9A-Fa-f]{1,13}\Z"),
}
_TENS = ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC")
_ROMAN: tuple[tuple[int, tuple[str, ...]], ...] = (
    (100, ("", "C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM")),
    (10, _TENS),
    (1, tuple(text.translate(str.maketrans("XLC", "IVX")) for text in _TENS)),
)
MOST_ROMAN = 3999
"""The largest number that is written with the letters up to M."""
_ROMAN_TEXT = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\Z")


@dataclass(frozen=True, slots=True)
class ReadBase(Value):
    """Digits of a base read as a whole number; NULL where the text is none."""

    source: Expression
    base: Base

    @property
    def surcharge(self) -> float:
        """Above a plain number."""
        return 0.4 if self.base == 10 else 0.8

    def run(self, record: Record) -> Decimal | None:
        text = self.source.run(record)
        if text is None or not _SPELLED[self.base].match(text):
            return None
        return Decimal(int(text.removeprefix("0x"), self.base))

    def sql(self) -> str:
        """The sum of the digits' places."""
        text = self.source.sql()
        if self.base == 10:
            return f"CASE WHEN regexp_full_match({text}, '\\d{{1,15}}') THEN CAST({text} AS {TYPE}) END"
        spelled = _SPELLED[self.base].pattern.removesuffix("\\Z")
        digits = f"string_split(reverse(upper(regexp_replace({text}, '^0x', ''))), '')"
        places = f"list_transform({digits}, lambda d, i: (strpos('{_DIGITS}', d) - 1) * pow({self.base}, i - 1))"
        whole = f"CAST(CAST(list_sum({places}) AS BIGINT) AS {TYPE})"
        return f"CASE WHEN regexp_full_match({text}, {literal(spelled)}) THEN {whole} END"

    def words(self) -> str:
        return f"{self.source.words()} read as a {_NAMES[self.base]} number"


@dataclass(frozen=True, slots=True)
class WriteBase(Expression):
    """A whole number, not negative, written in a base, with zeros before it up to a width.

    ``group`` digits stand together, with zeros before the first ones, and blanks between: `1010 0001`.
    """

    value: Value
    base: Base
    width: int = 1
    lower: bool = False
    group: int = 0

    @property
    def cost(self) -> float:
        """Above a plain number; a width that the example shows is likelier than none."""
        return self.value.cost + (0.9 if self.base == 10 else 1.3) - (0.1 if self.width > 1 else 0.0)

    def run(self, record: Record) -> str | None:
        value = self.value.run(record)
        if value is None or not 0 <= value < LARGEST or value != int(value):
            return None
        text = format(int(value), {2: "b", 8: "o", 10: "d", 16: "x" if self.lower else "X"}[self.base])
        text = text.rjust(self.width, "0")
        if not self.group:
            return text
        filled = text.rjust(-(-len(text) // self.group) * self.group, "0")
        return re.sub(f"(.{{{self.group}}})", r"\1 ", filled).rstrip(" ")

    def sql(self) -> str:
        value = self.value.sql()
        whole = f"CAST({value} AS BIGINT)"
        text = f"to_base({whole}, {self.base}, {self.width})" if self.width > 1 else f"to_base({whole}, {self.base})"
        text = f"lower({text})" if self.lower else text
        if self.group:
            zeros = f"repeat('0', ({self.group} - length({text}) % {self.group}) % {self.group})"
            text = f"rtrim(regexp_replace({zeros} || {text}, '(.{{{self.group}}})', '\\1 ', 'g'))"
        fits = f"{value} >= 0 AND {value} < {LARGEST} AND {value} = floor({value})"
        return f"CASE WHEN {fits} THEN {text} END"

    def words(self) -> str:
        padded = f" padded to {self.width} digits" if self.width > 1 else ""
        grouped = f" in groups of {self.group}" if self.group else ""
        return f"{self.value.words()} written as a {_NAMES[self.base]} number{padded}{grouped}"


@dataclass(frozen=True, slots=True)
class WriteRoman(Expression):
    """A whole number from 1 to 3999 as a Roman numeral; NULL for others."""

    value: Value
    lower: bool = False

    def run(self, record: Record) -> str | None:
        value = self.value.run(record)
        if value is None or not 1 <= value <= MOST_ROMAN or value != int(value):
            return None
        text = roman(int(value))
        return text.lower() if self.lower else text

    def sql(self) -> str:
        """The numeral of each decimal place."""
        value = self.value.sql()
        whole = f"CAST({value} AS BIGINT)"
        pieces = [f"repeat('M', {whole} // 1000)"]
        for size, texts in _ROMAN:
            listed = ", ".join(literal(t) for t in texts)
            pieces.append(f"list_extract([{listed}], {whole} // {size} % 10 + 1)")
        text = " || ".join(pieces)
        text = f"lower({text})" if self.lower else text
        return f"CASE WHEN {value} BETWEEN 1 AND {MOST_ROMAN} AND {value} = floor({value}) THEN {text} END"

    def words(self) -> str:
        return f"{self.value.words()} as a Roman numeral"


@dataclass(frozen=True, slots=True)
class ReadRoman(Value):
    """A Roman numeral read as a number; NULL where the text is none."""

    source: Expression

    def run(self, record: Record) -> Decimal | None:
        text = self.source.run(record)
        return None if text is None else from_roman(text)

    def sql(self) -> str:
        """Each letter's value, those taken away that stand before a greater one."""
        text = f"upper({self.source.sql()})"
        letters = (("M", 1000), ("D", 500), ("C", 100), ("L", 50), ("X", 10), ("V", 5), ("I", 1))
        less = (("CM", 200), ("CD", 200), ("XC", 20), ("XL", 20), ("IX", 2), ("IV", 2))
        counted = " + ".join(f"{size} * (length({text}) - length(replace({text}, '{ch}', '')))" for ch, size in letters)
        taken = "".join(f" - CASE WHEN contains({text}, '{pair}') THEN {size} ELSE 0 END" for pair, size in less)
        spelled = _ROMAN_TEXT.pattern.removesuffix("\\Z")
        return (
            f"CASE WHEN {text} <> '' AND regexp_full_match({text}, {literal(spelled)})"
            f" THEN CAST({counted}{taken} AS {TYPE}) END"
        )

    def words(self) -> str:
        return f"{self.source.words()} read as a Roman numeral"


@dataclass(frozen=True, slots=True)
class WriteScientific(Expression):
    """A number as digits and a power of ten: 1.234E3, 1.2e+03.

    ``decimals`` of the digits (None: as many as needed), ``width`` of the power, ``plus`` before it where positive.
    """

    value: Value
    mark: str
    decimals: int | None
    width: int
    plus: bool

    def run(self, record: Record) -> str | None:
        value = self.value.run(record)
        if value is None:
            return None
        digits, _, power = f"{float(value):.{12 if self.decimals is None else self.decimals}e}".partition("e")
        if self.decimals is None:
            digits = re.sub(r"\.?0+$", "", digits)
        number = str(abs(int(power))).rjust(self.width, "0")
        sign = "-" if int(power) < 0 else "+" if self.plus else ""
        return f"{digits}{self.mark}{sign}{number}"

    def sql(self) -> str:
        """`format` with its digits and its power apart."""
        value = self.value.sql()
        text = f"format('{{:.{12 if self.decimals is None else self.decimals}e}}', CAST({value} AS DOUBLE))"
        digits = f"split_part({text}, 'e', 1)"
        if self.decimals is None:
            digits = f"regexp_replace({digits}, '\\.?0+$', '')"
        power = f"CAST(split_part({text}, 'e', 2) AS INTEGER)"
        size = f"CAST(abs({power}) AS VARCHAR)"
        if self.width > 1:
            size = f"lpad({size}, CAST(greatest({self.width}, length({size})) AS INTEGER), '0')"
        sign = f"CASE WHEN {power} < 0 THEN '-' ELSE {literal('+' if self.plus else '')} END"
        return f"CASE WHEN {value} IS NOT NULL THEN {digits} || {literal(self.mark)} || {sign} || {size} END"

    def words(self) -> str:
        return f"{self.value.words()} in powers of ten"


def roman(number: int) -> str:
    """The Roman numeral of 1 to 3999."""
    return "M" * (number // 1000) + "".join(texts[number // size % 10] for size, texts in _ROMAN)


def from_roman(text: str) -> Decimal | None:
    """The number of a Roman numeral in either case; None for other text."""
    folded = upper(text)
    if not folded or not folded.isascii() or not _ROMAN_TEXT.match(folded):
        return None
    sizes = [{"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}[ch] for ch in folded]
    return Decimal(sum(-a if a < b else a for a, b in zip(sizes, [*sizes[1:], 0], strict=True)))


@dataclass(frozen=True, slots=True)
class CharacterCode(Value):
    """The number of a text's only character in Unicode, which begins with ASCII; NULL for other texts."""

    source: Expression

    def run(self, record: Record) -> Decimal | None:
        text = self.source.run(record)
        return Decimal(ord(text)) if text is not None and len(text) == 1 else None

    def sql(self) -> str:
        text = self.source.sql()
        return f"CASE WHEN length({text}) = 1 THEN CAST(unicode({text}) AS {TYPE}) END"

    def words(self) -> str:
        return f"character code of {self.source.words()}"


@dataclass(frozen=True, slots=True)
class Character(Expression):
    """The character of a code from 32 to 126, or from 160 on where Unicode has a letter of Europe there; else NULL."""

    code: Value

    def run(self, record: Record) -> str | None:
        code = self.code.run(record)
        fits = code is not None and code == int(code) and (32 <= code <= 126 or 160 <= code <= 591)
        return chr(int(code)) if fits and code is not None else None

    def sql(self) -> str:
        code = self.code.sql()
        fits = f"{code} = floor({code}) AND ({code} BETWEEN 32 AND 126 OR {code} BETWEEN 160 AND 591)"
        return f"CASE WHEN {fits} THEN chr(CAST({code} AS INTEGER)) END"

    def words(self) -> str:
        return f"character of the code {self.code.words()}"


_IN_OUTPUT: dict[Base, re.Pattern[str]] = {
    2: re.compile(r"[01]+"),
    8: re.compile(r"[0-7]+"),
    10: re.compile(r"[0-9]+"),
    16: re.compile(r"[0-9A-Fa-f]+"),
}
_SCIENTIFIC = re.compile(r"-?\d(?:\.(?P<rest>\d+))?(?P<mark>[eE]|\s?[x×*]\s?10\^)(?P<sign>[-+]?)(?P<power>\d{1,3})")
MAX_SOURCES = 60
"""Sources that are read as numerals, the first."""


@proposes(typed=20)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Numbers of the sources in the spellings that the outputs show."""
    roman_out = all(re.search(r"[IVXLCDM]|[ivxlcdm]", o) for o in task.outputs)
    for source, values in list(sources)[:MAX_SOURCES]:
        if not all(values) or max(len(v) for v in values) > _MOST_DIGITS:
            continue
        for base, spelled in _SPELLED.items():
            if all(spelled.match(v) for v in values):
                yield from _rebased(task, ReadBase(source, base))  # type: ignore[arg-type]
        if all(re.match(r"[0-9]{1,4}\Z", v) for v in values) and roman_out:
            for lower in (False, True):
                yield from _offered(task, WriteRoman(ReadBase(source, 10), lower))
        if all(from_roman(v) is not None for v in values):
            yield from _offered(task, WriteBase(ReadRoman(source), 10))
        for style in styles(values)[:2]:
            yield from powers(task, ReadNumber(source, style))
        if all(_BYTES.match(v) for v in values) and len(set(map(len, values))) == 1:
            yield from _bytes(task, source, len(values[0]))
        if all(len(v) == 1 for v in values):
            yield from _offered(task, WriteBase(CharacterCode(source), 10))
        if all(_SPELLED[10].match(v) and len(v) <= 3 for v in values):
            yield from _offered(task, Character(ReadBase(source, 10)))


_BYTES = re.compile(r"#?(?:[0-9A-Fa-f]{2}){2,8}\Z")


def _bytes(task: Examples, source: Expression, size: int) -> Iterator[Candidate]:
    """Each two hexadecimal digits as a number, as colours and addresses are written."""
    for place in range(size % 2, size, 2):
        pair = Cut(source, Offset(place), Offset(place + 2))
        yield from _offered(task, WriteBase(ReadBase(pair, 16), 10))


def _offered(task: Examples, expression: Expression) -> Iterator[Candidate]:
    texts: list[str] = []
    for record, output in zip(task.records, task.outputs, strict=True):
        text = expression.run(record)
        if not text or text not in output:  # most fail on the first row
            return
        texts.append(text)
    yield Candidate(expression, tuple(texts))


def _rebased(task: Examples, value: ReadBase) -> Iterator[Candidate]:
    """The number in each other base, padded where the outputs have zeros before it."""
    for base in (2, 8, 10, 16):
        if base == value.base or (value.base == 2 and len(set(task.outputs)) < 2):
            continue
        runs = _runs(base, tuple(task.outputs))
        if not all(runs):
            continue
        # Bytes are written with two digits or more; elsewhere only zeros that are seen speak for a width.
        is_padded = base == 16 or any(re.search(r"(?<![0-9A-Za-z.])0[0-9]", o) for o in task.outputs)
        widths = {1, min(runs), *((2, 4, 8) if base != 10 else ())} if is_padded else {1}
        if base == 2 and any(" " in o for o in task.outputs):
            for group in (4, 8):
                yield from _offered(task, WriteBase(value, base, group=group))
        for width in sorted(widths):
            for lower in (False, True) if base == 16 else (False,):
                yield from _offered(task, WriteBase(value, base, width, lower))


@lru_cache(maxsize=64)
def _runs(base: Base, outputs: tuple[str, ...]) -> Sequence[int]:
    """The longest run of digits of a base in each output."""
    return [max((len(run) for run in _IN_OUTPUT[base].findall(output)), default=0) for output in outputs]


def powers(task: Examples, number: Value) -> Iterator[Candidate]:
    """The number in powers of ten, as the outputs show it."""
    found = [m for o in task.outputs if (m := _SCIENTIFIC.search(o))]
    if len(found) < len(task.outputs):
        return
    places = {len(m["rest"] or "") for m in found}
    width = min(len(m["power"]) for m in found)
    plus = any(m["sign"] == "+" for m in found)
    for decimals in (None, next(iter(places)) if len(places) == 1 else None):
        for digits in {1, width}:
            yield from _offered(task, WriteScientific(number, found[0]["mark"], decimals, digits, plus))


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    amount = ReadNumber(CELL, NumberStyle())
    bases = get_args(Base)
    return (
        *(ReadBase(CELL, base) for base in bases),
        *(WriteBase(amount, base, width, lower) for base in bases for width, lower in ((1, False), (3, True))),
        ReadRoman(CELL),
        *(WriteRoman(amount, lower) for lower in (False, True)),
        WriteScientific(amount, "E", None, 1, plus=False),
        WriteScientific(amount, "e", 2, 2, plus=True),
        CharacterCode(CELL),
        Character(amount),
    )
