"""What an adviser says of prices that are old."""

from services.portfolio.domain.facts import Fact, FactTable, join_names
from services.portfolio.domain.narrative.text import Script

_SHOWN = 4
_URGENT, _MUCH = 82, 10
"""From this share of the portfolio on, what rests on old prices is told among what is urgent."""


def write(table: FactTable, script: Script) -> None:
    """Which prices are old, and what rests on them."""
    ages, share = table.list_measure("price_age"), table.find("stale_share")
    if not ages or share is None:
        return
    importance = _URGENT if share.value >= _MUCH else 58
    for fact in ages[:_SHOWN]:
        script.warn(
            f"{fact.subject}{_tell_weight(table, fact, script)} was last priced on {script.day(fact)}, "
            f"{script.days(fact)} before this list.",
            importance,
        )
    if len(ages) > 1:
        script.warn(f"{script.percent(share)} of the portfolio rests on such prices.", importance)
    names = join_names(list(dict.fromkeys(str(fact.subject) for fact in ages[:_SHOWN])))
    whose = "its weight" if len(ages) == 1 else "their weights"
    script.suggest(f"Ask for newer prices of {names} before anything is decided by {whose}.", 58)


def _tell_weight(table: FactTable, fact: Fact, script: Script) -> str:
    weights = table.list_measure("weight", "weight.position.")
    weight = next((item for item in weights if item.subject == fact.subject), None)
    return f" ({script.percent(weight)})" if weight is not None else ""
