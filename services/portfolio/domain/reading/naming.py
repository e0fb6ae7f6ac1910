"""Names of rows where no column is known to hold them: the first column of cells that are all there, and not alike."""

from collections.abc import Sequence
from dataclasses import replace

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.numbers import is_blank, scan_number
from services.portfolio.domain.reading.dates import scan_day
from services.portfolio.domain.reading.tables import RawRow, RawTable

_IDENTIFYING = frozenset({"name", "symbol", "isin"})
_LONGEST = 120
"""Characters of a name: more is a remark."""


def name_rows(table: RawTable) -> RawTable:
    """The table with such a column as its names; as it is where it has names, tickers or codes."""
    if _IDENTIFYING & table.written.keys() or not table.rows:
        return table
    chosen = next((column for column in table.unknown if _is_of_names(column, table.rows)), None)
    if chosen is None:
        return table
    rows = tuple(
        replace(
            row,
            cells={"name": " ".join(str(row.extra[chosen]).split()), **row.cells},
            extra={name: value for name, value in row.extra.items() if name != chosen},
        )
        for row in table.rows
    )
    left = tuple(name for name in table.unknown if name != chosen)
    return replace(table, rows=rows, unknown=left, written={**table.written, "name": chosen})


def _is_of_names(column: str, rows: Sequence[RawRow]) -> bool:
    texts = [value.strip() if isinstance(value := row.extra.get(column), str) else "" for row in rows]
    if len({text.casefold() for text in texts}) < len(texts):
        return False
    return all(0 < len(text) <= _LONGEST and any(map(str.isalpha, text)) and _is_of_words(text) for text in texts)


def _is_of_words(text: str) -> bool:
    """Whether a text is no blank, no day and no number."""
    if is_blank(text):
        return False
    for scan in (scan_day, scan_number):
        try:
            if scan(text, "name") is not None:
                return False
        except (InputError, NumberError):
            continue
    return True
