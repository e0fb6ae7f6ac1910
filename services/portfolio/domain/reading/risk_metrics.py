"""Figures of risk that a payload sends of the portfolio: which they are, of what period and on what basis.

A share of a kind whose size fits both as a fraction and in percent is left alone, and quoted.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.portfolio.domain.needs import Money
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.beside import read_figure, read_money
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Metric
from services.portfolio.domain.reference import match_words
from services.portfolio.domain.terms import is_empty, spell

_SHARES: Mapping[str, tuple[Decimal, Decimal]] = {
    "volatility": (Decimal("0.9"), Decimal(120)), "var": (Decimal("0.1"), Decimal(60)),
    "shortfall": (Decimal("0.1"), Decimal(80)), "drawdown": (Decimal("0.9"), Decimal(99)),
    "tracking_error": (Decimal("0.1"), Decimal(40)), "alpha": (Decimal("0.1"), Decimal(40)),
}  # fmt: skip
"""Sizes in percent of what is a share: from money markets to single shares in a crisis (daily returns of the S&P 500,
of its members and of short bond funds, 2000 to 2025)."""
_RATIOS: Mapping[str, Decimal] = {
    "beta": Decimal(5), "sharpe": Decimal(10), "sortino": Decimal(20), "information_ratio": Decimal(5),
    "correlation": Decimal(1),
}  # fmt: skip
"""The most that ratios come to, as a size."""
_LONGEST, _MOST = 60, 40
_MARKS = frozenset({"%", "pct", "percent", "prozent"})


def read_metrics(feed: Feed) -> tuple[Metric, ...]:
    """The figures of risk in fields of their own, in objects and in rows."""
    terms = feed.reference.terms
    found: list[Metric] = []
    for name, value in feed.detected.unknown.items():
        is_bound = feed.reference.names_any(name, terms.limit_fields | terms.capacity | terms.stress)
        if is_empty(value) or is_bound or (_is_most(feed, name) and _find_kind(feed, name) != "drawdown"):
            continue
        own = list(_read_value(feed, name, name, value, ""))
        lone = not isinstance(value, Mapping | list)
        if own and (lone or len(own) > 1 or "risk" in feed.reference.lexicon.read(name)):
            found += own[:_MOST]
    return tuple(found)


def count_figures(raw: object) -> int:
    """How many figures stand in a field: where fewer are told, the field is quoted beside them."""
    if isinstance(raw, Mapping):
        return sum(count_figures(part) for part in raw.values())
    if isinstance(raw, list):
        return sum(count_figures(item) for item in raw)
    return int(read_figure(raw) is not None)


def _is_most(feed: Feed, name: str) -> bool:
    return feed.reference.names_any(name, feed.reference.terms.limit_most)


def _find_kind(feed: Feed, name: str) -> str | None:
    found = _split(feed, name)
    return found[0] if found is not None else None


def _split(feed: Feed, name: str) -> tuple[str, str] | None:
    """The kind of a figure of risk and the words of its name beside it; None where it names none."""
    for written in (name.split(), split_words(name).split()):
        words = [match_words(word) for word in written]
        for size in range(min(4, len(words)), 0, -1):
            for start in range(len(words) - size + 1):
                kind = feed.reference.terms.risk_metrics.get(" ".join(words[start : start + size]))
                if kind is not None:
                    return kind, " ".join([*written[:start], *written[start + size :]])
    return None


def _read_value(feed: Feed, field: str, name: str, value: object, says: str) -> Iterator[Metric]:
    if isinstance(value, Mapping):
        row = _read_row(feed, field, value, says)
        if row is not None:
            yield row
            return
        named = _split(feed, name)
        around = says if named is not None or name == field else _join(says, name)
        texts = [spell(part) for key, part in value.items() if isinstance(part, str) and _is_said(feed, str(key), part)]
        for key, part in value.items():
            found = _split(feed, str(key))
            if found is None and named is not None:
                yield from _make(feed, field, named[0], str(key), part, _join(named[1], says, str(key)))
            elif isinstance(part, Mapping | list):
                yield from _read_value(feed, field, str(key), part, around)
            elif found is not None:
                yield from _make(feed, field, found[0], str(key), part, _join(found[1], around, *texts))
    elif isinstance(value, list):
        for item in value[:_MOST]:
            if isinstance(item, Mapping):
                yield from _read_value(feed, field, field, item, says)
    elif (found := _split(feed, name)) is not None:
        yield from _make(feed, field, found[0], name, value, _join(found[1]))


def _read_row(feed: Feed, field: str, row: Mapping[object, object], says: str) -> Metric | None:
    """A row that names a figure in a cell and has its value in another; the cells beside say what it is of."""
    named = next(
        ((str(key), found) for key, part in row.items()
         if isinstance(part, str) and (found := _split(feed, part)) is not None), None,
    )  # fmt: skip
    if named is None or any(_split(feed, str(key)) is not None for key in row if str(key) != named[0]):
        return None
    kind, rest = named[1]
    cells = [(str(key), part) for key, part in row.items() if str(key) != named[0] and not is_empty(part)]
    rivals = feed.reference.terms.rivals
    own = [(key, part) for key, part in cells if not feed.reference.names_any(key, rivals)]
    worth = next((cell for cell in own if feed.reference.names_any(cell[0], feed.reference.terms.amounts)), None)
    worth = worth or next((cell for cell in own if list(_make(feed, field, kind, cell[0], cell[1], ""))), None)
    if worth is None:
        return None
    texts = [spell(part) for key, part in own if (key, part) != worth and not isinstance(part, Mapping | list)]
    return next(_make(feed, field, kind, worth[0], worth[1], _join(rest, says, *texts)), None)


def _is_said(feed: Feed, name: str, text: str) -> bool:
    """Whether a text beside figures says of what period or basis they are."""
    return _split(feed, name) is None and len(text) <= _LONGEST and read_figure(text) is None


def _join(*words: str) -> str:
    said = ", ".join(dict.fromkeys(word.strip() for word in words if word.strip()))[:_LONGEST]
    return f"level {said}" if said and not any(character.isalpha() for character in said) else said


def _make(feed: Feed, field: str, kind: str, name: str, raw: object, says: str) -> Iterator[Metric]:
    figure = read_figure(raw)
    if figure is None:
        return
    value, unit = figure
    if unit is Unit.MONEY:
        money: Money | None = read_money(feed, str(raw).lstrip(" -−–"), name)
        if money is not None and kind in {"var", "shortfall"}:
            yield Metric(field, kind, money.value, says, money)
        return
    if kind in _RATIOS:
        if unit is Unit.NUMBER and abs(value) <= _RATIOS[kind]:
            yield Metric(field, kind, value, says)
        return
    percent = _settle(
        kind, value, is_marked=unit is Unit.PERCENT or {"%", "pct", "percent"} & set(name.lower().split()) != set()
    )
    if percent is not None:
        yield Metric(field, kind, percent, says)


def _settle(kind: str, value: Decimal, *, is_marked: bool) -> Decimal | None:
    """A share in percent; None where its size fits in percent and as a fraction, or neither."""
    low, high = _SHARES[kind]
    value = value if kind == "alpha" else abs(value)
    if is_marked:
        return value if abs(value) <= high else None
    fits = [option for option in (value, value * 100) if low <= abs(option) <= high]
    return fits[0] if len(fits) == 1 else None
