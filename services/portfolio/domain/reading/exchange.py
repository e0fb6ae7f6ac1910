"""Exchange rates as they were sent: by currency, or by pair of currencies, brought to the reporting currency."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.lexicon import match_form
from services.portfolio.domain.number_words import currency_codes
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.readings import COLUMN, RANGE, Alternative

FIELD = "Fx Rates"
_PAIR = re.compile(
    r"(?:1\s*)?(?P<base>[A-Z]{3})\s*(?P<mark>/|-?>|→|-|_|:|\.|\bTO\b|\bIN\b|\bPER\b|)\s*(?P<quote>[A-Z]{3})"
    r"(?:=X|\s+CURNCY)?",
    re.IGNORECASE,
)
"""``EUR/USD`` is what one euro costs in dollars, as markets quote it; ``USD per EUR`` says the same in words."""
_OF, _IN, _PAIRED, _VALUE = (
    ("from", "fromcurrency", "base", "basecurrency", "currency", "ccy", "code"),
    ("to", "tocurrency", "quote", "quotecurrency", "counter", "countercurrency"),
    ("pair", "currencypair", "symbol"),
    ("rate", "value", "fxrate", "exchangerate", "price", "mid"),
)


@dataclass(frozen=True, slots=True)
class _Rate:
    """One ``base`` costs so many ``quote``."""

    base: str
    quote: str
    value: Decimal
    column: Column


def list_pairs(raw: object, field: str) -> Mapping[object, object]:
    """Rates as an object by currency or pair, of the list that some systems send. Raises ``InputError``."""
    if isinstance(raw, Mapping):
        return raw
    if not isinstance(raw, list):
        raise InputError(field, raw, "an object is needed, such as {'USD': 83.2} or {'EUR/USD': 1.08}")
    found: dict[object, object] = {}
    for index, item in enumerate(raw):
        if not isinstance(item, Mapping):
            raise InputError(f"{field}[{index}]", item, "a currency or a pair with its rate is needed")
        cells = {match_form(str(name)): value for name, value in item.items()}
        of, in_, pair, rate = (_pick(cells, names) for names in (_OF, _IN, _PAIRED, _VALUE))
        key = f"{of}/{in_}" if of and in_ else pair or of
        if key is None or rate is None:
            raise InputError(f"{field}[{index}]", item, "a currency or a pair with its rate is needed")
        if key in found and found[key] != rate:
            raise InputError(f"{field}[{index}]", rate, f"a second rate of {key}")
        found[key] = rate
    return found


def _pick(cells: Mapping[str, object], names: Iterable[str]) -> object:
    return next((cells[name] for name in names if cells.get(name) not in (None, "")), None)


def read_rates(feed: Feed) -> tuple[dict[str, Decimal], dict[str, MissingInputError]]:
    """What one unit of each currency costs in the reporting currency, and why those that are open are.

    Pairs that share but one currency name the reporting currency where nothing else does. Raises ``InputError`` for
    rates that are none.
    """
    sent, opened = [], {}
    for (table, name), column in feed.columns.items():
        if table or not name.startswith(f"{FIELD}."):
            continue
        key = name.removeprefix(f"{FIELD}.").strip()
        base, quote = _read_key(key)
        if column.reason is not None:
            opened[base] = column.reason
            continue
        value = feed.value(column)
        if not isinstance(value, Decimal) or value <= 0:
            raise InputError(column.path, value, "a rate above zero is needed")
        sent.append((base, quote, value, column))
    if feed.currency is None:
        feed.currency = _find_common([{base, quote} for base, quote, _, _ in sent if quote is not None])
    rates = [_Rate(base, quote or feed.currency or "", value, column) for base, quote, value, column in sent]
    right = []
    for rate in rates:
        if _is_upside_down(feed, rate):
            _leave_open(rate)
            other = rate.quote if rate.base == feed.currency else rate.base
            if rate.column.reason is not None:
                opened[other] = rate.column.reason
        else:
            right.append(rate)
    return _reach(feed.currency or "", right), opened


def _read_key(key: str) -> tuple[str, str | None]:
    """The currency whose price a rate is, and the one that it is in, None where only one is named."""
    match = _PAIR.fullmatch(key)
    if match is not None:
        base, quote = match["base"].upper(), match["quote"].upper()
        if {base, quote} <= currency_codes() and base != quote:
            return (quote, base) if match["mark"].upper() == "PER" else (base, quote)
    return key.upper(), None


def _find_common(pairs: Sequence[set[str]]) -> str | None:
    """The one currency that all of at least two pairs have."""
    common = set.intersection(*pairs) if len(pairs) > 1 else set()
    return next(iter(common)) if len(common) == 1 else None


def _reach(currency: str, rates: Sequence[_Rate]) -> dict[str, Decimal]:
    """The price of each currency that pairs lead to, over as few of them as can be."""
    found = {currency: Decimal(1)}
    edge = [currency]
    while edge:
        following = []
        for code in edge:
            for rate in rates:
                for other, known, factor in (
                    (rate.base, rate.quote, rate.value),
                    (rate.quote, rate.base, 1 / rate.value),
                ):
                    if known == code and other not in found:
                        found[other] = found[code] * factor
                        following.append(other)
        edge = following
    return {code: value for code, value in found.items() if code != currency}


def _leave_open(rate: _Rate) -> None:
    rate.column.leave_open(
        (
            Alternative({"unit": f"{rate.quote} for one {rate.base}", "value": f"{rate.value}"}, COLUMN),
            Alternative({"unit": f"{rate.base} for one {rate.quote}", "value": f"{rate.value}"}, RANGE),
        ),
        "the rate is far from any of these currencies, its inverse is not",
    )


def _is_upside_down(feed: Feed, rate: _Rate) -> bool:
    """Whether only the inverse of a rate has the order of magnitude that the two currencies had for years."""
    base, other = (feed.reference.currencies.get(item) for item in (rate.quote, rate.base))
    if base is None or other is None or base.per_usd is None or other.per_usd is None:
        return False
    usual = base.per_usd / other.per_usd
    off, inverse = abs((rate.value / usual).ln()), abs((1 / rate.value / usual).ln())
    return off > Decimal("1.8") and inverse < Decimal("0.7")
