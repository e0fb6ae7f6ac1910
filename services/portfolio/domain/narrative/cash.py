"""What an adviser says of money at hand, and of what is overdrawn."""

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.narrative import binding
from services.portfolio.domain.narrative.remedies import must_repay
from services.portfolio.domain.narrative.text import Script, rank, relate


def _excess(table: FactTable, script: Script) -> str:
    excess = table.find("excess.cash.cash")
    return f"{script.points(excess)} " if excess is not None else ""


def write(table: FactTable, script: Script) -> None:
    """An overdraft, more cash than its limit, or how much there is."""
    cash, share, limit = (table.find(name) for name in ("cash", "cash_pct", "limit.cash"))
    if cash is None or share is None or limit is None:
        return
    if share.value < 0 and table.find("leverage") is not None:
        return  # what is owed is told as leverage
    if share.value < 0:
        script.warn(f"Cash is overdrawn by {script.money(cash)}.", 92, relate(Relation.FELL, cash))
        script.suggest("Settle how the overdraft is paid back before anything is bought.", 72)
    elif share.value > limit.value:
        says = relate(Relation.ABOVE, share, limit)
        script.warn(
            f"Cash is {script.percent(share)} of the portfolio ({script.money(cash)}), {_excess(table, script)}"
            f"{script.above(limit, says)}.",
            rank(66, share.value - limit.value, limit), says,
        )  # fmt: skip
        spare = table.find("reduction.cash")
        much = f" {script.money(spare)} stands {script.mark('above its limit', says)}." if spare is not None else ""
        if must_repay(table):
            return  # what is owed takes of it first
        if binding.has_needs(table):
            return  # what is spoken for is told with what it leaves, and none of it is said to be free
        script.suggest(f"Agree what the cash is kept for, and invest what is not needed for it.{much}", 54)
        script.prepare("ask the client which payments are due in the years ahead", 54)
    elif share.value:
        script.observe(f"Cash comes to {script.money(cash)}.", 28)
