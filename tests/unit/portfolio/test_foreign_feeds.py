"""Payloads in the manner of many countries' systems whose truth is known: right, or named as ambiguous, never wrong."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable
from tests.unit.portfolio.test_reading import absence_of, ambiguous, read, reading_of, value_of

ALPHA_AND_BETA = [{"name": "Alpha plc", "market_value": 6000}, {"name": "Beta plc", "market_value": 4000}]
EXTRAS = {
    "currency": "EUR",
    "account": "A1",
    "region": "Europe",
    "quantity": 10,
    "fee": "0.2%",
    "yield": "3%",
    "date": "2025-01-31",
}
RIGHT: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "US export, total beside no name, losses in brackets": (
        {
            "holdings": "Symbol,Description,Quantity,Price,Market Value,Cost Basis\n"
            'AAPL,Apple Inc,50,$190.00,"$9,500.00","$10,000.00"\n'
            'MSFT,Microsoft Corp,10,$420.00,"$4,200.00","$3,000.00"\n'
            'Total,,,,"$13,700.00","$13,000.00"'
        },
        {"market_value": "13700", "cost": "13000", "gain.apple_inc": "-500", "count": "2"},
    ),
    "US export, total of shares beside it": (
        {"holdings": "Symbol,Shares,Value,Currency\nAAPL,10,6000,USD\nMSFT,20,4000,USD\nTotal,30,10000,USD"},
        {"market_value": "10000", "count": "2"},
    ),
    "US account, dollars without cents, allocation with its total": (
        {
            "Market Value": "$100,000",
            "Investment Value": "$90,000",
            "Top Asset": "Equity",
            "Asset Allocation": {"Equity": 0.6, "Bonds": 0.3, "Cash": 0.1, "Total": 1.0},
        },
        {"market_value": "100000", "gain": "10000", "weight.asset_class.equity": "60", "count": "3"},
    ),
    "two accounts, each with its total": (
        {
            "holdings": "Account,Name,Value,Currency\nA1,Alpha plc,6000,EUR\nA1 Total,,6000,EUR\nA2,Beta plc,4000,EUR\n"
            "A2 Total,,4000,EUR\nGrand Total,,10000,EUR"
        },
        {"market_value": "10000", "count": "2"},
    ),
    "UK quotes in pence, amounts in pounds": (
        {
            "holdings": [
                {
                    "name": "Vodafone",
                    "ticker": "VOD.L",
                    "quantity": "10,000",
                    "price": "72.50p",
                    "market_value": "£7,250.00",
                },
                {
                    "name": "Lloyds",
                    "ticker": "LLOY.L",
                    "quantity": "20,000",
                    "price": "55.1p",
                    "market_value": "£11,020.00",
                },
            ]
        },
        {"market_value": "18270", "market_value.vodafone": "7250"},
    ),
    "German export with semicolons and a sum": (
        {
            "holdings": "Bezeichnung;ISIN;Stück;Kurs;Kurswert;Einstandswert\n"
            "SAP SE;DE0007164600;100;180,50 €;18.050,00 €;12.000,00 €\n"
            "Siemens AG;DE0007236101;50;170,00 €;8.500,00 €;9.000,00 €\nSumme;;;;26.550,00 €;21.000,00 €"
        },
        {"market_value": "26550", "cost": "21000", "gain.siemens_ag": "-500"},
    ),
    "German snapshot": (
        {
            "Market Value": "1.250.000,00 EUR",
            "Investment Value": "1.000.000,00 EUR",
            "Top Asset": "Aktien (62,5 %)",
            "Asset Allocation": {"Aktien": "62,5 %", "Anleihen": "27,5 %", "Gold": "10 %"},
        },
        {"gain_pct": "25", "weight.asset_class.aktien": "62.5"},
    ),
    "fees with a decimal comma": (
        {
            "holdings": [
                {"name": "A", "market_value": "€10.000,00", "expense ratio": "0,20"},
                {"name": "B", "market_value": "€5.000,00", "expense ratio": "0,65"},
            ]
        },
        {"fee": "0.35", "fee_amount": "52.5"},
    ),
    "French company that is called Total": (
        {
            "holdings": [
                {"name": "LVMH", "isin": "FR0000121014", "quantity": 10, "market_value": 7205},
                {"name": "Total", "isin": "FR0000120271", "quantity": 100, "market_value": 5820},
            ],
            "currency": "EUR",
        },
        {"market_value": "13025"},
    ),
    "French bond, coupon and price with commas": (
        {
            "fixed_income": [
                {
                    "name": "OAT 0,75% 2028",
                    "face_value": 100000,
                    "price": "94,20",
                    "coupon": "0,75",
                    "maturity": "25/05/2028",
                }
            ],
            "currency": "EUR",
        },
        {"market_value": "94200", "coupon": "0.75"},
    ),
    "Swiss groups": (
        {
            "holdings": [
                {"name": "Nestlé", "market_value": "CHF 1'234.50", "cost": "CHF 1'000.00"},
                {"name": "Novartis", "market_value": "CHF 12'345.00", "cost": "CHF 13'000.00"},
            ]
        },
        {"market_value": "13579.5", "gain": "-420.5"},
    ),
    "Indian amounts in lakh by the column's name": (
        {
            "holdings": [
                {
                    "Scheme Name": "HDFC Flexi Cap Fund",
                    "Current Value (Rs. in Lakhs)": "12.50",
                    "Invested (Rs. in Lakhs)": "10.00",
                },
                {
                    "Scheme Name": "SBI Liquid Fund",
                    "Current Value (Rs. in Lakhs)": "7.50",
                    "Invested (Rs. in Lakhs)": "7.00",
                },
            ]
        },
        {"market_value": "2000000", "cost": "1700000"},
    ),
    "Indian snapshot, crore and groups, XIRR as a fraction": (
        {
            "Market Value": "₹ 2.35 Cr.",
            "Investment Value": "₹ 1,95,00,000.00",
            "Top Asset": "Equity - 62.4%",
            "XIRR SI": "0.124",
        },
        {"market_value": "23500000", "gain": "4000000", "xirr": "12.4"},
    ),
    "Indian model with a total row": (
        {
            "total_portfolio_mv": "10,00,000",
            "Currency": "INR",
            "assets": [
                {"name": "Equity", "market_value": 700000, "model_weight": 60, "currency": "INR"},
                {"name": "Debt", "market_value": 300000, "model_weight": 40, "currency": "INR"},
                {"name": "Total", "market_value": 1000000, "model_weight": 100, "currency": "INR"},
            ],
        },
        {"market_value": "1000000", "count": "2", "drift.equity": "10"},
    ),
    "Japanese scale words": (
        {
            "holdings": [
                {"name": "トヨタ", "market_value": "120万円", "cost": "1,000,000円"},
                {"name": "ソニー", "market_value": "￥800,000", "cost": "90万円"},
            ]
        },
        {"market_value": "2000000", "gain": "100000"},
    ),
    "two currencies with a rate": (
        {
            "holdings": [
                {"name": "VOO", "currency": "USD", "market_value": 10000},
                {"name": "SAP", "currency": "EUR", "market_value": 5000},
            ],
            "base_currency": "EUR",
            "fx_rates": {"USD": 0.92},
        },
        {"market_value": "14200", "market_value.voo": "9200"},
    ),
    "model in basis points": (
        {
            "total_portfolio_mv": 100000,
            "currency": "USD",
            "assets": [
                {"name": "VTI", "market_value": 65000, "model_weight": 6000},
                {"name": "BND", "market_value": 35000, "model_weight": 4000},
            ],
        },
        {"drift.vti": "5", "trade.bnd": "5000"},
    ),
    "movers as fractions": (
        {
            "top_movers_data": [
                {"name": "Infosys", "weight": 0.052, "return": 0.132},
                {"name": "Wipro", "weight": 0.034, "return": -0.021},
            ]
        },
        {"return.infosys": "13.2", "contribution.wipro": "-0.0714"},
    ),
    "short position in brackets": (
        {
            "holdings": [
                {"name": "AAPL", "quantity": -100, "price": 190, "market_value": "(19,000)"},
                {"name": "MSFT", "quantity": 200, "price": 420, "market_value": "84,000"},
            ],
            "currency": "USD",
        },
        {"market_value": "65000", "market_value.aapl": "-19000"},
    ),
    "subtotals of sectors": (
        {
            "holdings": [
                {"name": "AAPL", "sector": "Tech", "market_value": 100},
                {"name": "MSFT", "sector": "Tech", "market_value": 200},
                {"name": "Subtotal Tech", "market_value": 300},
                {"name": "JPM", "sector": "Banks", "market_value": 150},
                {"name": "Subtotal Banks", "market_value": 150},
                {"name": "Grand Total", "market_value": 450},
            ],
            "currency": "USD",
        },
        {"market_value": "450", "count": "3"},
    ),
    "income with a total row": (
        {
            "income": [
                {"name": "ITC", "market_value": 100000, "income": 3200, "currency": "INR"},
                {"name": "HUL", "market_value": 50000, "income": 1000, "currency": "INR"},
                {"name": "Total", "market_value": 150000, "income": 4200, "currency": "INR"},
            ]
        },
        {"income": "4200", "count": "2"},
    ),
}
AMBIGUOUS: dict[str, tuple[dict[str, Any], str]] = {
    "the first of each month, month or day first": (
        {"series": [{"date": f"{n:02d}/01/2025", "value": 100 + n} for n in range(1, 13)], "currency": "USD"},
        "twr",
    ),
    "years of two digits": (
        {"series": [{"date": f"01-{n:02d}-24", "value": 100 + n} for n in (2, 3, 4)], "currency": "GBP"},
        "twr",
    ),
    "yields of 0.03 and 0.72": (
        {
            "income": [
                {"name": "NVDA", "market_value": "$10,000", "yield": 0.03},
                {"name": "MSFT", "market_value": "$20,000", "yield": 0.72},
            ]
        },
        "income",
    ),
    "a calm day's movers or a wild year's": (
        {
            "top_movers_data": [
                {"name": "Infosys", "weight": 5.2, "return": 0.32},
                {"name": "Wipro", "weight": 3.4, "return": -0.21},
            ]
        },
        "return",
    ),
    "flows beside values, of the day or of the period before it": (
        {
            "series": [
                {"date": "2024-12-31", "value": 100_000},
                {"date": "2025-01-31", "value": 1_101_000, "net_flow": 1_000_000},
                {"date": "2026-01-31", "value": 1_105_000},
            ],
            "currency": "INR",
        },
        "twr",
    ),
    "a fund or the sum of its asset class": (
        {
            "holdings": [
                {"name": "A", "market_value": 500, "sector": "Banks"},
                {"name": "B", "market_value": 500, "sector": "Banks"},
                {"name": "Total Stock Market ETF", "market_value": 1000, "sector": "Broad"},
            ],
            "currency": "USD",
        },
        "market_value",
    ),
}


@pytest.mark.parametrize("case", RIGHT)
def test_a_feeds_own_notation_is_read_right(case: str) -> None:
    payload, truth = RIGHT[case]
    table = read(payload)

    for fact_id, value in truth.items():
        assert value_of(table, fact_id) == pytest.approx(Decimal(value), rel=Decimal("1e-12")), fact_id


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_two_readings_fit_is_said_to_be_ambiguous(case: str) -> None:
    payload, fact_id = AMBIGUOUS[case]

    assert len(ambiguous(read(payload), fact_id)) == 2


@pytest.mark.parametrize("word", ["Total", "Grand Total", "Total EUR", "Summe"])
@pytest.mark.parametrize("extra", EXTRAS)
def test_a_total_that_fills_other_columns_too_doubles_nothing(extra: str, word: str) -> None:
    rows = [row | {extra: EXTRAS[extra]} for row in ALPHA_AND_BETA]
    whole = 20 if extra == "quantity" else EXTRAS[extra]
    table = read({"holdings": [*rows, {"name": word, "market_value": 10_000, extra: whole}], "Currency": "EUR"})

    if (fact := table.find("market_value")) is not None:
        assert fact.value == 10_000
    else:  # "Total EUR" with a region could be a fund's name
        assert (extra, word) == ("region", "Total EUR")
        assert len(ambiguous(table, "market_value")) == 2


def test_funds_that_are_called_total_are_positions() -> None:
    funds = [
        {"name": f"Total {part} Market Index", "market_value": 1000, "currency": "USD"} for part in ("Bond", "Stock")
    ]

    assert value_of(read({"holdings": funds}), "market_value") == 2000


def test_an_amount_with_its_currency_has_as_many_decimals_as_that_has_cents() -> None:
    def send(amount: str) -> FactTable:
        return read({"Market Value": amount, "Investment Value": amount, "Top Asset": "Equity"})

    assert value_of(send("$100,000"), "market_value") == 100_000
    assert value_of(send("100.000 €"), "market_value") == 100_000
    assert ambiguous(send("KWD 100,000"), "market_value")  # a dinar has 1,000 fils
    assert ambiguous(send("100,000"), "market_value")


def test_flows_with_their_days_stand_before_those_beside_values() -> None:
    series = [{"date": "2024-12-31", "value": 100}, {"date": "2025-12-31", "value": 220, "flow": 100}]
    payload = {"series": series, "currency": "USD"}

    assert absence_of(read(payload), "xirr").code == "AMBIGUOUS_INPUT"
    table = read(payload | {"flows": [{"date": "2025-12-31", "flow": 100}]})
    assert value_of(table, "twr") == pytest.approx(Decimal(20), rel=Decimal("1e-12"))
    assert reading_of(table, "flows[].flow") == ({"unit": "money", "currency": "USD"}, "column")


@pytest.mark.parametrize(
    ("beside", "share", "unit", "why"),
    [
        ({"Cash": 5}, 5, "percent", "range"),
        ({"Cash": "5%"}, 5, "percent", "marked"),
        ({"Cash": 0.05, "input_conventions": {"weights": "fraction"}}, 5, "fraction", "convention"),
        ({"Cash": 0.05, "Asset Allocation": {"Equity": 0.95, "Cash": 0.05}}, 5, "fraction", "sibling"),
        ({"Cash": 0.5, "Asset Allocation": {"Equity": 99.5, "Cash": 0.5}}, Decimal("0.5"), "percent", "sibling"),
    ],
)
def test_small_cash_is_a_share_in_the_unit_of_the_shares_beside_it(
    beside: dict[str, Any], share: Decimal, unit: str, why: str
) -> None:
    snapshot = {"Market Value": "$1,250,000", "Investment Value": "$1,000,000", "Top Asset": "Equity (62.5%)"}
    table = read(snapshot | beside)

    assert (value_of(table, "cash_pct"), reading_of(table, "Cash")) == (share, ({"unit": unit}, why))


def test_cash_of_a_twentieth_or_of_a_twentieth_percent_is_ambiguous() -> None:
    snapshot = {"Market Value": "$1,250,000", "Investment Value": "$1,000,000", "Top Asset": "Equity (62.5%)"}

    assert len(ambiguous(read(snapshot | {"Cash": 0.05}), "cash_pct")) == 2
