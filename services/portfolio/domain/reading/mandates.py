"""What a mandate asks for beside limits in percent: the least rating."""

from collections.abc import Iterator, Mapping

from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Row
from services.portfolio.domain.reference import UNRATED, Reference, match_words
from services.portfolio.domain.terms import is_esg, list_sentences, spell

_LONGEST_UNDER = 4
"""Words of ``al di sotto di``, the longest way to say below."""
_NEAR = 6
"""Words behind a symbol that may say that nothing below it is allowed."""
_PUNCTUATION = ".,;:!?()“”\"'«»"


def is_floor(name: str, value: object, reference: Reference) -> bool:
    """Whether a field is the least rating that may be held."""
    if not isinstance(value, str) or is_esg(name) or not reference.names_any(name, reference.terms.rating_floor):
        return False
    return bool(value.strip()) and reference.grade(value) is not None


def says_duration(words: str, reference: Reference) -> bool:
    """Whether words are of how long bonds are."""
    return bool({"duration", "sensibility"} & reference.lexicon.read(words))


def read_floor(feed: Feed) -> tuple[str, str] | None:
    """The field that says the least rating, or the object of limits that does, with the rating. The field is empty
    where a sentence says it, which may say more; sentences that name several ratings say none."""
    fields = dict(feed.detected.unknown)
    if (limits := feed.detected.get("limits")) is not None:
        fields[feed.detected.name_of("limits")] = limits
    for name, value in fields.items():
        for key, part in value.items() if isinstance(value, Mapping) else [(name, value)]:
            if not is_esg(name) and is_floor(str(key), part, feed.reference):
                return name, str(part).strip()
    told = {
        symbol for name, value in fields.items() if not is_esg(name)
        for text in _list_texts(value) for sentence in list_sentences(text) if not is_esg(sentence)
        for symbol in _list_floors(sentence.split(), feed.reference)
    }  # fmt: skip
    return ("", told.pop()) if len(told) == 1 else None


def _list_texts(value: object) -> Iterator[str]:
    """The texts of a note: one, those of a list, or those of an object."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        parts = value.values() if isinstance(value, Mapping) else value
        yield from (part for part in parts if isinstance(part, str))


def _list_floors(words: list[str], reference: Reference) -> Iterator[str]:
    """The symbols of ratings below which a sentence wants nothing: ``aucune obligation sous BBB-``, ``bonds below BBB-
    are excluded``."""
    terms, plain = reference.terms, [match_words(word) for word in words]
    for place, word in enumerate(words):
        symbol = word.strip(_PUNCTUATION)
        if not symbol[:1].isupper() or reference.grade(symbol) in {None, UNRATED}:
            continue
        sizes = range(_LONGEST_UNDER, 0, -1)
        size = next((size for size in sizes if " ".join(plain[max(place - size, 0) : place]) in terms.rating_under), 0)
        if not size:
            continue
        before = reversed(" ".join(plain[: place - size]).split())
        is_denied = next((part for part in before if part not in terms.rating_subjects), "") in terms.denied
        if is_denied or reference.says_any(" ".join(words[place + 1 : place + 1 + _NEAR]), terms.rating_barred):
            yield symbol


def tell_before(row: Row, reference: Reference) -> str:
    """What a row says of its rating before and of the day since when it has this one, in the words that were sent."""
    terms, found = reference.terms, list[str]()
    for phrases, word in ((terms.rating_before, "before"), (terms.rating_day, "since")):
        said = [spell(value) for name, value in row.extra.items() if reference.names_any(name, phrases)]
        found += [f"{word}: {text}" for text in said[:1]]
    return ", ".join(found)
