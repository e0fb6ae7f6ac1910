"""Which fact the words beside a figure name: the candidates in their order, and the one that the figure states."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.claims.counting import PRECISE_DIGITS, count_digits, is_precise
from services.portfolio.domain.claims.deriving import read_shift
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import convert, fits, is_close
from services.portfolio.domain.claims.model import Bound, Claim, Held, Outcome, Printed, Verdict
from services.portfolio.domain.claims.scoring import OF_BENCHMARK, Score, score, weigh_cues
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.claims.signs import check_sign
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_MARGIN = 6.0
"""How much less well than the best a fact may be named and still be the one that is meant."""
_PLAIN_MARGIN = 2.0
_REFERENCES = frozenset(
    {
        "limit",
        "model_weight",
        "profile_range",
        "benchmark_return",
        "cost",
        "annual_need",
        "band",
        "coupon",
        "risk_free",
        "var",
        "cvar",
        "benchmark_volatility",
        "ytm",
    }
)
"""What others are set against, so that ``above 10%`` may name it."""
_RULES = frozenset({"limit", "profile_range", "band", "band_end", "tax_rate", "risk_free"})
_POINT = Decimal(1)
CLOSELY_NAMED = 9.0
"""From here on a figure is beside the name of a fact, and is to be that fact's."""
_FEW_DIGITS = 2
_CONFUSED = frozenset({"capture", "ratio", "risk"})
_PEER_NAMED = 5.0
_EXTREMES = frozenset({"best_period", "worst_period", "drawdown", "current_drawdown", "var", "cvar"})
"""Bad and good times of a track, of which a figure is the one that is named."""
_ENDS = {
    "profile_max": re.compile(r"\b(?:at least|a minimum of|no less than|not less than)\s*$", re.IGNORECASE),
    "profile_min": re.compile(r"\b(?:at most|a maximum of|no more than|not more than|up to)\s*$", re.IGNORECASE),
}
"""Ends of a range, each with the words that are said of the other."""
_INCLUSIVE = re.compile(
    r"\b(?:at least|at most|no less than|no more than|not less than|not more than|"
    r"mindestens|höchstens|au moins|au plus)"
    r"\s*$",
    re.IGNORECASE,
)
"""Bounds that promise no more than that, however far the value lies from them."""
_DUE = frozenset({"trade", "reduction"})
"""Amounts that are to be bought or sold: beside such words no other amount of the asset is meant."""
_PART_NAMED = 7.0
_PARTS = frozenset({"total_contribution", "unexplained_return"})
"""Parts of one return, of which a figure is the one that is named."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fact that a figure may state: how well the words name it, and its value in the figure's unit."""

    held: Held
    score: Score
    value: Decimal


def rank(setting: Setting, evidence: Evidence) -> list[Candidate]:
    """The facts that have the figure's unit, the best named first."""
    found = []
    cues = weigh_cues(setting)
    for item in evidence.held:
        value = convert(setting.figure, item.fact)
        # an end of a band is what a figure is, or is not meant at all: it makes no other figure wrong
        if value is not None and not (item.fact.measure == "band_end" and not is_close(setting.figure, value)):
            found.append(Candidate(item, score(setting, item, evidence.vocabulary, cues), value))
    found.sort(key=lambda candidate: -candidate.score.total)
    return found


def check_direct(setting: Setting, candidates: Sequence[Candidate], evidence: Evidence) -> Verdict | None:
    """The verdict on a figure that states a fact, or None."""
    if (parameter := _match_parameter(setting, evidence)) is not None:
        return ground(setting, Held(parameter, ""))
    if not candidates:
        return None
    top = max((item.score.total for item in candidates if not item.score.conflict), default=0.0)
    rival = max((item.score.total for item in candidates if item.score.named and not item.score.conflict), default=0.0)
    for candidate in candidates:
        points = candidate.score
        closely = (points.named and points.cue >= CLOSELY_NAMED) or _is_of_largest(setting, candidate)
        alone = _is_alone(setting, candidate, rival, evidence)
        if (points.conflict and not alone) or not (
            closely or alone or points.total >= top - _MARGIN or rival < CLOSELY_NAMED
        ):
            continue
        if candidate.held.fact.measure == "sensitivity" and read_shift(setting.sentence) not in {None, _POINT}:
            continue  # what a point costs is not what half a point does
        if (
            (points.cue <= 0 or (candidate.held.fact.measure == "band_end" and not points.named))
            and candidate.held.fact.measure in _RULES
            and not is_precise(setting.figure)
        ):
            continue  # a rule is not stated without its name
        if not points.named and _has_named_peer(candidate, candidates, evidence):
            continue
        if not points.named and _belongs_to_asset(setting, candidate, candidates):
            continue
        if not (closely or (setting.partitive and points.named)) and _is_accident(setting.figure, points):
            continue
        if not states(setting, candidate, top):
            continue
        if check_sign(setting, candidate.held.fact, candidate.value, evidence.vocabulary) is None:
            return ground(setting, candidate.held)
    return None


def states(setting: Setting, candidate: Candidate, top: float) -> bool:
    """Whether a figure has a fact's value. Words like ``more than`` name a limit, or bound what they stand
    beside."""
    fact, figure = candidate.held.fact, setting.figure
    if has_wrong_currency(figure, fact):
        return False
    if fact.id in _ENDS and _ENDS[fact.id].search(setting.before):
        return False
    if setting.bound not in {Bound.ABOVE, Bound.BELOW}:
        return fits(figure, setting.bound, candidate.value)
    if fact.measure in _REFERENCES and not setting.ranged and is_close(figure, candidate.value):
        return True
    distance = abs(abs(candidate.value) - abs(figure.value))
    if figure.rounded and candidate.score.cue < CLOSELY_NAMED and 2 * distance > abs(figure.value):
        return False  # "more than half" is not said of nine tenths
    if distance > abs(figure.value) and not _INCLUSIVE.search(setting.before):
        return False  # nobody says "more than 10" of 31
    near = candidate.score.total >= top - _PLAIN_MARGIN or _is_of_largest(setting, candidate)
    return near and fits(figure, setting.bound, candidate.value)


def has_wrong_currency(figure: Printed, fact: Fact) -> bool:
    """Whether money is written in another currency than the fact's."""
    return bool(fact.unit is Unit.MONEY and figure.currency and figure.currency != fact.currency)


def _is_of_largest(setting: Setting, candidate: Candidate) -> bool:
    """Whether a figure is of so many of the largest as the sentence counts (``three issuers stand for 71%``)."""
    fact = candidate.held.fact
    counts = {item.value for item in setting.sentence.figures if item.unit is Unit.NUMBER and item.value > 1}
    return fact.measure.startswith("top_") and bool(counts.intersection(fact.parameters))


def _is_shared(held: Held, evidence: Evidence) -> bool:
    """Whether all assets have the same figure, so that it can be spoken of without one (``the 5 point bands``)."""
    peers = evidence.by_measure.get(held.fact.measure, [])
    return all(item.fact.value == held.fact.value for item in peers if item.subject is not None)


def _is_alone(setting: Setting, candidate: Candidate, rival: float, evidence: Evidence) -> bool:
    """Whether a fact of an asset is meant though none is named: by digits enough, and nothing else named."""
    unnamed = setting.subject is None and not setting.sentence.mentions and candidate.held.subject is not None
    if unnamed and _is_shared(candidate.held, evidence) and candidate.score.cue > 0:
        return True
    digits = count_digits(setting.figure)
    return unnamed and rival < CLOSELY_NAMED and digits >= PRECISE_DIGITS and candidate.score.cue > 0


def _belongs_to_asset(setting: Setting, candidate: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Whether a figure beside an asset is of another fact than one that no word names: of the whole, or of the same
    asset where the words name another measure of it."""
    if setting.subject is None or not any(item.subject == setting.subject for item in setting.sentence.mentions):
        return False
    fact = candidate.held.fact
    if candidate.held.subject is None:
        return fact.unit in {Unit.PERCENT, Unit.POINTS, Unit.MONEY} and candidate.score.cue <= 0
    return fact.unit in {Unit.PERCENT, Unit.MONEY} and any(
        item.score.named
        and (fact.unit is Unit.PERCENT or item.held.fact.measure in _DUE)
        and not item.score.conflict
        and item.held.subject == candidate.held.subject
        and item.held.fact.measure != fact.measure
        and item.held.fact.unit is fact.unit
        and item.score.total > candidate.score.total
        and not any(
            is_close(other, item.value)
            for other in setting.sentence.figures
            if other is not setting.figure and other.unit is setting.figure.unit
        )
        for item in candidates
    )


def _is_accident(figure: Printed, points: Score) -> bool:
    """Whether a figure may have a fact's value by chance: few digits, and no word of it."""
    digits = count_digits(figure)
    if figure.rounded:
        return not points.named and (figure.unit is Unit.MULTIPLE or points.total <= 0)
    return points.total < 0 and digits <= _FEW_DIGITS and figure.unit is not Unit.MONEY


def _has_named_peer(candidate: Candidate, candidates: Sequence[Candidate], evidence: Evidence) -> bool:
    """Whether the words name another of a family whose members are easily confused (captures, ratios, risks)."""
    vocabulary, measure = evidence.vocabulary, candidate.held.fact.measure
    family = vocabulary.measure(measure).family
    if not _PARTS.isdisjoint({measure}) and any(
        item.score.named
        and item.held.fact.measure in _PARTS - {measure}
        and item.score.cue >= max(_PART_NAMED, candidate.score.cue)
        for item in candidates
    ):
        return True
    if measure in _EXTREMES and any(
        item.score.named
        and item.held.fact.measure in _EXTREMES - {measure}
        and item.score.cue >= max(_PEER_NAMED, candidate.score.cue)
        for item in candidates
    ):
        return True
    return family in _CONFUSED and any(
        item.score.named
        and item.score.cue >= _PEER_NAMED
        and item.held.fact.measure not in {measure, OF_BENCHMARK.get(measure)}
        and vocabulary.measure(item.held.fact.measure).family == family
        for item in candidates
    )


def _match_parameter(setting: Setting, evidence: Evidence) -> Fact | None:
    """A number that belongs to a figure's name: the 5 of the top 5, the 95% of a value at risk."""
    figure = setting.figure
    if (
        figure.unit not in {Unit.NUMBER, Unit.PERCENT, Unit.POINTS, Unit.BASIS_POINTS}
        or figure.sign < 0
        or figure.scaled
    ):
        return None
    factor = 100 if figure.unit is Unit.BASIS_POINTS else 1
    shift = figure.unit in {Unit.POINTS, Unit.BASIS_POINTS}
    near = f"{setting.before[-40:].rstrip()} {figure.value.normalize():f} {setting.after.lstrip()[:40]}"
    spelled = f"{setting.before[-40:].rstrip()} {figure.text} {setting.after.lstrip()[:40]}"
    for item in evidence.parametrised:
        if shift is not (item.fact.measure == "sensitivity"):
            continue
        levels = [
            *(value * factor for value in item.fact.parameters),
            *(100 - value for value in item.fact.parameters if figure.rounded),
        ]
        scaled = (shift and abs(figure.value) / factor > _POINT) or (shift and abs(figure.value) / factor < _POINT)
        if scaled or any(is_close(figure, value) for value in levels):
            names = evidence.vocabulary.measure(item.fact.measure).names
            if names.search(near) or names.search(spelled):
                return item.fact
    return None


def ground(setting: Setting, held: Held) -> Verdict:
    """The verdict on a figure that states a fact; derived where that follows by counting."""
    claim = make_claim(setting, held.fact)
    if held.formula is not None:
        return Verdict(claim, Outcome.DERIVED, held.fact, held.formula)
    return Verdict(claim, Outcome.GROUNDED, held.fact)


def make_claim(setting: Setting, fact: Fact | None) -> Claim:
    """What a figure claims of the fact that decides it."""
    figure = setting.figure
    return Claim(
        figure.text, figure.start, figure.end, measure=fact.measure if fact else None, subject=setting.subject,
        value=figure.value, unit=figure.unit, bases=tuple(sorted(setting.bases)), bound=setting.bound,
    )  # fmt: skip
