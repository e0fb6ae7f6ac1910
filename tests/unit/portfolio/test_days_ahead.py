"""Days of what was that lie after the day of the request are told; its own record says which day that is."""

from datetime import date
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.reading import Context
from services.portfolio.domain.sections import Detected, detect

CATALOGUE = load_catalogue()
RECEIVED = date(2026, 6, 30)
HOLDINGS = {"Currency": "EUR", "holdings": [{"name": "Alfa", "market_value": 100_000}]}
BONDS = {"Currency": "EUR", "fixed_income": [{"name": "Bond", "face_value": 100_000, "price": 99, "coupon": "4%",
                                              "maturity": "2101-06-30", "frequency": "annual"}]}  # fmt: skip
SNAPSHOT = {"Market Value": 12_000_000, "Investment Value": 10_000_000, "Top Asset": "Equity (62%)"}


def _read(payload: dict[str, Any], received: date | None) -> FactTable:
    (found,) = detect([payload], CATALOGUE.sections)
    assert isinstance(found, Detected)
    return compute(found, CATALOGUE, Context(received=received))


def _series(last: str) -> dict[str, Any]:
    days = ("2026-04-30", "2026-05-31", last)
    return {"series": [{"date": day, "value": 100 + at} for at, day in enumerate(days)], "Currency": "EUR"}


@pytest.mark.parametrize("payload", [HOLDINGS, BONDS, SNAPSHOT])
@pytest.mark.parametrize(
    ("day", "ahead"), [("2099-12-31", True), ("2026-07-31", True), ("2026-07-01", False), ("2026-06-30", False)]
)
def test_a_payload_of_a_day_to_come_is_told(payload: dict[str, Any], day: str, ahead: bool) -> None:
    table = _read(payload | {"As Of": day}, RECEIVED)

    assert any(note.code == "day_ahead" for note in table.warnings) is ahead
    assert ("still to come" in write_narrative(table, make_style("en_US")).render()) is ahead


@pytest.mark.parametrize(("last", "ahead"), [("2062-06-30", True), ("2026-06-30", False)])
def test_a_track_that_ends_in_days_to_come_is_told(last: str, ahead: bool) -> None:
    assert any(note.code == "day_ahead" for note in _read(_series(last), RECEIVED).warnings) is ahead


def test_without_a_day_of_the_request_nothing_is_told() -> None:
    assert not any(note.code == "day_ahead" for note in _read(HOLDINGS | {"As Of": "2099-12-31"}, None).warnings)
