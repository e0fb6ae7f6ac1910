"""Who stands behind a security, by what its row says or its name does."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.facts import Draft, Mark, join_names, slug
from services.portfolio.domain.figures.bond import Bond
from services.portfolio.domain.figures.nearness import add_near
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.suitability import is_single_name
from services.portfolio.domain.reference import BELOW, INVESTMENT, Reference
from services.portfolio.domain.sections import Limits

_NAMED = 3
_STEM = re.compile(r"(\D*[^\W\d_]\D*?)\s+\d+(?:[.,]\d+)?\s?%")
"""What a bond's name says before its coupon: its debtor, as bonds are named (``Barclays 5.25% 2028``)."""


def name_debtor(name: str) -> str:
    """What stands before the coupon in a bond's name, else the whole name."""
    stem = _STEM.match(name)
    return stem[1].strip() if stem is not None else name


def fill_issuers(positions: Sequence[Position], reference: Reference) -> tuple[Position, ...]:
    """The positions, those of one company with it as their issuer where their rows name none: where another row names
    it as issuer, or where several names begin with it before their coupon. States and funds are no issuers here.

    An issuer that is called as one of its papers is told apart from it as a group.
    """
    known = {issuer.casefold(): issuer for item in positions if (issuer := item.text("issuer"))}
    bare = {item.path: name_debtor(item.name) for item in positions
            if not item.text("issuer") and is_single_name(item, reference)}  # fmt: skip
    names: dict[str, set[str]] = {}
    for item in positions:
        if item.path in bare:
            names.setdefault(bare[item.path].casefold(), set()).add(item.name)
    found: dict[str, str] = {}
    for item in positions:
        stem = bare.get(item.path)
        if stem is not None and (stem.casefold() in known or len(names[stem.casefold()]) > 1):
            found[item.path] = known.get(stem.casefold(), stem)
    shares = {item.name.casefold() for item in positions if item.path in found}
    return tuple(
        _fill(item, f"{issuer} group" if issuer.casefold() in shares else issuer)
        if (issuer := found.get(item.path) or item.text("issuer")) is not None
        and (item.path in found or issuer.casefold() in shares)
        else item
        for item in positions
    )


def _fill(item: Position, issuer: str) -> Position:
    return replace(item, row=replace(item.row, cells={**item.row.cells, "issuer": issuer}))


def mark_failed(name: str, rating: str | None, draft: Draft) -> None:
    """Remember of a name that its debtor has failed to pay."""
    draft.mark(name, Mark.DEFAULTED)
    draft.glosses[name] = rating or ""


def add_debtors(bonds: Sequence[Bond], limits: Limits, reference: Reference, draft: Draft) -> None:
    """Who has failed to pay, and which single debtors weigh more than the limit for one; states and funds have none."""
    sums: dict[str, Decimal] = {}
    for bond in bonds:
        if bond.failed:
            mark_failed(bond.name, bond.rating, draft)
        elif reference.is_safest(bond.name, bond.rating):
            draft.mark(bond.name, Mark.SAFEST)
        elif bond.rating is not None and reference.grade(bond.rating) in {BELOW, INVESTMENT}:
            draft.mark(bond.name, Mark.WEAK if reference.grade(bond.rating) == BELOW else Mark.SOUND)
        if not reference.is_broad(bond.name) and not reference.is_sovereign(bond.name, bond.rating):
            sums[bond.name] = sums.get(bond.name, Decimal(0)) + bond.weight
    if len(bonds) == 1:
        return
    _add_excesses(sums, "single_name", "single debtor", limits.single_name, limits.facts_per_group, draft)
    papers: dict[str, list[Bond]] = {}
    for bond in bonds:
        if bond.name in sums and not bond.failed:
            papers.setdefault(bond.issuer or name_debtor(bond.name), []).append(bond)
    several = {
        name: sum((bond.weight for bond in owed), Decimal(0))
        for name, owed in papers.items()
        if len({bond.name for bond in owed}) > 1
    }
    for name in _add_excesses(several, "issuer", "single issuer", limits.issuer, limits.facts_per_group, draft):
        draft.state(
            "weight", several[name], ("issuer",), subject=name, key=f"issuer.{slug(name)}",
            method="sum of the weights of its bonds",
        )  # fmt: skip
        draft.name(name)
        owed = sorted({bond.name: bond for bond in papers[name]}.values(), key=lambda bond: -bond.weight)
        draft.glosses[f"{name} owes"] = join_names([bond.name for bond in owed[:_NAMED]])
        marks = [draft.marks.get(bond.name, frozenset()) for bond in owed]
        worst = next((mark for mark in (Mark.WEAK, Mark.SOUND) if any(mark in found for found in marks)), None)
        if worst is not None or all(Mark.SAFEST in found for found in marks):
            draft.mark(name, worst or Mark.SAFEST)
        for bond in owed:
            draft.glosses[f"{bond.name} is owed by"] = name


def _add_excesses(
    sums: Mapping[str, Decimal], rule: str, what: str, limit: Decimal, most: int, draft: Draft
) -> list[str]:
    """State by how much each is above a limit, the furthest first; their names."""
    over = sorted(((name, weight) for name, weight in sums.items() if weight > limit), key=lambda pair: -pair[1])[:most]
    near = [(name, weight, limit) for name, weight in sums.items()]
    add_near(rule, near, draft)
    if over or any(fact.id.startswith(f"near_limit.{rule}.") for fact in draft.facts):
        draft.state("limit", limit, (f"limits.{rule}",), key=rule, label=f"limit for a {what}")
    for name, weight in over:
        draft.state(
            "excess", weight - limit, (f"limits.{rule}",), key=f"{rule}.{slug(name)}", subject=name,
            label=f"{name} above the limit",
        )  # fmt: skip
    return [name for name, _ in over]
