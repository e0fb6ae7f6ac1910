"""Until when a source of income pays, where its row says that it ends: in a field for just that, or in a remark with a
day (a tenant who leaves, a contract that runs out)."""

from dataclasses import replace
from datetime import date

from services.portfolio.domain.assertions import asserts_any
from services.portfolio.domain.reading.beside import find_day, read_day
from services.portfolio.domain.reading.days import list_days
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Row, Table
from services.portfolio.domain.table_fields import INCOME, TABLES
from services.portfolio.domain.terms import list_sentences


def spread_ends(feed: Feed, tables: dict[str, Table]) -> None:
    """Put the last day to each row of the incomes that has one after the day of the payload."""
    for name, table in tables.items():
        if TABLES[name] == INCOME and any(row.extra for row in table.rows):
            tables[name] = replace(table, rows=tuple(_end_row(feed, row) for row in table.rows))


def _end_row(feed: Feed, row: Row) -> Row:
    today, terms = find_day(feed), feed.reference.terms
    for column, value in row.extra.items():
        if not isinstance(value, str):
            continue
        day = read_day(feed, value) if feed.reference.names_any(column, terms.end_parts) else None
        if day is not None and (today is None or day >= today):
            return replace(row, ends=day, extra={name: item for name, item in row.extra.items() if name != column})
        if (said := _find_end(feed, value)) is not None and (today is None or said >= today):
            return replace(row, ends=said)
    return row


def _find_end(feed: Feed, text: str) -> date | None:
    """The one day of a sentence that says that something ends; None where none does, or it names several."""
    for sentence in list_sentences(text):
        if asserts_any(sentence, feed.reference.terms.ends, feed.reference):
            days = [day for _, _, day in list_days(feed, sentence)]
            if len(days) == 1:
                return days[0]
    return None
