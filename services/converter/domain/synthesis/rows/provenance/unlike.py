"""Units of a later file that are unlike all of the example's in what the program goes by: their rows are doubtful."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.converter.domain.synthesis.rows.algebra import Edge, Relation, Source
from services.converter.domain.synthesis.rows.provenance.addresses import Address, Cells, Filled, Joined, bare
from services.converter.domain.synthesis.rows.provenance.layout import Layout, Lines, Unit
from services.converter.domain.synthesis.rows.provenance.lines import is_blank
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.table import Row

LEAST_LABELS = 2
"""Lines of other records that must have labels of the longest one."""
SHOWN_TO_VARY = 3
"""Different gaps between filled cells that show that any may stand there."""
SHOWN_ALIKE = 3
"""Records with as many lines each from which on another number is a surprise, though all lines are read: after n alike
the next is another once in n + 2 times (the rule of succession), and what parts records is then as likely amiss."""
_FLAT = "flatten(part)"
_MASK = f"array_to_string(list_transform({_FLAT}, lambda c: CASE WHEN trim(c) = '' THEN '0' ELSE '1' END), '')"
_GAPS = f"regexp_replace(rtrim(rtrim({_MASK}, '0'), '1'), '0+', '0', 'g')"


@dataclass(frozen=True, slots=True)
class Unlike(Edge):
    """Units for which ``test`` holds, which it does for none of the example's."""

    layout: Layout = field(default_factory=Layout)
    test: str = ""

    def sql(self, source: Source) -> str:
        """The units, by their numbers."""
        _, units = self.layout.sql(source, frozenset())
        number = f"row_number() OVER (ORDER BY {self.layout.order}) AS _row"
        return (
            f"SELECT _row, array_to_string({_FLAT}, ', ') AS value\n"
            f"FROM (\n    SELECT {number}, part, block\n    FROM {units}\n)\nWHERE {self.test}"
        )


def unit_edges(
    layout: Layout, relation: Relation, items: Sequence[Address | Cells], read: Sequence[int]
) -> Iterator[Unlike]:
    """What tells units unlike the example's: nothing filled, another number of lines, other labels, other gaps.

    ``read``: the lines of a unit that single places read; empty: all, or lists of any length.
    """
    units = layout.units(layout.sheet(relation))
    tests = {
        "nothing of what the row is made of is filled, as never in the example": _unfilled(layout, units),
        "the record has fewer or more lines than any of the example": _other_length(layout, units, read),
        "a line of the record has another label than in the example: a line may be missing": _mislabelled(
            layout, units
        ),
        "cells are blank where none was in the example, and filled ones are taken in turn": _other_gaps(units, items),
    }
    yield from (
        Unlike(words, "", made=True, layout=layout, test=test) for words, test in tests.items() if test is not None
    )


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


def _unfilled(layout: Layout, units: Sequence[Unit]) -> str | None:
    """Units of nothing but blank cells, which make rows of what stands beside or above them."""
    if layout.keep not in ("all", "headed") or not all(map(_filled, units)):
        return None
    return f"NOT contains({_MASK}, '1')"


def _filled(unit: Unit) -> bool:
    return any(not is_blank(cell) for line in unit.part for cell in line)


def _other_length(layout: Layout, units: Sequence[Unit], read: Sequence[int]) -> str | None:
    """Records of lines that are read by their numbers, or as many in all, where a file has more or fewer of them."""
    if layout.records not in ("whole", "keyed") or layout.columns != "all" or len(units) < 2:
        return None
    lengths = [len(unit.part) for unit in units]
    if not read:
        alike = len(set(lengths)) == 1 and lengths[0] > 1 and len(units) >= SHOWN_ALIKE
        return f"len(part) <> {lengths[0]}" if alike else None
    tests = [f"len(part) < {min(lengths)}"]
    if {n if n > 0 else max(lengths) + 1 + n for n in read}.issuperset(range(1, max(lengths) + 1)):
        tests.append(f"len(part) > {max(lengths)}")
    return " OR ".join(tests)


def _mislabelled(layout: Layout, units: Sequence[Unit]) -> str | None:
    """Records whose lines have labels, and lack a line."""
    if layout.records == "each" or layout.columns != "all":
        return None
    found = labels_of([unit.block for unit in units])
    if found is None:
        return None
    place, said = found
    known = ", ".join(f"[{', '.join(map(literal, labels))}]" for labels in said)
    return f"list_transform(block, lambda l: l[{place + 1}]) NOT IN ({known})"


def _other_gaps(units: Sequence[Unit], items: Sequence[Address | Cells]) -> str | None:
    """Blank cells before filled ones, at other places than in the example, where filled cells are counted."""
    if not any(_counts_filled(bare(item)) for item in items):
        return None
    seen = {_gaps(unit) for unit in units} - {""}
    if len(seen) >= SHOWN_TO_VARY:
        return None
    return f"{_GAPS} NOT IN ({', '.join(map(literal, ('', *sorted(seen))))})"


def _counts_filled(item: Address | Cells) -> bool:
    cells = item.cells if isinstance(item, Joined) else item
    return isinstance(item, Filled) or (isinstance(cells, Cells) and cells.filled)


def _gaps(unit: Unit) -> str:
    """Where cells are blank up to the last gap before a filled one, however many, as the SQL above tells them."""
    mask = "".join("0" if is_blank(cell) else "1" for line in unit.part for cell in line)
    return re.sub("0+", "0", mask.rstrip("0").rstrip("1"))
