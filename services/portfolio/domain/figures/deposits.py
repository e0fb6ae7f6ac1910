"""What a planned deposit does for a portfolio that is outside its bands, before anything is sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.reading import Need

_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Target:
    """What an asset is worth, and the weight and band in percent that it is meant to have."""

    name: str
    value: Decimal
    model: Decimal
    band: Decimal

    def find_gap(self, total: Decimal, below: Decimal = _NOTHING) -> Decimal:
        """The money that it lacks to so many percentage points below its model weight of a total."""
        return (self.model - below) * total / HUNDRED - self.value


def add_deposit(deposits: Sequence[Need], targets: Sequence[Target], total: Decimal, field: str, draft: Draft) -> None:
    """State where the deposits that are expected go, and how many assets are outside their bands then."""
    expected = [need.amount for need in deposits if need.is_inflow and need.amount is not None]
    amount = sum((money.value for money in expected if money.currency in {None, draft.currency}), _NOTHING)
    if not amount:
        return
    put = place_deposit(amount, targets, total)
    sources = (field, *dict.fromkeys(need.name for need in deposits if need.is_inflow))
    for item, part in sorted(put.items(), key=lambda pair: (-pair[1], pair[0].name)):
        draft.state("deposit", part, sources, subject=item.name, key=slug(item.name))
    whole = total + amount
    after = {item: (item.value + put.get(item, _NOTHING)) * HUNDRED / whole for item in targets}
    left = sum(abs(weight - item.model) > item.band for item, weight in after.items())
    draft.state("deposit_breaches", Decimal(left), sources)


def place_deposit(amount: Decimal, targets: Sequence[Target], total: Decimal) -> dict[Target, Decimal]:
    """So much money by where it is put: first what is furthest below its band is brought to its edge, one after
    another, then all that is below their model weights to these, in the same order. What is put sums to the amount."""
    whole, left = total + amount, amount
    put: dict[Target, Decimal] = {}
    wanted = sorted(targets, key=lambda item: (-item.find_gap(whole, item.band), item.name))
    for at_edge in (True, False):
        for item in wanted:
            gap = item.find_gap(whole, item.band if at_edge else _NOTHING) - put.get(item, _NOTHING)
            part = min(left, gap.quantize(_CENT, ROUND_HALF_EVEN))
            if part > 0:
                put[item] = put.get(item, _NOTHING) + part
                left -= part
    if left and wanted:  # rounding
        put[wanted[0]] = put.get(wanted[0], _NOTHING) + left
    return put
