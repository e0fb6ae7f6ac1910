"""Figures of ``holdings`` and ``concentration``: what is held, how it is spread, what gained, and which rules it
breaks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import AS_SENT, Draft, Fact, Mark, join_names, slug
from services.portfolio.domain.figures.kinds import Figures, Group
from services.portfolio.domain.figures.positions import Book, Position, combine_names, read_book, sort_groups
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.suitability import (
    add_profile,
    add_risks,
    add_shares,
    classify_position,
    state_reduction,
)
from services.portfolio.domain.figures.weights import Weights, add_allocation, add_concentration
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.reference import CASH, EQUITY, Reference
from services.portfolio.domain.sections import Catalogue, Limits, match_form

GROUPS: dict[str, Callable[[Position], str | None]] = {
    "asset_class": lambda position: position.text("asset_class"),
    "sector": lambda position: position.text("sector"),
    "region": lambda position: position.text("region"),
    "currency": lambda position: position.currency,
    "account": lambda position: position.text("account"),
    "issuer": lambda position: position.text("issuer"),
}
_RULED_GROUPS = ("sector", "currency", "region", "account", "issuer")
_LIMITS = ("single_name", "top_five", "sector", "currency", "region", "account", "issuer", "fee", "cash")
# A sector or region of this name is spread by itself: it is no concentration, however large.
_SPREAD = frozenset(
    {"diversified", "multi sector", "broad market", "global", "world", "international", "mixed", "various", "other",
     "others"}
)  # fmt: skip
_NO_SECTOR = frozenset({"debt", "cash", "gold", "crypto"})
_SIZED = frozenset({"single_name", "issuer"})
"""The rules for which it is said how much is to be sold: what a sector or currency weighs changes with these."""
_GAINS_SHOWN = 5
_FUNDS_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Held:
    book: Book
    field: str
    limits: Limits
    no_limits: MissingInputError | None
    own_limits: frozenset[str]
    """The limits that the payload sets, by name; the others are defaults."""
    base_currency: str | None
    reference: Reference
    profile: str | None
    catalogue: Catalogue


def _take(reading: Reading, catalogue: Catalogue, draft: Draft) -> _Held:
    name = next((name for name in ("holdings", "holdings_csv", "concentration") if name in reading.tables), None)
    if name is None:
        if reading.has("converter_output"):
            field = reading.name_of("converter_output")
            raise InputError(field, None, "the converter's output was not fetched; send holdings or holdings_csv")
        raise InputError(reading.detected.section.name, None, "no holdings")
    table = reading.table(name)
    try:
        total = reading.money("total")
    except MissingInputError:
        total = None
    book = read_book(
        table, reading, draft, catalogue.limits, catalogue.reference, total.value if total is not None else None
    )
    limits, own, missing = _read_limits(reading, catalogue.limits)
    return _Held(
        book, table.field, limits, missing, own, reading.currency or book.currency, catalogue.reference,
        reading.text("Risk Profile"), catalogue,
    )  # fmt: skip


def _read_limits(reading: Reading, limits: Limits) -> tuple[Limits, frozenset[str], MissingInputError | None]:
    """The operator's limits, with those that the payload sets for itself, which these are, and why they could not be
    settled."""
    raw, field = reading.detected.get("limits"), reading.name_of("limits")
    known = {match_form(name): name for name in _LIMITS}
    changes: dict[str, Decimal] = {}
    missing = None
    for raw_name in raw if isinstance(raw, dict) else ():
        name = known.get(match_form(str(raw_name)))
        if name is None:
            raise InputError(f"{field}.{raw_name}", None, f"unknown limit; known: {', '.join(known.values())}")
        try:
            percent = reading.percent(f"limits.{raw_name}")
        except MissingInputError as opened:
            missing = opened
            continue
        if percent is None or not 0 < percent <= HUNDRED:
            raise InputError(f"{field}.{raw_name}", percent, "a percentage above 0 and up to 100 is needed")
        changes[name] = percent
    return replace(limits, **changes), frozenset(changes), missing  # type: ignore[arg-type]  # the names above are the Decimal fields


def _add_positions(held: _Held, draft: Draft) -> None:
    book, source = held.book, (held.field,)
    if book.total is not None:
        draft.state("market_value", book.total, source, label="market value of all holdings", method="sum of positions")
    elif book.no_total is not None:
        draft.miss("market_value", book.no_total)
    _add_values(held, draft)
    if book.no_weights is not None:
        count = len(combine_names(book.positions))
        draft.state("count", Decimal(count), ("positions",), label="number of positions")
        _add_local(held, draft)
    book.need_weights()
    weights = combine_names(book.positions)
    add_allocation(draft, "position", weights, held.limits.facts_per_group, "market value / total")
    add_concentration(draft, weights, "positions")


def _add_values(held: _Held, draft: Draft) -> None:
    """What the largest positions are worth, in the table's currency or, where there is no rate, in their own."""
    book = held.book
    values: dict[str, Decimal] = defaultdict(Decimal)
    codes: dict[str, str | None] = {}
    for position in book.positions:
        if book.total is not None and position.market_value is not None:
            values[position.name] += position.market_value
            codes[position.name] = book.currency
        elif position.local is not None:
            code = book.amounts.code_of(position.local, position.row)
            if codes.setdefault(position.name, code) == code:
                values[position.name] += position.local.value
    if not values:
        return
    order = [name for name, _ in combine_names(book.positions)] if book.no_weights is None else sorted(values)
    for name in order[: held.limits.facts_per_group]:
        if name in values:
            method = "as sent or converted" if book.total is not None else "as sent, in its own currency"
            draft.state(
                "market_value", values[name], (held.field,), subject=name, key=slug(name), method=method,
                currency=codes[name],
            )  # fmt: skip


def _add_local(held: _Held, draft: Draft) -> None:
    """Without rates: what is held in each currency, and the weights within it."""
    book = held.book
    if book.amounts.missing is None:
        return
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for position in book.positions:
        if position.local is not None and (code := book.amounts.code_of(position.local, position.row)) is not None:
            sums[code][position.name] += position.local.value
    for code, values in sorted(sums.items()):
        total = sum(values.values(), Decimal(0))
        draft.state(
            "market_value", total, (held.field,), key=f"in_{code.lower()}", currency=code,
            label=f"market value of the holdings in {code}", method="sum of the positions in this currency",
        )  # fmt: skip
        if total <= 0:
            continue
        ranked = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
        for name, value in ranked[: held.limits.facts_per_group]:
            draft.state(
                "weight", value / total * HUNDRED, (held.field,), key=f"in_{code.lower()}.{slug(name)}", subject=name,
                label=f"weight of {name} among the holdings in {code}",
                method="market value / value of the holdings in this currency",
            )  # fmt: skip


def _add_groups(held: _Held, draft: Draft) -> None:
    held.book.need_weights()
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
    """Unrealised gains, over the positions that have a cost; an instrument in several accounts is one."""
    book = held.book
    book.table.need("cost", "market_value")
    if book.amounts.missing is not None:
        raise book.amounts.missing
    priced = [
        position for position in book.positions if position.cost is not None and position.market_value is not None
    ]
    priced += _price_cash(held, draft) if priced else []
    if not priced:
        fault = book.table.find_fault("cost")
        raise MissingInputError(fault or "no position has a cost")
    if len(priced) < len(book.positions):
        without = len(book.positions) - len(priced)
        fault = book.table.find_fault("cost", "market_value")
        for fact_id in ("cost", "gain", "gain_pct"):
            draft.miss(
                fact_id,
                f"{without} of {len(book.positions)} positions have no cost or no value"
                + (f" ({fault})" if fault else ""),
            )
    else:
        cost = sum((position.cost or Decimal(0) for position in priced), Decimal(0))
        value = sum((position.market_value or Decimal(0) for position in priced), Decimal(0))
        _add_gain(draft, held, None, value, cost)
    partial = {position.name for position in book.positions} - {position.name for position in priced}
    partial |= {position.name for position in book.positions if position.cost is None}
    priced = [position for position in priced if position.name not in partial]
    sums: dict[str, list[Decimal]] = {}
    for position in priced:
        if position.name not in partial:
            found = sums.setdefault(position.name, [Decimal(0), Decimal(0)])
            found[0] += position.market_value or Decimal(0)
            found[1] += position.cost or Decimal(0)
    gains = sorted(
        ((name, value, cost) for name, (value, cost) in sums.items()), key=lambda item: (item[2] - item[1], item[0])
    )
    shown = gains if len(gains) <= 2 * _GAINS_SHOWN else gains[:_GAINS_SHOWN] + gains[-_GAINS_SHOWN:]
    # Best and worst are so in percent too, however small they are in money.
    rates = sorted((item for item in gains if item[2] > 0), key=lambda item: item[1] / item[2])
    shown += [item for item in (*rates[:1], *rates[-1:]) if item not in shown]
    for name, value, cost in shown:
        _add_gain(draft, held, name, value, cost)
    _add_account_gains(priced, partial, held, draft)


def _price_cash(held: _Held, draft: Draft) -> list[Position]:
    """Cash in the portfolio's own currency that names no cost: it cost what it is."""
    found = []
    for position in held.book.positions:
        kind = classify_position(position, held.reference)
        own = position.currency is None or position.currency == held.book.currency
        at_hand = own and kind is not None and kind.name == CASH and not held.reference.is_broad(position.name)
        unpriced = position.cost is None and not position.row.faults.get("cost")
        if at_hand and unpriced and position.market_value is not None:
            found.append(replace(position, cost=position.market_value))
    if found:
        shown = join_names([position.name for position in found[:_FUNDS_NAMED]])
        draft.note("cash_at_cost", f"{shown} names no cost and is taken at what it is worth.", field=held.field)
    return found


def _add_account_gains(priced: Sequence[Position], partial: set[str], held: _Held, draft: Draft) -> None:
    """What an instrument gained in each of the accounts that it is held in: each is taxed, and sold, by itself."""
    accounts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for position in priced:
        account = position.text("account")
        if account is not None and position.name not in partial:
            gain = (position.market_value or Decimal(0)) - (position.cost or Decimal(0))
            accounts[position.name][account] += gain
    for name, gains in list(accounts.items())[: held.limits.facts_per_group]:
        if all(held.reference.is_sheltered(account) for account in gains):
            draft.mark(name, Mark.SHELTERED)
        for account, gain in sorted(gains.items()) if len(gains) > 1 else ():
            subject = f"{name} ({account})"
            draft.state("account_gain", gain, (held.field,), subject=subject, key=slug(subject))
            if held.reference.is_sheltered(account):
                draft.mark(subject, Mark.SHELTERED)
    _gloss_offsets(accounts, held, draft)


def _gloss_offsets(accounts: dict[str, dict[str, Decimal]], held: _Held, draft: Draft) -> None:
    """Beside what stands at a loss in one account alone: whose gain in that account the loss could be set against,
    where gains are taxed there."""
    for name, gains in accounts.items():
        account, loss = next(iter(gains.items()))
        if len(gains) > 1 or loss >= 0 or held.reference.is_sheltered(account):
            continue
        others = [(found[account], other) for other, found in accounts.items() if found.get(account, 0) > 0]
        if others:
            other = max(others)[1]
            draft.glosses[name] = f"{other} ({account})" if len(accounts[other]) > 1 else other


def _add_gain(draft: Draft, held: _Held, subject: str | None, value: Decimal, cost: Decimal) -> None:
    key = slug(subject) if subject else None
    source = (held.field,)
    draft.state("cost", cost, source, subject=subject, key=key)
    draft.state("gain", value - cost, source, subject=subject, key=key)
    if cost > 0:
        draft.state("gain_pct", (value - cost) / cost * HUNDRED, source, subject=subject, key=key)
    else:
        draft.miss(f"gain_pct.{key}" if key else "gain_pct", "the cost is not above zero")


def _add_suitability(held: _Held, draft: Draft) -> None:
    """Leverage and liquidity, and the equity share against the profile where one was sent."""
    positions = held.book.positions
    if held.profile is None:
        add_risks(positions, held.reference, draft)
        return
    profile = add_profile(held.profile, "Risk Profile", held.catalogue, draft)
    try:
        add_shares(positions, {}, profile, held.reference, held.field, draft, total=held.book.total)
    except MissingInputError as missing:
        draft.miss("equity_share", missing)


def _is_single_name(position: Position, reference: Reference) -> bool:
    found = classify_position(position, reference)
    return reference.is_single_name(
        position.name, found.name if found is not None else None, position.text("asset_class"), position.text("rating")
    )


def _mark_kinds(held: _Held, draft: Draft) -> None:
    """What the names are that no rule of single names binds, and which of the others are shares."""
    reference = held.reference
    for position in held.book.positions:
        found, name = classify_position(position, reference), position.name
        kind = found.name if found is not None else None
        if _is_single_name(position, reference):
            if kind == EQUITY:
                draft.mark(name, Mark.SHARE)
        elif reference.is_broad(name):
            draft.mark(name, Mark.FUND)
        elif reference.is_deposit(name, kind, position.text("asset_class")):
            draft.mark(name, Mark.DEPOSIT)
        elif kind != CASH:
            draft.mark(name, Mark.STATE)


def _add_rules(held: _Held, draft: Draft) -> None:
    """The X-ray: each rule's limit as a fact, and a breach for each name above it."""
    held.book.need_weights()
    _add_suitability(held, draft)
    if held.no_limits is not None:
        raise held.no_limits
    limits, positions = held.limits, held.book.positions
    single = combine_names(position for position in positions if _is_single_name(position, held.reference))
    _mark_kinds(held, draft)
    breaches = _check_rule(held, draft, "single_name", "single position", single)
    for group in _RULED_GROUPS:
        ruled = [position for position in positions if group != "sector" or _has_sector(position, held.reference)]
        weights = sort_groups(ruled, GROUPS[group])
        if group == "currency" and held.base_currency:
            weights = [(name, weight) for name, weight in weights if name != held.base_currency]
        if group in {"sector", "region"}:
            weights = [(name, weight) for name, weight in weights if name.casefold().replace("-", " ") not in _SPREAD]
        if group == "region" and len(weights) == 1:
            draft.note("single_region", f"Every position with a region is in {weights[0][0]}.", field=held.field)
        if weights:
            breaches += _check_rule(held, draft, group, group, weights)
        if group == "currency":
            _gloss_quotations(weights, held, draft)
    top_five = draft.find("top_5")
    if top_five is not None:
        _state_limit(held, draft, "top_five", "top five positions")
        if top_five.value > limits.top_five:
            breaches += 1
            _state_excess(draft, "top_five", None, "the top five positions", top_five.value - limits.top_five)
    _add_cash(held, draft)
    breaches += _check_fees(held, draft)
    draft.state("breaches", Decimal(breaches), ("limits",))


def _add_cash(held: _Held, draft: Draft) -> None:
    """Money at hand and its limit: no rule that is broken, for it may be kept on purpose."""
    found = [(item, classify_position(item, held.reference)) for item in held.book.positions]
    share = sum((item.weight for item, kind in found if kind is not None and kind.name == CASH), Decimal(0))
    if share <= 0:
        return
    draft.state("cash_pct", share, (held.field,), subject="cash")
    method = AS_SENT if "cash" in held.own_limits else None
    draft.state(
        "limit", held.limits.cash, ("limits.cash",), key="cash", subject="cash", label="limit for cash", method=method
    )
    if held.book.total is not None:
        draft.state("cash", held.book.total * share / HUNDRED, (held.field,), subject="cash", method="sum of positions")
        if share > held.limits.cash:
            state_reduction(draft, "cash", (share - held.limits.cash) * held.book.total / HUNDRED, "limits.cash")


def _has_sector(position: Position, reference: Reference) -> bool:
    """Whether a position stands and falls with a sector: bonds, cash and gold are classes of their own, whatever their
    row says."""
    found = classify_position(position, reference)
    return found is None or found.name not in _NO_SECTOR


def _gloss_quotations(weights: Weights, held: _Held, draft: Draft) -> None:
    """Which of a currency's weight is that of funds: they are quoted in it, and may hold assets of others."""
    for currency, _ in weights[: held.limits.facts_per_group]:
        funds = [
            name
            for name, _ in combine_names(item for item in held.book.positions if item.currency == currency)
            if held.reference.is_broad(name)
        ]
        if funds:
            draft.glosses[currency] = join_names(funds[:_FUNDS_NAMED])


def _check_rule(held: _Held, draft: Draft, rule: str, what: str, weights: Weights) -> int:
    limit = _state_limit(held, draft, rule, what)
    over = [(name, weight) for name, weight in weights if weight > limit]
    for name, weight in over[: held.limits.facts_per_group]:
        _state_excess(draft, rule, name, name, weight - limit)
        if rule in _SIZED and held.book.total is not None:
            state_reduction(draft, name, (weight - limit) * held.book.total / HUNDRED, f"limits.{rule}")
    return len(over)


def _state_limit(held: _Held, draft: Draft, rule: str, what: str) -> Decimal:
    limit: Decimal = getattr(held.limits, rule)
    label = f"limit for the {what}" if what.startswith("top") else f"limit for a {what}"
    method = AS_SENT if rule in held.own_limits else None
    draft.state("limit", limit, (f"limits.{rule}",), key=rule, label=label, method=method)
    return limit


def _state_excess(draft: Draft, rule: str, subject: str | None, what: str, excess: Decimal) -> None:
    key = f"{rule}.{slug(subject)}" if subject else rule
    draft.state("excess", excess, (f"limits.{rule}",), key=key, subject=subject, label=f"{what} above the limit")


def _check_fees(held: _Held, draft: Draft) -> int:
    try:
        held.book.table.need("fee")
    except MissingInputError as missing:
        draft.miss("fee", missing)
        return 0
    charged = [position for position in held.book.positions if position.fee is not None]
    charged = _leave_out_impossible(charged, held, draft)
    if not charged:
        draft.miss("fee", held.book.table.find_fault("fee") or "no position has an expense ratio")
        return 0
    covered = sum((position.weight for position in charged), Decimal(0))
    if covered <= 0:
        draft.miss("fee", "the positions with an expense ratio have no weight")
        return 0
    fee = sum((position.weight * (position.fee or Decimal(0)) for position in charged), Decimal(0)) / covered
    draft.state("fee", fee, (held.field,))
    _state_limit(held, draft, "fee", "yearly expense ratio")
    if held.book.total is not None:
        draft.state("fee_amount", held.book.total * covered / HUNDRED * fee / HUNDRED, (held.field,))
    if fee <= held.limits.fee:
        return 0
    _state_excess(draft, "fee", None, "expense ratio", fee - held.limits.fee)
    return 1


def _leave_out_impossible(charged: Iterable[Position], held: _Held, draft: Draft) -> list[Position]:
    kept: list[Position] = []
    wrong: list[Position] = []
    for position in charged:
        (kept if position.fee is not None and 0 <= position.fee <= HUNDRED else wrong).append(position)
    if wrong:
        shown = ", ".join(position.row.field("fee") for position in wrong[:5])
        draft.note(
            "bad_cells", f"Expense ratios outside 0 to 100 percent are not used: {shown}.", field=held.field,
            warning=True,
        )  # fmt: skip
    return kept


def _describe(group: str) -> str:
    words = group.replace("_", " ")
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def list_breaches(facts: Sequence[Fact]) -> list[Fact]:
    """The facts that say how far something is above its limit."""
    return [fact for fact in facts if fact.measure == "excess"]


FIGURES = Figures(
    _take,
    (
        Group(
            "positions",
            _add_positions,
            (
                "market_value",
                "count",
                "top_1",
                "top_3",
                "top_5",
                "top_10",
                "hhi",
                "effective_number",
                "weight.position",
            ),
        ),
        Group("groups", _add_groups, tuple(f"weight.{group}" for group in GROUPS)),
        Group("gains", _add_gains, ("cost", "gain", "gain_pct")),
        Group("rules", _add_rules, ("breaches", "fee")),
    ),
)
