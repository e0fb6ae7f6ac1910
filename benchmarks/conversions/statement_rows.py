"""Statements of which several rows become one, or some are kept."""

from decimal import Decimal
from random import Random

from benchmarks.conversions.bookings import (
    BOOKED,
    CURRENCIES,
    PAPERS,
    Entries,
    Statement,
    booked,
    by_key,
    several,
    total,
)
from benchmarks.conversions.tables import Lines, Reshaped


def continued(at: Random) -> Statement:
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


def two_line_trades(at: Random) -> Statement:
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


def legs(at: Random) -> Statement:
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
            given += [
                (e.reference, str(e.day), leg, a) for leg, a, is_so in zip(legs, amounts, there, strict=True) if is_so
            ]
            made.append(
                (e.reference, str(e.day), *(a if is_so else "" for a, is_so in zip(amounts, there, strict=True)))
            )
        return Reshaped(given, made, () if 0 < lacking < len(entries) else ("legs that lack, and all",))

    return statement


def exchanges(at: Random) -> Statement:
    """What is bought and what is sold stand in two lines of one reference: one row."""
    ordered = at.random() < 0.6

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Reference", "Side", "Currency", "Amount")]
        made: Lines = [("reference", "bought", "bought_amount", "sold", "sold_amount")]
        for e in entries:
            other = at.choice([c for c in CURRENCIES if c != e.currency])
            sold = str(Decimal(at.randint(1000, 900000)).scaleb(-2))
            lines = [(e.reference, "Buy", e.currency, str(abs(e.amount))), (e.reference, "Sell", other, sold)]
            given += lines if ordered or at.random() < 0.5 else lines[::-1]
            made.append((e.reference, e.currency, str(abs(e.amount)), other, sold))
        return Reshaped(given, made)

    return statement


def confirmations(at: Random) -> Statement:
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


def summed(at: Random) -> Statement:
    """A row for each account and currency, with the sum of its amounts, and their count."""
    counted = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Account", "Currency", "Date", "Type", "Amount")]
        given += [(e.account, e.currency, str(e.day), e.kind, str(e.amount)) for e in entries]
        groups = by_key(entries, lambda e: (e.account, e.currency))
        made: Lines = [("account", "currency", "total", *(("bookings",) if counted else ()))]
        made += [(*key, total(g), *((str(len(g)),) if counted else ())) for key, g in groups.items()]
        parted = len(groups) > len({account for account, _ in groups})
        return Reshaped(given, made, several(groups) if parted else ("an account of two currencies",))

    return statement


def latest(at: Random) -> Statement:
    """Positions of several days: the last one of each paper and account."""
    del at

    def statement(entries: Entries) -> Reshaped:
        rows = sorted(entries, key=lambda e: e.day)
        given: Lines = [("Date", "Account", "Currency", "Quantity", "Price")]
        given += [(str(e.day), e.account, e.currency, str(e.quantity), str(e.price)) for e in rows]
        groups = by_key(rows, lambda e: (e.account, e.currency))
        made: Lines = [("account", "currency", "date", "quantity")]
        last = sorted((g[-1] for g in groups.values()), key=lambda e: e.day)
        made += [(e.account, e.currency, str(e.day), str(e.quantity)) for e in last]
        parted = len(groups) > len({account for account, _ in groups})
        return Reshaped(given, made, several(groups) if parted else ("an account of two currencies",))

    return statement


def running(at: Random) -> Statement:
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
        return Reshaped(given, made, several(by_key(entries, lambda e: e.account)))

    return statement


def total_below(at: Random) -> Statement:
    """Rows as they are, and a row with their sum below."""
    del at

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [BOOKED, *map(booked, entries)]
        names = tuple(n.lower() for n in BOOKED)
        return Reshaped(given, [names, *map(booked, entries), ("Total", "", "", total(entries))])

    return statement


def cancelled(at: Random) -> Statement:
    """Cancelled bookings go, and with them the rows of sums."""

    def statement(entries: Entries) -> Reshaped:
        states = [at.choice(("Settled", "Settled", "Pending", "Cancelled")) for _ in entries]
        given: Lines = [("Reference", "Date", "Status", "Amount")]
        rows = [(e.reference, str(e.day), s, str(e.amount)) for e, s in zip(entries, states, strict=True)]
        given += [*rows, ("Total", "", "", total(entries))]
        made: Lines = [("reference", "date", "amount")]
        made += [(r[0], r[1], r[3]) for r in rows if r[2] == "Settled"]
        return Reshaped(
            given, made, () if min(map(states.count, ("Settled", "Pending", "Cancelled"))) > 1 else ("each status",)
        )

    return statement


def old_and_new(at: Random) -> Statement:
    """A corporate action's old and new paper in two lines of one event: one row with both."""

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Event", "Date", "Direction", "ISIN", "Quantity")]
        made: Lines = [("event", "date", "old_isin", "old_quantity", "new_isin", "new_quantity")]
        for e in entries:
            new = at.choice(PAPERS)[0]
            quantity = str(e.quantity * at.choice((2, 3, 10)))
            given += [
                (e.reference, str(e.day), "OUT", e.isin, str(-e.quantity)),
                (e.reference, str(e.day), "IN", new, quantity),
            ]
            made.append((e.reference, str(e.day), e.isin, str(-e.quantity), new, quantity))
        return Reshaped(given, made)

    return statement
