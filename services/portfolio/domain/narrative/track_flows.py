"""What an adviser says of the money that came and went beside a track, its timing, and the goal that it is for."""

from decimal import Decimal

from services.portfolio.domain.facts import MISSED, FactTable
from services.portfolio.domain.narrative.text import MUCH_DRAWN, SHORT_LIFE, Script

_TIMED = Decimal("0.5")
"""Points a year from which the way of the payments is told: less may be the days on which values are known."""


def write_goal(table: FactTable, script: Script) -> None:
    """What the goal asks the investments to earn, and which payments for it are listed as nothing."""
    goal, rate, payment, rest = (table.find(name) for name in ("goal", "goal_rate", "goal_payment", "goal_open"))
    if goal is not None and rest is not None:
        with_ = f" and with {script.money(payment)} a month as so far" if payment is not None else ""
        script.warn(
            f"The goal of {script.money(goal)} is set for {script.day(goal)}. Without a return{with_}, "
            f"{script.money(rest)} would be short of the goal.",
            86,
        )
        if rate is not None:
            script.warn(f"The investments would have to earn {script.percent(rate)} a year, after costs and tax.", 86)
        script.suggest(
            "Settle with the client which of the goal, its day and the payments can move, as no return can be counted "
            "on.",
            65,
        )
        script.prepare("ask the client which of the goal, its day and the payments can move", 65)
    if (missed := table.glosses.get(MISSED)) is not None:
        script.warn(f"Among payments that recur, nothing is listed as paid ({missed}).", 58)
        script.suggest("Ask why that payment was left out, and whether it still comes.", 52)


def write_flows(table: FactTable, script: Script) -> None:
    """What became of the money: how much of the change was paid in or taken out, and what the investments did."""
    first, last, net, earned = (table.find(name) for name in ("start_value", "market_value", "net_flows", "earned"))
    if first is None or last is None or net is None or earned is None or not net.value:
        return
    starts, ends = script.money(first), script.money(last)
    grew = "grew" if last.value > first.value else "shrank"
    changed = f"Its value {grew} from {starts} to {ends}"
    if script.style.money(first.value, first.currency) == script.style.money(last.value, last.currency):
        changed = f"Its value is {ends} again, as it was at the start"
    both = {fact.value > 0 for fact in table.given if fact.measure == "flow" and fact.value}
    into, out = ("paid in, net of withdrawals", "taken out, net of payments in")
    if len(both) < 2:  # nothing to net where all went one way
        into, out = "paid in", "taken out"
    way = f"were {into if net.value > 0 else out}"
    script.observe(
        f"{changed}: {script.money(net)} {way}, and the "
        f"investments {'earned' if earned.value >= 0 else 'lost'} {script.money(earned)}.",
        52,
    )
    told = table.find("draw") is not None
    if earned.value > 0 and net.value < 0 and -net.value > earned.value:
        script.warn("More was taken out than the investments earned, so that the capital shrank.", 72)
    if earned.value > 0 and net.value < 0 and -net.value > earned.value and not told:
        script.suggest("Agree for how long the money has to last, and set the withdrawals by that.", 62)
        script.prepare("ask the client for how long the withdrawals are meant to last", 62)
    _write_draw(table, script)
    if any(note.code == "large_flows" for note in table.notes):
        script.observe("As no value is known for the day of a large payment, the return around it is an estimate.", 31)


def _write_draw(table: FactTable, script: Script) -> None:
    """What part of what is left is drawn in a year, and for how long that lasts."""
    draw, rate, least, earning = (
        table.find(name) for name in ("draw", "draw_rate", "draw_years", "draw_years_earning")
    )
    yearly = table.find("cagr")
    if draw is None or rate is None or least is None:
        return
    text = f"The regular withdrawals come to {script.money(draw)} a year, {script.percent(rate)} of what is left"
    lasting = f"Drawn on at that, it would last about {script.years(least)} without any return"
    if earning is not None and yearly is not None:
        lasting += f", and about {script.years(earning)} at the {script.percent(yearly)} a year earned so far"
    longest = earning if earning is not None else least
    kept = earning is None and yearly is not None and yearly.value >= rate.value
    if kept:
        script.observe(f"{text}, which the return so far has borne.", 51)
    elif rate.value > MUCH_DRAWN or longest.value < SHORT_LIFE:
        script.warn(f"{text}. {lasting}; rising prices would shorten that.", 96)
        script.suggest(
            "Agree for how long the money has to last, and bring the withdrawals down to what bears that.", 63
        )
        script.prepare("ask the client for how long the withdrawals are meant to last", 63)
    else:
        script.observe(f"{text}. {lasting}.", 51)


def write_client_return(table: FactTable, script: Script) -> None:
    yearly, weighted = table.find("cagr"), table.find("xirr")
    if weighted is None or yearly is None or "flows" not in weighted.inputs:
        return  # without flows nothing came or went
    gap = weighted.value - yearly.value
    if abs(gap) >= _TIMED:
        dated = [fact for fact in table.given if fact.measure == "flow" and fact.value]
        why = ""  # of payments both ways it is not known which of them made the difference
        if len(dated) == 1:
            what = "paid in" if dated[0].value > 0 else "taken out"
            better = (gap > 0) is (dated[0].value > 0)
            why = f"that markets did {'better' if better else 'worse'} after the one sum was {what} than before it"
        elif len({fact.value > 0 for fact in dated}) == 1:
            what = "paid in" if dated[0].value > 0 else "taken out"
            why = f"that the money was {what} at {'good' if gap > 0 else 'poor'} times"
        script.observe(
            f"Weighted by when it came in (XIRR), the money invested "
            f"{script.moved(weighted, 'returned', 'lost')} a year{'; the difference says ' if why else ''}{why}.",
            52,
        )
