"""What is said of assets that are named: only these, the only ones, each of these, neither of them."""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.thresholds import find_thresholds
from services.portfolio.domain.claims.traits import PREDICATES, Told, Trait, banded, over_limit

_GAP = 60
_LIST = re.compile(r"\s*(?:,|and|,\s*and|or|&)\s*(?:the\s+)?", re.IGNORECASE)
EXCEPT_AFTER = re.compile(
    r"\s*,?\s*\(?(?:but|except(?:\s+for)?|other\s+than|save(?:\s+for)?|apart\s+from|bar|besides)\s+(?:the\s+)?",
    re.IGNORECASE,
)
EXCEPT_BEFORE = re.compile(
    r"\b(?:apart\s+from|except\s+for|with\s+the\s+exception\s+of|other\s+than|aside\s+from|besides|bar|"
    r"leaving\s+aside)\s+"
    r"(?:the\s+)?$",
    re.IGNORECASE,
)
_EXCEPTED = re.compile(rf"(?:{EXCEPT_AFTER.pattern.strip()})$|{EXCEPT_BEFORE.pattern}", re.IGNORECASE)
DENIED = re.compile(r"\b(?:not|never|fail\w*|without)\b|n't\b", re.IGNORECASE)
MEASURED = re.compile(r"\s+(?:by\s+|some\s+|about\s+)?(?:more|less|most|least|as|\d|[₹$€£])", re.IGNORECASE)
_BEYOND = re.compile(r"[^,;.\x01]{0,40}\bthan\b", re.IGNORECASE)
"""What only some did more than another is an order (``rankings``)."""
_GROUPED = ("position", "asset_class", "sector", "region", "currency", "account")
"""The groups whose members have names."""
_ONLY_BEFORE = re.compile(r"\b(?:only|solely|just)\s+(?:the\s+)?$", re.IGNORECASE)
_ARE = re.compile(
    r"\s*:?\s*(?:both\s+|each\s+|all\s+)?(?:(?P<verb>are|were|is|was|has|have|shows?|stands?|lies?|do|does|did)\s+)?(?P<no>(?:not|"
    r"never)\s+)?"
    r"(?:both\s+|each\s+|all\s+|now\s+|currently\s+|still\s+|well\s+|just\s+|comfortably\s+|clearly\s+|slightly\s+|far\s+)*",
    re.IGNORECASE,
)
_SIDES = r"(?:below|above|under|over|in|at|within|outside|beyond|past|with|that|which|to|not|out|of|rated)\b"
_THE_ONLY = re.compile(
    rf"\s*(?:is|are|was|were|remains?)\s+the\s+(?:only|sole|one)\s+(?:ones?\s+|(?:\d+|(?!{_SIDES})[a-z]+)\s+)?(?:(?!{_SIDES})[a-z]+\s+)?"
    r"(?:to\s+have\s+|to\s+be\s+|that\s+(?:is|are|has|have|was|were)?\s*|which\s+(?:is|are|has|have|was|"
    r"were)?\s*|with\s+a\s+|in\s+a\s+)?",
    re.IGNORECASE,
)
_THE_ONLY_LEAD = re.compile(
    r"\bthe\s+(?:only|sole)\s+(?:ones?\s+|(?:\d+|[a-z]+)\s+)?(?P<what>[a-z -]{3,50}?)\s+"
    r"(?:is|are|was|were)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_THE_GROUP = re.compile(
    r"\bthe\s+(?:[a-z]+\s+)?(?:losers|gainers|winners|fallers|risers|decliners|detractors|breaches|outliers|overweights|underweights|(?:losing|gaining|winning)\s+[a-z]+s)"
    r"\s*(?:are|were|:)\s*(?:the\s+)?$",
    re.IGNORECASE,
)
"""A group that is named by what it did: its list is all of it."""
_BROKEN = re.compile(r"\b(?:breaches|outliers)\b", re.IGNORECASE)
_NOTHING_BEHIND = re.compile(
    r"\s*(?:$|[.,;:)]|(?:and|but|while|whereas|so|over|since|during|for|in|again|too|as\s+well|at\s+present|today|now|overall)\b)",
    re.IGNORECASE,
)
"""What may stand behind a predicate that is said of one asset, so that it is all that is said."""
_NEITHER = re.compile(r"\bneither\s+(?:the\s+)?$", re.IGNORECASE)
_NOR = re.compile(r"\s*(?:,|,?\s*nor|or)\s*(?:the\s+)?", re.IGNORECASE)
_ONE_OF = re.compile(r"\b(?:only|than|with|by|if|would|apart|to|from|in|on)\s+(?:the\s+)?$", re.IGNORECASE)


def check_only(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``Only A and B gained``, ``A and B were the only winners``: exactly these."""
    text = sentence.plain
    if not sentence.mentions:
        return
    first = sentence.mentions[0]
    names, end = read_names(sentence, first.start)
    if lead := _THE_ONLY_LEAD.search(text[: first.start]) or (
        len(names) > 1 and _THE_GROUP.search(text[: first.start])
    ):
        yield from _check_lead(sentence, names, (lead.start(), end), lead, evidence)
        return
    only = _ONLY_BEFORE.search(text[: first.start])
    the_only = _THE_ONLY.match(text[end:])
    if (not only and not the_only) or (only and _BEYOND.match(text[end:])):
        return
    start = end + (the_only.end() if the_only else 0)
    predicate = find_predicate(sentence, start)
    if the_only and predicate is None:
        predicate = find_predicate(sentence, end)
    if predicate is None:
        return
    trait, low, high = predicate
    if low - start > 30 or "\x01" in text[start:low]:
        return
    for group in _GROUPED:
        told = trait(group, evidence)
        if told is not None and all(name in told.holds for name in names):
            denied = DENIED.search(text[start:low]) is not None
            chosen = {name for name, held in told.holds.items() if held is not denied}
            yield from _say_only(sentence, (first.start, high), told, chosen, names)
            return


def _check_lead(
    sentence: Sentence, names: Sequence[str], span: tuple[int, int], lead: re.Match[str], evidence: Evidence
) -> Iterator[Verdict]:
    """``The only losing position is A``: exactly these."""
    words = lead[0]
    if _BROKEN.search(words):
        drifts = evidence.by_measure.get("drift")
        yield from _tell_lead(sentence, names, span, banded(outside=True) if drifts else over_limit(), words, evidence)
        return
    found = [
        (match.start(), place, trait)
        for place, (pattern, trait) in enumerate(PREDICATES)
        if (match := pattern.search(words)) is not None
    ]
    if not found:
        return
    _, _, trait = min(found, key=lambda item: item[:2])
    yield from _tell_lead(sentence, names, span, trait, words, evidence)


def _tell_lead(
    sentence: Sentence, names: Sequence[str], span: tuple[int, int], trait: Trait, words: str, evidence: Evidence
) -> Iterator[Verdict]:
    told = trait("position", evidence)
    if told is not None and all(name in told.holds for name in names):
        chosen = {name for name, held in told.holds.items() if held is not (DENIED.search(words) is not None)}
        yield from _say_only(sentence, span, told, chosen, names)


def _say_only(
    sentence: Sentence, span: tuple[int, int], told: Told, chosen: set[str], names: Sequence[str]
) -> Iterator[Verdict]:
    """The verdict on what is said of the named alone; none where others may be of whom nothing is known."""
    right = chosen == set(names)
    if told.whole or not right:
        yield say(sentence, *span, told, right=right, shown=f"{len(chosen)} of {told.total}")


def check_named(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``A and B are in profit``, ``A, B: at a loss``, ``neither A nor B is up``: each of these; ``A is not down``."""
    text, start = sentence.plain, 0
    for mention in sentence.mentions:
        if mention.start < start:
            continue
        neither = _NEITHER.search(text[: mention.start]) is not None
        names, end = read_names(sentence, mention.start, link=_NOR if neither else _LIST)
        joined = _ARE.match(text, end)
        if len(names) > 1 and (again := _THEY.search(text, end)) is not None:
            yield from _check_again(sentence, names, again, evidence)
        if _EXCEPTED.search(text[: mention.start]):
            start = end
            continue
        if joined is None or re.search(r"\bof\s+(?:the\s+)?$", text[: mention.start]):
            continue
        start = end
        predicate = _find_joined(text, joined)
        if predicate is None or MEASURED.match(text[predicate[1] :]):
            continue
        trait, high = predicate
        if len(names) == 1 and (
            _ONE_OF.search(text[: mention.start])
            or not _NOTHING_BEHIND.match(text[high:])
            or any(mention.start <= sentence.spot(figure)[0] < high for figure in sentence.figures)
        ):
            continue
        for group in _GROUPED:
            told = trait(group, evidence)
            if told is not None and all(name in told.holds for name in names):
                denied = neither or bool(joined["no"])
                held = [told.holds[name] is not denied for name in names]
                yield say(
                    sentence, mention.start, high, told, right=all(held), shown=f"{sum(held)} of the {len(names)} named"
                )
                break


_THEY = re.compile(
    r"(?:,|;|\b(?:since|as|because|for|and|but|while|though))\s+(?:(?P<none>neither|none)|(?P<all>both|all|each))(?:\s+of\s+(?:them|the\s+two|which))?"
    r"\s+(?=(?:is|are|was|were|has|have|had|lies?|stands?|sits?|remains?|shows?|rose|fell|gained|lost)\b)",
    re.IGNORECASE,
)
"""What takes up the names of the list before (``A and B ..., since neither has left its band``)."""


def _check_again(
    sentence: Sentence, names: Sequence[str], again: re.Match[str], evidence: Evidence
) -> Iterator[Verdict]:
    """The verdict on what is said of none, or of all, of the names before it."""
    others = [item for item in sentence.mentions if item.start < again.start() and item.subject not in names]
    predicate = find_predicate(sentence, again.end())
    if others or predicate is None:
        return
    trait, low, high = predicate
    between = sentence.plain[again.end() : low]
    if "\x01" in between or re.search(r"[.,;:]", between):
        return
    told = next((told for group in _GROUPED if (told := trait(group, evidence)) is not None
                 and all(name in told.holds for name in names)), None)  # fmt: skip
    if told is None:
        return
    denied = (again["none"] is not None) is not (DENIED.search(between) is not None)
    held = [told.holds[name] is not denied for name in names]
    yield say(sentence, again.start(), high, told, right=all(held), shown=f"{sum(held)} of the {len(names)} named")


def _find_joined(text: str, joined: re.Match[str]) -> tuple[Trait, int] | None:
    """The predicate right behind names and their verb, and where it ends; the verb may be a part of it (``is up``)."""
    verb, start = (joined["verb"] or "").strip(), joined.end()
    for pattern, trait in PREDICATES:
        if match := pattern.match(text, start):
            return trait, match.end()
        if verb and (match := pattern.match(f"{verb} {text[start : start + _GAP]}")):
            return trait, start + match.end() - len(verb) - 1
    return None


_IS_BOUND = re.compile(r"\s*(?:of|by|that\s+is|which\s+is|is|worth)?\s*", re.IGNORECASE)
"""What may stand between a predicate and the figure that bounds it."""


def find_predicate(sentence: Sentence, start: int) -> tuple[Trait, int, int] | None:
    """The first predicate behind a place: its trait, its start and its end."""
    window = sentence.plain[start : start + _GAP + 40]
    found: list[tuple[int, int, int, Trait]] = []
    for place, (pattern, trait) in enumerate(PREDICATES):
        if (match := pattern.search(window)) and match.start() <= _GAP:
            found.append((match.start(), place, match.end(), trait))
    for trait, low, high in find_thresholds(sentence, start):
        found.append((low - start, -1, high - start, trait))
    if not found:
        return None
    first, _, last, trait = min(found, key=lambda item: (item[0], item[1]))
    bounded = next((item for item in found if item[1] < 0 and _IS_BOUND.fullmatch(window[last : item[0]])), None)
    if bounded is not None:  # "a gain of more than 1,000" is no gain of any size
        last, trait = bounded[2], bounded[3]
    return trait, start + first, start + last


def read_names(sentence: Sentence, start: int, link: re.Pattern[str] = _LIST) -> tuple[list[str], int]:
    """The names of a list that begins at a place, and where it ends."""
    names: list[str] = []
    for mention in sentence.mentions:
        if mention.start < start:
            continue
        between = sentence.plain[start : mention.start]
        if names and not link.fullmatch(between):
            break
        if not names and between.strip():
            break
        names.append(mention.subject)
        start = mention.end
    return names, start


def say(sentence: Sentence, start: int, end: int, told: Told, *, right: bool, shown: str = "") -> Verdict:
    claim = Claim(
        sentence.text[start:end], sentence.start + start, sentence.start + end, Relation.IS, told.fact.measure
    )
    if right:
        return Verdict(claim, Outcome.DERIVED, told.fact, f"count of {told.fact.id.rpartition('.')[0] or told.fact.id}")
    why = f"it holds of {shown or f'{told.count} of {told.total}'}"
    return Verdict(claim, Outcome.CONTRADICTED, told.fact, why=why, fault=True)
