"""Payloads of the kinds that make a report hard to lay out, with the locale that they are asked for in."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

Payloads = list[dict[str, Any]]
_KINDS = ("Semiconductor Holdings", "Infrastructure Partners", "Pharmaceutical Industries", "Renewables")
_SHARES = ("Class A Accumulating GBP Hedged", "Ordinary Shares 25p", "2.375% Senior Notes 2031")
_SECTORS = ("Financials", "Technology", "Health Care", "Consumer Discretionary", "Communication Services", "Energy")


def make_track(days: int) -> dict[str, Any]:
    """Values of a portfolio and its benchmark on so many days, weekends left out."""
    chance = random.Random(5)
    own, index, day, values, benchmark = 100.0, 100.0, date(2011, 3, 31), [], []
    for _ in range(days):
        if day.weekday() < 5:
            move = chance.gauss(0.0004, 0.011)
            own, index = own * (1 + move * 0.9 + chance.gauss(0.0001, 0.003)), index * (1 + move)
            values.append({"date": day.isoformat(), "value": round(own * 12000, 2)})
            benchmark.append({"date": day.isoformat(), "value": round(index, 4)})
        day += timedelta(days=1)
    return {"series": values, "benchmark": benchmark, "Benchmark Name": "MSCI World (net)", "Currency": "USD"}


def _make_small() -> Payloads:
    return [{"Client Name": "Jo Weir", "Market Value": "£48,200", "Investment Value": "£50,000",
             "Top Asset": "Global Equity Fund (81%)", "As Of": "2026-03-31"}]  # fmt: skip


def _make_many() -> Payloads:
    chance = random.Random(7)
    holdings = [
        {
            "name": f"Amalgamated {chance.choice(_KINDS)} plc {chance.choice(_SHARES)} {index}",
            "asset_class": chance.choice(("Equity", "Equity", "Bond", "Alternatives", "Cash")),
            "sector": chance.choice(_SECTORS),
            "currency": chance.choice(("USD", "GBP", "EUR")),
            "market_value": round(chance.lognormvariate(10, 1.3), 2),
            "cost": round(chance.lognormvariate(10, 0.8), 2),
        }
        for index in range(200)
    ]
    client = "Alexandra Fotheringham-Cholmondeley & The Trustees of the Fotheringham 1987 Settlement"
    return [{"Client Name": client, "Base Currency": "GBP", "Fx Rates": {"USD": 0.79, "EUR": 0.85},
             "Risk Profile": "Growth", "As Of": "2026-03-31", "holdings": holdings}]  # fmt: skip


def _make_losses() -> Payloads:
    moves = (
        ("Alpha Robotics", 12, -31),
        ("Borealis Uranium", 9, -22.5),
        ("Delta Chips", 14, -12.9),
        ("Echo", 8, -0.03),
    )
    return [
        {"Client Name": "Sam Okoro", "Market Value": "USD 812,000", "Investment Value": "USD 1,050,000",
         "Top Asset": "Technology (74%)", "Cash": "-USD 40,000", "XIRR_SI": "-8.2%", "Benchmark XIRR": "-3.1%",
         "Asset Allocation": {"Technology": "74%", "Energy": "31%", "Cash": "-5%"}},
        {"top_movers_data": [{"name": name, "weight": weight, "return": change} for name, weight, change in moves],
         "Portfolio Return": "-9.6%", "Period": "the first quarter of 2026"},
    ]  # fmt: skip


def _make_rupees() -> Payloads:
    sources = [{"name": "Corporate Bond Fund", "market_value": "₹42,87,200", "yield": "7.4%"},
               {"name": "Embassy Office Parks REIT", "market_value": "₹6,00,000", "yield": "6.9%"}]  # fmt: skip
    assets = [
        {"name": "Nifty 50 Index Fund", "asset_class": "Equity", "market_value": "₹1,16,31,360", "model_weight": "55%"},
        {"name": "Corporate Bond Fund", "asset_class": "Debt", "market_value": "₹70,08,640", "model_weight": "45%"},
    ]
    return [
        {"total_portfolio_mv": "₹1,86,40,000", "customer_risk_profile": "Conservative", "assets": assets,
         "Client Name": "Meera Raghavan"},
        {"income": sources, "annual_need": "₹7,20,000", "tax_rate": "31.2%"},
    ]  # fmt: skip


def _make_german() -> Payloads:
    bonds = [
        {"name": "Bundesrepublik Deutschland 2,30% 15.02.2033", "market_value": "210.000", "coupon": "2,30%",
         "ytm": "2,61%", "duration": "6,1", "maturity": "15.02.2033", "rating": "AAA"},
        {"name": "ams-OSRAM 10,50% 30.03.2029", "market_value": "60.000", "coupon": "10,5%", "ytm": "8,9%",
         "duration": "2,4", "maturity": "30.03.2029", "rating": "B"},
    ]  # fmt: skip
    return [
        {"Client Name": "Familie Müller", "Currency": "EUR", "Market Value": "1.862.400,50",
         "Top Asset": "Aktien (62,4%)",
         "Investment Value": "1.420.000,00", "As Of": "31.03.2026", "customer_risk_profile": "Balanced",
         "Asset Allocation": {"Aktien": "62,4%", "Anleihen": "23,0%", "Gold": "9,5%", "Liquidität": "5,1%"}},
        {"fixed_income": bonds, "Currency": "EUR", "As Of": "31.03.2026"},
    ]  # fmt: skip


KINDS: dict[str, tuple[str, Callable[[], Payloads]]] = {
    "small": ("en_GB", _make_small),
    "typical": ("en_US", lambda: [*_make_small(), *_make_losses()[1:], make_track(1100)]),
    "many": ("en_GB", _make_many),
    "long": ("en_US", lambda: [make_track(5400)]),
    "losses": ("en_US", _make_losses),
    "rupees": ("en_IN", _make_rupees),
    "german": ("de_DE", _make_german),
}
"""Locale and payloads by kind."""
