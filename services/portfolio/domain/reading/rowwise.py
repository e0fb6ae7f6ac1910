"""What rows of positions say beside their columns: the day of their price, and what is not called of them yet."""

from dataclasses import replace

from services.portfolio.domain.needs import Money
from services.portfolio.domain.nesting import LOTS
from services.portfolio.domain.reading.beside import read_day, read_money
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.lots import take_parts
from services.portfolio.domain.reading.model import Row, Table
from services.portfolio.domain.reading.taxes import read_lot
from services.portfolio.domain.table_fields import POSITIONS, TABLES


def read_beside(feed: Feed, tables: dict[str, Table]) -> None:
    """Put these to each row; what is none of them stays among what is quoted."""
    terms = feed.reference.terms
    phrases = terms.priced | terms.unfunded | terms.bought
    for name, table in tables.items():
        if TABLES[name] != POSITIONS:
            continue
        columns = {column for row in table.rows for column in row.extra}
        known = {column for column in columns if feed.reference.names_any(column, phrases) or _is_of_lots(feed, column)}
        if known or "date" in table.columns:  # lists may have a hundred thousand rows
            tables[name] = replace(table, rows=tuple(_read_row(feed, row) for row in table.rows))


def _is_of_lots(feed: Feed, column: str) -> bool:
    return bool(LOTS & feed.reference.lexicon.read(column))


def _read_row(feed: Feed, row: Row) -> Row:
    terms, names_any = feed.reference.terms, feed.reference.names_any
    priced, unfunded, rest = row.day("date"), None, dict[str, object]()
    for column, value in row.extra.items():
        day = read_day(feed, value) if names_any(column, terms.priced) else None
        money: Money | None = read_money(feed, value, column) if names_any(column, terms.unfunded) else None
        priced, unfunded = day or priced, money or unfunded
        if day is None and money is None:
            rest[column] = value
    return take_parts(feed, replace(row, extra=rest, priced=priced, unfunded=unfunded, lot=read_lot(feed, row)))
