"""What a benchmark holds is read from its name: a stated mix is none of one class alone, and of what the name does not
say nothing is told."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.indexes import classify_benchmark, find_equity_part
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.sections import Catalogue
from tests.unit.portfolio.conftest import Compute

MIXES = [
    ("60% MSCI ACWI / 40% Bloomberg US Aggregate", 60), ("50% MSCI World / 50% Bloomberg Euro Aggregate", 50),
    ("50/50 MSCI World/Bloomberg Global Aggregate", 50), ("60/40 MSCI ACWI and Bloomberg Global Aggregate", 60),
    ("60 % MSCI World + 40 % iBoxx Euro Corporates", 60), ("MSCI World 70%, Bloomberg Aggregate 30%", 70),
    ("MSCI World (70%) and US Aggregate (30%)", 70), ("35% S&P 500, 15% MSCI EAFE Equity, 50% US Aggregate Bond", 50),
    ("60% equities / 40% bonds", 60), ("60% Aktien, 40% Anleihen", 60), ("60 % actions / 40 % obligations", 60),
    ("60% aandelen en 40% obligaties", 60), ("60% azioni e 40% obbligazioni", 60), ("60% acciones y 40% bonos", 60),
    ("Blended: 25% FTSE 100, 25% MSCI World, 50% gilts", 50),
    ("62,5% MSCI World / 37,5% Bloomberg Aggregate", Decimal("62.5")),
    ("40% MSCI World 60% Bloomberg Global Aggregate", 40), ("Zusammengesetzt: 30% DAX / 70% Bundesanleihen", 30),
    ("80/20 equity/fixed income", 80), ("100% MSCI World", 100),
]  # fmt: skip
UNKNOWN = [
    "60/40", "60% MSCI World / 40% house index", "Blended benchmark", "Composite index", "Zusammengesetzter Index",
    "Indice composite", "Samengestelde benchmark", "Indice composito", "Índice compuesto", "Balanced 60/40 index",
    "MSCI World / house index", "50% MSCI World / 30% US Aggregate", "Gemischter Vergleichsindex", "MSCI World + 2%",
    "Inflation + 3%",
]  # fmt: skip
ALONE = [("MSCI World", "equity"), ("S&P 500", "equity"), ("Bloomberg Global Aggregate", "debt"), ("DAX", "equity"),
         ("MSCI World / S&P 500", "equity"), ("60% MSCI World / 40% S&P 500", "equity")]  # fmt: skip


@pytest.mark.parametrize(("name", "part"), MIXES)
def test_the_equity_of_a_mix_is_read_from_its_name(name: str, part: Decimal, catalogue: Catalogue) -> None:
    assert find_equity_part(name, catalogue.reference) == Decimal(part)
    assert classify_benchmark(name, catalogue.reference) == ("equity" if part == 100 else None)


@pytest.mark.parametrize("name", UNKNOWN)
def test_of_what_a_name_does_not_say_nothing_is_known(name: str, catalogue: Catalogue) -> None:
    assert find_equity_part(name, catalogue.reference) is None
    assert classify_benchmark(name, catalogue.reference) is None


@pytest.mark.parametrize(("name", "kind"), ALONE)
def test_an_index_of_one_class_is_one(name: str, kind: str, catalogue: Catalogue) -> None:
    assert classify_benchmark(name, catalogue.reference) == kind


def _overview(benchmark: str, equity: int) -> dict[str, Any]:
    return {"Market Value": 4_850_000, "Investment Value": 4_200_000, "Top Asset": "World ETF", "Currency": "EUR",
            "As Of": "2026-06-30", "XIRR_SI": "4.9%", "Benchmark XIRR": "7.8%", "Benchmark Name": benchmark,
            "Asset Allocation": {"Equity": f"{equity}%", "Fixed Income": f"{100 - equity}%"}}  # fmt: skip


@pytest.mark.parametrize("benchmark", [name for name, part in MIXES if part in {60, 80}])
def test_a_gap_to_a_benchmark_of_another_mix_is_no_fault_of_the_choice(benchmark: str, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_overview(benchmark, 30)), make_style("en_GB")).render()

    assert "by its name has more in shares than the portfolio" in text, text
    assert "the gap alone is no measure of the choice of holdings" in text
    assert "Find out what the shortfall" not in text


@pytest.mark.parametrize("benchmark", [*(name for name, part in MIXES if part == 60), *UNKNOWN[1:10]])
def test_a_benchmark_of_the_same_or_an_unknown_mix_says_nothing_of_mixes(benchmark: str, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_overview(benchmark, 60)), make_style("en_GB")).render()

    assert "by its name has" not in text
    assert "alone, while" not in text
