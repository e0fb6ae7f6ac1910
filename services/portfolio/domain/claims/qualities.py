"""What is said of a figure without printing it: that an asset gained or lost, is to be bought or sold, and that one
measure is above another."""

import re
from collections.abc import Iterator

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence, list_silent_clauses
from services.portfolio.domain.claims.traits import LIFTED, WEIGHED
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Direction

_MOVES = ("return", "portfolio_return", "twr", "gain")
_WHOLE_MOVES = ("portfolio_return", "twr", "gain_pct")
_REACH = 25
_OPEN = re.compile(r"\b(?:if|when|whenever|would|could|may|might|in case|had|than|most|least|as)\b|\?", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\s*(?:\w+\s+)?(?:behind|short|less|more|further|from|to|than|below|above|off|on|with)\b", re.IGNORECASE
)
_DENIED = re.compile(r"\b(?:not|never|no|nor|neither|none|nothing|without)\b|n't\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;:]|\b(?:and|but|while|whereas|who|which)\b", re.IGNORECASE)
_DUE = re.compile(
    r"\b(?:ha(?:s|ve)|needs?|ought|is|are)\s+to\s+be\s+$|\b(?:must|should)\s+be\s+$|\bneeds?\s+(?:some\s+)?$",
    re.IGNORECASE,
)
"""What makes any word of trade a trade that is due (``has to be topped up``, ``needs trimming``)."""
_COMPARED = re.compile(r"\s*(?:\w+\s+)?(?:less|more|than|with)\b", re.IGNORECASE)
_ENDED = re.compile(
    r"\b(?:finished|ended|closed)\s+(?:the\s+)?(?:quarter|month|year|week|period|day|session)\s+"
    r"(?:(?P<up>higher|up|ahead)|lower|down)\b",
    re.IGNORECASE,
)
_EFFECT = re.compile(rf"\b(?:(?P<up>{LIFTED})|{WEIGHED})(?!\w)", re.IGNORECASE)
_SIGN = re.compile(r"\b(?:(?P<up>positive|above zero)|(?P<down>negative|below zero))\b", re.IGNORECASE)


def check_qualities(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """The verdicts on what the clauses of a sentence without figures and days say of signs."""
    if evidence.vocabulary.undecidable.search(sentence.plain):
        return
    silent = tuple(list_silent_clauses(sentence))
    verdicts = list(_check_signs(sentence, evidence))
    bases = {match.lastgroup for match in evidence.vocabulary.bases.finditer(sentence.plain)}
    if not _OPEN.search(sentence.plain) and not bases - {"cumulative"}:
        verdicts += _check_ways(sentence, evidence)
    for verdict in verdicts:
        start, end = verdict.claim.start - sentence.start, verdict.claim.end - sentence.start
        if any(low <= start and end <= high for low, high in silent):
            yield verdict


def _check_ways(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``X is in profit``, ``X must be sold``, ``the portfolio lost money``: the sign of the fact that is meant."""
    vocabulary, text = evidence.vocabulary, sentence.plain
    ways = [
        (match, up, False)
        for name, up in (("gainers", True), ("losers", False))
        for match in vocabulary.measure(name).names.finditer(text)
    ]
    trades = vocabulary.directions[Direction.TRADE].finditer(text)
    names = vocabulary.measure("trade").names
    ways += [
        (match, match.lastgroup == "up", True)
        for match in trades
        if match.lastgroup != "neutral" and (names.fullmatch(match[0]) or _DUE.search(text[: match.start()]))
    ]
    ways += [(match, match["up"] is not None, False) for match in _ENDED.finditer(text)]
    ways += [(match, match["up"] is not None, False) for match in _EFFECT.finditer(text)]
    for match, up, trade in ways:
        facts = _find_signed(sentence, match.start(), evidence, trade=trade)
        signs = {fact.value > 0 for fact in facts if fact.value}
        due = trade and _DUE.search(text[: match.start()]) is not None
        if len(signs) != 1 or (_COMPARED if due else _RELATIVE).match(text[match.end() :]):
            continue
        denied = _DENIED.search(text[max(match.start() - _REACH, 0) : match.start()]) is not None
        if denied and trade:
            continue  # what is not sold need not be bought
        yield _say(sentence, match, Relation.ROSE if up else Relation.FELL, facts[0], right=signs == {up is not denied})


def _find_signed(sentence: Sentence, position: int, evidence: Evidence, *, trade: bool) -> list[Fact]:
    """The signed facts of the asset that is named in the clause before a word, else of the whole portfolio."""
    before = [item for item in sentence.mentions if item.end <= position]
    if before:
        between = sentence.plain[before[-1].end : position]
        if len(before) > 1 or len(between) > _REACH or _CLAUSE.search(between):
            return []
        kin = evidence.find_kin(before[-1].subject, one_of=False)
        measures = {"trade"} if trade else set(_MOVES)
        return [
            item.fact
            for item in evidence.held
            if item.fact.measure in measures and (item.subject == before[-1].subject or item.fact.id in kin)
        ]
    head = sentence.plain[:position]
    whole = evidence.vocabulary.portfolio.search(head)
    if trade or sentence.mentions or whole is None or position - whole.end() > _REACH or _CLAUSE.search(head):
        return []
    if evidence.benchmark_pattern.search(head) or evidence.vocabulary.benchmark.search(head):
        return []
    return [fact for fact_id in _WHOLE_MOVES if (fact := evidence.find(fact_id)) is not None]


def _check_signs(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``The Sharpe ratio is negative``: the sign of a figure of the whole portfolio."""
    for match in _SIGN.finditer(sentence.plain):
        named = [cue for cue in sentence.cues if cue.named and cue.end <= match.start()]
        if sentence.mentions or not named or match.start() - named[-1].end > _REACH:
            continue
        whole = [item.fact for item in evidence.by_measure[named[-1].measure] if item.subject is None]
        facts = [fact for fact in whole if fact.signed or fact.unit is Unit.MULTIPLE]
        if facts and facts[0].value:
            denied = _DENIED.search(sentence.plain[named[-1].end : match.start()]) is not None
            up = (match.lastgroup == "up") is not denied
            relation = Relation.ROSE if up else Relation.FELL
            yield _say(sentence, match, relation, facts[0], right=up == (facts[0].value > 0))


def _say(sentence: Sentence, match: re.Match[str], relation: Relation, fact: Fact, *, right: bool) -> Verdict:
    claim = Claim(
        match[0], sentence.start + match.start(), sentence.start + match.end(), relation, fact.measure, fact.subject
    )
    if right:
        return Verdict(claim, Outcome.GROUNDED, fact)
    why = f"{fact.label} is {round(fact.value, 2)}"
    return Verdict(claim, Outcome.CONTRADICTED, fact, why=why, fault=True)
