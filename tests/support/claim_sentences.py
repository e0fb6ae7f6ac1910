"""Sentences about generated payloads in many ways of saying one thing, each true one with false ones beside it.

A template is English with slots: ``{w(A)}`` prints the weight of the asset A in one of several notations,
``<ahead of|behind>`` holds what is true and what is false, and what stands behind ``??`` must hold for the template to
be used. The false sentences are the true one with another number, another asset's number, or the false word.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_SLOT = re.compile(r"\{([^}]+)\}")
_FLIP = re.compile(r"<([^|>]*)\|([^>]*)>")
_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

# By what there must be facts of: subjects with the measures that templates ask for.
_MEASURES = {
    "w": ("weight", Unit.PERCENT), "v": ("market_value", Unit.MONEY), "c": ("cost", Unit.MONEY),
    "g": ("gain", Unit.MONEY), "gp": ("gain", Unit.PERCENT), "r": ("return", Unit.PERCENT),
    "k": ("contribution", Unit.POINTS), "m": ("model_weight", Unit.PERCENT), "d": ("drift", Unit.POINTS),
    "t": ("trade", Unit.MONEY), "i": ("income", Unit.MONEY), "s": ("income_share", Unit.PERCENT),
    "y": ("yield", Unit.PERCENT), "x": ("excess", Unit.POINTS), "z": ("band", Unit.POINTS),
    "p": ("next_payment", Unit.MONEY), "gs": ("gain_share", Unit.PERCENT),
}  # fmt: skip
_NOUNS = {
    "asset_class": "asset class", "sector": "sector", "region": "region", "currency": "currency", "account": "account",
}  # fmt: skip
_SIGNS = {"INR": "₹", "USD": "$", "GBP": "£", "EUR": "€"}
_VISIBLE = Decimal("0.15")
"""By how much two figures differ of which nobody could mean one by the other."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, whether it is true, its template, and what was made false."""

    text: str
    true: bool
    template: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A value with its unit, as a slot gives it."""

    value: Decimal
    unit: Unit
    currency: str | None = None

    def __abs__(self) -> "Amount":
        return Amount(abs(self.value), self.unit, self.currency)

    def __add__(self, other: Any) -> "Amount":
        more = other.value if isinstance(other, Amount) else Decimal(str(other))
        return Amount(self.value + more, self.unit, self.currency)

    def __rsub__(self, other: int) -> "Amount":
        return Amount(other - self.value, self.unit, self.currency)

    def __sub__(self, other: "Amount") -> "Amount":
        unit = Unit.POINTS if self.unit is Unit.PERCENT else self.unit
        return Amount(abs(self.value - other.value), unit, self.currency)

    def __truediv__(self, other: "Amount") -> "Amount":
        return Amount(self.value / other.value, Unit.MULTIPLE)

    def __gt__(self, other: Any) -> bool:
        return self.value > (other.value if isinstance(other, Amount) else other)

    def __lt__(self, other: Any) -> bool:
        return self.value < (other.value if isinstance(other, Amount) else other)


def spell(number: int) -> str:
    """A number below a hundred in words."""
    if number < len(_ONES):
        return _ONES[number]
    ten, one = divmod(number, 10)
    return _TENS[ten] + (f"-{_ONES[one]}" if one else "")


def _round(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def print_amount(amount: Amount, rng: random.Random) -> tuple[str, Decimal]:
    """An amount in one of several notations, and by how much it may be off."""
    value, unit = abs(amount.value), amount.unit
    if unit is Unit.MONEY:
        return _print_money(value, amount.currency, rng)
    if unit in {Unit.MULTIPLE, Unit.YEARS, Unit.NUMBER}:
        return f"{_round(value, 1)}", Decimal("0.05")
    digits = rng.choice((1, 1, 2, 0)) if value >= 5 else rng.choice((1, 2, 2))
    shown = _round(value, digits)
    if not shown:
        shown, digits = _round(value, 2), 2
    half = Decimal(1).scaleb(-digits) / 2
    if unit is Unit.POINTS:
        word = rng.choice((" percentage points", " points", " percentage points", " pp"))
        if rng.random() < 0.15:
            return f"{_round(value * 100, 0)} basis points", Decimal("0.005")
        return f"{shown}{word}", half
    if not digits and shown < 100 and rng.random() < 0.3:
        return f"{spell(int(shown))} {rng.choice(('per cent', 'percent'))}", half
    about = rng.choice(("", "", "", "about ", "roughly ", "some ")) if digits < 2 else ""
    return f"{about}{shown}{rng.choice(('%', '%', '%', ' per cent'))}", half if not about else max(half, value / 25)


def _print_money(value: Decimal, currency: str | None, rng: random.Random) -> tuple[str, Decimal]:
    sign = _SIGNS.get(currency or "", f"{currency or ''} ")
    scales = ((Decimal(10**7), " crore"), (Decimal(10**5), " lakh")) if currency == "INR" else (
        (Decimal(10**6), " million"), (Decimal(10**3), "k"))  # fmt: skip
    for scale, word in scales:
        if value >= scale and rng.random() < 0.7:
            digits = rng.choice((2, 1, 2))
            return f"{sign}{_round(value / scale, digits)}{word}", scale.scaleb(-digits) / 2
    return f"{sign}{int(_round(value, 0)):,}", Decimal(1) / 2


def far(one: Amount, other: Amount) -> bool:
    """Whether nobody could mean one amount by the other, whatever their signs."""
    high = max(abs(one.value), abs(other.value))
    return abs(abs(one.value) - abs(other.value)) > max(high * _VISIBLE, Decimal("0.3"))


def spelt(number: int) -> str:
    """A small number in words."""
    return spell(number)


def num(amount: Amount) -> str:
    """An amount's number alone, so that a template tells its unit."""
    return f"{_round(abs(amount.value), 1)}"


def money(amount: Amount) -> str:
    """An amount of money in full."""
    sign = _SIGNS.get(amount.currency or "", f"{amount.currency} ")
    return f"{sign}{int(_round(abs(amount.value), 0)):,}"


def foreign(amount: Amount) -> str:
    """An amount of money in a currency that it is not in."""
    return money(Amount(amount.value, amount.unit, "GBP" if amount.currency in {"EUR", "USD"} else "EUR"))


class Speaker:
    """Says sentences about one payload's facts."""

    def __init__(self, evidence: Evidence, seed: int) -> None:
        self._rng = random.Random(seed)
        self._facts = [item for item in evidence.held if item.formula is None and not item.fact.id.startswith("given.")]
        self._by: dict[tuple[str, Unit], dict[str, Fact]] = {}
        groups: dict[str, dict[str, Fact]] = {}
        for item in self._facts:
            fact = item.fact
            if fact.subject and (item.subject is not None):
                self._by.setdefault((fact.measure, fact.unit), {}).setdefault(fact.subject, fact)
                groups.setdefault(fact.id.rsplit(".", 1)[0], {}).setdefault(fact.subject, fact)
        self._groups = [(stem, list(members)) for stem, members in groups.items() if len(members) > 1]
        self._group: tuple[str, list[str]] = ("", [])
        self._whole = {item.fact.id: item.fact for item in self._facts if item.fact.subject is None}

    def say(self, template: str) -> Iterator[Sentence]:
        """The true sentence of a template with false ones, or nothing where the facts do not allow it."""
        body, _, condition = template.partition("??")
        for _ in range(30):
            names = self._choose(body + condition)
            if names is None:
                return
            scope = self._scope(names)
            try:
                if condition and not eval(condition, {"__builtins__": {}, "abs": abs}, scope):  # noqa: S307  # own text
                    continue
                yield from self._render(body.strip(), names, scope, template)
            except (KeyError, ZeroDivisionError, ArithmeticError):
                continue
            return

    def _choose(self, text: str) -> dict[str, str] | None:
        wanted = sorted(set(re.findall(r"\b([ABC])\b(?=[,)} ']|$)", text)))
        if not wanted:
            return {}
        kinds = {name for name in _MEASURES if re.search(rf"\b{name}\(", text)}
        fitting = [
            group
            for group in self._groups
            if len(group[1]) >= len(wanted)
            and all(all(name in self._by.get(_MEASURES[kind], {}) for name in group[1]) for kind in kinds)
        ]
        if not fitting:
            return None
        self._group = self._rng.choice(fitting)
        return dict(zip(wanted, self._rng.sample(self._group[1], len(wanted)), strict=True))

    def _scope(self, names: dict[str, str]) -> dict[str, Any]:
        def find(kind: str) -> Any:
            def get(subject: str) -> Amount:
                fact = self._by[_MEASURES[kind]][subject]
                return Amount(fact.value, fact.unit, fact.currency)

            return get

        def whole(fact_id: str) -> Amount:
            fact = self._whole[fact_id]
            return Amount(fact.value, fact.unit, fact.currency)

        tests = (
            far, spelt, num, money, foreign, self.unlike, self.rank, self.count, self.positive, self.negative,
            self.clear, self.whole, self.noun, self.position, self.day, self.early, self.first,
        )  # fmt: skip
        return {
            **names, **{kind: find(kind) for kind in _MEASURES}, "f": whole, **{test.__name__: test for test in tests},
        }  # fmt: skip

    def _values(self, kind: str, subject: str) -> list[Decimal]:
        """The figures of a kind in the group of an asset, largest first; ``KeyError`` where one has none."""
        found = self._by[_MEASURES[kind]]
        assert subject in self._group[1]
        return sorted((found[name].value for name in self._group[1]), reverse=True)

    def unlike(self, kind: str, subject: str, amount: Amount) -> bool:
        """Whether an asset has no figure of a kind that an amount could be taken for."""
        fact = self._by.get(_MEASURES[kind], {}).get(subject)
        return fact is None or far(Amount(abs(fact.value), fact.unit), amount)

    def rank(self, kind: str, subject: str) -> int:
        """Which place an asset has in its group, from the largest."""
        return self._values(kind, subject).index(self._by[_MEASURES[kind]][subject].value) + 1

    def count(self, kind: str, subject: str) -> int:
        """How many there are in the group of an asset."""
        return len(self._values(kind, subject))

    def positive(self, kind: str, subject: str) -> int:
        """How many of the group are above zero."""
        return sum(value > 0 for value in self._values(kind, subject))

    def negative(self, kind: str, subject: str) -> int:
        """How many of the group are below zero."""
        return sum(value < 0 for value in self._values(kind, subject))

    def clear(self, kind: str, subject: str) -> bool:
        """Whether no other of the group has nearly the same figure."""
        own = self._by[_MEASURES[kind]][subject].value
        return sum(abs(value - own) <= abs(own) / 25 for value in self._values(kind, subject)) == 1

    def whole(self, kind: str, subject: str) -> bool:
        """Whether the group is all that the section counts."""
        return "count" in self._whole and self._whole["count"].value == self.count(kind, subject)

    def noun(self, subject: str) -> str:
        """What the group's members are."""
        return _NOUNS.get(self._group[0].rpartition(".")[2], "position")

    def position(self, subject: str) -> bool:
        """Whether an asset is one that can be bought, and no class or region."""
        return self._group[0].rpartition(".")[2] not in _NOUNS

    def day(self, subject: str) -> str:
        """The day of an asset's next payment."""
        found = self._day("p", subject)
        return f"{found.day} {found:%B} {found.year}"

    def _day(self, kind: str, subject: str) -> date:
        days = self._by[_MEASURES[kind]][subject].dates
        if not days:
            raise KeyError(subject)
        return days[0]

    def early(self, kind: str, one: str, other: str) -> bool:
        """Whether the day of one is before that of another."""
        return self._day(kind, one) < self._day(kind, other)

    def first(self, kind: str, subject: str) -> bool:
        """Whether an asset has a day before all others of its group."""
        return all(self.early(kind, subject, name) for name in self._group[1] if name != subject)

    def _render(self, body: str, names: dict[str, str], scope: dict[str, Any], template: str) -> Iterator[Sentence]:
        slots: list[tuple[Amount, str, Decimal, str]] = []

        def fill(match: re.Match[str]) -> str:
            code = match[1]
            if code in names:
                return names[code]
            found = eval(code, {"__builtins__": {}, "abs": abs}, scope)  # noqa: S307  # own text
            if isinstance(found, str):
                return found
            shown, slack = print_amount(found, self._rng)
            slots.append((found, shown, slack, code))
            return f"\x02{len(slots) - 1}\x03"

        raw = _SLOT.sub(fill, body)

        def show(texts: list[str], *, false_word: bool = False) -> str:
            text = _FLIP.sub(lambda match: match[2 if false_word else 1], raw)
            text = re.sub(r"\x02(\d+)\x03", lambda match: texts[int(match[1])], text)
            return text[:1].upper() + text[1:]

        right = [shown for _, shown, _, _ in slots]
        yield Sentence(show(right), True, template)
        if _FLIP.search(raw):
            yield Sentence(show(right, false_word=True), False, template, "word")
        for place, (amount, _, slack, code) in enumerate(slots):
            if (wrong := self._falsify(amount, slack)) is not None:
                yield Sentence(show([*right[:place], wrong, *right[place + 1 :]]), False, template, "number")
            if re.fullmatch(r"\w+\([ABC]\)", code) and (other := self._swap(code, amount, slack, scope)) is not None:
                yield Sentence(show([*right[:place], other, *right[place + 1 :]]), False, template, "asset")

    def _falsify(self, amount: Amount, slack: Decimal) -> str | None:
        """Another number, further off than rounding."""
        for _ in range(8):
            factor = Decimal(str(self._rng.choice((0.6, 0.75, 0.85, 1.2, 1.35, 1.7))))
            text, loose = print_amount(Amount(amount.value * factor, amount.unit, amount.currency), self._rng)
            if abs(abs(amount.value) * factor - abs(amount.value)) > 3 * (slack + loose):
                return text
        return None

    def _swap(self, code: str, amount: Amount, slack: Decimal, scope: dict[str, Any]) -> str | None:
        """The figure of another asset of the payload."""
        kind = code.split("(", maxsplit=1)[0]
        others = [fact for fact in self._by[_MEASURES[kind]].values()
                  if abs(abs(fact.value) - abs(amount.value)) > 6 * slack + abs(amount.value) / 20]  # fmt: skip
        if not others:
            return None
        fact = self._rng.choice(others)
        return print_amount(Amount(fact.value, fact.unit, fact.currency), self._rng)[0]
