"""Which rows of an example the agents never see, so that their programs can be tested on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from services.converter.domain.table import Row, Table

FEW_ROWS = 8
"""Rows below which none is held out: each is needed to show what is meant."""
_EVERY = 5
_MOST_TOLD = 12
_CELL_CHARS = 200
"""Every fifth row is held back: enough to find what is learned by heart, few enough to leave the rule shown. Of more
rows than a dozen a model learns no more, and their cells are cut as a prompt's are."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The rows, from 0 on, of the expected file and of the input that are not shown.

    Where the output's rows are those of the input, one for one, a row is held out with its input; otherwise whole
    groups of expected rows are, and the input is shown: what it says of them is no answer.
    """

    expected: frozenset[int] = frozenset()
    source: frozenset[int] = frozenset()

    def secrets(self, source: Table, expected: Table, said: str = "") -> frozenset[str]:
        """The texts that stand in held-out cells of the expected file and nowhere else that the agents may look."""
        shown = {cell for place, row in enumerate(expected.rows) if place not in self.expected for cell in row}
        shown |= {cell for row in source.rows for cell in row} | {*expected.column_names, *source.column_names}
        hidden = {cell for place in self.expected for cell in expected.rows[place]}
        return frozenset(cell for cell in hidden - shown if cell.strip() and cell not in said)


def hold_out(source: Table, expected: Table) -> HeldOut:
    """Every fifth row, or every fifth group where rows of the output stand for several of the input or the reverse."""
    total = len(expected.rows)
    if total < FEW_ROWS:
        return HeldOut()
    if total == len(source.rows):
        places = frozenset(range(_EVERY - 1, total, _EVERY))
        return HeldOut(places, places)
    groups = _groups(source, expected)
    chosen = groups[_EVERY - 1 :: _EVERY] or groups[-1:]
    return HeldOut(frozenset(place for group in chosen for place in group))


def _groups(source: Table, expected: Table) -> list[list[int]]:
    """The expected rows by their first column that repeats cells of the input; each by itself where none does."""
    cells = {cell for row in source.rows for cell in row if cell}
    for column in expected.columns():
        kinds = dict.fromkeys(column)
        if 1 < len(kinds) < len(column) and all(kind in cells for kind in kinds if kind):
            return [[place for place, cell in enumerate(column) if cell == kind] for kind in kinds]
    return [[place] for place in range(len(expected.rows))]


def tell_differences(
    source: Table, expected: Table, header: Row | None, rows: Sequence[Row], held: HeldOut, secrets: Iterable[str] = ()
) -> str:
    """What is wrong with a program's rows, in words for the agents: of shown rows the cells, of held-out ones counts.

    ``header`` is what the program writes above its rows; None where they begin with it.
    """
    names = expected.column_names
    got = list(rows)
    lines = []
    if header is None and expected.header is not None:
        written = got.pop(0) if got else ()
        if written != expected.header:
            lines.append(f"the first row is the header, expected {list(expected.header)}, got {list(written)}")
    if header is not None and expected.header is not None and got and len(got[0]) != len(names):
        lines.append(f"expected {len(names)} columns, got {len(got[0])}")
    if len(got) != len(expected.rows):
        lines.append(f"expected {len(expected.rows)} rows, got {len(got)}")
    hidden = wrong_shown = 0
    hide = frozenset(secrets)
    for place, (want, have) in enumerate(zip_longest(expected.rows, got)):
        wrong = [
            (names[i] if i < len(names) else f"col{i + 1}", a or "", b or "")
            for i, (a, b) in enumerate(zip_longest(want or (), have or ()))
            if (a or "") != (b or "")
        ]
        if want == have or not (wrong or want is None or have is None):
            continue
        if place in held.expected:
            hidden += 1
            continue
        wrong_shown += 1
        if wrong_shown <= _MOST_TOLD:
            given = f", input {list(source.rows[place])}" if len(source.rows) == len(expected.rows) else ""
            told = [f'"{name}" expected {_cut(a)}, got {_cut(b, hide)}' for name, a, b in wrong]
            what = "is not expected" if want is None else "is missing" if have is None else "; ".join(told)
            lines.append(f"row {place + 1}{given}: {what}")
    if wrong_shown > _MOST_TOLD:
        lines.append(f"and {wrong_shown - _MOST_TOLD} more of the rows that you are shown")
    if hidden:
        also = "" if wrong_shown else "; all that you are shown are right: the rule does not hold beyond them"
        lines.append(f"{hidden} of {len(held.expected)} rows that are kept back are wrong{also}")
    return "\n".join(lines)


def _cut(cell: str, hide: frozenset[str] = frozenset()) -> str:
    return "(a cell that is kept back)" if cell in hide else repr(cell[:_CELL_CHARS])
