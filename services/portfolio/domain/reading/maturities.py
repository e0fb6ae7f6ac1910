"""When what is owed is paid back, where a row says it in the name alone (``US Treasury Bill 08/06/2026``)."""

import re
from dataclasses import replace

from services.portfolio.domain.reading.beside import find_day
from services.portfolio.domain.reading.days import list_days
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Row, Table
from services.portfolio.domain.reference import CASH, DEBT, match_words

_NAMED = 5
_CALLED = frozenset(
    {"call", "callable", "called", "puttable", "put", "kundbar", "remboursable", "opened", "since", "seit"}
)
"""Words of names whose day need not be that of the repayment."""

_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def spread_maturities(feed: Feed, tables: dict[str, Table]) -> None:
    """Give rows of debts and deposits without a maturity the one day after the payload's that their names say, and note
    it; a name of several days, or of one on which it may be called, says none."""
    found: list[str] = []
    for name, table in tables.items():
        rows = tuple(_read_row(feed, row, found) for row in table.rows)
        if any(row is not old for row, old in zip(rows, table.rows, strict=True)):
            tables[name] = replace(table, rows=rows)
    if found:
        names = ", ".join(found[:_NAMED])
        feed.note("maturity_by_name", f"The maturity of {names} is told by the name alone.")


def _read_row(feed: Feed, row: Row, found: list[str]) -> Row:
    name, today = row.text("name"), find_day(feed)
    if name is None or today is None or row.cells.get("maturity") is not None or "maturity" in row.faults:
        return row
    if not any(character.isdigit() for character in name) or _CALLED & set(match_words(name).split()):
        return row
    days = [day for _, _, day in list_days(feed, name)]
    if len(days) != 1 or days[0] <= today or len(_YEARS.findall(name)) > 1:
        return row
    kind = feed.reference.classify(row.text("asset_class"), row.text("kind"), name)
    if kind is None or kind.name not in {DEBT, CASH}:
        return row
    found.append(name)
    return replace(row, cells={**row.cells, "maturity": days[0]})
