"""Numbers as the field writes them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portfolio.domain.errors import NumberError
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import NamedShare, Quantity, parse_named_share, parse_quantity

RIGHT = [
    ("12000000", "12000000", Unit.NUMBER, None),
    ("1,20,00,000", "12000000", Unit.NUMBER, None),
    ("12,000,000", "12000000", Unit.NUMBER, None),
    ("₹1.2 Cr", "12000000", Unit.MONEY, "INR"),
    ("12 lakh", "1200000", Unit.NUMBER, None),
    ("USD 1.2m", "1200000", Unit.MONEY, "USD"),
    ("(3.4%)", "-3.4", Unit.PERCENT, None),
    ("25 bps", "25", Unit.BASIS_POINTS, None),
    ("−4.1%", "-4.1", Unit.PERCENT, None),
    ("₹12L", "1200000", Unit.MONEY, "INR"),
    ("Rs. 12.5 lakh", "1250000", Unit.MONEY, "INR"),
    ("Rs.12", "12", Unit.MONEY, "INR"),
    ("(₹1,234.56)", "-1234.56", Unit.MONEY, "INR"),
    ("-₹58,275.00", "-58275", Unit.MONEY, "INR"),
    ("₹-5", "-5", Unit.MONEY, "INR"),
    ("(3.2)%", "-3.2", Unit.PERCENT, None),
    ("$4.5bn", "4500000000", Unit.MONEY, "USD"),
    ("US$ 1.5 mn", "1500000", Unit.MONEY, "USD"),
    ("1,234-", "-1234", Unit.NUMBER, None),
    ("12 000 000", "12000000", Unit.NUMBER, None),
    ("12'000", "12000", Unit.NUMBER, None),
    ("1.2E+07", "12000000", Unit.NUMBER, None),
    (".5", "0.5", Unit.NUMBER, None),
    ("1 lakh crore", "1000000000000", Unit.NUMBER, None),
    ("3 per cent", "3", Unit.PERCENT, None),
    ("5 percentage points", "5", Unit.POINTS, None),
    ("1.31x", "1.31", Unit.MULTIPLE, None),
    ("\u00a012 lakh\u202f", "1200000", Unit.NUMBER, None),
]


@pytest.mark.parametrize(("text", "value", "unit", "currency"), RIGHT)
def test_a_number_is_read_with_its_unit_and_currency(text: str, value: str, unit: Unit, currency: str | None) -> None:
    assert parse_quantity(text, "field") == Quantity(Decimal(value), unit, currency)


@pytest.mark.parametrize("blank", [None, "", "  ", "-", "—", "–", "−", "n/a", "N.A.", "null", "NaN"])
def test_a_blank_is_no_number(blank: str | None) -> None:
    assert parse_quantity(blank, "field") is None


@pytest.mark.parametrize(
    "text",
    ["1,2,3", "12,34", "1,20,00,00", "1,,000", "1.2.3", ",5", "12L", "L 5", "abc", "$5 €", "--5", "+-5", "-(5)", "(5",
     "5%%", "12 34", "0x10", "1_000", "٣", "infinity", "EUR 5 pct", "1e99", "2025-01-01", "1" * 80],
)  # fmt: skip
def test_malformed_text_is_refused_with_field_and_value(text: str) -> None:
    with pytest.raises(NumberError) as refusal:
        parse_quantity(text, "assets[2].market_value")

    assert refusal.value.field == "assets[2].market_value"
    assert text[:20] in refusal.value.message


@pytest.mark.parametrize("raw", [True, float("nan"), float("inf"), [], {}])
def test_what_is_no_number_at_all_is_refused(raw: object) -> None:
    with pytest.raises(NumberError):
        parse_quantity(raw, "field")


def test_basis_points_are_a_hundredth_of_a_percent() -> None:
    quantity = parse_quantity("25 bps", "field")

    assert quantity is not None
    assert quantity.as_percent == Decimal("0.25")


@pytest.mark.parametrize(
    ("text", "name", "share"),
    [
        ("Equity (65%)", "Equity", "65"),
        ("HDFC Bank (Regular) (12.5%)", "HDFC Bank (Regular)", "12.5"),
        ("HDFC Top 100 Fund (8%)", "HDFC Top 100 Fund", "8"),
        ("7.26% GS 2033 (10%)", "7.26% GS 2033", "10"),
        ("Equity: 65%", "Equity", "65"),
        ("Equity 65%", "Equity", "65"),
        ("Equity (65)", "Equity", "65"),
        ("Equity (large cap)", "Equity (large cap)", None),
    ],
)
def test_a_name_keeps_its_share(text: str, name: str, share: str | None) -> None:
    assert parse_named_share(text, "Top Asset") == NamedShare(name, None if share is None else Decimal(share))


@pytest.mark.parametrize("text", ["", "(65%)", "Equity (abc 5)", 65, None])
def test_a_share_without_a_name_is_refused(text: object) -> None:
    with pytest.raises(NumberError, match="Top Asset"):
        parse_named_share(text, "Top Asset")


@given(value=st.decimals(min_value=-(10**12), max_value=10**12, places=2), locale=st.sampled_from(["en_IN", "en_US"]))
def test_what_is_printed_in_full_reads_back(value: Decimal, locale: str) -> None:
    printed = make_style(locale).money_in_full(value, "INR")

    quantity = parse_quantity(printed, "field")

    assert quantity is not None
    assert quantity.value == value


def test_indian_style_groups_by_lakh_and_crore() -> None:
    style = make_style("en_IN")

    assert style.money_in_full(Decimal(12000000), "INR") == "₹1,20,00,000"
    assert style.money(Decimal(12000000), "INR") == "₹1.2 crore"
    assert style.money(Decimal(12000000), "USD") == "$12 million"


def test_western_style_groups_by_thousand() -> None:
    style = make_style("en_US")

    assert style.money_in_full(Decimal(12000000), "USD") == "$12,000,000"
    assert style.money(Decimal(-1250000), "USD") == "-$1.25 million"
