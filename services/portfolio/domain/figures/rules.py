"""The X-ray of what is held: what suits the client, and which limits are passed, by how much."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import AS_SENT, OF_COMPANIES, Draft, Mark, join_names, slug
from services.portfolio.domain.figures.held import GROUPS, Held
from services.portfolio.domain.figures.nearness import add_near
from services.portfolio.domain.figures.plan import add_plan
from services.portfolio.domain.figures.positions import Position, combine_names, sort_groups
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.suitability import (
    add_bounds,
    add_profile,
    add_shares,
    classify_position,
    is_fund,
    is_illiquid,
    is_single_name,
    is_whole,
    state_reduction,
)
from services.portfolio.domain.figures.traits import mark_kinds
from services.portfolio.domain.figures.weights import SPREAD, Weights
from services.portfolio.domain.reference import CASH, DEBT, EQUITY, REAL_ESTATE, Reference, match_words

_SINGLE = "single_name"
_RULED_GROUPS = ("sector", "currency", "region", "account", "issuer", "asset_class")
LOTS_ALONE = "all that was sent are the lots of"
"""Glossed where only the lots of one position were sent."""
_NO_SECTOR = frozenset({"debt", "cash", "gold", "crypto"})
_FUNDS_NAMED = 3
_OF_STATES = frozenset(
    {"government", "governments", "sovereign", "treasury", "staat", "staaten", "etat", "stato", "estado"}
)
"""Sectors of bonds that states owe."""


def _add_suitability(held: Held, draft: Draft) -> None:
    """Leverage and liquidity, and the equity share against the profile where one was sent."""
    positions = held.book.positions
    if held.profile is None and held.bounds.equity is None:
        add_bounds(positions, None, held.bounds, held.reference, held.field, draft, held.base_currency, held.book.total)
        return
    own = held.bounds
    if "asset_class" in held.own_limits and EQUITY not in own.names:  # which holds for shares as for any class
        own = replace(own, most={**own.most, EQUITY: held.limits.asset_class})
    profile = add_profile(held.profile, "Risk Profile", held.catalogue, draft, own)
    try:
        add_shares(
            positions, {}, profile, held.reference, held.field, draft, held.base_currency, held.book.total, held.bounds
        )
    except MissingInputError as missing:
        draft.miss("equity_share", missing)


def add_rules(held: Held, draft: Draft) -> None:
    """The X-ray: each rule's limit as a fact, and a breach for each name above it."""
    held.book.need_weights()
    positions = held.book.positions
    if len(positions) == 1 and positions[0].lots:
        draft.glosses[LOTS_ALONE] = positions[0].name
        mark_kinds(held, draft)
        draft.miss("breaches", "the lots of one position alone were sent, so that no weight says anything")
        return
    _add_suitability(held, draft)
    if held.rules.missing is not None:
        raise held.rules.missing
    limits = held.limits
    own = "single_name" in held.own_limits and not held.rules.of_companies
    if held.rules.of_companies:
        draft.glosses[OF_COMPANIES] = "no fund is held to it"
    single = combine_names(
        position for position in positions
        if is_single_name(position, held.reference) and (own or not _is_property(position, held.reference))
        and not (held.rules.of_companies and _is_no_share(position, held.reference))
    )  # fmt: skip
    mark_kinds(held, draft)
    over = {"single_name": _check_rule(held, draft, "single_name", "single position", single)}
    keys = {group: _find_key(group, held) for group in _RULED_GROUPS}
    for group in _RULED_GROUPS:
        weights = _weigh_group(group, keys[group], over["single_name"], held)
        if group == "region" and len(weights) == 1:
            draft.note("single_region", f"Every position with a region is in {weights[0][0]}.", field=held.field)
        named = any(rule == group for rule, _ in held.rules.named)
        if weights and (group != "asset_class" or limits.asset_class < HUNDRED or named):
            over[group] = _check_rule(held, draft, group, group.replace("_", " "), weights)
        if group == "region":
            _state_counted(over.get(group, ()), held, draft)
        if group == "currency":
            _gloss_quotations(weights, held, draft)
    breaches = sum(map(len, over.values()))
    breaches += sum(fact.id.startswith("excess.bound.") for fact in draft.facts)
    top_five = draft.find("top_5")
    owed = sum((-item.weight for item in positions if item.weight < 0), Decimal(0))
    if owed and "top_five" not in held.own_limits:
        top_five = None  # five weights of what is left after a loan are no share of what is held
    if top_five is not None and held.rules.judges("top_five"):
        _state_limit(held, draft, "top_five", "top five positions")
        if top_five.value > limits.top_five:
            breaches += 1
            _state_excess(draft, "top_five", None, "the top five positions", top_five.value - limits.top_five)
    _add_cash(held, draft)
    _gloss_overlaps(over["single_name"], held, draft)
    _add_kin(single, over["single_name"], draft)
    add_plan(held, over, keys, draft)
    breaches += _check_fees(held, draft)
    draft.state("breaches", Decimal(breaches), ("limits",))


def _weigh_group(group: str, key: Callable[[Position], str | None], single: Weights, held: Held) -> Weights:
    """The weights that the rule of a group is for, where ``single`` are the names above the limit for one."""
    weights = sort_groups(held.book.positions, key)
    if group == "currency" and held.base_currency and group not in held.own_limits:
        own = {name for rule, name in held.rules.named if rule == group}
        weights = [pair for pair in weights if pair[0] != held.base_currency or match_words(pair[0]) in own]
    if group == "account" and group not in held.own_limits:  # a wrapper says how it is taxed, not who keeps it
        weights = [(name, weight) for name, weight in weights if not _is_wrapper(name, held.reference)]
    if group == "account" and group not in held.own_limits:  # one name that is above its own limit is told as that
        told = {name for name, _ in single}
        names: dict[str, set[str]] = {}
        for item in held.book.positions:
            names.setdefault((key(item) or "").casefold(), set()).add(item.name)
        weights = [pair for pair in weights if not names[pair[0].casefold()] <= told]
    if group in {"sector", "region"}:
        weights = [(name, weight) for name, weight in weights if name.casefold().replace("-", " ") not in SPREAD]
    return weights


def _add_cash(held: Held, draft: Draft) -> None:
    """Money at hand and its limit: no rule that is broken, for it may be kept on purpose."""
    found = [(item, classify_position(item, held.reference)) for item in held.book.positions]
    share = sum((item.weight for item, kind in found if kind is not None and kind.name == CASH), Decimal(0))
    if share <= 0:
        return
    draft.state("cash_pct", share, (held.field,), subject="cash")
    if held.book.total is not None and not held.rules.judges("cash"):
        draft.state("cash", held.book.total * share / HUNDRED, (held.field,), subject="cash", method="sum of positions")
    if not held.rules.judges("cash"):
        return
    method = AS_SENT if "cash" in held.own_limits else None
    draft.state(
        "limit", held.limits.cash, ("limits.cash",), key="cash", subject="cash", label="limit for cash", method=method
    )
    if held.book.total is not None:
        draft.state("cash", held.book.total * share / HUNDRED, (held.field,), subject="cash", method="sum of positions")
        if share > held.limits.cash:
            _state_excess(draft, "cash", "cash", "cash", share - held.limits.cash)
            state_reduction(draft, "cash", (share - held.limits.cash) * held.book.total / HUNDRED, "limits.cash")


def _add_kin(single: Weights, over: Weights, draft: Draft) -> None:
    """Shares whose names begin alike, such as vested and unvested ones, and what they weigh together: the limit is for
    the company."""
    large = {name for name, _ in over}
    shares = [(name, weight) for name, weight in single if Mark.SHARE in draft.marks.get(name, frozenset())]
    for name, weight in shares:
        kin = [pair for pair in shares if pair[0].casefold().startswith(f"{name.casefold()} ")]
        if kin and large & {name, *(other for other, _ in kin)}:
            names = join_names([name, *(other for other, _ in kin[:_FUNDS_NAMED])])
            draft.state(
                "weight", weight + sum((part for _, part in kin), Decimal(0)), (draft.section,), subject=names,
                key=f"kin.{slug(name)}", method="sum of the weights of shares whose names begin alike",
            )  # fmt: skip


def _is_no_share(position: Position, reference: Reference) -> bool:
    """Whether a position is known to be something else than a share of a company."""
    kind = classify_position(position, reference)
    return kind is not None and kind.name not in {EQUITY, REAL_ESTATE}


def _is_property(position: Position, reference: Reference) -> bool:
    """Whether a position is a property itself, which no limit of the house for a security was set for."""
    kind = classify_position(position, reference)
    return kind is not None and kind.name == REAL_ESTATE and is_whole(position, reference)


def _has_sector(position: Position, reference: Reference) -> bool:
    """Whether a position alone makes a sector of what its row says: bonds, cash and gold are classes of their own."""
    found = classify_position(position, reference)
    return found is None or found.name not in _NO_SECTOR


def _gloss_quotations(weights: Weights, held: Held, draft: Draft) -> None:
    """Which of a currency's weight is that of funds: they are quoted in it, and may hold assets of others."""
    broad = {item.name for item in held.book.positions if is_fund(item, held.reference)}
    for currency, _ in weights[: held.limits.facts_per_group]:
        funds = [
            name
            for name, _ in combine_names(item for item in held.book.positions if item.currency == currency)
            if name in broad
        ]
        if funds:
            draft.glosses[currency] = join_names(funds[:_FUNDS_NAMED])


def _is_wrapper(account: str, reference: Reference) -> bool:
    return reference.is_sheltered(account) or reference.is_taxed(account)


def _find_key(group: str, held: Held) -> Callable[[Position], str | None]:
    """What a position counts towards under the rule of a group.

    Money at hand and debt of states in the portfolio's own currency count towards no region, where the limit is that of
    the house: they are what is kept safe, and no risk of an economy. A sector of nothing but bonds, cash or gold is a
    class, and no sector. Any other counts with all its rows, a
    bank's bond with its share: so its weight here is the one that is told of it.
    """
    key = GROUPS[group]
    if group == "region" and group not in held.own_limits:
        return lambda position: None if _is_at_home(position, held) else key(position)
    if group != "sector":
        return key
    sectors = {
        name.casefold() for item in held.book.positions if (name := key(item)) and _has_sector(item, held.reference)
    }
    return lambda position: name if (name := key(position)) and name.casefold() in sectors else None


def _is_at_home(position: Position, held: Held) -> bool:
    """Whether a position is money or debt of a state in the portfolio's own currency."""
    if position.currency not in {None, held.base_currency or held.book.currency}:
        return False
    kind, reference = classify_position(position, held.reference), held.reference
    sent = position.text("asset_class")
    if kind is None or kind.name not in {CASH, DEBT}:
        return False
    return (
        kind.name == CASH
        or reference.is_deposit(position.name, kind.name, sent)
        or reference.is_state_debt(position.name, kind.name, sent, position.text("rating"))
        or match_words(position.text("sector") or "") in _OF_STATES
    )


def _state_counted(over: Weights, held: Held, draft: Draft) -> None:
    """What a region above its limit weighs without what does not count towards it, where that is some of it."""
    whole = dict(sort_groups(held.book.positions, GROUPS["region"]))
    for name, weight in over[: held.limits.facts_per_group]:
        if weight < whole.get(name, weight):
            draft.state(
                "weight", weight, (held.field,), subject=name, key=f"counted.region.{slug(name)}",
                label=f"weight of {name} without money and debt of states in the own currency",
                method="weights summed by region, without money and debt of states in the own currency",
            )  # fmt: skip


def _gloss_overlaps(over: Weights, held: Held, draft: Draft) -> None:
    """Beside each fund of one sector, the largest share of that sector above its limit, which it may hold too."""
    rows = {item.name: item for item in held.book.positions}
    shares = [rows[name] for name, _ in over if name in rows and _is_share(rows[name], held.reference)]
    shares = [share for share in shares if not is_illiquid(share, held.reference)]  # no fund of shares holds these
    for fund in held.book.positions:
        if not is_fund(fund, held.reference) or not _is_share(fund, held.reference):
            continue
        found = next((share.name for share in shares if _may_overlap(fund, share)), None)
        if found is not None:
            draft.glosses[f"{fund.name} may hold"] = found


def _may_overlap(fund: Position, share: Position) -> bool:
    """Whether a fund is one of the share's own sector: of a fund of many sectors one share is a trifle."""
    one, two = (_form(item.text("sector")) for item in (fund, share))
    regions = {_form(item.text("region")) for item in (fund, share)} - {""}
    return bool(one) and one == two and one not in SPREAD and (len(regions) < 2 or bool(regions & SPREAD))


def _form(name: str | None) -> str:
    return (name or "").casefold().replace("-", " ")


def _is_share(position: Position, reference: Reference) -> bool:
    found = classify_position(position, reference)
    return found is not None and found.name == EQUITY


def _check_rule(held: Held, draft: Draft, rule: str, what: str, weights: Weights) -> list[tuple[str, Decimal]]:
    """What is above the limit of a rule, or above the one that was set for its name alone."""
    if held.rules.judges(rule):
        _state_limit(held, draft, rule, what)
    over: list[tuple[str, Decimal]] = []
    owed = sum((-item.weight for item in held.book.positions if item.weight < 0), Decimal(0))
    if rule == "issuer" or (rule == _SINGLE and rule in held.own_limits and "issuer" not in held.own_limits):
        pairs = ((name, weight, held.rules.find(rule, name)[0]) for name, weight in weights)
        add_near(rule, [(name, weight, limit) for name, weight, limit in pairs if limit is not None], draft)
    for name, weight in weights:
        limit, is_named = held.rules.find(rule, name)
        if limit is None:
            continue
        if owed and rule not in held.own_limits and not is_named and weight * HUNDRED / (HUNDRED + owed) <= limit:
            continue  # the house's limits are for parts of all that is held, and not of what a loan leaves of it
        if is_named:
            draft.state(
                "limit", limit, (f"limits.{rule}",), key=f"{rule}.{slug(name)}", subject=name, method=AS_SENT,
                label=f"limit for {name}",
            )  # fmt: skip
        if weight > limit:
            over.append((name, weight))
            if len(over) <= held.limits.facts_per_group:
                _state_excess(draft, rule, name, name, weight - limit)
                if (day := held.rules.find_day(rule, name)) is not None:
                    draft.state(
                        "limit_day", limit, (f"limits.{rule}",), subject=name, key=f"{rule}.{slug(name)}", dates=(day,)
                    )
    return over


def _state_limit(held: Held, draft: Draft, rule: str, what: str) -> Decimal:
    limit: Decimal = getattr(held.limits, rule)
    label = f"limit for the {what}" if what.startswith("top") else f"limit for a {what}"
    method = AS_SENT if rule in held.own_limits else None
    draft.state("limit", limit, (f"limits.{rule}",), key=rule, label=label, method=method)
    return limit


def _state_excess(draft: Draft, rule: str, subject: str | None, what: str, excess: Decimal) -> None:
    key = f"{rule}.{slug(subject)}" if subject else rule
    draft.state("excess", excess, (f"limits.{rule}",), key=key, subject=subject, label=f"{what} above the limit")


def _check_fees(held: Held, draft: Draft) -> int:
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
    if held.book.total is not None:
        draft.state("fee_amount", held.book.total * covered / HUNDRED * fee / HUNDRED, (held.field,))
    if not held.rules.judges("fee"):
        return 0
    _state_limit(held, draft, "fee", "yearly expense ratio")
    if fee <= held.limits.fee:
        return 0
    _state_excess(draft, "fee", None, "expense ratio", fee - held.limits.fee)
    return 1


def _leave_out_impossible(charged: Iterable[Position], held: Held, draft: Draft) -> list[Position]:
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
