"""What an adviser says of commitments that are not called yet."""

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.narrative.bounds import find_bound
from services.portfolio.domain.narrative.text import Script, relate

_MUCH, _URGENT, _TOLD = 50, 88, 66
"""From this part of what is liquid on, in percent, commitments are told among what is urgent."""


def write(table: FactTable, script: Script) -> None:
    """The commitments beside what can be sold for them."""
    unfunded, liquid, cover = (table.find(name) for name in ("unfunded", "liquid_value", "unfunded_cover"))
    if unfunded is None or liquid is None or not unfunded.value:
        return
    part = ""
    if cover is not None:
        part = f", {script.percent(cover)} of the {script.money(liquid)} that can be sold within days"
    importance = _URGENT if cover is None or cover.value >= _MUCH else _TOLD
    script.warn(f"Commitments of {script.money(unfunded)} are not called yet{part}.", importance)
    if table.find("excess.bound.private") is not None:
        share, limit = table.find("class_share.private"), find_bound(table, "private")
        above = "above their limit"
        if share is not None and limit is not None:
            above = script.mark(above, relate(Relation.ABOVE, share, limit))
        script.suggest(f"Enter no new commitment while private assets are {above}.", 76)
        script.prepare("put new commitments on hold", 76)
    elif importance == _URGENT:
        script.suggest("Plan which calls come when, and what is sold for them, before a new commitment is entered.", 64)
