"""Rows as the text of a CSV file, in a dialect."""

import codecs
import re
from collections.abc import Iterable, Iterator

from services.converter.domain.table import Dialect, Row

_NUMBER = re.compile(r"[-+]?[0-9]+([.][0-9]+)?")
_MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def format_row(row: Row, dialect: Dialect) -> str:
    """One line with its line end. A lone empty cell is written as two quotes, so that it is read back as a cell."""
    if len(row) == 1 and not row[0] and dialect.quote and dialect.quoting != "none":
        return dialect.quote * 2 + dialect.line_end
    return dialect.delimiter.join(format_cell(cell, dialect) for cell in row) + dialect.line_end


def format_cell(cell: str, dialect: Dialect) -> str:
    """One cell, quoted where the dialect says so or where it could not be read back otherwise."""
    quote, escape = dialect.quote, dialect.escape or dialect.quote
    if dialect.quoting == "none" or not quote:
        return cell
    special = (quote, dialect.delimiter[:1], "\n", "\r")
    needed = dialect.quoting == "all" or any(text in cell for text in special)
    if not needed and not (dialect.quoting == "nonnumeric" and not _NUMBER.fullmatch(cell)):
        return cell
    inner = cell.replace(escape, escape * 2) if escape != quote else cell
    return quote + inner.replace(quote, escape + quote) + quote


def finish_file(header: Row | None, lines: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """A whole file from its lines in UTF-8, each ended by ``\\n`` or ``\\r\\n``: mark, header, encoding, last end.

    Raises `UnicodeEncodeError` where a character does not exist in the dialect's encoding.
    """
    encoding = dialect.encoding
    if dialect.byte_order_mark:
        yield _MARKS.get(encoding, b"")
    if header is not None:
        text = format_row(header, dialect)
        yield text.encode(encoding)
    recode = encoding != "utf-8" or dialect.line_end == "\r"
    decoder = codecs.getincrementaldecoder("utf-8")()
    # What may be the end of the last line is held back until it is known whether it is.
    held = b""
    for piece in lines:
        chunk = held + (_recode(decoder.decode(piece), dialect) if recode else piece)
        keep = 0 if dialect.final_line_end else len(dialect.line_end.encode(encoding))
        held = chunk[len(chunk) - keep :] if keep else b""
        yield chunk[: len(chunk) - keep] if keep else chunk
    if held and held != dialect.line_end.encode(encoding):
        yield held


def _recode(text: str, dialect: Dialect) -> bytes:
    if dialect.line_end == "\r":
        # Such files cannot hold a line feed inside of a cell either: readers would end the record there.
        text = text.replace("\n", "\r")
    return text.encode(dialect.encoding)
