"""Bookings of accounts: the facts that statements and ledgers tell."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from benchmarks.conversions.tables import Reshaped

K = TypeVar("K")
PAPERS = (
    ("CH0012005267", "Novartis N", "Equity"), ("DE0007164600", "SAP SE", "Equity"),
    ("US0378331005", "Apple Inc", "Equity"),
    ("FR0000120271", "TotalEnergies", "Equity"), ("US5949181045", "Microsoft Corp", "Equity"),
    ("DE0001102580", "Bund 0.25 2028", "Bond"), ("US912828YK06", "T-Note 1.75 2029", "Bond"),
    ("XS2010044035", "EIB 0.5 2027", "Bond"), ("IE00B4L5Y983", "iShares Core World", "Fund"),
    ("LU0323578657", "Flossbach Multi", "Fund"), ("CH0237935652", "UBS SXI Fund", "Fund"),
)  # fmt: skip
KINDS_OF_BOOKING = ("Buy", "Sell", "Dividend", "Fee")
CURRENCIES = ("CHF", "EUR", "USD", "GBP")


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
    currencies = at.sample(CURRENCIES[: 4 if later else 3], at.randint(2, 4 if later else 3))
    start = dt.date(2026, 7 if later else 1, 1)
    found = []
    for account in accounts:
        for currency in sorted(at.sample(currencies, at.randint(1, len(currencies)))):
            days = sorted(start + dt.timedelta(days=at.randrange(150)) for _ in range(at.randint(1, 4)))
            found += [_entry(at, account, currency, day) for day in days]
    return found


def _entry(at: Random, account: str, currency: str, day: dt.date) -> Entry:
    isin, name, asset = at.choice(PAPERS)
    price = Decimal(at.randint(200, 90000)).scaleb(-2)
    quantity = at.randint(1, 400)
    kind = at.choice(KINDS_OF_BOOKING)
    size = (price * quantity).quantize(Decimal("0.01"))
    amount = -size if kind in ("Buy", "Fee") else size
    reference = f"R{at.randint(100000, 999999)}"
    return Entry(account, currency, day, kind, isin, name, asset, quantity, price, amount, reference)


def by_key(entries: Entries, key: Callable[[Entry], K]) -> dict[K, list[Entry]]:
    found: dict[K, list[Entry]] = {}
    for entry in entries:
        found.setdefault(key(entry), []).append(entry)
    return found


def several(groups: Mapping[Any, Entries]) -> tuple[str, ...]:
    """Why groups do not show what they are."""
    sizes = {len(group) for group in groups.values()}
    return () if len(groups) > 1 and len(sizes) > 1 else ("a second group or size",)


def total(entries: Iterable[Entry]) -> str:
    return str(sum((entry.amount for entry in entries), Decimal(0)))


BOOKED = ("Date", "Type", "ISIN", "Amount")


def booked(entry: Entry) -> tuple[str, ...]:
    return (str(entry.day), entry.kind, entry.isin, str(entry.amount))


def blank(width: int) -> tuple[str, ...]:
    return ("",) * width
