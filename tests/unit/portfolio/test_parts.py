"""A payload that holds fields of several sections: it is of the one that reads most of it, and nothing that another
reads is left out of the figures and the text."""

import itertools
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.narrative.text import Role
from services.portfolio.domain.section_kinds import KINDS
from services.portfolio.domain.sections import Catalogue, Detected, Section, detect
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_IN")
EXAMPLES = Path(__file__).parents[3] / "examples" / "portfolio"


def _document(name: str) -> Payload:
    """The documented payload of a section, by its canonical names."""
    body = json.loads((EXAMPLES / KINDS[name].example).read_text(), parse_float=Decimal)
    found = [item for item in detect(body["data"], load_catalogue().sections) if isinstance(item, Detected)]
    return dict(next(item.fields for item in found if item.section.name == name))


DOCUMENTED = {name: _document(name) for name in KINDS}
PAIRS = list(itertools.permutations(KINDS, 2))


def _respell(payload: Payload, section: Section) -> Payload:
    """The same under another spelling of each field, where it has one."""
    spelled = {}
    for name, value in payload.items():
        others = [word.removeprefix("=") for word in section.synonyms.get(name, ()) if "(" not in word]
        fits = [word for word in others if section.find_field(word)[0] == name]
        spelled[fits[0] if fits else name] = value
    return spelled


def _mix(first: str, second: str, catalogue: Catalogue, *, respelled: bool) -> Payload:
    one = DOCUMENTED[first]
    two = {name: value for name, value in DOCUMENTED[second].items() if name not in one}
    if respelled:
        section = catalogue.find(second)
        assert section is not None
        two = _respell(two, section)
    return {**two, **one}


def detect_one(payload: Mapping[str, object], catalogue: Catalogue) -> Detected:
    (found,) = detect([payload], catalogue.sections)
    assert isinstance(found, Detected), found.error
    return found


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("respelled", [False, True])
def test_a_payload_of_one_section_is_of_that_section_and_holds_no_other(
    name: str, respelled: bool, catalogue: Catalogue
) -> None:
    section = catalogue.find(name)
    assert section is not None
    found = detect_one(_respell(DOCUMENTED[name], section) if respelled else DOCUMENTED[name], catalogue)

    assert (found.section.name, found.parts) == (name, ())


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize("respelled", [False, True])
def test_nothing_that_a_section_reads_is_left_out(
    first: str, second: str, respelled: bool, catalogue: Catalogue
) -> None:
    found = detect_one(_mix(first, second, catalogue, respelled=respelled), catalogue)
    table = compute(found, catalogue)
    lines = write_narrative(table, STYLE).lines
    ids = {fact.id for fact in table.facts}

    assert table.unread == ()
    assert len(ids) == len(table.facts)
    assert sum(line.role is Role.HEADLINE for line in lines) == 1
    assert sum(line.role is Role.STEP for line in lines) <= 1
    assert len({line.text for line in lines}) == len(lines)
    for name in (first, second):
        alone = compute(detect_one(DOCUMENTED[name], catalogue), catalogue)
        figures = {(fact.measure, fact.subject, fact.value) for fact in alone.facts if fact.id not in _OF_OTHERS}
        missing = figures - {(fact.measure, fact.subject, fact.value) for fact in table.facts}
        assert len(missing) <= len(figures) // 4, sorted(missing, key=str)[:8]


_OF_OTHERS = frozenset({"limit", "excess"})


def _hold(**more: object) -> Payload:
    rows = [{"name": "World ETF", "weight": "60%"}, {"name": "Acme Corp", "weight": "8%"},
            {"name": "Euro Bond Fund", "weight": "32%"}]  # fmt: skip
    return {"Currency": "EUR", "holdings": rows} | more


OVERVIEW: Payload = {
    "Mkt Value": "€2,400,000", "Investment Value": "€1,900,000", "Top Asset": "Equity (60%)", "XIRR": "8.4%",
    "Benchmark XIRR": "8.1%", "Asset Allocation": {"Equity": "60%", "Bonds": "40%"},
}  # fmt: skip


def test_an_overview_that_lists_holdings_is_an_overview(catalogue: Catalogue, facts_of: Compute) -> None:
    payload = _hold(**OVERVIEW)
    table = facts_of(payload)

    assert detect_one(payload, catalogue).section.name == "portfolio_snapshot"
    assert {"market_value", "gain", "xirr", "xirr_excess", "weight.position.acme_corp"} <= {x.id for x in table.facts}


@pytest.mark.parametrize("left_out", OVERVIEW)
def test_what_a_list_of_holdings_says_of_the_whole_is_told_with_it(left_out: str, facts_of: Compute) -> None:
    payload = _hold(**{name: value for name, value in OVERVIEW.items() if name != left_out})
    table = facts_of(payload)
    text = write_narrative(table, STYLE).render()

    assert table.unread == ()
    assert ("xirr" in {fact.id for fact in table.facts}) is (left_out != "XIRR")
    if left_out not in {"Mkt Value", "Investment Value"}:
        assert "an unrealised gain of €500,000" in text
    assert "was sent" not in text


def test_two_values_of_the_whole_that_differ_are_told(facts_of: Compute) -> None:
    rows = [{"name": "World ETF", "market_value": 600, "cost": 500}, {"name": "Acme", "market_value": 400, "cost": 300}]
    payload = OVERVIEW | {"Mkt Value": "€1,000", "Investment Value": "€900", "holdings": rows, "Currency": "EUR"}
    text = write_narrative(facts_of(payload), STYLE).render()

    assert "The payload says two things of the amount invested: €900 in one place, and €800 in its holdings." in text


def test_limits_are_judged_by_the_part_that_knows_the_classes(facts_of: Compute) -> None:
    payload = {"Currency": "EUR", "income": [{"name": "Acme", "market_value": 1000, "yield": "3%"}],
               "Asset Allocation": {"Equity": "60%", "Bonds": "40%"}, "Limits": {"Equity": "30% to 50%"}}  # fmt: skip
    text = write_narrative(facts_of(payload), STYLE).render()

    assert "Equity makes up 60% of the portfolio, more than the 50% that suits the client" in text
    assert "could be held against" not in text


def test_a_part_that_cannot_be_used_costs_the_others_nothing(facts_of: Compute) -> None:
    table = facts_of(_hold(XIRR="8.4%", **{"Asset Allocation": {"Equity": "a lot"}}))

    assert table.find("weight.position.acme_corp") is not None
    assert table.find("xirr") is not None
