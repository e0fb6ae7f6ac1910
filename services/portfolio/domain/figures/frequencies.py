"""Payments a year, as feeds say it."""

from services.portfolio.domain.reading import Row
from services.portfolio.domain.reference import Reference, match_words

ALLOWED = (0, 1, 2, 4, 6, 12, 26, 52)


def read_frequency(row: Row, reference: Reference) -> tuple[int | None, bool]:
    """Payments a year, zero for all at maturity, None where none was sent or none can be made of it; and whether
    something was sent that says nothing (``Irregular``)."""
    text = row.text("frequency")
    if text is None:
        return None, False
    word = match_words(text).replace(" ", "")
    if (known := reference.frequencies.get(word)) is not None:
        return known, False
    number = word.removesuffix("x").removesuffix("0").removesuffix(".") if word.endswith(".0") else word
    if number.isdigit() and int(number) in ALLOWED:
        return int(number), False
    return None, True
