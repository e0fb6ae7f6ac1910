"""What an adviser says of a model where money is spoken for: what its payment makes of the bands, and of the trades."""

from collections.abc import Sequence
from decimal import Decimal

from services.portfolio.domain.due import suits_model
from services.portfolio.domain.facts import Fact, FactTable
from services.portfolio.domain.narrative.text import Script, name_portfolio

_SHOWN = 3


def write_turn(table: FactTable, breaches: Fact, after: Fact, script: Script) -> None:
    """That what is spoken for, once it is paid, is what takes the portfolio out of its bands, or back into them."""
    whose = name_portfolio(table.frame)
    if after.value:
        text = f"is within its bands{script.as_of(table.frame)}, but not once what is spoken for is paid"
    else:
        assets = f"{script.number(breaches)} {'asset' if breaches.value == 1 else 'assets'}"
        text = f"has {assets} outside the band{script.as_of(table.frame)}, but none once what is spoken for is paid"
    unfit = "" if suits_model(table) else "; the model itself does not suit the client"
    script.headline(f"{whose} {text}{unfit}.", 76)


def write_after(table: FactTable, script: Script) -> None:
    """What is further from the model than its band allows once what is spoken for is paid."""
    drifts = table.list_measure("drift_left")
    if not drifts:
        return
    for place, fact in enumerate(drifts[:_SHOWN]):
        lead = "Then" if place else "Once what is spoken for is paid,"
        change = f"{script.points(fact)} {'more' if fact.value > 0 else 'less'}"
        script.observe(f"{lead} the model asks for {change} in {fact.subject}.", 37 if place else 60)


def tell_raised(table: FactTable, trades: Sequence[Fact], script: Script) -> str:
    """That what the sales bring beyond the purchases is for what is due, where no cash is held that it comes out of."""
    spoken, over = table.find("spoken_for"), -sum((fact.value for fact in trades), Decimal(0))
    if spoken is None or table.find("breaches_after") is None or abs(over - spoken.value) > 1:
        return ""
    return f"keep {script.money(spoken)} of what that brings for what is due"
