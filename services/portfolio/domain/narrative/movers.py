"""What an adviser says of the top movers."""

import re
from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import LEFT_OUT, Fact, FactTable, join_names
from services.portfolio.domain.narrative.text import Script, name_portfolio, rank, relate
from services.portfolio.domain.readings import AMBIGUOUS

_SHOWN = 3
_COMMON = re.compile(r"(?:first|second|third|fourth|previous|current|week|month|quarter|half|year)\b(?! to date)")
"""How a time begins that is named by common words: it takes an article."""
_PRINTED = Decimal("0.005")
"""Points below this are printed as nothing."""
_SIZE = 72
"""What is at twice its limit or more is urgent, what is little above it is told after what happened."""
_MUCH = 10
"""From this return on, in percent, a rise may have moved a weight noticeably."""


def write(table: FactTable, script: Script) -> None:
    """What the movers did to the portfolio first, then who, then what that asks for."""
    returns = sorted(table.list_measure("return"), key=lambda fact: -fact.value)
    contributions = sorted(table.list_measure("contribution"), key=lambda fact: -fact.value)
    if not returns and any(absent.id == "return" for absent in table.absent):
        _write_unknown(table, script)
        return
    _write_headline(table, returns, script)
    _warn_size(table, script)
    _write_moves(table, returns, script)
    _write_contributions(table, contributions, script)
    _write_advice(table, returns, contributions, script)


def _write_unknown(table: FactTable, script: Script) -> None:
    """That no return is known, which is not to say that nothing moved."""
    if (portfolio := table.find("portfolio_return")) is not None:
        when = f"over {spell_period(table.frame.period)}"
        script.headline(f"{name_portfolio(table.frame)} {script.moved(portfolio)} {when}.", 66)
    script.warn("What the movers returned is not known, nor which of them gained or lost.", 70)
    script.suggest("Settle first in which unit the returns of the movers were sent.", 66)
    script.prepare("settle the unit of the movers' returns", 66)


def _write_headline(table: FactTable, returns: list[Fact], script: Script) -> None:
    total, portfolio = table.find("total_contribution"), table.find("portfolio_return")
    gainers, losers = table.find("gainers"), table.find("losers")
    if portfolio is not None and total is not None:
        did = f"{'added' if total.value > 0 else 'cost'} {script.points(total)}" if total.value else ""
        rest = "and everything else made up for it" if portfolio.value > 0 else "which everything else undid"
        if not total.value:
            together = "neither added nor cost anything"
        elif total.value * portfolio.value <= 0:
            together = f"{did}, {rest}"
        elif abs(total.value) - abs(portfolio.value) >= _PRINTED:  # a part is never more than its whole
            together = f"{did}, more than the whole, as everything else {'cost' if total.value > 0 else 'added'} some"
        else:
            together = f"{did} of it"
        when = f"over {spell_period(table.frame.period)}"
        script.headline(
            f"{name_portfolio(table.frame)} {script.moved(portfolio)} {when}; the movers together {together}.", 66
        )
    elif total is not None and total.value:
        word = "added" if total.value > 0 else "cost"
        script.headline(
            f"Together the movers {word} {script.points(total)} to the portfolio's return."
            if total.value > 0
            else f"Together the movers {word} the portfolio {script.points(total)} of return.",
            64,
        )
    elif gainers is not None and losers is not None:
        best = returns[0] if returns and returns[0].value > 0 else None
        led = f", led by {best.subject} (+{script.percent(best)})," if best else ""
        when = f" over {spell_period(table.frame.period)}" if table.frame.period else ""
        script.headline(
            f"{script.number(gainers)} of the movers gained{led} and {script.number(losers)} lost{when}.", 58
        )


def spell_period(period: str | None) -> str:
    """How the payload names its time, as words after ``over``: ``the first half of 2026``, ``Q3 2026``."""
    if period is None:
        return "the period"
    return f"the {period}" if _COMMON.match(period) else period


def _fell(table: FactTable) -> bool:
    """Whether the story is one of a loss: its falls are told before its gains."""
    result = table.find("portfolio_return") or table.find("total_contribution")
    return result is not None and result.value < 0


def _write_moves(table: FactTable, returns: list[Fact], script: Script) -> None:
    ranked = returns
    returns = [fact for fact in returns if fact.subject not in _list_short(table)]  # whose price is no gain of theirs
    up = [fact for fact in returns if fact.value > 0][:_SHOWN]
    down = [fact for fact in reversed(returns) if fact.value < 0][:_SHOWN]

    def write_up() -> None:
        if up:
            shown = join_names([f"{fact.subject} (+{script.percent(fact)})" for fact in up])
            strongest = script.mark("strongest", relate(Relation.MOST, up[0]))
            gains = f"The {strongest} gain{'s' if len(up) > 1 else ''}" if up[0] is ranked[0] else "Gains"
            script.observe(f"{gains} came from {shown}.")

    def write_down() -> None:
        if down:
            shown = join_names([f"{fact.subject} (-{script.percent(fact)})" for fact in down])
            largest = script.mark("largest", relate(Relation.LEAST, down[0]))
            falls = f"The {largest} fall{'s were' if len(down) > 1 else ' was'}"
            falls = falls if down[0] is ranked[-1] else "Falls were"
            script.observe(f"{falls} in {shown}.", 44)

    for write_side in (write_down, write_up) if _fell(table) else (write_up, write_down):
        write_side()
    left_out = table.glosses.get(LEFT_OUT)
    if not up and not down:
        known = "None of the movers" if left_out is None else "None of the movers whose return is known"
        script.observe(f"{known} changed in price.")
    if left_out is not None:
        script.observe(f"What {left_out} returned is not known: it is neither in these figures nor in their order.", 58)


def _write_contributions(table: FactTable, contributions: list[Fact], script: Script) -> None:
    if not contributions:
        is_open = any(absent.id == "contribution" and absent.code == AMBIGUOUS for absent in table.absent)
        why = "As the weights could be read in two ways," if is_open else "Without weights"
        script.observe(f"{why} it cannot be said what each move did to the portfolio.", 34)
        return

    def write_best() -> None:
        best = contributions[0]
        if best.value > 0:
            says = relate(Relation.MOST, best)
            script.observe(
                f"{best.subject} helped {script.mark('most', says)}: weighted by its size it added "
                f"{script.points(best)} to the return.",
                48,
                says,
            )

    def write_worst() -> None:
        losses = [fact for fact in reversed(contributions) if fact.value < 0]
        if losses:
            worst = losses[0]
            says = relate(Relation.LEAST, worst)
            short = ", which is held short," if worst.subject in _list_short(table) else ""
            script.observe(
                f"{worst.subject}{short} hurt {script.mark('most', says)}: it cost {script.points(worst)}.", 56, says
            )
        if len(losses) > 1 and _fell(table):
            script.observe(f"{losses[1].subject} cost {script.points(losses[1])}.", 43)

    for write_side in (write_worst, write_best) if _fell(table) else (write_best, write_worst):
        write_side()
    _write_decider(table, contributions, script)
    rest = table.find("unexplained_return")
    if rest is not None and rest.value:
        word = "added" if rest.value > 0 else "cost"
        script.observe(f"{_name_rest(table)} {word} {script.points(rest)}{_tell_rest(table, rest)}.", 30)


def _list_short(table: FactTable) -> set[str | None]:
    """What is held below zero: its price rises against the portfolio."""
    return {fact.subject for fact in table.list_measure("weight") if fact.value < 0}


def _warn_size(table: FactTable, script: Script) -> None:
    """What is so large that whatever it does moves the whole, and what that asks for."""
    limit = table.find("limit.single_name")
    over = sorted(table.list_measure("excess", "excess.single_name."), key=lambda fact: -fact.value)
    weights = {fact.subject: fact for fact in table.list_measure("weight")}
    if limit is None or not over or over[0].subject not in weights:
        return
    first = over[0]
    says = relate(Relation.ABOVE, weights[first.subject], limit)
    above, bracket, default = script.above(limit, says).partition(" (")
    script.warn(
        f"{first.subject} had a weight of {script.percent(weights[first.subject])} at the start, "
        f"{script.points(first)} {above} for a position{bracket}{default}: one holding going wrong shows in the whole.",
        rank(_SIZE, first.value, limit),
        says,
    )
    script.suggest(f"Agree how much of {first.subject} may be held at all, whatever its next results are.", 57)
    script.prepare(f"agree on the largest size of {first.subject}, before its next results", 57)


def _write_decider(table: FactTable, contributions: list[Fact], script: Script) -> None:
    """That one position alone decided whether the portfolio gained or lost, where one did."""
    whole = table.find("portfolio_return")
    first = max(contributions, key=lambda fact: abs(fact.value))
    if whole is None or not whole.value or first.value * whole.value <= 0 or abs(first.value) <= abs(whole.value):
        return
    rest = table.find(f"return_without.{first.id.removeprefix('contribution.')}")
    if rest is not None:
        did = "cost" if rest.value < 0 else "added"
        script.observe(f"Without {first.subject}, all the rest together {did} {script.points(rest)}.", 57)


def _name_rest(table: FactTable) -> str:
    """What the list leaves out, told apart from all but one of the list."""
    apart = table.list_measure("unexplained_return", "return_without.")
    return "What is not listed here" if apart else "Everything else"


def _tell_rest(table: FactTable, rest: Fact) -> str:
    """That the listed movers do not tell the whole story, where they do not."""
    total = table.find("total_contribution")
    return ", so that this list tells only part of it" if total and abs(rest.value) >= abs(total.value) / 2 else ""


def _find_risen(table: FactTable, returns: list[Fact]) -> str | None:
    """Whose weight rose most: a weight rises with what it gained beyond the whole, and falls where that did better."""
    whole = table.find("portfolio_return")
    base = whole.value if whole is not None else Decimal(0)
    weights = {fact.subject: fact.value for fact in table.list_measure("weight")}
    grown = {
        str(fact.subject): weights[fact.subject] * (fact.value - base)
        for fact in returns
        if fact.value - base >= _MUCH and weights.get(fact.subject, Decimal(0)) > 0
    }
    return max(grown, key=lambda name: grown[name], default=None)


def _write_advice(table: FactTable, returns: list[Fact], contributions: list[Fact], script: Script) -> None:
    worst = (
        contributions[-1]
        if contributions and contributions[-1].value < 0
        else (returns[-1] if returns and returns[-1].value < 0 else None)
    )
    best = contributions[0] if contributions and contributions[0].value > 0 else None
    if worst is not None:
        if _fell(table) or not best:
            script.warn(
                f"{worst.subject} is the position to explain first; a fall says that something changed, not "
                "yet that it is over.",
                60,
            )
        traded = table.glosses.get(f"{worst.subject} is traded")
        script.suggest(
            f"Test the case for {worst.subject} against its latest results before adding to it or selling."
            if traded is None
            else f"The trades towards the model, which are listed with it, have {worst.subject} {traded}: read its "
            "latest results before they are placed.",
            55,
        )
        script.prepare(f"read the latest results of {worst.subject}, and write down why it is still held", 55)
    risen = _find_risen(table, returns)
    is_known = any(key.endswith(" is traded") for key in table.glosses)  # a model is listed beside, with its weights
    if best is not None and risen is not None and not is_known:
        decides = worst is None or best.value > abs(worst.value)
        script.suggest(f"See whether the rise has taken {risen} above its intended weight.", 56 if decides else 45)
        script.prepare(f"weigh {risen} at today's value", 56 if decides else 45)
