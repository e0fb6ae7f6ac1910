"""Files that need no spool: the sandbox can read them as they are.

Looking costs a fraction of rewriting. It is strict: quotes around whole cells only and doubled inside of them, one line
end, every line as wide as the others, UTF-8 without a mark; whatever else there is, is spooled.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from services.converter.domain.reading.reader import ReadingPlan
from services.converter.domain.reading.scanning import TableScanner
from services.converter.domain.table import Table
from services.converter.ports import Spool, SpooledInput

_CHUNK_BYTES = 4 << 20
_TAIL_LINES = 64
_USUAL_RECORD_BYTES = 2 << 20
_USUAL_LINE = _USUAL_RECORD_BYTES // 4 - 2
_MOST_JOINED_LINES = 1_000
"""What is looked at at once; the last lines, among which notes may stand; a record's size that costs nothing to allow
for, and the characters that it has room for; lines over which a quoted cell may go on."""


def point_at(source: Path, plan: ReadingPlan) -> SpooledInput | None:
    """A spool that is the source itself; None where the source has to be rewritten."""
    dialect, layout = plan.dialect, plan.layout
    if dialect.encoding != "utf-8" or plan.mark_bytes or layout.width < 2:
        return None
    if len(dialect.delimiter) != 1 or not dialect.delimiter.isascii():
        return None
    # A header of another width than the rows is read past, but then it may name columns that no row has.
    if dialect.line_end == "\r" or (layout.header is not None and len(layout.header) != layout.width):
        return None
    look = _Look(plan)
    try:
        for text in _texts(source, dialect.line_end):
            if not look.is_clean(text):
                return None
    except UnicodeDecodeError:
        return None
    if look.has_footer() or not look.rows:
        return None
    spool = Spool(
        source,
        Table(plan.header, (("",) * layout.width,)).column_names,
        plan.header,
        delimiter=dialect.delimiter,
        line_end=dialect.line_end,
        skip=layout.first_row,
        rows=look.rows,
        longest_bytes=max(_USUAL_RECORD_BYTES, 4 * look.longest + 2),
    )
    return SpooledInput(spool, dialect, plan.notes)


@dataclass(slots=True)
class _Look:
    """What is known of a file so far: its rows, its longest line in characters, its last text."""

    plan: ReadingPlan
    rows: int = 0
    longest: int = 0
    _skip: int = field(init=False)
    _last: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._skip = self.plan.layout.first_row

    def is_clean(self, text: str) -> bool:
        """Whether whole lines of the file are read alike by anyone."""
        dialect, layout = self.plan.dialect, self.plan.layout
        delimiter = dialect.delimiter
        if "\0" in text or "\r" in text:
            return False
        lines = skeleton = text
        if '"' in text:
            found = self._without_quoted(text)
            if found is None:
                return False
            skeleton, lines = found, text.replace('"', "")
        if not skeleton.endswith("\n"):
            skeleton += "\n"
        skipped, self._skip = self._skip, max(0, self._skip - skeleton.count("\n"))
        if skipped:
            if any(line.count('"') % 2 for line in text.split("\n", skipped)[:skipped]):
                return False  # a cell of several lines among those that are passed over by their number
            skeleton, lines = _behind(skeleton, skipped), _behind(lines, skipped)
        if delimiter * (layout.width - 1) in lines or self._may_repeat_header(lines):
            return False
        records = skeleton.count("\n")
        if _ends(skeleton, delimiter) != (delimiter * (layout.width - 1) + "\n").encode() * records:
            return False
        self.rows += records
        self.longest = max(self.longest, _longest(text, records + skipped))
        self._last = [*self._last[-1:], text]
        return True

    def _without_quoted(self, text: str) -> str | None:
        """The text without its quoted cells; None where not every quote is one of RFC 4180.

        Between two quotes the text is inside and outside of quoted cells in turn. Nothing outside between two of them
        is a quote that is doubled; else a cell begins behind a delimiter or a line end, and ends before one.
        """
        dialect = self.plan.dialect
        delimiter = dialect.delimiter
        if dialect.quote != '"' or dialect.escape not in ("", '"') or dialect.quoting == "none":
            return None
        parts = text.split('"')
        if not len(parts) % 2:
            return None
        if dialect.line_end != "\n" and any("\n" in part for part in parts[1::2]):
            return None  # the sandbox's reader takes such line ends for its own
        outside = parts[0::2]
        before, behind = {part[-1:] for part in outside[:-1]}, {part[:1] for part in outside[1:]}
        return "".join(outside) if before | behind <= {"", delimiter, "\n"} else None

    def _may_repeat_header(self, lines: str) -> bool:
        """Whether one of the rows may be the header again; what is quoted in them is not told apart."""
        header = self.plan.layout.header
        if header is None:
            return False
        line = self.plan.dialect.delimiter.join(header).replace('"', "")
        at = lines.find("\n" + line)
        while at >= 0:
            if lines[at + 1 + len(line) : at + 2 + len(line)] in ("", "\n"):
                return True
            at = lines.find("\n" + line, at + 1)
        return lines == line or lines.startswith(line + "\n")

    def has_footer(self) -> bool:
        """Whether the reader would leave out some of the last lines."""
        lines = "".join(self._last).removesuffix("\n").split("\n")
        at = max(0, len(lines) - _TAIL_LINES)
        odd = sum(line.count('"') for line in lines[at:]) % 2
        while odd and at:  # in the middle of a cell of several lines
            at -= 1
            odd ^= lines[at].count('"') % 2
        records = list(csv.reader((line + "\n" for line in lines[at:]), delimiter=self.plan.dialect.delimiter))
        records = records[-self.rows :]
        scanner = TableScanner(self.plan.layout, [])
        before = [[""]] * self.plan.layout.first_row
        kept = [*scanner.feed_batch([*before, *records]), *scanner.finish()]
        return len(kept) != len(records)


def _behind(text: str, lines: int) -> str:
    """What stands behind the first lines."""
    return "".join(text.split("\n", lines)[lines:])


def _ends(text: str, delimiter: str) -> bytes:
    """The delimiters and line ends of a text, by which its lines are told to be alike all at once."""
    return text.encode().translate(None, delete=bytes(set(range(256)) - {ord("\n"), ord(delimiter)}))


def _longest(text: str, records: int) -> int:
    """The most characters of a record, or what no record is longer than where that is usual."""
    ends = text.count("\n") + (not text.endswith("\n"))
    if ends == records and not _has_long_line(text):
        return _USUAL_LINE
    lines = text.removesuffix("\n").split("\n")
    if len(lines) == records:
        return max(map(len, lines))
    most, length, odd = 0, 0, 0
    for line in lines:
        length = length + 1 + len(line) if odd else len(line)
        odd ^= line.count('"') & 1
        most = max(most, length)
    return most


def _has_long_line(text: str) -> bool:
    at = 0
    while at + _USUAL_LINE < len(text):
        end = text.rfind("\n", at, at + _USUAL_LINE)
        if end < 0:
            return True
        at = end + 1
    return False


def _texts(source: Path, line_end: str) -> Iterator[str]:
    """The file in whole records, each line ended by ``\\n``; a carriage return that is left over ends no line.

    Quotes are in balance in each text, as far as there are any.
    """
    rest = b""
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            data = rest + chunk
            cut = _balanced_end(data)
            whole, rest = data[:cut], data[cut:]
            if len(rest) > 2 * _CHUNK_BYTES:
                raise UnicodeDecodeError("utf-8", rest[:1], 0, 1, "a line without an end")
            if whole:
                text = whole.decode("utf-8")
                yield text.replace("\r\n", "\n") if line_end == "\r\n" else text
    if rest:
        text = rest.decode("utf-8")
        yield text.replace("\r\n", "\n") if line_end == "\r\n" else text


def _balanced_end(data: bytes) -> int:
    """Just behind the last line end before which quotes are in balance; 0 where there is none near."""
    end = data.rfind(b"\n") + 1
    odd = data.count(b'"', 0, end) % 2
    for _ in range(_MOST_JOINED_LINES):
        if not odd or not end:
            return end
        before = data.rfind(b"\n", 0, end - 1) + 1
        odd ^= data.count(b'"', before, end) % 2
        end = before
    return 0
