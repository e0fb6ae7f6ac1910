"""Statements, ledgers and lists as custodians, banks and brokers write them, and the plain table that is wanted of each.

As in `exports`, each kind lays facts out and says what is wanted of them; here the facts are bookings of accounts, and
the files have the names, titles, sums and notes that such files have. A later file has more of them: other accounts,
currencies, days and papers, sections of one row and of many.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import TypeVar

from benchmarks.conversions.tables import Lines, Reshaped

K = TypeVar("K")
_PAPERS = (
    ("CH0012005267", "Novartis N", "Equity"), ("DE0007164600", "SAP SE", "Equity"), ("US0378331005", "Apple Inc", "Equity"),
    ("FR0000120271", "TotalEnergies", "Equity"), ("US5949181045", "Microsoft Corp", "Equity"),
    ("DE0001102580", "Bund 0.25 2028", "Bond"), ("US912828YK06", "T-Note 1.75 2029", "Bond"),
    ("XS2010044035", "EIB 0.5 2027", "Bond"), ("IE00B4L5Y983", "iShares Core World", "Fund"),
    ("LU0323578657", "Flossbach Multi", "Fund"), ("CH0237935652", "UBS SXI Fund", "Fund"),
)  # fmt: skip
_KINDS = ("Buy", "Sell", "Dividend", "Fee")
_CURRENCIES = ("CHF", "EUR", "USD", "GBP")
_FOOT = ("End of report", "This statement is not signed", "Please check within 30 days", "Printed by the custodian")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Entry:
    """A booking: money of an account, for a paper."""

    account: str
    currency: str
    day: dt.date
    kind: str
    isin: str
    name: str
    asset: str
    quantity: int
    price: Decimal
    amount: Decimal
    reference: str


Entries = Sequence[Entry]
Statement = Callable[[Entries], Reshaped]


def draw_entries(at: Random, *, later: bool) -> list[Entry]:
    """The bookings of a file, by account, currency and day."""
    accounts = [f"{at.randint(100, 999)}-{at.randint(10000, 99999)}" for _ in range(at.randint(2, 4 if later else 3))]
    currencies = at.sample(_CURRENCIES[: 4 if later else 3], at.randint(2, 4 if later else 3))
    start = dt.date(2026, 7 if later else 1, 1)
    found = []
    for account in accounts:
        for currency in sorted(at.sample(currencies, at.randint(1, len(currencies)))):
            days = sorted(start + dt.timedelta(days=at.randrange(150)) for _ in range(at.randint(1, 4)))
            found += [_entry(at, account, currency, day) for day in days]
    return found


def _entry(at: Random, account: str, currency: str, day: dt.date) -> Entry:
    isin, name, asset = at.choice(_PAPERS)
    price = Decimal(at.randint(200, 90000)).scaleb(-2)
    quantity = at.randint(1, 400)
    kind = at.choice(_KINDS)
    size = (price * quantity).quantize(Decimal("0.01"))
    amount = -size if kind in ("Buy", "Fee") else size
    reference = f"R{at.randint(100000, 999999)}"
    return Entry(account, currency, day, kind, isin, name, asset, quantity, price, amount, reference)


def _by(entries: Entries, key: Callable[[Entry], K]) -> dict[K, list[Entry]]:
    found: dict[K, list[Entry]] = {}
    for entry in entries:
        found.setdefault(key(entry), []).append(entry)
    return found


def _several(groups: Mapping[object, Entries]) -> tuple[str, ...]:
    """Why groups do not show what they are."""
    sizes = {len(group) for group in groups.values()}
    return () if len(groups) > 1 and len(sizes) > 1 else ("a second group or size",)


def _total(entries: Iterable[Entry]) -> str:
    return str(sum((entry.amount for entry in entries), Decimal(0)))


_BOOKED = ("Date", "Type", "ISIN", "Amount")


def _booked(entry: Entry) -> tuple[str, ...]:
    return (str(entry.day), entry.kind, entry.isin, str(entry.amount))


def _blank(width: int) -> tuple[str, ...]:
    return ("",) * width


def _accounts_in_titles(at: Random) -> Statement:
    """A title with the account above the names and rows of each, perhaps a sum below: rows with the account."""
    word, summed, gap = at.choice(("Account", "Portfolio No.", "Depot")), at.random() < 0.6, at.random() < 0.6
    apart = at.random() < 0.4

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        made: Lines = [("account", *(n.lower() for n in _BOOKED))]
        for account, group in _by(entries, lambda e: e.account).items():
            given += [_blank(4)] if gap and given else []
            given.append((word, account, "", "") if apart else (f"{word}: {account}", *_blank(3)))
            given += [_BOOKED, *map(_booked, group)]
            given += [("Total", "", "", _total(group))] if summed else []
            made += [(account, *_booked(e)) for e in group]
        return Reshaped(given, made, _several(_by(entries, lambda e: e.account)))

    return statement


def _ledger_by_currency(at: Random) -> Statement:
    """Cash by currency between an opening and a closing balance: the movements with their currency."""
    titled = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        names = ("Date", "Text", "Amount", "Balance")
        given: Lines = [names] if not titled else []
        made: Lines = [("currency", "date", "text", "amount")]
        for currency, group in _by(entries, lambda e: e.currency).items():
            balance = Decimal(at.randint(1, 90000))
            given += [(f"Cash account {currency}", *_blank(3))]
            given += [names] if titled else []
            given.append((str(group[0].day.replace(day=1)), "Opening balance", "", str(balance)))
            for e in group:
                balance += e.amount
                given.append((str(e.day), f"{e.kind} {e.name}", str(e.amount), str(balance)))
                made.append((currency, str(e.day), f"{e.kind} {e.name}", str(e.amount)))
            given.append((str(group[-1].day.replace(day=28)), "Closing balance", "", str(balance)))
        return Reshaped(given, made, _several(_by(entries, lambda e: e.currency)))

    return statement


def _balances(at: Random) -> Statement:
    """The opening and closing balance of each currency's section."""
    del at

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        made: Lines = [("currency", "opening", "closing")]
        for currency, group in _by(entries, lambda e: e.currency).items():
            first = balance = Decimal(len(group) * 1000 + abs(int(group[0].amount)) % 997)
            given += [("Currency", currency, "", ""), ("Opening balance", "", "", str(balance))]
            for e in group:
                balance += e.amount
                given.append((str(e.day), e.kind, str(e.amount), str(balance)))
            given += [("Closing balance", "", "", str(balance)), _blank(4)]
            made.append((currency, str(first), str(balance)))
        return Reshaped(given[:-1], made, _several(_by(entries, lambda e: e.currency)))

    return statement


def _positions_by_day(at: Random) -> Statement:
    """A column for each day, of which a later file has others: a row for each value that is there."""
    named = at.random() < 0.6

    def statement(entries: Entries) -> Reshaped:
        days = [str(day) for day in sorted({e.day.replace(day=28) for e in entries})]
        sides = ("ISIN", "Name") if named else ("ISIN",)
        given: Lines = [(*sides, *days)]
        made: Lines = [(*(n.lower() for n in sides), "day", "value")]
        for isin, group in _by(entries, lambda e: e.isin).items():
            values = {str(e.day.replace(day=28)): str(e.quantity) for e in group}
            side = (isin, group[0].name) if named else (isin,)
            given.append((*side, *(values.get(day, "") for day in days)))
            made += [(*side, day, values[day]) for day in days if day in values]
        return Reshaped(given, made, () if len(days) > 1 and len(given) > 2 else ("days",))

    return statement


def _lots(at: Random) -> Statement:
    """A line for each paper, with the sum, above lines of its lots: a row a lot with the paper."""
    mark = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("ISIN", "Name", "Lot", "Opened", "Quantity", "Cost")]
        made: Lines = [("isin", "name", "opened", "quantity", "cost")]
        for isin, group in _by(entries, lambda e: e.isin).items():
            quantity = sum(e.quantity for e in group)
            given.append((isin, group[0].name, "", "", str(quantity), _total(group)))
            for number, e in enumerate(group, 1):
                given.append(("", "", f"Lot {number}" if mark else str(number), str(e.day), str(e.quantity), str(abs(e.amount))))
                made.append((isin, e.name, str(e.day), str(e.quantity), str(abs(e.amount))))
        return Reshaped(given, made, _several(_by(entries, lambda e: e.isin)))

    return statement


def _footers(at: Random) -> Statement:
    """Lines below the table: a count of records, the words of a report's end; they go."""
    counted, gap, feet = at.random() < 0.6, at.random() < 0.5, at.sample(_FOOT, at.randint(1, 2))

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Account", *_BOOKED), *((e.account, *_booked(e)) for e in entries)]
        given += [_blank(5)] if gap else []
        given += [(f"Records: {len(entries)}", *_blank(4))] if counted else []
        given += [(foot, *_blank(4)) for foot in feet]
        made: Lines = [("account", "date", "type", "isin", "amount")]
        return Reshaped(given, [*made, *((e.account, *_booked(e)) for e in entries)])

    return statement


def _said_above(at: Random) -> Statement:
    """What holds for the whole file stands above the table, and is wanted beside each row."""
    apart, client = at.random() < 0.6, at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        last, account = max(e.day for e in entries), entries[0].account
        facts = [("As of", str(last)), *([("Account", account)] if client else [])]
        given: Lines = [("Statement of holdings", *_blank(4))]
        given += [(name, value, *_blank(3)) if apart else (f"{name}: {value}", *_blank(4)) for name, value in facts]
        given += [_blank(5), ("ISIN", "Name", "Quantity", "Price", "Currency")]
        rows = [(e.isin, e.name, str(e.quantity), str(e.price), e.currency) for e in entries]
        beside = tuple(value for _, value in facts)
        made: Lines = [("as_of", *(["account"] if client else []), "isin", "quantity", "price", "currency")]
        return Reshaped([*given, *rows], [*made, *((*beside, r[0], *r[2:]) for r in rows)])

    return statement


def _one_of_two_tables(at: Random) -> Statement:
    """Two tables with titles, of which one is wanted; a later file's others have other lengths."""
    first, gap = at.random() < 0.5, at.random() < 0.7

    def statement(entries: Entries) -> Reshaped:
        cash = [(c, _total(g)) for c, g in _by(entries, lambda e: e.currency).items()]
        rows = [(e.isin, e.name, str(e.quantity), str(e.price)) for e in entries]
        tables: list[Lines] = [
            [("Positions", *_blank(3)), ("ISIN", "Name", "Quantity", "Price"), *rows],
            [("Cash", *_blank(3)), ("Currency", "Balance", "", ""), *((*r, "", "") for r in cash)],
        ]
        tables = tables if first else tables[::-1]
        given: Lines = [*tables[0], *([_blank(4)] if gap else []), *tables[1]]
        return Reshaped(given, [("isin", "name", "quantity", "price"), *rows])

    return statement


def _marked_lines(at: Random) -> Statement:
    """Each line says its table and what it is (header, data, sum): the rows of one table are wanted."""
    summed = at.random() < 0.7

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Statement", "Header", "Field", "Value", "", ""), ("Statement", "Data", "Broker", "X Bank", "", "")]
        given.append(("Trades", "Header", "Date", "Symbol", "Quantity", "Amount"))
        rows = [(str(e.day), e.name, str(e.quantity), str(e.amount)) for e in entries]
        given += [("Trades", "Data", *row) for row in rows]
        given += [("Trades", "Total", "", "", "", _total(entries))] if summed else []
        given.append(("Dividends", "Header", "Date", "Symbol", "Amount", ""))
        given += [("Dividends", "Data", str(e.day), e.name, str(e.price), "") for e in entries[::2]]
        return Reshaped(given, [("date", "symbol", "quantity", "amount"), *rows])

    return statement


def _typed_records(at: Random) -> Statement:
    """Lines of a head, of data and of a tail, told by their first letter: data with the head's day or account."""
    many = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        made: Lines = [("account", "isin", "quantity", "price")]
        groups = _by(entries, lambda e: e.account) if many else {entries[0].account: list(entries)}
        for account, group in groups.items():
            given.append(("H", account, str(group[-1].day), ""))
            given += [("D", e.isin, str(e.quantity), str(e.price)) for e in group]
            given.append(("T", str(len(group)), "", ""))
            made += [(account, e.isin, str(e.quantity), str(e.price)) for e in group]
        return Reshaped(given, made, _several(groups) if many else ())

    return statement


def _grouped_papers(at: Random) -> Statement:
    """Papers below the name of their class, a sum below each, perhaps one below all: class and paper."""
    named, grand, leveled = at.random() < 0.6, at.random() < 0.5, at.random() < 0.4

    def statement(entries: Entries) -> Reshaped:
        ordered = sorted(entries, key=lambda e: e.asset)
        given: Lines = [("Name", "ISIN", "Quantity", "Value")]
        made: Lines = [("class", *(("currency",) if leveled else ()), "name", "isin", "quantity", "value")]
        for asset, group in _by(ordered, lambda e: e.asset).items():
            given.append((asset, *_blank(3)))
            parts = _by(group, lambda e: e.currency) if leveled else {"": group}
            for currency, part in parts.items():
                given += [(currency, *_blank(3))] if leveled else []
                rows = [(e.name, e.isin, str(e.quantity), str(abs(e.amount))) for e in part]
                given += rows
                made += [(asset, *((currency,) if leveled else ()), *row) for row in rows]
            given.append((f"Total {asset}" if named else "Total", "", "", _total(group)))
        given += [("Grand total", "", "", _total(entries))] if grand else []
        return Reshaped(given, made, _several(_by(ordered, lambda e: e.asset)))

    return statement


def _currencies_across(at: Random) -> Statement:
    """A column for each currency, most cells blank: a row for each that is there."""
    del at

    def statement(entries: Entries) -> Reshaped:
        currencies = sorted({e.currency for e in entries})
        given: Lines = [("Account", "Date", *currencies)]
        made: Lines = [("account", "date", "currency", "amount")]
        for (account, day), group in _by(entries, lambda e: (e.account, e.day)).items():
            cells = {e.currency: str(e.amount) for e in group}
            given.append((account, str(day), *(cells.get(c, "") for c in currencies)))
            made += [(account, str(day), c, cells[c]) for c in currencies if c in cells]
        return Reshaped(given, made, () if len(currencies) > 1 else ("a second currency",))

    return statement


def _continued(at: Random) -> Statement:
    """A booking's text goes on in the next lines, whose other cells are blank: one text."""
    mark = at.choice((" ", " ", "; "))

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Date", "Text", "Amount")]
        made: Lines = [("date", "text", "amount")]
        lengths = set()
        for e in entries:
            parts = [e.kind, e.name, e.reference][: at.randint(1, 3)]
            lengths.add(len(parts))
            given.append((str(e.day), parts[0], str(e.amount)))
            given += [("", part, "") for part in parts[1:]]
            made.append((str(e.day), mark.join(parts), str(e.amount)))
        return Reshaped(given, made, () if len(lengths) == 3 else ("texts of other lengths",))

    return statement


def _two_line_trades(at: Random) -> Statement:
    """A trade stands in two lines, the names in two above them: one row each."""
    del at

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Trade date", "Type", "ISIN"), ("Reference", "Quantity", "Price")]
        made: Lines = [("date", "type", "isin", "reference", "quantity", "price")]
        for e in entries:
            given += [(str(e.day), e.kind, e.isin), (e.reference, str(e.quantity), str(e.price))]
            made.append((str(e.day), e.kind, e.isin, e.reference, str(e.quantity), str(e.price)))
        return Reshaped(given, made)

    return statement


def _legs(at: Random) -> Statement:
    """A booking's gross amount, fee and tax stand in lines of one reference: a row each; not all have all."""
    legs = ("Gross", "Fee", "Tax")[: at.randint(2, 3)]

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Reference", "Date", "Leg", "Amount")]
        made: Lines = [("reference", "date", *map(str.lower, legs))]
        lacking = 0
        for e in entries:
            amounts = [str(e.amount), *(str(-Decimal(at.randint(100, 9900)).scaleb(-2)) for _ in legs[1:])]
            there = [True, *(at.random() < 0.7 for _ in legs[1:])]
            lacking += not all(there)
            given += [(e.reference, str(e.day), leg, a) for leg, a, is_so in zip(legs, amounts, there, strict=True) if is_so]
            made.append((e.reference, str(e.day), *(a if is_so else "" for a, is_so in zip(amounts, there, strict=True))))
        return Reshaped(given, made, () if 0 < lacking < len(entries) else ("legs that lack, and all",))

    return statement


def _exchanges(at: Random) -> Statement:
    """What is bought and what is sold stand in two lines of one reference: one row."""
    ordered = at.random() < 0.6

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Reference", "Side", "Currency", "Amount")]
        made: Lines = [("reference", "bought", "bought_amount", "sold", "sold_amount")]
        for e in entries:
            other = at.choice([c for c in _CURRENCIES if c != e.currency])
            sold = str(Decimal(at.randint(1000, 900000)).scaleb(-2))
            lines = [(e.reference, "Buy", e.currency, str(abs(e.amount))), (e.reference, "Sell", other, sold)]
            given += lines if ordered or at.random() < 0.5 else lines[::-1]
            made.append((e.reference, e.currency, str(abs(e.amount)), other, sold))
        return Reshaped(given, made)

    return statement


def _amounts_to_rows(at: Random) -> Statement:
    """Gross, tax and fee of a dividend stand side by side: a row for each that is there."""
    def statement(entries: Entries) -> Reshaped:
        names = ("Gross", "Tax", "Fee")
        given: Lines = [("Date", "ISIN", "Currency", *names)]
        made: Lines = [("date", "isin", "kind", "amount", "currency")]
        blank = 0
        for e in entries:
            cells = [str(abs(e.amount)), *(("" if at.random() < 0.4 else str(Decimal(at.randint(100, 9000)).scaleb(-2))) for _ in "ab")]
            blank += "" in cells
            given.append((str(e.day), e.isin, e.currency, *cells))
            made += [(str(e.day), e.isin, n, c, e.currency) for n, c in zip(names, cells, strict=True) if c]
        return Reshaped(given, made, () if blank else ("a blank amount",))

    return statement


def _confirmations(at: Random) -> Statement:
    """Confirmations below one another, a label and a value a line, some lack a line: a row each."""
    joined, gap = at.random() < 0.5, at.choice(("blank", "title", "both"))

    def statement(entries: Entries) -> Reshaped:
        labels = ("Trade date", "Type", "ISIN", "Quantity", "Fee")
        given: Lines = []
        made: Lines = [("date", "type", "isin", "quantity", "fee")]
        lacking = 0
        for e in entries:
            cells = (str(e.day), e.kind, e.isin, str(e.quantity), "" if at.random() < 0.4 else str(e.price))
            lacking += "" in cells
            given += [("", "")] if given and gap != "title" else []
            given += [("Trade confirmation", "")] if gap != "blank" else []
            pairs = [(label, cell) for label, cell in zip(labels, cells, strict=True) if cell]
            given += [(f"{label}: {cell}", "") if joined else (label, cell) for label, cell in pairs]
            made.append(cells)
        return Reshaped(given, made, () if 0 < lacking < len(entries) else ("a label missing",))

    return statement


def _summed(at: Random) -> Statement:
    """A row for each account and currency, with the sum of its amounts, and their count."""
    counted = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Account", "Currency", "Date", "Type", "Amount")]
        given += [(e.account, e.currency, str(e.day), e.kind, str(e.amount)) for e in entries]
        groups = _by(entries, lambda e: (e.account, e.currency))
        made: Lines = [("account", "currency", "total", *(("bookings",) if counted else ()))]
        made += [(*key, _total(g), *((str(len(g)),) if counted else ())) for key, g in groups.items()]
        return Reshaped(given, made, _several(groups))

    return statement


def _units_below_names(at: Random) -> Statement:
    """A line of units stands below the names: it goes."""
    gap = at.random() < 0.3

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("ISIN", "Quantity", "Price", "Value"), ("", "pcs", "CCY", "CHF"), *([_blank(4)] if gap else [])]
        rows = [(e.isin, str(e.quantity), str(e.price), str(abs(e.amount))) for e in entries]
        return Reshaped([*given, *rows], [("isin", "quantity", "price", "value"), *rows])

    return statement


def _names_in_two_lines(at: Random) -> Statement:
    """Names go over two lines, the upper ones above several: rows by what is above and below."""
    def statement(entries: Entries) -> Reshaped:
        currencies = sorted({e.currency for e in entries})
        given: Lines = [("", *(cell for c in currencies for cell in (c, ""))), ("Account", *("Cash", "Papers") * len(currencies))]
        made: Lines = [("account", "currency", "cash", "papers")]
        for account, group in _by(entries, lambda e: e.account).items():
            cells = [(_total(e for e in group if e.currency == c), str(at.randint(1, 99999))) for c in currencies]
            given.append((account, *(cell for pair in cells for cell in pair)))
            made += [(account, c, *pair) for c, pair in zip(currencies, cells, strict=True)]
        return Reshaped(given, made, () if len(currencies) > 1 else ("a second currency",))

    return statement


def _months_across(at: Random) -> Statement:
    """Figures by month, names of figures in front: a row a month."""
    first = at.randrange(4)

    def statement(entries: Entries) -> Reshaped:
        months = _MONTHS[first : first + max(2, min(7, len(entries) // 2))]
        names = ("Opening", "Deposits", "Withdrawals", "Closing")
        cells = [[str(Decimal(at.randint(1000, 9000000)).scaleb(-2)) for _ in months] for _ in names]
        given: Lines = [("", *months), *((n, *line) for n, line in zip(names, cells, strict=True))]
        made: Lines = [("month", *map(str.lower, names)), *((m, *column) for m, *column in zip(months, *cells, strict=True))]
        return Reshaped(given, made)

    return statement


def _empty_sections(at: Random) -> Statement:
    """Sections by account, of which some say that there is nothing in them."""
    word = at.choice(("No transactions", "No bookings in this period", "none"))

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        made: Lines = [("account", *(n.lower() for n in _BOOKED))]
        groups = _by(entries, lambda e: e.account)
        for place, (account, group) in enumerate(groups.items()):
            given += [(f"Account {account}", *_blank(3)), _BOOKED, *map(_booked, group)]
            given += [(f"Account {at.randint(100, 999)}-{at.randint(10000, 99999)}", *_blank(3)), (word, *_blank(3))] if place % 2 else []
            made += [(account, *_booked(e)) for e in group]
        return Reshaped(given, made, _several(groups))

    return statement


def _side_by_side(at: Random) -> Statement:
    """Purchases stand left and sales right: rows below one another with what they are."""
    gap = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        bought, sold = ([e for e in entries if (e.amount < 0) is side] for side in (True, False))
        middle = ("",) if gap else ()
        given: Lines = [("Purchases", "", *middle, "Sales", ""), ("ISIN", "Amount", *middle, "ISIN", "Amount")]
        for place in range(max(len(bought), len(sold))):
            halves = [(g[place].isin, str(abs(g[place].amount))) if place < len(g) else ("", "") for g in (bought, sold)]
            given.append((*halves[0], *middle, *halves[1]))
        made: Lines = [("side", "isin", "amount")]
        made += [(s, e.isin, str(abs(e.amount))) for s, g in (("Purchases", bought), ("Sales", sold)) for e in g]
        return Reshaped(given, made, () if bought and sold and len(bought) != len(sold) else ("sides of other lengths",))

    return statement


def _allocations(at: Random) -> Statement:
    """A block trade with a column for each account: a row for each account that has a part."""
    def statement(entries: Entries) -> Reshaped:
        accounts = sorted({e.account for e in entries})
        given: Lines = [("Order", "ISIN", "Side", *accounts, "Total")]
        made: Lines = [("order", "account", "isin", "side", "quantity")]
        blank = 0
        for e in entries:
            parts = ["" if at.random() < 0.4 else str(at.randint(1, 300)) for _ in accounts]
            blank += "" in parts
            given.append((e.reference, e.isin, e.kind, *parts, str(sum(int(p or 0) for p in parts))))
            made += [(e.reference, a, e.isin, e.kind, p) for a, p in zip(accounts, parts, strict=True) if p]
        return Reshaped(given, made, () if blank and len(accounts) > 1 else ("a blank part",))

    return statement


def _pages(at: Random) -> Statement:
    """Names and a page's number stand again on each page: they go; so do sums carried forward."""
    carried, numbered, length = at.random() < 0.5, at.random() < 0.6, at.randint(3, 5)

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        rows = [_booked(e) for e in entries]
        for start in range(0, len(rows), length):
            given += [(f"Page {start // length + 1}", *_blank(3))] if numbered else []
            given.append(_BOOKED)
            given += [("", "Brought forward", "", _total(entries[:start]))] if carried and start else []
            given += rows[start : start + length]
            given += [("", "Carried forward", "", _total(entries[: start + length]))] if carried and start + length < len(rows) else []
        names = tuple(n.lower() for n in _BOOKED)
        return Reshaped(given, [names, *rows], () if len(rows) > 2 * length else ("a third page",))

    return statement


def _account_once(at: Random) -> Statement:
    """An account stands in its first row only, and a sum below its rows: rows with the account."""
    gap = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Account", "Currency", "Date", "Amount")]
        made: Lines = [("account", "currency", "date", "amount")]
        groups = _by(entries, lambda e: e.account)
        for account, group in groups.items():
            for place, e in enumerate(group):
                given.append((account if not place else "", e.currency, str(e.day), str(e.amount)))
                made.append((account, e.currency, str(e.day), str(e.amount)))
            given.append(("", "", "Total", _total(group)))
            given += [_blank(4)] if gap else []
        return Reshaped(given, made, _several(groups))

    return statement


def _latest(at: Random) -> Statement:
    """Positions of several days: the last one of each paper and account."""
    del at

    def statement(entries: Entries) -> Reshaped:
        rows = sorted(entries, key=lambda e: e.day)
        given: Lines = [("Date", "Account", "Currency", "Quantity", "Price")]
        given += [(str(e.day), e.account, e.currency, str(e.quantity), str(e.price)) for e in rows]
        groups = _by(rows, lambda e: (e.account, e.currency))
        made: Lines = [("account", "currency", "date", "quantity")]
        last = sorted((g[-1] for g in groups.values()), key=lambda e: e.day)
        made += [(e.account, e.currency, str(e.day), str(e.quantity)) for e in last]
        return Reshaped(given, made, _several(groups))

    return statement


def _pivoted(at: Random) -> Statement:
    """A row for each account, a column for each kind of booking, the sums in them."""
    del at

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Account", "Date", "Type", "Amount")]
        given += [(e.account, str(e.day), e.kind, str(e.amount)) for e in entries]
        made: Lines = [("account", *map(str.lower, _KINDS))]
        for account, group in _by(entries, lambda e: e.account).items():
            parts = _by(group, lambda e: e.kind)
            made.append((account, *(_total(parts[k]) if k in parts else "" for k in _KINDS)))
        kinds = {e.kind for e in entries}
        return Reshaped(given, made, () if len(kinds) == len(_KINDS) else ("each kind",))

    return statement


def _running(at: Random) -> Statement:
    """Amounts with the balance of their account behind each."""
    del at

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Account", "Date", "Type", "Amount")]
        made: Lines = [("account", "date", "amount", "balance")]
        balances: dict[str, Decimal] = {}
        for e in entries:
            balances[e.account] = balances.get(e.account, Decimal(0)) + e.amount
            given.append((e.account, str(e.day), e.kind, str(e.amount)))
            made.append((e.account, str(e.day), str(e.amount), str(balances[e.account])))
        return Reshaped(given, made, _several(_by(entries, lambda e: e.account)))

    return statement


def _total_below(at: Random) -> Statement:
    """Rows as they are, and a row with their sum below."""
    del at

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [_BOOKED, *map(_booked, entries)]
        names = tuple(n.lower() for n in _BOOKED)
        return Reshaped(given, [names, *map(_booked, entries), ("Total", "", "", _total(entries))])

    return statement


def _sides_in_columns(at: Random) -> Statement:
    """Debit and credit in two columns, a balance behind and sums below: one signed amount."""
    summed = at.random() < 0.6

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Date", "Text", "Debit", "Credit", "Balance")]
        made: Lines = [("date", "text", "amount")]
        balance = Decimal(5000)
        for e in entries:
            balance += e.amount
            sides = (str(-e.amount), "") if e.amount < 0 else ("", str(e.amount))
            given.append((str(e.day), e.kind, *sides, str(balance)))
            made.append((str(e.day), e.kind, str(e.amount)))
        sums = [str(sum((abs(e.amount) for e in entries if (e.amount < 0) is s), Decimal(0))) for s in (True, False)]
        given += [("Total", "", *sums, "")] if summed else []
        return Reshaped(given, made, () if len({e.amount < 0 for e in entries}) == 2 else ("both sides",))

    return statement


def _cancelled(at: Random) -> Statement:
    """Cancelled bookings go, and with them the rows of sums."""
    def statement(entries: Entries) -> Reshaped:
        states = [at.choice(("Settled", "Settled", "Pending", "Cancelled")) for _ in entries]
        given: Lines = [("Reference", "Date", "Status", "Amount")]
        rows = [(e.reference, str(e.day), s, str(e.amount)) for e, s in zip(entries, states, strict=True)]
        given += [*rows, ("Total", "", "", _total(entries))]
        made: Lines = [("reference", "date", "amount")]
        made += [(r[0], r[1], r[3]) for r in rows if r[2] == "Settled"]
        return Reshaped(given, made, () if min(map(states.count, ("Settled", "Pending", "Cancelled"))) > 1 else ("each status",))

    return statement


def _old_and_new(at: Random) -> Statement:
    """A corporate action's old and new paper in two lines of one event: one row with both."""
    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Event", "Date", "Direction", "ISIN", "Quantity")]
        made: Lines = [("event", "date", "old_isin", "old_quantity", "new_isin", "new_quantity")]
        for e in entries:
            new = at.choice(_PAPERS)[0]
            quantity = str(e.quantity * at.choice((2, 3, 10)))
            given += [(e.reference, str(e.day), "OUT", e.isin, str(-e.quantity)), (e.reference, str(e.day), "IN", new, quantity)]
            made.append((e.reference, str(e.day), e.isin, str(-e.quantity), new, quantity))
        return Reshaped(given, made)

    return statement


def _columns_of_kinds(at: Random) -> Statement:
    """Bought and sold quantities in two columns: a row for each with its side."""
    del at

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Date", "ISIN", "Bought", "Sold")]
        made: Lines = [("date", "isin", "side", "quantity")]
        for e in entries:
            sides = (str(e.quantity), "") if e.amount < 0 else ("", str(e.quantity))
            given.append((str(e.day), e.isin, *sides))
            made.append((str(e.day), e.isin, "Bought" if e.amount < 0 else "Sold", str(e.quantity)))
        return Reshaped(given, made, () if len({e.amount < 0 for e in entries}) == 2 else ("both sides",))

    return statement


KINDS: Mapping[str, Callable[[Random], Statement]] = {
    "accounts in titles": _accounts_in_titles,
    "ledger by currency": _ledger_by_currency,
    "balances of sections": _balances,
    "positions by day": _positions_by_day,
    "lots below papers": _lots,
    "footers": _footers,
    "said above": _said_above,
    "one of two tables": _one_of_two_tables,
    "lines marked by table": _marked_lines,
    "typed records": _typed_records,
    "papers below classes": _grouped_papers,
    "currencies across": _currencies_across,
    "texts continued": _continued,
    "trades in two lines": _two_line_trades,
    "legs by reference": _legs,
    "exchanges in two lines": _exchanges,
    "amounts to rows": _amounts_to_rows,
    "confirmations": _confirmations,
    "sums by account": _summed,
    "units below names": _units_below_names,
    "names in two lines": _names_in_two_lines,
    "months across": _months_across,
    "empty sections": _empty_sections,
    "sides beside one another": _side_by_side,
    "allocations": _allocations,
    "pages carried forward": _pages,
    "account once": _account_once,
    "latest of each": _latest,
    "pivoted by kind": _pivoted,
    "running balance": _running,
    "total below": _total_below,
    "debit and credit": _sides_in_columns,
    "cancelled": _cancelled,
    "old and new paper": _old_and_new,
    "bought and sold": _columns_of_kinds,
}


def draw_statement(at: Random) -> tuple[str, tuple[Reshaped, Reshaped, Reshaped]]:
    """A kind, and what the example, the later file and one that somebody shows have of it.

    The example is drawn until it shows what the kind is about.
    """
    kind = at.choice(tuple(KINDS))
    statement = KINDS[kind](at)
    example = statement(draw_entries(at, later=False))
    for _ in range(40):
        if not example.open and 5 <= len(example.given) <= 40:
            break
        example = statement(draw_entries(at, later=False))
    later = [statement(draw_entries(at, later=True)) for _ in range(2)]
    return kind, (example, later[0], later[1])


def cut_blanks(line: tuple[str, ...]) -> tuple[str, ...]:
    """A line without the blank cells at its end."""
    while len(line) > 1 and not line[-1]:
        line = line[:-1]
    return line
