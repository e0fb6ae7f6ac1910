"""The grounding of a narrative that the builtin writer made: its claims carry their facts and places, so that nothing
is read back from the text.

Words are given as the checker of texts gives them (``claims.ground``), with the sign and the brackets around a figure.
"""

from services.portfolio.domain.claims import Grounding, Trace
from services.portfolio.domain.claims.model import Claim, Relation
from services.portfolio.domain.narrative.text import Narrative

_TOLD = frozenset(
    {
        Relation.IS, Relation.DATED, Relation.NAMED, Relation.MOST, Relation.LEAST, Relation.FURTHEST, Relation.NONE,
    }
)  # fmt: skip
"""What is told by its own words; how a figure moved is part of the figure, unless it is set against another."""
_SIGNS = "+-"


def tell_sources(narrative: Narrative) -> Grounding:
    """What the text of a narrative claims, each with its fact, in the order of the text."""
    text = narrative.render()
    spans = sorted(
        (
            (*_widen(text, start + claim.start, start + claim.end, claim), claim)
            for start, line in narrative.place()
            for claim in line.claims
            if claim.end and (claim.relation in _TOLD or claim.other is not None)
        ),
        key=lambda span: span[0],
    )
    traces = tuple(Trace(text[start:end], start, claim.fact) for start, end, claim in spans if claim.fact is not None)
    return Grounding(claims=len(spans), grounded=len(spans), traces=traces)


def _widen(text: str, start: int, end: int, claim: Claim) -> tuple[int, int]:
    """A figure with the sign before it and the brackets around both."""
    if claim.value is None or claim.relation is not Relation.IS:
        return start, end
    if text[start - 1 : start] and text[start - 1] in _SIGNS:
        start -= 1
    if text[start - 1 : start] == "(" and text[end : end + 1] == ")":
        return start - 1, end + 1
    return start, end
