"""Which character encoding a file is in, decided from its first bytes; never guessed by chance."""

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast, get_args

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.code_pages import PAGES, decide_page

EncodingName = Literal[
    "utf-8", "utf-16-le", "utf-16-be", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp850", "cp852",
    "iso-8859-2", "mac_roman", "iso-8859-1",
]  # fmt: skip
"""The last of them is that of reports of older releases only."""
ENCODINGS: tuple[EncodingName, ...] = get_args(EncodingName)

_MARKS: tuple[tuple[bytes, EncodingName], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_KNOWN_FILES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old or an encrypted Excel or Word document: save the sheet as .xlsx or CSV"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
    (b"BZh", "a bzip2 archive: send .gz or .zip"),
    (b"\xfd7zXZ\x00", "an xz archive: send .gz or .zip"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive: send .gz or .zip"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: send .gz or .zip"),
    (b"Rar!\x1a\x07", "a RAR archive: send .gz or .zip"),
    (b"PK\x05\x06", "a ZIP archive without a file"),
)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1e\x7f]")
_SHARE_OF_CONTROLS = 0.01
"""A text has a stray control character here and there; of a binary file's bytes one in ten is one."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding and the length of the byte order mark that announces it (0 without one).

    ``others`` are encodings that the file could as well be in: its words do not tell.
    """

    name: EncodingName
    mark_bytes: int = 0
    others: tuple[EncodingName, ...] = ()


@dataclass(frozen=True, slots=True)
class EncodingHints:
    """What is known of a file's letters: ``words`` of the example's other side, and the ``prior`` of its own file."""

    words: Collection[str] = ()
    prior: str = ""


def sniff_encoding(head: bytes, *, whole: bool, hints: EncodingHints | None = None) -> Encoding:
    """The encoding of a file that starts with ``head`` (which is all of it where ``whole``).

    A byte order mark decides; then zero bytes in every other place (UTF-16); then whether the bytes are UTF-8; among
    encodings of one byte a letter the words that they make (`code_pages`). Raises `ReadingFault` (``INPUT_NOT_TEXT``)
    for binary files.
    """
    for magic, what in _KNOWN_FILES:
        if head.startswith(magic):
            raise ReadingFault("INPUT_NOT_TEXT", f"the file is not text: it looks like {what}")
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise ReadingFault("INPUT_NOT_TEXT", "the file is UTF-32, which is not supported: save it as UTF-8")
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name, len(mark))
    wide = _sniff_utf16(head)
    if wide:
        return Encoding(wide)
    if len(_CONTROLS.findall(head)) > len(head) * _SHARE_OF_CONTROLS:
        raise ReadingFault("INPUT_NOT_TEXT", "the file is not text: it holds control characters of a binary file")
    return sniff_bytes(head, whole=whole, hints=hints)


def sniff_bytes(head: bytes, *, whole: bool, hints: EncodingHints | None = None) -> Encoding:
    """UTF-8 where the bytes are valid UTF-8, otherwise what their words are written in."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head, final=whole)
    except UnicodeDecodeError:
        hints = hints or EncodingHints()
        decision = decide_page(head, known=hints.words, prior=hints.prior if hints.prior in PAGES else "")
        others = cast("tuple[EncodingName, ...]", decision.others)
        return Encoding(cast("EncodingName", decision.name), others=others)
    return Encoding("utf-8")


def _sniff_utf16(head: bytes) -> EncodingName | None:
    sample = head[: 4096 & ~1]
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    zero_first = sample[0 : pairs * 2 : 2].count(0)
    zero_second = sample[1 : pairs * 2 : 2].count(0)
    if zero_second > pairs * 0.4 and zero_first < pairs * 0.05:
        return "utf-16-le"
    if zero_first > pairs * 0.4 and zero_second < pairs * 0.05:
        return "utf-16-be"
    return None
