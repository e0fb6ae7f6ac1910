"""The longest duration that a client wants held, in years."""

import re
from collections.abc import Iterator
from decimal import Decimal

from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.limits import FIELD, flatten_limits
from services.portfolio.domain.reading.mandates import says_duration
from services.portfolio.domain.terms import is_empty

_FIGURE = r"(\d{1,2}(?:[.,]\d+)?)"
_YEARS = r"(?:y|yrs?|years?|jahre?n?|ans?|années?|anni|años|jaar)?"
_SPAN = re.compile(rf"\D{{0,4}}{_FIGURE}\s?{_YEARS}\s?(?:-|–|to|bis|à|a|tot)\s?{_FIGURE}\s?{_YEARS}\.?", re.IGNORECASE)
_ALONE = re.compile(rf"(?:<=?|≤|max\.?|up to|bis|hasta)?\s?{_FIGURE}\s?{_YEARS}\.?", re.IGNORECASE)
_LONGEST = Decimal(50)
"""No bond has a longer duration: perpetual ones at two percent have that."""


def read_duration_cap(feed: Feed) -> tuple[str, Decimal] | None:
    """The field that sets the most that the duration may be, with the years; None where none does, or several."""
    found = dict(_list_caps(feed))
    return next(iter(found.items())) if len(set(found.values())) == 1 else None


def _list_caps(feed: Feed) -> Iterator[tuple[str, Decimal]]:
    terms, reference = feed.reference.terms, feed.reference
    fields = dict(feed.detected.unknown)
    if (limits := feed.detected.get(FIELD)) is not None:
        fields[feed.detected.name_of(FIELD)] = limits
    for name, value in fields.items():
        if is_empty(value):
            continue
        is_limit = reference.names_any(name, terms.limit_fields | terms.limit_most | terms.limit_ranges)
        if not is_limit:
            continue
        for words, figure in flatten_limits(feed, value):
            said = f"{name} {words}"
            if says_duration(said, reference) and not reference.says_any(said, terms.limit_least):
                years = _read_years(str(figure))
                if years is not None:
                    yield name, years


def _read_years(text: str) -> Decimal | None:
    match = _SPAN.fullmatch(text.strip()) or _ALONE.fullmatch(text.strip())
    if match is None:
        return None
    years = Decimal(match[match.lastindex or 1].replace(",", "."))
    return years if 0 < years <= _LONGEST else None
