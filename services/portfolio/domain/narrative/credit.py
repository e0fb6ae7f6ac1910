"""What an adviser says of credit: how much of what the lender lends on is used, and what a planned draw makes of it."""

from services.portfolio.domain.facts import CREDIT, Fact, FactTable
from services.portfolio.domain.narrative.text import Script

_URGENT, _LOAN, _FULL = 95, 86, 80
"""A line that the lender acts on, any other, and from what use on, in percent, one is told among what is urgent."""
_ENDS = {"margin_alert": "the lender's alert", "margin_call": "the margin call", "forced_sale": "the forced sale"}
"""At which use of the lending value the lender acts, the first of them first."""


def write(table: FactTable, script: Script) -> None:
    """What is drawn, how far that is from the margin call, and what is planned to be drawn."""
    drawn, use, limit = (table.find(name) for name in ("credit_drawn", "credit_use", "credit_limit"))
    if drawn is None:
        return
    name = table.glosses.get(CREDIT, "")
    if table.list_measure("credit_line"):
        _tell_lines(table, drawn, script)
        return
    if use is None:
        part = table.find("credit_limit_use")
        if part is not None and limit is not None:
            script.warn(
                f"{name}: {script.money(drawn)} of credit is drawn{_tell_rate(table, script)}, {script.percent(part)} "
                f"of the credit limit of {script.money(limit)}.",
                _LOAN,
            )
        return
    value, room = table.find("lending_value"), table.find("credit_room")
    if value is None or room is None:
        return
    near = use.value >= _FULL or _is_passed(table, use) or bool(table.list_measure("credit_draw"))
    importance = _URGENT if near else _LOAN
    script.warn(
        f"{name}: {script.money(drawn)} of credit is drawn{_tell_rate(table, script)}, {script.percent(use)} of the "
        "lending value of "
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
    alert = table.find("margin_alert")
    if room.value > 0 and alert is not None and use.value > alert.value:
        script.suggest(
            "Bring the line back below the lender's alert, by repaying or pledging more, before it calls.", 77
        )
        script.prepare("settle with the client how the line is brought below the lender's alert", 77)
    if (left := table.find("credit_room_call")) is not None:
        script.warn(f"Already {script.money(left)} more would bring it to the margin call.", importance)
    fall = table.find("credit_fall")
    if fall is not None:
        script.warn(f"A fall of {script.percent(fall)} in what is lent on brings it to the margin call.", importance)
    _tell_draws(table, script)


def _tell_rate(table: FactTable, script: Script) -> str:
    rate = table.find("credit_rate")
    return f" at a lending rate of {script.percent(rate)} a year" if rate is not None else ""


def _tell_lines(table: FactTable, drawn: Fact, script: Script) -> None:
    """What is drawn of each of several lines and at what rate, and which of them costs most."""
    for fact in table.list_measure("credit_line"):
        key = fact.id.removeprefix("credit_line.")
        limit, rate = table.find(f"credit_line_limit.{key}"), table.find(f"credit_line_rate.{key}")
        of = f", under a line limit of {script.money(limit)}" if limit is not None else ""
        at = f", at a lending rate of {script.percent(rate)} a year" if rate is not None else ""
        script.warn(f"{fact.subject}: {script.money(fact)} is drawn on it{of}{at}.", _LOAN)
    script.warn(f"All lines together, {script.money(drawn)} of credit is drawn.", _LOAN)
    rates = sorted(table.list_measure("credit_rate", "credit_line_rate."), key=lambda fact: -fact.value)
    if len(rates) > 1 and rates[0].value > rates[-1].value:
        script.suggest(
            f"Where credit is repaid, begin with {rates[0].subject}, at a lending rate of "
            f"{script.percent(rates[0])} a year.",
            52,
        )
        script.prepare("ask what an early repayment of each line costs", 52)


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
    ends = (table.find(name) for name in _ENDS)
    return any(fact is not None and use.value > fact.value for fact in ends)


def _tell_passed(table: FactTable, use: Fact, script: Script) -> str:
    """Where it stands to the ends at which the lender acts: those that it is above, and the first that it is not."""
    told = []
    for name, words in _ENDS.items():
        end = table.find(name)
        if end is None:
            continue
        side = "above" if use.value > end.value else "below"
        told.append(f"{side} {words} at {script.percent(end)}")
        if side == "below":
            break
    return f", {' and '.join(told)}" if told else ""
