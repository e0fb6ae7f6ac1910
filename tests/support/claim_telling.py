"""What kinds of claims are told with: a payload's facts in groups, and words for shares, multiples and days.

Words for numbers stand only where they are no question of rounding: within 2 % of the value, or 15 % and more off it.
"""

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.facts import Fact

Said = Iterator[tuple[str, bool]]
"""Sentences, and whether each is true."""

_FRACTIONS = {
    "a tenth": (1, 10),
    "an eighth": (1, 8),
    "a sixth": (1, 6),
    "a fifth": (1, 5),
    "a quarter": (1, 4),
    "a third": (1, 3),
    "two fifths": (2, 5),
    "half": (1, 2),
    "three fifths": (3, 5),
    "two thirds": (2, 3),
    "three quarters": (3, 4),
    "four fifths": (4, 5),
    "nine tenths": (9, 10),
}
_MULTIPLES = {
    "twice": Decimal(2),
    "three times": Decimal(3),
    "four times": Decimal(4),
    "five times": Decimal(5),
    "six times": Decimal(6),
    "two and a half times": Decimal("2.5"),
    "ten times": Decimal(10),
}
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_CLOSE, _FAR = Decimal("0.02"), Decimal("0.15")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def say_fraction(value: Decimal) -> tuple[list[str], list[str]]:
    """Words for a share of one that say it, and words that do not."""
    true, false = [], []
    for words, (top, bottom) in _FRACTIONS.items():
        share = Decimal(top) / bottom
        off = (value - share) / share
        if abs(off) <= _CLOSE:
            true += [words, f"about {words}", f"roughly {words}"]
        elif _CLOSE < off <= Decimal("0.06"):
            true += [f"just over {words}", f"a little more than {words}"]
        elif -Decimal("0.06") <= off < -_CLOSE:
            true += [f"just under {words}", f"nearly {words}", f"not quite {words}"]
        elif abs(off) > _FAR and abs(off) < 1:
            false += [words, f"about {words}", f"just over {words}", f"nearly {words}"]
    return true, false


def say_multiple(value: Decimal) -> tuple[list[str], list[str]]:
    """Words for a multiple that say it, and words that do not."""
    true, false = [], []
    for words, times in _MULTIPLES.items():
        off = (value - times) / times
        if abs(off) <= _CLOSE:
            true += [words, f"about {words}"]
        elif _CLOSE < off <= Decimal("0.25"):
            true.append(f"more than {words}")
        elif -Decimal("0.06") <= off < -_CLOSE:
            true.append(f"almost {words}")
        elif off > _FAR and off < 1:
            false.append(words)
        elif -off > _FAR and -off < Decimal("0.5"):
            false += [words, f"more than {words}"]
    return true, false


class Teller:
    """What kinds ask of a payload's facts, and the choice of what they say."""

    def __init__(self, evidence: Evidence, seed: int) -> None:
        self.rng = random.Random(seed)
        self.evidence = evidence

    def group(self, *prefixes: str) -> list[Fact]:
        """The facts of the first prefix that at least two have, largest first, of one section and level of ids."""
        for prefix in prefixes:
            found: dict[str, Fact] = {}
            for item in self.evidence.list_prefix(prefix):
                if item.fact.id.count(".") == prefix.count(".") and not item.formula:
                    found.setdefault(item.fact.subject or "", item.fact)
            if len(found) > 1:
                return sorted(found.values(), key=lambda fact: -fact.value)
        return []

    def find(self, fact_id: str) -> Decimal | None:
        fact = self.evidence.find(fact_id)
        return None if fact is None else fact.value

    def pick(self, ways: list[str]) -> str:
        return self.rng.choice(ways)

    def whole(self, facts: list[Fact]) -> bool:
        """Whether a group is all that the section counts."""
        return self.find("count") == len(facts)


def list_weights(tell: Teller) -> list[Fact]:
    return tell.group("weight.position.", "weight.") or tell.group("weight.asset_class.")


def print_money(fact: Fact) -> str:
    sign = {"INR": "₹", "USD": "$", "GBP": "£", "EUR": "€", "JPY": "¥"}.get(fact.currency or "", f"{fact.currency} ")
    return f"{sign}{round(abs(fact.value)):,}"


def list_dated(tell: Teller, prefix: str) -> list[tuple[date, str]]:
    found = {item.fact.subject: item.fact.dates[0] for item in tell.evidence.list_prefix(prefix) if item.fact.dates}
    return sorted((day, name or "") for name, day in found.items())
