"""Numbers as nodes: read from texts in several styles, and constants."""

import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from services.converter.domain.formats.amount import (
    PLACES,
    TYPE,
    computed,
    computed_sql,
    decimals_of,
    exact,
    of_float,
    spelled,
)
from services.converter.domain.formats.letters import BLANKS, lower
from services.converter.domain.formats.number import CURRENCY, NumberStyle, is_currency
from services.converter.domain.synthesis.asking import HINTED, ask
from services.converter.domain.synthesis.edges import Check, number_checks
from services.converter.domain.synthesis.facts import units
from services.converter.domain.synthesis.language import CELL, Expression, Node, Record
from services.converter.domain.synthesis.sqltext import literal

FRACTION = re.compile(r"^(\d{1,9})?(?:(?:^|[ -])(\d{1,6})/([1-9]\d{0,5}))?\Z", re.ASCII)
DURATION = re.compile(r"\d{1,5}:[0-5]\d(?::[0-5]\d)?\Z", re.ASCII)


class Value(Node):
    """A node whose value is a number: DECIMAL(38, 10), NULL where it does not fit."""

    @property
    def decimals(self) -> int:
        """The decimals that DuckDB gives it."""
        return PLACES

    def is_parted_at(self, threshold: float) -> bool:
        """Whether what it measures is parted there whatever the example shows: a week before its weekend."""
        del threshold
        return False

    @abstractmethod
    def run(self, record: Record) -> Decimal | None:
        """The number for one row."""

    def run_all(self, records: Sequence[Record]) -> Sequence[Decimal | None]:
        """The numbers for rows."""
        return [self.run(record) for record in records]


@dataclass(frozen=True, slots=True)
class ReadNumber(Value):
    """Text read as a number in one style; NULL where it is none."""

    source: Expression
    style: NumberStyle
    asks = (ask(r"as (?:a )?number|numeric|amount", HINTED),)

    @property
    def format_read(self) -> str:
        """The format seen."""
        return self.style.words()

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Texts that are none or may be another, and other currencies."""
        source = self.source.sql()
        yield from number_checks(self, self.source.words(), source, self.style, map(self.source.run, rows))
        signs = {unit for unit in self.style.units if is_currency(unit)}
        if len(signs) == 1:
            (sign,) = signs
            found = f"regexp_extract({source}, '{CURRENCY}')"
            words = f"{self.source.words()} is in another currency than {sign}"
            yield self.check("number", "note", words, f"{found} NOT IN ('', {literal(sign)})", source)

    @property
    def surcharge(self) -> float:
        """Plain numbers are cheaper to read."""
        return 0.3 if self.style.plain else 0.6

    def run(self, record: Record) -> Decimal | None:
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> Decimal | None:
        """The number of one text."""
        return self.style.exact(text)

    def run_all(self, records: Sequence[Record]) -> Sequence[Decimal | None]:
        """The numbers for rows: the same columns are compared with many others."""
        return _read_all(self.style, self.source.run_all(records))

    def sql(self) -> str:
        """`TRY_CAST` of a text that is a number as a whole."""
        return self.style.exact_sql(self.source.sql())

    def words(self) -> str:
        return self.source.words()


@lru_cache(maxsize=256)
def _read_all(style: NumberStyle, texts: tuple[str | None, ...]) -> Sequence[Decimal | None]:
    return [None if text is None else style.exact(text) for text in texts]


@dataclass(frozen=True, slots=True)
class Number(Value):
    """A constant."""

    value: float

    @property
    def cost(self) -> float:
        """Long constants are dear; the usual scales are cheap."""
        if abs(self.value) in USUAL or units.is_known(self.value):
            return 0.6
        digits = len(self.words().replace(".", "").strip("0-"))
        return 0.8 + 0.25 * digits + 0.3 * max(0, digits - 2) + (0.5 if self.value < 0 else 0.0)

    @property
    def exact(self) -> Decimal:
        """The constant in as many decimals as people see in it."""
        return of_float(self.value)

    @property
    def decimals(self) -> int:
        """The decimals of the literal."""
        return decimals_of(self.exact)

    def run(self, record: Record) -> Decimal | None:  # noqa: ARG002 - the protocol of values
        return self.exact

    def sql(self) -> str:
        """An INTEGER or DECIMAL literal."""
        return spelled(self.exact)

    def words(self) -> str:
        return spelled(self.exact)


USUAL = {1.8, 32.0, 273.15, 1.0, 2.0, 10.0, 12.0, 24.0, 60.0, 100.0, 1000.0, 1e6, 0.5, 0.1, 0.01, 0.001}


@dataclass(frozen=True, slots=True)
class ReadFraction(Value):
    """A whole number with a common fraction, as bonds are quoted: `99 1/4`, `7-3/8`, `1/2`, `129`."""

    source: Expression

    def run(self, record: Record) -> Decimal | None:
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> Decimal | None:
        """The number of one text."""
        found = FRACTION.match(text.replace("\n", "?"))
        if found is None or not text:
            return None
        part = computed("/", Decimal(found[2]), Decimal(found[3])) if found[2] else Decimal(0)
        return None if part is None else computed("+", Decimal(found[1] or 0), part)

    def sql(self) -> str:
        """The whole part plus the quotient."""
        text = self.source.sql()
        spelled = FRACTION.pattern.removesuffix("\\Z") + "$"
        whole, above, below = (
            f"TRY_CAST(regexp_extract({text}, '{spelled}', {group}) AS {TYPE})" for group in (1, 2, 3)
        )
        value = computed_sql("+", f"coalesce({whole}, 0)", f"coalesce({computed_sql('/', above, below)}, 0)")
        return f"CASE WHEN {text} <> '' AND regexp_matches({text}, '{spelled}') THEN {value} END"

    def words(self) -> str:
        return f"{self.source.words()} read with its fraction"


@dataclass(frozen=True, slots=True)
class ReadDuration(Value):
    """`h:mm:ss` as seconds, `h:mm` as minutes: the last part's unit; NULL where the text is none.

    ``length``: how many parts a text has to have (0: two or three), where those of several rows are added up.
    """

    source: Expression
    length: int = 0

    def run(self, record: Record) -> Decimal | None:
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> Decimal | None:
        """The time of one text."""
        if not DURATION.match(text) or (self.length and text.count(":") != self.length - 1):
            return None
        total = 0
        for part in text.split(":"):
            total = total * 60 + int(part)
        return Decimal(total)

    def sql(self) -> str:
        """The parts times sixty."""
        text = self.source.sql()
        first, second, third = (f"TRY_CAST(split_part({text}, ':', {n}) AS {TYPE})" for n in (1, 2, 3))
        minutes = f"WHEN regexp_full_match({text}, '\\d{{1,5}}:[0-5]\\d') THEN {first} * 60 + {second}"
        seconds = f"WHEN regexp_full_match({text}, '\\d{{1,5}}:[0-5]\\d:[0-5]\\d') "
        seconds += f"THEN {first} * 3600 + {second} * 60 + {third}"
        whens = (minutes, seconds)
        return f"CASE {' '.join(whens[self.length - 2 : self.length - 1] if self.length else whens)} END"

    def words(self) -> str:
        return f"{self.source.words()} read as a time span"


_SPAN_UNITS = (
    ("w(?:eeks?|ks?)?", 604_800), ("d(?:ays?)?", 86_400), ("h(?:ours?|rs?)?", 3600), ("m(?:in(?:ute)?s?)?", 60),
    ("s(?:ec(?:ond)?s?)?", 1),
)  # fmt: skip
_SPAN_PIECE = "([0-9]+(?:[.][0-9]+)?) ?"
_SPAN_WHOLE = (
    "^p?t?(?:[0-9]+(?:[.][0-9]+)? ?(?:" + "|".join(unit for unit, _ in _SPAN_UNITS) + ")(?:t|,? |, and | and |$)?)+$"
)


@dataclass(frozen=True, slots=True)
class ReadSpan(Value):
    """A time span with its units, `1h 15m`, `2 days 3 hours`, `PT1H30M`, in seconds; NULL where the text is none."""

    source: Expression

    def run(self, record: Record) -> Decimal | None:
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> Decimal | None:
        """The seconds of one text."""
        folded = lower(text)
        if not re.match(_SPAN_WHOLE.replace("$", r"\Z"), folded):
            return None
        found = [(re.search(_SPAN_PIECE + unit + r"(?:[^a-z]|\Z|t)", folded), size) for unit, size in _SPAN_UNITS]
        pieces = [exact(Decimal(m[1])) for m, _ in found if m]
        sizes = [size for m, size in found if m]
        total = sum((p * size for p, size in zip(pieces, sizes, strict=True) if p is not None), Decimal(0))
        return exact(total)

    def sql(self) -> str:
        """The units' numbers, each times its size."""
        text = f"lower({self.source.sql()})"
        pieces = (
            f"coalesce(TRY_CAST(regexp_extract({text}, '{_SPAN_PIECE}{unit}(?:[^a-z]|$|t)', 1) AS {TYPE}), 0) * {size}"
            for unit, size in _SPAN_UNITS
        )
        return f"CASE WHEN regexp_matches({text}, '{_SPAN_WHOLE}') THEN TRY({' + '.join(pieces)}) END"

    def words(self) -> str:
        return f"{self.source.words()} read as a time span in seconds"


@dataclass(frozen=True, slots=True)
class OrNought(Value):
    """A number, or nought where its cell is blank: fees and discounts that are not always there."""

    value: ReadNumber

    def run(self, record: Record) -> Decimal | None:
        return self.value.run(record) if (self.value.source.run(record) or "").strip(BLANKS) else Decimal(0)

    def sql(self) -> str:
        blank = f"trim(coalesce({self.value.source.sql()}, '')) = ''"
        return f"(CASE WHEN {blank} THEN 0 ELSE {self.value.sql()} END)"

    def words(self) -> str:
        return f"{self.value.words()} (0 where blank)"


@dataclass(frozen=True, slots=True)
class Absolute(Value):
    """A number without its sign."""

    value: Value
    asks = (ask(r"absolute|without (?:the |its )?sign"),)

    def run(self, record: Record) -> Decimal | None:
        value = self.value.run(record)
        return None if value is None else abs(value)

    def sql(self) -> str:
        return f"abs({self.value.sql()})"

    def words(self) -> str:
        return f"{self.value.words()} without its sign"


_STYLES = (
    NumberStyle(),
    NumberStyle(group=","),
    NumberStyle(decimal=","),
    NumberStyle(decimal=",", group=".", units=("€",)),
    NumberStyle(units=("%",), percent=True),
    NumberStyle(group=",", debit="DR"),
    NumberStyle(units=("kg", "")),
    NumberStyle(exponent=True),
)


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    amount = ReadNumber(CELL, NumberStyle())
    return (
        *(ReadNumber(CELL, style) for style in _STYLES),
        Number(2.5),
        ReadFraction(CELL),
        ReadDuration(CELL),
        ReadDuration(CELL, 2),
        ReadDuration(CELL, 3),
        ReadSpan(CELL),
        Absolute(amount),
        OrNought(amount),
    )
