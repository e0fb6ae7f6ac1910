"""Reading the figures of a text: digits with sign, parentheses, currency, scale and unit, with how exactly each was
printed; numbers, fractions and multiples in words stand in ``spelled``."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from services.portfolio.domain.claims.around import Stretches, before
from services.portfolio.domain.claims.masking import mask
from services.portfolio.domain.claims.model import Printed
from services.portfolio.domain.claims.spelled import read_spelled
from services.portfolio.domain.number_words import LAKH, SCALES, UNITS, Unit, find_currency
from services.portfolio.domain.numbers import FULL_WIDTH, MINUS_SIGNS, SPACES
from services.portfolio.domain.vocabulary import Vocabulary

_CURRENCY = r"(?:(?:US|AU|CA|SG|HK|NZ|NT|MX|CN|A|C|S|R)?[$¥]|[₹€£₩฿₪₽]|\bRs\.?|(?-i:\b[A-Z]{3}(?=[\s(+-]{0,2}[\d.(])))"
_SCALE = r"lakh crores?|thousand|millions?|billions?|trillion|lakhs?|lacs?|crores?|crs?|mn|mm|mio|mrd|tsd|bn|tn|[kmbt]"
_UNIT = (
    r"percentage[ -]points?|%[ -]points?|%|"
    r"per[ -]?cent(?:age[ -]points?)?|pct\.?|basis points?|bps?|ppts?|pp|pts|points?|"
    r"prozentpunkte?n?|prozent|points? de pourcentage|pour ?cent|basispunkte?n?|points? de base|"
    r"years?|yrs?|jahre?n?|ans?|days?|tage?n?|jours?|times|fold|mal|fois|x"
)
# Codes of ISO 4217 that are words or names far more often than currencies.
_WORDS_NOT_CURRENCIES = frozenset({"ALL", "BAM", "COP", "CUP", "GEL", "LAK", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY"})
_PREPOSITION = re.compile(r"(?:^|\b(?:of|at|was|is|a|an|by|to|returned|were|the|be|from)\s*|[:=]\s*)$", re.IGNORECASE)
_FOREIGN = {
    "year": Unit.YEARS, "yr": Unit.YEARS, "jahr": Unit.YEARS, "an": Unit.YEARS, "day": Unit.DAYS, "tag": Unit.DAYS,
    "jour": Unit.DAYS, "time": Unit.MULTIPLE, "fold": Unit.MULTIPLE, "mal": Unit.MULTIPLE, "foi": Unit.MULTIPLE,
    "prozent": Unit.PERCENT, "pour cent": Unit.PERCENT, "pourcent": Unit.PERCENT, "prozentpunkt": Unit.POINTS,
    "point de pourcentage": Unit.POINTS, "basispunkt": Unit.BASIS_POINTS, "point de base": Unit.BASIS_POINTS,
}  # fmt: skip
"""Units in words, without their endings."""
_MONEY_WORDS = {"rupee": "INR", "dollar": "USD", "euro": "EUR", "franc": "CHF", "pound": "GBP", "yen": "JPY"}
_LARGE, _ROUNDING = 1000, Decimal("0.01")
_MINUS = re.compile(r"\b(?P<minus>minus|negative)\s*$", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:to|and|or|-|–|/)\s*")
_AGAINST = re.compile(r"\s*(?:against|versus|vs\.?|compared (?:with|to)|gegenüber|contre)\s*", re.IGNORECASE)


_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ′", "'"))
_HUNDREDTHS = re.compile(r"\s?(?:pence|pennies|cents?|paise|centimes|p\b|c\b)", re.IGNORECASE)
_EACH = re.compile(r"\b(?:every|each|a|the|per|one)\s+(?:pound|dollar|euro|rupee|franc)\b", re.IGNORECASE)
_EACH_REACH = 90
_WHOLE = 100
_RATES = frozenset({Unit.PERCENT, Unit.POINTS, Unit.BASIS_POINTS})
_OF_WHOLE = re.compile(r"\s+(?:out\s+)?of\s+(?:the|its|a|an|those|these)\s+(?:total\s+(?:of\s+)?)?", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:\s*of (?:that|it|this|them))?\s*(?:,|and|,? and|while|with)\s+(?:[^.;,\d]{0,40}(?<!\bof)\s)?\(?", re.IGNORECASE
)


@lru_cache(maxsize=16)
def _figure_pattern(decimal: str, group: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    groups = "" if group == "," and decimal == "." else rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|"
    comma = r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:['’]\d{3})+|" if decimal == "." else ""
    digits = rf"(?:{groups}{comma}\d+)(?:{point}\d+)?|{point}\d+"
    return re.compile(
        rf"(?P<sign>[+-])?\s?(?P<open>\()?(?P<sign_in>[+-])?(?P<currency>{_CURRENCY})?\s?(?P<sign_after>[+-])?"
        rf"(?P<open_after>\()?(?P<digits>{digits})(?!\d|[.,]\d)(?P<close>\))?"
        rf"(?:\s?-?(?P<scale>(?:{_SCALE})\b\.?|万|億)|(?P<lakh>\s?L)\b)?"
        rf"(?:\s?-?(?P<unit>{_UNIT})(?!\w))?(?P<close_after>\))?(?:\s?(?P<currency_after>INR|USD|EUR|GBP|CHF|"
        rf"JPY|SGD|AED|(?:US |swiss )?(?:rupees|dollars|euros?|francs|pounds|yen)\b|[€£円])(?!\w))?",
        re.IGNORECASE | re.ASCII,
    )


def read_figures(
    text: str, vocabulary: Vocabulary | None, names: Iterable[str] = (), decimal: str = ".", group: str = ","
) -> list[Printed]:
    """The figures of a text in order. ``names`` are the input's identifiers; ``decimal`` and ``group`` the locale's
    signs.

    >>> [str(item.value) for item in read_figures("from 60% to 65%, worth ₹1.2 Cr as of 31/12/2025", None)]
    ['60', '65', '12000000.0']
    """
    plain = make_plain(text)
    masked = mask(plain, (make_plain(name) for name in names))
    if vocabulary is not None:
        masked = vocabulary.indexes.sub(lambda match: "\x00" * len(match[0]), masked)
    found = [*_read_digits(masked, decimal, make_plain(group))]
    if vocabulary is not None:
        taken = Stretches()
        for item in found:
            taken.add(item.start, item.end)
        spelled = read_spelled(masked, vocabulary)
        found += [item for item in spelled if not taken.touch(item.start, item.end)]
    found.sort(key=lambda item: item.start)
    return _share_units(found, masked)


def make_plain(text: str) -> str:
    """A text of the same length with one kind of minus, space, digit and apostrophe."""
    return text.translate(FULL_WIDTH).translate(MINUS_SIGNS).translate(SPACES).translate(_APOSTROPHES)


def _read_digits(masked: str, decimal: str, group: str) -> Iterator[Printed]:
    for match in _figure_pattern(decimal, group).finditer(masked):
        if _stands_in_word(masked, match):
            continue
        yield _make_printed(masked, match, decimal, group)


def _stands_in_word(masked: str, match: re.Match[str]) -> bool:
    """Whether the digits are part of a word (``COVID19``, ``80C``) and so no figure."""
    first = match.start("digits")
    lettered = first > 0 and (masked[first - 1].isalpha() or masked[first - 1] in "_\x00") and not match["currency"]
    after = masked[match.end("digits")] if match.end("digits") < len(masked) else " "
    has_suffix = match["scale"] or match["unit"] or match["lakh"] or match["currency_after"]
    return lettered or (not has_suffix and (after.isalpha() or after in "_\x00"))


def _make_printed(masked: str, match: re.Match[str], decimal: str, group: str) -> Printed:
    digits = match["digits"]
    for separator in {",", "'", "’", " ", group} - {decimal}:
        digits = digits.replace(separator, "")
    number = Decimal(digits.replace(decimal, "."))
    currency = _read_currency(match)
    scale = _read_scale(match, currency)
    unit = _read_unit(match, currency)
    if (
        unit is Unit.NUMBER
        and _HUNDREDTHS.match(masked, match.end())
        and _EACH.search(before(masked, match.start())[-_EACH_REACH:])
    ):
        unit = Unit.PERCENT  # "81 pence of every pound"
    sign, start = _read_sign(masked, match)
    if match["currency"] and currency is None:
        start = match.end("currency")  # a name in capitals: "ITC (20%)"
    start += len(masked[start : match.end()]) - len(masked[start : match.end()].lstrip())
    end = match.end()
    if match["currency_after"] and match["unit"]:
        end = match.end("close_after") if match["close_after"] else match.end("unit")
    if (match["close"] or match["close_after"]) and not (match["open"] or match["open_after"]):
        end = match.start("close_after") if match["close_after"] else end
    exponent = number.as_tuple().exponent
    step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) * scale
    if unit is Unit.MONEY and scale == 1 and step == 1 and number >= _LARGE:
        # 95,000 stands for what rounds to it, but for no more than a hundredth of it
        zeros = len(digits) - len(digits.rstrip("0"))
        step = max(step, min(Decimal(10) ** zeros, number * _ROUNDING)) if zeros > 1 else step
    value = number * scale * (-1 if sign < 0 else 1)
    printed = masked[start:end].strip().rstrip(".")
    return Printed(printed, start, end, value, step, unit, sign, currency, scale != 1)


def _read_currency(match: re.Match[str]) -> str | None:
    word = match["currency"]
    if word is not None and (match["open_after"] or "(" in match[0][len(word) :].strip()[:1]) and match["unit"]:
        return None  # a name with its share: "USD (21%)"
    if word is not None:
        return None if word in _WORDS_NOT_CURRENCIES else find_currency(word)
    after = match["currency_after"]
    if after is None or match["unit"]:
        return None  # "19% Euro Bond Fund" is no money
    return find_currency(after) or _MONEY_WORDS[after.lower().split()[-1].rstrip("s")]


def _read_scale(match: re.Match[str], currency: str | None) -> Decimal:
    if match["lakh"] and currency == "INR":
        return LAKH
    scale = Decimal(1)
    for word in (match["scale"] or "").lower().rstrip(".").split():
        scale *= SCALES[word]
    return scale


def _read_unit(match: re.Match[str], currency: str | None) -> Unit:
    word = (match["unit"] or "").lower().rstrip(".").replace("-", " ")
    if word in UNITS:
        return UNITS[word]
    if (unit := _FOREIGN.get(re.sub(r"(?<=jahr)en?$|(?<=tag)en?$|(?<=punkt)en?$|(?<=\w)s\b", "", word))) is not None:
        return unit
    if word in {"point", "points", "pts", "% point", "% points"}:
        return Unit.POINTS
    return Unit.MONEY if currency else Unit.NUMBER


def _read_sign(masked: str, match: re.Match[str]) -> tuple[int, int]:
    """The printed sign and where the figure starts; a hyphen after a word or figure is a dash, no minus."""
    start = match.start()
    ahead = before(masked, start)
    sign = match["sign_in"] or match["sign_after"]
    if match["sign_in"] and not match["open"] and masked[match.end("sign_in") : match.end("sign_in") + 1] == " ":
        sign, start = None, match.end("sign_in")  # a dash between words
    if match["sign"]:
        if ahead and (ahead[-1].isalnum() or ahead[-1] in "%)\x00"):
            start = match.start("sign") + 1
        elif masked[match.end("sign")] == " ":
            start = match.start("sign") + 1  # a dash with a space after it
        else:
            sign = match["sign"]
    if sign is None and (minus := _MINUS.search(ahead)):
        return -1, minus.start("minus") + start - len(ahead)
    bracket = "open" if match["open"] else "open_after"
    closed = match["close"] or match["close_after"]
    if sign is None and match[bracket] and closed:
        inner = match["close"] and (match["unit"] or match["scale"])  # "(3.2)%": the unit stands outside
        outside = before(masked, match.start(bracket)).rstrip(" -+₹$€£")
        if inner or _PREPOSITION.search(outside[-12:] + (" " if outside else "")):
            sign = "-"
    return ((1 if sign == "+" else -1) if sign else 0), start


def _share_units(figures: list[Printed], masked: str) -> list[Printed]:
    """``between 40 and 65%``: the first figure is a percentage too."""
    shared = list(figures)
    for index in range(len(shared) - 1):
        here, following = shared[index], shared[index + 1]
        parted = masked[here.end : following.start] in {"/", ":"}
        if parted and here.unit is following.unit is Unit.NUMBER and here.value + following.value == _WHOLE:
            shared[index : index + 2] = [replace(item, unit=Unit.PERCENT) for item in (here, following)]  # 80/20
    for index in range(1, len(shared)):
        earlier, here = shared[index - 1], shared[index]
        between = masked[earlier.end : here.start]
        if here.unit is Unit.NUMBER and here.step < 1 and earlier.unit in _RATES and _LISTED.fullmatch(between):
            shared[index] = replace(here, unit=earlier.unit)  # "cost 1.16 points and Tesla 0.77"
    for index in range(len(shared) - 2, -1, -1):
        here, following = shared[index], shared[index + 1]
        if here.unit is not Unit.NUMBER or following.unit not in {
            Unit.PERCENT,
            Unit.BASIS_POINTS,
            Unit.POINTS,
            Unit.YEARS,
        }:
            continue
        between = masked[here.end : following.start]
        part = (
            here.step < 1 and following.unit is not Unit.YEARS and _OF_WHOLE.fullmatch(between)
        )  # "1.9 of the 3.1 points"
        if (_JOINED.fullmatch(between) or part or (here.step < 1 and _AGAINST.fullmatch(between))) and not here.scaled:
            shared[index] = replace(here, unit=following.unit)
    return shared
