"""A sale that brings one name and the borrowing within their limits at once: what is due takes its part first, the rest
repays the credit."""

from collections.abc import Sequence
from decimal import ROUND_UP, Decimal

from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.sellable import find_free_value
from services.portfolio.domain.glosses import CLOSED
from services.portfolio.domain.reference import Reference

_NOTHING, _CENT = Decimal(0), Decimal("0.01")


def add_cure(draft: Draft, positions: Sequence[Position], reference: Reference) -> None:
    """State that sale of the name furthest above its limit, as far as so much of it is free, and what is due takes."""
    closed = {item.name: item.row.closed.says for item in positions if item.row.closed is not None}
    if closed:
        draft.glosses[CLOSED] = "\n".join(f"{name}\t{says}" for name, says in closed.items())
        draft.quote(*closed.values())
    over = next((fact for fact in draft.facts if fact.id.startswith("excess.single_name.")), None)
    limit, bound, drawn, whole = (
        draft.find(name) for name in ("limit.single_name", "limit.bound.leverage", "leverage_amount", "market_value")
    )
    if over is None or limit is None or bound is None or drawn is None or whole is None:
        return
    held = [item for item in positions if item.name == over.subject and item.market_value is not None]
    value = sum((item.market_value or _NOTHING for item in held), _NOTHING)
    paid = sum((fact.value for fact in draft.facts if fact.id.startswith("need.") and fact.dates), _NOTHING)
    cash = draft.find("cash")
    short = max(paid - (cash.value if cash is not None else _NOTHING), _NOTHING)
    rest = whole.value - (paid - short)
    most, lent = limit.value / HUNDRED, bound.value / HUNDRED
    sale = max((value - most * rest) / (1 - most), (drawn.value + short - lent * rest) / (1 - lent))
    sale = sale.quantize(_CENT, ROUND_UP)
    free = sum((find_free_value(item, reference, draft.currency) for item in held), _NOTHING)
    if not _NOTHING < sale <= free or drawn.value * HUNDRED <= bound.value * whole.value:
        return
    inputs = tuple(dict.fromkeys((*limit.inputs, *bound.inputs)))
    draft.state("cure_sale", sale, inputs, subject=over.subject)
    if short:
        draft.state("cure_taken", short, inputs)
