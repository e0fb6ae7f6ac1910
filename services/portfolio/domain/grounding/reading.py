"""Reading the figures of a narrative: sign, parentheses, currency, scale and unit, with how exactly each was
printed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from services.portfolio.domain.grounding.masking import mask
from services.portfolio.domain.number_words import LAKH, SCALES, UNITS, Unit, find_currency
from services.portfolio.domain.numbers import MINUS_SIGNS, SPACES


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure in a text. ``value`` has its scale applied and the printed sign; ``step`` is one unit of its last
    digit.

    ``sign`` is 1 or -1 where one was printed, else 0. ``text`` stands at ``start:end``.
    """

    text: str
    start: int
    end: int
    value: Decimal
    step: Decimal
    unit: Unit
    sign: int = 0
    currency: str | None = None
    scaled: bool = False


_WORDS = {
    word: Decimal(number)
    for number, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=2
    )
}
_COUNTED = (
    r"(?:\w+\s+){0,2}(?:holdings|positions|assets|stocks|funds|gainers|losers|movers|names|rules|limits|bands|"
    r"classes|sectors|"
    r"bonds|issuers|sources|accounts|currencies|breaches)\b"
)
_COUNT_WORD = re.compile(
    rf"\b(?:(?:top|largest|biggest)\s+(?P<top>{'|'.join(_WORDS)})\b|(?P<count>{'|'.join(_WORDS)})\s+(?={_COUNTED}))",
    re.IGNORECASE,
)
_CURRENCY = r"(?:(?:US|HK|NZ|CN|A|C|S|R)?[$¥]|[₹€£₩฿₪₽]|\bRs\.?|(?-i:\b[A-Z]{3}(?=[\s(+-]{0,2}[\d.(])))"
_SCALE = r"lakh crores?|thousand|millions?|billions?|trillion|lakhs?|lacs?|crores?|crs?|mn|mm|mio|bn|tn|[kmbt]"
_UNIT = r"%|percentage[ -]points?|per cent|percent|pct\.?|basis points?|bps?|ppts?|pp|years?|yrs?|days?|times|x"
# Codes of ISO 4217 that are words or names far more often than currencies.
_WORDS_NOT_CURRENCIES = frozenset({"ALL", "BAM", "COP", "CUP", "GEL", "LAK", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY"})
_PREPOSITION = re.compile(r"(?:^|\b(?:of|at|was|is|a|an|by|to|returned|were|the|be|from)\s*|[:=]\s*)$", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:to|and|or|-|–|/)\s*")


@lru_cache(maxsize=16)
def _figure_pattern(decimal: str, group: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    groups = "" if group == "," and decimal == "." else rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|"
    comma = r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:['’]\d{3})+|" if decimal == "." else ""
    digits = rf"(?:{groups}{comma}\d+)(?:{point}\d+)?|{point}\d+"
    return re.compile(
        rf"(?P<sign>[+-])?\s?(?P<open>\()?(?P<sign_in>[+-])?(?P<currency>{_CURRENCY})?\s?(?P<sign_after>[+-])?"
        rf"(?P<open_after>\()?(?P<digits>{digits})(?!\d|[.,]\d)(?P<close>\))?"
        rf"(?:\s?-?(?P<scale>{_SCALE})\b\.?|(?P<lakh>\s?L)\b)?"
        rf"(?:\s?-?(?P<unit>{_UNIT})(?!\w))?(?P<close_after>\))?(?:\s?(?P<currency_after>INR|USD|EUR|GBP|CHF|"
        rf"JPY|SGD|AED|rupees|dollars)\b)?",
        re.IGNORECASE | re.ASCII,
    )


def read_claims(text: str, names: Iterable[str] = (), decimal: str = ".", group: str = ",") -> list[Claim]:
    """The figures of a text in order. ``names`` are the input's identifiers; ``decimal`` and ``group`` the locale's
    signs.

    >>> [str(claim.value) for claim in read_claims("from 60% to 65%, worth ₹1.2 Cr as of 31/12/2025")]
    ['60', '65', '12000000.0']
    """
    plain = text.translate(MINUS_SIGNS).translate(SPACES)
    masked = mask(plain, names)
    found = [*_read_figures(masked, decimal, group.translate(SPACES)), *_read_words(masked)]
    found.sort(key=lambda claim: claim.start)
    return _share_units(found, masked)


def _read_figures(masked: str, decimal: str, group: str) -> Iterator[Claim]:
    for match in _figure_pattern(decimal, group).finditer(masked):
        if _stands_in_word(masked, match):
            continue
        yield _make_claim(masked, match, decimal, group)


def _stands_in_word(masked: str, match: re.Match[str]) -> bool:
    """Whether the digits are part of a word (``COVID19``, ``80C``) and so no figure."""
    first = match.start("digits")
    lettered = first > 0 and (masked[first - 1].isalpha() or masked[first - 1] in "_\x00") and not match["currency"]
    after = masked[match.end("digits")] if match.end("digits") < len(masked) else " "
    has_suffix = match["scale"] or match["unit"] or match["lakh"] or match["currency_after"]
    return lettered or (not has_suffix and (after.isalpha() or after in "_\x00"))


def _make_claim(masked: str, match: re.Match[str], decimal: str, group: str) -> Claim:
    digits = match["digits"]
    for separator in {",", "'", "’", " ", group} - {decimal}:
        digits = digits.replace(separator, "")
    number = Decimal(digits.replace(decimal, "."))
    currency = _read_currency(match)
    scale = _read_scale(match, currency)
    unit = _read_unit(match, currency)
    sign, start = _read_sign(masked, match)
    if match["currency"] and currency is None:
        start = match.end("currency")  # a name in capitals: "ITC (20%)"
    start += len(masked[start : match.end()]) - len(masked[start : match.end()].lstrip())
    end = match.end()
    if (match["close"] or match["close_after"]) and not (match["open"] or match["open_after"]):
        end = match.start("close_after") if match["close_after"] else end
    exponent = number.as_tuple().exponent
    step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) * scale
    value = number * scale * (-1 if sign < 0 else 1)
    printed = masked[start:end].strip().rstrip(".")
    return Claim(printed, start, end, value, step, unit, sign, currency, scale != 1)


def _read_currency(match: re.Match[str]) -> str | None:
    word = match["currency"]
    if word is not None:
        return None if word in _WORDS_NOT_CURRENCIES else find_currency(word)
    after = match["currency_after"]
    if after is None:
        return None
    return {"rupees": "INR", "dollars": "USD"}.get(after.lower(), after.upper())


def _read_scale(match: re.Match[str], currency: str | None) -> Decimal:
    if match["lakh"] and currency == "INR":
        return LAKH
    scale = Decimal(1)
    for word in (match["scale"] or "").lower().split():
        scale *= SCALES[word]
    return scale


def _read_unit(match: re.Match[str], currency: str | None) -> Unit:
    word = (match["unit"] or "").lower().rstrip(".").replace("-", " ")
    if word in UNITS:
        return UNITS[word]
    if word in {"year", "years", "yr", "yrs"}:
        return Unit.YEARS
    if word in {"day", "days"}:
        return Unit.DAYS
    if word == "times":
        return Unit.MULTIPLE
    return Unit.MONEY if currency else Unit.NUMBER


def _read_sign(masked: str, match: re.Match[str]) -> tuple[int, int]:
    """The printed sign and where the figure starts; a hyphen after a word or figure is a dash, no minus."""
    start = match.start()
    before = masked[:start]
    sign = match["sign_in"] or match["sign_after"]
    if match["sign"]:
        if before and (before[-1].isalnum() or before[-1] in "%)\x00"):
            start = match.start("sign") + 1
        elif masked[match.end("sign")] == " ":
            start = match.start("sign") + 1  # a dash with a space after it
        else:
            sign = match["sign"]
    bracket = "open" if match["open"] else "open_after"
    closed = match["close"] or match["close_after"]
    if sign is None and match[bracket] and closed:
        inner = match["close"] and (match["unit"] or match["scale"])  # "(3.2)%": the unit stands outside
        outside = masked[: match.start(bracket)].rstrip(" -+₹$€£")
        if inner or _PREPOSITION.search(outside[-12:] + (" " if outside else "")):
            sign = "-"
    return ((1 if sign == "+" else -1) if sign else 0), start


def _read_words(masked: str) -> Iterator[Claim]:
    for match in _COUNT_WORD.finditer(masked):
        group = "top" if match["top"] else "count"
        word = match[group]
        yield Claim(word, match.start(group), match.end(group), _WORDS[word.lower()], Decimal(1), Unit.NUMBER)


def _share_units(claims: list[Claim], masked: str) -> list[Claim]:
    """``between 40 and 65%``: the first figure is a percentage too."""
    shared = list(claims)
    for index in range(len(shared) - 2, -1, -1):
        here, following = shared[index], shared[index + 1]
        if here.unit is not Unit.NUMBER or following.unit not in {
            Unit.PERCENT,
            Unit.BASIS_POINTS,
            Unit.POINTS,
            Unit.YEARS,
        }:
            continue
        if _JOINED.fullmatch(masked[here.end : following.start]) and not here.scaled:
            shared[index] = replace(here, unit=following.unit)
    return shared
