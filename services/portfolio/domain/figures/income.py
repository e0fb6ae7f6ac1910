"""Figures of ``income``: what the portfolio pays, from where, when, and whether it is enough."""

import re
from collections import defaultdict
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import FEES_OF, KEPT, NO_FEE, WHOLE_PORTFOLIO, Draft, Mark, join_names, slug
from services.portfolio.domain.figures.amounts import settle_currency
from services.portfolio.domain.figures.income_source import Source
from services.portfolio.domain.figures.income_taken import Earned, take
from services.portfolio.domain.figures.kinds import Figures, Group
from services.portfolio.domain.figures.lasting import Stop, add_stops
from services.portfolio.domain.figures.payments import add_payments
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.renewals import Ending, add_renewals
from services.portfolio.domain.figures.return_statistics import count_years
from services.portfolio.domain.figures.weights import add_concentration
from services.portfolio.domain.glosses import SILENT
from services.portfolio.domain.needs import BASIS_KNOWN, IS_NET
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading import Money, Reading
from services.portfolio.domain.reference import REAL_ESTATE
from services.portfolio.domain.sections import FEES, Catalogue

_NAMED = 3
_CHARGES = re.compile(r"\b(?:fees?|charges?)\b", re.IGNORECASE)
"""Names of fields that speak of what a portfolio is charged."""


def _add_yields(earned: Earned, draft: Draft) -> None:
    source, total = (earned.field,), earned.need_total()
    draft.state("income", total, source)
    draft.state("income_monthly", total / 12, source)
    _name_silent(earned, draft)
    for spec_id, basis in (("yield", "market_value"), ("yield_on_cost", "cost")):
        bases = [getattr(item, basis) for item in earned.paying]
        whole = sum((base for base in bases if base is not None), Decimal(0))
        if any(base is None for base in bases) or whole <= 0:
            opened = earned.table.open_columns.get(basis)
            draft.miss(spec_id, opened or f"not every source has a {basis.replace('_', ' ')}")
            continue
        draft.state(spec_id, total / whole * HUNDRED, source)
        if basis == "market_value":
            whole = sum((item.market_value or Decimal(0) for item in earned.sources), Decimal(0))
            draft.state("market_value", whole, source, label="market value of the sources", method="sum of the sources")
    _add_after_tax(earned, total, draft)
    _add_fee(earned, draft)
    _add_cover(earned, total, draft)
    _add_endings(earned, total, draft)
    open_ = (draft.find(name) for name in ("gap_lasting", "gap_with_fee", "income_gap"))
    gap = next((fact for fact in open_ if fact is not None), None)
    if gap is not None and (gap.id != "income_gap" or draft.find("surplus_with_fee") is None):
        _add_draw(earned, gap.value, draft)


def _name_silent(earned: Earned, draft: Draft) -> None:
    """Name the sources of whose income nothing was said: they count for nothing, and the sums are the least."""
    silent = [source for source in earned.sources if source.income is None]
    if silent:
        names = [source.name for source in silent]
        draft.name(*names)
        draft.glosses[SILENT] = join_names(names[:_NAMED])
        shown = "; ".join(source.fault or f"the income of {source.name} is not known" for source in silent[:_NAMED])
        told = f"Without an income, and in no sum of incomes: {join_names(names[:5])} ({shown})."
        draft.note(SILENT, told, warning=True, field=earned.field)


def _add_endings(earned: Earned, total: Decimal, draft: Draft) -> None:
    """What matures of the sources, with the tax on each where it is known."""
    rate = draft.find("tax_rate")
    rest = rate.value if rate is not None else Decimal(0)
    endings = [
        Ending(item.name, item.income, item.market_value, item.matures, item.renewal,
               item.tax_rate if item.tax_rate is not None else rest)
        for item in earned.sources if item.matures is not None and item.income
    ]  # fmt: skip
    add_renewals(endings, draft.frame.as_of, total, earned.field, draft)
    stops = [
        Stop(item.name, item.income, item.ends, rest if item.tax_rate is None else item.tax_rate)
        for item in earned.sources if item.ends is not None and item.income
    ]  # fmt: skip
    add_stops(stops, total, earned.field, draft)


def _add_after_tax(earned: Earned, total: Decimal, draft: Draft) -> None:
    reading, field = earned.reading, earned.reading.name_of("tax_rate")
    try:
        rate = reading.percent("tax_rate")
    except MissingInputError as missing:
        draft.miss("tax_rate", missing)
        draft.miss("income_after_tax", missing)
        return
    own = [source for source in earned.sources if source.tax_rate is not None]
    if own:
        _add_own_taxes(earned, rate, draft)
        return
    if rate is None:
        draft.miss("income_after_tax", "no tax rate was sent")
        return
    if not 0 <= rate <= HUNDRED:
        raise InputError(field, reading.detected.get("tax_rate"), "a rate between 0 and 100 percent is needed")
    draft.state("tax_rate", rate, (field,))
    draft.state("income_after_tax", total * (1 - rate / HUNDRED), (earned.field, field))


def _add_own_taxes(earned: Earned, rest: Decimal | None, draft: Draft) -> None:
    """Income after tax where sources have rates of their own; ``rest`` is the rate of those that have none."""
    opened = earned.table.open_columns.get("tax_rate")
    bare = [source.name for source in earned.paying if source.tax_rate is None]
    if opened is not None or (bare and rest is None):
        draft.miss("income_after_tax", opened or f"no tax rate was sent for {', '.join(bare[:5])}")
        return
    taxes: dict[str, Decimal] = defaultdict(Decimal)
    for source in earned.paying:
        rate = rest if source.tax_rate is None else source.tax_rate
        if rate is None or not 0 <= rate <= HUNDRED:
            raise InputError(f"{earned.field}.tax_rate", None, "rates between 0 and 100 percent are needed")
        taxes[source.name] += (source.income or Decimal(0)) * rate / HUNDRED
    if bare and rest is not None:
        draft.state("tax_rate", rest, (earned.reading.name_of("tax_rate"),), label="tax rate of the other sources")
    field = (earned.field,)
    total = earned.need_total() - sum(taxes.values(), Decimal(0))
    draft.state("income_after_tax", total, field, method="income of each source x (1 - its tax rate)")
    for name, tax in _rank(dict(taxes))[: earned.catalogue.limits.facts_per_group]:
        if tax:
            draft.state("source_tax", tax, field, subject=name, key=slug(name))


def _add_fee(earned: Earned, draft: Draft) -> None:
    """What the portfolio is charged a year, as sent or by rates of its value, all kinds added up; what is in no figure
    is said to be."""
    reading = earned.reading
    lost = [name for name in reading.detected.unknown if _CHARGES.search(split_words(name))]
    sent = _list_fees(reading)
    amounts: dict[str, Decimal] = {}
    rates: list[Decimal] = []
    inputs: list[str] = []
    for name in sent:
        field = reading.name_of(name)
        try:
            fee = _read_fee(name, earned, draft)
        except MissingInputError as missing:
            draft.miss("portfolio_fee_amount", missing)
            lost.insert(0, field)
            continue
        if fee is None:
            lost += [field] if reading.has(name) and reading.value(name) else []
            continue
        amounts[field] = fee.value
        if isinstance(rate := reading.value(name), Decimal):
            rates.append(rate)
            inputs.append(earned.field)
        inputs.append(field)
    if rates and len(rates) == len(amounts):
        draft.state("portfolio_fee", sum(rates, Decimal(0)), tuple(amounts))
    if amount := sum(amounts.values(), Decimal(0)):
        method = "as sent" if not rates else "sum of the fees, rates x value" if len(amounts) > 1 else None
        draft.state("portfolio_fee_amount", amount, tuple(dict.fromkeys(inputs)), method=method)
    if len(amounts) > 1:
        draft.glosses[FEES_OF] = join_names(list(amounts))
    if lost:
        draft.glosses[NO_FEE] = join_names(lost[:_NAMED])


def _list_fees(reading: Reading) -> list[str]:
    """The fees that count: a total alone where one was sent, else all kinds of them."""
    total = reading.has(FEES[0]) and "total" in reading.name_of(FEES[0]).casefold()
    return [name for name in (FEES[:1] if total else FEES) if reading.has(name)]


def _read_fee(name: str, earned: Earned, draft: Draft) -> Money | None:
    """What one fee comes to a year; None where nothing can be made of it. Raises ``MissingInputError`` where it, or the
    value that it is taken of, could not be settled."""
    reading, field = earned.reading, earned.reading.name_of(name)
    fee = reading.value(name)
    if isinstance(fee, Money):
        settle_currency([fee], draft.currency, field)
        if fee.value < 0:
            raise InputError(field, reading.detected.get(name), "a fee cannot be negative")
        return fee
    if not isinstance(fee, Decimal) or not 0 < fee <= HUNDRED:
        return None
    if (base := _find_charged(earned, draft)) is None:
        raise MissingInputError("the value that the fee is taken of is not known")
    return Money(base * fee / HUNDRED, draft.currency)


def _find_charged(earned: Earned, draft: Draft) -> Decimal | None:
    """The value that a rate is charged on: the whole portfolio where that is known, else the sources; not what is sold
    only whole or paid for life, such as houses and pensions. None where the value of a source is missing."""
    if draft.siblings.whole is not None and draft.siblings.whole[1] == draft.currency:
        return draft.siblings.whole[0]
    reference = earned.catalogue.reference
    charged = [
        source for source in earned.sources
        if not _is_kept(source, earned.catalogue) and not reference.is_lifelong(f"{source.name} {source.kind or ''}")
    ]  # fmt: skip
    if not charged or any(source.market_value is None for source in charged):
        return None
    return sum((source.market_value or Decimal(0) for source in charged), Decimal(0))


def _add_cover(earned: Earned, total: Decimal, draft: Draft) -> None:
    field = earned.reading.name_of("annual_need")
    try:
        need = earned.reading.money("annual_need")
    except MissingInputError as missing:
        draft.miss("income_cover", missing)
        return
    if need is None or need.value <= 0:
        draft.miss("income_cover", "the client's yearly need was not sent")
        return
    settle_currency([need], draft.currency, field)
    draft.state("annual_need", need.value, (field,))
    draft.state("income_cover", total / need.value * HUNDRED, (earned.field, field))
    is_net = earned.reading.need_is_net
    after = draft.find("income_after_tax") if is_net is not False else None
    if is_net is not None:
        draft.glosses[BASIS_KNOWN] = field
    if is_net and after is None:
        draft.glosses[IS_NET] = field
    if after is not None:
        draft.state("income_cover_after_tax", after.value / need.value * HUNDRED, (earned.field, field))
    spendable = after.value if after is not None else total
    fee, gap = draft.find("portfolio_fee_amount"), need.value - spendable
    if gap <= 0:
        draft.state("income_surplus", -gap, (earned.field, field))
    else:
        draft.state("income_gap", gap, (earned.field, field))
    if fee is not None:
        gap += fee.value
        draft.state(
            "cover_after_fee", (spendable - fee.value) / need.value * HUNDRED, (earned.field, field, *fee.inputs)
        )  # fmt: skip
        sources = tuple(dict.fromkeys((earned.field, field, *fee.inputs)))
        draft.state("gap_with_fee" if gap > 0 else "surplus_with_fee", abs(gap), sources)


def _add_draw(earned: Earned, gap: Decimal, draft: Draft) -> None:
    """What part of the assets it takes a year to meet what is open, the fee among it."""
    field = earned.reading.name_of("annual_need")
    kept = [source for source in earned.sources if source.market_value and _is_kept(source, earned.catalogue)]
    if kept:
        draft.glosses[KEPT] = join_names([source.name for source in kept[:_NAMED]])
    drawn = [source for source in earned.sources if source not in kept]
    capital = sum((source.market_value or Decimal(0) for source in drawn), Decimal(0))
    whole = draft.siblings.whole
    whole = whole if whole is not None and whole[1] == draft.currency else None
    if whole is not None and whole[0] >= capital and not kept:
        capital = whole[0]
        draft.state("capital", capital, ("Market Value",), label=WHOLE_PORTFOLIO, method="as sent with another section")
    elif capital > 0:
        draft.state("capital", capital, (earned.field,))
    if capital > 0:
        draft.state("gap_rate", gap / capital * HUNDRED, (earned.field, field))
        _add_lasting(earned, gap, capital, (earned.field, field), draft)
    moved = draft.siblings.leaves_shares
    if moved is not None and moved[1] == draft.currency:
        draft.state("equity_move", moved[0], ("Risk Profile",), label="amount of equity above the profile's range",
                    method="as computed of another section")  # fmt: skip


def _add_lasting(earned: Earned, gap: Decimal, capital: Decimal, sources: tuple[str, str], draft: Draft) -> None:
    """For how long the assets last where what is drawn of them pays no more: where all income is theirs."""
    income, fee = draft.find("income_after_tax") or draft.find("income"), draft.find("portfolio_fee_amount")
    theirs = sum((source.market_value or Decimal(0) for source in earned.sources), Decimal(0)) == capital
    if income is None or not theirs or any(not source.market_value for source in earned.sources):
        return
    if any(earned.catalogue.reference.is_lifelong(source.name) for source in earned.sources):
        return
    net = income.value - (fee.value if fee is not None and draft.find("gap_with_fee") is not None else Decimal(0))
    spent = gap + net
    years = count_years(float(capital), float(spent), float(net / capital)) if net > 0 else float(capital / spent)
    if years is not None:
        draft.state("gap_years", Decimal(repr(years)), sources)


def _is_kept(source: Source, catalogue: Catalogue) -> bool:
    """Whether nothing can be drawn from what pays the income: it is sold only whole, or not at will."""
    reference = catalogue.reference
    found = reference.classify(source.kind, None, source.name)
    if reference.is_locked(source.name, found.name if found is not None else None, source.kind):
        return True
    text = f"{source.name} {source.kind or ''}"
    if source.is_bound or reference.is_illiquid(found.name if found is not None else None, text):
        return True
    property_ = found is None or found.name == REAL_ESTATE
    return property_ and reference.is_whole(source.name, REAL_ESTATE, source.kind, source.name)


def _add_sources(earned: Earned, draft: Draft) -> None:
    total, most = earned.need_total(), earned.catalogue.limits.facts_per_group
    if not total:
        draft.miss("income_share", "there is no income")
        return
    by_name: dict[str, Decimal] = defaultdict(Decimal)
    by_kind: dict[str, Decimal] = defaultdict(Decimal)
    for source in earned.paying:
        by_name[source.name] += source.income or Decimal(0)
        if source.kind:
            by_kind[source.kind] += source.income or Decimal(0)
    shares = _rank({name: amount / total * HUNDRED for name, amount in by_name.items()})
    _add_lifelong(earned, shares, draft)
    for name, share in shares[:most]:
        draft.state("income_share", share, (earned.field,), subject=name, key=slug(name))
        draft.state(
            "income", by_name[name], (earned.field,), subject=name, key=slug(name),
            method="as sent, or yield x market value",
        )  # fmt: skip
    add_concentration(draft, shares, "sources")
    draft.chart_shares("Income by source", shares)
    for name, share in _rank({kind: amount / total * HUNDRED for kind, amount in by_kind.items()}):
        draft.state("income_share", share, (earned.field,), subject=name, key=f"kind.{slug(name)}")
    paid = [
        (source.name, source.income / source.market_value * HUNDRED)
        for source in earned.sources
        if source.market_value and source.income is not None
    ]
    for name, rate in sorted(paid, key=lambda pair: (-pair[1], pair[0]))[:most]:
        draft.state("yield", rate, (earned.field,), subject=name, key=slug(name), label=f"yield of {name}")


def _add_lifelong(earned: Earned, shares: list[tuple[str, Decimal]], draft: Draft) -> None:
    """What is paid for life, by states, insurers and pension schemes."""
    reference = earned.catalogue.reference
    kinds = {source.name: source.kind or "" for source in earned.sources}
    lifelong = [(name, share) for name, share in shares if reference.is_lifelong(f"{name} {kinds.get(name, '')}")]
    for name, kind in kinds.items():
        if reference.is_deposit(name, None, kind):
            draft.mark(name, Mark.DEPOSIT)
        elif reference.is_broad(name, kind, None):
            draft.mark(name, Mark.FUND)
        elif reference.is_state_debt(name, None, kind, None):
            draft.mark(name, Mark.STATE)
    for name, _ in lifelong:
        draft.mark(name, Mark.LIFELONG)
    if lifelong:
        amount = sum((item.income or Decimal(0) for item in earned.sources if item.name in dict(lifelong)), Decimal(0))
        draft.state("lifelong_income", amount, (earned.field,))
        draft.state("lifelong_share", sum((share for _, share in lifelong), Decimal(0)), (earned.field,))


def _add_calendar(earned: Earned, draft: Draft) -> None:
    earned.table.need("next_payment")
    if earned.payments:
        add_payments(earned.payments, earned.field, earned.catalogue.limits.facts_per_group, draft)
        return
    dated = sorted(
        (
            (source.next_payment, source.name, source.income / source.frequency)
            for source in earned.sources
            if source.next_payment is not None and source.frequency and source.income is not None
        ),
        key=lambda item: (item[0], item[1]),
    )
    as_of = draft.frame.as_of
    if as_of is not None:
        for day, name, amount in [item for item in dated if item[0] < as_of][: earned.catalogue.limits.facts_per_group]:
            draft.state("overdue", amount, (earned.field,), subject=name, key=slug(name), dates=(day,))
        dated = [item for item in dated if item[0] >= as_of]  # a payment that is past is not due
    if not dated:
        raise MissingInputError("no source has a next payment and a frequency after the valuation date")
    for day, name, amount in dated[: earned.catalogue.limits.facts_per_group]:
        draft.state("next_payment", amount, (earned.field,), subject=name, key=slug(name), dates=(day,))


def _rank(shares: dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    return sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))


FIGURES = Figures(
    take,
    (
        Group("yields", _add_yields, ("income", "income_monthly", "yield", "income_after_tax", "income_cover")),
        Group("sources", _add_sources, ("income_share",)),
        Group("calendar", _add_calendar, ("next_payment",)),
    ),
)
