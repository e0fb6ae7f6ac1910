"""Holding the figures of a text against the facts, sentence by sentence: what each figure states, what it is one step
from, what the figures beside it leave out, and else why it is refused."""

import re
from collections.abc import Sequence

from services.portfolio.domain.claims.against import compare_references
from services.portfolio.domain.claims.comparing import compare_neighbours
from services.portfolio.domain.claims.counting import EACH_UNIT, counts_largest, counts_nothing, is_round_sum, is_year
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.extremes import check_ends
from services.portfolio.domain.claims.fitting import fits, is_close
from services.portfolio.domain.claims.memberships import check_membership
from services.portfolio.domain.claims.model import Bound, Outcome, Verdict
from services.portfolio.domain.claims.naming import CLOSELY_NAMED, Candidate, check_direct, make_claim, rank
from services.portfolio.domain.claims.pooling import derive_from
from services.portfolio.domain.claims.refusing import refuse
from services.portfolio.domain.claims.relative import check_relative
from services.portfolio.domain.claims.rereading import follow, reread
from services.portfolio.domain.claims.searching import search
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.settings import Setting, place
from services.portfolio.domain.claims.signs import check_sign
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_MOST_SWAPPED = 8
"""A sentence of more figures is a list, and each of them is compared with all others."""


class FigureChecker:
    """Checks the figures of one text."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._stated: list[tuple[int, Fact]] = []

    def check(self, sentence: Sentence) -> list[Verdict]:
        """A verdict for each figure of a sentence; sentences are checked in their order."""
        evidence = self._evidence
        settings = place(sentence, evidence)
        ranked = [rank(setting, evidence) for setting in settings]
        direct = [
            _check_hundred(setting, settings, evidence)
            or check_membership(setting, evidence)
            or check_relative(setting, evidence)
            or check_ends(setting, settings, evidence)
            or check_direct(setting, candidates, evidence)
            for setting, candidates in zip(settings, ranked, strict=True)
        ]
        direct = [
            _continue_list(setting, direct[index - 1] if index else None, settings, candidates, evidence) or verdict
            for index, (setting, candidates, verdict) in enumerate(zip(settings, ranked, direct, strict=True))
        ]
        self._stated = [item for item in self._stated if item[0] >= sentence.index - 1]
        self._stated += [
            (sentence.index, item.fact)
            for item in direct
            if item is not None and item.fact is not None and item.outcome is Outcome.GROUNDED
        ]
        stated = [fact for _, fact in reversed(self._stated)]
        done: list[Verdict] = []
        for setting, candidates, verdict in zip(settings, ranked, direct, strict=True):
            beside = [item for index, item in enumerate(direct) if index != setting.index]
            done.append(
                verdict
                or _deny_bound(setting, candidates)
                or (
                    None
                    if _turns_round(setting, candidates, evidence)
                    or _is_swapped(setting, candidates, settings, evidence)
                    else derive_from(setting, stated, evidence)
                )
                or follow(setting, candidates, beside, evidence)
                or refuse(setting, candidates, evidence)
            )
        done = reread(settings, ranked, done, stated, evidence)
        done = [
            _search(setting, candidates, verdict, stated, evidence) or verdict
            for setting, candidates, verdict in zip(settings, ranked, done, strict=True)
        ]
        idle = {
            index
            for index, verdict in enumerate(done)
            if verdict.fault
            and (
                counts_nothing(settings[index], verdict)
                or counts_largest(settings[index], done)
                or is_year(settings[index], evidence.dates)
            )
        }
        kept = [setting for index, setting in enumerate(settings) if index not in idle]
        orders = [candidates for index, candidates in enumerate(ranked) if index not in idle]
        done = [verdict for index, verdict in enumerate(done) if index not in idle]
        return compare_references(kept, compare_neighbours(kept, orders, done, evidence), evidence)


def _search(
    setting: Setting, candidates: Sequence[Candidate], verdict: Verdict, stated: Sequence[Fact], evidence: Evidence
) -> Verdict | None:
    """The verdict on a refused figure that no fact has, where what its sentence names gives it in one step."""
    if not verdict.fault or any(
        is_close(setting.figure, item.value) and (item.score.conflict or item.held.subject) and not item.held.formula
        for item in candidates
    ):
        return None  # of a figure that a fact has beside the words for another, most are exchanged
    return search(setting, stated, evidence)


_ELIDED = re.compile(
    r"\s*(?:,|;|and|und|et|,\s*and)\s*(?:the\s+|die\s+|der\s+|das\s+|le\s+|la\s+)?\x01+\s*(?:by\s+|um\s+|de\s+)?",
    re.IGNORECASE,
)
"""What stands between two figures where the second has the verb of the first (``A returned 3% and B 9%``)."""


def _continue_list(
    setting: Setting, earlier: Verdict | None, settings: Sequence[Setting], candidates: Sequence[Candidate],
    evidence: Evidence,
) -> Verdict | None:  # fmt: skip
    """The verdict on a figure that leaves out what it says of its name: the measure of the figure before it."""
    if earlier is None or earlier.fact is None or earlier.fault or earlier.outcome is not Outcome.GROUNDED:
        return None
    fact, figure, last = earlier.fact, setting.figure, settings[setting.index - 1]
    alone = last.subject not in {None, setting.subject} and setting.bound is Bound.EXACT
    if not _ELIDED.fullmatch(setting.before) or figure.unit is not last.figure.unit or figure.unit is Unit.NUMBER:
        return None
    if not alone or fact.subject is None or setting.paired or evidence.vocabulary.key(fact.subject) != last.subject:
        return None
    own = [
        item for item in candidates if item.held.fact.measure == fact.measure and item.held.subject == setting.subject
    ]
    stem = fact.id.rpartition(".")[0]
    own = [item for item in own if item.held.fact.id.rpartition(".")[0] == stem] or own
    if not own or any(fits(figure, setting.bound, item.value) for item in own):
        return None
    why = f"{own[0].held.fact.label} is {round(own[0].value, 2)}"
    return Verdict(make_claim(setting, own[0].held.fact), Outcome.CONTRADICTED, own[0].held.fact, why=why, fault=True)


def _check_hundred(setting: Setting, settings: Sequence[Setting], evidence: Evidence) -> Verdict | None:
    """``Each £100 invested has become £120``: the growth of money, said of a round sum."""
    base = next((item for item in settings if is_round_sum(item)), None)
    if base is None and setting.figure.unit is Unit.MONEY and EACH_UNIT.search(setting.sentence.text):
        return _check_unit(setting, evidence)
    if base is None or setting.figure.unit not in {Unit.MONEY, Unit.NUMBER}:
        return None
    if setting is base:
        return Verdict(make_claim(setting, None), Outcome.DERIVED, formula=f"a sum of {base.figure.value}")
    for fact_id in ("gain_pct", "twr"):
        fact = evidence.find(fact_id)
        if fact is not None and fits(setting.figure, setting.bound, base.figure.value * (1 + fact.value / 100)):
            return Verdict(make_claim(setting, fact), Outcome.DERIVED, fact, f"{base.figure.value} x (1 + {fact_id})")
    return None


def _check_unit(setting: Setting, evidence: Evidence) -> Verdict | None:
    """``For every dollar invested there is now $1.37``."""
    for fact in (item.fact for item in evidence.by_measure.get("gain", [])):
        own = fact.subject is None or evidence.vocabulary.key(fact.subject) == setting.subject
        if fact.unit is Unit.PERCENT and own and fits(setting.figure, setting.bound, 1 + fact.value / 100):
            return Verdict(make_claim(setting, fact), Outcome.DERIVED, fact, f"1 + {fact.id}")
    return None


def _turns_round(setting: Setting, candidates: Sequence[Candidate], evidence: Evidence) -> bool:
    """Whether the figure is that of a fact that the words name, said the wrong way round."""
    return any(
        item.score.named
        and not item.score.conflict
        and item.score.cue >= CLOSELY_NAMED
        and is_close(setting.figure, item.value)
        and check_sign(setting, item.held.fact, item.value, evidence.vocabulary) is not None
        for item in candidates
    )


_BOUNDED = {Bound.ABOVE, Bound.BELOW}


def _deny_bound(setting: Setting, candidates: Sequence[Candidate]) -> Verdict | None:
    """The verdict on a bound that the fact which its words name lies on the other side of: a bound fits so many other
    figures that it is one step from some of them, whatever is meant."""
    meant = next((item for item in candidates if not item.score.conflict), None)
    if meant is None or setting.bound not in _BOUNDED or setting.ranged or setting.figure.unit is Unit.NUMBER:
        return None
    fact, size = meant.held.fact, abs(setting.figure.value)
    closely = meant.score.named and meant.score.cue >= CLOSELY_NAMED and meant.held.subject == setting.subject
    distance = abs(abs(meant.value) - size)
    if not closely or fits(setting.figure, setting.bound, meant.value) or 2 * distance > size:
        return None
    why = f"{fact.label} is {round(fact.value, 2)}"
    return Verdict(make_claim(setting, fact), Outcome.CONTRADICTED, fact, why=why, fault=True)


def _is_swapped(
    setting: Setting, candidates: Sequence[Candidate], settings: Sequence[Setting], evidence: Evidence
) -> bool:
    """Whether two amounts of a sentence stand at each other's names (``€11,000 was new money and €30,000 was
    earned``): that each is one step from the rest says nothing then."""
    if setting.figure.unit is not Unit.MONEY or len(settings) > _MOST_SWAPPED:
        return False
    own = [item for item in candidates if is_close(setting.figure, item.value) and item.score.cue > 0]
    others = [item.figure for item in settings if item is not setting and item.figure.unit is setting.figure.unit]
    family = evidence.vocabulary.measure
    return any(
        meant.score.named
        and meant.score.cue >= CLOSELY_NAMED
        and not meant.score.conflict
        and meant.held.fact.measure != item.held.fact.measure
        and family(meant.held.fact.measure).family == family(item.held.fact.measure).family
        and meant.score.cue > item.score.cue
        and any(is_close(figure, meant.value) for figure in others)
        for item in own
        for meant in candidates
    )
