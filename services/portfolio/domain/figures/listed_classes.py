"""What suits the client of an overview by the classes of the rows that it lists, where no classes were sent."""

from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.limits import read_limits
from services.portfolio.domain.figures.positions import Book, read_book
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.suitability import add_profile, add_shares
from services.portfolio.domain.figures.weights import add_allocation
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.reference import CASH
from services.portfolio.domain.sections import Catalogue

LIST = "Holdings"
_PROFILE = "Risk Profile"


def judge_rows(reading: Reading, catalogue: Catalogue, value: Decimal | None, draft: Draft) -> None:
    """Hold the list of a portfolio worth ``value`` to the client's profile and bounds, where there are such."""
    text, own = reading.text(_PROFILE), read_limits(reading, catalogue).bound_all(CASH)
    if not text and not own.names:
        return
    judged = text or own.equity is not None
    profile = add_profile(text, reading.name_of(_PROFILE), catalogue, draft, own) if judged else None
    try:
        book = _read_whole_list(reading, catalogue, value, draft)
        _add_classes(book, catalogue, draft)
        field, base = book.table.field, draft.currency
        add_shares(book.positions, {}, profile, catalogue.reference, field, draft, base, value, own)
    except MissingInputError as missing:
        draft.miss("equity_share", missing)


def _add_classes(book: Book, catalogue: Catalogue, draft: Draft) -> None:
    """The classes that the rows name."""
    sums: dict[str, Decimal] = {}
    for item in book.positions:
        name = item.text("asset_class")
        if name is None:
            return
        sums[name] = sums.get(name, Decimal(0)) + item.weight
    weights = sorted(sums.items(), key=lambda pair: -pair[1])
    draft.absent[:] = [absent for absent in draft.absent if absent.id != "weight.asset_class"]
    method = f"sum of the weights of {book.table.field}"
    add_allocation(draft, "asset_class", weights, catalogue.limits.facts_per_group, method)


def _read_whole_list(reading: Reading, catalogue: Catalogue, value: Decimal | None, draft: Draft) -> Book:
    """The positions of a list that names classes. Raises ``MissingInputError`` where it names none, or a part alone."""
    table, limits = reading.tables.get(LIST), catalogue.limits
    if table is None or not any(row.text("asset_class") for row in table.rows):
        raise MissingInputError("the asset classes were not sent")
    book = read_book(table, reading, Draft(draft.section, draft.specs), limits, catalogue.reference, value)
    book.need_weights()
    named = sum((item.weight for item in book.positions), Decimal(0))
    is_part = (
        book.total is not None and value is not None and abs(book.total - value) > value * limits.total_tolerance / 100
    )
    if is_part or abs(named - HUNDRED) > limits.total_tolerance:
        raise MissingInputError("the asset classes of all of the portfolio were not sent")
    return book
