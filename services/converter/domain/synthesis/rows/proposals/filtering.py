"""Kinds of rows that may be kept."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from services.converter.domain.synthesis.language import Column, Examples
from services.converter.domain.synthesis.operators.logic.combined import Both, Not
from services.converter.domain.synthesis.operators.logic.condition import Blank, Equals
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.figures import amounts_of, read_numbers
from services.converter.domain.synthesis.rows.steps.filtering import Filter
from services.converter.domain.synthesis.tokens import is_figure

MOST_KINDS, LEAST_DROPPED = 6, 1
MOST_LOOKED_AT = 30
"""Columns that may hold kinds of rows."""

KIND, ANOTHER_KIND, PAIR_OF_KINDS = 2.3, 0.1, 3.3
"""Prices of a rule by the kind of row, of each further kind, and of a rule by kinds in two columns."""

AFTER_REASON = 1.0
"""How much dearer the first row of each value is than a kind of row or a blank cell that explains the same rows: a bit.
Some column of an export repeats a value on each of the few rows that go whatever these go for, and hardly a kind or a
blank stands on all rows that repeat a key and on no other."""
MOST_BY_CHANCE = 400
"""Rows among which a key may repeat by chance on just those that go."""

LEAST_TOTALLED, SEVERAL_TOTALS = 2, 2
"""Rows that totals are of at least, and different totals that a row must hold: two sums are not met by chance."""

_ODD = re.compile(r"[0-9.,:/-]*|.{60}.*")
"""What names no kind: figures and days by themselves, and whole sentences."""


def _is_odd(kind: str) -> bool:
    """Whether a text names no kind of rows; codes that have letters, as those of accounts, do."""
    return _ODD.fullmatch(kind) is not None or is_figure(kind)


def one_kind(plan: Plan) -> Iterator[Plan]:
    """The rows of one kind, for each kind that recurs: what they add up to may be wanted."""
    relation = plan.relation
    for index, name in enumerate(relation.names[:MOST_LOOKED_AT]):
        counts = Counter(row[index] or "" for row in relation.rows)
        if not 1 < len(counts) <= MOST_KINDS or 3 * len(counts) > 2 * len(relation.rows):
            continue
        for kind in sorted(kind for kind, count in counts.items() if count > 1 and kind.strip()):
            if not _is_odd(kind):
                yield plan.then(Filter(Equals(Column(index, name), (kind,)), category=True, told=KIND))


def without_totals(plan: Plan) -> Iterator[Plan]:
    """The rows above the last one, where that is of the totals of several columns: told by its word, or by the first
    cell that is blank in it alone."""
    relation = plan.relation
    if not LEAST_TOTALLED < len(relation.rows) <= MOST_BY_CHANCE or not _is_of_totals(relation):
        return
    *others, last = relation.rows
    for index, name in enumerate(relation.names[:MOST_LOOKED_AT]):
        if not (last[index] or "").strip() and all((row[index] or "").strip() for row in others):
            yield plan.then(Filter(Not(Blank(Column(index, name)))))
            break
    for index, name in enumerate(relation.names[:MOST_LOOKED_AT]):
        word = (last[index] or "").strip()
        if word:
            if not _is_odd(word) and all(row[index] != last[index] for row in others):
                condition = Not(Equals(Column(index, name), (last[index] or "",)))
                yield plan.then(Filter(condition, category=True, told=KIND))
            break


def _is_of_totals(relation: Relation) -> bool:
    """Whether the last row's amounts are the sums of all others', in several columns that are not all alike."""
    found: set[Decimal] = set()
    for name, style in amounts_of(relation.names, relation.rows):
        *amounts, last = read_numbers((row[relation.names.index(name)] for row in relation.rows), style)
        if last is None:
            continue
        if last != sum((amount for amount in amounts if amount is not None), Decimal(0)):
            return False
        found.add(last)
    return len(found) >= SEVERAL_TOTALS


def categories(task: Examples, labels: Sequence[bool]) -> Iterator[Filter]:
    """Filters by the kind of row, which is what people filter exports by: `Action` is Buy or Sell.

    The kinds are words of a column that has far fewer values than rows; kept rows and others share none, some kept
    kind was seen again, and so were rows that go. The shorter of the two lists of kinds is asked for.
    Where a cell is merely filled or blank, its texts are no kinds. Where no column tells the rows apart, two may.
    """
    if len(labels) - sum(labels) < LEAST_DROPPED:
        return
    kinds: list[tuple[Column, list[str]]] = []
    for index in range(len(task.names)):
        if task.is_beside(index):
            continue  # the kind of a neighbouring row is no kind of this one
        column = task.column(index)
        values = [column.run(row) or "" for row in task.records]
        if f"{column.name}_filled" in task.names and not all(value.strip() for value in values):
            continue  # a further line is of the kind of the line above it
        kept = {value for value, label in zip(values, labels, strict=True) if label}
        dropped = {value for value, label in zip(values, labels, strict=True) if not label}
        if kept == {""} or dropped == {""}:
            continue  # filled or not: which texts fill it was not shown to matter
        if kept & dropped:
            kinds.append((column, values))
        gone = len(labels) - sum(labels)
        # Rows that go, several and all of one kind, and no others of it, need no more to be told by.
        of_one_kind = len(dropped) == 1 and gone > 1 and any(ch.isalpha() for ch in "".join(dropped))
        many = 3 * len(kept | dropped) > 2 * len(values) or sum(labels) < max(3, len(kept) + 1)
        if kept & dropped or (many and not of_one_kind):
            continue
        for wanted in (kept, dropped) if len(kept) <= len(dropped) else (dropped, kept):
            # Kinds that each came once, as names do, are no list to keep rows by where there are several.
            if 1 < len(wanted) == (sum(labels) if wanted is kept else gone):
                continue
            if len(wanted) <= MOST_KINDS and all(value.strip() and not _is_odd(value) for value in wanted):
                condition = Equals(column, tuple(sorted(wanted)))
                lone = gone == 1
                # A single row has a kind of its own in many a column: in that of the fewest kinds least by chance.
                price = KIND + ANOTHER_KIND * (len(kept) if lone else len(wanted) - 1)
                # A blank says no kind: of rows that say it and rows that do not, others tell more.
                price += ANOTHER_KIND * any(not value.strip() for value in kept | dropped)
                yield Filter(condition if wanted is kept else Not(condition), category=True, told=price)
                break
    yield from _pairs_of_kinds(kinds, labels)


def least_for_keys(plan: Plan, keys: Sequence[int]) -> float:
    """The price below which the first row of each key is not to be had, where people commonly leave out the others for
    another reason: their kind, or a cell that is blank; 0: for none."""
    relation = plan.relation
    if len(relation.rows) > MOST_BY_CHANCE:
        return 0.0
    first: dict[tuple[str, ...], int] = {}
    for place, row in enumerate(relation.rows):
        first.setdefault(tuple(row[i] or "" for i in keys), place)
    stays = [place in first.values() for place in range(len(relation.rows))]
    lent = frozenset(i for i, name in enumerate(relation.names) if name in plan.lent)
    task = Examples(relation.names, [*relation.rows], ["" for _ in stays], lent=lent)
    reasons = [*categories(task, stays), *_blanks(task, stays)]
    return min(reason.cost for reason in reasons) + AFTER_REASON if reasons else 0.0


def _blanks(task: Examples, labels: Sequence[bool]) -> Iterator[Filter]:
    """Filters by whether a cell is blank."""
    for column in map(task.column, range(len(task.names))):
        blank = [not (column.run(row) or "").strip() for row in task.records]
        if column.index not in task.lent and len(set(blank)) > 1:
            for condition in (Blank(column), Not(Blank(column))):
                if all(condition.holds(row) == label for row, label in zip(task.records, labels, strict=True)):
                    yield Filter(condition)


def _pairs_of_kinds(kinds: Sequence[tuple[Column, list[str]]], labels: Sequence[bool]) -> Iterator[Filter]:
    """Filters by the kinds in two columns at once, each of which drops rows that the other keeps."""
    tests: list[tuple[Equals, list[bool]]] = []
    for column, values in kinds:
        kept = sorted({value for value, label in zip(values, labels, strict=True) if label})
        holds = [value in kept for value in values]
        few = 3 * len(set(values)) <= 2 * len(values) and len(kept) <= MOST_KINDS
        if few and not all(holds) and all(value.strip() and not _is_odd(value) for value in kept):
            tests.append((Equals(column, tuple(kept)), holds))
    for (one, first), (other, second) in combinations(tests, 2):
        if [a and b for a, b in zip(first, second, strict=True)] == list(labels):
            more = sum(len(test.values) - 1 for test in (one, other))
            yield Filter(Both(one, other), category=True, told=PAIR_OF_KINDS + ANOTHER_KIND * more)
