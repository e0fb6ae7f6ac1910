"""What is borrowed against what is held: the lending value, how much of it is used, and what is left before and after
the draws that are planned."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.facts import CREDIT, Draft, join_names, slug
from services.portfolio.domain.figures.bounds import NO_BOUNDS, Bounds, Shares, state_limits
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.suitability import is_single_name
from services.portfolio.domain.needs import Money
from services.portfolio.domain.reading import Credit, Need, Reading
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.sections import RiskProfile

_NOTHING = Decimal(0)
_LEVERAGE = "leverage"
Held = tuple[RiskProfile | None, Bounds]
"""The client's risk profile, and what the client bounds beside it."""


def is_drawn(need: Need, reading: Reading, reference: Reference) -> bool:
    """Whether a need is to be paid out of credit, and out of nothing that is held."""
    return bool(reading.credit) and need.source is not None and reference.says_any(need.source, reference.terms.credit)


def add_credit(
    reading: Reading,
    draft: Draft,
    positions: Sequence[Position],
    reference: Reference,
    bounds: Held = (None, NO_BOUNDS),
) -> None:
    """State what is drawn of credit, how far it is from its ends, and whether ``bounds`` allow so much borrowing.

    Of several lines each is told with its own limit and rate, and nothing of the lending value: which of them lends on
    which row is not said.
    """
    lent = sum(
        (item.market_value * item.row.lending / HUNDRED for item in positions
         if item.market_value is not None and item.market_value > 0 and item.row.lending is not None),
        _NOTHING,
    )  # fmt: skip
    lines = [line for line in reading.credit if line.drawn is not None]
    line = _join(lines, draft) if len(lines) > 1 else _find_line(reading, positions, lent, reference, draft)
    if line is None or line.drawn is None or line.drawn.currency not in {None, draft.currency}:
        return
    drawn, inputs = line.drawn.value, (line.name,)
    draft.glosses[CREDIT] = line.name
    draft.name(line.name)
    draft.state("credit_drawn", drawn, inputs)
    if line.rate is not None:
        draft.state("credit_rate", line.rate, inputs)
    limit = line.limit.value if line.limit is not None else None
    if limit:
        draft.state("credit_limit", limit, inputs)
        draft.state("credit_limit_use", drawn * HUNDRED / limit, inputs)
    _hold_to_bounds(drawn, bounds, positions, draft)
    if lent <= 0 or len(lines) > 1:
        return
    draft.state("lending_value", lent, ("positions",))
    draft.state("credit_use", drawn * HUNDRED / lent, inputs)
    room = min(lent, limit) if limit else lent
    draft.state("credit_room", room - drawn, inputs)
    triggers = (("margin_alert", line.alert_at), ("margin_call", line.call_at), ("forced_sale", line.close_at))
    for name, trigger in triggers:
        if trigger is not None and trigger > 0:
            draft.state(name, trigger, inputs)
    if line.call_at and (fall := HUNDRED - drawn * HUNDRED * HUNDRED / (line.call_at * lent)) > 0:
        draft.state("credit_fall", fall, inputs)
    if line.call_at and 0 < (left := lent * line.call_at / HUNDRED - drawn) < room - drawn:
        draft.state("credit_room_call", left, inputs)
    _add_fall(positions, lent - drawn * HUNDRED / (line.call_at or HUNDRED), inputs, reference, draft)
    _add_draws(reading, drawn, lent, room, reference, draft)


def _add_fall(
    positions: Sequence[Position], room: Decimal, inputs: tuple[str, ...], reference: Reference, draft: Draft
) -> None:
    """The fall of the largest single name alone that uses up the margin, where one can."""
    sums: dict[str, Decimal] = {}
    for item in positions:
        if item.market_value is None or item.row.lending is None:
            continue
        if item.market_value > 0 and is_single_name(item, reference):
            sums[item.name] = sums.get(item.name, _NOTHING) + item.market_value * item.row.lending / HUNDRED
    if room <= 0 or not sums:
        return
    lent, name = max((value, name) for name, value in sums.items())
    if lent > room:
        draft.state("credit_fall_one", room * HUNDRED / lent, inputs, subject=name)


def _add_draws(
    reading: Reading, drawn: Decimal, lent: Decimal, room: Decimal, reference: Reference, draft: Draft
) -> None:
    """What is planned to be drawn, and what it makes of the line."""
    draws = [need for need in reading.needs if is_drawn(need, reading, reference) and need.amount is not None]
    asked = sum((need.amount.value for need in draws if need.amount is not None), _NOTHING)
    for need in draws:
        if need.amount is not None:
            days = (need.day,) if need.day is not None else ()
            words = need.purpose or need.name
            draft.name(words)
            draft.state("credit_draw", need.amount.value, (need.name,), subject=words, key=slug(words), dates=days)
    if asked:
        draft.state("credit_use_after", (drawn + asked) * HUNDRED / lent, ("credit",))
        draft.state("credit_room_after", room - drawn - asked, ("credit",))
        if drawn + asked > room:
            draft.state("credit_over", min(asked, drawn + asked - room), ("credit",))


def _join(lines: Sequence[Credit], draft: Draft) -> Credit | None:
    """Several lines as one, each of them stated; None where they are in several currencies."""
    if any(line.drawn is None or line.drawn.currency not in {None, draft.currency} for line in lines):
        return None
    limits = [line.limit.value for line in lines
              if line.limit is not None and line.limit.currency in {None, draft.currency}]  # fmt: skip
    for line in lines:
        key = slug(line.name)
        draft.name(line.name)
        draft.state("credit_line", line.drawn.value if line.drawn else _NOTHING, (line.field,), subject=line.name,
                    key=key)  # fmt: skip
        if line.limit is not None and len(limits) == len(lines):
            draft.state("credit_line_limit", line.limit.value, (line.field,), subject=line.name, key=key)
        if line.rate is not None:
            draft.state("credit_line_rate", line.rate, (line.field,), subject=line.name, key=key)
    whole = sum((line.drawn.value for line in lines if line.drawn is not None), _NOTHING)
    most = Money(sum(limits, _NOTHING), draft.currency) if len(limits) == len(lines) else None
    return Credit(join_names([line.name for line in lines]), Money(whole, draft.currency), most)


def _hold_to_bounds(drawn: Decimal, bounds: Held, positions: Sequence[Position], draft: Draft) -> None:
    """What is drawn as leverage, where the client or the profile bounds that and no row is what is owed."""
    profile, own = bounds
    limit = own.most.get(_LEVERAGE, profile.most.get(_LEVERAGE) if profile is not None else None)
    values = [item.market_value for item in positions]
    total = sum((value for value in values if value is not None), _NOTHING)
    if limit is None or not values or None in values or draft.find(_LEVERAGE) is not None or drawn <= 0 or total <= 0:
        return
    if any(value is not None and value < 0 for value in values):
        return
    draft.state(_LEVERAGE, drawn * HUNDRED / total, ("credit",), method="credit drawn / market value")
    draft.state("leverage_amount", drawn, ("credit",), method="credit drawn")
    kept = replace(profile, most={_LEVERAGE: limit}) if profile is not None and _LEVERAGE not in own.most else None
    state_limits(kept, Shares({}), "credit", draft, own.pick(_LEVERAGE), total)
    # The assets are gross of the credit here: what is sold to repay it leaves them as well.
    sold = (drawn - limit * total / HUNDRED) / (1 - limit / HUNDRED) if limit < HUNDRED else _NOTHING
    if _NOTHING < sold <= total and limit > 0:
        draft.state("repaid_by_sales", sold, ("credit",))


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
