"""What a figure is of by the verb that governs it, or the line that it is a distance from, held against the fact that
it states: what is held in an asset is no income, what it added to the result no return of its own, and what lies above
cost is no distance from a target."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.portfolio.domain.claims.model import Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_HEDGE = r"(?:(?:about|around|roughly|nearly|almost|some|only|just|by|over|under|a|an|up)\s+)*"
_WHOSE = r"(?:its|their|the|her|his|our|your)\s+(?:own\s+|original\s+|strategic\s+|model\s+|long-term\s+)*"


@dataclass(frozen=True, slots=True)
class _Verb:
    """Words right before a figure or right behind it, the measures that they cannot be said of, and what they say."""

    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None
    excluded: frozenset[str]
    says: str


def _compile(before: str | None, behind: str | None, excluded: str, says: str) -> _Verb:
    return _Verb(
        re.compile(rf"\b(?:{before})\s+{_HEDGE}$", re.IGNORECASE) if before else None,
        re.compile(rf"\)?\s*(?:{behind})", re.IGNORECASE) if behind else None,
        frozenset(excluded.split()), says,
    )  # fmt: skip


_VERBS = (
    _compile(
        None,
        r"(?:(?:a|per)\s+year\s+)?(?:(?:is|are|was|sits?|stays?|remains?)\s+)?(?:what\s+[\w ]{1,25}?\s"
        r"(?:holds?|owns?|has)\s+in|held\s+in|invested\s+in|tied\s+up\s+in|parked\s+in|sits?\s+in|worth\s+of)\b",
        "income next_payment yield return contribution coupon ytm gain_share tax_rate", "is held",
    ),
    _compile(
        None,
        r"(?:(?:was|were|is)\s+)?(?:added\s+)?(?:to|off|from)\s+(?:the\s+)?(?:portfolio['’]s\s+|overall\s+|total\s+|whole\s+)*"
        r"(?:return|result|performance)\b",
        "return gain weight yield", "is what the whole gained or lost by it",
    ),
    _compile(
        r"(?:exceed\w*|surpass\w*|tops?|topped|outstrips?|beats?|above|over|below|under|short\s+of|behind|ahead\s+of|"
        r"trail\w*|lag\w*)\b[^,;.\d]{1,50}?\bby",
        None,
        "weight model_weight income_cover income_share market_value cost income annual_need volatility yield coupon "
        " limit equity_share up_capture down_capture benchmark_volatility", "lies so far beyond something",
    ),
    _compile(
        r"(?:itself|themselves)\s+(?:\w+ly\s+)?(?:rose|rise|gained|climbed|advanced|fell|lost|dropped|declined|returned|"
        r"moved|was\s+up|was\s+down|is\s+up|is\s+down)",
        None, "contribution weight", "is how far the asset itself moved",
    ),
)  # fmt: skip
_LINES = {
    "cost": r"(?:cost|purchase\s+price|cost\s+price|book\s+(?:cost|value)|acquisition\s+price)",
    "target": r"(?:targets?|target\s+weights?|model(?:\s+weights?)?|planned\s+weight)",
    "limit": r"(?:limits?|caps?|ceilings?|thresholds?)",
    "benchmark": r"(?:benchmark|index|market)",
    "need": r"(?:needs?|spending|budget|expenses|requirements?)",
}
_SIDES = (
    r"(?:(?:over|above|below|beneath|under|beyond|ahead\s+of|behind|short\s+of|in\s+excess\s+of|more\s+than|less\s+than|"
    r"higher\s+than|lower\s+than|away\s+from|off)\s+)"
)
_DISTANCE = re.compile(
    r"\)?\s*(?:(?:a|per)\s+year\s+)?"
    + _SIDES
    + _WHOSE
    + "(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LINES.items())
    + r")\b"
    r"(?!\s+(?:of|for|range|['’]s)\b)(?!['’])",
    re.IGNORECASE,
)
_BASE = re.compile(
    r"\)?\s*of\s+(?:(?:the|all|total|her|his|their|its|our|your|annual|yearly|client['’]s)\s+)*(?:(?P<income>income|dividends)|"
    r"(?P<gain>(?:unrealised\s+|paper\s+)?(?:gains?|profits?))|(?P<need>needs?|spending|budget)|(?P<whole>assets|portfolio|wealth|capital))\b"
    r"(?!\s+(?:return|income|yield|gain|loss|result|risk|duration|decline|class|fund|etf|trust))(?!['’])",
    re.IGNORECASE,
)
_BASES = {
    "weight": "whole", "income_share": "income", "gain_share": "gain", "income_cover": "need", "equity_share": "whole",
}  # fmt: skip
"""What a share is of, where that is one thing."""
_REAL = re.compile(
    r"\b(?:in\s+real\s+terms|after\s+inflation|adjusted\s+for\s+inflation|inflation[- ]adjusted|net\s+of\s+inflation|"
    r"real\s+returns?)\b",
    re.IGNORECASE,
)
_NOMINAL = frozenset(
    {"twr", "cagr", "xirr", "trailing_return", "portfolio_return", "benchmark_return", "gain", "return", "yield", "ytm"}
)
_OTHER_TIME = re.compile(r"\s*[- ]?(?:months?|weeks?|days?|quarters?|decades?|per\s?cent|%|times)\b", re.IGNORECASE)
_FROM_LINE = {"gain": "cost", "drift": "target", "excess": "limit", "excess_return": "benchmark", "income_gap": "need"}
"""Facts that are distances, by the line that each is a distance from."""
_OPERANDS = {"cost": "cost", "model_weight": "target", "limit": "limit", "benchmark_cagr": "benchmark",
             "benchmark_twr": "benchmark", "annual_need": "need"}  # fmt: skip


def check_governed(sentence: Sentence, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """A verdict for each figure that states a fact of which its verb, or its line, cannot be said."""
    for item in verdicts:
        if item.fact is None or item.fault or item.claim.value is None:
            continue
        low, high = item.claim.start - sentence.start, item.claim.end - sentence.start
        text = sentence.plain
        why = _find_verb(text, low, high, item) or _find_line(text, high, item) or _find_base(text, low, high, item)
        if why is not None:
            yield Verdict(
                replace(item.claim, relation=Relation.IS),
                Outcome.CONTRADICTED, item.fact, why=why, fault=True,
            )  # fmt: skip


def _find_verb(text: str, low: int, high: int, item: Verdict) -> str | None:
    """Why the verb beside a figure cannot be said of the fact of an asset that it states."""
    fact = item.fact
    if fact is None or item.formula:
        return None
    for verb in _VERBS:
        said = (verb.before is not None and verb.before.search(text[:low])) or (
            verb.behind is not None and verb.behind.match(text[high:])
        )
        if said and fact.measure in verb.excluded:
            return f"it is {fact.label}, and the text says that it {verb.says}"
    return None


def _find_line(text: str, high: int, item: Verdict) -> str | None:
    """Why a figure is a distance from another line than the one that is named behind it."""
    match = _DISTANCE.match(text[high:])
    if match is None or item.fact is None:
        return None
    own = _read_line(item.fact, item.formula)
    if own is None or own == match.lastgroup:
        return None
    return f"it is {item.formula or item.fact.label}, a distance from the {own}"


def _read_line(fact: Fact, formula: str | None) -> str | None:
    if not formula:
        return _FROM_LINE.get(fact.measure)
    operands = re.fullmatch(r"\S+ - (\S+)", formula)
    return _OPERANDS.get(operands[1].partition(".")[0]) if operands else None


def _find_base(text: str, low: int, high: int, item: Verdict) -> str | None:
    """Why a share is of something else, a return before inflation, or a length of time in years."""
    fact = item.fact
    if fact is None or item.formula:
        return None
    match = _BASE.match(text[high:])
    base = _BASES.get(fact.measure)
    if match is not None and base is not None and base != match.lastgroup and fact.unit is item.claim.unit:
        return f"it is {fact.label}, and no share of the {match.lastgroup}"
    clause = re.split(r"[;:]", text[:low])[-1] + re.split(r"[;:]", text[high:])[0]
    if fact.measure in _NOMINAL and _REAL.search(clause):
        return f"{fact.label} is before inflation"
    if fact.unit is Unit.YEARS and item.claim.unit is Unit.NUMBER and _OTHER_TIME.match(text[high:]):
        return f"{fact.label} is in years"
    return None
