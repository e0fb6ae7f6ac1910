"""What an adviser says of positions that were bought at several times: which lot stands where, before one is sold."""

from services.portfolio.domain.facts import Fact, FactTable
from services.portfolio.domain.glosses import LOTS_SET
from services.portfolio.domain.narrative.text import Script

_SHOWN = 4


def write(table: FactTable, script: Script) -> None:
    """The lots of the largest such positions, and which of them a sale had better begin with."""
    sold = {fact.subject for fact in table.list_measure("reduction") if fact.id.count(".") == 1}
    found: dict[str, list[Fact]] = {}
    for fact in table.facts:
        if fact.id.startswith("lot_gain."):
            found.setdefault(str(fact.subject), []).append(fact)
    for name, gains in found.items():
        for fact in gains[:_SHOWN]:
            script.observe(_tell_lot(table, name, fact, script), 41 if name in sold else 33)
        if (more := len(gains) - _SHOWN) > 0:
            script.observe(f"{name} has {more} more lots, all bought later.", 33)
        if name in sold and LOTS_SET not in table.glosses:
            script.suggest(_advise(table, name, gains, script), 69)
            script.prepare(f"choose the lots of {name} that are sold", 69)


def _tell_lot(table: FactTable, name: str, gain: Fact, script: Script) -> str:
    value, long_from = (table.find(f"{kind}.{_key(gain)}") for kind in ("lot_value", "lot_long_from"))
    worth = f" is worth {script.money(value)}" if value is not None else ""
    word = "gain" if gain.value >= 0 else "loss"
    until = f", and counts as held long-term from {script.day(long_from, 1)} on" if long_from is not None else ""
    return f"The lot of {name} bought on {script.day(gain)}{worth}, with a {word} of {script.money(gain)}{until}."


def _key(gain: Fact) -> str:
    return gain.id.removeprefix("lot_gain.")


def _advise(table: FactTable, name: str, gains: list[Fact], script: Script) -> str:
    """Which lot stands at the least gain for what it cost, and whether that counts as short-term."""
    text = f"Name the lots of {name} that are sold when the order is placed"
    shares = {fact.id: share for fact in gains if (share := table.find(f"lot_gain_pct.{_key(fact)}")) is not None}
    if len(shares) < len(gains):
        return f"{text}, as each has a gain of its own."
    least = min(gains, key=lambda fact: shares[fact.id].value)
    short = [fact for fact in gains if table.find(f"lot_long_from.{_key(fact)}") is not None]
    kept = ""
    if short:
        kept = ", but still counts as held short-term" if least in short else ", and counts as held long-term"
    word = "gain" if least.value >= 0 else "loss"
    return (
        f"{text}: the one bought on {script.day(least)}, with a {word} "
        f"of {script.money(least)}, stands lowest against its cost{kept}."
    )
