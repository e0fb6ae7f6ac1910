"""Keys by which rows may be grouped, with the lists that are wanted of each group."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.columns.learning import learn_column
from services.converter.domain.synthesis.language import Examples
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.figures import amounts_of
from services.converter.domain.synthesis.rows.proposals.filtering import least_for_keys
from services.converter.domain.synthesis.rows.proposals.ordering import (
    MOST_COLUMNS,
    corresponding,
    date_styles,
    meanings,
)
from services.converter.domain.synthesis.rows.steps.computed import Computed
from services.converter.domain.synthesis.rows.steps.grouping import LISTED, Grouped

MAX_KEYS, MOST_KEYS = 8, 3
"""Keys are tried in all combinations of up to three of eight: 92."""

MAX_LISTED = 20
"""Columns whose items may be joined in a group, each in every way."""

ITEM_WORK = 500_000
"""Work that goes into what an item is made of: as much as into any column."""

LEAST_TEXTS = 2
"""Different texts of a column that show that it is wanted."""
_MARK = re.compile(r"(?!(?:19|20)\d\d$)(?=.*\d)[^\W_]*[\w#/-]{4,}")
"""Letters and digits without a blank, some of them digits; no year."""

SEPARATORS = (", ", "; ", " | ", " / ", ",", ";", "|", "/", "\n", " ", "-", "+")


def groupings(plan: Plan, wanted: list[tuple[str, ...]], *, having: bool = True) -> Iterator[Plan]:
    """Groups by up to three columns whose values stand in the wanted rows, where that leaves as many rows.

    Where some groups may be left out (``having``) also those that leave more.
    """
    relation = plan.relation
    rows = len(wanted[0]) if wanted else 0
    columns = {name: [row[i] or "" for row in relation.rows] for i, name in enumerate(relation.names[:30])}
    amounts = amounts_of(tuple(columns), relation.rows)
    sets = [set(output) for output in wanted]
    usable = [name for name, texts in columns.items() if any(set(texts) == s for s in sets)][:MAX_KEYS]
    shown = [name for name, texts in columns.items() if _is_shown(tuple(texts), wanted)]
    partly = [n for n, texts in columns.items() if having and any(set(texts) > s and s != {""} for s in sets)]
    for size in (1, 2, 3):
        for keys in combinations(usable if size == MOST_KEYS else dict.fromkeys((*usable, *partly[:MAX_KEYS])), size):
            groups = len(set(zip(*(columns[k] for k in keys), strict=True)))
            if groups == rows or (rows < groups < len(relation.rows) and not set(keys) <= set(usable)):
                alike = _alike(keys, columns, shown)
                by_mark = any(_are_marks(columns[key]) for key in keys)
                step = Grouped(keys, tuple(a for a in amounts if a[0] not in keys), alike=alike, parted=not by_mark)
                grouped = plan.then(step)
                lists = _lists(step, relation, corresponding(grouped.relation, wanted), wanted)
                if groups == rows and lists:
                    yield plan.then(replace(step, lists=lists))
                elif groups == rows and _says_its_first_rows(grouped, wanted):
                    places = [relation.names.index(name) for name in keys]
                    yield plan.then(replace(step, least=least_for_keys(plan, places)))
                else:
                    yield grouped


def _is_shown(texts: tuple[str, ...], wanted: Sequence[tuple[str, ...]]) -> bool:
    """Whether a wanted column holds what a column does, as texts or as the numbers or dates that these say."""
    if len(set(texts)) < LEAST_TEXTS:
        return False
    said = {frozenset(way) for way in meanings(texts)}
    return any(set(texts) == set(c) or said & {frozenset(way) for way in meanings(c)} for c in wanted)


def _alike(keys: Sequence[str], columns: dict[str, list[str]], shown: Sequence[str]) -> tuple[str, ...]:
    """The shown columns that are the same in all rows of each group, where groups have rows."""
    groups = list(zip(*(columns[key] for key in keys), strict=True))
    if len(set(groups)) == len(groups):
        return ()
    return tuple(
        n for n in shown if n not in keys and len(set(zip(groups, columns[n], strict=True))) == len(set(groups))
    )


def _are_marks(texts: Sequence[str]) -> bool:
    """Whether texts are marks that are given to one thing each, as numbers of orders are: no amounts, and no days."""
    return all(_MARK.fullmatch(text) for text in texts) and not date_styles(tuple(texts))


def with_items(plan: Plan, wanted: list[tuple[str, ...]]) -> Iterator[Plan]:
    """Plans with a column that says of each row what a list in a wanted column says of it: lists that have as many
    items as a group has rows, for every group, are made of them, whatever each item is made of."""
    relation = plan.relation
    made: set[tuple[str, ...]] = {tuple(row[i] or "" for row in relation.rows) for i in range(len(relation.names))}
    for index in range(min(len(relation.names), MAX_LISTED)):
        groups: dict[str, list[int]] = {}
        for place, row in enumerate(relation.rows):
            groups.setdefault(row[index] or "", []).append(place)
        keys = next((c for c in wanted if len(c) == len(groups) < len(relation.rows) and set(c) == set(groups)), None)
        for column, separator in product(wanted, SEPARATORS) if keys else ():
            items = dict(zip(keys or (), (text.split(separator) for text in column), strict=True))
            if any(len(items[key]) != len(rows) for key, rows in groups.items()):
                continue
            of_rows = {
                place: item for key, rows in groups.items() for place, item in zip(rows, items[key], strict=True)
            }
            outputs = tuple(of_rows[place] for place in range(len(relation.rows)))
            if outputs in made:
                continue
            made.add(outputs)
            task = Examples(relation.names, list(relation.rows), list(outputs), budget=Budget(ITEM_WORK))
            learned = learn_column(task, thorough=False)
            # A list of values would leave out of a group what it does not have.
            if learned is not None and not learned.doubt and None in learned.expression.answers():
                yield plan.then(Computed("item", learned.expression))
                return


def _says_its_first_rows(grouped: Plan, wanted: list[tuple[str, ...]]) -> bool:
    """Whether each wanted column says what the first rows of the groups do: then nothing shows that others count."""
    before, firsts = grouped.earlier[-1], set(grouped.relation.origins)
    kept = [row for row, origin in zip(before.rows, before.origins, strict=True) if origin in firsts]
    have = [tuple(row[i] or "" for row in kept) for i in range(len(before.names[:MOST_COLUMNS]))]
    said = {frozenset(Counter(way).items()) for cells in have for way in (cells, *meanings(cells))}
    return all(any(frozenset(Counter(way).items()) in said for way in (c, *meanings(c))) for c in wanted)


def _lists(
    step: Grouped, relation: Relation, places: list[int] | None, wanted: list[tuple[str, ...]]
) -> tuple[tuple[str, str], ...]:
    """Columns whose texts, listed by group, are a wanted column; with the kind of list."""
    if places is None:
        return ()
    found: list[tuple[str, str]] = []
    of_all = {*step.keys, *step.alike}
    for column in wanted:
        for separator in SEPARATORS:
            if not any(separator in text for text in column):
                continue
            kinds = (f"{LISTED} {separator}", f"{LISTED}_once {separator}")
            offered = [(name, kind) for name in relation.names[:MAX_LISTED] for kind in kinds if name not in of_all]
            listed = Grouped(step.keys, (), tuple(offered)).run(relation)
            for position, offer in enumerate(offered, len(step.keys) + 1):
                if tuple(listed.rows[p][position] or "" for p in places) == column:
                    found.append(offer)
                    break
            else:
                continue
            break
    return tuple(found)
