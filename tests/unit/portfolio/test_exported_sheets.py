"""Tables of positions in the files that brokers and spreadsheets export: with titles above, notes below, headers that
come again, headings of classes, further tables and empty columns around them."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.portfolio.test_reading import read, value_of

HEADER = ["Symbol", "Description", "Quantity", "Price", "Market Value", "Cost Basis"]
ROWS = [
    ["ALFA", "Alfa Industries", "100", "50.00", "5000.00", "4000.00"],
    ["BETA", "Beta Bond Fund", "20", "98.50", "1970.00", "2005.40"],
    ["GAMA", "Gamma Energy", "10", "33.00", "330.00", "300.00"],
]
TOTAL, COST = Decimal(7300), Decimal("6305.40")
TITLE = ["Positions for account Individual ...999 as of 04:02 PM ET, 2026/06/30"]
NOTICE = ["The data and information in this spreadsheet is provided to you solely for your use."]
DOWNLOADED = ["Date downloaded 06/30/2026 4:10 PM ET"]
TRADES_HEADER = ["Trade Date", "Transaction Type", "Description", "Symbol", "Quantity", "Amount", "Commission"]
TRADES = [["2026-06-01", "Buy", "Alfa Industries", "ALFA", "1", "-48.00", "1.00"]]
ACCOUNT_A, ACCOUNT_B = ["Account", "11-22"], ["Account", "33-44"]

SHEETS: dict[str, list[list[str]]] = {
    "the table alone": [HEADER, *ROWS],
    "a title above": [TITLE, HEADER, *ROWS],
    "a title and empty lines above": [TITLE, [], [""], HEADER, *ROWS],
    "names and values above": [["Client", "A. Example"], ["Currency", "USD"], [], HEADER, *ROWS],
    "notes below": [HEADER, *ROWS, [], NOTICE, [], DOWNLOADED],
    "a note of two cells below": [HEADER, *ROWS, [], ["Downloaded", "30 June 2026"]],
    "a title above and notes below": [TITLE, HEADER, *ROWS, NOTICE],
    "a total, then notes": [HEADER, *ROWS, ["Total", "", "", "", "7300.00", "6305.40"], NOTICE],
    "each line ends in a delimiter": [[*HEADER, ""], *([*row, ""] for row in ROWS)],
    "two columns without a name": [[*HEADER, "", ""], *([*row, "x", "y"] for row in ROWS)],
    "the header again on a second page": [HEADER, *ROWS[:2], HEADER, *ROWS[2:]],
    "a title and the header again": [HEADER, *ROWS[:2], [], TITLE, HEADER, *ROWS[2:]],
    "trades in a second table": [HEADER, *ROWS, [], [], TRADES_HEADER, *TRADES],
    "trades in a second table under a title": [HEADER, *ROWS, [], ["Transactions"], TRADES_HEADER, *TRADES],
    "trades in the first table": [TRADES_HEADER, *TRADES, [], HEADER, *ROWS],
    "positions of two accounts, each with a table of other columns": [
        ACCOUNT_A,
        HEADER,
        *ROWS[:2],
        [],
        ACCOUNT_B,
        [*HEADER[:5], "Sector"],
        [*ROWS[2][:5], "Energy"],
    ],
    "an account's number between": [HEADER, ["U12349876"], *ROWS[:1], ["U12349877"], *ROWS[1:]],
    "an account's summary in the first table": [
        ["Account Type", "Account", "Beginning value", "Dividends"],
        ["Individual", "U123", "7000.00", "12.00"],
        [],
        HEADER,
        *ROWS,
    ],
    "headings of classes, a total of each": [
        HEADER,
        ["Equities"],
        *ROWS[:1],
        ["Total equities", "", "", "", "5000.00", "4000.00"],
        ["Bonds"],
        *ROWS[1:2],
        ["Total bonds", "", "", "", "1970.00", "2005.40"],
        ["Equities"],
        *ROWS[2:],
    ],
    "headings of classes": [HEADER, ["Equities"], *ROWS[:1], ["Bonds"], *ROWS[1:2], ["Equities"], *ROWS[2:]],
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


def write_sheet(records: list[list[str]], delimiter: str = ",", ending: str = "\r\n") -> str:
    """The records as text of a file."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=ending).writerows(records)
    return out.getvalue()


def read_sheet(records: list[list[str]], delimiter: str = ",", **fields: Any) -> Any:
    return read({"holdings_csv": write_sheet(records, delimiter), "Currency": "USD", **fields})


def messages_of(found: Any) -> str:
    return "\n".join(note.message for note in found.notes)


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("kind", SHEETS)
def test_positions_are_found_whatever_stands_around_their_table(kind: str, delimiter: str) -> None:
    found = read_sheet(SHEETS[kind], DELIMITERS[delimiter])

    assert value_of(found, "market_value") == TOTAL
    assert value_of(found, "count") == len(ROWS)


@pytest.mark.parametrize("kind", sorted(kind for kind in SHEETS if "table of other columns" not in kind))
def test_costs_are_of_the_same_rows(kind: str) -> None:
    assert value_of(read_sheet(SHEETS[kind]), "cost") == COST


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([TITLE, HEADER, *ROWS], "Positions for account Individual"),
        ([HEADER, *ROWS, [], NOTICE], "provided to you solely"),
        ([HEADER, *ROWS, [], TRADES_HEADER, *TRADES], "Trade Date, Transaction Type"),
        ([HEADER, *ROWS, ["", "Pending activity", "", "", "", ""]], "Pending activity"),
        ([[*HEADER, "Last Change"], *ROWS, ["", "Pending", "", "", "", "", "-12.00"]], "-12.00"),
        ([HEADER, *ROWS, ["", "Delisted Company", "", "", "", ""]], "Delisted Company"),
    ],
)
def test_what_is_left_out_of_the_table_is_named(records: list[list[str]], said: str) -> None:
    assert said in messages_of(read_sheet(records))


@pytest.mark.parametrize("last", [["", "Delisted Company"], ["X9", ""], ["", "Pending", "", "", "", "", "-12.00"]])
def test_a_last_line_that_may_be_a_position_is_left_out_with_a_warning(last: list[str]) -> None:
    found = read_sheet([[*HEADER, "Last Price Change"], *ROWS, last])

    assert [note.severity for note in found.notes if last[0] + last[1] in note.message] == ["warning"]


def test_headings_say_the_class_of_the_rows_below_them() -> None:
    found = read_sheet(SHEETS["headings of classes"])

    assert round(value_of(found, "weight.asset_class.equities"), 2) == Decimal("73.01")
    assert round(value_of(found, "weight.asset_class.bonds"), 2) == Decimal("26.99")


def test_of_two_columns_with_one_name_none_is_lost_in_silence() -> None:
    header = ["Description", "Quantity", "Value", "Value"]
    found = read_sheet([header, ["Alfa", "1", "100", "90"], ["Beta", "1", "200", "190"]])

    assert any(absent.code == "AMBIGUOUS_INPUT" for absent in found.absent if absent.id == "market_value")


@pytest.mark.parametrize("price", ["Closing", "Price"])
def test_a_quantity_that_is_called_amount_is_known_by_its_product_with_the_price(price: str) -> None:
    records = [
        ["Product", "Symbol/ISIN", "Amount", price, "Local value", "", "Value in CHF"],
        ["Cash (CHF)", "", "", "", "CHF", "960.35", "960.35"],
        ["Alfa Inc", "US0231351067", "65", "313.00", "USD", "20345.00", "16128.25"],
        ["Beta Fund", "IE00B5BMR087", "233", "0.72", "EUR", "167.76", "156.20"],
        ["Gamma Corp", "US5949181045", "15", "271.86", "USD", "4077.90", "3232.70"],
    ]  # fmt: skip
    found = read({"holdings_csv": write_sheet(records)})

    assert value_of(found, "market_value") == Decimal("20477.50")
    assert round(value_of(found, "weight.currency.usd"), 2) == Decimal("94.55")


@pytest.mark.parametrize(
    "header",
    [
        ["Symbol", "Description", "Qty (Quantity)", "Price", "Mkt Val (Market Value)", "Cost Basis"],
        ["Symbol", "Desc (Description)", "Quantity (Qty)", "Price", "Market Value (Mkt Val)", "Cost Basis"],
    ],
)
def test_a_name_may_stand_beside_its_abbreviation(header: list[str]) -> None:
    assert value_of(read_sheet([header, *ROWS]), "market_value") == TOTAL


def test_what_stands_in_brackets_is_no_abbreviation_of_another_thing() -> None:
    found = read_sheet([["Description", "Quantity", "Price", "Value (previous)"], ["Alfa", "10", "5", "40"]])

    assert value_of(found, "market_value") == Decimal(50)


@pytest.mark.parametrize(
    "records",
    [
        [TRADES_HEADER, *TRADES],
        [["Date", "Category", "Asset Name", "ISIN", "Number of Shares", "Cash Flow"],
         ["2026-06-01", "Interests", "", "", "", "0.45"], ["2026-05-01", "Fee", "", "", "", "-1.32"]],
        [["Action", "Time", "ISIN", "Ticker", "Name", "No. of shares", "Total"],
         ["Market buy", "2026-06-01 10:00", "US0231351067", "AMZN", "Amazon", "1", "100.00"]],
        [["ID", "Type", "Time", "Symbol", "Amount"],
         ["7", "Stocks/ETF purchase", "12.04.2024 13:01:45", "ALFA.DE", "-399.43"],
         ["8", "Deposit", "11.04.2024 09:00:00", "", "1000.00"]],
        [["Date", "Details", "Amount", "Balance"], ["08/03/2022", "Deposit for investment purchases", "15000", "15000"],
         ["01/04/2022", "Cash Account Interest", "0.41", "15000.41"]],
        [["Trade Date", "Instrument", "Event", "Amount"], ["02-Jan-2025", "Alfa", "Sell 3 @ 139.74 USD", "419.22"],
         ["03-Jan-2025", "Beta", "Buy 1 @ 10 USD", "-10.00"]],
    ],
)  # fmt: skip
def test_transactions_are_refused_as_such(records: list[list[str]]) -> None:
    with pytest.raises(Exception, match="transactions"):
        read_sheet(records)


@pytest.mark.parametrize(
    "records",
    [
        [[*HEADER, "Purchase date"], *([*row, f"2025-0{at}-03"] for at, row in enumerate(ROWS, start=1))],
        [[*HEADER, "As of", "Type"], *([*row, "2026-06-30", "Private credit"] for row in ROWS)],
        [[*HEADER, "Direction"], *([*row, "Long"] for row in ROWS)],
        [[*HEADER, "Purchase date", "Account"],
         *([*row, f"2025-0{at}-03", "Investment account"] for at, row in enumerate(ROWS, start=1))],
    ],
)  # fmt: skip
def test_positions_with_days_and_sides_are_positions(records: list[list[str]]) -> None:
    assert value_of(read_sheet(records), "market_value") == TOTAL


def test_a_dash_is_no_name() -> None:
    records = [HEADER, *ROWS[:1], ["Cash & Cash Investments", "--", "--", "--", "$530.00", "--"]]

    assert value_of(read_sheet(records), "market_value.cash_cash_investments") == 530
