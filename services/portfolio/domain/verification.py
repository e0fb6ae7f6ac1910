"""Texts held against the facts of payloads, whoever wrote them: what ``wealth check`` and its services answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.portfolio.domain.claims.model import Outcome, Verdict
from services.portfolio.domain.errors import InputError
from services.portfolio.domain.figures import compute
from services.portfolio.domain.figures.siblings import add_siblings
from services.portfolio.domain.formats import Style
from services.portfolio.domain.reading import Context
from services.portfolio.domain.rendering import render_number
from services.portfolio.domain.sections import Catalogue, Detected, detect

MAX_TEXTS = 64
_REFUSED = frozenset({Outcome.CONTRADICTED, Outcome.UNSUPPORTED})


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A verdict on one of several texts: ``source`` is the text's place, ``section`` the key of its fact's section."""

    source: int
    section: str | None
    verdict: Verdict


def check_texts(
    texts: Sequence[str],
    payloads: Sequence[object],
    catalogue: Catalogue,
    style: Style,
    *,
    context: Context | None = None,
    forecasts_are_faults: bool = True,
) -> list[CheckedClaim]:
    """A verdict for every claim of every text, against the facts of all payloads.

    Raises ``InputError`` (or the ``DetectionError`` of a payload) naming the field where there is nothing to check,
    or a
    payload cannot be used; ``BoundError`` for a text that is too long.
    """
    if not texts or not all(text.strip() for text in texts):
        raise InputError("texts", None, "a text with words in it is needed")
    if len(texts) > MAX_TEXTS:
        raise InputError("texts", len(texts), f"more than {MAX_TEXTS} texts")
    from services.portfolio.domain.claims.evidence import gather  # noqa: PLC0415 - the checker, for those who ask
    from services.portfolio.domain.claims.texts import check_against  # noqa: PLC0415 - as above

    sections = _detect(payloads, catalogue)
    context = add_siblings(sections, catalogue, context or Context())
    evidence = gather([(found.key, compute(found, catalogue, context)) for found in sections])
    owners = {id(held.fact): held.section for held in evidence.held}
    return [
        CheckedClaim(source, owners.get(id(verdict.fact)), verdict)
        for source, text in enumerate(texts)
        for verdict in check_against(text, evidence, style, forecasts_are_faults=forecasts_are_faults)
    ]


def _detect(payloads: Sequence[object], catalogue: Catalogue) -> list[Detected]:
    found = []
    for item in detect(payloads, catalogue.sections):
        if not isinstance(item, Detected):
            raise item.error
        found.append(item)
    return found


def render_claims(claims: Sequence[CheckedClaim]) -> dict[str, Any]:
    """The claims as a JSON document; values are decimal strings, null where a claim has none."""
    return {"claims": [_render_claim(item) for item in claims]}


def _render_claim(item: CheckedClaim) -> dict[str, Any]:
    claim, verdict = item.verdict.claim, item.verdict
    return {
        "source": item.source,
        "text": claim.text,
        "start": claim.start,
        "end": claim.end,
        "section": item.section,
        "value": render_number(claim.value) if claim.value is not None else None,
        "unit": claim.unit.value if claim.unit is not None else None,
        "verdict": verdict.outcome.value,
        "fault": verdict.fault,
        "fact": verdict.fact.id if verdict.fact is not None else None,
        "formula": verdict.formula,
        "why": verdict.why,
    }


def has_faults(claims: Sequence[CheckedClaim]) -> bool:
    """Whether a claim is contradicted or unsupported, or a forecast where those are faults."""
    return any(item.verdict.fault or item.verdict.outcome in _REFUSED for item in claims)
