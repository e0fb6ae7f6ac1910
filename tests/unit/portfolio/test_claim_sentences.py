"""The checker on sentences made of templates over generated payloads: one thing said in many ways, truly or falsely."""

from collections import Counter
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
from tests.support.claim_templates import TEMPLATES
from tests.support.portfolio_payloads import make_payload

STYLE = make_style("en_IN")
FIRST, PAYLOADS = 5000, 16
# What is reached today; a template that no rule reads is left in, so that the figure says what it says.
LEFT_ALONE, CAUGHT = 0.96, 0.96


@cache
def load_speakers() -> tuple[tuple[Evidence, Speaker], ...]:
    catalogue = load_catalogue()
    made = []
    for seed in range(FIRST, FIRST + PAYLOADS):
        (found,) = detect([make_payload(seed)], catalogue.sections)
        assert isinstance(found, Detected)
        evidence = gather([(found.key, compute(found, catalogue))])
        made.append((evidence, Speaker(evidence, seed)))
    return tuple(made)


def is_judged_right(sentence: Sentence, evidence: Evidence) -> bool:
    verdicts = check_against(sentence.text, evidence, STYLE)
    faults = [verdict for verdict in verdicts if verdict.fault]
    if sentence.true:
        return not faults and any(item.outcome in {Outcome.GROUNDED, Outcome.DERIVED} for item in verdicts)
    return any(verdict.outcome is not Outcome.UNVERIFIABLE for verdict in faults)


@pytest.mark.timeout(600)
def test_true_sentences_are_left_alone_and_false_ones_caught_however_they_are_said() -> None:
    right: Counter[bool] = Counter()
    every: Counter[bool] = Counter()
    for evidence, speaker in load_speakers():
        for template in TEMPLATES:
            for sentence in speaker.say(template):
                every[sentence.true] += 1
                right[sentence.true] += is_judged_right(sentence, evidence)

    assert every[True] >= 600, every
    assert every[False] >= 1800, every
    assert right[True] / every[True] >= LEFT_ALONE, (right, every)
    assert right[False] / every[False] >= CAUGHT, (right, every)
