"""Holding a claim that the writer made against facts, without any text: the value, the relation, the peers, the
days."""

from collections.abc import Callable
from decimal import Decimal

from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.facts import Fact, FactTable

_WHOLE = Decimal(100)
_PRINTED = Decimal("0.005")
_LIMIT = "limit"
"""The measure of limits: each is of what it limits (a fee a year, say)."""


def hold(claim: Claim, table: FactTable) -> Verdict:
    """What the facts of a table say to a claim that names its fact, or its frame to one of its days or names."""
    fact = table.find(claim.fact or "")
    if fact is None and claim.fact is None and _is_framed(claim, table):
        return Verdict(claim, Outcome.GROUNDED)
    if fact is None:
        return Verdict(claim, Outcome.UNSUPPORTED, why="it names no fact of the section", fault=True)
    why = _refute(claim, fact, table)
    if why is None:
        return Verdict(claim, Outcome.GROUNDED, fact)
    return Verdict(claim, Outcome.CONTRADICTED, fact, why=why, fault=True)


def _is_framed(claim: Claim, table: FactTable) -> bool:
    """Whether the section says of itself what is claimed: a day, or how the client's profile is called."""
    if claim.relation is Relation.DATED:
        return set(claim.dates) <= set(table.frame.dates)
    if claim.relation is not Relation.NAMED or not claim.subject:
        return False
    return any(claim.subject in name.casefold() for name in (table.frame.profile or "", *_list_profiles(table)))


def _list_profiles(table: FactTable) -> list[str]:
    return [fact.label for fact in table.list_measure("profile_min")]


def _refute(claim: Claim, fact: Fact, table: FactTable) -> str | None:
    """Why a claim is wrong, or None."""
    if (claim.measure, claim.subject) != (fact.measure, fact.subject):
        return f"it is of {claim.measure} of {claim.subject}, the fact of {fact.measure} of {fact.subject}"
    if claim.relation is Relation.DATED:
        return None if set(claim.dates) <= set(fact.dates) else "the day is none of the fact's"
    if claim.value != fact.value or claim.unit is not fact.unit or set(claim.bases) != set(fact.bases):
        return "value, unit or basis differ"
    other = table.find(claim.other) if claim.other else None
    if claim.other and other is None:
        return f"there is no {claim.other}"
    if other is not None and not _comparable(claim, fact, other):
        return f"{fact.id} and {other.id} are of other times, taxes or units"
    return _refute_relation(claim, fact, other, table)


def _comparable(claim: Claim, fact: Fact, other: Fact) -> bool:
    shares = {"percent", "pp"}
    bases = set(fact.bases) == set(other.bases) or other.measure == _LIMIT
    alike = fact.unit is other.unit or {fact.unit.value, other.unit.value} <= shares
    return (alike and fact.currency == other.currency and bases) or claim.relation is Relation.WITHIN


def _refute_relation(claim: Claim, fact: Fact, other: Fact | None, table: FactTable) -> str | None:
    against = other.value if other is not None else Decimal(0)
    holds: dict[Relation, Callable[[], bool]] = {
        Relation.IS: lambda: True,
        Relation.ROSE: lambda: fact.value > 0,
        Relation.FELL: lambda: fact.value < 0,
        Relation.ABOVE: lambda: fact.value > against,
        Relation.BELOW: lambda: fact.value < against,
        Relation.LEVEL: lambda: abs(fact.value - against) < _PRINTED,
        Relation.WITHIN: lambda: abs(fact.value) <= against,
        Relation.OUTSIDE: lambda: abs(fact.value) > against,
        Relation.COVERS: lambda: fact.value >= _WHOLE,
        Relation.NONE: lambda: not fact.value,
        Relation.FURTHEST: lambda: all(abs(peer.value) <= abs(fact.value) for peer in _list_peers(fact, table)),
        Relation.MOST: lambda: all(peer.value <= fact.value for peer in _list_peers(fact, table)),
        Relation.LEAST: lambda: all(peer.value >= fact.value for peer in _list_peers(fact, table)),
    }
    test = holds.get(claim.relation)
    if test is None:
        return f"{claim.relation.value} cannot be held against a fact"
    if test():
        return None
    return f"{fact.id} is {fact.value}" + (f", {other.id} {other.value}" if other is not None else "")


def _list_peers(fact: Fact, table: FactTable) -> list[Fact]:
    """The facts that a superlative is over: those whose id differs in its last part only."""
    stem = fact.id.rpartition(".")[0]
    return [peer for peer in table.facts if peer.id.rpartition(".")[0] == stem and peer.unit is fact.unit]
