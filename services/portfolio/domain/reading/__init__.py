"""Reading: what was sent is settled once, per column, before any figure.

``read`` turns a detected payload into a ``Reading`` of typed tables and fields, with how each was read and why. Where
two readings fit and nothing decides, the column stays open, and the figures that need it are absent.
"""

from services.portfolio.domain.needs import Money, Need
from services.portfolio.domain.reading.conventions import NOTHING, Context, Conventions, read_conventions
from services.portfolio.domain.reading.model import (
    CLASS,
    NOMINAL,
    PART,
    PER_FACE,
    RELATIVE,
    Credit,
    LimitRule,
    Lock,
    LotPart,
    Metric,
    Reading,
    Row,
    Stress,
    Table,
    Taxes,
)
from services.portfolio.domain.reading.reader import read

__all__ = [
    "CLASS",
    "NOMINAL",
    "NOTHING",
    "PART",
    "PER_FACE",
    "RELATIVE",
    "Context",
    "Conventions",
    "Credit",
    "LimitRule",
    "Lock",
    "LotPart",
    "Metric",
    "Money",
    "Need",
    "Reading",
    "Row",
    "Stress",
    "Table",
    "Taxes",
    "read",
    "read_conventions",
]  # fmt: skip
