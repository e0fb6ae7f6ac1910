"""Figures of ``model_and_rebalancing``: how far the portfolio is from its model and what would bring it back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.positions import HUNDRED, Position, check_weight_sum, read_book, weight_factor
from services.portfolio.domain.figures.rows import read_table
from services.portfolio.domain.numbers import Unit
from services.portfolio.domain.sections import Catalogue, Detected, RiskProfile, match_form

_EQUITY = re.compile(r"equit|stock|share|large ?cap|mid ?cap|small ?cap|multi ?cap|flexi ?cap", re.IGNORECASE)
_NOT_EQUITY = re.compile(r"arbitrage|debt|bond|liquid|gold", re.IGNORECASE)
_CENT = Decimal("0.01")
_ROUNDING = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Drift:
    """One asset against its model: weights and band in percent, ``drift`` in percentage points."""

    name: str
    asset_class: str | None
    weight: Decimal
    model: Decimal
    band: Decimal
    price: Decimal | None
    market_value: Decimal

    @property
    def drift(self) -> Decimal:
        """Actual less model weight."""
        return self.weight - self.model

    @property
    def breached(self) -> bool:
        """Whether the drift is outside the band."""
        return abs(self.drift) > self.band


@dataclass(frozen=True, slots=True)
class _Model:
    drifts: tuple[Drift, ...]
    total: Decimal
    currency: str | None
    profile: str
    field: str
    balanced: bool
    """Whether model weights sum to a hundred percent, so that trades can sum to zero."""


def add_figures(detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    """Drift, trades and suitability, as the section's analytics ask for."""
    model = _read(detected, catalogue, draft)
    for name in detected.section.analytics:
        if name == "drift":
            _add_drift(model, catalogue, draft)
        elif name == "trades":
            _add_trades(model, draft)
        else:
            _add_suitability(model, catalogue, draft)


def _read(detected: Detected, catalogue: Catalogue, draft: Draft) -> _Model:
    field, total_field = detected.name_of("assets"), detected.name_of("total_portfolio_mv")
    table = read_table(detected.get("assets"), field, catalogue)
    book = read_book(table, field, detected, draft, catalogue.limits)
    stated = inputs.read_money(detected.get("total_portfolio_mv"), total_field)
    if stated is not None and stated.value <= 0:
        raise InputError(total_field, detected.get("total_portfolio_mv"), "an amount above zero is needed")
    draft.currency = inputs.settle_currency(
        [stated, inputs.Money(Decimal(0), book.currency)], inputs.read_currency(detected, "Currency"), total_field
    )
    total = book.total if book.total is not None else stated.value if stated else None
    if total is None:
        raise InputError(total_field, None, "a total is needed where assets have weights only")
    draft.add(
        Fact(
            "market_value",
            "portfolio market value",
            stated.value if stated else total,
            Unit.MONEY,
            "market_value",
            "as sent" if stated else "sum of assets",
            (total_field,),
            draft.currency,
        )
    )
    if stated and book.total is not None:
        _check_total(book.total, stated.value, field, catalogue, draft)
    models, balanced = _read_models(book.positions, field, catalogue, draft)
    bands = [_read_band(position, detected, catalogue) for position in book.positions]
    drifts = tuple(
        Drift(
            position.name,
            position.asset_class,
            position.weight,
            model,
            band,
            position.price,
            position.market_value if position.market_value is not None else total * position.weight / HUNDRED,
        )
        for position, model, band in zip(book.positions, models, bands, strict=True)
    )
    profile = inputs.read_text(detected.get("customer_risk_profile"), detected.name_of("customer_risk_profile")) or ""
    return _Model(drifts, total, draft.currency, profile, field, balanced)


def _check_total(parts: Decimal, stated: Decimal, field: str, catalogue: Catalogue, draft: Draft) -> None:
    gap = stated - parts
    if abs(gap) <= stated * catalogue.limits.total_tolerance / HUNDRED:
        return
    draft.add(
        Fact(
            "unlisted",
            "total sent less the assets listed",
            gap,
            Unit.MONEY,
            "unlisted",
            "total - sum of assets",
            (field,),
            draft.currency,
            signed=True,
        )
    )
    draft.note(
        "parts_do_not_sum",
        f"The assets sum to {parts:,f}, the total sent is {stated:,f}; weights are of the assets' sum.",
        warning=True,
        field=field,
    )


def _read_models(
    positions: Sequence[Position], field: str, catalogue: Catalogue, draft: Draft
) -> tuple[list[Decimal], bool]:
    raw = [position.row.percent("model_weight") if position.row else None for position in positions]
    if all(weight is None for weight in raw):
        raise InputError(field, None, "no asset has a model weight")
    blank = [position.name for position, weight in zip(positions, raw, strict=True) if weight is None]
    if blank:
        draft.note(
            "no_model_weight",
            f"No model weight for {', '.join(blank[:5])}; taken as outside the model, at zero.",
            warning=True,
            field=field,
        )
    given = [weight or Decimal(0) for weight in raw]
    if any(weight < 0 for weight in given):
        raise InputError(field, None, "a model weight is negative")
    inner = Draft(draft.section)
    factor = weight_factor(given, f"{field} (model weights)", inner)
    draft.notes.extend(inner.notes)
    models = [weight * factor for weight in given]
    total = sum(models, Decimal(0))
    if not check_weight_sum(total, f"{field} (model weights)", draft, catalogue.limits):
        return models, False
    if total != HUNDRED and abs(total - HUNDRED) <= _ROUNDING:
        models = [weight * HUNDRED / total for weight in models]  # rounding of the model's own figures
    return models, abs(total - HUNDRED) <= _ROUNDING


def _read_band(position: Position, detected: Detected, catalogue: Catalogue) -> Decimal:
    band = position.row.percent("band") if position.row else None
    if band is None:
        field = detected.name_of("Default Band")
        band = inputs.read_percent(detected.get("Default Band"), field)
    if band is not None and band < 0:
        raise InputError(f"{position.path}.band", band, "a band cannot be negative")
    return catalogue.limits.band if band is None else band


def _add_drift(model: _Model, catalogue: Catalogue, draft: Draft) -> None:
    ranked = sorted(model.drifts, key=lambda item: (-abs(item.drift), item.name))
    sources = (model.field,)
    for item in ranked[: catalogue.limits.facts_per_group]:
        key, name = slug(item.name), item.name
        draft.add(
            Fact(
                f"weight.{key}",
                f"weight of {name}",
                item.weight,
                Unit.PERCENT,
                "weight",
                "market value / total",
                sources,
                subject=name,
            )
        )
        draft.add(
            Fact(
                f"model_weight.{key}",
                f"model weight of {name}",
                item.model,
                Unit.PERCENT,
                "model_weight",
                "as sent",
                sources,
                subject=name,
            )
        )
        draft.add(
            Fact(
                f"drift.{key}",
                f"drift of {name} from the model",
                item.drift,
                Unit.POINTS,
                "drift",
                "weight - model weight",
                sources,
                subject=name,
                signed=True,
            )
        )
        draft.add(
            Fact(
                f"band.{key}",
                f"band of {name}",
                item.band,
                Unit.POINTS,
                "band",
                "as sent or default",
                sources,
                subject=name,
            )
        )
    breached = sum(1 for item in model.drifts if item.breached)
    active = sum((abs(item.drift) for item in model.drifts), Decimal(0)) / 2
    draft.add(
        Fact(
            "breaches",
            "assets outside their band",
            Decimal(breached),
            Unit.NUMBER,
            "breaches",
            "|drift| > band",
            sources,
        )
    )
    draft.add(
        Fact("count", "number of assets", Decimal(len(model.drifts)), Unit.NUMBER, "count", "rows counted", sources)
    )
    draft.add(
        Fact(
            "active_share",
            "active share against the model",
            active,
            Unit.PERCENT,
            "active_share",
            "half the sum of |drift|",
            sources,
        )
    )
    draft.chart("bars", "Drift from the model", Unit.POINTS, [(item.name, item.drift) for item in ranked[:16]])


def _add_trades(model: _Model, draft: Draft) -> None:
    if not model.balanced:
        for fact_id in ("trade", "turnover"):
            draft.miss(fact_id, "model weights do not sum to 100%, so that trades would not sum to zero")
        return
    trades = compute_trades(model.drifts, model.total)
    for item, trade in sorted(trades, key=lambda pair: (-abs(pair[1]), pair[0].name)):
        if not trade:
            continue
        draft.add(
            Fact(
                f"trade.{slug(item.name)}",
                f"trade in {item.name} to reach the model",
                trade,
                Unit.MONEY,
                "trade",
                "model weight x total - market value",
                (model.field,),
                model.currency,
                subject=item.name,
                signed=True,
            )
        )
        if item.price:
            draft.add(
                Fact(
                    f"trade_units.{slug(item.name)}",
                    f"units of {item.name} to trade",
                    trade / item.price,
                    Unit.NUMBER,
                    "trade_units",
                    "trade / price",
                    (model.field,),
                    subject=item.name,
                    signed=True,
                )
            )
    turnover = sum((abs(trade) for _, trade in trades), Decimal(0)) / 2
    draft.add(
        Fact(
            "turnover_amount",
            "amount to move",
            turnover,
            Unit.MONEY,
            "turnover",
            "half the sum of |trade|",
            (model.field,),
            model.currency,
        )
    )
    draft.add(
        Fact(
            "turnover",
            "turnover to reach the model",
            turnover / model.total * HUNDRED,
            Unit.PERCENT,
            "turnover",
            "half the sum of |trade| / total",
            (model.field,),
        )
    )


def compute_trades(drifts: Sequence[Drift], total: Decimal) -> list[tuple[Drift, Decimal]]:
    """What to buy (above zero) or sell of each asset, to the cent; the trades sum to exactly zero.

    ``total`` is the money that the weights are of. Rounding goes to the largest trade, where it matters least.
    """
    trades = [(-item.drift * total / HUNDRED).quantize(_CENT, ROUND_HALF_EVEN) for item in drifts]
    rest = sum(trades, Decimal(0))
    if rest and trades:
        largest = max(range(len(trades)), key=lambda index: abs(trades[index]))
        trades[largest] -= rest
    return list(zip(drifts, trades, strict=True))


def _add_suitability(model: _Model, catalogue: Catalogue, draft: Draft) -> None:
    if not any(item.asset_class for item in model.drifts) and not any(
        _EQUITY.search(item.name) for item in model.drifts
    ):
        draft.miss("equity_share", "no asset names an asset class")
        return
    equity = sum((item.weight for item in model.drifts if is_equity(item.asset_class or item.name)), Decimal(0))
    draft.add(
        Fact(
            "equity_share",
            "equity share of the portfolio",
            equity,
            Unit.PERCENT,
            "equity_share",
            "sum of the weights of equity assets",
            (model.field,),
        )
    )
    profile = find_profile(model.profile, catalogue.profiles)
    draft.name(model.profile)
    if profile is None:
        draft.miss("profile_range", f"risk profile {model.profile!r} is not in sections.yaml")
        draft.note(
            "unknown_profile",
            f"Risk profile {model.profile!r} is not known, so the equity share is not judged.",
            warning=True,
        )
        return
    draft.name(profile.name)
    draft.add(
        Fact(
            "profile_min",
            f"least equity for a {profile.name} profile",
            profile.min_equity,
            Unit.PERCENT,
            "profile_range",
            "risk_profiles of sections.yaml",
            ("customer_risk_profile",),
        )
    )
    draft.add(
        Fact(
            "profile_max",
            f"most equity for a {profile.name} profile",
            profile.max_equity,
            Unit.PERCENT,
            "profile_range",
            "risk_profiles of sections.yaml",
            ("customer_risk_profile",),
        )
    )
    draft.note("profile", f"Equity share judged against the {profile.name} profile.")


def is_equity(name: str) -> bool:
    """Whether an asset class (or, where none is sent, an asset's name) is equity."""
    return bool(_EQUITY.search(name)) and not _NOT_EQUITY.search(name)


def find_profile(text: str, profiles: Sequence[RiskProfile]) -> RiskProfile | None:
    """The risk profile that the caller's words stand for."""
    wanted = match_form(text)
    for suffix in ("", "investor", "profile", "risk", "riskprofile"):
        stem = wanted.removesuffix(suffix)
        for profile in profiles:
            if stem in {match_form(name) for name in (profile.name, *profile.names)}:
                return profile
    return None
