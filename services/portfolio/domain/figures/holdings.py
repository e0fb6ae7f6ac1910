"""Figures of ``holdings`` and ``concentration``: what is held, how it is spread, what gained, and which rules it
breaks."""

from collections import defaultdict
from decimal import Decimal

from services.portfolio.domain.facts import LEFT_OUT, Draft, join_names, slug
from services.portfolio.domain.figures.gains import add_gains
from services.portfolio.domain.figures.held import GROUPS, Held, take_held
from services.portfolio.domain.figures.kinds import Figures, Group
from services.portfolio.domain.figures.positions import combine_names, sort_groups
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.rules import add_rules
from services.portfolio.domain.figures.weights import add_allocation, add_concentration

_NAMED = 3


def _add_positions(held: Held, draft: Draft) -> None:
    book, source = held.book, (held.field,)
    if book.total is not None:
        draft.state("market_value", book.total, source, label="market value of all holdings", method="sum of positions")
    elif book.no_total is not None:
        draft.miss("market_value", book.no_total)
    _add_values(held, draft)
    if book.left_out:
        _add_left_out(held, draft)
    if book.no_weights is not None:
        count = len(combine_names(book.positions))
        draft.state("count", Decimal(count), ("positions",), label="number of positions")
        _add_local(held, draft)
    book.need_weights()
    weights = combine_names(book.positions)
    add_allocation(draft, "position", weights, held.limits.facts_per_group, "market value / total")
    add_concentration(draft, weights, "positions")


def _add_values(held: Held, draft: Draft) -> None:
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


def _add_left_out(held: Held, draft: Draft) -> None:
    """What could be converted is worth, and what could not, with the share that it may have."""
    book = held.book
    names = join_names([position.name for position in book.left_out[:_NAMED]])
    more = len(book.left_out) - _NAMED
    if more > 0:
        names += f" and {more} more"
    draft.glosses[LEFT_OUT] = names
    draft.name(names)
    for position in book.left_out[: held.limits.facts_per_group]:
        if position.local is not None:
            draft.state(
                "market_value", position.local.value, (held.field,), subject=position.name, key=slug(position.name),
                method="as sent, in its own currency", currency=book.amounts.code_of(position.local, position.row),
            )  # fmt: skip
    if book.converted is not None and book.left_share is not None:
        draft.state("converted", book.converted, (held.field,))
        draft.state("left_share", book.left_share, (held.field,), subject=names)
    _add_local(held, draft)


def _add_local(held: Held, draft: Draft) -> None:
    """Without rates: what is held in each currency, and the weights within it."""
    book = held.book
    if book.amounts.missing is None:
        return
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for position in (*book.positions, *book.left_out):
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


def _add_groups(held: Held, draft: Draft) -> None:
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


def _describe(group: str) -> str:
    words = group.replace("_", " ")
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


FIGURES = Figures(
    take_held,
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
        Group("gains", add_gains, ("cost", "gain", "gain_pct")),
        Group("rules", add_rules, ("breaches", "fee")),
    ),
)
