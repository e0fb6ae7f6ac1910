"""Kinds of claims over any payload: each yields sentences that the payload makes true beside ones that it makes false.

A kind is what is claimed (a ratio of two assets, an order of payments, what a group has together), said in several
ways. Words for numbers stand only where they are no question of rounding: within 2 % of the value, or 15 % and more
beside it.
"""

import random
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

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
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_CLOSE, _FAR = Decimal("0.02"), Decimal("0.15")
_MONTHS = [
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


def _weights(tell: Teller) -> list[Fact]:
    return tell.group("weight.position.", "weight.") or tell.group("weight.asset_class.")


def _money(fact: Fact) -> str:
    sign = {"INR": "₹", "USD": "$", "GBP": "£", "EUR": "€", "JPY": "¥"}.get(fact.currency or "", f"{fact.currency} ")
    return f"{sign}{round(abs(fact.value)):,}"


def tell_ratios(tell: Teller) -> Said:
    """One asset is so many times another."""
    facts = _weights(tell)
    pairs = [(a, b) for a in facts for b in facts if b.value > 0 and a.value > b.value * Decimal("1.9")]
    for big, small in tell.rng.sample(pairs, min(3, len(pairs))):
        a, b = str(big.subject), str(small.subject)
        true, false = say_multiple(big.value / small.value)
        ways = [
            f"{a} is {{}} the size of {b}.",
            f"{a} is {{}} as large as {b}.",
            f"{a} is {{}} the weight of {b}.",
            f"There is {{}} as much money in {a} as in {b}.",
            f"The position in {a} is {{}} that in {b}.",
            f"{a} weighs {{}} as much as {b}.",
            f"The client holds {{}} as much {a} as {b}.",
        ]
        way = tell.pick(ways)
        if true:
            words = tell.pick(true)
            yield way.format(words), True
            yield way.replace(a, "\0").replace(b, a).replace("\0", b).format(words), False
        if false:
            yield way.format(tell.pick(false)), False


def tell_payers(tell: Teller) -> Said:
    """What one source pays beside another."""
    facts = tell.group("income.")
    pairs = [(a, b) for a in facts for b in facts if b.value > 0 and a.value > b.value * Decimal("1.1")]
    for big, small in tell.rng.sample(pairs, min(3, len(pairs))):
        a, b = big.subject, small.subject
        true, false = say_multiple(big.value / small.value)
        way = tell.pick(
            [
                f"{a} pays {{}} what {b} pays.",
                f"{a} brings in {{}} as much as {b}.",
                f"The income from {a} is {{}} that from {b}.",
            ]
        )
        if true:
            yield way.format(tell.pick(true)), True
        if false:
            yield way.format(tell.pick(false)), False
        way = tell.pick(
            [
                "{} pays more than {}.",
                "{} brings in more than {} does.",
                "{} supplies more income than {}.",
                "More comes from {} than from {}.",
            ]
        )
        yield way.format(a, b), True
        yield way.format(b, a), False


def tell_model_ratios(tell: Teller) -> Said:
    """An asset beside what the model gives it."""
    weights = {fact.subject: fact for fact in tell.group("weight.")}
    models = [fact for fact in tell.group("model_weight.") if fact.value > 0 and fact.subject in weights]
    for model in tell.rng.sample(models, min(3, len(models))):
        a, ratio = model.subject, weights[model.subject].value / model.value
        more = ratio > 1
        off = abs(ratio - 1) * 100
        if off < 4:
            continue
        shown = f"{round(off)}%"
        way = tell.pick(
            [
                "{} is {} {} than the model asks.",
                "{} is {} {} than its target.",
                "{} is {} {} than the model has it.",
                "{} is {} {} than it should be.",
            ]
        )
        word, other = ("larger", "smaller") if more else ("smaller", "larger")
        yield way.format(a, shown, word), True
        yield way.format(a, shown, other), False
        yield way.format(a, f"{round(off * Decimal('1.6')) + 2}%", word), False
        if not more:
            true, false = say_fraction(ratio)
            way = tell.pick(
                [
                    "{} stands at {} of its target weight.",
                    "{} has reached {} of what the model gives it.",
                    "{} is at {} of its target.",
                ]
            )
            if true:
                yield way.format(a, tell.pick(true)), True
            if false:
                yield way.format(a, tell.pick(false)), False


def tell_shares(tell: Teller) -> Said:
    """A part of the whole in words."""
    facts = _weights(tell)
    for fact in facts:
        true, false = say_fraction(fact.value / 100)
        way = tell.pick(
            [
                "{} accounts for {} of the portfolio.",
                "{} is {} of the whole.",
                "{} makes up {} of the portfolio.",
                "{} takes up {} of everything.",
            ]
        )
        if true:
            yield way.format(fact.subject, tell.pick(true)), True
        if false and tell.rng.random() < 0.6:
            yield way.format(fact.subject, tell.pick(false)), False
    if facts:
        first = facts[0]
        way = tell.pick(
            [
                "{} makes up the majority of the portfolio.",
                "Most of the portfolio is in {}.",
                "{} is more than half of the portfolio.",
                "More than half of the money sits in {}.",
            ]
        )
        yield way.format(first.subject), first.value > 50
    if len(facts) > 2:
        one, two = tell.rng.sample(facts, 2)
        total = (one.value + two.value) / 100
        true, false = say_fraction(total)
        way = tell.pick(
            [
                "{} and {} together make up {} of the portfolio.",
                "Between them, {} and {} account for {} of assets.",
                "{} and {} are {} of the portfolio.",
            ]
        )
        if true:
            yield way.format(one.subject, two.subject, tell.pick(true)), True
        if false:
            yield way.format(one.subject, two.subject, tell.pick(false)), False


def tell_quality(tell: Teller) -> Said:
    """Bonds by rating."""
    low = tell.find("below_investment_grade")
    ratings = tell.group("quality_weight.")
    if low is not None and ratings and all((fact.subject or "").lower() not in {"unrated", "none"} for fact in ratings):
        high = round(100 - low)
        way = tell.pick(
            [
                "{}% of the bonds are investment grade.",
                "{}% of the portfolio is investment grade.",
                "Investment-grade paper makes up {}%.",
                "{}% carries an investment-grade rating.",
            ]
        )
        if low > 2:
            yield way.format(high), True
        yield way.format(high - 13), False
        way = tell.pick(
            [
                "Every bond is investment grade.",
                "All bonds are investment grade.",
                "No bond is below investment grade.",
                "Nothing is rated below investment grade.",
            ]
        )
        yield way, low == 0
    if len(ratings) > 2:
        one, two = tell.rng.sample(ratings, 2)
        total = round(one.value + two.value, 1)
        way = tell.pick(
            ["{} and {} together are {}%.", "{} and {} bonds together make up {}%.", "{}% is rated {} or {}."]
        )
        for shown, right in ((total, True), (total + 9, False)):
            names = (one.subject, two.subject)
            yield way.format(*((shown, *names) if way.startswith("{}%") else (*names, shown))), right


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
        if total >= len(_WORDS):
            continue
        verb = tell.pick(verbs)
        way = tell.pick(
            ["{n} of the {t} {v}.", "Of the {t}, {n} {v}.", "{n} out of {t} {v}.", "{n} of the {t} positions {v}."]
        )
        for number in {count, (count + 1) if count < total - 1 else max(count - 1, 2)}:
            if 1 < number < total:
                text = way.format(n=_WORDS[number], t=_WORDS[total], v=verb)
                yield text[:1].upper() + text[1:], number == count
        yield f"All {_WORDS[total]} {verb}.", count == total
        yield (
            f"Not one of the {_WORDS[total]} {_make_singular(verb)}.",
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


def _dated(tell: Teller, prefix: str) -> list[tuple[date, str]]:
    found = {item.fact.subject: item.fact.dates[0] for item in tell.evidence.list_prefix(prefix) if item.fact.dates}
    return sorted((day, name or "") for name, day in found.items())


def tell_payments(tell: Teller) -> Said:
    """Who pays next, and when."""
    days = _dated(tell, "next_payment.")
    if len(days) < 2 or days[0][0] == days[1][0]:
        return
    first, other = days[0], tell.rng.choice(days[1:])
    for day, name in (first, other):
        way = tell.pick(
            [
                "The next payment comes from {n}.",
                "The next payment comes from {n} in {m}.",
                "{n} pays next.",
                "{n} is the next to pay.",
                "The next to pay is {n}.",
                "The first payment to arrive is that of {n}.",
                "The next payment is due from {n}, on {d}.",
            ]
        )
        text = way.format(
            n=name, m=f"{_MONTHS[day.month - 1]} {day.year}", d=f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
        )
        yield text, (day, name) == first
    way = tell.pick(["{} pays before {}.", "{} pays earlier than {}."])
    if first[0] < other[0]:
        yield way.format(first[1], other[1]), True
        yield way.format(other[1], first[1]), False


def tell_maturities(tell: Teller) -> Said:
    """When bonds fall due."""
    rows: dict[str, date] = {}
    for item in tell.evidence.by_measure.get("maturity", []):
        if (
            item.fact.id.startswith("given.")
            and ".dates." in item.fact.id
            and item.fact.dates
            and "fixed" in item.fact.id
        ):
            rows.setdefault(item.fact.subject or "", item.fact.dates[0])
    days = sorted((day, name) for name, day in rows.items())
    if len(days) < 3 or days[0][0].year == days[1][0].year or days[-1][0].year == days[-2][0].year:
        return
    first = days[0][0].year
    way = tell.pick(
        [
            "No bond matures before {}.",
            "Nothing matures before {}.",
            "Nothing falls due before {}.",
            "No bond falls due before {}.",
        ]
    )
    yield way.format(first), True
    yield way.format(days[1][0].year), False
    way = tell.pick(
        ["Only {} runs beyond {}.", "Only {} matures after {}.", "{} is the only bond that runs beyond {}."]
    )
    yield way.format(days[-1][1], days[-2][0].year), True
    yield way.format(days[1][1], days[-2][0].year), False
    way = tell.pick(
        [
            "{} is the first to mature.",
            "{} falls due first.",
            "{} is the next bond to mature.",
            "{} is the first bond to fall due.",
        ]
    )
    yield way.format(days[0][1]), True
    yield way.format(days[1][1]), False
    way = tell.pick(["{} is the last to mature.", "{} runs the longest.", "{} has the longest to run."])
    yield way.format(days[-1][1]), True
    yield way.format(days[0][1]), False


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


def tell_need(tell: Teller) -> Said:
    """Whether income meets the need, without a share."""
    income, need = tell.find("income"), tell.find("annual_need")
    if income is None or need is None or abs(income / need - 1) < Decimal("0.04"):
        return
    fact = tell.evidence.find("income")
    assert fact is not None
    over = income > need
    shown = _money(fact)
    much = tell.pick(["comfortably more", "more", "clearly more"])
    yield f"Before tax the holdings yield {shown} a year, {much} than is needed.", over
    yield (
        f"Before tax the holdings yield {shown} a year, {tell.pick(['less', 'clearly less'])} than the client needs.",
        not over,
    )
    short = tell.pick(["falls short of", "does not meet", "is not enough for"])
    yield f"The {shown} of income {short} the yearly need.", not over
    yield f"The {shown} of income {tell.pick(['exceeds', 'is enough for', 'meets'])} the yearly need.", over


def tell_orders(tell: Teller) -> Said:
    """Ranks, one after another."""
    facts = _weights(tell)
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
        if len(side) < 2 or len(side) >= len(_WORDS):
            continue
        total = abs(sum((fact.value for fact in side), Decimal(0)))
        count = _WORDS[len(side)]
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


def tell_without(tell: Teller) -> Said:
    """What the return would have been without one."""
    whole = tell.find("portfolio_return")
    facts = tell.group("contribution.")
    if whole is None or not facts:
        return
    for fact in tell.rng.sample(facts, min(2, len(facts))):
        left = whole - fact.value
        if abs(left) < Decimal("0.1") or abs(fact.value) < Decimal("0.05"):
            continue
        way = tell.pick(
            [
                "Without {} the portfolio would have {}.",
                "But for {}, the portfolio would have {}.",
                "Had it not been for {}, the portfolio would have {}.",
            ]
        )
        right, wrong = ("made money", "lost money") if left > 0 else ("lost money", "made money")
        yield way.format(fact.subject, right), True
        yield way.format(fact.subject, wrong), False
        verb = "gained" if left > 0 else "lost"
        yield way.format(fact.subject, f"{verb} {abs(round(left, 2))}%"), True
        yield way.format(fact.subject, f"{verb} {abs(round(left, 2)) + Decimal('1.7')}%"), False


def tell_offsets(tell: Teller) -> Said:
    """What one gained beside what another lost."""
    facts = tell.group("contribution.", "gain.")
    ups, downs = [fact for fact in facts if fact.value > 0], [fact for fact in facts if fact.value < 0]
    if not ups or not downs:
        return
    up, down = tell.rng.choice(ups), tell.rng.choice(downs)
    if abs(up.value + down.value) < abs(up.value) / 20:
        return
    more = up.value > -down.value
    a, b = up.subject, down.subject
    yield (
        tell.pick(
            [
                f"The gain on {a} outweighs the loss on {b}.",
                f"{a} more than made up for {b}.",
                f"What {b} lost was more than made up by {a}.",
            ]
        ),
        more,
    )
    yield (
        tell.pick(
            [
                f"The gain on {a} was wiped out by the loss on {b}.",
                f"The loss on {b} made up for the gain on {a}.",
                f"{a} did not make up for {b}.",
            ]
        ),
        not more,
    )


def tell_costs(tell: Teller) -> Said:
    """What a holding is worth beside its cost, in words."""
    facts = tell.group("gain_pct.")
    for fact in tell.rng.sample(facts, min(4, len(facts))):
        a, share = fact.subject, abs(fact.value) / 100
        up = fact.value > 0
        true, false = say_fraction(share)
        way = tell.pick(["{} is {} {} its cost.", "{} trades {} {} cost.", "{} stands {} {} its purchase price."])
        word, other = ("above", "below") if up else ("below", "above")
        if true:
            words = tell.pick(true)
            yield way.format(a, words, word), True
            yield way.format(a, words, other), False
        if false:
            yield way.format(a, tell.pick(false), word), False
        if up:
            true, false = say_multiple(1 + share)
            way = tell.pick(["{} is worth {} what it cost.", "{} is worth {} what was paid for it."])
            if true:
                yield way.format(a, tell.pick(true)), True
            if false:
                yield way.format(a, tell.pick(false)), False


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


def tell_tax(tell: Teller) -> Said:
    """Amounts before and after tax."""
    income, after, need = (tell.evidence.find(name) for name in ("income", "income_after_tax", "annual_need"))
    if income is None or after is None or after.value == income.value:
        return
    tax = income.value - after.value
    money, ways = _money(income)[:1], ["Tax takes", "Tax costs the client", "The tax bill comes to"]
    yield (
        f"{tell.pick(ways)} {money}{round(tax):,} a year.",
        True,
    )
    yield (
        f"{tell.pick(ways)} {money}{round(after.value):,} a year.",
        False,
    )
    if need is not None and need.value > income.value:
        gaps = {"Before tax": need.value - income.value, "After tax": need.value - after.value}
        for name, other in (("Before tax", "After tax"), ("After tax", "Before tax")):
            way = tell.pick(
                ["{n} the client is {m} a year short.", "{n} the gap is {m} a year.", "{n} {m} a year is missing."]
            )
            yield way.format(n=name, m=f"{money}{round(gaps[name]):,}"), True
            yield way.format(n=name, m=f"{money}{round(gaps[other]):,}"), False


def tell_periods(tell: Teller) -> Said:
    """How many periods rose, and by what the track is told."""
    up, down, every = (tell.find(name) for name in ("rising_periods", "falling_periods", "periods"))
    per = {12: "month", 4: "quarter"}
    years = tell.find("years")
    if up is None or down is None or every is None or not years:
        return
    noun = per.get(round(every / years))
    if noun is None:
        return
    way = tell.pick(
        [
            f"{{}} of the {every} {noun}s ended with a gain.",
            f"In {{}} of {every} {noun}s the value rose.",
            f"Of the {every} {noun}s, {{}} brought a gain.",
        ]
    )
    yield way.format(up), True
    yield way.format(up + 2), False
    yield (
        tell.pick(
            [
                f"Every {noun} ended with a gain.",
                f"It has risen in every {noun}.",
                f"There was not a single losing {noun}.",
                f"It did not lose money in any {noun}.",
            ]
        ),
        down == 0,
    )
    yield tell.pick([f"More {noun}s rose than fell.", f"It rose in more {noun}s than it fell."]), up > down
    yield (
        tell.pick(
            [
                f"The {noun}s were mostly down.",
                f"Most {noun}s ended with a loss.",
                f"More {noun}s ended with a loss than with a gain.",
            ]
        ),
        down > up,
    )


KINDS: dict[str, Callable[[Teller], Said]] = {
    name.removeprefix("tell_"): function for name, function in list(globals().items()) if name.startswith("tell_")
}
