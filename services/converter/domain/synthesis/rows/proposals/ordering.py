"""Rows brought into the order of the wanted rows, where that is the order of some columns."""

import math
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice, pairwise

from services.converter.domain.formats.datenames import languages_of, names_of
from services.converter.domain.formats.datereader import MomentStyle
from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.synthesis import evidence
from services.converter.domain.synthesis.operators.date.moment import readings
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.figures import figures_of
from services.converter.domain.synthesis.rows.steps.sorting import Backwards, Sort

MOST_KEYS, MOST_COLUMNS, MOST_ORDERS = 3, 24, 2
"""Keys of one order, columns that are tried for each, and orders that are held against the rows."""

MOST_READINGS = 2
"""Ways to read a column's dates that are looked at."""

Said = tuple[Hashable, ...]
"""What the cells of a column say."""
_IN_ORDER = re.compile(r"%Y[-/.]?%m[-/.]?%d([T ]%H:%M(:%S)?)?")
"""Dates whose order as texts is that in time."""

_Key = tuple[str, bool, bool, NumberStyle | MomentStyle | None]
"""Column, largest first, as a number or date, in which style where it is no plain number."""


def ordered(plan: Plan, wanted: Sequence[tuple[str, ...]]) -> Iterator[Plan]:
    """The plan with its rows in the order of the wanted ones; nothing where rows do not correspond.

    Rows correspond by the wanted columns that hold the same texts, numbers or dates as a column of the plan, in
    whatever order.
    """
    places = corresponding(plan.relation, wanted)
    if places is None or sorted(places) != list(range(len(plan.relation.rows))):
        return
    if places == sorted(places):
        yield plan
        return
    if places == sorted(places, reverse=True) and plan.relation.order == ("_row",):
        yield plan.then(Backwards())
    for keys in _explanations(plan.relation, places, wanted):
        found = plan
        for column, descending, numeric, style in reversed(keys):
            found = found.then(Sort(column, descending, numeric, style))
        yield found


def kept_orders(plan: Plan, wanted: Sequence[tuple[str, ...]]) -> Iterator[Plan]:
    """The plan with its rows sorted by a column that is shown and that they are in the strict order of as they come.

    Rows that only happen to be in some order are in that of one of the columns, up or down, once in n! times for each.
    """
    relation = plan.relation
    count = len(relation.rows)
    keys = list(_keys(relation, list(range(count)))) if count > 1 else []
    told = math.lgamma(count + 1) / math.log(2) - evidence.chosen(2 * min(len(relation.names), MOST_COLUMNS))
    for (column, descending, numeric, style), values in keys if told >= 0 else ():
        rising = all(a < b for a, b in pairwise(values))  # type: ignore[operator]
        if rising and _shown(values, descending, wanted):
            yield plan.then(Sort(column, descending, numeric, style))


def corresponding(relation: Relation, wanted: Sequence[tuple[str, ...]]) -> list[int] | None:
    """The place of each wanted row among the relation's rows, by cells that name rows; None where none do.

    Cells name rows by their texts, or by the numbers or dates that these say, however they are written. Rows of the
    relation may be left over, not wanted ones. Equal rows are taken in the order in which they come.
    """
    have = [tuple(row[i] or "" for row in relation.rows) for i in range(min(len(relation.names), MOST_COLUMNS))]
    exact = len(relation.rows) == len(wanted[0])
    pairs: list[tuple[int, Said, Said]] = []
    for column in wanted:
        same = next((cells for cells in have if _holds(column, cells, exact=exact)), None)
        if same is not None:
            pairs.append((len(set(column)), column, same))
            continue
        told = (
            (ours, theirs)
            for ours in meanings(column)
            for cells in have
            for theirs in meanings(cells)
            if _holds(ours, theirs, exact=exact)
        )
        pairs += [(len(set(ours)), ours, theirs) for ours, theirs in islice(told, 1)]
    pairs.sort(key=lambda pair: -pair[0])
    if not pairs:
        return None
    waiting: dict[tuple[Hashable, ...], list[int]] = {}
    for place, cells in enumerate(zip(*(cells for _, _, cells in pairs), strict=True)):
        waiting.setdefault(cells, []).append(place)
    found = []
    for cells in zip(*(column for _, column, _ in pairs), strict=True):
        places = waiting.get(cells)
        if not places or (not exact and len(places) > 1):
            return None
        found.append(places.pop(0))
    return found


def _holds(wanted: Said, cells: Said, *, exact: bool) -> bool:
    """Whether a column says what is wanted, in whatever order; no more than that where it is to be ``exact``."""
    return Counter(cells) == Counter(wanted) if exact else set(wanted) <= set(cells)


@lru_cache(maxsize=1024)
def meanings(texts: tuple[str, ...]) -> Sequence[Said]:
    """What a column's texts say as numbers or as dates, where all that are filled do: nothing else."""
    filled = tuple(text for text in texts if text.strip())
    if len(set(filled)) < 2:
        return ()
    found: list[NumberStyle | MomentStyle] = [*date_styles(filled)]
    found[:0] = [style for style in styles(filled) if not style.percent][:1]
    return [tuple((type(style), style.exact(text) if text.strip() else None) for text in texts) for style in found]


def filled(cells: Sequence[str | None]) -> tuple[str, ...]:
    """The cells of a column, nothing for those that only mark that there is nothing."""
    return tuple(cell if cell and any(map(str.isalnum, cell)) else "" for cell in cells)


def follows(keys: Said, cells: Said) -> bool:
    """Whether cells, one after the other, say what is wanted."""
    at = 0
    try:
        for key in keys:
            at = cells.index(key, at) + 1
    except ValueError:
        return False
    return True


def _explanations(relation: Relation, places: list[int], wanted: Sequence[tuple[str, ...]]) -> list[list[_Key]]:
    """Sets of keys that bring the rows into this order, the fewest keys first; equal rows keep their order.

    Columns that are shown among the wanted ones come first: people sort by what they see.
    """
    candidates = sorted(_keys(relation, places), key=lambda item: not _shown(item[1], item[0][1], wanted))
    found: list[list[_Key]] = []
    level: list[tuple[list[_Key], list[tuple[object, ...]]]] = [([], [() for _ in places])]
    for _ in range(MOST_KEYS):
        following: list[tuple[list[_Key], list[tuple[object, ...]]]] = []
        for chosen, groups in level:
            for key, values in candidates:
                if key in chosen or not _monotone(groups, values):
                    continue
                refined = [(*group, value) for group, value in zip(groups, values, strict=True)]
                if len(set(refined)) == len(set(groups)):
                    continue
                if all(a != b or i < j for a, b, i, j in zip(refined, refined[1:], places, places[1:], strict=False)):
                    found.append([*chosen, key])
                else:
                    following.append(([*chosen, key], refined))
        if found:
            return found[:MOST_ORDERS]
        level = following[:20]
    return []


def _keys(relation: Relation, places: list[int]) -> Iterator[tuple[_Key, list[Decimal | str]]]:
    """Columns that rows may be sorted by, with what is compared of each wanted row, the lesser first."""
    for index, name in enumerate(relation.names[:MOST_COLUMNS]):
        cells = [relation.rows[place][index] for place in places]
        texts = [cell for cell in cells if cell is not None]
        if len(texts) < len(cells) or len(set(texts)) < 2:
            continue
        plain = [NumberStyle().exact(text) for text in texts]
        numbers = [n for n in plain if n is not None]
        style = None
        if len(numbers) < len(texts):
            style = next((s for s in styles(texts) if not s.percent), None)
            numbers = [n for n in (style.exact(t) for t in texts) if n is not None] if style else []
        if len(numbers) == len(texts):
            yield (name, False, True, style), list(numbers)
            yield (name, True, True, style), [-n for n in numbers]
            continue
        dates = moments_of(texts)
        for moment, days in dates:
            yield (name, False, True, moment), list(days)
            yield (name, True, True, moment), [-day for day in days]
        if dates:
            continue
        yield (name, False, False, None), list(texts)
        ranks = {text: -rank for rank, text in enumerate(sorted(set(texts)))}
        yield (name, True, False, None), [Decimal(ranks[text]) for text in texts]


def date_styles(texts: Sequence[str]) -> list[MomentStyle]:
    """The likeliest ways to read all of some texts as dates, in English or in the languages of their names; none where
    they are none."""
    found = [MomentStyle(codes) for codes in readings(tuple(texts))]
    if not found and texts:
        for language in languages_of(texts):
            plain = tuple(map(names_of(language).to_english, texts))
            found += [MomentStyle(codes, language) for codes in readings(plain)]
            if found:
                break
    return found[:MOST_READINGS]


def moments_of(texts: Sequence[str]) -> list[tuple[MomentStyle, list[Decimal]]]:
    """Ways to read texts as dates, with these as numbers, where their order as texts is another than in time."""
    found: list[tuple[MomentStyle, list[Decimal]]] = []
    for style in date_styles(texts):
        codes = style.codes
        if len(codes) == 1 and _IN_ORDER.fullmatch(codes[0]) and len({len(text) for text in texts}) == 1:
            return []
        days = [day for day in map(style.exact, texts) if day is not None]
        if len(days) == len(texts):
            found.append((style, days))
    return found


def _shown(values: list[Decimal | str], descending: bool, wanted: Sequence[tuple[str, ...]]) -> bool:
    """Whether a wanted column holds these values."""
    for column in wanted:
        figures = figures_of(column)
        if values and isinstance(values[0], str):
            if list(column) == values:
                return True
        elif figures is not None:
            numbers = [-v if descending else v for v in values if isinstance(v, Decimal)]
            if len(numbers) == len(column) and figures.shown_by(numbers):
                return True
    return False


def _monotone(groups: list[tuple[object, ...]], values: list[Decimal | str]) -> bool:
    """Whether values do not fall inside any group."""
    return all(
        a != b or not v > w  # type: ignore[operator]
        for a, b, v, w in zip(groups, groups[1:], values, values[1:], strict=False)
    )
