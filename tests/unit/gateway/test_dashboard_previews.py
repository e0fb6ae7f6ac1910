"""A file's first rows, read as its report says that it is written."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dashboard.csv_preview import MAX_ROWS, Preview, read_preview, read_rows


def test_a_table_behind_a_preamble_in_another_encoding() -> None:
    content = "Konto;1\n\nname;betrag\nM\u00fcller;1,5\n".encode("cp1252")
    dialect = {"delimiter": ";", "encoding": "cp1252", "preamble_rows": 2, "has_header": True}
    assert read_preview(content, dialect, truncated=False) == Preview(["name", "betrag"], [["M\u00fcller", "1,5"]])


def test_a_file_without_a_header() -> None:
    assert read_preview(b"a,b\nc,d\n", {"has_header": False}, truncated=False) == Preview(
        None, [["a", "b"], ["c", "d"]]
    )


def test_a_quoted_cell_may_span_lines() -> None:
    assert read_preview(b'h\n"a\nb"\n', {}, truncated=False).rows == [["a\nb"]]


def test_a_row_that_was_cut_off_is_left_out() -> None:
    assert read_preview(b"h\n1\n2", {}, truncated=True) == Preview(["h"], [["1"]], more_rows=True)


def test_a_long_file_says_that_there_is_more() -> None:
    content = b"h\n" + b"1\n" * (MAX_ROWS + 1)
    preview = read_preview(content, {}, truncated=False)
    assert (len(preview.rows), preview.more_rows) == (MAX_ROWS, True)


def test_a_delimiter_of_several_characters() -> None:
    assert read_preview(b"a||b\n1||2\n", {"delimiter": "||"}, truncated=False).rows == [["1", "2"]]


DIALECTS = st.fixed_dictionaries(
    {},
    optional={
        "delimiter": st.text(max_size=3),
        "quote": st.text(max_size=2),
        "encoding": st.sampled_from(["utf-8", "utf-16-le", "cp1252", "nonsense"]),
        "preamble_rows": st.one_of(st.integers(0, 5), st.text()),
        "has_header": st.booleans(),
    },
)


@given(st.binary(max_size=300), DIALECTS, st.booleans())
def test_whatever_a_file_holds_it_is_shown(content: bytes, dialect: dict[str, Any], truncated: bool) -> None:
    assert len(read_preview(content, dialect, truncated=truncated).rows) <= MAX_ROWS


def test_rows_are_read_whole_with_those_that_hold_nothing() -> None:
    content = ("h,i\n\n" + "x" * 500 + ',"a ""b"""\n').encode()
    assert read_rows(content, {}, truncated=False) == [["h", "i"], [], ["x" * 500, 'a "b"']]


def test_the_last_row_of_a_file_that_goes_on_is_left_out() -> None:
    assert read_rows(b"h\n1\n2", {}, truncated=True) == [["h"], ["1"]]


def test_quotes_may_be_escaped_otherwise_than_by_doubling() -> None:
    assert read_rows(b'"a \\" b","\\\\"\n', {"escape": "\\"}, truncated=False) == [['a " b', "\\"]]


def test_without_quoting_a_quote_is_a_character() -> None:
    assert read_rows(b'"a,b"\n', {"quoting": "none"}, truncated=False) == [['"a', 'b"']]
