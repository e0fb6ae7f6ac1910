"""Ratings of sustainability beside what the client wants: never judged as credit ratings, nor by scores in figures."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
FLOORS = [
    {"preferences": "ESG: at least A rating MSCI, no tobacco"}, {"minimum ESG rating": "A"},
    {"esg": {"min rating": "A"}}, {"Nachhaltigkeit": "mindestens A"}, {"ESG-Mindestrating": "A"},
    {"préférences ESG": "au moins A"}, {"sustainability": "A or better"}, {"ESG": ">= A"},
]  # fmt: skip
COLUMNS = ["MSCI ESG", "esgRating", "ESG Rating", "Nachhaltigkeitsrating", "notation ESG"]


def _hold(floor: Payload, column: str, **more: object) -> Payload:
    rows = [{"name": "World ETF", "asset_class": "Equity", "market_value": 600, column: "AA"},
            {"name": "Shell", "asset_class": "Equity", "market_value": 90, column: "BBB"},
            {"name": "Novo Nordisk", "asset_class": "Equity", "market_value": 90, column: "A"},
            {"name": "Bund 2031", "asset_class": "Bonds", "market_value": 220, "rating": "BBB"}]  # fmt: skip
    return {"Currency": "EUR", "holdings": rows} | floor | more


@pytest.mark.parametrize("floor", FLOORS)
@pytest.mark.parametrize("column", COLUMNS)
def test_what_is_rated_below_the_wish_is_named(floor: Payload, column: str, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold(floor, column)), STYLE).render()

    assert "Shell has an ESG rating of BBB, below the A that the client wants" in text, text
    assert "No ESG rating was sent for Bund 2031" in text
    assert "Novo Nordisk has an ESG rating" not in text
    assert "Bund 2031 is rated BBB, below" not in text
    assert "Settle with the client whether Shell may stay" in text


@pytest.mark.parametrize("floor", FLOORS[1:])
def test_where_all_keep_to_it_that_is_said(floor: Payload, facts_of: Compute) -> None:
    payload = _hold(floor, "ESG Rating")
    payload["holdings"][1]["ESG Rating"] = "AAA"
    text = write_narrative(facts_of(payload), STYLE).render()

    assert "What has an ESG rating keeps to the A that the client wants" in text, text


@pytest.mark.parametrize("floor", [{}, {"ESG": "prefers sustainable funds"}, {"ESG": "no tobacco"}])
def test_without_a_least_rating_nothing_is_judged(floor: Payload, facts_of: Compute) -> None:
    assert "has an ESG rating of" not in write_narrative(facts_of(_hold(floor, "ESG")), STYLE).render()


def test_scores_in_figures_are_quoted(facts_of: Compute) -> None:
    payload = _hold({"minimum ESG rating": "A"}, "ESG")
    for row, score in zip(payload["holdings"], (14, 38, 22, 9), strict=True):
        row["ESG"] = score
    text = write_narrative(facts_of(payload), STYLE).render()

    assert "has an ESG rating of" not in text
    assert "38" in text, text
