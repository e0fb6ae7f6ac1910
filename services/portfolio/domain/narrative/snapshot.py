"""What an adviser says of a portfolio snapshot."""

from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.due import suits_portfolio
from services.portfolio.domain.facts import COSTS, Fact, FactTable, Mark, join_names
from services.portfolio.domain.narrative import cash, suitability
from services.portfolio.domain.narrative.text import Role, Script, name_benchmark, name_portfolio, rank, relate

_DOMINANT = Decimal(60)
_NEARLY_ALL = Decimal(95)
_FEW_POINTS = Decimal(5)
"""Mixes that are no more points apart are compared as one: the band within which models let a class drift."""
_PRINTED = Decimal("0.05")
"""What is closer to its limit is printed as the limit itself."""
_NARROW = Decimal(40)
"""From this share on, a narrow part of the market decides on the result: that of what is large in a mix elsewhere."""
_CLASSES = {"equity": "shares", "debt": "bonds"}
_GROUPS = (("sector", "sector"), ("currency", "currency"), ("region", "region"))


def write(table: FactTable, script: Script) -> None:
    """Value and gain first, then pace against the benchmark, then how it is spread."""
    _write_value(table, script)
    _write_pace(table, script)
    if script.is_within and table.find("xirr") is None:
        _write_unlike(table, script)
    script.paragraph()
    suitability.write(table, script)
    _write_allocation(table, script)
    cash.write(table, script)
    lists = script.is_within or bool(table.list_measure("weight", "weight.position."))
    if (
        table.find("market_value") is not None
        and not lists
        and not any(line.role is Role.ACTION for line in script.lines)
    ):
        script.suggest("Look at the single holdings: an overview does not show how much stands in one name.", 40)
        script.prepare("have the list of single holdings sent", 40)


def _write_value(table: FactTable, script: Script) -> None:
    value, cost, gain, share = (table.find(name) for name in ("market_value", "cost", "gain", "gain_pct"))
    if value is None:
        return
    whose, when = name_portfolio(table.frame), script.as_of(table.frame)
    if cost is None or gain is None:
        script.headline(f"{whose} is worth {script.money(value)}{when}.")
    elif not gain.value:
        script.headline(
            f"{whose} is worth {script.money(value)}{when}, level with the {script.money(cost)} invested.",
            60, relate(Relation.LEVEL, value, cost),
        )  # fmt: skip
    else:
        word = "gain" if gain.value > 0 else "loss"
        part = f" ({script.percent(share)})" if share else ""
        script.headline(
            f"{whose} is worth {script.money(value)}{when}, an unrealised {word} of {script.money(gain)}{part} on the "
            f"{script.money(cost)} invested.",
            62 if gain.value > 0 else 78,
            relate(Relation.ROSE if gain.value > 0 else Relation.FELL, gain),
        )
    if gain is not None and gain.value < 0:
        script.suggest(
            "Find out which holdings made the loss and whether the reasons for them still stand; where "
            "gains are taxed, "
            "ask whether it can be set against them."
        )
    if table.frame.profile is None and table.find("equity_share") is not None:
        script.suggest("Record the client's risk profile: without one nobody can say whether this mix suits.", 56)
        script.prepare("go through the risk questionnaire with the client", 56)


def _write_pace(table: FactTable, script: Script) -> None:
    own, other, excess = (table.find(name) for name in ("xirr", "benchmark_xirr", "xirr_excess"))
    if own is None:
        return
    rate = script.moved(own, "returned", "lost")
    since = f" on {script.date(table.frame.start)}" if table.frame.start is not None else ""
    pace = f"Since inception{since} the portfolio has {rate} a year (XIRR, which weighs each payment by its date)"
    if not own.value:
        pace = "Since inception the portfolio's XIRR is flat"
    if other is None or excess is None:
        script.observe(f"{pace}.")
        script.suggest("Name a benchmark of the same mix: without one nobody can say whether that return is good.", 42)
        return
    script.observe(
        f"{pace}, {script.ahead(excess, name_benchmark(table.frame), ' a year')}, which "
        f"{script.moved(other, 'returned', 'lost')}{' a year' if other.value else ''}.",
        50 + min(int(abs(excess.value)) * 3, 25),
    )
    if not _write_unlike(table, script) and excess.value < 0:
        script.suggest(
            "Find out what the shortfall against the benchmark comes from: whether it holds the same mix at all, then "
            "selection and costs.",
            58,
        )
        costs = table.glosses.get(COSTS)
        script.prepare(
            "have the costs and the returns of each holding sent" if costs is None
            else f"have the returns of each holding sent, and take the costs that were sent ({costs}) off first",
            58,
        )  # fmt: skip


def _write_unlike(table: FactTable, script: Script) -> bool:
    """That the benchmark holds another mix than the portfolio does today, so that their gap is no measure of what was
    chosen: neither a cause of it nor none is proved by the mixes. Whether it is so."""
    theirs, equity = table.find("benchmark_equity"), table.find("equity_share")
    if theirs is None or equity is None or abs(theirs.value - equity.value) <= _FEW_POINTS:
        return False
    kind = table.frame.benchmark_class
    holds = f"The benchmark's equity share is {script.percent(theirs)}. The portfolio has an equity share of "
    if kind is not None:
        holds = f"The benchmark holds {_CLASSES.get(kind, kind)} alone, while the portfolio has an equity share of "
    script.observe(
        f"{holds}{script.percent(equity)}: the two differ in what they hold, so that the gap alone is no measure of "
        "the choice of holdings.",
        57,
    )
    script.suggest("Measure the return against a blended benchmark, of the same mix as the portfolio.", 58)
    script.prepare("agree on such a benchmark, and have its return sent", 58)
    return True


def _write_allocation(table: FactTable, script: Script) -> None:
    classes = list(table.list_measure("weight", "weight.asset_class."))
    single = table.find("top_asset")
    if classes:
        _write_classes(classes, script, beside=_is_judged(table, classes[0]) and suits_portfolio(table))
    elif single is not None and single.value < _DOMINANT:
        _name_largest(table, single, script)
    _warn_narrow(table, classes, script)
    for group, word in _GROUPS:
        leaders = table.list_measure("weight", f"weight.{group}.")
        if leaders and table.find(f"excess.{group}." + leaders[0].id.rpartition(".")[2]) is None:
            script.observe(f"By {word}, {leaders[0].subject} leads with a weight of {script.percent(leaders[0])}.", 30)
    _warn_names(table, script)
    _warn_groups(table, script)
    dominant = classes[0] if classes else single
    if table.list_measure("parts_sum", "parts_sum."):
        dominant = None  # of which whole it is a share is not known
    if dominant is not None and table.is_marked(dominant.subject, Mark.MONEY):
        dominant = None  # money at hand has no weak spell, and is held against its own limit
    if dominant is not None and dominant.value >= _DOMINANT and not _is_judged(table, dominant):
        rest = "there is little else to make up for it" if dominant.value < _NEARLY_ALL else "nothing makes up for it"
        script.warn(
            f"Of the portfolio, {script.percent(dominant)} is in {dominant.subject}: where that has a weak spell, "
            f"{rest}.",
            72,
        )
        script.suggest(f"Check that this much in {dominant.subject} still suits the horizon and the need for cash.", 55)
    top_five = table.find("top_5")
    if top_five is not None:
        script.observe(f"The top 5 together hold {script.percent(top_five)} of the portfolio.", 42)


def _name_largest(table: FactTable, single: Fact, script: Script) -> None:
    """The largest asset, by the list of holdings where it stands there."""
    listed = (fact for fact in table.list_measure("weight", "weight.position.") if fact.subject == single.subject)
    fact = next(listed, None)
    claims = (relate(Relation.MOST, fact),) if fact is not None else ()
    word = script.mark("largest", claims[0]) if claims else "largest"
    script.observe(
        f"{single.subject} is the {word} asset at {script.percent(fact or single)} of the portfolio.", 40, *claims
    )


_WHY = {"sector": "its holdings tend to fall together", "region": "one economy decides much of the outcome"}


def _warn_names(table: FactTable, script: Script) -> None:
    """Single names of the list that are above the limit for one, with what stands above it."""
    limit, excesses = table.find("limit.single_name"), table.list_measure("excess", "excess.single_name.")
    weights = {fact.subject: fact for fact in table.list_measure("weight", "weight.position.")}
    over = [fact for fact in excesses if fact.value >= _PRINTED and fact.subject in weights]
    if limit is None or not over:
        return
    first = weights[over[0].subject]
    says = relate(Relation.ABOVE, first, limit)
    above, bracket, default = script.above(limit, says).partition(" (")
    script.warn(
        f"{first.subject} has a weight of {script.percent(first)}, {script.points(over[0])} {above} for a position"
        f"{bracket}{default}: one holding going wrong would show in the whole.",
        rank(80, over[0].value, limit), says,
    )  # fmt: skip
    if rest := [weights[fact.subject] for fact in over[1:6]]:
        each = [relate(Relation.ABOVE, fact, limit) for fact in rest]
        shown = join_names([f"{fact.subject} ({script.percent(fact)})" for fact in rest])
        script.warn(f"{script.mark('Above the limit', each[0])} for a position too: {shown}.", 62, *each)
    size = table.find(f"reduction.{over[0].id.rpartition('.')[2]}")
    equity, least, most = (table.find(name) for name in ("equity_share", "profile_min", "profile_max"))
    use = "spread what that brings more widely"
    if equity is not None and most is not None and equity.value > most.value:
        use = "keep what that brings outside shares"
    elif equity is not None and least is not None and equity.value < least.value:
        use = "put what that brings into other shares, as these are too few already"
    by = f" by {script.money(size)}" if size is not None else ""
    script.suggest(f"Bring {first.subject} down to the limit{by}, and {use}.", 61)
    script.prepare(f"ask what {first.subject} cost, as the tax on a sale decides how fast it can be made", 61)


def _warn_groups(table: FactTable, script: Script) -> None:
    """A sector or region that is above the limit for one."""
    for group, why in _WHY.items():
        limit, excess = table.find(f"limit.{group}"), next(iter(table.list_measure("excess", f"excess.{group}.")), None)
        weight = excess and table.find(excess.id.replace("excess.", "weight.", 1))
        if limit is None or excess is None or weight is None or excess.value < _PRINTED:
            continue
        says = relate(Relation.ABOVE, weight, limit)
        above, bracket, default = script.above(limit, says).partition(" (")
        script.warn(
            f"{weight.subject} has a weight of {script.percent(weight)}, {script.points(excess)} {above} for a "
            f"{group}{bracket}{default}: {why}.",
            rank(66, excess.value, limit), says,
        )  # fmt: skip
        script.suggest(f"Find out which holdings stand behind {weight.subject}, and put new money elsewhere.", 54)


def _warn_narrow(table: FactTable, classes: list[Fact], script: Script) -> None:
    """A class of shares of a narrow kind that decides on the result."""
    for fact in [fact for fact in classes if table.is_marked(fact.subject, Mark.NARROW) and fact.value >= _NARROW][:1]:
        script.warn(
            f"{fact.subject} alone is {script.percent(fact)} of the portfolio: that part of the market tends to fall "
            "further than the whole of it, and to be harder to sell then.",
            85,
        )
        if suits_portfolio(table):
            script.suggest(f"Agree how much may stand in {fact.subject}, and reduce it to that in steps.", 60)
            script.prepare(f"have the list of what is held in {fact.subject} sent", 60)


def _is_judged(table: FactTable, dominant: Fact) -> bool:
    """Whether the client's profile has judged the same share already, for good or ill."""
    equity, most = table.find("equity_share"), table.find("profile_max")
    return equity is not None and most is not None and equity.value == dominant.value


def _write_classes(classes: list[Fact], script: Script, *, beside: bool) -> None:
    """The classes by weight; those ``beside`` equity alone where its share was said already."""
    first, rest = classes[0], [fact for fact in classes[1:4] if fact.value > 0]  # what is owed is said as such
    if beside:
        if rest:
            shown = join_names([f"{fact.subject} ({script.percent(fact)})" for fact in rest])
            script.observe(f"Beside equity it holds {shown}.", 40)
        return
    says = relate(Relation.MOST, first)
    text = (
        f"The {script.mark('largest', says)} asset class is {first.subject}, with a weight of {script.percent(first)}"
    )
    if rest:
        text += f", followed by {join_names([f'{fact.subject} ({script.percent(fact)})' for fact in rest])}"
    script.observe(f"{text}.", 40, says)
