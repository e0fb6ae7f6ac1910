"""Dated and committed amounts that nobody has to pay: what matures comes back, rights lapse, what is committed may be
called. ``schedules`` reads the payments among the rest; this is the one place that tells them apart."""

from collections.abc import Iterator, Mapping
from datetime import date

from services.portfolio.domain.needs import Entry, EntryKind, Money
from services.portfolio.domain.reading.beside import find_day, read_day, read_money
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reference import CASH, match_words
from services.portfolio.domain.terms import name_field, quote, spell

_MOST, _LONGEST = 200, 60
_SENTENCE = 2
"""From so many words on, a text of an entry says something of it."""
_PREFIX, _STEM = 3, 5
_COMPOUND = _PREFIX + _STEM
"""Letters that the parts of a compound word have at least."""


def list_entries(feed: Feed) -> tuple[Entry, ...]:
    """What is none of the payments, in the order in which it was sent."""
    found: list[Entry] = []
    for name, value in feed.detected.unknown.items():
        found += [entry for label, item in _list_items(name, value) if (entry := read_entry(feed, name, label, item))]
    return tuple(found[:_MOST])


def _list_items(name: str, value: object) -> Iterator[tuple[str, Mapping[object, object]]]:
    """The entries of a field, each with the name that it stands under."""
    if isinstance(value, list):
        yield from ((name, item) for item in value if isinstance(item, Mapping))
    elif isinstance(value, Mapping):
        inner = [(str(key), part) for key, part in value.items() if isinstance(part, Mapping | list)]
        if not inner:
            yield name, value
        for key, part in inner:
            yield from _list_items(key, part)


def read_entry(feed: Feed, name: str, label: str, item: Mapping[object, object]) -> Entry | None:
    """What an entry of a field is, by the names of the field and its parts and by its text; None for a payment, and for
    what may be one."""
    names_any, terms = feed.reference.names_any, feed.reference.terms
    uncalled = _read_uncalled(feed, item) if names_any(name, terms.committed | terms.unfunded) else None
    if uncalled is not None:
        return _make(feed, EntryKind.COMMITMENT, name, label, item, uncalled, None)
    amount, day = _find_amount(feed, item), next((day for part in item.values() if (day := read_day(feed, part))), None)
    today = find_day(feed)
    if amount is None or day is None or (today is not None and day < today):
        return None
    text = " ".join(spell(part) for part in item.values() if isinstance(part, str))
    is_owed = names_any(name, terms.owed - terms.lapsing) and not names_any(name, terms.lapsing)
    if names_any(name, terms.lapsing) or (not is_owed and feed.reference.says_any(text, terms.lapses)):
        return _make(feed, EntryKind.EXPIRY, name, label, item, amount, day)
    is_held = names_any(name, terms.maturing) and (
        any(names_any(str(key), terms.maturity_parts) for key in item) or not names_any(name, terms.deposits)
    )
    if not names_any(name, terms.inflow) and (
        is_held or (not is_owed and feed.reference.says_any(text, terms.matures))
    ):
        return _make(feed, EntryKind.MATURITY, name, label, item, amount, day)
    return None


def is_payment(feed: Feed, name: str, item: Mapping[object, object]) -> bool:
    """Whether an entry that is none of these says that it is paid, by the name of its field or its own texts."""
    terms, reference = feed.reference.terms, feed.reference
    if reference.names_any(name, terms.owed | terms.payments | (terms.needed - terms.deposits)):
        return True
    words = terms.owed | terms.payments | terms.needed | terms.charges
    texts = [part for part in item.values() if isinstance(part, str)]
    return any(reference.says_any(text, words) or _ends_in(text, words) for text in texts)


def _ends_in(text: str, phrases: frozenset[str]) -> bool:
    """Whether a compound word of a text ends in one of the words (``Einkommensteuer`` in ``steuer``)."""
    words = [word for word in match_words(text).split() if len(word) >= _COMPOUND]
    return any(word[size:] in phrases for word in words for size in range(_PREFIX, len(word) - _STEM + 1))


def _make(
    feed: Feed, kind: EntryKind, name: str, label: str, item: Mapping[object, object], amount: Money, day: date | None
) -> Entry:
    terms, names_any = feed.reference.terms, feed.reference.names_any
    texts = [
        spell(part)[:_LONGEST] for key, part in item.items()
        if isinstance(part, str) and names_any(str(key), terms.entry_names) and any(map(str.isalpha, part))
        and read_day(feed, part) is None and read_money(feed, part) is None
    ]  # fmt: skip
    shown = texts[0] if texts else name_field(label)
    others = [
        spell(part) for part in item.values()
        if isinstance(part, str) and spell(part)[:_LONGEST] not in texts[:1] and len(part.split()) >= _SENTENCE
        and read_day(feed, part) is None and read_money(feed, part) is None
    ]  # fmt: skip
    in_cash = [part for part in others if _says_cash(feed, part)]
    is_told = len(others) == len(in_cash)
    return Entry(kind, name, quote(name, item), shown, amount, day, bool(in_cash), is_told)


def _says_cash(feed: Feed, text: str) -> bool:
    """Whether a remark has a word for cash, as it has that says what an amount is counted in."""
    words = match_words(text).split()
    return any(feed.reference.classes.get(word) == CASH for word in words)


def _find_amount(feed: Feed, item: Mapping[object, object]) -> Money | None:
    terms, names_any = feed.reference.terms, feed.reference.names_any
    found = [(str(key), money) for key, part in item.items() if (money := read_money(feed, part, str(key)))]
    named = [money for key, money in found if names_any(key, terms.amounts)]
    return next(iter(named), None) or next((money for _, money in found), None)


def _read_uncalled(feed: Feed, item: Mapping[object, object]) -> Money | None:
    """What is left to be called: as sent, else what is committed less what was called."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    committed = called = None
    for key, part in item.items():
        name, money = str(key), read_money(feed, part, str(key))
        if names_any(name, terms.unfunded):
            return money
        if names_any(name, terms.called):
            called = money
        elif names_any(name, terms.committed):
            committed = money
    if committed is None or called is None or called.currency != committed.currency or called.value > committed.value:
        return None
    return Money(committed.value - called.value, committed.currency)
