"""What an adviser says of how far a track may fall, and of one whose falls cannot be told."""

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.glosses import UNDATED_FLOWS, UNTOLD_FLOWS
from services.portfolio.domain.narrative.text import Script

_BREACH, _KEPT, _LOST = 94, 60, 95


def write(table: FactTable, script: Script) -> None:
    """The deepest fall beside the client's own limit for one, and that no returns can be told where none are known."""
    limit, deepest, field = table.find("fall_limit"), table.find("drawdown"), table.glosses.get(UNDATED_FLOWS)
    if field is not None:
        script.warn(
            f"Money was paid in or out on days that are not known ({field}), so that no return and no risk can be "
            "told: it would be read as a gain or a loss.",
            _LOST,
        )
        script.suggest("Have the day of each payment sent, and whether the value of that day holds it.", 80)
        script.prepare("have the day of each payment in and out sent", 80)
    if (untold := table.glosses.get(UNTOLD_FLOWS)) is not None:
        script.warn(
            f"Whether what {untold} lists was paid in, taken out or neither is not said, so that no return and no risk "
            "can be told: it would be read as a gain or a loss.",
            _LOST,
        )
        script.suggest(f"Settle what {untold} is: which of it was paid in, which taken out, and on which days.", 80)
        script.prepare(f"have it settled what {untold} is", 80)
    if any(note.code == "flow_day" for note in table.notes):
        script.observe("Values are taken to hold the payments of their day, which nothing that was sent says.", 32)
    if limit is None:
        return
    own = f"the client's own limit of {script.percent(limit)} for a fall"
    if deepest is None:
        script.warn(f"Whether {own} was kept cannot be told.", _LOST - 1)
        return
    fell = f"the largest drawdown was {script.percent(deepest)}" if deepest.value else "it never stood below its peak"
    if -deepest.value > limit.value:
        script.warn(f"{own.replace('the', 'The', 1)} was broken: {fell}.", _BREACH)
        script.suggest("Settle with the client what follows from the fall beyond the limit, and write it down.", 79)
        script.prepare("settle with the client what follows from the fall beyond the limit", 79)
    else:
        script.observe(f"{own.replace('the', 'The', 1)} was kept by the values that were sent: {fell}.", _KEPT)
