"""Figures of ``model_and_rebalancing``: how far the portfolio is from its model and what would bring it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import (
    AS_SENT,
    MODEL_REST,
    NO_MODEL,
    ONE_TRADE_FROM,
    ONE_TRADE_INTO,
    Draft,
    Mark,
    join_names,
    slug,
)
from services.portfolio.domain.figures.amounts import settle_currency
from services.portfolio.domain.figures.deposits import Target, add_deposit
from services.portfolio.domain.figures.kinds import Figures, Group
from services.portfolio.domain.figures.limits import read_limits
from services.portfolio.domain.figures.needs import sum_spoken
from services.portfolio.domain.figures.positions import (
    Book,
    Position,
    check_weight_sum,
    note_fractions,
    read_book,
)
from services.portfolio.domain.figures.quoting import HUNDRED, is_face_quoted, is_per_face
from services.portfolio.domain.figures.suitability import (
    add_profile,
    add_shares,
    classify_position,
    is_bound,
    is_illiquid,
    is_locked,
    is_whole,
)
from services.portfolio.domain.figures.trades import Drift, compute_trades, find_least_trade, fit_trades, set_aside
from services.portfolio.domain.figures.traits import gloss_locks
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.reading import RELATIVE, Money, Reading
from services.portfolio.domain.reference import CASH
from services.portfolio.domain.sections import Catalogue

_ROUNDING = Decimal("0.1")
_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Model:
    reading: Reading
    catalogue: Catalogue
    book: Book
    total: Decimal | None
    drifts: tuple[Drift, ...]
    no_drifts: MissingInputError | None
    no_bands: MissingInputError | None
    no_units: dict[str, MissingInputError]
    balanced: bool
    """Whether model weights sum to a hundred percent, so that trades can sum to zero."""

    @property
    def field(self) -> str:
        """The caller's name of the assets."""
        return self.book.table.field

    def need_drifts(self) -> tuple[Drift, ...]:
        """The drifts. Raises ``MissingInputError`` where weights or model weights are missing."""
        self.book.need_weights()
        if self.no_drifts is not None:
            raise self.no_drifts
        return self.drifts


def _take(reading: Reading, catalogue: Catalogue, draft: Draft) -> _Model:
    total_field = reading.name_of("total_portfolio_mv")
    table = reading.table("assets")
    try:
        stated, no_stated = reading.money("total_portfolio_mv"), None
    except MissingInputError as missing:
        stated, no_stated = None, missing
    if stated is not None and stated.value <= 0:
        raise InputError(total_field, reading.detected.get("total_portfolio_mv"), "an amount above zero is needed")
    book = read_book(
        table, reading, draft, catalogue.limits, catalogue.reference, stated.value if stated is not None else None
    )
    draft.currency = settle_currency([stated, Money(Decimal(0), book.currency)], reading.currency, total_field)
    total = book.total if book.total is not None else stated.value if stated else None
    if stated is not None or total is not None:
        draft.state(
            "market_value", stated.value if stated else total or Decimal(0), (total_field,),
            label="portfolio market value", method="as sent" if stated else "sum of assets",
        )  # fmt: skip
    elif no_stated is not None:
        draft.miss("market_value", no_stated)
    elif book.no_total is not None and not book.amounts.missing and not book.no_total.code:
        raise InputError(total_field, None, "a total is needed where assets have weights only")
    else:
        draft.miss("market_value", book.no_total or "no total")
    if stated and book.total is not None:
        _check_total(book.total, stated.value, table.field, catalogue, draft)
    return _compare(reading, catalogue, book, total, draft)


def _check_total(parts: Decimal, stated: Decimal, field: str, catalogue: Catalogue, draft: Draft) -> None:
    gap = stated - parts
    if abs(gap) <= stated * catalogue.limits.total_tolerance / HUNDRED:
        return
    draft.state("unlisted", gap, (field,))
    draft.state("parts_total", parts, (field,), subject=field, key=slug(field))
    draft.note(
        "parts_do_not_sum",
        f"The assets sum to {parts:,f}, the total sent is {stated:,f}; weights are of the assets' sum.",
        warning=True,
        field=field,
    )


def _compare(reading: Reading, catalogue: Catalogue, book: Book, total: Decimal | None, draft: Draft) -> _Model:
    """The book beside its model; what the model lacks is said, and costs the drifts alone."""
    missing: MissingInputError | None = None
    models: list[Decimal] = []
    unknown: frozenset[str] = frozenset()
    balanced = False
    try:
        models, unknown, balanced = _read_models(book, catalogue, draft)
    except MissingInputError as reason:
        missing = reason
    bands, no_bands = _read_bands(book, reading, catalogue, models)
    if any(position.row.text("band_kind") == RELATIVE for position in book.positions):
        draft.note("relative_bands", "Bands that are said to be relative are parts of their model weights.")
    drifts: list[Drift] = []
    no_units: dict[str, MissingInputError] = {}
    if missing is None and book.no_weights is None:
        for position, model, (band, own) in zip(book.positions, models, bands, strict=True):
            price, no_price = _find_unit_price(position, book, catalogue)
            if no_price is not None:
                no_units[position.name] = no_price
            value = position.market_value
            if book.total is None:
                value = (total or Decimal(0)) * position.weight / HUNDRED
            drifts.append(
                Drift(
                    position.name, position.text("asset_class"), position.weight, model, band, own, price,
                    value or Decimal(0), position.name not in unknown,
                )
            )  # fmt: skip
    return _Model(reading, catalogue, book, total, tuple(drifts), missing, no_bands, no_units, balanced)


def _find_unit_price(
    position: Position, book: Book, catalogue: Catalogue
) -> tuple[Decimal | None, MissingInputError | None]:
    """What a unit costs in the portfolio's currency, and why that cannot be said."""
    sent = position.row.money("price")
    if sent is None:
        return None, book.table.open_columns.get("price")
    if position.price is None:
        code = sent.currency or position.row.currency
        return None, MissingInputError(f"no rate from {code} to {book.currency} for the price")
    if is_per_face(position.row, sent.value, catalogue.reference):
        return position.price / HUNDRED, None
    quantity, value = position.quantity, position.market_value
    if quantity and value and abs(quantity * position.price / HUNDRED - value) <= abs(value) / HUNDRED:
        return position.price / HUNDRED, None
    if is_face_quoted(position.row, sent.value, catalogue.reference) and not quantity:
        return None, MissingInputError("the price may be per 100 of face, and no quantity says so")
    return position.price, None


def _read_models(book: Book, catalogue: Catalogue, draft: Draft) -> tuple[list[Decimal], frozenset[str], bool]:
    """The model weights, the assets that the model says nothing of, and whether the weights are a whole. Where one
    asset alone has none, it is what the others leave of the whole, if they leave some."""
    table = book.table
    table.need("model_weight")
    raw = [position.row.percent("model_weight") for position in book.positions]
    if all(weight is None for weight in raw):
        raise MissingInputError(table.find_fault("model_weight") or "no asset has a model weight")
    if (fault := table.find_fault("model_weight")) is not None:
        raise MissingInputError(fault)
    blank = [position.name for position, weight in zip(book.positions, raw, strict=True) if weight is None]
    left = HUNDRED - sum((weight for weight in raw if weight is not None), Decimal(0))
    if len(blank) == 1 and HUNDRED / 2 > left > catalogue.limits.total_tolerance:
        raw = [left if weight is None else weight for weight in raw]
        draft.glosses[MODEL_REST] = blank[0]
        draft.note(
            "model_weight_by_sum",
            f"No model weight for {blank[0]}: it is taken as what the others leave of the whole.", field=table.field,
        )  # fmt: skip
        blank = []
    if blank:
        shown = join_names(blank[:_NAMED])
        draft.glosses[NO_MODEL] = shown if len(blank) <= _NAMED else f"{shown} and {len(blank) - _NAMED} more"
        draft.note(
            "no_model_weight", f"No model weight for {', '.join(blank[:5])}: no drift and no trade of it is told.",
            field=table.field,
        )  # fmt: skip
    models = [weight or Decimal(0) for weight in raw]
    if any(weight < 0 for weight in models):
        raise MissingInputError(f"{table.field}: a model weight is negative")
    note_fractions(table, "model_weight", draft, "Model weights")
    total = sum(models, Decimal(0))
    if not check_weight_sum(total, f"{table.field} (model weights)", draft, catalogue.limits):
        return models, frozenset(blank), False
    if total != HUNDRED and abs(total - HUNDRED) <= _ROUNDING:
        models = [weight * HUNDRED / total for weight in models]  # rounding of the model's own figures
    return models, frozenset(blank), abs(total - HUNDRED) <= _ROUNDING


def _read_bands(
    book: Book, reading: Reading, catalogue: Catalogue, models: Sequence[Decimal]
) -> tuple[list[tuple[Decimal, bool]], MissingInputError | None]:
    """Each asset's band, else the payload's, else the operator's, with whether the payload states it; and why one could
    not be read."""
    missing = book.table.open_columns.get("band")
    default, sent = catalogue.limits.band, None
    try:
        sent = reading.percent("Default Band") or None
    except MissingInputError as reason:
        missing = missing or reason
    bands = []
    for place, position in enumerate(book.positions):
        band = position.row.percent("band")
        if band is not None and position.row.text("band_kind") == RELATIVE:
            band = band * models[place] / HUNDRED if models else None
        fault = position.row.faults.get("band")
        if band is not None and band < 0:
            fault, band = f"{position.row.field('band')}: a band cannot be negative", None
        if fault is not None:
            missing = missing or MissingInputError(fault)
        band = sent if band is None else band
        bands.append((default if band is None else band, band is not None))
    return bands, missing


def _add_drift(model: _Model, draft: Draft) -> None:
    drifts = [item for item in model.need_drifts() if item.in_model]
    ranked = sorted(drifts, key=lambda item: (-abs(item.drift), item.name))
    sources = (model.field,)
    for item in ranked[: model.catalogue.limits.facts_per_group]:
        key, name = slug(item.name), item.name
        draft.state("weight", item.weight, sources, subject=name, key=key)
        draft.state("model_weight", item.model, sources, subject=name, key=key)
        draft.state("drift", item.drift, sources, subject=name, key=key)
        if model.no_bands is None:
            draft.state(
                "band", item.band, sources, subject=name, key=key, method=AS_SENT if item.own_band else None
            )  # fmt: skip
    draft.state("count", Decimal(len(model.drifts)), sources, label="number of assets")
    active = sum((abs(item.drift) for item in drifts), Decimal(0)) / 2
    if len(drifts) == len(model.drifts):
        draft.state("active_share", active, sources)
    else:
        draft.miss("active_share", f"no model weight was sent for {draft.glosses.get(NO_MODEL)}")
    draft.chart_extremes("Drift from the model", Unit.POINTS, [(item.name, item.drift) for item in drifts])
    if model.no_bands is not None:
        draft.miss("band", model.no_bands)
        draft.miss("breaches", model.no_bands)
        return
    breached = sum(1 for item in drifts if item.breached)
    draft.state("breaches", Decimal(breached), sources, label="assets outside their band", method="|drift| > band")


def _add_trades(model: _Model, draft: Draft) -> None:
    drifts = model.need_drifts()
    if model.total is None:
        raise model.book.no_total or MissingInputError("no total")
    if not model.balanced:
        raise MissingInputError("model weights do not sum to 100%, so that trades would not sum to zero")
    sources, bound = (model.field,), _list_bound(model)
    trades = compute_trades(drifts, model.total)
    spoken, raised, cash = _find_spoken(model, draft), Decimal(0), _find_cash(model)
    goals, total = trades, model.total
    if spoken:
        drifts, total = set_aside(drifts, cash, spoken, model.total), model.total - spoken
        raised = Decimal(0) if cash else spoken
        goals = compute_trades(drifts, total, raised)
        _state_after(model, drifts, draft)
    planned, kept = fit_trades(goals, bound, _find_parts(model), raised)
    for item, amount in kept:
        if item.in_model:
            draft.state("unsold", amount, sources, subject=item.name, key=slug(item.name))
    for item, trade in planned if kept or spoken else ():
        if trade:
            draft.state("planned", trade, sources, subject=item.name, key=slug(item.name))
    _state_trades(model, trades, draft)
    if spoken and cash:
        held = sum((item.weight for item in model.book.positions if item.name in cash), Decimal(0))
        moved = sum((trade for item, trade in planned if item.name in cash), Decimal(0))
        draft.state("cash_planned", held * model.total / HUNDRED + moved, sources, subject="cash")
    whole = all(item.in_model for item in drifts)
    if model.no_bands is None and whole:
        _add_less(model, drifts, total, draft)
    made = trades if whole and not spoken else planned
    turnover = sum((abs(trade) for _, trade in made), Decimal(0)) / 2
    draft.state("turnover_amount", turnover, sources)
    draft.state("turnover", turnover / model.total * HUNDRED, sources)


def _state_trades(model: _Model, trades: Sequence[tuple[Drift, Decimal]], draft: Draft) -> None:
    """The trades that would reach the model today, in money and units."""
    for item, trade in sorted(trades, key=lambda pair: (-abs(pair[1]), pair[0].name)):
        if not trade or not item.in_model:
            continue
        key, name = slug(item.name), item.name
        draft.state("trade", trade, (model.field,), subject=name, key=key)
        if item.price:
            draft.state("trade_units", trade / item.price, (model.field,), subject=name, key=key)
        elif name in model.no_units:
            draft.miss(f"trade_units.{key}", model.no_units[name])


def _add_less(model: _Model, drifts: Sequence[Drift], total: Decimal, draft: Draft) -> None:
    """What does with less than all trades: one of them, or the money that is expected."""
    if (least := find_least_trade(drifts, _list_bound(model))) is not None:
        high, low, percent = least
        draft.state("band_move", percent * total / HUNDRED, (model.field,))
        draft.glosses[ONE_TRADE_FROM], draft.glosses[ONE_TRADE_INTO] = high.name, low.name
    if any(item.breached for item in drifts):
        targets = [Target(item.name, item.weight * total / HUNDRED, item.model, item.band) for item in drifts]
        add_deposit(model.reading.needs, targets, total, model.field, draft)


def _find_spoken(model: _Model, draft: Draft) -> Decimal:
    """What no trade may spend; nothing where it is all that there is, so that nothing is left to be traded."""
    spoken = sum_spoken(model.reading, draft, model.catalogue.reference)
    return spoken if model.total is not None and spoken < model.total else Decimal(0)


def _state_after(model: _Model, drifts: Sequence[Drift], draft: Draft) -> None:
    """How many assets are outside their bands once what is spoken for is paid, and how far."""
    if model.no_bands is not None:
        return
    outside = [item for item in drifts if item.breached]
    draft.state("breaches_after", Decimal(len(outside)), (model.field,))
    for item in sorted(outside, key=lambda item: (-abs(item.drift), item.name)):
        draft.state("drift_after", -item.drift, (model.field,), subject=item.name, key=slug(item.name))


def _list_bound(model: _Model) -> frozenset[str]:
    """The names of what cannot be sold at will (closed funds, private stakes, property, what pays out by its terms),
    and of what the model says nothing of."""
    reference = model.catalogue.reference
    unknown = {item.name for item in model.drifts if not item.in_model}
    return frozenset(unknown | {item.name for item in model.book.positions if is_bound(item, reference)})


def _find_parts(model: _Model) -> dict[str, Decimal]:
    """What may be sold of each position of which a part alone is locked, by the amount of it that was sent."""
    reference, currency = model.catalogue.reference, model.book.currency
    return {
        item.name: free for item in model.book.positions
        if (free := item.find_free(currency)) is not None and not is_illiquid(item, reference)
    }  # fmt: skip


def _add_suitability(model: _Model, draft: Draft) -> None:
    text = model.reading.text("customer_risk_profile")
    own = read_limits(model.reading, model.catalogue).bound_all()
    profile = add_profile(text, "customer_risk_profile", model.catalogue, draft, own)
    model.book.need_weights()
    gloss_locks(model.book.positions, model.field, draft, known=model.book.total is not None)
    _add_cash(model, draft)
    for position in model.book.positions:
        kind = classify_position(position, model.catalogue.reference)
        if kind is not None and kind.name == CASH:
            draft.mark(position.name, Mark.MONEY)
        if is_locked(position, model.catalogue.reference):
            draft.mark(position.name, Mark.LOCKED)
        elif is_whole(position, model.catalogue.reference):
            draft.mark(position.name, Mark.WHOLE)
        elif is_illiquid(position, model.catalogue.reference):
            draft.mark(position.name, Mark.SLOW)
    whole = model.no_drifts is None and all(drift.in_model for drift in model.drifts)
    models = {drift.name: drift.model for drift in model.drifts} if whole else {}
    base = model.reading.currency or model.book.currency
    add_shares(
        model.book.positions, models, profile, model.catalogue.reference, model.field, draft, base, model.total,
        own=own,
    )  # fmt: skip


def _add_cash(model: _Model, draft: Draft) -> None:
    """The money at hand where some of it is spoken for."""
    names = _find_cash(model)
    if model.total is None or not names or not (model.reading.needs or draft.siblings.needs):
        return
    held = sum((item.weight for item in model.book.positions if item.name in names), Decimal(0))
    draft.state(
        "cash", held * model.total / HUNDRED, (model.field,), subject="cash",
        method="sum of the assets of this class",
    )  # fmt: skip


def _find_cash(model: _Model) -> frozenset[str]:
    """The names of what is money at hand."""
    reference = model.catalogue.reference
    return frozenset(
        item.name for item in model.book.positions
        if (kind := classify_position(item, reference)) is not None
        and kind.name == CASH
        and not is_bound(item, reference)
    )  # fmt: skip


FIGURES = Figures(
    _take,
    (
        Group("drift", _add_drift, ("drift", "model_weight", "breaches", "active_share", "count")),
        Group("trades", _add_trades, ("trade", "turnover", "turnover_amount")),
        Group("suitability", _add_suitability, ("equity_share",)),
    ),
)
