"""Sides: which way a flow went, where a word beside it says so (``Withdrawal``), whatever the amount's sign."""

from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.numbers import POINT, Numeral
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.tables import RawRow
from services.portfolio.domain.readings import COLUMN, SIBLING, Alternative
from services.portfolio.domain.reference import match_words, says_word
from services.portfolio.domain.table_fields import FLOWS, TABLES

_SAID_IN = ("side", "kind", "asset_class")


def settle_sides(feed: Feed) -> None:
    """Give flows the sign that their words say: what the client pays in is above zero."""
    for name, table in feed.tables.items():
        if TABLES[name] != FLOWS:
            continue
        sides = [_find_side(feed, row) for row in table.rows]
        for key in ("flow", "market_value"):
            if (column := feed.columns.get((name, key))) is None or column.reason is not None:
                continue
            turned, silent = {}, False
            for row, cell in column.cells.items():
                value = cell.under(column.decimal or POINT) if isinstance(cell, Numeral) else None
                if not isinstance(cell, Numeral) or not value:
                    continue
                if not sides[row]:
                    silent = True
                elif (value > 0) != (sides[row] > 0):
                    turned[row] = replace(cell, point=_turn(cell.point), comma=_turn(cell.comma))
            if turned and silent:
                column.leave_open(
                    (Alternative({"signs": "as written"}, COLUMN), Alternative({"signs": "as the words say"}, SIBLING)),
                    "the words beside some flows contradict their signs, and others have none",
                )
            elif turned:
                column.cells.update(turned)
                column.why = SIBLING


def _turn(value: Decimal | None) -> Decimal | None:
    return None if value is None else -value


def _find_side(feed: Feed, row: RawRow) -> int:
    """1 for money paid in, -1 for money taken out, 0 where no word says it or two contradict."""
    said = [match_words(str(row.cells.get(column) or "")) for column in _SAID_IN]
    name = match_words(str(row.cells.get("name") or ""))
    found = {
        sign
        for sign, words in ((1, feed.reference.paid_in), (-1, feed.reference.taken_out))
        if any(says_word(text, word) for text in said for word in words) or name in words
    }
    return next(iter(found)) if len(found) == 1 else 0
