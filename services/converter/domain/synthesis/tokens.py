"""Classes of text that patterns are built of, each spelled for Python's `re` and DuckDB's RE2 with equal meaning."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

_FIRST_OTHER, _LAST_ALPHABET = 0x80, 0x1F000
"""Letters from the one up to the other are looked up one by one; beyond there are ideographs alone."""
_MARKS = {"Lu": "u", "Ll": "l", "Lt": "o", "Lm": "o", "Lo": "o", "Cn": "n"}
# The category of each of them as one letter: of another kind where none is listed.
_CATEGORIES = "".join(
    [_MARKS.get(unicodedata.category(chr(code)), ".") for code in range(_FIRST_OTHER, _LAST_ALPHABET)]
)


def _ranges(marks: str) -> str:
    """The characters of some categories, as ranges of a character class.

    Python's `re` has no \\p{L}. Ranges with nothing but unassigned code points between them are one: later versions of
    Unicode, which DuckDB may have, are likely to fill them with letters of the same script.
    """
    spans = re.finditer(f"[{marks}](?:[{marks}n]*[{marks}])?", _CATEGORIES)
    ends = ((chr(span.start() + _FIRST_OTHER), chr(span.end() - 1 + _FIRST_OTHER)) for span in spans)
    return "".join(f"{first}-{last}" if first != last else first for first, last in ends)


_ASCII = {"U": "A-Z", "W": "a-z", "L": "A-Za-z"}
"""Those of the letters of each class that are ASCII."""
_UPPER = _ASCII["U"] + _ranges("u")
_LOWER = _ASCII["W"] + _ranges("l")
_LETTER = _ASCII["L"] + _ranges("ulo") + "\U00020000-\U0003ffff"

# Each class of characters: (Python's spelling, RE2's spelling), to be put inside [...].
_CLASSES = {
    "D": ("0-9", r"\d"),
    "L": (_LETTER, r"\p{L}"),
    "U": (_UPPER, r"\p{Lu}"),
    "W": (_LOWER, r"\p{Ll}"),
    "S": (r" \t\n\r\f", r"\s"),
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression in two spellings. Concatenation with ``+`` keeps them in step."""

    python: str
    sql: str

    def __add__(self, other: "Pattern") -> "Pattern":
        return Pattern(self.python + other.python, self.sql + other.sql)

    def search(self, text: str) -> re.Match[str] | None:
        """The first place in a text where it is found."""
        return _compile(self.python, _is_plain(text)).search(text)

    def match(self, text: str) -> re.Match[str] | None:
        """Whether a text begins with it."""
        return _compile(self.python, _is_plain(text)).match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Whether it is all of a text."""
        return _compile(self.python, _is_plain(text)).fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All places in a text where it is found, left to right."""
        return _compile(self.python, _is_plain(text)).finditer(text)

    def findall(self, text: str) -> list[str]:
        """The texts of these places, or of the one group."""
        return _compile(self.python, _is_plain(text)).findall(text)

    def sub(self, new: str, text: str, count: int = 0) -> str:
        """The text with all of these places, or so many, put anew."""
        return _compile(self.python, _is_plain(text)).sub(new, text, count)


def _is_plain(text: str) -> bool:
    """Whether a text has no letters but those of ASCII."""
    if text.isascii():
        return True
    return _has_no_others(text) if len(text) <= LONGEST_KEPT else _has_no_others.__wrapped__(text)


@lru_cache(maxsize=4096)
def _has_no_others(text: str) -> bool:
    return _others().search(text) is None


@cache
def _others() -> re.Pattern[str]:
    return re.compile(f"[{_LETTER.removeprefix(_ASCII['L'])}]")


@lru_cache(maxsize=20000)
def _compile(pattern: str, is_plain: bool) -> re.Pattern[str]:
    """Python's form, compiled once. For a text that has no other letters those of ASCII alone are in its classes, which
    comes to the same: setting up a class of all letters takes milliseconds, and searches try patterns by the hundred.
    """
    if is_plain:
        for name, letters in _ASCII.items():
            pattern = pattern.replace(_CLASSES[name][0], letters)
    return re.compile(pattern, re.ASCII)


_SPELLED_APART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
_BLANK_CLASS = r" \t\n\r\f"


@lru_cache(maxsize=4096)
def raw(text: str) -> Pattern:
    """A piece of regular expression in RE2's spelling; classes such as `\\d` are ASCII in both.

    Python's `$` stands before a last line feed, too, and its `\\s` takes the vertical tab.
    """
    return Pattern(_SPELLED_APART.sub(_as_python, text), text)


def _as_python(found: re.Match[str]) -> str:
    piece = found.group()
    if piece.startswith("["):
        return piece.replace(r"\s", _BLANK_CLASS)
    return {"$": r"\Z", r"\s": f"[{_BLANK_CLASS}]"}.get(piece, piece)


def either_case(text: str) -> Pattern:
    """A pattern whatever the case of its letters: Python folds two letters that RE2 does not."""
    also = {"s": "\u017f", "k": "\u212a"}
    spelled = re.sub("[A-Za-z]", lambda m: f"[{m[0].lower()}{m[0].upper()}{also.get(m[0].lower(), '')}]", text)
    return Pattern(raw(spelled).python, "(?i)" + text)


END = raw("$")
"""The very end of the text."""


@lru_cache(maxsize=4096)
def exactly(text: str) -> Pattern:
    """A pattern for this very text."""
    spelled = "".join(
        _ESCAPES.get(ch) or (ch if ch.isalnum() or ch in _SAFE or ord(ch) > 127 else "\\" + ch) for ch in text
    )
    return Pattern(spelled, spelled)


_SAFE = set(" ,:;<>=!@#%&_'\"/`~-")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x00": "\\x00", "\x0b": "\\x0b", "\x0c": "\\x0c"}


@lru_cache(maxsize=1024)
def charset(spec: str, negated: bool = False) -> Pattern:
    """One character of a class: letters D L U W S name classes, anything after a `'` is itself (``"D'.,"``)."""
    classes, _, extra = spec.partition("'")
    own = "".join("\\" + ch if ch in "\\]^-[" else _ESCAPES.get(ch, ch) for ch in extra)
    head = "[^" if negated else "["
    if len(spec) == 1 and spec in _CLASSES and not negated:
        python, sql = _CLASSES[spec]
        return Pattern(f"[{python}]", sql)
    return Pattern(
        head + "".join(_CLASSES[c][0] for c in classes) + own + "]",
        head + "".join(_CLASSES[c][1] for c in classes) + own + "]",
    )


@dataclass(frozen=True, slots=True)
class Token:
    """A kind of text with a name: runs of a class, or a shape such as a number.

    ``inside``/``outside`` are the classes of a run token (None where the token is no plain run); they let a position be
    counted from the right without backtracking surprises.
    """

    name: str
    pattern: Pattern
    cost: float
    inside: Pattern | None = None
    outside: Pattern | None = None

    def find_all(self, text: str) -> list[re.Match[str]]:
        """All matches, left to right, not empty."""
        return [m for m in self.pattern.finditer(text) if m.group()]


def _run(name: str, spec: str, cost: float) -> Token:
    one, other = charset(spec), charset(spec, negated=True)
    return Token(name, one + raw("+"), cost, one, other)


DIGITS = _run("digits", "D", 0.0)
LETTERS = _run("letters", "L", 0.0)
UPPERS = _run("capital letters", "U", 0.5)
LOWERS = _run("small letters", "W", 0.5)
ALNUMS = _run("letters and digits", "LD", 0.4)
NONSPACE = Token("non-blank text", charset("S", negated=True) + raw("+"), 0.3, charset("S", negated=True), charset("S"))
SPACES = _run("blanks", "S", 0.3)
NUMBER = Token("number", charset("D") + raw("+(?:[.,]") + charset("D") + raw("+)*"), 0.3)
SIGNED = Token("signed number", raw("-?") + charset("D") + raw("+(?:[.,]") + charset("D") + raw("+)*"), 0.6)
CAPITALISED = Token("capitalised word", charset("U") + charset("W") + raw("+"), 0.5)
HYPHENATED = _run("word", "LD'-", 0.6)
UPPER = Token("capital letter", charset("U"), 0.6)
ACRONYM = Token("word in capitals", charset("U") + raw("{2,}"), 0.6)
EMAIL = Token(
    "e-mail address", charset("LD'._%+-") + raw("+@") + charset("LD'.-") + raw(r"+\.") + charset("L") + raw("{2,}"), 0.4
)
URL = Token("web address", raw("https?://") + charset("S'<>\"", negated=True) + raw("+"), 0.4)
QUANTITY = Token("number with its unit", NUMBER.pattern + raw(" ?") + charset("L") + raw("+"), 0.6)
MONEY = Token("amount with its currency sign", charset("'$€£¥₹") + raw(" ?-?") + NUMBER.pattern, 0.5)
CLOCK = Token("time", charset("D") + raw("{1,2}:") + charset("D") + raw("{2}(?::") + charset("D") + raw("{2})?"), 0.5)
DAY = Token(
    "date", charset("D") + raw("{1,4}[-/.]") + charset("D") + raw("{1,2}[-/.]") + charset("D") + raw("{2,4}"), 0.5
)
_MONTH = raw("(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[.]?")
_MONTH_DAY, _FULL_YEAR = raw("[0-9]{1,2}(?:st|nd|rd|th)?"), raw("[0-9]{4}")
DAY_OF_MONTH = Token("date", _MONTH_DAY + raw("[ -]") + _MONTH + raw(",?[ -]") + _FULL_YEAR, 0.2)
MONTH_AND_DAY = Token("date", _MONTH + raw(" ") + _MONTH_DAY + raw(",? ") + _FULL_YEAR, 0.2)
YEAR = Token("year", raw("(?:19|20)") + charset("D") + raw("{2}"), 0.7)
CODE = Token("code of capitals and digits", charset("U") + raw("+") + charset("D") + raw("+"), 0.6)
PROPER = Token(
    "run of capitalised words",
    charset("U") + charset("W'-'.") + raw("+(?: ") + charset("U") + charset("W'-'.") + raw("+)+"), 1.3,
)  # fmt: skip

TOKENS = (
    DIGITS,
    LETTERS,
    UPPERS,
    LOWERS,
    ALNUMS,
    NONSPACE,
    SPACES,
    NUMBER,
    SIGNED,
    CAPITALISED,
    HYPHENATED,
    UPPER,
    ACRONYM,
    EMAIL,
    URL,
    QUANTITY,
    MONEY,
    CLOCK,
    DAY,
    DAY_OF_MONTH,
    MONTH_AND_DAY,
    YEAR,
    CODE,
    PROPER,
)


LONGEST_KEPT = 200
"""Characters of a text up to which what it holds is kept in memory: each column that is learned asks again."""


@lru_cache(maxsize=1024)
def literal_token(text: str) -> Token:
    """The token that matches one very text; a single character can be counted from the right."""
    pattern = exactly(text)
    if len(text) == 1:
        return Token(text, pattern, 0.2, None, charset("'" + text, negated=True))
    return Token(text, pattern, 0.3 + 0.05 * len(text))


_SHAPE = f"(?P<D>[0-9]+)|(?P<U>[{_UPPER}]+)|(?P<W>[{_LOWER}]+)|(?P<S>[ \\t\\r\\n]+)|(?P<X>(?s:.))"


@lru_cache(maxsize=50000)
def shape(text: str) -> str:
    """The text's outline: `A` capitals, `a` small letters, `9` digits, ` ` blanks, the rest as it stands."""
    mark = {"D": "9", "U": "A", "W": "a", "S": " "}
    found = _compile(_SHAPE, _is_plain(text)).finditer(text)
    return "".join(mark.get(m.lastgroup or "X") or m.group() for m in found)


def encloses(mark: str) -> bool:
    """Whether a mark ends a field rather than a word: punctuation that stands inside of no word, name or number, or
    anything but words between blanks."""
    core = mark.strip(" ")
    if not core or any(ch.isalnum() or ch == " " for ch in core):
        return False
    return core not in _WITHIN or (core != "&" and mark.startswith(" ") and mark.endswith(" "))


_WITHIN = frozenset({"-", ".", "'", "’", "_", "&", "+", "%"})
_NOUGHT = re.compile(r"[^\w]*0[.,]0{1,4}[^\w]*")
"""Nothing, in however many decimals and whatever currency, is what stands where nothing is said."""
_FIGURE = re.compile(
    r"[^\w]*[0-9]{1,3}([.,' ]?[0-9]{3})*[.,][0-9]+[^\w]*"  # an amount with its decimals
    r"|.*[0-9][-/.][0-9]{1,2}[-/.][0-9].*",  # a day
    re.DOTALL,
)
_DATA = re.compile(
    r".*\S@\S.*"  # an address
    r"|(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{5,}"  # a name made of letters and digits
    r"|.*[0-9]{5,}.*",  # a number of things
    re.DOTALL,
)


def stands_in(text: str, cell: str) -> bool:
    """Whether a text is a cell, or stands in it as words of their own."""
    at = cell.find(text)
    while at >= 0:
        before, after = cell[at - 1 : at], cell[at + len(text) : at + len(text) + 1]
        if not (before.isalnum() and text[:1].isalnum()) and not (after.isalnum() and text[-1:].isalnum()):
            return True
        at = cell.find(text, at + 1)
    return False


@lru_cache(maxsize=4096)
def is_data(text: str) -> bool:
    """Whether a text looks like what one row says and others do not: an amount, a day, an identifier, an address.

    Nothing, in however many decimals, is what stands where nothing is said.
    """
    return is_figure(text) or (_DATA.fullmatch(text.strip()) is not None and _NOUGHT.fullmatch(text.strip()) is None)


def is_figure(text: str) -> bool:
    """Whether a text is an amount with its decimals, but nothing, or a day: rows of a kind do not have it in common."""
    return _FIGURE.fullmatch(text.strip()) is not None and _NOUGHT.fullmatch(text.strip()) is None
