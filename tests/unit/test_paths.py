"""Encoding of key segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.paths import decode_segment, encode_segment

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXT)
def test_decoding_gives_back_what_was_encoded(text: str) -> None:
    assert decode_segment(encode_segment(text)) == text


@given(TEXT)
def test_an_encoded_segment_has_no_structure(text: str) -> None:
    segment = encode_segment(text)
    assert segment.isascii()
    assert not set(segment) & set("/~\\?# \n\0")
    assert not segment.startswith(".")


@given(TEXT, TEXT)
def test_different_texts_get_different_segments(one: str, other: str) -> None:
    assert (encode_segment(one) == encode_segment(other)) == (one == other)


@pytest.mark.parametrize("text", ["alice", "Report_2026-01.csv", "a.b.c"])
def test_plain_names_stay_readable(text: str) -> None:
    assert encode_segment(text) == text


@pytest.mark.parametrize("segment", ["", "a/b", "%2e", "%zz", "..", "a~b", "ä", "%FF"])
def test_what_was_not_encoded_does_not_decode(segment: str) -> None:
    with pytest.raises(ValueError, match=r"segment|codec"):
        decode_segment(segment)


@pytest.mark.parametrize("text", ["", "\ud800"])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"segment|codec"):
        encode_segment(text)
