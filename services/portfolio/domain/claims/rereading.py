"""Second readings of a figure that the nearest words do not bear: what is left out is that of the figures beside it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.claims.comparable import is_own_limit
from services.portfolio.domain.claims.deriving import read_shift
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import fits, is_close
from services.portfolio.domain.claims.model import Bound, Verdict
from services.portfolio.domain.claims.naming import (
    CLOSELY_NAMED,
    Candidate,
    check_direct,
    ground,
    has_wrong_currency,
    rank,
    states,
)
from services.portfolio.domain.claims.pooling import derive_from
from services.portfolio.domain.claims.scoring import OF_BENCHMARK
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.claims.signs import check_sign
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_POINT = Decimal(1)


def reread(
    settings: Sequence[Setting],
    ranked: Sequence[Sequence[Candidate]],
    done: Sequence[Verdict],
    stated: Sequence[Fact],
    evidence: Evidence,
) -> list[Verdict]:
    """The verdicts of a sentence after each second reading in turn; only what is refused is read again."""

    def repeat(setting: Setting, candidates: Sequence[Candidate], verdict: Verdict) -> Verdict | None:
        if not verdict.fault:
            return None
        again = _repeat(setting, candidates, found, evidence)
        return again or _bound_of(setting, candidates, found)

    def assign(setting: Setting, candidates: Sequence[Candidate], verdict: Verdict) -> Verdict | None:
        return _assign(setting, candidates, verdict, taken, evidence)

    def inherit(setting: Setting, _: Sequence[Candidate], verdict: Verdict) -> Verdict | None:
        return _inherit_unit(setting, verdict, stated, evidence)

    def rebind(setting: Setting, candidates: Sequence[Candidate], verdict: Verdict) -> Verdict | None:
        return _rebind(setting, candidates, verdict, evidence)

    def leave(setting: Setting, candidates: Sequence[Candidate], verdict: Verdict) -> Verdict | None:
        return _state_unnamed(setting, candidates, verdict, evidence)

    def oppose(setting: Setting, candidates: Sequence[Candidate], verdict: Verdict) -> Verdict | None:
        return _oppose(setting, candidates, found[setting.index - 1]) if verdict.fault else None

    def date(setting: Setting, candidates: Sequence[Candidate], verdict: Verdict) -> Verdict | None:
        return _state_dated(setting, candidates, evidence) if verdict.fault else None

    found = list(done)
    taken: dict[str, float] = {}
    for reading in (repeat, oppose, assign, inherit, rebind, date, leave):
        taken = _list_taken(found, ranked)
        found = [
            reading(setting, candidates, verdict) or verdict
            for setting, candidates, verdict in zip(settings, ranked, found, strict=True)
        ]
    return found


_AGAINST = re.compile(
    r"\s*(?:(?:a|per)\s+year\s*)?[,(]?\s*(?:against|versus|vs\.?|compared\s+(?:with|to)|instead\s+of|rather\s+than|gegenüber|contre)\s+"
    r"(?:only\s+|just\s+|about\s+)?",
    re.IGNORECASE,
)
_OPPOSITES = {"weight": "model_weight", **{own: other for other, own in OF_BENCHMARK.items()}}
"""What a figure of a measure is set against where nothing else is said: the model's, or the benchmark's."""


def _oppose(setting: Setting, candidates: Sequence[Candidate], before: Verdict) -> Verdict | None:
    """The figure that the one before it is set against (``a volatility of 10% against 8%``)."""
    fact = before.fact
    if setting.index == 0 or fact is None or before.fault or _AGAINST.fullmatch(setting.before) is None:
        return None
    wanted = _OPPOSITES.get(fact.measure)
    for item in candidates:
        own = item.held.fact
        if own.measure != wanted or own.subject != fact.subject or set(own.bases) != set(fact.bases):
            continue
        if fits(setting.figure, setting.bound, item.value):
            return ground(setting, item.held)
    return None


def follow(
    setting: Setting, candidates: Sequence[Candidate], beside: Sequence[Verdict | None], evidence: Evidence
) -> Verdict | None:
    """The figure beside it in another form, as ``a third, 34.3%`` or ``£15,700, 15.1% of the cost``: of the same
    measure and asset."""
    stated = [item.fact for item in beside if item is not None and item.fact is not None and not item.fault]
    kinds = {(fact.measure, fact.subject) for fact in stated}
    for candidate in candidates:
        fact = candidate.held.fact
        if fact.measure == "sensitivity" and read_shift(setting.sentence) not in {None, _POINT}:
            continue
        if (fact.measure, fact.subject) not in kinds or candidate.score.elsewhere or fact.unit is Unit.NUMBER:
            continue
        if setting.subject not in {None, candidate.held.subject}:
            continue
        if setting.bound in {Bound.ABOVE, Bound.BELOW} or has_wrong_currency(setting.figure, fact):
            continue
        if not fits(setting.figure, setting.bound, candidate.value):
            continue
        if check_sign(setting, fact, candidate.value, evidence.vocabulary) is None:
            return ground(setting, candidate.held)
    return None


def _assign(
    setting: Setting, candidates: Sequence[Candidate], verdict: Verdict, taken: Mapping[str, float], evidence: Evidence
) -> Verdict | None:
    """The fact that a refused figure states where the closer names are those of the other figures beside it."""
    if not verdict.fault or setting.bound not in {Bound.EXACT, Bound.NEAR}:
        return None
    skipped = False
    for candidate in candidates:
        fact, points = candidate.held.fact, candidate.score
        own = candidate.held.subject is not None and candidate.held.subject == setting.subject
        own = own and (points.cue > 0 or fact.measure == "weight")
        if not (points.named or (skipped and own)) or points.conflict:
            continue
        if fact.id in taken and (taken[fact.id] >= points.cue or own):
            skipped = True
            continue
        if not points.named and not fits(setting.figure, setting.bound, candidate.value):
            continue
        if (
            not skipped
            or not fits(setting.figure, setting.bound, candidate.value)
            or has_wrong_currency(setting.figure, fact)
        ):
            return None  # what is named next is another fact
        if check_sign(setting, fact, candidate.value, evidence.vocabulary) is None:
            return ground(setting, candidate.held)
    return None


def _repeat(
    setting: Setting, candidates: Sequence[Candidate], done: Sequence[Verdict], evidence: Evidence
) -> Verdict | None:
    """A figure that says of another asset what one beside it says of its own (``A has gained 5% and B 7%``): left
    out is the measure of the first."""
    if setting.subject is None or setting.bound in {Bound.ABOVE, Bound.BELOW}:
        return None
    stated = {
        item.fact.measure
        for item in done
        if item.fact is not None and not item.fault and item.claim.unit is setting.figure.unit
        and item.claim.subject not in {None, setting.subject}
    }  # fmt: skip
    for candidate in candidates:
        fact = candidate.held.fact
        if fact.measure not in stated or candidate.held.subject != setting.subject or candidate.score.elsewhere:
            continue
        if not fits(setting.figure, setting.bound, candidate.value) or has_wrong_currency(setting.figure, fact):
            continue
        if check_sign(setting, fact, candidate.value, evidence.vocabulary) is None:
            return ground(setting, candidate.held)
    return None


def _bound_of(setting: Setting, candidates: Sequence[Candidate], done: Sequence[Verdict]) -> Verdict | None:
    """A figure that another of the sentence is set against, and that is the very limit of that one (``0.61%, under
    the 0.75% agreed``); or the length of the track (``the three-year average``)."""
    if setting.bound in {Bound.UNDER, Bound.OVER, Bound.NEAR} or setting.figure.rounded:
        return None  # a limit is not said to be about something
    stated = [item.fact for item in done if item.fact is not None and not item.fault]
    for candidate in candidates:
        fact = candidate.held.fact
        own = fact.measure == "limit" and any(is_own_limit(fact, other) for other in stated)
        if (own or fact.measure == "span") and is_close(setting.figure, candidate.value):
            return ground(setting, candidate.held)
    return None


def _inherit_unit(setting: Setting, verdict: Verdict, stated: Sequence[Fact], evidence: Evidence) -> Verdict | None:
    """A decimal figure without a unit that is of the unit of the one before it (``cost 2.28 points; the others
    added 1.12``)."""
    figure = setting.figure
    if not verdict.fault or figure.unit is not Unit.NUMBER or figure.step >= 1 or not setting.index:
        return None
    unit = setting.sentence.figures[setting.index - 1].unit
    if unit not in {Unit.PERCENT, Unit.POINTS}:
        return None
    again = replace(setting, figure=replace(figure, unit=unit))
    found = check_direct(again, rank(again, evidence), evidence) or derive_from(again, stated, evidence)
    return found if found is not None and not found.fault else None


def _rebind(setting: Setting, candidates: Sequence[Candidate], verdict: Verdict, evidence: Evidence) -> Verdict | None:
    """The fact of an asset named before, where the name that stands nearer has no figure of that kind, so that it
    cannot be meant (``Fundsmith comes to £102,000 over the ISA and the GIA``)."""
    if not verdict.fault or verdict.fact is None or setting.subject is None:
        return None
    earlier = [item.subject for item in setting.sentence.mentions if item.end <= setting.start]
    for candidate in candidates:
        held, fact = candidate.held, candidate.held.fact
        if fact.id != verdict.fact.id or held.subject in {None, setting.subject} or held.subject not in earlier:
            continue
        peers = evidence.by_measure.get(fact.measure, [])
        if any(item.subject == setting.subject and item.fact.unit is fact.unit for item in peers):
            return None  # the nearer name has such a figure, and it is another
        if candidate.score.elsewhere or has_wrong_currency(setting.figure, fact):
            return None
        if not (candidate.score.cue > 0 and states(setting, candidate, candidate.score.total)):
            return None
        if check_sign(setting, fact, candidate.value, evidence.vocabulary) is None:
            return ground(setting, held)
    return None


def _state_dated(setting: Setting, candidates: Sequence[Candidate], evidence: Evidence) -> Verdict | None:
    """The payment of the day that stands beside an amount, whoever makes it (``£810 arrives on 15 May``)."""
    if setting.figure.unit is not Unit.MONEY or setting.bound is not Bound.EXACT or setting.sentence.mentions:
        return None  # what is named is who pays
    end = setting.end + len(setting.after)
    behind = [day for day in setting.sentence.dates if setting.end <= day.start < end]
    ahead = [day for day in setting.sentence.dates if setting.start - len(setting.before) <= day.start < setting.start]
    days = behind[:1] or ahead[-1:]
    if not days or (behind and setting.sentence.plain[setting.end : behind[0].start].count(",")):
        return None
    for candidate in candidates:
        fact = candidate.held.fact
        dated = fact.measure in _DATED and any(days[0].covers(day) for day in fact.dates)
        dated = dated and check_sign(setting, fact, candidate.value, evidence.vocabulary) is None
        if (
            dated
            and fits(setting.figure, setting.bound, candidate.value)
            and not has_wrong_currency(setting.figure, fact)
        ):
            return ground(setting, candidate.held)
    return None


_DATED = frozenset({"next_payment", "next_maturity", "flow", "maturity"})
"""Amounts that are of a day."""
_CHANCE = Decimal("0.25")
"""How many facts may be expected to have a figure's value by chance where its subject is not known."""


def _state_unnamed(
    setting: Setting, candidates: Sequence[Candidate], verdict: Verdict, evidence: Evidence
) -> Verdict | None:
    """A fact of what the words do not name in any way that is known: a figure with digits enough that no fact of its
    kind would have its value by chance is that fact's (``with 75.1% against a limit of 65%, the regional limit``)."""
    if not verdict.fault or setting.subject is not None or setting.sentence.mentions or setting.sentence.carried:
        return None
    if setting.bound in {Bound.ABOVE, Bound.BELOW} or not setting.figure.value or setting.figure.unit not in _KINDS:
        return None
    figure = setting.figure
    others = [item for item in setting.sentence.figures if item is not figure and item.unit is figure.unit]
    rivals = [
        item
        for item in candidates
        if item.score.named and item.score.cue >= CLOSELY_NAMED and not item.score.conflict
        and not any(is_close(other, item.value) for other in others)
    ]  # fmt: skip
    if any(item.score.named and item.held.subject is None and not item.score.elsewhere for item in candidates):
        return None  # the words name a figure of the whole
    kinds = {item.held.fact.measure for item in candidates if item.score.cue > 0 and item.held.subject is not None}
    fitting = [
        item
        for item in candidates
        if item.held.subject is not None
        and (not kinds or item.held.fact.measure in kinds)
        and item.held.fact.measure not in _BUCKETS
        and not item.score.elsewhere
        and fits(figure, setting.bound, item.value)
        and not has_wrong_currency(figure, item.held.fact)
        and check_sign(setting, item.held.fact, item.value, evidence.vocabulary) is None
    ]
    if rivals or not fitting:
        return None
    peers = {
        item.value for item in candidates if item.held.subject is not None
        and (not kinds or item.held.fact.measure in kinds)
    }  # fmt: skip
    slack = (
        figure.value.copy_abs() * _ROUNDED if figure.rounded or setting.bound is not Bound.EXACT else figure.step / 2
    )
    if len(peers) * 2 * slack > _CHANCE * abs(figure.value):
        return None
    return ground(setting, fitting[0].held)


_ROUNDED = Decimal("0.04")
_BUCKETS = frozenset({"maturity_weight", "quality_weight"})
"""Shares of groups that the words give a range or a grade of, whatever it is called."""
_KINDS = frozenset({Unit.PERCENT, Unit.MONEY})


def _list_taken(done: Sequence[Verdict], ranked: Sequence[Sequence[Candidate]]) -> dict[str, float]:
    """The facts that figures of a sentence state, with how near their names stand to those figures."""
    return {
        verdict.fact.id: candidate.score.cue
        for verdict, candidates in zip(done, ranked, strict=True)
        if verdict.fact is not None and not verdict.fault
        for candidate in candidates
        if candidate.held.fact.id == verdict.fact.id
    }
