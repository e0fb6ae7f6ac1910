"""Whose a claim is: what is said of the benchmark is no figure of the portfolio, whoever has its value."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Outcome, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.vocabulary import Vocabulary

OF_BOTH = frozenset(
    {"benchmark_return", "benchmark_volatility", "excess_return", "beta", "alpha", "tracking_error",
     "information_ratio", "up_capture", "down_capture", "capture_difference", "risk_free", "years", "span", "periods",
     "gainers", "losers"}
)  # fmt: skip
"""Measures that the benchmark has, or that are of both."""
_HELD = frozenset({"share", "money", "income", "count"})
"""Families of what is held, of which nothing is known of a benchmark."""
_THE = r"(?:the|its|their|our|your|his|her|[A-Z][\w-]*(?:\s[A-Z][\w-]*)?['’]s?)\s+"
_INDEX = rf"{_THE}(?:benchmark|index)\b"
_INDEX_WORD = re.compile(r"\b(?:benchmark|index)\b", re.IGNORECASE)
_SUBJECT = re.compile(
    rf"(?:^|[,;:]|\b(?:and|but|while|whereas|that|\d{{4}}|months?|quarters?|years?|period|end))\W*{_INDEX}"
    r"(?:['’]s\s+(?:value|worth|income|assets)|\s+of\s+\w+)?\s+(?P<verb>[a-z]+)(?P<rest>[^;:]*)$",
    re.IGNORECASE,
)
"""A benchmark as the subject of what follows."""
_PASSIVE = re.compile(
    r"^\s*(?:\w+ly\s+)?(?:beaten|outperformed|outpaced|exceeded|surpassed|left|by|with)\b", re.IGNORECASE
)
_OTHER_SUBJECT = re.compile(
    r"\b(?:portfolio|account|depot|client|we|you|she|he|they|family|it)\b|\x01|\b(?:while|whereas)\s*$", re.IGNORECASE
)
_WITHIN = re.compile(
    rf"^\)?[^,;.:\x01\d]{{0,20}}?\b(?:of|in|inside)\s+{_INDEX}"
    r"(?!['’\s-]*(?:s\b|funds?|trackers?|etfs?|linked|return|gain|rise|fall|loss|performance|volatil))",
    re.IGNORECASE,
)
_PATIENT = re.compile(
    rf"\b(?:cost|costs|costing|earned|gave|brought)\s+(?:for\s+)?{_INDEX}\s*[^,;:]{{0,12}}$", re.IGNORECASE
)


def deny_owner(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """The verdicts of a sentence; what is said of the benchmark and grounded in what is the portfolio's is refuted."""
    for verdict in verdicts:
        fact, claim = verdict.fact, verdict.claim
        place = claim.start - sentence.start, claim.end - sentence.start
        if fact is None or verdict.fault or not is_said_of_benchmark(sentence, place, fact, evidence.vocabulary):
            yield verdict
        else:
            why = f"{fact.label} is the portfolio's, not the benchmark's"
            yield replace(verdict, outcome=Outcome.CONTRADICTED, why=why, fault=True)


def is_said_of_benchmark(sentence: Sentence, place: tuple[int, int], fact: Fact, vocabulary: Vocabulary) -> bool:
    """Whether words at a place of a sentence are said of the benchmark, which has no such figure as the fact's."""
    text = sentence.plain
    if fact.measure in OF_BOTH or _INDEX_WORD.search(text) is None:
        return False
    held = vocabulary.measure(fact.measure).family in _HELD
    if held and (_WITHIN.match(text[place[1] :]) or _PATIENT.search(text[: place[0]])):
        return True
    match = _SUBJECT.search(text[: place[0]])
    return match is not None and not _OTHER_SUBJECT.search(match["rest"]) and not _PASSIVE.match(match["rest"])
