"""One row for each group, with a list of what its rows say, each item made of several of their cells."""

from collections.abc import Callable

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

ORDERS = {
    "#1001": (("3", "Mask", "12.00"), ("1", "Soap", "17.91")),
    "#1002": (("1", "Brush", "9.90"),),
    "#1003": (("2", "Mask", "12.00"), ("1", "Comb", "20.00"), ("2", "Oil", "20.50")),
    "#1004": (("2", "Oil", "20.50"),),
}
LATER = {
    "#1010": (("30", "Mask", "12.00"), ("1", "Soap", "17.91"), ("10", "Argan oil", "20.00"), ("1", "Comb", "20.00")),
    "#1011": (("1", "Gift card", "0.00"),),
    "#1012": (("2", "Brush", "9.90"), ("5", "Comb", "20.00")),
}
ITEMS: dict[str, Callable[[str, str, str], str]] = {
    "a number of things": lambda count, name, price: f"{count}x {name}",
    "things with their price": lambda count, name, price: f"{name} ({price})",
    "things and how many": lambda count, name, price: f"{name}: {count}",
    "names in capitals": lambda count, name, price: name.upper(),
}
Orders = dict[str, tuple[tuple[str, str, str], ...]]


def export(orders: Orders) -> Table:
    """A row for each item, of which the first of each order has what is the same for all."""
    rows = []
    for order, items in orders.items():
        for place, item in enumerate(items):
            rows.append((order, "" if place else f"mail{order[1:]}@x.org", "" if place else "paid", *item))
    return Table(("Name", "Email", "Status", "Quantity", "Item", "Price"), tuple(rows))


def listed(orders: Orders, item: Callable[[str, str, str], str], separator: str) -> Table:
    """A row for each order."""
    rows = ((o, f"mail{o[1:]}@x.org", "paid", separator.join(item(*i) for i in items)) for o, items in orders.items())
    return Table(("order", "email", "status", "items"), tuple(rows))


@pytest.mark.parametrize("separator", ["; ", ", ", " | "])
@pytest.mark.parametrize("name", list(ITEMS))
def test_lists_of_what_rows_say(name: str, separator: str, runner: ProgramRunner) -> None:
    program = learn(export(ORDERS), listed(ORDERS, ITEMS[name], separator), runner=runner)
    assert program.status == "completed", program.report.columns
    assert list(runner.run(program.sql, export(LATER)).rows) == list(listed(LATER, ITEMS[name], separator).rows)
