"""Names that the payload gives to what is neither an asset nor a benchmark: the client's risk profile and the model."""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence

_OPEN = re.compile(
    r"\b(?:if|would|could|may|might|should|than|rather|were|change|move to|become|another)\b", re.IGNORECASE
)
_MODEL = re.compile(
    r"\bmodel(?: portfolio)?(?:'s name)?\s+(?:is|was)\s+(?:called|named)\s+[\"'‘“]?"
    r"(?P<after>[A-Z][\w&/%.-]*(?:\s+[A-Z0-9][\w&/%.-]*)*)"
)


def check_titles(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """A verdict for each risk profile or model that a sentence names."""
    yield from _check_profile(sentence, evidence)
    benchmarks = evidence.benchmarks
    named = _YARDSTICK.search(sentence.text)
    if named is not None and benchmarks and not evidence.vocabulary.indexes.search(named["name"]):
        right = any(_form(named["name"]) in _form(other) for other in benchmarks)
        yield _say(sentence, named.span("name"), benchmarks, "benchmark", right=right)
    own = [frame.model for frame in evidence.frames if frame.model]
    match = _MODEL.search(sentence.text)
    if match is not None and own:
        yield _say(sentence, match.span("after"), own, "model", right=_form(match["after"]) in map(_form, own))


_YARDSTICK = re.compile(
    r"\b(?:benchmark|yardstick|reference|comparison|index)\s+(?:is|was)\s+(?:with\s+)?(?:the\s+)?"
    r"(?P<name>[A-Z][\w&/.-]*(?:\s+[A-Z0-9][\w&/.-]*)*)"
)


def _check_profile(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``whose risk profile is cautious``, ``a growth investor``: the profile of the client and no other."""
    own = [frame.profile for frame in evidence.frames if frame.profile]
    if not own or _OPEN.search(sentence.text):
        return
    for match in evidence.vocabulary.profiles.finditer(sentence.text):
        name = match["named"] or match["said"]
        right = _profile(name, evidence) in {_profile(other, evidence) for other in own}
        yield _say(sentence, match.span(), own, "risk profile", right=right)
        return


def _profile(name: str, evidence: Evidence) -> str:
    words = _form(name).removesuffix(" profile").removesuffix(" investor")
    return evidence.vocabulary.same_profiles.get(words, words)


def _say(sentence: Sentence, span: tuple[int, int], own: Sequence[str], what: str, *, right: bool) -> Verdict:
    claim = Claim(sentence.text[slice(*span)], sentence.start + span[0], sentence.start + span[1], Relation.NAMED)
    if right:
        return Verdict(claim, Outcome.GROUNDED)
    return Verdict(claim, Outcome.CONTRADICTED, why=f"the {what} is {own[0]}", fault=True)


def _form(name: str) -> str:
    return " ".join(re.sub(r"[^\w/%]+", " ", name.casefold()).split())
