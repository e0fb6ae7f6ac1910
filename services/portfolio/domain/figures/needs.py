"""Money that is spoken for, held against what there is for it: what is owed or to be kept is not there to be invested.

A need that names where it is paid from is held against the cash there, and what is sold there cannot be what may not be
sold, nor what matures after its day. What other payloads of the task say of needs counts too; each counts once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from services.portfolio.domain.facts import GOAL, NEEDS, NEEDS_OPEN, SOURCES, Draft, Fact, join_names, slug
from services.portfolio.domain.figures.credit import is_drawn
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.sellable import find_free_value
from services.portfolio.domain.figures.suitability import classify_position, is_bound
from services.portfolio.domain.needs import Money
from services.portfolio.domain.reading import Need, Reading
from services.portfolio.domain.reference import CASH, Reference, match_words
from services.portfolio.domain.terms import name_field

_NAMED = 3
_SOON = timedelta(days=366)
"""What matures within a year of the need's day is told as too late for it."""
_NOTHING = Decimal(0)


Dated = tuple[Position, date]


@dataclass(frozen=True, slots=True)
class _Repaid:
    """What is repaid before the first need, between the needs, and within a year after the last of them."""

    early: tuple[Dated, ...] = ()
    later: tuple[Dated, ...] = ()
    late: tuple[Dated, ...] = ()

    @classmethod
    def find(cls, source: "_Source", positions: Iterable[Position]) -> "_Repaid":
        """By the days of the needs: nothing where none has one."""
        days = sorted(need.day for need in source.needs if need.day is not None)
        if not days:
            return cls()
        dated = sorted(
            ((item, day) for item in positions if (day := item.row.day("maturity")) is not None),
            key=lambda pair: (pair[1], pair[0].name),
        )
        return cls(
            tuple(pair for pair in dated if pair[1] <= days[0]),
            tuple(pair for pair in dated if days[0] < pair[1] <= days[-1]),
            tuple(pair for pair in dated if days[-1] < pair[1] <= days[-1] + _SOON),
        )

    def __contains__(self, position: Position) -> bool:
        """Whether a position is repaid in these times."""
        return any(position is item for item, _ in (*self.early, *self.later, *self.late))


@dataclass(frozen=True, slots=True)
class _Source:
    """Needs that are paid out of one place, and what is held there; ``name`` is None for all that is held."""

    name: str | None
    needs: tuple[Need, ...]
    held: tuple[Position, ...]

    def find_shortage(self, ready: Decimal, repaid: _Repaid) -> tuple[Decimal, date | None]:
        """The most that is short on any day of a need, below zero where something is left, and the first day on which
        anything is; what has no day is paid first."""
        asked, short, first = _NOTHING, None, None
        for need in sorted(self.needs, key=lambda need: need.day or date.min):
            asked += need.amount.value if need.amount is not None else _NOTHING
            come = [
                item for item, day in (*repaid.early, *repaid.later)
                if (need.day is not None and day <= need.day) or (need.day is None and (item, day) in repaid.early)
            ]  # fmt: skip
            lacks = asked - ready - _sum(come)
            short = lacks if short is None else max(short, lacks)
            if lacks > 0 and need.day is not None and first is None:
                first = need.day
        return short or _NOTHING, first


def add_needs(reading: Reading, draft: Draft, positions: Sequence[Position], reference: Reference) -> None:
    """State what is spoken for and what is expected, with its day, and what that leaves of the cash; gloss what has no
    amount with what it says. ``positions`` are all that is held, none where the section does not list it."""
    needs = _list_needs(reading, draft)
    goals = [need.says for need in needs if need.is_goal]
    owed = _list_owed(needs, reading, reference)
    _state_entries("expected", [need for need in needs if need.is_inflow], draft)
    if goals:
        draft.glosses[GOAL] = join_names(goals[:_NAMED])
        draft.quote(draft.glosses[GOAL])
    if not owed:
        return
    _state_entries("need", [need for need in owed if _is_told(need, draft)], draft)
    draft.glosses[NEEDS] = join_names([need.says for need in owed if not _is_told(need, draft)][:_NAMED])
    draft.quote(draft.glosses[NEEDS])
    _state_cash(reading, draft)
    known = [need for need in owed if _is_counted(need, draft)]
    if len(known) < len(owed):
        draft.glosses[NEEDS_OPEN] = "not all amounts are known"
    if not known:
        return
    _state_whole(known, owed, draft)
    valued = [item for item in positions if item.market_value is not None]
    if len(valued) < len(positions):
        return
    for source in _list_sources(known, valued):
        _hold_against(source, reference, draft)


def _state_cash(reading: Reading, draft: Draft) -> None:
    """The cash at hand by a field of its own, where nothing that is held says how much there is."""
    if reading.cash is None or draft.find("cash") is not None:
        return
    field, money = reading.cash
    if money.currency in {None, draft.currency}:
        draft.state("cash", money.value, (field,), subject="cash", method="as sent")


def sum_spoken(reading: Reading, draft: Draft, reference: Reference) -> Decimal:
    """What has to be paid or kept, as far as its amounts are known: nothing of it may be spent on anything else."""
    owed = _list_owed(_list_needs(reading, draft), reading, reference)
    return _sum_needs(need for need in owed if _is_counted(need, draft))


def _list_needs(reading: Reading, draft: Draft) -> list[Need]:
    elsewhere = draft.siblings.needs if draft.section != "income" else ()
    return _list_once([_convert(need, reading, draft) for need in (*reading.needs, *elsewhere)])


def _convert(need: Need, reading: Reading, draft: Draft) -> Need:
    """A need in the currency of all figures, where a rate for its own was sent."""
    amount = need.amount
    if amount is None or amount.currency in {None, draft.currency} or draft.currency != reading.currency:
        return need
    rate = reading.rates.get(amount.currency or "")
    return need if rate is None else replace(need, amount=Money(amount.value * rate, draft.currency))


def _list_owed(needs: Iterable[Need], reading: Reading, reference: Reference) -> list[Need]:
    """What has to be paid or kept out of what is held."""
    return [
        need for need in needs if not need.is_goal and not need.is_inflow and not is_drawn(need, reading, reference)
    ]  # fmt: skip


def _sum_needs(needs: Iterable[Need]) -> Decimal:
    return sum((need.amount.value for need in needs if need.amount is not None), _NOTHING)


def _is_told(need: Need, draft: Draft) -> bool:
    """Whether a need is told by its amount in the currency of all figures, and is no words to be quoted."""
    return _is_counted(need, draft) and (need.day is not None or need.purpose is not None)


def _is_counted(need: Need, draft: Draft) -> bool:
    return need.amount is not None and need.amount.currency in {None, draft.currency}


def _state_entries(kind: str, needs: Sequence[Need], draft: Draft) -> None:
    for need in needs:
        if need.amount is None or need.amount.currency not in {None, draft.currency}:
            continue
        words = need.purpose or name_field(need.name)
        where = f"{words}, out of {need.source}" if need.source else words
        days = (need.day,) if need.day is not None else ()
        draft.name(words, need.source or "")
        draft.state(kind, need.amount.value, (need.name,), subject=where, key=slug(words), dates=days)


def _state_whole(known: Sequence[Need], owed: Sequence[Need], draft: Draft) -> None:
    """All that is spoken for, and what that leaves of all the cash, where that is known."""
    inputs = tuple(dict.fromkeys(need.name for need in owed))
    spoken = _sum_needs(known)
    cash = draft.find("cash")
    days = tuple(dict.fromkeys(need.day for need in known if need.day is not None))
    draft.state("spoken_for", spoken, inputs, dates=days)
    if cash is None:
        return
    if cash.value > spoken:
        draft.state("cash_left", cash.value - spoken, (*cash.inputs, *inputs))
    elif cash.value < spoken:
        draft.state("cash_short", spoken - max(cash.value, _NOTHING), (*cash.inputs, *inputs), dates=days)


def _list_sources(needs: Sequence[Need], positions: Sequence[Position]) -> list[_Source]:
    """The needs by where they are paid from: an account, or one thing that is held; else all of it."""
    accounts: dict[str, list[Position]] = {}
    names: dict[str, list[Position]] = {}
    for item in positions if any(need.source for need in needs) else ():
        names.setdefault(item.name, []).append(item)
        if account := item.text("account"):
            accounts.setdefault(account, []).append(item)
    found: dict[str | None, list[Need]] = {}
    for need in needs:
        found.setdefault(_match(need.source, accounts) or _match(need.source, names), []).append(need)
    held = {**names, **accounts}
    return [
        _Source(name, tuple(of), tuple(positions if name is None else held[name])) for name, of in found.items()
    ]  # fmt: skip


def _match(source: str | None, names: Iterable[str]) -> str | None:
    """The one name that a source is, or whose words it holds, or that holds its own."""
    if source is None:
        return None
    words = f" {match_words(source)} "
    near = [name for name in names if (own := f" {match_words(name)} ").strip() and (own in words or words in own)]
    exact = [name for name in near if match_words(name) == words.strip()]
    found = exact or near
    return found[0] if len(found) == 1 else None


def _hold_against(source: _Source, reference: Reference, draft: Draft) -> None:
    """What the cash of a source, and what matures there in time, are short of, and what else is there."""
    parts = [_split(item, _find_last(source), reference, draft.currency) for item in source.held]
    bound = [kept for _, kept in parts if kept is not None]
    free = [item for item, _ in parts if item is not None]
    cash = [item for item in free if _is_cash(item, reference)]
    repaid = _Repaid.find(source, [item for item in free if item not in cash])
    key, name, stated = slug(source.name or "all"), source.name, draft.find("cash")
    ready = _sum(cash)
    if name is None and not cash and stated is not None:
        ready = stated.value  # all the cash, which an overview says beside what it lists
    is_known = name is not None or bool(cash) or stated is not None
    inputs = tuple(dict.fromkeys(need.name for need in source.needs))
    short, day = source.find_shortage(max(ready, _NOTHING), repaid)
    if name is not None:
        draft.glosses[SOURCES] = "\n".join(filter(None, (draft.glosses.get(SOURCES), name)))
        draft.state("source_cash", ready, inputs, subject=name, key=key)
        if short < 0:
            draft.state("source_left", -short, inputs, subject=name, key=key)
    if is_known and _sum_needs(source.needs) <= ready:
        return
    for when in ("early", "later", "late"):
        for item, due in getattr(repaid, when)[:_NAMED]:
            _state_held(draft, f"{when}.{key}", item, (due,))
    if short <= 0 or not (is_known or repaid.early or repaid.later):
        return
    days = (day,) if day is not None else ()
    draft.state("source_short", short, inputs, subject=name, key=key, dates=days)
    rest = short - _sum(item for item, _ in repaid.late)
    if repaid.late and rest > 0:
        draft.state("source_rest", rest, inputs, subject=name, key=key, dates=days)
    if name is not None:
        for item in bound[:_NAMED]:
            _state_held(draft, f"bound.{key}", item)
    others = [item for item in free if item not in repaid and item not in cash]
    for item in sorted(others, key=lambda item: -(item.market_value or _NOTHING))[:_NAMED]:
        _state_held(draft, f"free.{key}", item)


def _split(
    item: Position, last: date | None, reference: Reference, currency: str | None
) -> tuple[Position | None, Position | None]:
    """What of a position may be sold for what is due until its ``last`` day, and what may not."""
    closed = item.row.closed
    if closed is not None and last is not None and (closed.until is None or closed.until >= last):
        return None, item
    value, free = item.market_value or _NOTHING, find_free_value(item, reference, currency)
    if not _NOTHING < free < value:
        return (None, item) if is_bound(item, reference) else (item, None)
    row = replace(item.row, lock=None)
    return replace(item, market_value=free, row=row), replace(item, market_value=value - free)


def _find_last(source: _Source) -> date | None:
    return max((need.day for need in source.needs if need.day is not None), default=None)


def _is_cash(item: Position, reference: Reference) -> bool:
    kind = classify_position(item, reference)
    return kind is not None and kind.name == CASH


def _state_held(draft: Draft, key: str, item: Position, dates: tuple[date, ...] = ()) -> Fact:
    value = item.market_value or _NOTHING
    return draft.state(
        "source_held", value, (item.path,), subject=item.name, key=f"{key}.{slug(item.name)}", dates=dates
    )  # fmt: skip


def _sum(items: Iterable[Position]) -> Decimal:
    return sum((item.market_value or _NOTHING for item in items), _NOTHING)


def _list_once(needs: Iterable[Need]) -> list[Need]:
    """Each need once: two fields that name one amount speak of one, unless they are of two days."""
    found: list[Need] = []
    for need in needs:
        if not any(_are_same(need, other) for other in found):
            found.append(need)
    return found


def _are_same(one: Need, other: Need) -> bool:
    if one.says == other.says:
        return (one.amount, one.day, one.purpose) == (other.amount, other.day, other.purpose)
    if one.amount is None or other.amount is None or one.is_inflow != other.is_inflow:
        return False
    parted = None not in {one.day, other.day} and one.day != other.day
    named = None not in {one.purpose, other.purpose} and one.purpose != other.purpose
    return one.amount.value == other.amount.value and not parted and not named
