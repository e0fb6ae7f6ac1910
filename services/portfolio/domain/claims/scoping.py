"""What a superlative is over: the measure that stands behind it, the noun beside it, or the figure that is stated."""

import re
from collections.abc import Sequence

from services.portfolio.domain.claims.evidence import Evidence, is_residual
from services.portfolio.domain.claims.model import Held, Verdict
from services.portfolio.domain.claims.peers import list_peers
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Direction, Scope

_QUALITY = re.compile(r"best|worst|weak|strong", re.IGNORECASE)


_SCOPE_REACH = 45


_FEWEST = 2


_GAINS, _MONEY_GAINS = ("return.", "gain_pct.", "gain."), ("gain.", "contribution.")


_MONEY_WORDS = re.compile(
    r"\b(?:money|dollars?|sterling|euros?|rupees|francs|yen|pounds|amount|absolute|cash terms)\b", re.IGNORECASE
)


_PERCENT_WORDS = re.compile(r"[^,;.\x01]{0,25}?\b(?:per ?cent|percentage|relative)\b", re.IGNORECASE)


LOSS_VERBS = re.compile(r"\b(?:lost|lose|cost|hurt|damage|drag\w*|detract\w*)\b", re.IGNORECASE)


_SIZE = re.compile(
    r"(?:larg|bigg|great|high|small|low|heav|light|rich|thin|fat|slim|lean|poor|tini|heft)\w*", re.IGNORECASE
)


_OF_THEM = re.compile(
    r"\s*(?:\w+\s+)?(?:of|among|in)\s+(?:the|all|its|any|them|those|these)\b|\s*[,.;)]|\s*$|\s+at\b|\s+\w+\s*(?:[,.;]|at\b)",
    re.IGNORECASE,
)


_STATED_PEERS = 3


def find_beside(
    sentence: Sentence, mention: Mention, word: str, at: tuple[int, int], stated: Sequence[Verdict], evidence: Evidence,
    *, whatever: bool = False,
) -> list[Held] | None:  # fmt: skip
    """The peers by the figure of the asset that stands beside a superlative (``yields 7.2%, the highest of six``); by
    ``whatever`` figure that is, of gains or losses those of its own sign, where the words name nothing else."""
    if not _SIZE.fullmatch(word) or not (whatever or _OF_THEM.match(sentence.plain[at[1] :])):
        return None
    low, high = sentence.start + at[0] - _SCOPE_REACH, sentence.start + at[1] + _SCOPE_REACH
    near = [
        item.fact
        for item in stated
        if item.fact is not None and not item.fault and not item.formula and item.claim.value is not None
        and item.fact.subject and evidence.vocabulary.key(item.fact.subject) == mention.subject
        and low <= item.claim.start <= high and item.fact.unit is not Unit.NUMBER
    ]  # fmt: skip
    stems = {fact.id.rpartition(".")[0] for fact in near}
    measures = {fact.measure for fact in near}
    excluded = _REFERENCES if whatever else {*_REFERENCES, "weight", "market_value"}
    if not near or "" in stems or measures & excluded:
        return None
    peers = [
        item for item in evidence.by_measure[near[0].measure]
        if item.subject and item.fact.id.rpartition(".")[0] == near[0].id.rpartition(".")[0] and not item.formula
        and (not whatever or not is_residual(item.subject))
    ]  # fmt: skip
    if whatever:
        peers = [item for item in peers if (item.fact.value > 0) is (near[0].value > 0)]
    if len(peers) < _STATED_PEERS or (not whatever and any(item.fact.value < 0 for item in peers)):
        return None
    return sorted(peers, key=lambda item: -abs(item.fact.value))


_REFERENCES = frozenset({"limit", "model_weight"})


def find_move(text: str, start: int, evidence: Evidence) -> str | None:
    """The scope of what moved, where a verb of direction stands right before a superlative (``rose most``)."""
    found = list(evidence.vocabulary.directions[Direction.MOVE].finditer(text[:start]))
    if (
        not found
        or found[-1].lastgroup == "neutral"
        or not re.fullmatch(r"\s+(?:the\s+)?", text[found[-1].end() : start])
    ):
        return None
    return "gainer" if found[-1].lastgroup == "up" else "loser"


def names_measure(after: str, evidence: Evidence) -> bool:
    """Whether a superlative is of something that is not ranked here (``the highest coupon``)."""
    word = re.match(r"\s*(\w+)", after)
    if word is None:
        return False
    return any(measure.names.fullmatch(word[1]) for measure in evidence.vocabulary.measures.values())


_ADJECTIVES = (
    (re.compile(r"\s*(?:profitable|lucrative|rewarding)\b", re.IGNORECASE), "gain"),
    (re.compile(r"\s*expensive\b|\s*costly\b", re.IGNORECASE), "fee"),
    (re.compile(r"[\s-]*yield(?:ing|er)?\b|[\s-]*paying\b", re.IGNORECASE), "yield"),
    (re.compile(r"[\s-]*(?:\w+ )?yield(?:ing|s)?\b", re.IGNORECASE), "ytm"),
    (re.compile(r"[\s-]*duration\b", re.IGNORECASE), "duration"),
    (re.compile(r"[\s-]*coupon\b", re.IGNORECASE), "coupon"),
    (re.compile(r"[\s-]*(?:fees?|costs|charges?|expense ratio|ter|ocf)\b", re.IGNORECASE), "fee"),
    (re.compile(r"[\s-]*price\b", re.IGNORECASE), "price"),
    (re.compile(r"[\s-]*(?:return|performance)\b", re.IGNORECASE), "return"),
    (re.compile(r"[\s-]*(?:model|target) weight\b", re.IGNORECASE), "model_weight"),
    (re.compile(r"[\s-]*(?:value|market value)\b", re.IGNORECASE), "market_value"),
    (re.compile(r"[\s-]*weight\b", re.IGNORECASE), "weight"),
    (re.compile(r"[\s-]*dated\b", re.IGNORECASE), "maturity"),
)
"""What a superlative is of, where what stands behind it is a measure that assets have of their own."""


def find_measure(
    sentence: Sentence, at: tuple[int, int], mention: Mention, evidence: Evidence
) -> tuple[list[Held], bool] | None:
    """The peers by the measure that stands right behind a superlative (``the highest coupon``), the largest first."""
    after = sentence.plain[at[1] : at[1] + 25]
    word = sentence.plain[at[0] : at[1]]
    poles = [pole for pole in evidence.vocabulary.poles.values() if pole.superlatives.fullmatch(word)]
    named = [name for pattern, name in _ADJECTIVES if pattern.match(after)]
    named += [name for pole in poles for name in pole.measures]
    measure = next(
        (x for x in named if any(y.subject == mention.subject for y in evidence.by_measure.get(x, []))), None
    )
    if measure is None:
        return None
    group: dict[str, Held] = {}
    own = [item for item in evidence.by_measure.get(measure, []) if item.subject == mention.subject]
    if not own:
        return None
    for item in evidence.by_measure[measure]:
        alike = item.section == own[0].section and item.fact.unit is own[0].fact.unit
        if item.subject and alike and _is_row(item.fact.id) == _is_row(own[0].fact.id):
            group.setdefault(item.subject, item)
    if mention.subject not in group or len(group) < _FEWEST:
        return None
    if measure == "maturity":
        return sorted(group.values(), key=lambda item: item.fact.dates, reverse=True), False
    return sorted(group.values(), key=lambda item: -item.fact.value), False


def _is_row(fact_id: str) -> bool:
    return fact_id.startswith("given.")


def find_scope(text: str, start: int, end: int, evidence: Evidence) -> Scope | None:
    """What the superlative is over: the nearest noun after it, of nouns that overlap the longest."""
    window = re.split(r"[.;:]", text[end : end + _SCOPE_REACH], maxsplit=1)[0]
    scopes = evidence.vocabulary.scopes
    found = [(match.start(), -len(match[0]), scope) for scope in scopes if (match := scope.words.search(window))]
    if not found:
        before = re.split(r"[.;:,]", text[max(start - _SCOPE_REACH, 0) : start])[-1]
        found = [
            (-match.end(), -len(match[0]), scope)
            for scope in evidence.vocabulary.scopes
            for match in scope.words.finditer(before)
        ]
    return min(found, key=lambda item: item[:2])[2] if found else None


def rank_peers(
    sentence: Sentence, mention: Mention, word: str, scope: Scope | None, at: tuple[int, int], evidence: Evidence
) -> tuple[list[Held], bool] | None:
    """The peers of an asset, the largest first, and whether the scope turns the order round."""
    prefixes: tuple[str, ...] = scope.prefixes if scope is not None else ("weight.",)
    inverted = scope.inverted and not _QUALITY.search(word) if scope is not None else False
    plain_scope = scope is None or scope.name in {"position", "asset_class", "sector", "region", "source", "currency"}
    loss = bool(LOSS_VERBS.search(sentence.plain[max(at[0] - 30, 0) : at[1] + 30]))
    if plain_scope and (_QUALITY.search(word) or loss):
        prefixes, inverted = _GAINS, loss and not _QUALITY.search(word)
        if re.search(r"\bcost\b|\bhurt\b|\bdamage\b|\bdrag", sentence.plain, re.IGNORECASE):
            prefixes = ("contribution.",)
    if prefixes[0] in _GAINS and not _PERCENT_WORDS.match(sentence.plain, at[1]) and _MONEY_WORDS.search(sentence.text):
        prefixes = _MONEY_GAINS
    for prefix in prefixes:
        own = [item for item in evidence.list_prefix(prefix) if item.subject == mention.subject]
        if not own:
            continue
        group = own[0].fact.id.rsplit(".", 1)[0] if prefix == "weight." else prefix.rstrip(".")
        peers = [
            item
            for item in evidence.list_prefix(f"{group}.")
            if item.section == own[0].section
            and item.fact.id.count(".") == own[0].fact.id.count(".")
            and (item.subject == mention.subject or not is_residual(item.subject))
        ]
        if inverted and own[0].fact.value < 0:
            peers = [item for item in peers if item.fact.value < 0]
        if len(peers) > 1:
            absolute = scope is not None and scope.absolute
            peers.sort(key=lambda item: -(abs(item.fact.value) if absolute else item.fact.value))
            return peers, inverted
    if prefixes[:1] != ("weight.position.",) or evidence.by_measure.get("weight"):
        return None
    for table in list_peers(("market_value", "capital_share"), [mention.subject], evidence, sent=True):
        if len(table) > 1:  # what a section of income or bonds holds has no weights
            held = [Held(fact, "", None, "", name) for name, fact in table.items()]
            return sorted(held, key=lambda item: -item.fact.value), inverted
    return None
