"""Takes the sting out of CSV cells that a spreadsheet would run, while the file streams by.

A cell that begins with ``=``, ``+``, ``-``, ``@`` (their full-width forms too), tab, carriage return or line feed,
after blanks of any kind and other characters that show nothing, gets an apostrophe in front, and is shown instead of
run. So does what would become such a cell where a spreadsheet parts the file by another separator than the file's own,
as those of countries do whose comma is decimal. Plain signed numbers such as ``-1,234.50`` or ``+3%`` are no formulas
and stay numbers. The rule follows OWASP's page on CSV injection. Input is RFC 4180 in the file's own delimiter and
encoding, as the converter writes it; bytes of the other cells pass unchanged.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass
from functools import partial

from services.common.errors import TooLarge

MAX_RECORD_CHARS = 8 * 1024 * 1024
# What a converted file may be parted by, and how likely a mark is that where it stands in the first record.
_DELIMITERS = {",": 1.0, ";": 1.0, "\t": 1.0, "|": 1.0, "\x1f": 1.0, "\x01": 1.0, "\u00a6": 0.9, "^": 0.8, "~": 0.8}
_DELIMITERS |= {"#": 0.5, ":": 0.45, " ": 0.4, "*": 0.4}
# What spreadsheets part files by, whatever the file's own delimiter is.
_SPREADSHEETS_DELIMITERS = ",;\t|"
_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
_CONTROLS = "\t\r\n"
# All that shows nothing: separators, control characters and marks of format, up to U+3000, and those of the last block.
_BLANKS = "".join(
    character
    for character in map(chr, (*range(0x3001), *range(0xFE00, 0xFFFF)))
    if unicodedata.category(character) in {"Zs", "Zl", "Zp", "Cc", "Cf"} and character not in _CONTROLS
)
_UTF8_BOM = codecs.BOM_UTF8.decode("latin-1")


def _any_of(characters: str, *, as_bytes: bool) -> str:
    """A pattern for one of these characters; ``as_bytes`` where each byte of UTF-8 is read as a character."""
    if not as_bytes:
        return f"[{re.escape(characters)}]"
    last_bytes: dict[str, str] = {}  # by the bytes before them: few alternatives for the many marks of one block
    for character in characters:
        # Alone it is a code page's own byte, too; above 0x7F those of control characters are letters in most.
        if ord(character) < 0x80 or 0xA0 <= ord(character) <= 0xFF:
            last_bytes[""] = last_bytes.get("", "") + character
        form = character.encode().decode("latin-1")
        last_bytes[form[:-1]] = last_bytes.get(form[:-1], "") + form[-1]
    return f"(?:{'|'.join(f'{re.escape(lead)}[{re.escape(last)}]' for lead, last in last_bytes.items())})"


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What is looked for in a file of one delimiter and encoding."""

    cells: re.Pattern[str]
    """Quoted cells whole, and bare ones in which something dangerous may stand."""
    blanks: re.Pattern[str]
    dangerous: re.Pattern[str]
    """The beginning, after blanks, of a cell that may be run."""
    number: re.Pattern[str]
    """A plain number, whole. Blanks may stand around its percent sign, but no tab and no line end."""
    inner: re.Pattern[str]
    """The place in a bare cell before what another separator would make a cell of, which is no number."""
    inner_quoted: re.Pattern[str]
    """The same in a quoted cell, whose lines may be begun there, too."""

    @classmethod
    def compile(cls, delimiter: str, *, as_bytes: bool) -> "_Patterns":
        own = re.escape(delimiter)
        signs = _any_of(_SIGNS, as_bytes=as_bytes)
        blank = _any_of(_BLANKS.replace(delimiter, ""), as_bytes=as_bytes)
        others = re.escape(_SPREADSHEETS_DELIMITERS.replace(delimiter, ""))
        begins = f'(?:{blank}|[{_CONTROLS}"])*{signs}'
        tab = "" if delimiter == "\t" else "\t"
        begins_bare = f'(?:{blank}|[{tab}"])*{signs}'  # a bare cell ends with its line
        number = r"[+-]\.?\d[{}'\u00a0 ]*(?:[eE][+-]?\d+)?[\u00a0 ]*%?[\u00a0 ]*"
        # A number of another reading ends at its separator; what stands behind it is looked at by itself.
        inner_number = f"{blank}*" + number.format(r"\d.") + rf"(?=[{others}{own}\"\r\n]|\Z)"
        none = rf"(?!{inner_number}|{blank}*-(?:[{others}{own}\r\n]|\Z))"
        starts = f"{blank}*{signs}|{tab}" if tab else f"{blank}*{signs}"
        bare = rf"(?:{starts})[^{own}\r\n]*|[^{own}\r\n\"]*[{others}]{begins_bare}[^{own}\r\n]*"
        return cls(
            re.compile(rf'(?<![^{own}\r\n])(?:"(?:[^"]|"")*"|{bare})'),
            re.compile(f"{blank}*"),
            re.compile(f"{signs}|[{_CONTROLS}]"),
            re.compile(number.format(r"\d.,")),
            re.compile(f"(?<=[{others}])(?={begins_bare}){none}"),
            re.compile(rf"(?<=[{others}\r\n])(?={begins}){none}"),
        )


class FormulaGuard:
    """Feed it chunks of one CSV file in order, then call ``finish``."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        self._encoding = ""
        self._patterns: _Patterns | None = None
        self._head = b""
        self._carry = ""
        self.neutralised = 0

    def feed(self, chunk: bytes) -> bytes:
        """Returns what can be said of the file so far. Raises TooLarge where one record has no end in sight."""
        return self._advance(chunk, final=False)

    def finish(self) -> bytes:
        """Returns the rest."""
        return self._advance(b"", final=True)

    def _advance(self, chunk: bytes, *, final: bool) -> bytes:
        if self._decoder is None:
            self._head += chunk
            if len(self._head) < 4 and not final:
                return b""
            chunk, self._head = self._head, b""
            self._decoder, self._encoding = _choose_codec(chunk)
        self._carry += self._decoder.decode(chunk, final)
        end = len(self._carry) if final else self._end_of_whole_records()
        if end == 0:
            if len(self._carry) > MAX_RECORD_CHARS:
                raise TooLarge("a record of the file is too long to be checked", reason="CSV_RECORD_TOO_LONG")
            return b""
        text, self._carry = self._carry[:end], self._carry[end:]
        bom = ""
        if self._patterns is None:
            bom = next((mark for mark in (_UTF8_BOM, "\ufeff") if text.startswith(mark)), "")
            text = text[len(bom) :]
            self._patterns = _Patterns.compile(_find_delimiter(text), as_bytes=self._encoding == "latin-1")
        return (bom + self._patterns.cells.sub(partial(self._guard, self._patterns), text)).encode(self._encoding)

    def _end_of_whole_records(self) -> int:
        """The place after the last line end that stands outside of quotes; 0 where there is none yet."""
        end = max(self._carry.rfind("\n"), self._carry.rfind("\r", 0, -1)) + 1
        # An even number of quotes from a record's beginning means outside of them (a doubled one counts twice).
        return end if end and self._carry.count('"', 0, end) % 2 == 0 else 0

    def _guard(self, patterns: _Patterns, match: re.Match[str]) -> str:
        cell = match.group()
        quoted = cell.startswith('"')
        content = cell[1:-1] if quoted else cell
        # Quotes of a cell mean nothing where another separator made it the middle of one, or a line before it open.
        content, inner = (patterns.inner_quoted if quoted else patterns.inner).subn("'", content)
        whole = 0
        start = patterns.blanks.match(content).end()  # type: ignore[union-attr]  # it matches nothing, too
        if patterns.dangerous.match(content, start) and content[start:] != "-":
            whole = int(patterns.number.fullmatch(content, start) is None)
        self.neutralised += inner + whole
        guarded = "'" * whole + content
        return f'"{guarded}"' if quoted else guarded


def _choose_codec(head: bytes) -> tuple[codecs.IncrementalDecoder, str]:
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(bom):
            return codecs.getincrementaldecoder(encoding)("strict"), encoding
    # Latin-1 maps every byte to one character and back: UTF-8, CP1252 and the like pass through as they are.
    return codecs.getincrementaldecoder("latin-1")("strict"), "latin-1"


def _find_delimiter(text: str) -> str:
    """The separator that the first record uses most outside of quotes."""
    first = re.match(r'(?:"[^"]*"|[^"\r\n])*', text)
    line = re.sub(r'"[^"]*"', "", first.group() if first else "")
    best = max(_DELIMITERS, key=lambda delimiter: line.count(delimiter) * _DELIMITERS[delimiter])
    return best if best in line else ","
