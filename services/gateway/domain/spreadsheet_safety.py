"""Takes the sting out of CSV cells that a spreadsheet would run, while the file streams by.

A cell that begins with ``=``, ``+``, ``-``, ``@``, tab or carriage return (after blanks) gets an apostrophe in front,
and is shown instead of run. Plain signed numbers such as ``-1,234.50`` or ``+3%`` are no formulas and stay numbers.
The rule follows OWASP's page on CSV injection. Input is RFC 4180 in the file's own delimiter and encoding, as the
converter writes it; bytes of the other cells pass unchanged.
"""

import codecs
import re

from services.common.errors import TooLarge

MAX_RECORD_CHARS = 8 * 1024 * 1024
_DELIMITERS = ",;\t|"
_BLANKS = "\u0020\u00a0"
_UTF8_BOM = codecs.BOM_UTF8.decode("latin-1")
# Blanks may stand around the percent sign, but no tab and no line end: who knows what is made of them.
_PLAIN_NUMBER = re.compile(r"[+-]\.?\d[\d.,'\u00a0 ]*(?:[eE][+-]?\d+)?[\u00a0 ]*%?[\u00a0 ]*")


class FormulaGuard:
    """Feed it chunks of one CSV file in order, then call ``finish``."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        self._encoding = ""
        self._pattern: re.Pattern[str] | None = None
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
        if self._pattern is None:
            bom = next((mark for mark in (_UTF8_BOM, "\ufeff") if text.startswith(mark)), "")
            text = text[len(bom) :]
            self._pattern = _compile(_find_delimiter(text))
        return (bom + self._pattern.sub(self._guard, text)).encode(self._encoding)

    def _end_of_whole_records(self) -> int:
        """The place after the last line end that stands outside of quotes; 0 where there is none yet."""
        end = max(self._carry.rfind("\n"), self._carry.rfind("\r", 0, -1)) + 1
        # An even number of quotes from a record's beginning means outside of them (a doubled one counts twice).
        return end if end and self._carry.count('"', 0, end) % 2 == 0 else 0

    def _guard(self, match: re.Match[str]) -> str:
        cell = match.group()
        quoted = cell.startswith('"')
        content = cell[1:-1] if quoted else cell
        bare = content.lstrip(_BLANKS)
        if not bare or bare[0] not in "=+-@\t\r" or bare == "-" or _PLAIN_NUMBER.fullmatch(bare):
            return cell
        self.neutralised += 1
        return f'"\'{content}"' if quoted else f"'{content}"


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
    best = max(_DELIMITERS, key=line.count)
    return best if best in line else ","


def _compile(delimiter: str) -> re.Pattern[str]:
    """Matches quoted cells whole, and bare cells that may be dangerous; the others are passed over at C speed."""
    separator = re.escape(delimiter)
    tab = "" if delimiter == "\t" else "\t"
    return re.compile(rf'(?<![^{separator}\r\n])(?:"(?:[^"]|"")*"|[{_BLANKS}]*[=+\-@{tab}][^{separator}\r\n]*)')
