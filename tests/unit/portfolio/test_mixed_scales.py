"""Fractions beside percents: one scale where evidence settles it, else the cell is told and in no sum."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.test_reading import read

SNAPSHOT = {"Market Value": 12_000_000, "Investment Value": 10_000_000, "Top Asset": "Equity (62%)"}
CURRENCIES = ("EUR", "USD", "INR", "JPY")
Build = Callable[[str, Sequence[Any]], dict[str, Any]]


def _bonds(currency: str, column: str, cells: Sequence[Any]) -> dict[str, Any]:
    whole = {"face_value": 100_000, "price": 99, "coupon": "5%", "frequency": "annual"}
    rows = [{"name": f"Bond {index}", **whole, "maturity": f"203{index}-06-30", column: cell}
            for index, cell in enumerate(cells)]  # fmt: skip
    return {"Currency": currency, "As Of": "2026-06-30", "fixed_income": rows}


def _coupons(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    return _bonds(currency, "coupon", cells)


def _coupons_in_euros(_: str, cells: Sequence[Any]) -> dict[str, Any]:
    """Elsewhere a coupon of 0.05 % is not plausible, which settles a fraction."""
    return _bonds("EUR", "coupon", cells)


def _prices(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    return _bonds(currency, "price", cells)


def _yields(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    rows = [{"name": f"Fund {index}", "market_value": 1_000_000, "yield": cell} for index, cell in enumerate(cells)]
    return {"Currency": currency, "As Of": "2026-06-30", "income": rows}


def _movers(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    rows = [{"name": f"Mover {chr(65 + index)}", "weight": "10%", "return": cell} for index, cell in enumerate(cells)]
    return {"Currency": currency, "top_movers_data": rows}


def _fees(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    rows = [{"name": f"Fund {index}", "market_value": 1_000_000, "expense_ratio": cell}
            for index, cell in enumerate(cells)]  # fmt: skip
    return {"Currency": currency, "holdings": rows}


def _returns(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    return {"Currency": currency, "returns": list(cells)}


def _weights(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    rows = [{"name": f"Fund {index}", "weight": cell} for index, cell in enumerate(cells)]
    return {"Currency": currency, "holdings": rows}


def _models(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    rows = [{"name": f"Fund {index}", "market_value": 1_000_000, "model_weight": cell, "band": "5%"}
            for index, cell in enumerate(cells)]  # fmt: skip
    return {"Currency": currency, "total_portfolio_mv": 1_000_000 * len(cells), "assets": rows}


def _allocation(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    names = ("Equity", "Debt", "Gold", "Cash")
    return {**SNAPSHOT, "Currency": currency, "Asset Allocation": dict(zip(names, cells, strict=False))}


def _benchmark(currency: str, cells: Sequence[Any]) -> dict[str, Any]:
    return {**SNAPSHOT, "Currency": currency, "XIRR_SI": cells[0], "Benchmark XIRR": cells[1]}


LEFT_OPEN: list[tuple[Build, tuple[Any, ...], tuple[str, ...]]] = [
    (_coupons, (5, 0.05), ("coupon",)),
    (_coupons, (5.25, 4.75, 0.05), ("coupon",)),
    (_coupons, (4.5, 0.045, 0.0525), ("coupon",)),
    (_coupons_in_euros, ("5%", 0.05), ("coupon",)),
    (_prices, (99, 0.99), ("market_value.bond_1",)),
    (_prices, (0.99, 99, 101), ("market_value.bond_0",)),
    (_prices, (0.99, 1.01, 98), ("market_value.bond_2",)),
    (_yields, (4.5, 0.045), ("income", "yield")),
    (_yields, (4.5, 3.8, 5.1, 0.045), ("income", "yield")),
    (_movers, (5, 12.5, -0.02), ("return.mover_c", "total_contribution")),
    (_movers, ("5%", 0.05), ("return.mover_b", "total_contribution")),
    (_movers, (-8, 0.05), ("return.mover_b", "total_contribution")),
    (_movers, (0.05, -0.08, 4), ("return.mover_a", "total_contribution")),
    (_fees, (0.4, 0.004), ("fee",)),
    # The fee of the whole is of the funds whose ratio is known.
    (_fees, (0.4, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.4, 0.5, 0.6, 0.7, 0.0065), ()),
    (_returns, (0.01, -0.02, 1.5, 0.012, -2.0, 0.03), ("twr",)),
    (_weights, (35, 25, 0.3), ("weight.position.fund_2",)),
    (_models, (35, 25, 0.3), ("model_weight.fund_2", "drift.fund_2")),
    (_allocation, (55, 20, 0.1), ("weight.asset_class.gold",)),
    (_benchmark, (13.1, 0.118), ("benchmark_xirr", "xirr_excess")),
    (_benchmark, (13.1, -0.02), ("benchmark_xirr", "xirr_excess")),
    (_benchmark, ("13.1%", 0.118), ("benchmark_xirr", "xirr_excess")),
]


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(("build", "cells", "facts"), LEFT_OPEN)
def test_a_cell_that_may_be_of_another_scale_is_told_and_in_no_figure(
    build: Build, cells: tuple[Any, ...], facts: tuple[str, ...], currency: str
) -> None:
    table = read(build(currency, cells))

    assert [fact for fact in facts if table.find(fact) is not None] == []
    assert any(" could be " in warning.message for warning in table.notes)


SETTLED: list[tuple[Build, tuple[Any, ...], dict[str, str]]] = [
    (_benchmark, (0.131, 11.8), {"xirr": "13.1", "benchmark_xirr": "11.8", "xirr_excess": "1.3"}),
    (_benchmark, (0.131, -2.5), {"xirr": "13.1", "benchmark_xirr": "-2.5"}),
    (_benchmark, (0.131, 0.118), {"xirr": "13.1", "benchmark_xirr": "11.8"}),
    (_benchmark, (13.1, 11.8), {"xirr": "13.1", "benchmark_xirr": "11.8"}),
    (_movers, ("5%", -0.02, "3%"), {"return.mover_a": "5", "return.mover_b": "-2", "return.mover_c": "3"}),
    (_movers, (5.12, -0.02, 0.35), {"return.mover_a": "5.12", "return.mover_b": "-0.02", "return.mover_c": "0.35"}),
    (_weights, (0.4, 35, 25), {"weight.position.fund_0": "40", "weight.position.fund_1": "35"}),
    (_weights, ("40%", 0.35, "25%"), {"weight.position.fund_1": "35"}),
    (_weights, (35, 39.7, 25, 0.3), {"weight.position.fund_3": "0.3"}),
    (_weights, (0.35, 0.4, 25), {"weight.position.fund_0": "35", "weight.position.fund_2": "25"}),
    (_models, (0.5, 50), {"model_weight.fund_0": "50", "drift.fund_0": "0"}),
    (_allocation, (0.7, 20, 10), {"weight.asset_class.equity": "70"}),
    (_coupons, (0.05, 0.04, 0.0525), {}),
    (_fees, (1.5, 0.05), {}),
]


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(("build", "cells", "facts"), SETTLED)
def test_one_scale_is_taken_where_a_mark_a_sum_or_the_sizes_settle_it(
    build: Build, cells: tuple[Any, ...], facts: dict[str, str], currency: str
) -> None:
    table = read(build(currency, cells))

    assert {fact: _value(table, fact) for fact in facts} == {fact: Decimal(value) for fact, value in facts.items()}
    assert not any("hundredfold" in note.message for note in table.notes)


def _value(table: FactTable, fact: str) -> Decimal | None:
    found = table.find(fact)
    return found.value.normalize() if found is not None else None


def test_a_coupon_that_its_bond_is_named_for_is_in_no_doubt() -> None:
    payload = _bonds("EUR", "coupon", (5, 0.05))
    payload["fixed_income"][1]["name"] = "Bund 0.05% 2031"

    assert not any("hundredfold" in note.message for note in read(payload).notes)


def test_a_cell_that_a_sum_settles_is_told_as_read_otherwise() -> None:
    notes = [note.message for note in read(_weights("EUR", (0.4, 35, 25))).notes]

    assert any("holdings[0].weight as 40%" in note for note in notes)


UNKNOWN_MOVERS: list[tuple[tuple[Any, ...], str]] = [
    ((0.05, 0.2), "What the movers returned is not known"),
    (("5%", 0.05), "What the movers returned is not known"),
    ((0, "n/a"), "What Mover B returned is not known"),
    ((0, 0, "unreadable"), "What Mover C returned is not known"),
    ((5, 12.5, -0.02), "What Mover C returned is not known"),
    ((3, -2, "", ""), "What Mover C and Mover D returned is not known"),
]


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(("cells", "told"), UNKNOWN_MOVERS)
def test_movers_whose_return_is_not_known_are_told_as_that(cells: tuple[Any, ...], told: str, currency: str) -> None:
    text = write_narrative(read(_movers(currency, cells)), make_style("en_US")).render()

    assert told in text
    assert "None of the movers changed" not in text
