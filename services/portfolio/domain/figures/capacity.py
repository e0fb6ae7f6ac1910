"""What a loss of so many percent would cost, beside what the client can bear to lose."""

from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.reading import Reading


def add_capacity(reading: Reading, draft: Draft) -> None:
    """State what can be borne and what the worst of the stresses that were sent, or of the falls so far, would cost."""
    value = draft.find("market_value")
    if reading.capacity is None or value is None or value.value <= 0:
        return
    field, money = reading.capacity
    if money.currency not in {None, draft.currency}:
        return
    losses = [(item.says, item.loss, item.name) for item in reading.stresses]
    fall = draft.find("drawdown")
    if fall is not None and fall.value < 0:
        losses.append(("The largest fall so far", -fall.value, "drawdown"))
    if not losses:
        return
    says, loss, source = max(losses, key=lambda item: item[1])
    draft.name(says)
    cost = loss * value.value / HUNDRED
    draft.state("capacity", money.value, (field,))
    draft.state("stress_loss", loss, (source,), subject=says, key=slug(says))
    draft.state("stress_cost", cost, (source, *value.inputs), subject=says, key=slug(says))
    gap = cost - money.value
    draft.state("capacity_excess" if gap > 0 else "capacity_left", abs(gap), (field, source))
