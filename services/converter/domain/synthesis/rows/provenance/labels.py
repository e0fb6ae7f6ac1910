"""Labels of a record's lines: cells that say which line each is, as names of columns say what stands below them."""

from collections.abc import Sequence

from services.converter.domain.synthesis.rows.provenance.layout import Lines
from services.converter.domain.synthesis.rows.provenance.lines import is_blank
from services.converter.domain.table import Row

LEAST_LABELS = 2
"""Lines of other records that must have labels of the longest one."""


def labels_of(blocks: Sequence[Lines]) -> tuple[int, tuple[Row, ...]] | None:
    """The place of the cells that say which line of a record each is, with what they say in the records: texts of their
    own for each line of the longest, of which the others may lack some. None where there are none."""
    longest = max(blocks, key=len, default=())
    if len(set(blocks)) < 2 or len(longest) < 2:
        return None
    for place in range(min(map(len, longest))):
        labels = tuple(line[place] for line in longest)
        if len(set(labels)) < len(labels) or any(map(is_blank, labels)):
            continue
        said = {tuple(line[place] for line in block) for block in blocks}
        if sum(len(block) for block in blocks if block != longest) < LEAST_LABELS:
            continue  # one line with a text of another record's has it by chance
        if all(tuple(label for label in labels if label in shorter) == shorter for shorter in said):
            return place, tuple(sorted(said))
    return None
