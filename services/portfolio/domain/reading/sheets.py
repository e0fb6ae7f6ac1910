"""CSV text as custodians, brokers and spreadsheets export it: which of its lines are tables, and what stands around.

A header is a line that names at least two known columns and has no number; lines below it are its table's until the
next header. Nothing is thrown away in silence: lines that belong to no table are kept as they stand.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from services.portfolio.domain.errors import BoundError, InputError

Find = Callable[[str], str | None]
"""The canonical column of a name, None where none is known."""

DELIMITERS = ",;\t|"
_HEAD = 40
"""Lines among which a first header is looked for: titles, addresses and balances above a table fill a page at most."""
_NUMBER = re.compile(r"[-+(±]?\s*[^\w\s]{0,2}\s*\d[\d.,'’ \u00a0\u202f]*\s*[%)]*\s*[A-Za-z]{0,3}")


@dataclass(frozen=True, slots=True)
class Block:
    """One table: its columns' names, made distinct, and its records, none of which is empty."""

    names: tuple[str, ...]
    records: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The tables of a text in their order, the lines above the first, and what its distinct names stand for.

    ``aliases`` has the names that were given to columns without one, and to the second of two that are called alike.
    """

    blocks: tuple[Block, ...]
    above: tuple[tuple[str, ...], ...]
    aliases: dict[str, str]


def cut_sheet(text: str, find: Find, field: str, max_rows: int) -> Sheet:
    """The tables in a text.

    Raises:
        InputError: for text without a header of known columns, that is not CSV, or has rows wider than their header.
        BoundError: for more than ``max_rows`` rows.
    """
    body = text.lstrip("\ufeff").lstrip("\r\n")
    try:
        records = list(islice(_parse(body, _find_delimiter(body, find)), max_rows + _HEAD + 1))
    except csv.Error as error:
        raise InputError(field, None, f"not CSV: {error}") from None
    start = _find_header(records, find)
    if start is None:
        raise InputError(field, body.split("\n", 1)[0], "CSV text with a header of known columns is needed")
    blocks: list[Block] = []
    aliases: dict[str, str] = {}
    ends = [*_find_next_headers(records, start, find), len(records)]
    for begin, end in zip([start, *ends], ends, strict=False):
        names = _name_columns(records[begin], aliases)
        blocks.append(Block(names, _take_rows(records[begin + 1 : end], names, begin + 2, field)))
    if sum(len(block.records) for block in blocks) > max_rows:
        raise BoundError(field, None, f"more than {max_rows} rows")
    return Sheet(tuple(blocks), tuple(tuple(_strip(record)) for record in records[:start] if _strip(record)), aliases)


def _parse(text: str, delimiter: str) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)


def _find_delimiter(text: str, find: Find) -> str:
    """The delimiter under which a line among the first names most known columns, then cuts most."""

    def count(delimiter: str) -> tuple[int, int]:
        try:
            head = list(islice(_parse(text, delimiter), _HEAD))
        except csv.Error:
            return 0, 0
        return max(((len(_know(record, find)), len(record)) for record in head), default=(0, 0))

    return max(DELIMITERS, key=count)


def _know(record: Sequence[str], find: Find) -> set[str]:
    """The known columns that a line names."""
    return {column for cell in record if (column := find(cell)) is not None}


def _is_header(record: Sequence[str], find: Find) -> bool:
    return len(_know(record, find)) > 1 and not any(_NUMBER.fullmatch(cell.strip()) for cell in record)


def _find_header(records: Sequence[Sequence[str]], find: Find) -> int | None:
    """The first line that is a header; where none is, the first that names a known column."""
    head = range(min(len(records), _HEAD))
    whole = next((at for at in head if _is_header(records[at], find)), None)
    return whole if whole is not None else next((at for at in head if _know(records[at], find)), None)


def _find_next_headers(records: Sequence[Sequence[str]], start: int, find: Find) -> list[int]:
    if not _is_header(records[start], find):
        return []
    return [at for at in range(start + 1, len(records)) if _is_header(records[at], find)]


def _name_columns(header: Sequence[str], aliases: dict[str, str]) -> tuple[str, ...]:
    """A distinct name for each column: what has none, or one that another has, is called by its place."""
    seen: Counter[str] = Counter()
    names = []
    for place, name in enumerate(header, start=1):
        seen[name] += 1
        if name.strip() and seen[name] == 1:
            names.append(name)
        else:
            names.append(f"{name.strip()} (column {place})".strip())
            aliases[names[-1]] = name
    return tuple(names)


def _take_rows(
    records: Iterable[Sequence[str]], names: Sequence[str], first: int, field: str
) -> tuple[dict[str, str], ...]:
    rows = []
    for number, record in enumerate(records, start=first):
        if not _strip(record):
            continue
        if any(cell.strip() for cell in record[len(names) :]):
            raise InputError(field, None, f"row {number} has {len(record)} cells, the header {len(names)}")
        rows.append(dict(zip(names, record, strict=False)))
    return tuple(rows)


def _strip(record: Iterable[str]) -> list[str]:
    """The cells of a line that say something."""
    return [cell.strip() for cell in record if cell.strip()]
