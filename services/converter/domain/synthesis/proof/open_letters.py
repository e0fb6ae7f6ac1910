"""Rows of a file whose encoding its words do not tell, with letters that are others in another encoding."""

from collections.abc import Iterator, Sequence

from services.converter.domain.reading.code_pages import open_letters
from services.converter.domain.report import Guard
from services.converter.domain.synthesis.sqltext import identifier, literal
from services.converter.domain.table import Dialect


def guards_of_letters(read: Dialect, written: Dialect, columns: Sequence[str], program: str) -> Iterator[Guard]:
    """Notes on the cells with such letters in the columns that a program reads.

    None where the output is written in the encoding that the input is read in: the bytes come out as they came in.
    """
    if not read.other_encodings or written.encoding == read.encoding:
        return
    letters = "".join(sorted(open_letters(read.encoding, read.other_encodings)))
    for column in columns:
        name = identifier(column)
        if name in program or "_cells" in program:
            words = (
                f"the file is read as {read.encoding}, but could as well be {' or '.join(read.other_encodings)}: "
                f"its letters would be others here"
            )
            # Written for a class of characters, where a bracket, a hyphen and a backslash would mean something.
            pattern = "[" + "".join(f"\\x{{{ord(letter):x}}}" for letter in letters) + "]"
            sql = f"SELECT _row, {name} AS value FROM input WHERE regexp_matches({name}, {literal(pattern)})"
            yield Guard(column, "format", "note", words, sql)
