"""What an adviser says of a portfolio snapshot."""

from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import Fact, FactTable, join_names
from services.portfolio.domain.narrative import suitability
from services.portfolio.domain.narrative.text import Script, name_benchmark, name_portfolio, relate

_DOMINANT = Decimal(60)
_GROUPS = (("sector", "sector"), ("currency", "currency"), ("region", "region"))


def write(table: FactTable, script: Script) -> None:
    """Value and gain first, then pace against the benchmark, then how it is spread."""
    _write_value(table, script)
    suitability.write(table, script)
    _write_pace(table, script)
    _write_allocation(table, script)
    _write_cash(table, script)


def _write_value(table: FactTable, script: Script) -> None:
    value, cost, gain, share = (table.find(name) for name in ("market_value", "cost", "gain", "gain_pct"))
    if value is None:
        return
    whose, when = name_portfolio(table.frame), script.as_of(table.frame)
    if cost is None or gain is None:
        script.headline(f"{whose} is worth {script.money(value)}{when}.")
    elif not gain.value:
        script.headline(
            f"{whose} is worth {script.money(value)}{when}, level with the {script.money(cost)} invested.",
            60, relate(Relation.LEVEL, value, cost),
        )  # fmt: skip
    else:
        word = "gain" if gain.value > 0 else "loss"
        part = f" ({script.percent(share)})" if share else ""
        script.headline(
            f"{whose} is worth {script.money(value)}{when}, an unrealised {word} of {script.money(gain)}{part} on the "
            f"{script.money(cost)} invested.",
            62 if gain.value > 0 else 78,
            relate(Relation.ROSE if gain.value > 0 else Relation.FELL, gain),
        )
    if gain is not None and gain.value < 0:
        script.suggest(
            "Ask whether the reasons for holding the losing positions still stand, and whether losses could be "
            "set against gains for tax."
        )


def _write_pace(table: FactTable, script: Script) -> None:
    own, other, excess = (table.find(name) for name in ("xirr", "benchmark_xirr", "xirr_excess"))
    if own is None:
        return
    rate = script.moved(own, "returned", "lost")
    pace = f"Since inception the portfolio has {rate} a year (XIRR, which weighs each payment by its date)"
    if not own.value:
        pace = "Since inception the portfolio's XIRR is flat"
    if other is None or excess is None:
        script.observe(f"{pace}.")
        return
    script.observe(
        f"{pace}, {script.ahead(excess, name_benchmark(table.frame))}, which "
        f"{script.moved(other, 'returned', 'lost')}.",
        50 + min(int(abs(excess.value)) * 3, 25),
    )
    if excess.value < 0:
        script.suggest(
            "Find out what the shortfall against the benchmark comes from: whether it holds the same mix at all, then "
            "selection and costs.",
            58,
        )


def _write_allocation(table: FactTable, script: Script) -> None:
    classes = list(table.list_measure("weight", "weight.asset_class."))
    single = table.find("top_asset")
    if classes:
        _write_classes(classes, script)
    elif single is not None:
        script.observe(f"{single.subject} is the largest asset at {script.percent(single)} of the portfolio.")
    for group, word in _GROUPS:
        leaders = table.list_measure("weight", f"weight.{group}.")
        if leaders:
            script.observe(f"By {word}, {leaders[0].subject} leads with a weight of {script.percent(leaders[0])}.", 30)
    dominant = classes[0] if classes else single
    if dominant is not None and dominant.value >= _DOMINANT and not _is_said(table, dominant):
        script.warn(
            f"{dominant.subject} is {script.percent(dominant)} of the portfolio, so that a weak spell there would "
            "outweigh everything else.",
            72,
        )
        script.suggest(f"Check that this much in {dominant.subject} still suits the horizon and the need for cash.", 55)
    effective = table.find("effective_number")
    top_five = table.find("top_5")
    if top_five is not None:
        script.observe(f"The top 5 together hold {script.percent(top_five)} of the portfolio.", 42)
    if effective is not None:
        count = table.find("count")
        held = f"the {script.number(count)} {_counted(count)} are" if count else "it is"
        script.observe(
            f"Sizes being unequal, {held} as diversified as an effective {script.number(effective, 1)} of one size.", 35
        )


def _is_said(table: FactTable, dominant: Fact) -> bool:
    """Whether the profile's warning on equity says the same of the same share already."""
    equity, most = table.find("equity_share"), table.find("profile_max")
    return equity is not None and most is not None and equity.value == dominant.value and equity.value > most.value


def _write_classes(classes: list[Fact], script: Script) -> None:
    first, rest = classes[0], [fact for fact in classes[1:4] if fact.value > 0]  # what is owed is said as such
    text = f"{first.subject} is the largest asset class with a weight of {script.percent(first)}"
    if rest:
        text += f", followed by {join_names([f'{fact.subject} ({script.percent(fact)})' for fact in rest])}"
    script.observe(f"{text}.", 40, relate(Relation.MOST, first))


def _counted(count: Fact) -> str:
    return count.inputs[0] if count.inputs else "parts"


def _write_cash(table: FactTable, script: Script) -> None:
    cash, share, limit = (table.find(name) for name in ("cash", "cash_pct", "limit.cash"))
    if cash is None or share is None or limit is None:
        return
    if share.value < 0:
        script.warn(f"Cash is overdrawn by {script.money(cash)}.", 92, relate(Relation.FELL, cash))
        script.suggest("Settle how the overdraft is paid back before anything is bought.", 72)
    elif share.value > limit.value:
        script.warn(
            f"Cash is {script.percent(share)} of the portfolio ({script.money(cash)}), above the limit of "
            f"{script.percent(limit)}: money that waits loses to inflation.",
            66, relate(Relation.ABOVE, share, limit),
        )  # fmt: skip
        script.suggest("Agree what the cash is for, and invest the rest in steps.", 54)
    elif share.value:
        script.observe(f"Cash is {script.percent(share)} of the portfolio, {script.money(cash)}.", 28)
