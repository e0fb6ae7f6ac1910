"""Positions: rows with a name and a value, brought to one currency and to weights that sum to one hundred percent."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeVar, cast

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import Draft, slug
from services.portfolio.domain.figures.amounts import Amounts, find_usual_rate, settle_amounts
from services.portfolio.domain.figures.merging import merge_duplicates
from services.portfolio.domain.figures.quoting import HUNDRED, find_doubled_quote, find_quoting, is_per_face
from services.portfolio.domain.reading import PER_FACE, Money, Reading, Row, Table
from services.portfolio.domain.readings import AMBIGUOUS, COLUMN, RANGE, Alternative
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.sections import Limits

_CENT = Decimal("0.01")
_SHOWN_NAMES = 5
Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Position:
    """One instrument in one account. ``market_value`` and ``cost`` are in the table's currency, ``local`` the value as
    it was sent, ``weight`` in percent of the total, ``price`` in the table's currency.

    ``currency`` is the currency that the position is exposed to. ``path`` names the row in errors.
    """

    name: str
    path: str
    row: Row
    market_value: Decimal | None
    weight: Decimal = Decimal(0)
    cost: Decimal | None = None
    local: Money | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    lots: tuple["Position", ...] = ()
    """The rows that it was bought in, by day, where it was sent as several."""
    _known: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def recall(self, what: str, find: Callable[[], Known]) -> Known:
        """What was found out about it before under this name, or what ``find`` finds now: a table of a hundred thousand
        rows is gone through a dozen times. A copy with other values knows nothing yet."""
        if what not in self._known:
            self._known[what] = find()
        return cast("Known", self._known[what])

    def find_free(self, currency: str | None) -> Decimal | None:
        """What of its market value may be sold while a part is locked; None where it is no such part, or unknown.
        ``currency`` is that of amounts which name none."""
        lock, local, value = self.row.lock, self.local, self.market_value
        if lock is not None and lock.share is not None and value is not None:
            return (value * (1 - lock.share)).quantize(_CENT, ROUND_HALF_EVEN)
        if lock is None or lock.part is None or local is None or value is None:
            return None
        same = (lock.part.currency or currency) == (local.currency or self.row.currency or currency)
        if not same or not 0 < lock.part.value < local.value:
            return None
        return (value * (1 - lock.part.value / local.value)).quantize(_CENT, ROUND_HALF_EVEN)

    @property
    def isin(self) -> str | None:
        """Its ISIN, where one was sent."""
        return self.row.text("isin")

    @property
    def currency(self) -> str | None:
        """The currency that it is exposed to."""
        return self.row.currency

    @property
    def fee(self) -> Decimal | None:
        """Its expense ratio in percent a year."""
        return self.row.percent("fee")

    def text(self, column: str) -> str | None:
        """What the row says of a group."""
        return self.row.text(column)


@dataclass(frozen=True, slots=True)
class Book:
    """Positions with their total; ``total`` is None where only weights were sent, or none can be true.

    ``no_total`` says why there is no total, ``no_weights`` why there are no weights.
    """

    positions: tuple[Position, ...]
    total: Decimal | None
    currency: str | None
    amounts: Amounts
    table: Table
    no_total: MissingInputError | None = None
    no_weights: MissingInputError | None = None
    left_out: tuple[Position, ...] = ()
    """What could not be converted, where the weights are of all else."""
    converted: Decimal | None = None
    """What all else is worth, where some is left out."""
    left_share: Decimal | None = None
    """The share that what is left out may have, in percent, at usual rates of exchange."""

    def need_weights(self) -> None:
        """Raises ``MissingInputError`` where no weights can be had."""
        if self.no_weights is not None:
            raise self.no_weights


def read_book(
    table: Table, reading: Reading, draft: Draft, limits: Limits, reference: Reference, whole: Decimal | None = None
) -> Book:
    """The positions of a table, valued in one currency.

    Rows of one instrument in one account are one position. Where amounts cannot be summed (no rate, an unsettled
    column, a row without a value) the book has no total; it has weights then only where they were sent. Raises
    ``InputError`` for no rows, no names, no values, or a total that is not above zero.
    """
    rows = _pick_rows(table, draft)
    priced = [row for row in rows if row.money("market_value") is None and _multiply(row, reference) is not None]
    amounts = settle_amounts(table, ("market_value", "cost"), reading, reference, draft, whole, priced)
    names = _name_instruments(rows)
    positions = [_make_position(row, name, amounts, reference) for row, name in zip(rows, names, strict=True)]
    if any(position.local is not None for position in positions) or "market_value" in table.open_columns:
        book = _value_in_money(positions, table, amounts, draft, limits, reference)
    else:
        book = _value_in_weights(positions, table, amounts, draft, limits, reference)
    draft.name(*(position.isin for position in book.positions[:1000] if position.isin))
    return book


def _pick_rows(table: Table, draft: Draft) -> list[Row]:
    """The rows that are positions: headings of groups are left out, and said so."""
    if not table.rows:
        raise InputError(table.field, None, "no rows")
    rows, headings = [], []
    for row in table.rows:
        is_bare = row.cells.keys() <= {"name"} and not row.faults and not row.says_missing
        if is_bare and not table.open_columns and len(table.columns) > 1:
            headings.append(str(row.cells.get("name", row.path)))
        else:
            rows.append(row)
    if not rows:
        raise InputError(table.rows[0].path, None, "a market value, or a quantity and a price, or a weight is needed")
    if headings:
        draft.note("headings", f"Read as headings, not as positions: {', '.join(headings[:5])}.", field=table.field)
    return rows


def _name_instruments(rows: Sequence[Row]) -> list[str]:
    """One name for each instrument: that of its first row. An instrument is its ISIN, else its ticker, else its name.

    A row without an ISIN is the instrument of its name where only one has that name. Two instruments of one name are
    told apart by their identifiers. What has no name beside others that do is told by its class.
    """
    shown = [row.text("name") or row.text("symbol") or row.text("isin") for row in rows]
    if not any(shown):
        raise InputError(rows[0].field("name"), None, "a position without a name")
    isins: dict[str, set[str]] = defaultdict(set)
    for row, name in zip(rows, shown, strict=True):
        if name and (isin := _isin(row)):
            isins[name.casefold()].add(isin)
    keys = []
    for row, name in zip(rows, shown, strict=True):
        known = isins.get((name or "").casefold(), set())
        isin = _isin(row) or (next(iter(known)) if len(known) == 1 else None)
        keys.append(isin or _symbol(row) or (name or row.path).casefold())
    first: dict[str, str] = {}
    for key, name, row in zip(keys, shown, rows, strict=True):
        first.setdefault(key, name or row.text("asset_class") or row.text("kind") or "Unnamed")
    counts = Counter(name.casefold() for name in first.values())
    return [f"{first[key]} ({key.upper()})" if counts[first[key].casefold()] > 1 else first[key] for key in keys]


def _isin(row: Row) -> str | None:
    text = row.text("isin")
    return text.replace(" ", "").upper() if text else None


def _symbol(row: Row) -> str | None:
    """A ticker with its market: the suffix that it has, else the row's currency."""
    text = row.text("symbol")
    if not text or not row.text("name"):
        return None
    return text.upper() if "." in text else f"{text.upper()} {row.currency or ''}".strip()


def _make_position(row: Row, name: str, amounts: Amounts, reference: Reference) -> Position:
    money = row.money("market_value")
    price, quantity = row.money("price"), row.number("quantity")
    if money is None and "market_value" not in row.faults:
        money = _multiply(row, reference)
    return Position(
        name=name,
        path=row.path,
        row=row,
        market_value=amounts.convert(money, row)
        if money is not None and row.money("market_value") is not None
        else amounts.convert_price(money, row),
        cost=_find_cost(row, amounts, reference),
        local=money,
        quantity=quantity,
        price=amounts.convert_price(price, row),
    )


def _find_cost(row: Row, amounts: Amounts, reference: Reference) -> Decimal | None:
    """What the position cost: as sent, else its quantity times what a unit cost, quoted as its price is."""
    unit, quantity = row.money("unit_cost"), row.number("quantity")
    if row.money("cost") is not None or "cost" in row.faults or unit is None or quantity is None:
        return amounts.convert(row.money("cost"), row)
    per = HUNDRED if row.text("unit_cost_kind") == PER_FACE else find_quoting(row, unit.value, reference)
    return None if per is None else amounts.convert_price(Money(quantity * unit.value / per, unit.currency), row)


def _multiply(row: Row, reference: Reference) -> Money | None:
    """Quantity times price, where a row gives no market value; a price that may be per 100 of face gives none."""
    quantity, price = row.number("quantity"), row.money("price")
    if quantity is None or price is None:
        return None
    if find_doubled_quote(row, price.value, reference) is not None:
        return None
    per = HUNDRED if is_per_face(row, price.value, reference) else Decimal(1)
    return Money(quantity * price.value / per, price.currency)


def _value_in_money(
    positions: Sequence[Position],
    table: Table,
    amounts: Amounts,
    draft: Draft,
    limits: Limits,
    reference: Reference,
) -> Book:
    no_total = table.open_columns.get("market_value") or amounts.missing or _find_unvalued(positions, table, reference)
    _check_product(positions, draft)
    merged = merge_duplicates(positions, table.field, draft)
    if no_total is not None:
        weighed = _weigh_as_sent(merged, table)
        draft.note("no_total", f"No total: {no_total.reason}.", field=table.field, warning=True)
        if weighed is not None:
            return Book(tuple(weighed), None, amounts.currency, amounts, table, no_total)
        if no_total is amounts.missing and (part := _value_in_part(merged, table, amounts, reference)) is not None:
            return part
        return Book(tuple(merged), None, amounts.currency, amounts, table, no_total, no_total)
    total = sum((position.market_value or Decimal(0) for position in merged), Decimal(0))
    if total <= 0:
        raise InputError(table.field, None, f"market values sum to {total}, so that no weights can be computed")
    _note_negative(merged, table.field, draft)
    if (
        table.stated_total is not None
        and abs(table.stated_total.value - total) > total * limits.total_tolerance / 100
        and not amounts.rates
    ):
        draft.note(
            "total_mismatch",
            f"The total row says {table.stated_total.value:,f}, the rows sum to {total:,f}.",
            field=table.field,
            warning=True,
        )
    weighed = [replace(position, weight=(position.market_value or Decimal(0)) * HUNDRED / total) for position in merged]
    return Book(tuple(weighed), total, amounts.currency, amounts, table)


def _value_in_part(merged: Sequence[Position], table: Table, amounts: Amounts, reference: Reference) -> Book | None:
    """The weights of what could be converted, where what could not is the smaller part at usual rates of exchange; None
    where it is not, or nobody knows."""
    known = [position for position in merged if position.market_value is not None]
    lost = [position for position in merged if position.market_value is None]
    total = sum((position.market_value or Decimal(0) for position in known), Decimal(0))
    about = Decimal(0)
    for position in lost:
        money = position.local
        code = amounts.code_of(money, position.row) if money is not None else None
        rate = find_usual_rate(code or "", amounts.currency, amounts.rates, reference)
        if money is None or rate is None or code in {None, amounts.currency}:
            return None
        about += money.value * rate
    if amounts.currency is None or total <= 0 or not lost or not 0 < about < total:
        return None
    weighed = [replace(item, weight=(item.market_value or Decimal(0)) * HUNDRED / total) for item in known]
    return Book(
        tuple(weighed), None, amounts.currency, amounts, table, amounts.missing, None, tuple(lost), total,
        about * HUNDRED / (total + about),
    )  # fmt: skip


def _find_unvalued(positions: Sequence[Position], table: Table, reference: Reference) -> MissingInputError | None:
    """Why the first position without a value has none."""
    for position in positions:
        if position.market_value is not None:
            continue
        row = position.row
        fault = next((row.faults[name] for name in ("market_value", "price", "quantity") if name in row.faults), None)
        if fault is not None:
            return MissingInputError(fault)
        opened = next((table.open_columns[name] for name in ("price", "quantity") if name in table.open_columns), None)
        if opened is not None:
            return opened
        price, quantity = row.money("price"), row.number("quantity")
        if price is not None and quantity is not None:
            ways = find_doubled_quote(row, price.value, reference) or ("per unit", "per 100 of face")
            values = (quantity * price.value, quantity * price.value / 100)
            return MissingInputError(
                f"{row.field('price')} could be {ways[0]} or {ways[1]}, and no market value says which",
                AMBIGUOUS,
                tuple(
                    Alternative({"unit": way, "value": f"{value:f}"}, why)
                    for way, value, why in zip(ways, values, (COLUMN, RANGE), strict=True)
                ),
            )
        return MissingInputError(f"{row.field('market_value')}: a market value of {position.name} is needed")
    return None


def _weigh_as_sent(positions: Sequence[Position], table: Table) -> list[Position] | None:
    """Positions with the weights that were sent, where every row has one."""
    if "weight" in table.open_columns or any(position.row.percent("weight") is None for position in positions):
        return None
    return [replace(position, weight=position.row.percent("weight") or Decimal(0)) for position in positions]


def _value_in_weights(
    positions: Sequence[Position],
    table: Table,
    amounts: Amounts,
    draft: Draft,
    limits: Limits,
    reference: Reference,
) -> Book:
    no_total = MissingInputError("only weights were sent")
    if (
        reason := table.open_columns.get("weight")
        or table.open_columns.get("price")
        or table.open_columns.get("quantity")
    ) is not None:
        return Book(tuple(positions), None, amounts.currency, amounts, table, reason, reason)
    given = [position.row.percent("weight") for position in positions]
    if all(weight is None for weight in given):
        fault = table.find_fault("market_value", "weight", "price", "quantity")
        missing = _find_unvalued(positions, table, reference)
        if fault:
            raise InputError(table.field, None, fault)
        if missing is not None and missing.code:
            return Book(tuple(positions), None, amounts.currency, amounts, table, missing, missing)
        raise InputError(positions[0].path, None, "a market value, or a quantity and a price, or a weight is needed")
    merged = merge_duplicates(
        [replace(position, weight=weight or Decimal(0)) for position, weight in zip(positions, given, strict=True)],
        table.field,
        draft,
    )
    if any(weight is None for weight in given):
        blank = next(position for position, weight in zip(positions, given, strict=True) if weight is None)
        missing = MissingInputError(
            blank.row.faults.get("weight") or f"{blank.path}: a market value or a weight is needed"
        )
        return Book(tuple(merged), None, amounts.currency, amounts, table, missing, missing)
    total = sum((position.weight for position in merged), Decimal(0))
    if total <= 0:
        raise InputError(table.field, None, f"weights sum to {total}")
    note_fractions(table, "weight", draft)
    check_weight_sum(total, table.field, draft, limits)
    _note_negative(merged, table.field, draft)
    return Book(tuple(merged), None, amounts.currency, amounts, table, no_total)


def note_fractions(table: Table, column: str, draft: Draft, what: str = "Weights") -> None:
    """Say that bare shares were read as fractions."""
    if table.units.get(column) == "fraction":
        draft.note("weights_as_fractions", f"{what} of {table.field} are read as fractions of one.", field=table.field)


def check_weight_sum(total: Decimal, field: str, draft: Draft, limits: Limits) -> bool:
    """Whether weights in percent sum to one hundred within the tolerance; a warning is noted where not."""
    if abs(total - HUNDRED) <= limits.total_tolerance:
        return True
    draft.state("parts_sum", total, (field,), subject=field, key=slug(field))
    draft.note(
        "weights_do_not_sum", f"The weights of {field} sum to {total:.2f}%, not to 100%.", warning=True, field=field
    )
    return False


def _check_product(positions: Iterable[Position], draft: Draft) -> None:
    """Warn where quantity times price is not the market value sent, beyond a percent of it.

    Both are in one currency here. A bond's price per 100 of face, and a share's in hundredths, agree with it too.
    """
    off = []
    for position in positions:
        quantity, price, value = position.quantity, position.price, position.market_value
        if quantity is None or price is None or not value or position.row.money("market_value") is None:
            continue
        if all(abs(quantity * price / factor - value) > abs(value) / HUNDRED for factor in (1, 100)):
            off.append(position.name)
    if off:
        shown = ", ".join(off[:_SHOWN_NAMES])
        draft.note(
            "price_mismatch",
            f"Quantity times price differs from the market value of {shown}"
            f"{_and_more(len(off))}; the market value is used.",
            warning=True,
        )


def _note_negative(positions: Iterable[Position], field: str, draft: Draft) -> None:
    negative = [position.name for position in positions if (position.market_value or position.weight) < 0]
    if negative:
        shown = ", ".join(negative[:_SHOWN_NAMES])
        draft.note(
            "negative_values",
            f"Negative value for {shown}{_and_more(len(negative))}; kept as a short position or overdraft.",
            warning=True,
            field=field,
        )


def combine_names(positions: Iterable[Position]) -> list[tuple[str, Decimal]]:
    """Weights by instrument over all accounts, largest first."""
    return sort_groups(positions, lambda position: position.name)


def sort_groups(positions: Iterable[Position], key: Callable[[Position], str | None]) -> list[tuple[str, Decimal]]:
    """Weights by group, largest first; positions without a group are left out. Names differing in case are one
    group."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    shown: dict[str, str] = {}
    for position in positions:
        if (group := key(position)) is not None:
            shown.setdefault(group.casefold(), group)
            sums[group.casefold()] += position.weight
    return sorted(((shown[group], weight) for group, weight in sums.items()), key=lambda pair: (-pair[1], pair[0]))


def _and_more(count: int) -> str:
    return f" and {count - _SHOWN_NAMES} more" if count > _SHOWN_NAMES else ""
