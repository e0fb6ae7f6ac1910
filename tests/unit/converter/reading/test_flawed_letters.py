"""Files with bytes that are no letters, and files that were saved twice: read by what most of them is, and told."""

import codecs
from pathlib import Path

import pytest

from services.converter.adapters.spool import FileSpooler
from services.converter.domain.reading.encoding import Encoding, mend_twice_encoded, sniff_bytes, sniff_later
from services.converter.domain.reading.reader import read_table

LINES = ["Name;Betrag", "Müller;1,50 €", "Étoile;2,00 €", "Çelik;3,00 €"]
TEXT = "\n".join(LINES) + "\n"


def broken(place: int, lost: bytes = b"\xc9") -> bytes:
    """The text in UTF-8, with one byte of another encoding in a row."""
    rows = [line.encode() for line in LINES]
    rows[place] = lost + rows[place]
    return b"\n".join(rows) + b"\n"


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("lost", [b"\xc9", b"\x80", b"\xff", b"\xe2\x82"])
def test_one_broken_row_leaves_the_others_as_they_are(place: int, lost: bytes) -> None:
    read = read_table(broken(place, lost))
    assert read.table.dialect.encoding == "utf-8"
    right = [line for number, line in enumerate(LINES[1:], 1) if number != place]
    assert [";".join(row) for number, row in enumerate(read.table.rows, 1) if number != place] == right
    assert any(note.endswith(f"are read as \ufffd: row {place + 1} of the file") for note in read.notes)


@pytest.mark.parametrize("marked", [False, True])
def test_a_broken_row_behind_what_is_looked_at_first_is_as_one_in_it(marked: bool, tmp_path: Path) -> None:
    filled = "".join(f"Zoë;{number}\n" for number in range(40_000)).encode()
    content = codecs.BOM_UTF8 * marked + b"Name;Betrag\n" + filled + b"\xc9toile;7\n" + "Çelik;8\n".encode()
    read = read_table(content)
    assert read.table.rows[-1] == ("Çelik", "8")
    assert read.table.rows[-2] == ("\ufffdtoile", "7")
    assert any("row 40002 of the file" in note for note in read.notes)
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    spooled = FileSpooler().spool(source, tmp_path)
    assert (spooled.lost, spooled.dialect.encoding, spooled.notes) == (True, "utf-8", read.notes)


@pytest.mark.parametrize("page", ["cp1252", "mac_roman"])
def test_a_file_of_another_encoding_is_none_that_is_broken(page: str) -> None:
    found = sniff_bytes("Name;Betrag\nMüller;1\nÉtoile;2\n".encode(page), whole=True)
    assert (found.name, found.broken) == (page, False)


def test_a_mark_says_what_a_broken_file_is_in() -> None:
    read = read_table(codecs.BOM_UTF8 + b"Name;Betrag\n\xc9toile;2\n")
    assert read.table.dialect.encoding == "utf-8"
    assert read.table.rows == (("\ufffdtoile", "2"),)


def test_a_cut_file_of_wide_letters_is_read_to_its_last_whole_one() -> None:
    read = read_table(TEXT.encode("utf-16")[:-1])
    assert read.table.dialect.encoding == "utf-16-le"
    assert read.table.rows[0] == ("Müller", "1,50 €")


@pytest.mark.parametrize("number", [150, 30_000], ids=["in what is looked at first", "behind it"])
def test_a_byte_that_the_encoding_of_all_others_lacks_is_told_and_no_fault(number: int) -> None:
    filled = "".join(f"Müller{'é' * (row % 150)};1 €\n" for row in range(number))
    read = read_table(b"Name;Betrag\n" + filled.encode("cp1252") + b"A\x81B;2\n")
    assert read.table.rows[0] == ("Müller", "1 €")
    assert read.table.rows[-1] == ("A\ufffdB", "2")
    assert any(
        f"no letters in cp1252, which the file is in, are read as \ufffd: row {number + 2} " in n for n in read.notes
    )


def test_pieces_that_part_a_letter_count_it_once() -> None:
    content = ("é" * 100).encode() + b"\xe9,\n"
    pieces = [content[at : at + 3] for at in range(0, len(content), 3)]
    assert sniff_later(pieces, Encoding("utf-8")) == Encoding("utf-8", broken=True)


@pytest.mark.parametrize("page", ["cp1252", "latin-1"])
@pytest.mark.parametrize("word", ["Müller", "Étoile", "señor", "Łódź", "Банк"])
def test_letters_that_were_saved_twice_are_told_and_left(word: str, page: str) -> None:
    try:
        twice = word.encode().decode(page)
    except UnicodeDecodeError:
        pytest.skip("the page lacks one of these bytes")
    read = read_table(f"Name;Betrag\n{twice};1\n".encode())
    assert read.table.rows == ((twice, "1"),)
    assert any(f'("{word}" may be meant)' in note for note in read.notes)


@pytest.mark.parametrize(
    "text", ["", "plain", "Müller Étoile", "Ã", "SÃO PAULO", "Łódź Банк €", "naïve façade Â", "100 € ± 5 °C"]
)
def test_letters_as_they_should_be_are_not_told(text: str) -> None:
    assert mend_twice_encoded(text) is None
