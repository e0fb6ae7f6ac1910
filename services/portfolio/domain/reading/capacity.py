"""What the client can bear to lose, and what stress tests say would be lost, wherever a payload says so."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.portfolio.domain.needs import Money
from services.portfolio.domain.reading.beside import find_amount, read_money
from services.portfolio.domain.reading.credit import read_share
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Stress
from services.portfolio.domain.terms import name_field, spell

_HUNDRED = Decimal(100)
_MOST, _LONGEST = 50, 60


def read_capacity(feed: Feed) -> tuple[str, Money] | None:
    """The field that says what can be borne, with its amount; one in percent is a limit, and none of these."""
    for name, value in feed.detected.unknown.items():
        if not feed.reference.names_any(name, feed.reference.terms.capacity):
            continue
        parts = list(value.items()) if isinstance(value, Mapping) else [(name, value)]
        for key, part in parts:
            money = read_money(feed, part, str(key)) or find_amount(feed, spell(part))
            if money is not None:
                return name, money
    return None


def read_stresses(feed: Feed) -> tuple[Stress, ...]:
    """The losses of stress tests in percent: in objects by name, or in rows whose text says what they are of."""
    found: list[Stress] = []
    for name, value in feed.detected.unknown.items():
        is_stress = feed.reference.names_any(name, feed.reference.terms.stress)
        if isinstance(value, Mapping) and is_stress:
            found += (Stress(name, key, loss) for key, loss in _read_names(feed, value))
        elif isinstance(value, list):
            rows = [item for item in value[:_MOST] if isinstance(item, Mapping)]
            said = ((_find_words(feed, item, is_stress=is_stress), _find_loss(feed, item)) for item in rows)
            found += (Stress(name, words, loss) for words, loss in said if words and loss is not None)
    return tuple(found)


def _read_names(feed: Feed, value: Mapping[object, object]) -> Iterator[tuple[str, Decimal]]:
    for name, part in value.items():
        loss = _find_loss(feed, part) if isinstance(part, Mapping) else _read_loss(part, str(name))
        if loss is not None:
            yield name_field(str(name))[:_LONGEST], loss


def _find_words(feed: Feed, item: Mapping[object, object], *, is_stress: bool) -> str | None:
    """What a row is of: its first text that speaks of a stress; in a list of stresses any row with one."""
    texts = [part for part in item.values() if isinstance(part, str) and _read_loss(part, "") is None]
    said = [text for text in texts if feed.reference.says_any(text, feed.reference.terms.stress)]
    is_listed = is_stress and len(texts) > 0 and not any(_is_measure(feed, text) for text in texts)
    return said[0][:_LONGEST] if said else texts[0][:_LONGEST] if is_listed else None


def _is_measure(feed: Feed, text: str) -> bool:
    """Whether a row is of a figure of risk that is no loss, which systems list beside stresses."""
    return feed.reference.says_any(
        text, frozenset({"volatility", "sharpe", "var", "beta", "volatilitat", "volatilite"})
    )


def _find_loss(feed: Feed, item: Mapping[object, object]) -> Decimal | None:
    """The loss of the portfolio in a row: of its first share that is of no benchmark and no limit."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    for name, part in item.items():
        if names_any(str(name), terms.limit_fields | terms.rivals):
            continue
        if (loss := _read_loss(part, str(name))) is not None:
            return loss
    return None


def _read_loss(raw: object, name: str) -> Decimal | None:
    if isinstance(raw, str) and not any(character.isdigit() for character in raw):
        return None
    share = read_share(raw, name)
    loss = abs(share) if share is not None else None
    return loss if loss is not None and 0 < loss <= _HUNDRED else None
