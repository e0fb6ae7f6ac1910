"""Input for the law of the language: records of two cells that hold whatever a file may hold.

Made by a fixed seed, so that a failure is found again. NUL is left out: the sandbox refuses it with the file.
Code points that Python's Unicode does not know yet are left out: DuckDB's may.
"""

import random
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from services.converter.domain.formats.numberformat import NumberFormat

Cells = Sequence[str | None]

PIECES = [
    piece.replace("_", " ")
    for line in (
        "a B Cd é Ü Œ ß ǆ İ ı ς Ω ж Я א ש ب م न क ि 中文 ﬁ 𝒳 👍🏽 👨‍👩‍👧 ① ² ½ ٣ ３ $ € − – ’ “ ·",
        "1 23 0 -4.5 1,234.50 Dr. mcd O'N Ltd. Jr. ' \\ XIV 7_1/4 120315 1.5K 2_crore 100_MB 1:05 12:30:59 1h_15m",
        "PT2H5M 3_days DR Cr. Doe,_J mcmxcix FF 0x1F 1,2,2 24/03/2020 2020-03-24_14:05 +44_(0)20 0044 ext._12 a@b.co",
        "https://x.org/p?q=1#f C:\\d\\e.txt id=7; Q3_2024 <b> [x] (y) = İnc. ſtock",
    )
    for piece in line.split(" ")
]
JOINTS = ("", "", " ", " ", "  ", ",", ", ", ": ", ".", "-", "(", ")", "\n", "\r\n", "\t", ";", "|", "\u00a0", "\u0301")
MARKS = ("", "", "", "$", "€ ", " USD", "%", " %", "-", " DR", " CR.", "K", " crore", "kB", " days", "h", "st")
STYLES = (
    NumberFormat(), NumberFormat(0), NumberFormat(2), NumberFormat(3), NumberFormat(2, ","), NumberFormat(2, ".", ","),
    NumberFormat(2, "'"), NumberFormat(2, " "), NumberFormat(2, indian=True), NumberFormat(None, zero_pad=6),
    NumberFormat(None, decimal=","), NumberFormat(6),
)  # fmt: skip
SPECIAL_NUMBERS = (
    "0", "-0", "-0.5", "0.125", "2.675", "1.005", "(1.234,50) €", "12,5-", "1e3", "-1.5E-7", ".5", "5.", "+7", " 42 ",
    "\t1\n", "1_000", "NaN", "inf", "-Infinity", "1e400", "9007199254740993", "123456789012345678901", "0.1", "--1",
    "٣٫٥", "１２", "1 1/4", "7-3/8", "0/5", "1e15", "999999999999999.5", "1e-300", "16777217", "59.9999999",
)  # fmt: skip
DATE_CODES = (
    "%d/%m/%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y", "%d.%m.%y", "%d %b %Y", "%B %d, %Y",
    "%d-%b-%y", "%Y%m%d", "%A, %B %d, %Y", "%d/%m/%Y %I:%M %p", "%H:%M", "%I:%M %p", "%Y%m%d%H%M%S", "%d.%m.%Y %H:%M",
)  # fmt: skip
SPECIAL_DATES = (
    "1er août 2024", "3rd Sept. 2021, 4 p.m.", "Di. 5. März", "mar. 2 avr.", "Q3 2024", "1Q24", "2024-Q4", "31/02/2024",
    "29/02/2023", "29/02/2024", "00/00/0000", "13.11.98", "1/1/1", "24:00", "12:60", "0001-01-01", "9999-12-31 23:59",
    "2024-03-31 01:30", "2024-11-03 01:30", "٢٠٢٤-٠١-٠١", " 2024-01-02", "\u00a02024-01-02\u3000", "-infinity", "epoch",
    "2024-01-02 ", "2024-1-2", "2024-01-02\n",
)  # fmt: skip
_YEARS = [tuple(datetime(year, 1, 1) for year in years) for years in ((1990, 2030), (1000, 9900))]  # noqa: DTZ001 - local
ZONES = ("Z", "+05:30", " -0800", " EST", " UTC+2", "+15", " GMT", "Ω")
LONG, RUN = 10_000, 2_000
"""Characters of long texts; runs of one character are shorter, since Python's patterns take their square."""


def records(count: int) -> list[Cells]:
    """Records of two cells: about ``count`` made up ones, and those that hold every code point that is assigned."""
    chance = random.Random(20)
    made: list[Cells] = [(_cell(chance), _cell(chance)) for _ in range(count)]
    made += [(None, None), (None, "a"), ("a", None), ("", ""), (" ", "\t"), ("a", "a"), ("", "a"), ("b", "")]
    made += [(text, _cell(chance)) for text in (*SPECIAL_NUMBERS, *SPECIAL_DATES)]
    made += [(text, text[:9]) for text in _long(chance)]
    made += [(text, _cell(chance)) for text in _code_points(chance)]
    return made


def _cell(chance: random.Random) -> str | None:
    kind = chance.random()
    if kind < 0.03:
        return None
    if kind < 0.06:
        return chance.choice(("", "", " ", "   ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "\ufeff"))
    if kind < 0.30:
        return _number(chance)
    if kind < 0.52:
        return _date(chance)
    if kind < 0.72:
        return _unicode(chance)
    pieces = (chance.choice(PIECES) + chance.choice(JOINTS) for _ in range(chance.randint(1, 5)))
    return "".join(pieces)


def _number(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.2:
        return chance.choice(SPECIAL_NUMBERS)
    if kind < 0.5:
        return str(chance.choice((chance.randint(0, 40), chance.randint(-200, 5000), chance.randint(0, 10**13))))
    number = chance.choice((1, -1)) * round(chance.uniform(0, 10 ** chance.randint(0, 8)), chance.randint(0, 5))
    text = chance.choice(STYLES).write(Decimal(repr(number)))
    if kind < 0.8:
        return text
    marked = text + chance.choice(MARKS) if chance.random() < 0.6 else chance.choice(MARKS) + text
    return f"({marked})" if chance.random() < 0.2 else marked


def _date(chance: random.Random) -> str:
    if chance.random() < 0.2:
        return chance.choice(SPECIAL_DATES)
    first, last = _YEARS[chance.random() < 0.2]
    moment = first + timedelta(seconds=chance.randrange(int((last - first).total_seconds())))
    text = moment.strftime(chance.choice(DATE_CODES[:4] if chance.random() < 0.5 else DATE_CODES))
    return text + chance.choice(ZONES) if chance.random() < 0.15 else text


def _unicode(chance: random.Random) -> str:
    """Characters of a few blocks, as people mix them: a script, its marks, digits and blanks."""
    starts = (0x20, 0x20, 0xA0, 0x100, 0x300, 0x370, 0x400, 0x590, 0x600, 0x900, 0xE00, 0x1E00, 0x2000, 0x3040, 0x4E00,
              0xAC00, 0xFB00, 0xFF00, 0x10400, 0x1D400, 0x1F300)  # fmt: skip
    blocks = [chance.choice(starts) for _ in range(2)]
    texts = (chr(chance.choice(blocks) + chance.randrange(0x60)) for _ in range(chance.randint(1, 12)))
    return "".join(text for text in texts if _is_text(text))


def _long(chance: random.Random) -> Iterator[str]:
    yield from ("a" * RUN, "9" * RUN, " " * RUN)
    yield "e\u0301" * (LONG // 2)
    yield ", ".join(str(chance.randint(0, 999)) for _ in range(LONG // 5))
    yield "".join(chance.choice(PIECES) + chance.choice(JOINTS) for _ in range(LONG // 4))


def _is_text(ch: str) -> bool:
    """Whether a code point may stand in a text of the law: assigned or private, no surrogate, not NUL."""
    return ch != "\0" and unicodedata.category(ch) not in ("Cs", "Cn")


def _code_points(chance: random.Random) -> Iterator[str]:
    """Every code point but most ideographs, syllables and private ones, in texts of two dozen with letters between."""
    dense = [range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xAC00, 0xD7A4), range(0xE000, 0xF900),
             range(0x17000, 0x18D00), range(0x20000, 0x32000), range(0xE0100, sys.maxunicode + 1)]  # fmt: skip
    skipped = {code for block in dense for code in block if code % 97}
    found = [chr(code) for code in range(sys.maxunicode + 1) if code not in skipped and _is_text(chr(code))]
    for start in range(0, len(found), 24):
        some = found[start : start + 24]
        between = [chance.choice(("", "", "", "a", "B", "1", " ", ",")) for _ in some]
        yield "".join(ch + joint for ch, joint in zip(some, between, strict=True))
