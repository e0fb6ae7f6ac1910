"""Conditional and range requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.conditions import (
    RangeNotSatisfiable,
    allows_range,
    is_single_range,
    matches_tag,
    resolve_range,
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("a", False),
        (None, False),
    ],
)
def test_if_none_match(header: str | None, expected: bool) -> None:
    assert matches_tag(header, "a") is expected


@pytest.mark.parametrize(
    ("header", "expected"), [(None, True), ('"a"', True), ('W/"a"', False), ('"b"', False), ("Tue, 01 Jan 2030", False)]
)
def test_if_range(header: str | None, expected: bool) -> None:
    assert allows_range(header, "a") is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-1", True),
        ("bytes=5-", True),
        ("bytes=-5", True),
        ("bytes=1-0", False),
        ("bytes=-", False),
        ("bytes=0-1,2-3", False),
        ("items=0-1", False),
        ("bytes=" + "9" * 30 + "-", False),
        (None, False),
    ],
)
def test_which_ranges_are_honoured(header: str | None, expected: bool) -> None:
    assert is_single_range(header) is expected


@given(size=st.integers(1, 1000), first=st.integers(0, 1200), length=st.integers(1, 1200))
def test_a_range_is_what_slicing_gives(size: int, first: int, length: int) -> None:
    content = bytes(index % 251 for index in range(size))
    expected = content[first : first + length]
    header = f"bytes={first}-{first + length - 1}"
    if not expected:
        with pytest.raises(RangeNotSatisfiable):
            resolve_range(header, size)
    else:
        part = resolve_range(header, size)
        assert content[part.first : part.first + part.length] == expected


@given(size=st.integers(1, 1000), suffix=st.integers(1, 1200))
def test_a_suffix_is_the_end(size: int, suffix: int) -> None:
    part = resolve_range(f"bytes=-{suffix}", size)
    assert (part.length, part.last) == (min(size, suffix), size - 1)


@pytest.mark.parametrize(("header", "size"), [("bytes=0-", 0), ("bytes=-0", 5), ("bytes=-3", 0)])
def test_nothing_is_no_range(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable):
        resolve_range(header, size)
