"""What is said to be so in spite of something, or because of it: what went the same way is no obstacle, and what went
the other way no cause."""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact

_LINK = re.compile(
    r"\b(?:(?P<despite>despite|in\s+spite\s+of|notwithstanding|although|even\s+though|trotz|obwohl|malgré)|"
    r"(?P<because>thanks\s+to|because(?:\s+of)?|owing\s+to|due\s+to|on\s+account\s+of|driven\s+by|on\s+the\s+back\s+of|"
    r"as\s+a\s+result\s+of|helped\s+by|supported\s+by|dank|wegen|weil|grâce\s+à|en\s+raison\s+de))\b",
    re.IGNORECASE,
)
_WHOLE = ("portfolio_return", "total_contribution")
_CAUSES = ("contribution", "return")
_REACH = 60
_ENDS = re.compile(r"[;:]|\.\s")
_OTHER = re.compile(
    r"\b(?:limits?|targets?|bands?|need|yield\w*|income|overweight|underweight|weights?|benchmark|index)\b",
    re.IGNORECASE,
)


def check_causes(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """A verdict for each ``despite`` and ``thanks to`` between an asset that moved and what the whole did."""
    if _OTHER.search(sentence.plain):
        return
    for match in _LINK.finditer(sentence.plain):
        clause = _find_clause(sentence.plain, match)
        named = [item for item in sentence.mentions if clause[0] <= item.start < min(clause[1], match.end() + _REACH)]
        causes = {
            held.fact.value > 0: held.fact
            for measure in _CAUSES
            for held in evidence.by_measure.get(measure, [])
            if len({item.subject for item in named}) == 1 and held.subject == named[0].subject and held.fact.value
        }
        effect = _find_effect(sentence, clause, verdicts, evidence)
        if len(causes) != 1 or effect is None or not effect.value:
            continue
        ((up, cause),) = causes.items()
        same = up is (effect.value > 0)
        if same is (match["because"] is not None):
            continue
        start = sentence.start + match.start()
        claim = Claim(
            match[0], start, start + len(match[0]), Relation.IS, cause.measure, cause.subject, other=effect.id
        )
        way = "the same way" if same else "the other way"
        why = f"{cause.label} is {round(cause.value, 2)}, {effect.label} {round(effect.value, 2)}: they went {way}"
        yield Verdict(claim, Outcome.CONTRADICTED, cause, why=why, fault=True)


def _find_clause(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Where the clause of a link stands: up to the comma that ends it, where it opens the sentence."""
    low, high = match.end(), len(text)
    if (stop := _ENDS.search(text, low)) is not None:
        high = stop.start()
    if not text[: match.start()].strip(" \"'-*–") and "," in text[low:high]:
        # names within commas belong to it: the comma that ends it is the last before the verb of the whole
        high = text.rindex(",", low, high)
    return low, high


def _find_effect(
    sentence: Sentence, clause: tuple[int, int], verdicts: Sequence[Verdict], evidence: Evidence
) -> Fact | None:
    """What the rest of the sentence says to have happened: what it states of the whole, or of an asset's effect."""
    outside = [
        item
        for item in verdicts
        if item.fact is not None and not item.fault and not item.formula and item.claim.value is not None
        and not clause[0] <= item.claim.start - sentence.start < clause[1]
    ]  # fmt: skip
    for item in outside:
        if item.fact is not None and item.fact.measure in {*_WHOLE, "contribution", "twr", "cagr"} and item.fact.signed:
            return item.fact
    rest = sentence.plain[: clause[0]] + sentence.plain[clause[1] :]
    if evidence.vocabulary.portfolio.search(rest) is None:
        return None
    return next((fact for name in _WHOLE if (fact := evidence.find(name)) is not None), None)
