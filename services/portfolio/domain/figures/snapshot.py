"""Figures of ``portfolio_snapshot``: what it is worth, what it cost, where it stands, and whether the input agrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Draft, Fact
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.positions import HUNDRED, combine_names, read_book
from services.portfolio.domain.figures.rows import Table, read_table
from services.portfolio.domain.figures.weights import add_allocation, add_concentration
from services.portfolio.domain.numbers import NamedShare, Unit, parse_named_share, parse_quantity
from services.portfolio.domain.sections import Catalogue, Detected

ALLOCATIONS = {
    "Asset Allocation": "asset_class",
    "Sector Allocation": "sector",
    "Currency Allocation": "currency",
    "Region Allocation": "region",
}


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The payload's own figures, read and checked."""

    market_value: Decimal
    cost: Decimal | None
    top: NamedShare
    currency: str | None


def add_figures(detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    """Compute the section's groups of figures in the order of ``sections.yaml``."""
    snapshot = _read(detected, draft)
    for name in detected.section.analytics:
        if name == "valuation":
            _add_valuation(snapshot, detected, catalogue, draft)
        elif name == "allocation":
            _add_allocations(snapshot, detected, catalogue, draft)
        elif name == "concentration":
            _add_concentration(snapshot, detected, catalogue, draft)
        else:
            _add_benchmark(detected, draft)


def _read(detected: Detected, draft: Draft) -> _Snapshot:
    value_field, cost_field = detected.name_of("Market Value"), detected.name_of("Investment Value")
    value = inputs.read_money(detected.get("Market Value"), value_field)
    if value is None:
        raise InputError(value_field, detected.get("Market Value"), "an amount is needed")
    if value.value <= 0:
        raise InputError(value_field, detected.get("Market Value"), "an amount above zero is needed")
    cost = inputs.read_money(detected.get("Investment Value"), cost_field)
    if cost is not None and cost.value < 0:
        raise InputError(cost_field, detected.get("Investment Value"), "a cost cannot be negative")
    stated = inputs.read_currency(detected, "Currency")
    draft.currency = inputs.settle_currency([value, cost], stated, value_field)
    if draft.currency is None:
        draft.note("no_currency", "No currency was sent; amounts are shown without one.")
    top_field = detected.name_of("Top Asset")
    top = parse_named_share(detected.get("Top Asset"), top_field)
    if top.share is not None and not 0 <= top.share <= HUNDRED:
        raise InputError(top_field, detected.get("Top Asset"), "a share between 0 and 100 percent is needed")
    draft.name(top.name)
    for name in ("Benchmark Name", "Client Name"):
        if (text := inputs.read_text(detected.get(name), detected.name_of(name))) is not None:
            draft.name(text)
    return _Snapshot(value.value, cost.value if cost else None, top, draft.currency)


def _add_valuation(snapshot: _Snapshot, detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    value, cost, currency = snapshot.market_value, snapshot.cost, snapshot.currency
    value_field, cost_field = detected.name_of("Market Value"), detected.name_of("Investment Value")
    as_of = inputs.read_date(detected.get("As Of"), detected.name_of("As Of"))
    dates = (as_of,) if as_of else ()
    draft.add(
        Fact(
            "market_value",
            "market value",
            value,
            Unit.MONEY,
            "market_value",
            "as sent",
            (value_field,),
            currency,
            dates=dates,
        )
    )
    if cost is None:
        for fact_id in ("cost", "gain", "gain_pct"):
            draft.miss(fact_id, f"{cost_field} is blank")
    else:
        sources = (value_field, cost_field)
        gain = value - cost
        draft.add(Fact("cost", "amount invested", cost, Unit.MONEY, "cost", "as sent", (cost_field,), currency))
        draft.add(
            Fact(
                "gain",
                "unrealised gain",
                gain,
                Unit.MONEY,
                "gain",
                "market value - cost",
                sources,
                currency,
                signed=True,
            )
        )
        if cost > 0:
            draft.add(
                Fact(
                    "gain_pct",
                    "unrealised gain on cost",
                    gain / cost * HUNDRED,
                    Unit.PERCENT,
                    "gain",
                    "(market value - cost) / cost",
                    sources,
                    signed=True,
                )
            )
        else:
            draft.miss("gain_pct", f"{cost_field} is zero")
        _check_gain(gain, detected, draft)
    _add_cash(snapshot, detected, catalogue, draft)


def _check_gain(gain: Decimal, detected: Detected, draft: Draft) -> None:
    field = detected.name_of("Unrealised Gain")
    quantity = parse_quantity(detected.get("Unrealised Gain"), field)
    if quantity is None or quantity.unit not in {Unit.NUMBER, Unit.MONEY}:
        return
    if abs(quantity.value - gain) > max(abs(gain) / 200, Decimal(1)):
        draft.note(
            "gain_mismatch",
            f"{field} is sent as {quantity.value:,f}, but market value less cost is {gain:,f}; "
            "the computed figure is used.",
            warning=True,
            field=field,
        )


def _add_cash(snapshot: _Snapshot, detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    field = detected.name_of("Cash")
    quantity = parse_quantity(detected.get("Cash"), field)
    if quantity is None:
        draft.miss("cash", "Cash was not sent" if detected.get("Cash") is None else f"{field} is blank")
        return
    if quantity.unit in {Unit.PERCENT, Unit.BASIS_POINTS}:
        share = quantity.as_percent
        amount, method = snapshot.market_value * share / HUNDRED, "cash share x market value"
    else:
        inputs.settle_currency([inputs.Money(quantity.value, quantity.currency)], snapshot.currency, field)
        amount, method = quantity.value, "as sent"
        share = amount / snapshot.market_value * HUNDRED
    draft.add(Fact("cash", "cash", amount, Unit.MONEY, "cash", method, (field,), snapshot.currency, subject="cash"))
    draft.add(
        Fact(
            "cash_pct",
            "cash share of the portfolio",
            share,
            Unit.PERCENT,
            "weight",
            "cash / market value",
            (field, detected.name_of("Market Value")),
            subject="cash",
        )
    )
    draft.add(
        Fact(
            "limit.cash",
            "limit for cash",
            catalogue.limits.cash,
            Unit.PERCENT,
            "limit",
            "setting",
            ("limits.cash",),
            subject="cash",
        )
    )
    if not 0 <= share <= HUNDRED:
        draft.note("cash_out_of_range", f"{field} is {share:.1f}% of the market value.", warning=True, field=field)


def _add_allocations(snapshot: _Snapshot, detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    top = snapshot.top
    groups = {name: group for name, group in ALLOCATIONS.items() if detected.get(name) is not None}
    for name, group in groups.items():
        weights = _read_allocation(snapshot, detected, name, catalogue, draft)
        add_allocation(draft, group, weights, catalogue.limits.facts_per_group, f"{detected.name_of(name)} as sent")
    for name, group in ALLOCATIONS.items():
        if name not in groups:
            draft.miss(f"weight.{group}", f"{name} was not sent")
    field = detected.name_of("Top Asset")
    if top.share is None:
        draft.miss("top_asset", f"{field} has no share beside the name")
        return
    listed = next(
        (
            fact
            for fact in draft.facts
            if fact.measure == "weight" and fact.subject and fact.subject.casefold() == top.name.casefold()
        ),
        None,
    )
    if listed is None:
        draft.add(
            Fact(
                "top_asset",
                f"weight of {top.name}",
                top.share,
                Unit.PERCENT,
                "weight",
                "as sent",
                (field,),
                subject=top.name,
            )
        )
    elif abs(listed.value - top.share) > catalogue.limits.total_tolerance:
        draft.note(
            "top_asset_mismatch",
            f"{field} says {top.share}% for {top.name}, its allocation {listed.value:.1f}%; the allocation is used.",
            warning=True,
            field=field,
        )


def _read_allocation(
    snapshot: _Snapshot, detected: Detected, name: str, catalogue: Catalogue, draft: Draft
) -> list[tuple[str, Decimal]]:
    """The shares of an allocation in percent, largest first; amounts are taken over their sum."""
    field, raw = detected.name_of(name), detected.get(name)
    table = _read_shares(raw, field, catalogue)
    inner = Draft(draft.section)
    book = read_book(table, field, _only_currency(detected), inner, catalogue.limits)
    draft.notes.extend(note for note in inner.notes if note.code != "unknown_columns")
    if book.total is not None and abs(book.total - HUNDRED) <= catalogue.limits.total_tolerance:
        return combine_names(book.positions)  # bare numbers that sum to a hundred are shares, not amounts
    if book.total is not None and book.total <= Decimal("1.005"):
        draft.note(
            "weights_as_fractions", f"The shares of {field} sum to {book.total}; read as fractions.", field=field
        )
    elif book.total is not None and book.total <= 2 * HUNDRED < snapshot.market_value:
        draft.note(
            "weights_do_not_sum",
            f"The shares of {field} sum to {book.total:.2f}%, not to 100%.",
            warning=True,
            field=field,
        )
        return [(position, weight * book.total / HUNDRED) for position, weight in combine_names(book.positions)]
    elif book.total is not None:
        _check_total(book.total, snapshot.market_value, field, catalogue, draft)
    return combine_names(book.positions)


def _check_total(total: Decimal, market_value: Decimal, field: str, catalogue: Catalogue, draft: Draft) -> None:
    if abs(total - market_value) > market_value * catalogue.limits.total_tolerance / HUNDRED:
        draft.note(
            "parts_do_not_sum",
            f"The parts of {field} sum to {total:,f}, the market value is {market_value:,f}; "
            "shares are of the parts' sum.",
            warning=True,
            field=field,
        )


def _read_shares(raw: object, field: str, catalogue: Catalogue) -> Table:
    if isinstance(raw, str) and not raw.lstrip().startswith(("[", "{")) and "\n" not in raw:
        shares = [parse_named_share(part, field) for part in raw.replace(";", ",").split(",") if part.strip()]
        return read_table(
            {share.name: f"{share.share}%" for share in shares if share.share is not None}, field, catalogue
        )
    if isinstance(raw, list) and all(isinstance(item, str) for item in raw):
        shares = [parse_named_share(item, field) for item in raw]
        return read_table(
            {share.name: f"{share.share}%" for share in shares if share.share is not None}, field, catalogue
        )
    return read_table(raw, field, catalogue)


def _only_currency(detected: Detected) -> Detected:
    """The payload as the reader of amounts should see it: only the currency matters, other fields are not its own."""
    fields: Mapping[str, object] = {name: value for name, value in detected.fields.items() if name == "Currency"}
    return Detected(detected.key, detected.section, fields, detected.written, {})


def _add_concentration(snapshot: _Snapshot, detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    raw = detected.get("Holdings")
    if raw is not None:
        field = detected.name_of("Holdings")
        inner = Draft(draft.section)
        book = read_book(read_table(raw, field, catalogue), field, detected, inner, catalogue.limits)
        draft.notes.extend(inner.notes)
        weights = combine_names(book.positions)
        add_allocation(draft, "position", weights, catalogue.limits.facts_per_group, "market value / total")
        add_concentration(draft, weights, "positions")
        if book.total is not None:
            _check_total(book.total, snapshot.market_value, field, catalogue, draft)
        return
    classes = [(fact.subject or "", fact.value) for fact in draft.list_weights("asset_class")]
    if classes:
        add_concentration(draft, classes, "asset classes")
        return
    for fact_id in ("top_5", "top_10", "hhi", "effective_number"):
        draft.miss(fact_id, "neither holdings nor an asset allocation were sent")


def _add_benchmark(detected: Detected, draft: Draft) -> None:
    own_field, other_field = detected.name_of("XIRR_SI"), detected.name_of("Benchmark XIRR")
    own = inputs.read_percent(detected.get("XIRR_SI"), own_field)
    other = inputs.read_percent(detected.get("Benchmark XIRR"), other_field)
    if own is None:
        draft.miss("xirr", f"{own_field} was not sent; cash flows with dates would be needed to compute it")
    else:
        draft.add(Fact("xirr", "XIRR since inception", own, Unit.PERCENT, "xirr", "as sent", (own_field,), signed=True))
    if other is None:
        draft.miss("benchmark_xirr", f"{other_field} was not sent")
    else:
        draft.add(
            Fact(
                "benchmark_xirr",
                "benchmark XIRR",
                other,
                Unit.PERCENT,
                "benchmark_return",
                "as sent",
                (other_field,),
                signed=True,
            )
        )
    if own is None or other is None:
        draft.miss("xirr_excess", "needs both the portfolio's and the benchmark's XIRR")
    else:
        draft.add(
            Fact(
                "xirr_excess",
                "XIRR above the benchmark",
                own - other,
                Unit.POINTS,
                "excess_return",
                "XIRR - benchmark XIRR",
                (own_field, other_field),
                signed=True,
            )
        )
