"""Amounts beside quantity and price: in the currency of their row where they are the product, in the whole's where a
rate stands between them, however near to par that rate is."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.portfolio.conftest import Compute

RATES = {"USD/SGD": "1.29", "GBP/USD": "1.33", "EUR/USD": "1.08", "AUD/USD": "0.66", "CHF/EUR": "1.05", "USD/INR": "84"}
OTHER = 300_000


def _payload(pair: str, rate: str, amount: Decimal) -> dict[str, Any]:
    code, base = pair.split("/")
    return {
        "asOf": "30 Sep 2026", "baseCurrency": base, "fxRates": {pair: rate},
        "accounts": [
            {"account": "One", "currency": base, "positions": [{"name": "Home Fund", "marketValue": OTHER}]},
            {"account": "Two", "currency": code, "positions": [
                {"name": "Northgate", "quantity": 9000, "price": 84, "marketValue": float(amount)},
            ]},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("pair", RATES)
def test_what_is_quantity_times_price_is_in_the_currency_of_its_account(pair: str, facts_of: Compute) -> None:
    table = facts_of(_payload(pair, RATES[pair], Decimal(9000 * 84)))

    total = table.find("market_value")
    assert total is not None
    assert total.value == OTHER + 9000 * 84 * Decimal(RATES[pair])
    assert not any(note.code == "price_mismatch" for note in table.notes)


@pytest.mark.parametrize("pair", ["USD/SGD", "GBP/USD", "AUD/USD", "USD/INR"])
def test_what_is_the_product_times_the_rate_is_in_the_currency_of_the_whole(pair: str, facts_of: Compute) -> None:
    amount = Decimal(9000 * 84) * Decimal(RATES[pair])
    table = facts_of(_payload(pair, RATES[pair], amount))

    total = table.find("market_value")
    assert total is not None
    assert total.value == OTHER + amount


@pytest.mark.parametrize("name", ["Deposit", "Bank deposits", "Einlagen", "Depósitos", "Deposito bancario"])
def test_a_class_of_deposits_holds_no_equity(name: str, facts_of: Compute) -> None:
    rows = [
        {"name": "World ETF", "assetClass": "Equity", "value": 60},
        {"name": "At the bank", "assetClass": name, "value": 40},
    ]
    table = facts_of({"Currency": "EUR", "holdings": rows, "riskProfile": "Balanced"})

    share = table.find("equity_share")
    assert share is not None
    assert share.value == 60
