"""A need's gap is what is open once incomes that end have ended; money that is earmarked or promised is spoken for,
what is expected counts by its day, and what is earned beside is no payment."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
ENDS: list[Payload] = [
    {"lease end": "2026-06-30"}, {"ends": "2026-06-30"}, {"bis": "30.06.2026"}, {"fin du bail": "30/06/2026"},
    {"note": "The tenant leaves on 30 June 2026"}, {"Bemerkung": "Mieter zieht am 30.06.2026 aus"},
    {"paid until": "30 June 2026"}, {"fecha": "x", "hasta": "30/06/2026"},
]  # fmt: skip
NEEDS: list[tuple[int, int, int]] = [(50_000, 5_000, 29_000), (40_000, 0, 19_000), (45_000, 0, 24_000)]
"""The need, what of it is open today, and once the rent has ended."""


def _pay(ends: Payload, need: int, currency: str = "EUR", **more: object) -> Payload:
    rows: list[Payload] = [
        {"name": "Rent Lindenhof", "income": 24_000} | ends, {"name": "Euro Bond Fund", "income": 9_000},
        {"name": "Dividend ETF", "income": 12_000},
    ]  # fmt: skip
    return {"As Of": "2026-03-31", "Currency": currency, "income": rows, "annual_need": need} | more


@pytest.mark.parametrize("currency", ["EUR", "GBP", "INR"])
@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize(("need", "now", "then"), NEEDS)
def test_the_gap_is_what_is_open_once_an_income_has_ended(
    ends: Payload, need: int, now: int, then: int, currency: str, facts_of: Compute
) -> None:
    table = facts_of(_pay(ends, need, currency))
    text = write_narrative(table, STYLE).render()
    gap, open_ = table.find("gap_lasting"), table.find("income_gap")

    assert gap is not None, text
    assert gap.value == then
    assert (open_.value if open_ is not None else 0) == now
    assert "from Rent Lindenhof ends on 30 June 2026" in text
    assert "Until then, income before tax covers" in text, text
    assert "Plan which assets meet the gap" in text
    assert "surplus" not in text


def test_where_what_lasts_is_enough_there_is_no_gap(facts_of: Compute) -> None:
    table = facts_of(_pay(ENDS[0], 20_000))

    assert table.find("gap_lasting") is None
    assert "Until then" not in write_narrative(table, STYLE).render()


def test_the_gap_takes_of_the_assets_what_lasts(facts_of: Compute) -> None:
    payload = _pay(ENDS[0], 50_000, tax_rate="20%")
    payload["income"][1]["market_value"] = 300_000
    table = facts_of(payload)
    gap = table.find("gap_lasting")

    assert gap is not None
    assert gap.value == 50_000 - 21_000 * 4 // 5
    assert round(table.find("gap_rate").value * 3_000, 6) == gap.value  # type: ignore[union-attr]


MARKED: list[Payload] = [
    {"earmarked": [{"purpose": "daughter's house", "amount": 40_000}]}, {"earmarked": {"daughter's house": 40_000}},
    {"Earmarked funds": "€40,000"}, {"zweckgebunden": [{"Zweck": "Hauskauf der Tochter", "Betrag": 40_000}]},
    {"reserviert für": "40.000 €"}, {"promised gift": {"amount": 40_000, "to": "daughter"}},
    {"note": "The client has promised EUR 40,000 to his daughter."}, {"sommes affectées": "40 000 €"},
    {"Bemerkung": "40.000 EUR sind der Tochter zugesagt."}, {"gereserveerd voor": "40.000 EUR"},
    {"destinato a": [{"scopo": "casa", "importo": 40_000}]}, {"reservado para": "40.000 €"},
]  # fmt: skip


@pytest.mark.parametrize("said", MARKED)
def test_money_that_is_earmarked_or_promised_is_spoken_for(said: Payload, facts_of: Compute) -> None:
    table = facts_of(_pay({}, 50_000, cash=70_000, **said))
    text = write_narrative(table, STYLE).render()
    spoken, left = table.find("spoken_for"), table.find("cash_left")

    assert spoken is not None, text
    assert left is not None
    assert (spoken.value, left.value) == (40_000, 30_000)


EARNED: list[Payload] = [
    {"other income": [{"source": "Rent", "amount": 24_000, "until": "2026-06-30"}]},
    {"Weitere Einkommen": [{"Quelle": "Miete", "Betrag": 24_000, "bis": "30.06.2026"}]},
    {"autres revenus": [{"source": "Loyer", "montant": 24_000, "fin": "30/06/2026"}]},
    {"rental income": {"amount": 24_000, "ends": "2026-06-30"}},
]  # fmt: skip


@pytest.mark.parametrize("said", EARNED)
def test_what_is_earned_beside_is_no_payment(said: Payload, facts_of: Compute) -> None:
    rows = [
        {"name": "Cash", "asset_class": "Cash", "market_value": 80_000},
        {"name": "Euro Bond Fund", "asset_class": "Bonds", "market_value": 500_000},
    ]
    table = facts_of({"As Of": "2026-03-31", "Currency": "EUR", "holdings": rows} | said)

    assert table.find("spoken_for") is None
    assert not any(fact.id.startswith("expected.") for fact in table.facts)


@pytest.mark.parametrize(("day", "amount", "rest"), [
    ("2026-07-31", 30_000, 0), ("2026-07-31", 10_000, 20_000), ("2026-12-31", 30_000, None),
])  # fmt: skip
def test_what_is_expected_counts_where_it_comes_in_time(
    day: str, amount: int, rest: int | None, facts_of: Compute
) -> None:
    rows = [
        {"name": "Cash", "asset_class": "Cash", "market_value": 30_000},
        {"name": "Euro Bond Fund", "asset_class": "Bonds", "market_value": 500_000},
    ]
    table = facts_of({
        "As Of": "2026-03-31", "Currency": "EUR", "holdings": rows,
        "plannedWithdrawals": [{"amount": 60_000, "date": "2026-09-30", "purpose": "roof"}],
        "expected inflows": [{"amount": amount, "date": day, "purpose": "bonus"}],
    })  # fmt: skip
    net = table.find("cash_short_net")
    text = write_narrative(table, STYLE).render()

    assert (None if net is None else int(net.value)) == rest
    assert ("nothing more would have to be found; it is not there yet" in text) is (rest == 0)
