"""Who stands behind a security, by what its row says or its name does."""

import re
from collections.abc import Sequence
from dataclasses import replace

from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.suitability import is_single_name
from services.portfolio.domain.reference import Reference

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
