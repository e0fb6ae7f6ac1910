"""Amounts with words of their basis and period are read with both: what is meant after tax is held against what is left
after it, and what is paid net is not taxed again."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import NEEDS as SPOKEN_FOR
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
NEEDS = [
    ("£42,000 after tax", 42_000, True), ("£42,000 a year after tax", 42_000, True), ("£42,000 net", 42_000, True),
    ("£3,500 per month, net of tax", 42_000, True), ("netto 3.500 € im Monat", 42_000, True),
    ("3.500 € monatlich nach Steuern", 42_000, True), ("42.000 € p.a. netto", 42_000, True),
    ("CHF 120 000 p.a. brut", 120_000, False), ("3 500 € par mois nets d'impôts", 42_000, True),
    ("42 000 € par an après impôts", 42_000, True), ("€ 3.500 netto per maand", 42_000, True),
    ("€ 42.000 na belasting per jaar", 42_000, True), ("€ 3.500 al mese netti", 42_000, True),
    ("42.000 € al año después de impuestos", 42_000, True), ("$5,000/month net of fees", 60_000, None),
    ("£42,000 gross", 42_000, False), ("£42,000 before tax", 42_000, False), ("42.000 € brutto im Jahr", 42_000, False),
    ("(net) £42,000", 42_000, True), ("£42k p.a. after tax and fees", 42_000, True),
]  # fmt: skip


def _income(need: object, **more: object) -> Payload:
    rows = [{"name": "Equity income fund", "market_value": 500_000, "income": 30_000, "frequency": "annual"},
            {"name": "Bond fund", "market_value": 500_000, "income": 20_000, "frequency": "annual"}]  # fmt: skip
    return {"As Of": "2026-06-30", "income": rows, "annual_need": need, "tax_rate": "20%", **more}


@pytest.mark.parametrize(("need", "yearly", "is_net"), NEEDS)
def test_a_need_is_read_with_its_period_and_its_basis(
    need: str, yearly: int, is_net: bool | None, facts_of: Compute
) -> None:
    table = facts_of(_income(need))
    found, after = table.find("annual_need"), table.find("income_cover_after_tax")

    assert found is not None, [(item.id, item.reason) for item in table.absent]
    assert found.value == yearly
    assert (after is not None) is (is_net is not False)
    if is_net:
        assert after is not None
        assert after.value == Decimal(40_000) * 100 / yearly


@pytest.mark.parametrize("need", ["£42,000 after lunch", "£42,000 plus VAT", "£42,000 for Claire after tax"])
def test_words_that_are_not_understood_leave_an_amount_unread_and_said(need: str, facts_of: Compute) -> None:
    table = facts_of(_income(need))

    assert table.find("annual_need") is None
    assert "£42,000" in write_narrative(table, make_style("en_GB")).render()


NET = ["£24,000 net", "£24,000 after tax", "24.000 € netto", "£2,000 per month net of tax", "24 000 € nets d'impôts",
       "€ 24.000 na belasting"]  # fmt: skip


@pytest.mark.parametrize("amount", NET)
def test_what_is_paid_net_is_not_taxed_again(amount: str, facts_of: Compute) -> None:
    rows = [{"name": "Pension", "income": amount}, {"name": "Bond fund", "income": "10000 gross"}]
    table = facts_of({"As Of": "2026-06-30", "income": rows, "tax_rate": "20%"})
    whole, after = table.find("income"), table.find("income_after_tax")

    assert whole is not None
    assert whole.value == 34_000
    assert after is not None
    assert after.value == 32_000


@pytest.mark.parametrize("fee", ["£3,200 a year", "£3,200 p.a. incl. VAT", "3.200 € im Jahr inkl. MwSt"])
def test_a_fee_is_read_with_its_words(fee: str, facts_of: Compute) -> None:
    found = facts_of(_income("£42,000 after tax", advisory_fee=fee)).find("portfolio_fee_amount")

    assert found is not None
    assert found.value == 3_200


def test_a_need_after_tax_and_the_fee_are_both_told(facts_of: Compute) -> None:
    text = write_narrative(
        facts_of(_income("£42,000 after tax", advisory_fee="£3,200 a year", Currency="GBP")), make_style("en_GB")
    ).render()

    assert "after tax" in text
    assert "fee" in text
    assert "£5,200" in text, text


ABOUT = [
    ("needBasis", "net, after tax and charges", True), ("Need Basis", "after tax", True),
    ("annual_need_basis", "gross", False), ("need_note", "net of tax, reviewed each spring", True),
    ("spending_comment", "agreed at the review", None), ("besoins_base", "apr\u00e8s imp\u00f4ts", True),
    ("fabbisogno_nota", "al netto delle imposte", True), ("Ausgaben Grundlage", "netto, nach Steuern", True),
    ("needs_source", "household budget of 2025", None), ("need_period", "calendar year", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "says", "is_net"), ABOUT)
def test_a_text_about_the_need_is_its_basis_and_no_money_that_is_spoken_for(
    name: str, says: str, is_net: bool | None, facts_of: Compute
) -> None:
    table = facts_of(_income("\u00a342,000", **{name: says}))
    text = write_narrative(table, make_style("en_GB")).render()

    assert "spoken for" not in text
    assert "how much of that is due" not in text
    assert ("that the need is meant after tax" in text) is (is_net is None)
    assert (table.find("income_cover_after_tax") is not None) is (is_net is not False)


@pytest.mark.parametrize("section", ["holdings", "concentration"])
@pytest.mark.parametrize(("name", "says"), [(name, says) for name, says, _ in ABOUT])
def test_a_text_about_a_need_is_none_in_any_section(section: str, name: str, says: str, facts_of: Compute) -> None:
    rows = [{"name": "Equity income fund", "market_value": 500_000}, {"name": "Cash", "market_value": 500_000}]
    table = facts_of({"As Of": "2026-06-30", section: rows, "need": "\u00a342,000", name: says})

    assert says not in table.glosses.get(SPOKEN_FOR, "")


@pytest.mark.parametrize(
    ("name", "says"), [("tax_due_note", "\u00a342,000 in March"), ("spending_note", "\u00a342,000 for a car")]
)
def test_a_note_with_an_amount_is_still_read(name: str, says: str, facts_of: Compute) -> None:
    table = facts_of(_income("\u00a342,000", **{name: says}))

    assert "spoken for" in write_narrative(table, make_style("en_GB")).render()
