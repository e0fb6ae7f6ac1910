"""Statements in sections and pages, and with what stands above, between and below their rows."""

from decimal import Decimal
from random import Random

from benchmarks.conversions.bookings import (
    BOOKED,
    Entries,
    Statement,
    blank,
    booked,
    by_key,
    several,
    total,
)
from benchmarks.conversions.tables import Lines, Reshaped

_FOOT = ("End of report", "This statement is not signed", "Please check within 30 days", "Printed by the custodian")


def accounts_in_titles(at: Random) -> Statement:
    """A title with the account above the names and rows of each, perhaps a sum below: rows with the account."""
    word, summed, gap = at.choice(("Account", "Portfolio No.", "Depot")), at.random() < 0.6, at.random() < 0.6
    apart = at.random() < 0.4

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        made: Lines = [("account", *(n.lower() for n in BOOKED))]
        for account, group in by_key(entries, lambda e: e.account).items():
            given += [blank(4)] if gap and given else []
            given.append((word, account, "", "") if apart else (f"{word}: {account}", *blank(3)))
            given += [BOOKED, *map(booked, group)]
            given += [("Total", "", "", total(group))] if summed else []
            made += [(account, *booked(e)) for e in group]
        return Reshaped(given, made, several(by_key(entries, lambda e: e.account)))

    return statement


def ledger_by_currency(at: Random) -> Statement:
    """Cash by currency between an opening and a closing balance: the movements with their currency."""
    titled = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        names = ("Date", "Text", "Amount", "Balance")
        given: Lines = [names] if not titled else []
        made: Lines = [("currency", "date", "text", "amount")]
        for currency, group in by_key(entries, lambda e: e.currency).items():
            balance = Decimal(at.randint(1, 90000))
            given += [(f"Cash account {currency}", *blank(3))]
            given += [names] if titled else []
            given.append((str(group[0].day.replace(day=1)), "Opening balance", "", str(balance)))
            for e in group:
                balance += e.amount
                given.append((str(e.day), f"{e.kind} {e.name}", str(e.amount), str(balance)))
                made.append((currency, str(e.day), f"{e.kind} {e.name}", str(e.amount)))
            given.append((str(group[-1].day.replace(day=28)), "Closing balance", "", str(balance)))
        return Reshaped(given, made, several(by_key(entries, lambda e: e.currency)))

    return statement


def balances(at: Random) -> Statement:
    """The opening and closing balance of each currency's section."""
    del at

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        made: Lines = [("currency", "opening", "closing")]
        for currency, group in by_key(entries, lambda e: e.currency).items():
            first = balance = Decimal(len(group) * 1000 + abs(int(group[0].amount)) % 997)
            given += [("Currency", currency, "", ""), ("Opening balance", "", "", str(balance))]
            for e in group:
                balance += e.amount
                given.append((str(e.day), e.kind, str(e.amount), str(balance)))
            given += [("Closing balance", "", "", str(balance)), blank(4)]
            made.append((currency, str(first), str(balance)))
        return Reshaped(given[:-1], made, several(by_key(entries, lambda e: e.currency)))

    return statement


def lots(at: Random) -> Statement:
    """A line for each paper, with the sum, above lines of its lots: a row a lot with the paper."""
    mark = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("ISIN", "Name", "Lot", "Opened", "Quantity", "Cost")]
        made: Lines = [("isin", "name", "opened", "quantity", "cost")]
        for isin, group in by_key(entries, lambda e: e.isin).items():
            quantity = sum(e.quantity for e in group)
            given.append((isin, group[0].name, "", "", str(quantity), total(group)))
            for number, e in enumerate(group, 1):
                given.append(
                    ("", "", f"Lot {number}" if mark else str(number), str(e.day), str(e.quantity), str(abs(e.amount)))
                )
                made.append((isin, e.name, str(e.day), str(e.quantity), str(abs(e.amount))))
        return Reshaped(given, made, several(by_key(entries, lambda e: e.isin)))

    return statement


def footers(at: Random) -> Statement:
    """Lines below the table: a count of records, the words of a report's end; they go."""
    counted, gap, feet = at.random() < 0.6, at.random() < 0.5, at.sample(_FOOT, at.randint(1, 2))

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Account", *BOOKED), *((e.account, *booked(e)) for e in entries)]
        given += [blank(5)] if gap else []
        given += [(f"Records: {len(entries)}", *blank(4))] if counted else []
        given += [(foot, *blank(4)) for foot in feet]
        made: Lines = [("account", "date", "type", "isin", "amount")]
        return Reshaped(given, [*made, *((e.account, *booked(e)) for e in entries)])

    return statement


def said_above(at: Random) -> Statement:
    """What holds for the whole file stands above the table, and is wanted beside each row."""
    apart, client = at.random() < 0.6, at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        last, account = max(e.day for e in entries), entries[0].account
        facts = [("As of", str(last)), *([("Account", account)] if client else [])]
        given: Lines = [("Statement of holdings", *blank(4))]
        given += [(name, value, *blank(3)) if apart else (f"{name}: {value}", *blank(4)) for name, value in facts]
        given += [blank(5), ("ISIN", "Name", "Quantity", "Price", "Currency")]
        rows = [(e.isin, e.name, str(e.quantity), str(e.price), e.currency) for e in entries]
        beside = tuple(value for _, value in facts)
        made: Lines = [("as_of", *(["account"] if client else []), "isin", "quantity", "price", "currency")]
        return Reshaped([*given, *rows], [*made, *((*beside, r[0], *r[2:]) for r in rows)])

    return statement


def one_of_two_tables(at: Random) -> Statement:
    """Two tables with titles, of which one is wanted; a later file's others have other lengths."""
    first, gap = at.random() < 0.5, at.random() < 0.7

    def statement(entries: Entries) -> Reshaped:
        cash = [(c, total(g)) for c, g in by_key(entries, lambda e: e.currency).items()]
        rows = [(e.isin, e.name, str(e.quantity), str(e.price)) for e in entries]
        tables: list[Lines] = [
            [("Positions", *blank(3)), ("ISIN", "Name", "Quantity", "Price"), *rows],
            [("Cash", *blank(3)), ("Currency", "Balance", "", ""), *((*r, "", "") for r in cash)],
        ]
        tables = tables if first else tables[::-1]
        given: Lines = [*tables[0], *([blank(4)] if gap else []), *tables[1]]
        return Reshaped(given, [("isin", "name", "quantity", "price"), *rows])

    return statement


def marked_lines(at: Random) -> Statement:
    """Each line says its table and what it is (header, data, sum): the rows of one table are wanted."""
    summed = at.random() < 0.7

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [
            ("Statement", "Header", "Field", "Value", "", ""),
            ("Statement", "Data", "Broker", "X Bank", "", ""),
        ]
        given.append(("Trades", "Header", "Date", "Symbol", "Quantity", "Amount"))
        rows = [(str(e.day), e.name, str(e.quantity), str(e.amount)) for e in entries]
        given += [("Trades", "Data", *row) for row in rows]
        given += [("Trades", "Total", "", "", "", total(entries))] if summed else []
        given.append(("Dividends", "Header", "Date", "Symbol", "Amount", ""))
        given += [("Dividends", "Data", str(e.day), e.name, str(e.price), "") for e in entries[::2]]
        return Reshaped(given, [("date", "symbol", "quantity", "amount"), *rows])

    return statement


def typed_records(at: Random) -> Statement:
    """Lines of a head, of data and of a tail, told by their first letter: data with the head's day or account."""
    many = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        made: Lines = [("account", "isin", "quantity", "price")]
        groups = by_key(entries, lambda e: e.account) if many else {entries[0].account: list(entries)}
        for account, group in groups.items():
            given.append(("H", account, str(group[-1].day), ""))
            given += [("D", e.isin, str(e.quantity), str(e.price)) for e in group]
            given.append(("T", str(len(group)), "", ""))
            made += [(account, e.isin, str(e.quantity), str(e.price)) for e in group]
        return Reshaped(given, made, several(groups) if many else ())

    return statement


def grouped_papers(at: Random) -> Statement:
    """Papers below the name of their class, a sum below each, perhaps one below all: class and paper."""
    named, grand, leveled = at.random() < 0.6, at.random() < 0.5, at.random() < 0.4

    def statement(entries: Entries) -> Reshaped:
        ordered = sorted(entries, key=lambda e: e.asset)
        given: Lines = [("Name", "ISIN", "Quantity", "Value")]
        made: Lines = [("class", *(("currency",) if leveled else ()), "name", "isin", "quantity", "value")]
        for asset, group in by_key(ordered, lambda e: e.asset).items():
            given.append((asset, *blank(3)))
            parts = by_key(group, lambda e: e.currency) if leveled else {"": group}
            for currency, part in parts.items():
                given += [(currency, *blank(3))] if leveled else []
                rows = [(e.name, e.isin, str(e.quantity), str(abs(e.amount))) for e in part]
                given += rows
                made += [(asset, *((currency,) if leveled else ()), *row) for row in rows]
            given.append((f"Total {asset}" if named else "Total", "", "", total(group)))
        given += [("Grand total", "", "", total(entries))] if grand else []
        return Reshaped(given, made, several(by_key(ordered, lambda e: e.asset)))

    return statement


def units_below_names(at: Random) -> Statement:
    """A line of units stands below the names: it goes."""
    gap = at.random() < 0.3

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("ISIN", "Quantity", "Price", "Value"), ("", "pcs", "CCY", "CHF"), *([blank(4)] if gap else [])]
        rows = [(e.isin, str(e.quantity), str(e.price), str(abs(e.amount))) for e in entries]
        return Reshaped([*given, *rows], [("isin", "quantity", "price", "value"), *rows])

    return statement


def empty_sections(at: Random) -> Statement:
    """Sections by account, of which some say that there is nothing in them."""
    word = at.choice(("No transactions", "No bookings in this period", "none"))

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        made: Lines = [("account", *(n.lower() for n in BOOKED))]
        groups = by_key(entries, lambda e: e.account)
        for place, (account, group) in enumerate(groups.items()):
            given += [(f"Account {account}", *blank(3)), BOOKED, *map(booked, group)]
            given += (
                [(f"Account {at.randint(100, 999)}-{at.randint(10000, 99999)}", *blank(3)), (word, *blank(3))]
                if place % 2
                else []
            )
            made += [(account, *booked(e)) for e in group]
        return Reshaped(given, made, several(groups))

    return statement


def pages(at: Random) -> Statement:
    """Names and a page's number stand again on each page: they go; so do sums carried forward."""
    carried, numbered, length = at.random() < 0.5, at.random() < 0.6, at.randint(3, 5)

    def statement(entries: Entries) -> Reshaped:
        given: Lines = []
        rows = [booked(e) for e in entries]
        for start in range(0, len(rows), length):
            given += [(f"Page {start // length + 1}", *blank(3))] if numbered else []
            given.append(BOOKED)
            given += [("", "Brought forward", "", total(entries[:start]))] if carried and start else []
            given += rows[start : start + length]
            given += (
                [("", "Carried forward", "", total(entries[: start + length]))]
                if carried and start + length < len(rows)
                else []
            )
        names = tuple(n.lower() for n in BOOKED)
        return Reshaped(given, [names, *rows], () if len(rows) > 2 * length else ("a third page",))

    return statement


def account_once(at: Random) -> Statement:
    """An account stands in its first row only, and a sum below its rows: rows with the account."""
    gap = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Account", "Currency", "Date", "Amount")]
        made: Lines = [("account", "currency", "date", "amount")]
        groups = by_key(entries, lambda e: e.account)
        for account, group in groups.items():
            for place, e in enumerate(group):
                given.append((account if not place else "", e.currency, str(e.day), str(e.amount)))
                made.append((account, e.currency, str(e.day), str(e.amount)))
            given.append(("", "", "Total", total(group)))
            given += [blank(4)] if gap else []
        return Reshaped(given, made, several(groups))

    return statement
