"""The client's own limits, in whatever shape they were sent.

Each becomes a rule of a known kind, for one name or for all, with a column of its own for its figure; a range becomes
two, of its least and its most. What cannot be understood is kept with what it says; nothing of it is guessed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.portfolio.domain.headers import Header
from services.portfolio.domain.needs import Money
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.beside import read_day, read_money
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.days import list_days
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.limit_days import LimitDays
from services.portfolio.domain.reading.limit_notes import list_noted
from services.portfolio.domain.reading.limit_shapes import LONGEST_PHRASE, MOST_RULES, Ends, drop_phrases, flatten
from services.portfolio.domain.reading.mandates import is_floor, says_duration
from services.portfolio.domain.reading.model import CLASS, PART, LimitRule
from services.portfolio.domain.reference import CASH, DEBT, FieldSpec, Reference, match_words
from services.portfolio.domain.sections import LOW_RATED
from services.portfolio.domain.terms import is_empty, quote

FIELD = "limits"
_LIMIT = FieldSpec("rate", "shares", {"any": (Decimal("0.99"), Decimal(100))})
_FEE_LIMIT = FieldSpec("rate", None, {"any": (Decimal("0.05"), Decimal(5))})
_SINGLE = "single_name"
_WHOLE = Decimal(100)
"""A bare figure up to here may be a percentage."""
_EACH = frozenset({"", "any", "each", "all"})


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What the words of a limit mean: its rule, the name that it is for, and whether it is a least."""

    rule: str
    subject: str | None
    is_least: bool = False


def scan_limits(
    feed: Feed, capped: str | None = None, fall: tuple[str, str] | None = None
) -> tuple[tuple[LimitRule, ...], dict[str, str], frozenset[str]]:
    """The rules of a payload with a column for each figure; the fields that were not understood, with what they say;
    and all fields that set limits. ``capped`` is the field whose limit for the duration was read,
    ``fall`` the field and the name in it that limit a fall."""
    rules: list[LimitRule] = []
    unread: dict[str, str] = {}
    fields = dict(_list_fields(feed))
    for field, (context, sent) in fields.items():
        days = LimitDays(feed)
        raw, own, first = days.mark(sent), None, len(rules)
        lost, read, kept = [], 0, 0
        for words, value in list(_flatten(context, raw, feed.reference))[:MOST_RULES]:
            text, day = days.take(" ".join(words))
            if (whole := days.read(value)) is not None:
                own = whole  # which is of all limits of the field
                continue
            is_capped = capped == field and says_duration(f"{field} {text}", feed.reference)
            is_fall = fall is not None and fall[0] == field and text.endswith(split_words(fall[1]))
            if is_floor(text or field, value, feed.reference) or is_capped or is_fall:
                continue  # which is no limit in percent
            read += 1
            if read_kept(feed, text or field, value) is not None:
                kept += 1
                continue  # which is an amount to be kept at hand
            shown = value.says if isinstance(value, Ends) else value
            made = _make_rules(feed, f"{field}.{'.'.join(words)}", text, value, len(rules))
            if not made:
                lost.append(quote(text or field, shown))
            rules.extend(replace(rule, day=day) for rule in made)
        rules[first:] = [replace(rule, day=rule.day or own) for rule in rules[first:]]
        if kept:  # whose currency and name stand beside it
            lost = [words for words in lost if any(character.isdigit() for character in words)]
        if lost or not (read or any(True for _ in _flatten(context, raw, feed.reference))):
            unread[field] = "; ".join(lost[:3]) or quote(field, sent)
    _add_noted(feed, rules, unread)
    deadlines = _list_deadlines(feed)
    if len(deadlines) == 1:
        (day,) = deadlines.values()
        rules = [replace(rule, day=rule.day or day) for rule in rules]
    return tuple(rules), unread, frozenset(fields) | (deadlines.keys() if len(deadlines) == 1 else frozenset())


def _add_noted(feed: Feed, rules: list[LimitRule], unread: dict[str, str]) -> None:
    """The limits for positions that stand in notes, as far as they are clear and none of a field says another."""
    known = {rule.subject for rule in rules if rule.rule == _SINGLE}
    for noted in list_noted(feed):
        says, place = quote(noted.field, noted.sentence), len(rules)
        if noted.share is None:
            unread.setdefault(noted.field, says)
        elif noted.subject not in known and _scan(feed, f"{FIELD}.{place}", noted.field, _SINGLE, noted.share):
            days = [day for _, _, day in list_days(feed, noted.sentence)]
            day = days[0] if len(days) == 1 else None
            rules.append(LimitRule(_SINGLE, noted.subject, f"{FIELD}.{place}", says, day=day))
            known.add(noted.subject)


def _list_deadlines(feed: Feed) -> dict[str, date]:
    """The fields of their own that say a day by which limits are to be kept."""
    terms, names_any = feed.reference.terms, feed.reference.names_any
    return {
        name: day for name, value in feed.detected.unknown.items()
        if names_any(name, terms.limit_fields) and names_any(name, terms.until)
        and (day := read_day(feed, value)) is not None
    }  # fmt: skip


def flatten_limits(feed: Feed, raw: object) -> Iterator[tuple[str, object]]:
    """Each figure of a field that sets limits, with the words that stand around it."""
    for words, value in list(_flatten((), raw, feed.reference))[:MOST_RULES]:
        yield " ".join(words), value.says if isinstance(value, Ends) else value


def read_kept(feed: Feed, name: str, value: object) -> Money | None:
    """The amount that is to be kept at hand by a field or a part of one; None for what is a limit in percent."""
    if isinstance(value, Ends | Mapping | list) or (money := read_money(feed, value, name)) is None:
        return None
    terms, names_any = feed.reference.terms, feed.reference.names_any
    of_cash = {phrase for phrase, rule in (*terms.limit_rules.items(), *terms.limit_classes.items()) if rule == CASH}
    is_least = names_any(name, terms.limit_least) and names_any(name, of_cash | {"liquidity"})
    if not is_least and not names_any(name, terms.at_hand):
        return None
    return money if money.value > _WHOLE or money.currency is not None else None


def _flatten(context: tuple[str, ...], raw: object, reference: Reference) -> Iterator[tuple[tuple[str, ...], object]]:
    yield from flatten(context, raw, reference, lambda words: _classify(words, reference) is not None)


def _make_rules(feed: Feed, path: str, words: str, value: object, place: int) -> list[LimitRule]:
    """The rules of one figure, or of both ends of a range; none where they are not understood."""
    meaning = _classify(words, feed.reference)
    if isinstance(value, Ends):
        if meaning is None or meaning.rule not in {CLASS, PART, CASH} or not value.ascend:
            return []
        kept = _Meaning(CLASS, CASH) if meaning.rule == CASH else meaning
        ends = [(_Meaning(kept.rule, kept.subject, is_least=True), value.least), (meaning, value.most)]
        says = quote(words, value.says)
    else:
        if meaning is None:
            return []
        ends, says = [(meaning, value)], quote(words, value)
    rules = []
    for (of, figure), key in zip(ends, (f"{FIELD}.{place + offset}" for offset in range(2)), strict=False):
        if not _scan(feed, key, path, of.rule, figure):
            return []
        rules.append(LimitRule(of.rule, of.subject, key, says, of.is_least))
    return rules


def _list_fields(feed: Feed) -> Iterator[tuple[str, tuple[tuple[str, ...], object]]]:
    """The fields that set limits, each with the words of its name that say of what: fields that are called so, those
    that name a class and a range (``Equity Range``), and objects in which classes have ranges, whatever they are
    called."""
    reference = feed.reference
    if not is_empty(raw := feed.detected.get(FIELD)):
        yield feed.detected.name_of(FIELD), ((), raw)
    for name, value in feed.detected.unknown.items():
        if is_empty(value):
            continue
        phrases = reference.terms.limit_fields
        shaped = isinstance(value, Mapping | list) or (isinstance(value, str) and "%" in value)
        if _names_range(name, reference) and _is_class(_classify(name, reference)):
            yield name, ((name,), value)
        elif ((shaped or match_words(split_words(name)) in phrases) and reference.names_any(name, phrases)) or (
            isinstance(value, Mapping | list)
            and any(
                isinstance(found, Ends) and _is_class(_classify(" ".join(words), reference))
                for words, found in _flatten((), value, reference)
            )
        ):
            yield name, ((), value)


def _is_class(meaning: _Meaning | None) -> bool:
    return meaning is not None and meaning.rule in {CLASS, PART, CASH}


def _names_range(name: str, reference: Reference) -> bool:
    words = match_words(split_words(name)).split()
    return any(word.endswith(phrase) for word in words for phrase in reference.terms.limit_ranges)


def _drop_ranges(words: list[str], reference: Reference) -> list[str]:
    """Words without those, or those ends of them, that say that they are of a range."""
    ends = sorted(reference.terms.limit_ranges, key=len, reverse=True)
    left = [word.removesuffix(next((end for end in ends if word.endswith(end)), "")) for word in words]
    return [word for word in left if word]


def _classify(text: str, reference: Reference) -> _Meaning | None:
    """What the words of a limit mean; None where they mean none. What names more than a class is for a part of it."""
    terms = reference.terms
    left = _drop_ranges(match_words(split_words(text)).split(), reference)
    left, is_least = _take_side(left, reference)
    rule, left = _take_rule(left, terms.limit_rules)
    left = drop_phrases(left, terms.limit_plain)
    if rule == LOW_RATED:
        left = [word for word in left if not _means_debt(word, reference)]
    subject = " ".join(left)
    if rule is None and subject.upper() in reference.currencies:
        return None if is_least else _Meaning("currency", subject)
    if rule in {None, "asset_class"} and subject:
        if (kind := _look_up(subject, terms.limit_classes)) is not None:
            return _Meaning(CLASS, kind, is_least)
        return _Meaning(PART, subject, is_least) if reference.classify(subject, None, "") is not None else None
    if is_least:
        return _Meaning(CLASS, CASH, is_least) if rule == CASH and not subject else None
    return _Meaning(rule, subject if subject not in _EACH else None) if rule is not None else None


def _means_debt(word: str, reference: Reference) -> bool:
    """Whether a word is of bonds or of the part of a portfolio that they are: ratings are of nothing else."""
    terms = reference.terms
    return word in terms.rating_subjects or _look_up(word, terms.limit_classes) == DEBT


def _take_side(words: list[str], reference: Reference) -> tuple[list[str], bool]:
    """Words without those that say which end a limit is, the longest first, and whether it is a least one."""
    terms, is_least = reference.terms, False
    for size in range(min(len(words), LONGEST_PHRASE), 0, -1):
        start = 0
        while start + size <= len(words):
            phrase = " ".join(words[start : start + size])
            if phrase in terms.limit_least or (size > 1 and phrase in terms.limit_plain):
                is_least = is_least or phrase in terms.limit_least
                words = words[:start] + words[start + size :]
            else:
                start += 1
    return words, is_least


def _take_rule(words: list[str], rules: Mapping[str, str]) -> tuple[str | None, list[str]]:
    """The rule of the longest phrase among words, and the words that are left, those of the same rule taken out too."""
    found: str | None = None
    for size in range(min(len(words), LONGEST_PHRASE), 0, -1):
        start = 0
        while start + size <= len(words):
            rule = _look_up(" ".join(words[start : start + size]), rules)
            if rule is not None and found in {None, rule}:
                found = rule
                words = words[:start] + words[start + size :]
            else:
                start += 1
    return found, words


def _look_up(phrase: str, rules: Mapping[str, str]) -> str | None:
    return rules.get(phrase) or rules.get(phrase.removesuffix("s"))


def _scan(feed: Feed, key: str, path: str, rule: str, value: object) -> bool:
    """Whether a limit's figure could be scanned into a column of its own."""
    column = Column(key, path, _FEE_LIMIT if rule == "fee" else _LIMIT, Header(path.rpartition(".")[2]))
    column.add(0, value, path)
    if column.faults or 0 not in column.cells:
        return False
    feed.columns["", key] = column
    return True
