"""A converted file as it is looked over: flagged cells in their places, the input's row beside. Pure.

Nothing is placed by guess: rows of the input and their places in the output are those that the conversion noted, and
where the output does not read back as it was counted no cell of it is shown.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from services.gateway.dashboard.csv_preview import read_rows
from services.gateway.dashboard.decisions import Decisions, Written
from services.gateway.dashboard.json_fields import as_count, as_list, as_map, as_maps, as_text

FLAGGED_A_PAGE = 20
"""Flagged rows on a page."""
ROWS_A_PAGE = 50
"""Rows on a page of the whole file."""
AROUND = 2
"""Rows shown before and after a flagged one."""
MOST_COLUMNS = 200
MOST_LISTED = 100
"""Rows that are listed apart from the table, of each kind."""
_MOST_EDITED_CHARS = 2_000
_SHOWN_CHARS = 300
WRONG, LOOK = "wrong", "look"
_SEVERITIES = {"unseen": WRONG, "note": LOOK}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is flagged: its columns (none: the whole row), what was found, the value that it was found in.

    ``read`` is the column of the input that it was found in.
    """

    severity: str
    columns: Sequence[str]
    words: str
    value: str
    read: str = ""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of the input: its number and its cells with the names of their columns; no cells where none are held.

    ``told`` are the cells in which something was found, ``rest`` the others.
    """

    number: int
    told: Sequence[tuple[str, str]] = ()
    rest: Sequence[tuple[str, str]] = ()

    def telling(self, reasons: Sequence[Reason]) -> "SourceRow":
        """The row with the cells told apart in which something was found."""
        read = {reason.read for reason in reasons}
        told = [cell for cell in self.rest if cell[0] in read]
        return SourceRow(self.number, told, [cell for cell in self.rest if cell[0] not in read])


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the output. ``form`` is what a form may say of it; None where it cannot be written here."""

    text: str
    column: int
    name: str
    severity: str = ""
    form: Written | None = None

    @property
    def size(self) -> int:
        """The width of its field in characters."""
        return min(36, max(6, len(self.form.value if self.form else self.text)))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the output. ``source`` is the row of the input that it comes from, where that is known.

    ``may_be_opened``: its cells can be written once it is opened. ``choice`` is what was chosen for the row of the
    input, ``may_choose`` whether that is asked here: once, where several rows come of one. ``apart``: rows between the
    one before and this are not shown.
    """

    number: int
    cells: Sequence[Cell]
    severity: str = ""
    reasons: Sequence[Reason] = ()
    source: SourceRow | None = None
    choice: str = ""
    opened: bool = False
    may_be_opened: bool = False
    may_choose: bool = False
    apart: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of the input that is not in the output; ``reasons`` are none where it is not flagged."""

    source: SourceRow
    severity: str
    reasons: Sequence[Reason]
    choice: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A page of a conversion's review.

    ``header`` says what is flagged of the output's header. ``far`` are flagged rows that stand too far into the file to
    be shown. ``pending`` are decisions on
    rows that are on another page. ``trouble`` says why no rows can be shown.
    """

    columns: Sequence[str] = ()
    rows: Sequence[Row] = ()
    left_out: Sequence[LeftOut] = ()
    header: Sequence[Reason] = ()
    far: Sequence[int] = ()
    flagged: int = 0
    page: int = 1
    pages: int = 1
    unheld: int = 0
    traceable: bool = True
    more_columns: int = 0
    cut: bool = False
    pending: Decisions = field(default_factory=Decisions)
    trouble: str = ""


@dataclass(slots=True)
class Material:
    """What a conversion noted of itself, and what was read of its output, to make pages of."""

    report: Mapping[str, Any]
    review: Mapping[str, Any]
    rows: Sequence[Sequence[str]]
    """The output's rows below its header."""
    columns: Sequence[str]
    truncated: bool
    fits: bool
    """Whether they read back as they were counted."""
    sources: dict[int, SourceRow] = field(default_factory=dict)
    origins: dict[int, int] = field(default_factory=dict)
    """The input's row by the output's."""
    results: dict[int, set[int]] = field(default_factory=dict)
    """The output's rows by the input's."""

    @property
    def traceable(self) -> bool:
        """Whether rows of the output can be told to come from rows of the input at all."""
        return self.review.get("traceable") is True

    @property
    def teachable(self) -> dict[int, bool]:
        """Rows of the input that can be taught, and whether their cells can: not where several rows come of one."""
        return {row: len(places) == 1 for row, places in self.results.items()} if self.traceable else {}

    def note(self, row: int, places: Iterable[int]) -> None:
        """Notes where a row of the input is in the output."""
        self.results.setdefault(row, set()).update(places)
        self.origins |= dict.fromkeys(places, row)


def read_material(report: Mapping[str, Any], review: Mapping[str, Any], output: bytes, *, truncated: bool) -> Material:
    """Reads what a page is made of. ``output`` are the first bytes of the converted file."""
    dialect = as_map(review.get("dialect"))
    rows = read_rows(output, dialect, truncated=truncated)
    if dialect.get("has_header") is not False:
        rows = rows[1:]
    counted = as_count(report.get("rows_out"))
    fits = len(rows) <= counted if truncated else len(rows) == counted
    columns = [str(name) for name in as_list(review.get("columns"))]
    material = Material(report, review, rows, columns, truncated, fits)
    names = [as_text(name) for name in as_list(review.get("input_columns"))]
    for item in as_maps(review.get("rows")):
        number = as_count(item.get("row"))
        cells = [_shorten(str(cell)) for cell in as_list(item.get("cells"))]
        padded = [*names, *(f"cell {place}" for place in range(len(names) + 1, len(cells) + 1))]
        material.sources[number] = SourceRow(number, rest=list(zip(padded, cells, strict=False)))
        material.note(number, [place for place in as_list(item.get("output_rows")) if type(place) is int])
    for flags in as_maps(report.get("flags")):
        for flag in as_maps(flags.get("first")):
            row, place = as_count(flag.get("row")), flag.get("output_row")
            if row:
                material.note(row, [place] if type(place) is int else [])
    return material


@dataclass(slots=True)
class _Flags:
    """Reasons by the row of the output, and by the row of the input where that is not in the output."""

    by_output: dict[int, list[Reason]] = field(default_factory=dict)
    by_input: dict[int, list[Reason]] = field(default_factory=dict)


def lay_out_grid(material: Material, decisions: Decisions, *, everything: bool, page: int) -> Grid:
    """One page: the flagged rows with those around them, the worst first, or the file as it stands."""
    flags = _collect(material)
    header = flags.by_output.pop(0, [])
    flagged = len(flags.by_output) + len(flags.by_input)
    if everything and material.traceable:
        for row, places in material.results.items():
            if not places:
                flags.by_input.setdefault(row, [])
    left_out = list(_left_out(material, flags, decisions))
    grid = Grid(
        material.columns[:MOST_COLUMNS],
        left_out=left_out[:MOST_LISTED],
        flagged=flagged,
        unheld=max(0, as_count(material.report.get("rows_in")) - len(material.results)),
        traceable=material.traceable,
        header=header,
        more_columns=max(0, len(material.columns) - MOST_COLUMNS),
        cut=material.truncated,
    )
    if not material.fits:
        trouble = "the converted file does not read back as it was counted, so no cell can be shown in its place"
        return replace(grid, trouble=trouble)
    rows = len(material.rows)
    far = sorted(number for number in flags.by_output if number > rows)
    if everything:
        pages = max(1, -(-rows // ROWS_A_PAGE))
        page = min(max(1, page), pages)
        first = (page - 1) * ROWS_A_PAGE
        numbers = list(range(first + 1, min(rows, first + ROWS_A_PAGE) + 1))
    else:
        near = [number for number in flags.by_output if number <= rows]
        near.sort(key=lambda number: (_worst(flags.by_output[number]) != WRONG, number))
        pages = max(1, -(-len(near) // FLAGGED_A_PAGE))
        page = min(max(1, page), pages)
        shown = near[(page - 1) * FLAGGED_A_PAGE : page * FLAGGED_A_PAGE]
        around = {number + step for number in shown for step in range(-AROUND, AROUND + 1)}
        numbers = sorted(number for number in around if 1 <= number <= rows)
    before = dict(zip(numbers[1:], (b - a > 1 for a, b in pairwise(numbers)), strict=True))
    made = list(_ask_once(_row(material, flags, decisions, n, apart=before.get(n, False)) for n in numbers))
    on_page = {row.source.number for row in made if row.source} | {item.source.number for item in grid.left_out}
    return replace(
        grid, rows=made, far=far[:MOST_LISTED], page=page, pages=pages, pending=_elsewhere(decisions, on_page)
    )


def _collect(material: Material) -> _Flags:
    found = _Flags()
    for item in as_maps(material.report.get("flags")):
        severity = _SEVERITIES.get(str(item.get("severity")), LOOK)
        columns = [str(name) for name in as_list(item.get("output_columns"))]
        for flag in as_maps(item.get("first")):
            value = _shorten(str(flag.get("value", "")))
            reason = Reason(severity, columns, as_text(item.get("words")), value, as_text(item.get("column")))
            row, place = as_count(flag.get("row")), flag.get("output_row")
            if type(place) is int:
                into = found.by_output.setdefault(place, [])
            elif row:
                into = found.by_input.setdefault(row, [])
            else:
                continue
            if reason not in into:
                into.append(reason)
    return found


def _left_out(material: Material, flags: _Flags, decisions: Decisions) -> Iterator[LeftOut]:
    for row, reasons in sorted(flags.by_input.items()):
        source = material.sources.get(row, SourceRow(row))
        yield LeftOut(source.telling(reasons), _worst(reasons), reasons, decisions.rows.get(row, ""))


def _row(material: Material, flags: _Flags, decisions: Decisions, number: int, *, apart: bool) -> Row:
    texts, reasons = material.rows[number - 1], flags.by_output.get(number, [])
    origin = material.origins.get(number)
    source = material.sources.get(origin, SourceRow(origin)).telling(reasons) if origin else None
    whole, teachable = len(texts) == len(material.columns), material.teachable
    writable = origin is not None and teachable.get(origin, False) and whole
    # What was decided stays to be seen, wherever one has been meanwhile.
    opened = writable and origin in decisions.touched
    by_column: dict[str, list[Reason]] = {}
    for reason in reasons:
        for name in reason.columns:
            by_column.setdefault(name, []).append(reason)
    cells = []
    for column, text in enumerate(texts[:MOST_COLUMNS]):
        name = material.columns[column] if column < len(material.columns) else f"col{column + 1}"
        severity = _worst(by_column.get(name, ()))
        form = None
        if origin is not None and writable and (severity or opened) and _can_be_written(text):
            said = decisions.cells.get((origin, column))
            form = Written(text, said.value, said.accepted) if said and said.decided else Written(text, text)
        cells.append(Cell(_shorten(text), column, name, severity, form))
    return Row(
        number,
        cells,
        _worst(reasons),
        reasons,
        source,
        decisions.rows.get(origin, "") if origin else "",
        opened=opened,
        may_be_opened=writable and not opened,
        apart=apart,
        note=_why_not(material, origin, whole=whole) if reasons else "",
    )


def _ask_once(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of which those ask what becomes of their row of the input that are shown with it, once for each."""
    asked: set[int] = set()
    for row in rows:
        asks = row.source is not None and bool(row.severity or row.opened) and row.source.number not in asked
        if asks and row.source is not None:
            asked.add(row.source.number)
        yield replace(row, may_choose=asks)


def _why_not(material: Material, origin: int | None, *, whole: bool) -> str:
    """Why a flagged row's cells cannot be written, in words; empty where they can."""
    if origin is None:
        return "it is not known from which row of the input this one comes, so it cannot be taught from here"
    if not material.teachable.get(origin):
        return f"row {origin} of the input gives several rows: it can be left out, but no cell of it can be corrected"
    return "" if whole else "this row has not as many cells as the file has columns"


def _worst(reasons: Sequence[Reason]) -> str:
    severities = {reason.severity for reason in reasons}
    return WRONG if WRONG in severities else LOOK if severities else ""


def _can_be_written(text: str) -> bool:
    """Whether a field of a form gives back just this text: browsers change line ends, and what is not text."""
    if len(text) > _MOST_EDITED_CHARS or "\ufffd" in text:
        return False
    return not any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)


def _elsewhere(decisions: Decisions, on_page: set[int]) -> Decisions:
    """Decisions on rows that are not on the page, which its form carries along."""
    cells = {p: cell for p, cell in decisions.cells.items() if cell.decided and p[0] not in on_page}
    rows = {row: choice for row, choice in decisions.rows.items() if row not in on_page}
    return Decisions(cells, rows)


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"
