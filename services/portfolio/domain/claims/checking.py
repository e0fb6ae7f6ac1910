"""Holding the figures of a text against the facts: which fact the words name, and whether the figure is that fact's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.portfolio.domain.claims.comparing import compare_neighbours
from services.portfolio.domain.claims.counting import (
    EACH_UNIT,
    PRECISE_DIGITS,
    count_digits,
    counts_largest,
    counts_nothing,
    is_precise,
    is_round_sum,
)
from services.portfolio.domain.claims.deriving import derive, gather_pool, is_own_limit, read_shift
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.matching import Score, check_sign, convert, fits, is_close, score, weigh_cues
from services.portfolio.domain.claims.model import Bound, Claim, Held, Outcome, Printed, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.settings import Setting, place
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_MARGIN = 6.0
"""How much less well than the best a fact may be named and still be the one that is meant."""
_PLAIN_MARGIN = 2.0
_LEAST_NAMED = 6.0
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
_RULES = frozenset({"limit", "profile_range", "band", "tax_rate", "risk_free"})
_NAMED_FACTS = 24
_TWO_UNITS = ("", "_pct", "_amount")
_PAIRED = frozenset(
    {"market_value", "weight", "gain", "return", "contribution", "income", "yield", "income_share", "drift", "coupon",
     "cost", "trade"}
)  # fmt: skip
"""What two assets are compared by, whether or not the words name it."""
_HELD_UP = frozenset({"weight", "model_weight"})
_AMOUNTS = frozenset({"income", "income_after_tax", "annual_need", "market_value", "start_value", "cost", "cash"})
_TAXES = frozenset({"after_tax", "before_tax"})
_POINT = Decimal(1)
_GROWTHS = frozenset({"gain_pct", "twr"})
_CLOSELY_NAMED = 9.0
"""From here on a figure is beside the name of a fact, and is to be that fact's."""
_FEW_DIGITS = 2
_MOST_SWAPPED = 8
"""A sentence of more figures is a list, and each of them is compared with all others."""
_COUNTED = 7.0
_CONFUSED = frozenset({"capture", "ratio", "risk"})
_PEER_NAMED = 5.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    held: Held
    score: Score
    value: Decimal


class FigureChecker:
    """Checks the figures of one text."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._stated: list[tuple[int, Fact]] = []

    def check(self, sentence: Sentence) -> list[Verdict]:
        """A verdict for each figure of a sentence; sentences are checked in their order."""
        settings = place(sentence, self._evidence)
        ranked = [self._rank(setting) for setting in settings]
        verdicts: list[Verdict | None] = [
            self._check_hundred(setting, settings) or self._check_direct(setting, candidates)
            for setting, candidates in zip(settings, ranked, strict=True)
        ]
        for verdict in verdicts:
            if verdict is not None and verdict.fact is not None and verdict.outcome is Outcome.GROUNDED:
                self._stated.append((sentence.index, verdict.fact))
        done: list[Verdict] = []
        for setting, candidates, verdict in zip(settings, ranked, verdicts, strict=True):
            beside = [item for place, item in enumerate(verdicts) if place != setting.index]
            done.append(
                verdict
                or (
                    None
                    if self._turns_round(setting, candidates) or self._is_swapped(setting, candidates, settings)
                    else self._derive(setting)
                )
                or self._follow(setting, candidates, beside)
                or self._refuse(setting, candidates)
            )
        done = [
            (
                self._repeat(setting, candidates, done) or self._bound_of(setting, candidates, done)
                if verdict.fault
                else None
            )
            or verdict
            for setting, candidates, verdict in zip(settings, ranked, done, strict=True)
        ]
        done = [
            self._assign(setting, candidates, verdict, _list_taken(done, ranked)) or verdict
            for setting, candidates, verdict in zip(settings, ranked, done, strict=True)
        ]
        done = [
            self._inherit_unit(setting, verdict) or verdict for setting, verdict in zip(settings, done, strict=True)
        ]
        done = [
            self._rebind(setting, candidates, verdict) or verdict
            for setting, candidates, verdict in zip(settings, ranked, done, strict=True)
        ]
        idle = [
            index
            for index, verdict in enumerate(done)
            if verdict.fault and (counts_nothing(settings[index], verdict) or counts_largest(settings[index], done))
        ]
        settings = [setting for index, setting in enumerate(settings) if index not in idle]
        done = [verdict for index, verdict in enumerate(done) if index not in idle]
        return compare_neighbours(settings, done, self._evidence)

    def _rank(self, setting: Setting) -> list[_Candidate]:
        found = []
        cues = weigh_cues(setting)
        for item in self._evidence.held:
            value = convert(setting.figure, item.fact)
            if value is not None:
                found.append(_Candidate(item, score(setting, item, self._evidence.vocabulary, cues), value))
        found.sort(key=lambda candidate: -candidate.score.total)
        return found

    def _check_direct(self, setting: Setting, candidates: Sequence[_Candidate]) -> Verdict | None:
        if (parameter := self._match_parameter(setting)) is not None:
            return self._ground(setting, Held(parameter, ""))
        if not candidates:
            return None
        top = max((item.score.total for item in candidates if not item.score.conflict), default=0.0)
        rival = max(
            (item.score.total for item in candidates if item.score.named and not item.score.conflict), default=0.0
        )
        for candidate in candidates:
            points = candidate.score
            closely = (points.named and points.cue >= _CLOSELY_NAMED) or self._is_of_largest(setting, candidate)
            alone = self._is_alone(setting, candidate, rival)
            if (points.conflict and not alone) or not (
                closely or alone or points.total >= top - _MARGIN or rival < _CLOSELY_NAMED
            ):
                continue
            if candidate.held.fact.measure == "sensitivity" and read_shift(setting.sentence) not in {None, _POINT}:
                continue  # what a point costs is not what half a point does
            if points.cue <= 0 and candidate.held.fact.measure in _RULES and not is_precise(setting.figure):
                continue  # a rule is not stated without its name
            if not points.named and self._has_named_peer(candidate, candidates):
                continue
            if not points.named and self._belongs_to_asset(setting, candidate, candidates):
                continue
            if not (closely or (setting.partitive and points.named)) and self._is_accident(setting.figure, points):
                continue
            if not self._states(setting, candidate, top):
                continue
            if check_sign(setting, candidate.held.fact, candidate.value, self._evidence.vocabulary) is None:
                return self._ground(setting, candidate.held)
        return None

    def _check_hundred(self, setting: Setting, settings: Sequence[Setting]) -> Verdict | None:
        """``Each £100 invested has become £120``: the growth of money, said of a round sum."""
        base = next((item for item in settings if is_round_sum(item)), None)
        if base is None and setting.figure.unit is Unit.MONEY and EACH_UNIT.search(setting.sentence.text):
            return self._check_unit(setting)
        if base is None or setting.figure.unit not in {Unit.MONEY, Unit.NUMBER}:
            return None
        if setting is base:
            return Verdict(self._claim(setting, None), Outcome.DERIVED, formula=f"a sum of {base.figure.value}")
        for fact_id in ("gain_pct", "twr"):
            fact = self._evidence.find(fact_id)
            if fact is not None and fits(setting.figure, setting.bound, base.figure.value * (1 + fact.value / 100)):
                return Verdict(
                    self._claim(setting, fact), Outcome.DERIVED, fact, f"{base.figure.value} x (1 + {fact_id})"
                )
        return None

    def _check_unit(self, setting: Setting) -> Verdict | None:
        """``For every dollar invested there is now $1.37``."""
        for fact in (item.fact for item in self._evidence.by_measure.get("gain", [])):
            own = fact.subject is None or self._evidence.vocabulary.key(fact.subject) == setting.subject
            if fact.unit is Unit.PERCENT and own and fits(setting.figure, setting.bound, 1 + fact.value / 100):
                return Verdict(self._claim(setting, fact), Outcome.DERIVED, fact, f"1 + {fact.id}")
        return None

    def _turns_round(self, setting: Setting, candidates: Sequence[_Candidate]) -> bool:
        """Whether the figure is that of a fact that the words name, said the wrong way round."""
        return any(
            item.score.named
            and not item.score.conflict
            and item.score.cue >= _CLOSELY_NAMED
            and is_close(setting.figure, item.value)
            and check_sign(setting, item.held.fact, item.value, self._evidence.vocabulary) is not None
            for item in candidates
        )

    def _is_swapped(self, setting: Setting, candidates: Sequence[_Candidate], settings: Sequence[Setting]) -> bool:
        """Whether two amounts of a sentence stand at each other's names (``€11,000 was new money and €30,000 was
        earned``): that each is one step from the rest says nothing then."""
        if setting.figure.unit is not Unit.MONEY or len(settings) > _MOST_SWAPPED:
            return False
        own = [item for item in candidates if is_close(setting.figure, item.value) and item.score.cue > 0]
        others = [item.figure for item in settings if item is not setting and item.figure.unit is setting.figure.unit]
        family = self._evidence.vocabulary.measure
        return any(
            meant.score.named
            and meant.score.cue >= _CLOSELY_NAMED
            and not meant.score.conflict
            and meant.held.fact.measure != item.held.fact.measure
            and family(meant.held.fact.measure).family == family(item.held.fact.measure).family
            and meant.score.cue > item.score.cue
            and any(is_close(figure, meant.value) for figure in others)
            for item in own
            for meant in candidates
        )

    def _inherit_unit(self, setting: Setting, verdict: Verdict) -> Verdict | None:
        """A decimal figure without a unit that is of the unit of the one before it (``cost 2.28 points; the others
        added 1.12``)."""
        figure = setting.figure
        if not verdict.fault or figure.unit is not Unit.NUMBER or figure.step >= 1 or not setting.index:
            return None
        unit = setting.sentence.figures[setting.index - 1].unit
        if unit not in {Unit.PERCENT, Unit.POINTS}:
            return None
        again = replace(setting, figure=replace(figure, unit=unit))
        found = self._check_direct(again, self._rank(again)) or self._derive(again)
        return found if found is not None and not found.fault else None

    def _rebind(self, setting: Setting, candidates: Sequence[_Candidate], verdict: Verdict) -> Verdict | None:
        """The fact of an asset named before, where the name that stands nearer has no figure of that kind, so that it
        cannot be meant (``Fundsmith comes to £102,000 over the ISA and the GIA``)."""
        if not verdict.fault or verdict.fact is None or setting.subject is None:
            return None
        earlier = [item.subject for item in setting.sentence.mentions if item.end <= setting.start]
        for candidate in candidates:
            held, fact = candidate.held, candidate.held.fact
            if fact.id != verdict.fact.id or held.subject in {None, setting.subject} or held.subject not in earlier:
                continue
            peers = self._evidence.by_measure.get(fact.measure, [])
            if any(item.subject == setting.subject and item.fact.unit is fact.unit for item in peers):
                return None  # the nearer name has such a figure, and it is another
            if candidate.score.elsewhere or self._has_wrong_currency(setting.figure, fact):
                return None
            if not (candidate.score.cue > 0 and self._states(setting, candidate, candidate.score.total)):
                return None
            if check_sign(setting, fact, candidate.value, self._evidence.vocabulary) is None:
                return self._ground(setting, held)
        return None

    def _follow(
        self, setting: Setting, candidates: Sequence[_Candidate], beside: Sequence[Verdict | None]
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
            if setting.bound in {Bound.ABOVE, Bound.BELOW} or self._has_wrong_currency(setting.figure, fact):
                continue
            if not fits(setting.figure, setting.bound, candidate.value):
                continue
            if check_sign(setting, fact, candidate.value, self._evidence.vocabulary) is None:
                return self._ground(setting, candidate.held)
        return None

    def _assign(
        self, setting: Setting, candidates: Sequence[_Candidate], verdict: Verdict, taken: Mapping[str, float]
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
                or self._has_wrong_currency(setting.figure, fact)
            ):
                return None  # what is named next is another fact
            if check_sign(setting, fact, candidate.value, self._evidence.vocabulary) is None:
                return self._ground(setting, candidate.held)
        return None

    def _repeat(self, setting: Setting, candidates: Sequence[_Candidate], done: Sequence[Verdict]) -> Verdict | None:
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
            if not fits(setting.figure, setting.bound, candidate.value) or self._has_wrong_currency(
                setting.figure, fact
            ):
                continue
            if check_sign(setting, fact, candidate.value, self._evidence.vocabulary) is None:
                return self._ground(setting, candidate.held)
        return None

    def _bound_of(self, setting: Setting, candidates: Sequence[_Candidate], done: Sequence[Verdict]) -> Verdict | None:
        """A figure that another of the sentence is set against, and that is the very limit of that one (``0.61%, under
        the 0.75% agreed``); or the length of the track (``the three-year average``)."""
        stated = [item.fact for item in done if item.fact is not None and not item.fault]
        for candidate in candidates:
            fact = candidate.held.fact
            own = fact.measure == "limit" and any(is_own_limit(fact, other) for other in stated)
            if (own or fact.measure == "span") and is_close(setting.figure, candidate.value):
                return self._ground(setting, candidate.held)
        return None

    @staticmethod
    def _is_of_largest(setting: Setting, candidate: _Candidate) -> bool:
        """Whether a figure is of so many of the largest as the sentence counts (``three issuers stand for 71%``)."""
        fact = candidate.held.fact
        counts = {item.value for item in setting.sentence.figures if item.unit is Unit.NUMBER and item.value > 1}
        return fact.measure.startswith("top_") and bool(counts.intersection(fact.parameters))

    def _is_shared(self, held: Held) -> bool:
        """Whether all assets have the same figure, so that it can be spoken of without one (``the 5 point bands``)."""
        peers = self._evidence.by_measure.get(held.fact.measure, [])
        return all(item.fact.value == held.fact.value for item in peers if item.subject is not None)

    def _is_alone(self, setting: Setting, candidate: _Candidate, rival: float) -> bool:
        """Whether a fact of an asset is meant though none is named: by digits enough, and nothing else named."""
        unnamed = setting.subject is None and not setting.sentence.mentions and candidate.held.subject is not None
        if unnamed and self._is_shared(candidate.held) and candidate.score.cue > 0:
            return True
        digits = count_digits(setting.figure)
        return unnamed and rival < _CLOSELY_NAMED and digits >= PRECISE_DIGITS and candidate.score.cue > 0

    def _states(self, setting: Setting, candidate: _Candidate, top: float) -> bool:
        """Whether a figure has a fact's value. Words like ``more than`` name a limit, or bound what they stand
        beside."""
        fact, figure = candidate.held.fact, setting.figure
        if self._has_wrong_currency(figure, fact):
            return False
        if setting.bound not in {Bound.ABOVE, Bound.BELOW}:
            return fits(figure, setting.bound, candidate.value)
        if fact.measure in _REFERENCES and not setting.ranged and is_close(figure, candidate.value):
            return True
        distance = abs(abs(candidate.value) - abs(figure.value))
        if figure.rounded and candidate.score.cue < _CLOSELY_NAMED and 2 * distance > abs(figure.value):
            return False  # "more than half" is not said of nine tenths
        return candidate.score.total >= top - _PLAIN_MARGIN and fits(figure, setting.bound, candidate.value)

    def _belongs_to_asset(self, setting: Setting, candidate: _Candidate, candidates: Sequence[_Candidate]) -> bool:
        """Whether a figure beside an asset is of another fact than one that no word names: of the whole, or of the same
        asset where the words name another measure of it."""
        if setting.subject is None or not any(item.subject == setting.subject for item in setting.sentence.mentions):
            return False
        fact = candidate.held.fact
        if candidate.held.subject is None:
            return fact.unit in {Unit.PERCENT, Unit.POINTS, Unit.MONEY} and candidate.score.cue <= 0
        return fact.unit is Unit.PERCENT and any(
            item.score.named
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

    @staticmethod
    def _is_accident(figure: Printed, points: Score) -> bool:
        """Whether a figure may have a fact's value by chance: few digits, and no word of it."""
        digits = count_digits(figure)
        if figure.rounded:
            return not points.named and (figure.unit is Unit.MULTIPLE or points.total <= 0)
        return points.total < 0 and digits <= _FEW_DIGITS and figure.unit is not Unit.MONEY

    def _has_named_peer(self, candidate: _Candidate, candidates: Sequence[_Candidate]) -> bool:
        """Whether the words name another of a family whose members are easily confused (captures, ratios, risks)."""
        vocabulary, measure = self._evidence.vocabulary, candidate.held.fact.measure
        family = vocabulary.measure(measure).family
        return family in _CONFUSED and any(
            item.score.named
            and item.score.cue >= _PEER_NAMED
            and item.held.fact.measure != measure
            and vocabulary.measure(item.held.fact.measure).family == family
            for item in candidates
        )

    @staticmethod
    def _has_wrong_currency(figure: Printed, fact: Fact) -> bool:
        return bool(fact.unit is Unit.MONEY and figure.currency and figure.currency != fact.currency)

    def _match_parameter(self, setting: Setting) -> Fact | None:
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
        for item in self._evidence.held:
            if shift is not (item.fact.measure == "sensitivity"):
                continue
            levels = [
                *(value * factor for value in item.fact.parameters),
                *(100 - value for value in item.fact.parameters if figure.rounded),
            ]
            scaled = (shift and abs(figure.value) / factor > _POINT) or (shift and abs(figure.value) / factor < _POINT)
            if scaled or any(is_close(figure, value) for value in levels):
                names = self._evidence.vocabulary.measure(item.fact.measure).names
                if names.search(near) or names.search(spelled):
                    return item.fact
        return None

    def _derive(self, setting: Setting) -> Verdict | None:
        here = setting.sentence.index
        stated = [
            fact
            for index, fact in reversed(self._stated)
            if index in {here, here - 1} and not _is_of_other_tax(setting, fact)
        ]
        mentioned = {mention.subject for mention in setting.sentence.mentions}
        mentioned |= {setting.subject} if setting.subject else set()
        measures = {cue.measure: cue.named for cue in setting.sentence.cues}
        named = [
            item
            for item in self._evidence.held
            if (item.fact.measure in measures and (item.subject is None or item.subject in mentioned))
            or (item.subject in mentioned and item.fact.measure in (_PAIRED if len(mentioned) > 1 else _HELD_UP))
            or (setting.figure.unit is Unit.MULTIPLE and item.fact.id in _GROWTHS)
            or (
                setting.figure.unit is Unit.MULTIPLE
                and item.subject in mentioned
                and item.fact.measure in {"gain", "return"}
            )
        ]
        named += self._find_limits(named)
        named.sort(key=lambda item: (item.subject is None, not measures.get(item.fact.measure, False)))
        if is_precise(setting.figure):
            named += [item for item in self._evidence.held if item.fact.id in _AMOUNTS]
        clear = [item for item in named if not _is_of_other_tax(setting, item.fact)]
        clear += self._find_siblings(stated)
        clear = [item for item in clear if not self._has_wrong_currency(setting.figure, item.fact)]
        clear = [item for item in clear if not _is_of_other_time(setting, item.fact)]
        stated = [fact for fact in stated if not _is_of_other_time(setting, fact)]
        stated = [fact for fact in stated if not self._has_wrong_currency(setting.figure, fact)]
        sure = {measure for measure, named_so in measures.items() if named_so}
        found = derive(setting, gather_pool(stated, clear[:_NAMED_FACTS]), self._evidence, sure)
        if found is None:
            return None
        fact, formula = found
        return Verdict(self._claim(setting, fact), Outcome.DERIVED, fact, formula)

    def _find_siblings(self, stated: Sequence[Fact]) -> list[Held]:
        """The shares of what is stated in money, and the money of what is stated as shares; with the limits of both."""
        stems = {fact.id: re.sub(r"_(?:pct|amount)$", "", fact.id) for fact in stated}
        ids = {f"{stem}{ending}" for stem in stems.values() for ending in _TWO_UNITS} - stems.keys()
        found = [self._evidence.by_id[name] for name in sorted(ids) if name in self._evidence.by_id]
        return [*found, *self._find_limits(found)]

    def _find_limits(self, named: Sequence[Held]) -> list[Held]:
        """The limits of the groups that weights are of."""
        rules = {
            "single_name" if part == "position" else part
            for item in named
            if item.fact.measure == "weight"
            for part in item.fact.id.split(".")[1:2]
        }
        rules |= {"cash"} if any(item.fact.id == "cash_pct" for item in named) else set()
        return [
            self._evidence.by_id[f"limit.{rule}"] for rule in sorted(rules) if f"limit.{rule}" in self._evidence.by_id
        ]

    def _ground(self, setting: Setting, held: Held) -> Verdict:
        claim = self._claim(setting, held.fact)
        if held.formula is not None:
            return Verdict(claim, Outcome.DERIVED, held.fact, held.formula)
        return Verdict(claim, Outcome.GROUNDED, held.fact)

    def _refuse(self, setting: Setting, candidates: Sequence[_Candidate]) -> Verdict:
        """Why a figure is none of the facts: contradicted by the one that its words name, or like none of them."""
        vocabulary = self._evidence.vocabulary
        same = [item for item in candidates if is_close(setting.figure, item.value)]
        for candidate in same:
            fact = candidate.held.fact
            if self._has_wrong_currency(setting.figure, fact):
                why = f"the value is that of {fact.label}, but the currency is {fact.currency or 'not in the input'}"
            elif candidate.score.conflict:
                why = f"the value is that of {fact.label}, but {candidate.score.conflict}"
            elif (wrong := check_sign(setting, fact, candidate.value, vocabulary)) is not None:
                why = wrong
            else:
                named = next(
                    (item.held.fact.label for item in candidates if item.score.named and not item.score.conflict), ""
                )
                why = f"the value is that of {fact.label}, but the words name {named or 'another figure'}"
            return Verdict(self._claim(setting, fact), Outcome.CONTRADICTED, fact, why=why, fault=True)
        best = next((item for item in candidates if not item.score.conflict and item.score.named), None)
        if best is not None and best.score.total >= _LEAST_NAMED:
            fact = best.held.fact
            why = f"{fact.label} is {_write(fact)}"
            counted = any(
                item.score.named and item.score.cue >= _COUNTED and vocabulary.measure(item.held.fact.measure).counts
                for item in candidates
                if not item.score.conflict
            )
            return Verdict(self._claim(setting, fact), Outcome.CONTRADICTED, fact, why=why, fault=True, counted=counted)
        why = "no figure of this section has this value and unit"
        return Verdict(self._claim(setting, None), Outcome.UNSUPPORTED, why=why, fault=True)

    @staticmethod
    def _claim(setting: Setting, fact: Fact | None) -> Claim:
        figure = setting.figure
        return Claim(
            figure.text, figure.start, figure.end, measure=fact.measure if fact else None, subject=setting.subject,
            value=figure.value, unit=figure.unit, bases=tuple(sorted(setting.bases)), bound=setting.bound,
        )  # fmt: skip


def _list_taken(done: Sequence[Verdict], ranked: Sequence[Sequence[_Candidate]]) -> dict[str, float]:
    """The facts that figures of a sentence state, with how near their names stand to those figures."""
    return {
        verdict.fact.id: candidate.score.cue
        for verdict, candidates in zip(done, ranked, strict=True)
        if verdict.fact is not None and not verdict.fault
        for candidate in candidates
        if candidate.held.fact.id == verdict.fact.id
    }


def _is_of_other_tax(setting: Setting, fact: Fact) -> bool:
    said, own = setting.bases & _TAXES, set(fact.bases) & _TAXES
    return bool(said and own and not said & own)


_TIMES = frozenset({"per_year", "cumulative", "trailing"})


def _is_of_other_time(setting: Setting, fact: Fact) -> bool:
    """Whether a return is of another stretch of time than the words say."""
    said, own = setting.bases & _TIMES, set(fact.bases) & _TIMES
    return bool(said and own and not said & own and fact.unit is not Unit.MONEY)


def _write(fact: Fact) -> str:
    value = f"{round(fact.value, 2).normalize():f}"
    return f"{value}%" if fact.unit is Unit.PERCENT else f"{value} {fact.currency or fact.unit.value}"
