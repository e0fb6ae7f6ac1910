"""Ratings of sustainability in letters, and the least of them that a client wants held.

The letters are those of MSCI's ESG ratings (AAA to CCC), the only scale of letters without signs. Scores in figures are
left alone: of some providers' the lowest is the best. Credit ratings are others, whatever letters they share.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Row, Table
from services.portfolio.domain.terms import is_esg, spell

SCALE = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC")
"""The best first (MSCI, ESG Ratings Methodology)."""
_LETTERS = re.compile(r"(?:msci\W*)?(?:esg\W*)?(AAA|AA|A|BBB|BB|B|CCC)", re.IGNORECASE)
_LEAST = re.compile(
    r"(?:\b(?:at least|min(?:imum|imal|imale|imo)?\.?|mindestens|ab|au moins|almeno|al menos|minstens|not below)"
    r"|>=|≥)\W*(?:an?\s+)?(?:rating\W*|note\W*|msci\W*|esg\W*)*(AAA|AA|A|BBB|BB|B|CCC)(?![\w+-])"
    r"|(?<![\w+-])(AAA|AA|A|BBB|BB|B|CCC)\s+(?:rating\s+)?(?:or better|or above|oder besser|ou mieux|o superior)",
)  # fmt: skip


def read_esg_floor(feed: Feed) -> tuple[str, str] | None:
    """The field that says the least rating, and the rating: a rating under a name for the least, or in a sentence."""
    for name, value in feed.detected.unknown.items():
        found = list(_list_floors(feed, name, value))
        if len(set(found)) == 1:
            return name, found[0]
    return None


def _list_floors(feed: Feed, name: str, value: object) -> Iterator[str]:
    for key, part in value.items() if isinstance(value, Mapping) else [("", value)]:
        said = f"{name} {key}"
        if not isinstance(part, str) or not (is_esg(said) or is_esg(part)):
            continue
        whole = _LETTERS.fullmatch(part.strip())
        is_least = feed.reference.names_any(said, feed.reference.terms.limit_least | feed.reference.terms.rating_floor)
        if whole is not None and is_least:
            yield whole[1].upper()
        yield from (match[1] or match[2] for match in _LEAST.finditer(part))


def spread_esg(tables: dict[str, Table]) -> None:
    """Put the ratings to their rows, where a column of them is of letters."""
    for name, table in tables.items():
        columns = dict.fromkeys(column for row in table.rows for column in row.extra if is_esg(column))
        chosen = next((column for column in columns if any(_read(row, column) for row in table.rows)), None)
        if chosen is not None:
            tables[name] = replace(table, rows=tuple(_put(row, chosen) for row in table.rows))


def _put(row: Row, column: str) -> Row:
    rating = _read(row, column)
    if rating is None:
        return row
    return replace(row, esg=rating, extra={name: value for name, value in row.extra.items() if name != column})


def _read(row: Row, column: str) -> str | None:
    match = _LETTERS.fullmatch(spell(row.extra.get(column, "")).strip())
    return match[1].upper() if match is not None else None
