"""Funds as registers and platforms write their names: what holds many is no single name, whatever stands behind its
unit class, and what is one company stays one."""

from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.sections import Catalogue
from tests.unit.portfolio.conftest import Compute

MARKETS = ["Global Equity", "UK Smaller Companies", "Japan", "Sterling Corporate Bond", "Emerging Markets"]
FORMS = [
    "{} Index", "{} Index Acc", "{} Index Inc", "{} Index I GBP Acc", "{} Index Institutional Plus", "{} Acc",
    "{} A Acc", "{} Accumulation", "{} (Acc)", "{} Dist", "{} GBP Hedged Dist", "{} A Inc", "{} Class B Inc",
    "{} Z Income Units", "{} - Direct (G)", "{} - Direct Plan - Growth", "{} Direct Growth",
    "{} - Regular (IDCW)",
    "{} Reg (G)", "{} UCITS ETF", "{} Ucits Etf 1C", "{} UCITS", "{} OEIC", "{} SICAV", "{} ICAV", "{} FCP",
    "{} Tracker", "{} Fund", "{} Growth Fund", "{} Fonds", "{} thesaurierend", "{} Thes.", "{} ausschüttend",
    "{} Feeder",
    "{} Feeder II", "{} Capitalisation", "{} Unit Trust", "{} LLP Fund", "{} ETF (Dist)", "{} Mutual Fund",
]  # fmt: skip
COMPANIES = [
    "Apple Inc", "Apple Inc.", "Agilent Technologies Inc", "ACC Ltd", "ACC", "ACC Limited", "Direct Line Insurance",
    "Index Living Mall", "Growth Partners Inc", "Larkmoor Robotics Inc", "Acme Income Inc.", "Distell Group",
    "Regular Holdings plc", "Capita plc", "Accor SA", "Incyte Corp", "Global Payments Inc", "Class Ltd",
    "Berkshire Hathaway Inc Class B", "Alphabet Inc A", "Thesis Ltd", "Income Partners AG",
    "Index Corp", "US Bank", "US Steel", "Japan Tobacco", "Realty Income", "American Express", "Deutsche Bank",
    "Public Storage", "Acc Group plc",
]  # fmt: skip


@pytest.mark.parametrize(("market", "form"), list(product(MARKETS, FORMS)))
def test_a_fund_holds_many_by_the_form_of_its_name(market: str, form: str, catalogue: Catalogue) -> None:
    assert catalogue.reference.is_broad(form.format(market))


CLASSES = [
    "Public Equity", "Core Bonds", "Private Equity", "Venture Capital", "Global Equities", "UK equities",
    "Corporate bonds", "Emerging Market Equity", "Real Estate", "Hedge Funds", "Investment Grade Bonds",
]  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_that_stands_as_a_row_is_no_single_name(name: str, catalogue: Catalogue) -> None:
    assert catalogue.reference.is_broad(name)


@pytest.mark.parametrize("name", COMPANIES)
def test_a_company_is_one_name_though_its_name_has_such_a_word(name: str, catalogue: Catalogue) -> None:
    assert not catalogue.reference.is_broad(name)


@pytest.mark.parametrize("form", FORMS)
def test_nobody_is_told_to_sell_a_fund_for_the_risk_of_one_name(form: str, facts_of: Compute) -> None:
    fund = form.format("Global Equity")
    rows: list[dict[str, Any]] = [
        {"name": fund, "market_value": 600_000}, {"name": "Larkmoor Robotics plc", "market_value": 30_000},
        {"name": "Cash", "market_value": 20_000},
    ]  # fmt: skip
    text = write_narrative(
        facts_of({"As Of": "2026-09-30", "Currency": "GBP", "holdings": rows}), make_style("en_GB")
    ).render()

    assert "one holding going wrong" not in text
    assert f"Bring {fund}" not in text


MANDATES = [
    "Global Equity Mandate", "Euro IG Bond Mandate", "Mandat Actions Europe", "Aktienmandat (Mandat A)",
    "Discretionary Portfolio B", "UK Equity Sleeve", "Managed Account Equities", "Portfolio of Swiss Shares",
    "Vermögensverwaltung Aktien", "Gestione Patrimoniale Azioni",
]  # fmt: skip
VEHICLES = ["Hamburg Office SPV", "Lyon Retail SPV II", "Objektgesellschaft Nord", "Milan Propco", "SCI Les Tilleuls"]


@pytest.mark.parametrize("name", MANDATES)
def test_a_mandate_is_no_single_name_and_nothing_of_it_is_sold_for_that_limit(name: str, facts_of: Compute) -> None:
    rows = [{"position": name, "assetClass": "Listed Equity", "mv": 600}, {"position": "Savings", "assetClass": "Cash",
             "mv": 400}]  # fmt: skip
    table = facts_of({"currency": "EUR", "concentration": rows})

    assert not table.list_measure("excess", "excess.single_name.")
    assert not any(fact.id.startswith("reduction.") and fact.subject == name for fact in table.facts)


@pytest.mark.parametrize("company", ["Mandatum Oyj", "Mandom Corp", "Portfolio Recovery Associates", "Spvg AG"])
def test_a_company_whose_name_is_like_such_a_word_is_one_name(company: str, catalogue: Catalogue) -> None:
    assert not catalogue.reference.is_broad(company)


@pytest.mark.parametrize("name", VEHICLES)
@pytest.mark.parametrize("limits", [{}, {"illiquid": "40%"}, {"position": "20%"}])
def test_a_property_vehicle_is_illiquid_and_never_sold_in_part(
    name: str, limits: dict[str, str], facts_of: Compute
) -> None:
    rows = [{"position": name, "assetClass": "Real Estate", "mv": 480}, {"position": "World ETF",
             "assetClass": "Equity", "mv": 520}]  # fmt: skip
    table = facts_of({"currency": "EUR", "concentration": rows, "limits": limits})

    assert table.find("illiquid_share").value == 48  # type: ignore[union-attr]
    assert (table.find("excess.bound.illiquid") is not None) is ("illiquid" in limits)
    assert not any(fact.id.startswith("reduction.") and fact.subject == name for fact in table.facts)
