"""What comes back, what lapses and what may be called, beside what is spoken for and the cash that there is for it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.needs import Entry, EntryKind
from services.portfolio.domain.reading import Reading

_MOST = 5
_NOTHING = Decimal(0)
_SPECS = {EntryKind.MATURITY: "comes_back", EntryKind.EXPIRY: "lapsing", EntryKind.COMMITMENT: "callable_part"}


def add_entries(reading: Reading, draft: Draft) -> None:
    """State each of them, what may be called in all, and what the cash is short of were it called, or were what comes
    back not there."""
    known = [item for item in reading.entries_due if item.amount.currency in {None, draft.currency}]
    for item in sorted(known, key=lambda item: (item.day or date.max, -item.amount.value))[:_MOST]:
        days = (item.day,) if item.day is not None else ()
        draft.name(item.label)
        spec = _SPECS[item.kind]
        draft.state(spec, item.amount.value, (item.name,), subject=item.label, key=slug(item.label), dates=days)
    spoken, cash = draft.find("spoken_for"), draft.find("cash")
    _add_calls([item for item in known if item.kind is EntryKind.COMMITMENT], spoken, cash, draft)
    held = [item for item in known if item.kind is EntryKind.MATURITY and item.is_cash]
    back = sum((item.amount.value for item in held), _NOTHING)
    if held and spoken is not None and cash is not None and cash.value - back < spoken.value <= cash.value:
        inputs = tuple(dict.fromkeys((*cash.inputs, *spoken.inputs, *(item.name for item in held))))
        draft.state("short_without", spoken.value - cash.value + back, inputs)


def _add_calls(committed: Sequence[Entry], spoken: Fact | None, cash: Fact | None, draft: Draft) -> None:
    if not committed:
        return
    fields = tuple(dict.fromkeys(item.name for item in committed))
    total = sum((item.amount.value for item in committed), _NOTHING)
    draft.state("callable", total, fields)
    asked = total
    if spoken is not None:
        asked += spoken.value
        draft.state("due_and_callable", asked, (*spoken.inputs, *fields))
    if cash is not None and asked > cash.value:
        draft.state("short_of_calls", asked - max(cash.value, _NOTHING), (*cash.inputs, *fields))
