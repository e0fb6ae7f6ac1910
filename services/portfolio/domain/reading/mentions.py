"""Which rows of a table a text speaks of."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from services.portfolio.domain.reading.model import Row
from services.portfolio.domain.reference import match_words

_NAME_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    {"fund", "funds", "fonds", "inc", "corp", "group", "holding", "bond", "bonds", "share", "shares", "stock", "trust",
     "ucits", "core", "global", "world", "total", "market", "until", "before", "after", "sale", "sell", "family",
     "house", "limited", "company", "account", "cash", "international", "index", "treasury"}
)  # fmt: skip
"""Words of names that do not tell one holding from another."""


def find_named(sentence: str, rows: Sequence[Row]) -> Iterator[int]:
    """The rows that a sentence speaks of: by their symbol or their whole name, else by a word that one name alone has,
    else by any word of theirs."""
    words = set(match_words(sentence).split())
    names = [set(_NAME_WORD.findall(match_words(row.text("name") or ""))) - _COMMON for row in rows]
    symbols = [match_words(row.text("symbol") or "") for row in rows]
    counts = Counter(word for name in {frozenset(name) for name in names} for word in name)
    ways: tuple[Callable[[int], bool], ...] = (
        lambda place: (
            (bool(names[place]) and names[place] <= words) or (symbols[place] != "" and symbols[place] in words)
        ),
        lambda place: any(counts[word] == 1 for word in names[place] & words),
        lambda place: bool(names[place] & words),
    )
    for way in ways:
        found = [place for place in range(len(rows)) if way(place)]
        if found:
            yield from found
            return
