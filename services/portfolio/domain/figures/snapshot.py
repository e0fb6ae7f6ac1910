"""Figures of ``portfolio_snapshot``: what it is worth, what it cost, where it stands, and whether the input agrees."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import FOREIGN_IN_PART, Draft, slug
from services.portfolio.domain.figures.amounts import settle_currency
from services.portfolio.domain.figures.kinds import Figures, Group
from services.portfolio.domain.figures.limits import read_limits
from services.portfolio.domain.figures.positions import (
    Book,
    check_weight_sum,
    combine_names,
    note_fractions,
    read_book,
)
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.suitability import (
    add_class_shares,
    add_profile,
    add_shares,
    is_single_name,
    state_reduction,
)
from services.portfolio.domain.figures.weights import SPREAD, Weights, add_allocation, add_concentration
from services.portfolio.domain.reading import Money, Reading
from services.portfolio.domain.reference import CASH, Reference
from services.portfolio.domain.sections import Catalogue

ALLOCATIONS = {
    "Asset Allocation": "asset_class",
    "Sector Allocation": "sector",
    "Currency Allocation": "currency",
    "Region Allocation": "region",
}

_PARTIAL = frozenset({"Sector Allocation", "Region Allocation", "Holdings"})
"""Lists that need not name the whole: sectors and regions are those of shares, or the largest alone, as holdings are in
an overview."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The payload's own figures, checked; ``no_value`` says why the market value could not be settled."""

    reading: Reading
    catalogue: Catalogue
    market_value: Decimal | None
    no_value: MissingInputError | None
    cost: Decimal | None
    no_cost: MissingInputError | None

    def need_value(self) -> Decimal:
        """The market value. Raises ``MissingInputError`` where it could not be settled."""
        if self.market_value is None:
            raise self.no_value or MissingInputError("no market value")
        return self.market_value


def _take(reading: Reading, catalogue: Catalogue, draft: Draft) -> _Snapshot:
    value_field, cost_field = reading.name_of("Market Value"), reading.name_of("Investment Value")
    value, no_value = _try(lambda: reading.money("Market Value"))
    if value is None and no_value is None and not reading.has("Market Value"):
        no_value = MissingInputError("no market value was sent")  # as a part of another payload
    if value is None and no_value is None:
        raise InputError(value_field, reading.detected.get("Market Value"), "an amount is needed")
    if value is not None and value.value <= 0:
        raise InputError(value_field, reading.detected.get("Market Value"), "an amount above zero is needed")
    cost, no_cost = _try(lambda: reading.money("Investment Value"))
    if cost is not None and cost.value < 0:
        raise InputError(cost_field, reading.detected.get("Investment Value"), "a cost cannot be negative")
    draft.currency = settle_currency([value, cost], reading.currency, value_field)
    if draft.currency is None:
        draft.note("no_currency", "No currency was sent; amounts are shown without one.")
    share, _ = _try(lambda: reading.percent("Top Asset"))
    if share is not None and not 0 <= share <= HUNDRED:
        raise InputError(
            reading.name_of("Top Asset"), reading.detected.get("Top Asset"),
            "a share between 0 and 100 percent is needed",
        )  # fmt: skip
    names = (reading.text(name) for name in ("Top Asset.name", "Benchmark Name", "Client Name"))
    draft.name(*(name for name in names if name))
    return _Snapshot(
        reading, catalogue, value.value if value else None, no_value, cost.value if cost else None, no_cost
    )


def _try(read: Callable[[], object]) -> tuple[Any, MissingInputError | None]:
    """A value, or why it could not be settled."""
    try:
        return read(), None
    except MissingInputError as missing:
        return None, missing


def _add_valuation(snapshot: _Snapshot, draft: Draft) -> None:
    reading = snapshot.reading
    value_field, cost_field = reading.name_of("Market Value"), reading.name_of("Investment Value")
    as_of, no_day = _try(lambda: reading.day("As Of"))
    if no_day is not None:
        draft.note("ambiguous_date", f"No date is stated: {no_day.reason}.", warning=True)
    if snapshot.market_value is None:
        draft.miss("market_value", snapshot.no_value or "no market value")
    else:
        draft.state("market_value", snapshot.market_value, (value_field,), dates=(as_of,) if as_of else ())
    if snapshot.cost is None:
        for fact_id in ("cost", "gain", "gain_pct"):
            draft.miss(fact_id, snapshot.no_cost or f"{cost_field} is blank")
    else:
        draft.state("cost", snapshot.cost, (cost_field,), label="amount invested", method="as sent")
    if snapshot.cost is not None and snapshot.market_value is not None:
        sources = (value_field, cost_field)
        gain = snapshot.market_value - snapshot.cost
        draft.state("gain", gain, sources)
        if snapshot.cost > 0:
            draft.state("gain_pct", gain / snapshot.cost * HUNDRED, sources)
        else:
            draft.miss("gain_pct", f"{cost_field} is zero")
        _check_gain(gain, reading, draft)
    _add_cash(snapshot, draft)
    snapshot.need_value()


def _check_gain(gain: Decimal, reading: Reading, draft: Draft) -> None:
    field = reading.name_of("Unrealised Gain")
    sent, _ = _try(lambda: reading.money("Unrealised Gain"))
    if sent is not None and abs(sent.value - gain) > max(abs(gain) / 200, Decimal(1)):
        draft.state("stated_gain", sent.value, (field,))
        draft.note(
            "gain_mismatch",
            f"{field} is sent as {sent.value:,f}, but market value less cost is {gain:,f}; the computed figure is "
            "used.",
            warning=True,
            field=field,
        )


def _add_cash(snapshot: _Snapshot, draft: Draft) -> None:
    reading, field = snapshot.reading, snapshot.reading.name_of("Cash")
    found, missing = _try(lambda: reading.value("Cash"))
    if missing is None and found is None:
        missing = MissingInputError("Cash was not sent" if not reading.has("Cash") else f"{field} is blank")
    if missing is not None or snapshot.market_value is None:
        for fact_id in ("cash", "cash_pct") if missing is None or missing.code else ("cash",):
            draft.miss(fact_id, missing or snapshot.no_value or "no market value")
        return
    if isinstance(found, Money):
        settle_currency([found], draft.currency, field)
        amount, method = found.value, "as sent"
        share = amount / snapshot.market_value * HUNDRED
    else:
        share = Decimal(str(found))
        amount, method = snapshot.market_value * share / HUNDRED, "cash share x market value"
    _state_cash(snapshot.market_value, amount, share, method, (field, reading.name_of("Market Value")), snapshot, draft)
    if share > HUNDRED:
        draft.note("cash_out_of_range", f"{field} is {share:.1f}% of the market value.", warning=True, field=field)
    elif share < 0:
        draft.note("overdraft", f"{field} is below zero, which is read as an overdraft.", field=field)


def _state_cash(
    whole: Decimal,
    amount: Decimal,
    share: Decimal,
    method: str,
    fields: tuple[str, str],
    snapshot: _Snapshot,
    draft: Draft,
) -> None:
    draft.state("cash", amount, fields[:1], subject="cash", label="cash", method=method)
    draft.state("cash_pct", share, fields, subject="cash")
    limit = snapshot.catalogue.limits.cash
    draft.state("limit", limit, ("limits.cash",), key="cash", subject="cash", label="limit for cash")
    if share > limit:
        state_reduction(draft, "cash", (share - limit) * whole / HUNDRED, "limits.cash")


def _add_cash_class(snapshot: _Snapshot, weights: Weights, draft: Draft) -> None:
    """Cash that is sent among the classes alone, where it is more than its limit: the list does not say so itself."""
    reading, value = snapshot.reading, snapshot.market_value
    if draft.find("cash") is not None or reading.has("Cash") or value is None:
        return
    kinds = [(weight, snapshot.catalogue.reference.classify(name, None, name)) for name, weight in weights]
    share = sum((weight for weight, kind in kinds if kind is not None and kind.name == CASH), Decimal(0))
    if share > snapshot.catalogue.limits.cash:
        draft.absent[:] = [absent for absent in draft.absent if absent.id not in {"cash", "cash_pct"}]
        fields = (reading.name_of("Asset Allocation"), reading.name_of("Market Value"))
        _state_cash(value, value * share / HUNDRED, share, "share of its class x market value", fields, snapshot, draft)


def _add_allocations(snapshot: _Snapshot, draft: Draft) -> None:
    reading, limits = snapshot.reading, snapshot.catalogue.limits
    found: dict[str, Weights] = {}
    for name, group in ALLOCATIONS.items():
        if name not in reading.tables:
            draft.miss(f"weight.{group}", f"{name} was not sent")
            continue
        weights, missing = _try(lambda name=name: _read_allocation(snapshot, name, draft))  # type: ignore[misc]
        if missing is not None:
            draft.miss(f"weight.{group}", missing)
            continue
        add_allocation(draft, group, weights, limits.facts_per_group, f"{reading.name_of(name)} as sent")
        found[group] = weights
    if "asset_class" in found:
        _add_suitability(snapshot, found, draft)
    else:
        _judge_rows(snapshot, draft)
    for group in ("sector", "region"):
        _add_excess(snapshot, group, found.get(group, ()), draft)
    _add_top_asset(snapshot, draft)


def _add_excess(snapshot: _Snapshot, group: str, weights: Weights, draft: Draft) -> None:
    """The largest sector or region above the limit for one, where the list is of the whole and not of shares alone."""
    limit: Decimal = getattr(snapshot.catalogue.limits, group)
    equity = draft.find("equity_share")
    whole = sum((weight for _, weight in weights), Decimal(0))
    of_shares = equity is not None and whole > equity.value + snapshot.catalogue.limits.total_tolerance
    over = [(name, weight) for name, weight in weights
            if weight > limit and name.casefold().replace("-", " ") not in SPREAD]  # fmt: skip
    if of_shares or whole > HUNDRED + snapshot.catalogue.limits.total_tolerance or not over:
        return
    name, weight = over[0]
    draft.state("limit", limit, (f"limits.{group}",), key=group, label=f"limit for a {group}")
    draft.state(
        "excess", weight - limit, (f"limits.{group}",), key=f"{group}.{slug(name)}", subject=name,
        label=f"{name} above the limit",
    )  # fmt: skip


def _judge_rows(snapshot: _Snapshot, draft: Draft) -> None:
    """Whether the portfolio suits its client by the classes of the rows of a list of all of it, where no classes were
    sent."""
    reading, catalogue, text = snapshot.reading, snapshot.catalogue, snapshot.reading.text("Risk Profile")
    own = read_limits(reading, catalogue).bound_all(CASH)
    if not text and not own.names:
        return
    profile = None
    if text or own.equity is not None:
        profile = add_profile(text, reading.name_of("Risk Profile"), catalogue, draft, own)
    book, missing = _try(lambda: _read_whole_list(snapshot, draft))
    if book is None:
        draft.miss("equity_share", missing or "the asset classes were not sent")
        return
    _add_classes(book, snapshot, draft)
    try:
        add_shares(
            book.positions, {}, profile, catalogue.reference, book.table.field, draft, draft.currency,
            snapshot.market_value, own,
        )  # fmt: skip
    except MissingInputError as lost:
        draft.miss("equity_share", lost)


def _add_classes(book: Book, snapshot: _Snapshot, draft: Draft) -> None:
    """The classes that the rows of a list of all of the portfolio name."""
    sums: dict[str, Decimal] = {}
    for item in book.positions:
        name = item.text("asset_class")
        if name is None:
            return
        sums[name] = sums.get(name, Decimal(0)) + item.weight
    weights = sorted(sums.items(), key=lambda pair: -pair[1])
    draft.absent[:] = [absent for absent in draft.absent if absent.id != "weight.asset_class"]
    method = f"sum of the weights of {book.table.field}"
    add_allocation(draft, "asset_class", weights, snapshot.catalogue.limits.facts_per_group, method)


def _read_whole_list(snapshot: _Snapshot, draft: Draft) -> Book | None:
    """The positions of a list that names classes, and all of the portfolio."""
    table = snapshot.reading.tables.get("Holdings")
    if table is None or not any(row.text("asset_class") for row in table.rows):
        return None
    inner = Draft(draft.section, draft.specs)
    book = read_book(
        table, snapshot.reading, inner, snapshot.catalogue.limits, snapshot.catalogue.reference, snapshot.market_value
    )
    book.need_weights()
    value, tolerance = snapshot.market_value, snapshot.catalogue.limits.total_tolerance
    of_all = book.total is None or value is None or (
        abs(book.total - value) <= value * tolerance / HUNDRED
    )  # fmt: skip
    named = sum((item.weight for item in book.positions), Decimal(0))
    whole = abs(named - HUNDRED) <= snapshot.catalogue.limits.total_tolerance
    return book if of_all and whole else None


def _add_suitability(snapshot: _Snapshot, found: dict[str, Weights], draft: Draft) -> None:
    """What the classes and currencies say of the client's profile."""
    reading, catalogue = snapshot.reading, snapshot.catalogue
    text = reading.text("Risk Profile")
    own = read_limits(reading, catalogue).bound_all(CASH)
    judged = text or own.equity is not None
    profile = add_profile(text, reading.name_of("Risk Profile"), catalogue, draft, own) if judged else None
    weights = found["asset_class"]
    whole = sum((weight for _, weight in weights), Decimal(0))
    sums_up = abs(whole - HUNDRED) <= catalogue.limits.total_tolerance
    if sums_up:
        _add_cash_class(snapshot, weights, draft)
    add_class_shares(
        weights, profile, catalogue.reference, reading.name_of("Asset Allocation"), draft,
        foreign=_sum_foreign(found.get("currency", ()), draft, catalogue.reference),
        total=snapshot.market_value, sums_up=sums_up, own=own,
    )  # fmt: skip


def _sum_foreign(weights: Weights, draft: Draft, reference: Reference) -> Decimal | None:
    """The share of other currencies, as far as they are named by their codes; None where none is."""
    own = draft.currency
    codes = {name: code for name, _ in weights if (code := name.strip().upper()) in reference.currencies}
    if own is None or not codes:
        return None
    if len(codes) < len(weights):
        draft.glosses[FOREIGN_IN_PART] = "not all are named by their codes"
    return sum((weight for name, weight in weights if codes.get(name, own) != own), Decimal(0))


def _add_top_asset(snapshot: _Snapshot, draft: Draft) -> None:
    reading, field = snapshot.reading, snapshot.reading.name_of("Top Asset")
    name = reading.text("Top Asset.name") or ""
    share = reading.percent("Top Asset")
    if share is None:
        draft.miss("top_asset", f"{field} has no share beside the name")
        return
    listed = next(
        (
            fact
            for fact in draft.facts
            if fact.measure == "weight" and fact.subject and fact.subject.casefold() == name.casefold()
        ),
        None,
    )
    if listed is None:
        draft.state("top_asset", share, (field,), subject=name)
    elif abs(listed.value - share) > snapshot.catalogue.limits.total_tolerance:
        draft.state("stated_share", share, (field,), subject=listed.subject, key=slug(name))
        draft.note(
            "top_asset_mismatch",
            f"{field} says {share}% for {name}, its allocation {listed.value:.1f}%; the allocation is used.",
            warning=True,
            field=field,
        )


def _read_allocation(snapshot: _Snapshot, name: str, draft: Draft) -> Weights:
    """The shares of an allocation in percent, largest first; amounts are taken over their sum."""
    reading, limits = snapshot.reading, snapshot.catalogue.limits
    table = reading.table(name)
    table.need("market_value", "weight")
    inner = Draft(draft.section, draft.specs)
    book = read_book(table, reading, inner, limits, snapshot.catalogue.reference, snapshot.market_value)
    book.need_weights()
    note_fractions(table, "weight", draft, "The shares")
    return _weigh(book, name, snapshot, draft)


def _weigh(book: Book, name: str, snapshot: _Snapshot, draft: Draft) -> Weights:
    """The weights of a list, of the whole that it is of: of the market value where it names no more than a part of it.
    More than the whole contradicts it, and less where the list is one of all."""
    limits, weights, field = snapshot.catalogue.limits, combine_names(book.positions), book.table.field
    named, factor = sum((weight for _, weight in weights), Decimal(0)), Decimal(1)
    if book.total is not None and snapshot.market_value is not None:
        if _find_scale(book.total, snapshot.market_value) is None:
            factor = book.total / snapshot.market_value
            named *= factor
        else:
            named = HUNDRED
    if name in _PARTIAL and 0 < named < HUNDRED - limits.total_tolerance:
        draft.note("list_is_partial", f"{field} names {named:.1f}% of the whole.", field=field)
        return [(subject, weight * factor) for subject, weight in weights]
    if book.total is not None:
        _check_total(book, snapshot, draft)
    else:
        check_weight_sum(named, field, draft, limits)
    return weights


def _find_scale(total: Decimal, value: Decimal) -> str | None:
    """The word for the scale in which the parts of a list are sent, where they add up to the market value in it."""
    scales = ((1000, "thousand"), (100_000, "lakh"), (1_000_000, "million"), (10_000_000, "crore"))
    return next((word for scale, word in scales if abs(total * scale - value) <= value / 2000), None)


def _check_total(book: Book, snapshot: _Snapshot, draft: Draft) -> None:
    total, value = book.total, snapshot.market_value
    if total is None or value is None:
        return
    if abs(total - value) <= value * snapshot.catalogue.limits.total_tolerance / HUNDRED:
        return
    if (scaled := _find_scale(total, value)) is not None:
        draft.note("scale", f"The amounts of {book.table.field} are in {scaled}, by the market value.")
        return
    draft.state("parts_total", total, (book.table.field,), subject=book.table.field, key=slug(book.table.field))
    draft.note(
        "parts_do_not_sum",
        f"The parts of {book.table.field} sum to {total:,f}, the market value is {value:,f}; shares are of the parts' "
        "sum.",
        warning=True,
        field=book.table.field,
    )


def _add_concentration(snapshot: _Snapshot, draft: Draft) -> None:
    reading, limits = snapshot.reading, snapshot.catalogue.limits
    if "Holdings" in reading.tables:
        inner = Draft(draft.section, draft.specs)
        book = read_book(
            reading.table("Holdings"), reading, inner, limits, snapshot.catalogue.reference, snapshot.market_value
        )
        draft.notes.extend(note for note in inner.notes if note.code != "weights_do_not_sum")
        book.need_weights()
        weights = _weigh(book, "Holdings", snapshot, draft)
        add_allocation(draft, "position", weights, limits.facts_per_group, "market value / total")
        _add_single_names(book, weights, snapshot, draft)
        if any(note.code == "list_is_partial" and note.field == book.table.field for note in draft.notes):
            for fact_id in ("hhi", "effective_number"):
                draft.miss(fact_id, "the list names a part of the portfolio")
        else:
            add_concentration(draft, weights, "positions")
        return
    classes = [(fact.subject or "", fact.value) for fact in draft.list_weights("asset_class")]
    if classes:
        add_concentration(draft, classes, "asset classes")
        return
    for fact_id in ("top_5", "top_10", "hhi", "effective_number"):
        draft.miss(fact_id, "neither holdings nor an asset allocation were sent")


def _add_single_names(book: Book, weights: Weights, snapshot: _Snapshot, draft: Draft) -> None:
    """The single names of a list that are above the limit for one."""
    limit, reference = snapshot.catalogue.limits.single_name, snapshot.catalogue.reference
    single = {item.name for item in book.positions if is_single_name(item, reference)}
    over = [(name, weight) for name, weight in weights if weight > limit and name in single]
    if over:
        draft.state("limit", limit, ("limits.single_name",), key="single_name", label="limit for a single position")
    for name, weight in over[: snapshot.catalogue.limits.facts_per_group]:
        draft.state(
            "excess", weight - limit, ("limits.single_name",), key=f"single_name.{slug(name)}", subject=name,
            label=f"{name} above the limit",
        )  # fmt: skip
        if snapshot.market_value is not None:
            state_reduction(draft, name, (weight - limit) * snapshot.market_value / HUNDRED, "limits.single_name")


def _add_benchmark(snapshot: _Snapshot, draft: Draft) -> None:
    reading = snapshot.reading
    own_field, other_field = reading.name_of("XIRR_SI"), reading.name_of("Benchmark XIRR")
    own, no_own = _try(lambda: reading.percent("XIRR_SI"))
    other, no_other = _try(lambda: reading.percent("Benchmark XIRR"))
    if own is None:
        reason = f"{own_field} was not sent; cash flows with dates would be needed to compute it"
        draft.miss("xirr", no_own or reason)
    else:
        draft.state("xirr", own, (own_field,))
    if other is None:
        draft.miss("benchmark_xirr", no_other or f"{other_field} was not sent")
    else:
        draft.state("benchmark_xirr", other, (other_field,))
    if own is None or other is None:
        draft.miss("xirr_excess", no_own or no_other or "needs both the portfolio's and the benchmark's XIRR")
    else:
        draft.state("xirr_excess", own - other, (own_field, other_field))


FIGURES = Figures(
    _take,
    (
        Group("valuation", _add_valuation, ("market_value", "gain", "gain_pct")),
        Group("allocation", _add_allocations, ("top_asset",)),
        Group("concentration", _add_concentration, ("top_5", "top_10", "hhi", "effective_number")),
        Group("benchmark", _add_benchmark, ("xirr", "benchmark_xirr", "xirr_excess")),
    ),
)
