"""What a table of incomes says, before any figure of it: its sources, or the payments that its rows are."""

from dataclasses import dataclass, replace
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.amounts import Amounts, settle_amounts
from services.portfolio.domain.figures.frequencies import read_frequency
from services.portfolio.domain.figures.income_source import Source
from services.portfolio.domain.figures.payments import Payment, find_gap, list_payments, sum_year
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.reading import Reading, Row, Table
from services.portfolio.domain.sections import Catalogue


@dataclass(frozen=True, slots=True)
class Earned:
    reading: Reading
    catalogue: Catalogue
    sources: tuple[Source, ...]
    table: Table
    missing: MissingInputError | None
    """Why the income of all sources together cannot be said."""
    payments: tuple[Payment, ...] = ()
    """The single payments that the rows are, in the order of their days."""
    repaid: tuple[Position, ...] = ()
    """The sources that have a value, as positions."""

    @property
    def paying(self) -> tuple[Source, ...]:
        """The sources whose income is known."""
        return tuple(source for source in self.sources if source.income is not None)

    @property
    def field(self) -> str:
        """The caller's name of the table."""
        return self.table.field

    def need_total(self) -> Decimal:
        """The income a year of all that say one. Raises ``MissingInputError`` where one could not be settled."""
        if self.missing is not None:
            raise self.missing
        return sum((source.income or Decimal(0) for source in self.sources), Decimal(0))


def take(reading: Reading, catalogue: Catalogue, draft: Draft) -> Earned:
    """The sources of a section, and why their income cannot be said where that is so. A source whose row has none of
    the cells that would say an income keeps nothing of the others from being said. Raises ``InputError`` for a
    table without rows, and where no row says an income."""
    table = reading.table("income")
    if not table.rows:
        raise InputError(table.field, None, "no rows")
    amounts = settle_amounts(table, ("income", "market_value", "cost", "paid"), reading, catalogue.reference, draft)
    if "paid" in table.columns and "income" not in table.columns:
        return _take_payments(table, amounts, reading, catalogue)
    sources = tuple(_make_source(row, amounts, catalogue) for row in table.rows)
    if all(source.income is None for source in sources) and not table.open_columns and amounts.missing is None:
        raise InputError(sources[0].name, None, sources[0].fault or "a yearly income is needed")
    missing = amounts.missing
    lost = [
        source for source, row in zip(sources, table.rows, strict=True)
        if source.income is None and (table.open_columns or not _is_silent(row))
    ]  # fmt: skip
    if missing is None and lost:
        opened = [
            table.open_columns[name] for name in ("income", "yield", "market_value") if name in table.open_columns
        ]
        missing = (
            opened[0] if opened else MissingInputError(lost[0].fault or f"the income of {lost[0].name} is not known")
        )
    repaid = tuple(
        Position(source.name, row.path, row, source.market_value)
        for source, row in zip(sources, table.rows, strict=True)
        if source.market_value is not None
    )
    return Earned(reading, catalogue, sources, table, missing, repaid=repaid)


def _is_silent(row: Row) -> bool:
    """Whether a row has no cell that says what is paid: neither an income, nor a rate and the value that it is of."""
    rate = row.percent("yield") if row.percent("yield") is not None else row.percent("coupon")
    return row.money("income") is None and (rate is None or row.money("market_value") is None)


def _take_payments(table: Table, amounts: Amounts, reading: Reading, catalogue: Catalogue) -> Earned:
    """Rows that are single payments: their sources with what they pay a year, where the payments cover one."""
    table.need("paid")
    payments = list_payments([(_name(row), row) for row in table.rows], amounts, catalogue.reference)
    yearly = sum_year(payments)
    rows = {_name(row): row for row in reversed(table.rows)}  # the first row of each source
    sources = tuple(
        replace(_make_source(row, amounts, catalogue), income=yearly.get(name) if yearly else None, next_payment=None)
        for name, row in reversed(rows.items())
    )
    missing = amounts.missing or find_gap(payments, table)
    return Earned(reading, catalogue, sources, table, missing, tuple(payments))


def _name(row: Row) -> str:
    """What a source is called: by its name, else by what it is, else by its row."""
    named = row.text("name") or row.text("symbol") or row.text("isin") or row.text("kind") or row.text("asset_class")
    place = row.path.rpartition("[")[2].rstrip("]")
    return named or f"the source in row {int(place) + 1 if place.isdigit() else place}"


def _make_source(row: Row, amounts: Amounts, catalogue: Catalogue) -> Source:
    name = _name(row)
    value = amounts.convert(row.money("market_value"), row)
    income = amounts.convert(row.money("income"), row)
    rate = row.percent("yield") if row.percent("yield") is not None else row.percent("coupon")
    fault = row.faults.get("income")
    if income is None and fault is None:
        if rate is not None and value is not None:
            income = value * rate / HUNDRED
        else:
            fault = next((row.faults[key] for key in ("yield", "coupon", "market_value") if key in row.faults), None)
            fault = fault or f"{row.path}: a yearly income, or a yield and a market value, is needed"
    if income is not None and income < 0:
        income, fault = None, f"{row.field('income')}: an income cannot be negative"
    if value is not None and value < 0:
        income, value, fault = None, None, f"{row.field('market_value')}: a market value cannot be negative"
    return Source(
        name, income, value, amounts.convert(row.money("cost"), row), row.text("kind") or row.text("asset_class"),
        read_frequency(row, catalogue.reference)[0], row.day("next_payment"), row.percent("tax_rate"), fault,
        row.day("maturity"), row.percent("renewal"),
        is_bound=row.lock is not None and row.lock.share is None and row.lock.part is None, ends=row.ends,
    )  # fmt: skip
