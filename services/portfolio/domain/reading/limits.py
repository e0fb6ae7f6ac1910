"""The client's own limits, in whatever shape they were sent: by name, nested, as a list of rules, or in words.

Each becomes a rule of a known kind, for one name or for all, with a column of its own for its figure. What cannot be
understood is kept with what it says; nothing of it is guessed.
"""

import re
from collections.abc import Container, Iterator, Mapping
from decimal import Decimal

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.headers import Header
from services.portfolio.domain.numbers import scan_number
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading.columns import Column
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.mandates import is_floor, says_duration
from services.portfolio.domain.reading.model import CLASS, LimitRule
from services.portfolio.domain.reading.ranges import is_equity
from services.portfolio.domain.reference import FieldSpec, Reference, match_words
from services.portfolio.domain.terms import is_empty, quote

FIELD = "limits"
_MOST_RULES = 200
_LONGEST_PHRASE = 4
_LIMIT = FieldSpec("rate", "shares", {"any": (Decimal("0.99"), Decimal(100))})
_FEE_LIMIT = FieldSpec("rate", None, {"any": (Decimal("0.05"), Decimal(5))})
_PERCENT = re.compile(
    r"\d+(?:[.,]\d+)?\s?(?:%|percent|pct|per cent|prozent|pour cent|procent|por ciento|per cento)?", re.IGNORECASE
)
_PARTS = re.compile(r"[;\n]|,\s+|(?<=%)\s*(?:and|und|et|en|e|y)\s+")
_EACH = frozenset({"", "any", "each", "all"})


def scan_limits(
    feed: Feed, ranged: str | None = None, capped: str | None = None
) -> tuple[tuple[LimitRule, ...], dict[str, str], frozenset[str]]:
    """The rules of a payload with a column for each figure; the fields that were not understood, with what they say;
    and all fields that set limits. ``ranged`` is the field whose range of equity was read, ``capped`` that whose
    limit for the duration was."""
    rules: list[LimitRule] = []
    unread: dict[str, str] = {}
    fields = dict(_list_fields(feed))
    for field, raw in fields.items():
        lost = []
        for words, value in list(_flatten((), raw, feed.reference))[:_MOST_RULES]:
            if (
                is_floor(" ".join(words) or field, value, feed.reference)
                or (ranged == field and is_equity(" ".join(words), feed.reference))
                or (capped == field and says_duration(f"{field} {' '.join(words)}", feed.reference))
            ):
                continue  # which is no limit in percent, or an end of the range of equity
            key = f"{FIELD}.{len(rules)}"
            found = _classify(" ".join(words), feed.reference)
            if found is None or not _scan(feed, key, f"{field}.{'.'.join(words)}", found[0], value):
                lost.append(quote(" ".join(words) or field, value))
                continue
            rules.append(LimitRule(*found, key, quote(" ".join(words), value)))
        if lost or not any(True for _ in _flatten((), raw, feed.reference)):
            unread[field] = "; ".join(lost[:3]) or quote(field, raw)
    return tuple(rules), unread, frozenset(fields)


def flatten_limits(feed: Feed, raw: object) -> Iterator[tuple[str, object]]:
    """Each figure of a field that sets limits, with the words that stand around it."""
    for words, value in list(_flatten((), raw, feed.reference))[:_MOST_RULES]:
        yield " ".join(words), value


def _list_fields(feed: Feed) -> Iterator[tuple[str, object]]:
    if not is_empty(raw := feed.detected.get(FIELD)):
        yield feed.detected.name_of(FIELD), raw
    for name, value in feed.detected.unknown.items():
        phrases = feed.reference.terms.limit_fields
        shaped = isinstance(value, Mapping | list) or (isinstance(value, str) and "%" in value)
        if (
            (shaped or match_words(split_words(name)) in phrases)
            and not is_empty(value)
            and feed.reference.names_any(name, phrases)
        ):
            yield name, value


def _flatten(path: tuple[str, ...], raw: object, reference: Reference) -> Iterator[tuple[tuple[str, ...], object]]:
    """Each figure with the words that stand around it; those of a rule as an object are its texts as well."""
    if isinstance(raw, Mapping):
        yield from _flatten_object(path, raw, reference)
    elif isinstance(raw, list):
        for item in raw[:_MOST_RULES]:
            yield from _flatten(path, item, reference)
    elif isinstance(raw, str) and not _is_figure(raw):
        for part in _PARTS.split(raw):
            figures = [match for match in _PERCENT.finditer(part) if match[0].strip()]
            marked = [match for match in figures if not match[0].strip()[-1].isdigit()] or figures
            if len(marked) == 1:
                rest = f"{part[: marked[0].start()]} {part[marked[0].end() :]}"
                yield (*path, split_words(" ".join(rest.replace(":", " ").split()))), marked[0][0]
            elif part.strip():
                yield path, part.strip()
    elif not is_empty(raw):
        yield path, raw


def _flatten_object(
    path: tuple[str, ...], raw: Mapping[object, object], reference: Reference
) -> Iterator[tuple[tuple[str, ...], object]]:
    """An object of limits by name, or one that is a rule: there no name of a figure says what it is of, but a text."""
    figures = [split_words(str(name)) for name, value in raw.items() if not is_empty(value) and _is_figure(value)]
    named = any(_classify(name, reference) is not None for name in figures)
    texts = () if named or not figures else tuple(
        str(value) for name, value in raw.items() if isinstance(value, str) and not is_empty(value)
        and not _is_figure(value) and not is_floor(str(name), value, reference)
    )  # fmt: skip
    for name, value in raw.items():
        words = split_words(str(name))
        if is_empty(value):
            continue
        if isinstance(value, Mapping | list):
            yield from _flatten((*path, words), value, reference)
        elif _is_figure(value):
            yield (*path, *texts, words), value
        elif isinstance(value, str) and _PERCENT.search(value):
            yield from _flatten((*path, words), value, reference)
        elif not texts or is_floor(words, value, reference):
            yield (*path, words), value


def _is_figure(value: object) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return scan_number(value, FIELD) is not None
    except (InputError, NumberError):
        return False


def _classify(words: str, reference: Reference) -> tuple[str, str | None] | None:
    """The rule that words mean, and the name that it is for; None where they mean none, or a least of something."""
    terms = reference.terms
    left = match_words(words).split()
    if any(phrase in terms.limit_least for phrase in _list_spans(left)):
        return None
    rule, left = _take_rule(left, terms.limit_rules)
    left = _drop_plain(left, terms.limit_plain)
    kind = reference.classify(" ".join(left), None, "")
    subject = " ".join(left)
    if rule is None and subject.upper() in reference.currencies:
        return "currency", subject
    if rule in {None, "asset_class"}:
        if subject and kind is not None:
            return CLASS, kind.name
        return ("asset_class", None) if rule is not None and not subject else None
    assert rule is not None  # noqa: S101 - for the type checker: it is none of the two above
    return rule, subject if subject not in _EACH else None


def _take_rule(words: list[str], rules: Mapping[str, str]) -> tuple[str | None, list[str]]:
    """The rule of the longest phrase among words, and the words that are left, those of the same rule taken out too."""
    found: str | None = None
    for size in range(min(len(words), _LONGEST_PHRASE), 0, -1):
        start = 0
        while start + size <= len(words):
            rule = _look_up(" ".join(words[start : start + size]), rules)
            if rule is not None and found in {None, rule}:
                found = rule
                words = words[:start] + words[start + size :]
            else:
                start += 1
    return found, words


def _drop_plain(words: list[str], plain: Container[str]) -> list[str]:
    """The words without the phrases that say no more than that they are a limit."""
    for size in range(_LONGEST_PHRASE, 0, -1):
        start = 0
        while start + size <= len(words):
            if " ".join(words[start : start + size]) in plain:
                words = words[:start] + words[start + size :]
            else:
                start += 1
    return words


def _look_up(phrase: str, rules: Mapping[str, str]) -> str | None:
    return rules.get(phrase) or rules.get(phrase.removesuffix("s"))


def _list_spans(words: list[str]) -> set[str]:
    return {
        " ".join(words[start : start + size]) for start in range(len(words)) for size in range(1, _LONGEST_PHRASE + 1)
    }


def _scan(feed: Feed, key: str, path: str, rule: str, value: object) -> bool:
    """Whether a limit's figure could be scanned into a column of its own."""
    column = Column(key, path, _FEE_LIMIT if rule == "fee" else _LIMIT, Header(path.rpartition(".")[2]))
    column.add(0, value, path)
    if column.faults or 0 not in column.cells:
        return False
    feed.columns["", key] = column
    return True
