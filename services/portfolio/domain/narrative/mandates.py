"""What an adviser says of a mandate: what is rated below its minimum, and income that ends."""

from services.portfolio.domain.facts import FLOOR, FactTable, join_names
from services.portfolio.domain.figures.esg import ESG_FLOOR, ESG_UNRATED
from services.portfolio.domain.narrative.text import Script

_RATED, _INCOME, _SHORT, _ESG = 91, 70, 88, 86
_NAMED = 4


def write(table: FactTable, script: Script) -> None:
    """Ratings below the client's minimum first, then the income that what matures takes away."""
    _tell_floor(table, script)
    _tell_esg(table, script)
    _tell_income(table, script)


def _tell_floor(table: FactTable, script: Script) -> None:
    floor = table.glosses.get(FLOOR)
    if floor is None:
        return
    rated = {key.removesuffix(" is rated"): text for key, text in table.glosses.items() if key.endswith(" is rated")}
    for name, text in list(rated.items())[:_NAMED]:
        rating, _, before = text.partition("\n")
        weight = next(
            (fact for fact in table.facts if fact.id.startswith("below_floor.") and fact.subject == name), None
        )
        size = f" It has a weight of {script.percent(weight)}." if weight is not None else ""
        since = f" ({before})" if before else ""
        script.warn(f"{name} is rated {rating}, below the client's own minimum of {floor}{since}.{size}", _RATED)
    names = join_names(list(rated)[:_NAMED])
    script.suggest(f"Sell {names}, or have it agreed in writing why it may stay.", 72)
    script.prepare(f"ask the client whether {names} may stay", 72)


def _tell_esg(table: FactTable, script: Script) -> None:
    """What is rated below the sustainability that the client wants; or that nothing that is rated is."""
    floor = table.glosses.get(ESG_FLOOR)
    if floor is None:
        return
    suffix = " has an ESG rating"
    rated = {key.removesuffix(suffix): text for key, text in table.glosses.items() if key.endswith(suffix)}
    for name, rating in list(rated.items())[:_NAMED]:
        weight = next((fact for fact in table.facts if fact.id.startswith("below_esg.") and fact.subject == name), None)
        size = f" It has a weight of {script.percent(weight)}." if weight is not None else ""
        script.warn(f"{name} has an ESG rating of {rating}, below the {floor} that the client wants.{size}", _ESG)
    unrated = table.glosses.get(ESG_UNRATED)
    if unrated is not None:
        script.observe(f"No ESG rating was sent for {unrated}.", 47)
    if not rated:
        what = "What has an ESG rating keeps" if unrated is not None else "All ESG ratings keep"
        script.observe(f"{what} to the {floor} that the client wants.", 48)
        return
    names = join_names(list(rated)[:_NAMED])
    script.suggest(f"Settle with the client whether {names} may stay, and what takes the place of it.", 69)
    script.prepare(f"ask the client whether {names} may stay", 69)


def _tell_income(table: FactTable, script: Script) -> None:
    whole, ends, left = (table.find(name) for name in ("coupon_income", "coupon_ending", "coupon_left"))
    if whole is None or ends is None or left is None:
        return
    need = table.find("income_needed")
    short = need is not None and left.value < need.value
    importance = _SHORT if short else _INCOME
    script.warn(f"The bonds make coupon payments of {script.money(whole)} a year.", importance)
    script.warn(
        f"What matures within a year takes {script.money(ends)} of them away, and leaves coupon payments of "
        f"{script.money(left)} a year.",
        importance,
    )
    if need is not None:
        script.warn(f"{script.money(need)} a year is needed.", importance)
    if short:
        script.suggest("Settle before they mature what the proceeds are put into, and what income that brings.", 73)
        script.prepare("agree with the client where the proceeds of what matures go", 73)
