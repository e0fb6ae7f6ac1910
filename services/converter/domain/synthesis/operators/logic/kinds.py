"""Kinds of texts by which conditions tell rows apart."""

from services.converter.domain.synthesis.operators.text.person import SUFFIXES, TITLES
from services.converter.domain.synthesis.tokens import EMAIL, MONEY, QUANTITY, YEAR, Pattern, charset, raw

PATTERNS: tuple[tuple[Pattern, str, float], ...] = (
    (charset("D"), "has a digit", 0.0),
    (charset("L"), "has a letter", 0.1),
    (raw("^") + charset("D"), "starts with a digit", 0.1),
    (raw("^") + charset("U"), "starts with a capital", 0.2),
    (raw("^") + charset("W"), "starts with a small letter", 0.2),
    (raw("^") + charset("L"), "starts with a letter", 0.2),
    (charset("D") + raw("$"), "ends with a digit", 0.2),
    (raw("^") + charset("D") + raw("+$"), "is all digits", 0.1),
    (raw(r"^-?") + charset("D") + raw(r"+(\.") + charset("D") + raw("+)?$"), "is a number", 0.1),
    (raw("^") + charset("L") + raw("+$"), "is all letters", 0.2),
    (charset("S"), "has a blank", 0.1),
    (charset("W"), "has a small letter", 0.3),
    (charset("U"), "has a capital", 0.3),
    (raw("^") + charset("U") + raw("+$"), "is all capitals", 0.3),
    (EMAIL.pattern, "has an e-mail address", 0.3),
    (QUANTITY.pattern, "has a number with its unit", 0.4),
    (YEAR.pattern, "has a year", 0.5),
    (MONEY.pattern, "has an amount with its currency sign", 0.4),
    (TITLES, "begins with a title", 0.3),
    (SUFFIXES, "ends with a suffix of names", 0.3),
    (raw("(?:^| )") + charset("L") + raw(r"\.?(?: |$)"), "has a single letter", 0.5),
)
"""Patterns, what a text that has them does, and what they cost more than the plainest."""
