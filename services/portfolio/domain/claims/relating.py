"""On which side of its line a stated figure lies: what is held and its target, what a thing is worth and cost, a share
and its limit, income and need, the portfolio and its benchmark. The words may stand before, between or behind the two.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.portfolio.domain.claims.comparable import is_own_limit
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact

_OWN = {
    "cost": ("market_value",), "model_weight": ("weight",), "model_equity": ("equity_share",),
    "annual_need": ("income", "income_after_tax"), "benchmark_volatility": ("volatility",),
    "benchmark_return": ("twr", "cagr", "xirr", "trailing_return"), "profile_range": ("equity_share",),
    "band": ("drift",), "risk_free": ("cagr", "xirr"),
}  # fmt: skip
"""What is set against a line of each measure; a limit says itself what it bounds."""
_SIDE = re.compile(
    r"\b(?:(?P<up>above|over(?!\s+(?:the\s+)?(?:\w+\s+){0,3}?(?:years?|months?|quarters?|periods?|time|track)\b)|exceed(?:s|ed|ing)?|beyond|"
    r"past(?!\s+(?:year|twelve|month))|more(?!\s+(?:or\s+less|years))|higher|greater|larger|bigger|heavier|ahead|tops|topped|"
    r"outstrip\w*|surpass(?:es|ed|ing)?|beats?|beating|outperform\w*|outpac\w*|outdid|better|too\s+(?:high|large|big|heavy|much)|"
    r"breach(?:es|ed|ing)?|breaks?|broke(?:n)?|breaking|violat\w*|infring\w*|outside|dwarfs|"
    r"riskier|rougher|choppier|bumpier|wilder)|"
    r"(?P<down>calmer|steadier|quieter|smoother|below|beneath|under(?!\s*-?water)|less|lower|smaller|lighter|short\s+of|behind|lags?|lagged|lagging|trail(?:s|ed|ing)?|"
    r"underperform\w*|worse|misses|missed|too\s+(?:low|little|small|light)|within|inside|respect(?:s|ed|ing)?|"
    r"observ(?:es|ed|ing)|compl(?:y|ies|ied|iant)|compatible|keeps?\s+(?:to|within)|kept|meets|met))\b",
    re.IGNORECASE,
)
_DOES_NOT = re.compile(
    r"\b(?:not|never|neither|nor|hardly|without|no\s+longer|yet\s+to)\b|n['’]t\b|\bno\s+$", re.IGNORECASE
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|been|being)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
_BY = re.compile(r"\s+(?:\w+ly\s+)?by\b", re.IGNORECASE)
_TURNED = frozenset({"exceeded", "surpassed", "topped", "outperformed", "outpaced", "outstripped"})
_OF_RESULTS = re.compile(
    r"ahead|behind|beat\w*|lag\w*|trail\w*|\w*perform\w*|outpac\w*|outdid|better|worse", re.IGNORECASE
)
_RESULTS = frozenset({"benchmark_return", "risk_free"})
"""Lines that something is ahead of, or behind, by what it returned."""
_OF_RULES = re.compile(
    r"within|inside|outside|breach\w*|break\w*|broke\w*|violat\w*|infring\w*|respect\w*|observ\w*|compl\w*|compatible|kept|"
    r"keeps?\s+\w+",
    re.IGNORECASE,
)
_RULES = frozenset({"limit", "band", "profile_range"})
"""Lines that are kept or broken."""
_COVERING = re.compile(r"meets|met|kept|keeps?", re.IGNORECASE)
_STOP = re.compile(r"[;:]|\.\s")
_REACH = 60
_DENIAL_REACH = 25
_OPEN = re.compile(
    r"\b(?:if|would|could|may|might|should|until|must|ought|unless|room|headroom|leaves?|leaving|before|to\s+(?:be|get|bring|"
    r"come|stay|keep))\b",
    re.IGNORECASE,
)
_SKEW = re.compile(r"\b(?:gap|difference|distance|margin|points?|gains?|loss(?:es)?|cover\w*)\b", re.IGNORECASE)
_BOUND = re.compile(r"\s*(?:than\s+)?(?:about\s+|around\s+|roughly\s+|some\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Stated:
    """A figure that states a fact, at ``start:end`` of its sentence."""

    start: int
    end: int
    fact: Fact


def check_sides_of_lines(sentence: Sentence, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """A verdict for each line that is stated with what is set against it, where the words say the other side."""
    stated = [
        _Stated(item.claim.start - sentence.start, item.claim.end - sentence.start, item.fact)
        for item in verdicts
        if item.fact is not None and item.claim.value is not None and not item.fault and not item.formula
    ]
    for line in stated:
        own = [item for item in stated if item is not line and _is_set_against(item.fact, line.fact)]
        if len(own) == 1 and own[0].fact.value != line.fact.value:
            found = _judge(sentence, own[0], line, [item for item in stated if item not in (own[0], line)])
            if found is not None:
                yield found


def _is_set_against(own: Fact, line: Fact) -> bool:
    if own.unit is not line.unit and line.measure != "band":
        return False
    if line.measure == "limit":
        return own.measure not in {"limit", "excess"} and is_own_limit(line, own)
    if own.measure not in _OWN.get(line.measure, ()) or own.subject != line.subject:
        return False
    if line.measure == "benchmark_return":
        return set(own.bases) == set(line.bases) and min(own.value, line.value) > 0
    return True


def _judge(sentence: Sentence, own: _Stated, line: _Stated, others: Sequence[_Stated]) -> Verdict | None:
    """The verdict on a pair by the one word that sets it against each other; None where there is none, or several."""
    text = sentence.plain
    first, second = sorted((own, line), key=lambda item: item.start)
    low = max([0, first.start - _REACH, *(item.end for item in others if item.end <= first.start)])
    high = min([len(text), second.end + _REACH, *(item.start for item in others if item.start >= second.end)])
    low = max([low, *(low + match.end() for match in _STOP.finditer(text[low : first.start]))])
    stop = _STOP.search(text, second.end, high)
    high = stop.start() if stop else high
    if _OPEN.search(text[low:high]) or any(first.start < item.start < second.start for item in others):
        return None
    words = [
        match
        for match in _SIDE.finditer(text, low, high)
        if (line.fact.measure in _RESULTS or not _OF_RESULTS.fullmatch(match[0]))
        and (line.fact.measure in _RULES or not _OF_RULES.fullmatch(match[0]))
        and not _bounds(text, match, own)
        and not _SKEW.match(text[match.end() :].lstrip())
    ]
    if len(words) != 1:
        return None
    word = words[0]
    above = word["up"] is not None
    if line.fact.measure == "annual_need" and _COVERING.fullmatch(word[0]):
        above = True
    if line.fact.measure == "profile_range" and (
        word[0].lower() in {"within", "inside", "outside"} or not _is_edge(line)
    ):
        return None
    if _is_turned(text, word, own, line):
        above = not above
    denied = _DOES_NOT.search(re.split(r"[,;:]", text[max(word.start() - _DENIAL_REACH, low) : word.start()])[-1])
    if denied:
        above = not above
    value = abs(own.fact.value) if line.fact.measure == "band" else own.fact.value
    if above == (value > line.fact.value):
        return None
    claim = Claim(
        word[0], sentence.start + word.start(), sentence.start + word.end(),
        Relation.ABOVE if above else Relation.BELOW, own.fact.measure, own.fact.subject, other=line.fact.id,
    )  # fmt: skip
    why = f"{own.fact.label} is {round(own.fact.value, 2)}, {line.fact.label} {round(line.fact.value, 2)}"
    return Verdict(claim, Outcome.CONTRADICTED, own.fact, why=why, fault=True)


def _is_edge(line: _Stated) -> bool:
    return line.fact.id in {"profile_max", "profile_min"}


def _bounds(text: str, word: re.Match[str], own: _Stated) -> bool:
    """Whether a word only bounds what is set against the line (``more than 13%, with a limit of 10%``)."""
    return word.end() <= own.start and _BOUND.fullmatch(text[word.end() : own.start]) is not None


def _is_turned(text: str, word: re.Match[str], own: _Stated, line: _Stated) -> bool:
    """Whether it is the line that is said to lie somewhere: it stands first, and the word right behind it; or what
    exceeds it is told by ``by``."""
    passive = word[0].lower() in _TURNED and _PASSIVE.search(text[: word.start()]) and _BY.match(text[word.end() :])
    between = line.end <= word.start() and word.end() <= own.start
    leads = between and re.search(r"[,\x01(]", text[line.end : word.start()]) is None
    return leads is not bool(passive)
