"""From the numbers in the outputs back to readings of the sources, computed with by `formulas`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.formats.numberformat import (
    NumberFormat,
    digits_after,
    output_formats,
    significant_digits,
)
from services.converter.domain.synthesis.facts import units
from services.converter.domain.synthesis.language import Column, Examples, Expression
from services.converter.domain.synthesis.operators.date.elapsed import elapsed
from services.converter.domain.synthesis.operators.number import figures
from services.converter.domain.synthesis.operators.number.arithmetic import Quotient
from services.converter.domain.synthesis.operators.number.formulas import Known, Target, moved, same, values_near
from services.converter.domain.synthesis.operators.number.values import (
    DURATION,
    OrNought,
    ReadDuration,
    ReadFraction,
    ReadNumber,
    ReadSpan,
    Value,
)
from services.converter.domain.synthesis.operators.number.writing import WriteNumber
from services.converter.domain.synthesis.operators.witness import Candidate, proposes

MAX_SOURCES, MAX_SPANS = 24, 8
"""Numeric sources, and times between two moments, that arithmetic looks at."""
MOST_LOOKED_AT, LONGEST_CELL = 3, 60
"""Rows and characters in which the names of units are looked for."""


class _Sources:
    """Numeric readings of the sources, one for each tuple of numbers; columns that are alike stay apart."""

    def __init__(self, sources: Iterable[Candidate]) -> None:
        self.by_numbers: dict[tuple[tuple[float, ...], int], Value] = {}
        sources = list(sources)
        spans = {numbers: (value, numbers) for value, numbers in elapsed(sources)}
        # From the earlier moment to the later one first.
        self.spans = sorted(spans.values(), key=lambda span: min(span[1]) < 0)
        for source, values in sources:
            if values and all(DURATION.match(v) for v in values):
                self._keep(source, ReadDuration(source), values)
            elif _are_spans(values):
                self._keep(source, ReadSpan(source), values)
            if any("/" in v for v in values):
                self._keep(source, ReadFraction(source), values)
            for style, numbers in _read_in_styles(values):
                self._offer(source, ReadNumber(source, style), numbers)
            if isinstance(source, Column) and 0 < sum(map(bool, map(str.strip, values))) < len(values):
                for style, numbers in _read_in_styles(tuple(filter(str.strip, values)))[:1]:
                    filled = iter(numbers)
                    known = tuple(next(filled) if text.strip() else 0.0 for text in values)
                    self._offer(source, OrNought(ReadNumber(source, style)), known)

    def _keep(
        self, source: Expression, value: "ReadDuration | ReadFraction | ReadSpan", values: tuple[str, ...]
    ) -> None:
        numbers = tuple(value.read(v) for v in values)
        known = tuple(float(n) for n in numbers if n is not None)
        if len(known) == len(numbers):
            self._offer(source, value, known)

    def _offer(self, source: Expression, value: Value, known: tuple[float, ...]) -> None:
        key = known, source.index if isinstance(source, Column) else -1
        if key not in self.by_numbers or value.cost < self.by_numbers[key].cost:
            self.by_numbers[key] = value

    def cheapest(self, count: int) -> Sequence[Known]:
        ranked = sorted(self.by_numbers.items(), key=lambda item: item[1].cost)
        return [(value, numbers) for (numbers, _), value in ranked[:count]] + self.spans[:MAX_SPANS]


@lru_cache(maxsize=1024)
def _read_in_styles(values: tuple[str, ...]) -> Sequence[tuple[NumberStyle, tuple[float, ...]]]:
    """The likeliest styles that read all values, with the numbers: each column that is learned asks again."""
    if not all(v.strip() for v in values):
        return ()
    read = ((style, [style.exact(v) for v in values]) for style in styles(values)[:3])
    return tuple((style, tuple(float(n) for n in found if n is not None)) for style, found in read if None not in found)


def _are_spans(values: tuple[str, ...]) -> bool:
    """Whether texts may be time spans of several units: with one unit they are numbers like any other."""
    if not all(v[-1:].isalpha() and any(ch.isdigit() for ch in v) for v in values):
        return False
    units_named = {re.sub(r"[0-9.]+", "", v) for v in values}
    return len(units_named) > 1 or any(len(re.findall("[0-9.]+", v)) > 1 for v in values)


_SPAN = re.compile(r"-?\d+(?:[.,]\d+)*")
_WIDE = re.compile(r"\d['’ \u00a0\u202f]\d{3}(?!\d)")
_WIDE_SPAN = re.compile(r"-?\d{1,3}(?:['’ \u00a0\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|-?\d+(?:[.,]\d+)*")


@proposes(rewritten=10)
def rewritten(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Numbers written in another format, with nothing computed."""
    for candidate in witness(task, sources):
        if all(isinstance(node, WriteNumber | ReadNumber | Column) for node in candidate.expression.walk()):
            yield candidate


@proposes(typed=10)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """For each number in the outputs: readings and computations that give it in the format that it is written in."""
    if not all(map(_SPAN.search, task.outputs)):
        return  # what is written as a number has a digit
    found = _Sources(sources).cheapest(MAX_SOURCES)
    if not found:
        return
    yield from figures.layouts(task, found)
    seen: set[tuple[str, ...]] = set()
    if any(_WIDE.search(o) for o in task.outputs):
        yield from _at_places(task, [[m.group() for m in _WIDE_SPAN.finditer(o)] for o in task.outputs], found, seen)
    spans = [[m.group() for m in _SPAN.finditer(o)] for o in task.outputs]
    yield from _at_places(task, spans, found, seen)
    for high in range(1, min(*map(len, spans), 3)):
        yield from _mixed(task, tuple(s[high - 1] for s in spans), tuple(s[high] for s in spans), found)


def _at_places(
    task: Examples, spans: list[list[str]], found: Sequence[Known], seen: set[tuple[str, ...]]
) -> Iterator[Candidate]:
    """What explains the first, second, third and fourth numbers of the outputs."""
    fewest = min(map(len, spans))
    for position in range(min(fewest, 4)):
        spelled = (tuple(s[position] for s in spans), tuple(s[position].lstrip("-") for s in spans))
        for wanted in dict.fromkeys(spelled):
            if wanted in seen:
                continue
            seen.add(wanted)
            whole = all(w == o for w, o in zip(wanted, task.outputs, strict=True))
            for style in output_formats(wanted):
                yield from _explain(task, wanted, style, found, whole)


_PARTS_OF = (60.0, 12.0, 16.0, 24.0, 3600.0, 1000.0, 100.0, 3.0, 7.0, 14.0, 20.0)
"""Units that larger ones have a whole number of: of time, dozens, ounces, weeks, scores, thousands."""


def _mixed(
    task: Examples, wholes: tuple[str, ...], rests: tuple[str, ...], found: Sequence[Known]
) -> Iterator[Candidate]:
    """Amounts in two units, the smaller one left over: feet and inches, pounds and ounces, hours and minutes."""
    first, second = output_formats(wholes), output_formats(rests)
    if not first or not second or len(set(wholes)) + len(set(rests)) < 3 or any("." in w for w in wholes):
        return
    places = max(len(r.partition(".")[2]) for r in rests)
    big, small = [NumberStyle(group=first[0].group).read(w) for w in wholes], [NumberStyle().read(r) for r in rests]
    for size in _PARTS_OF:
        totals = tuple(b * size + s for b, s in zip(big, small, strict=True) if b is not None and s is not None)
        if len(totals) < len(rests) or any(s is None or not 0 <= s < size for s in small):
            continue
        digits = tuple(significant_digits(w + r) for w, r in zip(wholes, rests, strict=True))
        target = Target(
            totals, (max(0.5000001 * 10.0**-places, 1e-9),) * len(totals), 10.0**-places, digits, *_words_around(task)
        )
        for value, numbers in found:
            for total in (*same(value, numbers, target), *moved(value, numbers, target)):
                parts = [
                    *_written(task, Quotient(total, size), first, wholes),
                    *_written(task, Quotient(total, size, rest=True), second, rests),
                ]
                if len(parts) > 1:
                    yield from parts
                    return


def _written(
    task: Examples, node: Value, styles_: Sequence[NumberFormat], texts: tuple[str, ...]
) -> Iterator[Candidate]:
    for style in styles_:
        written = WriteNumber(node, style)
        if all(written.run(r) == t for r, t in zip(task.records, texts, strict=True)):
            yield Candidate(written, texts)
            return


def _explain(
    task: Examples,
    wanted: tuple[str, ...],
    style: NumberFormat,
    found: Sequence[Known],
    whole: bool,
) -> Iterator[Candidate]:
    numbers = style.read_all(wanted)
    if numbers is None:
        return
    places = max((len(w.rpartition(style.decimal)[2]) if style.decimal in w else 0) for w in wanted)
    digits = tuple(map(significant_digits, wanted))
    target = Target(numbers, _halves(numbers, style, places), 10.0**-places, digits, *_words_around(task))
    for value in values_near(target, found, whole, places):
        node = WriteNumber(value, style)
        if not _is_copied(task, value, wanted) and all(
            node.run(r) == w for r, w in zip(task.records, wanted, strict=True)
        ):
            yield Candidate(node, wanted)


def _is_copied(task: Examples, value: Value, wanted: tuple[str, ...]) -> bool:
    """Whether the texts stand in what was read: they are copied, not read and written anew."""
    if not isinstance(value, ReadNumber) or isinstance(value.source, Column):
        return False
    return all(text in (value.source.run(record) or "") for record, text in zip(task.records, wanted, strict=True))


def _halves(numbers: tuple[float, ...], style: NumberFormat, places: int) -> tuple[float, ...]:
    """How near a value must come to each number, by the format in which it is written."""
    if style.significant:
        return tuple(0.5000001 * 10.0 ** -digits_after(n, style.significant) for n in numbers)
    exact = 1e-7 * max(1.0, *(abs(n) for n in numbers)) if numbers else 0.0
    return (exact if style.decimals is None else 0.5000001 * 10.0**-places,) * len(numbers)


def _words_around(task: Examples) -> tuple[frozenset[str], frozenset[str]]:
    """Words of the first rows' cells and the columns' names, and those of the outputs and the target's name."""
    cells = [cell for record in task.records[:MOST_LOOKED_AT] for cell in record if cell and len(cell) < LONGEST_CELL]
    given = units.named_units([*cells, *(n.replace("_", " ") for n in task.names)])
    return given, units.named_units([*task.outputs[:MOST_LOOKED_AT], task.target.replace("_", " ")])
