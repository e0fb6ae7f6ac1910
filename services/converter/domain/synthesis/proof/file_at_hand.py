"""Rows that a later file itself gives reason to look at, whatever the example showed: how it is written and cut."""

from collections.abc import Iterator, Sequence

from services.converter.domain.reading.code_pages import open_letters
from services.converter.domain.reading.reader import LOST
from services.converter.domain.report import Guard
from services.converter.domain.synthesis.sqltext import identifier, literal
from services.converter.domain.table import Dialect, Row


def guards_of_letters(
    read: Dialect, written: Dialect, columns: Sequence[str], program: str, *, lost: bool = False
) -> Iterator[Guard]:
    """Notes on the cells, in the columns that a program reads, whose letters are others in another encoding, and on
    those with bytes that are no letters where some were ``lost``.

    None of the first where the output is written in the encoding that the input is read in: the bytes come out as they
    came in.
    """
    if lost:
        words = f"bytes that are no letters in {read.encoding} are read as {LOST} here"
        yield from _cells_with(LOST, words, columns, program)
    if read.other_encodings and written.encoding != read.encoding:
        words = (
            f"the file is read as {read.encoding}, but could as well be {' or '.join(read.other_encodings)}: "
            f"its letters would be others here"
        )
        yield from _cells_with(open_letters(read.encoding, read.other_encodings), words, columns, program)


def _cells_with(letters: str, words: str, columns: Sequence[str], program: str) -> Iterator[Guard]:
    # Written for a class of characters, where a bracket, a hyphen and a backslash would mean something.
    pattern = "[" + "".join(f"\\x{{{ord(letter):x}}}" for letter in sorted(letters)) + "]"
    for column in columns:
        name = identifier(column)
        if name in program or "_cells" in program:
            sql = f"SELECT _row, {name} AS value FROM input WHERE regexp_matches({name}, {literal(pattern)})"
            yield Guard(column, "format", "note", words, sql)


def guards_of_width(header: Row | None, width: int, known: Sequence[str], columns: Sequence[str]) -> Iterator[Guard]:
    """A note on rows with more cells than the header has names: one of them may have parted in two, which moves all
    behind it under another name. None where the example, whose columns are ``known``, had such rows, and none for
    blanks behind every row.
    """
    names = len(header or ())
    if header is None or width <= names or set(columns[names:]) <= set(known):
        return
    words = "the row has more cells than there are names for: what stands behind the one too many has another's name"
    sql = (
        f"SELECT _row, array_to_string(_cells[{names + 1}:], ', ') AS value FROM input\n"
        f"WHERE len(_cells) > {names} AND (len(_cells) > (SELECT mode(len(_cells)) FROM input)\n"
        f"OR len(list_filter(_cells[{names + 1}:], lambda c: trim(c) <> '')) > 0)"
    )
    yield Guard("", "shape", "note", words, sql)
