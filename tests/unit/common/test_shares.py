"""Shares in words: what is nearly all is not all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.shares import percent, tell_cells_right


@given(st.floats(0, 1))
def test_a_share_is_all_or_nothing_only_where_it_is(share: float) -> None:
    told = percent(share)
    assert (told == "100", told == "0") == (share == 1, share == 0)
    assert abs(float(told) - 100 * share) <= 0.1


@pytest.mark.parametrize(
    ("share", "told"), [(0.25, "25"), (0.375, "37.5"), (0.99999, "99.9"), (1e-9, "0.1"), (1, "100")]
)
def test_a_share_is_told_to_a_tenth(share: float, told: str) -> None:
    assert tell_cells_right(share) == f"{told} % of the cells are right"
