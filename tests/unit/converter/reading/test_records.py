"""Text into records, well formed or not."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.records import MAX_CELL_CHARS, MAX_CELLS, split_batches, split_records
from services.converter.domain.table import Dialect
from services.converter.domain.writing import format_row

COMMA = Dialect()


def split(text: str, width: int | None = None, dialect: Dialect = COMMA) -> list[list[str]]:
    return list(split_records([text], dialect, width))


_CELLS = st.text(st.sampled_from("ab,;\"' \n0é"), max_size=6)
_ROWS = st.lists(st.lists(_CELLS, min_size=1, max_size=4), min_size=1, max_size=8)
_DIALECTS = st.builds(
    Dialect,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quote=st.sampled_from(['"', "'"]),
    quoting=st.sampled_from(["minimal", "all"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
).map(lambda d: Dialect(d.delimiter, d.quote, d.quote, d.quoting, d.line_end))


@given(rows=_ROWS, dialect=_DIALECTS)
def test_what_is_written_is_read_back(rows: list[list[str]], dialect: Dialect) -> None:
    text = "".join(format_row(tuple(row), dialect) for row in rows)
    assert split(text, dialect=dialect) == rows


@given(rows=_ROWS, cut=st.integers(1, 5))
def test_it_does_not_matter_how_the_text_comes_in(rows: list[list[str]], cut: int) -> None:
    text = "".join(format_row(tuple(row), COMMA) for row in rows)

    def pieces() -> Iterator[str]:
        for at in range(0, len(text), cut):
            yield text[at : at + cut]

    assert list(split_records(pieces(), COMMA)) == rows


def test_a_large_text_is_cut_between_records() -> None:
    row = ["1", 'x,"y"\nz' * 50, ""]
    text = format_row(tuple(row), COMMA) * 1_000
    pieces = [text[at : at + 14_000] for at in range(0, len(text), 14_000)]
    assert list(split_records(pieces, COMMA, 3)) == [row] * 1_000


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('a,"b,c,"d",e', ["a", '"b', "c", "d", "e"]),
        ('"a,b,"c, d",e,f', ['"a', "b", "c, d", "e", "f"]),
        ('a,"say "hi" now",c,d,e', ["a", 'say "hi" now', "c", "d", "e"]),
        ('a,"10" wide","x",d,e', ["a", '10" wide', "x", "d", "e"]),
        ('a,"10"","x",d,e', ["a", '10"', "x", "d", "e"]),
        ('a,b"c,d,e,f', ["a", 'b"c', "d", "e", "f"]),
        ('a,b,c,d,"e', ["a", "b", "c", "d", '"e']),
    ],
)
def test_broken_quotes_are_read_by_the_usual_width(line: str, cells: list[str]) -> None:
    assert split(f"1,2,3,4,5\n{line}\n6,7,8,9,0\n", 5)[1:] == [cells, ["6", "7", "8", "9", "0"]]


def test_a_quote_that_never_closes_does_not_swallow_the_file() -> None:
    assert split('a,b\n1,"x\n2,y\n3,z\n', 2) == [["a", "b"], ["1", '"x'], ["2", "y"], ["3", "z"]]


def test_a_cell_over_several_lines_is_one_cell() -> None:
    assert split('a,b\n1,"x\ny\n\nz"\n2,w\n', 2) == [["a", "b"], ["1", "x\ny\n\nz"], ["2", "w"]]


def test_escaped_quotes_are_unescaped() -> None:
    assert split('1,"a \\"b\\" c"\n', dialect=Dialect(escape="\\")) == [["1", 'a "b" c']]


def test_a_blank_may_belong_to_the_delimiter() -> None:
    assert split('1, "a, b", c\n', dialect=Dialect(delimiter=", ")) == [["1", "a, b", "c"]]


@pytest.mark.parametrize(
    "text",
    ["1," + "x" * (MAX_CELL_CHARS + 1) + "\n", ",".join("1" * (MAX_CELLS + 1)) + "\n", 'a,"' + "b\n" * (3 << 20)],
    ids=["cell", "cells", "quoted_without_end"],
)
def test_sizes_are_bounded(text: str) -> None:
    pieces = [text[at : at + (1 << 20)] for at in range(0, len(text), 1 << 20)]
    try:
        longest = max(len(cell) for record in split_records(pieces, COMMA) for cell in record)
    except ReadingFault as fault:
        assert fault.reason == "INPUT_TOO_LARGE"  # noqa: PT017 - either outcome is right, a longer cell is not
    else:
        assert longest <= MAX_CELL_CHARS


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (('1;"Shop";3', '2;"Rail;4', "3;City;1"), [2]),
        (("1;Shop;3", "2;Rail;4", '3;"City;1'), [3]),
        (('1;"Shop";3', '2;"Rail', 'Road";4'), []),
        (('1;"Sh""op";3', '2;5" pipe;4', '3;"City";1'), []),
    ],
    ids=["before others", "at the end", "closed on the next line", "no quote is open"],
)
def test_a_quote_that_is_not_closed_is_told_with_its_row(lines: tuple[str, ...], rows: list[int]) -> None:
    notes: list[str] = []
    list(split_batches(["\n".join(lines)], Dialect(delimiter=";"), 3, notes))
    assert [int(note.split()[1]) for note in notes] == rows
