"""Which encoding a file is in, and files that are no text."""

import codecs

import pytest

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.encoding import sniff_encoding
from services.converter.domain.reading.reader import read_table

TEXT = "Name;Betrag\nMüller;1,50 €\nÉtoile;2,00 €\n"


@pytest.mark.parametrize(
    ("data", "encoding", "marked"),
    [
        (TEXT.encode(), "utf-8", False),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8", True),
        (TEXT.encode("utf-16"), "utf-16-le", True),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be", True),
        (TEXT.encode("utf-16-le"), "utf-16-le", False),
        (TEXT.encode("utf-16-be"), "utf-16-be", False),
        (TEXT.encode("cp1252"), "cp1252", False),
        (b"a;b\n1;2\n", "utf-8", False),
    ],
)
def test_encoding_is_found(data: bytes, encoding: str, marked: bool) -> None:
    found = sniff_encoding(data, whole=True)
    assert (found.name, found.mark_bytes > 0) == (encoding, marked)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_text_is_the_same_in_every_encoding(encoding: str) -> None:
    table = read_table(TEXT.encode(encoding)).table
    assert table.header == ("Name", "Betrag")
    assert table.rows == (("Müller", "1,50 €"), ("Étoile", "2,00 €"))


def test_a_character_cut_by_the_end_of_the_sample_is_no_fault() -> None:
    assert sniff_encoding("aaaé".encode()[:-1], whole=False).name == "utf-8"


def test_a_late_character_changes_the_encoding_of_the_whole_file() -> None:
    data = b"name,amount\n" + b"plain,1\n" * 60_000 + "Müller,2\n".encode("cp1252")
    read = read_table(data)
    assert read.table.rows[-1] == ("Müller", "2")
    assert read.table.dialect.encoding == "cp1252"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04\x14\x00\x06\x00",
        b"%PDF-1.7\n",
        b"\x1f\x8b\x08\x00aaaa",
        bytes(range(256)) * 4,
        codecs.BOM_UTF32_LE + "a,b".encode("utf-32-le"),
    ],
    ids=["workbook", "pdf", "gzip", "noise", "utf32"],
)
def test_a_binary_file_is_refused(data: bytes) -> None:
    with pytest.raises(ReadingFault) as raised:
        read_table(data)
    assert raised.value.reason == "INPUT_NOT_TEXT"
