"""Sentences about generated payloads in many ways of saying one thing, each true one with false ones beside it.

A template is English with slots: ``{w(A)}`` prints the weight of the asset A in one of several notations,
``<ahead of|behind>`` holds what is true and what is false, and what stands behind ``??`` must hold for the template to
be used. The false sentences are the true one with another number, another asset's number, or the false word.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
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
    "y": ("yield", Unit.PERCENT),
}  # fmt: skip


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

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.value + other.value, self.unit, self.currency)

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
    sign = {"INR": "₹", "USD": "$", "GBP": "£", "EUR": "€"}.get(currency or "", f"{currency or ''} ")
    scales = ((Decimal(10**7), " crore"), (Decimal(10**5), " lakh")) if currency == "INR" else (
        (Decimal(10**6), " million"), (Decimal(10**3), "k"))  # fmt: skip
    for scale, word in scales:
        if value >= scale and rng.random() < 0.7:
            digits = rng.choice((2, 1, 2))
            return f"{sign}{_round(value / scale, digits)}{word}", scale.scaleb(-digits) / 2
    return f"{sign}{int(_round(value, 0)):,}", Decimal(1) / 2


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
        self._groups = [list(members) for members in groups.values() if len(members) > 1]
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
            if len(group) >= len(wanted)
            and all(all(name in self._by.get(_MEASURES[kind], {}) for name in group) for kind in kinds)
        ]
        if not fitting:
            return None
        return dict(zip(wanted, self._rng.sample(self._rng.choice(fitting), len(wanted)), strict=True))

    def _scope(self, names: dict[str, str]) -> dict[str, Any]:
        def find(kind: str) -> Any:
            def get(subject: str) -> Amount:
                fact = self._by[_MEASURES[kind]][subject]
                return Amount(fact.value, fact.unit, fact.currency)

            return get

        def whole(fact_id: str) -> Amount:
            fact = self._whole[fact_id]
            return Amount(fact.value, fact.unit, fact.currency)

        return {**names, **{kind: find(kind) for kind in _MEASURES}, "f": whole}

    def _render(self, body: str, names: dict[str, str], scope: dict[str, Any], template: str) -> Iterator[Sentence]:
        slots: list[tuple[Amount, str, Decimal, str]] = []

        def fill(match: re.Match[str]) -> str:
            code = match[1]
            if code in names:
                return names[code]
            found = eval(code, {"__builtins__": {}, "abs": abs}, scope)  # noqa: S307  # own text
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
