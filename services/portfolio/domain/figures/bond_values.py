"""What bonds are worth: their market value, or their face at a price; of what has neither nothing is known."""

from decimal import Decimal
from statistics import median

from services.portfolio.domain.assertions import asserts_any
from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.amounts import Amounts
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.reading import PER_FACE, Row, Table
from services.portfolio.domain.readings import AMBIGUOUS, COLUMN, Alternative
from services.portfolio.domain.reference import Reference

_BASES = ((Decimal("0.2"), Decimal("2.5"), Decimal(100), "1"), (Decimal(20), Decimal(250), Decimal(1), "100"),
          (Decimal(250), Decimal(2500), Decimal("0.1"), "1,000"))  # fmt: skip
"""The sizes of a column's prices that mean a quote per 1, per 100 or per 1,000 of face, and what makes it per 100."""


def find_price_basis(table: Table, draft: Draft) -> Decimal | None:
    """What the column's prices are multiplied by to be per 100 of face; None where their size does not say."""
    prices = [
        money.value
        for row in table.rows
        if row.text("price_kind") is None and (money := row.money("price")) is not None and money.value > 0
    ]
    if not prices:
        return Decimal(1)
    middle = median(prices)
    for low, high, factor, per in _BASES:
        if low <= middle <= high:
            if per != "100":
                draft.note("price_basis", f"Prices of {table.field} are read as per {per} of face, by their size.")
            return factor
    return None


def read_quote(row: Row, basis: Decimal | None) -> Decimal | None:
    """A row's price per 100 of face: as it says itself, else by the column's basis; None where there is none."""
    price = row.money("price")
    if price is None or row.text("price_kind") == PER_FACE:
        return price.value if price is not None else None
    return price.value * basis if basis is not None else None


def _refuse_face_of_unit(row: Row, face: Decimal, quote: Decimal) -> None:
    """Raises ``MissingInputError`` where a face value may be of each of several bonds, or of all of them."""
    quantity = row.number("quantity")
    if quantity in {None, Decimal(1), face}:
        return
    value = face * quote / HUNDRED
    raise MissingInputError(
        f"{row.field('face_value')} could be of all {quantity} bonds or of each, and no market value says which",
        AMBIGUOUS,
        (
            Alternative({"unit": "the face of all", "value": f"{value:f}"}, COLUMN),
            Alternative({"unit": "the face of each", "value": f"{value * (quantity or 1):f}"}, COLUMN),
        ),
    )


def value_bond(row: Row, table: Table, amounts: Amounts, basis: Decimal | None, reference: Reference) -> Decimal | None:
    """What a row is worth in the table's currency; None where nothing says, though others have a price: its face is
    what is owed, and no value. A deposit is worth its face, and so is all where no price is sent of anything.

    Raises ``MissingInputError`` for a column that is open, a face that may be of one bond or of all, and a value below
    zero.
    """
    value = amounts.convert(row.money("market_value"), row)
    if value is None:
        table.need("market_value", "face_value", "price")
        face, quote = amounts.convert(row.money("face_value"), row), read_quote(row, basis)
        if quote is None and row.money("price") is None and _is_at_par(row, table, reference):
            quote = HUNDRED
        if face is None or quote is None or {"market_value", "face_value", "price"} & row.faults.keys():
            return None
        _refuse_face_of_unit(row, face, quote)
        value = face * quote / HUNDRED
    if value < 0:
        raise MissingInputError(f"{row.field('market_value')}: a bond's value cannot be negative")
    return value


def is_priced(table: Table) -> bool:
    """Whether a table has a column of prices or of values, so that what has none of its own has none."""
    return bool(table.columns & {"market_value", "price"})


def _is_at_par(row: Row, table: Table, reference: Reference) -> bool:
    name = row.text("name") or ""
    return not is_priced(table) or reference.is_deposit(name, None, row.text("kind") or row.text("asset_class"))


def explain_unvalued(row: Row, basis: Decimal | None) -> str:
    """Why a row has no value."""
    for name in ("market_value", "face_value", "price"):
        if name in row.faults:
            return row.faults[name]
    if row.money("price") is not None and read_quote(row, basis) is None:
        return f"{row.field('price')}: prices of this size are neither per 1, per 100 nor per 1,000 of face"
    return f"{row.path}: a market value, or a face value and a price per 100, is needed"


def read_call_price(row: Row) -> Decimal:
    """The price per 100 at which a bond may be called, its face where none was sent."""
    price = row.money("call_price")
    return price.value if price is not None and price.value > 0 else HUNDRED


def find_quote(row: Row, value: Decimal, amounts: Amounts, basis: Decimal | None) -> Decimal | None:
    """The price per 100 of face: as sent, else value over face."""
    if (quote := read_quote(row, basis)) is not None:
        return quote
    face = amounts.convert(row.money("face_value"), row)
    return value / face * HUNDRED if face else None


def is_failed(row: Row, reference: Reference) -> bool:
    """Whether a debtor has failed to pay, by its rating or by what its row says of it."""
    return reference.is_defaulted(row.text("rating")) or any(
        isinstance(value, str) and asserts_any(value, reference.terms.failed, reference) for value in row.extra.values()
    )
