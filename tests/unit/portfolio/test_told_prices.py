"""Prices that are older than is usual for what they are of are named, with the weight that rests on them; what has the
day of the list says nothing."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
TODAY = date(2026, 10, 31)
FIELDS = [
    "priceDate", "Price Date", "price_as_of", "Priced on", "NAV date", "Val Date", "Valuation Date", "Kursdatum",
    "Bewertungsdatum", "Kurs vom", "date du cours", "Date de valorisation", "date VL", "koersdatum", "data prezzo",
    "fecha precio",
]  # fmt: skip
KINDS = [
    ("Alpha plc", "Equity", 7), ("World Fund", "Equity", 16), ("Alpha 4% 2030", "Bonds", 16),
    ("Northgate Buyout VI", "Private Equity", 100), ("Direct Lending II", "Private Credit", 100),
    ("12 Elm Close", "Property", 366), ("Embassy Office Parks REIT", "Real Estate", 7),
]  # fmt: skip


def _hold(field: str, age: int, name: str = "UK Commercial Property Fund", kind: str = "Fund") -> Payload:
    rows: list[Payload] = [
        {"name": name, "asset_class": kind, "market_value": 200_000, field: (TODAY - timedelta(age)).isoformat()},
        {"name": "Beta plc", "asset_class": "Equity", "market_value": 300_000, field: TODAY.isoformat()},
        {"name": "Gamma plc", "asset_class": "Equity", "market_value": 400_000, field: TODAY.isoformat()},
        {"name": "Cash", "asset_class": "Cash", "market_value": 100_000, field: TODAY.isoformat()},
    ]
    return {"As Of": TODAY.isoformat(), "Currency": "GBP", "holdings": rows}


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), make_style("en_GB")).render()


@pytest.mark.parametrize("field", FIELDS)
def test_an_old_price_is_named_with_its_day_and_the_weight_that_rests_on_it(field: str, facts_of: Compute) -> None:
    table = facts_of(_hold(field, 214))
    text = write_narrative(table, make_style("en_GB")).render()
    share = table.find("stale_share")

    assert share is not None
    assert share.value == Decimal(20)
    assert "UK Commercial Property Fund (20%) was last priced on 31 March 2026, 214 days before this list" in text, text
    assert TODAY.isoformat() not in text


@pytest.mark.parametrize(("kind", "over"), list(product(KINDS, [0, 1])))
def test_what_is_old_depends_on_how_often_its_kind_is_priced(
    kind: tuple[str, str, int], over: int, facts_of: Compute
) -> None:
    name, sent, days = kind
    text = write(_hold("priceDate", days + over, name, sent), facts_of)

    assert ("was last priced on" in text) is bool(over), text


def test_several_old_prices_are_told_together(facts_of: Compute) -> None:
    payload = _hold("priceDate", 214)
    payload["holdings"][1]["priceDate"] = "2026-06-30"
    text = write(payload, facts_of)

    assert "Beta plc (30%) was last priced on 30 June 2026" in text
    assert "50% of the portfolio rests on such prices" in text


@pytest.mark.parametrize("day", [None, "", "n/a", TODAY.isoformat(), "2026-11-02"])
def test_without_an_old_day_nothing_is_said_of_prices(day: str | None, facts_of: Compute) -> None:
    payload = _hold("priceDate", 0)
    payload["holdings"][0]["priceDate"] = day

    assert "priced" not in write(payload, facts_of)


def test_a_row_without_a_day_of_the_list_is_not_judged(facts_of: Compute) -> None:
    payload = _hold("priceDate", 214)
    del payload["As Of"]

    assert "was last priced" not in write(payload, facts_of)


LOCKS = [
    ("dealingStatus", "SUSPENDED"), ("Liquidity", "Qtrly / 90d notice"), ("Liquidity", "Illiquid"),
    ("status", "gated"), ("Redemption terms", "suspended until further notice"), ("notice_period", "90 days"),
    ("Kündigungsfrist", "3 Monate"), ("Handelbarkeit", "ausgesetzt"), ("liquidité", "illiquide"),
    ("rachats", "suspendus"), ("préavis", "60 jours"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), LOCKS)
def test_what_is_not_dealt_in_is_not_sold(field: str, value: str, facts_of: Compute) -> None:
    rows: list[Payload] = [
        {"name": "Alpha plc", "asset_class": "Equity", "market_value": 600_000, field: value},
        {"name": "World Fund", "asset_class": "Equity", "market_value": 300_000},
    ]
    text = write({"As Of": TODAY.isoformat(), "Currency": "GBP", "holdings": rows}, facts_of)

    assert "Alpha plc may not be sold now" in text, text
    assert "of Alpha plc" not in text.partition("To consider:")[2]


@pytest.mark.parametrize(("field", "value"), [("Liquidity", "T+1"), ("status", "active"), ("dealing", "daily"),
                                              ("notice_days", 0), ("notice period", "none")])  # fmt: skip
def test_what_is_dealt_in_is_free(field: str, value: object, facts_of: Compute) -> None:
    rows: list[Payload] = [
        {"name": "Alpha plc", "asset_class": "Equity", "market_value": 600_000, field: value},
        {"name": "World Fund", "asset_class": "Equity", "market_value": 300_000},
    ]

    assert "may not be sold" not in write({"As Of": TODAY.isoformat(), "Currency": "GBP", "holdings": rows}, facts_of)
