"""What input_file and expected_output_file may say."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput, TooLarge
from services.converter.domain.sources import read_source

LIMIT = 1000


tables = st.lists(st.lists(st.text("aé1 ,;.€", max_size=8), min_size=1, max_size=5), min_size=1, max_size=8).map(
    lambda rows: "".join(";".join(row) + "\r\n" for row in rows)
)


@given(
    content=tables.flatmap(lambda text: st.sampled_from([text.encode(code) for code in ("utf-8", "utf-16", "cp1252")])),
    spread=st.booleans(),
)
def test_inline_content_reads_back(content: bytes, spread: bool) -> None:
    text = base64.b64encode(content).decode()
    text = "\n".join(text[start : start + 76] for start in range(0, len(text), 76)) if spread else text
    assert read_source(text, field="input_file", max_inline_bytes=LIMIT).content == content


@given(text=st.text(max_size=60) | st.text(max_size=60).map("data:{}".format))
def test_any_text_is_a_source_or_refused_as_bad_input(text: str) -> None:
    with suppress(InvalidInput):
        source = read_source(text, field="input_file", max_inline_bytes=LIMIT)
        assert source.uri or source.content is not None


@pytest.mark.parametrize("text", ["0", "ä", "\x80\xf4H", "a b!c", "=", "data:;base64,é"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_source(text, field="expected_output_file", max_inline_bytes=LIMIT)
    assert (caught.value.reason, caught.value.field) == ("SOURCE_INVALID", "expected_output_file")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://files.example.com/2026/state%20ment.csv?token=x", "state ment.csv"),
        ("s3://bucket/in/october.csv", "october.csv"),
        ("data:text/csv;name=a%2Cb.csv;base64,YTtiCg==", "a,b.csv"),
        ("data:text/csv;base64,YTtiCg==", ""),
        ("YTtiCg==", ""),
        ("https://files.example.com/" + "x" * 1000, "x" * 255),
    ],
)
def test_a_files_name_is_read_where_it_came_with_one(text: str, name: str) -> None:
    assert read_source(text, field="input_file", max_inline_bytes=LIMIT).name == name


@pytest.mark.parametrize("text", ["data:text/csv;base64,", "data:text/csv,", "data:,", "data:;base64, "])
def test_an_empty_file_in_a_request_is_refused_at_once(text: str) -> None:
    with pytest.raises(InvalidInput, match="empty file") as caught:
        read_source(text, field="input_file", max_inline_bytes=LIMIT)
    assert (caught.value.reason, caught.value.field) == ("INPUT_EMPTY", "input_file")


@given(content=st.binary(min_size=1, max_size=200))
def test_a_data_uri_says_what_it_is(content: bytes) -> None:
    text = "data:application/octet-stream;base64," + base64.b64encode(content).decode()
    assert read_source(text, field="input_file", max_inline_bytes=LIMIT).content == content


@pytest.mark.parametrize("magic", [b"PK\x03\x04", b"\x1f\x8b"])
def test_a_packed_table_may_come_as_bare_base64(magic: bytes) -> None:
    content = magic + bytes(range(256))
    text = base64.b64encode(content).decode()
    assert read_source(text, field="input_file", max_inline_bytes=LIMIT).content == content


@pytest.mark.parametrize("text", ["", "trades", "January2026", "a_b_c", "AAAA", "dHJhZGVz", "iVBORw0KGgoAAAA="])
def test_a_word_that_is_base64_by_chance_is_no_table(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_source(text, field="input_file", max_inline_bytes=LIMIT)
    assert (caught.value.reason, caught.value.field) == ("SOURCE_INVALID", "input_file")


@pytest.mark.parametrize("scheme", ["http", "file", "ftp"])
def test_other_schemes_are_refused(scheme: str) -> None:
    with pytest.raises(InvalidInput, match=f"{scheme}://"):
        read_source(f"{scheme}://host/x", field="input_file", max_inline_bytes=LIMIT)


@pytest.mark.parametrize("head", ["", "data:text/csv;base64,", "data:text/csv,"])
def test_inline_content_over_the_limit_is_refused(head: str) -> None:
    with pytest.raises(TooLarge):
        read_source(head + "A" * 4 * LIMIT, field="input_file", max_inline_bytes=LIMIT)
