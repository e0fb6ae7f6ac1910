"""What is close below its limit is named, and the day on which a bond is repaid is read in its name, in the order of
all names of its table."""

from datetime import date
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.reading import Context, read
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
ISSUERS = [("Alpha", 95_000), ("Beta", 98_000), ("Delta", 87_000), ("Zeta", 150_000), ("Eps", 70_000)]


@pytest.mark.parametrize("currency", ["EUR", "GBP", "INR"])
@pytest.mark.parametrize("limits", [{"issuer": "10%"}, {"max per issuer": 0.1}, {"Emittent": "10 %"}, None])
def test_issuers_close_below_their_limit_are_named(limits: Payload | None, currency: str, facts_of: Compute) -> None:
    rows = [
        {"name": f"{name} {place} 2031", "asset_class": "Bonds", "issuer": name, "market_value": value / 2}
        for name, value in ISSUERS for place in (1, 2)
    ]  # fmt: skip
    rows.append({"name": "World Equity Fund", "asset_class": "Equity", "market_value": 500_000})
    limits = limits if limits is not None else {"issuer": "10%"}
    payload = {"As Of": "2026-03-31", "Currency": currency, "holdings": rows, "limits": limits}
    table = facts_of(payload)
    text = write_narrative(table, make_style("en_GB")).render()
    near = [fact.subject for fact in table.facts if fact.id.startswith("near_limit.issuer.")]

    assert near == ["Beta", "Alpha"]
    assert "Near the client's own limit of 10% for an issuer" in text
    assert "which a small rise could pass: Beta (9.8%) and Alpha" in text
    assert "Add nothing to Beta and Alpha" in text


def test_debtors_of_bonds_close_below_the_limit_are_named(facts_of: Compute) -> None:
    rows = [
        {"name": f"{name} 2% 2031", "issuer": name, "market_value": value} for name, value in ISSUERS
    ] + [{"name": "US Treasury 2% 2031", "rating": "AA+", "market_value": 500_000}]  # fmt: skip
    table = facts_of({"As Of": "2026-03-31", "Currency": "EUR", "fixed_income": rows})

    assert (
        "which a small rise could pass: Beta 2% 2031 (9.8%) and Alpha 2% 2031"
        in write_narrative(table, make_style("en_GB")).render()
    )


NAMES: list[tuple[str, str]] = [
    ("BTP 2,5% 30/04/2035", "2035-04-30"), ("Bund 2.5% 15.08.2046", "2046-08-15"),
    ("OAT 0,75% 25/05/2028", "2028-05-25"),
    ("UST 4.25 11/15/34", "2034-11-15"), ("BTPS 4.35% 01-NOV-33", "2033-11-01"), ("GILT 4.25% 07DEC2040", "2040-12-07"),
    ("EIB 2.75% 2030-07-30", "2030-07-30"), ("Ford Motor Credit 5.113% 03may29", "2029-05-03"),
    ("Obligation Etat 1,5% 25/05/31", "2031-05-25"), ("T 2 1/4 08/15/27", "2027-08-15"),
    ("SGB 8.2% 5.5.2027", "2027-05-05"),
    ("JGB 0.5% 20 Mar 2033", "2033-03-20"), ("Bonos 3,45% 31/10/2034", "2034-10-31"),
    ("Germany 0% Aug-31", "2031-08-31"),
]  # fmt: skip
OPEN = ["Nestlé Holdings 4% 12/09/2030", "Swiss Life 5.25% perpetual", "Bayer 3.125% 12/11/2079 call 12/11/27",
        "Corporate Bond 4% 2030"]  # fmt: skip


def _read_days(names: list[str], field: str, catalogue: Catalogue) -> dict[str, date | None]:
    kind = {"asset_class": "Bonds"} if field == "holdings" else {}
    rows = [{"name": name, "market_value": 100_000} | kind for name in names]
    (found,) = detect([{"As Of": "2026-03-31", "Currency": "EUR", field: rows}], catalogue.sections)
    assert isinstance(found, Detected)
    return {row.text("name") or "": row.day("maturity") for row in read(found, catalogue, Context()).table(field).rows}


@pytest.mark.parametrize("field", ["fixed_income", "holdings"])
@pytest.mark.parametrize(("name", "day"), NAMES)
def test_the_day_of_repayment_is_read_in_a_name(name: str, day: str, field: str, catalogue: Catalogue) -> None:
    assert _read_days([name], field, catalogue)[name] == date.fromisoformat(day)


@pytest.mark.parametrize("name", OPEN)
def test_a_name_that_may_mean_several_days_or_none_says_none(name: str, catalogue: Catalogue) -> None:
    assert _read_days([name], "fixed_income", catalogue)[name] is None


@pytest.mark.parametrize(("beside", "day"), [
    ("BTP 2,5% 30/04/2035", "2030-09-12"), ("UST 4.25 11/15/2034", "2030-12-09"),
])  # fmt: skip
def test_the_names_beside_it_say_the_order_of_a_day(beside: str, day: str, catalogue: Catalogue) -> None:
    assert _read_days([OPEN[0], beside], "fixed_income", catalogue)[OPEN[0]] == date.fromisoformat(day)


def test_names_of_several_orders_say_none(catalogue: Catalogue) -> None:
    assert _read_days([OPEN[0], NAMES[0][0], NAMES[3][0]], "fixed_income", catalogue)[OPEN[0]] is None
