"""What to do about the limits that are passed: what to sell, what that cures and leaves, and how it is taxed."""

import re
from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import (
    AS_SENT,
    NEEDS_OPEN,
    TRADES_ELSEWHERE,
    Fact,
    FactTable,
    Mark,
    join_names,
    slug,
)
from services.portfolio.domain.narrative import binding
from services.portfolio.domain.narrative.sale_taxes import tell_taxes
from services.portfolio.domain.narrative.text import Script, relate

_SHOWN = 3
_FIRST, _TAX, _REST, _LOOK = 62, 61, 59, 57
_PRINTED = Decimal("0.05")
"""What is closer to its limit is printed as the limit itself."""
_GROUPS = ("sector", "region", "currency", "issuer")
MANY_OR_SAFE = (Mark.FUND, Mark.STATE, Mark.DEPOSIT)
"""What is many positions, or none that could fail: not to be counted as one."""
_TICKER = re.compile(r"[A-Z0-9]{1,6}(?:[.:-][A-Z]{1,3})?")
"""A name that is the code of an exchange, and says nothing of what is held."""


def write(table: FactTable, over: dict[str, list[Fact]], script: Script) -> None:
    """Single names first, for they are what they are called; then what is left of other limits once they are sold."""
    _sell_names(table, over, script)
    tell_taxes(table, script)
    _sell_issuers(table, over, script)
    for rule in ("sector", "region", "asset_class"):
        _move_rests(table, rule, over[rule], script)
    for fact in over["currency"]:
        _decide_on_currency(table, fact, script)
    kept = table.find("limit.account")
    for fact in over["account"][: _SHOWN if kept is not None and kept.method == AS_SENT else 0]:
        script.suggest(
            f"Check that what may be paid out of {fact.subject}, and when, fits the needs ahead; the limit for an "
            "account is passed.",
            45,
        )
    if table.find("excess.fee") is not None:
        script.suggest("Ask for cheaper share classes, or funds of the same kind that cost less.", 55)
    limit = table.find("limit.top_five")
    own = limit is not None and limit.method == AS_SENT
    after = table.find("weight_after.top_five")
    if table.find("excess.top_five") is not None and own and after is not None and limit is not None:
        if after.value - limit.value >= _PRINTED:
            above = script.mark("above their limit", relate(Relation.ABOVE, after, limit))
            script.suggest(
                f"Spread the top 5 further: they would still be at {script.percent(after)} after these sales, {above} "
                f"of {script.percent(limit)}.",
                54,
            )
        return
    if table.find("excess.top_five") is not None and top_five_binds(table) and not over["single_name"]:
        script.suggest("Look at what the top 5 hold: funds of many names are spread already, single names are not.", 54)


def _sell_names(table: FactTable, over: dict[str, list[Fact]], script: Script) -> None:
    found = [str(fact.subject) for fact in over["single_name"]]
    repaid = [fact for fact in table.facts if fact.id.startswith("repaid_soon.")]
    soon = {fact.subject for fact in repaid}
    names = [name for name in found if binding.may_sell_part(table, name) and name not in soon]
    cured = table.find("cure_sale")  # which is told with the repayment
    names = [name for name in names if cured is None or name != cured.subject]
    names = sort_by_risk(table, [name for name in names if _find_locked(table, name) is None])
    for fact in repaid[:_SHOWN]:
        script.suggest(
            f"Sell nothing of {fact.subject} for its size: {script.money(fact)} of it is repaid on {script.day(fact)}.",
            _FIRST - 1,
        )
    for name in [name for name in found if table.is_marked(name, Mark.WHOLE)][:_SHOWN]:
        script.suggest(f"Decide whether to keep {name}: it can only be sold whole.", _FIRST)
    locked = [name for name in found if binding.tell_lock(table, name) is not None and name not in names]
    locked = [name for name in locked if cured is None or name != cured.subject]
    for name in locked[:_SHOWN]:
        _wait_for(table, name, script)
    bound = [
        name for name in found
        if binding.tell_lock(table, name) is None
        and (table.is_marked(name, Mark.LOCKED) or table.is_marked(name, Mark.SLOW))
    ]  # fmt: skip
    for name in [*bound, *_list_state_locked(table)][:_SHOWN]:
        script.suggest(
            f"Find out when the money of {name} can be had, and at what cost before that: it cannot be sold "
            "freely, so that the rest has to be planned around it.",
            _TAX,
        )
    if not names:
        return
    size = _size(table, names[:_SHOWN], script)
    first = f", in this order{',' if size else ''}" if len(names) > 1 else ""
    shown = [*names[:_SHOWN], *(["what else is above it"] if len(names) > _SHOWN else [])]
    script.suggest(
        f"Bring {join_names(shown)} down to the limit{first}{size}, and "
        f"{_tell_use(table, names)}{_keep_equity(table, names, script)}."
        f"{_leave_equity(table, names, script)}{_tell_cures(table, over, script)}{tell_safest(table, names)}"
        f"{_tell_trades(table)}{_doubt_names(names)}",
        _FIRST,
    )
    script.prepare(_begin_sale(table, names[0]), _FIRST)


def _wait_for(table: FactTable, name: str, script: Script) -> None:
    """What of a name is sold once its lock is over, and what of it is free and sold before."""
    free, rest = binding.find_free(table, name), _find_locked(table, name)
    if (day := table.find(f"limit_day.single_name.{slug(name)}")) is not None:
        script.suggest(
            f"Settle with the client what holds if {name} may not be sold before {script.day(day)}, the client's own "
            "day for its limit.",
            _FIRST + 1,
        )
    if free is not None and rest is not None and free.value > 0:
        script.suggest(
            f"Sell the {script.money(free)} of {name} that is free{binding.tell_closed(table, name)}, and the other "
            f"{script.money(rest)} that has to go once that may be sold, its tax among it.",
            _FIRST,
        )
    else:
        script.suggest(
            f"Plan with the client how {name} comes down to the limit once it may be sold, its tax among it.", _FIRST
        )
    script.prepare(f"have confirmed until when {name} may not be sold", _FIRST)


def _find_locked(table: FactTable, name: str) -> Fact | None:
    """What of a name is above the limit and may not be sold yet, beside a part that may."""
    facts = (fact for fact in table.facts if fact.id.startswith("reduction.locked."))
    return next((fact for fact in facts if fact.subject == name), None)


def _doubt_names(names: list[str]) -> str:
    """That what is named by a ticker alone may be a fund, which no limit for single names is for."""
    bare = [name for name in names[:_SHOWN] if _TICKER.fullmatch(name)]
    if not bare:
        return ""
    are = "is a fund" if len(bare) == 1 else "are funds"
    return f" Ask first whether {join_names(bare)} {are}, which may be held at such a size."


def _tell_trades(table: FactTable) -> str:
    """That the sales are no others than those that are listed with the model."""
    if TRADES_ELSEWHERE not in table.glosses:
        return ""
    return " Count this among the trades towards the model, which are listed with it, not beside them."


def _begin_sale(table: FactTable, name: str) -> str:
    """What is done first for a sale: about its tax, as far as that is known, or about its price."""
    gain = next((fact for fact in table.list_measure("gain", "gain.") if fact.subject == name), None)
    if table.is_marked(name, Mark.WEAK):
        return f"ask for bids on {name} before the rest is arranged, as weak debtors are not always easily sold"
    if table.is_marked(name, Mark.SHELTERED):
        return f"sell {name} where it is held, as no tax stands against it there"
    if gain is None and any(fact.subject == name for fact in table.list_measure("gain", "lot_gain.")):
        return f"have the lots of {name} confirmed before the order is placed"
    if gain is None:
        return f"find out what {name} cost, as the tax on a sale decides how fast it can be made"
    if gain.value <= 0:
        return f"sell {name}, which no tax on a gain stands against"
    return f"have the tax on a sale of {name} worked out, and sell in stages if it is large"


def _list_state_locked(table: FactTable) -> list[str]:
    """What a state owes and pays out by terms of its own, where it is larger than a position may be: no single name,
    but no money at hand either."""
    limit = table.find("limit.single_name")
    return [
        str(fact.subject)
        for fact in table.list_measure("weight", "weight.position.")
        if limit is not None and fact.value > limit.value
        and table.is_marked(fact.subject, Mark.LOCKED) and table.is_marked(fact.subject, Mark.STATE)
    ]  # fmt: skip


def top_five_binds(table: FactTable) -> bool:
    """Whether the limit for the top 5 says something: it is the client's own, or they are all single names."""
    limit = table.find("limit.top_five")
    largest = table.list_measure("weight", "weight.position.")[:5]
    spread = any(table.is_marked(fact.subject, kind) for fact in largest for kind in MANY_OR_SAFE)
    return limit is not None and (limit.method == AS_SENT or not spread)


def name_cash(table: FactTable) -> str:
    """That what has to be repaid comes out of the cash at hand, as far as there is any that is not spoken for."""
    cash = find_cash(table)
    if cash is None:
        return ""
    what = "the cash that is not spoken for" if binding.has_needs(table) else "the cash at hand"
    return f" out of {what}" if covers_owed(table) else f", first out of {what},"


def find_cash(table: FactTable) -> Fact | None:
    """The cash that may repay what is owed: all of it, or what is left of it where money is spoken for; None where
    there is none, or where not all that is spoken for is known."""
    cash = table.find("cash")
    if binding.has_needs(table):
        cash = table.find("cash_left") if NEEDS_OPEN not in table.glosses else None
    return cash if cash is not None and cash.value > 0 and _find_owed(table) is not None else None


def covers_owed(table: FactTable) -> bool:
    """Whether that cash is enough for what has to be repaid."""
    cash, owed = find_cash(table), _find_owed(table)
    return cash is not None and owed is not None and cash.value >= owed.value


def _find_owed(table: FactTable) -> Fact | None:
    return table.find("reduction.bound.leverage") or table.find("leverage_amount")


def must_repay(table: FactTable) -> bool:
    """Whether more is owed than may be."""
    leverage = table.find("leverage")
    limit = table.find("limit.bound.leverage") or table.find("profile_limit.leverage")
    return leverage is not None and (limit is None or leverage.value > limit.value)


def _tell_use(table: FactTable, names: list[str]) -> str:
    """Where the proceeds go: what is owed beyond what the client may owe is repaid before anything is bought."""
    covered = covers_owed(table)
    bound = all(table.is_marked(name, Mark.SHELTERED) for name in names)  # what such an account sells for stays there
    if not must_repay(table) or covered or bound:
        if (rest := table.find("equity_rest")) is not None and rest.value and _has_too_many_shares(table):
            return "keep what that brings outside shares"
        return "spread what that brings more widely"
    limit = table.find("limit.bound.leverage") or table.find("profile_limit.leverage")
    if limit is not None and limit.value:
        return "use what that brings for that repayment first, and spread only what is left of it more widely"
    return "use what that brings to repay what is owed, and spread only what is left of it more widely"


def _has_too_many_shares(table: FactTable) -> bool:
    share, most = table.find("equity_share"), table.find("profile_max")
    return share is not None and most is not None and share.value > most.value


def sort_by_risk(table: FactTable, names: list[str]) -> list[str]:
    """The riskiest debtors first, then companies of which no grade is known, and the safest last; else as they are."""
    order = {Mark.WEAK: 0, Mark.SOUND: 2, Mark.SAFEST: 3}

    def place(name: str) -> int:
        return next((at for mark, at in order.items() if table.is_marked(name, mark)), 1)

    return sorted(names, key=place)


def tell_abroad(names: list[str]) -> str:
    """What the main risk of bonds in foreign currencies is."""
    if len(names) == 1:
        return f"{names[0]} is a bond in a foreign currency: the exchange rate is its main risk, before interest rates."
    return (
        f"{join_names(names)} are bonds in foreign currencies: the exchange rate is their main risk, before interest "
        "rates."
    )


def tell_safest(table: FactTable, names: list[str]) -> str:
    """Which of several names are the least of these risks."""
    safe = [name for name in names if table.is_marked(name, Mark.SAFEST)][:_SHOWN]
    if not safe:
        return ""
    are = "it is" if len(safe) == 1 else "they are"
    return f" {join_names(safe)} can wait: {are} rated AAA, or covered by assets or by a state."


def _sell_issuers(table: FactTable, over: dict[str, list[Fact]], script: Script) -> None:
    """What an issuer is too large by once its papers that are single names are sold down."""
    facts = {str(fact.subject): fact for fact in over["issuer"][:_SHOWN]}
    for fact in (facts[name] for name in sort_by_risk(table, list(facts))):
        suffix = fact.id.removeprefix("excess.issuer.")
        after, rest = (table.find(f"{kind}.issuer.{suffix}") for kind in ("weight_after", "reduction"))
        limit = binding.find_limit(table, "issuer", fact.subject)
        if _is_cured(after, rest, limit):
            continue  # by the sales of its papers, which is said with them
        more = " more than these sales do" if after is not None else ""
        size = f" by {script.money(rest)}{more}" if rest is not None else ""
        script.suggest(
            f"Reduce what is held of {fact.subject}{size}, which brings it to the limit for an issuer."
            f"{tell_safest(table, [str(fact.subject)])}"
            if rest is not None
            else f"Decide what to keep of {fact.subject}, which is {_mark_over(table, fact, script)} for an issuer.",
            _REST if table.is_marked(fact.subject, Mark.SAFEST) else _TAX,
        )


def _mark_over(table: FactTable, excess: Fact, script: Script) -> str:
    """``above the limit``, said of what is so far above it."""
    weight = table.find(excess.id.replace("excess.", "weight.", 1))
    limit = binding.find_limit(table, "issuer", excess.subject)
    if weight is None or limit is None:
        return "above the limit"
    return script.mark("above the limit", relate(Relation.ABOVE, weight, limit))


def _is_cured(after: Fact | None, rest: Fact | None, limit: Fact | None) -> bool:
    """Whether the sales of single names leave a group at its limit, with nothing more to be sold of it."""
    return after is not None and rest is None and limit is not None and after.value - limit.value < _PRINTED


def _size(table: FactTable, names: list[str], script: Script) -> str:
    """How much of each would have to be sold, where the proceeds stay in the portfolio."""
    amounts: dict[str | None, Fact] = {}
    for fact in table.list_measure("reduction"):
        if fact.id.count(".") == 1:  # the others are of groups
            amounts.setdefault(fact.subject, fact)
    if len(names) == 1 and names[0] in amounts:
        part = " out of the part that is free" if binding.tell_lock(table, names[0]) is not None else ""
        when = f"{binding.tell_day(table, names[0], script)}{binding.tell_closed(table, names[0])}"
        return f"{when} by selling {script.money(amounts[names[0]])}{part}"
    sales = [
        f"{script.money(amounts[name])} of {name}{_tell_part(table, name, script)}" for name in names if name in amounts
    ]
    return f" by selling {join_names(sales)}" if sales else ""


def _tell_part(table: FactTable, name: str, script: Script) -> str:
    """Of several names, that one is sold out of its free part alone, and when, where days are closed."""
    part = "out of the part that is free" if binding.tell_lock(table, name) is not None else ""
    day = binding.tell_day(table, name, script).strip(" ,")
    told = " ".join(filter(None, (part, day, binding.tell_closed(table, name).strip())))
    return f" ({told})" if told else ""


def _leave_equity(table: FactTable, names: list[str], script: Script) -> str:
    """How much of the proceeds must not go into shares again, where there are too many of them."""
    move, rest, most = (table.find(name) for name in ("equity_move", "equity_rest", "profile_max"))
    if move is None or rest is None or rest.value or most is None:
        return ""
    sold = sum((fact.value for fact in table.list_measure("reduction") if fact.subject in names), Decimal(0))
    brings = f"which brings these down to the {script.percent(most)} that the profile allows"
    if sold - move.value < _PRINTED * sold / 100:
        return f" None of it may go into shares, {brings}."
    among = ", the repayment included" if must_repay(table) else ""
    return f" At least {script.money(move)} of it has to stay outside shares{among}, {brings}."


def _keep_equity(table: FactTable, names: list[str], script: Script) -> str:
    """That the sales must not take the equity share below what the profile asks for, where they would."""
    equity, least, total = (table.find(name) for name in ("equity_share", "profile_min", "market_value"))
    sales = [fact for fact in table.list_measure("reduction") if fact.subject in names]
    shares = [fact.value for fact in sales if table.is_marked(fact.subject, Mark.SHARE)]
    if equity is None or least is None or total is None or not total.value or _has_too_many_shares(table):
        return ""
    if equity.value < least.value:
        return "" if table.find("leverage") is not None else ", into shares, of which there are too few"
    after = equity.value - sum(shares, Decimal(0)) / total.value * 100
    if after >= least.value:
        return ""
    return f", with enough of it in shares that these stay above the {script.percent(least)} that the profile asks for"


def _tell_cures(table: FactTable, over: dict[str, list[Fact]], script: Script) -> str:
    """What the sales do to the other limits that are passed, each from what it is to what it would be."""
    told = []
    for rule in _GROUPS:
        for fact in over[rule][:_SHOWN]:
            suffix = fact.id.removeprefix(f"excess.{rule}.")
            after, before = table.find(f"weight_after.{rule}.{suffix}"), find_counted(table, rule, suffix)
            if after is not None and before is not None:
                told.append(f"{fact.subject} from {script.percent(before)} to {script.percent(after)}")
    return f" With none of it put back into these, that takes {join_names(told)}." if told else ""


def find_counted(table: FactTable, rule: str, suffix: str) -> Fact | None:
    """The weight of a group as its limit counts it."""
    return table.find(f"weight.counted.{rule}.{suffix}") or table.find(f"weight.{rule}.{suffix}")


def _tell_untaxed(table: FactTable, rule: str, name: str) -> str:
    """What is moved first for the sake of tax, as far as that is known."""
    free = table.glosses.get(f"{rule} of {name} without tax")
    if free is None:
        return " New money first: the tax on gains counts against the rest."
    if not free:
        return " New money first: all of it stands at a gain that would be taxed."
    return f" New money first, then {free}, as that sale is not taxed."


def _move_rests(table: FactTable, rule: str, over: list[Fact], script: Script) -> None:
    """What is too much in a sector, region or class even after the sales, with its size."""
    for fact in over[:_SHOWN]:
        suffix = fact.id.removeprefix(f"excess.{rule}.")
        after, rest = (table.find(f"{kind}.{rule}.{suffix}") for kind in ("weight_after", "reduction"))
        limit = binding.find_limit(table, rule, fact.subject)
        if after is not None and limit is not None and after.value <= limit.value:
            continue  # the sales cure it, which is said with them
        if after is not None and rest is not None:
            script.suggest(
                f"Move {script.money(rest)} more out of {fact.subject}, which would still be at "
                f"{script.percent(after)} after these sales.{_tell_untaxed(table, rule, str(fact.subject))}",
                _REST,
            )
        elif rest is not None:
            script.suggest(
                f"Bring {fact.subject} down to its limit by moving {script.money(rest)} out of {fact.subject}."
                f"{_tell_untaxed(table, rule, str(fact.subject))}",
                _REST,
            )
        else:
            script.suggest(f"Put new money elsewhere than in {fact.subject}.", 56)


def name_lever(table: FactTable, group: str) -> str:
    """What is moved first, as it is the largest in a currency or in all foreign ones; a fund after a look inside."""
    lever = table.glosses.get(f"{group} is led by")
    if lever is None:
        return ""
    return f", {lever} first{' after a look inside' if table.is_marked(lever, Mark.FUND) else ''}"


def settle_repaid(table: FactTable, key: str, limit: Fact, script: Script) -> bool:
    """What is repaid of a currency above its limit, and whether that alone brings it within."""
    repaid = [fact for fact in table.facts if fact.id.startswith(f"repaid_abroad.{key}.")]
    after = table.find(f"weight_repaid.{key}")
    if not repaid or after is None:
        return False
    names = join_names([f"{fact.subject} ({script.money(fact)}) on {script.day(fact)}" for fact in repaid])
    cures = after.value - limit.value < _PRINTED
    ends = (
        "no sale is asked for it: decide whether that is soon enough" if cures else "more has to go than that"
    )  # fmt: skip
    script.suggest(
        f"Change what is repaid of {after.subject} into {table.currency}: {names}. That takes {after.subject} to "
        f"{script.percent(after)}, so that {ends}.",
        _LOOK + 1,
    )
    script.prepare(f"agree that what is repaid of {after.subject} is changed", _LOOK + 1)
    return cures


def _decide_on_currency(table: FactTable, fact: Fact, script: Script) -> None:
    funds = table.glosses.get(fact.subject or "")
    suffix = fact.id.removeprefix("excess.currency.")
    rest, after = (table.find(f"{kind}.currency.{suffix}") for kind in ("reduction", "weight_after"))
    limit = binding.find_limit(table, "currency", fact.subject)
    if _is_cured(after, rest, limit):
        return  # which is said with the sales
    if limit is not None and settle_repaid(table, suffix, limit, script):
        return
    size = f" by moving {script.money(rest)} into others" if rest is not None else ""
    if fact.subject == table.currency:
        script.suggest(
            f"Ask whether the limit for a currency is meant for {fact.subject} too, in which the portfolio is kept; if "
            f"so, bring it down{size}.",
            _LOOK,
        )
    elif funds:
        lever = table.glosses.get(f"{fact.subject} is led by")
        direct = lever if lever is not None and not table.is_marked(lever, Mark.FUND) else None
        start = f"Start with {direct} for {fact.subject}, and look" if direct is not None else "Look"
        script.suggest(
            f"{start} inside {funds} for the currencies that are really held before anything "
            f"{'else ' if direct is not None else ''}is sold for {fact.subject}.",
            _LOOK,
        )
    else:
        script.suggest(
            f"Decide whether so much in {fact.subject} is meant; if not, hedge it or bring it down{size}"
            f"{name_lever(table, str(fact.subject))}.",
            _LOOK,
        )
