"""The two files of an example as tables; a fault in one names the file."""

from dataclasses import replace

from services.converter.domain.faults import ReadingFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.reading.code_pages import PAGES, words_of
from services.converter.domain.reading.reader import ReadingHints, ReadTable, read_table
from services.converter.domain.reading.workbook import SheetChoice
from services.converter.domain.synthesis.rows.algebra import MOST_COMPARED
from services.converter.domain.table import Table


def read_example(
    input_file: bytes,
    expected_file: bytes,
    hints: ReadingHints | None = None,
    instructions: Instructions | None = None,
) -> tuple[ReadTable, ReadTable]:
    """Read both files of an example. Raises `ReadingFault` that names the file and, where there is one, the row.

    ``instructions`` may name the sheet of an input that is a workbook.
    """
    choice = SheetChoice(instructions.sheet if instructions is not None else "")
    of_source = replace(hints or ReadingHints(), sheet=choice)
    source = read_file(input_file, "the input", of_source)
    # All of the expected file is what the user wants to see: a title or a totals line in it is no decoration.
    of_target = replace(hints or ReadingHints(), whole=True)
    target = read_file(expected_file, "the expected file", of_target)
    # Each side holds words of the other, and shows by them what that is written in.
    if words := _words_that_tell(target.table, source.table):
        source = read_file(input_file, "the input", replace(of_source, words=words))
    if words := _words_that_tell(source.table, target.table):
        target = read_file(expected_file, "the expected file", replace(of_target, words=words))
    if not target.table.rows:
        raise ReadingFault("INPUT_NO_ROWS", "the expected file: it has a header (row 1) but no rows to learn from")
    return source, target


def _words_that_tell(of: Table, about: Table) -> frozenset[str]:
    """The words of one side with other than plain letters, where its encoding is sure and the other side's rests on the
    words that it makes."""
    if about.dialect.encoding not in PAGES or of.dialect.other_encodings:
        return frozenset()
    if sum(map(len, of.rows)) > MOST_COMPARED:
        return frozenset()
    return words_of("\n".join(cell for row in (of.header or (), *of.rows) for cell in row if not cell.isascii()))


def grid_hints(source: ReadTable) -> ReadingHints:
    dialect = replace(source.table.dialect, has_header=False, preamble_rows=0)
    return ReadingHints(dialect=dialect, exact=True, has_header=False, sheet=SheetChoice(source.sheet))


def read_file(data: bytes, what: str, hints: ReadingHints | None) -> ReadTable:
    try:
        return read_table(data, hints)
    except ReadingFault as fault:
        raise ReadingFault(fault.reason, f"{what}: {fault.message}", row=fault.row) from fault
