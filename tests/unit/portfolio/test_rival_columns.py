"""Two columns of one meaning, rows that say that a figure is not available, and cents that a currency does not have."""

from decimal import Decimal

import pytest

from tests.unit.portfolio.test_reading import absence_of, ambiguous, read, value_of

CURRENCIES = {"EUR": Decimal("0.92"), "JPY": Decimal(150), "INR": Decimal(85), "GBP": Decimal("0.79")}
"""Reporting currencies, with a rate of the dollar in each."""
NAMES = [("market_value", "market_value"), ("Market Value", "Market Value"), ("Marktwert", "Marktwert"),
         ("value", "Marktwert")]  # fmt: skip


def _csv(*lines: tuple[object, ...]) -> str:
    return "\n".join(",".join(map(str, line)) for line in lines) + "\n"


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("names", NAMES)
def test_two_values_without_evidence_are_refused_by_name(names: tuple[str, str], currency: str) -> None:
    text = _csv(("name", *names), ("Alfa", 100000, 108000), ("Beta", 200000, 216000))

    table = read({"holdings_csv": text, "Currency": currency})

    assert len(ambiguous(table, "market_value")) == 2
    assert table.find("weight.position.alfa") is None


@pytest.mark.parametrize(("currency", "rate"), CURRENCIES.items())
@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("priced", [False, True])
def test_the_value_in_the_reporting_currency_is_taken_where_the_rows_show_it(
    names: tuple[str, str], currency: str, rate: Decimal, swapped: bool, priced: bool
) -> None:
    rows = [
        ("Alfa", "USD", 1000, Decimal(100_000), 100_000 * rate),
        ("Beta", currency, 2000, Decimal(200_000), 200_000),
    ]
    lines = [(name, code, quantity, local / quantity, *((base, local) if swapped else (local, base)))
             for name, code, quantity, local, base in rows]  # fmt: skip
    head: tuple[str, ...] = ("name", "currency", "quantity", "price", *names)
    text = _csv(head, *lines) if priced else _csv(head[:2] + head[4:], *(line[:2] + line[4:] for line in lines))

    table = read({"holdings_csv": text, "Currency": currency})

    if priced or currency != "EUR":
        assert value_of(table, "market_value") == 200_000 + 100_000 * rate
        assert any(note.code == "in_base_column" for note in table.notes)
    else:  # near par a rate is plausible both ways round
        assert len(ambiguous(table, "market_value")) == 2


@pytest.mark.parametrize("name", ["Market Value (Base)", "market_value_base"])
def test_a_value_in_base_currency_by_its_name_is_in_no_row_of_another(name: str) -> None:
    text = _csv(("name", "currency", name), ("Alfa", "USD", 92000), ("Beta", "EUR", 200000))

    assert value_of(read({"holdings_csv": text, "Currency": "EUR"}), "market_value") == 292_000
    assert len(ambiguous(read({"holdings_csv": text}), "market_value")) == 2


@pytest.mark.parametrize("column", ["name", "asset_class", "isin", "sector"])
def test_two_columns_of_texts_that_are_called_alike_are_told(column: str) -> None:
    lines = [("name", column, column, "market_value"), ("Alfa", "US0378331005", "US5949181045", 100000),
             ("Beta", "US5949181045", "US0378331005", 200000)]  # fmt: skip
    table = read({"holdings_csv": _csv(*lines), "Currency": "EUR"})

    assert any(note.code == "repeated_column" and column in note.message for note in table.warnings)


def test_a_value_under_a_lesser_name_that_differs_is_told() -> None:
    text = _csv(("name", "market_value", "Current value"), ("Alfa", 100000, 108000), ("Beta", 200000, 216000))

    table = read({"holdings_csv": text, "Currency": "EUR"})

    assert value_of(table, "market_value") == 300_000
    assert any(note.code == "rival_column" and "Current value" in note.message for note in table.notes)


@pytest.mark.parametrize("mark", ["n/a", "N/A", "nd", "k.A.", "none", "#N/A"])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("head", [("name", "market_value"), ("name", "market_value", "weight")])
def test_a_row_that_says_that_its_value_is_not_available_is_a_position(
    mark: str, place: int, head: tuple[str, ...]
) -> None:
    rows: list[tuple[object, ...]] = [("Beta", 200000, 40), ("Gamma", 300000, 60)]
    rows.insert(place, ("Alfa", mark, mark))
    text = _csv(head, *(row[: len(head)] for row in rows))

    table = read({"holdings_csv": text, "Currency": "EUR"})

    assert "Alfa" in absence_of(table, "market_value").reason
    assert not any(note.code == "headings" for note in table.notes)


@pytest.mark.parametrize("empty", ["", "-"])
def test_a_row_that_says_nothing_is_still_a_heading(empty: str) -> None:
    text = _csv(("name", "market_value"), ("Alfa", empty), ("Beta", 200000), ("Gamma", 300000))

    assert value_of(read({"holdings_csv": text, "Currency": "EUR"}), "market_value") == 500_000


CENTS: list[tuple[str, str, str, str, str | None]] = [
    # the cell, another of its column, currency, locale, what the first is worth (None: it is left out by name)
    ("1,234円", "5000", "JPY", "", "1234"),
    ("1.234円", "5.600円", "JPY", "", "1234"),
    ("1,234円", "5000", "JPY", "de_DE", "1234"),
    ("1,234", "2,500", "JPY", "de_DE", "1234"),
    ("₩1,234", "5000", "KRW", "de_DE", "1234"),
    ("1.234 €", "5000", "EUR", "", "1234"),
    ("1,234 €", "5000", "EUR", "", "1234"),
    ("1.234 €", "5000", "EUR", "de_DE", "1234"),
    ("1.234 €", "1.234,50 €", "EUR", "en_US", "1234"),
    ("1.234 €", "5000", "EUR", "en_US", None),
    ("1,234 €", "5000", "EUR", "de_DE", None),
    ("1.234 €", "2,500.00 €", "EUR", "", None),
    ("$1.234", "$2.50", "USD", "", None),
    ("1.234 KWD", "5000", "KWD", "", None),
    ("1.234 KWD", "5000", "KWD", "en_US", "1.234"),
    ("1.234 KWD", "5000", "KWD", "de_DE", "1234"),
]


@pytest.mark.parametrize(("cell", "beside", "currency", "locale", "value"), CENTS)
def test_cents_that_a_currency_does_not_have_are_thousands_or_left_out(
    cell: str, beside: str, currency: str, locale: str, value: str | None
) -> None:
    rows = [{"name": "Alfa", "market_value": cell}, {"name": "Beta", "market_value": beside}]

    table = read({"holdings": rows, "Currency": currency}, locale=locale)

    if value is None:
        assert table.find("market_value.alfa") is None
        assert " could be " in absence_of(table, "market_value").reason
    else:
        assert value_of(table, "market_value.alfa") == Decimal(value)
