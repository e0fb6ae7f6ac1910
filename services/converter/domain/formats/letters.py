"""Letters as DuckDB knows them, so that what is said of them in Python holds in SQL, too.

DuckDB changes the case of each code point alone (simple mappings, no ending forms); Python maps some to several, and a
capital sigma by its place in the word. DuckDB's `trim` takes every space separator of Unicode.
"""

import re
import unicodedata
from functools import cache
from itertools import chain

BLANKS = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What `trim` takes off: the space separators (Zs)."""
_LOWER = {"İ": "i", "Σ": "σ"}
# Where Python makes several letters of one: the one capital that there is, or the letter as it stands.
_IOTAS = [chr(code) for start in (0x1F80, 0x1F90, 0x1FA0) for code in range(start, start + 8)] + ["ᾳ", "ῃ", "ῳ"]
_UPPER = {**{iota: iota.title() for iota in _IOTAS}, "ß": "ẞ"}
_BLOCKS_OF_SEVERAL = ((0x80, 0x600), (0x1E00, 0x2000), (0xFB00, 0xFB50))
"""The blocks of Unicode with letters of which Python makes several capitals."""
_TO_LOWER = str.maketrans(_LOWER)


@cache
def _several() -> re.Pattern[str]:
    """A run of letters of which Python would make several capitals each."""
    codes = chain.from_iterable(range(*block) for block in _BLOCKS_OF_SEVERAL)
    found = [chr(code) for code in codes if len(chr(code).upper()) > 1]
    return re.compile(f"[{''.join(found)}]")


def lower(text: str) -> str:
    """DuckDB's `lower`."""
    return text.lower() if text.isascii() else text.translate(_TO_LOWER).lower()


def upper(text: str) -> str:
    """DuckDB's `upper`."""
    if text.isascii() or not _several().search(text):
        return text.upper()
    return "".join(_UPPER.get(ch) or (ch if len(ch.upper()) > 1 else ch.upper()) for ch in text)


def strip_accents(text: str) -> str:
    """DuckDB's `strip_accents`: decomposed, without marks of any kind, and composed again."""
    bare = "".join(ch for ch in unicodedata.normalize("NFD", text) if not unicodedata.category(ch).startswith("M"))
    return unicodedata.normalize("NFC", bare)
