"""A client's limits for asset classes, in any section and shape: judged wherever the classes are known, before any
range of the house, and told as kept or broken."""

import itertools
import re
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import AS_SENT, FactTable
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
MIX = {"Equity": 59, "Fixed Income": 33, "Cash": 8}


def _snapshot(words: dict[str, str], **more: object) -> Payload:
    return {"Market Value": "€1,000,000", "Investment Value": "€900,000", "Top Asset": f"{words['Equity']} (59%)",
            "Asset Allocation": {words[name]: f"{share}%" for name, share in MIX.items()}} | more  # fmt: skip


def _listed(words: dict[str, str], **more: object) -> Payload:
    rows = [{"name": f"House {place}", "asset_class": words[name], "market_value": share * 10_000}
            for place, (name, share) in enumerate(MIX.items())]  # fmt: skip
    return {"Currency": "EUR", "holdings": rows} | more


def _overview_of_rows(words: dict[str, str], **more: object) -> Payload:
    rows = [{"Name": f"House {place}", "Class": words[name], "Weight": f"{share}%"}
            for place, (name, share) in enumerate(MIX.items())]  # fmt: skip
    return {"Market Value": "€1,000,000", "Investment Value": "€900,000", "Top Asset": "House 0 (59%)",
            "Holdings": rows} | more  # fmt: skip


def _concentrated(words: dict[str, str], **more: object) -> Payload:
    payload = _listed(words, **more)
    payload["concentration"] = payload.pop("holdings")
    return payload


def _modelled(words: dict[str, str], **more: object) -> Payload:
    rows = [{"asset": f"House {place}", "Class": words[name], "market_value": share * 10_000,
             "model_weight": f"{share}%"}
            for place, (name, share) in enumerate(MIX.items())]  # fmt: skip
    return {"total_portfolio_mv": "€1,000,000", "customer_risk_profile": "Moderate", "assets": rows} | more


MAKERS = {"snapshot": _snapshot, "overview of rows": _overview_of_rows, "holdings": _listed,
          "concentration": _concentrated, "model": _modelled}  # fmt: skip
ENGLISH = {name: name for name in MIX}
WORDS = [
    ENGLISH, {"Equity": "Stocks", "Fixed Income": "Bonds", "Cash": "Cash"},
    {"Equity": "Aktien", "Fixed Income": "Anleihen", "Cash": "Liquidität"},
    {"Equity": "Actions", "Fixed Income": "Obligations", "Cash": "Liquidités"},
    {"Equity": "Aandelen", "Fixed Income": "Obligaties", "Cash": "Liquiditeiten"},
    {"Equity": "Azioni", "Fixed Income": "Obbligazioni", "Cash": "Liquidità"},
    {"Equity": "Acciones", "Fixed Income": "Renta fija", "Cash": "Efectivo"},
]  # fmt: skip


def _range(least: int, most: int) -> list[object]:
    return [f"{least}% to {most}%", f"{least}-{most}%", f"{least} % – {most} %", {"min": least, "max": most},
            {"min": f"{least}%", "max": f"{most}%"}, [f"{least}%", f"{most}%"],
            {"from": f"{least} %", "to": f"{most} %"},
            f"between {least}% and {most}%", f"zwischen {least} und {most} %", f"{least}% bis {most}%"]  # fmt: skip


NAMES = ("Client Limits", "Policy Ranges", "Limits", "limits", "Investment Policy", "House View", "Anlagerichtlinien")
OBJECTS = [{name: {word: shape}} for name, (word, shape) in zip(
    itertools.cycle(NAMES), itertools.product(["Equity"], _range(40, 55)), strict=False)]  # fmt: skip
LISTS: list[Payload] = [
    {"limits": [{"class": "Equity", "min": "40%", "max": "55%"}]},
    {"limits": [{"Asset Class": "Equity", "Range": "40-55%"}]},
    {"Policy": ["Equity 40-55%", "Fixed Income 20-50%"]}, {"Limits": "Equity 40% to 55%; Fixed Income 20% to 50%"},
    {"Limits": "Equity between 40% and 55%, Fixed Income between 20% and 50%"},
    {"Equity Range": "40-55%"}, {"limits": {"Equity min": "40%", "Equity max": "55%"}},
    {"limits": {"min": {"Equity": "40%"}, "max": {"Equity": "55%"}}},
    {"limits": ["Equity at least 40%", "Equity at most 55%"]}, {"limits": {"Equity": ">= 40%, <= 55%"}},
]  # fmt: skip


def tell(table: FactTable) -> str:
    return write_narrative(table, STYLE).render()


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("sent", [*OBJECTS, *LISTS], ids=str)
def test_a_broken_range_of_equity_is_told_before_any_of_the_house(maker: str, sent: Payload, facts_of: Compute) -> None:
    table = facts_of(MAKERS[maker](ENGLISH, **sent))
    text = tell(table)
    most = table.find("profile_max")
    assert most is not None

    assert (most.value, most.method) == (Decimal(55), AS_SENT)
    assert "more than the 55% that suits the client by the client's own range" in text
    assert "house range" not in text
    assert "could be held against" not in text
    assert "was sent" not in text


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("words", WORDS, ids=lambda words: words["Equity"])
def test_ranges_of_all_classes_that_are_kept_are_told_as_kept(
    maker: str, words: dict[str, str], facts_of: Compute
) -> None:
    ranges = {words["Equity"]: "50% to 65%", words["Fixed Income"]: "30% to 45%", words["Cash"]: "2% to 9%"}
    table = facts_of(MAKERS[maker](words, **{"Policy Ranges": ranges}))
    text = tell(table)

    assert "suits the client, whose own range is 50% to 65%" in text
    for word, share, ends in ((words["Fixed Income"], 33, "30% and 45%"), (words["Cash"], 8, "2% and 9%")):
        assert re.search(rf"{word} (?:is|are) {share}%, within the client's own limits of {ends}", text, re.IGNORECASE)
    assert "house range" not in text
    assert "Cash is 8% of" not in text
    assert "could be held against" not in text


ENDS: list[tuple[Payload, str, str]] = [
    ({"Fixed Income": "max 30%"}, "excess.bound.debt", "3 points above of 30"),
    ({"Fixed Income": "at least 40%"}, "shortfall.bound.debt", "7 points below of 40"),
    ({"Fixed Income": "40-50%"}, "shortfall.bound.debt", "7 points below of 40"),
    ({"Cash": "min 10%"}, "shortfall.bound.cash", "2 points below of 10"),
    ({"Cash": {"min": 10, "max": 20}}, "shortfall.bound.cash", "2 points below of 10"),
    ({"Equity": "max 50%"}, "excess.bound.equity", "9 points above of 50"),
    ({"Equity": "min 70%"}, "shortfall.bound.equity", "11 points below of 70"),
]  # fmt: skip


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize(("limits", "fact", "says"), ENDS, ids=str)
def test_either_end_that_is_passed_is_named_with_by_how_much_and_an_action(
    maker: str, limits: Payload, fact: str, says: str, facts_of: Compute
) -> None:
    table = facts_of(MAKERS[maker](ENGLISH, **{"Client Limits": limits, "Risk Profile": "Moderate"}))
    text = tell(table)

    assert table.find(fact) is not None
    by, side, end = says.replace(" points", "").replace(" of", "").split()
    assert f"{by} percentage points {side} the client's own limit of {end}%" in text
    assert "could be held against" not in text
    assert "To consider" in text
    if "Equity" in limits:
        assert "house range" not in text


@pytest.mark.parametrize("limits", [{"US Equity": "max 30%"}, {"US Equity": "20% to 30%"}])
def test_a_limit_for_a_part_of_a_class_is_one_for_that_part(limits: Payload, facts_of: Compute) -> None:
    payload = _snapshot(ENGLISH, **{"Policy Ranges": limits})
    payload["Asset Allocation"] = {"US Equity": "41%", "International Equity": "18%", "Bonds": "41%"}
    text = tell(facts_of(payload))

    assert "US Equity is 41% of the portfolio, 11 percentage points above the client's own limit of 30%" in text
    assert "Equity is 59%" not in text


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("limits", [{"Small Cap": "max 10%"}, {"Emerging Markets Equity": "5-10%"}])
def test_a_limit_for_a_part_that_is_not_listed_is_not_held_against_the_class(
    maker: str, limits: Payload, facts_of: Compute
) -> None:
    text = tell(facts_of(MAKERS[maker](ENGLISH, **{"Client Limits": limits})))

    assert "could be held against" in text
    assert "above the client's own limit" not in text


@pytest.mark.parametrize("limits", [{"Fixed Income": "40-50%"}, {"Fixed Income": "at least 40%"}])
def test_a_least_that_what_is_not_known_may_reach_is_not_told_as_broken(limits: Payload, facts_of: Compute) -> None:
    payload = _snapshot(ENGLISH, **{"Policy Ranges": limits})
    payload["Asset Allocation"] = {"Equity": "59%", "Fixed Income": "33%", "Multi Asset": "8%"}
    text = tell(facts_of(payload))

    assert "below the client's own limit" not in text
    assert "could be held against" in text


@pytest.mark.parametrize("limits", [{"Equity": "40% to 55%"}, {"Bonds": "max 30%"}])
@pytest.mark.parametrize("payload", [
    {"income": [{"name": "Acme", "market_value": 1000, "yield": "3%"}]},
    {"fixed_income": [{"name": "Acme 4% 2031", "face_value": 1000, "price": 100, "coupon": "4%",
                       "maturity": "2031-06-30"}]},
    {"series": [{"date": f"2026-0{month}-28", "value": 1000 + month} for month in range(1, 7)]},
])  # fmt: skip
def test_where_no_classes_are_known_it_is_said_that_a_limit_is_not_judged(
    payload: Payload, limits: Payload, facts_of: Compute
) -> None:
    assert "could be held against" in tell(facts_of({"Currency": "EUR"} | payload | {"Client Limits": limits}))
