"""Files as named custodians, brokers and banks of eight countries lay them out, each with figures worked out by hand.

Only the layouts are theirs (their columns and totals); the positions are made up.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.portfolio.test_reading import absence_of, ambiguous, read, value_of

Payload = dict[str, Any]
RIGHT: dict[str, tuple[Payload, dict[str, str]]] = {
    "Indian broker: quantities available, average and closing prices": (
        {
            "holdings_csv": "Symbol,ISIN,Sector,Quantity Available,Average Price,Previous Closing Price,P&L\n"
            "INFY,INE009A01021,IT,100,1200.50,1500.00,29950.00\nHDFCBANK,INE040A01034,Banking,50,1400,1650.25,12512.5",
            "Currency": "INR",
        },
        {"market_value": "232512.5", "cost": "190050", "gain": "42462.5"},
    ),
    "Indian broker: buy and closing values": (
        {
            "holdings_csv": "Stock Name,ISIN,Quantity,Average buy price,Buy value,Closing price,Closing value\n"
            'Tata Motors,INE155A01022,10,500.00,"5,000.00",650.00,"6,500.00"\n'
            'ITC,INE154A01025,100,300.00,"30,000.00",450.10,"45,010.00"',
            "Currency": "INR",
        },
        {"market_value": "51510", "cost": "35000", "gain": "16510"},
    ),
    "Indian registrar's statement: folios, a total beside no scheme": (
        {
            "holdings": [
                {"Folio No": "12/4", "Scheme": "Flexi Cap Fund", "Units": "1,234.567", "NAV": "1,678.901",
                 "Valuation (INR)": "20,72,715.97", "Cost Value (INR)": "15,00,000.00"},
                {"Folio No": "99", "Scheme": "Bluechip Fund", "Units": "500.000", "NAV": "80.5",
                 "Valuation (INR)": "40,250.00", "Cost Value (INR)": "45,000.00"},
                {"Folio No": "Total", "Scheme": "", "Units": "", "NAV": "", "Valuation (INR)": "21,12,965.97",
                 "Cost Value (INR)": "15,45,000.00"},
            ]
        },
        {"market_value": "2112965.97", "cost": "1545000", "count": "2"},
    ),
    "Indian depository: the face value of a share is no value": (
        {
            "holdings": [
                {"ISIN": "INE002A01018", "Company Name": "Reliance", "Face Value in ₹": 10.00, "No. of Shares": "100",
                 "Market Price in ₹": "2,500.00", "Value in ₹": "2,50,000.00"},
                {"ISIN": "INE467B01029", "Company Name": "TCS", "Face Value in ₹": 1.00, "No. of Shares": "50",
                 "Market Price in ₹": "3,500.00", "Value in ₹": "1,75,000.00"},
            ]
        },
        {"market_value": "425000", "count": "2"},
    ),
    "American broker: dashes, account total, share of account": (
        {
            "holdings_csv": "Symbol,Description,Quantity,Price,Market Value,Cost Basis,% Of Account,Security Type\n"
            'AAPL,APPLE INC,50,190.00,"$9,500.00","$10,000.00",60%,Equity\n'
            'Cash & Cash Investments,--,--,--,"$6,333.33",N/A,40%,Cash and Money Market\n'
            'Account Total,--,--,--,"$15,833.33","$10,000.00",--,--'
        },
        {"market_value": "15833.33", "count": "2", "market_value.apple_inc": "9500"},
    ),
    "American broker: the type of the account is no asset class": (
        {
            "holdings_csv": "Account Number,Symbol,Description,Quantity,Last Price,Current Value,Cost Basis Total,"
            "Type\n"
            "X1,FXAIX,500 INDEX FUND,10.5,$180.00,$1890.00,$1500.00,Cash\n"
            "X1,SPAXX,HELD IN MONEY MARKET,,,$1000.00,$1000.00,Cash"
        },
        {"market_value": "2890", "cost": "2500"},
    ),
    "British platform: prices in pence by their name, totals beside no name": (
        {
            "holdings_csv": "Code,Stock,Units held,Price (pence),Value (£),Cost (£)\n"
            'VOD,Vodafone,"10,000",72.50,"7,250.00","9,000.00"\nLLOY,Lloyds,"20,000",55.10,"11,020.00","8,000.00"\n'
            ',,,,"18,270.00","17,000.00"'
        },
        {"market_value": "18270", "cost": "17000", "count": "2"},
    ),
    "British platform: pence and no values": (
        {"holdings_csv": 'Investment,Quantity,Price (pence)\nVodafone,"10,000",72.50\nLloyds,"20,000",55.10'},
        {"market_value": "18270"},
    ),
    "German depot: a bond's currency is a percent sign": (
        {
            "holdings_csv": "Bestand;ISIN;Bezeichnung;Kurs;Währung;Kurswert;Einstandswert\n"
            "100,00;DE0007164600;SAP SE;180,500;EUR;18.050,00;12.000,00\n"
            "200.000,00;DE0001102580;BUND 0% 2032;85,25;%;170.500,00;180.000,00"
        },
        {"market_value": "188550", "cost": "192000", "count": "2"},
    ),
    "German depot: pieces and nominals in one column, values in euros by name": (
        {
            "holdings": [
                {"Stück/Nominale": "25", "Bezeichnung": "MSCI World ETF", "Akt. Kurs": "98,35",
                 "Wert in EUR": "2.458,75", "Kaufwert in EUR": "1.800,00"},
                {"Stück/Nominale": "10.000", "Bezeichnung": "4,25% Anleihe 2030", "Akt. Kurs": "101,5",
                 "Wert in EUR": "10.150,00", "Kaufwert in EUR": "10.000,00"},
            ]
        },
        {"market_value": "12608.75", "cost": "11800"},
    ),
    "Swiss bank: a Valor is a security's number": (
        {
            "holdings": [
                {"Bezeichnung": "Alpha N", "Valor": "3886335", "Anzahl": "100", "Kurs": "95.50", "Währung": "CHF",
                 "Marktwert in CHF": "9'550", "Anteil in %": "43.7"},
                {"Bezeichnung": "Beta Inc", "Valor": "908440", "Anzahl": "70", "Kurs": "200.00", "Währung": "USD",
                 "Marktwert in CHF": "12'320", "Anteil in %": "56.3"},
            ]
        },
        {"market_value": "21870", "market_value.alpha_n": "9550"},
    ),
    "Japanese broker: what is called a value is the price": (
        {
            "holdings": [
                {"銘柄名": "トヨタ", "数量": "100株", "時価": "2,850円", "評価額": "285,000円",
                 "取得価額": "200,000円"},
                {"銘柄名": "ソニー", "数量": "50株", "時価": "13,000円", "評価額": "650,000円",
                 "取得価額": "700,000円"},
            ]
        },
        {"market_value": "935000", "cost": "900000", "gain": "35000"},
    ),
    "Japanese broker: a total": (
        {
            "holdings_csv": "銘柄,数量,現在値,評価額,取得価額\n"
            'トヨタ,"1,000","2,850","2,850,000","2,000,000"\n合計,,,"2,850,000","2,000,000"',
            "Currency": "JPY",
        },
        {"market_value": "2850000", "gain": "850000"},
    ),
    "Dutch broker: local values and euros": (
        {
            "holdings": [
                {"Product": "ASML", "ISIN": "NL0010273215", "Quantity": 10, "Closing": 650, "Value in EUR": 6500,
                 "Local value": "EUR 6500.00"},
                {"Product": "APPLE", "ISIN": "US0378331005", "Quantity": 10, "Closing": 200, "Value in EUR": 1840,
                 "Local value": "USD 2000.00"},
            ]
        },
        {"market_value": "8340"},
    ),
    "French bank: average price of purchase": (
        {
            "holdings": [
                {"Libellé": "Alpha", "Quantité": "10", "Cours": "650,50 €", "Valorisation": "6 505,00 €",
                 "PRU": "500,00"},
                {"Libellé": "Beta", "Quantité": "100", "Cours": "58,20 €", "Valorisation": "5 820,00 €",
                 "PRU": "45,10"},
            ]
        },
        {"market_value": "12325", "cost": "9510", "gain": "2815"},
    ),
    "Italian bank: a bond's average price is per 100, as its price is": (
        {
            "holdings": [
                {"Titolo": "ENI", "Quantità": "1.000", "Prezzo": "14,50", "Controvalore": "14.500,00",
                 "Prezzo medio di carico": "12,00"},
                {"Titolo": "BTP 2,5% 2032", "Quantità": "10.000", "Prezzo": "95,50", "Controvalore": "9.550,00",
                 "Prezzo medio di carico": "98,00"},
            ],
            "Currency": "EUR",
        },
        {"market_value": "24050", "cost": "21800", "gain": "2250"},
    ),
    "two accounts, each with its total": (
        {
            "holdings_csv": "Account,Security,Shares,Price,Value\nIRA,VTI,10,250,2500\nIRA,BND,20,75,1500\n"
            "IRA Total,,,,4000\nTaxable,VTI,4,250,1000\nTaxable Total,,,,1000\nTotal,,,,5000",
            "Currency": "USD",
        },
        {"market_value": "5000", "count": "2", "weight.position.vti": "70"},
    ),
    "subtotals that name their class and no position": (
        {
            "holdings_csv": "Asset Class,Security,Value\nEquity,A,100\nEquity,B,200\nEquity,,300\nDebt,C,400\n"
            "Debt,,400\n,,700",
            "Currency": "USD",
        },
        {"market_value": "700", "count": "3"},
    ),
    "a value in another currency's column": (
        {
            "holdings": [
                {"name": "VOO", "Market Value (USD)": 1000, "Market Value (EUR)": 800},
                {"name": "SAP", "Market Value (USD)": "", "Market Value (EUR)": 500},
            ],
            "base_currency": "USD",
            "fx_rates": {"EURUSD": "1.25"},
        },
        {"market_value": "1625"},
    ),
    "a footer": (
        {"holdings_csv": 'Name,Value\nA,1000\nB,2500\n"Data as of 28 Nov 2025. Delayed.",', "Currency": "USD"},
        {"market_value": "3500", "count": "2"},
    ),
    "snapshot in lakh by the names of its fields": (
        {
            "Market Value (₹ lakh)": "125.00", "Investment Value (₹ lakh)": "100.00", "Top Asset": "Equity (62%)",
            "Cash (₹ lakh)": "5",
        },
        {"market_value": "12500000", "gain": "2500000", "cash": "500000"},
    ),
    "snapshot in two scales": (
        {"Market Value": "₹ 1.25 Cr", "Investment Value": "₹ 100 lakh", "Top Asset": "Equity (62%)"},
        {"gain": "2500000"},
    ),
    "values in two scales": (
        {
            "series": [
                {"date": "2025-01-31", "value": "1.0 Cr"}, {"date": "2025-02-28", "value": "1.1 Cr"},
                {"date": "2025-03-31", "value": "110 lakh"},
            ],
            "Currency": "INR",
        },
        {"twr": "10", "market_value": "11000000"},
    ),
    "a withdrawal without a sign": (
        {
            "series": [
                {"date": "2024-01-31", "value": 100}, {"date": "2024-07-31", "value": 60},
                {"date": "2025-01-31", "value": 66},
            ],
            "flows": [{"date": "2024-07-31", "amount": 50, "type": "Withdrawal"}],
        },
        {"twr": "21"},
    ),
    "a purchase with the sign of the client's books": (
        {
            "series": [
                {"date": "2024-01-31", "value": 100}, {"date": "2024-07-31", "value": 160},
                {"date": "2025-01-31", "value": 176},
            ],
            "flows": [{"date": "2024-07-31", "amount": -50, "transaction type": "Purchase"}],
        },
        {"twr": "21"},
    ),
    "deposits and withdrawals in two columns": (
        {
            "series": [
                {"date": "2024-01-31", "value": 100}, {"date": "2024-07-31", "value": 160},
                {"date": "2025-01-31", "value": 110},
            ],
            "flows": [
                {"date": "2024-07-31", "Deposits": 50, "Withdrawals": ""},
                {"date": "2025-01-31", "Deposits": "", "Withdrawals": 66},
            ],
        },
        {"twr": "21"},
    ),
    "bands either side": (
        {
            "total_portfolio_mv": 100000,
            "assets": [
                {"name": "Equity", "weight": "62%", "target": "60%", "band": "+/- 1%"},
                {"name": "Debt", "weight": "38%", "target": "40%", "band": "±5%"},
            ],
        },
        {"breaches": "1", "drift.equity": "2"},
    ),
    "movers in basis points": (
        {
            "top_movers_data": [
                {"name": "Infosys", "weight": "520 bps", "return": "1240 bps"},
                {"name": "HDFC", "weight": "810bps", "return": "-320bps"},
            ]
        },
        {"contribution.infosys": "0.6448", "contribution.hdfc": "-0.2592"},
    ),
    "Swiss incomes a year, one of them without a yield": (
        {
            "income": [
                {"Bezeichnung": "Alpha", "Marktwert": "CHF 100'000", "Rendite": "3.1%", "Ertrag p.a.": "CHF 3'100"},
                {"Bezeichnung": "Haus", "Marktwert": "CHF 500'000", "Ertrag p.a.": "CHF 24'000"},
            ]
        },
        {"income": "27100"},
    ),
    "a month's and a year's income side by side": (
        {
            "income": [
                {"name": "A", "Monthly Income": 1000, "Annual Income": 12000},
                {"name": "B", "Monthly Income": 500, "Annual Income": 6000},
            ]
        },
        {"income": "18000"},
    ),
    "Treasury at 99 and 16/32": (
        {
            "fixed_income": [
                {"name": "T 4 2031", "Par": 100000, "Price": "99-16", "Coupon": 4, "Maturity": "05/15/2031"}
            ],
            "As Of": "11/28/2025",
        },
        {"market_value": "99500", "coupon": "4"},
    ),
}  # fmt: skip
OPEN: dict[str, tuple[Payload, str, set[str]]] = {
    "a cost that is plausible of one unit alone": (
        {
            "holdings": [
                {"name": "A", "quantity": 100, "price": 12, "cost": 10},
                {"name": "B", "quantity": 50, "price": 40, "cost": 35},
            ],
            "Currency": "USD",
        },
        "gain",
        {"unit the cost of the position, value 10", "unit the cost of one unit, value 1000"},
    ),
    "the face of each bond or of all": (
        {
            "fixed_income": [
                {"name": "REC 2030", "Face Value": 1000, "Quantity": 100, "Price": 1020.5, "Coupon": "7.5%",
                 "Maturity": "31-Mar-2030"}
            ],
            "Currency": "INR",
        },
        "market_value",
        {"unit the face of all, value 1020.50", "unit the face of each, value 102050.00"},
    ),
    "a percentage that is a fraction, as spreadsheets export it": (
        {
            "total_portfolio_mv": 1_000_000,
            "assets": [
                {"name": "Equity", "Weight %": 0.6, "model_weight": "50%"},
                {"name": "Debt", "Weight %": 0.4, "model_weight": "50%"},
            ],
        },
        "drift",
        {"unit percent, value 0.6%", "unit fraction, value 60%"},
    ),
    "fees in percent that are fractions": (
        {"holdings": [{"name": "F", "market_value": "$100,000.00", "TER (%)": "0.0065"}]},
        "fee",
        {"unit percent, value 0.0065%", "unit fraction, value 0.65%"},
    ),
    "two values that differ": (
        {"holdings": [{"name": "A", "Amount": "$1,000.00", "Current Value": "$1,200.00"}]},
        "market_value",
        {"column holdings[].Amount, value 1000.00", "column holdings[].Current Value, value 1200.00"},
    ),
    "a bond by its name, quantity and price": (
        {"holdings": [{"name": "BTP 2.5% 2032", "quantity": 10_000, "price": "95.50"}], "Currency": "EUR"},
        "market_value",
        {"unit per unit, value 955000.00", "unit per 100 of face, value 9550.00"},
    ),
    "a payment with the sign of the client's books, and no word": (
        {
            "series": [
                {"date": "2024-01-31", "value": 100}, {"date": "2024-07-31", "value": 160},
                {"date": "2025-01-31", "value": 176},
            ],
            "flows": [{"date": "2024-07-31", "amount": -50}],
        },
        "twr",
        {"signs paid in above zero", "signs paid in below zero"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_custodians_file_gives_the_figures_worked_out_by_hand(name: str) -> None:
    payload, figures = RIGHT[name]
    table = read(payload)

    for fact_id, figure in figures.items():
        assert abs(value_of(table, fact_id) - Decimal(figure)) < Decimal("1e-9"), fact_id


@pytest.mark.parametrize("name", OPEN)
def test_what_has_two_readings_is_named_with_both(name: str) -> None:
    payload, fact_id, readings = OPEN[name]

    assert ambiguous(read(payload), fact_id) == readings


def test_a_credit_is_not_read_as_crore() -> None:
    rows = [{"name": "Savings", "value": "12,500.00 Cr"}, {"name": "Fund", "value": "₹ 12.50 Cr"}]

    table = read({"holdings": rows, "Currency": "INR"})

    assert "crore, or a credit" in absence_of(table, "market_value").reason


def test_an_account_is_not_called_by_its_share() -> None:
    table = read({"holdings": [{"name": "A", "market_value": "$600.00", "% Of Account": "60%"},
                               {"name": "B", "market_value": "$400.00", "% Of Account": "40%"}]})  # fmt: skip

    assert not [fact.id for fact in table.facts if fact.id.startswith("weight.account")]
