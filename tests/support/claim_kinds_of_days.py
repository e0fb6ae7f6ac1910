"""Kinds of claims of income and of time: what pays, what falls due, what is needed, which periods rose."""

from datetime import date
from decimal import Decimal

from tests.support.claim_telling import MONTHS, Said, Teller, list_dated, print_money, say_multiple


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


def tell_payments(tell: Teller) -> Said:
    """Who pays next, and when."""
    days = list_dated(tell, "next_payment.")
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
            n=name, m=f"{MONTHS[day.month - 1]} {day.year}", d=f"{day.day} {MONTHS[day.month - 1]} {day.year}"
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


def tell_need(tell: Teller) -> Said:
    """Whether income meets the need, without a share."""
    income, need = tell.find("income"), tell.find("annual_need")
    if income is None or need is None or abs(income / need - 1) < Decimal("0.04"):
        return
    fact = tell.evidence.find("income")
    assert fact is not None
    over = income > need
    shown = print_money(fact)
    much = tell.pick(["comfortably more", "more", "clearly more"])
    yield f"Before tax the holdings yield {shown} a year, {much} than is needed.", over
    yield (
        f"Before tax the holdings yield {shown} a year, {tell.pick(['less', 'clearly less'])} than the client needs.",
        not over,
    )
    short = tell.pick(["falls short of", "does not meet", "is not enough for"])
    yield f"The {shown} of income {short} the yearly need.", not over
    yield f"The {shown} of income {tell.pick(['exceeds', 'is enough for', 'meets'])} the yearly need.", over


def tell_tax(tell: Teller) -> Said:
    """Amounts before and after tax."""
    income, after, need = (tell.evidence.find(name) for name in ("income", "income_after_tax", "annual_need"))
    if income is None or after is None or after.value == income.value:
        return
    tax = income.value - after.value
    money, ways = print_money(income)[:1], ["Tax takes", "Tax costs the client", "The tax bill comes to"]
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
