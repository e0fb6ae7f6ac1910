"""Kinds of claims of many assets at once: how many, in which order, only one, all of one side."""

import re
from collections.abc import Callable
from decimal import Decimal

from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from tests.support.claim_telling import WORDS, Said, Teller, list_weights


def _make_singular(verb: str) -> str:
    for many, one in (("are", "is"), ("have", "has"), ("show", "shows"), ("lie", "lies"), ("their bands", "its band")):
        verb = re.sub(rf"\b{many}\b", one, verb)
    return verb.replace("their", "its")


def tell_counts(tell: Teller) -> Said:
    """How many of all, the noun left out."""
    drifts, gains = tell.group("drift."), tell.group("return.", "gain_pct.")
    cases: list[tuple[list[Fact], Callable[[Fact], bool], list[str]]] = []
    if drifts and tell.whole(drifts):

        def outside(fact: Fact) -> bool:
            band = tell.find(f"band.{fact.id[6:]}")
            return band is not None and abs(fact.value) > band

        if all(tell.find(f"band.{fact.id[6:]}") is not None for fact in drifts):
            cases.append(
                (drifts, outside, ["are outside their bands", "have left their bands", "lie outside their band"])
            )
            cases.append(
                (drifts, lambda fact: not outside(fact), ["are within their bands", "are still inside their bands"])
            )
        cases.append((drifts, lambda fact: fact.value > 0, ["are above target", "are overweight"]))
    if gains and tell.whole(gains):
        cases.append((gains, lambda fact: fact.value > 0, ["are up", "have gained", "show a gain"]))
        cases.append((gains, lambda fact: fact.value < 0, ["are down", "have lost money", "show a loss"]))
    for facts, test, verbs in cases:
        count, total = sum(map(test, facts)), len(facts)
        if total >= len(WORDS):
            continue
        verb = tell.pick(verbs)
        way = tell.pick(
            ["{n} of the {t} {v}.", "Of the {t}, {n} {v}.", "{n} out of {t} {v}.", "{n} of the {t} positions {v}."]
        )
        for number in {count, (count + 1) if count < total - 1 else max(count - 1, 2)}:
            if 1 < number < total:
                text = way.format(n=WORDS[number], t=WORDS[total], v=verb)
                yield text[:1].upper() + text[1:], number == count
        yield f"All {WORDS[total]} {verb}.", count == total
        yield (
            f"Not one of the {WORDS[total]} {_make_singular(verb)}.",
            count == 0,
        )


def tell_trades(tell: Teller) -> Said:
    """What the model asks to be bought or sold, without an amount."""
    facts = [fact for fact in tell.group("trade.") if fact.unit is Unit.MONEY and fact.value]
    for fact in tell.rng.sample(facts, min(3, len(facts))):
        sell = tell.pick(
            [
                "{} must be sold down to get back to the model.",
                "{} has to be trimmed.",
                "{} needs to be cut back.",
                "To restore the model, {} has to be reduced.",
            ]
        )
        buy = tell.pick(
            [
                "{} needs topping up to get back to the model.",
                "{} has to be added to.",
                "{} needs to be topped up.",
                "To restore the model, {} has to be bought.",
            ]
        )
        yield sell.format(fact.subject), fact.value < 0
        yield buy.format(fact.subject), fact.value > 0


def tell_gaps(tell: Teller) -> Said:
    """Which asset lies furthest from the model."""
    facts = sorted(tell.group("drift."), key=lambda fact: -abs(fact.value))
    if len(facts) < 3 or abs(facts[0].value) - abs(facts[1].value) < Decimal("0.2"):
        return
    for fact in (facts[0], facts[-1]):
        way = tell.pick(
            [
                "The biggest gap to the model is in {}.",
                "The largest gap to the model is in {}.",
                "{} is the furthest from its target.",
                "{} is further from its target than anything else.",
                "The greatest deviation from the model is in {}.",
            ]
        )
        yield way.format(fact.subject), fact is facts[0]


def tell_ellipsis(tell: Teller) -> Said:
    """A second sentence that leaves its predicate out."""
    for prefix, up, down in (
        ("drift.", "above target", "below target"),
        ("return.", "up", "down"),
        ("gain_pct.", "above cost", "below cost"),
    ):
        facts = [fact for fact in tell.group(prefix) if fact.value]
        if len(facts) < 3:
            continue
        one, two = tell.rng.sample(facts, 2)
        said = up if one.value > 0 else down
        same = (one.value > 0) == (two.value > 0)
        way = tell.pick(
            [
                f"{{}} is {said}. So is {{}}.",
                f"{{}} is {said}, as is {{}}.",
                f"{{}} is {said}, and so is {{}}.",
                f"{{}} is {said}. The same goes for {{}}.",
            ]
        )
        yield way.format(one.subject, two.subject), same
        other = down if said == up else up
        way = tell.pick([f"Neither {{}} nor {{}} is {other}.", f"{{}} is not {other}. Nor is {{}}."])
        yield way.format(one.subject, two.subject), same


def tell_orders(tell: Teller) -> Said:
    """Ranks, one after another."""
    facts = list_weights(tell)
    if len(facts) < 4 or len({fact.value for fact in facts[:4]}) < 4:
        return
    a, b, c, d = (fact.subject for fact in facts[:4])
    way = tell.pick(
        [
            "{} is the largest position, followed by {}.",
            "{} is the largest position and {} the second-largest.",
            "The largest position is {}; {} comes next.",
            "By weight, {} comes first and {} second.",
            "{} has the largest share. {} comes next.",
        ]
    )
    yield way.format(a, b), True
    yield way.format(a, d), False
    way = tell.pick(
        [
            "After the two largest positions, {} and {}, comes {}.",
            "{}, {} and {} are the three largest positions, in that order.",
            "By size the order is {}, {}, {}.",
            "Ranked by size: {}, {}, {}.",
        ]
    )
    yield way.format(a, b, c), True
    yield way.format(a, c, d), False
    way = tell.pick(
        ["{} is the third-largest position.", "{} ranks third by size.", "{} is in third place.", "{} comes third."]
    )
    yield way.format(c), True
    yield way.format(b), False


def tell_sides(tell: Teller) -> Said:
    """What all that fell, or rose, come to together."""
    facts = tell.group("contribution.")
    for sign, noun, verb in (
        (-1, tell.pick(["losers", "decliners", "laggards"]), "cost"),
        (1, tell.pick(["winners", "gainers", "risers"]), "added"),
    ):
        side = [fact for fact in facts if fact.value * sign > 0]
        if len(side) < 2 or len(side) >= len(WORDS):
            continue
        total = abs(sum((fact.value for fact in side), Decimal(0)))
        count = WORDS[len(side)]
        way = tell.pick(
            [
                f"The {count} {noun} together {verb} {{}} points.",
                f"Together the {noun} {verb} {{}} points.",
                f"The {noun} {verb} {{}} points between them.",
                f"The {count} {noun} {verb} {{}} points in all.",
            ]
        )
        yield way.format(round(total, 2)), True
        yield way.format(round(total * Decimal("1.4"), 2)), False


def tell_only(tell: Teller) -> Said:
    """The only one of all that something holds of."""
    cases = []
    drifts, gains = tell.group("drift."), tell.group("return.", "gain_pct.")
    if drifts and tell.whole(drifts):
        cases.append(([f for f in drifts if f.value > 0], drifts, ["above target", "overweight"]))
        cases.append(([f for f in drifts if f.value < 0], drifts, ["below target", "underweight"]))
    if gains and tell.whole(gains):
        cases.append(([f for f in gains if f.value < 0], gains, ["in the red", "down"]))
        cases.append(([f for f in gains if f.value > 0], gains, ["in the black", "up"]))
    for chosen, every, words in cases:
        word = tell.pick(words)
        one = tell.rng.choice(chosen or every)
        way = tell.pick(["{} is the only one that is {}.", "Only {} is {}.", "{} is the only position that is {}."])
        yield way.format(one.subject, word), len(chosen) == 1
        if len(chosen) == 2:
            way = tell.pick(
                [
                    "Only {} and {} are {}.",
                    "{} and {} are the only positions that are {}.",
                    "{} and {} are the only ones {}.",
                ]
            )
            yield way.format(chosen[0].subject, chosen[1].subject, word), True
            rest = [fact for fact in every if fact not in chosen]
            if rest:
                yield way.format(chosen[0].subject, rest[0].subject, word), False
