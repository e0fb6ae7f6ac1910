"""What is close below its limit, so that a small rise, or a payment that leaves the whole smaller, takes it above."""

from collections.abc import Iterable
from decimal import Decimal

from services.portfolio.domain.facts import Draft, slug

_NEAR = Decimal("0.9")
"""Within a tenth of the limit: a share that gains a tenth more than the rest reaches it, which is some half of the
yearly volatility of a listed company."""
_NAMED = 5


def add_near(rule: str, weights: Iterable[tuple[str, Decimal, Decimal]], draft: Draft) -> None:
    """State the weight of what is within a tenth below its limit, the nearest first; ``weights`` are names with their
    weights and their limits."""
    near = [
        (name, weight) for name, weight, limit in weights if limit > 0 and limit * _NEAR <= weight <= limit
    ]  # fmt: skip
    for name, weight in sorted(near, key=lambda pair: (-pair[1], pair[0]))[:_NAMED]:
        draft.state("near_limit", weight, (f"limits.{rule}",), subject=name, key=f"{rule}.{slug(name)}")
