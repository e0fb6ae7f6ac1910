"""Denials, orders, parts of groups and counts, read as grammar: each true sentence beside the same made false."""

import pytest

from services.portfolio.domain.claims.texts import check_against
from services.portfolio.domain.formats import make_style
from tests.unit.portfolio.test_claims_corpus import is_judged_right, load_evidence

PAIRS = [
    # What a denied superlative is said of.
    ("uk_income",
     "Shell is not the largest source of income.",
     "Vanguard FTSE UK Equity Income is not the largest source of income."),
    ("us_taxable",
     "Apple is not the largest position.",
     "Vanguard Total Stock Market ETF is not the largest position."),
    ("eu_bonds",
     "OAT 3.00% 2034 is not the largest position.",
     "Bund 2.60% 2033 is not the largest position."),
    # None of a class, and neither of the names before.
    ("us_rebalance",
     "None of the bond sleeves is above its target.",
     "None of the bond sleeves is below its target."),
    ("us_rebalance",
     "Small Cap Fund and TIPS Fund can wait, since neither has left its band.",
     "Small Cap Fund and Treasury Ladder can wait, since neither has left its band."),
    # Sums that bound.
    ("uk_income",
     "None of the six sources pays more than £14,000 a year.",
     "None of the six sources pays more than £12,000 a year."),
    ("us_taxable",
     "No position has lost more than $40,000.",
     "No position has lost more than $30,000."),
    ("uk_multi",
     "Two of the holdings have a gain of more than £30,000.",
     "Three of the holdings have a gain of more than £30,000."),
    # Orders of two.
    ("us_taxable",
     "By size, Apple is second only to Vanguard Total Stock Market ETF.",
     "By size, Microsoft is second only to Vanguard Total Stock Market ETF."),
    ("uk_multi",
     "LVMH has lost more money than Unilever.",
     "Unilever has lost more money than LVMH."),
    ("us_taxable",
     "In value, Apple edges out Vanguard Total Bond Market ETF.",
     "In value, Microsoft edges out Vanguard Total Bond Market ETF."),
    ("uk_income",
     "The two highest yields belong to Primary Health Properties and City of London Investment Trust.",
     "The two highest yields belong to Primary Health Properties and Shell."),
    # Whose turn is next.
    ("uk_income",
     "Primary Health Properties pays first, then comes City of London Investment Trust.",
     "Primary Health Properties pays first, then comes Shell."),
    ("eu_bonds",
     "KfW 0.50% 2026 is the first to mature, followed by Adler Real Estate 2027.",
     "KfW 0.50% 2026 is the first to mature, followed by Ireland 1.10% 2029."),
    # Parts of groups.
    ("uk_multi",
     "Almost two thirds of the ISA is in AstraZeneca.",
     "Almost a third of the ISA is in AstraZeneca."),
    ("uk_multi",
     "Alphabet makes up about 64% of the GIA.",
     "Alphabet makes up about 46% of the GIA."),
    ("us_rebalance",
     "Just over half of the bonds are in Core Bond Fund.",
     "Just over half of the bonds are in Treasury Ladder."),
    ("eu_bonds",
     "About 27% of the face value is in Bund 2.60% 2033.",
     "About 27% of the face value is in BTP 4.00% 2035."),
    ("eu_bonds",
     "Some 28% of the coupons come from BTP 4.00% 2035.",
     "Some 28% of the coupons come from OAT 3.00% 2034."),
    ("plain_rebalance",
     "Nifty Index Fund makes up two thirds of the equity sleeve.",
     "Midcap Fund makes up two thirds of the equity sleeve."),
    ("us_taxable",
     "Over a quarter of the portfolio is in technology, and less than a fifth of it is in bonds.",
     "Over a quarter of the portfolio is in technology, and more than a fifth of it is in bonds."),
    ("uk_multi",
     "Over half of the money is in the SIPP, and about a fifth is in the ISA.",
     "Over half of the money is in the SIPP, and about a third is in the ISA."),
    # Groups and days that are counted.
    ("us_taxable",
     "The ten positions are spread over two accounts.",
     "The ten positions are spread over three accounts."),
    ("uk_multi",
     "The money is split among three currencies.",
     "The money is split among four currencies."),
    ("fresh_e7",
     "Two of the four bonds mature before the end of 2028.",
     "Three of the four bonds mature before the end of 2028."),
    ("us_rebalance",
     "Three of the seven sleeves have left their bands.",
     "Five of the seven sleeves have left their bands."),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "right", "wrong"), PAIRS)
def test_a_true_sentence_is_left_alone_and_its_false_twin_caught(payload: str, right: str, wrong: str) -> None:
    evidence, style = load_evidence()(payload), make_style("en_GB")

    assert is_judged_right({"label": "true"}, check_against(right, evidence, style))
    assert is_judged_right({"label": "false"}, check_against(wrong, evidence, style))
