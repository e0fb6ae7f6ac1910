"""Trades towards a model: what would reach it, and what of that can be done without selling what may not be sold and
without spending what is spoken for."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from types import MappingProxyType

from services.portfolio.domain.figures.quoting import HUNDRED

_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Drift:
    """One asset against its model: weights and band in percent, ``drift`` in percentage points."""

    name: str
    asset_class: str | None
    weight: Decimal
    model: Decimal
    band: Decimal
    own_band: bool
    """Whether the payload states the band; else it is the default."""
    price: Decimal | None
    market_value: Decimal
    in_model: bool = True
    """Whether a model weight was sent; without one it is neither sold nor bought, and ``model`` says nothing."""

    @property
    def drift(self) -> Decimal:
        """Actual less model weight."""
        return self.weight - self.model

    @property
    def breached(self) -> bool:
        """Whether the drift is outside the band."""
        return self.in_model and abs(self.drift) > self.band


def set_aside(drifts: Sequence[Drift], cash: Set[str], amount: Decimal, total: Decimal) -> tuple[Drift, ...]:
    """The drifts once an amount is paid out, the largest cash first, as weights of what is left of ``total``. What the
    cash is short of is owed by the largest of it; where there is none, the weights are of more than what is left."""
    left = total - amount
    paid: dict[str, Decimal] = {}
    rest = amount
    ranked = sorted((item for item in drifts if item.name in cash), key=lambda item: (-item.market_value, item.name))
    for item in ranked:
        paid[item.name] = min(rest, max(item.market_value, _NOTHING))
        rest -= paid[item.name]
    if ranked:
        paid[ranked[0].name] += rest
    values = {item.name: item.weight * total / HUNDRED - paid.get(item.name, _NOTHING) for item in drifts}
    return tuple(
        replace(item, weight=values[item.name] * HUNDRED / left, market_value=values[item.name]) for item in drifts
    )


def compute_trades(drifts: Sequence[Drift], total: Decimal, raised: Decimal = _NOTHING) -> list[tuple[Drift, Decimal]]:
    """What to buy (above zero) or sell of each asset, to the cent; the trades sum to exactly zero, or bring what is to
    be ``raised`` beside them.

    ``total`` is the money that the weights are of. Rounding goes to the largest trade, where it matters least.
    """
    trades = [(-item.drift * total / HUNDRED).quantize(_CENT, ROUND_HALF_EVEN) for item in drifts]
    rest = sum(trades, _NOTHING) + raised
    if rest and trades:
        largest = max(range(len(trades)), key=lambda index: abs(trades[index]))
        trades[largest] -= rest
    return list(zip(drifts, trades, strict=True))


def fit_trades(
    trades: Sequence[tuple[Drift, Decimal]],
    bound: Set[str],
    free: Mapping[str, Decimal] = MappingProxyType({}),
    raised: Decimal = _NOTHING,
) -> tuple[list[tuple[Drift, Decimal]], list[tuple[Drift, Decimal]]]:
    """The trades that can be made without selling what is ``bound``, but for what of it is ``free``, and what of that
    stays above its model weight.

    What the other sales bring is what is to be ``raised`` first. Then it repays what is owed, takes what is furthest
    outside its band to the edge of it, one after another, then all to their model weights in the same order. The trades
    still sum to zero, less what is raised.
    """
    made = {
        item: max(trade, -free.get(item.name, _NOTHING)) if item.name in bound else trade
        for item, trade in trades if trade < 0
    }  # fmt: skip
    kept = [(item, made[item] - trade) for item, trade in trades if trade < 0 and made[item] > trade]
    if not kept:
        return list(trades), []
    left = max(-sum(made.values(), _NOTHING) - raised, _NOTHING)
    wanted = sorted(
        ((item, trade) for item, trade in trades if trade > 0),
        key=lambda pair: (pair[0].weight >= 0, pair[0].drift + pair[0].band, pair[0].name),
    )
    edges = [
        (item, (trade * (1 + item.band / item.drift)).quantize(_CENT, ROUND_HALF_EVEN) if item.weight >= 0 else trade)
        for item, trade in wanted if item.breached
    ]  # fmt: skip
    for item, goal in (*edges, *wanted):
        part = min(left, goal - made.get(item, _NOTHING))
        if part > 0:
            made[item] = made.get(item, _NOTHING) + part
            left -= part
    return [(item, made.get(item, _NOTHING)) for item, _ in trades], kept


def find_least_trade(drifts: Sequence[Drift], bound: Set[str]) -> tuple[Drift, Drift, Decimal] | None:
    """The one trade, in percent of the total, that takes all that is outside its band to the edge of it, where one
    does: out of the asset that is above its band into the one that is below, else from or into the one that is furthest
    on the other side, and neither past its model weight."""
    outside = [item for item in drifts if item.breached]
    if not outside or any(not item.in_model for item in drifts):
        return None
    high = max(drifts, key=lambda item: (item.breached and item.drift > 0, item.drift))
    low = min(drifts, key=lambda item: (not (item.breached and item.drift < 0), item.drift))
    if any(item not in {high, low} for item in outside) or high.weight < 0 or low.weight < 0:
        return None
    least = max(abs(item.drift) - item.band for item in outside)
    if high.name in bound or least >= min(high.drift, -low.drift):
        return None  # no less than a trade back to the model
    return high, low, least
