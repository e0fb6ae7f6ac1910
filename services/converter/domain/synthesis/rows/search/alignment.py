"""Plans whose rows stand one to one with the wanted rows."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, combinations, islice, product
from operator import eq

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.language.nodes import as_bits
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.figures import figures_of, one_amount_each
from services.converter.domain.synthesis.rows.proposals.filtering import MOST_KINDS
from services.converter.domain.synthesis.rows.proposals.leaving import leaving_out
from services.converter.domain.synthesis.rows.proposals.ordering import (
    MOST_COLUMNS,
    Said,
    corresponding,
    filled,
    follows,
    meanings,
)
from services.converter.domain.synthesis.rows.proposals.relations import MANY_ROWS, bases
from services.converter.domain.table import Table

MAX_ROWS = 20_000
"""Rows among which those to keep are looked for; plans for the first rows of larger files are run on all."""

EXACT_COPY, CONSTANT_BOUND, NUMBER_BOUND, PIECE_BOUND = 0.5, 1.0, 1.5, 2.5
"""Lower bounds of a column's cost: copied, never changing, a figure written in another way, made of pieces."""

MOST_SORTED = 400
"""Rows among which kinds of rows are told apart while it is open which rows correspond."""
MOST_BY_KINDS = 8
"""Sets of rows that stay for their kinds: each is learned over, as any other plan."""
LEAST_NAMING = 3
"""Letters of the texts that name rows wherever they stand: shorter ones stand in others by chance."""
MOST_LEADS = 6
"""Columns in which the first anchor is looked for."""

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
            bound += NUMBER_BOUND if figures_of(column) else PIECE_BOUND
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
    if found:
        return
    moved = corresponding(base.relation, wanted)
    if moved is not None:
        yield moved
    elif base.relation.order == ("_row",) and rows <= MOST_SORTED:
        # Where nothing is copied, what is computed shows which rows stay.
        yield from islice(_by_kinds(base.relation, len(wanted[0])), MOST_BY_KINDS)


def alignments(relation: Relation, wanted: list[tuple[str, ...]]) -> Iterator[list[int]]:
    """Positions of the rows that correspond to the wanted rows, in order, by each reading of the two that has any.

    Wanted columns that are found in a column, one after the other, are the anchors; a row corresponds where all
    anchors agree. Cells agree where they are equal, or else say the same as dates or numbers, or else are alike: the
    same figures whatever the format of the number or date. Where copies alone say something else than copies and
    likenesses do, both are given; where no column is either, or copies are of a few values only, texts that stand
    inside of others are the anchors, of whichever of the two. Where rows correspond in several ways, those are given,
    too, in which all rows of some kinds stay (see `_by_kinds`).
    """
    have = list(zip(*relation.rows, strict=True))
    copies = _anchors([tuple(cell or "" for cell in cells) for cells in have], wanted)
    shown = {anchor.wanted for anchor in copies}
    others = [column for column in wanted if column not in shown]
    alike = _saying(have, others)
    if relation.order == ("_row",):
        alike += _anchors([tuple(map(likeness, cells)) for cells in have], others, likeness)
    else:
        # Among cells that were rows the same digits are likelier chance; amounts may part into two columns by kind.
        alike += _saying(have, [*one_amount_each(others)])
    # Copies of a few values that come again and again, such as months, fit many rows: parts of cells tell more.
    weak = bool(copies) and 2 * max(len(set(anchor.wanted)) for anchor in copies) <= len(wanted[0])
    tried: list[list[int]] = []
    for anchors in (
        _containing(have, wanted) if weak else [],
        copies + alike if alike else [],
        copies,
        _containing(have, wanted) if not copies else [],
        _contained(have, wanted) if not copies else [],
    ):
        for found in _ways(relation, anchors):
            if found not in tried:
                tried.append(found)
                yield found


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A wanted column that is found in columns: what its cells say, and what theirs say, by their position."""

    wanted: tuple[str, ...]
    keys: Said
    sources: Mapping[int, Said]
    test: Callable[[Hashable, Hashable], bool] = eq
    """Whether a cell that says so is the wanted one."""

    def holds(self, place: int, source: int, row: int) -> bool:
        """Whether a cell of a source says what is wanted at a place."""
        return self.test(self.keys[place], self.sources[source][row])


def _anchors(
    have: Sequence[tuple[str, ...]], wanted: list[tuple[str, ...]], key: Callable[[str], str] = str
) -> list[_Anchor]:
    """The wanted columns whose keys stand in columns of keys, one after the other."""
    found: list[_Anchor] = []
    for column in wanted:
        if any(column):
            keys = tuple(key(text) for text in column)
            if sources := {i: cells for i, cells in enumerate(have) if follows(keys, cells)}:
                found.append(_Anchor(column, keys, sources))
    return found


def _saying(have: Sequence[tuple[str | None, ...]], wanted: list[tuple[str, ...]]) -> list[_Anchor]:
    """The wanted columns that say, as dates or numbers, what columns say, one after the other."""
    told = [meanings(filled(cells)) for cells in have[:MOST_COLUMNS]]
    found: list[_Anchor] = []
    for column in wanted:
        for keys in meanings(column):
            sources = {i: said for i, ways in enumerate(told) for said in ways if follows(keys, said)}
            if sources:
                found.append(_Anchor(column, keys, sources))
                break
    return found


def _containing(have: Sequence[Sequence[str | None]], wanted: list[tuple[str, ...]]) -> list[_Anchor]:
    """The wanted columns whose texts are found inside of columns' texts, one after the other."""
    lowered = [tuple((cell or "").lower() for cell in cells) for cells in have]
    joined = ["\0".join(cells) for cells in lowered]
    found: list[_Anchor] = []
    for column in wanted:
        texts = tuple(text.strip().lower() for text in column)
        distinct = set(texts) - {""}
        sources = {
            i: cells
            for i, cells in enumerate(lowered)
            if distinct and all(text in joined[i] for text in distinct) and _subsequence(texts, cells)
        }
        if sources:
            found.append(_Anchor(column, texts, sources, _is_inside))
    return found


def _contained(have: Sequence[Sequence[str | None]], wanted: list[tuple[str, ...]]) -> list[_Anchor]:
    """The wanted columns in whose texts those of columns are found that name rows, one after the other."""
    lowered = [tuple((cell or "").strip().lower() for cell in cells) for cells in have]
    naming = {
        i: cells for i, cells in enumerate(lowered) if 2 * len(set(cells)) > len(cells) and all(map(_tells, cells))
    }
    found: list[_Anchor] = []
    for column in wanted:
        texts = tuple(text.strip().lower() for text in column)
        sources = {i: cells for i, cells in naming.items() if _one_after_the_other(texts, cells)}
        if sources:
            found.append(_Anchor(column, texts, sources, _has_inside))
    return found


def _tells(text: str) -> bool:
    return len(text) >= LEAST_NAMING


def _is_inside(text: Hashable, said: Hashable) -> bool:
    return str(text) in str(said)


def _has_inside(text: Hashable, said: Hashable) -> bool:
    return str(said) in str(text)


def _one_after_the_other(texts: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether cells, one after the other, stand inside of the texts."""
    left = iter(cells)
    return all(any(cell in text for cell in left) for text in texts)


@lru_cache(maxsize=65_536)
def likeness(text: str | None) -> str:
    """The digits of a text but for zeros, sorted: a number or date has the same in every format. Else the text."""
    return "".join(sorted(ch for ch in text or "" if ch in "123456789")) or f"\0{text or ''}"


def _subsequence(texts: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether the texts stand inside of cells, one after the other."""
    left = iter(cells)
    return all(any(text in cell for cell in left) for text in texts)


def _ways(relation: Relation, anchors: list[_Anchor]) -> Iterator[list[int]]:
    """The first rows that correspond, and where others do as well, those of which all of some kinds stay."""
    ordered = sorted(anchors, key=lambda anchor: (-len(set(anchor.wanted)), len(anchor.sources)))
    for lead in [*ordered[0].sources][:MOST_LEADS] if ordered else ():
        every = range(len(relation.rows))
        found = _follow(ordered, lead, every)
        if found is None:
            continue
        yield found
        if relation.order == ("_row",) and len(every) <= MOST_SORTED and found != _last(ordered, lead, len(every)):
            others = (rows for rows in _by_kinds(relation, len(found)) if _follow(ordered, lead, rows) == rows)
            yield from islice(others, MOST_BY_KINDS)
        return


def _by_kinds(relation: Relation, count: int) -> Iterator[list[int]]:
    """So many rows, of which all of some kinds stay and all others go: the texts of a column that has few of them, or
    of two such columns at once."""
    sets: list[list[int]] = []
    for cells in islice(zip(*relation.rows, strict=True), MOST_COLUMNS):
        counts = Counter(cells)
        if not 1 < len(counts) <= MOST_KINDS:
            continue
        bits = {kind: as_bits(cell == kind for cell in cells) for kind in counts}
        chosen = (kinds for size in range(1, len(counts)) for kinds in combinations(counts, size))
        sets.append([sum(bits[kind] for kind in kinds) for kinds in chosen])
    singles = (rows for column in sets for rows in column)
    pairs = (a & b for one, other in combinations(sets, 2) for a, b in product(one, other))
    for rows in dict.fromkeys(rows for rows in chain(singles, pairs) if rows.bit_count() == count):
        yield [place for place in range(len(relation.rows)) if rows >> place & 1]


def _last(anchors: list[_Anchor], lead: int, rows: int) -> list[int] | None:
    """The last rows that correspond."""
    turned = [
        replace(
            anchor, keys=anchor.keys[::-1], wanted=anchor.wanted[::-1],
            sources={source: said[::-1] for source, said in anchor.sources.items()},
        )
        for anchor in anchors
    ]  # fmt: skip
    found = _follow(turned, lead, range(rows))
    return found and [rows - 1 - place for place in reversed(found)]


def _follow(anchors: list[_Anchor], lead: int, rows: Sequence[int]) -> list[int] | None:
    """The first of some rows that correspond to the wanted ones, where the first anchor stands in one column."""
    open_sources = [set(anchor.sources) for anchor in anchors[1:]]
    kept: list[int] = []
    left = iter(rows)
    for place in range(len(anchors[0].keys)):
        for row in left:
            if anchors[0].holds(place, lead, row):
                narrowed = [
                    {source for source in sources if anchor.holds(place, source, row)}
                    for anchor, sources in zip(anchors[1:], open_sources, strict=True)
                ]
                if all(narrowed):
                    open_sources = narrowed
                    kept.append(row)
                    break
        else:
            return None
    return kept
