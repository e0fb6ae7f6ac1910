"""What an adviser must not miss: a model or a portfolio that does not suit the client, leverage, what cannot be
sold."""

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.due import find_ends, suits_portfolio, trades_settle
from services.portfolio.domain.facts import (
    AS_SENT,
    EQUITY_IS_BOUND,
    EQUITY_OF_THESE,
    SOLD_FIRST,
    SOLD_SHORT,
    TERM_OVER,
    TRADES_ELSEWHERE,
    Fact,
    FactTable,
    Mark,
)
from services.portfolio.domain.narrative import binding, bounds, remedies
from services.portfolio.domain.narrative.bounds import find_bound
from services.portfolio.domain.narrative.text import Script, article, relate

_MODEL, _PORTFOLIO, _LEVERAGE, _BELOW = 96, 94, 92, 84
CAUSE = 93
"""What an unsuitable portfolio is due to is told right after it."""
_ALLOWED = 66
"""What a profile allows is told, and asks for nothing."""
_CLOSE, _WHOLE = 2, 100
"""Points from the end of a range that one month of shares can make good (a volatility of some four percent a month)."""


def write(table: FactTable, script: Script) -> None:
    """Suitability in the order of importance: the model, the portfolio, leverage, other bounds of the profile."""
    _write_model(table, script)
    _write_equity(table, script)
    _write_source(table, script)
    _write_unknown(table, script)
    _write_leverage(table, script)
    bounds.write(table, script, settles=trades_settle(table))


def _profile(table: FactTable, least: Fact, script: Script) -> str:
    """``a moderate profile``, as the client calls it; ``the client`` where the range is the client's own."""
    if least.method == AS_SENT:
        return "the client"
    name = least.label.removeprefix("least equity for a ").removesuffix(" profile")
    own = (table.frame.profile or name).casefold().removesuffix("profile").strip()
    own = own if own.replace(" ", "").isalpha() else name
    return f"{article(own).removesuffix(own)}{script.profile(own)}"


def _own(least: Fact) -> str:
    """Whose a range is: the client's ``own``, or the ``house``'s."""
    return "own" if least.method == AS_SENT else "house"


def _range(least: Fact) -> str:
    return "the client's own range" if least.method == AS_SENT else "the house range"


def _ranges(least: Fact) -> str:
    return _range(least) if least.method == AS_SENT else "the house ranges"


def _write_model(table: FactTable, script: Script) -> None:
    equity, least, most = (table.find(name) for name in ("model_equity_share", "profile_min", "profile_max"))
    if equity is None or least is None or most is None:
        return
    if equity.value > most.value:
        relation, bound, side, asked = Relation.ABOVE, most, "above", "allows"
    elif equity.value < least.value:
        relation, bound, side, asked = Relation.BELOW, least, "below", "asks for"
    else:
        return
    name = f"The model{f' {table.frame.model}' if table.frame.model else ''}"
    held = table.find("equity_share")
    raises = held is not None and held.value < equity.value
    lowers = held is not None and held.value > equity.value
    away = raises if relation is Relation.ABOVE else lowers
    further = " Trading towards it would lead away from the profile." if away else ""
    says = relate(relation, equity, bound)
    unfit = script.mark(f"suit {_profile(table, least, script)}", says)
    script.warn(
        f"{name} itself does not {unfit}: the equity of the model is "
        f"{script.percent(equity)}, {side} the {script.percent(bound)} that the profile {asked} by {_ranges(least)}."
        f"{further}",
        _MODEL,
        says,
    )
    script.suggest("Settle which of the two is wrong, the model or the profile, before trading towards it.", 75)
    script.prepare("talk with the client about how much a bad year may cost, and set model and profile by that", 75)


def _write_equity(table: FactTable, script: Script) -> None:
    """On which side of the profile's range equity is, or within it, as far as that is so whatever is not known."""
    (low, high), least, most = find_ends(table), table.find("profile_min"), table.find("profile_max")
    if low is None or high is None or least is None or most is None:
        return
    profile = _profile(table, least, script)
    share = f"Equity makes up {script.percent(low)} of the portfolio,"
    if low is not high:
        share = f"{_tell_ends(table, low, high, script)}:"
    if low.value > most.value:
        script.warn(
            f"{share} more than the {script.percent(most)} that "
            f"suits {profile} by {_ranges(least)}: a bad year for shares would cost more than that profile is meant "
            "to bear.",
            _PORTFOLIO, relate(Relation.ABOVE, low, most),
        )  # fmt: skip
        _lower_equity(table, most, script)
    elif high.value < least.value:
        script.warn(
            f"{share} less than the {script.percent(least)} that "
            f"suits {profile} by {_ranges(least)}; the goals may be out of reach.",
            _BELOW, relate(Relation.BELOW, high, least),
        )  # fmt: skip
        _raise_equity(table, script)
    elif low.value >= least.value and high.value <= most.value:
        says = relate(Relation.WITHIN, low, most)
        suits = script.mark(f"suits {profile}", says)
        held = f"The equity share of {script.percent(low)} {suits}"
        if low is not high:
            held = f"{share} either {suits}"
        edge = _tell_edge(low, least, most) if low is high else ""
        if remedies.must_repay(table) and find_bound(table, "leverage") is not None:
            edge += ", but the borrowing does not, and has to be settled before"
        script.observe(
            f"{held}, whose {_own(least)} range is {script.percent(least)} to {script.percent(most)}{edge}.", 40, says
        )


_TRADES = "Make the trades towards the model, which are listed with it: they bring the equity share back into the range"
_TALK = "agree with the client whether the mix or the profile gives way, and by when"


def _lower_equity(table: FactTable, most: Fact, script: Script) -> None:
    """What takes shares down to what the profile allows, where nothing else that is told does it."""
    rest = table.find("equity_rest")
    if TRADES_ELSEWHERE in table.glosses:
        script.suggest(f"{_TRADES}, so that no more has to leave shares.", 70)
        return
    if trades_settle(table) or (rest is not None and not rest.value):
        return  # the trades, or the sales of single names, do it, which is said with them
    script.prepare(_TALK, 70)
    mixed = next((note for note in table.notes if note.code == "mixed_by_name"), None)
    narrow = next((fact for fact in table.list_measure("weight") if table.is_marked(fact.subject, Mark.NARROW)), None)
    where = f", {narrow.subject} first," if narrow is not None else ","
    over = table.list_measure("excess", "excess.single_name.")
    shares = (fact for fact in over if binding.may_sell_part(table, str(fact.subject)))
    share = next((fact for fact in shares if table.is_marked(fact.subject, Mark.SHARE)), None)
    if narrow is None and share is not None:
        where = f", {share.subject} first,"
    elsewhere = table.glosses.get(SOLD_FIRST)
    if narrow is None and share is None and elsewhere is not None and table.section == "portfolio_snapshot":
        where = f", {elsewhere} first as the list of holdings says,"
    size = _size(table, "out of", script)
    if rest is not None:
        size += ", the sales of single names counted in"
        where = ","
    inside = " Out of mixed funds it takes more than that, as these hold other things too." if mixed is not None else ""
    script.suggest(
        f"Bring the equity share down to {script.percent(most)} or less{size}{where} or review with the client "
        f"whether the profile still holds.{inside}",
        70,
    )


def _raise_equity(table: FactTable, script: Script) -> None:
    """What takes shares up to what the profile asks for, where nothing else that is told does it."""
    if TRADES_ELSEWHERE in table.glosses:
        script.suggest(f"{_TRADES}.", 60)
        return
    if trades_settle(table):
        return
    script.prepare(_TALK, 60)
    if EQUITY_IS_BOUND in table.glosses:
        script.suggest(
            "Raise the equity share as illiquid assets pay out or can be sold, for what else could be sold now is "
            "too little, or review whether the risk profile is still right.",
            60,
        )
        return
    script.suggest(
        f"Raise the equity share in steps{_size(table, 'into', script)}, or review whether the risk profile is "
        "still right.",
        60,
    )


def _tell_edge(equity: Fact, least: Fact, most: Fact) -> str:
    """That little would take it out of the range, where that is so."""
    if most.value - equity.value < _CLOSE and most.value < _WHOLE:
        return ", close to the upper end: a good month for shares could take it out"
    return ", close to the lower end" if equity.value - least.value < _CLOSE and least.value > 0 else ""


def _write_source(table: FactTable, script: Script) -> None:
    """That the share rests on what mixed funds are called, where it does."""
    note = next((note for note in table.notes if note.code == "mixed_by_name"), None)
    if note is not None and table.find("equity_share") is not None and table.find("profile_min") is not None:
        script.observe("What mixed funds hold in shares is taken from their names.", 29)


def _size(table: FactTable, way: str, script: Script) -> str:
    """How much money would have to move to reach the profile's range, with what sales of single shares take out."""
    amount, rest = table.find("equity_move"), table.find("equity_rest")
    if way == "into" and rest is not None:
        return f", by moving {script.money(rest)} into shares, what those sales take out among it"
    of = table.glosses.get(EQUITY_OF_THESE) if table.find("equity_share") is None else None
    more = f", and more as it turns out what is in {of}" if of is not None else ""
    return f", by moving {script.money(amount)} {way} shares{more}" if amount is not None else ""


def _tell_ends(table: FactTable, low: Fact, high: Fact, script: Script) -> str:
    return (
        f"The equity share is {script.percent(low)} as far as it is known, and {script.percent(high)} with all that "
        f"may be equity in {table.glosses[EQUITY_OF_THESE]}"
    )


def _write_unknown(table: FactTable, script: Script) -> None:
    """That it cannot be told whether the portfolio suits its client, and why, with all that is known of it."""
    (low, high), least, most = find_ends(table), table.find("profile_min"), table.find("profile_max")
    reason = next((absent.reason for absent in table.absent if absent.id == "equity_share"), None)
    if least is None or most is None or reason is None or table.find("equity_share") is not None:
        return
    known = ""
    if low is not None and high is not None:
        if not suits_portfolio(table) or (low.value >= least.value and high.value <= most.value):
            return  # told whatever is not known
        known = (
            f" {_tell_ends(table, low, high, script)}: {_range(least)} is {script.percent(least)} to "
            f"{script.percent(most)}."
        )
    script.observe(f"Whether the mix suits {_profile(table, least, script)} cannot be told: {reason}.{known}", 45)
    of = table.glosses.get(EQUITY_OF_THESE)
    what = f"have sent how much of {of} is equity" if of is not None else "have sent what is missing for that"
    asks = f"Find out how much of {of} is equity" if of is not None else "Have sent what this rests on"
    script.suggest(f"{asks}: whether the mix suits the client comes before how it has done.", 61)
    script.prepare(what, 61)


def _write_leverage(table: FactTable, script: Script) -> None:
    leverage = table.find("leverage")
    if leverage is None:
        return
    limit, amount = find_bound(table, "leverage"), table.find("leverage_amount")
    own = limit is not None and limit.method == AS_SENT
    within = limit is not None and bool(limit.value) and leverage.value <= limit.value
    bound = f", where the profile allows {_allowance(limit, script)}" if limit is not None else ""
    if own and limit is not None:
        bound = f", {'within' if within else 'above'} {script.own(limit)}"
    what = "what it owes or has sold short" if SOLD_SHORT in table.glosses else "what it owes"
    sum_ = f" ({script.money(amount)})" if amount is not None else ""
    script.paragraph()
    script.warn(
        f"The portfolio is leveraged: {what} comes to {script.percent(leverage)} of its value{sum_}{bound}, so "
        "that losses weigh heavier than the assets alone say.",
        _ALLOWED if within else _LEVERAGE,
    )
    if within:
        return
    if (over := table.glosses.get(TERM_OVER)) is not None:
        script.suggest(f"Ask the lender what holds now: a fixed term is over ({over}).", 72)
        script.prepare("ask the lender which rate and which terms hold now", 72)
    else:
        script.prepare("ask the lender what an early repayment costs, and repay then", 71)
    if limit is not None and not limit.value and amount is not None:
        short = ", and close what is sold short," if SOLD_SHORT in table.glosses else ""
        where = remedies.name_cash(table)
        script.suggest(
            f"Repay what is owed{where}{short} before anything is bought, as the profile allows no borrowing.", 71
        )
        return
    size = table.find("reduction.bound.leverage")
    if limit is not None and size is not None:
        most = script.own(limit) if own else f"the {script.percent(limit)} that the profile allows"
        first = _tell_cash(table, script)
        script.suggest(
            f"Bring leverage down to {most} by repaying {script.money(size)} before anything is bought.{first}"
            f"{_tell_sales(table, script)}",
            71,
        )
        return
    script.suggest("Agree how much may be borrowed at all, and pay down the rest before anything is bought.", 71)


def _tell_cash(table: FactTable, script: Script) -> str:
    """What the cash does for a repayment, as far as it is not spoken for."""
    cash = remedies.find_cash(table)
    if cash is None:
        return ""
    what = f"{script.money(cash)} of cash that is not spoken for" if binding.has_needs(table) else "cash at hand"
    if remedies.covers_owed(table):
        return f" The {what} is enough."
    return f" Use the {what} before anything is sold for it."


def _tell_sales(table: FactTable, script: Script) -> str:
    """How much has to be repaid where the money for it comes out of what is held, which then is less as well."""
    sold = table.find("repaid_by_sales")
    if sold is None:
        return ""
    return f" Out of sales, which leave less to hold it against, it would take {script.money(sold)}."


def _allowance(limit: Fact, script: Script) -> str:
    return f"leverage of at most {script.percent(limit)}" if limit.value else "no leverage"
