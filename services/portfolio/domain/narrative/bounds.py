"""What a client or a risk profile bounds beside equity: asset classes, what is illiquid, foreign, private or weak; what
stands outside of it and what to do, and which bounds of the client's own are kept."""

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import AS_SENT, FOREIGN_IN_PART, Fact, FactTable, slug
from services.portfolio.domain.narrative import remedies
from services.portfolio.domain.narrative.text import URGENT, Script, rank, relate
from services.portfolio.domain.sections import FOREIGN, LOW_RATED, PRIVATE

_LIMIT, _ILLIQUID, _KEPT = 90, 70, 39
_MUCH_ILLIQUID, _WHOLE = 25, 100
_MANY = frozenset({"illiquid", FOREIGN, LOW_RATED, PRIVATE, "alternative"})
_WEAKEST = 63
"""Weak debtors go before the sales of other names."""


def find_bound(table: FactTable, name: str) -> Fact | None:
    """The client's own limit for something that a profile may bound, else that of the profile."""
    return table.find(f"limit.bound.{name}") or table.find(f"profile_limit.{name}")


_REMEDIES = {
    "illiquid": "Add nothing to illiquid assets, and let them come down{size} as they pay out or can be sold.",
    "foreign_currency": (
        "Bring foreign currencies down{size}{first}, hedge them, or agree in writing why the limit is passed."
    ),
    "below_investment_grade": "Bring bonds below investment grade down{size}, the weakest debtor first.",
}
_REMEDY = "Bring {subject} down to the limit{size}, or agree in writing why it is passed."
_SLOW_REMEDY = (
    "Let {subject} come down to the limit{size} as they pay out or can be given back, and add nothing to them."
)
_NONE_ALLOWED = "Sell what is held in {subject}{size}, or agree in writing why it is kept."


def _write_over(table: FactTable, name: str, fact: Fact, limit: Fact, script: Script, *, settles: bool) -> None:
    """What is above a limit of the client or the profile, by how much, and what to do about it."""
    subject = limit.label.rpartition(" for ")[2]
    excess, size = (table.find(f"{kind}.bound.{name}") for kind in ("excess", "reduction"))
    own = limit.method == AS_SENT
    says = relate(Relation.ABOVE, fact, limit)
    profiles = f"{script.mark('above the limit', says)} of {script.percent(limit)} that the profile sets"
    above = f"above {script.own(limit)}" if own else profiles
    points = f"{script.points(excess)} " if excess is not None and own else ""
    far = f", by {script.points(excess)}" if excess is not None and not own else ""
    are = "are" if name == LOW_RATED else _are(subject)
    stands = f"{points}{above}{far}" if limit.value or own else "where the profile allows none"
    part = ", as far as they are named" if name == FOREIGN and FOREIGN_IN_PART in table.glosses else ""
    script.warn(
        f"{_begin(subject)} {are} {script.percent(fact)} of the portfolio{part}, {stands}."
        f"{_tell_lever(table, name, script)}",
        rank(URGENT, fact.value - limit.value, limit) if own else _LIMIT, says,
    )  # fmt: skip
    rest = table.find(f"reduction.rest.{name}")
    if rest is not None and not rest.value:
        return  # the sales of single names do it
    if f"{name} is settled by the model" in table.glosses and settles:
        return
    if name == FOREIGN and remedies.settle_repaid(table, FOREIGN, limit, script):
        return
    beside = " beside the sales of single names" if name == LOW_RATED else " more than those sales do"
    more = beside if rest is not None else ""
    size = rest or size
    whole = f"{name} is whole" in table.glosses  # no sum can be sold of a house
    much = f" by {script.money(size)}{more}" if size is not None and not whole else ""
    remedy = _REMEDIES.get(name, _REMEDY)
    if not limit.value and name not in _REMEDIES:
        remedy, much = _NONE_ALLOWED, much.replace(" by ", ", ", 1)
    if f"{name} counts twice" in table.glosses and limit.value:  # all of them are illiquid
        remedy = _SLOW_REMEDY
    both = " What leaves them counts for illiquid assets too." if f"{name} counts twice" in table.glosses else ""
    script.suggest(
        remedy.format(subject=subject, size=much, first=remedies.name_lever(table, name)) + both,
        _WEAKEST if name == LOW_RATED else 58,
    )  # fmt: skip


def _write_under(table: FactTable, name: str, fact: Fact, least: Fact, script: Script) -> None:
    """What is below the least that the client wants of it, by how much, and what to do about it."""
    subject = least.label.removeprefix("least of ")
    short, size = (table.find(f"{kind}.bound.{name}") for kind in ("shortfall", "addition"))
    says = relate(Relation.BELOW, fact, least)
    points = f"{script.points(short)} " if short is not None else ""
    script.warn(
        f"{_begin(subject)} {_are(subject)} {script.percent(fact)} of the portfolio, {points}below "
        f"{script.own(least)}.",
        rank(URGENT, least.value - fact.value, least), says,
    )  # fmt: skip
    much = f" by {script.money(size)}" if size is not None else ""
    script.suggest(f"Bring {subject} up to the limit{much}, or agree in writing why it is missed.", 58)


def _begin(subject: str) -> str:
    return f"{subject[:1].upper()}{subject[1:]}"


def _are(subject: str) -> str:
    return "are" if subject.endswith("s") else "is"


def _tell_lever(table: FactTable, name: str, script: Script) -> str:
    """What foreign currencies, or weak debtors, are made of first of all, by name."""
    lever = table.glosses.get(f"{name} is led by")
    weights = table.list_measure("weight", "weight.position.")
    weight = next((fact for fact in weights if lever is not None and fact.subject == lever), None)
    lead = "Among them is" if name == LOW_RATED else "Foremost in them is"
    return f" {lead} {lever}, with a weight of {script.percent(weight)}." if weight is not None else ""


def write(table: FactTable, script: Script, *, settles: bool = False) -> None:
    """What stands outside of a bound, and which of the client's own are kept; without a bound, much that cannot be sold
    is named. ``settles`` where trades are told that cure what the model keeps."""
    kept: dict[str, str] = {}
    for limit in [
        fact for fact in table.facts if fact.id.startswith(("profile_limit.", "limit.bound.", "limit.least."))
    ]:
        name = limit.id.removeprefix("profile_limit.").removeprefix("limit.bound.").removeprefix("limit.least.")
        fact = _find_held(table, name)
        if name == "leverage" or fact is None:
            continue  # said with the leverage itself
        if limit.id.startswith("limit.least."):
            if table.find(f"shortfall.bound.{name}") is not None:
                _write_under(table, name, fact, limit, script)
                kept.pop(name, None)
                continue
        elif fact.value > limit.value:
            if table.find(f"excess.bound.{name}") is not None:
                _write_over(table, name, fact, limit, script, settles=settles)
            continue
        if limit.method == AS_SENT and fact.value and _is_kept(table, name):
            kept[name] = _tell_kept(table, name, fact, limit, script)
    for text in kept.values():
        script.observe(text, _KEPT)
    _tell_illiquid(table, script)


def _find_held(table: FactTable, name: str) -> Fact | None:
    """What is held of something that is bounded."""
    held = {"illiquid": "illiquid_share", "leverage": "leverage"}
    return (table.find(held[name]) if name in held else None) or table.find(f"class_share.{name}")


def _is_kept(table: FactTable, name: str) -> bool:
    most, fact = table.find(f"limit.bound.{name}"), _find_held(table, name)
    over = most is not None and fact is not None and fact.value > most.value
    return not over and table.find(f"shortfall.bound.{name}") is None


def _tell_kept(table: FactTable, name: str, fact: Fact, limit: Fact, script: Script) -> str:
    """``Fixed income is 35%, within the client's own limits of 30% and 45%.``"""
    least, most = table.find(f"limit.least.{name}"), table.find(f"limit.bound.{name}")
    subject = limit.label.removeprefix("limit for ").removeprefix("least of ")
    ends = script.own(limit)
    if least is not None and most is not None:
        ends = f"the client's own limits of {script.percent(least)} and {script.percent(most)}"
    be = "are" if name in _MANY else "is"
    if table.find(f"weight.position.{slug(subject)}") is not None:  # whose weight is told as that of a position
        return f"{_begin(subject)} {'keep' if name in _MANY else 'keeps'} {ends}."
    return f"{_begin(subject)} {be} {script.percent(fact)}, {'above' if most is None else 'within'} {ends}."


def _tell_illiquid(table: FactTable, script: Script) -> None:
    illiquid = table.find("illiquid_share")
    if illiquid is not None and illiquid.value > _WHOLE:
        script.warn("More is illiquid than the portfolio is worth after what is owed.", _ILLIQUID)
    elif illiquid is not None and find_bound(table, "illiquid") is None and illiquid.value >= _MUCH_ILLIQUID:
        script.warn(
            f"Of the portfolio, {script.percent(illiquid)} is illiquid: it cannot be sold within days, and "
            f"money that may "
            "be needed soon must not come from there.",
            _ILLIQUID,
        )
