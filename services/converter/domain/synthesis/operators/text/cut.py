"""Text between two positions, found from constant offsets, from pieces of text, or from kinds of text."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.asking import TRUNCATED
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record, Tie, operand
from services.converter.domain.synthesis.operators.text.split import texts_of
from services.converter.domain.synthesis.operators.witness import Candidate, proposes
from services.converter.domain.synthesis.positions import (
    Edge,
    Offset,
    Position,
    delimiters,
    ordinal,
    positions,
    shared_words,
)
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import (
    ALNUMS,
    DIGITS,
    LETTERS,
    UPPERS,
    Pattern,
    encloses,
    literal_token,
    raw,
)

_GREATEST = 64
"""The greatest length to which texts are brought down."""
_GAP = "  "
MOST_WORDS = 30
"""Words, with what stands beside them, that a text may be cut at."""
FIELD = 1.2
"""What the text between two marks costs."""
INSIDE = 1.5
"""What a cut costs more that begins within a word of several."""


def _length_sql(position: Edge, text: str) -> str:
    return f"length(regexp_extract({text}, {literal(position.pattern.sql)}, 1))"


@dataclass(frozen=True, slots=True)
class Cut(Expression):
    """The characters from one position up to another."""

    source: Expression
    start: Position
    end: Position
    fixed: bool = False
    inside: bool = False
    """Whether it begins within a word, or takes the rest of one, in a text of several words."""
    asks = (TRUNCATED,)

    @property
    def tied(self) -> frozenset[Tie]:
        """Places counted in characters."""
        return frozenset({"place"} if self.start.is_counted or self.end.is_counted else ())

    @property
    def is_whole(self) -> bool:
        """It is where it is a field of fixed width."""
        return self.fixed or not self.columns

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Texts without one of its places, where all had it."""
        texts = [] if self.fixed else texts_of(self.source, sampling.some(rows, MOST_CHECKED))
        had = [p for p in (self.start, self.end) if texts and all(p.find(text) is not None for text in texts)]
        yield from self.lacking(filter(None, (place.missing(self.source.sql()) for place in had)))
        yield from self._without_what_went(texts)
        yield from self._rest_of_another_length(texts)

    def _leaves_a_rest(self) -> Offset | None:
        """The number of characters that it takes off one end of the text, where it does nothing else."""
        counted, free = (self.start, self.end) if self.start.is_counted else (self.end, self.start)
        rest = isinstance(counted, Offset) and counted.count and not free.cost
        return counted if rest and counted.from_end == (counted is self.end) else None  # type: ignore[union-attr,return-value]

    def _without_what_went(self, texts: Sequence[str]) -> Iterator[Check]:
        """Texts that lack what was taken off all others: the same word, whose letters were counted."""
        counted = self._leaves_a_rest()
        if counted is None:
            return
        gone = {t[counted.run(t) :] if counted.from_end else t[: counted.run(t)] for t in texts}
        if len(gone) == 1 and len(set(texts)) > 1 and any(map(str.isalpha, *gone)):
            test = "ends_with" if counted.from_end else "starts_with"
            yield from self.lacking([f"NOT {test}({self.source.sql()}, {literal(gone.pop())})"])

    def _rest_of_another_length(self, texts: Sequence[str]) -> Iterator[Check]:
        """What is left of a text behind, or before, so many characters, where nothing else parts the two and the texts
        are of few lengths: in a text of another length either part may be the longer one."""
        counted = self._leaves_a_rest()
        lengths = sorted({len(text) for text in texts})
        if counted is None or 2 * len(lengths) > len(texts):
            return
        places = [counted.run(text) for text in texts]
        inside = (t[p - 1 : p].isalnum() and t[p : p + 1].isalnum() for t, p in zip(texts, places, strict=True))
        if all(inside):
            source = self.source.sql()
            words = f"a text of another length than any of the example is parted by counting: {self.words()}"
            yield self.check("shape", "note", words, f"length({source}) NOT IN ({', '.join(map(str, lengths))})")

    @property
    def cost(self) -> float:
        """Its two positions; a prefix or suffix needs only one, a field of a line of fixed width next to none."""
        if self.fixed:
            return self.source.cost + 0.9
        both = 0.6 if self.start.cost and self.end.cost else 0.0
        return self.source.cost + 0.9 + both + self.start.cost + self.end.cost + (INSIDE if self.inside else 0.0)

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else text[self.start.run(text) : self.end.run(text)]

    def sql(self) -> str:
        """A string slice; positions that depend on the text are measured with `regexp_extract`."""
        text = self.source.sql()
        low = self._low(text)
        high = self._high(text)
        if not low and not high:
            return text
        return f"{operand(self.source)}[{low}:{high}]"

    def _low(self, text: str) -> str:
        start = self.start
        if isinstance(start, Offset):
            if start.from_end:
                return f"greatest(length({text}) - {start.count}, 0) + 1" if start.count != 0 else f"length({text}) + 1"
            return str(start.count + 1) if start.count else ""
        if start.pick > 0:
            return f"{_length_sql(start, text)} + 1"
        return f"length({text}) - {_length_sql(start, text)} + 1"

    def _high(self, text: str) -> str:
        end = self.end
        if isinstance(end, Offset):
            if end.from_end:
                return f"greatest(length({text}) - {end.count}, 0)" if end.count else ""
            return str(end.count)
        if end.pick > 0:
            return _length_sql(end, text)
        return f"length({text}) - {_length_sql(end, text)}"

    def words(self) -> str:
        name = self.source.words()
        if isinstance(self.start, Offset) and isinstance(self.end, Offset):
            if self.start.count == 0 and not self.start.from_end and not self.end.from_end:
                return f"{'at most the ' if self.end.at_most else ''}first {self.end.count} characters of {name}"
            if self.start.from_end and self.end.from_end and self.end.count == 0:
                return f"{'at most the ' if self.start.at_most else ''}last {self.start.count} characters of {name}"
            if not self.start.from_end and not self.end.from_end:
                return f"characters {self.start.count + 1} to {self.end.count} of {name}"
        return f"{name} from {self.start.words()} to {self.end.words()}"


@dataclass(frozen=True, slots=True)
class Between(Expression):
    """The text after the ``pick``-th occurrence of ``before`` up to the next ``after`` (None: to the end)."""

    source: Expression
    before: Pattern
    after: Pattern | None
    pick: int
    names: tuple[str, str]
    price: float

    @property
    def surcharge(self) -> float:
        """Its two neighbours: brackets, commas and ends of lines enclose a field, whatever it holds."""
        base = FIELD if all(map(_encloses, self.names)) else 1.7
        return base + self.price + 0.35 * (self.pick - 1)

    @property
    def pattern(self) -> Pattern:
        """Group 1 is the text between."""
        lead = raw("^(?:.*?") + self.before + raw(f"){{{self.pick}}}") if self.pick > 1 else self.before
        return lead + (raw("(.*)$") if self.after is None else raw("(.*?)") + self.after)

    @property
    def is_whole(self) -> bool:
        """It is where both neighbours enclose a field, or one does and the text ends."""
        ends = self.after is None or encloses(self.names[1])
        return self.source.is_whole and encloses(self.names[0]) and ends

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Texts without its neighbours, where all had them."""
        texts = texts_of(self.source, sampling.some(rows, MOST_CHECKED))
        if texts and all(map(self.pattern.search, texts)):
            yield from self.lacking([f"NOT regexp_matches({self.source.sql()}, {literal(self.pattern.sql)})"])

    def run(self, record: Record) -> str | None:
        """The text between, empty where the neighbours are missing."""
        text = self.source.run(record)
        if text is None:
            return None
        m = self.pattern.search(text)
        return m.group(1) if m else ""

    def sql(self) -> str:
        """`regexp_extract` of one group."""
        return f"regexp_extract({self.source.sql()}, {literal(self.pattern.sql)}, 1)"

    def words(self) -> str:
        start = f"the {ordinal(self.pick)} {quoted(self.names[0])}" if self.pick > 1 else quoted(self.names[0])
        if self.after is None:
            return f"{self.source.words()} after {start}"
        return f"{self.source.words()} between {start} and the next {quoted(self.names[1])}"


def _encloses(mark: str) -> bool:
    """Whether a mark is punctuation, and none that a key stands before."""
    core = mark.strip(" ")
    return bool(core) and core not in ("=", ":") and not any(ch.isalnum() or ch == " " for ch in core)


@proposes(piece=30)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Cuts whose text stands in the outputs, found from the places of the first output's pieces."""
    for source, values in sources:
        if not all(values):
            continue
        yield from _fields(task, source, values)
        yield from _cuts(task, source, values)
        yield from _shortened(task, source, values)
        yield from _betweens(task, source, values)


def _fields(task: Examples, source: Expression, values: tuple[str, ...]) -> Iterator[Candidate]:
    """The field of lines of fixed width that is the whole output: at the same place, as wide in every row."""
    widths = {len(o) for o in task.outputs}
    if len(values) < 2 or len(widths) != 1 or not all(_GAP in v for v in values) or isinstance(source, Cut):
        return
    width = widths.pop()
    text, output = values[0], task.outputs[0]
    place = text.find(output) if output else -1
    while place >= 0:
        last = all(len(v) == place + width for v in values)
        if all(v[place : place + width] == o for v, o in zip(values, task.outputs, strict=True)):
            end = Offset(0, from_end=True) if last else Offset(place + width)
            fixed = len({v[:place] for v in values}) == len(set(values)) or place == 0 or bool(output.strip())
            yield Candidate(Cut(source, Offset(place), end, fixed), tuple(task.outputs))
        place = text.find(output, place + 1)


def _cuts(task: Examples, source: Expression, values: tuple[str, ...]) -> Iterator[Candidate]:
    places = sorted(positions(values).items(), key=lambda item: item[0][0])
    whole = tuple(map(len, values))
    folded = [o.lower() for o in task.outputs]
    lowered = [v.lower() for v in values]
    firsts = [place[0] for place, _ in places]
    for left, start in places:
        for right, end in places[bisect_left(firsts, left[0]) :]:
            if right == left or (right == whole and not any(left)):
                continue
            piece = lowered[0][left[0] : right[0]]
            if piece not in folded[0]:
                if piece:
                    break
                continue
            if any(
                r < p or low[p:r] not in out
                for p, r, low, out in zip(left[1:], right[1:], lowered[1:], folded[1:], strict=True)
            ):
                continue
            cut = tuple(v[p:r] for v, p, r in zip(values, left, right, strict=True))
            inside = any(map(_is_inside, values, left, right))
            yield Candidate(Cut(source, start, end, inside=inside), cut)


def _is_inside(text: str, start: int, end: int) -> bool:
    """Whether a cut begins within a word of a text of several: only its first letters are a part of a word."""
    return 0 < start < end and not text.isalnum() and _joins(text, start)


def _joins(text: str, place: int) -> bool:
    """Whether one word, or one number, goes on at a place."""
    before, after = text[place - 1], text[place]
    return (before.isalpha() and after.isalpha()) or (before.isdigit() and after.isdigit())


def _shortened(task: Examples, source: Expression, values: tuple[str, ...]) -> Iterator[Candidate]:
    """Texts brought down to a greatest length, of which some were short enough as they stood.

    One must have been shortened within a word: otherwise the cut is likelier to follow the text.
    """
    sizes = [len(v) for v in values]
    for count in range(min(sizes) + 1, min(max(sizes), _GREATEST + 1)):
        longer = [v for v in values if len(v) > count]
        for node in (
            Cut(source, Offset(0), Offset(count, at_most=True)),
            Cut(source, Offset(count, from_end=True, at_most=True), Offset(0, from_end=True)),
        ):
            texts = tuple(v[node.start.run(v) : node.end.run(v)] for v in values)
            edges = (count if node.start.cost == 0 else len(v) - count for v in longer)
            if not any(v[edge - 1 : edge + 1].isalnum() for v, edge in zip(longer, edges, strict=True)):
                continue
            if all(t.lower() in o.lower() for t, o in zip(texts, task.outputs, strict=True)):
                yield Candidate(node, texts)


def _betweens(task: Examples, source: Expression, values: tuple[str, ...]) -> Iterator[Candidate]:
    marks = [d for d in delimiters(values) if all(d in v for v in values)][:10]
    marks += [w for w in shared_words(values) if w not in marks][:MOST_WORDS]
    lines = [m for m in ("\n", "\r") if any(m in v for v in values) and m not in marks]
    afters = [("", 0.1), *((m, literal_token(m).cost) for m in marks), *((m, 0.3) for m in lines)]
    for before in marks:
        token = literal_token(before)
        for pick in range(1, min(4, *(v.count(before) + 1 for v in values))):
            begins = [_nth_end(v, before, pick) for v in values]
            if any(b < 0 for b in begins):
                break
            for after, price in afters:
                texts = _texts_between(values, begins, after)
                if not any(texts) or any(t.lower() not in o.lower() for t, o in zip(texts, task.outputs, strict=True)):
                    continue
                end = literal_token(after).pattern if after else None
                node = Between(source, token.pattern, end, pick, (before, after), token.cost + price)
                if all(_same(node, v, t) for v, t in zip(values, texts, strict=True)):
                    yield Candidate(node, texts)


def _texts_between(values: tuple[str, ...], begins: list[int], after: str) -> tuple[str, ...]:
    """The texts from places on up to a mark, or to the end where there is none; blank if one lacks it or has lines."""
    ends = [v.find(after, b) if after else len(v) for v, b in zip(values, begins, strict=True)]
    texts = tuple(v[b:e] for v, b, e in zip(values, begins, ends, strict=True))
    return ("",) * len(values) if any(e < 0 for e in ends) or "\n" in "".join(texts) else texts


def _same(node: Between, value: str, text: str) -> bool:
    m = node.pattern.search(value)
    return m is not None and m.group(1) == text


def _nth_end(text: str, mark: str, pick: int) -> int:
    at = 0
    for _ in range(pick):
        at = text.find(mark, at)
        if at < 0:
            return -1
        at += len(mark)
    return at


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    end = Offset(0, from_end=True)
    edges = (
        Edge(token, pick, after)
        for token in (DIGITS, LETTERS, UPPERS, ALNUMS, literal_token(","), literal_token("a"))
        for pick in (1, 2, -1, -2)
        for after in (False, True)
    )
    return (
        Cut(CELL, Offset(0), Offset(3)),
        Cut(CELL, Offset(0), Offset(2, from_end=True)),
        Cut(CELL, Offset(0), Offset(3, at_most=True)),
        Cut(CELL, Offset(3, from_end=True, at_most=True), end),
        Cut(CELL, Offset(3, from_end=True), end),
        Cut(CELL, Offset(2), Offset(2, from_end=True)),
        Cut(CELL, Edge(DIGITS, 1, True), Edge(LETTERS, -1, False)),
        *(Cut(CELL, edge, end) for edge in edges),
        Between(CELL, literal_token("(").pattern, literal_token(")").pattern, 2, ("(", ")"), 0.4),
        Between(CELL, literal_token(": ").pattern, None, 1, (": ", ""), 0.4),
    )
