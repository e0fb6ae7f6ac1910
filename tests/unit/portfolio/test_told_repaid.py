"""What matures before money is needed is matched with it: the bond or deposit that pays it back, in time or too late,
and what a deposit pays once it is renewed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
TODAY = date(2026, 3, 31)
NEED = date(2026, 6, 30)


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), STYLE).render()


def _hold(day: date, *needs: Payload, cash: int = 20_000) -> Payload:
    rows = [
        {"name": "Note 2026", "asset_class": "Bonds", "market_value": 100_000, "maturity": day.isoformat()},
        {"name": "World ETF", "asset_class": "Equity", "market_value": 300_000},
        {"name": "Giro", "asset_class": "Cash", "market_value": cash},
    ]
    return {"As Of": TODAY.isoformat(), "Currency": "EUR", "holdings": rows, "planned payments": list(needs)}


def _bonds(day: date, *needs: Payload) -> Payload:
    rows = [
        {"name": "Note 2026", "face_value": 100_000, "price": 99.5, "coupon": "0.5%", "maturity": day.isoformat()},
        {"name": "OAT 2.5% 2030", "face_value": 200_000, "price": 98, "coupon": "2.5%", "maturity": "2030-05-25"},
    ]
    return {"As Of": TODAY.isoformat(), "Currency": "EUR", "bonds": rows, "planned payments": list(needs)}


def _need(amount: int, day: date = NEED, purpose: str = "house") -> Payload:
    return {"amount": amount, "date": day.isoformat(), "purpose": purpose}


@pytest.mark.parametrize("days", [-80, -14, 0])
@pytest.mark.parametrize("amount", [60_000, 110_000, 120_000, 150_000])
def test_what_matures_in_time_is_matched_with_the_payment(days: int, amount: int, facts_of: Compute) -> None:
    day = NEED + timedelta(days)
    text = write(_hold(day, _need(amount)), facts_of)

    assert f"Note 2026 (€100,000) matures on {day.day} {day:%B} {day.year}, in time" in text, text
    assert ("with that it is covered" in text) is (amount <= 120_000)
    assert ("So €30,000 has to be found elsewhere" in text) is (amount == 150_000)
    assert "Do not reinvest what Note 2026 pays back before that" in text


@pytest.mark.parametrize("days", [1, 14, 200])
def test_what_matures_after_the_payment_is_told_as_too_late(days: int, facts_of: Compute) -> None:
    for payload in (_hold(NEED + timedelta(days), _need(110_000)), _bonds(NEED + timedelta(days), _need(110_000))):
        text = write(payload, facts_of)

        assert "too late for it" in text, text
        assert "in time" not in text
        assert "covered" not in text.replace("covered by", "")


@pytest.mark.parametrize("days", [-80, -14, 0])
@pytest.mark.parametrize("amount", [60_000, 110_000])
def test_among_bonds_the_face_that_is_repaid_counts(days: int, amount: int, facts_of: Compute) -> None:
    day = NEED + timedelta(days)
    text = write(_bonds(day, _need(amount)), facts_of)

    assert "Note 2026 (€100,000) matures" in text, text
    assert ("with that it is covered" in text) is (amount <= 100_000)
    assert ("Find the €10,000 that is missing before 30 June 2026" in text) is (amount > 100_000)
    assert "decide now where the money goes" not in text


def test_each_of_several_payments_has_what_is_there_on_its_day(facts_of: Compute) -> None:
    day, later = date(2026, 5, 1), date(2026, 9, 1)
    text = write(_hold(date(2026, 7, 1), _need(15_000, day), _need(80_000, later, "car")), facts_of)
    assert "in time for what is due after that: with that it is covered" in text, text

    text = write(_hold(date(2026, 7, 1), _need(30_000, day), _need(80_000, later, "car")), facts_of)
    assert "So €10,000 has to be found elsewhere" in text, text
    assert "before 1 May 2026" in text


def test_what_may_not_be_sold_and_has_no_day_pays_for_nothing(facts_of: Compute) -> None:
    payload = _hold(date(2026, 6, 1), _need(110_000))
    payload["holdings"][0]["lock-up"] = "until 2028-01-01"

    assert "in time" not in write(payload, facts_of)


# Deposits that pay the income.
RENEWALS = ["renewal rate", "Renewal Rate %", "rolloverRate", "Verlängerungszins", "Anschlusszins",
            "taux de renouvellement", "tasso di rinnovo", "tipo de renovación", "new rate",
            "reinvestment rate"]  # fmt: skip


def _earn(maturity: str = "2026-05-31", **more: object) -> Payload:
    deposit = {"name": "Term deposit", "market_value": 400_000, "yield": "3%", "maturity": maturity}
    fund = {"name": "Dividend fund", "market_value": 500_000, "yield": "4%"}
    return {"As Of": TODAY.isoformat(), "Currency": "EUR", "income": [deposit | more.pop("row", {}), fund]} | more  # type: ignore[operator]


@pytest.mark.parametrize("name", RENEWALS)
def test_a_deposit_that_matures_is_told_with_what_it_pays_once_renewed(name: str, facts_of: Compute) -> None:
    for need, covered in ((40_000, "70%"), (None, "")):
        text = write(_earn(row={name: "2.0%"}, **({"annual_need": need} if need else {})), facts_of)

        assert "Term deposit (€400,000) matures on 31 May 2026" in text, text
        assert "At the rate of 2% that was sent for its renewal it pays €8,000 a year, €4,000 less than now" in text, (
            text
        )
        assert "an income of €28,000 a year" in text
        assert (f"{covered} of the yearly need" in text) is bool(need)


@pytest.mark.parametrize("maturity", ["2026-05-31", "2027-02-28"])
def test_a_deposit_without_a_rate_of_renewal_is_asked_for(maturity: str, facts_of: Compute) -> None:
    text = write(_earn(maturity, annual_need=30_000), facts_of)

    assert "what it pays, €12,000 a year, is sure only until then" in text, text
    assert "rate" in text


@pytest.mark.parametrize("maturity", ["2029-05-31", "2026-01-31"])
def test_what_matures_much_later_or_is_past_is_told_as_no_change(maturity: str, facts_of: Compute) -> None:
    assert "sure only until then" not in write(_earn(maturity), facts_of)


NEEDS: list[tuple[Payload, int]] = [
    ({"annual_need": 42_000}, 42_000), ({"Net monthly need": 3_500}, 42_000), ({"monthly_need_net": "€3,500"}, 42_000),
    ({"Nettobedarf pro Monat": "3.500 €"}, 42_000), ({"Monatlicher Nettobedarf": 3_500}, 42_000),
    ({"besoin mensuel net": 3_500}, 42_000), ({"Besoin de revenu annuel": 42_000}, 42_000),
    ({"required income per month": 3_500}, 42_000),
    ({"grossAnnualNeed": 42_000}, 42_000), ({"Bruttobedarf p.a.": 42_000}, 42_000),
    ({"fabbisogno mensile netto": 3_500}, 42_000), ({"necesidad anual bruta": 42_000}, 42_000),
    ({"netto inkomensbehoefte per maand": 3_500}, 42_000),
    ({"income need": {"amount": 3_500, "frequency": "monthly", "basis": "net"}}, 42_000),
    ({"Need": {"amount": 10_500, "per": "quarter"}}, 42_000),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "yearly"), NEEDS)
def test_a_need_of_income_is_read_by_its_period_and_never_as_an_outflow(
    sent: Payload, yearly: int, facts_of: Compute
) -> None:
    table = facts_of(_earn(**sent))
    need = table.find("annual_need")
    assert need is not None, sent
    assert need.value == yearly
    assert table.find("spoken_for") is None

    held = facts_of(_hold(date(2029, 1, 1)) | sent | {"planned payments": []})
    assert held.find("spoken_for") is None, sent


@pytest.mark.parametrize("name", ["Net annual need", "Nettobedarf pro Jahr", "besoin annuel net", "annual_need_net"])
def test_a_net_need_is_held_against_the_income_after_tax(name: str, facts_of: Compute) -> None:
    text = write(_earn(**{name: 30_000, "tax_rate": "25%"}), facts_of)
    assert "Income after tax covers 80% of the yearly need" in text, text

    text = write(_earn(**{name: 30_000}), facts_of)
    assert "the need is one after tax, and this income is before it" in text, text


@pytest.mark.parametrize(
    "name", ["Gross annual need", "Bruttobedarf pro Jahr", "besoin annuel brut", "yearly need before tax"]
)
def test_a_gross_need_is_held_against_the_income_before_tax(name: str, facts_of: Compute) -> None:
    text = write(_earn(**{name: 30_000, "tax_rate": "25%"}), facts_of)
    assert "Income before tax covers 106.7% of the yearly need" in text, text


@pytest.mark.parametrize("fee", [4_000, 1_000])
def test_what_is_covered_once_the_fee_is_paid_is_told(fee: int, facts_of: Compute) -> None:
    table = facts_of(_earn(annual_need=30_000, portfolio_fee=f"€{fee} a year"))
    cover = table.find("cover_after_fee")
    assert cover is not None
    assert cover.value == Decimal(32_000 - fee) * 100 / 30_000
    assert STYLE.percent(cover.value) in write_narrative(table, STYLE).render()


@pytest.mark.parametrize("needs", [[], [_need(60_000)]])
@pytest.mark.parametrize(("days", "is_sold"), [(-45, False), (200, True)])
def test_what_is_repaid_soon_is_not_sold_for_its_size(
    needs: list[Payload], days: int, is_sold: bool, facts_of: Compute
) -> None:
    payload = _hold(NEED + timedelta(days), *needs)
    payload["holdings"][0] |= {"name": "Barclays 4% 2026", "issuer": "Barclays"}
    table = facts_of(payload)

    assert (table.find("reduction.barclays_4_2026") is not None) is is_sold
    assert ("Sell nothing of Barclays 4% 2026 for its size" in write_narrative(table, STYLE).render()) is not is_sold


@pytest.mark.parametrize("name", ["source", "Source", "Quelle", "payer"])
@pytest.mark.parametrize("value", ["balance", "market_value", "Saldo"])
def test_sources_are_named_by_the_only_column_that_names_them(name: str, value: str, facts_of: Compute) -> None:
    rows = [{name: "Santander fixed bond", "type": "Deposit", value: 85_000, "rate": "4%"},
            {name: "City of London IT", "type": "Equity", value: 60_000, "yield": "5%"}]  # fmt: skip
    table = facts_of({"As Of": "2026-03-31", "Currency": "GBP", "incomeSources": rows})

    assert {fact.subject for fact in table.list_measure("income", "income.")} == {
        "Santander fixed bond", "City of London IT",
    }  # fmt: skip
    assert table.find("income").value == 6_400  # type: ignore[union-attr]
