"""Several lots of one security are one position with its lots: each with its day and gain, told before one is sold."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
OTHERS = [{"name": "World ETF", "asset_class": "Equity", "cost": 60_000, "market_value": 82_000}]
NAMES = ["date acquired", "purchaseDate", "Kaufdatum", "date d'achat", "Open Date", "data acquisto"]


def _lots(name: str, *, account: tuple[str, str] = ("A", "A")) -> list[Payload]:
    days = [("2021-04-01", 100, 12_000, 21_000), ("2025-11-01", 50, 9_500, 10_500)]
    return [{"name": "Apple Inc", "asset_class": "Equity", "quantity": count, "cost": cost, "market_value": value,
             name: day, "account": kept}
            for (day, count, cost, value), kept in zip(days, account, strict=True)]  # fmt: skip


def _hold(rows: list[Payload], currency: str = "USD") -> Payload:
    return {"As Of": "2026-03-31", "Currency": currency, "holdings": rows}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("currency", ["USD", "INR", "EUR"])
def test_lots_are_one_position_and_each_is_told(name: str, currency: str, facts_of: Compute) -> None:
    table = facts_of(_hold([*_lots(name), *OTHERS], currency))
    text = write_narrative(table, STYLE).render()

    assert "in 2 positions" in text, text
    assert "The lot of Apple Inc bought on 1 April 2021" in text
    assert "The lot of Apple Inc bought on 1 November 2025" in text
    assert [fact.value for fact in table.facts if fact.id.startswith("lot_gain.")] == [9_000, 1_000]
    assert ("counts as held long-term from 2 November 2026 on" in text) is (currency != "EUR")
    assert ("the one bought on 1 November 2025" in text) is (currency != "INR")  # where the law says the order
    assert ("but still counts as held short-term" in text) is (currency == "USD")
    assert "could not be used" not in text
    assert "2021-04-01" not in text


def test_lots_in_several_accounts_are_positions_there(facts_of: Compute) -> None:
    table = facts_of(_hold([*_lots("bought", account=("A", "B")), *OTHERS]))

    assert not any(fact.id.startswith("lot_gain.") for fact in table.facts)


def test_rows_that_stand_twice_without_a_day_are_told_as_that(facts_of: Compute) -> None:
    rows = [{key: value for key, value in row.items() if key != "bought"} for row in _lots("bought")]
    text = write_narrative(facts_of(_hold([*rows, *OTHERS])), STYLE).render()

    assert "Rows of Apple Inc stand more than once and were added up" in text


@pytest.mark.parametrize("gains", [True, False])
def test_where_only_lots_of_one_security_are_sent_nothing_is_judged_by_size(gains: bool, facts_of: Compute) -> None:
    rows = _lots("Open Date")
    if gains:
        rows = [{"Security": "Apple Inc", "Open Date": row["Open Date"], "Qty": row["quantity"], "Cost": row["cost"],
                 "Gain/Loss": row["market_value"] - row["cost"]} for row in rows]  # fmt: skip
    payload = _hold(rows) if not gains else {"As Of": "2026-03-31", "Currency": "USD", "tax lots": rows}
    table = facts_of(payload)
    text = write_narrative(table, STYLE).render()

    assert "Only the lots of Apple Inc were sent" in text, text
    assert "limit" not in text
    assert table.find("market_value").value == 31_500  # type: ignore[union-attr]


def test_the_tax_of_waiting_is_none_of_a_position_of_several_days(facts_of: Compute) -> None:
    rates = {"tax": {"short term": "30%", "long term": "15%"}}
    rows = [
        row | {"bought": day, "term": "short"}
        for row, day in zip(_lots("x"), ("2025-05-01", "2021-01-01"), strict=True)
    ]
    table = facts_of(_hold([*rows, *OTHERS]) | rates)

    assert table.find("tax_saved.apple_inc") is None


NESTED = ["lots", "taxLots", "Tax Lots", "Tranchen"]


@pytest.mark.parametrize("name", NESTED)
@pytest.mark.parametrize("valued", [True, False])
def test_lots_within_a_row_are_read_as_its_lots(name: str, valued: bool, facts_of: Compute) -> None:
    lots = [{"acquired": row["bought"], "quantity": row["quantity"], "cost": row["cost"]}
            | ({"market_value": row["market_value"]} if valued else {}) for row in _lots("bought")]  # fmt: skip
    apple = {"name": "Apple Inc", "asset_class": "Equity", "quantity": 150, "cost": 21_500, "market_value": 31_500}
    table = facts_of(_hold([apple | {name: lots}, *OTHERS]))
    gains = [fact.value for fact in table.facts if fact.id.startswith("lot_gain.")]

    assert table.find("market_value").value == 113_500  # type: ignore[union-attr]
    assert gains == [Decimal(9_000), Decimal(1_000)]


@pytest.mark.parametrize("lots", [[{"acquired": "2021-04-01", "quantity": 10, "cost": 1}], [{"note": "x"}],
                                  [{"acquired": "2021-04-01", "quantity": 40, "cost": 5_000}] * 2])  # fmt: skip
def test_lots_that_are_not_all_of_a_row_are_quoted(lots: list[Payload], facts_of: Compute) -> None:
    apple = {"name": "Apple Inc", "asset_class": "Equity", "quantity": 150, "cost": 21_500, "market_value": 31_500}
    table = facts_of(_hold([apple | {"lots": lots}, *OTHERS]))

    assert table.find("market_value").value == 113_500  # type: ignore[union-attr]
    assert not any(fact.id.startswith("lot_gain.") for fact in table.facts)
    assert "lots" in write_narrative(table, STYLE).render()
