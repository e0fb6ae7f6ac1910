"""What of a position may be sold now, which all advice to sell asks: nothing of what is bound by its kind, and of what
a lock is on the part that it leaves free."""

from decimal import Decimal

from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.suitability import is_illiquid, is_paid_by_terms, is_whole
from services.portfolio.domain.reference import Reference

_NONE, _ALL = Decimal(0), Decimal(1)


def find_free_share(position: Position, reference: Reference, currency: str | None, *, at_once: bool = True) -> Decimal:
    """The part of a position, of one, that may be sold: within days where it is to be ``at_once``, else at all.
    ``currency`` is that of amounts which name none."""
    kind_binds = is_illiquid(position, reference) if at_once else (
        is_whole(position, reference) or is_paid_by_terms(position, reference)
    )  # fmt: skip
    lock = position.row.lock
    if kind_binds or (lock is not None and lock.share is None and lock.part is None):
        return _NONE
    if lock is None:
        return _ALL
    if lock.share is not None:
        return _ALL - lock.share
    free, value = position.find_free(currency), position.market_value
    return free / value if free is not None and value else _NONE


def find_free_value(position: Position, reference: Reference, currency: str | None) -> Decimal:
    """What of a position's value may be sold within days; nothing of one without a value."""
    free = position.find_free(currency)
    share = find_free_share(position, reference, currency)
    if free is not None and share:
        return free  # to the cent
    return (position.market_value or _NONE) * share
