"""How likely a program is right on other rows: one estimate for columns and for whole tables."""

import math

CLOSE_BITS = 0.3
"""By how many bits of price a rival may be less likely than the program and still speak against it: one number for
rivals of columns on rows of a make that the example shows. docs/converter-measured.md has what flags come to at
others."""
UNSHOWN_BITS = 1.0
"""The same for rivals of columns on rows of a make that the example does not show."""
OPEN_BITS = 0.5
"""The same for ways to tell where an answer stands, which part on such rows only, and for rivals of a whole table."""
READ_OTHERWISE = 0.2
"""What counts against a program for a whole table that is the chosen one with a step read otherwise (blank cells kept
or not, row by row or column by column). Of 13 files on which such ones parted at 0.4 bits 9 were right, and no wrong
row was named by them alone; what other programs flagged at 0.5 was wrong in each of 5. What flags no more is asked."""
MOST_TELLING = 6
"""Different rows above which more of the same kind tell little."""
PLAIN_PRICE = 3.0
"""A program is plain up to this price; what it costs above has to be paid for by rows."""
_PER_ROW, _PER_PRICE, _PER_RIVAL, _NAMED = 0.6, 0.3, 0.0, 1.2
"""Weights of the balance in the exponent (natural logarithm of the odds)."""


def estimate(rows: int, price: float, rivals: int, *, named: bool = False) -> float:
    """0..1: the share of programs like this one that are right on rows that were held back.

    ``rows``: the different rows of the example that the program rests on; ``price``: its cost in the ranking;
    ``rivals``: other programs within reach that explain the example as well; ``named``: a copy of a column of the
    output's very name. A logistic curve of their balance; docs/converter-measured.md has the reliability table.
    """
    balance = _PER_ROW * min(rows, MOST_TELLING) - _PER_PRICE * max(0.0, price - PLAIN_PRICE)
    balance += _NAMED * named - _PER_RIVAL * rivals
    return round(max(0.05, min(0.99, 1.0 / (1.0 + math.exp(-balance)))), 2)
