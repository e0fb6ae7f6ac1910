"""Claims that no single figure decides: of many at once, of names that are not held, of profiles, shares and shifts."""

import pytest

from services.portfolio.domain.claims.model import Outcome
from services.portfolio.domain.claims.texts import check_against
from services.portfolio.domain.formats import make_style
from tests.unit.portfolio.test_claims_corpus import SUPPORTED, load_evidence

PAIRS = [
    ("gen_movers", "All but two of the movers lost money.", "All but one of the movers lost money."),
    ("gen_movers", "Fewer than half of the positions gained.", "Most of the positions gained."),
    ("gen_movers", "Infosys and Larsen & Toubro were the only two winners.",
     "Infosys and Axis Bank were the only two winners."),
    ("gen_concentration", "Every currency but the rupee is over the limit.", "No currency is over the limit."),
    ("gen_performance", "More months fell than rose.", "More months rose than fell."),
    ("au_review", "Apart from bonds and Australian shares, everything is within its band.",
     "Apart from bonds, everything is within its band."),
    ("au_review", "Two of the five asset classes are out of band: Australian shares and bonds.",
     "Two of the five asset classes are out of band: Australian shares and property."),
    ("gen_holdings", "Apple and Power Grid are in profit.", "Apple and Maruti Suzuki are in profit."),
    ("au_review", "The portfolio is too heavy in shares for the client's profile.",
     "The portfolio suits the client's profile."),
    ("gen_bonds", "A parallel shift of 50 basis points upward would take about 3.7% off the value.",
     "A parallel shift of 50 basis points upward would take about 7.3% off the value."),
    ("gen_bonds", "The 10.2% NCD 2034 B has the highest coupon.", "The 7.46% SDL 2034 C has the highest coupon."),
    ("gen_income", "The largest payer brings in ₹1.78 lakh a year.", "The largest payer brings in ₹1.78 lakh a month."),
    ("gen_performance", "The Sharpe ratio is negative.", "The Sharpe ratio is positive."),
    ("de_leistung", "Damit liegt das Depot 8,6 Prozentpunkte hinter der Benchmark.",
     "Damit liegt das Depot 8,6 Prozentpunkte vor der Benchmark."),
    ("fr_revenus", "SCPI Paris fournit près d'un tiers des revenus.",
     "SCPI Paris fournit près de la moitié des revenus."),
    ("ca_goals", "Unrealized gains total $178,000 on a cost of $822,000.",
     "Unrealized gains total $187,000 on a cost of $822,000."),
    ("gen_concentration", "The second-largest position is worth ₹1.89 crore.",
     "The third-largest position is worth ₹1.89 crore."),
    ("eu_bonds", "KfW is the first bond to mature.", "KfW is the last bond to mature."),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "true", "false"), PAIRS, ids=[pair[1][:40] for pair in PAIRS])
def test_the_true_one_is_supported_and_the_false_one_a_fault(payload: str, true: str, false: str) -> None:
    evidence, style = load_evidence()(payload), make_style(_LOCALES.get(payload, "en_IN"))

    right, wrong = (check_against(text, evidence, style) for text in (true, false))

    assert not [verdict.why for verdict in right if verdict.fault]
    assert any(verdict.outcome in SUPPORTED for verdict in right)
    assert any(verdict.fault for verdict in wrong)


_LOCALES = {"de_leistung": "de_DE", "fr_revenus": "fr_FR"}


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ("gen_snapshot", "Gold makes up 14.3% of the portfolio."),
        ("gen_income", "Infosys pays ₹58,747 a year."),
        ("gen_movers", "Wipro contributed 0.15 points."),
    ],
)
def test_a_figure_of_what_is_not_held_is_a_fault(payload: str, text: str) -> None:
    verdicts = check_against(text, load_evidence()(payload), make_style("en_IN"))

    assert [verdict.fault for verdict in verdicts] == [True]


def test_a_comparison_that_no_rule_reads_is_said_to_be_unsupported() -> None:
    text = "Infosys was held longer than Axis Bank."

    (verdict,) = check_against(text, load_evidence()("gen_movers"), make_style("en_IN"))

    assert verdict.outcome is Outcome.UNSUPPORTED
