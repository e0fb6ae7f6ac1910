"""Figures of risk as they were sent: stated with what they are of, and held against one another.

What denies another is named and nothing of it is corrected: a value at risk that one of a higher level of confidence,
or the average beyond it, is below; a tracking error above the swings of the portfolio and its market together, of which
the latter are at most those of the portfolio over its beta; and a volatility far from that which is computed.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.reading import Metric, Reading

RISK_DENIED = "figures of risk deny each other"
NO_PERIOD = "figures of risk without a period"
_CLOSE = Decimal("0.9")
"""Printed figures are rounded: what is within a tenth denies nothing."""
_FAR = Decimal("1.5")
"""A volatility that is sent and one that is computed differ by the days that they are taken of; by half, they are of
something else."""
_CONFIDENCES = (Decimal(90), Decimal(95), Decimal(99))


def add_sent_risk(reading: Reading, draft: Draft) -> None:
    """State each figure once, and gloss which of them deny each other."""
    found: list[tuple[Metric, Fact]] = []
    for metric in dict.fromkeys(reading.metrics):
        if metric.money is not None and metric.money.currency not in {None, draft.currency}:
            continue
        key = f"{metric.kind}_money" if metric.money is not None else metric.kind
        fact = draft.state(f"sent_{key}", metric.value, (metric.field,), key=slug(metric.says or "as sent"))
        if metric.says:
            draft.glosses[f"{fact.id} is of"] = metric.says
            draft.quote(f"({metric.says})")
        else:
            draft.glosses[NO_PERIOD] = metric.field
        found.append((metric, fact))
    denied = [f"{one.id}\n{other.id}" for one, other in _list_denied(found, draft)]
    if denied:
        draft.glosses[RISK_DENIED] = "\n\n".join(denied)


def _list_denied(found: Sequence[tuple[Metric, Fact]], draft: Draft) -> Iterator[tuple[Fact, Fact]]:
    """Pairs that cannot both be so, the one that is too large first; only figures of one period are compared."""
    for metric, fact in found:
        for other, against in found:
            if metric is other or metric.says != other.says or (metric.money is None) is not (other.money is None):
                continue
            if metric.kind == "var" and other.kind == "shortfall" and other.value < metric.value * _CLOSE:
                yield fact, against
            if metric.kind == "tracking_error" and other.kind == "volatility" and _is_beyond(metric, other, found):
                yield fact, against
    yield from _compare_levels(found)
    computed = draft.find("volatility")
    for metric, fact in found if computed is not None else ():
        if metric.kind == "volatility" and computed is not None and computed.value > 0:
            ratio = metric.value / computed.value
            if not 1 / _FAR <= ratio <= _FAR:
                yield (fact, computed) if ratio > 1 else (computed, fact)


def _is_beyond(error: Metric, swings: Metric, found: Sequence[tuple[Metric, Fact]]) -> bool:
    """Whether a tracking error is larger than the swings of both together, or than they can be: the market's are those
    of the portfolio over its beta at most."""
    beta = next((metric.value for metric, _ in found if metric.kind == "beta" and metric.says == error.says), None)
    if beta is None or beta <= 0:
        return False
    return error.value * _CLOSE > swings.value + swings.value / beta


def _compare_levels(found: Sequence[tuple[Metric, Fact]]) -> Iterator[tuple[Fact, Fact]]:
    """A value at risk at a level that is below that at a lower one, of the same horizon."""
    levels = [(level, metric, fact) for metric, fact in found if metric.kind == "var" and metric.money is None
              and (level := _find_level(metric)) is not None]  # fmt: skip
    for level, metric, fact in levels:
        for other, less, against in levels:
            if level < other and metric.value > less.value and _strip(metric, level) == _strip(less, other):
                yield fact, against


def _find_level(metric: Metric) -> Decimal | None:
    return next(
        (level for level in _CONFIDENCES if f"{level}" in metric.says.split() or f"{level}%" in metric.says), None
    )


def _strip(metric: Metric, level: Decimal) -> str:
    return metric.says.replace(f"{level}", "").replace("%", "").strip(" ,")
