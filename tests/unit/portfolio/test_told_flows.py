"""Money paid in or out is no gain and no loss: risk is of returns without it, whichever way the values of its day were
taken, and is not told where its days are not known. Timing is judged by payments, own limits on falls are held."""

import math
from datetime import date, timedelta
from decimal import Decimal
from statistics import stdev
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
RETURNS = [0.011, 0.006, 0.009, -0.005, 0.014, -0.003, 0.012, -0.006, -0.023, -0.017, 0.015, 0.009, 0.008, 0.003, 0.010,
           0.009, 0.002, -0.002, 0.008, -0.009, 0.007, 0.011, 0.006, 0.005]  # fmt: skip
RISK = ("volatility", "sharpe", "drawdown", "best_period", "worst_period", "twr", "cagr", "var", "cvar")


def _days(count: int) -> list[date]:
    day, found = date(2024, 6, 30), []
    while len(found) < count:
        found.append(day)
        day = (day + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return found


def make(flows: dict[int, int], *, before: bool, start: float = 3_600_000, **more: object) -> Payload:
    """A track of known returns; the value of a day with a flow is taken before or after it."""
    days = _days(len(RETURNS) + 1)
    held, values = start, [start]
    for place, change in enumerate(RETURNS, 1):
        grown = held * (1 + change)
        held = grown + flows.get(place, 0)
        values.append(grown if before else held)
    points = zip(days, values, strict=True)
    return {
        "Currency": "EUR", "periods_per_year": 12, "risk_free": "2%",
        "series": [{"date": day.isoformat(), "value": round(value, 2)} for day, value in points],
        "flows": [{"date": days[place].isoformat(), "amount": amount} for place, amount in flows.items()],
    } | more  # fmt: skip


FLOWS = [{7: 600_000, 15: -150_000}, {7: 600_000}, {12: -900_000}, {3: 400_000, 9: 400_000, 18: -500_000},
         {5: 3_000_000}, {20: -1_500_000}]  # fmt: skip


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("flows", FLOWS)
def test_risk_is_of_returns_without_the_flows(flows: dict[int, int], before: bool, facts_of: Compute) -> None:
    table = facts_of(make(flows, before=before))
    total, deep, volatility, worst = (table.find(name) for name in ("twr", "drawdown", "volatility", "worst_period"))
    growth = math.prod(1 + value for value in RETURNS) - 1

    assert total is not None
    assert float(total.value) == pytest.approx(growth * 100, abs=0.01)
    assert volatility is not None
    assert float(volatility.value) == pytest.approx(stdev(RETURNS) * math.sqrt(12) * 100, abs=0.01)
    assert deep is not None
    assert -6 < deep.value < -4
    assert worst is not None
    assert float(worst.value) == pytest.approx(-2.3, abs=0.01)


@pytest.mark.parametrize("before", [True, False])
def test_earnings_and_the_money_weighted_return_follow(before: bool, facts_of: Compute) -> None:
    flows = {7: 600_000, 24: 250_000}
    payload = make(flows, before=before)
    table = facts_of(payload)
    net, earned, weighted = (table.find(name) for name in ("net_flows", "earned", "xirr"))
    last = payload["series"][-1]["value"] - 3_600_000

    assert net is not None
    assert net.value == (600_000 if before else 850_000)
    assert earned is not None
    assert float(earned.value) == pytest.approx(last - float(net.value), abs=1)
    assert weighted is not None
    assert 3 < weighted.value < 5


NOTES = [
    ("Values are before the deposit or withdrawal of that day.", True),
    ("Month-end valuations exclude that day's cash flows.", True),
    ("Waarden zijn vóór de storting of onttrekking van die dag.", True),
    ("Die Werte verstehen sich vor Einzahlungen und Entnahmen des Tages.", True),
    ("Les valeurs s'entendent avant les versements et retraits du jour.", True),
    ("I valori sono prima dei versamenti e dei prelievi del giorno.", True),
    ("Los valores son antes de las aportaciones y retiradas del día.", True),
    ("Values include the deposit or withdrawal of that day.", False),
    ("Waarden zijn na de storting of onttrekking van die dag.", False),
    ("Die Werte verstehen sich nach Einzahlungen und Entnahmen des Tages.", False),
    ("Les valeurs s'entendent après les versements et retraits du jour.", False),
]


@pytest.mark.parametrize(("note", "before"), NOTES)
def test_what_a_note_says_of_the_values_is_kept_to(note: str, before: bool, facts_of: Compute) -> None:
    """Payments as small as the returns show nothing: the note alone decides."""
    table = facts_of(make({7: 20_000, 15: -20_000}, before=before, Note=note))
    total = table.find("twr")

    assert total is not None
    assert float(total.value) == pytest.approx((math.prod(1 + value for value in RETURNS) - 1) * 100, abs=0.001)


@pytest.mark.parametrize(("note", "before"), NOTES)
def test_a_note_that_the_values_deny_leaves_no_return(note: str, before: bool, facts_of: Compute) -> None:
    table = facts_of(make({7: 900_000}, before=not before, Note=note))

    assert not [fact for fact in table.facts if fact.id in RISK]
    assert any(item.id == "twr" and item.code == "AMBIGUOUS_INPUT" for item in table.absent)


SUMS: list[Payload] = [
    {"Net flows": "€450,000"}, {"Net contributions": 450_000}, {"Total deposits": 600_000}, {"Withdrawals": "€150,000"},
    {"Netto-Einzahlungen": "450.000 €"}, {"Entnahmen": "150.000 €"}, {"Versements nets": "450 000 €"},
    {"Retraits": "150 000 €"}, {"Netto stortingen": "€ 450.000"}, {"Onttrekkingen": "€ 150.000"},
    {"Versamenti netti": "450.000 €"}, {"Prelievi": "150.000 €"}, {"Aportaciones netas": "450.000 €"},
    {"flows": [{"amount": 600_000, "note": "legacy"}]},
    {"flows": [{"date": "", "amount": 600_000}, {"date": "2025-09-30", "amount": -150_000}]},
    {"flows": [{"date": "in spring 2025", "amount": 600_000}]},
]  # fmt: skip


@pytest.mark.parametrize("sums", SUMS)
def test_flows_that_are_known_in_sum_alone_leave_no_risk_figures(sums: Payload, facts_of: Compute) -> None:
    payload = make({7: 600_000}, before=False)
    payload.pop("flows")
    table = facts_of(payload | sums)
    text = write_narrative(table, make_style("en_GB")).render()

    assert not [fact for fact in table.facts if fact.id in RISK], [fact.id for fact in table.facts]
    assert "no return and no risk can be told" in text, text


PLANNED: list[Payload] = [
    {"Planned contributions": [{"date": "2026-09-30", "amount": 5000}]}, {"Contribution limit": "€7,000"},
    {"Deposit allowance": "€7,000"}, {"Next withdrawal": {"date": "2026-10-01", "amount": "€250,000"}},
    {"Geplante Entnahmen": [{"Datum": "01.10.2026", "Betrag": "250.000"}]}, {"Withdrawals": "none"},
    {"Deposits": 0},
]  # fmt: skip


@pytest.mark.parametrize("planned", PLANNED)
def test_what_is_planned_or_nothing_is_no_flow_of_the_track(planned: Payload, facts_of: Compute) -> None:
    payload = make({}, before=False)
    payload.pop("flows")

    assert facts_of(payload | planned).find("volatility") is not None


@pytest.mark.parametrize(("place", "says"), [(7, "worse"), (10, "better")])
def test_the_timing_of_one_payment_is_told_by_what_came_after(place: int, says: str, facts_of: Compute) -> None:
    payload = make({place: 6_000_000}, before=True)
    text = write_narrative(facts_of(payload), make_style("en_GB")).render()

    assert f"markets did {says} after the one sum was paid in" in text, text


def test_the_timing_of_payments_both_ways_is_no_story(facts_of: Compute) -> None:
    table = facts_of(make({8: 6_000_000, 12: -2_000_000}, before=True))
    text = write_narrative(table, make_style("en_GB")).render()

    assert "good times" not in text
    assert "poor times" not in text


LIMITS: list[Payload] = [
    {"limits": {"max drawdown": "8%"}}, {"Investment policy": {"Maximum drawdown": "8%"}},
    {"Beleggingsstatuut": {"Maximale daling": "8%"}}, {"Anlagerichtlinie": {"Maximaler Rückgang": "8 %"}},
    {"Politique de placement": {"Baisse maximale": "8 %"}}, {"Statuto": {"Ribasso massimo": "8%"}},
    {"Política": {"Caída máxima": "8%"}}, {"drawdownLimit": 0.08}, {"Verlustgrenze (Drawdown)": "-8%"},
    {"Vereinbarter maximaler Rückgang vom Höchststand": "8 %"}, {"Agreed maximum drawdown": "8%"},
    {"Baisse maximale convenue": "8 %"}, {"Caída máxima pactada": "8%"}, {"toegestane daling": "8%"},
    {"ribasso massimo concordato": "8%"}, {"toleratedDecline": 0.08},
]  # fmt: skip


@pytest.mark.parametrize("figure", [{"Max drawdown": "-4.5%"}, {"Risk": {"Drawdown": "4.5%"}}, {"Drawdown": 0.045}])
def test_a_drawdown_that_was_measured_is_no_limit(figure: Payload, facts_of: Compute) -> None:
    payload = make({}, before=False) | figure
    payload.pop("flows")

    assert facts_of(payload).find("fall_limit") is None


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("start", [1, 3])
def test_the_deepest_fall_is_held_against_the_clients_own_limit(limit: Payload, start: int, facts_of: Compute) -> None:
    payload = make({}, before=False) | limit
    payload.pop("flows")
    if start == 3:
        for row in payload["series"][10:]:
            row["value"] = round(row["value"] * 0.9, 2)
    table = facts_of(payload)
    text = write_narrative(table, make_style("en_GB")).render()
    most = table.find("fall_limit")

    assert most is not None
    assert most.value == Decimal(8)
    assert ("The client's own limit of 8% for a fall was kept" in text) is (start == 1), text
    assert ("The client's own limit of 8% for a fall was broken" in text) is (start == 3), text
    assert "read it before acting" not in text
