"""What falls due, or pays, first or last of all: ``A is the first to mature``, ``the next to pay is B``."""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Held, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence

_FEWEST = 2
_LINK = re.compile(
    r"^[^.;]{0,45}?\b(?:is|are|was|were|remains?|being)\b\s*(?:the\s+)?$|^\s*(?:the\s+)?$", re.IGNORECASE
)
_FIRST, _LAST = r"first|next|earliest|soonest|shortest", r"last|latest|longest"
_DUE = {
    "maturity": (
        r"(?:matures?|falls?\s+due|mature|fall\s+due|(?:be|is)\s+(?:repaid|redeemed)|comes?\s+due|runs?(?:\s+the)?)"
    ),
    "next_payment": r"(?:pays?|pay\s+out|pays\s+out|distributes?|be\s+paid|make\s+a\s+payment)",
}
_COMES = {
    "maturity": r"(?:maturity|redemption|repayment)\s+is(?:\s+that\s+of)?",
    "next_payment": (
        r"(?:payment|pay-?out|coupon|dividend|distribution|income|money)(?:\s+to\s+(?:come|arrive))?,?\s+"
        r"(?:(?:comes?|is\s+due|arrives?|falls\s+due|is\s+expected|will\s+come|is)\s+from|is\s+(?:that\s+)?of|that\s+(?:of|from)|"
        r"is\s+(?:the\s+)?[^\s\x01,;]+\s+(?:from|of))"
    ),
}
"""What stands before the name of whose turn it is (``the next payment comes from A``)."""
TURNS = {
    measure: re.compile(
        rf"\bthe\s+(?:(?P<opening>{_FIRST})|(?P<closing>{_LAST}))\s+{_COMES[measure]}\b|"
        rf"\bthe\s+(?:(?P<first>{_FIRST})|(?P<last>{_LAST}))\s+(?:[a-z]+\s+){{0,3}}?to\s+{verb}\b|"
        rf"\b{verb}\s+(?:(?P<early>{_FIRST})|(?P<late>{_LAST}))\b",
        re.IGNORECASE,
    )
    for measure, verb in _DUE.items()
}
"""What is said to fall due, or to pay, first or last of all."""


_THEN = re.compile(r"\b(?:then|next|followed\s+by|after\s+(?:that|which|it)|before)\b[^.;\x01]{0,20}$", re.IGNORECASE)
_SECOND = re.compile(r"\s*(?:,\s*)?(?:comes?\s+|coming\s+|is\s+|follows?\s+|in\s+)?(?:second|next)\b", re.IGNORECASE)


def _check_next(sentence: Sentence, end: int, ordered: Sequence[Held]) -> Iterator[Verdict]:
    """``A pays first, then comes B``, ``with B second in line``: the next by its day."""
    named = {item.subject: item for item in ordered}
    following = next((item for item in sentence.mentions if item.start >= end and item.subject in named), None)
    if following is None:
        return
    text = sentence.plain
    if _THEN.search(text[end : following.start]) or _SECOND.match(text, following.end):
        span = following.start, following.end
        yield judge_dates(sentence, text[slice(*span)], span, named[following.subject], ordered[1])


def check_turns(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``X is the first to mature``, ``the next to pay is Y``."""
    for measure, pattern in TURNS.items():
        match = pattern.search(sentence.plain)
        held = evidence.by_measure.get(measure, [])
        dated = {item.subject: item for item in held if item.subject and item.fact.dates}
        if match is None or len(dated) < _FEWEST:
            continue
        named = [item for item in sentence.mentions if item.subject in dated]
        behind = match["opening"] or match["closing"]
        before = [item for item in named if item.end <= match.start() and not behind][-1:]
        after = [
            item
            for item in named
            if item.start >= match.end() and _LINK.match(sentence.plain[match.end() : item.start])
        ]
        if before or after:
            late = bool(match["last"] or match["late"] or match["closing"])
            ordered = sorted(dated.values(), key=lambda item: item.fact.dates, reverse=late)
            own = (before or after)[0].subject
            denied = DENIED_END.search(sentence.plain[: match.start()]) is not None
            yield judge_dates(sentence, match[0], match.span(), dated[own], ordered[0], denied=denied)
            yield from _check_next(sentence, max(match.end(), (before or after)[0].end), ordered)


DENIED_END = re.compile(
    r"(?:\bnot|n['’]t|\bnever|\bno\s+longer|\bneither)\s+(?:(?:one|among)\s+(?:of\s+)?)?(?:the\s+|its\s+|their\s+|by\s+far\s+)*"
    r"(?:second|third|fourth|fifth)?[\s-]*$",
    re.IGNORECASE,
)
"""A denial right before a superlative: ``is not the lowest``."""
_RHYTHMS = {"per_month": "12", "per_quarter": "4"}


def check_rhythms(verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """A verdict for each payment that is said to come more often than it does, or less (``500 every month``)."""
    said_of = evidence.attributes.get("payments", {})
    for item in verdicts:
        fact = item.fact
        if fact is None or item.fault or item.formula or fact.measure != "next_payment" or not fact.subject:
            continue
        own = said_of.get(evidence.vocabulary.key(fact.subject), frozenset())
        said = {_RHYTHMS[basis] for basis in item.claim.bases if basis in _RHYTHMS}
        if len(said) == 1 and own and said.isdisjoint(own):
            why = f"{fact.subject} pays {', '.join(sorted(own))} times a year"
            yield Verdict(item.claim, Outcome.CONTRADICTED, fact, why=why, fault=True)


def judge_dates(
    sentence: Sentence, word: str, at: tuple[int, int], own: Held, expected: Held, *, denied: bool = False
) -> Verdict:
    """The verdict on whose turn it is, by the days."""
    claim = Claim(
        word, sentence.start + at[0], sentence.start + at[1], Relation.MOST, own.fact.measure, own.fact.subject
    )
    if (own.fact.dates == expected.fact.dates) is not denied:
        return Verdict(claim, Outcome.GROUNDED, own.fact)
    why = f"by its day that is {expected.fact.subject}, not {own.fact.subject}"
    return Verdict(claim, Outcome.CONTRADICTED, own.fact, why=why, fault=True)
