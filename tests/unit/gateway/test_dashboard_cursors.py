"""Where a page of the list goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.gateway.dashboard.activity import Place, decode_cursor, encode_cursor

PLACES = st.dictionaries(
    st.sampled_from(["tasks", "jobs"]), st.none() | st.builds(Place, st.text(), st.text(), st.text()), min_size=1
)


@given(PLACES)
def test_a_cursor_is_read_back(places: dict[str, Place | None]) -> None:
    assert decode_cursor(encode_cursor(places)) == places


def test_no_cursor_is_the_first_page() -> None:
    assert decode_cursor("") == {}


@pytest.mark.parametrize("text", ["x", "e30=e30=", "WzFd", "eyJ0YXNrcyI6MX0=", "eyJ0YXNrcyI6WzEsMiwzXX0=", "A" * 9000])
def test_a_cursor_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(text)
