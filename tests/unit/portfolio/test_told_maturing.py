"""What matures before a payment counts for it, whether its day stands in a column or in its name."""

from collections.abc import Callable
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
NAMES = ["US Treasury Bill 08/06/2026", "T-Bill 6 Aug 2026", "Treasury Bill due 6 Aug 2026", "UST 0% 08/06/2026",
         "Treasury Bill 2026-08-06"]  # fmt: skip
NONE = ["US Treasury Bill", "Corporate bond 4% 2026", "Corporate bond callable 08/06/2026",
        "Corporate bond 08/06/2026 to 08/06/2027", "Corporate bond 08/06/2025"]  # fmt: skip
PAYMENT = {"planned_payments": [{"date": "08/14/2026", "amount": "$385,000", "purpose": "Closing"}]}


def _hold(name: str, more: str | None = None, class_: str = "Treasury") -> Payload:
    rows = [{"name": "World ETF", "asset_class": "Equity ETF", "market_value": 600_000},
            {"name": name, "asset_class": class_, "market_value": 150_000},
            {"name": "Cash", "asset_class": "Cash", "market_value": 142_900}]  # fmt: skip
    if more:
        rows[1]["maturity"] = more
    return {"As Of": "06/30/2026", "Currency": "USD", "holdings": rows} | PAYMENT


def _write_csv(name: str, more: str | None = None) -> Payload:
    tail = "," if more else ""
    lines = [f"Symbol,Description,Asset Class,Market Value{',Maturity' if more else ''}",
             f"VT,World ETF,Equity ETF,600000{tail}", f',"{name}",Treasury,150000{tail}{more or ""}',
             f",Cash,Cash,142900{tail}"]  # fmt: skip
    return {"As Of": "06/30/2026", "Currency": "USD", "holdings_csv": "\n".join(lines)} | PAYMENT


@pytest.mark.parametrize("make", [_hold, _write_csv])
@pytest.mark.parametrize(("name", "column"), [*((name, None) for name in NAMES), ("T-Bill", "08/06/2026")])
def test_what_matures_in_time_counts_for_the_payment(
    name: str, column: str | None, make: Callable[[str, str | None], Payload], facts_of: Compute
) -> None:
    table = facts_of(make(name, column))
    text = write_narrative(table, make_style("en_US")).render()
    short = table.find("source_short.all")

    assert short is not None
    assert short.value == 385_000 - 142_900 - 150_000
    assert "matures on August 6, 2026, in time" in text
    assert "found" in text
    assert "for the $242,100" not in text


@pytest.mark.parametrize("name", NONE)
def test_a_name_without_one_day_to_come_says_no_maturity(name: str, facts_of: Compute) -> None:
    short = facts_of(_hold(name)).find("source_short.all")

    assert short is None or short.value == 242_100


def test_a_day_in_the_name_of_shares_is_no_maturity(facts_of: Compute) -> None:
    table = facts_of(_hold("Growth 08/06/2026", class_="Equity ETF"))

    assert not [fact for fact in table.facts if "early" in fact.id]
