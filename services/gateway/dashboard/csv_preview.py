"""The first rows of a file, read as its report says that it is written. Pure; it never fails."""

import contextlib
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

MAX_ROWS = 8
MAX_COLUMNS = 30
MAX_CELL_CHARS = 120
_MAX_PREAMBLE_ROWS = 10_000
_ENCODINGS = {
    "utf-8": "utf-8-sig",
    **{name: name for name in ("utf-16-le", "utf-16-be", "iso-8859-2", "mac_roman")},
    **{f"cp{number}": f"cp{number}" for number in (850, 852, 1250, 1251, 1252, 1253, 1254, 1257)},
}
"""By the names that reports have; what is none of them is read byte by byte."""
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Preview:
    """Some of a file's rows. ``more_rows`` and ``more_columns`` say whether there is more than is shown."""

    header: Sequence[str] | None
    rows: Sequence[Sequence[str]]
    more_rows: bool = False
    more_columns: bool = False


def read_preview(content: bytes, dialect: Mapping[str, Any], *, truncated: bool) -> Preview:
    """Reads the first rows of a file's first bytes.

    ``dialect`` is a report's; what it does not say is as in plain CSV. ``truncated`` says that the file goes on behind
    ``content``, whose last row is then left out. Lines before the table are skipped.
    """
    has_header = dialect.get("has_header") is not False
    preamble = dialect.get("preamble_rows", 0)
    lines = _decode(content, dialect)
    for _ in range(min(preamble, _MAX_PREAMBLE_ROWS) if isinstance(preamble, int) else 0):
        lines.readline()
    wanted = MAX_ROWS + has_header + 1 + truncated
    rows = list(islice(filter(None, _split(lines, dialect)), wanted))
    if truncated and len(rows) < wanted:
        rows = rows[:-1]
    shown = rows[: MAX_ROWS + has_header]
    cut = [[_shorten(cell) for cell in row[:MAX_COLUMNS]] for row in shown]
    header = cut.pop(0) if has_header and cut else None
    return Preview(header, cut, truncated or len(rows) > len(shown), any(len(row) > MAX_COLUMNS for row in shown))


def read_rows(content: bytes, dialect: Mapping[str, Any], *, truncated: bool) -> list[list[str]]:
    """All rows of a file's first bytes, its header too: cells whole, lines with nothing on them as rows without cells.

    Where the file goes on behind ``content`` (``truncated``) the last row is left out, as it may be cut.
    """
    rows = list(_split(_decode(content, dialect), dialect))
    return rows[:-1] if truncated else rows


def _decode(content: bytes, dialect: Mapping[str, Any]) -> io.StringIO:
    encoding = _ENCODINGS.get(str(dialect.get("encoding", "utf-8")), "iso-8859-1")
    return io.StringIO(content.decode(encoding, "replace").removeprefix(_BYTE_ORDER_MARK), newline="")


def _split(lines: io.StringIO, dialect: Mapping[str, Any]) -> Iterator[list[str]]:
    delimiter = str(dialect.get("delimiter", ","))
    if len(delimiter) != 1 or delimiter in "\r\n\0":
        yield from (line.rstrip("\r\n").split(delimiter or ",") for line in lines)
        return
    quote, escape = str(dialect.get("quote", '"')), str(dialect.get("escape", ""))
    quoted = len(quote) == 1 and quote not in f"\r\n\0{delimiter} " and dialect.get("quoting") != "none"
    escaped = quoted and len(escape) == 1 and escape not in f"\r\n\0{delimiter}{quote} "
    reader = csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote if quoted else None,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        doublequote=not escaped,
        escapechar=escape if escaped else None,
        strict=False,
    )
    # A cell longer than the reader takes, say: what came before is shown.
    with contextlib.suppress(csv.Error):
        yield from reader


def _shorten(cell: str) -> str:
    return cell if len(cell) <= MAX_CELL_CHARS else f"{cell[: MAX_CELL_CHARS - 1]}…"
