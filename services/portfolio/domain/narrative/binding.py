"""What binds the client, in words: what may not be sold and why, and money that is spoken for."""

from services.portfolio.domain.facts import GOAL, LIMITS_UNREAD, NEEDS, NEEDS_OPEN, Fact, FactTable, Mark
from services.portfolio.domain.narrative.text import Script

_NEED = 89
"""Money that is spoken for is told before limits: what is advised of the rest hangs on it."""
_PLAN = 74


def tell_lock(table: FactTable, name: str) -> str | None:
    """Why something may not be sold, and how much of it may; None where it is bound by its kind alone."""
    return table.glosses.get(f"{name} may not be sold")


def find_free(table: FactTable, name: str) -> Fact | None:
    """The part of something that may be sold while the rest may not."""
    return next((fact for fact in table.facts if fact.id.startswith("free_value") and fact.subject == name), None)


def warn_locks(table: FactTable, script: Script) -> None:
    """What may not be sold by what was sent of it."""
    for name in [name for name, marks in table.marks.items() if Mark.LOCKED in marks]:
        lock, free = tell_lock(table, name), find_free(table, name)
        if lock is None:
            continue
        part = f" Only {script.money(free)} of it is free." if free is not None else ""
        script.warn(f"{name} may not be sold now ({lock}).{part}", 90)


def tell_limits(table: FactTable, script: Script) -> None:
    """Limits of the client that nothing is judged by: no house limit stands in for them."""
    if (unread := table.glosses.get(LIMITS_UNREAD)) is None:
        return
    script.warn(
        f"Not all of the client's limits could be held against this list ({unread}): what they bind is not judged, and "
        "those of the house do not stand in for it.",
        87,
    )
    script.suggest("Ask for these in figures, each with what it is of, before anything is sold for their sake.", 71)
    script.prepare("ask for these in figures, each with what it is of", 71)


def find_limit(table: FactTable, rule: str, name: str | None) -> Fact | None:
    """The limit that holds for one name under a rule: that which was set for it, else that for each."""
    own = (fact for fact in table.list_measure("limit", f"limit.{rule}.") if fact.subject == name)
    return next(own, None) or table.find(f"limit.{rule}")


def has_needs(table: FactTable) -> bool:
    """Whether money is spoken for."""
    return NEEDS in table.glosses


def tell_needs(table: FactTable, script: Script) -> None:
    """What is spoken for, what that leaves of the cash, and what to do about it, in every section alike."""
    if (goal := table.glosses.get(GOAL)) is not None and table.find("goal") is None:
        script.warn(f"The client saves for this, and no figure here says whether it is reached: {goal}.", 83)
    needs = table.glosses.get(NEEDS)
    if needs is None:
        return
    if table.section == "top_movers":
        script.observe(f"Money is spoken for ({needs}), which no mover changes.", 30)
        return
    spoken, left, short = (table.find(name) for name in ("spoken_for", "cash_left", "cash_short"))
    least = "at least " if NEEDS_OPEN in table.glosses else ""
    if spoken is None:
        script.warn(f"Money is spoken for ({needs}): what is advised of the rest hangs on it.", _NEED)
        script.suggest("Settle first when how much of that is due, and keep it at hand.", _PLAN)
        script.prepare("settle with the client how much of that is due, and when", _PLAN)
        return
    tail = ""
    if left is not None:
        tail = f", which leaves cash of {'at most ' if least else ''}{script.money(left)}"
    elif short is not None:
        tail = f", and {script.money(short)} has to come from elsewhere than the cash"
    script.warn(f"Of the money {least}{script.money(spoken)} is spoken for ({needs}){tail}.", _NEED)
    if short is not None:
        script.suggest(
            f"Plan now what is sold for the {script.money(short)} that has to come from elsewhere, before anything "
            "else is bought.",
            _PLAN,
        )
        script.prepare("settle with the client what is sold for what is due", _PLAN)
        return
    planned = table.find("cash_planned")
    after = ""
    if planned is not None:
        enough = "which covers it" if planned.value >= spoken.value else "which is too little for it: sell or buy less"
        after = f" The trades towards the model leave cash of {script.money(planned)}, {enough}."
    script.suggest(f"Keep {script.money(spoken)} at hand for what is due, apart from what is invested.{after}", _PLAN)
    script.prepare("set aside what is due", _PLAN)
