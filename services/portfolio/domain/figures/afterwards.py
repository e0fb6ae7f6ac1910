"""Limits once what is due is paid: money that leaves makes all else a larger part of the rest, so that a cure for today
may not hold."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.suitability import is_single_name
from services.portfolio.domain.reference import CASH, Reference
from services.portfolio.domain.sections import Limits

_WHOLE = frozenset({"holdings", "concentration", "portfolio_snapshot"})
"""Sections of all that a client holds, out of which the payments are made."""
_PRINTED, _MOST = Decimal("0.05"), 5
_NOTHING = Decimal(0)
_REPAID = ("source_held.early.", "source_held.later.")
"""What matures in time pays for what is due, so that it is no part of the rest."""
_Bounded = tuple[str, str, Decimal, tuple[Decimal, tuple[str, ...]]]
"""The key of a bound, what it is of and what that is worth, and the bound in percent with its inputs."""


def add_after_payments(draft: Draft, positions: Sequence[Position], limits: Limits, reference: Reference) -> None:
    """State what is above a limit, or below its least, once the payments with days are made, and how much of it would
    have to go for it to be within then; nothing where that is as it is today."""
    whole = draft.find("market_value")
    paid = sum((fact.value for fact in draft.facts if fact.id.startswith("need.") and fact.dates), _NOTHING)
    if draft.section not in _WHOLE or whole is None or not _NOTHING < paid < whole.value:
        return
    rest = whole.value - paid
    repaid = {fact.subject for fact in draft.facts if fact.id.startswith(_REPAID)}
    told = 0
    for key, subject, value, (most, inputs) in (
        *_list_names(positions, limits, reference), *_list_bounds(draft, whole),
    ):  # fmt: skip
        after = (value - (paid if key == f"bound.{CASH}" else _NOTHING)) * HUNDRED / rest
        if (
            after - most < _PRINTED
            or after - value * HUNDRED / whole.value < _PRINTED
            or told == _MOST
            or subject in repaid
        ):
            continue
        told += 1
        draft.state("share_paid", after, inputs, subject=subject, key=key)
        draft.state("reduction_paid", value - most * rest / HUNDRED, inputs, subject=subject, key=key)
    _add_least_cash(draft, whole, paid, rest)


def _list_names(positions: Sequence[Position], limits: Limits, reference: Reference) -> Iterator[_Bounded]:
    """The single names with their values, the largest first, and the limit for one."""
    sums: dict[str, Decimal] = {}
    for item in positions:
        if item.market_value is not None and is_single_name(item, reference):
            sums[item.name] = sums.get(item.name, _NOTHING) + item.market_value
    limit = (limits.single_name, ("limits.single_name",))
    for name, value in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST]:
        yield f"single_name.{slug(name)}", name, value, limit


def _list_bounds(draft: Draft, whole: Fact) -> Iterator[_Bounded]:
    """What the client or the profile bounds, with what it is worth and the bound."""
    for limit in [fact for fact in draft.facts if fact.id.startswith("limit.bound.")]:
        name = limit.id.removeprefix("limit.bound.")
        share = draft.find(f"class_share.{name}") or (draft.find("illiquid_share") if name == "illiquid" else None)
        if share is not None and name != "leverage":
            subject = "the part that is illiquid" if name == "illiquid" else share.subject or limit.subject or name
            yield f"bound.{name}", subject, share.value * whole.value / HUNDRED, (limit.value, limit.inputs)


def _add_least_cash(draft: Draft, whole: Fact, paid: Decimal, rest: Decimal) -> None:
    least, share = draft.find(f"limit.least.{CASH}"), draft.find(f"class_share.{CASH}")
    if least is None or share is None:
        return
    after = (share.value * whole.value / HUNDRED - paid) * HUNDRED / rest
    if least.value - after >= _PRINTED:
        draft.state("cash_paid", max(after, _NOTHING), least.inputs, parameters=(least.value,))
