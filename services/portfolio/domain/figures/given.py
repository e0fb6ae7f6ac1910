"""What a payload states of its rows, as facts that a text may repeat: prices, costs, coupons, flows, dates."""

from collections.abc import Iterator
from decimal import Decimal

from services.portfolio.domain.facts import Attribute, Fact, slug
from services.portfolio.domain.figures.frequencies import read_frequency
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.reading import Money, Reading, Row
from services.portfolio.domain.reference import Reference

_SERIES = frozenset({"series", "returns", "benchmark"})
_MOST_ROWS = 200
_MEASURES = {
    "market_value": "market_value",
    "cost": "cost",
    "price": "price",
    "coupon": "coupon",
    "yield": "yield",
    "ytm": "ytm",
    "fee": "fee",
    "income": "income",
    "weight": "weight",
    "model_weight": "model_weight",
    "return": "return",
    "quantity": "quantity",
    "face_value": "market_value",
    "duration": "duration",
    "flow": "flow",
}
_PERCENTS = frozenset({"coupon", "yield", "ytm", "fee", "weight", "model_weight", "return"})
_WORDS = ("asset_class", "sector", "region", "currency", "account", "rating", "kind")
_DATED = ("maturity", "next_payment", "date")


def list_given(reading: Reading) -> tuple[Fact, ...]:
    """The facts that stand in the payload's rows as sent, in their own units and currencies; of at most 200 rows."""
    found: list[Fact] = []
    for name, table in reading.tables.items():
        if name not in _SERIES:
            for row in table.rows[:_MOST_ROWS]:
                found += _list_row(name, row, reading)
    for code, rate in reading.rates.items():
        found.append(
            Fact(
                f"given.rate.{code}",
                f"exchange rate of {code} as sent",
                rate,
                Unit.NUMBER,
                "fx_rate",
                "as sent",
                ("Fx Rates",),
            )
        )
    return tuple(found)


def list_attributes(reading: Reading, reference: Reference) -> tuple[Attribute, ...]:
    """What stands in words in the payload's rows; of at most 200 rows of a table."""
    found: list[Attribute] = []
    for name, table in reading.tables.items():
        for row in table.rows[:_MOST_ROWS] if name not in _SERIES else ():
            subject = row.text("name") or row.text("symbol") or row.text("isin")
            if subject is None:
                continue
            found += [Attribute(subject, column, value) for column in _WORDS if (value := row.text(column))]
            if (rating := row.text("rating")) and (grade := reference.grade(rating)) is not None:
                found.append(Attribute(subject, "grade", grade))
            times = read_frequency(row, reference)[0] if row.text("frequency") else None
            if times is not None:
                found.append(Attribute(subject, "payments", str(times)))
    return tuple(found)


def _list_row(name: str, row: Row, reading: Reading) -> Iterator[Fact]:
    subject = row.text("name") or row.text("symbol") or row.text("isin")
    flows = name == "flows"
    if subject is None and not flows:
        return
    days = tuple(day for column in _DATED if (day := row.day(column)) is not None)
    for column, measure in _MEASURES.items():
        value, kind = row.cells.get(column), measure
        if flows and isinstance(value, Money):
            kind = "flow"
        if isinstance(value, Money):
            unit, number = Unit.NUMBER if column == "price" else Unit.MONEY, value.value
        elif isinstance(value, Decimal):
            unit, number = Unit.PERCENT if column in _PERCENTS else Unit.NUMBER, value
        else:
            continue
        currency = (
            (value.currency or reading.amounts_in or row.currency or reading.currency)
            if isinstance(value, Money)
            else None
        )
        yield Fact(
            f"given.{row.field(column)}", f"{column.replace('_', ' ')} of {subject or 'the flow'} as "
            f"sent", number, unit,
            kind, "as sent", (row.field(column),), currency, subject, signed=kind in {"return", "flow"}, dates=days,
        )  # fmt: skip
    if days and subject is not None:
        yield Fact(
            f"given.{row.path}.dates.{slug(subject)}",
            f"dates of {subject}",
            Decimal(0),
            Unit.DAYS,
            "maturity",
            "as sent",
            (row.path,),
            subject=subject,
            dates=days,
        )
