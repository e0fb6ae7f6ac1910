"""Numbers as the field writes them: scanned exactly, with their marks, or refused by name.

``scan_number`` reads what one cell says (``₹1.2 Cr``, ``1.234,56``, ``(3.4%)``, ``25 bps``) without choosing between
what it could mean: a ``Numeral`` has a value under the decimal point and one under the decimal comma. Which of them
counts is settled for a whole column by ``domain.reading``; ``parse_quantity`` is the reading under the decimal point.
Every value is a ``Decimal``; nothing passes through a binary float. The word tables are shared with the reader of
narratives in ``domain.grounding``.
"""

import math
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from services.portfolio.domain.errors import NumberError
from services.portfolio.domain.number_words import (
    CRORE,
    CURRENCY_SIGNS,
    LAKH,
    MINOR_SIGNS,
    MINOR_UNITS,
    SCALES,
    UNITS,
    Unit,
    find_currency,
    split_compound,
)
from services.portfolio.domain.periods import find_period

POINT, COMMA = ".", ","
MINUS_SIGNS = dict.fromkeys(map(ord, "−‒–﹣－"), "-")
FULL_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0xFFE5: 0xA5, 0xFFE1: 0xA3, 0xFFE6: 0x20A9}
"""Full-width forms of ASCII and of currency signs, as Japanese and Chinese systems write them."""
ARROWS = dict.fromkeys(map(ord, "▼▽↓🔻"), "-") | dict.fromkeys(map(ord, "▲△↑🔺"), "+")
"""Arrows beside a figure say its direction."""
SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u3000\t"), " ")
_BLANKS = frozenset(
    {"", "-", "--", "---", "–", "—", "n/a", "na", "n.a.", "#n/a", "nil", "none", "null", "nan"}
) | frozenset(
    {"n.d.", "nd", "n/d", "s/d", "k.a.", "k. a.", "n.b.", "b.d."}  # not available in other languages
)
_MAX_CHARACTERS = 64
_MAX_DIGITS = 18
_MAX_PLACES = 15

# Digits of the three groupings in use, and of none; each is matched to its end so that `1,2,3` fits none of them.
DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:['’]\d{3})+|\d{1,3}(?: \d{3})+|\d+)"
_POINTED = re.compile(
    r"(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3}|\d{1,3}(?:['’]\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d*)?"
    r"|\.\d+",
    re.ASCII,
)
_COMMAED = re.compile(
    r"(?:[1-9]\d{0,2}(?:\.\d{3})+|\d{1,3}(?:['’]\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:,\d+)?|,\d+", re.ASCII
)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_RUPEE_STOP = re.compile(r"\b(rs)\.(?=\s*[-(.\d])", re.IGNORECASE)
_STOPPED = re.compile(r"([^\W\d_]+)\.$")
_RUPEE_TAIL = re.compile(r"(?<=\d)\s*/\s*-\s*$")
_NUMBER = re.compile(
    r"(?P<digits>[.,]?\d(?:[\d.,'’]*\d|(?:[ ]\d{3})(?!\d))*(?:[.,]\d*|(?<=\d)\.)?)"
    r"(?P<exponent>[eE][+-]?\d{1,2}(?![\d.]))?",
    re.ASCII,
)
_TOKEN = re.compile(r"percentage points?|basis points?|per cent|[a-z]{1,2}\$|cn¥|rs\.|[a-z]+|百万|[%₹$€£¥₩฿₪₽円千万億]")
_LARGEST_IN_CRORE = Decimal(1_000)
"""As many crore are rarely a client's: ``1,000.00 Cr`` may be a credit, as statements write it."""
_MARK = re.compile(r"\(\s*(?:in\s+)?([^()\d]*?)\s*\)")
_PARENTHESES = re.compile(r"(?P<before>[^()]*)\((?P<inner>[^()]+)\)(?P<after>[^()]*)")
_NAMED_SHARE = re.compile(r"(?P<name>.*\S)\s*(?:\((?P<inner>[^()]*)\)|[:=–—-]\s*(?P<tail>[^:=()]*\d[^:=()]*))")
_SPACED_SHARE = re.compile(
    r"(?P<name>.*[^\s\d.,%+-])\s+(?P<tail>[+-]?[\d.,]+\s*(?:%|percent|per cent|pct|bps))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """What a cell says: its number under the decimal point and under the decimal comma, and the marks beside it.

    ``point`` and ``comma`` have the scale applied; one is None where the digits do not fit that sign, both are equal
    where the cell has no separator. ``unit`` is ``NUMBER`` where nothing marks it; ``currency`` may be the code of a
    minor unit (``GBX``); ``sign`` is the sign that stood for it, if one did; ``scaled`` where a scale word stood.
    ``a_year`` is how many such figures make a year's where the cell names a period (``500 per month``), ``is_adverb``
    where it does so by an adverb (``monthly``).
    """

    point: Decimal | None
    comma: Decimal | None
    unit: Unit = Unit.NUMBER
    currency: str | None = None
    sign: str | None = None
    scaled: bool = False
    a_year: int | None = None
    is_adverb: bool = False

    def times(self, factor: int) -> "Numeral":
        """The figure of a year, of which this is one of ``factor`` parts."""
        point, comma = (None if value is None else value * factor for value in (self.point, self.comma))
        return replace(self, point=point, comma=comma, a_year=factor)

    def under(self, decimal: str) -> Decimal | None:
        """The value under a decimal sign, None where the digits do not fit it."""
        return self.point if decimal == POINT else self.comma

    @property
    def is_open(self) -> bool:
        """Whether both signs fit and differ."""
        return self.point is not None and self.comma is not None and self.point != self.comma


@dataclass(frozen=True, slots=True)
class Quantity:
    """A parsed number: ``value`` with its scale applied, in ``unit``; ``currency`` is an ISO 4217 code where one
    stood."""

    value: Decimal
    unit: Unit = Unit.NUMBER
    currency: str | None = None

    @property
    def as_percent(self) -> Decimal:
        """The value in percent: basis points are divided by a hundred, all else is taken as it stands."""
        return self.value / 100 if self.unit is Unit.BASIS_POINTS else self.value


@dataclass(frozen=True, slots=True)
class NamedShare:
    """A name with its share in percent, None where only the name stood."""

    name: str
    share: Decimal | None
    numeral: Numeral | None = field(default=None, compare=False)


def parse_quantity(raw: object, field: str, decimal: str = POINT) -> Quantity | None:
    """The number in ``raw`` (text, int, Decimal or JSON float) under one decimal sign, or None for a blank.

    Percent stay percent (``3.4%`` is 3.4), basis points stay basis points. Raises ``NumberError`` as ``scan_number``
    does, and for digits that do not fit the decimal sign.
    """
    numeral = scan_number(raw, field)
    if numeral is None:
        return None
    value, currency = numeral.under(decimal), numeral.currency
    if value is None:
        raise NumberError(field, raw, "malformed grouping of digits")
    if currency in MINOR_UNITS:
        value, currency = value / 100, MINOR_UNITS[currency]
    return Quantity(value, numeral.unit, currency)


def scan_number(raw: object, field: str) -> Numeral | None:
    """What a cell says, or None for a blank, a dash or ``n/a``.

    Parentheses around the number and U+2212 mean negative. Raises ``NumberError`` naming ``field`` for anything else,
    such as malformed grouping (``1,2,3``), ``L`` without a rupee sign, two currencies, or a value that is not finite.
    """
    if raw is None:
        return None
    if isinstance(raw, bool):
        raise NumberError(field, raw, "a number is needed, not true or false")
    if isinstance(raw, int | float | Decimal):
        return _from_native(raw, field)
    if not isinstance(raw, str):
        raise NumberError(field, raw, "a number is needed")
    if _WHOLE.fullmatch(raw):
        value = Decimal(raw)
        _check_size(value, field, raw)
        return Numeral(value, value)
    text = raw.translate(FULL_WIDTH).translate(MINUS_SIGNS).translate(ARROWS).translate(SPACES).strip()
    if is_blank(text):
        return None
    if len(text) > _MAX_CHARACTERS:
        raise NumberError(field, raw, f"longer than {_MAX_CHARACTERS} characters")
    return _parse_text(text, field, raw)


def is_blank(text: str) -> bool:
    """Whether text stands for nothing: blanks, dashes, ``n/a``."""
    return text.strip().lower() in _BLANKS


def says_missing(cell: object) -> bool:
    """Whether a cell says in words that there is no figure (``n/a``), where an empty one or a dash says nothing."""
    return isinstance(cell, str) and is_blank(cell) and any(map(str.isalpha, cell))


def parse_named_share(raw: object, field: str, *, numeral_only: bool = False) -> NamedShare:
    """A name and its share: ``Equity (65%)``, ``Equity: 65%``, ``Equity 65%``, or a bare name.

    After a name parentheses hold a share, they are not a minus sign. A number without a sign is in percent, unless
    ``numeral_only``: then ``share`` is None and its unit is still to be settled. Raises ``NumberError`` where no name
    stands or what follows it is not a share.
    """
    if not isinstance(raw, str) or not (text := raw.translate(MINUS_SIGNS).translate(SPACES).strip()):
        raise NumberError(field, raw, "a name with a share is needed, such as 'Equity (65%)'")
    match = _NAMED_SHARE.fullmatch(text) or _SPACED_SHARE.fullmatch(text)
    if match is None and text.startswith("("):
        raise NumberError(field, raw, "a share without a name")
    if match is None:
        return NamedShare(text, None)
    found = match.groupdict()
    inner = found.get("inner") if found.get("inner") is not None else found["tail"]
    if not any(character.isdigit() for character in inner or ""):
        return NamedShare(text, None)  # "Equity (large cap)": the parentheses belong to the name
    numeral = scan_number(inner, field)
    if numeral is None or numeral.unit not in {Unit.PERCENT, Unit.BASIS_POINTS, Unit.NUMBER}:
        raise NumberError(field, raw, "a share in percent is needed after the name")
    if numeral_only:
        return NamedShare(match["name"].strip(), None, numeral)
    quantity = parse_quantity(inner, field)
    return NamedShare(match["name"].strip(), quantity.as_percent if quantity is not None else None, numeral)


def _from_native(raw: int | float | Decimal, field: str) -> Numeral:
    value = Decimal(str(raw)) if isinstance(raw, float) else Decimal(raw)
    if not value.is_finite():
        raise NumberError(field, raw, "a finite number is needed")
    _check_size(value, field, raw)
    return Numeral(value, value)


def _check_size(value: Decimal, field: str, raw: object) -> None:
    """Refuse what no portfolio holds, so that no figure made of it outgrows the precision that it is computed in."""
    if value and not -_MAX_PLACES <= value.adjusted() < _MAX_DIGITS:
        raise NumberError(field, raw, f"beyond {_MAX_DIGITS} digits, or below the {_MAX_PLACES}th decimal place")


def _parse_text(text: str, field: str, raw: str) -> Numeral:
    negative = False
    period = find_period(text)
    text = _MARK.sub(r" \1 ", _RUPEE_TAIL.sub("", period.rest if period is not None else text))
    if "(" in text or ")" in text:
        match = _PARENTHESES.fullmatch(text)
        if match is None or "-" in text or "+" in text:
            raise NumberError(field, raw, "parentheses are not around one number")
        text, negative = f"{match['before']}{match['inner']}{match['after']}".strip(), True
    text = _RUPEE_STOP.sub(r"\1 ", text)
    number = _NUMBER.search(text)
    if number is None:
        raise NumberError(field, raw, "not a number")
    before, after = text[: number.start()].strip(), text[number.end() :].strip()
    if before.endswith((".", ",")) and not _is_abbreviation(before):
        raise NumberError(field, raw, "malformed digits")
    if after.startswith((".", ",", "'", "’")) or any(character.isdigit() for character in before + after):
        raise NumberError(field, raw, "malformed grouping of digits")
    if sum(map((before + after).count, "+-")) > 1:
        raise NumberError(field, raw, "more than one sign")
    before, minus_before = _take_sign(before)
    after, minus_after = _take_sign(after)
    negative = negative or minus_before or minus_after
    affixes = _read_affixes(before, after, field, raw)
    factor = -affixes.scale if negative else affixes.scale
    point, comma = (None if value is None else value * factor for value in _read_digits(number))
    if point is None and comma is None:
        raise NumberError(field, raw, "malformed grouping of digits")
    for value in (point, comma):
        if value is not None:
            _check_size(value, field, raw)
            if affixes.is_short_crore and abs(value) >= CRORE * _LARGEST_IN_CRORE:
                raise NumberError(field, raw, "'Cr' could be crore, or a credit")
    a_year, is_adverb = (period.a_year, period.is_adverb) if period is not None else (None, False)
    return Numeral(point, comma, affixes.unit, affixes.currency, affixes.sign, affixes.scale != 1, a_year, is_adverb)


def _is_abbreviation(part: str) -> bool:
    """Whether text ends with an abbreviation and its stop: ``Fr.``, ``Mio.``, ``Cr.``."""
    match = _STOPPED.search(part)
    return match is not None and (match[1].lower() in SCALES or find_currency(match[1]) is not None or match[1] == "Fr")


def _take_sign(part: str) -> tuple[str, bool]:
    """The part without a sign at one of its ends, and whether that sign was a minus."""
    if part.startswith(("+", "-")):
        return part[1:].strip(), part[0] == "-"
    if part.endswith(("+", "-")):
        return part[:-1].strip(), part[-1] == "-"
    return part, False


@dataclass(frozen=True, slots=True)
class _Affixes:
    scale: Decimal
    unit: Unit
    currency: str | None
    sign: str | None = None
    is_short_crore: bool = False


def _read_affixes(before: str, after: str, field: str, raw: str) -> _Affixes:
    minor = next((MINOR_SIGNS[part] for part in (before, after) if part in MINOR_SIGNS), None)
    if minor is not None:
        before, after = ("" if part in MINOR_SIGNS else part for part in (before, after))
    words = [*_split_words(before, field, raw), *_split_words(after, field, raw)]
    words = _settle_thousands(words, field, raw)
    currencies = {code for word in words if (code := find_currency(word)) is not None} | ({minor} if minor else set())
    sign = next((word for word in words if word in CURRENCY_SIGNS and len(word) < 3), None)
    units = [UNITS[word] for word in words if word in UNITS]
    scale = math.prod((SCALES[word] for word in words if word in SCALES), start=Decimal(1))
    for word in words:
        if word not in SCALES and word not in UNITS and word != "l" and find_currency(word) is None:
            raise NumberError(field, raw, f"{word!r} is no unit, scale or currency")
    if len(currencies) > 1:
        raise NumberError(field, raw, "two currencies")
    currency = next(iter(currencies), None)
    if "l" in words:
        if currency != "INR":
            raise NumberError(field, raw, "'L' is lakh only beside a rupee sign")
        scale *= LAKH
    if len(units) > 1:
        raise NumberError(field, raw, "two units")
    if units and (currency is not None or scale != 1):
        raise NumberError(field, raw, "a unit beside a currency or a scale word")
    unit = units[0] if units else Unit.MONEY if currency is not None else Unit.NUMBER
    return _Affixes(scale, unit, currency, sign, "cr" in words)


def _spell(compound: tuple[Decimal, str]) -> list[str]:
    return [next(word for word, scale in SCALES.items() if scale == compound[0]), compound[1].lower()]


def _settle_thousands(words: list[str], field: str, raw: str) -> list[str]:
    """``T`` is thousand before a currency (``T€``), and a trillion after one (``$2T``)."""
    settled = list(words)
    for place, word in enumerate(words):
        if word != "t":
            continue
        if place + 1 < len(words) and find_currency(words[place + 1]) is not None:
            settled[place] = "k"
        elif not any(find_currency(other) is not None for other in words[:place]):
            raise NumberError(field, raw, "'T' could be thousand or trillion")
    return settled


def _split_words(part: str, field: str, raw: str) -> list[str]:
    words, position, lowered = [], 0, part.lower()
    while position < len(part):
        if lowered[position] == " ":
            position += 1
            continue
        match = _TOKEN.match(lowered, position)
        if match is None:
            raise NumberError(field, raw, "not a number")
        compound = split_compound(part[match.start() : match.end()])
        words += [match[0]] if compound is None else _spell(compound)
        position = match.end()
        # "Rs." and "Cr." are abbreviations; the stop belongs to the word.
        if position < len(part) and part[position] == ".":
            position += 1
    return words


def _read_digits(number: re.Match[str]) -> tuple[Decimal | None, Decimal | None]:
    """The number under the decimal point and under the decimal comma, None where its digits do not fit."""
    digits, exponent = number["digits"], number["exponent"] or ""
    point = Decimal(re.sub(r"[,'’ ]", "", digits) + exponent) if _POINTED.fullmatch(digits) else None
    comma = Decimal(re.sub(r"[.'’ ]", "", digits).replace(",", ".") + exponent) if _COMMAED.fullmatch(digits) else None
    return point, comma
