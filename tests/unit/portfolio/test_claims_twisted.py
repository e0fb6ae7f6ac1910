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


# What is reached today, of the phrasings that may be read and of those that are for measuring only, less what chance
# makes; some of what is left is true after all (``every quarter`` of what pays quarterly).
READ = {
    "subject": (0.97, 0.90), "measure": (0.97, 0.97), "relation": (0.97, 0.97), "period": (0.86, 0.97),
    "basis": (0.97, 0.97), "direction": (0.92, 0.97), "ranking": (0.93, 0.93), "quantifier": (0.50, 0.92),
    "negation": (0.67, 0.87), "cause": (0.56, 0.97), "unit": (0.92, 0.97), "consequence": (0.84, 0.97),
    "advice": (0.90, 0.97), "order": (0.39, 0.79), "owner": (0.97, 0.90), "parts": (0.97, 0.97),
}  # fmt: skip
HELD_OUT = {
    "subject": (0.97, 0.97), "measure": (0.85, 0.97), "relation": (0.90, 0.97), "period": (0.65, 0.97),
    "basis": (0.91, 0.97), "direction": (0.85, 0.97), "ranking": (0.68, 0.88), "quantifier": (0.66, 0.88),
    "negation": (0.30, 0.84), "cause": (0.85, 0.85), "unit": (0.74, 0.97), "consequence": (0.83, 0.97),
    "advice": (0.64, 0.95), "order": (0.60, 0.45), "owner": (0.92, 0.92), "parts": (0.59, 0.97),
}  # fmt: skip


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


@cache
def judge() -> dict[tuple[str, bool], Counter[tuple[bool, bool]]]:
    """By kind and by half: how many sentences, true or not, are judged right, or not."""
    found: dict[tuple[str, bool], Counter[tuple[bool, bool]]] = defaultdict(Counter)
    for evidence, speaker in load_speakers():
        for kind, templates in TWISTS.items():
            for template in templates:
                for sentence in speaker.say(template):
                    if sentence.change in {"", "word"}:
                        right = is_judged_right(sentence, evidence)
                        found[kind, is_held_out(template)][sentence.true, right] += 1
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", list(TWISTS))
def test_a_wrong_word_beside_right_figures_is_caught(kind: str) -> None:
    for held_out, floors in ((False, READ), (True, HELD_OUT)):
        found = judge()[kind, held_out]
        caught, left_alone = floors[kind]
        false, true = found[False, True] + found[False, False], found[True, True] + found[True, False]

        assert found[False, True] / false >= caught, found
        assert found[True, True] / true >= left_alone, found
