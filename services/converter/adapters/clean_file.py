"""Files that need no spool: the sandbox can read them as they are.

Looking costs a fraction of rewriting. It is strict: no quotes at all, one line end, every line as wide as the others,
UTF-8 without a mark; whatever else there is, is spooled.
"""

from collections.abc import Iterator
from operator import methodcaller
from pathlib import Path

from services.converter.domain.reading.layout import TableScanner
from services.converter.domain.reading.reader import ReadingPlan
from services.converter.domain.table import Table
from services.converter.ports import Spool, SpooledInput

_CHUNK_BYTES = 4 << 20
_TAIL_LINES = 64
_USUAL_RECORD_BYTES = 2 << 20


def point_at(source: Path, plan: ReadingPlan) -> SpooledInput | None:
    """A spool that is the source itself; None where the source has to be rewritten."""
    dialect, layout = plan.dialect, plan.layout
    if dialect.encoding != "utf-8" or plan.mark_bytes or len(dialect.delimiter) != 1 or layout.width < 2:
        return None
    # A header of another width than the rows is read past, but then it may name columns that no row has.
    if dialect.line_end == "\r" or (layout.header is not None and len(layout.header) != layout.width):
        return None
    commas = {layout.width - 1}
    count_delimiters = methodcaller("count", dialect.delimiter)
    empty_row, header_line = dialect.delimiter * (layout.width - 1), dialect.delimiter.join(layout.header or ("\0",))
    rows = longest = 0
    skip = layout.first_row
    tail: list[str] = []
    try:
        for text in _texts(source, dialect.line_end):
            if '"' in text or "\0" in text or "\r" in text or empty_row in text:
                return None
            lines = text.split("\n")
            if not lines[-1]:
                lines.pop()
            skipped, skip = skip, max(0, skip - len(lines))
            lines = lines[skipped:]
            if set(map(count_delimiters, lines)) - commas or (header_line in text and header_line in lines):
                return None
            rows += len(lines)
            longest = max(longest, *map(len, lines)) if lines else longest
            tail = [*tail, *lines][-_TAIL_LINES:]
    except UnicodeDecodeError:
        return None
    if _has_footer(tail, plan) or not rows:
        return None
    spool = Spool(
        source,
        Table(plan.header, (("",) * layout.width,)).column_names,
        plan.header,
        delimiter=dialect.delimiter,
        line_end=dialect.line_end,
        skip=layout.first_row,
        rows=rows,
        longest_bytes=max(_USUAL_RECORD_BYTES, 4 * longest + 2),
    )
    return SpooledInput(spool, dialect, layout.notes)


def _texts(source: Path, line_end: str) -> Iterator[str]:
    """The file in whole lines, each ended by ``\\n``; a carriage return that is left over belongs to no line end."""
    rest = b""
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            cut = chunk.rfind(b"\n") + 1
            whole, rest = (rest + chunk[:cut], chunk[cut:]) if cut else (b"", rest + chunk)
            text = whole.decode("utf-8")
            yield text.replace("\r\n", "\n") if line_end == "\r\n" else text
            if len(rest) > 2 * _CHUNK_BYTES:
                raise UnicodeDecodeError("utf-8", rest[:1], 0, 1, "a line without an end")
    if rest:
        yield rest.decode("utf-8")


def _has_footer(tail: list[str], plan: ReadingPlan) -> bool:
    """Whether the reader would leave out some of the last lines."""
    scanner = TableScanner(plan.layout, [])
    records = [line.split(plan.dialect.delimiter) for line in tail]
    before = [[""]] * plan.layout.first_row
    kept = [*scanner.feed_batch([*before, *records]), *scanner.finish()]
    return len(kept) != len(records)
