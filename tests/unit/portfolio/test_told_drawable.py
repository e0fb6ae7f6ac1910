"""The gap of a need is drawn from what can be sold: what is locked or illiquid makes no year longer."""

from typing import Any

import pytest

from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
KEPT: list[Payload] = [
    {"name": "Haus Lindenhof", "asset_class": "Real Estate"},
    {"name": "Private Equity Fund IV", "asset_class": "Private Equity"},
    {"name": "Infrastructure Credit Fund", "lock-up": "until 2031-06-30"}, {"name": "Alpha Note", "restricted": True},
]  # fmt: skip


@pytest.mark.parametrize("kept", KEPT)
def test_what_cannot_be_sold_is_drawn_from_by_nobody(kept: Payload, facts_of: Compute) -> None:
    rows: list[Payload] = [
        {"name": "Euro Bond Fund", "income": 9_000, "market_value": 300_000},
        kept | {"income": 11_000, "market_value": 700_000},
    ]
    table = facts_of({"As Of": "2026-03-31", "Currency": "EUR", "income": rows, "annual_need": 50_000})
    capital = table.find("capital")

    assert capital is not None
    assert capital.value == 300_000
    assert table.find("gap_rate").value == 10  # type: ignore[union-attr]
    assert table.find("gap_years") is None
