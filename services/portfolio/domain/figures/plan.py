"""What the sales that limits ask for would change: what they cure, what they leave, and what they are taxed.

What is sold goes elsewhere: to nothing that is above a limit itself. Sales of single names come first, for they are
what they are called; those of an issuer are what is left of its excess then.
What can be sold only whole is in none of these sums, and of what is locked in part the free part is.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from services.portfolio.domain.facts import Draft, Mark, join_names, slug
from services.portfolio.domain.figures.held import Held
from services.portfolio.domain.figures.lot_sales import add_up, realise, state_terms
from services.portfolio.domain.figures.positions import Position, combine_names
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.repaid_abroad import add_repaid
from services.portfolio.domain.figures.sellable import find_free_share
from services.portfolio.domain.figures.suitability import classify_position, list_bounds, state_reduction
from services.portfolio.domain.figures.weights import Weights
from services.portfolio.domain.glosses import LOTS_OPEN
from services.portfolio.domain.reference import EQUITY

_PRINTED = Decimal("0.05")
"""What is closer to its limit is printed as the limit itself."""
_TOP = 5
_SOON = timedelta(days=92)
"""A quarter, the rhythm of reports."""
_FREE_NAMED = 3
_NOTHING = Decimal(0)

Key = Callable[[Position], str | None]
Free = Mapping[str, Decimal]
"""The part of each position, of one and by its path, that may be sold."""


def add_plan(held: Held, over: Mapping[str, Weights], keys: Mapping[str, Key], draft: Draft) -> None:
    """State what is to be sold of each name that is above a limit, and what every other excess is after that.

    ``over`` holds what is above its limit by rule, ``keys`` what a position counts towards under each rule.
    """
    repaid = _list_repaid(held, over, draft)
    free = {
        item.path: _NOTHING if item.name in repaid else find_free_share(item, held.reference, draft.currency)
        for item in held.book.positions
    }
    sold = _sell_names(held, over.get("single_name", ()), free, draft)
    _sell_issuers(held, over.get("issuer", ()), keys["issuer"], sold, free, draft)
    for rule, key in keys.items():
        stays = rule in {"account", "asset_class"}  # what a sale brings stays in its account, and may stay in its class
        if rule != "issuer":
            _state_rests(held, rule, over.get(rule, ()), key, {} if stays else sold, free, draft)
    _state_bounds(held, sold, draft)
    add_repaid(held, over.get("currency", ()), sold, draft)
    _state_top_five(held, sold, draft)
    _state_equity(held, sold, draft)
    _state_taxes(held, sold, draft)


def _list_repaid(held: Held, over: Mapping[str, Weights], draft: Draft) -> frozenset[str]:
    """What is above its limit and repaid before the next report: its size settles itself, and nothing of it is sold."""
    today = draft.frame.as_of
    large = {name for name, _ in over.get("single_name", ())}
    found: dict[str, list[tuple[Position, date | None]]] = {}
    for item in held.book.positions:
        if item.name in large:
            found.setdefault(item.name, []).append((item, item.row.day("maturity")))
    soon = set()
    for name, rows in found.items():
        days = [day for _, day in rows if day is not None and today is not None and today <= day <= today + _SOON]
        if len(days) == len(rows):
            soon.add(name)
            worth = sum((item.market_value or Decimal(0) for item, _ in rows), Decimal(0))
            draft.state("repaid_soon", worth, (held.field,), subject=name, key=slug(name), dates=(max(days),))
    return frozenset(soon)


def _sell_names(held: Held, over: Weights, free: Free, draft: Draft) -> dict[str, Decimal]:
    """The part of each name that is to be sold, out of what of it may be; what is above the limit and may not is
    stated."""
    total, told, sold = held.book.total, 0, dict[str, Decimal]()
    for name, weight in over:
        excess = weight - _find_limit(held, "single_name", name)
        able = sum((item.weight * free[item.path] for item in held.book.positions if item.name == name), _NOTHING)
        if able <= 0:
            continue
        sold[name] = min(excess, able) / weight
        told += 1
        if total is None or told > held.limits.facts_per_group:
            continue
        if able >= excess:
            state_reduction(draft, name, excess * total / HUNDRED, "limits.single_name")
        else:
            draft.state(
                "reduction", (excess - able) * total / HUNDRED, ("limits.single_name",), subject=name,
                key=f"locked.{slug(name)}", label=f"amount of {name} above the limit that may not be sold yet",
            )  # fmt: skip
    return sold


def _find_limit(held: Held, rule: str, name: str) -> Decimal:
    """The limit that a name is above."""
    limit, _ = held.rules.find(rule, name)
    return Decimal(0) if limit is None else limit


def _sum_left(items: Sequence[Position], sold: Mapping[str, Decimal], free: Free) -> dict[str, Decimal]:
    """What of these positions, by their names, may still be sold once the sales are made."""
    left: dict[str, Decimal] = {}
    for item in items:
        rest = item.weight * (free[item.path] - sold.get(item.name, _NOTHING))
        left[item.name] = left.get(item.name, _NOTHING) + rest
    return {name: rest for name, rest in left.items() if rest > 0}


def _weigh(held: Held, key: Key, name: str, sold: Mapping[str, Decimal]) -> Decimal:
    """What a group weighs once the sales are made."""
    wanted = name.casefold()
    return sum(
        (
            item.weight * (1 - sold.get(item.name, Decimal(0)))
            for item in held.book.positions
            if (key(item) or "").casefold() == wanted
        ),
        Decimal(0),
    )


def _sell_issuers(held: Held, over: Weights, key: Key, sold: dict[str, Decimal], free: Free, draft: Draft) -> None:
    total = held.book.total
    for name, weight in over[: held.limits.facts_per_group]:
        limit = _find_limit(held, "issuer", name)
        after = _weigh(held, key, name, sold)
        if weight - after >= _PRINTED:
            _state_after(draft, "issuer", name, after, "limits.issuer")
        if after - limit < _PRINTED:
            continue
        left = _sum_left([item for item in held.book.positions if key(item) == name], sold, free)
        able = sum(left.values(), _NOTHING)
        if able < after - limit:
            continue
        if total is not None:
            draft.state(
                "reduction", (after - limit) * total / HUNDRED, ("limits.issuer",), subject=name,
                key=f"issuer.{slug(name)}",
            )  # fmt: skip
        weights = dict(combine_names(held.book.positions))
        for paper, rest in left.items():
            sold[paper] = sold.get(paper, _NOTHING) + rest * (after - limit) / able / weights[paper]


def _state_rests(
    held: Held, rule: str, over: Weights, key: Key, sold: Mapping[str, Decimal], free: Free, draft: Draft
) -> None:
    """What a group above its limit weighs after the sales, and what would still have to leave it."""
    for name, weight in over[: held.limits.facts_per_group]:
        limit = _find_limit(held, rule, name)
        after = _weigh(held, key, name, sold)
        if weight - after >= _PRINTED:
            _state_after(draft, rule, name, after, f"limits.{rule}")
        wanted = name.casefold()
        members = [item for item in held.book.positions if (key(item) or "").casefold() == wanted]
        if sum(_sum_left(members, sold, free).values(), _NOTHING) < after - limit:
            continue
        if after - limit >= _PRINTED and held.book.total is not None:
            draft.state(
                "reduction", (after - limit) * held.book.total / HUNDRED, (f"limits.{rule}",), subject=name,
                key=f"{rule}.{slug(name)}",
            )  # fmt: skip
            _gloss_untaxed(held, rule, name, members, sold, free, draft)


def _gloss_untaxed(
    held: Held, rule: str, name: str, items: Sequence[Position], sold: Mapping[str, Decimal], free: Free, draft: Draft
) -> None:
    """What can leave a group without a taxed gain, as it is held where gains are not taxed or stands at none, the
    largest first; empty where nothing can, and nothing where it is not known of each."""

    def is_known(item: Position) -> bool:
        return held.reference.is_sheltered(item.text("account") or "") or item.cost is not None

    def is_free(item: Position) -> bool:
        sheltered = held.reference.is_sheltered(item.text("account") or "")
        return sheltered or (item.cost is not None and item.market_value is not None and item.market_value <= item.cost)

    kept = [item for item in items if free[item.path] == 1 and item.name not in sold]
    if kept and all(is_known(item) for item in kept):
        untaxed = sorted((item for item in kept if is_free(item)), key=lambda item: -item.weight)
        draft.glosses[f"{rule} of {name} without tax"] = join_names([item.name for item in untaxed[:_FREE_NAMED]])


def _state_after(draft: Draft, rule: str, name: str, after: Decimal, source: str) -> None:
    draft.state("weight_after", after, (source,), subject=name, key=f"{rule}.{slug(name)}")


def _state_bounds(held: Held, sold: Mapping[str, Decimal], draft: Draft) -> None:
    """What a bound of the client or the profile stands at after the sales, and what would still have to go."""
    positions = held.book.positions
    bounds = list_bounds(positions, held.reference, held.base_currency)
    freed = {
        name: sum((item.weight * sold[item.name] for item in positions if item.name in sold and fits(item)), Decimal(0))
        for name, fits in bounds.items()
        if name != EQUITY  # other shares may be bought with it
    }
    for fact in [fact for fact in draft.facts if fact.id.startswith("excess.bound.")]:
        name = fact.id.removeprefix("excess.bound.")
        size = draft.find(f"reduction.bound.{name}")
        if name in bounds and _sum_sellable(held, bounds[name], draft) < fact.value:
            draft.glosses[f"{name} is whole"] = "what has to leave it can be sold only whole"
            continue
        if size is None or held.book.total is None or freed.get(name, Decimal(0)) < _PRINTED:
            continue
        rest = max(size.value - freed[name] * held.book.total / HUNDRED, Decimal(0))
        draft.state(
            "reduction", rest, (held.field,), subject=fact.subject, key=f"rest.{name}",
            label=f"{fact.label}, after the sales",
        )  # fmt: skip


def _sum_sellable(held: Held, fits: Callable[[Position], bool], draft: Draft) -> Decimal:
    """What of a group may be sold at all, within days or not."""
    return sum(
        (item.weight * find_free_share(item, held.reference, draft.currency, at_once=False)
         for item in held.book.positions if fits(item)),
        _NOTHING,
    )  # fmt: skip


def _state_top_five(held: Held, sold: Mapping[str, Decimal], draft: Draft) -> None:
    before = draft.find("top_5")
    if draft.find("excess.top_five") is None or before is None or not sold:
        return
    kept = [weight * (1 - sold.get(name, Decimal(0))) for name, weight in combine_names(held.book.positions)]
    after = sum(sorted(kept, reverse=True)[:_TOP], Decimal(0))
    draft.state("weight_after", after, ("limits.top_five",), key="top_five", label="top 5 after the sales")


def _state_equity(held: Held, sold: Mapping[str, Decimal], draft: Draft) -> None:
    """What must leave shares beside the sales of single shares, where their proceeds leave shares first; what must go
    into shares where there are too few of them, with what these sales take out."""
    move, share, most = (draft.find(name) for name in ("equity_move", "equity_share", "profile_max"))
    if move is None or share is None or most is None or held.book.total is None:
        return
    shares = [item for item in held.book.positions if (kind := classify_position(item, held.reference)) is not None
              and kind.name == EQUITY]  # fmt: skip
    freed = sum((item.weight * sold.get(item.name, Decimal(0)) for item in shares), Decimal(0))
    if freed <= 0:
        return
    sum_ = freed * held.book.total / HUNDRED
    if share.value <= most.value:
        label = "amount to go into shares once the single names are sold down"
        draft.state("equity_rest", move.value + sum_, (held.field,), label=label)
        return
    rest = move.value - sum_
    draft.state("equity_rest", rest if rest * HUNDRED >= held.book.total * _PRINTED else Decimal(0), (held.field,))


def _state_taxes(held: Held, sold: Mapping[str, Decimal], draft: Draft) -> None:
    """The gain in each sale whose account is one that is taxed, pro rata of the gain of what is held there."""
    rows: dict[str, list[Position]] = {}
    for item in held.book.positions:
        rows.setdefault(item.name, []).append(item)
    for name, items in rows.items():
        accounts = [item.text("account") for item in items]
        if all(account and held.reference.is_taxed(account) for account in accounts):
            draft.mark(name, Mark.TAXED)
            _state_gain(held, name, items, sold.get(name, Decimal(0)), draft)
        elif all(account and held.reference.is_sheltered(account) for account in accounts):
            draft.mark(name, Mark.SHELTERED)
        else:
            _state_gain(held, name, items, sold.get(name, Decimal(0)), draft, gain="sale_gain", loss=None)
        if draft.marks.get(name) and accounts[0] and len(set(accounts)) == 1:
            draft.glosses[f"{name} is in"] = accounts[0]


def _state_gain(
    held: Held, name: str, items: Sequence[Position], part: Decimal, draft: Draft, gain: str = "taxable_gain",
    loss: str | None = "sale_loss",
) -> None:  # fmt: skip
    """What the sale of a part realises, by the lots where these are known, and nothing where they are open."""
    if not part:
        return
    if any(item.row.has_open_lots for item in items):
        draft.glosses[LOTS_OPEN] = "; ".join(filter(None, (draft.glosses.get(LOTS_OPEN), name)))
    found = [realise(item, part, held.lot_rule, draft.currency) for item in items]
    known = [item for item in found if item is not None]
    if len(known) < len(found):
        return
    made = add_up(known)
    fact_id = gain if made.gain > 0 else loss
    if not made.gain or fact_id is None:
        return
    sources = ("account", "cost")
    draft.state(fact_id, made.gain, sources, subject=name, key=slug(name))
    state_terms(made, name, sources, draft)
