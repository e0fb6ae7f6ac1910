"""Money that is spoken for or expected, wherever a payload says so: in lists of payments, in objects of amounts by
name, in single fields and in notes.

This is the one place that decides it. An entry says its amount, and its day, purpose and source where it has them. What
is not understood stays among what is quoted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from services.portfolio.domain.needs import Money, Need
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.beside import (
    AMOUNT,
    find_amount,
    find_day,
    read_answer,
    read_day,
    read_figure,
    read_money,
)
from services.portfolio.domain.reading.credit import is_credit
from services.portfolio.domain.reading.days import list_days
from services.portfolio.domain.reading.entries import is_payment, read_entry
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.income_needs import describes_need, is_income_need
from services.portfolio.domain.reading.limits import read_kept
from services.portfolio.domain.reference import match_words
from services.portfolio.domain.terms import is_empty, list_sentences, name_field, quote, spell

_TRACK, _YEAR = "performance_and_risk", timedelta(days=366)
_DEEPEST, _MOST = 4, 200
"""Levels of objects and lists that are looked through, and entries that are read of one field."""
_LONGEST = 60


def list_needs(feed: Feed) -> tuple[Need, ...]:
    """The money that is spoken for: what has to be paid, what is to be kept at hand, what is aimed at, and what is
    expected to be paid in."""
    found: list[Need] = []
    for name, value in feed.detected.unknown.items():
        is_other = _is_of_others(feed, name) or describes_need(feed, name, value)
        if not (is_empty(value) or is_credit(feed, name, value) or is_other or is_income_need(feed, name, value)):
            found += list(_read_field(feed, name, value))[:_MOST]
    limits = feed.detected.get("limits")
    sent = {**feed.detected.unknown, **({feed.detected.name_of("limits"): limits} if limits is not None else {})}
    for name, value in sent.items():
        found += _list_kept(feed, name, "", value)
    return tuple(found)


def read_cash(feed: Feed) -> tuple[str, Money] | None:
    """The cash at hand by a field of its own, where the section has none for it."""
    for name, value in feed.detected.unknown.items():
        parts = feed.reference.lexicon.read(name)
        if _CASH_WORD in parts and parts <= _CASH and (money := read_money(feed, value, name)) is not None:
            return name, money
    return None


_CASH_WORD = "cash"
_CASH = frozenset({_CASH_WORD, "balance", "available", "at", "in", "bank", "hand", "total", "amount", "money"})
"""Meanings of words that a name of the cash at hand is made of."""


def _list_kept(feed: Feed, field: str, path: str, value: object, depth: int = 0) -> Iterator[Need]:
    """What is to be kept at hand by a field, or by parts of it with the names that they stand under."""
    if isinstance(value, Mapping) and depth < _DEEPEST:
        words = [str(part) for part in value.values() if isinstance(part, str) and read_figure(part) is None]
        says = (
            " ".join([path, *words])
            if feed.reference.names_any(" ".join(words), feed.reference.terms.limit_least)
            else path
        )
        for name, part in value.items():
            yield from _list_kept(feed, field, f"{says} {name}".strip(), part, depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for part in value[:_MOST]:
            yield from _list_kept(feed, field, path, part, depth + 1)
    else:
        names = (path, f"{field} {path}") if path else (field,)
        for name in names:
            if (money := read_kept(feed, name, value)) is not None:
                yield Need(field, quote(name, value), money)
                return


def _is_of_others(feed: Feed, name: str) -> bool:
    """Whether a field is of amounts that nobody has to pay: a standing order is none of the orders."""
    terms, words = feed.reference.terms, match_words(split_words(name))
    for phrase in terms.either_way:
        words = words.replace(phrase, "") if " " in phrase else words
    return feed.reference.names_any(words, terms.not_due | terms.capacity | terms.stress) or _is_income(feed, name)


def _is_income(feed: Feed, name: str) -> bool:
    """Whether a field is of what is earned (``other income``): it is none that is paid, nor money that comes once."""
    parts = feed.reference.lexicon.read(name)
    return "income" in parts and "need" not in parts and not feed.reference.names_any(name, feed.reference.terms.owed)


def _read_field(feed: Feed, name: str, value: object) -> Iterator[Need]:
    terms, names_any = feed.reference.terms, feed.reference.names_any
    is_inflow = _is_inflow(feed, name)
    is_goal = names_any(name, terms.goal) and not is_inflow
    is_owed = _is_owed(feed, name) and not is_inflow
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            yield from _read_object(feed, name, item, Need(name, "", is_goal=is_goal, is_inflow=is_inflow), is_owed)
        elif read_answer(item) is False:
            continue  # nothing is due
        elif (is_goal or is_owed or is_inflow) and not isinstance(item, str | bool):
            yield Need(name, quote(name, item), read_money(feed, item, name), None, is_goal, is_inflow)
        elif isinstance(item, str):
            whole = read_money(feed, item, name) if is_goal or is_owed or is_inflow else None
            if whole is not None:
                yield Need(name, quote(name, item), whole, None, is_goal, is_inflow)
            elif is_owed and (dated := _read_dated(feed, name, item)) is not None:
                yield dated
            elif not is_inflow:
                yield from _read_note(feed, name, item, is_owed=is_owed)


def _is_owed(feed: Feed, name: str) -> bool:
    """Whether a name says that it has to be paid: as it stands, or as a charge of some kind that is due."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    again = names_any(name, terms.taken_out) and names_any(name, terms.regular)
    return again or names_any(name, terms.owed) or (names_any(name, terms.charges) and names_any(name, terms.due))


def _read_dated(feed: Feed, name: str, text: str) -> Need | None:
    """An amount and its day, which are all that a text says (``€12,000 on 15 December 2026``)."""
    words = text.split()
    for start, end, day in list_days(feed, text):
        rest = [word for word in (*words[:start], *words[end:]) if any(character.isdigit() for character in word)]
        amount = read_money(feed, " ".join(rest), name)
        return Need(name, quote(name, text), amount, day) if amount is not None else None
    return None


def _is_inflow(feed: Feed, name: str, item: Mapping[object, object] | None = None) -> bool:
    """Whether the name of a field, or of it and its entry, says that money is paid in, and will be."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    if names_any(name, terms.inflow):
        return True
    comes = names_any(name, terms.regular) or (item is not None and _has_part(feed, item, terms.regular))
    return comes and names_any(name, terms.deposits) and not names_any(name, terms.owed | _list_needed(feed))


def _list_needed(feed: Feed) -> frozenset[str]:
    """Words of what is paid for, without those of what is paid in."""
    return feed.reference.terms.needed - feed.reference.terms.deposits


def _is_undecided(feed: Feed, of: Need, is_owed: bool) -> bool:
    """Whether nothing says which way an entry goes, or that what was paid in will be again: it is quoted."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    if of.is_inflow or of.is_goal or is_owed or names_any(of.name, _list_needed(feed)):
        return False
    return names_any(of.name, terms.deposits | terms.either_way)


def _read_object(
    feed: Feed, name: str, item: Mapping[object, object], of: Need, is_owed: bool, depth: int = 0
) -> Iterator[Need]:
    """An entry of its own, or the entries in an object: each under its name, or with its day as the name."""
    if any(isinstance(part, Mapping | list) for part in item.values()) and depth < _DEEPEST:
        for key, part in item.items():
            for inner in part if isinstance(part, list) else [part]:
                if isinstance(inner, Mapping):
                    yield from _read_object(feed, name, inner, _name(feed, of, str(key)), is_owed, depth + 1)
        return
    again = _has_part(feed, item, feed.reference.terms.regular)
    is_owed = is_owed or _says(feed, item, feed.reference.taken_out) or (
        again and feed.reference.names_any(of.name, feed.reference.terms.taken_out)
    )  # fmt: skip
    of = replace(of, is_inflow=of.is_inflow or _is_paid_in(feed, of.name, item))
    if read_entry(feed, name, of.purpose or name, item) is not None or _is_undecided(feed, of, is_owed):
        return  # what comes back, lapses or may be called is read there
    amount, day = _find_amount(feed, item), _find_day(feed, item)
    if of.is_inflow and (amount is None or _has_part(feed, item, _BOUGHT)):
        return  # how much is paid in, or what it buys, is quoted: it is no money that is free to be put elsewhere
    if amount is None or (day is None and not _has_part(feed, item, feed.reference.terms.amounts)):
        named = list(_read_names(feed, item, of))
        yield from named
        if named:
            return
    today = find_day(feed)
    if day is not None and today is not None and day < today:
        return  # what is past is quoted, and may have been paid
    is_goal = of.is_goal and not (day is not None and today is not None and _is_near(feed, day, today))
    is_paid = day is not None and is_payment(feed, of.name, item)
    if of.is_goal or of.is_inflow or is_owed or is_paid:
        terms = feed.reference.terms
        need = Need(
            of.name, quote(of.name, item), amount, day, is_goal, of.is_inflow,
            _find_text(feed, item, terms.purposes) or of.purpose, _find_text(feed, item, terms.sources),
        )  # fmt: skip
        yield need if is_goal or of.is_inflow else _take_year(feed, need, item)


def _take_year(feed: Feed, need: Need, item: Mapping[object, object]) -> Need:
    """What is paid again and again within a year, as money that is needed from what is held (CFA Institute on liquidity
    needs); the need as it is where nothing says how often it is paid."""
    names_any, regular = feed.reference.names_any, feed.reference.terms.regular
    said = [part for name, part in item.items() if isinstance(part, str) and names_any(str(name), regular)]
    said += [word for word in split_words(need.name).split() if names_any(word, regular)]
    times = next((count for word in said if (count := feed.reference.find_frequency(word))), None)
    if times is None or need.amount is None:
        return need
    amount = replace(need.amount, value=need.amount.value * times)
    return replace(need, amount=amount, day=None, purpose=f"a year of {need.purpose or name_field(need.name)}")


def _name(feed: Feed, of: Need, key: str) -> Need:
    """What an entry of an object is by the name that it stands under there."""
    names_any = feed.reference.names_any
    is_inflow = of.is_inflow or _is_inflow(feed, key)
    purpose = of.purpose if read_day(feed, key) is not None or names_any(key, _WRAPPERS) else name_field(key)
    return Need(of.name, "", is_goal=of.is_goal, is_inflow=is_inflow, purpose=purpose)


_WRAPPERS = frozenset({"items", "entries", "rows", "data", "list", "payments", "schedule", "plan", "positionen"})
"""Names of an object's part that say no more than that entries stand there."""


_BOUGHT = frozenset({"scheme", "fund", "fonds", "isin", "ticker", "symbol", "into", "instrument", "security", "fondo"})
"""Names of an entry's part that says what is bought for what is paid in."""
_DIRECTIONS = frozenset({"type", "direction", "kind", "flow", "in out", "art", "richtung", "sens", "soort", "tipo"})


def _read_names(feed: Feed, item: Mapping[object, object], of: Need) -> Iterator[Need]:
    """Amounts by name, or by day, in an object without an amount of its own."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    for key, part in item.items():
        name = str(key)
        money, day = read_money(feed, part, name), read_day(feed, name)
        is_inflow = of.is_inflow or _is_inflow(feed, name)
        if money is not None and (day is not None or is_inflow or names_any(name, terms.owed)):
            purpose = of.purpose if day is not None else name_field(name)
            yield Need(of.name, quote(name, part), money, day, of.is_goal, is_inflow, purpose)


def _is_near(feed: Feed, day: date, today: date) -> bool:
    """Whether a goal is due within a year, so that it is money needed from what is held (CFA Institute on liquidity
    needs); a track's goal is what its returns are held against, whenever it is."""
    return feed.detected.section.name != _TRACK and day <= today + _YEAR


def _has_part(feed: Feed, item: Mapping[object, object], phrases: frozenset[str]) -> bool:
    return any(feed.reference.names_any(str(name), phrases) for name in item)


def _find_amount(feed: Feed, item: Mapping[object, object]) -> Money | None:
    """The amount of an entry: that which its name says to be one, else the first that is neither."""
    terms = feed.reference.terms
    found = [(str(name), money) for name, part in item.items() if (money := read_money(feed, part, str(name)))]
    named = [money for name, money in found if feed.reference.names_any(name, terms.amounts)]
    return next(iter(named), None) or next((money for _, money in found), None)


def _find_day(feed: Feed, item: Mapping[object, object]) -> date | None:
    return next((day for part in item.values() if (day := read_day(feed, part)) is not None), None)


def _find_text(feed: Feed, item: Mapping[object, object], phrases: frozenset[str]) -> str | None:
    for name, part in item.items():
        if isinstance(part, str) and not is_empty(part) and feed.reference.names_any(str(name), phrases):
            return spell(part)[:_LONGEST]
    return None


def _is_paid_in(feed: Feed, name: str, item: Mapping[object, object]) -> bool:
    """Whether an entry is paid in: by its type or direction, or by its field and how often it comes."""
    return _says(feed, item, feed.reference.paid_in) or _is_inflow(feed, name, item)


def _says(feed: Feed, item: Mapping[object, object], ways: frozenset[str]) -> bool:
    """Whether the type or direction of an entry is one of these."""
    return any(
        isinstance(part, str) and part.strip().casefold() in ways
        for name, part in item.items() if feed.reference.names_any(str(name), _DIRECTIONS)
    )  # fmt: skip


def _read_note(feed: Feed, name: str, text: str, *, is_owed: bool) -> Iterator[Need]:
    """The sentences of a note that speak of an amount that is needed, kept or to be paid."""
    for sentence in list_sentences(text):
        if not is_owed and not feed.reference.says_any(sentence, feed.reference.terms.needed):
            continue
        if is_owed or any(read_money(feed, part) is not None for part in AMOUNT.findall(sentence)):
            yield Need(name, quote(name, sentence), find_amount(feed, sentence), None)
