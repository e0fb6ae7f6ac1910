"""The checker on claims that no figure states: comparisons, orders, portions, ends of ranges, and whose a claim is."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from services.portfolio.domain.claims.model import Outcome
from services.portfolio.domain.claims.peers import list_peers
from services.portfolio.domain.claims.texts import check_against
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.formats import make_style
from tests.unit.portfolio.test_claims_corpus import is_judged_right, load_evidence

PAYLOADS = ("us_rebalance", "fresh_c5", "fresh_e4", "fresh_e1", "fresh_c9", "fresh_f4", "uk_multi", "us_taxable")
"""Payloads of every kind of section whose assets have figures of their own."""
PHRASES = {
    "weight": (
        ("{0} is larger than {1}.", "{0} is smaller than {1}."),
        ("{0} outweighs {1}.", "{0} is outweighed by {1}."),
        ("There is more money in {0} than in {1}.", "There is less money in {0} than in {1}."),
        ("The portfolio holds more {0} than {1}.", "The portfolio holds less {0} than {1}."),
        ("{1} is not larger than {0}.", "{0} is not larger than {1}."),
    ),
    "income": (
        ("{0} brings in more than {1}.", "{0} brings in less than {1}."),
        ("{0} pays more income than {1} does.", "{0} pays less income than {1} does."),
    ),
    "yield": (("{0} has a higher yield than {1}.", "{0} has a lower yield than {1}."),
              ("{0} yields more than {1}.", "{0} yields less than {1}.")),
    "contribution": (("{0} contributed more than {1}.", "{0} contributed less than {1}."),),
}  # fmt: skip
"""Ways to set one asset's figure above another's, each with the same turned round."""


def list_comparisons() -> Iterator[tuple[str, str, str]]:
    """Payload, true sentence and false one, of neighbours in the order of each figure."""
    for payload in PAYLOADS:
        evidence = load_evidence()(payload)
        for measure, phrases in PHRASES.items():
            for table in list_peers([measure], [], evidence):
                yield from _compare(payload, sorted(table.values(), key=lambda fact: -fact.value), phrases)


def _compare(payload: str, facts: Sequence[Fact], phrases: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for place, (one, other) in enumerate(pairwise(facts)):
        if one.value == other.value or other.value <= 0 or ".kind." in one.id:
            continue  # of two that fell, either may be said to have more of it; kinds of income have no names
        right, wrong = phrases[place % len(phrases)]
        yield payload, right.format(one.subject, other.subject), wrong.format(one.subject, other.subject)


@pytest.mark.timeout(300)
def test_which_of_two_is_more_is_told_from_the_opposite_for_every_pair_of_assets() -> None:
    missed = []
    pairs = list(list_comparisons())
    for payload, right, wrong in pairs:
        for text, label in ((right, "true"), (wrong, "false")):
            verdicts = check_against(text, load_evidence()(payload), make_style("en_US"))
            if not is_judged_right({"label": label}, verdicts):
                missed.append((payload, text))

    assert len(pairs) > 60
    assert missed == []


@pytest.mark.parametrize(
    ("payload", "right", "wrong"),
    [
        ("fresh_e1", "Coca-Cola was bought for more than it is worth today.",
         "Coca-Cola was bought for less than it is worth today."),
        ("fresh_c1", "The gilt is worth less than was paid for it.", "The gilt is worth more than was paid for it."),
        ("us_rebalance", "The account holds less in the Core Bond Fund than the model asks for.",
         "The account holds more in the Core Bond Fund than the model asks for."),
        ("fresh_c7", "The coupons do not keep up with inflation.", "The coupons more than keep up with inflation."),
        ("fresh_e4", "Realty Trust pays before the Corporate Bond Fund.",
         "Realty Trust pays after the Corporate Bond Fund."),
        ("fresh_f4", "The next to pay is iShares Euro Dividend ETF.", "The next to pay is CRH."),
        ("fresh_e4", "No holding yields more than Verizon.", "No holding yields more than Realty Trust."),
        ("fresh_d4", "The losses at Ryanair and Kerry Group outweighed the gains at AIB and CRH.",
         "The losses at Ryanair and Kerry Group were outweighed by the gains at AIB and CRH."),
        ("fresh_c1", "Nearly all of the net gain comes from AstraZeneca.",
         "Hardly any of the net gain comes from AstraZeneca."),
        ("fresh_c1", "Equity is just inside the upper end of the balanced range.",
         "Equity is just outside the upper end of the balanced range."),
        ("fresh_c9", "Equity, at 72%, sits towards the upper end of the 55% to 80% range.",
         "Equity, at 72%, sits towards the lower end of the 55% to 80% range."),
        ("fresh_c5", "The losers were Eli Lilly, UnitedHealth and Chevron.",
         "The losers were Eli Lilly, UnitedHealth and Costco."),
        ("fresh_c3", "The portfolio has outpaced the Nifty 500 TRI.", "The benchmark has outpaced the Nifty 500 TRI."),
        ("fresh_e4", "The portfolio earns $38,000 a year.", "The benchmark earns $38,000 a year."),
        ("fresh_e8", "Boeing and Disney weighed on the result.", "Boeing and Disney lifted the result."),
        ("fresh_f1", "The Royal London Corporate Bond fund is the dearest of the three funds.",
         "The Royal London Corporate Bond fund is the cheapest of the three funds."),
        ("fresh_d2", "Mid cap funds stand at 34% instead of 25%, large cap funds at 36% instead of 45%.",
         "Mid cap funds stand at 34% instead of 25%, large cap funds at 45% instead of 36%."),
        ("fresh_e3", "The best month brought 4%, the worst cost 3%.", "The best month brought 4%, the worst cost 5%."),
        ("fresh_c5", "Nvidia carried twice the weight of JPMorgan Chase.",
         "Nvidia carried three times the weight of JPMorgan Chase."),
        ("fresh_c5", "Nvidia alone added more than two percentage points.",
         "Nvidia alone added more than three percentage points."),
    ],
)  # fmt: skip
def test_each_kind_of_claim_is_told_from_its_opposite(payload: str, right: str, wrong: str) -> None:
    evidence, style = load_evidence()(payload), make_style("en_GB")

    assert is_judged_right({"label": "true"}, check_against(right, evidence, style))
    assert is_judged_right({"label": "false"}, check_against(wrong, evidence, style))


@pytest.mark.parametrize(
    "text", ["It may be worth reviewing Nvidia before March.", "Nvidia was bought in California.", "Please call us."]
)
def test_what_claims_nothing_of_the_figures_is_left_alone(text: str) -> None:
    assert [x for x in check_against(text, load_evidence()("fresh_c5"), make_style("en_US")) if x.fault] == []


def test_a_claim_that_nothing_decides_is_unsupported_and_not_silent() -> None:
    verdicts = check_against("Costco climbed faster than its peers.", load_evidence()("fresh_c5"), make_style("en_US"))

    assert [verdict.outcome for verdict in verdicts] == [Outcome.UNSUPPORTED]
