"""Figures of ``income``: what the portfolio pays, from where, when, and whether it is enough."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.positions import HUNDRED, settle_amounts
from services.portfolio.domain.figures.rows import Row, read_table
from services.portfolio.domain.figures.weights import add_concentration
from services.portfolio.domain.numbers import Unit
from services.portfolio.domain.sections import Catalogue, Detected

FREQUENCIES = {
    "monthly": 12, "month": 12, "quarterly": 4, "quarter": 4, "halfyearly": 2, "semiannual": 2, "semiannually": 2,
    "biannual": 2, "annual": 1, "annually": 1, "yearly": 1, "year": 1, "cumulative": 0, "atmaturity": 0, "none": 0,
}  # fmt: skip
"""Words for payments a year; zero pays at maturity."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source of income a year; amounts in the table's currency."""

    name: str
    income: Decimal
    market_value: Decimal | None
    cost: Decimal | None
    kind: str | None
    frequency: int | None
    next_payment: date | None


@dataclass(frozen=True, slots=True)
class _Earned:
    sources: tuple[Source, ...]
    field: str
    currency: str | None
    total: Decimal


def add_figures(detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    """Yields, sources and the calendar, as the section's analytics ask for."""
    earned = _read(detected, catalogue, draft)
    for name in detected.section.analytics:
        if name == "yields":
            _add_yields(earned, detected, draft)
        elif name == "sources":
            _add_sources(earned, catalogue, draft)
        else:
            _add_calendar(earned, catalogue, draft)


def _read(detected: Detected, catalogue: Catalogue, draft: Draft) -> _Earned:
    field = detected.name_of("income")
    table = read_table(detected.get("income"), field, catalogue)
    if not table.rows:
        raise InputError(field, None, "no rows")
    amounts = settle_amounts(table.rows, ("income", "market_value", "cost", "pair"), field, detected)
    draft.currency = amounts.currency
    sources = tuple(_read_source(row, amounts.convert) for row in table.rows)
    total = sum((source.income for source in sources), Decimal(0))
    if table.unknown_columns:
        draft.note("unknown_columns", f"Columns not used: {', '.join(table.unknown_columns[:20])}.", field=field)
    return _Earned(sources, field, amounts.currency, total)


def _read_source(row: Row, convert: Callable[[Row, str], Decimal | None]) -> Source:
    name = row.text("name") or row.text("symbol")
    if name is None:
        raise InputError(row.field("name"), None, "a source without a name")
    value = convert(row, "market_value")
    income = convert(row, "income") if row.cells.get("income") is not None else convert(row, "pair")
    rate = row.percent("yield") if row.cells.get("yield") is not None else row.percent("coupon")
    if income is None:
        if rate is None or value is None:
            raise InputError(row.path, None, "a yearly income, or a yield and a market value, is needed")
        income = value * rate / HUNDRED
    if income < 0:
        raise InputError(row.field("income"), row.cells.get("income"), "an income cannot be negative")
    if value is not None and value < 0:
        raise InputError(row.field("market_value"), row.cells.get("market_value"), "a market value cannot be negative")
    return Source(
        name,
        income,
        value,
        convert(row, "cost"),
        row.text("kind") or row.text("asset_class"),
        read_frequency(row),
        inputs.read_date(row.cells.get("next_payment"), row.field("next_payment")),
    )


def read_frequency(row: Row) -> int | None:
    """Payments a year, as a word or a number; None where none was sent."""
    raw = row.cells.get("frequency")
    text = row.text("frequency")
    if text is None:
        return None
    word = "".join(character for character in text.lower() if character.isalpha())
    if word in FREQUENCIES:
        return FREQUENCIES[word]
    number = inputs.read_number(raw, row.field("frequency"))
    if number is None or number not in {Decimal(n) for n in (0, 1, 2, 4, 6, 12, 24, 52)}:
        raise InputError(row.field("frequency"), raw, "payments a year are needed, such as 4 or 'quarterly'")
    return int(number)


def _add_yields(earned: _Earned, detected: Detected, draft: Draft) -> None:
    currency, source = earned.currency, (earned.field,)
    draft.add(
        Fact("income", "income a year", earned.total, Unit.MONEY, "income", "sum of the sources", source, currency)
    )
    monthly = earned.total / 12
    draft.add(
        Fact(
            "income_monthly",
            "income a month on average",
            monthly,
            Unit.MONEY,
            "income",
            "income / 12",
            source,
            currency,
        )
    )
    for fact_id, label, basis in (
        ("yield", "income yield", "market_value"),
        ("yield_on_cost", "yield on cost", "cost"),
    ):
        bases = [getattr(item, basis) for item in earned.sources]
        total = sum((base for base in bases if base is not None), Decimal(0))
        if any(base is None for base in bases) or total <= 0:
            draft.miss(fact_id, f"not every source has a {basis.replace('_', ' ')}")
            continue
        draft.add(
            Fact(
                fact_id,
                label,
                earned.total / total * HUNDRED,
                Unit.PERCENT,
                "yield",
                f"income / {basis.replace('_', ' ')}",
                source,
            )
        )
        if basis == "market_value":
            draft.add(
                Fact(
                    "market_value",
                    "market value of the sources",
                    total,
                    Unit.MONEY,
                    "market_value",
                    "sum of the sources",
                    source,
                    currency,
                )
            )
    _add_after_costs(earned, detected, draft)
    _add_cover(earned, detected, draft)


def _add_after_costs(earned: _Earned, detected: Detected, draft: Draft) -> None:
    field = detected.name_of("tax_rate")
    rate = inputs.read_percent(detected.get("tax_rate"), field)
    if rate is None:
        draft.miss("income_after_tax", "no tax rate was sent")
        return
    if not 0 <= rate <= HUNDRED:
        raise InputError(field, detected.get("tax_rate"), "a rate between 0 and 100 percent is needed")
    draft.add(Fact("tax_rate", "tax rate", rate, Unit.PERCENT, "tax", "as sent", (field,)))
    draft.add(
        Fact(
            "income_after_tax",
            "income a year after tax",
            earned.total * (1 - rate / HUNDRED),
            Unit.MONEY,
            "tax",
            "income x (1 - tax rate), the rate taken on all of it",
            (earned.field, field),
            earned.currency,
        )
    )


def _add_cover(earned: _Earned, detected: Detected, draft: Draft) -> None:
    field = detected.name_of("annual_need")
    need = inputs.read_money(detected.get("annual_need"), field)
    if need is None or need.value <= 0:
        draft.miss("income_cover", "the client's yearly need was not sent")
        return
    inputs.settle_currency([need], earned.currency, field)
    draft.add(
        Fact("annual_need", "yearly need", need.value, Unit.MONEY, "income_cover", "as sent", (field,), earned.currency)
    )
    draft.add(
        Fact(
            "income_cover",
            "share of the yearly need that income covers",
            earned.total / need.value * HUNDRED,
            Unit.PERCENT,
            "income_cover",
            "income / yearly need",
            (earned.field, field),
        )
    )


def _add_sources(earned: _Earned, catalogue: Catalogue, draft: Draft) -> None:
    if not earned.total:
        draft.miss("income_share", "there is no income")
        return
    by_name: dict[str, Decimal] = defaultdict(Decimal)
    by_kind: dict[str, Decimal] = defaultdict(Decimal)
    for source in earned.sources:
        by_name[source.name] += source.income
        if source.kind:
            by_kind[source.kind] += source.income
    shares = _rank({name: amount / earned.total * HUNDRED for name, amount in by_name.items()})
    for name, share in shares[: catalogue.limits.facts_per_group]:
        draft.add(
            Fact(
                f"income_share.{slug(name)}",
                f"share of {name} in the income",
                share,
                Unit.PERCENT,
                "income_share",
                "income / total income",
                (earned.field,),
                subject=name,
            )
        )
        draft.add(
            Fact(
                f"income.{slug(name)}",
                f"income a year from {name}",
                by_name[name],
                Unit.MONEY,
                "income",
                "as sent, or yield x market value",
                (earned.field,),
                earned.currency,
                subject=name,
            )
        )
    add_concentration(draft, shares, "sources")
    draft.chart("bars", "Income by source", Unit.PERCENT, shares[:12])
    for name, share in _rank({kind: amount / earned.total * HUNDRED for kind, amount in by_kind.items()}):
        draft.add(
            Fact(
                f"income_share.kind.{slug(name)}",
                f"share of {name} in the income",
                share,
                Unit.PERCENT,
                "income_share",
                "income / total income",
                (earned.field,),
                subject=name,
            )
        )
    _add_best_yields(earned, catalogue, draft)


def _add_best_yields(earned: _Earned, catalogue: Catalogue, draft: Draft) -> None:
    paid = [
        (source.name, source.income / source.market_value * HUNDRED) for source in earned.sources if source.market_value
    ]
    for name, rate in sorted(paid, key=lambda pair: (-pair[1], pair[0]))[: catalogue.limits.facts_per_group]:
        draft.add(
            Fact(
                f"yield.{slug(name)}",
                f"yield of {name}",
                rate,
                Unit.PERCENT,
                "yield",
                "income / market value",
                (earned.field,),
                subject=name,
            )
        )


def _add_calendar(earned: _Earned, catalogue: Catalogue, draft: Draft) -> None:
    dated = sorted(
        (source for source in earned.sources if source.next_payment and source.frequency),
        key=lambda source: (source.next_payment or date.max, source.name),
    )
    if not dated:
        draft.miss("next_payment", "no source has a next payment and a frequency")
        return
    for source in dated[: catalogue.limits.facts_per_group]:
        if source.frequency and source.next_payment:
            draft.add(
                Fact(
                    f"next_payment.{slug(source.name)}",
                    f"next payment of {source.name}",
                    source.income / source.frequency,
                    Unit.MONEY,
                    "income",
                    "yearly income / payments a year",
                    (earned.field,),
                    earned.currency,
                    subject=source.name,
                    dates=(source.next_payment,),
                )
            )


def _rank(shares: dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    return sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
