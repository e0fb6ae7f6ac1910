"""Figures of ``top_movers``: who gained, who lost, and what each added to the portfolio's return."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import LEFT_OUT, PERIODS, Draft, join_names, slug
from services.portfolio.domain.figures.kinds import Figures, Group
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.reading import Reading, Row, Table
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.sections import Catalogue, Limits


@dataclass(frozen=True, slots=True)
class Mover:
    """One mover: return in percent over the period, weight in percent, amounts where sent; ``contribution`` in points,
    as it was sent."""

    name: str
    change: Decimal
    weight: Decimal | None
    market_value: Decimal | None = None
    period: str | None = None
    contribution: Decimal | None = None

    @property
    def effect(self) -> Decimal | None:
        """What it did to the whole in points: by its weight, or as it was sent where that is not known."""
        return self.contribution if self.weight is None else self.weight * self.change / HUNDRED


@dataclass(frozen=True, slots=True)
class _Moved:
    movers: tuple[Mover, ...]
    table: Table
    portfolio_return: Decimal | None
    no_return: MissingInputError | None
    return_field: str
    limits: Limits
    reference: Reference
    lost: tuple[str, ...]
    """Rows that could not be used: sums over all movers would be wrong without them."""


def _take(reading: Reading, catalogue: Catalogue, draft: Draft) -> _Moved:
    table = reading.table("top_movers_data")
    if not table.rows:
        raise InputError(table.field, None, "no movers")
    table.need("return")
    draft.currency = reading.currency
    lost: list[str] = []
    movers = [mover for row in table.rows if (mover := _make_mover(row, draft, lost)) is not None]
    if not movers:
        raise InputError(table.rows[0].field("return"), None, lost[0] if lost else "no movers")
    if lost:
        used = {mover.name for mover in movers}
        unknown = [name for row in table.rows if (name := row.text("name")) is not None and name not in used]
        draft.glosses[LEFT_OUT] = join_names(unknown[:5]) if 0 < len(unknown) <= 5 else f"{len(lost)} of them"
        draft.note("unused_rows", f"Movers that are left out: {'; '.join(lost[:5])}.", field=table.field, warning=True)
    unread = [message for code, message, _, _ in reading.notes if code == "not_understood"]
    names = [mover.name.casefold() for mover in movers]
    if len(set(names)) != len(names):
        twice = sorted({mover.name for mover in movers if names.count(mover.name.casefold()) > 1})
        draft.note(
            "duplicate_rows", f"{', '.join(twice[:5])} stand more than once; each row counts.", warning=True,
            field=table.field,
        )  # fmt: skip
    period = reading.text("Period")
    if period:
        draft.note("period", f"Returns are over {period}.")
        draft.name(period)
    _check_periods(movers, draft)
    try:
        portfolio_return, no_return = reading.percent("Portfolio Return"), None
    except MissingInputError as missing:
        portfolio_return, no_return = None, missing
    return _Moved(
        tuple(movers), table, portfolio_return, no_return, reading.name_of("Portfolio Return"), catalogue.limits,
        catalogue.reference, (*lost, *unread),
    )  # fmt: skip


def _make_mover(row: Row, draft: Draft, lost: list[str]) -> Mover | None:
    """The mover of a row; None, and why, where its return is missing or impossible."""
    name = row.text("name") or row.text("symbol")
    change = row.percent("return")
    if name is None:
        lost.append(f"{row.field('name')}: a mover without a name")
    elif change is None:
        lost.append(row.faults.get("return") or f"{row.field('return')}: a return in percent is needed")
    elif change < -HUNDRED:
        lost.append(f"{row.field('return')}: nothing can lose more than 100%")
    else:
        money = row.money("market_value")
        if money is not None and money.currency:
            draft.currency = draft.currency or money.currency
        return Mover(name, change, row.percent("weight"), money.value if money else None, row.text("period"),
                     _read_contribution(row))  # fmt: skip
    return None


def _read_contribution(row: Row) -> Decimal | None:
    try:
        return row.percent("contribution")
    except MissingInputError:
        return None  # of which the weight times the return says as much


def _check_periods(movers: Sequence[Mover], draft: Draft) -> None:
    periods = sorted({mover.period for mover in movers if mover.period})
    draft.name(*periods)
    if len(periods) > 1:
        draft.glosses[PERIODS] = join_names(periods[:5])
        draft.note(
            "mixed_periods",
            f"Returns over different periods ({', '.join(periods[:5])}) are set side by side.",
            warning=True,
        )


def _add_movers(moved: _Moved, draft: Draft) -> None:
    movers, source = moved.movers, (moved.table.field,)
    ranked = sorted(movers, key=lambda mover: (-abs(mover.change), mover.name))[: moved.limits.facts_per_group]
    for mover in ranked:
        key, name = slug(mover.name), mover.name
        draft.state("return", mover.change, source, subject=name, key=key)
        if mover.weight is not None:
            draft.state(
                "weight", mover.weight, source, subject=name, key=key, method="as sent, taken as the opening weight"
            )
        if mover.market_value is not None:
            draft.state("market_value", mover.market_value, source, subject=name, key=key)
    _add_sizes(moved, draft)
    draft.state("gainers", Decimal(sum(mover.change > 0 for mover in movers)), source)
    draft.state("losers", Decimal(sum(mover.change < 0 for mover in movers)), source)
    draft.state("count", Decimal(len(movers)), source, label="number of movers")
    draft.chart_extremes("Return by mover", Unit.PERCENT, [(mover.name, mover.change) for mover in movers])


def _add_sizes(moved: _Moved, draft: Draft) -> None:
    """What is above the limit for a position, of those whose names are of no class and no fund: of companies."""
    limit = moved.limits.single_name
    over = [
        (mover.name, mover.weight) for mover in moved.movers
        if mover.weight is not None and mover.weight > limit and _is_company(mover.name, moved.reference)
    ]  # fmt: skip
    if not over:
        return
    draft.state("limit", limit, ("limits.single_name",), key="single_name", label="limit for a single position")
    for name, weight in over[: moved.limits.facts_per_group]:
        draft.state(
            "excess", weight - limit, ("limits.single_name",), key=f"single_name.{slug(name)}", subject=name,
            label=f"{name} above the limit",
        )  # fmt: skip


def _is_company(name: str, reference: Reference) -> bool:
    kinds = (reference.classify(None, None, name), reference.classify(name, None, ""))
    return kinds == (None, None) and reference.is_single_name(name, None)


def _add_contributions(moved: _Moved, draft: Draft) -> None:
    movers, field = moved.movers, moved.table.field
    if moved.portfolio_return is not None:
        draft.state("portfolio_return", moved.portfolio_return, (moved.return_field,))
    elif moved.no_return is not None:
        draft.miss("portfolio_return", moved.no_return)
    moved.table.need("weight")
    weighed = [(mover.name, effect) for mover in movers if (effect := mover.effect) is not None]
    if len(weighed) < len(movers):
        without = [mover.name for mover in movers if mover.effect is None]
        draft.miss(
            "contribution", f"no weight was sent for {', '.join(without[:5])}{' ...' if len(without) > 5 else ''}"
        )
    if not weighed:
        draft.miss("total_contribution", "needs weights")
        return
    contributions = sorted(weighed, key=lambda pair: (-abs(pair[1]), pair[0]))
    for name, contribution in contributions[: moved.limits.facts_per_group]:
        draft.state("contribution", contribution, (field,), subject=name, key=slug(name))
    draft.chart_extremes("Contribution to return", Unit.POINTS, contributions)
    if len(weighed) < len(movers):
        draft.miss("total_contribution", "needs the weight of every mover")
        return
    if moved.lost:
        raise MissingInputError(f"some movers could not be used: {'; '.join(moved.lost[:3])}")
    total = sum((contribution for _, contribution in contributions), Decimal(0))
    draft.state("total_contribution", total, (field,))
    if any(mover.weight is None for mover in movers):
        draft.miss("covered_weight", "needs the weight of every mover")
        return
    covered = sum((mover.weight or Decimal(0) for mover in movers), Decimal(0))
    draft.state("covered_weight", covered, (field,))
    _reconcile(total, covered, moved, draft)


def _reconcile(total: Decimal, covered: Decimal, moved: _Moved, draft: Draft) -> None:
    field, tolerance = moved.table.field, moved.limits.total_tolerance
    if covered > HUNDRED + tolerance:
        draft.note(
            "weights_over_hundred",
            f"The weights of {field} sum to {covered:.2f}%, more than the portfolio.",
            warning=True,
            field=field,
        )
    if moved.portfolio_return is None:
        draft.miss("unexplained_return", moved.no_return or "the portfolio's return was not sent")
        return
    deciding = next((fact for fact in draft.facts if fact.measure == "contribution"), None)  # the largest comes first
    if deciding is not None and deciding.value * moved.portfolio_return > 0:
        without = moved.portfolio_return - deciding.value
        if without * moved.portfolio_return < 0:
            draft.state(
                "return_without", without, (field,), subject=deciding.subject,
                key=deciding.id.removeprefix("contribution."),
            )  # fmt: skip
    rest = moved.portfolio_return - total
    draft.state("unexplained_return", rest, (field,))
    if abs(covered - HUNDRED) <= tolerance and abs(rest) > Decimal("0.05"):
        draft.note(
            "contributions_do_not_sum",
            f"The movers are the whole portfolio, yet their contributions sum to "
            f"{total:.2f} pp and the portfolio's return is {moved.portfolio_return:.2f}%.",
            warning=True,
            field=field,
        )


FIGURES = Figures(
    _take,
    (
        Group("contribution", _add_contributions, ("contribution", "total_contribution", "covered_weight")),
        Group("movers", _add_movers, ("return", "gainers", "losers", "count")),
    ),
)
