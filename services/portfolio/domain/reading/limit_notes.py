"""Limits for single positions that stand in the sentences of a note: read where one sentence says one share of each
position or of one that is held, and named as not read where it may say such a limit and more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reference import match_words
from services.portfolio.domain.terms import list_sentences

_SHARE = re.compile(
    r"\d{1,3}(?:[.,]\d+)?\s?(?:%|per ?cent\b|prozent\b|pour ?cent\b|por ciento\b|per cento\b|procent\b)",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"\b(max|min)\.", re.IGNORECASE)
"""Words whose point ends no sentence."""
_EACH = frozenset(
    {"no", "any", "one", "each", "every", "per", "single", "individual", "je", "pro", "jede", "jeder", "jedes", "kein",
     "keine", "keinen", "keiner", "einzelne", "einzelner", "par", "aucun", "aucune", "chaque", "nessun", "nessuna",
     "ogni", "ningun", "ninguna", "cada", "por", "geen", "elke", "iedere", "enkele", "singolo", "singola"}
)  # fmt: skip
"""Words before one for a position that mean each of them."""
_WHOLE_WORD = "einzel"
"""How German words for a single position begin."""
_PAST = frozenset({"was", "were", "fell", "rose", "gained", "lost", "stieg", "fiel", "war", "etait", "era", "exception",
                   "except", "unless", "waiver", "ausnahme", "ausser", "sauf", "eccezione", "excepto",
                   "uitzondering", "waived"})  # fmt: skip
"""Words with which a sentence says more than a limit, or none."""


@dataclass(frozen=True, slots=True)
class NotedLimit:
    """One sentence that limits a position: ``subject`` is the one that it is for, None for each; ``share`` is None
    where it is not said clearly."""

    field: str
    sentence: str
    subject: str | None
    share: str | None


def list_noted(feed: Feed) -> Iterator[NotedLimit]:
    """The limits for single positions in the notes of a payload, and of its rows for these."""
    for name, value in feed.detected.unknown.items():
        if isinstance(value, str) and not feed.reference.names_any(name, feed.reference.terms.limit_fields):
            for sentence in list_sentences(_SHORTENED.sub(r"\1", value)):
                yield from _read(feed, name, sentence)


def _read(feed: Feed, name: str, sentence: str) -> Iterator[NotedLimit]:
    shares = _SHARE.findall(sentence)
    if not shares or not _bounds(feed, sentence):
        return
    held = _find_held(feed, sentence)
    of_each = _is_of_each(feed, sentence)
    if not of_each and not held:
        return
    clear = len(shares) == 1 and len(held) + of_each == 1 and not _PAST & set(match_words(sentence).split())
    subject = held[0] if len(held) == 1 and not of_each else None
    figure = re.match(r"[\d.,]+", shares[0])
    yield NotedLimit(name, sentence, subject, f"{figure[0]}%" if clear and figure is not None else None)


def _bounds(feed: Feed, sentence: str) -> bool:
    """Whether a sentence says a most: by a word for one, or by what may not be exceeded."""
    terms, says_any = feed.reference.terms, feed.reference.says_any
    most = (terms.limit_most | terms.limit_fields | terms.at_most) - {"to", "high", "bis", "most"}
    return says_any(sentence, most) or (says_any(sentence, terms.denied) and says_any(sentence, terms.exceeds))


def _is_of_each(feed: Feed, sentence: str) -> bool:
    """Whether a sentence is of each single position: by a phrase for one, or by a word for each before one."""
    single = {phrase for phrase, rule in feed.reference.terms.limit_rules.items() if rule == "single_name"}
    words = match_words(sentence).split()
    strong = {phrase for phrase in single if " " in phrase or phrase.startswith(_WHOLE_WORD)}
    if feed.reference.says_any(sentence, strong):
        return True
    names = single | {"stock", "stocks", "share", "aktie", "action", "azione", "accion", "aandeel", "name"}
    return any(word in names and _EACH & set(words[max(place - 2, 0) : place]) for place, word in enumerate(words))


def _find_held(feed: Feed, sentence: str) -> list[str]:
    """The names of what is held that a sentence has in full."""
    said = f" {match_words(sentence)} "
    names = {
        str(name) for table in feed.tables.values() for row in table.rows if (name := row.cells.get("name")) is not None
    }  # fmt: skip
    return sorted(name for name in names if (own := match_words(name)) and f" {own} " in said)
