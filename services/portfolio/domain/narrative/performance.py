"""What an adviser says of performance and risk."""

from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import COSTS, NAMED_INDEX, FactTable
from services.portfolio.domain.narrative import falls, track_flows
from services.portfolio.domain.narrative.text import (
    Script,
    name_benchmark,
    name_portfolio,
    relate,
)

_DEEP = Decimal(-20)
_NOTICED = Decimal(-5)
_PERIODS = {1: ("yearly", "years"), 2: ("half-yearly", "half-years"), 4: ("quarterly", "quarters"),
            12: ("monthly", "months"), 52: ("weekly", "weeks"), 252: ("daily", "trading days"),
            365: ("daily", "days")}  # fmt: skip
_LONGER = Decimal("1.5")
"""From so many years on, the last twelve months are another story than the whole."""
_LEAST_TAIL = 5
"""The mean of so many has less than half the scatter of one (1 / sqrt(5)); a tail of fewer is told by its worst."""
_GAP = Decimal(1)
"""A gap of fewer points in a year is the scatter of any two tracks."""
_FEW = 12
"""Fewer returns than this say little of how far they scatter (``figures.track.LEAST_RETURNS``)."""
_OTHER_RISK = Decimal("0.05")
"""A beta closer to one than this is that of the benchmark."""
_BORNE_OUT = Decimal("0.5")
"""The part of a beta's distance from one that has to show in the swings too: else these come from elsewhere."""
_ERRORS = 2
"""Standard errors of a ratio of two volatilities (1 / sqrt(n) of n returns each) from which one is the larger."""
_ALIKE = Decimal("1.1")
"""Volatilities no further apart say little: that of twelve returns scatters by a fifth (1 / sqrt(2 x 12))."""


def write(table: FactTable, script: Script) -> None:
    """The return first, then against the benchmark, then what it took to bear, then what to ask."""
    _write_return(table, script)
    falls.write(table, script)
    track_flows.write_goal(table, script)
    track_flows.write_flows(table, script)
    _write_benchmark(table, script)
    _write_trailing(table, script)
    track_flows.write_client_return(table, script)
    _write_risk(table, script)
    _write_reward(table, script)


def _write_return(table: FactTable, script: Script) -> None:
    total, yearly, safe = (table.find(name) for name in ("twr", "cagr", "risk_free"))
    if total is None:
        return
    told = yearly is not None and yearly.value * total.value > 0 and abs(yearly.value - total.value) >= Decimal("0.1")
    period = _period(table, script)
    rate = f", {script.percent(yearly)} a year compounded" if told and yearly is not None else ""
    script.headline(
        f"{period} {_name(table)} {script.moved(total, 'returned', 'lost')}{rate}.",
        64 if total.value >= 0 else 80,
    )
    if yearly is not None and safe is not None and yearly.value < safe.value:
        says = relate(Relation.BELOW, yearly, safe)
        least = Decimal("0.005")  # less is printed as nothing
        that = "The return is" if told or yearly.value < least else f"At {script.percent(yearly)} a year the return is"
        script.observe(
            f"{that} below the risk-free rate of {script.percent(safe)} a year: the risk taken has not been rewarded.",
            55,
            says,
        )
        script.suggest(
            "Ask whether this much risk still suits the client, as a "
            f"{script.mark('deposit at that rate would have earned more', says)}.",
            57,
        )
        script.prepare("ask the client for how long the money can stay invested", 57)


def _write_trailing(table: FactTable, script: Script) -> None:
    """The last twelve months, apart from all that is said of the whole period; and what a loss asks for."""
    total, trailing, years = (table.find(name) for name in ("twr", "trailing_return", "years"))
    excess = table.find("excess_twr")
    if total is None:
        return
    apart = trailing is not None and years is not None and years.value > _LONGER
    if apart and trailing is not None:
        turned = ", which gave back a part of what was gained before" if trailing.value < 0 < total.value else ""
        beside = _set_beside(table, script)
        script.observe(
            f"Over the last twelve months alone it {script.moved(trailing, 'returned', 'lost')}{beside or turned}.",
            56 if beside else 51,
        )
        _write_split(table, script)
    if excess is not None and excess.value < 0 and _arose_lately(table):
        return  # what changed is asked already
    if total.value < 0 or (apart and trailing is not None and trailing.value < 0):
        when = "" if total.value < 0 else " of the last twelve months"
        script.suggest(f"Find out which holdings made the loss{when} before anything is changed.", 59)
        script.prepare("have the returns of each holding sent for the same time", 59)


def _set_beside(table: FactTable, script: Script) -> str:
    """What the benchmark did in the same twelve months."""
    other, excess = table.find("benchmark_trailing"), table.find("trailing_excess")
    if other is None or excess is None:
        return ""
    return f", while the benchmark {script.moved(other, 'returned', 'lost')}"


def _arose_lately(table: FactTable) -> bool:
    """Whether all of the gap to the benchmark arose in the last twelve months."""
    whole, last, before = (table.find(name) for name in ("excess_twr", "trailing_excess", "earlier_excess"))
    if whole is None or last is None or before is None:
        return False
    return whole.value * last.value > 0 >= before.value * whole.value and abs(last.value) >= _GAP


def _write_split(table: FactTable, script: Script) -> None:
    """That the whole gap arose in the last twelve months, where it did."""
    whole, last, before = (table.find(name) for name in ("excess_twr", "trailing_excess", "earlier_excess"))
    if whole is None or last is None or before is None or not _arose_lately(table):
        return
    behind = whole.value < 0
    says = relate(Relation.BELOW if behind else Relation.ABOVE, whole)
    side = script.mark("behind" if behind else "ahead of", relate(Relation.IS, whole))
    stood = script.ahead(before, "it")
    script.observe(
        f"So it is the last twelve months that put it {side} the benchmark: before them it was {stood}.", 57, says
    )


def _name(table: FactTable) -> str:
    return name_portfolio(table.frame).replace("The", "the", 1)


def _period(table: FactTable, script: Script) -> str:
    """The days of the whole period, else how many periods it has."""
    start, end, count, whole = table.frame.start, table.frame.end, table.find("periods"), table.find("twr")
    if start is not None and end is not None:
        return f"Over the whole period from {script.date(start, whole)} to {script.date(end, whole)}"
    if count is not None and (unit := _unit(table, many=count.value != 1)) is not None:
        return f"Over the whole period of {script.count(count, unit)}"
    return "Over the whole period"


def _unit(table: FactTable, *, many: bool = True) -> str | None:
    """``months``, ``quarter``; None where it is not known how long a period is."""
    total = table.find("twr")
    named = _PERIODS.get(total.periods_per_year or 0) if total is not None else None
    return (named[1] if many else named[1].removesuffix("s")) if named is not None else None


def _write_benchmark(table: FactTable, script: Script) -> None:
    yearly = table.find("benchmark_cagr") is not None and table.find("excess_cagr") is not None
    other = table.find("benchmark_cagr" if yearly else "benchmark_twr")
    excess = table.find("excess_cagr" if yearly else "excess_twr")
    if other is None or excess is None:
        if (index := table.glosses.get(NAMED_INDEX)) is not None:
            script.suggest(
                f"Have the return of {index} sent, which the payload names: it is what this is measured by.", 40
            )
            script.prepare(f"have the return of {index} for the same time sent", 40)
        else:
            script.suggest("Name a benchmark: without one nobody can say whether the return was good for its time.", 40)
            script.prepare("agree on a benchmark of the same mix", 40)
        return
    per = " a year" if yearly else ""
    ahead = script.ahead(excess, name_benchmark(table.frame), per)
    moved = script.moved(other, "returned", "lost")
    part = table.find("shared_cagr" if yearly else "shared_twr")
    own = f"returned {script.percent(part)}{per}" if part is not None and part.value >= 0 else "is"
    own = f"lost {script.percent(part)}{per}" if part is not None and part.value < 0 else own
    script.observe(
        f"{_shared(table)} the portfolio {own}{', ' if part is not None else ' '}{ahead}, which {moved}{per}.",
        54 + min(int(abs(excess.value)) * 2, 24),
    )
    _write_behind(table, script)
    explained = _write_market_risk(table, script)
    _warn_unpaid_risk(table, script)
    if excess.value < 0 and not explained:
        _ask_for_reasons(table, script)
    _write_capture(table, script)


def _write_behind(table: FactTable, script: Script) -> None:
    """How often it was behind, of the periods that both have; of days nobody counts that."""
    behind, shared = table.find("periods_behind"), table.find("shared_periods")
    unit = _unit(table)
    if behind is None or shared is None or unit is None or unit.endswith("days") or shared.value < _FEW:
        return
    script.observe(
        f"Counted one by one, {script.number(behind)} of the {script.number(shared)} {unit} that both have went to the "
        "benchmark.",
        36,
    )


def _shared(table: FactTable) -> str:
    """The time that the comparison is of."""
    own, other, excess = (table.find(name) for name in ("twr", "benchmark_twr", "excess_twr"))
    unit = _unit(table) or "periods"
    whole = own and other and excess and abs(other.value + excess.value - own.value) < Decimal("0.0001")
    return f"Over the same {unit}" if whole else f"Over the {unit} that both have"


def _is_market_risk(table: FactTable) -> bool:
    """Whether at least half of the yearly gap is what a beta other than one makes of the benchmark's return."""
    beta, alpha, safe = (table.find(name) for name in ("beta", "alpha", "risk_free"))
    other, excess = table.find("benchmark_cagr"), table.find("excess_cagr")
    if beta is None or alpha is None or other is None or excess is None:
        return False
    if beta.value < 0 or abs(beta.value - 1) <= _OTHER_RISK:
        return False
    own, its = table.find("volatility"), table.find("benchmark_volatility")
    if own is None or its is None or not its.value:
        return False
    if (own.value / its.value - 1) / (beta.value - 1) < _BORNE_OUT:
        return False  # it moves with other things than the benchmark, and no less for that
    by_beta = (beta.value - 1) * (other.value - (safe.value if safe is not None else 0))
    return by_beta * excess.value > 0 and abs(by_beta) * 2 >= abs(excess.value)


def _write_market_risk(table: FactTable, script: Script) -> bool:
    """That the gap is mostly one of market risk, and what to decide then; whether it is. What is left after it is told
    beside a riskless rate alone: taken as nought, that rate would be told as skill."""
    beta, alpha = table.find("beta"), table.find("alpha")
    if beta is None or alpha is None or not _is_market_risk(table):
        return False
    less = beta.value < 1
    nothing = abs(alpha.value) < Decimal("0.05")
    sign = "-" if alpha.value < 0 else ""
    left = "; what is left after it cannot be told, as no risk-free rate was sent"
    if table.find("risk_free") is not None:
        size = "next to nothing" if nothing else f"an alpha of {sign}{script.percent(alpha)} a year"
        left = f"; what is left after it is {size}"
    script.observe(
        f"Most of the gap comes from taking {'less' if less else 'more'} market risk, with a beta of "
        f"{script.number(beta, 2)}{left}.",
        53,
    )
    script.suggest(
        "Decide whether the lower market risk is meant: if it is, measure against a benchmark of "
        "that risk; if not, more "
        "exposure would be needed, and deeper falls would have to be borne."
        if less
        else "Decide whether the higher market risk is meant: it moves the result further both ways.",
        58,
    )
    script.prepare("ask the client which fall in a year could be borne", 58)
    return True


def _swings_more(table: FactTable) -> bool:
    """Whether it is behind and swings much more than the benchmark all the same."""
    own, its, excess = (table.find(name) for name in ("volatility", "benchmark_volatility", "excess_cagr"))
    count = table.find("periods")
    if own is None or its is None or excess is None or count is None or count.value < _FEW:
        return False
    more = 1 + _ERRORS / count.value.sqrt()
    return excess.value < 0 and its.value > 0 and own.value >= its.value * more


def _warn_unpaid_risk(table: FactTable, script: Script) -> None:
    """That more risk was taken for a lower return."""
    own, its = table.find("volatility"), table.find("benchmark_volatility")
    if own is None or its is None or not _swings_more(table):
        return
    script.warn(
        f"It took more risk for less return: volatility was {script.percent(own)} a year, against "
        f"{script.percent(its)} for the benchmark.",
        82,
    )
    script.suggest("Ask what the swings come from, and whether they are meant at all.", 60)
    script.prepare("have the returns of each holding sent for the same time: they show where the swings come from", 60)


def _ask_for_reasons(table: FactTable, script: Script) -> None:
    years = table.find("years")
    costs = table.glosses.get(COSTS)
    asked = "have the returns of each holding and all costs sent for the same time"
    if costs is not None:
        asked = (
            "have the returns of each holding sent for the same time, and take the costs that were sent "
            f"({costs}) off first"
        )
    script.prepare(asked, 60 if _arose_lately(table) else 58)
    if _arose_lately(table):
        script.suggest(
            "Find out what changed about a year ago, a holding, a manager or the mix: the gap to the benchmark arose "
            "since then.",
            60,
        )
        return
    if years is not None and years.value < 1:
        script.suggest(
            "Ask what was held when it fell behind, and judge the shortfall once a full year can be seen.", 58
        )
        return
    kind = {"equity": "shares", "debt": "bonds"}.get(table.frame.benchmark_class or "")
    first = (
        f"Make sure first that the portfolio is one of {kind} alone, as its benchmark is; then ask" if kind else "Ask"
    )
    alpha = table.find("alpha")
    index = (
        ", and whether an index fund would serve the same purpose at a lower cost"
        if alpha is not None and alpha.value < 0
        else ""
    )
    script.suggest(f"{first} what the shortfall comes from{index}.", 58)


def _write_capture(table: FactTable, script: Script) -> None:
    """The captures of rises and falls, where its periods tell the two apart."""
    up, down, apart = (table.find(name) for name in ("up_capture", "down_capture", "capture_difference"))
    if up is None or down is None or apart is None or up.value < 0 or down.value < 0:
        return
    more, than = ("rises", "falls") if apart.value > 0 else ("falls", "rises")
    script.observe(
        f"It captured {script.percent(up)} of rising markets and {script.percent(down)} of falling "
        "ones, so it went along "
        f"more with {more} than with {than}.",
        40,
        relate(Relation.ABOVE if apart.value > 0 else Relation.BELOW, up, down),
    )


def _write_risk(table: FactTable, script: Script) -> None:
    volatility, drawdown = table.find("volatility"), table.find("drawdown")
    script.paragraph()
    count, other = table.find("periods"), table.find("benchmark_volatility")
    if count is not None and count.value < _FEW:
        script.observe(
            "The track is too short to judge how much risk was taken: "
            f"{script.count(count, _unit(table, many=count.value != 1) or 'returns')} say little of how far the next "
            "ones may scatter.",
            36,
        )
    elif volatility is not None and not _swings_more(table):
        tail = f", against {script.percent(other)} for the benchmark" if other is not None else ""
        script.observe(f"Volatility was {script.percent(volatility)} a year{tail}.{_tell_verdict(table)}", 34)
    if drawdown is not None and drawdown.value:
        _write_drawdown(table, script)
    _write_tail(table, script)


def _tell_verdict(table: FactTable) -> str:
    """That it did better without more risk, where it did by more than two tracks scatter."""
    own, its, excess = (table.find(name) for name in ("volatility", "benchmark_volatility", "excess_cagr"))
    if own is None or its is None or excess is None or excess.value < _GAP:
        return ""
    if own.value > its.value * _ALIKE:
        return ""
    less = own.value * _ALIKE < its.value
    return f" So it did better with {'less' if less else 'no more'} risk."


def _write_tail(table: FactTable, script: Script) -> None:
    """What the worst periods lost on average, where there are enough of them; else the worst one."""
    var, shortfall, count, worst = (table.find(name) for name in ("var", "cvar", "periods", "worst_period"))
    if var is None or shortfall is None or count is None or worst is None or worst.value >= 0:
        return
    one, many = _PERIODS.get(var.periods_per_year or 0, ("the", "periods"))
    if count.value * (100 - var.parameters[0]) < _LEAST_TAIL * 100:
        when = f", the one to {script.day(worst)}," if worst.dates else ""
        script.observe(
            f"Its worst {many.removesuffix('s')}{when} {script.moved(worst, 'returned', 'lost')}; there are too few "
            f"{many} to say what a bad one costs on average.",
            38,
        )
    elif var.value < 0 and shortfall.value < 0:
        level = script.mark(f"{script.style.number(var.parameters[0], 1)}%", relate(Relation.IS, var))
        script.observe(
            f"In its worst {many} it lost {script.percent(var)} or more, and {script.percent(shortfall)} on average in "
            f"that tail. This is the historical value at risk at {level}, read off {one} returns.",
            38,
        )


def _write_drawdown(table: FactTable, script: Script) -> None:
    drawdown, current = table.find("drawdown"), table.find("current_drawdown")
    if drawdown is None:
        return
    days = drawdown.dates
    when = f", from {script.day(drawdown)} to {script.day(drawdown, 1)}" if len(days) > 1 else ""
    back, recovered = "", script.mark("recovered", relate(Relation.IS, drawdown))
    if len(days) == 2:
        back = f", and has not been {recovered}"
    elif len(days) == 3:
        back = f", and was {recovered} by {script.day(drawdown, 2)}"
    text = f"The largest drawdown was {script.percent(drawdown)}{when}{back}."
    if drawdown.value <= _DEEP:
        script.warn(f"{text} A fall of this size has happened and can happen again.", 74)
        script.suggest(
            "Check that money needed in the next few years does not stand in assets that can fall like this.", 56
        )
        script.prepare("ask the client which payments are due in the next few years", 56)
    else:
        script.observe(text, 46)
    if current is not None and current.value <= _NOTICED and current.value != drawdown.value:
        script.observe(
            f"At the end it still stood in a drawdown of {script.percent(current)} from its peak.",
            52,
        )


def _write_reward(table: FactTable, script: Script) -> None:
    sharpe = table.find("sharpe")
    if sharpe is None:
        return
    safe, yearly = table.find("risk_free"), table.find("cagr")
    unrewarded = safe is not None and yearly is not None and yearly.value < safe.value
    if unrewarded:
        return  # said where the return is: a ratio below zero orders nothing
    ratio = f"a Sharpe ratio of {script.number(sharpe, 2)}"
    over = (
        f"over a risk-free rate of {script.percent(safe)} a year"
        if safe is not None
        else "with all of the return taken as reward, as no risk-free rate was sent"
    )
    script.observe(f"For its swings it earned {ratio}, {over}.", 44)
    if sharpe.value < Decimal("0.5"):
        script.suggest(
            "Compare the return with what the same risk would have earned in a plain mix of index and deposit.", 48
        )
