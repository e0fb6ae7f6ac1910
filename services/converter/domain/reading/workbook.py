"""A workbook's first sheet as CSV text, every cell as the workbook shows it."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.shown_cells import show_cell

_MAX_CELLS = 5_000_000
_MAX_COLUMNS = 2_000
_BATCH_ROWS = 1_000
_SHOWN_SHEETS = 10
_CHUNK_BYTES = 1 << 20
"""Bounds on what a sheet may hold in memory, with the columns that a table of ours may have in reach; rows that are
written at once; names of sheets that a remark lists; and what is read at once."""
# A formula whose last value the program that wrote the file has not stored: the cell would be read as empty.
_UNSAVED = re.compile(rb"(?:</f>|<f[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_OVERLAP = 4 << 10


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """Which sheet is wanted: by ``name``, or the first visible one with cells where that is empty.

    ``learned`` says that the name is that of an example's sheet: a workbook of a single sheet may call it otherwise.
    """

    name: str = ""
    learned: bool = False


def write_sheet(
    archive: zipfile.ZipFile, target: BinaryIO, limit: int, choice: SheetChoice
) -> tuple[str, tuple[str, ...]]:
    """Write a sheet as UTF-8 CSV; returns its name, and remarks for people.

    Rows and columns stand where they stand in the sheet; empty ones behind the last cell are left out. Raises
    `ReadingFault` (``INPUT_EMPTY``, ``INPUT_NOT_TEXT``, ``INPUT_TOO_LARGE``).
    """
    _refuse_entities(archive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that it leaves out, none of which is a cell
        book = _open(archive)
        notes: list[str] = []
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        named = [sheet for sheet in book.worksheets if _is_named(sheet, choice.name)]
        if choice.name and not named and not (choice.learned and len(visible) == 1):
            _refuse_unnamed(visible, choice)
        for place, sheet in enumerate(named or visible):
            odd: set[str] = set()
            if _write_rows(_show_rows(sheet, odd), target, limit):
                _refuse_unsaved(archive, sheet)
                others = [other.title for other in visible[place + 1 :]] if not named else []
                notes.append(f'read from the sheet "{sheet.title}"')
                if others:
                    notes[-1] += f"; not read: {', '.join(others[:_SHOWN_SHEETS])}"
                notes += [f"shown plainly, for its format is not read: {name}" for name in sorted(odd)[:_SHOWN_SHEETS]]
                return str(sheet.title), tuple(notes)
    raise ReadingFault("INPUT_EMPTY", "no visible sheet of the workbook holds a cell")


def _is_named(sheet: Any, name: str) -> bool:
    return bool(name) and str(sheet.title).strip().casefold() == name.strip().casefold()


def _refuse_unnamed(visible: list[Any], choice: SheetChoice) -> NoReturn:
    shown = ", ".join(f'"{sheet.title}"' for sheet in visible[:_SHOWN_SHEETS]) or "none"
    why = "which the program was learned from" if choice.learned else "which is asked for"
    raise ReadingFault("INPUT_NOT_TEXT", f'the workbook has no sheet "{choice.name}", {why}; it has {shown}')


def _open(archive: zipfile.ZipFile) -> Any:
    import openpyxl  # noqa: PLC0415 - a large library that most conversions never ask for

    try:
        return openpyxl.load_workbook(archive.fp, read_only=True, data_only=True, keep_links=False)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        raise ReadingFault("INPUT_NOT_TEXT", f"the workbook is damaged: {type(error).__name__}") from None


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    """XML of a workbook declares no entities; one that does is made to grow."""
    for member in archive.infolist():
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as part:
                if b"<!DOCTYPE" in part.read(_OVERLAP):
                    raise ReadingFault("INPUT_NOT_TEXT", "the workbook declares entities, which none does")


def _refuse_unsaved(archive: zipfile.ZipFile, sheet: Any) -> None:
    with archive.open(sheet._worksheet_path.lstrip("/")) as part:  # noqa: SLF001 - where it reads the rows from
        before = b""
        while chunk := part.read(_CHUNK_BYTES):
            if _UNSAVED.search(before + chunk):
                raise ReadingFault(
                    "INPUT_NOT_TEXT",
                    f'the sheet "{sheet.title}" has formulas without their values: open the workbook and save it',
                )
            before = chunk[-_OVERLAP:]


def _show_rows(sheet: Any, odd: set[str]) -> Iterator[list[str]]:
    sheet.reset_dimensions()
    cells = 0
    try:
        for row in sheet.iter_rows():
            cells += len(row)
            if cells > _MAX_CELLS or len(row) > _MAX_COLUMNS:
                raise ReadingFault(
                    "INPUT_TOO_LARGE", f"the sheet has more than {_MAX_CELLS} cells or {_MAX_COLUMNS} columns"
                )
            shown = [show_cell(cell.value, cell.number_format, odd) if cell.value is not None else "" for cell in row]
            while shown and not shown[-1]:
                shown.pop()
            yield shown
    except (KeyError, ValueError, TypeError, IndexError, SyntaxError) as error:
        raise ReadingFault("INPUT_NOT_TEXT", f"the workbook is damaged: {type(error).__name__}") from None


def _write_rows(rows: Iterator[list[str]], target: BinaryIO, limit: int) -> bool:
    """Write rows of one width; whether there is a cell."""
    held = list(rows)
    while held and not held[-1]:
        held.pop()
    width = max(map(len, held), default=0)
    written = 0
    for start in range(0, len(held), _BATCH_ROWS):
        buffer = io.StringIO()
        batch = held[start : start + _BATCH_ROWS]
        csv.writer(buffer, lineterminator="\n").writerows([*row, *[""] * (width - len(row))] for row in batch)
        content = buffer.getvalue().encode()
        written += len(content)
        if written > limit:
            raise ReadingFault("INPUT_TOO_LARGE", f"the sheet is over the limit of {limit} bytes")
        target.write(content)
    return bool(held)
