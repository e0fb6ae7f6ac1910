"""Cells of the first rows that a wanted column is filled with."""

from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.steps.tops import TopCells


def with_top_cells(plan: Plan, wanted: list[tuple[str, ...]]) -> Plan:
    """The plan with the cells of the first rows that a wanted column is filled with, where those rows are left out."""
    constants = {column[0] for column in wanted if len(column) > 1 and column[0].strip() and len(set(column)) == 1}
    kept = set(plan.relation.origins)
    places: dict[str, tuple[int, int]] = {}
    for row, cells in enumerate(plan.relation.tops, 1):
        for col, cell in enumerate(cells, 1):
            if cell in constants and row not in kept:
                places.setdefault(cell, (row, col))
    return plan.then(TopCells(tuple(places.values()))) if places else plan
