"""Clauses that repeat the form of the one before: ``A is 26% against 15%, B 31% against 40%``.

What the second leaves out is what the first says, in its order.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import convert, is_close
from services.portfolio.domain.claims.model import Outcome, Verdict
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact

_PAIR = 2


def check_parallels(settings: Sequence[Setting], done: list[Verdict], evidence: Evidence) -> None:
    """Refutes figures of a clause that stand at each other's places, by the order of the clause before it."""
    groups = [list(items) for _, items in groupby(range(len(settings)), key=lambda index: settings[index].subject)]
    for before, group in pairwise(groups):
        if len(group) != _PAIR or len(before) != _PAIR or not _is_alike(settings, before, group):
            continue
        facts = [done[index].fact for index in before if not done[index].fault and not done[index].formula]
        subject = settings[group[0]].subject
        own = [_find_own(fact, subject, evidence) for fact in facts if fact is not None]
        if len(own) != _PAIR or own[0] is None or own[1] is None:
            continue
        first, second = (settings[index].figure for index in group)
        values = [convert(figure, fact) for figure, fact in ((first, own[1]), (second, own[0]))]
        turned = all(
            value is not None and is_close(figure, value) for figure, value in zip((first, second), values, strict=True)
        )
        meant = convert(first, own[0])
        if turned and meant is not None and not is_close(first, meant):
            for index, fact in zip(group, own, strict=True):
                why = f"{fact.label if fact else ''} is {round(fact.value, 2) if fact else ''}"
                done[index] = replace(done[index], outcome=Outcome.CONTRADICTED, fact=fact, why=why, fault=True)


def _is_alike(settings: Sequence[Setting], before: Sequence[int], group: Sequence[int]) -> bool:
    """Whether two clauses have figures of the same units, and the second names no measure."""
    subjects = {settings[before[0]].subject, settings[group[0]].subject}
    units = [[settings[index].figure.unit for index in part] for part in (before, group)]
    if None in subjects or units[0] != units[1]:
        return False
    low, high = settings[before[-1]].end, settings[group[-1]].end
    return not any(low <= cue.start < high and cue.named for cue in settings[group[0]].sentence.cues)


def _find_own(fact: Fact, subject: str | None, evidence: Evidence) -> Fact | None:
    """The figure of another asset that is of the same kind as a fact."""
    alike = [
        item.fact
        for item in evidence.by_measure.get(fact.measure, [])
        if item.subject == subject and item.fact.id.startswith("given.") is fact.id.startswith("given.")
    ]
    stem = fact.id.rpartition(".")[0]
    return next((other for other in alike if other.id.rpartition(".")[0] == stem), alike[0] if alike else None)
