"""What an adviser says of what the client can bear to lose."""

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.narrative.text import Script

_BEYOND, _WITHIN = 93, 45


def write(table: FactTable, script: Script) -> None:
    """What the worst of the losses would cost, and whether that can be borne."""
    capacity = table.find("capacity")
    loss, cost = (next(iter(table.list_measure(name)), None) for name in ("stress_loss", "stress_cost"))
    if capacity is None or loss is None or cost is None:
        return
    beyond, left = table.find("capacity_excess"), table.find("capacity_left")
    lead = f"{loss.subject}: {script.percent(loss)} would be lost in it, a stress loss of {script.money(cost)}"
    borne = f"The client can bear to lose {script.money(capacity)}"
    if beyond is not None:
        script.warn(f"{lead}. {borne}, so that {script.money(beyond)} is beyond it.", _BEYOND)
        script.suggest(
            "Bring the loss down to what can be borne, out of what would fall most, or agree again what that is.", 79
        )
        script.prepare("check with the client that this is still what can be borne", 79)
    elif left is not None:
        script.observe(f"{lead}. {borne}, and {script.money(left)} of that would be left.", _WITHIN)
