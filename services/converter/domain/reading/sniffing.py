"""The delimiter, quote, escape and line end of a text, from a sample of it.

Every plausible delimiter splits the sample; the one wins whose rows agree in width and whose cells look like values
(the idea of van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns", 2019).
"""

import re
from collections import Counter
from dataclasses import replace
from typing import Literal

from services.converter.domain.reading.cells import cell_kind
from services.converter.domain.reading.records import Record, split_records
from services.converter.domain.table import Dialect

_SAMPLE_CHARS = 96 << 10
_SAMPLE_LINES = 400
"""What shows how a file is written: more says the same again."""
# How readily each delimiter is believed: a blank or a colon is in every other text that has another delimiter.
_DELIMITERS = {",": 1.0, ";": 1.0, "\t": 1.0, "|": 1.0, "\x1f": 1.0, "\x01": 1.0, "¦": 0.9, "^": 0.8, "~": 0.8}
_DELIMITERS |= {"#": 0.5, ":": 0.45, " ": 0.4, "*": 0.4}
_MIN_SCORE = 0.22
"""Below it no mark parts the lines alike: the file is read as one column."""
_NUMBERS = re.compile(r"[-+]?\d+(?:\.\d+)?")


def sniff_dialect(text: str, *, whole: bool, prior: Dialect | None = None) -> Dialect:
    """The dialect of a text, of which this is the start (all of it where ``whole``). ``prior`` wins where it fits."""
    sample = _sample(text, whole=whole)
    line_end = _sniff_line_end(sample)
    if prior is not None:
        known = replace(prior, line_end=line_end, preamble_rows=0, footer_rows=0)
        if _share_of_usual_width(_split(sample, known)) >= 0.8:
            return known
    # Nothing better than one column: then the delimiter says nothing, and the known one is as good as any.
    best, best_score = known if prior is not None else Dialect(line_end=line_end), _MIN_SCORE
    for quote in _quotes(sample):
        for delimiter, belief in _DELIMITERS.items():
            if delimiter not in sample:
                continue
            candidate = Dialect(delimiter=delimiter, quote=quote, escape=quote, line_end=line_end)
            candidate = replace(candidate, escape=_sniff_escape(sample, candidate))
            score = belief * _score(_split(sample, candidate), sample, candidate)
            if score > best_score:
                best, best_score = candidate, score
    return _with_blank(best, sample)


def sniff_quoting(text: str, dialect: Dialect) -> Literal["minimal", "all", "none", "nonnumeric"]:
    """Which cells a file quotes: all, all but numbers, or only those that need it."""
    sample = _sample(text, whole=False)
    if dialect.quote not in sample:
        return "minimal"
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    quoted_cell, bare_cell = rf"{quote}(?:[^{quote}]|{quote}{quote})*{quote}", rf"[^{quote}{delimiter}\r\n]*"
    field = re.compile(rf"(?:^|(?<={delimiter}))(?:{quoted_cell}|{bare_cell})(?={delimiter}|\r|\n|$)", re.MULTILINE)
    cells = [cell for line in sample.splitlines() if line for cell in field.findall(line)]
    quoted = sum(cell.startswith(dialect.quote) for cell in cells)
    bare = [cell for cell in cells if not cell.startswith(dialect.quote)]
    if not bare and quoted:
        return "all"
    texts = sum(not _NUMBERS.fullmatch(cell) for cell in bare)
    numbers_quoted = sum(bool(_NUMBERS.fullmatch(cell[1:-1])) for cell in cells if cell.startswith(dialect.quote))
    return "nonnumeric" if bare and not texts and not numbers_quoted else "minimal"


def _sample(text: str, *, whole: bool) -> str:
    if len(text) <= _SAMPLE_CHARS and (whole or text.count("\n") <= _SAMPLE_LINES):
        return text
    cut = text[:_SAMPLE_CHARS]
    end = max(cut.rfind("\n"), cut.rfind("\r"))
    return cut[: end + 1] if end > 0 else cut


def _sniff_line_end(sample: str) -> Literal["\n", "\r\n", "\r"]:
    pairs = sample.count("\r\n")
    feeds, returns = sample.count("\n") - pairs, sample.count("\r") - pairs
    if pairs >= max(feeds, returns) and pairs:
        return "\r\n"
    return "\r" if returns > feeds else "\n"


def _quotes(sample: str) -> list[str]:
    """The quotes worth trying: the apostrophe only where it stands around cells rather than inside of words."""
    around = re.compile(r"(?:^|[,;\t|^~¦:\x1f])[ ]?'[^'\r\n]*'(?=[,;\t|^~¦:\x1f\r\n]|$)", re.MULTILINE)
    single = len(around.findall(sample))
    double = len(re.findall(r'(?:^|[,;\t|^~¦:\x1f ])"', sample, re.MULTILINE))
    return ["'", '"'] if single >= 2 and single > double else ['"']


def _sniff_escape(sample: str, dialect: Dialect) -> str:
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    slashed = len(re.findall(rf"[^\\{quote}{delimiter}\r\n]\\{quote}(?!{delimiter}|\r|\n|$)", sample))
    doubled = len(re.findall(rf"[^{quote}{delimiter}\r\n]{quote}{quote}", sample))
    return "\\" if slashed > doubled else dialect.quote


def _split(sample: str, dialect: Dialect) -> list[Record]:
    records: list[Record] = []
    for record in split_records([sample], dialect):
        if any(cell.strip() for cell in record):
            records.append(record)
        if len(records) >= _SAMPLE_LINES:
            break
    return records


def _share_of_usual_width(records: list[Record]) -> float:
    widths = Counter(len(record) for record in records)
    width, count = widths.most_common(1)[0] if widths else (1, 0)
    return count / max(1, len(records)) if width > 1 else 0.0


def _score(records: list[Record], sample: str, dialect: Dialect) -> float:
    """Agreement in width (more and wider is better) times the share of cells that look like values."""
    if not records:
        return 0.0
    widths = Counter(len(record) for record in records)
    pattern = sum(count * (width - 1) / width for width, count in widths.items()) / len(records)
    pattern *= max(widths[w] for w in widths) / len(records)
    clean = total = 0
    quoted = dialect.quote in sample
    for record in records:
        for cell in record:
            total += 1
            # The delimiter inside of a cell means that quotes protected it: a good sign, not an odd cell.
            clean += cell_kind(cell) != "odd" or (quoted and dialect.delimiter in cell)
    return pattern * (clean / total) ** 2


def _with_blank(dialect: Dialect, sample: str) -> Dialect:
    """``", "`` where a blank follows the delimiter nearly every time."""
    if dialect.delimiter in " \t":
        return dialect
    every = sample.count(dialect.delimiter)
    spaced = sample.count(dialect.delimiter + " ")
    before_quote = sample.count(f"{dialect.delimiter} {dialect.quote}")
    bare = len(re.findall(rf"{re.escape(dialect.delimiter)}(?! |\r|\n|$)", sample))
    if spaced and (before_quote >= 2 or spaced > 0.9 * every) and bare <= 0.1 * every:
        return replace(dialect, delimiter=dialect.delimiter + " ")
    return dialect
