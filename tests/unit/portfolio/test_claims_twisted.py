"""The checker on sentences whose figures are all right beside one word that is not."""

import zlib
from collections import Counter, defaultdict
from functools import cache

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.claims.evidence import Evidence, gather
from services.portfolio.domain.claims.model import Outcome
from services.portfolio.domain.claims.texts import check_against
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.sections import Detected, detect
from tests.support.claim_sentences import Sentence, Speaker
from tests.support.claim_twists import TWISTS
from tests.support.portfolio_payloads import make_payload
from tests.unit.portfolio.test_claims_corpus import SUPPORTED, load_evidence

STYLE = make_style("en_IN")
FIRST, PAYLOADS = 9000, 24
OWN = (
    "uk_performance", "us_performance", "uk_income", "plain_income", "us_rebalance", "plain_rebalance", "us_movers",
    "eu_bonds", "plain_bonds", "uk_multi", "ch_concentration", "in_review", "plain_holdings", "plain_performance",
    "au_review", "sg_growth",
)  # fmt: skip


@cache
def load_speakers() -> tuple[tuple[Evidence, Speaker], ...]:
    catalogue = load_catalogue()
    made = [(load_evidence()(name), seed) for seed, name in enumerate(OWN)]
    for seed in range(FIRST, FIRST + PAYLOADS):
        (found,) = detect([make_payload(seed)], catalogue.sections)
        assert isinstance(found, Detected)
        made.append((gather([(found.key, compute(found, catalogue))]), seed))
    return tuple((evidence, Speaker(evidence, seed)) for evidence, seed in made)


def is_held_out(template: str) -> bool:
    """Whether a phrasing is for measuring only: nobody looks at what becomes of it."""
    return zlib.crc32(template.encode()) % 2 == 1


def is_judged_right(sentence: Sentence, evidence: Evidence) -> bool:
    verdicts = check_against(sentence.text, evidence, STYLE)
    faults = [verdict for verdict in verdicts if verdict.fault]
    if sentence.true:
        return not faults and any(item.outcome in SUPPORTED for item in verdicts)
    return any(verdict.outcome is not Outcome.UNVERIFIABLE for verdict in faults)
