"""What a payload says of a track beside its values: how these stand to the flows of their days, what was paid in or out
on days that it does not say, and how far it may fall."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.portfolio.domain.needs import Money
from services.portfolio.domain.reading.beside import read_money
from services.portfolio.domain.reading.credit import read_share
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.flow_tables import NO_DAYS
from services.portfolio.domain.terms import list_sentences

_DEEPEST = 3
_HUNDRED = Decimal(100)


def read_valuing(feed: Feed) -> tuple[str, bool] | None:
    """The field whose text says that values are taken before (True) or after the flows of their day; None where none
    does, or both are said."""
    terms, says = feed.reference.terms, feed.reference.says_any
    found = {}
    for name, value in feed.detected.unknown.items():
        for sentence in list_sentences(value) if isinstance(value, str) else ():
            is_of_flows = says(sentence, terms.deposits | terms.withdrawals)
            if is_of_flows and says(sentence, terms.values_said):
                early, late = says(sentence, terms.before), says(sentence, terms.after)
                if early != late:
                    found[early] = name
    return next(((name, early) for early, name in found.items()), None) if len(found) == 1 else None


def find_open_flows(feed: Feed) -> tuple[str, str] | None:
    """The field that says how much was paid in or out, where that is not known by day, and why it is not."""
    if feed.open_flows is not None or "flows" in feed.tables:
        return feed.open_flows
    terms, names_any = feed.reference.terms, feed.reference.names_any
    others = terms.inflow | terms.regular | terms.not_due | terms.owed | terms.limit_fields | terms.goal | terms.first
    for name, value in feed.detected.unknown.items():
        if isinstance(value, Mapping | list) or not names_any(name, terms.deposits | terms.withdrawals):
            continue
        if not names_any(name, others) and _read_sum(feed, name, value) is not None:
            return name, NO_DAYS
    return None


def _read_sum(feed: Feed, name: str, value: object) -> Money | None:
    if isinstance(value, str):
        return read_money(feed, value.strip().lstrip("-−–+"), name)
    return read_money(feed, abs(value), name) if isinstance(value, int | float | Decimal) else None


def read_fall_limit(feed: Feed) -> tuple[str, str, Decimal] | None:
    """The most that the client lets the whole fall, in percent, with the field and the name in it that say so. A figure
    that is only called a drawdown may be the one that was measured."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    for path, value in _list_parts(feed.detected.unknown, 0):
        name = path[-1]
        is_bound = names_any(name, terms.agreed) or any(names_any(part, terms.policies) for part in path)
        if not (names_any(name, terms.fall_limit) or (is_bound and names_any(name, terms.fall))):
            continue
        share = read_share(value.strip().lstrip("-−–") if isinstance(value, str) else value, name)
        if share is not None and 0 < abs(share) <= _HUNDRED:
            return path[0], name, abs(share)
    return None


def _list_parts(fields: Mapping[str, object], depth: int) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in fields.items():
        if isinstance(value, Mapping) and depth < _DEEPEST:
            yield from (((str(name), *path), part) for path, part in _list_parts(value, depth + 1))
        elif not isinstance(value, Mapping | list):
            yield (str(name),), value
