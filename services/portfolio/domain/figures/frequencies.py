"""Payments a year, as feeds say it."""

from services.portfolio.domain.reading import Row
from services.portfolio.domain.reference import Reference


def read_frequency(row: Row, reference: Reference) -> tuple[int | None, bool]:
    """Payments a year, zero for all at maturity, None where none was sent or none can be made of it; and whether
    something was sent that says nothing (``Irregular``)."""
    text = row.text("frequency")
    if text is None:
        return None, False
    found = reference.find_frequency(text)
    return found, found is None
