"""Rows of later files of which no row of the example says what becomes of them: right, or flagged at the row."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from tests.support.drawn import drawn
from tests.unit.converter.later_rows import Example, Line, Wish


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


# Debits and credits: of each row one is filled.
AMOUNTS = (("583.82", ""), ("", "20.65"), ("65.40", ""), ("", "433.33"), ("", "377.48"), ("280.02", ""))


def net(debit: str, credit: str) -> tuple[str, ...]:
    return (f"{float(credit or 0) - float(debit or 0):.2f}",)


def size_and_side(debit: str, credit: str) -> tuple[str, ...]:
    return (f"{float(debit or credit or 0):.2f}", "D" if debit else "C")


def side(debit: str, credit: str) -> tuple[str, ...]:
    del credit
    return ("D" if debit else "C",)


Make = Callable[[str, str], tuple[str, ...]]
SIDES: dict[Make, tuple[str, ...]] = {net: ("amount",), size_and_side: ("amount", "side"), side: ("side",)}


@pytest.mark.parametrize("odd", [("", ""), ("5.00", "7.00")], ids=["none", "both"])
@pytest.mark.parametrize("nothing", ["", "0.00", "-"], ids=["blank", "nought", "a dash"])
@pytest.mark.parametrize("comma", [False, True], ids=["points", "commas"])
@pytest.mark.parametrize("make", SIDES)
def test_a_row_that_fills_both_sides_or_none_is_flagged(
    make: Make, comma: bool, nothing: str, odd: tuple[str, str], sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    def line(number: int, pair: tuple[str, str]) -> Line:
        cells = (text or nothing for text in pair)
        return (f"2026-03-{number + 10}", *(text.replace(".", ",") if comma else text for text in cells))

    rows = [line(n, pair) for n, pair in enumerate(AMOUNTS)]
    wanted = [(row[0], *make(*pair)) for row, pair in zip(rows, AMOUNTS, strict=True)]
    example = Example(("Day", "Debit", "Credit"), rows, ("day", *SIDES[make]), wanted)
    later = [rows[0], line(1, odd), *rows[2:]]
    wishes: list[Wish] = [wanted[0], (wanted[1][0], *(None for _ in SIDES[make])), *wanted[2:]]
    # Of nothing an empty cell may be made.
    empty: list[Wish] = [wanted[0], (wanted[1][0], *("" if n == "amount" else None for n in SIDES[make])), *wanted[2:]]
    assert "silently" not in example.outcome(sandbox, tmp_path, later, wishes, *([empty] if not any(odd) else []))


# Ledgers: two legs of one trade, each a row.
TRADES = (
    ("ADA", "43.70", "EUR", "10.01", "0.03"),
    ("ETH", "0.20", "USD", "512.40", "1.02"),
    ("EUR", "53.25", "DOT", "2.50", "0.10"),
    ("ADA", "11.42", "EUR", "20.01", "0.20"),
    ("BTC", "0.08", "ETH", "1.25", "0.00"),
)
LEGS = {"what goes out first": (0, 0, 0, 0, 0), "mixed": (0, 1, 0, 1, 1), "what comes in first": (1, 1, 1, 1, 1)}


def ledger(order: tuple[int, ...], *, typed: bool, third: int | None = None) -> list[Line]:
    """The legs of each trade in an order; of the second trade there is a fee, too, at the ``third`` place."""
    rows: list[Line] = []
    for number, ((coming, amount, going, paid, fee), turned) in enumerate(zip(TRADES, order, strict=True)):
        legs = [("spend", going, f"-{paid}", fee), ("receive", coming, amount, "0.00")][:: -1 if turned else 1]
        if third is not None and number == 1:
            legs.insert(third, ("fee", "EUR", "-0.50", "0.00"))
        rows += [(f"T{number}", f"2026-03-{number + 10}", kind if typed else "trade", *leg) for kind, *leg in legs]
    return rows


@pytest.mark.drawn
@pytest.mark.parametrize("typed", [False, True], ids=["told by the sign", "told by the type"])
@pytest.mark.parametrize("signed", [False, True], ids=["without signs", "with signs"])
@pytest.mark.parametrize("shown", LEGS)
@pytest.mark.parametrize("later", [*LEGS, 0, 2][:: drawn(2, 1)])
def test_legs_of_trades_are_told_apart_or_flagged(
    later: str | int, shown: str, signed: bool, typed: bool, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    wanted = [(f"T{n}", *t[:3], f"-{t[3]}" if signed else t[3], t[4]) for n, t in enumerate(TRADES)]
    names = ("id", "in_unit", "in", "out_unit", "out", "fee")
    given = ledger(LEGS[shown], typed=typed)
    example = Example(("refid", "day", "type", "asset", "amount", "fee"), given, names, wanted)
    if isinstance(later, str):
        outcome = example.outcome(sandbox, tmp_path, ledger(LEGS[later], typed=typed), wanted)
        assert outcome == "right" if later == shown else "silently" not in outcome
        return
    open_row: list[Wish] = [wanted[0], ("T1", *(None for _ in names[1:])), *wanted[2:]]
    rows = ledger(LEGS[shown], typed=typed, third=later)
    assert "silently" not in example.outcome(sandbox, tmp_path, rows, wanted, open_row)


# Statements with rows of several kinds.
TRADE = ("Section", "Header", "Discriminator", "Class", "Symbol", "Day", "Quantity", "Price", "Proceeds")


def order(symbol: str, day: int, *figures: str, kind: str = "Order", of: str = "Stocks", head: str = "Data") -> Line:
    return ("Trades", head, kind, of, symbol, f"2026-03-{day:02}", *figures)


ORDERS = [
    order("ELYX", 2, "10", "41.5", "-415"),
    order("BATH", 3, "-5", "212.2", "1061"),
    order("HUL", 4, "140", "3.05", "-427"),
    order("WYE", 5, "12", "102", "-1224"),
    order("HUL", 9, "30", "3.15", "-94.5"),
]
TOTALS = [
    ("Trades", "SubTotal", "", "Stocks", "ELYX", "", "0", "", "30"),
    ("Trades", "Total", "", "Stocks", "", "", "", "", "-520.5"),
]
STATEMENTS = {"no other rows": ORDERS, "totals": [*ORDERS[:2], TOTALS[0], *ORDERS[2:], TOTALS[1]]}
UNSEEN = {
    "a lot": order("BATH", 13, "4", "200.2", "", kind="ClosedLot"),
    "a lot with all cells": order("BATH", 13, "4", "200.2", "800.8", kind="ClosedLot"),
    "another class": order("EUR.USD", 13, "1000", "1.08", "-1080", of="Forex"),
    "a sum with a day": order("BATH", 13, "4", "200.2", "800.8", kind="", head="Sum"),
}


@pytest.mark.parametrize("odd", UNSEEN)
@pytest.mark.parametrize("shown", STATEMENTS)
def test_a_row_of_a_kind_that_no_row_had_is_flagged(
    shown: str, odd: str, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    def made(row: Line) -> Line:
        return (row[5], row[4], *row[6:])

    rows = STATEMENTS[shown]
    wanted = [made(row) for row in rows if row[2] == "Order"]
    example = Example(TRADE, rows, ("day", "symbol", "quantity", "price", "proceeds"), wanted)
    later = [*ORDERS[:3], UNSEEN[odd], *ORDERS[3:]]
    wishes: list[Wish] = [None if row is UNSEEN[odd] else made(row) for row in later]
    assert example.outcome(sandbox, tmp_path, later, wishes) == "right"


ACTIONS = [
    ("2026-03-02", "Buy", "ELYX", "10", "-415.00"),
    ("2026-03-03", "Dividend", "BATH", "", "12.10"),
    ("2026-03-04", "Sell", "HUL", "140", "427.00"),
    ("2026-03-05", "Dividend", "WYE", "", "3.20"),
    ("2026-03-06", "Buy", "WYE", "12", "-1224.00"),
    ("2026-03-09", "Interest", "", "", "0.41"),
    ("2026-03-10", "Sell", "ELYX", "5", "222.50"),
    ("2026-03-12", "Interest", "", "", "0.55"),
]
UNSEEN_ACTIONS = (
    ("2026-04-04", "Stock Split", "HUL", "30", ""),
    ("2026-04-04", "Reinvest Shares", "HUL", "3", "-9.30"),
    ("2026-04-04", "Journal", "HUL", "30", "93.00"),
    ("2026-04-04", "Service Fee", "", "", "-3.00"),
    ("2026-04-04", "Foreign Tax Paid", "BATH", "", "-3.00"),
    ("2026-04-04", "Subtotal", "", "", "1000.00"),
)
KEPT = {"all": {"Buy", "Sell"}, "trades": {"Buy", "Sell"}, "cash": {"Dividend", "Interest"}}


@pytest.mark.parametrize("odd", UNSEEN_ACTIONS, ids=lambda row: row[1])
@pytest.mark.parametrize("shown", KEPT)
def test_an_action_that_no_row_had_is_flagged(shown: str, odd: Line, sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    def made(row: Line) -> Line:
        return (row[0], row[2], row[4])

    rows = [row for row in ACTIONS if shown != "all" or row[1] in KEPT[shown]]
    wanted = [made(row) for row in rows if row[1] in KEPT[shown]]
    example = Example(("Day", "Action", "Symbol", "Quantity", "Amount"), rows, ("day", "symbol", "amount"), wanted)
    stay = [row for row in rows if row[1] in KEPT[shown]]
    later = [stay[0], stay[1], odd, *stay[2:]]
    wishes: list[Wish] = [None if row is odd else made(row) for row in later]
    outcome = example.outcome(sandbox, tmp_path, later, wishes)
    assert "silently" not in outcome
    assert outcome != "refused"
