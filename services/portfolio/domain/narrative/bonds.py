"""What an adviser says of fixed income."""

from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import (
    CALLED_SOON,
    NO_DURATION,
    NO_YIELD,
    UNDATED,
    Fact,
    FactTable,
    Mark,
    join_names,
)
from services.portfolio.domain.narrative import unpriced
from services.portfolio.domain.narrative.binding import list_repaid
from services.portfolio.domain.narrative.bond_quality import write_quality
from services.portfolio.domain.narrative.remedies import sort_by_risk, tell_abroad, tell_safest
from services.portfolio.domain.narrative.text import Script, relate

_LONG_DURATION = Decimal(6)
_LOW_QUALITY = Decimal(10)
_CROWDED = Decimal(40)
_SHOWN = 3
_LARGE = Decimal(20)
"""From this share on, what is paid back leaves a hole in the plan."""
_HEAVY = Decimal(10)
"""From this part of the value on, what one percentage point of rates costs is as much as a fall of shares that is
called a correction."""
_DISTRESSED = Decimal(10)
"""Points above sound debt from which debt is called distressed: a thousand basis points (E. Altman)."""
_LARGE_ABROAD = Decimal(10)
"""From this share on, what a bond is in is told: the house limit for a position."""
_HALF, _WHOLE = Decimal(50), Decimal(100)
_OVER = Decimal("1.5")
"""From this many times its weight on, a bond's part in the rate risk is told."""
_NOTICED = Decimal("0.05")
"""What is closer to its limit is printed as the limit itself."""
_PRINTED = Decimal("0.1")
"""Rates closer than this are printed alike."""


def write(table: FactTable, script: Script) -> None:
    """Value and yield first, then what rates can do to it, then when it comes back, then who owes it."""
    _write_headline(table, script)
    _warn_debtors(table, script)
    _write_inflation(table, script)
    _write_abroad(table, script)
    _write_rates(table, script)
    _write_ladder(table, script)
    write_quality(table, script)


def _write_headline(table: FactTable, script: Script) -> None:
    value, ytm, coupon = (table.find(name) for name in ("market_value", "ytm", "coupon"))
    if value is None:
        return
    plain, lifted = table.find("plain_ytm"), table.glosses.get("yield is lifted by")
    rate = f", with an average yield to maturity of {script.percent(ytm)}" if ytm is not None else ""
    called = CALLED_SOON in table.glosses
    if called and rate:
        rate = ""  # what may be called soon is not in it, which is said beside it
    doubted = ytm is not None and plain is not None and lifted is not None and plain.value >= 0
    if doubted:
        rate = ""
    whose = f" of {table.frame.client}" if table.frame.client else ""
    script.headline(f"The bonds{whose} are worth {script.money(value)}{script.as_of(table.frame)}{rate}.", 56)
    if called and ytm is not None and not doubted:
        script.observe(
            f"Without what may be called within a year, the average yield to maturity is {script.percent(ytm)}.", 55
        )
    if doubted and ytm is not None and plain is not None:
        script.observe(f"Without {lifted} the average yield is {script.percent(plain)}.", 55)
        whole = "all but what may be called within a year" if called else "all"
        script.observe(f"The average yield to maturity of {whole} is {script.percent(ytm)}.", 54)
    _warn_matured(table, script)
    unpriced.write(table, script)
    unpriced.write_failed(table, script)
    script.paragraph()
    if ytm is None and NO_YIELD in table.glosses:
        script.observe(f"An average yield cannot be told: the yield of {table.glosses[NO_YIELD]} is not known.", 47)
    if coupon is not None and ytm is not None:
        above = ytm.value > coupon.value
        if abs(ytm.value - coupon.value) >= _PRINTED:
            script.observe(
                f"The average coupon is {script.percent(coupon)}; the yield stands {'above' if above else 'below'} it.",
                32, relate(Relation.ABOVE if above else Relation.BELOW, ytm, coupon),
            )  # fmt: skip


def _write_inflation(table: FactTable, script: Script) -> None:
    """What inflation leaves of the yield, and whether the coupons keep up with prices."""
    _write_linked(table, script)
    inflation, real, paid = (table.find(name) for name in ("inflation", "real_yield", "real_coupon"))
    coupon, plain = table.find("coupon"), table.find("plain_ytm")
    lifted = table.glosses.get("yield is lifted by")
    if plain is not None and lifted is not None and plain.value < 0:
        script.observe(f"Without {lifted} the average yield is below zero.", 55)
    real = table.find("real_yield.plain") or real
    of = f"without {lifted} the average yield" if plain is not None else "the average yield to maturity"
    if inflation is None or real is None or inflation.value <= 0:
        return
    if real.value <= 0:
        script.warn(
            f"Inflation is {script.percent(inflation)} a year, and {of} is "
            f"{script.points(real)} a year below it: held to the end, the bonds buy less than today, before tax.",
            85,
        )
        script.suggest("Decide how much of this money must keep its value, and look at index-linked bonds for it.", 64)
        script.prepare("ask the client how much of this money must keep what it can buy", 64)
        return
    script.observe(
        f"Inflation of {script.percent(inflation)} a year leaves {script.points(real)} a year of the yield"
        f"{f' without {lifted}' if plain is not None else ''}, before tax.",
        50,
    )
    if paid is not None and coupon is not None and paid.value < 0:
        script.observe(
            f"The coupons alone, at {script.percent(coupon)}, are below inflation: whoever spends them all "
            "keeps less and less in real terms.",
            49,
        )
        script.suggest("See whether part of the bonds should be index-linked, if the income has to last.", 51)


def _write_linked(table: FactTable, script: Script) -> None:
    """Which yields come on top of inflation, and which may end before their day."""
    linked = [name for name, marks in table.marks.items() if Mark.LINKED in marks][:_SHOWN]
    if linked:
        one = len(linked) == 1
        mixed = ", so that an average with other yields says little" if table.find("ytm") is not None else ""
        script.observe(
            f"{join_names(linked)} {'is' if one else 'are'} linked to inflation: "
            f"{'its yield comes' if one else 'their yields come'} on top of it{mixed}.",
            56,
        )
    called = [fact for fact in table.facts if fact.id.startswith("called.")]
    for fact in called[:_SHOWN]:
        _warn_call(table, fact, script)
    told = {fact.subject for fact in called}
    early = [name for name, marks in table.marks.items() if Mark.CALLABLE in marks and name not in told][:_SHOWN]
    if early:
        one = len(early) == 1
        script.observe(
            f"{join_names(early)} may be repaid before {'its' if one else 'their'} day, when that suits the debtor: a "
            "yield to maturity may not be had then.",
            47,
        )


def _warn_call(table: FactTable, fact: Fact, script: Script) -> None:
    """What a call that is likely would repay, and that its yield and duration are to it."""
    cost = next((item for item in table.list_measure("call_cost") if item.subject == fact.subject), None)
    less = f", {script.money(cost)} less than its value" if cost is not None else ""
    script.warn(
        f"{fact.subject} may be called on {script.day(fact)} for {script.money(fact)}{less}, and stands above that "
        "price, so that a call pays its debtor: its yield, its duration and its place in the ladder are told to that "
        "day.",
        87,
    )
    script.suggest(
        f"Decide before that day whether {fact.subject} is sold at its price of now, if that can really be had, and "
        "where its money goes.",
        67,
    )
    script.prepare(f"ask for a bid on {fact.subject}, and whether a call was announced", 67)


def _warn_matured(table: FactTable, script: Script) -> None:
    """What should have been paid back before the day of the list, and who has failed to pay."""
    matured = [fact for fact in table.facts if fact.id.startswith("matured.")]
    for fact in matured[:_SHOWN]:
        if table.is_marked(fact.subject, Mark.DEFAULTED):
            script.warn(
                f"{fact.subject} is in default: it fell due on {script.day(fact)} and is listed still, at "
                f"{script.money(fact)}. Its rating is {table.glosses[fact.subject or '']}, and its value what can be "
                "recovered.",
                89,
            )
            continue
        script.warn(
            f"{fact.subject} fell due on {script.day(fact)} and is listed still, at {script.money(fact)}: either it "
            "was paid back, or the debtor has not paid.",
            88,
        )
        script.suggest(f"Find out whether {fact.subject} was paid back before any figure of this list is used.", 66)
        script.prepare(f"ask the custodian whether {fact.subject} was paid back", 66)
    failed = [name for name, marks in table.marks.items() if Mark.DEFAULTED in marks]
    if failed:
        names = join_names(failed[:_SHOWN])
        what = "it" if len(failed) == 1 else "them"
        script.prepare(f"have the claim on {names} registered", 68)
        script.suggest(f"Have the claim on {names} registered, and write {what} down to a cautious recovery value.", 68)


def _warn_debtors(table: FactTable, script: Script) -> None:
    """The debtors above the limit: those of several bonds first, then those of one."""
    several = _list_over(table, "issuer")
    told = {str(fact.subject) for fact in several}
    limit = table.find("limit.single_name")
    over = [
        fact for fact in _list_over(table, "single_name") if table.glosses.get(f"{fact.subject} is owed by") not in told
    ]
    weights = {fact.subject: fact for fact in table.list_measure("weight")}
    _warn_several(table, several, weights, script)
    if limit is not None and over:
        order = sort_by_risk(table, [str(fact.subject) for fact in over])
        over.sort(key=lambda fact: order.index(str(fact.subject)))  # the weakest first, of each the largest first
        first = over[0]
        safest = table.is_marked(first.subject, Mark.SAFEST)
        says = relate(Relation.ABOVE, weights[first.subject], limit)
        script.warn(
            f"{first.subject} has a weight of {script.percent(weights[first.subject])}, {script.points(first)} "
            f"{script.above(limit, says)}: one default would reach that much of the bonds.",
            64 if safest else 83, says,
        )  # fmt: skip
        others = [f"{fact.subject} ({script.percent(weights[fact.subject])})" for fact in over[1:]]
        if others:
            above = script.mark("Above the limit", relate(Relation.ABOVE, weights[over[1].subject], limit))
            script.warn(f"{above} for a single debtor too: {join_names(others)}.", 63 if safest else 82)
    if several or over:
        _spread_debtors(table, [*several, *over], script)


def _list_over(table: FactTable, rule: str) -> list[Fact]:
    """What is printed as above a limit and has not failed to pay, as far as it is told."""
    return [
        fact
        for fact in table.list_measure("excess", f"excess.{rule}.")
        if fact.value >= _NOTICED and not table.is_marked(fact.subject, Mark.DEFAULTED)
    ]


def _warn_several(table: FactTable, over: list[Fact], weights: dict[str | None, Fact], script: Script) -> None:
    """The debtors of several bonds that are too much together, and which bonds these are."""
    limit = table.find("limit.issuer")
    for fact in sorted(over, key=lambda fact: table.is_marked(fact.subject, Mark.SAFEST)):
        weight = weights.get(fact.subject)
        if limit is None or weight is None:
            continue
        says = relate(Relation.ABOVE, weight, limit)
        above, bracket, default = script.above(limit, says).partition(" (")
        script.warn(
            f"{fact.subject} has a weight of {script.percent(weight)} with all of its bonds, {script.points(fact)} "
            f"{above} for an issuer{bracket}{default}: one default would reach "
            f"{table.glosses[f'{fact.subject} owes']} alike.",
            65 if table.is_marked(fact.subject, Mark.SAFEST) else 84,
            says,
        )


def _spread_debtors(table: FactTable, over: list[Fact], script: Script) -> None:
    """What to do about debtors who owe too much: the riskiest first, the safest only agreed on."""
    soon = {fact.subject for fact in table.facts if fact.id.startswith("maturing.")}
    safe = [str(fact.subject) for fact in over if table.is_marked(fact.subject, Mark.SAFEST)]
    if len(safe) == len(over):  # what is as safe as debts are is told, and not spread
        are = "is" if len(safe) == 1 else "are"
        script.suggest(
            f"Agree in writing why so much may be owed by {join_names(safe)}, which {are} rated AAA, or covered by "
            "assets or by a state.",
            48,
        )
        return
    lasting = sort_by_risk(table, [str(fact.subject) for fact in over if fact.subject not in soon])
    if not lasting:
        return  # repaid before it could be spread
    names, owe = join_names(lasting), "owes" if len(lasting) == 1 else "owe"
    urgency = 64 if any(fact.id.startswith("excess.issuer.") for fact in over) else 62
    script.prepare(f"ask for bids on what {lasting[0]} owes before the rest is arranged", urgency)
    script.suggest(
        f"Spread what {names} {owe} over more debtors, or agree in writing why so much may be owed by one."
        f"{tell_safest(table, lasting)}",
        urgency,
    )


def _write_abroad(table: FactTable, script: Script) -> None:
    """That the main risk of large bonds in foreign currencies is the currency, before what rates can do to them."""
    weights = [fact for fact in table.list_measure("weight") if table.is_marked(fact.subject, Mark.ABROAD)]
    names = [str(fact.subject) for fact in weights if fact.value >= _LARGE_ABROAD][:_SHOWN]
    if names:
        script.observe(tell_abroad(names), 49)


def _write_rates(table: FactTable, script: Script) -> None:
    duration, change, amount = (table.find(name) for name in ("duration", "sensitivity", "sensitivity_amount"))
    if duration is None or change is None or amount is None or not duration.value:
        if NO_DURATION in table.glosses:
            script.observe(
                f"What a rise in rates would cost cannot be told: the duration of {table.glosses[NO_DURATION]} is not "
                "known.",
                48,
            )
        _write_stand_in(table, script)
        return
    limit = table.find("duration_limit")
    step = script.mark("one percentage point", relate(Relation.IS, change))
    text = (
        f"With a modified duration of {script.years(duration)}, a rise in rates of {step} would cost about "
        f"{script.percent(change)}, or {script.money(amount)}."
    )
    if limit is not None:
        _hold_to_limit(table, duration, limit, script)
    if limit is not None or duration.value < _LONG_DURATION:
        script.observe(f"{text}{_name_longest(table, script)}", 48)
    else:
        script.warn(f"{text}{_name_longest(table, script)}", 84 if abs(change.value) >= _HEAVY else 68)
        script.suggest(_advise_on_length(table), 61)
        script.prepare("ask when the money is needed: that decides how long the bonds may run", 61)


def _hold_to_limit(table: FactTable, duration: Fact, limit: Fact, script: Script) -> None:
    """Whether the duration is one that the client wants, and what brings it there."""
    excess, move = table.find("duration_excess"), table.find("duration_move")
    if excess is None:
        script.observe(f"The duration is within the client's own limit of {script.years(limit)}.", 49)
        return
    script.warn(
        f"The modified duration of {script.years(duration)} is {script.years(excess)} above the client's own limit of "
        f"{script.years(limit)}.",
        88,
    )
    if move is not None:
        script.suggest(
            f"Move {script.money(move)} out of {move.subject} into money at hand or what is repaid within months, "
            "which brings the duration to its limit.",
            68,
        )
        script.prepare(f"ask for a bid on {move.subject}", 68)
    else:
        script.suggest("Shorten the bonds: no sale of one of them alone brings the duration to its limit.", 68)
        script.prepare("ask for bids on the longest bonds", 68)


def _find_longest(table: FactTable) -> tuple[Fact, Fact] | None:
    """The bond that most of the rate risk lies in, with its weight, where it has much more of it than of the value."""
    first = max(table.list_measure("duration_share"), key=lambda fact: fact.value, default=None)
    weight = first and next((fact for fact in table.list_measure("weight") if fact.subject == first.subject), None)
    if first is None or weight is None or first.value >= _WHOLE:
        return None
    return (first, weight) if first.value > _HALF or first.value >= weight.value * _OVER else None


def _name_longest(table: FactTable, script: Script) -> str:
    found = _find_longest(table)
    if found is None:
        return ""
    first, weight = found
    return (
        f" Of the rate risk {script.percent(first)} lies in {first.subject}, which has a weight of "
        f"{script.percent(weight)}."
    )


def _write_stand_in(table: FactTable, script: Script) -> None:
    """Where the rate risk lies by maturity, where durations are not known."""
    if told := _name_longest(table, script):
        script.observe(f"{told.strip()} That is by years to maturity, which stand in for durations not known.", 48)
        script.suggest(_advise_on_length(table), 61)


def _advise_on_length(table: FactTable) -> str:
    found = _find_longest(table)
    if found is None:
        return "Decide whether the yield pays enough for this duration, or whether shorter bonds would do."
    return (
        f"Decide whether so much rate risk in {found[0].subject} is meant; moving part of it into shorter bonds would "
        "cut the risk."
    )


def _write_ladder(table: FactTable, script: Script) -> None:
    average = table.find("average_maturity")
    if average is not None:
        script.observe(f"The average time to maturity is {script.years(average)}.", 34)
    buckets = sorted(table.list_measure("maturity_weight"), key=lambda fact: -fact.value)
    if buckets:
        shown = [f"{script.percent(fact)} in {fact.subject}" for fact in buckets[:3]]
        script.observe(f"By maturity, {join_names(shown)} fall due.", 38)
        if UNDATED in table.glosses:
            script.observe(f"What has no day of maturity is left out of these: {table.glosses[UNDATED]}.", 37)
        if any(fact.id.startswith("matured.") for fact in table.facts):
            script.observe("What is past its date counts by its value alone.", 37)
        if buckets[0].value >= _CROWDED and len(buckets) > 1 and not _is_one_bond(table, buckets[0]):
            script.suggest(
                "Spread the maturities more evenly, so that not all is reinvested at the rates of one moment.", 46
            )
    soon = [fact for fact in table.facts if fact.id.startswith("maturing.")]
    for fact in soon[:_SHOWN]:
        _decide_on_due(table, fact, script)
    first = table.find("next_maturity")
    if first is not None and first.dates:
        script.observe(
            f"Next to mature is {first.subject}, listed at {script.money(first)} and due on {script.day(first)}.", 42
        )
        part = next((fact for fact in table.list_measure("weight") if fact.subject == first.subject), None)
        kept = {fact.subject for fact in list_repaid(table)}
        if part is not None and part.value >= _LARGE and not soon and first.subject not in kept:
            script.suggest(f"Decide in good time where the money of {first.subject} goes when it is paid back.", 49)
            script.prepare(f"ask the client whether the money of {first.subject} is needed", 49)


def _is_one_bond(table: FactTable, bucket: Fact) -> bool:
    """Whether one bond may make most of what matures in a time: its size is told as that of a debtor, or harmless."""
    single = (fact.value for fact in table.list_measure("weight") if not fact.id.startswith("weight.issuer."))
    return max(single, default=Decimal(0)) * 2 > bucket.value


def _decide_on_due(table: FactTable, fact: Fact, script: Script) -> None:
    """What falls due before the next report: it is a matter of where the money goes, and of being paid."""
    if table.is_marked(fact.subject, Mark.DEFAULTED):
        return  # its claim is asked for
    if fact.subject in {found.subject for found in list_repaid(table)}:
        return  # it is needed for what is due, which is said
    rating = table.glosses.get(fact.subject or "")
    if rating is None:
        script.suggest(
            f"{fact.subject} falls due on {script.day(fact)}: decide now where the money goes, {script.money(fact)} as "
            "listed.",
            63,
        )
        script.prepare(f"ask the client whether the money of {fact.subject} is needed", 63)
        return
    script.prepare(f"agree with the client where the money of {fact.subject} goes", 65)
    rated = "has no rating" if rating == "Unrated" else f"is rated {rating}"
    script.suggest(
        f"{fact.subject} falls due on {script.day(fact)} and {rated}: decide now where the money goes, "
        f"{script.money(fact)} as listed, and do not count on it before it is paid.",
        65,
    )
