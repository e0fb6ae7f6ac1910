"""Comparisons without a figure between an asset and the whole, and between two figures of the whole.

(Comparisons of two assets stand in ``standings``.)
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Held, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Cue, Sentence, list_silent_clauses
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_COMPARED = re.compile(
    r"\b(?:(?P<than>(?:(?P<more>more|larger|bigger|higher|greater|better|longer)|(?P<less>less|fewer|smaller|"
    r"lower|worse|shorter))"
    r"\b[^,;.]{0,30}?\bthan\b)|(?P<above>exceed(?:s|ed)?|outweigh(?:s|ed)?|(?:is|are|was|were|lies|"
    r"stands)\s+(?:well\s+|far\s+|just\s+)?"
    r"above|tops|surpass(?:es|ed)?)|(?P<below>(?:is|are|was|were|lies|stands)\s+(?:well\s+|far\s+|"
    r"just\s+)?below|falls short of))\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|never|no|nor|neither|none|nothing|without)\b|n't\b", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:if|would|could|may|might|should)\b", re.IGNORECASE)
_ITS_OWN = frozenset({"count", "limit", "band", "breaches", "top_1", "gainers", "losers", "periods"})
_WHOLE_OF = {
    "return": ("portfolio_return", "twr"), "gain": ("gain",), "contribution": ("total_contribution",), "fee": ("fee",),
    "yield": ("yield",), "duration": ("duration",), "coupon": ("coupon",), "ytm": ("ytm",),
}  # fmt: skip
_ONE = Fact("one", "that of the index", Decimal(1), Unit.MULTIPLE, "beta", "a beta of one")
_AVERAGE = re.compile(r"\b(?:portfolio|average|whole|overall|book|account as a whole)\b", re.IGNORECASE)


def check_comparisons(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """The verdicts on the comparisons of a sentence in clauses without figures."""
    yield from _check_swings(sentence, evidence)
    text = sentence.plain
    for start, end in list_silent_clauses(sentence):
        part = text[start:end]
        match = _COMPARED.search(part)
        if match is None or _DENIED.search(part) or _OPEN.search(part):
            continue
        low, high = start + match.start(), start + match.end()
        mentions = [item for item in sentence.mentions if start <= item.start < end]
        cues = [cue for cue in sentence.cues if start <= cue.start < end]
        more = bool(match["more"] or match["above"])
        pair = _find_pair(text[high:end], mentions, cues, (low, high), evidence)
        if pair is not None:
            yield _say(sentence, (low, high), pair, more=more)


_SWINGS = re.compile(
    r"\b(?:(?P<more>more\s+(?:volatile|sensitive|risky|aggressive)|riskier|(?:swings|moves|fluctuates|schwankt)\s+"
    r"(?:more|stärker))|(?P<less>less\s+(?:volatile|sensitive|risky|aggressive)|calmer|steadier|(?:swings|moves|"
    r"fluctuates|schwankt)\s+(?:less|weniger|schwächer)))\s+(?:than|als)\b",
    re.IGNORECASE,
)


def _check_swings(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``more volatile than the index``: by both volatilities; ``more sensitive to it``: whether the beta is above
    one."""
    match = _SWINGS.search(sentence.plain)
    own, other = evidence.find("volatility"), evidence.find("benchmark_volatility")
    pair = (own, other)
    if own is None or other is None or (match is not None and "sensitive" in match[0].casefold()):
        pair = (evidence.find("beta"), _ONE)
    if (
        pair[0] is None
        or pair[1] is None
        or match is None
        or sentence.of_benchmark
        or _DENIED.search(sentence.plain[: match.start()][-12:])
    ):
        return
    rest = sentence.plain[match.end() :]
    if not (evidence.vocabulary.benchmark.search(rest) or evidence.benchmark_pattern.search(rest)):
        return
    yield _say(sentence, match.span(), (pair[0], pair[1]), more=match["more"] is not None)


def _find_pair(
    behind: str, mentions: Sequence[object], cues: Sequence[Cue], at: tuple[int, int], evidence: Evidence
) -> tuple[Fact, Fact] | None:
    before = [item for item in mentions if item.end <= at[0]]  # type: ignore[attr-defined]
    after = [item for item in mentions if item.start >= at[1]]  # type: ignore[attr-defined]
    if not mentions:
        ones = _list_whole([cue for cue in cues if cue.end <= at[0]], evidence)
        others = _list_whole([cue for cue in cues if cue.start >= at[1]], evidence)
        pairs = [
            (one, other)
            for one in ones
            for other in others
            if one.unit is other.unit and one.currency == other.currency and one.measure != other.measure
            and _same_time(one, other) and _is_related(one, other, evidence)
        ]  # fmt: skip
        return pairs[0] if pairs else None
    if len(before) == 1 and not after and _AVERAGE.search(behind):
        subject = before[0].subject  # type: ignore[attr-defined]
        for measure in dict.fromkeys(cue.measure for cue in sorted(cues, key=lambda cue: not cue.named)):
            own = [x.fact for x in evidence.by_measure.get(measure, []) if x.subject == subject]
            for name in _WHOLE_OF.get(measure, ()):
                for item in evidence.by_measure.get(name, []):
                    fits = [fact for fact in own if fact.unit is item.fact.unit and item.fact.subject is None]
                    if fits:
                        return fits[0], item.fact
    return None


def _is_related(one: Fact, other: Fact, evidence: Evidence) -> bool:
    """Whether two measures are of one family, so that one may be said to be above the other."""
    families = [evidence.vocabulary.measure(fact.measure).family for fact in (one, other)]
    return bool(families[0]) and families[0] == families[1]


def _same_time(one: Fact, other: Fact) -> bool:
    """Whether two returns are of one stretch of time."""
    times = {"per_year", "cumulative", "trailing"}
    said = [set(fact.bases) & times for fact in (one, other)]
    return not (said[0] and said[1] and not said[0] & said[1])


def _list_whole(cues: Sequence[Cue], evidence: Evidence) -> list[Fact]:
    """The facts of the whole portfolio that are named; of a range its end."""
    facts = []
    for measure in dict.fromkeys(cue.measure for cue in cues if cue.named and cue.measure not in _ITS_OWN):
        whole: list[Held] = [item for item in evidence.by_measure[measure] if item.subject is None]
        facts += [item.fact for item in reversed(whole)] if measure == "profile_range" else [x.fact for x in whole]
    return facts


def _say(sentence: Sentence, at: tuple[int, int], pair: tuple[Fact, Fact], *, more: bool) -> Verdict:
    one, other = pair
    text = sentence.plain[at[0] : at[1]]
    relation = Relation.ABOVE if more else Relation.BELOW
    claim = Claim(
        text, sentence.start + at[0], sentence.start + at[1], relation, one.measure, one.subject, other=other.id
    )
    if one.value != other.value and (one.value > other.value) == more:
        return Verdict(claim, Outcome.DERIVED, one, f"{one.id} - {other.id}")
    why = f"{one.label} is {round(one.value, 2)}, {other.label} {round(other.value, 2)}"
    return Verdict(claim, Outcome.CONTRADICTED, one, why=why, fault=True)
