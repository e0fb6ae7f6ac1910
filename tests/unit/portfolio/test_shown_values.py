"""A value that is refused is shown as its sender wrote it: as JSON, never as Python has it."""

import json
from decimal import Decimal

import pytest

from services.portfolio.domain.errors import shorten


@pytest.mark.parametrize("written", ["true", "null", '"a\'b"', "12.50", "1E+400", '["ü", 1]', '{"a": false}'])
def test_a_value_is_shown_as_it_was_written(written: str) -> None:
    assert shorten(json.loads(written, parse_float=Decimal)) == written


def test_a_number_within_a_list_is_shown_with_its_digits() -> None:
    assert "12.50" in shorten([Decimal("12.50")])


def test_a_long_value_is_cut() -> None:
    assert len(shorten("x" * 1000)) == 80
