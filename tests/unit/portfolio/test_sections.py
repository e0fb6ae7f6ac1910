"""Which section a payload belongs to, and the file that says so."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from services.portfolio.adapters.sections_file import load_catalogue, parse_catalogue
from services.portfolio.domain.errors import CatalogueError
from services.portfolio.domain.figures import compute
from services.portfolio.domain.section_kinds import KINDS, SectionKind
from services.portfolio.domain.sections import Catalogue, Detected, Undetected, detect

SNAPSHOT = {"Market Value": "12000000", "Investment Value": "10000000", "Top Asset": "Equity (65%)"}


def detect_one(payload: object, catalogue: Catalogue) -> Detected | Undetected:
    return detect([payload], catalogue.sections)[0]


@pytest.mark.parametrize(
    ("payload", "section"),
    [
        (SNAPSHOT, "portfolio_snapshot"),
        ({"market_value": 1, "INVESTMENT-VALUE": 1, "topAsset": "x"}, "portfolio_snapshot"),
        ({"Current Value": 1, "Amount Invested": 1, "Largest Holding": "x"}, "portfolio_snapshot"),
        ({"top_movers_data": "..."}, "top_movers"),
        ({"total_portfolio_mv": 1, "customer_risk_profile": "x", "assets": []}, "model_and_rebalancing"),
        ({"series": []}, "performance_and_risk"),
        ({"returns": []}, "performance_and_risk"),
        ({"concentration": []}, "concentration"),
        ({"income": []}, "income"),
        ({"Bonds": []}, "fixed_income"),
        ({"holdings": []}, "holdings"),
        ({"holdings_csv": ""}, "holdings"),
        ({"converter_output": {}}, "holdings"),
        ({"holdings": {"holdings": []}}, "holdings"),
    ],
)
def test_a_payload_belongs_to_the_section_whose_fields_it_has(
    payload: dict[str, object], section: str, catalogue: Catalogue
) -> None:
    found = detect_one(payload, catalogue)

    assert isinstance(found, Detected)
    assert found.section.name == section


def test_the_most_specific_section_wins(catalogue: Catalogue) -> None:
    found = detect_one({**SNAPSHOT, "holdings": []}, catalogue)

    assert isinstance(found, Detected)
    assert found.section.name == "portfolio_snapshot"


def test_of_several_sections_the_one_that_reads_most_is_it_and_the_others_are_parts(catalogue: Catalogue) -> None:
    rows, paid = [{"name": "A", "market_value": 5}], [{"name": "A", "income": 1}]
    found = detect_one({"holdings": rows, "income": paid, "annual_need": 7}, catalogue)

    assert isinstance(found, Detected)
    assert (found.section.name, [part.section.name for part in found.parts]) == ("income", ["holdings"])


def test_a_payload_that_fits_nothing_names_its_fields(catalogue: Catalogue) -> None:
    found = detect_one({"foo": 1}, catalogue)

    assert isinstance(found, Undetected)
    assert "foo" in found.error.message


def test_the_nearest_section_is_named_with_what_is_missing(catalogue: Catalogue) -> None:
    found = detect_one({"Market Value": 1, "Top Asset": "x"}, catalogue)

    assert isinstance(found, Undetected)
    assert "portfolio_snapshot, which also needs Investment Value" in found.error.message


def test_a_misspelt_field_is_suggested(catalogue: Catalogue) -> None:
    found = detect_one({"top_movers_dta": "x"}, catalogue)

    assert isinstance(found, Undetected)
    assert "did 'top_movers_dta' mean 'top_movers_data'?" in found.error.message


@pytest.mark.parametrize("payload", [None, [], {}, "text", 5])
def test_what_is_no_object_is_that_payloads_error(payload: object, catalogue: Catalogue) -> None:
    assert isinstance(detect_one(payload, catalogue), Undetected)


def test_two_payloads_of_one_section_have_keys_of_their_own(catalogue: Catalogue) -> None:
    found = detect([{"holdings": []}, {"income": []}, {"holdings": []}, {"x": 1}, {"y": 1}], catalogue.sections)

    assert [item.key for item in found] == ["holdings", "income", "holdings_2", "unknown", "unknown_2"]


def test_unknown_fields_are_kept(catalogue: Catalogue) -> None:
    found = detect_one({**SNAPSHOT, "Advisor": "R. Iyer"}, catalogue)

    assert isinstance(found, Detected)
    assert found.unknown == {"Advisor": "R. Iyer"}


SECTION = """
sections:
  - name: holdings
    required: [holdings]
    optional: [Currency]
"""


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("sections:\n  - name: holdings\n    requird: [x]\n", 3, "unknown key 'requird'"),
        ("sections:\n  - required: [x]\n", 2, "name is missing"),
        ("sections:\n  - name: holdings\n    required: []\n", 2, "requires no field"),
        ("sections:\n  - name: nonsense\n    required: [x]\n", 2, "no figures are known"),
        (SECTION + "    analytics: [magic]\n", 6, "unknown analytics 'magic'"),
        (SECTION + "    provider: oracle\n", 6, "unknown provider 'oracle'"),
        (SECTION + "    prompt: use {facts} and {secret}\n", 6, "unknown placeholder {secret}"),
        (SECTION + "    synonyms:\n      Currency: [holdings]\n", 7, "already stands for 'holdings'"),
        (SECTION + "    synonyms:\n      Nothing: [x]\n", 7, "no field of the section"),
        (SECTION + "  - name: holdings\n    required: [y]\n", 6, "stands twice"),
        ("limits:\n  single_name: many\n" + SECTION, 2, "must be a number"),
        ("limits:\n  single_name: -1\n" + SECTION, 2, "above zero"),
        ("limits:\n  max_rows: 1.5\n" + SECTION, 2, "whole number"),
        ("limits:\n  nothing: 1\n" + SECTION, 2, "unknown limit"),
        ("risk_profiles:\n  - {name: x, equity: [60, 40]}\n" + SECTION, 2, "[min, max]"),
        ("columns:\n  a: [x]\n  b: [x]\n" + SECTION, 3, "stands for both"),
        ("sections: {", 1, "expected"),
        ("nothing: 1\n", 1, "unknown key"),
        ("", 1, "no sections"),
    ],
)
def test_a_fault_in_the_file_names_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(CatalogueError) as fault:
        parse_catalogue(text)

    assert says in str(fault.value)
    assert fault.value.line == line


def test_the_shipped_file_has_all_eight_sections() -> None:
    names = [section.name for section in load_catalogue().sections]

    assert sorted(names) == sorted(
        ["portfolio_snapshot", "top_movers", "model_and_rebalancing", "performance_and_risk", "concentration", "income",
         "fixed_income", "holdings"]
    )  # fmt: skip


EXAMPLES = Path(__file__).parents[3] / "examples" / "portfolio"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kinds_example_gives_figures_and_nothing_ambiguous(kind: SectionKind, catalogue: Catalogue) -> None:
    body = json.loads((EXAMPLES / kind.example).read_text(), parse_float=Decimal)
    found = [item for item in detect(body["data"], catalogue.sections) if isinstance(item, Detected)]
    (payload,) = [item for item in found if item.section.name == kind.name]

    table = compute(payload, catalogue)

    assert table.facts
    assert not [absent for absent in table.absent if absent.code]
    assert set(kind.analytics) <= {group.name for group in kind.figures.groups}
