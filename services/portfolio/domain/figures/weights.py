"""Figures that follow from weights alone: allocations, the largest positions, and how concentrated they are."""

from collections.abc import Sequence
from decimal import Decimal

from services.portfolio.domain.facts import Draft, slug

HUNDRED = Decimal(100)
TOP_COUNTS = (1, 3, 5, 10)

Weights = Sequence[tuple[str, Decimal]]
"""Names with weights in percent, largest first."""


SPREAD = frozenset(
    {"diversified", "multi sector", "broad market", "global", "world", "international", "mixed", "various", "other",
     "others"}
)  # fmt: skip
"""Sectors and regions of these names are spread by themselves: they are no concentration, however large."""


def add_allocation(draft: Draft, group: str, weights: Weights, most: int, method: str) -> None:
    """A weight fact for each of the largest ``most`` names (``weight.sector.banks``), and the chart of the group."""
    for name, weight in weights[:most]:
        draft.state("weight", weight, (group,), subject=name, key=f"{group}.{slug(name)}", method=method)
    draft.chart_shares(f"Allocation by {group.replace('_', ' ')}", weights)


def add_concentration(draft: Draft, weights: Weights, what: str) -> None:
    """Top 1, 3, 5 and 10, the Herfindahl-Hirschman index (sum of squared weights as fractions) and its inverse.

    ``what`` names what is counted (``positions``, ``asset classes``). Figures that the count or a negative weight does
    not allow are absent.
    """
    count = len(weights)
    draft.state("count", Decimal(count), (what,), label=f"number of {what}")
    ordered = sorted((weight for _, weight in weights), reverse=True)
    for top in TOP_COUNTS:
        if count <= top and top > 1:
            draft.miss(f"top_{top}", f"no more than {top} {what}, so the figure would be the whole")
            continue
        label = f"weight of the {'largest' if top == 1 else f'top {top}'} {what}"
        draft.state(f"top_{top}", sum(ordered[:top], Decimal(0)), (what,), label=label, parameters=(Decimal(top),))
    if any(weight < 0 for weight in ordered):
        for fact_id in ("hhi", "effective_number"):
            draft.miss(fact_id, "a negative weight makes the index meaningless")
        return
    hhi = sum(((weight / HUNDRED) ** 2 for weight in ordered), Decimal(0))
    if not hhi:
        return
    draft.state("hhi", hhi, (what,))
    draft.state("effective_number", 1 / hhi, (what,), label=f"effective number of {what}")
