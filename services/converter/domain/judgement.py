"""Whether a program's output is the expected file: cell by cell, and what differs first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from services.common.shares import tell_cells_right
from services.converter.domain.faults import ConverterFault, ProgramFault, ProgramTimedOut
from services.converter.domain.program import ProgramRunner
from services.converter.domain.report import Difference
from services.converter.domain.table import Row, Table

MAX_DIFFERENCES = 20
_SHOWN_CHARS = 200
"""What a report shows of what is wrong, for people."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """``exact`` where every cell is right, those of the header too; ``cells_right`` is the share of right cells below
    it, ``differences`` are the first ones."""

    exact: bool
    cells_right: float
    differences: tuple[Difference, ...] = ()
    order_ignored: bool = False
    by_column: tuple[float, ...] = ()
    """The share of right cells of each column that has a wrong one, by position; 1.0 for all others."""

    def of_column(self, position: int) -> float:
        """The share of right cells of a column."""
        return self.by_column[position] if position < len(self.by_column) else 1.0

    def describe(self) -> str:
        """The verdict in a few lines, for people."""
        if self.exact:
            return "every cell is as expected" + (", in another order" if self.order_ignored else "")
        lines = [f"{tell_cells_right(self.cells_right)}; the first differences:"]
        lines += [describe_difference(difference) for difference in self.differences]
        return "\n".join(lines)


def describe_difference(difference: Difference) -> str:
    """One difference as a line of text."""
    place = "header" if difference.row == 0 else f"row {difference.row}"
    return f'{place}, column "{difference.column}": expected {difference.expected!r}, got {difference.got!r}'


def judge(expected: Table, header: Row | None, rows: Sequence[Row], *, ignore_order: bool = False) -> Judgement:
    """Compare a program's output with the expected table.

    ``header`` is what is written above the ``rows``; None where there is none or where the rows begin with it. A cell
    that is absent at the end of a row equals an empty one. The header's cells have to be right, and count for nothing:
    its names come with the example. ``ignore_order`` compares the rows as a bag, for outputs
    whose order the example does not explain.
    """
    wanted = [expected.header, *expected.rows] if expected.header is not None else list(expected.rows)
    got = [header, *rows] if header is not None else list(rows)
    offset = 0 if expected.header is not None else 1
    if ignore_order and Counter(map(_trimmed, wanted)) == Counter(map(_trimmed, got)):
        in_order = all(_trimmed(a) == _trimmed(b) for a, b in zip(wanted, got, strict=True))
        return Judgement(True, 1.0, order_ignored=not in_order)
    names = expected.header or ()
    right = total = 0
    differences: list[Difference] = []
    wrong: dict[int, int] = {}
    exact = len(wanted) == len(got)
    heads = expected.header is not None
    for number, (want, have) in enumerate(zip_longest(wanted, got, fillvalue=())):
        counts = number >= heads
        if want == have:
            # The short way for nearly every row of a large file; two missing rows do not meet here.
            total, right = total + counts * len(want), right + counts * len(want)
            continue
        for position, (wish, cell) in enumerate(zip_longest(want, have)):
            total += counts
            if (wish or "") == (cell or "") and not (number >= min(len(wanted), len(got))):
                right += counts
                continue
            exact = False
            if counts:
                wrong[position] = wrong.get(position, 0) + 1
            if len(differences) < MAX_DIFFERENCES:
                column = names[position] if position < len(names) else f"col{position + 1}"
                differences.append(Difference(number + offset, column, _shown(wish), _shown(cell)))
    lines = max(1, len(wanted) - heads, len(got) - heads)
    by_column = tuple(1.0 - wrong.get(position, 0) / lines for position in range(max(wrong, default=-1) + 1))
    return Judgement(exact, 1.0 if exact else right / max(1, total), tuple(differences), by_column=by_column)


def prove(
    program: str,
    source: Table,
    expected: Table,
    header: Row | None,
    runner: ProgramRunner,
    *,
    ignore_order: bool = False,
    references: Mapping[str, Table] | None = None,
) -> tuple[Judgement, int, str]:
    """Run a program on the whole input of an example and judge what comes: the verdict, the number of rows, and why it
    does not run. ``header`` is what is written above the rows of a program that names its columns.

    Raises `ProgramTimedOut`: a run that a busy machine cut proves nothing.
    """
    try:
        output = runner.run(program, source, references)
    except ProgramTimedOut:
        raise
    except ProgramFault as fault:
        return Judgement(False, 0.0), 0, f"the best program does not run: {fault.message}"
    except ConverterFault as fault:
        return Judgement(False, 0.0), 0, fault.message
    written = None if output.header is None else header
    return judge(expected, written, output.rows, ignore_order=ignore_order), len(output.rows), ""


def _shown(cell: str | None) -> str:
    return "(nothing)" if cell is None else cell[:_SHOWN_CHARS]


def _trimmed(row: Row) -> Row:
    cells = list(row)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)
