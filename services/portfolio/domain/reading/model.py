"""A payload as it was read: typed rows and fields. Figures take these and parse nothing."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.needs import Entry as DueEntry
from services.portfolio.domain.needs import LotOrder, Money, Need
from services.portfolio.domain.readings import Entry
from services.portfolio.domain.sections import Detected

Value = Decimal | date | str | None
PER_FACE, NOMINAL = "per face", "nominal"
RELATIVE = "relative"
"""What ``band_kind`` says of a band that is a part of the model weight."""
"""What ``price_kind`` and ``quantity_kind`` of a row say of a price per 100 of face, and of a quantity in face."""


@dataclass(frozen=True, slots=True)
class Lock:
    """That something may not be sold now, in the words that were sent, and until when, where that is a day; ``part`` is
    the amount of it that is locked, where it is a part and its amount was sent, and ``share`` that part of one, where
    it was sent in units or percent."""

    says: str
    until: date | None = None
    part: Money | None = None
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """One credit line; ``alert_at``, ``call_at`` and ``close_at`` are the use of the lending value, in percent, where
    the lender warns, asks for more and sells, ``rate`` its interest in percent. ``rest`` is what else was sent of it in
    its ``field``."""

    name: str
    drawn: Money | None = None
    limit: Money | None = None
    alert_at: Decimal | None = None
    call_at: Decimal | None = None
    close_at: Decimal | None = None
    rate: Decimal | None = None
    field: str = ""
    rest: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lot:
    """When something was bought, whether its gain counts as short-term, and what share leaving costs until when."""

    bought: date
    is_short: bool
    load: Decimal | None = None
    load_until: date | None = None


@dataclass(frozen=True, slots=True)
class LotPart:
    """One of the lots that a row is made of, in the row's currency."""

    bought: date
    cost: Decimal
    value: Decimal | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Taxes:
    """The rates on gains held short and long, in percent, and what of the exemption is left; ``is_left`` where it was
    sent as that."""

    name: str
    short: Decimal | None = None
    long: Decimal | None = None
    exempt: Money | None = None
    is_left: bool = False
    exempts_long: bool = False
    """Whether the exemption is for gains held long alone."""
    months: int | None = None
    """From more than how many months on a gain counts as held long."""
    fields: tuple[str, ...] = ()
    """The fields that say so, where it is no one object."""


@dataclass(frozen=True, slots=True)
class Stress:
    """What a stress test says would be lost, in percent: ``says`` is what it is of, ``name`` the field that it stands
    in."""

    name: str
    says: str
    loss: Decimal


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of risk that was sent: its ``kind``, its value (in percent of what is a share), and in the words that
    were sent of what period and on what basis it is; ``money`` where it is an amount."""

    field: str
    kind: str
    value: Decimal
    says: str
    money: Money | None = None


@dataclass(frozen=True, slots=True)
class IncomeNeed:
    """An income that is needed each year, by the field that says so; ``is_net`` where it is meant after tax, None where
    nothing says so."""

    name: str
    amount: Money
    is_net: bool | None = None


CLASS = "class"
"""The rule of a limit that is for an asset class."""
PART = "part"
"""The rule of a limit that is for a part of a class, which the rows or classes of that very name are."""


@dataclass(frozen=True, slots=True)
class LimitRule:
    """One limit of the client: a rule of ``sections.yaml``, what a profile may bound, or ``class`` with the class as
    its subject, ``part`` with the words for a part of one. ``subject`` is the one name that it is for, None for each;
    ``key`` is the field of its figure, ``says`` how it was sent; ``is_least`` where it is the least of something;
    ``day`` is the client's own for it."""

    rule: str
    subject: str | None
    key: str
    says: str
    is_least: bool = False
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row by canonical column; ``path`` is how the caller would name it (``assets[2]``).

    A blank cell, one that could not be read (``faults``) and one of an unsettled column are all absent.
    ``currency`` is that of the row, a minor unit made whole. ``extra`` is what stands under names that are no columns,
    as it was sent; ``lock`` says that it may not be sold, ``lending`` how much of it counts for a lender, in percent,
    ``priced`` the day of its price, ``unfunded`` what is committed to it and not called yet,
    ``lot`` when it was bought, ``esg`` its rating of sustainability in letters, ``parts`` the lots sent within it.
    """

    path: str
    cells: Mapping[str, object]
    currency: str | None = None
    faults: Mapping[str, str] = dataclasses.field(default_factory=dict)
    extra: Mapping[str, object] = dataclasses.field(default_factory=dict)
    lock: Lock | None = None
    lending: Decimal | None = None
    priced: date | None = None
    unfunded: Money | None = None
    lot: Lot | None = None
    esg: str | None = None
    parts: tuple[LotPart, ...] = ()
    has_open_lots: bool = False
    """Whether lots were sent that do not make all of it, so that nobody knows what a part of it cost."""
    closed: Lock | None = None
    """That there are days, not yet over, on which it may not be sold, as it was sent."""
    ends: date | None = None
    """The last day on which a source of income pays."""
    says_missing: bool = False
    """Whether one of its cells says in words that a figure is not available."""

    def field(self, column: str) -> str:
        """The caller's path to a cell."""
        return f"{self.path}.{column}"

    def text(self, column: str) -> str | None:
        """Text."""
        value = self.cells.get(column)
        return value if isinstance(value, str) else None

    def money(self, column: str) -> Money | None:
        """An amount."""
        value = self.cells.get(column)
        return value if isinstance(value, Money) else None

    def number(self, column: str) -> Decimal | None:
        """A plain number, or a rate in percent."""
        value = self.cells.get(column)
        return value if isinstance(value, Decimal) else None

    percent = number

    def day(self, column: str) -> date | None:
        """A day."""
        value = self.cells.get(column)
        return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in the caller's order, without those that are sums of others.

    ``open_columns`` are the columns that could not be settled; ``units`` the unit that a column's bare cells were read
    in (``percent``, ``fraction``); ``stated_total`` the value of a row that is the sum of all.
    """

    field: str
    rows: tuple[Row, ...]
    columns: frozenset[str] = frozenset()
    unknown_columns: tuple[str, ...] = ()
    open_columns: Mapping[str, MissingInputError] = dataclasses.field(default_factory=dict)
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)
    stated_total: Money | None = None

    def need(self, *columns: str) -> None:
        """Raises ``MissingInputError`` for the first of the columns that could not be settled."""
        for column in columns:
            if (reason := self.open_columns.get(column)) is not None:
                raise reason

    def find_fault(self, *columns: str) -> str | None:
        """Why the first cell of the columns that could not be read was not."""
        for row in self.rows:
            for column in columns:
                if column in row.faults:
                    return row.faults[column]
        return None


@dataclass(frozen=True, slots=True)
class Reading:
    """A payload as it was read. ``currency`` is the one that it reports in, None where it names none."""

    detected: Detected
    tables: Mapping[str, Table]
    values: Mapping[str, object]
    open_fields: Mapping[str, MissingInputError]
    entries: tuple[Entry, ...]
    notes: Sequence[tuple[str, str, bool, str | None]]
    currency: str | None
    amounts_in: str | None
    """The currency that amounts are in whatever their row says, where the payload states it."""
    rates: Mapping[str, Decimal]
    open_rates: Mapping[str, MissingInputError]
    """Why the rates of some currencies could not be settled."""
    needs: tuple[Need, ...] = ()
    """Money that is spoken for."""
    entries_due: tuple[DueEntry, ...] = ()
    """Dated and committed amounts that nobody has to pay on their day."""
    rating_floor: tuple[str, str] | None = None
    """The least rating that the client wants held, behind the field that says it alone (empty: a sentence)."""
    income_need: IncomeNeed | None = None
    need_is_net: bool | None = None
    metrics: tuple[Metric, ...] = ()
    duration_cap: tuple[str, Decimal] | None = None
    esg_floor: tuple[str, str] | None = None
    """The income that is needed each year, with its field."""
    cash: tuple[str, Money] | None = None
    """The cash at hand by a field that the section does not read, with that field."""
    taxes: Taxes | None = None
    """The rates at which gains are taxed."""
    lot_order: LotOrder | None = None
    """In which order the lots of a position are sold, where the payload says it."""
    capacity: tuple[str, Money] | None = None
    """What the client can bear to lose, with the field that says it."""
    stresses: tuple[Stress, ...] = ()
    """What stress tests say would be lost."""
    valuing: tuple[str, bool] | None = None
    """The field that says whether values of a track are taken before the flows of their day, and whether it says so."""
    open_flows: tuple[str, str] | None = None
    """The field of what was, or may have been, paid in or out of a track, and why it is not known when or whether."""
    fall_limit: tuple[str, str, Decimal] | None = None
    """The field, and the name in it, of the most in percent that the client lets the whole fall."""
    credit: tuple[Credit, ...] = ()
    """Lines of credit."""
    limits: tuple[LimitRule, ...] = ()
    """The client's own limits; the figure of each is the field of its key."""
    limit_fields: frozenset[str] = frozenset()
    """The fields that set limits."""
    unread_limits: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Fields that set limits which were not understood, with what they say."""
    find_day: Callable[[object], date | None] = dataclasses.field(default=lambda _: None, repr=False, compare=False)

    def read_day(self, raw: object) -> date | None:
        """The day of a cell of no column, as the payload writes its days; None for what is none."""
        return self.find_day(raw)

    def has(self, name: str) -> bool:
        """Whether the payload has a field."""
        return self.detected.get(name) is not None

    def name_of(self, name: str) -> str:
        """The caller's spelling of a field."""
        return self.detected.name_of(name)

    def table(self, name: str) -> Table:
        """A table of the payload. Raises ``InputError`` where it has none of that name."""
        if name not in self.tables:
            raise InputError(self.name_of(name), None, "no rows")
        return self.tables[name]

    def money(self, name: str) -> Money | None:
        """An amount, None for a blank. Raises ``MissingInputError`` where it could not be settled."""
        value = self._get(name)
        return value if isinstance(value, Money) else None

    def number(self, name: str) -> Decimal | None:
        """A plain number, or a rate in percent."""
        value = self._get(name)
        return value if isinstance(value, Decimal) else None

    percent = number

    def day(self, name: str) -> date | None:
        """A day."""
        value = self._get(name)
        return value if isinstance(value, date) else None

    def text(self, name: str) -> str | None:
        """Text."""
        value = self._get(name)
        return value if isinstance(value, str) else None

    def value(self, name: str) -> object:
        """A field as it was read, whatever it holds."""
        return self._get(name)

    def _get(self, name: str) -> object:
        if (reason := self.open_fields.get(name)) is not None:
            raise reason
        return self.values.get(name)
