"""What the other payloads of a task say that a section needs, so that sections do not advise past one another: what the
whole portfolio is worth, whether trades towards a model are due, and what has to leave shares."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from services.common.errors import WealthError
from services.portfolio.domain.due import find_due
from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import FactTable, Mark
from services.portfolio.domain.figures import compute
from services.portfolio.domain.reading import Context, Money, Need, Reading, read
from services.portfolio.domain.sections import Catalogue, Detected, Undetected
from services.portfolio.domain.siblings import Siblings
from services.portfolio.domain.terms import quote

_PROFILES = ("customer_risk_profile", "Risk Profile")
_NAMES = ("Market Value", "total_portfolio_mv")
_INCOME = "income"
_MODEL, _OVERVIEWS = "model_and_rebalancing", ("portfolio_snapshot", "model_and_rebalancing")
"""The sections that speak of all of the portfolio, and are computed twice where a task has others beside them: they are
short."""
_LISTS, _LONGEST = ("holdings", "concentration"), 500
"""Lists of what is held are looked through as well where they are no longer: they may be a hundred thousand rows."""


def add_siblings(found: Sequence[Detected | Undetected], catalogue: Catalogue, context: Context) -> Context:
    """The context with what the payloads say of one another, where there are several."""
    whole = _find_whole(found, catalogue, context)
    known = Siblings(whole=(whole.value, whole.currency) if whole is not None else None)
    context = replace(context, siblings=known)
    sections = [item for item in found if isinstance(item, Detected)]
    if len(sections) < 2:
        return context
    known = _share_client(sections, catalogue, context)
    context = replace(context, siblings=known)
    tables = [table for item in sections if _is_short(item)
              and (table := _compute(item, catalogue, context)) is not None]  # fmt: skip
    model = next((table for table in tables if table.section == _MODEL and _settles(table)), None)
    moved = next((move for table in tables if (move := _find_move(table)) is not None), None)
    first = next(((table, name) for table in tables if (name := _find_first_sale(table)) is not None), None)
    owner = model or (first[0] if first is not None else None)
    return replace(
        context,
        siblings=replace(
            known, trades_settle=model is not None, leaves_shares=moved,
            sold_first=first[1] if first is not None else None,
            client=owner.frame.client if owner is not None else None,
            traded=_list_traded(tables),
        ),
    )  # fmt: skip


def _share_client(sections: Sequence[Detected], catalogue: Catalogue, context: Context) -> Siblings:
    """What any payload says of the client, for all of them: the risk profile, and what is spoken for; nothing where
    they are of several clients, and no profile where they name several."""
    known = context.siblings
    readings = [reading for item in sections if (reading := _read(item, catalogue, context)) is not None]
    if len({text.casefold() for reading in readings if (text := reading.text("Client Name"))}) > 1:
        return known
    profiles = {text for reading in readings for name in _PROFILES if (text := reading.text(name))}
    needs = [need for reading in readings for need in reading.needs]
    needs += [need for item in sections if item.section.name == _INCOME
              and (need := _find_gap(item, catalogue, context)) is not None]  # fmt: skip
    return replace(known, profile=profiles.pop() if len(profiles) == 1 else None, needs=tuple(needs))


def _find_gap(item: Detected, catalogue: Catalogue, context: Context) -> Need | None:
    """What the income leaves open of a year's need, which has to come out of what is held; the need in its words where
    that could not be said."""
    reading, table = _read(item, catalogue, context), _compute(item, catalogue, context)
    if reading is None or not reading.has("annual_need"):
        return None
    field = reading.name_of("annual_need")
    says = quote(f"{field} a year", reading.detected.get("annual_need"))
    if table is None or table.find("annual_need") is None:
        return Need(field, says)
    gap = (
        table.find("gap_lasting")
        or table.find("gap_with_fee")
        or (None if table.find("surplus_with_fee") else table.find("income_gap"))
    )
    if gap is None:
        return None
    return Need(field, says, Money(gap.value, gap.currency), purpose="what income leaves open of a year's need")


def _read(item: Detected, catalogue: Catalogue, context: Context) -> Reading | None:
    """A payload as it was read, where it is short."""
    sizes = (len(value) for value in item.fields.values() if isinstance(value, list | str))
    if max(sizes, default=0) > _LONGEST:
        return None
    try:
        return read(item, catalogue, context)
    except (WealthError, MissingInputError, ArithmeticError):
        return None  # its own section says why


def _list_traded(tables: Iterable[FactTable]) -> tuple[tuple[str, bool], ...]:
    """What the plan towards the model sells and buys, where one is told."""
    plan = next((table for table in tables if table.section == _MODEL), None)
    breaches = find_due(plan) if plan is not None else None
    if plan is None or breaches is None or not breaches.value:
        return ()
    made = plan.list_measure("trade", "planned.")
    if not made and not plan.list_measure("trade", "unsold.") and plan.find("breaches_after") is None:
        made = plan.list_measure("trade", "trade.")
    return tuple((str(fact.subject), fact.value < 0) for fact in made)


def _is_short(item: Detected) -> bool:
    """Whether a payload speaks of all of the portfolio, and is short enough to be computed twice."""
    rows = next((item.get(name) for name in _LISTS if item.get(name) is not None), None)
    listed = item.section.name in _LISTS and isinstance(rows, list) and len(rows) <= _LONGEST
    return listed or item.section.name in _OVERVIEWS


def _find_first_sale(table: FactTable) -> str | None:
    """The share furthest above its limit whose sale, with the others, takes equity back into the profile's range."""
    rest, move = table.find("equity_rest"), table.find("equity_move")
    over = sorted(table.list_measure("excess", "excess.single_name."), key=lambda fact: -fact.value)
    share = next((fact.subject for fact in over if table.is_marked(fact.subject, Mark.SHARE)), None)
    return share if rest is not None and move is not None and not rest.value else None


def _compute(item: Detected, catalogue: Catalogue, context: Context) -> FactTable | None:
    try:
        return compute(item, catalogue, context)
    except (WealthError, MissingInputError, ArithmeticError):
        return None  # its own section says why


def _settles(table: FactTable) -> bool:
    """Whether trades towards a model are due that bring equity into the range of the client's profile."""
    breaches, model = find_due(table), table.find("model_equity_share")
    least, most = table.find("profile_min"), table.find("profile_max")
    if breaches is None or not breaches.value or not table.list_measure("trade", "trade."):
        return False
    return model is not None and least is not None and most is not None and least.value <= model.value <= most.value


def _find_move(table: FactTable) -> tuple[Decimal, str | None] | None:
    """What has to leave shares for the client's profile, with its currency."""
    move, share, most = (table.find(name) for name in ("equity_move", "equity_share", "profile_max"))
    if move is None or share is None or most is None or share.value <= most.value:
        return None
    return move.value, move.currency


def _find_whole(found: Iterable[Detected | Undetected], catalogue: Catalogue, context: Context) -> Money | None:
    for item in found:
        name = next((name for name in _NAMES if isinstance(item, Detected) and item.get(name) is not None), None)
        if name is None or not isinstance(item, Detected):
            continue
        try:
            reading = read(item, catalogue, context)
            money = reading.money(name)
        except (WealthError, MissingInputError):
            return None  # its own section says why
        if money is not None and money.value > 0:
            return Money(money.value, money.currency or reading.currency)
    return None
