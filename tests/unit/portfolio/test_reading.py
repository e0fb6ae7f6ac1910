"""What was sent is read once, per column: each kind of misreading that was seen, as a table of its own."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Absent, FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.reading import Context, Conventions, read_conventions
from services.portfolio.domain.sections import Detected, detect

CATALOGUE = load_catalogue()
SNAPSHOT: dict[str, Any] = {"Market Value": 12_000_000, "Investment Value": 10_000_000, "Top Asset": "Equity (62%)"}
Build = Callable[[Any], dict[str, Any]]


def read(
    payload: dict[str, Any], *, locale: str = "", tenant: dict[str, Any] | None = None, **stated: Any
) -> FactTable:
    (found,) = detect([payload], CATALOGUE.sections)
    assert isinstance(found, Detected), found.error
    context = Context(request=read_conventions(stated), tenant=read_conventions(tenant), locale=locale)
    return compute(found, CATALOGUE, context)


def value_of(table: FactTable, fact_id: str) -> Decimal:
    fact = table.find(fact_id)
    assert fact is not None, [item for item in table.absent if item.id == fact_id] or [item.id for item in table.facts]
    return fact.value


def absence_of(table: FactTable, fact_id: str) -> Absent:
    assert table.find(fact_id) is None, table.find(fact_id)
    return next(item for item in table.absent if item.id == fact_id)


def reading_of(table: FactTable, field: str) -> tuple[dict[str, str], str]:
    entry = next(item for item in table.reading if item.field == field)
    return dict(entry.read_as), entry.why


def ambiguous(table: FactTable, fact_id: str) -> set[str]:
    """The readings that an absent figure's input allows."""
    absent = absence_of(table, fact_id)
    assert absent.code == "AMBIGUOUS_INPUT", absent
    return {item.describe() for item in absent.alternatives}


# Dates


def _series(days: list[Any]) -> dict[str, Any]:
    return {"series": [{"date": day, "value": 100 + index} for index, day in enumerate(days)], "Currency": "INR"}


@pytest.mark.parametrize(
    ("days", "locale", "first", "last", "why"),
    [
        (["01/02/2025", "01/15/2025", "01/31/2025"], "", date(2025, 1, 2), date(2025, 1, 31), "column"),
        (["01/02/2025", "15/02/2025", "01/03/2025"], "en_US", date(2025, 2, 1), date(2025, 3, 1), "column"),
        (["03/01/2025", "04/01/2025", "05/01/2025"], "en_US", date(2025, 3, 1), date(2025, 5, 1), "locale"),
        (["03/01/2025", "04/01/2025", "05/01/2025"], "en_GB", date(2025, 1, 3), date(2025, 1, 5), "locale"),
        (["10/11/2024", "09/12/2024", "08/01/2025"], "", date(2024, 11, 10), date(2025, 1, 8), "column"),
        (["31-Mar-26", "30-Apr-26"], "", date(2026, 3, 31), date(2026, 4, 30), "column"),
        ([45000, 45031], "", date(2023, 3, 15), date(2023, 4, 15), "column"),
        (["Q3 FY26", "Q4 FY26"], "", date(2025, 12, 31), date(2026, 3, 31), "sibling"),
        (["31.01.2025", "28.02.2025"], "en_US", date(2025, 1, 31), date(2025, 2, 28), "column"),
        (["31 mars 2025", "30 avril 2025"], "", date(2025, 3, 31), date(2025, 4, 30), "column"),
        (["2025年3月31日", "2025年4月30日"], "", date(2025, 3, 31), date(2025, 4, 30), "column"),
        (["2025-03-31T00:00:00Z", "2025-04-30"], "", date(2025, 3, 31), date(2025, 4, 30), "column"),
        (["FY24", "FY25"], "", date(2024, 3, 31), date(2025, 3, 31), "sibling"),
        (["Q3 FY25-26", "Q4 FY2025-26"], "", date(2025, 12, 31), date(2026, 3, 31), "sibling"),
        (["Mar 2025", "Apr 2025"], "", date(2025, 3, 31), date(2025, 4, 30), "column"),
    ],
)
def test_a_columns_days_have_one_order(days: list[Any], locale: str, first: date, last: date, why: str) -> None:
    table = read(_series(days), locale=locale)

    fact = table.find("twr")
    assert fact is not None
    assert fact.dates == (first, last)
    assert reading_of(table, "series[].date")[1] == why


def test_days_that_nothing_tells_apart_are_ambiguous() -> None:
    table = read(_series(["03/01/2025", "04/01/2025", "05/01/2025"]))

    assert ambiguous(table, "twr") == {"order DMY, value 2025-01-03", "order MDY, value 2025-03-01"}


def test_another_date_of_the_payload_tells_the_order() -> None:
    payload = _series(["03/01/2025", "04/01/2025", "05/01/2025"]) | {"flows": [{"date": "04/15/2025", "amount": 1}]}

    assert reading_of(read(payload), "series[].date") == ({"unit": "date", "order": "MDY"}, "sibling")


def test_a_stated_order_counts_and_one_that_the_column_contradicts_is_ambiguous() -> None:
    payload = _series(["03/01/2025", "04/01/2025", "05/01/2025"])

    assert reading_of(read(payload, dates="MDY"), "series[].date")[1] == "convention"
    assert reading_of(read(payload, tenant={"dates": "MDY"}), "series[].date")[1] == "tenant"
    assert len(ambiguous(read(_series(["31/01/2025", "28/02/2025"]), dates="MDY"), "twr")) == 2


def test_a_fiscal_quarter_without_a_fiscal_year_is_ambiguous() -> None:
    payload = {**_series(["Q3 FY26", "Q4 FY26"]), "Currency": "USD"}

    assert len(ambiguous(read(payload), "twr")) == 2
    assert read(payload, fiscal_year_start=1).find("twr") is not None


# Fractions and percent


def _assets(band: Any, weights: tuple[Any, Any] = (60, 40)) -> dict[str, Any]:
    rows = [
        {"name": "Shares", "asset_class": "Equity", "market_value": 700_000, "model_weight": weights[0], "band": band},
        {"name": "Bonds", "asset_class": "Debt", "market_value": 300_000, "model_weight": weights[1], "band": band},
    ]
    return {"total_portfolio_mv": 1_000_000, "assets": rows, "Currency": "INR"}


def _track(**fields: Any) -> dict[str, Any]:
    days = [f"{2023 + index // 12}-{index % 12 + 1:02d}-28" for index in range(15)]
    values = [100, 103, 101, 106, 104, 110, 108, 115, 111, 118, 121, 117, 125, 122, 130]
    return {"series": [{"date": day, "value": value} for day, value in zip(days, values, strict=True)], **fields}


@pytest.mark.parametrize(
    ("payload", "fact_id", "value", "field", "why"),
    [
        (_assets(0.05), "band.shares", "5", "assets[].band", "range"),
        (_assets(0.5), "band.shares", "0.5", "assets[].band", "range"),
        (_assets("5 %"), "band.shares", "5", "assets[].band", "marked"),
        (_assets(0.05, (0.6, 0.4)), "band.shares", "5", "assets[].band", "range"),
        (_assets(5, (0.6, 0.4)), "model_weight.shares", "60", "assets[].model_weight", "sum"),
        (_track(risk_free=0.065, Currency="INR"), "risk_free", "6.5", "risk_free", "range"),
        (_track(risk_free=6.5), "risk_free", "6.5", "risk_free", "range"),
        (_track(risk_free="0.065%"), "risk_free", "0.065", "risk_free", "marked"),
        ({"income": [{"name": "A", "income": 100}], "tax_rate": 0.312}, "tax_rate", "31.2", "tax_rate", "range"),
        ({"income": [{"name": "A", "income": 100}], "tax_rate": 31.2}, "tax_rate", "31.2", "tax_rate", "range"),
        (SNAPSHOT | {"XIRR_SI": 0.131}, "xirr", "13.1", "XIRR_SI", "sibling"),
        (SNAPSHOT | {"XIRR_SI": 13.1}, "xirr", "13.1", "XIRR_SI", "sibling"),
        (SNAPSHOT | {"XIRR_SI": 0.131, "Benchmark XIRR": 0.119}, "benchmark_xirr", "11.9", "Benchmark XIRR", "sibling"),
        (SNAPSHOT | {"Top Asset": "Equity (0.62)"}, "top_asset", "62", "Top Asset", "range"),
        (SNAPSHOT | {"Top Asset": "Equity (0,62)"}, "top_asset", "62", "Top Asset", "range"),
        (
            {"fixed_income": [{"name": "A", "market_value": 5000, "coupon": 0.0726}], "Currency": "INR"},
            "coupon", "7.26", "fixed_income[].coupon", "range",
        ),
        (
            {"fixed_income": [{"name": "7.26% GS 2033", "market_value": 5000, "coupon": 0.0726}]},
            "coupon", "7.26", "fixed_income[].coupon", "sibling",
        ),
        ({"income": [{"name": "A", "market_value": 1e6, "yield": 0.07}], "Currency": "INR"}, "yield", "7",
         "income[].yield", "range"),
        ({"holdings": [{"name": "A", "market_value": 9e5, "ter": 0.0075}]}, "fee", "0.75", "holdings[].ter", "range"),
        ({"holdings": [{"name": "A", "market_value": 9e5, "ter": "75 bps"}]}, "fee", "0.75", "holdings[].ter",
         "marked"),
        ({"holdings": [{"name": "A", "market_value": 9e5, "TER (%)": 0.03}]}, "fee", "0.03", "holdings[].TER (%)",
         "marked"),
    ],
)  # fmt: skip
def test_a_rate_is_read_by_its_mark_its_range_or_its_siblings(
    payload: dict[str, Any], fact_id: str, value: str, field: str, why: str
) -> None:
    table = read(payload)

    assert value_of(table, fact_id) == Decimal(value)
    assert reading_of(table, field)[1] == why


def test_rows_that_say_something_else_than_their_column_are_named() -> None:
    rows = [{"name": name, "isin": name, "market_value": 9e5, "ter": fee} for name, fee in
            (("A", 0.0075), ("B", "1.2%"), ("C", 0.0045))]  # fmt: skip
    table = read({"holdings": rows})

    entry = next(item for item in table.reading if item.field == "holdings[].ter")
    assert entry.rows == ("holdings[1].ter",)
    assert float(value_of(table, "fee")) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("payload", "fact_id"),
    [
        (_track(risk_free=0.065), "sharpe"),
        (_track(risk_free=0.065, Currency="USD"), "sharpe"),
        ({"holdings": [{"name": "A", "market_value": 9e5, "ter": 0.02}]}, "fee"),
        ({"top_movers_data": [{"name": "A", "weight": 5, "return": 0.8}, {"name": "B", "weight": 5, "return": -0.5}]},
         "return"),
        ({"fixed_income": [{"name": "A", "market_value": 5000, "coupon": 0.1}], "Currency": "EUR"}, "coupon"),
    ],
)  # fmt: skip
def test_a_rate_that_two_units_fit_is_ambiguous_and_the_rest_goes_on(payload: dict[str, Any], fact_id: str) -> None:
    table = read(payload)

    assert len(ambiguous(table, fact_id)) == 2
    stated = read(payload, rates="fraction")
    assert all(item.code != "AMBIGUOUS_INPUT" for item in stated.absent)


def test_a_convention_that_the_column_contradicts_is_ambiguous() -> None:
    assert len(ambiguous(read(_assets(0.05), weights="percent"), "band")) == 2
    payload = {"income": [{"name": "A", "income": 100}], "tax_rate": 0.312}
    assert len(ambiguous(read(payload, rates="percent"), "tax_rate")) == 2


def test_a_payload_overrides_the_requests_conventions() -> None:
    payload = {"holdings": [{"name": "A", "market_value": 9e5, "ter": 0.02}], "input_conventions": {"rates": "percent"}}

    assert value_of(read(payload, rates="fraction"), "fee") == Decimal("0.02")


# Decimal and grouping signs


def _values(*values: Any, **fields: Any) -> dict[str, Any]:
    rows = [{"name": f"A{index}", "isin": f"X{index}", "market_value": value} for index, value in enumerate(values)]
    return {"holdings": rows, **fields}


@pytest.mark.parametrize(
    ("payload", "locale", "total", "why"),
    [
        (_values("12.500", "7.500"), "de_DE", "20000", "locale"),
        (_values("12.500", "7.500", Currency="INR"), "", "20000", "range"),
        (_values("12.500", "980,50"), "", "13480.50", "column"),
        (_values("1,234", "2,000"), "en_US", "3234", "range"),
        (_values("1,234", "2,000.50"), "de_DE", "3234.50", "column"),
        (_values("1.234,56", "1.000"), "en_US", "2234.56", "column"),
        (_values("INR 1,20,00,000/-", "INR 50,000/-"), "", "12050000", "marked"),
        (_values("1 234 567,89", "1 000"), "", "1235567.89", "column"),
        (_values("1’234.50", "1’000"), "", "2234.50", "column"),
        (_values("120万円", "80万円"), "", "2000000", None),
        (_values("￥１２３，４５６", "￥500,000"), "", "623456", None),
        (_values("1,5 Mio. €", "500 Tsd. €"), "", "2000000", None),
    ],
)
def test_decimal_signs_are_those_of_the_column(
    payload: dict[str, Any], locale: str, total: str, why: str | None
) -> None:
    table = read(payload, locale=locale)

    assert value_of(table, "market_value") == Decimal(total)
    if why is not None:
        assert reading_of(table, "holdings[].market_value")[1] == why


def test_a_number_that_both_signs_fit_is_ambiguous_without_evidence() -> None:
    rows = [{"name": "A", "isin": "X1", "quantity": "12.500", "price": 10}]

    assert len(ambiguous(read({"holdings": rows}), "market_value")) == 2
    assert value_of(read({"holdings": rows}, locale="de_DE"), "market_value") == 125_000
    assert value_of(read({"holdings": rows}, decimals="."), "market_value") == 125
    assert value_of(read({"holdings": rows}, tenant={"decimals": ","}), "market_value") == 125_000


def test_quantity_times_price_tells_the_decimal_sign() -> None:
    rows = [{"name": "A", "isin": "X1", "quantity": "1.250", "price": "10", "market_value": "12.500"}]

    assert value_of(read({"holdings": rows}), "market_value") == 12_500


def test_a_cell_against_its_column_is_a_fault_of_that_cell() -> None:
    values = [f"{number},000.50" for number in range(1, 12)]
    table = read(_values(*values, "12,5"))

    assert "holdings[].market_value" in absence_of(table, "market_value").reason
    assert any(note.code == "bad_cells" for note in table.notes)


@pytest.mark.parametrize(
    ("header", "total"),
    [("Market Value (INR lakh)", 12_500_000), ("Market Value (in Cr)", 1_250_000_000), ("MV £000", 125_000),
     ("Current Value (Rs. in Lakhs)", 12_500_000),
     ("Value USD mn", 125_000_000)],
)  # fmt: skip
def test_a_header_says_the_scale_of_its_amounts(header: str, total: int) -> None:
    table = read({"holdings": [{"name": "A", "isin": "X", header: 125}]})

    assert value_of(table, "market_value") == total


def test_a_stated_scale_applies_to_bare_amounts_alone() -> None:
    table = read(_values(12.5, "₹3,00,000"), money_scale="lakh", base_currency="INR")

    assert value_of(table, "market_value") == 1_550_000
    assert table.currency == "INR"


# Minor units and quotes


@pytest.mark.parametrize("code", ["GBp", "GBX", "ZAc", "ILA"])
def test_quotes_in_hundredths_bind_the_price_and_the_value_follows(code: str) -> None:
    row = {"name": "A plc", "currency": code, "quantity": 1000, "price": 243.08}

    table = read({"holdings": [row]})
    assert value_of(table, "market_value") == Decimal("2430.80")
    assert table.currency == {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ILA": "ILS"}[code]
    for sent in (243_080, 2430.80):
        checked = read({"holdings": [row | {"market_value": sent}]})
        assert value_of(checked, "market_value") == Decimal("2430.80")
        assert not checked.warnings


def test_a_value_in_pence_or_pounds_is_not_guessed() -> None:
    rows = [{"name": "A plc", "currency": "GBp", "market_value": 5000, "sector": "Banks"}]

    assert "GBX or in GBP" in absence_of(read({"holdings": [*rows, {"name": "B", "currency": "GBP",
        "market_value": 1, "sector": "Banks"}]}), "market_value").reason  # fmt: skip


def test_a_ticker_of_london_is_quoted_in_pence() -> None:
    rows = [{"name": "A fund", "symbol": "0P00013P6I.L", "quantity": 1000, "price": 243.08}]

    assert value_of(read({"holdings": rows}), "market_value") == Decimal("2430.80")


def test_a_price_of_london_beside_pounds_is_not_guessed() -> None:
    row = {"name": "A plc", "symbol": "VOD.L", "currency": "GBP", "quantity": 1000, "price": 72.5}

    assert ambiguous(read({"holdings": [row]}), "market_value") == {
        "unit in GBP, value 72500.0", "unit in GBX, value 725.0",
    }  # fmt: skip
    assert value_of(read({"holdings": [row | {"market_value": 725}]}), "market_value") == 725


def test_a_bonds_price_is_per_hundred_of_face() -> None:
    row = {"name": "GS 2033", "asset_class": "Government Bond", "quantity": 1_000_000, "price": 98.5}

    table = read({"holdings": [row | {"market_value": 985_000}]})
    assert value_of(table, "market_value") == 985_000
    assert not table.warnings
    assert len(ambiguous(read({"holdings": [row]}), "market_value")) == 2


@pytest.mark.parametrize(("price", "value"), [(98.5, 985_000), (0.985, 985_000), (985, 985_000)])
def test_the_size_of_bond_prices_says_what_they_are_per(price: float, value: int) -> None:
    table = read({"fixed_income": [{"name": "A", "face_value": 1_000_000, "price": price}], "As Of": "2026-03-31"})

    assert value_of(table, "market_value") == value


# Totals


@pytest.mark.parametrize(
    "name", ["Total", "GRAND TOTAL", "Gesamt", "Total général", "合計", "Sum:", "Equity Total", ""]
)
def test_a_row_of_sums_is_no_holding(name: str) -> None:
    rows = [
        {"name": "A", "isin": "X1", "market_value": 60, "cost": 50},
        {"name": "B", "isin": "X2", "market_value": 40, "cost": 50},
        {"name": name, "isin": "", "market_value": 100, "cost": 100},
    ]
    table = read({"holdings": rows})

    assert value_of(table, "market_value") == 100
    assert value_of(table, "count") == 2
    assert any(note.code == "totals" for note in table.notes)


def test_a_company_called_total_is_a_holding() -> None:
    rows = [
        {"name": "TotalEnergies SE", "isin": "FR0000120271", "market_value": 60},
        {"name": "Vanguard Total Stock Market", "symbol": "VTI", "market_value": 40},
    ]

    assert value_of(read({"holdings": rows}), "market_value") == 100


def test_subtotals_and_the_total_leave_the_positions() -> None:
    text = (
        "Name,ISIN,Value\nEquity,,\nA,X1,60\nB,X2,40\nTotal Equity,,100\nDebt,,\nC,X3,50\nD,X4,50\nTotal Debt,,100\n"
        "Grand Total,,200\n"
    )
    table = read({"holdings_csv": text})

    assert value_of(table, "market_value") == 200
    assert value_of(table, "count") == 4


def test_the_sum_alone_is_ambiguous() -> None:
    table = read({"holdings": [{"name": "A", "market_value": 100}, {"name": "B", "market_value": 100}]})

    assert len(ambiguous(table, "market_value")) == 2
    assert value_of(table, "count") == 2


def test_cash_that_equals_the_holding_before_it_is_not_dropped() -> None:
    rows = [{"name": "Infosys", "isin": "X1", "market_value": 15_000}, {"name": "Cash", "market_value": 15_000}]

    assert len(ambiguous(read({"holdings": rows}), "market_value")) == 2
    rows.append({"name": "Total", "market_value": 30_000})
    assert value_of(read({"holdings": rows}), "market_value") == 30_000


def test_a_stated_whole_settles_whether_the_last_row_is_a_sum() -> None:
    rows = [{"name": "A", "market_value": 100}, {"name": "B", "market_value": 100}]

    assert value_of(read({"holdings": rows, "total": 200}), "count") == 2
    assert value_of(read({"holdings": rows, "total": 100}), "count") == 1


# Currencies


def test_amounts_in_another_currency_are_not_added_without_a_rate() -> None:
    rows = [
        {"name": "Infosys", "currency": "INR", "market_value": 500_000},
        {"name": "VOO", "currency": "USD", "market_value": 6_000},
    ]
    table = read({"holdings": rows, "Currency": "INR"})

    assert "no rate from USD to INR" in absence_of(table, "market_value").reason
    local = table.find("market_value.voo")
    assert local is not None
    assert (local.value, local.currency) == (6000, "USD")
    assert value_of(table, "weight.in_usd.voo") == 100
    assert value_of(read({"holdings": rows, "Currency": "INR", "Fx Rates": {"USD": 83}}), "market_value") == 998_000


def test_units_to_trade_take_the_price_in_its_currency() -> None:
    rows = [
        {"name": "VOO", "asset_class": "Equity", "currency": "USD", "market_value": 900_800, "price": 500,
         "model_weight": 80},
        {"name": "Liquid", "asset_class": "Cash", "currency": "INR", "market_value": 99_200, "model_weight": 20},
    ]  # fmt: skip
    payload = {"total_portfolio_mv": 1_000_000, "assets": rows, "Currency": "INR", "Fx Rates": {"USD": Decimal("83.3")}}

    table = read(payload)
    assert value_of(table, "trade.voo") == -100_800
    assert float(value_of(table, "trade_units.voo")) == pytest.approx(-2.42, abs=0.005)
    del payload["Fx Rates"]
    assert "no rate from USD" in absence_of(read(payload), "trade_units.voo").reason


def test_a_value_that_was_converted_already_is_not_converted_again() -> None:
    rows = [
        {"name": "VOO", "currency": "USD", "quantity": 10, "price": 500, "market_value": 416_500},
        {"name": "Infosys", "currency": "INR", "quantity": 10, "price": 1500, "market_value": 15_000},
    ]
    table = read({"holdings": rows, "Currency": "INR", "Fx Rates": {"USD": Decimal("83.3")}})

    assert value_of(table, "market_value") == 431_500
    assert not table.warnings


def test_a_rate_that_is_upside_down_is_ambiguous() -> None:
    rows = [{"name": "A", "currency": "INR", "market_value": 5}, {"name": "B", "currency": "USD", "market_value": 6}]

    table = read({"holdings": rows, "Currency": "INR", "Fx Rates": {"USD": 0.012}})
    assert len(ambiguous(table, "market_value")) == 2


# Identity


def test_an_isin_is_one_instrument_however_it_is_spelt() -> None:
    rows = [
        {"name": "HDFC Bank", "isin": "INE040A01034", "market_value": 7},
        {"name": "HDFC BANK LTD", "isin": "ine040a01034", "market_value": 6},
        *({"name": f"Fund {letter}", "isin": f"X{letter}", "market_value": 8} for letter in "ABCDEFGHIJK"),
    ]
    table = read({"holdings": rows})

    assert value_of(table, "excess.single_name.hdfc_bank") > 0
    assert value_of(table, "count") == 12


def test_two_isins_of_one_name_are_two_instruments() -> None:
    rows = [{"name": "Bond", "isin": "X1", "market_value": 60}, {"name": "Bond", "isin": "X2", "market_value": 40}]
    table = read({"holdings": rows})

    assert value_of(table, "count") == 2
    assert {fact.subject for fact in table.list_measure("weight", "weight.position.")} == {"Bond (X1)", "Bond (X2)"}


def test_a_stock_in_two_accounts_has_one_gain() -> None:
    rows = [
        {"name": "A", "isin": "X1", "account": "1", "market_value": 150, "cost": 100},
        {"name": "A", "isin": "X1", "account": "2", "market_value": 50, "cost": 100},
    ]
    table = read({"holdings": rows})

    assert value_of(table, "gain_pct.a") == 0
    assert len([fact for fact in table.facts if fact.id.startswith("gain_pct.")]) == 1


# Asset classes and ratings


@pytest.mark.parametrize(
    ("asset_class", "name", "equity"),
    [
        ("ELSS", "Tax fund", 70), ("Flexi Cap", "Flexi", 70), (None, "Nifty 50 Index Fund", 70),
        (None, "iShares 20+ Year Treasury ETF", 0), ("Gilt", "Gilt fund", 0), ("Liquid", "Liquid shares", 0),
        ("Equity - Large Cap", "A", 70), ("Debt: Corporate Bond", "Equity-like", 0),
        ("Arbitrage", "Equity Arbitrage", 0),
    ],
)  # fmt: skip
def test_asset_classes_come_from_the_table(asset_class: str | None, name: str, equity: int) -> None:
    payload = _assets(5)
    payload["assets"][0] |= {"name": name, "asset_class": asset_class}

    assert value_of(read(payload), "equity_share") == equity


def test_a_class_that_is_not_known_stays_unknown() -> None:
    payload = _assets(5)
    payload["assets"][0] |= {"name": "Special Equity Situations", "asset_class": "Strategy X"}

    assert "not known" in absence_of(read(payload), "equity_share").reason


@pytest.mark.parametrize(
    ("rating", "grade"),
    [
        ("[ICRA]AA", "investment"), ("Sovereign", "investment"), ("F1+", "investment"), ("P-2", "investment"),
        ("Unrated A grade issuer", "unrated"), ("CRISIL AAA/Stable", "investment"), ("Baa3", "investment"),
        ("Ba1", "below"), ("BBB (low)", "investment"), ("BB (high)", "below"), ("IND A4+", "below"),
        ("CARE AA- (SO)", "investment"), ("NP", "below"), ("A-3", "investment"), ("R-2 (middle)", "investment"),
        ("D", "below"), ("NR", "unrated"), ("excellent", None), (None, "unrated"), ("AAA(mfs)", "investment"),
    ],
)  # fmt: skip
def test_ratings_are_those_of_the_agencies_scales(rating: str | None, grade: str | None) -> None:
    assert CATALOGUE.reference.grade(rating) == grade


def test_a_rating_on_no_scale_is_not_judged() -> None:
    rows = [{"name": "A", "market_value": 5, "rating": "AAA"}, {"name": "B", "market_value": 7, "rating": "excellent"}]
    table = read({"fixed_income": rows, "As Of": "2026-03-31"})

    assert "excellent" in absence_of(table, "below_investment_grade").reason
    assert value_of(table, "quality_weight.aaa") > 0


# Movers


@pytest.mark.parametrize(
    ("data", "moves"),
    [
        ("Infosys 2.3% weight, -4.5%", {"Infosys": "-4.5"}),
        ("Infosys ▼ 4.4%", {"Infosys": "-4.4"}),
        ("Infosys +12.5%, HDFC Bank -4%", {"Infosys": "12.5", "HDFC Bank": "-4"}),
        ("Gainers:\nInfosys 3%\nLosers:\nWipro 4%", {"Infosys": "3", "Wipro": "-4"}),
        ("Infosys up 3% and Wipro down 4%", {"Infosys": "3", "Wipro": "-4"}),
        ({"losers": [{"name": "Wipro", "return": "3.2%"}]}, {"Wipro": "-3.2"}),
        ({"gainers": [{"name": "A", "return": 2}], "losers": [{"name": "B", "return": -3}]}, {"A": "2", "B": "-3"}),
        ("Titan Company (weight: 4.5%) ▲2.1%", {"Titan Company": "2.1"}),
        ("ITC was 2% lower, with a weight of 3%", {"ITC": "-2"}),
        ("Infosys contributed 12 bps, rose 3%", {"Infosys": "3"}),
        ("▲ Infosys 3.2%\n▼ Wipro 4.4%", {"Infosys": "3.2", "Wipro": "-4.4"}),
        ("Infosys 3.2% ▲, Wipro 4.4% ▼", {"Infosys": "3.2", "Wipro": "-4.4"}),
        ("Infosys (weight 5%) ▼ 3%", {"Infosys": "-3"}),
        (
            [{"name": "Infosys", "return": "▼ 4.4%"}, {"name": "TCS", "return": "1.1% ▲"}],
            {"Infosys": "-4.4", "TCS": "1.1"},
        ),
        (
            "Top gainers were Infosys (+3.2%), TCS (+2.1%); top losers were Wipro (4.4%) and ITC (-1.0%)",
            {"Infosys": "3.2", "TCS": "2.1", "ITC": "-1.0"},
        ),
        ("Top losers: Wipro 4.4%, ITC 1.0%", {"Wipro": "-4.4", "ITC": "-1.0"}),
        ("Infosys rose 3.2% to ₹1,520, weight 5%", {"Infosys": "3.2"}),
        ("SAP fiel um 3,2 %, Gewicht 5 %", {"SAP": "-3.2"}),
    ],
)
def test_movers_have_the_sign_that_was_meant(data: Any, moves: dict[str, str]) -> None:
    table = read({"top_movers_data": data})

    assert {fact.subject: fact.value for fact in table.list_measure("return")} == {
        name: Decimal(change) for name, change in moves.items()
    }


def test_what_is_not_understood_is_named_and_lowers_nothing() -> None:
    text = "Infosys rose 3.2% (weight 5%)\nweight 10%\nWipro (3.4%)\nSBI yodelled 2%"
    table = read({"top_movers_data": text})

    note = next(note for note in table.notes if note.code == "not_understood")
    assert "weight 10%" in note.message
    assert "Wipro (3.4%)" in note.message
    assert "SBI yodelled 2%" in note.message
    assert "could not be used" in absence_of(table, "total_contribution").reason


# Bad rows and missing inputs


def test_odd_bonds_cost_only_the_figures_that_need_them() -> None:
    rows = [
        {"name": "A", "face_value": 100, "price": 99, "coupon": 7, "maturity": "2030-01-01", "rating": "AAA"},
        {"name": "B", "face_value": 100, "price": 99, "coupon": 8, "maturity": "Perpetual", "rating": "AA"},
        {"name": "C", "face_value": 100, "price": 99, "coupon": "MIBOR + 50 bps", "maturity": "2031-01-01"},
        {"name": "D", "face_value": 100, "price": 99, "coupon": 6, "maturity": "2029-01-01", "frequency": "Irregular"},
        {"name": "E", "face_value": 100, "price": 99, "coupon": 6, "maturity": "2029-01-01", "frequency": "Weekly"},
    ]
    table = read({"fixed_income": rows, "As Of": "2026-03-31"})

    assert value_of(table, "market_value") == 495
    assert value_of(table, "below_investment_grade") == 60
    assert "perpetual" in absence_of(table, "average_maturity").reason
    assert "floats" in absence_of(table, "ytm").reason
    assert value_of(read({"fixed_income": [rows[0], rows[4]], "As Of": "2026-03-31"}), "ytm") > 6


def test_a_missing_model_weight_costs_the_drifts_alone() -> None:
    payload = _assets(5)
    for row in payload["assets"]:
        del row["model_weight"]
    table = read(payload)

    assert "no asset has a model weight" in absence_of(table, "drift").reason
    assert value_of(table, "equity_share") == 70
    assert value_of(table, "market_value") == 1_000_000


def test_the_older_services_third_payload_needs_no_risk_profile() -> None:
    table = read({"total_portfolio_mv": 1_000_000, "assets": _assets(5)["assets"]})

    assert table.section == "model_and_rebalancing"
    assert value_of(table, "trade.shares") == -100_000
    assert "no risk profile" in absence_of(table, "profile_range").reason


@pytest.mark.parametrize(
    "stated",
    [{"dates": "DDMM"}, {"decimals": ";"}, {"weights": "bps"}, {"money_scale": "dozen"}, {"base_currency": "rupee"},
     {"fiscal_year_start": 13}, {"nothing": 1}, "DMY"],
)  # fmt: skip
def test_conventions_that_are_not_known_are_refused(stated: Any) -> None:
    with pytest.raises(InputError, match="input_conventions"):
        read_conventions(stated)


def test_conventions_read_back_as_they_were() -> None:
    stated = Conventions(dates="DMY", money_scale="lakh", fiscal_year_start=4)

    assert read_conventions(stated.render()) == stated
