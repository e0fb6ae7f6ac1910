"""What an adviser says of credit: how much of what the lender lends on is used, and what a planned draw makes of it."""

from services.portfolio.domain.facts import CREDIT, Fact, FactTable
from services.portfolio.domain.narrative.text import Script

_URGENT, _LOAN, _FULL = 95, 86, 80
"""A line that the lender acts on, any other, and from what use on, in percent, one is told among what is urgent."""


def write(table: FactTable, script: Script) -> None:
    """What is drawn, how far that is from the margin call, and what is planned to be drawn."""
    drawn, use, limit = (table.find(name) for name in ("credit_drawn", "credit_use", "credit_limit"))
    if drawn is None:
        return
    name = table.glosses.get(CREDIT, "")
    if use is None:
        part = table.find("credit_limit_use")
        if part is not None and limit is not None:
            script.warn(
                f"{name}: {script.money(drawn)} of credit is drawn, {script.percent(part)} of the credit limit of "
                f"{script.money(limit)}.",
                _LOAN,
            )
        return
    value, room = table.find("lending_value"), table.find("credit_room")
    if value is None or room is None:
        return
    near = use.value >= _FULL or _is_passed(table, use) or bool(table.list_measure("credit_draw"))
    importance = _URGENT if near else _LOAN
    script.warn(
        f"{name}: {script.money(drawn)} of credit is drawn, {script.percent(use)} of the lending value of "
        f"{script.money(value)}"
        f"{_tell_passed(table, use, script)}.",
        importance,
    )
    if room.value > 0:
        beside = (
            f", whatever the credit limit of {script.money(limit)} says"
            if limit is not None and limit.value > value.value
            else ""
        )
        script.warn(f"The headroom of the line is {script.money(room)}{beside}.", importance)
    else:
        script.suggest("Repay or pledge more now: the lending value does not cover what is drawn.", 77)
        script.prepare("ask the lender what it asks for, and by when", 77)
    fall = table.find("credit_fall")
    if fall is not None:
        script.warn(f"A fall of {script.percent(fall)} in what is lent on brings it to the margin call.", importance)
    _tell_draws(table, script)


def _tell_draws(table: FactTable, script: Script) -> None:
    use, room = table.find("credit_use_after"), table.find("credit_room_after")
    draws = table.list_measure("credit_draw")
    if use is None or room is None or not draws:
        return
    parts = [f"{script.money(fact)} is to be drawn{_tell_day(fact, script)} ({fact.subject})" for fact in draws]
    script.warn(f"{'; '.join(parts)}.", _URGENT)
    script.warn(
        f"That takes the line to {script.percent(use)} of the lending value{_tell_passed(table, use, script)}.", _URGENT
    )
    beyond = table.find("credit_over")
    if beyond is None:
        script.warn(f"The headroom of the line is {script.money(room)} then.", _URGENT)
        return
    script.suggest(
        f"Do not draw that as planned: {script.money(beyond)} of it is beyond what is lent. Delay it, pay it out of "
        "what is held, or repay first.",
        78,
    )
    script.prepare("settle with the client what the planned draw is paid from instead", 78)


def _tell_day(fact: Fact, script: Script) -> str:
    return f" on {script.day(fact)}" if fact.dates else ""


def _is_passed(table: FactTable, use: Fact) -> bool:
    ends = (table.find(name) for name in ("margin_call", "forced_sale"))
    return any(fact is not None and use.value > fact.value for fact in ends)


def _tell_passed(table: FactTable, use: Fact, script: Script) -> str:
    """Where it stands to the ends at which the lender acts: those that it is above, and the first that it is not."""
    told = []
    for name, words in (("margin_call", "the margin call"), ("forced_sale", "the forced sale")):
        end = table.find(name)
        if end is None:
            continue
        side = "above" if use.value > end.value else "below"
        told.append(f"{side} {words} at {script.percent(end)}")
        if side == "below":
            break
    return f", {' and '.join(told)}" if told else ""
