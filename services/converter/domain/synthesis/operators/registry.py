"""The operators that the search knows, in the order in which they are tried."""

from services.converter.domain.synthesis.operators.date import dating, interval
from services.converter.domain.synthesis.operators.logic import related
from services.converter.domain.synthesis.operators.number import count, number, numeral, scaled, spelled
from services.converter.domain.synthesis.operators.text import (
    case,
    cut,
    digits,
    ensured,
    extract,
    head,
    joined,
    match,
    pad,
    parameter,
    person,
    replace,
    spacing,
    split,
    trim,
)
from services.converter.domain.synthesis.operators.witness import Witness
from services.converter.domain.synthesis.operators.world import known

SOURCES: tuple[Witness, ...] = (trim.witness, person.witness, replace.unbracketed)
"""Cheap clean-ups of columns that every other operator may read."""

PICKS: tuple[Witness, ...] = (split.witness, match.witness)
"""Pieces that others may be taken from."""

PIECES: tuple[Witness, ...] = (
    split.witness,
    match.witness,
    cut.witness,
    extract.witness,
    head.witness,
    replace.witness,
    joined.witness,
    count.witness,
    related.witness,
    pad.witness,
    ensured.witness,
    parameter.witness,
    digits.witness,
    spacing.witness,
)
"""Everything that makes a new text from a source."""

FORMS: tuple[Witness, ...] = (case.witness, trim.witness)
"""Other forms of a text that was found."""

TYPED: tuple[Witness, ...] = (
    number.witness,
    numeral.witness,
    scaled.witness,
    spelled.witness,
    dating.witness,
    interval.witness,
    known.witness,
)
"""Readings of texts as numbers or dates, computed with and written anew."""
