"""Money, and what of it is spoken for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

BASIS_KNOWN = "it was sent whether the need is one after tax"
IS_NET = "the need is one after tax"
"""Glossed where a need is meant after tax, and what tax leaves of the income is not known."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount; ``currency`` is an ISO code where a mark or the column's header named one."""

    value: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Need:
    """Money that is spoken for, in the words that were sent, with its amount and day where these could be read.

    ``name`` is the field that says so; an ``is_goal`` is saved for, an ``is_inflow`` is expected to be paid in,
    everything else is to be paid or kept at hand. ``purpose`` and ``source`` are in the words of its entry, where it
    was sent as one.
    """

    name: str
    says: str
    amount: Money | None = None
    day: date | None = None
    is_goal: bool = False
    is_inflow: bool = False
    purpose: str | None = None
    source: str | None = None


class LotOrder(StrEnum):
    """In which order the lots of a position are sold."""

    FIRST = "first"
    """First bought, first sold (FIFO)."""
    LAST = "last"
    """Last bought, first sold (LIFO)."""
    DEAREST = "dearest"
    """The highest cost first."""
    AVERAGE = "average"
    """No lot of its own is sold: all have the average cost."""


class EntryKind(StrEnum):
    """What a dated or committed amount is that nobody has to pay on its day."""

    MATURITY = "maturity"
    """What is repaid to the client."""
    EXPIRY = "expiry"
    """A right, such as a loss that gains may be set against."""
    COMMITMENT = "commitment"
    """What may be called, up to its amount."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Such an amount, with the field that it stands in, its words, and what it is called."""

    kind: EntryKind
    name: str
    says: str
    label: str
    amount: Money
    day: date | None
    is_cash: bool = False
    """Whether it says that it is counted as cash."""
    is_told: bool = True
    """Whether nothing else of it is in words, which would be quoted."""
