"""What a text sets figures against: the rate risk of all bonds, the whole portfolio, the payments as they were."""

import random
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.figures import compute
from services.portfolio.domain.figures.siblings import add_siblings
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.reading import Context
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), STYLE).render()


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_the_bond_that_the_rate_risk_lies_in_is_named_with_its_part(seed: int, timed: bool, facts_of: Compute) -> None:
    draw = random.Random(seed)
    sizes = [draw.randint(20, 60) for _ in range(3)]
    years = (2028, 2032, draw.choice([2045, 2052]))
    bonds = [{"name": f"Treasury {year}", "market_value": size * 1000, "coupon": "3%", "rating": "AA",
              "maturity": f"{year}-09-30", **({"duration": year - 2026, "ytm": "4%"} if timed else {})}
             for size, year in zip(sizes, years, strict=True)]  # fmt: skip
    text = write({"fixed_income": bonds, "As Of": "2026-09-30", "Currency": "GBP"}, facts_of)
    risks = [size * (year - 2026) for size, year in zip(sizes, years, strict=True)]

    part, weight = Decimal(risks[2]) / sum(risks) * 100, Decimal(sizes[2]) / sum(sizes) * 100
    told = f"Of the rate risk {STYLE.percent(part)} lies in Treasury {years[2]}, which has a weight of"
    assert (told in text) is (part > 50 or part >= weight * Decimal("1.5")), text
    assert ("which stand in for durations" in text) is (not timed)


@pytest.mark.parametrize("rating", ["BB", "A", None])
@pytest.mark.parametrize("maturity", ["2026-10-20", "2026-12-15"])
def test_what_is_repaid_soon_is_told_as_money_to_be_placed(
    rating: str | None, maturity: str, facts_of: Compute
) -> None:
    bonds: list[Payload] = [
        {"name": "Treasury 2032", "market_value": 800, "coupon": "3%", "ytm": "4%", "duration": 5,
         "maturity": "2032-09-30", "rating": "AA"},
        {"name": "Acme 2026", "market_value": 200, "coupon": "5%", "ytm": "9%", "duration": 0.1, "maturity": maturity,
         **({"rating": rating} if rating else {})},
    ]  # fmt: skip
    text = write({"fixed_income": bonds, "As Of": "2026-09-30", "Currency": "GBP"}, facts_of)

    assert "decide now where the money goes, £200 as listed" in text
    assert "pay for a risk" not in text
    assert "Spread what Acme 2026" not in text


@pytest.mark.parametrize("currency", ["GBP", "USD"])
@pytest.mark.parametrize("whole", [400_000, 900_000])
def test_a_gap_is_set_against_the_whole_portfolio_where_another_section_states_it(
    whole: int, currency: str, catalogue: Catalogue
) -> None:
    income = {"income": [{"name": "World Fund", "market_value": 200_000, "income": 6_000}], "annual_need": 20_000,
              "Currency": "GBP"}  # fmt: skip
    snapshot = {"Market Value": whole, "Investment Value": 1000, "Top Asset": "Equity (60%)", "Currency": currency}
    found = [item for item in detect([snapshot, income], catalogue.sections) if isinstance(item, Detected)]
    table = compute(found[1], catalogue, add_siblings(found, catalogue, Context()))
    text = write_narrative(table, STYLE).render()

    share = STYLE.percent(Decimal(14_000) / whole * 100)
    told = f"Against the whole portfolio of {STYLE.money(Decimal(whole), 'GBP')} that gap is {share} a year."
    assert (told in text) is (currency == "GBP")
    assert ("Drawn from the sources" in text) is (currency != "GBP")


@pytest.mark.parametrize("amounts", [(30_000,), (-30_000,), (30_000, 20_000), (-20_000, -20_000), (40_000, -20_000)])
def test_payments_are_told_as_they_were(amounts: tuple[int, ...], facts_of: Compute) -> None:
    days = ("2025-06-30", "2025-09-30")[: len(amounts)]
    values, value = [{"date": "2025-03-31", "value": 200_000}], Decimal(200_000)
    for place, day in enumerate(("2025-06-30", "2025-09-30", "2025-12-31", "2026-03-31")):
        value = value * (Decimal("0.9") if place < 2 else Decimal("1.2")) + (
            amounts[place] if place < len(amounts) else 0
        )
        values.append({"date": day, "value": int(value)})
    flows = [{"date": day, "amount": amount} for day, amount in zip(days, amounts, strict=True)]
    text = write({"series": values, "flows": flows, "Currency": "GBP"}, facts_of)

    both = len({amount > 0 for amount in amounts}) > 1
    assert ("net of" in text) is both
    assert ("came and went" in text) <= both
    assert ("the one sum" in text) <= (len(amounts) == 1)
    assert "difference says" in text or both


@pytest.mark.parametrize(("total", "told"), [("1.0%", "cost 1 percentage point"), ("3.0%", ""), ("-1%", "")])
def test_one_position_that_decided_the_result_is_told_apart_from_the_rest(
    total: str, told: str, facts_of: Compute
) -> None:
    movers = [{"name": "Acme", "weight": "10%", "return": "20%"}, {"name": "Beta", "weight": "5%", "return": "-10%"}]
    text = write({"top_movers_data": movers, "Portfolio Return": total}, facts_of)

    assert (f"Without Acme, all the rest together {told}" in text) is bool(told)
    assert ("Without Acme" in text) is bool(told)
