"""Figures of ``holdings`` and ``concentration``: what is held, how it is spread, what gained, and which rules it
breaks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.positions import HUNDRED, Book, Position, combine_names, read_book, sort_groups
from services.portfolio.domain.figures.rows import read_table
from services.portfolio.domain.figures.weights import Weights, add_allocation, add_concentration
from services.portfolio.domain.numbers import Unit
from services.portfolio.domain.sections import Catalogue, Detected, Limits, match_form

GROUPS: dict[str, Callable[[Position], str | None]] = {
    "asset_class": lambda position: position.asset_class,
    "sector": lambda position: position.sector,
    "region": lambda position: position.region,
    "currency": lambda position: position.currency,
    "account": lambda position: position.account,
    "issuer": lambda position: position.issuer,
}
_RULED_GROUPS = ("sector", "currency", "region", "account", "issuer")
# A sector or region of this name is spread by itself: it is no concentration, however large.
_SPREAD = frozenset(
    {"diversified", "multi sector", "broad market", "global", "world", "international", "mixed", "various", "other",
     "others"}
)  # fmt: skip
_GAINS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Held:
    book: Book
    field: str
    limits: Limits
    base_currency: str | None


def add_figures(detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    """Positions, groups, gains and rules, as the section's analytics ask for."""
    held = _read(detected, catalogue, draft)
    groups: dict[str, Callable[[_Held, Draft], None]] = {
        "positions": _add_positions,
        "groups": _add_groups,
        "gains": _add_gains,
        "rules": _add_rules,
    }
    for name in detected.section.analytics:
        groups[name](held, draft)


def _read(detected: Detected, catalogue: Catalogue, draft: Draft) -> _Held:
    name = next(
        (
            name
            for name in ("holdings", "holdings_csv", "concentration", "converter_output")
            if detected.get(name) is not None
        ),
        None,
    )
    if name is None:
        raise InputError(detected.section.name, None, "no holdings")
    field = detected.name_of(name)
    if name == "converter_output":
        raise InputError(field, None, "the converter's output was not fetched; send holdings or holdings_csv")
    book = read_book(read_table(detected.get(name), field, catalogue), field, detected, draft, catalogue.limits)
    stated = inputs.read_currency(detected, "Base Currency", "Currency") or book.currency
    return _Held(book, field, _read_limits(detected, catalogue.limits), stated)


def _read_limits(detected: Detected, limits: Limits) -> Limits:
    """The operator's limits, with those that the payload sets for itself."""
    raw, field = detected.get("limits"), detected.name_of("limits")
    if raw is None:
        return limits
    if not isinstance(raw, Mapping):
        raise InputError(field, raw, "an object is needed, such as {'single_name': 10}")
    known = {
        match_form(name): name
        for name in ("single_name", "top_five", "sector", "currency", "region", "account", "issuer", "fee", "cash")
    }
    changes: dict[str, Decimal] = {}
    for raw_name, value in raw.items():
        name = known.get(match_form(str(raw_name)))
        if name is None:
            raise InputError(f"{field}.{raw_name}", value, f"unknown limit; known: {', '.join(known.values())}")
        percent = inputs.read_percent(value, f"{field}.{raw_name}")
        if percent is None or not 0 < percent <= HUNDRED:
            raise InputError(f"{field}.{raw_name}", value, "a percentage above 0 and up to 100 is needed")
        changes[name] = percent
    return replace(limits, **changes)  # type: ignore[arg-type]  # the names above are the Decimal fields


def _add_positions(held: _Held, draft: Draft) -> None:
    book, field = held.book, held.field
    if book.total is None:
        draft.miss("market_value", "only weights were sent")
    else:
        draft.add(
            Fact(
                "market_value",
                "market value of all holdings",
                book.total,
                Unit.MONEY,
                "market_value",
                "sum of positions",
                (field,),
                book.currency,
            )
        )
    weights = combine_names(book.positions)
    add_allocation(draft, "position", weights, held.limits.facts_per_group, "market value / total")
    add_concentration(draft, weights, "positions")
    values: dict[str, Decimal] = {}
    for position in book.positions:
        if position.market_value is not None:
            values[position.name.casefold()] = values.get(position.name.casefold(), Decimal(0)) + position.market_value
    for name, _ in weights[: held.limits.facts_per_group] if values else ():
        draft.add(
            Fact(
                f"market_value.{slug(name)}",
                f"market value of {name}",
                values[name.casefold()],
                Unit.MONEY,
                "market_value",
                "as sent or converted",
                (field,),
                book.currency,
                subject=name,
            )
        )


def _add_groups(held: _Held, draft: Draft) -> None:
    for group, key in GROUPS.items():
        weights = sort_groups(held.book.positions, key)
        if not weights:
            draft.miss(f"weight.{group}", f"no position has {_describe(group)}")
            continue
        add_allocation(
            draft, group, weights, held.limits.facts_per_group, f"weights summed by {group.replace('_', ' ')}"
        )
        covered = sum((weight for _, weight in weights), Decimal(0))
        if abs(covered - HUNDRED) > held.limits.total_tolerance:
            draft.note(
                "group_incomplete",
                f"{_describe(group).capitalize()} is known for {covered:.1f}% of the portfolio.",
                field=held.field,
            )


def _add_gains(held: _Held, draft: Draft) -> None:
    """Unrealised gains, over the positions that have a cost."""
    priced = [
        position for position in held.book.positions if position.cost is not None and position.market_value is not None
    ]
    if not priced:
        for fact_id in ("cost", "gain", "gain_pct"):
            draft.miss(fact_id, "no position has a cost")
        return
    if len(priced) < len(held.book.positions):
        without = len(held.book.positions) - len(priced)
        for fact_id in ("cost", "gain", "gain_pct"):
            draft.miss(fact_id, f"{without} of {len(held.book.positions)} positions have no cost")
    else:
        cost = sum((position.cost or Decimal(0) for position in priced), Decimal(0))
        _add_gain(draft, held, None, (held.book.total or Decimal(0)), cost)
    gains = sorted(
        ((position.name, position.market_value or Decimal(0), position.cost or Decimal(0)) for position in priced),
        key=lambda item: (item[2] - item[1], item[0]),
    )
    shown = gains if len(gains) <= 2 * _GAINS_SHOWN else gains[:_GAINS_SHOWN] + gains[-_GAINS_SHOWN:]
    for name, value, cost in shown:
        _add_gain(draft, held, name, value, cost)


def _add_gain(draft: Draft, held: _Held, subject: str | None, value: Decimal, cost: Decimal) -> None:
    suffix = f".{slug(subject)}" if subject else ""
    of = f" of {subject}" if subject else ""
    gain, currency = value - cost, held.book.currency
    sources = (held.field,)
    draft.add(
        Fact(
            f"cost{suffix}",
            f"cost{of}",
            cost,
            Unit.MONEY,
            "cost",
            "as sent or converted",
            sources,
            currency,
            subject=subject,
        )
    )
    draft.add(
        Fact(
            f"gain{suffix}",
            f"unrealised gain{of}",
            gain,
            Unit.MONEY,
            "gain",
            "market value - cost",
            sources,
            currency,
            subject=subject,
            signed=True,
        )
    )
    if cost > 0:
        draft.add(
            Fact(
                f"gain_pct{suffix}",
                f"unrealised gain{of} on cost",
                gain / cost * HUNDRED,
                Unit.PERCENT,
                "gain",
                "(market value - cost) / cost",
                sources,
                subject=subject,
                signed=True,
            )
        )
    else:
        draft.miss(f"gain_pct{suffix}", "the cost is not above zero")


def _add_rules(held: _Held, draft: Draft) -> None:
    """The X-ray: each rule's limit as a fact, and a breach for each name above it."""
    limits, positions = held.limits, held.book.positions
    breaches = 0
    breaches += _check_rule(
        draft,
        "single_name",
        "single position",
        combine_names(positions),
        limit=limits.single_name,
        most=limits.facts_per_group,
    )
    for group in _RULED_GROUPS:
        weights = sort_groups(positions, GROUPS[group])
        if group == "currency" and held.base_currency:
            weights = [(name, weight) for name, weight in weights if name != held.base_currency]
        if group in {"sector", "region"}:
            weights = [(name, weight) for name, weight in weights if name.casefold().replace("-", " ") not in _SPREAD]
        if group == "region" and len(weights) == 1:
            draft.note("single_region", f"Every position with a region is in {weights[0][0]}.", field=held.field)
        if weights:
            breaches += _check_rule(
                draft, group, group, weights, limit=getattr(limits, group), most=limits.facts_per_group
            )
    top_five = draft.find("top_5")
    if top_five is not None:
        draft.add(_limit_fact("top_five", "top five positions", limits.top_five))
        if top_five.value > limits.top_five:
            breaches += 1
            draft.add(_excess_fact("top_five", None, "the top five positions", top_five.value, limits.top_five))
    breaches += _check_fees(held, draft)
    draft.add(
        Fact(
            "breaches",
            "rules breached",
            Decimal(breaches),
            Unit.NUMBER,
            "breaches",
            "weights above their limit",
            ("limits",),
        )
    )


def _check_rule(draft: Draft, rule: str, what: str, weights: Weights, *, limit: Decimal, most: int) -> int:
    draft.add(_limit_fact(rule, what, limit))
    over = [(name, weight) for name, weight in weights if weight > limit]
    for name, weight in over[:most]:
        draft.add(_excess_fact(rule, name, name, weight, limit))
    return len(over)


def _limit_fact(rule: str, what: str, limit: Decimal) -> Fact:
    return Fact(
        f"limit.{rule}",
        f"limit for a {what}" if not what.startswith("top") else f"limit for the {what}",
        limit,
        Unit.PERCENT,
        "limit",
        "setting",
        (f"limits.{rule}",),
    )


def _excess_fact(rule: str, subject: str | None, what: str, weight: Decimal, limit: Decimal) -> Fact:
    suffix = f".{slug(subject)}" if subject else ""
    return Fact(
        f"excess.{rule}{suffix}",
        f"{what} above the limit",
        weight - limit,
        Unit.POINTS,
        "excess",
        "weight - limit",
        (f"limits.{rule}",),
        subject=subject,
        signed=True,
    )


def _check_fees(held: _Held, draft: Draft) -> int:
    charged = [position for position in held.book.positions if position.fee is not None]
    if not charged:
        draft.miss("fee", "no position has an expense ratio")
        return 0
    _refuse_negative(charged)
    covered = sum((position.weight for position in charged), Decimal(0))
    if covered <= 0:
        draft.miss("fee", "the positions with an expense ratio have no weight")
        return 0
    fee = sum((position.weight * (position.fee or Decimal(0)) for position in charged), Decimal(0)) / covered
    draft.add(
        Fact(
            "fee",
            "weighted expense ratio",
            fee,
            Unit.PERCENT,
            "fee",
            "weights x expense ratios / weight of positions with one",
            (held.field,),
        )
    )
    draft.add(_limit_fact("fee", "yearly expense ratio", held.limits.fee))
    if held.book.total is not None:
        draft.add(
            Fact(
                "fee_amount",
                "fund expenses a year",
                held.book.total * covered / HUNDRED * fee / HUNDRED,
                Unit.MONEY,
                "fee",
                "market value x expense ratio",
                (held.field,),
                held.book.currency,
            )
        )
    if fee <= held.limits.fee:
        return 0
    draft.add(_excess_fact("fee", None, "expense ratio", fee, held.limits.fee))
    return 1


def _refuse_negative(charged: Iterable[Position]) -> None:
    for position in charged:
        if position.fee is not None and not 0 <= position.fee <= HUNDRED:
            raise InputError(
                f"{position.path}.fee", position.fee, "an expense ratio between 0 and 100 percent is needed"
            )


def _describe(group: str) -> str:
    words = group.replace("_", " ")
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def list_breaches(facts: Sequence[Fact]) -> list[Fact]:
    """The facts that say how far something is above its limit."""
    return [fact for fact in facts if fact.measure == "excess"]
