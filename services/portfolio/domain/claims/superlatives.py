"""Superlatives: the largest, the worst, the third-largest, held against all peers."""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Held, Outcome, Relation, Verdict
from services.portfolio.domain.claims.scoping import (
    LOSS_VERBS,
    find_beside,
    find_measure,
    find_move,
    find_scope,
    names_measure,
    rank_peers,
)
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.claims.turns import DENIED_END, TURNS, judge_dates
from services.portfolio.domain.vocabulary import Scope

_RANKS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "next": 2,
          "deuxième": 2, "troisième": 3, "quatrième": 4, "zweit": 2, "dritt": 3, "viert": 4}  # fmt: skip
_BEFORE_RANK = re.compile(rf"\b(?P<rank>{'|'.join(_RANKS)})[\s-]*$", re.IGNORECASE)
_PLACE = re.compile(
    rf"\b(?:ranks?|ranked|ranking|comes?|came|stands?|is|are|was|were)\s+(?:in\s+)?(?:the\s+)?(?P<rank>first|"
    rf"last|{'|'.join(_RANKS)})"
    r"(?:\s+place)?(?=\s+(?:among|of|by|in)\b|\s*[,.;]|\s*$)",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"most|top|main|first|leading|leads|dominant|best|strongest|bottom|minor|highest|lowest", re.IGNORECASE
)
_OF_QUALITY = re.compile(
    r"(?:most|least)\s+(?:liquid|certain|secure|reliable|flexible|diversified|sensitive|exposed|stable)\b",
    re.IGNORECASE,
)
"""What no figure of an asset ranks."""
_COMPOUND = re.compile(r"-(?:up|down|of|off|to|in|for|notch|level)\b", re.IGNORECASE)
"""What makes another word of a superlative: ``a top-up``, ``best-in-class``."""
_SAID_AFTER = re.compile(
    r"^[^.;]{0,45}?\b(?:is|are|was|were|remains?|being|in|by|came from|comes from|goes to|"
    r"belongs? to|falls? to|lies with)\b\s*(?:the\s+)?$|"
    r"^\W*$|^(?:-\w+)?\s+(?:the|der|die|das)\s+$|^[^.;,]{0,30}[:,]\s*(?:the\s+)?$",
    re.IGNORECASE,
)


def check_superlatives(sentence: Sentence, stated: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """A verdict for each superlative of a sentence whose asset and peers are known."""
    last: Scope | None = None
    for start, end, least, mention in _find_superlatives(sentence, evidence):
        scope = find_scope(sentence.plain, start, end, evidence)
        if scope is None and last is not None and _ELIDED.match(sentence.plain, end):
            scope = last
        last = scope or last
        found = list(_check_one(sentence, (start, end), mention, scope, stated, evidence, least=least))
        if not found:
            word = sentence.plain[start:end]
            peers = find_beside(sentence, mention, word, (start, end), stated, evidence, whatever=True)
            found = [_judge(sentence, mention, word, (start, end), peers, least)] if peers else []
        yield from found


def _check_one(
    sentence: Sentence, at: tuple[int, int], mention: Mention, scope: Scope | None, stated: Sequence[Verdict],
    evidence: Evidence, *, least: bool,
) -> Iterator[Verdict]:  # fmt: skip
    """The verdict on one superlative, by what stands behind it, by its figure, or by what it is over."""
    text, (start, end) = sentence.plain, at
    word = text[start:end]
    if (found := find_measure(sentence, at, mention, evidence)) is not None:
        peers, upside_down = found
        yield _judge(sentence, mention, word, at, peers, least is not upside_down)
        return
    moved = find_move(text, start, evidence)
    if moved and not (
        scope is not None and scope.name in _OF_EFFECT and scope.words.search(text[max(start - 25, 0) : start])
    ):
        scope = None
    beside = find_beside(sentence, mention, word, at, stated, evidence)
    if scope is None and not moved and beside:
        yield _judge(sentence, mention, word, at, beside, least)
        return
    loss = LOSS_VERBS.search(text[max(start - 20, 0) : end + 20])
    if scope is None and (
        names_measure(text[end : end + 25], evidence) or (_LOOSE.fullmatch(word) and not loss and not moved)
    ):
        return
    if scope is None and moved:
        scope = next((item for item in evidence.vocabulary.scopes if item.name == moved), None)
    ranked = rank_peers(sentence, mention, word, scope, at, evidence)
    if ranked is None:
        if beside:
            yield _judge(sentence, mention, word, at, beside, least)
        return
    peers, inverted = ranked
    names = _list_named(sentence, mention) if _PLURAL.match(text, end) else [mention.subject]
    if len(names) > 1:
        yield _judge_several(sentence, at, names, peers, from_below=least is not inverted)
        return
    yield _judge(sentence, mention, word, at, peers, least is not inverted)
    yield from _check_followers(sentence, mention, end, peers, least is not inverted)


_ELIDED = re.compile(r"\s*(?:[,.;]|$|(?:in|by|with)\b)", re.IGNORECASE)
"""What stands behind a superlative that leaves out what it is over (``the biggest gain in percent, B the biggest in
dollars``)."""
_PLURAL = re.compile(r"\s+(?:[a-z-]+\s+)?[a-z]+s\b", re.IGNORECASE)


def _list_named(sentence: Sentence, mention: Mention) -> list[str]:
    """The names of the list that an asset stands in, each once."""
    names = list(sentence.mentions)
    place = names.index(mention) if mention in names else -1
    if place < 0:
        return [mention.subject]
    low = high = place
    while low and _LISTED.fullmatch(sentence.plain[names[low - 1].end : names[low].start]):
        low -= 1
    while high + 1 < len(names) and _LISTED.fullmatch(sentence.plain[names[high].end : names[high + 1].start]):
        high += 1
    return list(dict.fromkeys(item.subject for item in names[low : high + 1]))


def _judge_several(
    sentence: Sentence, at: tuple[int, int], names: Sequence[str], peers: list[Held], *, from_below: bool
) -> Verdict:
    """``A and B are the main purchases``: no others, whatever their order."""
    ordered = list(reversed(peers)) if from_below else peers
    held = {item.subject: item for item in peers}
    own = held[names[0]] if names[0] in held else ordered[0]
    edge = ordered[min(len(names), len(ordered)) - 1].fact.value
    right = all(
        name in held and (held[name].fact.value <= edge if from_below else held[name].fact.value >= edge)
        for name in names
    )
    relation = Relation.LEAST if from_below else Relation.MOST
    claim = Claim(
        sentence.text[at[0] : at[1]], sentence.start + at[0], sentence.start + at[1], relation, own.fact.measure,
        own.fact.subject,
    )  # fmt: skip
    shown = ", ".join(str(item.fact.subject) for item in ordered[: len(names)])
    if right:
        return Verdict(claim, Outcome.DERIVED, own.fact, f"order of {', '.join(x.fact.id for x in ordered[:4])}")
    return Verdict(claim, Outcome.CONTRADICTED, own.fact, why=f"they are {shown}", fault=True)


def _find_superlatives(sentence: Sentence, evidence: Evidence) -> Iterator[tuple[int, int, bool, Mention]]:
    """Where each begins and ends, whether it says the least, and of which asset it is said."""
    text = sentence.plain
    matches = [
        (match.start(), match.end(), match.lastgroup == "least")
        for match in evidence.vocabulary.superlatives.finditer(_part_ranks(text))
    ]
    matches += [(match.start(), match.end(), False) for match in _PLACE.finditer(text)]
    turns = [match.span() for pattern in TURNS.values() for match in pattern.finditer(text)]
    matches = [item for item in matches if not any(low < item[1] and item[0] < high for low, high in turns)]
    for start, end, least in matches:
        if _COMPOUND.match(text[end:]):
            continue  # "a top-up", "best-in-class"
        if text[start:end].lower() == "most" and re.match(r"\s+of\b", text[end:]):
            continue  # "most of the gain" is a share, and "most of the funds" a number of them
        if _OF_QUALITY.match(text[start:end] + text[end:]):
            continue  # "the least liquid part"
        if re.match(r"\s*(?:three|five|ten|two|four|3|5|10)\b", text[end:]) or re.search(r"\bat\s*$", text[:start]):
            continue
        mention = _find_mention(sentence, start, end)
        if mention is not None and not (_VERB.fullmatch(text[start:end]) and _is_one_of_list(sentence, mention)):
            yield start, end, least, mention


_OF_EFFECT = frozenset({"contributor", "detractor"})


def _part_ranks(text: str) -> str:
    """A text of the same length with the ranks of German superlatives blanked (``zweitgrößte``)."""
    return _JOINED_RANK.sub(lambda match: " " * len(match[0]), text)


_JOINED_RANK = re.compile(
    r"\b((?:zweit|dritt|viert)(?=(?:größt|kleinst|höchst|niedrigst|best|schwächst)))", re.IGNORECASE
)
_VERB = re.compile(r"(?:dominat|lead)\w*", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?:\([^)]*\)\s*)?(?:,|and|,\s*and)\s*(?:the\s+)?", re.IGNORECASE)


def _is_one_of_list(sentence: Sentence, mention: Mention) -> bool:
    """Whether a verb is said of several together (``A and B dominate``), of which none need be the first."""
    before = [item for item in sentence.mentions if item.end <= mention.start]
    return bool(before) and _LISTED.fullmatch(sentence.plain[before[-1].end : mention.start]) is not None


_FOLLOWED = re.compile(r"\b(?:followed by|ahead of|before)\s+(?:the\s+)?$", re.IGNORECASE)
_NEXT_NAME = re.compile(
    r"\s*(?:\([^)]*\)|,|and|then|,\s*and|with [^,;]{0,20}|at [^,;]{0,20})*\s*(?:then\s+|by\s+|the\s+)*", re.IGNORECASE
)


def _check_followers(
    sentence: Sentence, first: Mention, end: int, peers: list[Held], from_below: bool
) -> Iterator[Verdict]:
    """``The largest is A, followed by B and C``: the next in their order."""
    behind = [item for item in sentence.mentions if item.start >= max(end, first.end)]
    if not behind or not _FOLLOWED.search(sentence.plain[: behind[0].start]):
        return
    ordered = list(reversed(peers)) if from_below else peers
    ranks = {item.subject: place for place, item in enumerate(ordered)}
    place = ranks.get(first.subject)
    position = behind[0].start
    for item in behind:
        if (
            place is None
            or item.subject not in ranks
            or not _NEXT_NAME.fullmatch(sentence.plain[position : item.start])
        ):
            return
        place += 1
        own = next(peer for peer in peers if peer.subject == item.subject)
        right = place < len(ordered) and ordered[place].fact.value == own.fact.value
        start = sentence.start + item.start
        claim = Claim(
            sentence.text[item.start : item.end], start, start + item.end - item.start, Relation.MOST, own.fact.measure,
            item.subject,
        )  # fmt: skip
        if right:
            yield Verdict(claim, Outcome.GROUNDED, own.fact)
        else:
            why = f"what follows is {ordered[place].fact.label}" if place < len(ordered) else "nothing follows"
            yield Verdict(claim, Outcome.CONTRADICTED, own.fact, why=why, fault=True)
        position = item.end


def _find_mention(sentence: Sentence, start: int, end: int) -> Mention | None:
    """The asset that a superlative is said of: the one right after it (``the largest is X``), else the one before."""
    text = sentence.plain
    after = [item for item in sentence.mentions if item.start >= end]
    before = [item for item in sentence.mentions if item.end <= start]
    linked = bool(after) and _SAID_AFTER.match(text[end : after[0].start]) is not None
    if before and re.fullmatch(r"leads|led|leading|dominates", text[start:end], re.IGNORECASE):
        return before[-1]
    if linked and not (
        before and re.search(r"\b(?:is|was|are|were|has|did|as)\b[^,;]*$", text[before[-1].end : start])
    ):
        return after[0]
    if before:
        inside = [item for item in before if not re.search(r"[;]|\b(?:but|while|whereas)\b", text[item.end : start])]
        if not inside:
            return None
        chosen = inside[-1]
        for item in reversed(inside[:-1]):
            if re.fullmatch(r"[^.;]*\b(?:of|in|than|among)\s+(?:the\s+)?", text[item.end : chosen.start]):
                chosen = item
        return chosen
    if after and linked:
        return after[0]
    it = re.search(r"\b(?:it|this|that)\b", text[:start], re.IGNORECASE)
    return Mention(sentence.carried, 0, 0) if sentence.carried and it else None


def _judge(
    sentence: Sentence, mention: Mention, word: str, at: tuple[int, int], peers: list[Held], from_below: bool
) -> Verdict:
    rank = _read_rank(sentence.plain, word, at[0])
    ordered = list(reversed(peers)) if from_below else peers
    own = next(item for item in peers if item.subject == mention.subject)
    expected = ordered[rank - 1] if rank <= len(ordered) else None
    denied = DENIED_END.search(sentence.plain[: at[0]]) is not None and not _between_names(sentence, mention, at)
    if own.fact.measure == "maturity" and expected is not None:
        return judge_dates(sentence, word, at, own, expected, denied=denied)
    relation = Relation.LEAST if from_below else Relation.MOST
    claim = Claim(word, sentence.start + at[0], sentence.start + at[1], relation, own.fact.measure, mention.subject)
    if (expected is not None and expected.fact.value == own.fact.value) is not denied:
        return Verdict(claim, Outcome.GROUNDED, own.fact)
    if denied:
        return Verdict(claim, Outcome.CONTRADICTED, own.fact, why=f"that is {own.fact.label}", fault=True)
    shown = expected.fact.label if expected else "none"
    why = f"by {own.fact.measure.replace('_', ' ')} that is {shown}, not {own.fact.label}"
    return Verdict(claim, Outcome.CONTRADICTED, own.fact, why=why, fault=True)


def _between_names(sentence: Sentence, mention: Mention, at: tuple[int, int]) -> bool:
    """Whether another is named between a superlative and what it is said of: a denial there may be of that one, and so
    is one of a superlative whose own stands behind it (``not the largest but A``)."""
    return mention.start >= at[1] or any(
        mention.end <= item.start and item.end <= at[0] for item in sentence.mentions if item is not mention
    )


def _read_rank(text: str, word: str, start: int) -> int:
    """The place that a superlative gives: 1 where no other is named (``ranks third``, ``the second-largest``)."""
    place = _PLACE.fullmatch(word) or _BEFORE_RANK.search(text[:start])
    return _RANKS.get(place["rank"].lower(), 1) if place else 1
