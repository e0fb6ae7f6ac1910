"""What an adviser says of holdings, and of how concentrated they are."""

from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import (
    AS_SENT,
    LEFT_OUT,
    LIMITS_UNREAD,
    OF_COMPANIES,
    Fact,
    FactTable,
    Mark,
    join_names,
)
from services.portfolio.domain.figures.rules import LOTS_ALONE
from services.portfolio.domain.narrative import binding, cash, prices, remedies, suitability
from services.portfolio.domain.narrative.text import URGENT, Script, name_portfolio, rank, relate

_SHOWN, _NAMED = 3, 10
_MUCH_WHOLE = Decimal(25)
"""From this share on, what can only be sold whole is told: a quarter is what is told of all that is illiquid."""
_DEEP_LOSS = -10
_PRINTED = Decimal("0.05")
"""What is closer to its limit is printed as the limit itself, and nobody would believe that it is above it."""
_MANY = 10
"""From so many positions on, what the top 5 hold says how far the rest matters."""
_UNEVEN = Decimal("0.75")
"""Below this part of their number, positions count for noticeably less than they are."""
_LED = (("asset_class", "asset class"), ("region", "region"), ("account", "account"))
_SPARED = (
    (Mark.FUND, "is a fund that holds many, so that its size is no risk of a single name",
     "are funds that hold many, so that their size is no risk of a single name"),
    (Mark.DEPOSIT, "is a deposit: how much of it is insured is worth checking",
     "are deposits: how much of each is insured is worth checking"),
    (Mark.STATE, "is debt of a state: what moves it are interest rates, not a company's fortune",
     "are debt of states: what moves them are interest rates, not a company's fortune"),
)  # fmt: skip
"""Why the limit for a position does not bind what is above it."""
_URGENCY = {"issuer": 80, "single_name": 80, "currency": 70, "sector": 64}
_RULES = {
    "asset_class": ("an asset class", "what moves one part of it moves the rest"),
    "single_name": ("a position", "one holding going wrong would show in the whole"),
    "sector": ("a sector", "its holdings tend to fall together"),
    "currency": ("a currency", "exchange rates can undo what the assets earn"),
    "region": ("a region", "one economy and one regulator decide much of the outcome"),
    "account": ("an account", "one set of terms decides over most of the money"),
    "issuer": ("an issuer", "one default would reach several holdings"),
}
_WORTH_IT = Decimal("0.1")
"""The part of a loss from which a gain is worth setting it against."""
_HALF, _WHOLE = Decimal(50), Decimal(100)
"""Parts of the whole gain from which one position made most of it, or more than all."""


def write(table: FactTable, script: Script) -> None:
    """Size and gain first, then the largest positions and groups, then the rules that they break."""
    _write_headline(table, script)
    suitability.write(table, script)
    _write_spread(table, script)
    _write_gains(table, script)
    _write_rules(table, script)
    prices.write(table, script)
    cash.write(table, script)


def _write_headline(table: FactTable, script: Script) -> None:
    value, count = table.find("market_value"), table.find("count")
    gain, share, cost = table.find("gain"), table.find("gain_pct"), table.find("cost")
    if count is None:
        return
    held = f"{script.number(count)} {'position' if count.value == 1 else 'positions'}"
    if count.value == 1:
        held = "one position"
    whose, when = name_portfolio(table.frame), script.as_of(table.frame)
    if value is None and LEFT_OUT in table.glosses:
        _write_part(table, script)
    elif value is None:
        script.headline(f"{whose} has {held}.", 50)
    elif gain is None or cost is None or share is None or not gain.value:
        worth = f"{whose} is worth {script.money(value)}{when}, in {held}"
        script.headline(f"{worth}.", 55)
    else:
        word = "gain" if gain.value > 0 else "loss"
        script.headline(
            f"{whose}, in {held}, is worth {script.money(value)}{when}, an unrealised {word} of {script.money(gain)} "
            f"({script.percent(share)}) on a cost of {script.money(cost)}.",
            60 if gain.value > 0 else 76,
            relate(Relation.ROSE if gain.value > 0 else Relation.FELL, gain),
        )


def _write_part(table: FactTable, script: Script) -> None:
    """What could be converted is worth, and what the weights leave out."""
    converted, share, names = table.find("converted"), table.find("left_share"), table.glosses[LEFT_OUT]
    if converted is None or share is None:
        return
    own = name_portfolio(table.frame).replace("The", "the", 1)
    script.headline(
        f"What could be converted of {own} is worth {script.money(converted)}{script.as_of(table.frame)}, and all "
        "weights here are of that.",
        60,
    )
    amounts = [
        f"{fact.subject} at {script.money(fact)}" for fact in table.list_measure("market_value")
        if fact.subject and fact.method == "as sent, in its own currency" and fact.subject in names
    ]  # fmt: skip
    codes = sorted(
        {
            fact.currency for fact in table.list_measure("market_value")
            if fact.currency and fact.subject and fact.subject in names and fact.currency != table.currency
        }
    )  # fmt: skip
    script.warn(
        f"Left out, as no rate was sent for {join_names(codes)}: {join_names(amounts)}. By usual rates of exchange "
        f"{names} would have a weight of about {script.percent(share)}.",
        88,
    )
    script.suggest(f"Have the rate for {join_names(codes)} sent before anything is traded by these weights.", 69)
    script.prepare(f"have the rate for {join_names(codes)} sent", 69)


def _write_spread(table: FactTable, script: Script) -> None:
    positions = table.list_measure("weight", "weight.position.")
    script.paragraph()
    if len(positions) > 1:
        held = [fact for fact in positions if fact.value > 0][:_SHOWN]  # nothing is led by what is owed
        shown = [f"{fact.subject} ({script.percent(fact)})" for fact in held]
        if not _are_told(table, held):
            script.observe(f"By weight it is led by {join_names(shown)}.")
    elif LOTS_ALONE in table.glosses:
        script.warn(
            f"Only the lots of {table.glosses[LOTS_ALONE]} were sent: what else is held is not known, so that nothing "
            "is judged by its size.",
            70,
        )
        script.suggest("Ask for all that is held before a size or a mix is judged.", 50)
        script.prepare("ask for all that is held", 50)
    elif positions and table.find("excess.single_name." + positions[0].id.rpartition(".")[2]) is None:
        says = relate(Relation.MOST, positions[0])
        script.observe(f"{script.mark('All of the portfolio is in', says)} {positions[0].subject}.", 40, says)
    top_five, effective, count = (table.find(name) for name in ("top_5", "effective_number", "count"))
    many = count is not None and count.value >= _MANY
    if many and top_five is not None and table.find("excess.top_five") is None:
        script.observe(f"The top 5 together hold {script.percent(top_five)} of the portfolio.", 40)
    spread = any(
        table.is_marked(fact.subject, kind) for fact in positions[:_SHOWN] for kind in remedies.MANY_OR_SAFE
    )  # a fund is many positions, and what a state owes is none that could fail: they are not to be counted as one
    uneven = effective is not None and count is not None and effective.value < count.value * _UNEVEN
    if effective is not None and count is not None and uneven and not spread and count.value > 2:
        one = effective.value < Decimal("1.5")
        script.observe(
            "Since sizes differ this much, risk is spread only as over about "
            f"{'one position' if one else f'{script.number(effective)} equal positions'}.",
            36,
        )
    _write_spared(table, script)
    for group, word in _LED:
        weights = table.list_measure("weight", f"weight.{group}.")
        if group == "asset_class" and weights and _is_told(table, weights[0]):
            continue
        if (
            len(weights) > 1
            and weights[0].value <= _WHOLE
            and table.find(f"excess.{group}." + weights[0].id.rpartition(".")[2]) is None
        ):
            says = relate(Relation.MOST, weights[0])
            script.observe(
                f"The {script.mark('largest', says)} {word} is {weights[0].subject}, with a weight of "
                f"{script.percent(weights[0])}.",
                32, says,
            )  # fmt: skip


def _are_told(table: FactTable, held: list[Fact]) -> bool:
    """Whether at least half of the largest positions are told with their weights as above a limit."""
    limit = table.find("limit.single_name")
    over = {fact.subject for fact in _list_over(table, "single_name")}
    told = over | (set(_list_excused(table, _list_spared(table), limit)) if limit is not None else set())
    return sum(fact.subject in told for fact in held) * 2 >= len(held)


def _is_told(table: FactTable, weight: Fact) -> bool:
    """Whether the largest class is the shares whose part was told with the profile."""
    equity = table.find("equity_share")
    return equity is not None and table.find("profile_min") is not None and abs(equity.value - weight.value) < _PRINTED


def _tell_gain_share(table: FactTable, script: Script) -> tuple[str | None, str]:
    """Who made most of the gain, and the words for it: what else is held says little of it then."""
    share = next(iter(table.list_measure("gain_share")), None)
    amount = table.find(f"gain.{share.id.removeprefix('gain_share.')}") if share is not None else None
    if share is None or amount is None or share.value < _HALF:
        return None, ""
    if share.value > _WHOLE:
        return share.subject, (
            f"made {script.money(amount)}, more than the whole gain: all else together stands at a loss."
        )
    return share.subject, f"made {script.percent(share)} of the whole gain, {script.money(amount)}."


def _write_gains(table: FactTable, script: Script) -> None:
    gains = sorted(
        (fact for fact in table.list_measure("gain", "gain_pct.") if fact.subject), key=lambda fact: -fact.value
    )
    most, made = _tell_gain_share(table, script)
    script.paragraph()
    if len(gains) > 1 and gains[0].value > 0:
        says = relate(Relation.MOST, gains[0])
        both = most == gains[0].subject
        script.observe(
            f"{gains[0].subject} has done {script.mark('best', says)}, with a gain of {script.percent(gains[0])} on "
            f"its cost{f', and {made}' if both else '.'}",
            49 if both else 38,
            says,
        )
        most = None if both else most
    if most is not None:
        script.observe(f"{most} {made}", 49)
    if len(gains) > 1 and gains[-1].value < 0:
        worst = gains[-1]
        says = relate(Relation.LEAST, worst)
        script.observe(
            f"{worst.subject} has done {script.mark('worst', says)}, with a loss of "
            f"{script.percent(worst)}{_spell_loss(table, worst, script)}.",
            52,
            says,
        )
    _write_accounts(table, script)
    loser = str(gains[-1].subject) if gains else ""
    decidable = not _is_offset(table, loser) and binding.may_sell_part(table, loser)
    if gains and gains[-1].value <= _DEEP_LOSS and decidable:
        worst = gains[-1]
        sold = "sell" if table.is_marked(worst.subject, Mark.SHELTERED) else "realise the loss where it saves tax"
        sale = _find_sale(table, worst)
        if sale is not None and not table.is_marked(worst.subject, Mark.SHELTERED):
            sold = (
                f"realise the loss and, where gains are taxed, set it against what the sale of {sale.subject} realises"
            )
            if sale.id.startswith("sale_gain."):  # else it is told with the sale's tax
                sold += f". That sale of {sale.subject} realises a capital gain of {script.money(sale)}"
        script.suggest(f"Decide on {worst.subject}: hold with a reason that is written down, or {sold}.", 50)


def _is_offset(table: FactTable, loser: str) -> bool:
    """Whether it is told of a loss already what gain it can be set against."""
    return table.is_marked(loser, Mark.TAXED) and bool(table.list_measure("taxable_gain", "taxable_gain."))


def _spell_loss(table: FactTable, worst: Fact, script: Script) -> str:
    amount = table.find(f"gain.{worst.id.removeprefix('gain_pct.')}")
    return f" ({script.money(amount)})" if amount is not None else ""


def _find_sale(table: FactTable, worst: Fact) -> Fact | None:
    """The advised sale that realises the largest gain, where that is worth setting a loss against: gains of what stays
    are none that a loss could meet."""
    loss = table.find(f"gain.{worst.id.removeprefix('gain_pct.')}")
    made = [fact for fact in table.list_measure("taxable_gain") if fact.subject != worst.subject]
    best = max(made, key=lambda fact: fact.value, default=None)
    return best if best is not None and loss is not None and best.value >= -loss.value * _WORTH_IT else None


def _may_be_sold(table: FactTable, name: str) -> bool:
    """Whether the text gives a reason to sell something: it is above a limit, or stands at a deep loss."""
    over = any(fact.subject == name for fact in table.list_measure("excess", "excess.single_name."))
    lost = any(fact.subject == name and fact.value <= _DEEP_LOSS for fact in table.list_measure("gain", "gain_pct."))
    signs = {fact.value > 0 for fact in table.list_measure("gain", "account_gain.") if (fact.subject or "").startswith(
        f"{name} (")}  # fmt: skip
    return over or lost or len(signs) > 1


def _write_accounts(table: FactTable, script: Script) -> None:
    """What is held in several accounts, where one of them stands at a gain and another at a loss, or where a sale is
    taxed in one of them alone."""
    held: dict[str, list[Fact]] = {}
    for fact in table.list_measure("gain", "account_gain."):
        held.setdefault((fact.subject or "").rpartition(" (")[0], []).append(fact)
    for name, found in list(held.items())[:_SHOWN]:
        gains = [fact for fact in found if fact.value]
        parts = [f"{fact.subject} stands at {_spell_gain(fact)} of {script.money(fact)}" for fact in gains]
        if len(parts) > 1:
            script.observe(f"By account, {join_names(parts)}.", 45)
        sheltered = [fact for fact in gains if table.is_marked(fact.subject, Mark.SHELTERED)]
        differ = len({fact.value > 0 for fact in gains}) > 1 or 0 < len(sheltered) < len(gains)
        if differ and _may_be_sold(table, name):
            script.suggest(
                f"Choose the account before {name} is sold: {_tell_tax(name, gains, sheltered, script)}.", 61
            )


def _spell_gain(fact: Fact) -> str:
    return "a gain" if fact.value > 0 else "a loss"


def _tell_tax(name: str, gains: list[Fact], sheltered: list[Fact], script: Script) -> str:
    """What a sale means for tax, as far as the names of the accounts say of what kind they are."""
    if not sheltered:
        return "whether a gain is taxed and a loss counts depends on what kind of account it is held in"
    if len(sheltered) == len(gains):
        return (
            "in such accounts gains are normally not taxed and losses do not count, so sell where the mix is to change"
        )
    free = join_names([_account(name, fact) for fact in sheltered])
    largest = max((fact for fact in gains if fact not in sheltered), key=lambda fact: abs(fact.value))
    return (
        f"{free} normally neither taxes a gain nor counts a loss, while selling all of it in "
        f"{_account(name, largest)} would realise {_spell_gain(largest)} of {script.money(largest)}"
    )


def _account(name: str, fact: Fact) -> str:
    return (fact.subject or "").removeprefix(f"{name} (").removesuffix(")")


def _tell_property(table: FactTable, script: Script) -> None:
    """What stands in one property, which is no security that a limit for one was set for, and asks for other things."""
    weights = [
        fact for fact in table.list_measure("weight", "weight.position.")
        if table.is_marked(fact.subject, Mark.WHOLE) and fact.value >= _MUCH_WHOLE
        and table.find(f"excess.single_name.{fact.id.rpartition('.')[2]}") is None
    ]  # fmt: skip
    for fact in weights[:_SHOWN]:
        of = " of what is left after what is owed" if table.find("leverage") is not None else ""
        script.warn(
            f"{fact.subject}, which can only be sold whole, has a weight of {script.percent(fact)}{of}: much hangs on "
            "one thing, and on what it was last valued at.",
            83,
        )
        script.suggest(f"Have {fact.subject} valued, and decide with the client whether to keep it.", 61)


def _write_rules(table: FactTable, script: Script) -> None:
    _tell_property(table, script)
    breaches = table.find("breaches")
    if breaches is None:
        return
    limit = table.find("limit.single_name")
    if not breaches.value and limit is not None and _list_excused(table, _list_spared(table), limit):
        return  # told as positions
    if not breaches.value:
        if LIMITS_UNREAD not in table.glosses and not _has_much_cash(table):
            says = relate(Relation.NONE, breaches)
            script.observe(f"{script.mark('No', says)} concentration rule is broken.", 30, says)
        _ask_for_profile(table, script)
        return
    found = {rule: _list_over(table, rule) for rule in _RULES}
    for rule, over in found.items():
        for limit in dict.fromkeys(binding.find_limit(table, rule, fact.subject) for fact in over):
            if limit is not None:
                those = [fact for fact in over if binding.find_limit(table, rule, fact.subject) is limit]
                _warn_rule(table, rule, those, limit, script)
        if rule == "single_name":
            _warn_kin(table, script)
    _warn_totals(table, script)
    remedies.write(table, found, script)
    _ask_for_profile(table, script)


def _has_much_cash(table: FactTable) -> bool:
    """Whether cash is above its limit, beside which nothing is said to be in order."""
    share, limit = table.find("cash_pct"), table.find("limit.cash")
    return share is not None and limit is not None and share.value > limit.value


def _ask_for_profile(table: FactTable, script: Script) -> None:
    if table.frame.profile is None:
        script.suggest("Record the client's risk profile: without one nobody can say whether this mix suits.", 44)
        script.prepare("go through the risk questionnaire with the client", 44)


def _warn_kin(table: FactTable, script: Script) -> None:
    """Shares that may be of one company, with what they weigh together."""
    for fact in table.list_measure("weight", "weight.kin."):
        script.warn(
            f"{fact.subject} may be of one company, and have a weight of {script.percent(fact)} together.",
            _find_cause(table),
        )


def _list_over(table: FactTable, rule: str) -> list[Fact]:
    """What is above a rule's limit and is printed so, the furthest first, and the safest debtors last."""
    over = [fact for fact in table.list_measure("excess", f"excess.{rule}.") if fact.value >= _PRINTED]
    return sorted(over, key=lambda fact: (table.is_marked(fact.subject, Mark.SAFEST), -fact.value))


def _write_abroad(table: FactTable, script: Script) -> None:
    """That the main risk of a large bond in a foreign currency is the currency."""
    limit = table.find("limit.single_name")
    names = [
        str(fact.subject) for fact in table.list_measure("weight", "weight.position.")
        if limit is not None and fact.value > limit.value and table.is_marked(fact.subject, Mark.ABROAD)
    ][:_SHOWN]  # fmt: skip
    if names:
        script.observe(remedies.tell_abroad(names), 46)


def _list_spared(table: FactTable) -> list[str]:
    """What is above the limit for a position and no single name."""
    limit = table.find("limit.single_name")
    over = {fact.subject for fact in table.list_measure("excess", "excess.single_name.")}
    positions = table.list_measure("weight", "weight.position.")
    return [
        str(fact.subject)
        for fact in positions
        if limit is not None and len(positions) > 1 and fact.value > limit.value and fact.subject not in over
    ][:_SHOWN]


def _list_excused(table: FactTable, spared: list[str], limit: Fact) -> list[str]:
    """What is no risk of one company and yet above the client's own limit, which says a position and means each."""
    own = limit.method == AS_SENT and OF_COMPANIES not in table.glosses
    return [name for name in spared if own and any(table.is_marked(name, mark) for mark in remedies.MANY_OR_SAFE)]


def _write_excused(table: FactTable, names: list[str], limit: Fact, script: Script) -> None:
    """One line past the limit is told as such, whatever it holds."""
    weights = {fact.subject: fact for fact in table.list_measure("weight", "weight.position.")}
    if names:
        shown = join_names([f"{name} ({script.percent(weights[name])})" for name in names])
        are = "is" if len(names) == 1 else "are"
        says = relate(Relation.ABOVE, weights[names[0]], limit)
        script.observe(
            f"{shown} {are} above {script.own(limit)} as a position too, though not for the risk of one company.", 47
        )
        above = script.mark("above the limit", says)
        script.suggest(f"Agree in writing whether {join_names(names)} may stay {above} for a position.", 53)


def _write_spared(table: FactTable, script: Script) -> None:
    """What is above the limit for a position and no single name, which the rule does not hold for."""
    limit = table.find("limit.single_name")
    spared = _list_spared(table)
    excused = _list_excused(table, spared, limit) if limit is not None else []
    if limit is not None:
        _write_excused(table, excused, limit, script)
    _write_abroad(table, script)
    for mark, one, many in _SPARED:
        names = [name for name in spared if table.is_marked(name, mark) and not table.is_marked(name, Mark.ABROAD)]
        if mark is not Mark.DEPOSIT:  # of which is said already that they are no risk of one company
            names = [name for name in names if name not in excused or f"{name} may hold" in table.glosses]
        held = {name: table.glosses[f"{name} may hold"] for name in names if f"{name} may hold" in table.glosses}
        if held and mark is Mark.FUND:
            names = [name for name in names if name not in held]
            are, it = ("is a fund that holds", "it") if len(held) == 1 else ("are funds that hold", "they")
            inside = join_names(list(dict.fromkeys(held.values())))
            script.observe(
                f"{join_names(list(held))} {are} many, but {it} may hold {inside} too, which would "
                "add to what is too large already.",
                28,
            )
        if names:
            script.observe(f"{join_names(names)} {one if len(names) == 1 else many}.", 28)


def _warn_rule(table: FactTable, rule: str, over: list[Fact], limit: Fact, script: Script) -> None:
    """The furthest above a limit with what that means, and by name those that are above it too."""
    word, why = _RULES[rule]
    if rule == "single_name" and OF_COMPANIES in table.glosses:
        word = "a single stock"
    group = "position" if rule == "single_name" else rule
    weights = {fact.subject: fact for fact in table.list_measure("weight", f"weight.{group}.")}
    counted = {fact.subject: fact for fact in table.list_measure("weight", f"weight.counted.{group}.")}
    weights |= counted
    worst, weight = over[0], weights.get(over[0].subject)
    if weight is None:
        return
    without = " without money and debt of states in the own currency" if worst.subject in counted else ""
    urgency = rank(_URGENCY.get(rule, 60), worst.value, limit)
    lead = f"{worst.subject} has"
    if rule == "single_name" and _makes_unfit(table, worst):
        urgency, lead = suitability.CAUSE, f"The main reason is {worst.subject}, with"
    elif rule in {"sector", "region"} and _is_consequence(table, rule, worst, limit):
        urgency, lead, why = max(urgency, _find_cause(table)), f"With such single names {worst.subject} has", ""
    says = relate(Relation.ABOVE, weight, limit)
    above, bracket, default = script.above(limit, says).partition(" (")
    reason = f": {why}" if why else ""
    script.warn(
        f"{lead} a weight of {script.percent(weight)}{without}, {script.points(worst)} {above} for "
        f"{word if limit.subject is None else 'it'}{bracket}{default}"
        f"{reason if (other := _explain(table, rule, worst)) is None else other}.",
        urgency,
        says,
    )
    others = [weights[fact.subject] for fact in over[1:] if fact.subject in weights]
    if others:
        shown = [f"{fact.subject} ({script.percent(fact)})" for fact in others[:_NAMED]]
        more = ", among others" if len(others) > _NAMED else ""
        each = [relate(Relation.ABOVE, fact, limit) for fact in others[:_NAMED]]
        script.warn(
            f"{script.mark('Above the limit', each[0])} for {word} too: {join_names(shown)}{more}.", urgency, *each
        )


def _makes_unfit(table: FactTable, worst: Fact) -> bool:
    """Whether there are too many shares for the profile because of one name, which is most of them: its sale to its
    limit does at least half of what takes them back into range, and with the other sales all of it."""
    move, rest = table.find("equity_move"), table.find("equity_rest")
    share, most = table.find("equity_share"), table.find("profile_max")
    sale = next((fact for fact in table.list_measure("reduction") if fact.subject == worst.subject), None)
    if move is None or rest is None or share is None or most is None or sale is None:
        return False
    weight = table.find(f"weight.position.{worst.id.rpartition('.')[2]}")
    if weight is None or weight.value * 2 < share.value or share.value <= most.value:
        return False
    return table.is_marked(worst.subject, Mark.SHARE) and not rest.value and sale.value * 2 >= move.value


def _find_cause(table: FactTable) -> int:
    """How urgent the single names are that other limits are passed by."""
    over = _list_over(table, "single_name")
    return suitability.CAUSE if over and _makes_unfit(table, over[0]) else URGENT


def _is_consequence(table: FactTable, rule: str, worst: Fact, limit: Fact) -> bool:
    """Whether a group is above its limit because single names are, so that their sale cures it."""
    after = table.find(f"weight_after.{rule}.{worst.id.removeprefix(f'excess.{rule}.')}")
    single = table.list_measure("excess", "excess.single_name.")
    return bool(single) and after is not None and after.value <= limit.value


def _explain(table: FactTable, rule: str, worst: Fact) -> str | None:
    """What a currency's weight says where it is that of funds: they are quoted in it and may hold others."""
    if rule == "currency" and worst.subject == table.currency:
        return ""  # exchange rates do not touch what the portfolio is kept in
    funds = table.glosses.get(worst.subject or "") if rule == "currency" else None
    if funds is None:
        return None
    return f". But {funds} may be no more than quoted in it and hold other currencies, so look inside first"


def _warn_totals(table: FactTable, script: Script) -> None:
    top_five, limit, excess = (table.find(name) for name in ("top_5", "limit.top_five", "excess.top_five"))
    if top_five is not None and limit is not None and excess is not None and remedies.top_five_binds(table):
        says = relate(Relation.ABOVE, top_five, limit)
        script.warn(
            f"The top 5 hold {script.percent(top_five)}, {script.points(excess)} {script.above(limit, says)}.", 62, says
        )
    fee, limit, excess = (table.find(name) for name in ("fee", "limit.fee", "excess.fee"))
    if fee is not None and limit is not None and excess is not None:
        says = relate(Relation.ABOVE, fee, limit)
        script.warn(
            f"The weighted expense ratio is {script.percent(fee)} a year, {script.above(limit, says)}; fees "
            "compound as returns do.",
            64,
        )
