"""Files that hold a table in another shape than text: gzip, a ZIP of one file, a workbook; JSON, which is refused.

What comes out is text, within bounds that hold before and while it is unpacked: nothing is believed that an archive
says of itself.
"""

import gzip
import json
import re
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.workbook import SheetChoice, write_sheet

ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"
MAX_UNPACKED_BYTES = 16 << 30
MAX_WORKBOOK_BYTES = 512 << 20
MOST_TIMES = 200
"""What unpacks to more than so many times its size, and a megabyte, holds nothing that anybody typed: tables of numbers
and names take a tenth of their size."""
FIRST_SHEET = SheetChoice()
_FREE_BYTES = 1 << 20
_MAX_MEMBERS = 10_000
_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 64 << 10
"""Unpacked bytes that no archive must earn by its size; far more files than a workbook of many sheets has; what is
read at once; and what shows of which form a text is."""
_MARKUP = re.compile(
    r"(?P<xml><\?xml\b)|<!doctype html\b|<(?:html|head|body|table|meta|style)\b[^,;\t]*>", re.IGNORECASE
)
_NOT_THE_FILE = ("__MACOSX/", ".DS_Store", "Thumbs.db")
_WORKBOOK = "xl/workbook.xml"
_OTHERS = {
    "xl/workbook.bin": "a binary workbook (.xlsb): save it as .xlsx or CSV",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
    "content.xml": "an OpenDocument file: save the sheet as .xlsx or CSV",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many bytes may come out: ``limit`` at most, and no more than a multiple of what went in."""

    limit: int
    packed: int

    @property
    def most(self) -> int:
        """The smaller of both."""
        return min(self.limit, self.packed * MOST_TIMES + _FREE_BYTES)

    def check(self, size: int) -> None:
        """Raises ``ReadingFault`` (``INPUT_TOO_LARGE``) for more than may come out."""
        if size > self.most:
            raise ReadingFault(
                "INPUT_TOO_LARGE", f"the file unpacks to more than {self.most} bytes, which is the limit"
            )


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def is_packed(head: bytes) -> bool:
    """Whether a file that starts so has to be unpacked."""
    return head.startswith((ZIP, GZIP))


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Remarks for people on what was unpacked, and the name of a workbook's sheet."""

    notes: tuple[str, ...] = ()
    sheet: str = ""


def unpack(
    source: BinaryIO,
    size: int,
    target: BinaryIO,
    *,
    limit: int = MAX_UNPACKED_BYTES,
    choice: SheetChoice = FIRST_SHEET,
) -> Unpacked:
    """Write the text of a packed file of ``size`` bytes to ``target``; of a workbook, that of the sheet of ``choice``.

    Raises `ReadingFault`: ``INPUT_TOO_LARGE`` for more than the bounds, ``INPUT_NOT_TEXT`` for archives of several
    files, of archives or of something else, encrypted or damaged ones, and workbooks that cannot be read.
    """
    bounds = Bounds(limit, size)
    try:
        if source.read(2) == GZIP:
            source.seek(0)
            with gzip.GzipFile(fileobj=source) as unpacked:
                _copy(unpacked, target, bounds)
            return Unpacked()
        source.seek(0)
        with zipfile.ZipFile(source) as archive:
            return _unpack_zip(archive, target, bounds, choice)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise ReadingFault("INPUT_NOT_TEXT", f"the archive is damaged: {error}") from None


def _unpack_zip(archive: zipfile.ZipFile, target: BinaryIO, bounds: Bounds, choice: SheetChoice) -> Unpacked:
    members = archive.infolist()
    names = {member.filename for member in members}
    if len(members) > _MAX_MEMBERS:
        raise ReadingFault("INPUT_TOO_LARGE", f"the archive holds more than {_MAX_MEMBERS} files")
    if any(member.flag_bits & 1 for member in members):
        raise ReadingFault("INPUT_NOT_TEXT", "the archive is encrypted")
    if _WORKBOOK in names:
        bounds = replace(bounds, limit=min(bounds.limit, MAX_WORKBOOK_BYTES))
        bounds.check(sum(member.file_size for member in members))
        sheet, notes = write_sheet(archive, target, bounds.limit, choice)
        return Unpacked(notes, sheet)
    for name, what in _OTHERS.items():
        if name in names:
            raise ReadingFault("INPUT_NOT_TEXT", f"the file is not text: it looks like {what}")
    files = [member for member in members if not member.is_dir() and not _is_beside(member.filename)]
    if len(files) != 1:
        shown = ", ".join(member.filename[-60:] for member in files[:5]) or "none"
        raise ReadingFault(
            "INPUT_NOT_TEXT", f"a ZIP archive of one file is needed; this one holds {len(files)}: {shown}"
        )
    bounds.check(files[0].file_size)
    with archive.open(files[0]) as unpacked:
        _copy(unpacked, target, bounds)
    return Unpacked((f"read from the archive: {files[0].filename[-100:]}",))


def _is_beside(name: str) -> bool:
    return name.startswith(_NOT_THE_FILE[0]) or name.rpartition("/")[2] in _NOT_THE_FILE[1:]


def _copy(source: _Readable, target: BinaryIO, bounds: Bounds) -> None:
    written = 0
    while chunk := source.read(_CHUNK_BYTES):
        if not written and is_packed(chunk):
            raise ReadingFault("INPUT_NOT_TEXT", "an archive within an archive is not unpacked: send the file itself")
        written += len(chunk)
        bounds.check(written)
        target.write(chunk)


def refuse_other_forms(text: str) -> None:
    """Raises ``ReadingFault`` for texts of another form than a table's: HTML and XML, JSON and JSON lines.

    JSON is known by the first line or, of a short text, by all of it.
    """
    stripped = text[:_HEAD_BYTES].lstrip("\ufeff \t\r\n")
    if marked := _MARKUP.match(stripped):
        what = "XML" if marked["xml"] else "HTML"
        raise ReadingFault(
            "INPUT_NOT_TEXT",
            f"the file is {what}, as some downloads are that are called Excel, not a table: save it as .xlsx or CSV",
        )
    if not stripped.startswith(("{", "[")):
        return
    line = stripped.split("\n", 1)[0].strip()
    first = _parse(line)
    if (
        line in {"{", "["}
        or isinstance(first, dict | list)
        or (len(text) <= _HEAD_BYTES and _parse(stripped) is not None)
    ):
        what = "JSON lines" if isinstance(first, dict) and "\n" in stripped.strip() else "JSON"
        raise ReadingFault(
            "INPUT_NOT_TEXT", f"the file is {what}, not a table: convert it to CSV, a column for each name"
        )


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
