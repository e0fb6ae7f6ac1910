"""Plans whose rows stand one to one with the wanted rows."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.columns.separating import separating
from services.converter.domain.synthesis.language import Examples
from services.converter.domain.synthesis.operators.logic.condition import Both, Contains, Equals, LongerThan
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.steps.cells import unpivots
from services.converter.domain.synthesis.rows.steps.computed import with_parts
from services.converter.domain.synthesis.rows.steps.context import Lent, with_context, with_neighbours, with_running
from services.converter.domain.synthesis.rows.steps.explode import explosions
from services.converter.domain.synthesis.rows.steps.figures import figures_of
from services.converter.domain.synthesis.rows.steps.filtering import Filter, FilterRows, categories
from services.converter.domain.synthesis.rows.steps.grouping import groupings
from services.converter.domain.synthesis.rows.steps.headings import with_top_cells
from services.converter.domain.synthesis.rows.steps.melting import melts
from services.converter.domain.synthesis.rows.steps.ordering import corresponding, ordered
from services.converter.domain.synthesis.rows.steps.pivoting import pivots
from services.converter.domain.synthesis.rows.steps.records import records
from services.converter.domain.synthesis.rows.steps.sections import block_columns, gathered, sections
from services.converter.domain.synthesis.rows.steps.sorting import distincts, sorts
from services.converter.domain.synthesis.rows.steps.windows import telling_windows, with_windows
from services.converter.domain.table import Table

MAX_ROWS = 20_000
"""Rows among which those to keep are looked for; plans for the first rows of larger files are run on all."""
EXACT_COPY, CONSTANT_BOUND, NUMBER_BOUND, PIECE_BOUND = 0.5, 1.0, 1.5, 2.5
"""Lower bounds of a column's cost: copied, never changing, a figure written in another way, made of pieces."""
MAKING_SHARE = 0.6
"""The part of the time in which relations are made; in the rest the rows that go are told from those that stay."""
PLAIN = 2.3
"""The price of a filter up to which no figures of groups are asked for the reason why rows are kept."""
MANY_ROWS = 4_000
"""Plans of more rows are not kept to be compared with others."""
MAX_WORK, MOST_FILTERED = 4_000_000, 32
"""Cells that plans make at most, and plans whose rows are told apart from those that go."""
WORK_OF_A_PLAN, WORK_OF_A_CELL = 600, 2
"""Units of work that a plan costs, and each of its cells."""
_GENERIC_NAME = re.compile(r"\s*(?:col|column)?[ _]?\d*\s*", re.IGNORECASE)
CONDITION_ROWS = 400
"""Rows from which conditions are learned; they are checked on all."""


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
        kept = next(alignments(Relation.of(replace(table, rows=table.rows[:window])), _columns(first)), None)
        if kept:
            return replace(table, rows=table.rows[: kept[-1] + 1]), first
    return None


def plans(table: Table, expected: Table, budget: Budget) -> Iterator[Plan]:
    """Candidate plans, simplest first; among those that leave rows out, those first whose rows copy most.

    At most so many cells are made and so many sets of rows told apart: a bound that is the same on every machine.
    """
    wanted = len(expected.rows)
    columns = _columns(expected)
    start = Plan(Relation.of(table))
    work = 0
    found: list[tuple[float, Plan, list[int]]] = []
    making = budget.part(MAKING_SHARE)
    for base in _bases(start, columns, expected.column_names):
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
                yield from _leaving_out(base, kept, columns, budget)
        else:
            found += [(least_cost(base, kept, columns), base, kept) for kept in _alignments(base, columns)]
    found.sort(key=lambda item: item[0])
    for _, base, kept in found[:MOST_FILTERED]:
        if budget.is_spent:
            return
        yield from _leaving_out(base, kept, columns, budget)


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


def _bases(start: Plan, outputs: list[tuple[str, ...]], targets: Sequence[str]) -> Iterator[Plan]:
    """Relations to look at, the likelier first; those with more rows than are wanted are filtered."""
    rows = len(start.relation.rows)
    wanted = len(outputs[0]) if outputs else 0
    if rows == wanted:
        yield start
    contexts = list(with_context(start))
    if rows >= wanted:
        if rows > wanted:
            yield start
        yield from contexts
    if rows >= wanted > 1:
        yield from sorts(start, outputs)
    if rows == wanted:
        yield from with_windows(start, outputs)
        yield from _reordered(start, outputs)
    if rows > wanted:
        yield from _fewer(start, outputs, contexts)
    if rows < wanted:
        for plan in (start, *contexts[:1]):
            yield from explosions(plan, wanted)
    yield from _melted(start, outputs, targets)
    yield from block_columns(start, wanted)
    groups = [plan for plan in contexts[2:] if any(isinstance(s, Lent) and s.kind == "group" for s in plan.steps)]
    for plan in (start, *contexts[:2], *groups):
        yield from unpivots(plan, outputs)
    if rows >= wanted:
        yield from with_running(start)


def _fewer(start: Plan, outputs: list[tuple[str, ...]], contexts: list[Plan]) -> Iterator[Plan]:
    """Relations in which several rows of the input are one."""
    wanted = len(outputs[0]) if outputs else 0
    if len(start.relation.rows) <= MANY_ROWS:
        yield from _together(start, outputs)
        for parted in with_parts(start, outputs):
            yield from _together(parted, outputs)
    else:
        yield from distincts(start, wanted)
    yield from records(start, wanted)
    for parted in sections(start, outputs):
        yield from gathered(parted)
    for plan in (start, *contexts[:1]):
        yield from with_neighbours(plan)


def _together(plan: Plan, outputs: list[tuple[str, ...]]) -> Iterator[Plan]:
    """Distinct rows, groups and pivots, in the wanted order, with figures of all groups where they are wanted."""
    wanted = len(outputs[0])
    for grouped in (*distincts(plan, wanted), *groupings(plan, outputs), *pivots(plan, outputs)):
        yield grouped
        if len(grouped.relation.rows) > wanted:
            yield from sorts(grouped, outputs)
            continue
        for arranged in ordered(grouped, outputs):
            if arranged is not grouped:
                yield arranged
            yield from with_windows(arranged, outputs)


def grouped_plans(table: Table, expected: Table) -> Iterator[Plan]:
    """Plans for a large example in which rows of the same keys become one, in the wanted order."""
    outputs = _columns(expected)
    start = Plan(Relation.of(table))
    for plan in (start, *with_parts(start, outputs)):
        for grouped in groupings(plan, outputs, having=False):
            yield from ordered(grouped, outputs)


def _melted(start: Plan, outputs: list[tuple[str, ...]], targets: Sequence[str]) -> Iterator[Plan]:
    """Wide to long by names, with what may follow: another order, fewer rows, groups."""
    wanted = len(outputs[0]) if outputs else 0
    for melted in melts(start, outputs, targets):
        rows = len(melted.relation.rows)
        if rows >= wanted:
            yield melted
        if rows == wanted:
            yield from _reordered(melted, outputs)
        elif wanted < rows <= MANY_ROWS:
            yield from _together(melted, outputs)


def _reordered(plan: Plan, outputs: list[tuple[str, ...]]) -> Iterator[Plan]:
    """The plan in the wanted order, where that is another."""
    yield from (arranged for arranged in ordered(plan, outputs) if arranged is not plan)


def _columns(table: Table) -> list[tuple[str, ...]]:
    width = len(table.column_names)
    return [tuple(row[i] if i < len(row) else "" for row in table.rows) for i in range(width)]


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


def _leaving_out(base: Plan, kept: list[int], wanted: list[tuple[str, ...]], budget: Budget) -> Iterator[Plan]:
    """The base without the rows that are not kept, where they can be told, in the wanted order."""
    relation = base.relation
    named = any(name and not _GENERIC_NAME.fullmatch(name) for name in relation.header)
    chosen = set(kept)
    labels = [i in chosen for i in range(len(relation.rows))]
    leading = next((i for i, x in enumerate(labels) if x), 0)
    trailing = next((i for i, x in enumerate(reversed(labels)) if x), 0)
    inner = labels[leading : len(labels) - trailing]
    moved = kept != sorted(kept)
    found: list[Plan] = []
    if all(inner) and relation.order == ("_row",) and not moved:
        plan = base.then(FilterRows(leading, trailing, named))
        if len(plan.relation.rows) == len(kept) and leading <= 3:
            found.append(plan)
    found += _by_condition(base, labels, sorted(kept), budget, named=named)
    plainly = any(plan.steps[-1].cost <= PLAIN for plan in found)
    if relation.order == ("_row",) and named and not base.steps and not plainly:
        found += telling_windows(base, kept)
    for plan in found:
        for arranged in ordered(plan, wanted) if moved else (plan,):
            yield with_top_cells(arranged, wanted)


def _by_condition(base: Plan, labels: list[bool], kept: list[int], budget: Budget, *, named: bool) -> Iterator[Plan]:
    relation = base.relation
    found = 0
    for skip in (0, 1, 2):
        usable = [i for i, origin in enumerate(relation.origins) if origin > skip]
        if any(labels[i] for i in range(len(labels)) if relation.origins[i] <= skip) or not usable:
            break
        if all(labels[i] for i in usable) and skip:
            plan = base.then(FilterRows(skip, named=named))
            if len(plan.relation.rows) == len(kept):
                yield plan
            return
        sample = _spread(usable, labels)
        task = Examples(relation.names, [relation.rows[i] for i in sample], ["" for _ in sample], budget=budget)
        lone = len({relation.origins[i] for i in kept}) == 1
        wanted = [labels[i] for i in sample]
        filters = list(categories(task, wanted)) if named and relation.order == ("_row",) else []
        for condition in separating(task, wanted, deep=len(sample) <= CONDITION_ROWS)[:6]:
            # What is read off a single row says nothing of rows in another file.
            if not lone or not isinstance(condition, Equals | Contains | LongerThan | Both):
                filters.append(Filter(condition))
        for keep in filters:
            plan = base.then(FilterRows(skip, named=named)) if skip else base
            plan = plan.then(keep)
            if len(plan.relation.rows) == len(kept) and all(keep.condition.holds(relation.rows[i]) for i in kept):
                found += 1
                yield plan
        if found:
            return


def _spread(positions: list[int], labels: list[bool]) -> list[int]:
    if len(positions) <= CONDITION_ROWS:
        return positions
    yes = [i for i in positions if labels[i]][: CONDITION_ROWS // 2]
    no = [i for i in positions if not labels[i]][: CONDITION_ROWS // 2]
    return sorted(yes + no)


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
