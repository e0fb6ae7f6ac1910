"""Which character encoding a file is in, decided from its first bytes; never guessed by chance."""

import codecs
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
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
_BETWEEN_CELLS = re.compile('[ \t\r\n;,|"]+')
_OTHER_LETTER, _LOST_BYTE = re.compile("[^\x00-\x7f]"), re.compile("[\udc80-\udcff]")
_SHARE_OF_CONTROLS = 0.01
"""A text has a stray control character here and there; of a binary file's bytes one in ten is one."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding and the length of the byte order mark that announces it (0 without one).

    ``others`` are encodings that the file could as well be in: its words do not tell. In a ``broken`` file some bytes
    are no letters of its encoding.
    """

    name: EncodingName
    mark_bytes: int = 0
    others: tuple[EncodingName, ...] = ()
    broken: bool = False


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
    """UTF-8 where the bytes are valid UTF-8, or most letters are; otherwise what their words are written in."""
    sound, lost = _count_letters(codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(head, final=whole))
    return Encoding("utf-8") if not lost else _decide(head, sound, lost, hints)


def sniff_later(chunks: Iterable[bytes], first: Encoding, *, hints: EncodingHints | None = None) -> Encoding:
    """The encoding of a whole file of which bytes are not in the one that its first bytes are in.

    A byte order mark said what the file is in, or the words of its first letters, or letters that are sound UTF-8: what
    is not so is broken. Of plain letters nothing was known.
    """
    if first.mark_bytes or first.name != "utf-8":
        return replace(first, broken=True)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    sound, last = 0, b""
    for chunk in chunks:
        found, lost = _count_letters(decoder.decode(chunk))
        sound, last = sound + found, chunk
        if lost:
            return _decide(chunk, sound, lost, hints)
    return replace(first, broken=True) if last else first


def _decide(content: bytes, sound: int, lost: int, hints: EncodingHints | None) -> Encoding:
    """The encoding of a text with so many letters that are sound in UTF-8, and bytes that are none.

    Letters of another encoding make UTF-8 once in a while, never mostly.
    """
    if sound > lost:
        return Encoding("utf-8", broken=True)
    hints = hints or EncodingHints()
    decision = decide_page(content, known=hints.words, prior=hints.prior if hints.prior in PAGES else "")
    name, others = cast("EncodingName", decision.name), cast("tuple[EncodingName, ...]", decision.others)
    return Encoding(name, others=others, broken=_is_beyond(content, name))


def _count_letters(text: str) -> tuple[int, int]:
    """Letters other than plain ones in a text that was read as UTF-8, and bytes that were none of it."""
    if text.isascii():
        return 0, 0
    lost = len(_LOST_BYTE.findall(text))
    return len(_OTHER_LETTER.findall(text)) - lost, lost


def _is_beyond(chunk: bytes, name: EncodingName) -> bool:
    try:
        chunk.decode(name)
    except UnicodeDecodeError:
        return True
    return False


def mend_twice_encoded(text: str) -> tuple[str, str] | None:
    """A word of a text that was UTF-8, was read as Windows-1252 and saved as UTF-8 again, and what it was; None where
    most words with other than plain letters are as they should be."""
    words = set() if text.isascii() else {word for word in _BETWEEN_CELLS.split(text) if not word.isascii()}
    mended = {word: once for word in words if (once := _read_once_more(word))}
    if 2 * len(mended) <= len(words):
        return None
    return min(mended.items(), key=lambda pair: (len(pair[0]), pair))


def _read_once_more(word: str) -> str:
    for page in ("cp1252", "latin-1"):
        try:
            return word.encode(page).decode("utf-8")
        except UnicodeError:
            continue
    return ""


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
