"""Sides: which way a flow went, where a word beside it says so (``Withdrawal``), whatever the amount's sign."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.numbers import POINT, Numeral
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.tables import RawRow
from services.portfolio.domain.readings import COLUMN, SIBLING, Alternative
from services.portfolio.domain.reference import Reference, match_words, says_word
from services.portfolio.domain.table_fields import FLOWS, TABLES

_SAID_IN = ("side", "kind", "asset_class")
"""Columns that say nothing but the kind of a row: in these, a word such as ``sale`` says a side."""


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
    reference = feed.reference
    said = [match_words(str(row.cells.get(column) or "")) for column in _SAID_IN]
    found = {
        sign
        for sign, words in ((1, reference.paid_in), (-1, reference.taken_out))
        if any(says_word(text, word) for text in said for word in words)
    }
    texts = [cell for cell in (*row.cells.values(), *row.extra.values()) if isinstance(cell, str)]
    return (next(iter(found)) if len(found) == 1 else 0) or (0 if found else find_words(reference, texts))


def find_words(reference: Reference, texts: Iterable[str]) -> int:
    """The side that texts say, in a word for a payment anywhere, or in one of a kind alone; 0 where none does, or two
    contradict."""
    terms = reference.terms
    found = set()
    for text in texts:
        words = match_words(text)
        for sign, kinds, said in (
            (1, reference.paid_in, terms.deposits), (-1, reference.taken_out, terms.taken_out)
        ):  # fmt: skip
            if words in kinds or reference.says_any(text, said):
                found.add(sign)
    return next(iter(found)) if len(found) == 1 else 0


def names_side(reference: Reference, name: str) -> int:
    """The side that the name of a column or a table says; 0 where it says none, or both."""
    found = {
        sign for sign, said in ((1, reference.terms.deposits), (-1, reference.terms.taken_out))
        if reference.names_any(name, said)
    }  # fmt: skip
    return next(iter(found)) if len(found) == 1 else 0
