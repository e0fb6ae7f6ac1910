"""What a mandate asks for beside limits in percent: the least rating."""

from collections.abc import Mapping

from services.portfolio.domain.reading.esg import is_esg
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import Row
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.terms import spell


def is_floor(name: str, value: object, reference: Reference) -> bool:
    """Whether a field is the least rating that may be held."""
    if not isinstance(value, str) or is_esg(name) or not reference.names_any(name, reference.terms.rating_floor):
        return False
    return bool(value.strip()) and reference.grade(value) is not None


def says_duration(words: str, reference: Reference) -> bool:
    """Whether words are of how long bonds are."""
    return bool({"duration", "sensibility"} & reference.lexicon.read(words))


def read_floor(feed: Feed) -> tuple[str, str] | None:
    """The field that says the least rating, or the object of limits that does, with the rating."""
    fields = dict(feed.detected.unknown)
    if (limits := feed.detected.get("limits")) is not None:
        fields[feed.detected.name_of("limits")] = limits
    for name, value in fields.items():
        for key, part in value.items() if isinstance(value, Mapping) else [(name, value)]:
            if not is_esg(name) and is_floor(str(key), part, feed.reference):
                return name, str(part).strip()
    return None


def tell_before(row: Row, reference: Reference) -> str:
    """What a row says of its rating before and of the day since when it has this one, in the words that were sent."""
    terms, found = reference.terms, list[str]()
    for phrases, word in ((terms.rating_before, "before"), (terms.rating_day, "since")):
        said = [spell(value) for name, value in row.extra.items() if reference.names_any(name, phrases)]
        found += [f"{word}: {text}" for text in said[:1]]
    return ", ".join(found)
