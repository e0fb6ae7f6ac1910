"""Kinds of claims over any payload: each yields sentences that the payload makes true beside ones that it makes false.

A kind is what is claimed (a ratio of two assets, an order of payments, what a group has together), said in several
ways. Here stand those of sizes; those of many assets and those of days have files of their own.
"""

from collections.abc import Callable
from decimal import Decimal

from tests.support import claim_kinds_of_days, claim_kinds_of_many
from tests.support.claim_telling import Said, Teller, list_weights, say_fraction, say_multiple


def tell_ratios(tell: Teller) -> Said:
    """One asset is so many times another."""
    facts = list_weights(tell)
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
    facts = list_weights(tell)
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


KINDS: dict[str, Callable[[Teller], Said]] = {
    name.removeprefix("tell_"): function
    for kinds in (globals(), vars(claim_kinds_of_many), vars(claim_kinds_of_days))
    for name, function in list(kinds.items())
    if name.startswith("tell_")
}
