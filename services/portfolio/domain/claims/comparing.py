"""Two figures of a sentence that its words set against each other: whether the one is on the side that they say."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Bound, Outcome, Verdict
from services.portfolio.domain.claims.naming import Candidate
from services.portfolio.domain.claims.ordering import check_names_behind, check_orders, check_own_limits
from services.portfolio.domain.claims.parallels import check_parallels
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.claims.siding import check_sides
from services.portfolio.domain.facts import Fact


def compare_neighbours(
    settings: Sequence[Setting],
    ranked: Sequence[Sequence[Candidate]],
    verdicts: Sequence[Verdict],
    evidence: Evidence,
) -> list[Verdict]:
    """The verdicts, but for figures that the words compare with the one before the wrong way round (60%, above the
    65% ...)."""
    done = list(verdicts)
    _check_two(settings, done)
    _check_exchanged(settings, ranked, done)
    check_orders(settings, done, evidence)
    check_names_behind(settings, done, evidence)
    check_own_limits(settings, done, evidence)
    check_sides(settings, done, evidence)
    check_parallels(settings, done, evidence)
    for index in range(1, len(settings)):
        here, earlier = verdicts[index], verdicts[index - 1]
        if here.fact is None or earlier.fact is None or here.fault or earlier.fault or here.formula or earlier.formula:
            continue
        if (wrong := _turns_wrong(settings[index - 1], settings[index], earlier, here)) is not None:
            done[index] = replace(here, outcome=Outcome.CONTRADICTED, why=wrong, fault=True)
            continue
        if here.fact.unit is not earlier.fact.unit or here.fact.id == earlier.fact.id:
            continue
        matches = list(evidence.vocabulary.comparisons.finditer(settings[index].before))
        match = next((item for item in reversed(matches) if item.lastgroup in {"above", "below"}), None)
        if match is not None and settings[index].bound in {Bound.UNDER, Bound.OVER}:
            continue  # "just under 20%" compares with nothing
        if (
            match is None
            or not _leads_to(settings[index].before[match.end() :])
            or re.search(r"[;:.]|\band\b|\bbut\b", settings[index].before[: match.start()])
        ):
            continue
        first, second = _size(earlier.fact), _size(here.fact)
        denied = _DENIED.search(settings[index].before[: match.start()]) is not None
        above, higher = (match.lastgroup == "above") is not denied, first > second
        if above != higher and first != second:
            why = f"{settings[index - 1].figure.text} is not {match[0]} {settings[index].figure.text}"
            done[index] = replace(here, outcome=Outcome.CONTRADICTED, why=why, fault=True)
    return done


_DENIED = re.compile(r"\b(?:not|never|neither|no longer|without)\b[^,;:]{0,15}$|n['’]t\b[^,;:]{0,15}$", re.IGNORECASE)
_CLEARLY = 6.0
"""By how much better two figures are said of each other's facts than of their own: of 270 pairs of figures in true
sentences none is better said the other way round by more than 5, of exchanged ones most are."""
_MOST = 8


def _check_exchanged(settings: Sequence[Setting], ranked: Sequence[Sequence[Candidate]], done: list[Verdict]) -> None:
    """Refutes two figures of a sentence that its words say of each other's facts: which figure is which is a matter of
    both together, and not of the nearest name."""
    if not 1 < len(settings) <= _MOST:
        return
    points = [{item.held.fact.id: item.score.total for item in candidates} for candidates in ranked]
    for index, here in enumerate(done):
        for place in range(index):
            one, two = done[place].fact, here.fact
            if one is None or two is None or here.fault or done[place].fault or here.formula or done[place].formula:
                continue
            if one.id == two.id or one.unit is not two.unit or one.value == two.value:
                continue
            if any(fact.id not in points[side] for fact in (one, two) for side in (place, index)):
                continue
            said = points[place][one.id] + points[index][two.id]
            exchanged = points[place][two.id] + points[index][one.id]
            if exchanged - said > _CLEARLY:
                why = f"it stands where {one.label} is named"
                done[index] = replace(here, outcome=Outcome.CONTRADICTED, why=why, fault=True)


_SIZES = frozenset({"net_flows", "flow", "trade", "leverage", "sensitivity"})
"""Measures whose sign says which way money went: what is compared are the amounts."""


def _size(fact: Fact) -> Decimal:
    return abs(fact.value) if fact.measure in _SIZES else fact.value


_OF_TWO = re.compile(
    r"\b(?:(?P<more>larger|bigger|greater|heavier|higher|better|stronger)|(?P<less>smaller|lesser|lighter|lower|worse|"
    r"weaker))\s+(?:one\s+|part\s+)?of\s+the\s+two\b",
    re.IGNORECASE,
)
_PAIR = 2


def _check_two(settings: Sequence[Setting], done: list[Verdict]) -> None:
    """Refutes ``A is the larger of the two`` where the two figures beside it say otherwise."""
    if not settings or (match := _OF_TWO.search(settings[0].sentence.plain)) is None:
        return
    stated = [(index, item.fact) for index, item in enumerate(done) if item.fact is not None and not item.fault]
    names = [item for item in settings[0].sentence.mentions if item.end <= match.start()]
    if len(stated) != _PAIR or not names or stated[0][1].measure != stated[1][1].measure:
        return
    own = [(index, fact) for index, fact in stated if settings[index].subject == names[0].subject]
    other = [fact for index, fact in stated if settings[index].subject != names[0].subject]
    if len(own) == len(other) == 1 and own[0][1].value != other[0].value:
        index, fact = own[0]
        if (fact.value > other[0].value) != (match["more"] is not None):
            why = f"{fact.label} is not the {match[0]}"
            done[index] = replace(done[index], outcome=Outcome.CONTRADICTED, why=why, fault=True)


_BECAME = re.compile(
    r"\b(?:(?P<up>grown|grew|grows|risen|rose|increased|swelled|swollen|climbed|advanced|appreciated|"
    r"(?<!add )(?<!adds )(?<!added )(?<!adding )up)|"
    r"(?P<down>shrunk|shrank|fallen|fell|dropped|declined|decreased|dwindled|slipped|sunk|sank|down))\s+to\s+"
    r"(?:about\s+|around\s+|roughly\s+|some\s+|nearly\s+|almost\s+)?$",
    re.IGNORECASE,
)


def _turns_wrong(before: Setting, after: Setting, earlier: Verdict, here: Verdict) -> str | None:
    """Why one amount did not become the other in the way that the words say (``£39k has shrunk to £72k``)."""
    match = _BECAME.search(after.before)
    if match is None or earlier.fact is None or here.fact is None or earlier.fact.unit is not here.fact.unit:
        return None
    rose = here.fact.value > earlier.fact.value
    if here.fact.value == earlier.fact.value or rose == (match["up"] is not None):
        return None
    return f"{before.figure.text} has not {match[0].strip()} {after.figure.text}"


def _leads_to(between: str) -> bool:
    """Whether a comparison stands right before what follows: a few words, no other clause."""
    return len(between.split()) <= 6 and not re.search(r"[,;:]", between)
