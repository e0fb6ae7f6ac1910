"""What is said of the periods of a track by its movement in them: ``not a losing month``, ``rose in every quarter``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.traits import GROUPS, Told, moved

_NOUNS = GROUPS["period"]
_ROSE = r"(?:rose|risen|gained|climbed|advanced|grew|grown|made\s+(?:money|a\s+gain)|went\s+up|been\s+up|ended\s+up|up)"
_FELL = (
    r"(?:lost(?:\s+(?:money|ground|value))?|lose(?:\s+(?:money|ground|value))?|fell|fallen|declined|dropped|"
    r"made\s+a\s+loss|been\s+down|down)"
)
_SIDES = (
    (True, _ROSE, "rising|positive|gaining|winning|profitable|up"),
    (False, _FELL, "losing|negative|falling|down|bad|loss-making"),
)
_WAYS = (
    (
        r"\b(?:not\s+(?:a\s+single|one)|never\s+a|no|without\s+(?:a(?:\s+single)?|any))\s+(?:ADJECTIVE)\s+(?:NOUN)\b",
        "none",
    ),
    (
        r"\b(?:not|never|n['’]t)\b[^,;.]{0,20}\bVERB\b[^,;.]{0,12}\bin\s+(?:any|a\s+single)\s+(?:single\s+)?(?:NOUN)\b",
        "none",
    ),
    (r"\bVERB\s+in\s+(?:no|none\s+of\s+the)\s+(?:(?:\d+|[a-z]+)\s+)?(?:NOUN)\b", "none"),
    (
        r"\bVERB\s+in\s+(?:each|every|all)\s+(?:single\s+|of\s+the\s+|the\s+)*(?:(?:\d+|[a-z]+)\s+)?(?:NOUN)\b",
        "all",
    ),
    (r"\bVERB\s+in\s+(?:most|the\s+majority)\s+(?:of\s+the\s+|the\s+)*(?:NOUN)\b", "most"),
    (
        r"\b(?:NOUN)\s+(?:were|was|have\s+been)\s+(?:mostly|mainly|largely|predominantly)\s+(?:ADJECTIVE)\b",
        "most",
    ),
)
_PERIODS = tuple(
    (
        re.compile(
            pattern.replace("VERB", verb).replace("ADJECTIVE", adjective).replace("NOUN", _NOUNS), re.IGNORECASE
        ),
        up,
        kind,
    )
    for up, verb, adjective in _SIDES
    for pattern, kind in _WAYS
)
_OF_SOME = re.compile(r"\s+(?:of|to|since|before|after|except|but)\b")


@dataclass(frozen=True, slots=True)
class Period:
    """What is said of all periods, of most or of none at ``start:end``: how many went that way, and if it holds."""

    start: int
    end: int
    told: Told
    right: bool


def find_periods(sentence: Sentence, evidence: Evidence) -> Iterator[Period]:
    """``It has risen in every month``, ``without a losing quarter``: the first such claim of a sentence."""
    if sentence.mentions or evidence.vocabulary.benchmark.search(sentence.plain):
        return
    for pattern, up, kind in _PERIODS:
        match = pattern.search(sentence.plain)
        told = moved((), up=up)("period", evidence) if match is not None else None
        if match is None or told is None or _OF_SOME.match(sentence.plain, match.end()):
            continue
        right = {"none": told.count == 0, "all": told.count == told.total, "most": 2 * told.count > told.total}[kind]
        yield Period(match.start(), match.end(), told, right)
        return
