"""What an example says for a hypothesis, in bits: what its rows confirm, less what the search had to choose from.

Let a hypothesis be one of N of its kind that were within the search's reach, and let p be the probability that one that
has nothing to do with the truth fits the example by chance. Then N p such hypotheses are expected to fit, and

    evidence = -log2(N p) = (-log2 p) - log2 N = bits confirmed - bits chosen.

Below zero at least one hypothesis of the kind would fit whatever the truth is: that this one does says nothing, and
what it decides is an open question. Nothing here is fitted or set by hand: both terms are counts.

- Rows told apart (a condition, a case): p is one over the number of ways to give the same labels to as many different
  rows, the multinomial coefficient; N is the number of conditions of that kind over the example's columns, values,
  words or thresholds, which each kind of condition states itself (`Condition.choices`).
- A list of values: a row whose key was seen before repeats its output by chance with the share of rows that have that
  output; N is the number of columns in which values recur.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

DIGITS = 9
"""Digits to which bits are counted, so that what is equal compares as equal."""


def labelling_bits(labels: Iterable[Hashable]) -> float:
    """log2 of the number of ways to give these labels, each as often as it is, to as many rows."""
    counts = Counter(labels).values()
    ways = (math.lgamma(sum(counts) + 1) - sum(math.lgamma(count + 1) for count in counts)) / math.log(2)
    return round(ways, DIGITS)


def repeated_bits(keys: Sequence[Hashable], outputs: Sequence[Hashable]) -> float:
    """What the rows say for outputs that are told by keys: the repeats, each for as much as its output is rare."""
    shares = Counter(outputs)
    seen: set[Hashable] = set()
    bits = 0.0
    for key, output in zip(keys, outputs, strict=True):
        if key in seen:
            bits -= math.log2(shares[output] / len(outputs))
        seen.add(key)
    return bits


def chosen(*counts: float) -> float:
    """log2 of the product of numbers of alternatives; one that is below 1 counts as 1."""
    return round(sum(math.log2(max(1.0, count)) for count in counts), DIGITS)


def partings(of: int, size: int) -> float:
    """In how many ways so many values can be parted into ``size`` of them and the others, whichever are asked for."""
    ways = float(math.comb(of, size))
    return ways / 2 if 2 * size == of else ways
