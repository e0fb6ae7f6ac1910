"""Claims without a figure: names of benchmarks, what nobody can know, and those of dates, superlatives and
standings."""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.advising import check_advice
from services.portfolio.domain.claims.against import check_without
from services.portfolio.domain.claims.attributes import check_attributes
from services.portfolio.domain.claims.causes import check_causes
from services.portfolio.domain.claims.characters import check_characters
from services.portfolio.domain.claims.comparisons import check_comparisons
from services.portfolio.domain.claims.composing import check_parts
from services.portfolio.domain.claims.dating import check_dates
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.governing import check_governed
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.portions import check_portions
from services.portfolio.domain.claims.qualities import check_qualities
from services.portfolio.domain.claims.rankings import check_rankings
from services.portfolio.domain.claims.relating import check_sides_of_lines
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.stances import check_stances
from services.portfolio.domain.claims.standings import check_standings
from services.portfolio.domain.claims.suiting import check_suiting
from services.portfolio.domain.claims.superlatives import check_superlatives
from services.portfolio.domain.claims.titles import check_titles
from services.portfolio.domain.claims.turns import check_rhythms, check_turns

_SCHEDULED = re.compile(
    r"\s+(?:pay|matures?|fall due|be (?:paid|due|repaid|redeemed|needed)|come due|need|have to|mature|expire|"
    r"then|bring in)\b",
    re.IGNORECASE,
)
_PAYS = re.compile(r"\s*(?:to\s+)?(?:pay|produce|generate|yield|bring in|provide|deliver)\b", re.IGNORECASE)
_RISKS = frozenset({"var", "cvar", "volatility"})
_TAILS = frozenset({"var", "cvar"})


def check_relations(
    sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence, *, forecasts_are_faults: bool
) -> list[Verdict]:
    """The verdicts on what a sentence says beside its figures, whose verdicts are given."""
    return [
        *_check_undecidable(sentence, verdicts, evidence, forecasts_are_faults=forecasts_are_faults),
        *_check_indexes(sentence, evidence),
        *check_dates(sentence, verdicts, evidence),
        *check_superlatives(sentence, verdicts, evidence),
        *check_turns(sentence, evidence),
        *check_rhythms(verdicts, evidence),
        *check_portions(sentence, evidence),
        *check_standings(sentence, verdicts, evidence),
        *check_qualities(sentence, evidence),
        *check_comparisons(sentence, verdicts, evidence),
        *check_suiting(sentence, evidence),
        *check_characters(sentence, evidence),
        *check_rankings(sentence, verdicts, evidence),
        *check_titles(sentence, evidence),
        *check_attributes(sentence, evidence),
        *check_without(sentence, evidence),
        *check_advice(sentence, evidence),
        *check_parts(sentence, verdicts),
        *check_sides_of_lines(sentence, verdicts),
        *check_governed(sentence, verdicts),
        *check_stances(sentence, verdicts, evidence),
        *check_causes(sentence, verdicts, evidence),
    ]


_PLANNED = frozenset(
    {"next_payment", "maturity", "model_weight", "model_equity", "trade", "turnover", "drift", "income_gap"}
)
"""What the payload itself schedules or plans: that it will be so is no forecast."""
_PLAN_WORDS = re.compile(r"will|will be|should come|is going to|are going to", re.IGNORECASE)


def _check_undecidable(
    sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence, *, forecasts_are_faults: bool
) -> Iterator[Verdict]:
    planned = any(
        item.fact is not None and not item.fault and item.fact.measure in _PLANNED and item.claim.value is not None
        for item in verdicts
    )
    named = any(cue.measure in _RISKS and cue.named for cue in sentence.cues)
    pays = any(item.fact is not None and not item.fault and item.fact.measure == "income" for item in verdicts)
    tail = any(item.fact is not None and not item.fault and item.fact.measure in _TAILS for item in verdicts)
    for match in evidence.vocabulary.undecidable.finditer(sentence.plain):
        kind = match.lastgroup or ""
        if planned and _PLAN_WORDS.fullmatch(match[0]):
            continue
        if match[0].lower() == "will" and _SCHEDULED.match(sentence.plain[match.end() :]):
            continue
        if "expected" in match[0].lower() and _PAYS.match(sentence.plain[match.end() :]) and pays:
            continue  # what is held pays so much a year as it stands
        if (named and "expected" in match[0].lower()) or (tail and "expect" in match[0].lower()):
            continue  # what is lost in a bad month is a figure of the past, whoever "should expect" it
        claim = Claim(match[0], sentence.start + match.start(), sentence.start + match.end(), Relation.PREDICTS)
        why = {"forecast": "a forecast", "guarantee": "a guarantee"}.get(kind, "a cause")
        yield Verdict(
            claim, Outcome.UNVERIFIABLE, why=f"{why}: no figure of today decides it",
            fault=forecasts_are_faults and kind != "cause",
        )  # fmt: skip


def _check_indexes(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """An index that is named as the measure of the portfolio must be the payload's own benchmark."""
    if not evidence.by_measure.get("benchmark_return") and not evidence.benchmarks:
        return
    own = [_form(name) for name in evidence.benchmarks]
    held = [_form(name) for name in evidence.names]
    for match in evidence.vocabulary.indexes.finditer(sentence.plain):
        name = _form(match[0])
        claim = Claim(
            match[0], sentence.start + match.start(), sentence.start + match.end(), Relation.NAMED, "benchmark_return"
        )
        if any(name == other or other.startswith(f"{name} ") or name.startswith(f"{other} ") for other in own):
            fact = (
                evidence.by_measure["benchmark_return"][0].fact if evidence.by_measure.get("benchmark_return") else None
            )
            yield Verdict(claim, Outcome.GROUNDED, fact)
        elif not own or any(name in other for other in held):
            continue
        else:
            yield Verdict(claim, Outcome.CONTRADICTED, why=f"the benchmark is {evidence.benchmarks[0]}", fault=True)


def _form(name: str) -> str:
    return " ".join(re.sub(r"[^\w&]+", " ", name.casefold()).split())
