"""Sides: which way a flow went, where a word beside it says so (``Withdrawal``), whatever the amount's sign."""

from collections.abc import Iterable, Sequence
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
        untold = _find_untold(feed, table.rows, sides)
        for key in ("flow", "market_value"):
            if (column := feed.columns.get((name, key))) is None or column.reason is not None:
                continue
            turned, silent, open_way = {}, False, False
            for row, cell in column.cells.items():
                value = cell.under(column.decimal or POINT) if isinstance(cell, Numeral) else None
                if not isinstance(cell, Numeral) or not value:
                    continue
                if not sides[row]:
                    silent, open_way = True, open_way or (row in untold and value > 0)
                elif (value > 0) != (sides[row] > 0):
                    turned[row] = replace(cell, point=_turn(cell.point), comma=_turn(cell.comma))
            is_unsigned = all(_size(cell, column.decimal) >= 0 for cell in column.cells.values())
            if (turned and silent) or (open_way and is_unsigned):
                column.leave_open(
                    (Alternative({"signs": "as written"}, COLUMN), Alternative({"signs": "as the words say"}, SIBLING)),
                    "the words beside some flows say which way they went, and those beside others do not",
                )
            elif turned:
                column.cells.update(turned)
                column.why = SIBLING


def _size(cell: object, decimal: str | None) -> Decimal:
    return (cell.under(decimal or POINT) or Decimal(0)) if isinstance(cell, Numeral) else Decimal(0)


def _find_untold(feed: Feed, rows: Sequence[RawRow], sides: Sequence[int]) -> set[int]:
    """Rows with a text that says no side, in a column where that of another row says one."""
    cells: list[dict[str, object]] = [{**row.cells, **row.extra} for row in rows]
    texts = [{name: cell for name, cell in row.items() if isinstance(cell, str) and cell.strip()} for row in cells]
    telling = {name for found, side in zip(texts, sides, strict=True) if side
               for name, cell in found.items() if find_words(feed.reference, [cell])}  # fmt: skip
    return {place for place, (found, side) in enumerate(zip(texts, sides, strict=True))
            if not side and telling & found.keys()}  # fmt: skip


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
