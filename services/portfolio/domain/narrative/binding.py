"""What binds the client, in words: what may not be sold and why, and money that is spoken for."""

from collections.abc import Sequence

from services.portfolio.domain.due import find_due, find_ends, suits_model, suits_portfolio
from services.portfolio.domain.facts import (
    GOAL,
    LIMITS_IDLE,
    LIMITS_UNREAD,
    NEEDS,
    NEEDS_OPEN,
    SOURCES,
    Fact,
    FactTable,
    Mark,
    join_names,
    slug,
)
from services.portfolio.domain.glosses import CLOSED
from services.portfolio.domain.narrative import taxes
from services.portfolio.domain.narrative.text import Script

_NEED = 89
"""Money that is spoken for is told before limits: what is advised of the rest hangs on it."""
_PLAN = 74
_SHOWN = 3


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
        what = f"A part of {name}" if free is not None else name
        script.warn(f"{what} may not be sold now ({lock}).{part}", 90)


def tell_limits(table: FactTable, script: Script) -> None:
    """Limits of the client that nothing is judged by: no house limit stands in for those that were not understood."""
    if (idle := table.glosses.get(LIMITS_IDLE)) is not None:
        script.warn(
            "Not all of the client's limits could be held against this list, which does not show what they bind "
            f"({idle}).",
            60,
        )
        script.suggest("Hold these limits against the list of all that is held.", 41)
    if (unread := table.glosses.get(LIMITS_UNREAD)) is None:
        return
    script.warn(
        f"Not all of the client's limits could be held against this list ({unread}): what they bind is not judged, and "
        "those of the house do not stand in for it.",
        87,
    )
    script.suggest("Ask what these limits bind, each in percent, before anything is sold for their sake.", 71)
    script.prepare("ask what these limits bind, each in percent", 71)


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
    if table.list_measure("expected"):
        script.observe(f"{_list_entries(table, 'expected', 'is expected', script)}.", 45)
    quoted = table.glosses.get(NEEDS)
    if quoted is None:
        return
    if table.section == "top_movers":
        told = quoted or _list_entries(table, "spoken_for", "is planned", script)
        what = f" ({told})" if told else ""
        script.observe(f"Money is spoken for{what}, which no mover changes.", 30)
        return
    spoken = table.find("spoken_for")
    if spoken is None:
        script.warn(f"Money is spoken for ({quoted}): what is advised of the rest hangs on it.", _NEED)
        script.suggest("Settle first when how much of that is due, and keep it at hand.", _PLAN)
        script.prepare("settle with the client how much of that is due, and when", _PLAN)
        return
    sources = table.glosses.get(SOURCES, "").split("\n") if SOURCES in table.glosses else []
    _tell_spoken(table, spoken, quoted, sources, script)
    if (net := table.find("cash_short_net")) is not None and net.value:
        script.warn(f"Should what is expected come, {script.money(net)} would still have to be found.", _NEED)
    elif net is not None:
        script.warn(
            "Should what is expected come in time, nothing more would have to be found; it is not there yet.", _NEED
        )
    short_of = [name for name in (*sources, None) if _tell_source(table, name, script)]
    if short_of:
        return
    planned = table.find("cash_planned")
    after = ""
    if planned is not None and _is_traded(table):
        enough = "which covers it" if planned.value >= spoken.value else "which is too little for it"
        after = f" The trades towards the model leave cash of {script.money(planned)}, {enough}."
    script.suggest(
        f"Keep {script.money(spoken)} at hand for what is due, apart from what is invested."
        f"{_keep_repaid(list_repaid(table))}{after}",
        _PLAN,
    )
    script.prepare("set aside what is due", _PLAN)


def _tell_spoken(table: FactTable, spoken: Fact, quoted: str, sources: Sequence[str], script: Script) -> None:
    """How much is spoken for and for what, and what that leaves of the cash, or of that of its one source."""
    left, short = table.find("cash_left"), table.find("cash_short")
    least = "at least " if NEEDS_OPEN in table.glosses else ""
    tail = ""
    kept = table.find(f"source_left.{slug(sources[0])}") if len(sources) == 1 else None
    # What is spoken for beside the source's own needs comes out of the same cash, wherever it stands.
    beside = kept is not None and (short is not None or (left is not None and left.value < kept.value))
    if kept is not None and not beside:
        tail = f", which leaves {script.money(kept)} of the cash in {sources[0]}"
    elif left is not None and (beside or not sources):
        tail = f", which leaves cash of {'at most ' if least else ''}{script.money(left)}"
    elif short is not None and (beside or not sources):
        tail = f", and {script.money(short)} has to come from elsewhere than the cash"
    told = _list_entries(table, "spoken_for", "is planned", script, alone=not quoted)
    alone = told.startswith("it ")
    what = f": {told}" if alone else f" ({quoted})" if quoted else ""
    script.warn(f"Of the money {least}{script.money(spoken)} is spoken for{what}{tail}.", _NEED)
    if told and not alone:
        script.warn(f"{told}.", _NEED)


def _list_entries(table: FactTable, measure: str, verb: str, script: Script, *, alone: bool = False) -> str:
    """``£9,000 is planned for 15 January 2026 (house deposit); £1,000 is planned for tax``, the first of them; one
    that is ``alone``, whose amount was said, is ``it``."""
    facts = [fact for fact in table.list_measure(measure) if fact.id.startswith(("need.", "expected."))]
    word = "on" if measure == "expected" else "for"
    parts: list[str] = []
    for fact in facts[:_SHOWN]:
        amount = "it" if alone and len(facts) == 1 else script.money(fact)
        what = f"{word} {script.day(fact)} ({fact.subject})" if fact.dates else f"for {fact.subject}"
        parts.append(f"{amount} {verb} {what}")
    if (more := len(facts) - _SHOWN) > 0:
        parts.append(f"{more} more {verb if more == 1 else verb.replace('is', 'are', 1)}")
    return "; ".join(parts)


def _tell_source(table: FactTable, name: str | None, script: Script) -> bool:
    """What the cash of a source is short of, and what there is for it; False where nothing is short."""
    key = slug(name or "all")
    short, cash, rest = (table.find(f"{kind}.{key}") for kind in ("source_short", "source_cash", "source_rest"))
    where = f" in {name}" if name is not None else ""
    early, later, late, bound, free = (
        table.list_measure("market_value", f"source_held.{kind}.{key}.")
        for kind in ("early", "later", "late", "bound", "free")
    )
    ready = [f"{fact.subject} ({script.money(fact)}) matures on {script.day(fact)}, in time" for fact in early]
    ready += [
        f"{fact.subject} ({script.money(fact)}) matures on {script.day(fact)}, in time for what is due after that"
        for fact in later
    ]
    if cash is not None and short is not None:
        ready.insert(0, f"Cash{where} comes to {script.money(cash)}")
    if ready:
        enough = "" if short is not None else ": with that it is covered"
        script.warn(f"{join_names(ready)}{enough}.", _NEED)
    if short is not None and ready:
        script.warn(f"So {script.money(short)} has to be found{where or ' elsewhere'}.", _NEED)
    for fact in late:
        script.warn(f"{fact.subject} ({script.money(fact)}) matures on {script.day(fact)}, too late for it.", _NEED)
    if short is None:
        return False
    if rest is not None:
        script.warn(f"Were that sold before, {script.money(rest)} would still have to be found{where}.", _NEED)
    if bound:
        none = "counts for nothing, as it" if len(bound) == 1 else "count for nothing, as they"
        script.warn(f"{_name_values(bound, script)} {none} may not be sold freely.", _NEED)
    when = f" before {script.day(short)}" if short.dates else ""
    if _is_traded(table) and name is None:
        script.suggest(
            f"The sales towards the model bring the {script.money(short)} that has to be found: place them{when}, and "
            "buy only with what they bring beyond it.",
            _PLAN,
        )
        script.prepare("place the sales that pay for what is due", _PLAN)
        return True
    sold = rest if rest is not None else short
    if name is None and table.find("cash") is None:
        script.suggest(
            f"Find the {script.money(sold)} that is missing{when}, out of money held elsewhere or by a sale."
            f"{_keep_repaid([*early, *later])}",
            _PLAN,
        )
        script.prepare("ask the client what else there is for what is due", _PLAN)
        return True
    there = f": {_name_values(free, script)} can be" if free and name is not None else ""
    script.suggest(
        f"Plan now what is sold{where} for the {script.money(sold)} that has to be found{when}{there}, before anything "
        f"else is bought.{taxes.tell_sale(table, key, script)}{'' if there else _serve_both(table)}"
        f"{_keep_repaid([*early, *later])}",
        _PLAN,
    )
    script.prepare("settle with the client what is sold for what is due", _PLAN)
    return True


def list_repaid(table: FactTable) -> list[Fact]:
    """What matures in time for what is due, so that its money goes there."""
    return [fact for fact in table.facts if fact.id.startswith(("source_held.early.", "source_held.later."))]


def _keep_repaid(facts: Sequence[Fact]) -> str:
    names = join_names([str(fact.subject) for fact in facts[:_SHOWN]])
    return f" Do not reinvest what {names} {'pays' if len(facts) == 1 else 'pay'} back before that." if facts else ""


def _serve_both(table: FactTable) -> str:
    """What has to be sold anyway, so that the money for what is due comes out of it first."""
    over = table.list_measure("excess", "excess.single_name.")
    names = [str(fact.subject) for fact in over if may_sell_part(table, str(fact.subject))]
    if names:
        return f" Take it first out of {names[0]}, which is to be sold down anyway, so that one sale serves both."
    move = table.find("equity_move")
    if move is not None and not suits_portfolio(table) and _is_above(table):
        return " Take it first out of shares, which are more than suits the client, so that one sale serves both."
    return ""


def _is_above(table: FactTable) -> bool:
    (low, _), most = find_ends(table), table.find("profile_max")
    return low is not None and most is not None and low.value > most.value


def may_sell_part(table: FactTable, name: str) -> bool:
    """Whether a part of something can be sold when its holder wants to."""
    if table.is_marked(name, Mark.LOCKED) and not ((free := find_free(table, name)) is not None and free.value > 0):
        return False
    return not any(table.is_marked(name, mark) for mark in (Mark.WHOLE, Mark.SLOW))


def tell_day(table: FactTable, name: str, script: Script) -> str:
    """The client's own day for the limit of a position, where there is one."""
    day = table.find(f"limit_day.single_name.{slug(name)}")
    return f" by {script.day(day)}, the client's own day for it," if day is not None else ""


def list_closed(table: FactTable) -> dict[str, str]:
    """What has days, not yet over, on which it may not be sold, with what says so."""
    return dict(line.split("\t", 1) for line in filter(None, table.glosses.get(CLOSED, "").split("\n")))


def tell_closed(table: FactTable, name: str) -> str:
    """That a sale waits for the end of such days, where there are any."""
    return " once its closed period is over" if name in list_closed(table) else ""


def _is_traded(table: FactTable) -> bool:
    """Whether trades towards a model are told, none of which spends what is spoken for."""
    due = find_due(table) if table.section == "model_and_rebalancing" else None
    return due is not None and bool(due.value) and suits_model(table) and any(
        fact.value < 0 for fact in table.list_measure("trade", "planned.")
    )  # fmt: skip


def _name_values(facts: Sequence[Fact], script: Script) -> str:
    return join_names([f"{fact.subject} ({script.money(fact)})" for fact in facts])
