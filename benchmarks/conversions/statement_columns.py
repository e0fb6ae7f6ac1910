"""Statements whose facts stand in columns beside one another: by day, currency, account, month or side."""

from decimal import Decimal
from random import Random

from benchmarks.conversions.bookings import (
    KINDS_OF_BOOKING,
    Entries,
    Statement,
    by_key,
    total,
)
from benchmarks.conversions.tables import Lines, Reshaped

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def positions_by_day(at: Random) -> Statement:
    """A column for each day, of which a later file has others: a row for each value that is there."""
    named = at.random() < 0.6

    def statement(entries: Entries) -> Reshaped:
        days = [str(day) for day in sorted({e.day.replace(day=28) for e in entries})]
        sides = ("ISIN", "Name") if named else ("ISIN",)
        given: Lines = [(*sides, *days)]
        made: Lines = [(*(n.lower() for n in sides), "day", "value")]
        for isin, group in by_key(entries, lambda e: e.isin).items():
            values = {str(e.day.replace(day=28)): str(e.quantity) for e in group}
            side = (isin, group[0].name) if named else (isin,)
            given.append((*side, *(values.get(day, "") for day in days)))
            made += [(*side, day, values[day]) for day in days if day in values]
        return Reshaped(given, made, () if len(days) > 1 and len(given) > 2 else ("days",))

    return statement


def currencies_across(at: Random) -> Statement:
    """A column for each currency, most cells blank: a row for each that is there."""
    del at

    def statement(entries: Entries) -> Reshaped:
        currencies = sorted({e.currency for e in entries})
        given: Lines = [("Account", "Date", *currencies)]
        made: Lines = [("account", "date", "currency", "amount")]
        for (account, day), group in by_key(entries, lambda e: (e.account, e.day)).items():
            cells = {e.currency: str(e.amount) for e in group}
            given.append((account, str(day), *(cells.get(c, "") for c in currencies)))
            made += [(account, str(day), c, cells[c]) for c in currencies if c in cells]
        return Reshaped(given, made, () if len(currencies) > 1 else ("a second currency",))

    return statement


def amounts_to_rows(at: Random) -> Statement:
    """Gross, tax and fee of a dividend stand side by side: a row for each that is there."""

    def statement(entries: Entries) -> Reshaped:
        names = ("Gross", "Tax", "Fee")
        given: Lines = [("Date", "ISIN", "Currency", *names)]
        made: Lines = [("date", "isin", "kind", "amount", "currency")]
        blank = 0
        for e in entries:
            cells = [
                str(abs(e.amount)),
                *(("" if at.random() < 0.4 else str(Decimal(at.randint(100, 9000)).scaleb(-2))) for _ in "ab"),
            ]
            blank += "" in cells
            given.append((str(e.day), e.isin, e.currency, *cells))
            made += [(str(e.day), e.isin, n, c, e.currency) for n, c in zip(names, cells, strict=True) if c]
        return Reshaped(given, made, () if blank else ("a blank amount",))

    return statement


def names_in_two_lines(at: Random) -> Statement:
    """Names go over two lines, the upper ones above several: rows by what is above and below."""

    def statement(entries: Entries) -> Reshaped:
        currencies = sorted({e.currency for e in entries})
        given: Lines = [
            ("", *(cell for c in currencies for cell in (c, ""))),
            ("Account", *("Cash", "Papers") * len(currencies)),
        ]
        made: Lines = [("account", "currency", "cash", "papers")]
        for account, group in by_key(entries, lambda e: e.account).items():
            cells = [(total(e for e in group if e.currency == c), str(at.randint(1, 99999))) for c in currencies]
            given.append((account, *(cell for pair in cells for cell in pair)))
            made += [(account, c, *pair) for c, pair in zip(currencies, cells, strict=True)]
        return Reshaped(given, made, () if len(currencies) > 1 else ("a second currency",))

    return statement


def months_across(at: Random) -> Statement:
    """Figures by month, names of figures in front: a row a month."""
    first = at.randrange(4)

    def statement(entries: Entries) -> Reshaped:
        months = _MONTHS[first : first + max(2, min(7, len(entries) // 2))]
        names = ("Opening", "Deposits", "Withdrawals", "Closing")
        cells = [[str(Decimal(at.randint(1000, 9000000)).scaleb(-2)) for _ in months] for _ in names]
        given: Lines = [("", *months), *((n, *line) for n, line in zip(names, cells, strict=True))]
        made: Lines = [
            ("month", *map(str.lower, names)),
            *((m, *column) for m, *column in zip(months, *cells, strict=True)),
        ]
        return Reshaped(given, made)

    return statement


def side_by_side(at: Random) -> Statement:
    """Purchases stand left and sales right: rows below one another with what they are."""
    gap = at.random() < 0.5

    def statement(entries: Entries) -> Reshaped:
        bought, sold = ([e for e in entries if (e.amount < 0) is side] for side in (True, False))
        middle = ("",) if gap else ()
        given: Lines = [("Purchases", "", *middle, "Sales", ""), ("ISIN", "Amount", *middle, "ISIN", "Amount")]
        for place in range(max(len(bought), len(sold))):
            halves = [
                (g[place].isin, str(abs(g[place].amount))) if place < len(g) else ("", "") for g in (bought, sold)
            ]
            given.append((*halves[0], *middle, *halves[1]))
        made: Lines = [("side", "isin", "amount")]
        made += [(s, e.isin, str(abs(e.amount))) for s, g in (("Purchases", bought), ("Sales", sold)) for e in g]
        return Reshaped(
            given, made, () if bought and sold and len(bought) != len(sold) else ("sides of other lengths",)
        )

    return statement


def allocations(at: Random) -> Statement:
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


def columns_of_kinds(at: Random) -> Statement:
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


def sides_in_columns(at: Random) -> Statement:
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


def pivoted(at: Random) -> Statement:
    """A row for each account, a column for each kind of booking, the sums in them."""
    del at

    def statement(entries: Entries) -> Reshaped:
        given: Lines = [("Account", "Date", "Type", "Amount")]
        given += [(e.account, str(e.day), e.kind, str(e.amount)) for e in entries]
        made: Lines = [("account", *map(str.lower, KINDS_OF_BOOKING))]
        for account, group in by_key(entries, lambda e: e.account).items():
            parts = by_key(group, lambda e: e.kind)
            made.append((account, *(total(parts[k]) if k in parts else "" for k in KINDS_OF_BOOKING)))
        cells = by_key(entries, lambda e: (e.account, e.kind))
        filled = [sum(kind == of for _, kind in cells) for of in KINDS_OF_BOOKING]
        sums = any(len(group) > 1 for group in cells.values())
        return Reshaped(given, made, () if sums and min(filled) > 1 else ("each kind twice, and a sum",))

    return statement
