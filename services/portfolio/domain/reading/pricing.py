"""The day of each row's price, by the column that says it."""

from dataclasses import replace

from services.portfolio.domain.reading.beside import read_day
from services.portfolio.domain.reading.feed import POSITIONS, TABLES, Feed
from services.portfolio.domain.reading.model import Row, Table


def spread_price_days(feed: Feed, tables: dict[str, Table]) -> None:
    """Put the day of its price to each row of positions; what is no day stays among what is quoted."""
    for name, table in tables.items():
        if TABLES[name] == POSITIONS:
            tables[name] = replace(table, rows=tuple(_date_row(feed, row) for row in table.rows))


def _date_row(feed: Feed, row: Row) -> Row:
    for column, value in row.extra.items():
        if feed.reference.names_any(column, feed.reference.terms.priced) and (day := read_day(feed, value)) is not None:
            extra = {name: other for name, other in row.extra.items() if name != column}
            return replace(row, extra=extra, priced=day)
    return replace(row, priced=row.day("date"))
