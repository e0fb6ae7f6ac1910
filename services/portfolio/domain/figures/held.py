"""What figures of holdings rest on: positions, the limits that hold for them, and what is known of the client."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.debtors import fill_issuers
from services.portfolio.domain.figures.positions import Book, Position, read_book
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.sections import BOUNDED, LOW_RATED, Catalogue, Limits, match_form

GROUPS: dict[str, Callable[[Position], str | None]] = {
    "asset_class": lambda position: position.text("asset_class"),
    "sector": lambda position: position.text("sector"),
    "region": lambda position: position.text("region"),
    "currency": lambda position: position.currency,
    "account": lambda position: position.text("account"),
    "issuer": lambda position: position.text("issuer"),
}
_LIMITS = (
    "single_name", "top_five", "sector", "currency", "region", "account", "issuer", "fee", "cash", "asset_class"
)  # fmt: skip
_OTHER_NAMES = {
    "position": "single_name", "single_position": "single_name", "single_stock": "single_name",
    "holding": "single_name", "top_5": "top_five", "class": "asset_class", "country": "region", "liquidity": "illiquid",
    "rating": LOW_RATED, "high_yield": LOW_RATED, "sub_investment_grade": LOW_RATED, "borrowing": "leverage",
    "expense_ratio": "fee", "ter": "fee",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """What was sent of holdings; amounts are in the book's currency, weights and limits in percent."""

    book: Book
    field: str
    limits: Limits
    no_limits: MissingInputError | None
    own_limits: frozenset[str]
    """The limits that the payload sets, by name; the others are defaults."""
    base_currency: str | None
    reference: Reference
    profile: str | None
    catalogue: Catalogue
    bounds: Mapping[str, Decimal]
    """What the payload bounds beside these rules: what a risk profile may bound, and asset classes by name."""


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
    limits, own, bounds, missing = read_limits(reading, catalogue)
    return Held(
        book, table.field, limits, missing, own, reading.currency or book.currency, catalogue.reference,
        reading.text("Risk Profile"), catalogue, bounds,
    )  # fmt: skip


def read_limits(
    reading: Reading, catalogue: Catalogue
) -> tuple[Limits, frozenset[str], dict[str, Decimal], MissingInputError | None]:
    """The operator's limits, with those that the payload sets for itself; which these are; what it bounds beside them;
    and why they could not be settled."""
    raw, field = reading.detected.get("limits"), reading.name_of("limits")
    known = {match_form(name): name for name in (*_LIMITS, *BOUNDED)}
    known |= {match_form(name): meant for name, meant in _OTHER_NAMES.items()}
    changes: dict[str, Decimal] = {}
    bounds: dict[str, Decimal] = {}
    missing = None
    for raw_name in raw if isinstance(raw, dict) else ():
        words = str(raw_name).replace("_", " ")
        kind = catalogue.reference.classify(words, None, "")
        name = known.get(match_form(words)) or (kind.name if kind is not None else None)
        if name is None:
            shown = f"{', '.join((*_LIMITS, *sorted(BOUNDED)))}, and asset classes"
            raise InputError(f"{field}.{raw_name}", None, f"unknown limit; known: {shown}")
        try:
            percent = reading.percent(f"limits.{raw_name}")
        except MissingInputError as opened:
            missing = opened
            continue
        least = 0 if name not in _LIMITS else None
        if percent is None or not (least == percent or 0 < percent <= HUNDRED):
            raise InputError(f"{field}.{raw_name}", percent, "a percentage above 0 and up to 100 is needed")
        (changes if name in _LIMITS else bounds)[name] = percent
    limits = replace(catalogue.limits, **changes)  # type: ignore[arg-type]  # the names above are the Decimal fields
    return limits, frozenset(changes), bounds, missing
