"""What an adviser says of how good the debtors of bonds are, and of what is paid for their risk."""

from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import Fact, FactTable, Mark, join_names
from services.portfolio.domain.narrative import bounds
from services.portfolio.domain.narrative.text import Script, relate

_LOW_QUALITY = Decimal(10)
_SHOWN = 3
_DISTRESSED = Decimal(10)
"""Points above sound debt from which debt is called distressed: a thousand basis points (E. Altman)."""
_PRINTED = Decimal("0.1")
"""Rates closer than this are printed alike."""


def write_quality(table: FactTable, script: Script) -> None:
    """The grades of the debtors, what the weak ones pay for it, and what of the client's limits they break."""
    bounds.write(table, script)
    ratings = [fact for fact in table.list_measure("quality_weight") if fact.subject]
    if not ratings:
        return
    low = table.find("below_investment_grade")
    alone = _find_weak_alone(table, script) if low is not None and low.value >= _LOW_QUALITY else ""
    if not alone:
        _write_grades(table, script)
    _warn_outliers(table, script)
    script.observe(
        f"By credit quality, {script.percent(ratings[0])} is rated {ratings[0].subject}."
        if ratings[0].subject != "Unrated"
        else f"By credit quality, the {script.mark('largest', relate(Relation.MOST, ratings[0]))} part is Unrated, at "
        f"{script.percent(ratings[0])}.",
        30,
    )
    if low is not None and low.value >= _LOW_QUALITY:
        script.warn(
            alone
            or f"Bonds below investment grade or without a rating are {script.percent(low)} of the quality mix; one "
            "default would cost more than the extra yield brings."
            f"{_name_weak(table, script)}",
            82,
        )
        script.suggest(
            "Decide on each of the weaker bonds: hold it with a written reason and at a size whose loss could be "
            "borne, or reduce it.",
            60,
        )
        script.prepare("ask for bids on the weaker bonds, to know what they would bring", 60)


def _find_weak_alone(table: FactTable, script: Script) -> str:
    """All that there is to say of a weak bond that is the only one; empty where there are others."""
    ratings = {fact.subject for fact in table.list_measure("quality_weight")}
    weak = [name for name, grade in table.glosses.items() if grade in ratings and name not in ratings]
    rate = next((fact for fact in table.list_measure("yield", "bond_yield.") if fact.subject in weak), None)
    weight = next((fact for fact in table.list_measure("weight") if fact.subject in weak), None)
    if len(weak) != 1 or rate is None or weight is None or table.is_marked(weak[0], Mark.DEFAULTED):
        return ""
    rating = table.glosses[weak[0]]
    if rating not in table.glosses:
        return ""
    return (
        f"{weak[0]} is rated {rating}, has a weight of {script.percent(weight)} and yields "
        f"{script.percent(rate)}{_tell_pickup(table, rate, script)}. Rated {rating} means {table.glosses[rating]}."
    )


def _warn_outliers(table: FactTable, script: Script) -> None:
    """What yields more than a like maturity of better grade; what is like none is told by its grade alone."""
    rate = next((fact for fact in table.list_measure("yield", "bond_yield.")), None)
    low = table.find("below_investment_grade")
    if rate is None or (low is not None and low.value >= _LOW_QUALITY):
        return
    if table.is_marked(rate.subject, Mark.DEFAULTED):
        return
    if beside := _tell_pickup(table, rate, script):
        script.warn(f"{rate.subject} yields {script.percent(rate)}{beside}.", 84)
    elif rate.subject not in table.glosses:  # of no low grade that would be told
        script.warn(
            f"{rate.subject} yields {script.percent(rate)}, and nothing of better grade and like maturity is held that "
            "it could be compared with: find out whether its price and its rating are still right.",
            84,
        )
    script.suggest(
        f"Decide whether the yield of {rate.subject} is worth its risk, and add nothing to it until then.", 63
    )
    script.prepare(f"ask what the market doubts in {rate.subject}, and for a price at which it could be sold", 63)


def _tell_pickup(table: FactTable, rate: Fact, script: Script) -> str:
    """How a bond's yield stands to that of the nearest in maturity of better grade, and whose that is; empty where
    there is none."""
    pickup = next((fact for fact in table.list_measure("yield_pickup") if fact.subject == rate.subject), None)
    like = next(iter(table.list_measure("yield", "like_yield.")), None)
    if pickup is None or like is None:
        return ""
    of = f"{like.subject}, the nearest in maturity of better grade"
    beside = f"{like.subject} yields {script.percent(like)}"
    if abs(pickup.value) < _PRINTED:
        return f", no more than {of}: by that its risk is not paid for. {beside}"
    above = pickup.value > 0
    word = script.mark("above" if above else "below", relate(Relation.ABOVE if above else Relation.BELOW, pickup))
    says = "so much is pay for a risk that its lenders see" if above else "by that its risk is not paid for"
    if pickup.value >= _DISTRESSED:
        says = "at such a price repayment is doubted, so that it is no return to count on"
    return f", {script.points(pickup)} {word} {of}: {says}. {beside}"


def _name_weak(table: FactTable, script: Script) -> str:
    """The largest of the weak bonds, with what it yields."""
    rate = next((fact for fact in table.list_measure("yield", "bond_yield.") if fact.subject), None)
    weight = rate and next((fact for fact in table.list_measure("weight") if fact.subject == rate.subject), None)
    if rate is None or weight is None:
        return ""
    return (
        f" Among them is {rate.subject}, with a weight of {script.percent(weight)}; it yields "
        f"{script.percent(rate)}{_tell_pickup(table, rate, script)}."
    )


def _write_grades(table: FactTable, script: Script) -> None:
    """The grades of the weak bonds by name, and what each says of the debtor."""
    ratings = {fact.subject for fact in table.list_measure("quality_weight")}
    for rating, meaning in [item for item in table.glosses.items() if item[0] in ratings][:_SHOWN]:
        overdue = {fact.subject for fact in table.facts if fact.id.startswith("matured.")}
        told = {name for name in overdue if table.is_marked(name, Mark.DEFAULTED)}
        names = [
            name
            for name, grade in table.glosses.items()
            if grade == rating and name not in ratings and name not in told
        ][:_SHOWN]
        if names:
            are = "is" if len(names) == 1 else "are"
            script.warn(f"{join_names(names)} {are} rated {rating}: {meaning}.", 81)
