"""What an adviser says of performance and risk."""

from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.narrative.text import Script, name_benchmark, name_portfolio, relate

_DEEP = Decimal(-20)
_NOTICED = Decimal(-5)
_PERIODS = {1: ("yearly", "years"), 4: ("quarterly", "quarters"), 12: ("monthly", "months"), 52: ("weekly", "weeks"),
            252: ("daily", "trading days"), 365: ("daily", "days")}  # fmt: skip
_LONGER = Decimal("1.5")
"""From so many years on, the last twelve months are another story than the whole."""


def write(table: FactTable, script: Script) -> None:
    """The return first, then against the benchmark, then what it took to bear, then what to ask."""
    _write_return(table, script)
    _write_benchmark(table, script)
    _write_client_return(table, script)
    _write_risk(table, script)
    _write_reward(table, script)


def _write_return(table: FactTable, script: Script) -> None:
    total, yearly = table.find("twr"), table.find("cagr")
    if total is None:
        return
    rate = (
        f", {script.percent(yearly)} a year compounded"
        if (yearly is not None and yearly.value * total.value > 0 and abs(yearly.value - total.value) >= Decimal("0.1"))
        else ""
    )
    script.headline(
        f"{_period(table, script)} {_name(table)} {script.moved(total, 'returned', 'lost')}{rate}.",
        64 if total.value >= 0 else 80,
    )
    trailing, years = table.find("trailing_return"), table.find("years")
    if trailing is not None and years is not None and years.value > _LONGER:
        turned = ": what was gained was gained before" if trailing.value < 0 < total.value else ""
        script.observe(f"Over the last twelve months it {script.moved(trailing, 'returned', 'lost')}{turned}.", 51)


def _name(table: FactTable) -> str:
    return name_portfolio(table.frame).replace("The", "the", 1)


def _period(table: FactTable, script: Script) -> str:
    start, end = table.frame.start, table.frame.end
    if start is None or end is None:
        return "Over the whole period"
    return f"Over the whole period from {script.style.day(start)} to {script.style.day(end)}"


def _write_benchmark(table: FactTable, script: Script) -> None:
    yearly = table.find("benchmark_cagr") is not None and table.find("excess_cagr") is not None
    other = table.find("benchmark_cagr" if yearly else "benchmark_twr")
    excess = table.find("excess_cagr" if yearly else "excess_twr")
    if other is None or excess is None:
        script.suggest("Name a benchmark: without one nobody can say whether the return was good for its time.", 40)
        return
    when = " a year" if yearly else " over the same period"
    whole = table.find("benchmark_twr")
    script.observe(
        f"The portfolio is {script.ahead(excess, name_benchmark(table.frame))}, which "
        f"{script.moved(other, 'returned', 'lost')}{when}.",
        54 + min(int(abs(excess.value)) * 2, 24),
    )
    if yearly and whole is not None:
        script.observe(f"Over the whole period the benchmark {script.moved(whole, 'returned', 'lost')}.", 33)
    if excess.value < 0:
        kind = {"equity": "shares", "debt": "bonds"}.get(table.frame.benchmark_class or "")
        first = (
            f"Make sure first that the portfolio is one of {kind} alone, as its benchmark is; then ask"
            if kind
            else "Ask"
        )
        script.suggest(
            f"{first} what the shortfall comes from, and whether an index fund would serve the same purpose at a lower "
            "cost.",
            58,
        )
    ratio, error = table.find("information_ratio"), table.find("tracking_error")
    if ratio is not None and error is not None:
        worth = "and that paid off" if ratio.value > 0 else "and that did not pay"
        script.observe(
            f"It strayed from the benchmark by a tracking error of {script.percent(error)} a year, {worth} (an "
            f"information ratio of {script.number(ratio, 2)}).",
            36,
        )
    up, down = table.find("up_capture"), table.find("down_capture")
    if up is not None and down is not None and up.value >= 0 and down.value >= 0:
        better = (
            "so it went along with rises more than with falls"
            if up.value > down.value
            else "so falls reached it more fully than rises"
            if up.value < down.value
            else "alike in both"
        )
        script.observe(
            f"It captured {script.percent(up)} of rising markets and {script.percent(down)} of falling ones, {better}.",
            40,
            relate(
                Relation.ABOVE
                if up.value > down.value
                else Relation.LEVEL
                if up.value == down.value
                else Relation.BELOW,
                up,
                down,
            ),
        )


def _write_client_return(table: FactTable, script: Script) -> None:
    yearly, weighted = table.find("cagr"), table.find("xirr")
    if weighted is None or yearly is None or "flows" not in weighted.inputs:
        return  # without flows nothing came or went
    gap = weighted.value - yearly.value
    if abs(gap) >= Decimal("0.1"):
        why = "good" if gap > 0 else "poor"
        script.observe(
            f"Weighted by when it came in (XIRR), the money invested "
            f"{script.moved(weighted, 'returned', 'lost')} a year; "
            f"the difference says that it came and went at {why} times.",
            52,
        )


def _write_risk(table: FactTable, script: Script) -> None:
    volatility, beta, drawdown = (table.find(name) for name in ("volatility", "beta", "drawdown"))
    script.paragraph()
    if volatility is not None:
        tail = ""
        if beta is not None and beta.value >= 0:
            tail = f", with a beta of {script.number(beta, 2)}: {_read_beta(beta.value)}"
        script.observe(f"Volatility was {script.percent(volatility)} a year{tail}.", 34)
    if drawdown is not None and drawdown.value:
        _write_drawdown(table, script)
    var, shortfall = table.find("var"), table.find("cvar")
    if var is not None and shortfall is not None and var.value < 0 and shortfall.value < 0:
        level = script.style.number(var.parameters[0], 1)
        one, many = _PERIODS.get(var.periods_per_year or 0, ("the", "periods"))
        script.observe(
            f"In its worst {many} it lost {script.percent(var)} or more, and {script.percent(shortfall)} on average in "
            f"that tail. This is the historical value at risk at {level}%, read off {one} returns.",
            38,
        )


def _read_beta(beta: Decimal) -> str:
    if beta > Decimal("1.05"):
        return "it swings more than its benchmark"
    return "it swings less than its benchmark" if beta < Decimal("0.95") else "it swings with its benchmark"


def _write_drawdown(table: FactTable, script: Script) -> None:
    drawdown, current = table.find("drawdown"), table.find("current_drawdown")
    if drawdown is None:
        return
    days = drawdown.dates
    when = f", from {script.day(drawdown)} to {script.day(drawdown, 1)}" if len(days) > 1 else ""
    back = ""
    if len(days) == 2:
        back = ", and has not been recovered"
    elif len(days) == 3:
        back = f", and was recovered by {script.day(drawdown, 2)}"
    text = f"The largest drawdown was {script.percent(drawdown)}{when}{back}."
    if drawdown.value <= _DEEP:
        script.warn(f"{text} A fall of this size has happened and can happen again.", 74)
        script.suggest(
            "Check that money needed in the next few years does not stand in assets that can fall like this.", 56
        )
    else:
        script.observe(text, 46)
    if current is not None and current.value <= _NOTICED and current.value != drawdown.value:
        script.observe(
            f"At the end it still stood in a drawdown of {script.percent(current)} from its peak.",
            52,
        )


def _write_reward(table: FactTable, script: Script) -> None:
    sharpe, sortino = table.find("sharpe"), table.find("sortino")
    if sharpe is None:
        return
    number = script.number(sharpe, 2)
    judged = "well" if sharpe.value >= 1 else "fairly" if sharpe.value >= Decimal("0.5") else "poorly"
    more = f"; measured by falls alone it is a Sortino ratio of {script.number(sortino, 2)}" if sortino else ""
    less = ", so a deposit would have done better" if sharpe.value < 0 else ""
    script.observe(f"The risk was {judged} paid{less}, with a Sharpe ratio of {number}{more}.", 44)
    if sharpe.value < Decimal("0.5"):
        script.suggest(
            "Compare the return with what the same risk would have earned in a plain mix of index and deposit.", 48
        )
