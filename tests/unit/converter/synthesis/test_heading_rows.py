"""Columns of headings are told by their names: by rows, or by the label that a heading stands behind."""

import pytest

from services.converter.domain.synthesis.proof.boundaries import heading_rows


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("top_1", [1]),
        ("wide_2", [2]),
        ("top_3_4", [3]),
        ("top_Section 2", []),
        ("top_Konto_7", []),
        ("top_As of 31.12.2026", []),
        ("Topaz_1", []),
    ],
)
def test_only_columns_that_are_named_by_rows_stand_for_rows(name: str, rows: list[int]) -> None:
    assert heading_rows([name]) == rows
