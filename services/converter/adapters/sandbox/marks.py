"""Marks in a file of lines: what a pass that writes them found out about their rows, on its way.

A mark stands before its line: which checks hit the row (bits, in words), the numbers of its rows in the input and in
the output, and the bytes of a line that holds the mark's own character, 0 for all others: such a line is always
marked, so that no content can pass for a mark.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

WORD_BITS = 60
"""Checks to a word: a BIGINT has room for them whatever their sum."""
MARK = b"\x02"
_MARK_SQL = "chr(2)"
_PATTERN = re.compile(rb"\x02([0-9.]+),(-?[0-9]+),([0-9]+),0\x02")
_ANY = re.compile(rb"\x02([0-9.]+),-?[0-9]+,[0-9]+,([0-9]+)\x02")
_RAW = re.compile(rb"\x02([0-9.]+),(-?[0-9]+),([0-9]+),([1-9][0-9]*)\x02")
_BEHIND_MARKS, _WORDS, _LENGTHS = (slice(start, None, 3) for start in range(3))
"""What splitting a text at `_ANY` gives in turn."""
_ALL_SHORT = {b"0"}
_CHUNK_BYTES = 1 << 20
_MOST_KINDS = 10_000
_SPARE = 8
"""How many times as many rows are kept as are shown, where the first are not known to come first."""


def word_columns(tests: Sequence[str]) -> list[str]:
    """SQL of the words of bits for tests, each a BOOLEAN without NULL; nearly all rows have none."""
    words = []
    for at in range(0, len(tests), WORD_BITS):
        some = tests[at : at + WORD_BITS]
        bits = " + ".join(f"{test}::BIGINT * {1 << bit}" for bit, test in enumerate(some))
        words.append(f"CASE WHEN {' OR '.join(some)} THEN {bits} ELSE 0 END")
    return words


def mark_before(line: str, words: Sequence[str], origin: str, place: str) -> str:
    """SQL of the mark of a line, empty where there is nothing to say of it."""
    holds = f"contains({line}, {_MARK_SQL})"
    hit = " OR ".join(f"{word} <> 0" for word in words)
    parts = ", '.', ".join(words)
    length = f"CASE WHEN {holds} THEN strlen({line}) ELSE 0 END"
    return (
        f"CASE WHEN {hit} OR {holds} THEN concat({_MARK_SQL}, {parts}, ',', coalesce({origin}, 0), ',', {place}, ',', "
        f"{length}, {_MARK_SQL}) ELSE '' END"
    )


@dataclass(slots=True)
class Marks:
    """What the marks of a file say: hits of each check, the rows of the first, and where the traced rows went.

    ``limit`` rows are kept of each check, those with the lowest numbers; all are counted. ``ascending`` says that the
    lines are in the order of the input's rows.
    """

    checks: int
    limit: int
    most_places: int
    ascending: bool
    counts: list[int] = field(default_factory=list)
    rows: list[dict[int, None]] = field(default_factory=list)
    places: dict[int, list[int]] = field(default_factory=dict)
    any: bool = False
    _placed: int = 0
    _kinds: dict[bytes, int] = field(default_factory=dict)
    _over: set[bytes] = field(default_factory=set)

    def read(self, path: Path, unmarked: Path) -> None:
        """Read all of a file's marks, and write the file without them where it has any. The bit behind those of the
        checks says that a row is traced."""
        self.counts = [0] * self.checks
        self.rows = [{} for _ in range(self.checks)]
        with _Rest(path, unmarked) as rest:
            for piece in _pieces(path):
                if isinstance(piece, bytes):
                    rest.keep(piece)
                elif isinstance(piece, _Text):
                    rest.leave_out()
                    if not self._count_known(piece.parts[_WORDS]):
                        self._add(_PATTERN.findall(piece.text))
                    rest.keep(b"".join(piece.parts[_BEHIND_MARKS]))
                else:
                    rest.leave_out()
                    self._add([piece])
        self.any = rest.is_written
        self._count()

    def _count_known(self, words: Sequence[bytes]) -> bool:
        """Count marks, by their words, where all are of kinds of which no more rows are kept."""
        if not self._over:
            return False
        kinds = Counter(words)
        if not kinds.keys() <= self._over:
            return False
        for kind, times in kinds.items():
            self._kinds[kind] = self._kinds.get(kind, 0) + times
        return True

    def _add(self, marks: Sequence[tuple[bytes, bytes, bytes]]) -> None:
        kinds, over = self._kinds, self._over
        for words, row, place in marks:
            kinds[words] = kinds.get(words, 0) + 1
            if words not in over:
                self._keep(words, int(row), int(place))
        if len(kinds) > _MOST_KINDS:
            self._count()

    def _keep(self, words: bytes, row: int, place: int) -> None:
        hit = _bits(words)
        kept = [self._keep_row(self.rows[bit], row) if bit < self.checks else True for bit in hit]
        if any(kept) and self._placed < self.most_places:
            self.places.setdefault(row, []).append(place)
            self._placed += 1
        elif self.ascending:
            self._over.add(words)

    def _keep_row(self, kept: dict[int, None], row: int) -> bool:
        """Whether a row may be one of the first that a check hits."""
        if self.ascending and len(kept) >= self.limit:
            return False
        kept[row] = None
        if len(kept) >= _SPARE * self.limit:
            for late in sorted(kept)[self.limit :]:
                del kept[late]
                self._placed -= len(self.places.pop(late, ()))
        return True

    def _count(self) -> None:
        for words, times in self._kinds.items():
            for bit in _bits(words):
                if bit < self.checks:
                    self.counts[bit] += times
        self._kinds.clear()
        self._over.clear()

    def first(self, check: int) -> list[int]:
        """The lowest numbers of the input's rows that a check hits."""
        return sorted(self.rows[check])[: self.limit]


def _bits(words: bytes) -> list[int]:
    found = []
    for at, word in enumerate(words.split(b".")):
        left = int(word)
        while left:
            low = left & -left
            found.append(at * WORD_BITS + low.bit_length() - 1)
            left ^= low
    return found


class _Rest:
    """What is left of a file: written from the first place on at which something is left out, with all before it."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source = source
        self._target = target
        self._passed = 0
        self._file: BinaryIO | None = None
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._opened.close()

    @property
    def is_written(self) -> bool:
        """Whether anything is left out."""
        return self._file is not None

    def keep(self, content: bytes) -> None:
        """Go on with what stands next in the file."""
        if self._file is None:
            self._passed += len(content)
        else:
            self._file.write(content)

    def leave_out(self) -> None:
        """Go on behind something."""
        if self._file is None:
            self._file = self._opened.enter_context(self._target.open("wb"))
            with self._source.open("rb") as source:
                left = self._passed
                while left:
                    piece = source.read(min(left, _CHUNK_BYTES))
                    self._file.write(piece)
                    left -= len(piece)


Raw = tuple[bytes, bytes, bytes]
"""The mark of a line that holds the mark's character: its words and the numbers of its rows."""


@dataclass(frozen=True, slots=True)
class _Text:
    """Text with whole marks in it, and the same split at them."""

    text: bytes
    parts: list[bytes]


def _pieces(path: Path) -> Iterator[bytes | _Text | Raw]:
    """A file in pieces: bytes that are content and nothing else, text with whole marks in it, or the mark of a line
    that holds the mark's character, which follows as content."""
    with path.open("rb") as file:
        rest = b""
        while chunk := file.read(_CHUNK_BYTES):
            data, at = rest + chunk, 0
            while True:
                cut = _whole_marks(data, at)
                text = _text_of(data[at:cut])
                if isinstance(text, bytes) or _ALL_SHORT.issuperset(text.parts[_LENGTHS]):
                    yield text
                    rest = data[cut:]
                    break
                raw = _RAW.search(data, at)
                if raw is None:
                    raise ValueError("a length that is not 0, and no mark with one")
                yield _text_of(data[at : raw.start()])
                yield raw[1], raw[2], raw[3]
                at, left = raw.end(), int(raw[4])
                while left:
                    if at == len(data):
                        data, at = file.read(_CHUNK_BYTES), 0
                        if not data:
                            return
                    content = data[at : at + left]
                    yield content
                    at, left = at + len(content), left - len(content)
        if rest:
            yield rest


def _text_of(data: bytes) -> bytes | _Text:
    """Text with its marks, where it has any."""
    if MARK not in data:
        return data
    return _Text(data, _ANY.split(data))


def _whole_marks(data: bytes, at: int) -> int:
    """The end of the data before a mark that is cut off: the number of its characters tells."""
    if data.count(MARK, at) % 2 == 0:
        return len(data)
    return data.rfind(MARK, at)
