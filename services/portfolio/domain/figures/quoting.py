"""How a price is quoted: per unit, per 100 of face, in hundredths of a currency; or in a way that nothing tells."""

import re
from decimal import Decimal

from services.portfolio.domain.number_words import MINOR_UNITS
from services.portfolio.domain.reading import NOMINAL, PER_FACE, Row
from services.portfolio.domain.reference import Reference

HUNDRED = Decimal(100)
_BOND_NAME = re.compile(r"\d\s*%.*\b(?:19|20)\d\d\b|\b(?:19|20)\d\d\b.*\d\s*%")
"""A rate and a year in a name are a bond's coupon and maturity: ``BTP 2,5% 2032``."""
_FACE_PRICES = (Decimal(20), Decimal(250))
"""Prices per 100 of face lie between these; above, they are per bond."""


def find_doubled_quote(row: Row, price: Decimal, reference: Reference) -> tuple[str, str] | None:
    """The two ways in which a price may be quoted, a hundred times apart, where nothing in the row says which.

    A bond's may be per unit or per 100 of face; that of a ticker of an exchange that quotes in hundredths, beside the
    whole currency, may be in either.
    """
    if is_per_face(row, price, reference):
        return None
    if is_face_quoted(row, price, reference) or _is_unclear_nominal(row, price, reference):
        return "per unit", "per 100 of face"
    money = row.money("price")
    market = reference.find_market_currency(row.text("symbol"))
    whole = MINOR_UNITS.get(market or "")
    if whole is not None and row.currency == whole and money is not None and money.currency is None:
        return f"in {whole}", f"in {market}"
    return None


def is_per_face(row: Row, price: Decimal, reference: Reference) -> bool:
    """Whether a row says that its price is per 100 of face: in percent or 32nds, or beside a bond's nominal."""
    if row.text("price_kind") == PER_FACE:
        return True
    return row.text("quantity_kind") == NOMINAL and is_face_quoted(row, price, reference)


def _is_unclear_nominal(row: Row, price: Decimal, reference: Reference) -> bool:
    """Whether a nominal may be the face of a bond or a count of shares: nothing but a name says what it is of."""
    found = reference.classify(row.text("asset_class"), row.text("kind"), row.text("name") or "")
    known = found is not None and found.by in {"class", "type"}
    return row.text("quantity_kind") == NOMINAL and not known and _FACE_PRICES[0] <= price <= _FACE_PRICES[1]


def is_face_quoted(row: Row, price: Decimal, reference: Reference) -> bool:
    """Whether a price may be per 100 of face: the row is a bond's by its own fields, and the price is of that size."""
    found = reference.classify(row.text("asset_class"), row.text("kind"), row.text("name") or "")
    is_bond = row.cells.get("coupon") is not None or row.cells.get("maturity") is not None
    is_bond = is_bond or _BOND_NAME.search(row.text("name") or "") is not None
    fund = any(word in (row.text("name") or "").casefold().split() for word in ("fund", "etf", "funds"))
    debt = found is not None and found.name == "debt" and found.by in {"class", "type"}
    return (is_bond or (debt and not fund)) and _FACE_PRICES[0] <= price <= _FACE_PRICES[1]


def find_quoting(row: Row, price: Decimal, reference: Reference) -> Decimal | None:
    """What quantity times price is divided by to be the value: 1, or 100 per 100 of face; None where unclear."""
    quantity, quoted, value = row.number("quantity"), row.money("price"), row.money("market_value")
    if quantity is not None and quoted is not None and value is not None:
        product, near = quantity * quoted.value, abs(value.value) / HUNDRED
        if met := [per for per in (Decimal(1), HUNDRED) if abs(product / per - value.value) <= near]:
            return met[0]
    if is_per_face(row, price, reference):
        return HUNDRED
    return Decimal(1) if find_doubled_quote(row, price, reference) is None else None
