"""Rows of one instrument in one account: the lots of one position, or rows that stand there more than once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from services.portfolio.domain.needs import Money

if TYPE_CHECKING:
    from services.portfolio.domain.facts import Draft
    from services.portfolio.domain.figures.positions import Position

_SHOWN_NAMES = 5


def merge_duplicates(positions: Sequence[Position], field: str, draft: Draft) -> list[Position]:
    """Rows of one instrument in one account as one position, and that is said. Where each says when it was bought, they
    are its lots, the oldest first."""
    parts: dict[tuple[str, str | None, bool], list[Position]] = {}
    for position in positions:
        key = (position.name.casefold(), position.text("account"), position.row.lock is not None)
        parts.setdefault(key, []).append(position)
    lots, twice = list[str](), list[str]()
    merged = []
    for rows in parts.values():
        if len(rows) == 1:
            merged.append(rows[0])
            continue
        are_lots = all(row.row.lot is not None for row in rows)
        (lots if are_lots else twice).append(rows[0].name)
        merged.append(_add_up(rows, are_lots=are_lots))
    if lots:
        draft.note("lots", f"Rows of {_name(lots)} are lots of one position and were added up.", field=field)
    if twice:
        draft.note(
            "duplicate_rows", f"Rows of {_name(twice)} stand more than once and were added up.", warning=True,
            field=field,
        )  # fmt: skip
    return merged


def _add_up(rows: Sequence[Position], *, are_lots: bool) -> Position:
    whole = rows[0]
    for row in rows[1:]:
        whole = replace(
            whole,
            market_value=_add(whole.market_value, row.market_value),
            local=_add_money(whole.local, row.local),
            weight=whole.weight + row.weight,
            cost=None if whole.cost is None or row.cost is None else whole.cost + row.cost,
            quantity=_add(whole.quantity, row.quantity),
        )
    if not are_lots:
        return whole
    ordered = sorted(rows, key=lambda row: row.row.lot.bought if row.row.lot is not None else date.min)
    return replace(whole, row=replace(whole.row, lot=None), lots=tuple(ordered))


def _name(names: Sequence[str]) -> str:
    shown = ", ".join(dict.fromkeys(names[:_SHOWN_NAMES]))
    return f"{shown} and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else shown


def _add(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return second if first is None else first if second is None else first + second


def _add_money(first: Money | None, second: Money | None) -> Money | None:
    if first is None or second is None:
        return second if first is None else first
    return Money(first.value + second.value, first.currency)
