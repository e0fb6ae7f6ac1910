"""Cells taken apart: which parts of a text stand in what is wanted, of what kinds, and what stands around them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.synthesis.sqltext import quoted
from services.converter.domain.synthesis.tokens import (
    ALNUMS,
    CAPITALISED,
    CLOCK,
    DAY,
    DIGITS,
    EMAIL,
    END,
    HYPHENATED,
    LETTERS,
    MONEY,
    NONSPACE,
    NUMBER,
    QUANTITY,
    SIGNED,
    UPPERS,
    URL,
    Pattern,
    Token,
    charset,
    exactly,
    raw,
    shape,
)

LONGEST, MOST_TOKENS = 600, 120
"""Characters and tokens of a text that is taken apart."""
LONGEST_MARK, LEAST_WANTED = 24, 3
"""Characters of a mark with its word, and of the shortest text that is looked for among marks."""
_TOKEN = re.compile(r"[^\W\d_]+|\d+|\s+|_|[^\w\s]")
_GAP_BEFORE, _GAP_AFTER = re.compile(r"(?:[^\w]|_)*\Z"), re.compile(r"(?:[^\w]|_)*")
_WORD_BEFORE, _WORD_AFTER = re.compile(r"[^\W_]+\Z"), re.compile(r"[^\W_]+")
CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">", '"': '"', "“": "”", "'": "'"}
_TYPES: tuple[Token, ...] = (
    EMAIL,
    URL,
    DAY,
    CLOCK,
    MONEY,
    QUANTITY,
    SIGNED,
    NUMBER,
    DIGITS,
    NONSPACE,
    HYPHENATED,
    ALNUMS,
    LETTERS,
    CAPITALISED,
    UPPERS,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands beside a part: one end of the text, a piece of text, or anything."""

    text: str
    is_end: bool = False
    is_before: bool = True
    is_item: bool = False
    """Whether it is a delimiter or the end of the text: the part is an item of a list."""

    @property
    def is_anything(self) -> bool:
        """Whether nothing is said of what stands there."""
        return not self.text and not self.is_end

    @property
    def price(self) -> float:
        """Punctuation and ends of the text say most, longer words more than short ones, blanks alone little."""
        if self.is_end:
            return 0.15
        if not self.text or self.is_item:
            return 0.3
        core = self.text.strip()
        if not core:
            return 0.9
        letters = sum(map(str.isalnum, core))
        if not letters:
            return 0.2 + 0.05 * len(core)
        glued = 0.5 if (self.text[-1] if self.is_before else self.text[0]).isalnum() else 0.0
        return 0.45 - 0.015 * min(letters, 10) + glued

    @property
    def pattern(self) -> Pattern:
        """The mark; a word begins, or ends, where no other letter or digit stands beside it."""
        if self.is_item:
            mark = raw(" *") + exactly(self.text) + raw(" *")
            return raw("(?:^|") + mark + raw(")") if self.is_before else raw("(?:") + mark + raw("|") + END + raw(")")
        if self.is_end:
            return raw("^") if self.is_before else END
        pattern = exactly(self.text)
        if self.is_before and self.text[:1].isalnum():
            return raw("(?:^|") + charset("LD", negated=True) + raw(")") + pattern
        if not self.is_before and self.text[-1:].isalnum():
            return pattern + raw("(?:") + charset("LD", negated=True) + raw("|") + END + raw(")")
        return pattern


ANYTHING_BEFORE, ANYTHING_AFTER = Mark(""), Mark("", is_before=False)
_DELIMITERS = (",", ";", "|", "/", "-")
"""What stands between the items of lists."""
START, FINISH = Mark("", is_end=True), Mark("", is_end=True, is_before=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text that stands in what is wanted, with the kinds that it is of and the marks on both sides."""

    text: str
    kinds: Mapping[str, Token]
    before: tuple[Mark, ...]
    after: tuple[Mark, ...]
    stop: str
    """The character that ends it: punctuation, else a blank, nothing at the end of the text."""
    opening: str
    """The delimiter that stands before the word before it: what separates fields that are named."""


def parts_of(text: str, wanted: str) -> list[Part]:
    """The longest parts of a text that stand in what is wanted, and the single words of which they consist."""
    if not wanted or not text or len(text) > LONGEST:
        return []
    folded, spans = wanted.lower(), [(m.start(), m.end()) for m in _TOKEN.finditer(text) if not m.group().isspace()]
    if len(spans) > MOST_TOKENS:
        return []
    lowered = text.lower()
    if len(lowered) != len(text):
        return []
    found: dict[tuple[int, int], None] = {}
    reached = 0
    for nth, (start, _) in enumerate(spans):
        last = nth
        while last < len(spans) and lowered[start : spans[last][1]] in folded:
            last += 1
        if last > nth and spans[last - 1][1] > reached:
            reached = spans[last - 1][1]
            found.update(dict.fromkeys(_within(text, spans[nth:last])))
    return [_part(text, start, end) for start, end in found]


def bare(text: str) -> str:
    """The letters and digits of a text, in small letters."""
    return "".join(ch for ch in text.lower() if ch.isalnum())


def punctuated_parts(text: str, wanted: str) -> list[Part]:
    """Parts of a text whose letters and digits are what is wanted, with something between them."""
    if len(wanted) < LEAST_WANTED or len(text) > LONGEST:
        return []
    spans = [(m.start(), m.end()) for m in _TOKEN.finditer(text) if m.group().isalnum()]
    found = []
    for nth, (start, _) in enumerate(spans[:MOST_TOKENS]):
        made, last = "", nth
        while last < len(spans) and len(made) < len(wanted):
            made += text[spans[last][0] : spans[last][1]].lower()
            last += 1
        if made == wanted and last - nth > 1:
            found.append(_part(text, start, spans[last - 1][1]))
    return found


def _within(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The whole span, the span without punctuation at its ends, and its single words where it has few tokens."""
    yield spans[0][0], spans[-1][1]
    words = [(a, b) for a, b in spans if text[a:b].isalnum()]
    if words:
        yield words[0][0], words[-1][1]
        if len(spans) > 1 and len(words) <= 3:
            yield from words


def _part(text: str, start: int, end: int) -> Part:
    part = text[start:end]
    gap_after = _GAP_AFTER.match(text, end)
    after = gap_after.group() if gap_after else ""
    stop = after.strip()[:1] or after[:1]
    return Part(
        part, kinds_of(part), tuple(_before(text, start)), tuple(_after(text, end, after)), stop, _opening(text, start)
    )


_NAMED = re.compile(r"([,;|&\n])\s*[^\W_]+[^\w]*\Z")


def _opening(text: str, start: int) -> str:
    found = _NAMED.search(text[:start])
    return found.group(1) if found else ""


def _before(text: str, start: int) -> Iterator[Mark]:
    yield ANYTHING_BEFORE
    gap = _GAP_BEFORE.search(text[:start])
    between = gap.group() if gap else ""
    word = _WORD_BEFORE.search(text[: start - len(between)])
    if start == 0:
        yield START
        yield from (Mark(mark, is_item=True) for mark in _DELIMITERS)
    elif between.strip() in _DELIMITERS:
        yield Mark(between.strip(), is_item=True)
    for mark in dict.fromkeys((between, between.lstrip(), between[-1:])) if between else ():
        if mark:
            yield Mark(mark)
    if word and len(word.group() + between) <= LONGEST_MARK:
        yield Mark(word.group() + between)


def _after(text: str, end: int, between: str) -> Iterator[Mark]:
    yield ANYTHING_AFTER
    word = _WORD_AFTER.match(text, end + len(between))
    if end == len(text):
        yield FINISH
        yield from (Mark(mark, is_before=False, is_item=True) for mark in _DELIMITERS)
    elif between.strip() in _DELIMITERS:
        yield Mark(between.strip(), is_before=False, is_item=True)
    for mark in dict.fromkeys((between, between.rstrip(), between[:1])) if between else ():
        if mark:
            yield Mark(mark, is_before=False)
    if word and len(between + word.group()) <= LONGEST_MARK:
        yield Mark(between + word.group(), is_before=False)


@lru_cache(maxsize=20000)
def kinds_of(text: str) -> Mapping[str, Token]:
    """The kinds of text that a whole part is of, by name."""
    found = {t.name: t for t in _TYPES if t.pattern.fullmatch(text)}
    outline = outline_of(text)
    if outline is not None:
        found.setdefault(outline.name, outline)
    return found


MOST_RUNS = 5
"""Runs of letters and figures in a code; more are prose."""
_SPELLED = {"9": NUMBER.pattern, "A": charset("U") + raw("+"), "a": charset("W") + raw("+")}


@lru_cache(maxsize=20000)
def outline_of(text: str) -> Token | None:
    """The kind of text with the same runs of capitals, small letters, digits and marks; None for one run, or many.

    Texts without digits are words, which other kinds tell.
    """
    outline = re.sub("(.)\\1+", "\\1", shape(text)) if " " not in text else shape(text)
    if not 2 <= len(outline) <= MOST_RUNS or outline.isalpha() or "9" not in outline:
        return None
    pattern = raw("")
    for mark in outline:
        pattern += _SPELLED[mark] if mark in _SPELLED else exactly(mark)
    return Token(f"text such as {quoted(outline)}", pattern, 0.3)
