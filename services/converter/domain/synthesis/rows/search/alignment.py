"""Plans whose rows stand one to one with the wanted rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.figures import figures_of
from services.converter.domain.synthesis.rows.proposals.leaving import leaving_out
from services.converter.domain.synthesis.rows.proposals.ordering import corresponding
from services.converter.domain.synthesis.rows.proposals.relations import MANY_ROWS, bases
from services.converter.domain.table import Table

MAX_ROWS = 20_000
"""Rows among which those to keep are looked for; plans for the first rows of larger files are run on all."""

EXACT_COPY, CONSTANT_BOUND, NUMBER_BOUND, PIECE_BOUND = 0.5, 1.0, 1.5, 2.5
"""Lower bounds of a column's cost: copied, never changing, a figure written in another way, made of pieces."""

MAKING_SHARE = 0.6
"""The part of the time in which relations are made; in the rest the rows that go are told from those that stay."""

MAX_WORK, MOST_FILTERED = 4_000_000, 32
"""Cells that plans make at most, and plans whose rows are told apart from those that go."""

WORK_OF_A_PLAN, WORK_OF_A_CELL = 600, 2
"""Units of work that a plan costs, and each of its cells."""


def beginning(table: Table, expected: Table, rows: int) -> tuple[Table, Table] | None:
    """The first ``rows`` of the expected table with the input rows that they come from, where that can be told.

    That is: rows one to one, or the expected rows found among the input's in order.
    """
    if len(table.rows) == len(expected.rows):
        return replace(table, rows=table.rows[:rows]), replace(expected, rows=expected.rows[:rows])
    if len(table.rows) < len(expected.rows):
        return None
    for window, wanted in ((4 * rows, rows), (MAX_ROWS, max(1, rows // 10))):
        first = replace(expected, rows=expected.rows[:wanted])
        kept = next(alignments(Relation.of(replace(table, rows=table.rows[:window])), first.columns()), None)
        if kept:
            return replace(table, rows=table.rows[: kept[-1] + 1]), first
    return None


def plans(table: Table, expected: Table, budget: Budget) -> Iterator[Plan]:
    """Candidate plans, simplest first; among those that leave rows out, those first whose rows copy most.

    At most so many cells are made and so many sets of rows told apart: a bound that is the same on every machine.
    """
    wanted = len(expected.rows)
    columns = expected.columns()
    start = Plan(Relation.of(table))
    work = 0
    found: list[tuple[float, Plan, list[int]]] = []
    making = budget.part(MAKING_SHARE)
    for base in bases(start, columns, expected.column_names):
        relation = base.relation
        cells = len(relation.rows) * len(relation.names)
        work += cells
        making.spend(WORK_OF_A_PLAN + WORK_OF_A_CELL * cells)
        if making.is_spent or work > MAX_WORK:
            break
        if len(relation.rows) == wanted and (base is start or _covers(relation, columns)):
            yield base
        elif len(relation.rows) > MANY_ROWS or not base.steps:
            for kept in _alignments(base, columns):
                yield from leaving_out(base, kept, columns, budget)
        else:
            found += [(least_cost(base, kept, columns), base, kept) for kept in _alignments(base, columns)]
    found.sort(key=lambda item: item[0])
    for _, base, kept in found[:MOST_FILTERED]:
        if budget.is_spent:
            return
        yield from leaving_out(base, kept, columns, budget)


def least_cost(plan: Plan, kept: Sequence[int], wanted: list[tuple[str, ...]]) -> float:
    """A lower bound of what a plan and the columns over its kept rows cost: copies are cheap, others a piece."""
    rows = plan.relation.rows
    have = {tuple(row[i] or "" for row in map(rows.__getitem__, kept)) for i in range(len(plan.relation.names))}
    bound = plan.cost
    for column in wanted:
        if column in have:
            bound += EXACT_COPY
        elif len(set(column)) == 1:
            bound += CONSTANT_BOUND
        else:
            bound += NUMBER_BOUND if plan.steps and figures_of(column) else PIECE_BOUND
    return bound


def _covers(relation: Relation, wanted: list[tuple[str, ...]]) -> int:
    """How many wanted columns hold pieces that the row itself has: a cheap sign that rows correspond."""
    if not relation.rows:
        return 0
    first, last = relation.rows[0], relation.rows[-1]
    texts = ["\x00".join(c or "" for c in row).lower() for row in (first, last)]
    count = 0
    for column in wanted:
        ends = (column[0], column[-1])
        if all(
            not value or value.lower() in text or any(ch.isalnum() and ch.lower() in text for ch in value)
            for value, text in zip(ends, texts, strict=True)
        ):
            count += 1
    return count


def _alignments(base: Plan, wanted: list[tuple[str, ...]]) -> Iterator[list[int]]:
    """The rows of a base that correspond to the wanted rows, where some do not."""
    rows = len(base.relation.rows)
    if not wanted or not wanted[0] or not len(wanted[0]) < rows <= MAX_ROWS:
        return
    found = False
    for kept in alignments(base.relation, wanted):
        found = True
        yield kept
    if not found:
        moved = corresponding(base.relation, wanted)
        if moved is not None:
            yield moved


def alignments(relation: Relation, wanted: list[tuple[str, ...]]) -> Iterator[list[int]]:
    """Positions of the rows that correspond to the wanted rows, in order, by each reading of the two that has any.

    Wanted columns that are found in a column, one after the other, are the anchors; a row corresponds where all
    anchors agree. Cells agree where they are equal, or else alike: the same figures whatever the format of the number
    or date. Where copies alone say something else than copies and likenesses do, both are given; where no column is
    either, or copies are of a few values only, texts that stand inside of others are the anchors.
    """
    have = list(zip(*relation.rows, strict=True))
    copies = _anchors([[cell or "" for cell in cells] for cells in have], wanted)
    shown = {id(column) for column, _ in copies}
    # Among cells that were rows the same figures are likelier chance.
    others = [column for column in wanted if id(column) not in shown] if relation.order == ("_row",) else []
    alike = _anchors([[_likeness(cell) for cell in cells] for cells in have], others, _likeness) if others else []
    # Copies of a few values that come again and again, such as months, fit many rows: parts of cells tell more.
    weak = bool(copies) and 2 * max(len(set(column)) for column, _ in copies) <= len(wanted[0])
    tried: list[list[int]] = []
    for anchors, test in (
        (_containing(have, wanted) if weak else [], _inside),
        (copies + alike, _agrees) if alike else ([], _agrees),
        (copies, _equal),
        (_containing(have, wanted) if not copies else [], _inside),
    ):
        ordered = sorted(anchors, key=lambda a: (-len(set(a[0])), len(a[1])))
        for lead in ordered[0][1][:6] if ordered else ():
            found = _follow(relation, ordered, lead, test)
            if found is not None:
                if found not in tried:
                    tried.append(found)
                    yield found
                break


_Anchor = tuple[tuple[str, ...], list[int]]

_Test = Callable[[str, str | None], bool]


def _anchors(
    have: Sequence[list[str]], wanted: list[tuple[str, ...]], key: Callable[[str], str] = str
) -> list[_Anchor]:
    """The wanted columns whose keys stand in columns of keys, one after the other, with the positions of those."""
    found: list[_Anchor] = []
    for column in wanted:
        if any(column):
            keys = [key(text) for text in column]
            sources = [i for i, cells in enumerate(have) if _follows(keys, cells)]
            if sources:
                found.append((column, sources))
    return found


def _follows(keys: list[str], cells: list[str]) -> bool:
    at = 0
    try:
        for key in keys:
            at = cells.index(key, at) + 1
    except ValueError:
        return False
    return True


def _containing(have: Sequence[Sequence[str | None]], wanted: list[tuple[str, ...]]) -> list[_Anchor]:
    """The wanted columns whose texts are found inside of columns' texts, one after the other."""
    lowered = [[(cell or "").lower() for cell in cells] for cells in have]
    joined = ["\0".join(cells) for cells in lowered]
    found: list[_Anchor] = []
    for column in wanted:
        texts = [text.strip().lower() for text in column]
        distinct = set(texts) - {""}
        sources = [
            i
            for i, cells in enumerate(lowered)
            if distinct and all(text in joined[i] for text in distinct) and _subsequence(texts, cells)
        ]
        if sources:
            found.append((column, sources))
    return found


def _equal(want: str, have: str | None) -> bool:
    return want == (have or "")


def _agrees(want: str, have: str | None) -> bool:
    return want == (have or "") or _likeness(want) == _likeness(have)


@lru_cache(maxsize=65_536)
def _likeness(text: str | None) -> str:
    """The digits of a text but for zeros, sorted: a number or date has the same in every format. Else the text."""
    return "".join(sorted(ch for ch in text or "" if ch in "123456789")) or f"\0{text or ''}"


def _inside(want: str, have: str | None) -> bool:
    return not want or want.strip().lower() in (have or "").lower()


def _subsequence(texts: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether the texts stand inside of cells, one after the other."""
    left = iter(cells)
    return all(any(text in cell for cell in left) for text in texts)


def _follow(relation: Relation, anchors: list[_Anchor], lead: int, test: _Test) -> list[int] | None:
    lead_column = anchors[0][0]
    open_sources = [set(sources) for _, sources in anchors[1:]]
    kept: list[int] = []
    at = 0
    for k, want in enumerate(lead_column):
        while at < len(relation.rows):
            row = relation.rows[at]
            if test(want, row[lead]):
                narrowed = [
                    {s for s in sources if test(column[k], row[s])}
                    for (column, _), sources in zip(anchors[1:], open_sources, strict=True)
                ]
                if all(narrowed):
                    open_sources = narrowed
                    break
            at += 1
        if at == len(relation.rows):
            return None
        kept.append(at)
        at += 1
    return kept
