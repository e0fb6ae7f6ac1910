"""What input_file and expected_output_file may say."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput, TooLarge
from services.converter.domain.sources import read_source

LIMIT = 1000


@given(content=st.binary(max_size=200), spread=st.booleans())
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


@pytest.mark.parametrize("scheme", ["http", "file", "ftp"])
def test_other_schemes_are_refused(scheme: str) -> None:
    with pytest.raises(InvalidInput, match=f"{scheme}://"):
        read_source(f"{scheme}://host/x", field="input_file", max_inline_bytes=LIMIT)


@pytest.mark.parametrize("head", ["", "data:text/csv;base64,", "data:text/csv,"])
def test_inline_content_over_the_limit_is_refused(head: str) -> None:
    with pytest.raises(TooLarge):
        read_source(head + "A" * 4 * LIMIT, field="input_file", max_inline_bytes=LIMIT)
