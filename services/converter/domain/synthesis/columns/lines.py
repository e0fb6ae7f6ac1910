"""Lines that are taken apart: output columns which, one after the other, are the text of one input column.

What stands in one column tells where the others end: `(`, `7875`, `) `, `Ann Lee` say of the second that it reaches up
to the bracket, whatever is in it. So the columns are learned together, as one pattern of the whole line with a group
for each. A line that the pattern does not fit gives nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from services.converter.domain.synthesis.language import SURE_ROWS, Examples, Expression
from services.converter.domain.synthesis.operators.text.extract import Extract
from services.converter.domain.synthesis.positions import ordinal
from services.converter.domain.synthesis.tokens import END, Pattern, charset, exactly, raw, shape

LONGEST_LINE, MOST_PARTS = 1000, 60
"""Characters of a line, and columns, up to which one pattern of the whole line stays readable."""
MOST_FREE = 4
"""Parts that may hold any text, even the mark that ends them: with more of them a pattern is slow to fail."""
MOST_LOOKED_AT = 500
"""Rows among which the longest line is looked for."""
MOST_TRIED = 300
"""Patterns that are tried for one line."""
PRICE = 1.5
"""A little above a split: all columns of the line confirm the pattern."""

Texts = tuple[str, ...]
"""The texts of one part on the lines that are taken apart."""

_ANY = raw(r"[^\n]")
_SIGNS = "$€£¥₹"


def learn_lines(tasks: Sequence[Examples]) -> dict[int, Expression]:
    """Programs for the output columns that make up a line, by their positions; none where no line is taken apart."""
    found: dict[int, Expression] = {}
    if not 2 <= len(tasks) <= MOST_PARTS:
        return found
    for index in range(len(tasks[0].names)):
        lines = [(record[index] if index < len(record) else None) or "" for record in tasks[0].records]
        if index in tasks[0].lent or not any(lines) or max(map(len, lines)) > LONGEST_LINE:
            continue
        for start, end in _runs(tasks, lines):
            if found.keys().isdisjoint(range(start, end)):
                found |= dict(enumerate(_taken_apart(tasks[start:end], index, lines), start))
    return found


def _runs(tasks: Sequence[Examples], lines: list[str]) -> Iterator[tuple[int, int]]:
    """Places of output columns whose texts, one after the other, are the line wherever there are any."""
    longest = max(range(min(len(lines), MOST_LOOKED_AT)), key=lambda row: sum(len(t.outputs[row]) for t in tasks))
    start = 0
    while start < len(tasks):
        text, end = "", start
        while end < len(tasks) and lines[longest].startswith(text + tasks[end].outputs[longest]):
            text += tasks[end].outputs[longest]
            end += 1
        if end - start > 1 and text == lines[longest] != "" and _are_lines(tasks[start:end], lines):
            yield start, end
            start = end
        else:
            start += 1


def _are_lines(tasks: Sequence[Examples], lines: list[str]) -> bool:
    rows = ("".join(texts) for texts in zip(*(task.outputs for task in tasks), strict=True))
    alone = any(set(task.outputs) >= set(filter(None, lines)) for task in tasks)
    return not alone and all(text in ("", line) for text, line in zip(rows, lines, strict=True))


def _taken_apart(tasks: Sequence[Examples], index: int, lines: list[str]) -> list[Expression]:
    """A program for each column, all with one pattern; none where no pattern explains every line."""
    filled = [row for row in range(len(lines)) if any(task.outputs[row] for task in tasks)]
    # Lines that come again say nothing new.
    filled = [row for place, row in enumerate(filled) if lines[row] not in {lines[r] for r in filled[:place]}]
    parts = [tuple(task.outputs[row] for row in filled) for task in tasks]
    wanted = dict(zip(lines, zip(*(t.outputs for t in tasks), strict=True), strict=True))
    for groups in _patterns(parts):
        whole = raw("^") + _joined(groups) + END
        if all(_groups_of(whole, line, len(parts)) == texts for line, texts in wanted.items()):
            return [_part(tasks[place], index, groups, place) for place in range(len(groups))]
    return []


def _part(task: Examples, index: int, groups: Sequence[Pattern], place: int) -> Extract:
    pattern = raw("^") + _bare(groups[:place]) + _joined(groups[place : place + 1]) + _bare(groups[place + 1 :]) + END
    return Extract(task.column(index), pattern, f"{ordinal(place + 1)} of {len(groups)} parts", PRICE, of_line=True)


def _joined(groups: Sequence[Pattern]) -> Pattern:
    return _bare([raw("(") + group + raw(")") for group in groups])


def _bare(groups: Sequence[Pattern]) -> Pattern:
    return sum(groups, raw(""))


def _groups_of(pattern: Pattern, line: str, count: int) -> Texts:
    found = pattern.search(line)
    return found.groups() if found else ("",) * count


def _patterns(parts: list[Texts]) -> Iterator[list[Pattern]]:
    """Patterns for all parts, the most general first: few parts are told more of than is needed."""
    if _is_fixed(parts):
        yield _widths(parts, "{{0,{}}}")
        yield _widths(parts, "{{{}}}")
    options = [_options(parts, place) for place in range(len(parts))]
    yield [kinds[0] for kinds in options]
    tried = 1
    # What has no letters, a date or an amount, is told by its characters better than what has.
    open_places = [place for place, kinds in enumerate(options) if len(kinds) > 1]
    open_places.sort(key=lambda place: any(ch.isalpha() for text in parts[place] for ch in text))
    for size in (1, 2, len(open_places)):
        for places in combinations(open_places, size):
            for level in (1, 2, 3):
                if tried > MOST_TRIED:
                    return
                tried += 1
                yield [
                    kinds[min(level, len(kinds) - 1)] if place in places else kinds[0]
                    for place, kinds in enumerate(options)
                ]


def _is_fixed(parts: list[Texts]) -> bool:
    """Whether the parts stand at the same places in every line, filled up with blanks."""
    same = all(len({len(text) for text in texts}) == 1 for texts in parts[:-1])
    return same and len(parts[0]) > 1 and any(_is_padded(text) for texts in parts for text in texts)


def _is_padded(text: str) -> bool:
    return text != text.strip(" ") and any(ch.isalnum() for ch in text)


def _widths(parts: list[Texts], times: str) -> list[Pattern]:
    return [*(_ANY + raw(times.format(len(texts[0]))) for texts in parts[:-1]), _ANY + raw("*")]


def _is_mark(texts: Texts) -> bool:
    """Whether a part is what stands between others: no letter, no digit, and never absent."""
    return all(texts) and not any(ch.isalnum() for text in texts for ch in text)


def _options(parts: list[Texts], place: int) -> list[Pattern]:
    """What may be said of one part, the most general first."""
    texts = parts[place]
    if _is_mark(texts):
        return [_mark(texts)]
    many = "+" if all(texts) else "*"
    kinds = [_characters(texts, many), *_outlines(texts)]
    if len(set(texts)) == 1 and len(texts) >= SURE_ROWS and texts[0].isalpha():
        kinds.insert(0, exactly(texts[0]))
    if place > 0 and not _is_mark(parts[place - 1]):
        return kinds
    if place + 1 == len(parts):
        return [_ANY + raw(many), *kinds]
    if not _is_mark(parts[place + 1]):
        return kinds
    ends = {ch for text in parts[place + 1] for ch in text.strip(" ") or " "}
    unended = [] if any(ch in ends for text in texts for ch in text) else [_up_to(ends) + raw(many)]
    free = sum(_is_mark(texts) for texts in parts) <= MOST_FREE
    return [_ANY + raw(many + "?"), *unended, *kinds] if free or not unended else [*unended, *kinds]


def _up_to(ends: set[str]) -> Pattern:
    return charset("'" + "".join(sorted(ends)), negated=True)


def _mark(texts: Texts) -> Pattern:
    """A mark, with as many blanks at its sides as come."""
    cores = {text.strip(" ") for text in texts}
    if cores == {""}:
        return exactly(texts[0]) if len(set(texts)) == 1 else raw(" +")
    core = "".join(sorted({ch for text in cores for ch in text}))
    if set(core) <= set(_SIGNS) and max(map(len, cores)) == 1:
        middle = charset("'" + _SIGNS) + raw(" ?")
    else:
        middle = exactly(next(iter(cores))) if len(cores) == 1 else charset("'" + core) + raw("+")
    before = {len(text) - len(text.lstrip(" ")) for text in texts}
    after = {len(text) - len(text.rstrip(" ")) for text in texts}
    return _blanks(before) + middle + _blanks(after)


def _blanks(counts: set[int]) -> Pattern:
    return raw(" *") if len(counts) > 1 else raw(" " * min(counts))


def _characters(texts: Texts, many: str) -> Pattern:
    """A run of the kinds of characters that were seen."""
    seen = {ch for text in texts for ch in text}
    classes = ("L" if any(ch.isalpha() for ch in seen) else "") + ("D" if any(ch.isdigit() for ch in seen) else "")
    return charset(classes + "'" + "".join(sorted(ch for ch in seen if not ch.isalnum()))) + raw(many)


_RUNS = {mark: charset(kind) + raw("+") for mark, kind in (("A", "U"), ("a", "W"), ("9", "D"), (" ", "S"))}


def _outlines(texts: Texts) -> list[Pattern]:
    """The one order of capitals, small letters, digits and the rest that all texts have."""
    outlines = {shape(text) for text in texts}
    if len(outlines) > 1 or not all(texts):
        return []
    return [_bare([_RUNS.get(mark) or exactly(mark) for mark in outlines.pop()])]
