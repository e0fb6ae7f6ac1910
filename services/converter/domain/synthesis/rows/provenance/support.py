"""On how many records of the example each decision of a layout rests: what was shown once may be meant otherwise."""

from collections.abc import Sequence

from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.sheet import Unit


def grounds_of(layout: Layout, units: Sequence[Unit]) -> dict[str, int]:
    """The decisions of a layout, each with the independent records, sections or groups of the example that show it.

    Lines of one record, and cells of one line, are no evidence for where the next begins: they all come of one choice.
    """
    sections = len({unit.place[0] for unit in units})
    records = len({unit.place[:2] for unit in units})
    columns = len({unit.place[2] for unit in units})
    found: dict[str, int] = {}
    if layout.begins is not None:
        found["where a section begins"] = sections
    if layout.records == "whole" and layout.begins is None:
        found["where the lines of a record end"] = 1
    elif layout.records != "whole":
        found["where a record begins"] = records
    if layout.records == "keyed":
        found["which lines are one record"] = sum(len(unit.block) > 1 for unit in units)
    if layout.columns != "all":
        found["which cells of a record make a row"] = columns
    return found
