"""The checker on whole kinds of claims: what a payload makes true, beside what it makes false."""

from functools import cache

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.claims.evidence import Evidence, gather
from services.portfolio.domain.claims.model import Outcome
from services.portfolio.domain.claims.texts import check_against
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.sections import Detected, detect
from tests.support.claim_kinds import KINDS
from tests.support.claim_telling import Teller
from tests.support.portfolio_payloads import make_payload
from tests.unit.portfolio.test_claims_corpus import SUPPORTED, load_evidence

STYLE = make_style("en_IN")
FIRST, PAYLOADS = 7000, 24
OWN = ("uk_income", "plain_income", "plain_bonds", "plain_holdings", "plain_rebalance", "us_movers")
"""Payloads of the corpus beside the generated ones, which have no days of payment."""
# Of each kind nearly all; what is left are sentences that more than one measure makes true.
LEFT_ALONE, CAUGHT = 0.97, 0.93


@cache
def load_payloads() -> tuple[tuple[int, Evidence], ...]:
    catalogue = load_catalogue()
    made = [(seed, load_evidence()(name)) for seed, name in enumerate(OWN)]
    for seed in range(FIRST, FIRST + PAYLOADS):
        (found,) = detect([make_payload(seed)], catalogue.sections)
        assert isinstance(found, Detected)
        made.append((seed, gather([(found.key, compute(found, catalogue))])))
    return tuple(made)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_kind_of_claim_is_told_true_from_false(kind: str) -> None:
    missed, flagged, every = list[str](), list[str](), {True: 0, False: 0}
    for seed, evidence in load_payloads():
        for text, true in KINDS[kind](Teller(evidence, seed)):
            verdicts = check_against(text, evidence, STYLE)
            every[true] += 1
            if true and (any(x.fault for x in verdicts) or all(x.outcome not in SUPPORTED for x in verdicts)):
                flagged.append(text)
            if not true and all(x.outcome is Outcome.UNVERIFIABLE for x in verdicts if x.fault):
                missed.append(text)

    assert every[True], every
    assert every[False], every
    assert len(flagged) <= (1 - LEFT_ALONE) * every[True], flagged
    assert len(missed) <= (1 - CAUGHT) * every[False], missed
