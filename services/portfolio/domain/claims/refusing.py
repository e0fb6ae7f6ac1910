"""Why a figure is none of the facts: contradicted by the one that its words name, or like none of them."""

from collections.abc import Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import is_close
from services.portfolio.domain.claims.model import Outcome, Verdict
from services.portfolio.domain.claims.naming import Candidate, has_wrong_currency, make_claim
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.claims.signs import check_sign
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_LEAST_NAMED = 6.0
_COUNTED = 7.0


def refuse(setting: Setting, candidates: Sequence[Candidate], evidence: Evidence) -> Verdict:
    """Why a figure is none of the facts: contradicted by the one that its words name, or like none of them."""
    vocabulary = evidence.vocabulary
    counted = any(
        item.score.named and item.score.cue >= _COUNTED and vocabulary.measure(item.held.fact.measure).counts
        for item in candidates
        if not item.score.conflict
    )
    same = [item for item in candidates if is_close(setting.figure, item.value)]
    top = candidates[0].held.fact.measure if candidates else ""
    only_counts = top == "effective_number"  # a number of equal positions counts nothing that could be listed
    for candidate in same:
        fact = candidate.held.fact
        if has_wrong_currency(setting.figure, fact):
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
        return Verdict(
            make_claim(setting, fact), Outcome.CONTRADICTED, fact, why=why, fault=True, counted=counted and only_counts
        )
    best = next((item for item in candidates if not item.score.conflict and item.score.named), None)
    if best is not None and best.score.total >= _LEAST_NAMED:
        fact = best.held.fact
        why = f"{fact.label} is {_write(fact)}"
        return Verdict(make_claim(setting, fact), Outcome.CONTRADICTED, fact, why=why, fault=True, counted=counted)
    why = "no figure of this section has this value and unit"
    return Verdict(make_claim(setting, None), Outcome.UNSUPPORTED, why=why, fault=True)


def _write(fact: Fact) -> str:
    value = f"{round(fact.value, 2).normalize():f}"
    return f"{value}%" if fact.unit is Unit.PERCENT else f"{value} {fact.currency or fact.unit.value}"
