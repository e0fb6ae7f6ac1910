"""Cells that a spreadsheet would run, made harmless while the file streams by."""

import csv
import io
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import TooLarge
from services.gateway.domain.spreadsheet_safety import MAX_RECORD_CHARS, FormulaGuard

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def guard(content: bytes, chunk_bytes: int = 1 << 20) -> bytes:
    formulas = FormulaGuard()
    out = [formulas.feed(content[start : start + chunk_bytes]) for start in range(0, len(content), chunk_bytes)]
    return b"".join([*out, formulas.finish()])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,=1+1\r\n", b"a,'=1+1\r\n"),
        (b"=1\n", b"'=1\n"),
        (b"a,+cmd|' /C calc'!A0\n", b"a,'+cmd|' /C calc'!A0\n"),
        (b"@SUM(A1),b\n", b"'@SUM(A1),b\n"),
        (b"-2+3,b\n", b"'-2+3,b\n"),
        (b'"=HYPERLINK(""x"")",b\n', b'"\'=HYPERLINK(""x"")",b\n'),
        (b'a," =1"\n', b'a,"\' =1"\n'),
        (b'a,"\tx"\n', b'a,"\'\tx"\n'),
        (b'a,"\nx"\n', b'a,"\'\nx"\n'),
        ("a,\uff1d1+1\n".encode(), "a,'\uff1d1+1\n".encode()),
        ("a,\u00a0=1\n".encode(), "a,'\u00a0=1\n".encode()),
        ("a,\u3000\uff20SUM(A1)\n".encode(), "a,'\u3000\uff20SUM(A1)\n".encode()),
        (b"a,\xa0=1\n", b"a,'\xa0=1\n"),
        (b"a,\x1a=1\n", b"a,'\x1a=1\n"),
        (b'a,"\x00@SUM(A1)"\n', b'a,"\'\x00@SUM(A1)"\n'),
        ("a,\u00ad=1\n".encode(), "a,'\u00ad=1\n".encode()),
        ("a,\u202e\u0085=1\n".encode(), "a,'\u202e\u0085=1\n".encode()),
        (b"a^=1^b\n", b"a^'=1^b\n"),
        (b"a\x1f=1\x1fb\n", b"a\x1f'=1\x1fb\n"),
        (b"a#=1#b#c\n", b"a#'=1#b#c\n"),
        (b"a,b;=1\n", b"a,b;'=1\n"),
        (b'a,"b;=1"\n', b'a,"b;\'=1"\n'),
        (b'a,"b\n=1"\n', b'a,"b\n\'=1"\n'),
        (b'"a;=b",c\n', b'"a;\'=b",c\n'),
        (b'a,"-1\r"\n', b'a,"\'-1\r"\n'),
        (b"a;=1\nb;c;d\n", b"a;'=1\nb;c;d\n"),
        (b"a\t=1\n", b"a\t'=1\n"),
        (b"a;b,\n=1;c\n", b"a;b,\n'=1;c\n"),
        (b"a\tb,\t=1\n", b"a\tb,\t'=1\n"),
        (b"a;b,\r\n=1;c\r\n", b"a;b,\r\n'=1;c\r\n"),
        (b"\xef\xbb\xbf=1,b\n", b"\xef\xbb\xbf'=1,b\n"),
        (b"no newline,=1", b"no newline,'=1"),
    ],
)
def test_what_would_run_gets_an_apostrophe(content: bytes, expected: bytes) -> None:
    assert guard(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"-5.2,+3%,-1e5,-1,b\n",
        b'"-1,234.50",x\n',
        b"-,x\n",
        b"a=b,c-d\n",
        b'"a,=b",c\n',
        b'x,"b;-1,234.50"\n',
        b"x,b;+3%\n",
        b'"say ""=1""",x\n',
        b"",
        b"\xff\xfe\xfa,x\n",
    ],
)
def test_what_would_not_run_stays(content: bytes) -> None:
    assert guard(content) == content


def test_utf_16_is_guarded_too() -> None:
    assert guard("\ufeffa,=1\r\n".encode("utf-16-le"), 3) == "\ufeffa,'=1\r\n".encode("utf-16-le")


def test_a_record_without_end_is_refused() -> None:
    with pytest.raises(TooLarge):
        guard(b'"' + b"x" * (MAX_RECORD_CHARS + 2), 1 << 22)


cells = st.text(st.sampled_from('ab=+-@\t\r\n",; |1\uff1d\u00a0'), max_size=8)
tables = st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=6)


def write_csv(rows: list[list[str]], delimiter: str = ",", quoting: Literal[0, 1] = csv.QUOTE_ALL) -> bytes:
    """As a file whose delimiter is plain: its first record is a header."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows([["a"] * 4, *rows])
    return text.getvalue().encode()


def is_dangerous(cell: str) -> bool:
    """Whether a spreadsheet may run a cell: a dangerous beginning that is no signed number and no lone dash."""
    bare = cell.lstrip(" \u00a0").rstrip('"')
    return bare.startswith(DANGEROUS) and bare != "-" and not bare[1:].strip(" \u00a0,").rstrip("%").isdigit()


@given(rows=tables)
def test_no_dangerous_cell_is_left(rows: list[list[str]]) -> None:
    read = csv.reader(io.StringIO(guard(write_csv(rows)).decode(), newline=""))
    assert [cell for row in read for cell in row if is_dangerous(cell)] == []


@given(rows=tables, delimiter=st.sampled_from(",;\t|^"), quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_no_dangerous_cell_is_left_whatever_the_delimiter_and_the_quotes(
    rows: list[list[str]], delimiter: str, quoting: Literal[0, 1]
) -> None:
    content = write_csv(rows, delimiter, quoting)
    read = csv.reader(io.StringIO(guard(content).decode(), newline=""), delimiter=delimiter)
    assert [cell for row in read for cell in row if cell.lstrip(" \u00a0").startswith(("=", "@", "\uff1d"))] == []
    assert guard(content, 7) == guard(content)


@given(rows=tables, delimiter=st.sampled_from(";\t|"))
def test_no_dangerous_cell_is_made_by_another_separator(rows: list[list[str]], delimiter: str) -> None:
    read = csv.reader(io.StringIO(guard(write_csv(rows)).decode(), newline=""), delimiter=delimiter)
    cells = [cell.lstrip(" \u00a0\t\r\n") for row in read for cell in row]
    # What stands behind a number or dash there may be anything but a name or a call.
    assert [cell for cell in cells if cell.startswith(("=", "@", "\uff1d"))] == []
    assert [cell for cell in cells if cell.startswith(("+a", "+b", "-a", "-b", "+=", "-=", "+-", "-+"))] == []


@given(rows=tables)
def test_nothing_but_apostrophes_is_added(rows: list[list[str]]) -> None:
    content = write_csv(rows)
    assert guard(content).replace(b"'", b"") == content


@given(rows=tables)
def test_guarding_twice_changes_no_more(rows: list[list[str]]) -> None:
    once = guard(write_csv(rows))
    assert guard(once) == once


@given(rows=tables, chunk_bytes=st.integers(1, 40))
def test_chunks_do_not_matter(rows: list[list[str]], chunk_bytes: int) -> None:
    content = write_csv(rows)
    assert guard(content, chunk_bytes) == guard(content)
