"""Comparisons of what cannot be compared: parts beyond their whole, yields before and after inflation, risk by a beta
that says little of it, weights that fell where a price rose, and averages over what is past its day."""

import random
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
INDEX = [
    1.2,
    1.6,
    -1.1,
    2.1,
    1.3,
    -2.4,
    1.9,
    1.2,
    2.6,
    -1.4,
    1.8,
    0.6,
    1.4,
    1.7,
    -1.5,
    2.2,
    1.3,
    -1.8,
    1.1,
    2.3,
    0.5,
    1.7,
]


def write(table: FactTable) -> str:
    return write_narrative(table, STYLE).render()


def list_advice(text: str) -> list[str]:
    return [line[2:] for line in text.partition("To consider:")[2].splitlines() if line.startswith("- ")]


def move(*rows: tuple[str, float, float], **more: Any) -> Payload:
    """Movers as name, weight and return."""
    data = [{"name": name, "weight": f"{weight}%", "return": f"{change}%"} for name, weight, change in rows]
    return {"top_movers_data": data, **more}


@pytest.mark.parametrize("whole", [0.9, 1.4, 3.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_part_is_not_more_of_it_than_the_whole(whole: float, sign: int, facts_of: Compute) -> None:
    rows = ("Acme Fund", 9, 20 * sign), ("Beta Fund", 2, 1 * sign)
    text = write(facts_of(move(*rows, **{"Portfolio Return": f"{whole * sign}%"})))

    assert ("points of it." in text) is (whole == 3.0)
    assert ("more than the whole, as everything else" in text) is (whole != 3.0)


@pytest.mark.parametrize("whole", [1, 9, 12])
def test_a_weight_rises_with_what_was_gained_beyond_the_whole(whole: int, facts_of: Compute) -> None:
    rows = ("Index Fund", 60, 12), ("Solar plc", 8, 45), ("Bank plc", 5, -3)
    advice = " ".join(list_advice(write(facts_of(move(*rows, **{"Portfolio Return": f"{whole}%"})))))

    wanted = "Index Fund" if whole == 1 else "Solar plc"  # 60 x 11 is more than 8 x 44
    assert f"See whether the rise has taken {wanted} above its intended weight." in advice


@pytest.mark.parametrize(("name", "weight", "told"), [
    ("Novo Nordisk", 35, True), ("Novo Nordisk", 9, False), ("World ETF", 60, False), ("Mortgage bonds", 40, False),
    ("FTSE 100 tracker", 30, False), ("Equinor", 12, True),
])  # fmt: skip
def test_a_mover_that_decides_on_the_whole_is_held_against_its_limit(
    name: str, weight: int, told: bool, facts_of: Compute
) -> None:
    text = write(facts_of(move((name, weight, -20), ("Other Fund", 10, 3), **{"Portfolio Return": "-6%"})))

    assert (f"{name} had a weight of {weight}% at the start" in text) is told
    assert (f"Agree how much of {name} may be held at all" in text) is told


@pytest.mark.parametrize("change", [4, 10, 25])
def test_the_rise_of_what_is_held_short_is_no_gain(change: int, facts_of: Compute) -> None:
    text = write(facts_of(move(("Short VIX", -2, change), ("Acme", 5, 3), **{"Portfolio Return": "1%"})))

    assert "Short VIX, which is held short, hurt most" in text
    assert f"Short VIX (+{change}%)" not in text


@pytest.mark.parametrize(("period", "said"), [
    ("first half of 2026", "over the first half of 2026"), ("week of 26 October", "over the week of 26 October"),
    ("Q3 2026", "over Q3 2026"), ("2026 to date", "over 2026 to date"),
    ("October 2026", "over October 2026"), ("year to date", "over year to date"),
])  # fmt: skip
def test_a_period_is_named_as_it_is_spoken(period: str, said: str, facts_of: Compute) -> None:
    assert said in write(facts_of(move(("Acme", 5, 3), **{"Portfolio Return": "1%", "Period": period})))


@pytest.mark.parametrize("gainers", [1, 2])
def test_losers_are_not_led_by_a_gainer(gainers: int, facts_of: Compute) -> None:
    names = [{"name": f"Up {n}", "return": f"{n + 9}%"} for n in range(gainers)]
    text = write(facts_of({"top_movers_data": [*names, {"name": "Down", "return": "-4%"}]}))

    assert text.startswith(f"{gainers} of the movers gained, led by Up {gainers - 1} (+{gainers + 8}%), and 1 lost.")


# Performance


def track(own: list[float], **more: Any) -> Payload:
    return {"returns": [f"{value}%" for value in own], "benchmark": [f"{value}%" for value in INDEX],
            "periods_per_year": 12, "benchmark_name": "Index", **more}  # fmt: skip


def noisy(beta: float, noise: float) -> list[float]:
    """A track of that beta, of swings of its own, and behind the benchmark."""
    return [round(beta * value + (noise if place % 4 < 2 else -noise) - 0.3, 3) for place, value in enumerate(INDEX)]


@pytest.mark.parametrize(
    ("beta", "noise", "borne"), [(0.3, 0.1, True), (0.5, 0.1, True), (0.3, 5, False), (0.5, 3, False)]
)
def test_a_low_beta_is_less_risk_only_where_swings_are_smaller_too(
    beta: float, noise: float, borne: bool, facts_of: Compute
) -> None:
    text = write(facts_of(track(noisy(beta, noise))))

    assert ("taking less market risk" in text) is borne
    assert ("It took more risk for less return" in text) is not borne
    assert text.count("Volatility was") + text.count("volatility was") == 1


@pytest.mark.parametrize("first", [1, 2, 3])
def test_the_gap_over_a_part_of_the_time_stands_beside_the_return_of_that_part(first: int, facts_of: Compute) -> None:
    ends = ("03-31", "06-30", "09-30", "12-31")
    days = ["2023-12-31", *(f"{year}-{end}" for year in (2024, 2025) for end in ends)]
    values, index = [500, 515, 498, 530, 545, 560, 552, 580, 600], [90, 95, 99, 100, 103, 108, 110, 116, 119]
    own = [{"date": day, "value": value * 1_000} for day, value in zip(days, values, strict=True)]
    other = [{"date": day, "value": value} for day, value in zip(days, index, strict=True)][first:]
    table = facts_of({"series": own, "benchmark": other, "Currency": "EUR"})
    part = table.find("shared_cagr")

    assert part is not None
    assert f"Over the quarters that both have the portfolio returned {STYLE.percent(part.value)} a year" in write(table)


@pytest.mark.parametrize("flow", [-10_000, 15_000])
def test_a_value_that_is_what_it_was_did_not_go_anywhere(flow: int, facts_of: Compute) -> None:
    series = [{"date": "2023-12-31", "value": 1_000_000}, {"date": "2024-06-30", "value": 990_000},
              {"date": "2024-12-31", "value": 1_000_000}]  # fmt: skip
    flows = [{"date": "2024-06-30", "amount": flow}]
    text = write(facts_of({"series": series, "flows": flows, "Currency": "GBP"}))

    assert "Its value is £1 million again, as it was at the start" in text


# Bonds


def bond(
    name: str, worth: int, maturity: str | None, rating: str, ytm: float | None = 4, duration: float | None = 4
) -> Payload:
    found = {"name": name, "market_value": worth, "maturity": maturity, "rating": rating, "coupon": "3%",
             "ytm": f"{ytm}%" if ytm is not None else None, "duration": duration}  # fmt: skip
    return {key: value for key, value in found.items() if value is not None}


def lend(*rows: Payload, **more: Any) -> Payload:
    return {"fixed_income": list(rows), "As Of": "2026-10-31", "Currency": "EUR", **more}


GILT = bond("UK Gilt 2033", 60_000, "2033-07-31", "AA")


@pytest.mark.parametrize("ytm", [2, 9, None])
@pytest.mark.parametrize("rating", ["D", "BBB"])
def test_what_is_past_its_day_is_in_no_average(ytm: float | None, rating: str, facts_of: Compute) -> None:
    past = bond("Gone NCD", 40_000, "2026-06-01", rating, ytm, None)
    table = facts_of(lend(GILT, past))
    average, duration, cost = (table.find(name) for name in ("ytm", "duration", "sensitivity_amount"))

    assert average is not None
    assert average.value == 4
    assert duration is not None
    assert duration.value == 4
    assert cost is not None
    assert cost.value == -Decimal(60_000) * 4 / 100
    assert "What is past its date counts by its value alone." in write(table)


@pytest.mark.parametrize("name", ["OATi 2036", "US TIPS 1.25% 2034", "BTP Italia 2028", "Index-linked gilt 2035",
                                  "Tesouro IPCA+ 2035"])  # fmt: skip
@pytest.mark.parametrize("inflation", [2.1, 4.5])
def test_a_yield_after_inflation_is_not_held_against_inflation(name: str, inflation: float, facts_of: Compute) -> None:
    linked = bond(name, 90_000, "2036-07-25", "A+", 1.1, 9)
    text = write(
        facts_of(lend(linked, bond("Orange 2032", 60_000, "2032-05-18", "BBB+", 3.3), inflation=f"{inflation}%"))
    )

    assert f"{name} is linked to inflation: its yield comes on top of it" in text
    assert "the average yield to maturity is" not in text
    assert f"Without {name} the average yield is 3.3%. The average yield" in text
    assert ("percentage points a year below it" in text) is (inflation > 3.3)


def test_linked_bonds_alone_are_not_told_to_be_eaten_by_inflation(facts_of: Compute) -> None:
    text = write(facts_of(lend(bond("US TIPS 2034", 90_000, "2034-07-15", "AA+", 1.5), inflation="3%")))

    assert "buy less than today" not in text
    assert "look at index-linked bonds" not in text


@pytest.mark.parametrize("ratings", [("AAA", "AAA"), ("AAA", "A"), ("A", "BBB")])
def test_the_safest_debtors_are_not_spread_and_told_to_wait_at_once(
    ratings: tuple[str, str], facts_of: Compute
) -> None:
    rows = bond("Large 2031", 60_000, "2031-05-18", ratings[0]), bond("Other 2032", 30_000, "2032-05-18", ratings[1])
    text = write(facts_of(lend(GILT, *rows)))
    advice = " ".join(list_advice(text))
    safe = ratings == ("AAA", "AAA")

    assert ("Spread what" in advice) is not safe
    assert ("Agree in writing why so much may be owed by Large 2031 and Other 2032" in advice) is safe
    assert ("Other 2032 has a weight" in text) is (ratings == ("AAA", "A"))  # the riskier one first


def test_what_has_no_day_of_maturity_is_not_lost_from_the_ladder(facts_of: Compute) -> None:
    for missing in (1, 2):
        rows = [bond(f"Perp {n}", 20_000, "perpetual", "A", 5, None) for n in range(missing)]
        text = write(facts_of(lend(GILT, *rows)))

        assert "What has no day of maturity is left out of these: Perp 0" in text
        assert "What a rise in rates would cost cannot be told: the duration of Perp 0" in text


def test_a_yield_that_is_not_known_is_named_where_no_average_is(facts_of: Compute) -> None:
    for kind in ("FRN 2027", "Floater 2028"):
        text = write(facts_of(lend(GILT, bond(kind, 20_000, "2028-04-22", "A", None) | {"coupon": "SOFR + 0.9%"})))

        assert f"An average yield cannot be told: the yield of {kind} is not known." in text


@pytest.mark.parametrize("fallen", [5, 30])
def test_what_is_below_the_riskless_rate_is_named(fallen: int, facts_of: Compute) -> None:
    text = write(facts_of(track([-fallen, *([0.5] * (len(INDEX) - 1))], risk_free="5%")))

    assert "The return is below the risk-free rate of 5% a year" in text


def test_what_may_be_called_is_said_to(facts_of: Compute) -> None:
    text = write(facts_of(lend(GILT, bond("Acme 5.8% 2029 callable", 40_000, "2029-01-16", "BBB"))))

    assert "Acme 5.8% 2029 callable may be repaid before its day" in text


# Income


@pytest.mark.parametrize(("name", "kept"), [
    ("Mietwohnung Köln", True), ("Buy-to-let Leeds", True), ("Paris flat (rent)", True), ("Immediate annuity", True),
    ("Dividend ETF", False), ("Land Securities plc bond", False),
])  # fmt: skip
def test_nothing_is_drawn_from_what_is_sold_whole_or_not_at_all(name: str, kept: bool, facts_of: Compute) -> None:
    rows = [{"name": name, "income": "£9,600", "market_value": "£260,000"},
            {"name": "Telekom", "income": "£1,800", "market_value": "£60,000"}]  # fmt: skip
    text = write(facts_of({"income": rows, "annual_need": "£20,000", "Currency": "GBP"}))

    assert ("£60,000 in all" in text) is kept
    assert ("£320,000 in all" in text) is not kept
    assert (f"Nothing can be drawn from {name} without giving up what it pays" in text) is kept


@pytest.mark.parametrize("need", [None, "£20,000"])
def test_where_nothing_is_paid_the_need_is_told_all_the_same(need: str | None, facts_of: Compute) -> None:
    rows = [{"name": "Growth ETF", "income": "£0", "market_value": "£260,000"}]
    text = write(facts_of({"income": rows, "Currency": "GBP"} | ({"annual_need": need} if need else {})))

    assert ("the rest, £20,000 a year, has to come from elsewhere" in text) is (need is not None)
    assert ("Ask whether an income is needed" in text) is (need is None)


@pytest.mark.parametrize("seed", range(40))
def test_a_group_is_above_its_limit_by_what_is_told_of_its_weight(seed: int, facts_of: Compute) -> None:
    draw = random.Random(seed)
    classes = ["Equity", "Corporate Bond", "Government Bond", "Cash", "Gold", "Real Estate"]
    rows = [
        {
            "name": f"Acme {number}",
            "asset_class": draw.choice(classes),
            "sector": draw.choice(["Financials", "Energy", "Government"]),
            "region": draw.choice(["Asia", "Europe"]),
            "currency": draw.choice(["SGD", "USD"]),
            "market_value": draw.randint(1, 40) * 1000,
        }
        for number in range(draw.randint(3, 9))
    ]
    limits = {"single_name": 90, "sector": 20, "region": 30, "currency": 30}
    table = facts_of({"concentration": rows, "limits": limits, "Currency": "SGD"})
    for excess in table.list_measure("excess"):
        _, group, *names = excess.id.split(".")
        if group in {"sector", "region", "currency"}:
            weight, limit = table.find(f"weight.{group}.{'.'.join(names)}"), table.find(f"limit.{group}")
            assert weight is not None
            assert limit is not None
            assert excess.value == weight.value - limit.value


@pytest.mark.parametrize("count", range(2, 8))
def test_all_that_is_outside_its_band_is_named_and_the_plan_holds_every_trade(count: int, facts_of: Compute) -> None:
    values = [1000 + 150 * n * (-1) ** n for n in range(1, count)]
    rows = [
        {"name": f"Acme {n}", "asset_class": "Equity", "market_value": value, "band": "2%"}
        for n, value in enumerate(values)
    ]
    rows.append({"name": "Beta Bonds", "asset_class": "Debt", "market_value": 1400, "band": "2%"})
    models = [100 // count] * (count - 1)
    assets = [
        {**row, "model_weight": f"{model}%"} for row, model in zip(rows, [*models, 100 - sum(models)], strict=True)
    ]
    payload = {"assets": assets, "total_portfolio_mv": sum(values) + 1400, "Currency": "EUR"}
    table = facts_of(payload)
    text = write(table)
    drifts, bands = table.list_measure("drift"), {fact.subject: fact.value for fact in table.list_measure("band")}
    outside = [fact.subject for fact in drifts if abs(fact.value) > bands[fact.subject]]
    assert outside
    assert all(f"{name}, " in text for name in outside)
    (plan,) = [line for line in list_advice(text) if line.startswith("To return")]
    assert all(f"of {fact.subject}" in plan for fact in table.list_measure("trade") if fact.value)


@pytest.mark.parametrize("behind", [0, 5, 12])
def test_the_months_behind_the_benchmark_are_counted(behind: int, facts_of: Compute) -> None:
    months = [f"2024-{month:02}-28" for month in range(1, 13)]
    own = [{"date": day, "return": f"{(place % 3) - 0.7:.1f}%"} for place, day in enumerate(months)]
    other = [
        {"date": day, "return": f"{(place % 3) - 0.7 + (0.2 if place < behind else -0.1):.1f}%"}
        for place, day in enumerate(months)
    ]
    text = write(facts_of({"Currency": "EUR", "returns": own, "benchmark": other}))

    assert f"Counted one by one, {behind} of the 12 months that both have went to the benchmark" in text, text


@pytest.mark.parametrize("name", ["benchmark", "Benchmark", "index"])
def test_a_benchmark_in_percent_beside_returns_is_its_returns(name: str, facts_of: Compute) -> None:
    rows = [{"date": f"2025-{month:02}-28", "return": f"{month % 3 - 0.7:.1f}%", name: f"{month % 3 - 0.5:.1f}%"}
            for month in range(1, 13)]  # fmt: skip
    table = facts_of({"Currency": "EUR", "returns": rows})

    assert table.find("periods_behind").value == 12  # type: ignore[union-attr]
    assert "Name a benchmark" not in write(table)
