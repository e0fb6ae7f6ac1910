"""Cells that a spreadsheet would run, made harmless while the file streams by."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import TooLarge
from services.gateway.domain.spreadsheet_safety import MAX_RECORD_CHARS, FormulaGuard

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


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
        (b'a,"\t=1"\n', b'a,"\'\t=1"\n'),
        (b'a,"-1\r"\n', b'a,"\'-1\r"\n'),
        (b"a;=1\nb;c;d\n", b"a;'=1\nb;c;d\n"),
        (b"a\t=1\n", b"a\t'=1\n"),
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
        b'"line one\n=not a cell of its own",x\n',
        b'"a,=b",c\n',
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


cells = st.text(st.sampled_from("ab=+-@\t\r\n\",; '1"), max_size=8)
tables = st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=6)


def write_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()


@given(rows=tables)
def test_no_dangerous_cell_is_left_and_no_other_is_touched(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(guard(write_csv(rows)).decode(), newline="")))
    for row, guarded_row in zip(rows, read, strict=True):
        for cell, guarded in zip(row, guarded_row, strict=True):
            bare = cell.lstrip(" ")
            if guarded != cell:
                assert guarded == "'" + cell
                assert bare.startswith(DANGEROUS)
            else:
                assert not bare.startswith(DANGEROUS) or bare == "-" or bare[1:].strip(" ',").rstrip("%").isdigit()


@given(rows=tables, chunk_bytes=st.integers(1, 40))
def test_chunks_do_not_matter(rows: list[list[str]], chunk_bytes: int) -> None:
    content = write_csv(rows)
    assert guard(content, chunk_bytes) == guard(content)
