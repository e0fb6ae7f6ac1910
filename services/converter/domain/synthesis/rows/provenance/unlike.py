"""Units of a later file that are unlike all of the example's in what the program goes by: their rows are doubtful."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from services.converter.domain.synthesis.rows.algebra import Edge, Relation, Source
from services.converter.domain.synthesis.rows.provenance.addresses import Address, Fixed
from services.converter.domain.synthesis.rows.provenance.labels import labels_of
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.layout_sql import depth_sql, order_of, relations_of
from services.converter.domain.synthesis.rows.provenance.lines import Lines, is_blank
from services.converter.domain.synthesis.rows.provenance.pieces import Cells, bare
from services.converter.domain.synthesis.rows.provenance.sheet import Unit
from services.converter.domain.synthesis.sqltext import literal

SHOWN_ALIKE = 3
"""Records with as many lines each from which on another number is a surprise, though all lines are read: after n alike
the next is another once in n + 2 times (the rule of succession), and what parts records is then as likely amiss."""
FILLED_IN_RECORDS = 3
"""Filled cells that each record of the example has from which on a record of a single one is a surprise: with two, one
blank cell is enough for it."""
_FLAT = "flatten(part)"
_FILLED = "len(list_filter(cells, lambda c: trim(c) <> ''))"
_FILLED_IN_BLOCK = "len(list_filter(flatten(block), lambda c: trim(c) <> ''))"
_MASK = f"array_to_string(list_transform({_FLAT}, lambda c: CASE WHEN trim(c) = '' THEN '0' ELSE '1' END), '')"


@dataclass(frozen=True, slots=True)
class Unlike(Edge):
    """Units for which ``test`` holds, which it does for none of the example's."""

    layout: Layout = field(default_factory=Layout)
    test: str = ""
    headings: int | None = None
    """How many lines below those on top are among the `headings` that the test asks for, if it does."""
    below: bool = False
    """Whether all units below such a one are meant as well: they are read with what stands above the first."""

    def sql(self, source: Source) -> str:
        """The units, by their numbers."""
        lines, units = relations_of(self.layout, source, frozenset())
        number = f"row_number() OVER (ORDER BY {order_of(self.layout)}) AS _row"
        headings, test = "", self.test
        said = ", said, labels" if self.layout.labels is not None else ""
        if self.headings is not None:
            last = f"{depth_sql(self.layout, lines)} + {self.headings}"
            test = f"line > {last} AND {test}"
            above = f"SELECT list(cells) FROM {lines} WHERE line <= {last} AND {_FILLED} > 1"
            headings = f",\n        coalesce(({above}), []) AS headings"
        if self.below:
            test = f"bool_or({test}) OVER (ORDER BY line RANGE UNBOUNDED PRECEDING)"
        chosen = "QUALIFY" if self.below else "WHERE"
        return (
            f"SELECT _row, array_to_string({_FLAT}, ', ') AS value\n"
            f"FROM (\n    SELECT {number}, line, part, block{said}{headings}\n    FROM {units}\n)\n{chosen} {test}"
        )


def unit_edges(
    layout: Layout, relation: Relation, items: Sequence[Address | Cells], read: Sequence[int]
) -> Iterator[Unlike]:
    """What tells units unlike the example's: nothing filled, other numbers of lines, labels.

    ``read``: the lines of a unit that single places read; empty: all, or lists of any length.
    """
    units = layout.units(layout.sheet(relation))
    tests = {
        "nothing of what the row is made of is filled, as never in the example": _unfilled(layout, units),
        "a line of the record has another label than in the example: a line may be missing": _mislabelled(
            layout, units
        ),
    }
    yield from (
        Unlike(words, "", made=True, layout=layout, test=test) for words, test in tests.items() if test is not None
    )
    headings = _headings(layout, relation, units)
    # The line of names makes a record, too, where nothing parts it from the others: a short one.
    are_names = headings is not None and bool(units) and units[0].numbers == (layout.depth(layout.sheet(relation)),)
    if (length := _other_length(layout, units[are_names:], read)) is not None:
        words = "the record has fewer or more lines than any of the example"
        yield Unlike(words, "", made=True, layout=layout, test=length, headings=headings if are_names else None)
    again = partial(Unlike, value="", made=True, layout=layout, below=any(isinstance(bare(i), Fixed) for i in items))
    if (lone := _lone(units)) is not None:
        yield again("only one cell of the record is filled, as of a title: the example has no such record", test=lone)
    if headings is not None:
        words = "a line of the record repeats a line of headings, as none of the example does"
        yield again(words, test="list_has_any(block, headings)", headings=headings)


def _unfilled(layout: Layout, units: Sequence[Unit]) -> str | None:
    """Units of nothing but blank cells, which make rows of what stands beside or above them."""
    if layout.keep not in ("all", "headed") or not all(map(_filled, units)):
        return None
    return f"NOT contains({_MASK}, '1')"


def _lone(units: Sequence[Unit]) -> str | None:
    """Records of nothing but one cell, where those of the example have several: titles look so."""
    fewest = min((_count(unit.block) for unit in units), default=0)
    return f"{_FILLED_IN_BLOCK} = 1" if fewest >= FILLED_IN_RECORDS else None


def _count(lines: Lines) -> int:
    return sum(not is_blank(cell) for line in lines for cell in line)


def _headings(layout: Layout, relation: Relation, units: Sequence[Unit]) -> int | None:
    """How many lines below those on top are headings, too: one where it may be names, texts of their own without
    figures. None where there are no headings, or records of the example repeat one."""
    sheet = layout.sheet(relation)
    depth = layout.depth(sheet)
    if layout.split or depth >= len(sheet.lines):
        return None
    filled = [cell for cell in sheet.lines[depth] if not is_blank(cell)]
    named = len(set(filled)) == len(filled) and not any(ch.isdigit() for cell in filled for ch in cell)
    headings = {line for line in sheet.lines[: depth + named] if _count((line,)) > 1}
    below = {sheet.lines[number] for unit in units for number in unit.numbers if number >= depth + named}
    return int(named) if headings and headings.isdisjoint(below) else None


def _filled(unit: Unit) -> bool:
    return any(not is_blank(cell) for line in unit.part for cell in line)


def _other_length(layout: Layout, units: Sequence[Unit], read: Sequence[int]) -> str | None:
    """Records of lines that are read by their numbers, or as many in all, where a file has more or fewer of them."""
    if (
        layout.records not in ("whole", "keyed")
        or layout.columns != "all"
        or len(units) < 2
        or layout.labels is not None
    ):
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
    if layout.labels is not None:
        tests = ["list_has_all(labels, said)", "len(list_distinct(said)) = len(said)"]
        tests += [f"labels = [{', '.join(map(literal, layout.labels.known))}]"] if layout.labels.own else []
        return f"NOT ({' AND '.join(tests)})"
    found = labels_of([unit.block for unit in units])
    if found is None:
        return None
    place, said = found
    known = ", ".join(f"[{', '.join(map(literal, labels))}]" for labels in said)
    return f"list_transform(block, lambda l: l[{place + 1}]) NOT IN ({known})"
