"""The fields of a payload that hold tables, and what their rows are."""

from collections.abc import Mapping

POSITIONS, SHARES, INCOME, BONDS, POINTS, FLOWS, MOVERS = (
    "positions", "shares", "income", "bonds", "points", "flows", "movers",
)  # fmt: skip
TABLES: Mapping[str, str] = {
    "holdings": POSITIONS, "holdings_csv": POSITIONS, "concentration": POSITIONS, "Holdings": POSITIONS,
    "assets": POSITIONS, "income": INCOME, "fixed_income": BONDS, "series": POINTS, "returns": POINTS,
    "benchmark": POINTS, "flows": FLOWS, "top_movers_data": MOVERS, "Asset Allocation": SHARES,
    "Sector Allocation": SHARES, "Currency Allocation": SHARES, "Region Allocation": SHARES,
    "Benchmark Allocation": SHARES,
}  # fmt: skip
"""The shape of each field's rows."""
