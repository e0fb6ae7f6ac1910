"""What an adviser says of a portfolio against its model."""

from collections.abc import Sequence
from decimal import Decimal

from services.portfolio.domain.claims.model import Claim, Relation
from services.portfolio.domain.due import find_due, suits_model, suits_portfolio
from services.portfolio.domain.facts import (
    AS_SENT,
    MODEL_REST,
    NO_MODEL,
    ONE_TRADE_FROM,
    ONE_TRADE_INTO,
    WISH,
    Fact,
    FactTable,
    Mark,
    join_names,
)
from services.portfolio.domain.narrative import payments_due, suitability
from services.portfolio.domain.narrative.remedies import must_repay
from services.portfolio.domain.narrative.text import Script, name_portfolio, relate

_SHOWN = 3
_PRINTED = Decimal("0.05")
"""What is closer to its model weight is printed as that."""
_NAMED = 8
"""Names of a kind that are listed where none may be left out without a word: what is outside its band, and trades."""


def write(table: FactTable, script: Script) -> None:
    """Whether it is out of its bands first, then by what, then the trades, then whether it suits the client."""
    drifts = sorted(table.list_measure("drift"), key=lambda fact: -abs(fact.value))
    _write_headline(table, script)
    if not _is_model_broken(table):
        _write_drifts(table, drifts, script)
        payments_due.write_after(table, script)
    _write_trades(table, script)
    _write_patience(table, drifts, script)
    suitability.write(table, script)


def _write_headline(table: FactTable, script: Script) -> None:
    breaches, active = table.find("breaches"), table.find("active_share")
    whose = name_portfolio(table.frame)
    if breaches is None:
        script.headline(f"Whether {whose.replace('The', 'the', 1)} is outside its bands cannot be told.", 76)
        return
    script.paragraph()
    if _is_model_broken(table):
        script.headline(
            f"{whose} cannot be held against its model{script.as_of(table.frame)}: the model weights do not add up to "
            "the whole.",
            76,
        )
        return
    after = table.find("breaches_after")
    if after is not None and bool(after.value) is not bool(breaches.value):
        payments_due.write_turn(table, breaches, after, script)
    elif not breaches.value:
        suits = suits_model(table) and suits_portfolio(table)
        idle = script.mark("no trade is due", relate(Relation.NONE, breaches))
        unfit = "the model itself" if not suits_model(table) else "what is held"
        due = f"; {idle}" if suits else f", but {unfit} does not suit the client"
        if suits and must_repay(table):
            due = f"; {idle}, but the borrowing does not suit the client"
        script.headline(
            f"{name_portfolio(table.frame)} is within its bands{script.as_of(table.frame)}{due}.",
            50, relate(Relation.NONE, breaches),
        )  # fmt: skip
    elif not suits_model(table):
        assets = f"{script.number(breaches)} {'asset' if breaches.value == 1 else 'assets'}"
        script.headline(
            f"{name_portfolio(table.frame)} has {assets} outside the band{script.as_of(table.frame)}, but the model "
            "itself does not suit the client.",
            76,
        )
    else:
        script.headline(
            f"{name_portfolio(table.frame)} needs rebalancing{script.as_of(table.frame)}: "
            f"{script.number(breaches)} {'asset is' if breaches.value == 1 else 'assets are'} outside the band.",
            76,
        )
    if active is not None and active.value and not table.list_measure("trade", "trade."):
        script.observe(f"Its active share against the model is {script.percent(active)}.", 34)


def _is_model_broken(table: FactTable) -> bool:
    """Whether the model's weights do not make up a whole, so that no drift from them means anything."""
    return any(absent.id == "trade" and "do not sum" in absent.reason for absent in table.absent)


def _write_drifts(table: FactTable, drifts: list[Fact], script: Script) -> None:
    """The furthest from the model in full, those after it in brief, together where they stand alike."""
    if (rest := table.glosses.get(MODEL_REST)) is not None:
        script.observe(f"No model weight was sent for {rest}: it is taken at what the others leave of the whole.", 50)
    listed = next(iter(table.list_measure("parts_sum", "parts_total.")), None)
    if listed is not None:
        script.observe(f"All weights and trades here are of the {script.money(listed)} that the amounts add up to.", 39)
    alike: dict[bool, list[tuple[Fact, Fact]]] = {}
    owed = {fact.subject for fact in table.list_measure("weight") if fact.value < 0}  # told as leverage
    moved = [drift for drift in drifts if drift.value and drift.subject not in owed]
    shown = [
        drift for place, drift in enumerate(moved) if place < _SHOWN or _is_outside(drift, _find_band(table, drift))
    ][:_NAMED]
    for place, drift in enumerate(shown):
        suffix = drift.id.removeprefix("drift.")
        weight, model = (table.find(f"{name}.{suffix}") for name in ("weight", "model_weight"))
        band = _find_band(table, drift)
        if weight is None or model is None or band is None:
            continue
        outside = _is_outside(drift, band)
        says = _stand(drift, band)
        if place:
            alike.setdefault(outside, []).append((drift, band))
            continue
        owner = "" if band.method == AS_SENT else ", the default as the model names none"
        tail = (
            f", {script.mark('outside its band', says)} of {script.points(band)}{owner}"
            if outside
            else f", {script.mark('within its band', says)}"
        )
        furthest = f"{script.mark('Furthest', relate(Relation.FURTHEST, drift))} from the model is"
        if any(abs(other.value) > abs(drift.value) for other in drifts):
            furthest = "Beside what is owed, there is"  # which is further from it, and told as leverage
        text = (
            f"{furthest} {drift.subject}, {script.points(drift)} {_side(drift)}, with a weight of "
            f"{script.percent(weight)} against a model weight of {script.percent(model)}{tail}."
        )
        script.observe(text, 62 if outside else 38, says)
    for outside, items in alike.items():
        told = [f"{drift.subject}, {script.points(drift)} {_side(drift)}," for drift, _ in items]
        those = " ".join([*told[:-2], join_names(told[-2:])])
        are, band_s = ("is", "band") if len(items) == 1 else ("are", "bands")
        where = f"{'outside' if outside else 'within'} {'its' if len(items) == 1 else 'their'} {band_s}"
        each = [_stand(drift, band) for drift, band in items]
        # Those that come after another make no sense alone, among the highlights.
        script.observe(f"{those} {are} {script.mark(where, each[0])}.", 37, *each)


def _find_band(table: FactTable, drift: Fact) -> Fact | None:
    return table.find(f"band.{drift.id.removeprefix('drift.')}")


def _is_outside(drift: Fact, band: Fact | None) -> bool:
    return band is not None and abs(drift.value) > band.value


def _side(drift: Fact) -> str:
    return "overweight" if drift.value > 0 else "underweight"


def _stand(drift: Fact, band: Fact) -> Claim:
    return relate(Relation.OUTSIDE if _is_outside(drift, band) else Relation.WITHIN, drift, band)


def _write_patience(table: FactTable, drifts: list[Fact], script: Script) -> None:
    """What to do while nothing has to be done."""
    breaches, due = table.find("breaches"), find_due(table)
    if breaches is None or breaches.value or due is None or due.value:
        return
    suits = suits_model(table) and suits_portfolio(table)
    high = next((drift for drift in drifts if drift.value > 0 and not _may_not_be_sold(table, drift)), None)
    if suits and drifts and drifts[0].value:
        low = next((drift for drift in drifts if drift.value < 0), None)
        is_paid = table.find("spoken_for") is not None and high is not None
        near = high if is_paid and high is not None else low or drifts[0]
        deposits = table.list_measure("expected")
        way = "what has to be paid" if is_paid else "new money"
        if deposits and not is_paid and near.value < 0:
            way = "the coming deposit" if len(deposits) == 1 else "the coming deposits"
        if near.value > 0 and not is_paid:
            return  # nothing is short of its model weight, and nothing is known to be taken out
        needless = script.mark("no sale is needed", relate(Relation.NONE, breaches))
        script.suggest(f"Use {way} to bring {near.subject} nearer to its model weight; {needless}.", 40)


def _may_not_be_sold(table: FactTable, drift: Fact) -> bool:
    return any(table.is_marked(drift.subject, mark) for mark in (Mark.LOCKED, Mark.WHOLE, Mark.SLOW))


def _write_effect(table: FactTable, script: Script) -> None:
    """What the trades towards the model do for a portfolio that does not suit its client."""
    after, most = table.find("model_equity_share"), table.find("profile_max")
    if not suits_portfolio(table) and after is not None and most is not None:
        suits = script.mark("suits the profile", relate(Relation.WITHIN, after, most))
        script.observe(
            f"The model holds {script.percent(after)} in equity, which {suits}: the trades towards it settle that too.",
            61,
        )


def _write_trades(table: FactTable, script: Script) -> None:
    kept = table.list_measure("trade", "unsold.")
    cut = bool(kept) or NO_MODEL in table.glosses
    after = table.find("breaches_after")
    trades = table.list_measure("trade", "planned." if cut or after is not None else "trade.")
    turnover, amount = table.find("turnover"), table.find("turnover_amount")
    if not trades and not kept:
        reasons = [absent.reason for absent in table.absent if absent.id == "trade"]
        if _is_model_broken(table):
            script.warn("So nothing is said of drifts, and no trades are proposed.", 81)
            script.suggest("Correct the model first: its weights have to add up to the whole.", 74)
        elif reasons:
            script.warn("No trades are proposed: what they rest on was not sent, or could not be settled.", 74)
        return
    due = find_due(table)
    if due is None:
        script.warn("The bands that were sent could not be read, so no trades are proposed.", 81)
        script.suggest("Settle the bands first: they decide whether anything is traded at all.", 74)
        return
    spent = [fact for fact in trades if fact.value < 0 and table.is_marked(fact.subject, Mark.MONEY)]
    sold = [fact for fact in trades if fact.value < 0 and fact not in spent]
    sells = [f"{script.money(fact)} of {fact.subject}" for fact in sold]
    uses = [f"{script.money(fact)} out of {fact.subject}" for fact in spent]
    owed = {fact.subject for fact in table.list_measure("weight") if fact.value < 0}
    repaid = [fact for fact in trades if fact.value > 0 and fact.subject in owed]
    bought = [fact for fact in trades if fact.value > 0 and fact.subject not in owed]
    buys = [
        f"{script.money(fact)} of {fact.subject}" for fact in bought if not table.is_marked(fact.subject, Mark.MONEY)
    ]
    puts = [f"{script.money(fact)} into {fact.subject}" for fact in bought if table.is_marked(fact.subject, Mark.MONEY)]
    if not due.value:
        return  # what is within its bands is left alone
    if not suits_model(table):
        return  # nobody is told to trade towards what does not suit the client
    _tell_kept(table, kept, bought, script)
    if (unknown := table.glosses.get(NO_MODEL)) is not None:
        script.warn(
            f"No model weight was sent for {unknown}: whether the model means to hold it is not known, so that it is "
            "neither sold nor bought here, and what would be bought for it stays short.",
            84,
        )
        script.suggest(f"Ask what the model says of {unknown} before these trades are placed.", 66)
        script.prepare(f"ask what the model says of {unknown}", 66)
    if not trades or _tell_deposit(table, script):
        return
    lead = "Towards the model, as far as can be traded now, " if cut else "To return to the model, "
    if after is not None:
        lead = f"{lead.rstrip(' ,')} without what is spoken for, "
    parts = [
        part
        for part in (
            f"sell {_list_all(sells)}" if sells else "",
            f"take {_list_all(uses)}" if uses else "",
            _tell_repayment(table, repaid, script),
            f"buy {_list_all(buys)}" if buys else "",
            f"put {join_names(puts)}" if puts else "",
            payments_due.tell_raised(table, trades, script),
        )
        if part
    ]
    script.suggest(f"{lead}{'; then '.join(parts)}.", 64)
    script.prepare(_begin(sold, bought), 64)
    _suggest_one_trade(table, script)
    _write_effect(table, script)
    if turnover is not None and amount is not None:
        script.observe(
            f"{'These trades are' if NO_MODEL in table.glosses else 'Full rebalancing is'} a turnover of "
            f"{script.percent(turnover)} of the portfolio ({script.money(amount)}).",
            36,
        )
        if sells:
            script.suggest(
                "Weigh the costs of the sales, and their tax where it is due, against the drift"
                f"{'' if WISH in table.glosses or after is not None else '; use new money first'}.",
                46,
            )


def _tell_deposit(table: FactTable, script: Script) -> bool:
    """Where money that is expected goes first; whether that leaves nothing outside its band, so that nothing is
    sold."""
    parts = table.list_measure("trade", "deposit.")
    left, expected = table.find("deposit_breaches"), table.list_measure("expected")
    if not parts or left is None or not expected:
        return False
    puts = [f"{script.money(fact)} into {fact.subject}" for fact in parts]
    what = "the deposit" if len(expected) == 1 else "the deposits"
    if left.value:
        are = "asset is" if left.value == 1 else "assets are"
        then = f"{script.number(left)} {are} still outside then, so that some of the trades below stay due"
    else:
        then = "that alone is enough: the bands hold again without a sale"
    comes = "is" if len(expected) == 1 else "are"
    script.suggest(f"Use {what} that {comes} expected first: put {_list_all(puts)}.", 65)
    script.suggest(f"At today's prices {then}.", 65)
    script.prepare("have it confirmed that the money comes, and when", 65)
    return not left.value


def _begin(sold: Sequence[Fact], bought: Sequence[Fact]) -> str:
    """What is done first: the sale that pays for what is bought, where one does, or all sales."""
    if not sold or not bought:
        return "confirm these trades with the client, and place them together"
    if abs(sold[0].value) >= sum((fact.value for fact in bought), Decimal(0)):
        return f"sell {sold[0].subject} first, as that pays for what is bought"
    return "confirm these trades with the client, and place the sales first, as they pay for what is bought"


def _suggest_one_trade(table: FactTable, script: Script) -> None:
    """The one trade that the bands ask for at least, where it can be made and the client's profile asks for no more."""
    amount, due = table.find("band_move"), find_due(table)
    out, into = table.glosses.get(ONE_TRADE_FROM), table.glosses.get(ONE_TRADE_INTO)
    if amount is None or out is None or into is None or due is None:
        return
    if not suits_portfolio(table) or table.is_marked(out, Mark.SLOW):
        return
    cures = "cures both breaches" if due.value > 1 else "cures the breach"
    script.suggest(
        f"Or make one trade alone: moving {script.money(amount)} out of {out} into {into} {cures}, "
        "but only to the edge of the bands, so that little would break them again.",
        63,
    )


def _list_all(trades: list[str]) -> str:
    """All of a plan's trades of one kind, or the largest and how many there are beside them."""
    more = len(trades) - _NAMED
    return join_names([*trades[:_NAMED], f"{more} more"] if more > 0 else trades)


def _tell_kept(table: FactTable, kept: Sequence[Fact], bought: Sequence[Fact], script: Script) -> None:
    """What stays above its model weight as it cannot be sold at will, until when, and what stays short for it."""
    if not kept:
        return
    shown = join_names([f"{script.money(fact)} of {fact.subject}" for fact in kept[:_NAMED]])
    names = join_names([str(fact.subject) for fact in kept[:_NAMED]])
    one = len(kept) == 1
    whole = all(table.is_marked(fact.subject, Mark.WHOLE) for fact in kept)
    until = f"{'it is' if one else 'they are'} sold whole" if whole else (
        f"{'it pays' if one else 'they pay'} out or can be given back"
    )  # fmt: skip
    script.suggest(
        f"Keep {shown}, which the model would sell: {'it' if one else 'they'} cannot be sold freely. That stays open "
        f"until {until}"
        f"{_tell_short(table, bought)}. Put no new money into {names}.",
        63,
    )
    script.suggest(
        f"Ask when {names} {'pays' if one else 'pay'} out or can be given back, and what may still be called up: that "
        "comes out of the cash first.",
        62,
    )


def _tell_short(table: FactTable, bought: Sequence[Fact]) -> str:
    """What stays below its model weight until then, and whether that is more than its band allows."""
    total, trades = table.find("market_value"), {fact.subject: fact.value for fact in bought}
    if total is None or not total.value:
        return ""
    left = {
        fact: fact.value + trades.get(fact.subject, Decimal(0)) * 100 / total.value
        for fact in table.list_measure("drift") if fact.value < 0
    }  # fmt: skip
    short = [fact for fact, after in left.items() if after <= -_PRINTED]
    if not short:
        return ""
    stay = "stays short of its model weight" if len(short) == 1 else "stay short of their model weights"
    allowed = all((band := _find_band(table, fact)) is not None and -left[fact] <= band.value for fact in short)
    far = ", no further than is allowed" if allowed else ""
    return f"; {join_names([str(fact.subject) for fact in short[:_NAMED]])} {stay} for it{far}"


def _tell_repayment(table: FactTable, repaid: list[Fact], script: Script) -> str:
    """What is repaid, which is never more than is owed: the rest of the trade stays at hand."""
    amount = table.find("leverage_amount")
    if len(repaid) == 1 and amount is not None and repaid[0].value > amount.value + 1:
        return (
            f"bring {script.money(repaid[0])} into {repaid[0].subject}, which repays what is owed and keeps the "
            "rest at hand"
        )
    shown = [f"{script.money(fact)} of {fact.subject}" for fact in repaid]
    return f"repay {join_names(shown)}" if shown else ""
