"""Marks in a file of lines: what a pass that writes them found out about their rows, on its way.

A mark stands before its line: which checks hit the row (bits, in words), the numbers of its rows in the input and in
the output, and the bytes of a line that holds the mark's own character, 0 for all others: such a line is always
marked, so that no content can pass for a mark.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

WORD_BITS = 60
"""Checks to a word: a BIGINT has room for them whatever their sum."""
MARK = b"\x02"
_MARK_SQL = "chr(2)"
_PATTERN = re.compile(rb"\x02([0-9.]+),(-?[0-9]+),([0-9]+),0\x02")
_WORDS = re.compile(rb"\x02([0-9.]+),-?[0-9]+,[0-9]+,0\x02")
_RAW = re.compile(rb"\x02([0-9.]+),(-?[0-9]+),([0-9]+),([1-9][0-9]*)\x02")
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

    def read(self, path: Path) -> None:
        """Read all of a file's marks. The bit behind those of the checks says that a row is traced."""
        self.counts = [0] * self.checks
        self.rows = [{} for _ in range(self.checks)]
        for piece in _pieces(path):
            if isinstance(piece, bytes):
                continue
            text, raw = piece
            if MARK in text:
                self.any = True
                if not self._over or not self._count_known(text):
                    self._add(_PATTERN.findall(text))
            if raw is not None:
                self.any = True
                self._add([raw])
        self._count()

    def _count_known(self, text: bytes) -> bool:
        """Count a text's marks where all are of kinds of which no more rows are kept."""
        kinds = Counter(_WORDS.findall(text))
        if not kinds.keys() <= self._over:
            return False
        for words, times in kinds.items():
            self._kinds[words] = self._kinds.get(words, 0) + times
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


def strip_marks(source: Path, target: Path) -> None:
    """Write a file without its marks."""
    with target.open("wb") as file:
        for piece in _pieces(source):
            if isinstance(piece, bytes):
                file.write(piece)
            else:
                file.write(_PATTERN.sub(b"", piece[0]))


Piece = bytes | tuple[bytes, tuple[bytes, bytes, bytes] | None]


def _pieces(path: Path) -> Iterator[Piece]:
    """A file in pieces: bytes that are content and nothing else, or text with whole marks in it.

    The mark of a line that holds the mark's character comes beside the text before it, the line follows as content.
    """
    with path.open("rb") as file:
        rest = b""
        while chunk := file.read(_CHUNK_BYTES):
            data = rest + chunk
            rest = b""
            if MARK not in data:
                yield data
                continue
            at = 0
            while True:
                raw = _RAW.search(data, at)
                if raw is None:
                    break
                yield data[at : raw.start()], (raw[1], raw[2], raw[3])
                at, left = raw.end(), int(raw[4])
                while left:
                    if at == len(data):
                        data, at = file.read(_CHUNK_BYTES), 0
                        if not data:
                            return
                    content = data[at : at + left]
                    yield content
                    at, left = at + len(content), left - len(content)
            cut = _whole_marks(data, at)
            yield data[at:cut], None
            rest = data[cut:]
        if rest:
            yield rest, None


def _whole_marks(data: bytes, at: int) -> int:
    """The end of the data before a mark that is cut off: the number of its characters tells."""
    if data.count(MARK, at) % 2 == 0:
        return len(data)
    return data.rfind(MARK, at)
