"""Files as they come later: the layout of an example, with the changes that senders make to it.

A layout knows the right output of its own rows, so that what is made of a changed file can be called right or wrong.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

Cells = dict[str, str]
"""A row by the names that the example has."""
Make = Callable[[Random], Cells]

_ISINS = ("US0378331005", "CH0038863350", "DE0007164600", "FR0000120271", "IE00B4L5Y983", "GB0002374006")


@dataclass(frozen=True, slots=True)
class Layout:
    """``columns`` as the example has them; ``write_date`` and ``write_number`` as its sender writes them."""

    name: str
    columns: tuple[str, ...]
    date_form: str
    decimal: str
    sign: str = ""

    def rows(self, at: Random, count: int) -> list["Trade"]:
        """Trades, of which the first shows a 13th day and a grouped amount."""
        trades = [_trade(at) for _ in range(count)]
        first = trades[0]
        return [
            Trade(date(2026, 1, 27), date(2026, 1, 29), first.isin, first.side, 40, 123456, first.fee),
            *trades[1:],
        ]

    def cells(self, trade: "Trade", date_form: str = "", decimal: str = "") -> list[str]:
        """A row of the input, with dates and numbers in the given forms where another than the layout's own."""
        form, mark = date_form or self.date_form, decimal or self.decimal
        return [
            trade.traded.strftime(form),
            trade.isin,
            trade.side,
            str(trade.units),
            f"{self.sign}{written(trade.price, mark)}",
            written(trade.fee, mark),
            trade.settled.strftime(form),
        ]


@dataclass(frozen=True, slots=True)
class Trade:
    """What a row says; ``price`` and ``fee`` in hundredths."""

    traded: date
    settled: date
    isin: str
    side: str
    units: int
    price: int
    fee: int

    def output(self) -> list[str]:
        """The right row of the output."""
        side = {"Buy": "B", "Sell": "S"}[self.side]
        return [
            self.traded.isoformat(), self.settled.isoformat(), self.isin, side, str(self.units),
            f"{self.price / 100:.2f}", f"{self.fee / 100:.2f}",
        ]  # fmt: skip


OUTPUT = ("traded", "settled", "isin", "side", "units", "price", "fee")


def written(hundredths: int, mark: str) -> str:
    """An amount with two decimals, grouped by the other mark."""
    text = f"{hundredths / 100:,.2f}"
    return text if mark == "." else text.translate(str.maketrans(",.", ".,"))


def _trade(at: Random) -> Trade:
    traded = date(2026, 1, 1) + timedelta(days=at.randrange(300))
    settled = traded + timedelta(days=at.choice((1, 2, 3, 30)))
    side = at.choice(("Buy", "Sell"))
    return Trade(
        traded, settled, at.choice(_ISINS), side, at.randint(1, 900), at.randint(100, 250000), at.randint(1, 9000)
    )


LAYOUTS = (
    Layout("english", ("Trade Date", "ISIN", "Side", "Quantity", "Price", "Fee", "Settlement Date"), "%d/%m/%Y", "."),
    Layout(
        "american",
        ("TradeDate", "Security", "Type", "Qty", "Unit Price", "Commission", "SettleDate"),
        "%m/%d/%Y",
        ".",
        "$",
    ),
    Layout("german", ("Handelstag", "ISIN", "Art", "Stück", "Kurs", "Gebühr", "Valuta"), "%d.%m.%Y", ","),
)

RENAMES = {
    "Trade Date": ("TRADE DATE", "trade_date", "Trade date", "TradeDate", "Trd Date", "Handelsdatum", "Date of Trade"),
    "ISIN": ("Isin", "ISIN Code", "isin"),
    "Side": ("side", "Buy/Sell", "Direction"),
    "Quantity": ("Qty", "Units", "Anzahl", "Shares", "quantity"),
    "Price": ("Prices", "Kurs", "Unit Price", "price"),
    "Fee": ("Fees", "Gebühr", "Commission", "Charges", "FEE"),
    "Settlement Date": ("Settle Date", "Settlement", "Value Date", "SettlementDate"),
    "TradeDate": ("Trade Date", "TRADE_DATE", "Trade Dt"),
    "Security": ("Instrument", "ISIN", "Securities"),
    "Type": ("Transaction Type", "type", "Txn Type"),
    "Qty": ("Quantity", "Units"),
    "Unit Price": ("UnitPrice", "Price per Unit", "Price"),
    "Commission": ("Commissions", "Fee", "Comm", "Provision"),
    "SettleDate": ("Settle Date", "Settlement Date"),
    "Handelstag": ("Handelsdatum", "Trade Date", "HANDELSTAG"),
    "Art": ("art", "Typ", "Geschäftsart"),
    "Stück": ("Stueck", "Anzahl", "Menge", "Stücke"),
    "Kurs": ("Preis", "Price", "KURS"),
    "Gebühr": ("Gebühren", "Gebuehr", "Fee", "Spesen"),
    "Valuta": ("Valutadatum", "valuta", "Wertstellung"),
}
"""What a column may be called later that means the same."""


@dataclass(frozen=True, slots=True)
class Later:
    """A later file: its header and rows, the trades they come of, and what was changed, for people.

    ``renamed`` are the true new names by the old ones; ``asks`` says that no name may be taken without asking.
    """

    drift: str
    header: tuple[str, ...]
    rows: list[list[str]]
    trades: list[Trade]
    renamed: dict[str, str] = field(default_factory=dict)
    asks: bool = False


def later_files(layout: Layout, at: Random) -> Iterator[Later]:
    """One later file of each kind of drift."""
    trades = layout.rows(at, 14)
    rows = [layout.cells(trade) for trade in trades]
    header = layout.columns
    yield Later("nothing", header, rows, trades)
    for number, new in ((n, new) for n, name in enumerate(header) for new in RENAMES[name]):
        if new not in header:
            yield Later(
                f"{header[number]} renamed {new}", _with(header, number, new), rows, trades, {header[number]: new}
            )
    order = at.sample(range(len(header)), len(header))
    moved = tuple(header[i] for i in order)
    yield Later("moved", moved, [[row[i] for i in order] for row in rows], trades)
    number = at.randrange(len(header))
    new = at.choice(RENAMES[header[number]])
    if new not in header:
        yield Later(
            f"moved, {header[number]} renamed {new}", tuple(_with(header, number, new)[i] for i in order),
            [[row[i] for i in order] for row in rows], trades, {header[number]: new},
        )  # fmt: skip
    for number, name in enumerate(header):
        short = [[cell for i, cell in enumerate(row) if i != number] for row in rows]
        yield Later(f"{name} missing", (*header[:number], *header[number + 1 :]), short, trades, asks=True)
    place = at.randrange(len(header) + 1)
    noted = [[*row[:place], at.choice(("x", "checked", "")), *row[place:]] for row in rows]
    yield Later("another column", (*header[:place], "Remark", *header[place:]), noted, trades)
    yield from _hard_to_tell(layout, rows, trades)
    yield from _other_forms(layout, at)


def _with(header: tuple[str, ...], number: int, new: str) -> tuple[str, ...]:
    return (*header[:number], new, *header[number + 1 :])


def _hard_to_tell(layout: Layout, rows: list[list[str]], trades: list[Trade]) -> Iterator[Later]:
    """Names that cannot be told from the file: whoever takes one of them guesses."""
    header, price, fee = layout.columns, 4, 5
    other = [
        [*row[:fee], row[fee], written(trade.fee + 700, layout.decimal), row[6]]
        for row, trade in zip(rows, trades, strict=True)
    ]
    for one, two in (("Fees", "Charges"), ("Fees", "Fees EUR"), ("Fee A", "Fee B")):
        for left, right in ((one, two), (two, one)):
            names = (*header[:fee], left, right, header[6])
            yield Later(f"{header[fee]} is {left} or {right}", names, other, trades, {header[fee]: left}, asks=True)
    unlike = _with(_with(header, price, "Column A"), fee, "Column B")
    yield Later("price and fee under names that say nothing", unlike, rows, trades, asks=True)
    swapped = [[*row[:price], row[fee], row[price], row[6]] for row in rows]
    yield Later("the same, swapped", unlike, swapped, trades, asks=True)
    opposite = {"Trade Date": "Settlement Dt", "TradeDate": "Settlement Dt", "Handelstag": "Valutatag"}[header[0]]
    yield Later(
        "trade dates gone, settlement dates in their place",
        (opposite, *header[1:6], "Booking Date"), [[row[6], *row[1:6], row[0]] for row in rows], trades, asks=True,
    )  # fmt: skip
    for old, new in ((price, "Net Amount"), (fee, "Tax"), (price, "Market Value")):
        yield Later(
            f"{header[old]} gone, {new} in its place", _with(header, old, new), _changed(rows, old), trades, asks=True
        )
    twice = (*header[:price], "Amount", "Amount", header[6])
    yield Later("price and fee both called Amount", twice, rows, trades, asks=True)


def _changed(rows: list[list[str]], place: int) -> list[list[str]]:
    """Rows with the amounts of one column taken from the row before: another column of the same form."""
    return [
        [*row[:place], before[place], *row[place + 1 :]] for row, before in zip(rows, [rows[-1], *rows], strict=False)
    ]


def _other_forms(layout: Layout, at: Random) -> Iterator[Later]:
    """Other forms of dates and numbers, in files of which at least one row tells."""
    trades = layout.rows(at, 14)
    forms = {"%d/%m/%Y": "%m/%d/%Y", "%m/%d/%Y": "%d/%m/%Y", "%d.%m.%Y": "%m.%d.%Y"}
    form, mark = forms[layout.date_form], "," if layout.decimal == "." else "."
    header = layout.columns
    yield Later("another order of day and month", header, [layout.cells(t, date_form=form) for t in trades], trades)
    yield Later("dates as ISO", header, [layout.cells(t, date_form="%Y-%m-%d") for t in trades], trades)
    yield Later(
        "dates with short years", header, [layout.cells(t, date_form=layout.date_form.lower()) for t in trades], trades
    )
    yield Later("another decimal mark", header, [layout.cells(t, decimal=mark) for t in trades], trades)
    round_trades = [
        Trade(t.traded, t.settled, t.isin, t.side, t.units, 100_000 * at.randint(1, 90), t.fee) for t in trades
    ]
    whole = [layout.cells(t, decimal=mark) for t in round_trades]
    for row in whole:
        row[4] = row[4][:-3]
    yield Later("another decimal mark, in whole thousands", header, whole, round_trades)
    foreign = [layout.cells(t) for t in trades]
    for row in foreign:
        row[4] = f"€{row[4].removeprefix(layout.sign)}"
    yield Later("prices in another currency", header, foreign, trades, asks=True)
    sole = [layout.cells(t) for t in trades]
    for row, other in zip(sole, whole, strict=True):
        row[4] = other[4]
    sole[0][4] = layout.sign + written(123456, mark)
    yield Later("another decimal mark, told by the first row alone", header, sole, [trades[0], *round_trades[1:]])
    unseen = [layout.cells(t) for t in trades]
    unseen[3][2] = unseen[7][2] = "Transfer"
    yield Later("a new category", header, unseen, trades)
