"""What an adviser says of dated and committed amounts that are no payments."""

from services.portfolio.domain.facts import FactTable, join_names
from services.portfolio.domain.narrative.text import Script

_BACK, _LAPSE, _CALLS, _SHORT = 79, 62, 85, 92
_SHOWN = 3


def write(table: FactTable, script: Script) -> None:
    """What comes back and when, what lapses, and what may be called beside what is spoken for."""
    back = table.list_measure("comes_back")
    without = table.find("short_without")
    for fact in back[:_SHOWN]:
        script.warn(
            f"{script.money(fact)} comes back on {script.day(fact)} ({fact.subject}), and is no payment.", _BACK
        )
    if without is not None and back:
        it = "it" if len(back) == 1 else "them"
        names, are = join_names([str(fact.subject) for fact in back[:_SHOWN]]), "is" if len(back) == 1 else "are"
        script.warn(
            f"Of the cash that is counted on, {names} {are} a part: without {it} the cash is {script.money(without)} "
            "short of what is spoken for.",
            _SHORT,
        )
        script.suggest(f"Do not tie up {names} again before what is due is paid.", 77)
        script.prepare(f"tell the bank that {names} is not renewed", 77)
    for fact in table.list_measure("lapsing")[:_SHOWN]:
        script.warn(f"{script.money(fact)} lapses on {script.day(fact)} ({fact.subject}), and is no payment.", _LAPSE)
        script.suggest(f"Settle before {script.day(fact)} whether {fact.subject} can still be used.", 57)
    _write_calls(table, script)


def _write_calls(table: FactTable, script: Script) -> None:
    total, asked, short = (table.find(name) for name in ("callable", "due_and_callable", "short_of_calls"))
    if total is None:
        return
    script.warn(f"Up to {script.money(total)} more may be called, on days that are not known.", _CALLS)
    parts = table.list_measure("callable_part")[:_SHOWN]
    if len(parts) > 1:
        script.warn(f"{join_names([f'{fact.subject} may call {script.money(fact)}' for fact in parts])}.", _CALLS)
    if short is not None:
        if asked is not None:
            script.warn(f"Were all of it called, {script.money(asked)} would be spoken for.", _SHORT)
        script.warn(f"Then {script.money(short)} has to come from elsewhere than the cash.", _SHORT)
        script.suggest("Enter no new commitment, and agree what is sold should all be called.", 78)
        script.prepare("agree what is sold should all commitments be called", 78)
