"""The income that a client needs: by which period and basis it is meant, in whatever shape it was sent.

A need of income is met by what is paid, so that it is no money that is spoken for: what has a day is.
"""

from collections.abc import Mapping

from services.portfolio.domain.headers import read_header
from services.portfolio.domain.needs import Money
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.bases import read_basis
from services.portfolio.domain.reading.beside import AMOUNT, read_day, read_money
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.model import IncomeNeed
from services.portfolio.domain.reference import match_words
from services.portfolio.domain.terms import spell

FIELD = "annual_need"
_SECTION, _LEAST = "income", 2
_PERIODS = frozenset({"per", "period", "frequency", "interval", "basis", "turnus", "periode", "frequence"})


def unfold_amount(feed: Feed, name: str, raw: object) -> tuple[str, object]:
    """An amount that was sent as an object, with all that its other parts say in its name: ``Need`` of an amount and a
    ``frequency`` as ``Need monthly``. Anything else as it is."""
    if not isinstance(raw, Mapping):
        return name, raw
    amounts = [part for key, part in raw.items() if feed.reference.names_any(str(key), feed.reference.terms.amounts)]
    if len(amounts) != 1 or isinstance(amounts[0], Mapping | list):
        return name, raw
    words = []
    for key, part in raw.items():
        if isinstance(part, str) and part is not amounts[0]:
            is_period = feed.reference.names_any(str(key), _PERIODS | feed.reference.terms.regular)
            bare = is_period and read_header(part).a_year is None
            words.append(f"per {part}" if bare and read_header(f"per {part}").a_year is not None else part)
    return " ".join((name, *words)), amounts[0]


def is_income_need(feed: Feed, name: str, value: object) -> bool:
    """Whether a field is an income that is needed again and again: by its name, and without a day."""
    if isinstance(value, list) or (
        isinstance(value, Mapping) and any(read_day(feed, part) is not None for part in value.values())
    ):
        return False
    said, _ = unfold_amount(feed, name, value)
    header = read_header(said)
    if feed.reference.names_any(name, feed.reference.terms.income_need):
        return True
    section = next((item for item in feed.catalogue.sections if item.name == _SECTION), None)
    return header.a_year is not None and section is not None and FIELD in section.names.find(header.base)


def read_income_need(feed: Feed) -> IncomeNeed | None:
    """The income that is needed each year, among the fields that the section has no use for itself."""
    for name, value in feed.detected.unknown.items():
        if not is_income_need(feed, name, value):
            continue
        said, raw = unfold_amount(feed, name, value)
        money = read_money(feed, raw, said)
        if money is not None:
            times = read_header(said).a_year or 1
            said = f"{said} {raw}" if isinstance(raw, str) else said
            return IncomeNeed(name, Money(money.value * times, money.currency), read_basis(said, feed.reference))
    return None


def describes_need(feed: Feed, name: str, value: object) -> bool:
    """Whether a field says something of what is needed and is no need itself: its name ends in what it says (the basis,
    a note, the period), and its text names no amount."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    words = match_words(split_words(name)).split()
    if not isinstance(value, str) or len(words) < _LEAST or words[-1] not in terms.describing:
        return False
    about = " ".join(words[:-1])
    if not (names_any(about, terms.owed | terms.income_need) or _names_need(feed, about)):
        return False
    return read_money(feed, value, name) is None and not any(read_money(feed, part) for part in AMOUNT.findall(value))


def _names_need(feed: Feed, name: str) -> bool:
    """Whether a name is that of the need that the section reads itself, or begins as it does (``need`` of it)."""
    known = feed.detected.name_of(FIELD) if feed.detected.get(FIELD) is not None else ""
    return bool(known) and f" {match_words(name)} " in f" {match_words(split_words(known))} "


def tell_basis(feed: Feed) -> bool | None:
    """The basis of the need that the section reads itself, by its name, by what was sent, or by a field beside it that
    says it."""
    raw = feed.detected.get(FIELD)
    if raw is None:
        return None
    said = f"{feed.detected.name_of(FIELD)} {spell(raw) if isinstance(raw, Mapping | str) else ''}"
    beside = [f"{name} {spell(value)}" for name, value in feed.detected.unknown.items()
              if describes_need(feed, name, value)]  # fmt: skip
    found = [basis for text in (said, *beside) if (basis := read_basis(text, feed.reference)) is not None]
    return found[0] if len(set(found)) == 1 else None  # two that contradict each other say nothing
