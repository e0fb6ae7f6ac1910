"""Once what is due is paid all else is a larger part of the rest: what is above a limit then is told, with how much
would have to go for it to hold."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
FIELDS = [
    ("Planned payments", {"Date": "2026-10-05", "Amount": 200_000, "Purpose": "Tax"}),
    ("Geplante Zahlungen", {"Datum": "05.10.2026", "Betrag": "200.000", "Zweck": "Steuer"}),
    ("Paiements prévus", {"Date": "25/10/2026", "Montant": "200 000", "Objet": "Impôts"}),
    ("Pagamenti previsti", {"Data": "25/10/2026", "Importo": "200.000", "Causale": "Imposta"}),
]  # fmt: skip


def _hold(stock: int, section: str = "holdings", **more: object) -> Payload:
    rows = [{"name": "Alpha plc", "asset_class": "Equity", "market_value": stock},
            {"name": "World ETF", "asset_class": "Equity ETF", "market_value": 400_000},
            {"name": "Govt bond fund", "asset_class": "Bonds", "market_value": 400_000 - stock},
            {"name": "Cash", "asset_class": "Cash", "market_value": 200_000}]  # fmt: skip
    return {"As Of": "2026-06-30", "Currency": "EUR", section: rows, "limits": {"single_name": "15%"}} | more


@pytest.mark.parametrize(("field", "entry"), FIELDS)
@pytest.mark.parametrize("section", ["holdings", "concentration"])
@pytest.mark.parametrize("stock", [140_000, 180_000])
def test_a_name_above_its_limit_after_the_payments_is_told(
    stock: int, section: str, field: str, entry: Payload, facts_of: Compute
) -> None:
    table = facts_of(_hold(stock, section, **{field: [entry]}))
    text = write_narrative(table, make_style("en_GB")).render()
    share, size = table.find("share_paid.single_name.alpha_plc"), table.find("reduction_paid.single_name.alpha_plc")

    assert share is not None
    assert share.value == stock * 100 / 800_000
    assert size is not None
    assert size.value == stock - 120_000
    assert "nce what is due is paid, Alpha plc is" in text, text
    assert ("Only once what is due is paid, Alpha plc is" in text) is (stock == 140_000)


@pytest.mark.parametrize("stock", [100_000, 120_000])
def test_what_holds_before_and_after_is_not_told(stock: int, facts_of: Compute) -> None:
    field, entry = FIELDS[0]

    assert facts_of(_hold(stock, **{field: [entry]})).find("share_paid.single_name.alpha_plc") is None


def test_money_that_is_kept_does_not_leave(facts_of: Compute) -> None:
    assert not [x for x in facts_of(_hold(140_000, Reserve="€200,000")).facts if x.id.startswith("share_paid")]


def test_a_class_above_its_own_bound_after_the_payments_is_told(facts_of: Compute) -> None:
    field, entry = FIELDS[0]
    payload = _hold(100_000, **{field: [entry]}) | {"limits": {"single_name": "15%", "equity": "max 55%"}}
    table = facts_of(payload)
    share = next((fact for fact in table.facts if fact.id == "share_paid.bound.equity"), None)

    assert share is not None
    assert share.value == 62.5


@pytest.mark.parametrize("own", [True, False])
def test_the_limit_that_is_passed_then_is_told_with_whose_it_is(own: bool, facts_of: Compute) -> None:
    field, entry = FIELDS[0]
    payload = _hold(140_000 if own else 90_000, **{field: [entry]})
    if not own:
        del payload["limits"]
    text = write_narrative(facts_of(payload), make_style("en_GB")).render()

    whose = "which the client's own limit of 15%" if own else "which the house limit of 10% for one name (a default)"
    assert whose in text, text
    assert ("has to go" in text) is own
    assert ("Agree whether so much of Alpha plc is meant" in text) is not own
