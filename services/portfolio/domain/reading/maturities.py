"""When what is owed is paid back, where a row says it in the name alone (``US Treasury Bill 08/06/2026``).

The order of day and month is that of all names of a table together, as of a column."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.reading.beside import find_day
from services.portfolio.domain.reading.dates import Day, scan_day
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Row, Table
from services.portfolio.domain.reference import CASH, DEBT, match_words
from services.portfolio.domain.table_fields import BONDS, TABLES

_NAMED = 5
_CALLED = frozenset(
    {"call", "callable", "called", "puttable", "put", "kundbar", "remboursable", "opened", "since", "seit"}
)
"""Words of names whose day need not be that of the repayment."""

_YEARS = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")
_JOINED = re.compile(r"\b(\d{1,2})([A-Za-zÀ-ÿ]{3,9})(\d{4}|\d{2})\b")
"""``07DEC2040``: how terminals write a day within a name."""
_LONGEST = 4
_ORDERS = ("DMY", "MDY", "YMD")


def spread_maturities(feed: Feed, tables: dict[str, Table]) -> None:
    """Give rows of debts and deposits without a maturity the one day after the payload's that their names say, and note
    it; a name of several days, or of one on which it may be called, says none."""
    found: list[str] = []
    for name, table in tables.items():
        order = _find_order(feed, table)
        rows = tuple(_read_row(feed, row, order, TABLES[name] == BONDS, found) for row in table.rows)
        if any(row is not old for row, old in zip(rows, table.rows, strict=True)):
            tables[name] = replace(table, rows=rows)
    if found:
        names = ", ".join(found[:_NAMED])
        feed.note("maturity_by_name", f"The maturity of {names} is told by the name alone.")


def _read_row(feed: Feed, row: Row, order: str | None, is_bond: bool, found: list[str]) -> Row:
    name, today = row.text("name"), find_day(feed)
    if name is None or today is None or row.cells.get("maturity") is not None or "maturity" in row.faults:
        return row
    if not any(character.isdigit() for character in name) or _CALLED & set(match_words(name).split()):
        return row
    days = [_settle(feed, day, order, today) for day in _list_scanned(name)]
    if len(days) != 1 or days[0] is None or days[0] <= today or len(_YEARS.findall(name)) > 1:
        return row
    kind = feed.reference.classify(row.text("asset_class"), row.text("kind"), name)
    if not is_bond and (kind is None or kind.name not in {DEBT, CASH}):
        return row
    found.append(name)
    return replace(row, cells={**row.cells, "maturity": days[0]})


def _list_scanned(name: str) -> Iterator[Day]:
    """What the days in a name can mean: of each place where one begins, the longest."""
    words, start = _JOINED.sub(r"\1 \2 \3", name).split(), 0
    while start < len(words):
        for end in range(min(start + _LONGEST, len(words)), start, -1):
            if (day := _scan(words[start:end])) is not None:
                yield day
                start = end - 1
                break
        start += 1


def _scan(words: list[str]) -> Day | None:
    text = " ".join(words).strip("().,;")
    try:
        return scan_day(text, "name") if not text.isdigit() else None
    except InputError:
        return None


def _settle(feed: Feed, day: Day, order: str | None, today: date) -> date | None:
    """The day that is meant: that of the payload's order, of the names', or the only one that is still to come."""
    if day.options is None:
        return day.fixed
    ahead = {key: value for key, value in day.options.items() if value > today}
    for key in (feed.request.dates, order, feed.locale_order):
        if key is not None and key in ahead:
            return ahead[key]
    return next(iter(ahead.values())) if len(set(ahead.values())) == 1 else None


def _find_order(feed: Feed, table: Table) -> str | None:
    """The one order under which all days in the names of a table are days to come."""
    today = find_day(feed)
    options = [
        {key for key, value in day.options.items() if today is None or value > today}
        for row in table.rows if (name := row.text("name")) is not None
        for day in _list_scanned(name) if day.options is not None
    ]  # fmt: skip
    fitting = [order for order in _ORDERS if options and all(order in found for found in options)]
    return fitting[0] if len(fitting) == 1 else None
