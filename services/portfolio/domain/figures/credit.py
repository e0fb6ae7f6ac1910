"""What is borrowed against what is held: the lending value, how much of it is used, and what is left before and after
the draws that are planned."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.facts import CREDIT, Draft, slug
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.needs import Money
from services.portfolio.domain.reading import Credit, Need, Reading
from services.portfolio.domain.reference import Reference

_NOTHING = Decimal(0)


def is_drawn(need: Need, reading: Reading, reference: Reference) -> bool:
    """Whether a need is to be paid out of credit, and out of nothing that is held."""
    return bool(reading.credit) and need.source is not None and reference.says_any(need.source, reference.terms.credit)


def add_credit(reading: Reading, draft: Draft, positions: Sequence[Position], reference: Reference) -> None:
    """State what is drawn of a credit line and how far it is from its ends. Of several lines the first is told:
    which of them lends on which row is not said."""
    lent = sum(
        (item.market_value * item.row.lending / HUNDRED for item in positions
         if item.market_value is not None and item.market_value > 0 and item.row.lending is not None),
        _NOTHING,
    )  # fmt: skip
    line = _find_line(reading, positions, lent, reference, draft)
    if line is None or line.drawn is None or line.drawn.currency not in {None, draft.currency}:
        return
    drawn, inputs = line.drawn.value, (line.name,)
    draft.glosses[CREDIT] = line.name
    draft.name(line.name)
    draft.state("credit_drawn", drawn, inputs)
    limit = line.limit.value if line.limit is not None else None
    if limit:
        draft.state("credit_limit", limit, inputs)
        draft.state("credit_limit_use", drawn * HUNDRED / limit, inputs)
    if lent <= 0:
        return
    draft.state("lending_value", lent, ("positions",))
    draft.state("credit_use", drawn * HUNDRED / lent, inputs)
    room = min(lent, limit) if limit else lent
    draft.state("credit_room", room - drawn, inputs)
    for name, trigger in (("margin_call", line.call_at), ("forced_sale", line.close_at)):
        if trigger is not None and trigger > 0:
            draft.state(name, trigger, inputs)
    if line.call_at and (fall := HUNDRED - drawn * HUNDRED * HUNDRED / (line.call_at * lent)) > 0:
        draft.state("credit_fall", fall, inputs)
    draws = [need for need in reading.needs if is_drawn(need, reading, reference) and need.amount is not None]
    asked = sum((need.amount.value for need in draws if need.amount is not None), _NOTHING)
    for need in draws:
        if need.amount is not None:
            days = (need.day,) if need.day is not None else ()
            words = need.purpose or need.name
            draft.name(words)
            draft.state("credit_draw", need.amount.value, (need.name,), subject=words, key=slug(words), dates=days)
    if asked:
        draft.state("credit_use_after", (drawn + asked) * HUNDRED / lent, inputs)
        draft.state("credit_room_after", room - drawn - asked, inputs)
        if drawn + asked > room:
            draft.state("credit_over", min(asked, drawn + asked - room), inputs)


def _find_line(
    reading: Reading, positions: Sequence[Position], lent: Decimal, reference: Reference, draft: Draft
) -> Credit | None:
    """The line that was sent, with what the rows say is owed where it does not; or what the rows say alone, where
    anything is lent on others."""
    owed = [item for item in positions if item.market_value is not None and item.market_value < 0]
    named = [item for item in owed if reference.says_any(item.name, reference.terms.credit)] or owed
    amount = -sum((item.market_value for item in named if item.market_value is not None), _NOTHING)
    of_rows = Money(amount, draft.currency) if amount > 0 else None
    if reading.credit:
        line = reading.credit[0]
        return line if line.drawn is not None else replace(line, drawn=of_rows)
    return Credit(named[0].name, of_rows) if of_rows is not None and lent > 0 else None
