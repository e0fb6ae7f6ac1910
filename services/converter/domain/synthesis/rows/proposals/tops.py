"""Cells of the first rows that a wanted column is filled with."""

from collections.abc import Iterator

from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.steps.tops import Top, TopCells
from services.converter.domain.synthesis.tokens import is_data
from services.converter.domain.table import Row

BY_PLACE = 2
"""Rows of which a cell without a label is read by its place: further down none stands for certain."""


def with_top_cells(plan: Plan, wanted: list[tuple[str, ...]]) -> Plan:
    """The plan with the cells of the first rows that a wanted column is filled with, where those rows are left out."""
    constants = {column[0] for column in wanted if len(column) > 1 and column[0].strip() and len(set(column)) == 1}
    kept = set(plan.relation.origins)
    opening = plan.relation.opening
    left = [(row, cells) for row, cells in enumerate(opening, 1) if row not in kept]
    places: dict[str, Top] = {}
    for row, cells in left if constants else ():
        for constant in sorted(constants):
            for place in _places(row, cells, constant, opening):
                places.setdefault(constant, place)
    return plan.then(TopCells(tuple(places.values()))) if places else plan


def _places(row: int, cells: Row, constant: str, opening: tuple[Row, ...]) -> Iterator[Top]:
    """Where a text stands in a row, by its label where it has one."""
    for column, cell in enumerate(cells, 1):
        if cell == constant:
            before = [i for i, other in enumerate(cells[: column - 1], 1) if other.strip(" ")]
            labelled = Top(row, column, cells[before[-1] - 1].strip(" "), before[-1]) if before else None
            if labelled is not None and _is_label(labelled.label) and labelled.of(opening) == constant:
                yield labelled
            elif row <= BY_PLACE:
                yield Top(row, column)
        elif cell.endswith(constant):
            label = cell[: -len(constant)]
            labelled = Top(row, column, label)
            # A label is words, and a mark or a blank parts it from what it says.
            if label[-1:] in (":", " ", "=") and _is_label(label) and labelled.of(opening) == constant:
                yield labelled


def _is_label(text: str) -> bool:
    """Whether a text is words, and no data that another file has otherwise."""
    return any(map(str.isalpha, text)) and not is_data(text)
