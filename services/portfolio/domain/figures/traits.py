"""What the positions are beyond their figures, as marks and glosses that decide what is said and advised of them."""

from collections.abc import Sequence
from decimal import Decimal

from services.portfolio.domain.facts import Draft, Mark, slug
from services.portfolio.domain.figures.held import Held
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.suitability import (
    classify_position,
    is_fund,
    is_illiquid,
    is_locked,
    is_single_name,
    is_whole,
    list_bounds,
)
from services.portfolio.domain.reference import BELOW, BULLION, CASH, DEBT, EQUITY, INVESTMENT, Reference
from services.portfolio.domain.sections import FOREIGN, LOW_RATED

_RISKS = (Mark.WEAK, Mark.SOUND, Mark.SAFEST)


def mark_kinds(held: Held, draft: Draft) -> None:
    """What the names are that no rule of single names binds, and which of the others are shares."""
    reference = held.reference
    for position in held.book.positions:
        found, name = classify_position(position, reference), position.name
        kind = found.name if found is not None else None
        if is_locked(position, reference):
            draft.mark(name, Mark.LOCKED)
        elif is_whole(position, reference):
            draft.mark(name, Mark.WHOLE)
        elif is_illiquid(position, reference):
            draft.mark(name, Mark.SLOW)
        if _is_abroad(position, kind, held):
            draft.mark(name, Mark.ABROAD)
        if (risk := _judge(position, kind, reference)) is not None:
            draft.mark(name, risk)
        if is_single_name(position, reference):
            if kind == EQUITY:
                draft.mark(name, Mark.SHARE)
        elif is_fund(position, reference):
            draft.mark(name, Mark.FUND)
        elif reference.is_deposit(name, kind, position.text("asset_class")):
            draft.mark(name, Mark.DEPOSIT)
        elif kind not in {CASH, *BULLION} or reference.is_state_debt(
            name, kind, position.text("asset_class"), position.text("rating")
        ):
            draft.mark(name, Mark.STATE)
    gloss_locks(held.book.positions, held.field, draft, known=held.book.total is not None)
    _mark_issuers(held, draft)
    _gloss_levers(held, draft)


def gloss_locks(positions: Sequence[Position], field: str, draft: Draft, *, known: bool) -> None:
    """Why something may not be sold, in the words that were sent, and how much of it may, where that is some of it and
    amounts are ``known``."""
    for position in positions:
        lock, name = position.row.lock, position.name
        if lock is None or f"{name} may not be sold" in draft.glosses:
            continue
        draft.glosses[f"{name} may not be sold"] = lock.says
        draft.quote(lock.says)
        rows = [item for item in positions if item.name == name]
        free = [item.market_value if item.row.lock is None else item.find_free(draft.currency) for item in rows]
        if known and (parts := [part for part in free if part is not None]):
            draft.state("free_value", sum(parts, Decimal(0)), (field,), subject=name, key=slug(name))


def _is_abroad(position: Position, kind: str | None, held: Held) -> bool:
    """Whether a bond is in another currency; a fund may be no more than quoted in it."""
    base = held.base_currency
    if kind != DEBT or base is None or is_fund(position, held.reference):
        return False
    return held.reference.is_abroad(position.name, position.currency, base)


def _judge(position: Position, kind: str | None, reference: Reference) -> Mark | None:
    """How risky the debtor of a bond is, as far as its row says."""
    rating, sent = position.text("rating"), (position.text("asset_class"), position.text("kind"))
    if kind == EQUITY or is_fund(position, reference):
        return None
    grade = reference.grade(rating) if rating else None
    if grade == BELOW:
        return Mark.WEAK
    if reference.is_safest(position.name, rating, *sent) or (
        kind == DEBT and reference.is_state_debt(position.name, kind, sent[0], rating)
    ):
        return Mark.SAFEST
    return Mark.SOUND if grade == INVESTMENT else None


def _mark_issuers(held: Held, draft: Draft) -> None:
    """An issuer is as risky as the riskiest of its papers."""
    papers: dict[str, set[Mark | None]] = {}
    for position in held.book.positions:
        if issuer := position.text("issuer"):
            marks = draft.marks.get(position.name, frozenset())
            papers.setdefault(issuer, set()).add(next((mark for mark in _RISKS if mark in marks), None))
    for issuer, found in papers.items():
        worst = next((mark for mark in (Mark.WEAK, None, Mark.SOUND, Mark.SAFEST) if mark in found), None)
        if worst is not None:
            draft.mark(issuer, worst)


def _gloss_levers(held: Held, draft: Draft) -> None:
    """The largest of what is in foreign currencies together, and in each; the weak debtors."""
    sums: dict[str, dict[str, Decimal]] = {}
    for item in held.book.positions:
        if item.currency and item.currency != held.base_currency and item.weight > 0:
            for group in (FOREIGN, item.currency):
                names = sums.setdefault(group, {})
                names[item.name] = names.get(item.name, Decimal(0)) + item.weight
    for group, names in sums.items():
        draft.glosses[f"{group} is led by"] = max(names, key=lambda name: names[name])
    is_low = list_bounds(held.book.positions, held.reference, held.base_currency)[LOW_RATED]
    weak = sorted((item for item in held.book.positions if is_low(item)), key=lambda item: -item.weight)
    if weak:
        draft.glosses[f"{LOW_RATED} is led by"] = weak[0].name
