"""How the names in a header come about: read where their columns stand, or written."""

import itertools
from collections.abc import Sequence

from services.converter.domain.synthesis.rows.provenance.addresses import Address, Cell, Side
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.lines import WORD, Lines, is_blank
from services.converter.domain.synthesis.rows.provenance.located import FirstNames, Name, TopName, TopNames, WrittenName
from services.converter.domain.synthesis.rows.provenance.pieces import Cells, Part, Stripped
from services.converter.domain.synthesis.rows.provenance.sheet import Unit
from services.converter.domain.table import Row

MOST_NAMING = 5
"""Columns of a record that are tried as what names its values."""
LONGEST_JOINT = 3
"""Characters between two texts that make a name."""


def single_name(layout: Layout, tops: Lines, place: Address, text: str, words: frozenset[str]) -> Name:
    """The name of a column of single places: the top line's cell in the same column of the file, or a written one.

    ``words``: those of the file's cells.
    """
    column = _column_of(layout, place)
    if column is not None and layout.tops and not is_blank(text):
        for h, top in enumerate(tops):
            if 0 < column <= len(top) and top[column - 1] == text:
                return TopName(h + 1, column)
    return WrittenName(text, words.issuperset(WORD.findall(text)) and bool(text.strip()))


def _column_of(layout: Layout, place: Address) -> int | None:
    """The file's column that a place is in, whatever the unit."""
    if isinstance(place, Stripped | Part):
        place = place.address
    if isinstance(place, Side):
        return place.column
    if isinstance(place, Cell) and layout.columns in ("all", "repeats") and place.column > 0:
        return max(0, layout.sides) + place.column
    return None


def list_name(layout: Layout, tops: Lines, units: Sequence[Unit], cells: Cells, texts: Row) -> Name | None:
    """The names of a list: the top line's cells above it, or what stands beside its cells. None: they stand nowhere."""
    if layout.columns == "all" and cells.what in ("lines", "down") and not cells.filled:
        first = max(0, layout.sides) + cells.first
        for h, top in enumerate(tops):
            rest = top[first - 1 :]
            if rest[: len(rest) - cells.last] == texts:
                return TopNames(h + 1, first, cells.last)
    if layout.records == "each":
        return None
    options = [Cells("labels", column=k) for k in range(1, max(0, layout.sides) + 1)]
    width = len(units[0].part[0]) if units[0].part else 0
    options += [Cells("column", column=k) for k in range(1, min(width, MOST_NAMING) + 1)]
    for option in options:
        if option != cells and option.of(units[0]) == texts:
            return FirstNames(option)
    return _joined_names(units[0], options, texts)


def _joined_names(unit: Unit, options: Sequence[Cells], texts: Row) -> FirstNames | None:
    """Names that are joined from two lists."""
    for one, other in itertools.permutations(options, 2):
        before, after = one.of(unit), other.of(unit)
        if len(before) != len(after) or not before or before == after:
            continue
        separator = texts[0].removeprefix(before[0]).removesuffix(after[0])
        names = FirstNames(one, separator, other)
        if len(separator) <= LONGEST_JOINT and names.of(unit) == texts:
            return names
    return None
