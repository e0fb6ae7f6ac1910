"""What figures of holdings rest on: positions, the limits that hold for them, and what is known of the client."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.bounds import Bounds
from services.portfolio.domain.figures.debtors import fill_issuers
from services.portfolio.domain.figures.limits import LimitSet, gloss_limits, read_limits
from services.portfolio.domain.figures.lot_sales import LotRule, find_rule
from services.portfolio.domain.figures.positions import Book, Position, read_book
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.reference import CASH, Reference
from services.portfolio.domain.sections import Catalogue, Limits

GROUPS: dict[str, Callable[[Position], str | None]] = {
    "asset_class": lambda position: position.text("asset_class"),
    "sector": lambda position: position.text("sector"),
    "region": lambda position: position.text("region"),
    "currency": lambda position: position.currency,
    "account": lambda position: position.text("account"),
    "issuer": lambda position: position.text("issuer"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """What was sent of holdings; amounts are in the book's currency, weights and limits in percent."""

    book: Book
    field: str
    rules: LimitSet
    base_currency: str | None
    reference: Reference
    profile: str | None
    catalogue: Catalogue
    lot_rule: LotRule

    @property
    def limits(self) -> Limits:
        """The limits by rule: the client's own, and those of the house for the others."""
        return self.rules.limits

    @property
    def own_limits(self) -> frozenset[str]:
        """The rules that the payload sets for each name; the others are defaults."""
        return self.rules.own

    @property
    def bounds(self) -> Bounds:
        """What the payload bounds beside these rules."""
        return self.rules.bound_all(CASH)


def take_held(reading: Reading, catalogue: Catalogue, draft: Draft) -> Held:
    """The positions of a payload, with the limits that hold for them. Raises ``InputError`` where none were sent."""
    name = next((name for name in ("holdings", "holdings_csv", "concentration") if name in reading.tables), None)
    if name is None:
        if reading.has("converter_output"):
            field = reading.name_of("converter_output")
            raise InputError(field, None, "the converter's output was not fetched; send holdings or holdings_csv")
        raise InputError(reading.detected.section.name, None, "no holdings")
    table = reading.table(name)
    try:
        total = reading.money("total")
    except MissingInputError:
        total = None
    book = read_book(
        table, reading, draft, catalogue.limits, catalogue.reference, total.value if total is not None else None
    )
    book = replace(book, positions=fill_issuers(book.positions, catalogue.reference))
    rules = read_limits(reading, catalogue)
    gloss_limits(rules, _list_names(book), draft)
    return Held(
        book, table.field, rules, reading.currency or book.currency, catalogue.reference, reading.text("Risk Profile"),
        catalogue, find_rule(reading, catalogue.reference, draft.currency, draft.frame.as_of),
    )  # fmt: skip


def _list_names(book: Book) -> set[str]:
    """Everything that a limit for one name may be of."""
    names = {name for item in book.positions for find in GROUPS.values() if (name := find(item))}
    return names | {item.name for item in book.positions}
