"""Workbooks, gzip and ZIP files are read as the table in them; what is none of these is refused in words."""

import bz2
import datetime as dt
import gzip
import io
import lzma
import os
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from services.converter.adapters.spool import FileSpooler
from services.converter.domain.faults import ReadingFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.reading.reader import ReadingHints, ReadTable, read_table
from services.converter.domain.reading.shown_cells import show_cell
from services.converter.domain.reading.workbook import SheetChoice
from tests.support.workbooks import Cell, make_book

CSV = b"name,amount\nAlpha,1\nBeta,2\n"
ROWS = (("Alpha", "1"), ("Beta", "2"))


def make_zip(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def fault_of(data: bytes) -> ReadingFault:
    with pytest.raises(ReadingFault) as raised:
        read_table(data)
    return raised.value


PACKED = {
    "gzip": gzip.compress(CSV),
    "gzip in two parts": gzip.compress(CSV[:11]) + gzip.compress(CSV[11:]),
    "zip": make_zip({"trades.csv": CSV}),
    "zip from a Mac": make_zip({"folder/trades.csv": CSV, "__MACOSX/folder/._trades.csv": b"\0"}),
    "workbook": make_book(("Trades", [["name", "amount"], ["Alpha", 1], ["Beta", 2]])),
}


@pytest.mark.parametrize("name", PACKED)
def test_the_table_within_is_read(name: str, tmp_path: Path) -> None:
    read = read_table(PACKED[name])
    assert (read.table.header, read.table.rows) == (("name", "amount"), ROWS)

    source = tmp_path / "source"
    source.write_bytes(PACKED[name])
    spooled = FileSpooler().spool(source, tmp_path)
    assert (spooled.spool.names, spooled.spool.rows) == (("name", "amount"), 2)


REFUSED = {
    "holds 2: a.csv, b.csv": make_zip({"a.csv": CSV, "b.csv": CSV}),
    "an archive within an archive": make_zip({"a.csv.gz": gzip.compress(CSV)}),
    "archive within an archive is not": gzip.compress(make_book(("A", [["x"]]))),
    "the archive is damaged: Compressed": gzip.compress(CSV)[:-10],
    "the archive is damaged: File": b"PK\x03\x04" + bytes(99),
    "Word document": make_zip({"word/document.xml": b"<a/>"}),
    "xlsb": make_zip({"xl/workbook.bin": b"\0"}),
    "OpenDocument": make_zip({"content.xml": b"<a/>", "mimetype": b"x"}),
    "entities": make_zip({"xl/workbook.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}),
    "JSON lines": b'{"name": "Alpha"}\n{"name": "Beta"}\n',
    "JSON, not a table": b'[{"name": "Alpha"}, {"name": "Beta"}]',
    "as some downloads are that are called Excel": b"<html>\n<table>\n<tr><td>Alpha</td></tr>\n</table>\n</html>\n",
    "HTML, as some": b"\xef\xbb\xbf<!DOCTYPE html>\n<table>\n<tr><td>Alpha</td></tr>\n</table>\n",
    "is XML": b'<?xml version="1.0"?>\n<rows>\n<row a="1"/>\n<row a="2"/>\n</rows>\n',
    "an RTF document": b"{\\rtf1\\ansi Alpha\\par Beta\\par}\n",
    "a bzip2 archive: send .gz or .zip": bz2.compress(b"name\nAlpha\n"),
    "an xz archive": lzma.compress(b"name\nAlpha\n"),
    "a Zstandard archive": b"\x28\xb5\x2f\xfd\x04\x00" + b"name\nAlpha\n",
    "a 7-Zip archive": b"7z\xbc\xaf\x27\x1c\x00\x04" + b"name\nAlpha\n",
    "a RAR archive": b"Rar!\x1a\x07\x01\x00" + b"name\nAlpha\n",
    "a ZIP archive without a file": make_zip({}),
    "is JSON": b'{\n  "rows": [1, 2]\n}\n',
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_holds_no_single_table_is_refused_in_words(words: str) -> None:
    fault = fault_of(REFUSED[words])

    assert fault.reason == "INPUT_NOT_TEXT"
    assert words in fault.message


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_a_bomb_is_refused_before_it_is_unpacked(kind: str, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    pack = {"gzip": gzip.compress, "zip": lambda data: make_zip({"a.csv": data})}[kind]
    bomb.write_bytes(pack(b"a,b\n" + b"1,1\n" * (2 << 20)))

    with pytest.raises(ReadingFault) as raised:
        FileSpooler().spool(bomb, tmp_path)

    assert raised.value.reason == "INPUT_TOO_LARGE"
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 8 << 20


def test_a_csv_with_a_mark_of_html_in_a_cell_is_a_table() -> None:
    assert read_table(b"<b>name</b>,<td>\nAlpha,1\nBeta,2\n").table.rows[0] == ("Alpha", "1")


def test_a_csv_with_json_in_a_column_is_a_table() -> None:
    assert read_table(b'id,payload\n1,"{""a"": 1}"\n2,"{""a"": 2}"\n').table.rows[0] == ("1", '{"a": 1}')


def test_the_first_visible_sheet_with_cells_is_read_and_the_others_are_named() -> None:
    sheets: list[tuple[str, list[list[Cell]]]] = [
        ("Notes", []),
        ("Old", [["x"], [1]]),
        ("Trades", [["name", "amount"], ["Alpha", 1]]),
        ("More", [["y"]]),
    ]

    read = read_table(make_book(*sheets, hidden="Old"))

    assert read.table.rows == (("Alpha", "1"),)
    assert read.notes[0] == 'read from the sheet "Trades"; not read: More'


def test_cells_stand_where_they_stand_in_the_sheet() -> None:
    read = _read_rows([["a", "b", "c"], ["1", None, "3"], [None, "2", None], ["4"]])

    assert read.table.rows == (("1", "", "3"), ("", "2", ""), ("4", "", ""))


def test_formulas_without_their_values_are_refused() -> None:
    assert "formulas without their values" in fault_of(make_book(("A", [["a", "b"], [1, "=A2*2"]]))).message


def test_a_workbook_without_cells_is_empty() -> None:
    assert fault_of(make_book(("A", []))).reason == "INPUT_EMPTY"


DAY = dt.datetime.fromisoformat("2025-03-09T14:05:07")


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1234.5, "General", "1234.5"), (0.1 + 0.2, "General", "0.3"), (1e20, "General", "100000000000000000000"),
        (12345678901234567890, "General", "12345678901234567890"), (1 / 3, "General", "0.333333333333333"),
        (1234.5, "#,##0.00", "1,234.50"), (-1234.5, "#,##0.00", "-1,234.50"), (1234567, "#,##0", "1,234,567"),
        (2.345, "0.00", "2.35"), (-0.001, "0.00", "0.00"), (7, "000", "007"), (0.5, "#.##", ".5"), (5, "0.##", "5"),
        (0.1234, "0.0%", "12.3%"), (0.05, "0%", "5%"), (-12, "#,##0;(#,##0)", "(12)"),
        (-12.5, "#,##0.00_);[Red](#,##0.00)", "(12.50)"), (0, '0;-0;"nil"', "nil"),
        (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"), (1234.5, '"CHF" #,##0', "CHF 1,235"), (1234567, "#,##0,", "1,235"),
        (0, '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)', "-"),
        (DAY, "dd/mm/yyyy", "09/03/2025"), (DAY, "m/d/yy", "3/9/25"), (DAY, "dd-mmm-yyyy", "09-Mar-2025"),
        (DAY, "d. mmmm yyyy", "9. March 2025"), (DAY, "[$-407]d. mmmm yyyy", "9. März 2025"),
        (DAY, "yyyy-mm-dd hh:mm:ss", "2025-03-09 14:05:07"), (DAY, "h:mm AM/PM", "2:05 PM"), (DAY, "mm:ss", "05:07"),
        (DAY, "dddd, mmmm dd, yyyy", "Sunday, March 09, 2025"), (DAY, 'yyyy"年"m"月"d"日"', "2025年3月9日"),
        (dt.datetime.fromisoformat("2025-03-09"), "mm-dd-yy", "2025-03-09"), (True, "General", "TRUE"),
        ("007", "@", "007"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_it_is_shown(value: Any, number_format: str, shown: str) -> None:
    odd: set[str] = set()

    assert show_cell(value, number_format, odd) == shown
    assert not odd


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.5, "# ?/?", "0.5"), (1234.5, "0.00E+00", "1234.5"), (5, '[>3]"many";0', "5"),
        (dt.timedelta(hours=26, minutes=5), "[h]:mm", "26:05:00"),
    ],
)  # fmt: skip
def test_a_format_that_is_not_read_is_named_and_its_cells_are_plain(value: Any, number_format: str, shown: str) -> None:
    odd: set[str] = set()

    assert show_cell(value, number_format, odd) == shown
    assert odd == {number_format}


def test_shown_cells_come_from_the_workbooks_own_formats() -> None:
    read = _read_rows([["day", "amount"], [(DAY, "dd.mm.yyyy"), (1234.5, "#,##0.00")]])

    assert read.table.rows == (("09.03.2025", "1,234.50"),)


def _read_rows(rows: list[list[Cell]]) -> ReadTable:
    return read_table(make_book(("Sheet", rows)))


# Which sheet

Sheet = tuple[str, list[list[Cell]]]
TRADES: Sheet = ("Trades", [["name", "amount"], ["Alpha", 1]])
COVER: Sheet = ("Cover", [["report"], ["of a bank"]])


def _choose(choice: SheetChoice, *sheets: Sheet) -> ReadTable:
    return read_table(make_book(*sheets), ReadingHints(sheet=choice))


@pytest.mark.parametrize("learned", [False, True])
def test_a_named_sheet_is_read_wherever_it_stands(learned: bool) -> None:
    assert _choose(SheetChoice("trades", learned=learned), COVER, TRADES).table.rows == (("Alpha", "1"),)


def test_a_sheet_that_is_asked_for_and_not_there_is_refused() -> None:
    with pytest.raises(ReadingFault, match='no sheet "Orders", which is asked for; it has "Cover", "Trades"'):
        _choose(SheetChoice("Orders"), COVER, TRADES)


def test_the_only_sheet_may_have_another_name_than_the_examples() -> None:
    assert _choose(SheetChoice("March", learned=True), TRADES).table.rows == (("Alpha", "1"),)


def test_of_several_sheets_none_is_taken_for_the_examples() -> None:
    with pytest.raises(ReadingFault, match="which the program was learned from"):
        _choose(SheetChoice("March", learned=True), COVER, TRADES)


@pytest.mark.parametrize(
    ("words", "sheet"),
    [
        ('Use the sheet "Trades".', "Trades"), ("sheet: 'Q1 2026'", "Q1 2026"), ("Blatt „Umsätze“", "Umsätze"),
        ("the worksheet named “A”", "A"), ("a sheet of paper", ""), ("", ""),
    ],
)  # fmt: skip
def test_instructions_name_a_sheet_in_quotes(words: str, sheet: str) -> None:
    assert Instructions(words).sheet == sheet


def test_a_pipe_is_read_once_and_whole(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(CSV))
    writer.start()

    spooled = FileSpooler().spool(pipe, tmp_path)

    writer.join()
    assert spooled.spool.rows == 2
