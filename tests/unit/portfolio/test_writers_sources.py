"""What the builtin text claims is told by the writer, without reading the text back: the checker of texts, which reads
it, must say the same, and find no fault. ``conftest.py`` asks so of every section whose facts a test of this folder
computes."""

import os
from collections.abc import Iterator

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.claims import ground
from services.portfolio.domain.claims.holding import hold
from services.portfolio.domain.claims.model import Claim, Relation
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import Style, make_style
from services.portfolio.domain.narrative import draft_lines, write_narrative
from services.portfolio.domain.narrative.grounding import tell_sources
from services.portfolio.domain.narrative.text import Script, relate
from services.portfolio.domain.sections import Detected, detect
from services.portfolio.domain.task import analyse_section
from tests.support import told_sources
from tests.support.drawn import drawn
from tests.support.portfolio_payloads import make_payload
from tests.support.told_sources import Told, tell
from tests.unit.portfolio.conftest import Compute

pytestmark = pytest.mark.timeout(900)  # two thousand texts are read in one test

CATALOGUE = load_catalogue()
PAYLOADS = int(os.environ.get("CLAIM_PAYLOADS", "0")) or drawn(120, 1000)
"""How many generated texts are read and checked; `make test-claims` reads two thousand."""
LEAST_CLAIMS = 15 * PAYLOADS // 2


@pytest.fixture(scope="module")
def generated() -> list[Told]:
    """Texts of every section in three locales."""
    return list(_generate())


def _generate() -> Iterator[Told]:
    for seed in range(PAYLOADS):
        (found,) = detect([make_payload(seed)], CATALOGUE.sections)
        assert isinstance(found, Detected)
        yield tell(compute(found, CATALOGUE), make_style(["en_IN", "en_US", "en_GB"][seed // 8 % 3]))


def test_generated_texts_have_no_fault_that_the_checker_finds(generated: list[Told]) -> None:
    for item in generated:
        assert told_sources.list_faults(item) == []
    assert sum(item.read.claims for item in generated) > LEAST_CLAIMS


async def test_a_result_holds_what_its_writer_told() -> None:
    for seed in range(8):
        (found,) = detect([make_payload(seed)], CATALOGUE.sections)
        assert isinstance(found, Detected)
        result = await analyse_section(found, CATALOGUE, style=make_style("en_IN"))

        assert result.table is not None
        narrative = write_narrative(result.table, make_style("en_IN"))
        assert (result.response, result.grounding) == (narrative.render(), tell_sources(narrative))


def test_a_yield_below_zero_is_said_with_its_sign(facts_of: Compute) -> None:
    row = {"name": "Acme 2027", "face_value": 1000, "price": 112, "coupon": "4%", "maturity": "2027-03-31"}
    table = facts_of({"fixed_income": [row], "As Of": "2026-03-31", "Currency": "INR"})
    ytm = table.find("ytm")
    assert ytm is not None
    assert ytm.value < 0

    text = write_narrative(table, make_style("en_IN")).render()

    assert f"yield to maturity of {make_style('en_IN').percent(ytm.value)}" in text
    assert ground(text, table, make_style("en_IN")).complete


def test_no_generated_line_is_left_out(generated: list[Told]) -> None:
    for item in generated:
        assert told_sources.list_left_out(item) == []


def test_what_is_read_in_generated_texts_was_told(generated: list[Told]) -> None:
    for item in generated:
        assert told_sources.list_untold(item) == []


def test_what_is_told_of_generated_texts_is_read(generated: list[Told]) -> None:
    for item in generated:
        assert told_sources.list_unread(item) == []


def test_the_same_words_of_generated_texts_have_the_same_figure(generated: list[Told]) -> None:
    for item in generated:
        assert told_sources.list_others(item) == []


SCRIPT_TABLE = {"Market Value": 100, "Investment Value": 90, "Top Asset": "Equity (65%)", "Currency": "INR"}


def _write(facts_of: Compute) -> tuple[FactTable, Script]:
    return facts_of(SCRIPT_TABLE), Script(make_style("en_IN"))


def test_a_figure_that_is_said_twice_has_both_places(facts_of: Compute) -> None:
    table, script = _write(facts_of)
    gain = table.find("gain_pct")
    assert gain is not None
    figure = script.percent(gain)
    script.observe(f"A gain of {figure}, yes {figure}.")

    (line,) = script.lines
    assert line.text == "A gain of 11.1%, yes 11.1%."
    assert [(claim.start, claim.end, claim.fact) for claim in line.claims] == [
        (10, 15, "gain_pct"), (21, 26, "gain_pct"),
    ]  # fmt: skip


def test_a_figure_that_is_made_and_not_said_is_claimed_nowhere(facts_of: Compute) -> None:
    table, script = _write(facts_of)
    gain, cost = table.find("gain_pct"), table.find("cost")
    assert gain is not None
    assert cost is not None
    unused, later = script.percent(gain), script.money(cost)
    script.observe("Nothing.")
    script.observe(f"It cost {later}.")

    assert unused
    assert [[claim.fact for claim in line.claims] for line in script.lines] == [[], ["cost"]]


def test_equal_figures_of_two_facts_are_told_apart(facts_of: Compute) -> None:
    table, script = _write(facts_of)
    value, cost = table.find("market_value"), table.find("cost")
    assert value is not None
    assert cost is not None
    second, first = script.number(cost), script.number(value)  # made in another order than they are said
    script.observe(f"{first} and {second}.")

    assert [claim.fact for claim in script.lines[0].claims] == ["market_value", "cost"]


def test_words_within_words_have_places_of_their_own(facts_of: Compute) -> None:
    table, script = _write(facts_of)
    gain = table.find("gain")
    assert gain is not None
    says = relate(Relation.ROSE, gain)
    script.observe(f"It {script.mark(f'rose by {script.money(gain)}', says)}.", 40, says)

    claims = script.lines[0].claims
    assert [claim.text for claim in claims] == ["rose by ₹10", "₹10"]
    assert script.lines[0].text == "It rose by ₹10."


@pytest.mark.parametrize("name", ["\ud8000\ud801Evil\ud802", "\ud80099\ud801", "\ud802", "\ud800x"])
def test_marks_in_a_name_of_the_input_claim_nothing_false(name: str, facts_of: Compute) -> None:
    _, script = _write(facts_of)

    script.observe(f"{name} is held.")

    assert not script.lines[0].claims


@pytest.mark.parametrize("name", ["Gain", "Loss", "Above the limit", "5%", "Market value", "largest"])
def test_a_name_like_a_word_of_the_text_takes_no_line_away(name: str) -> None:
    rows = [{"name": item, "market_value": value, "cost": 90} for item, value in ((name, 120), ("Beta", 80))]
    (found,) = detect([{"holdings": rows, "Currency": "INR"}], CATALOGUE.sections)
    assert isinstance(found, Detected)
    table, style = compute(found, CATALOGUE), make_style("en_IN")

    narrative = write_narrative(table, style)

    assert narrative.lines == draft_lines(table, style)
    assert all(table.find(trace.fact_id) for trace in tell_sources(narrative).traces)


def test_a_line_that_its_facts_deny_is_left_out(facts_of: Compute, monkeypatch: pytest.MonkeyPatch) -> None:
    table = facts_of(SCRIPT_TABLE)
    gain = table.find("gain")
    assert gain is not None
    false = relate(Relation.FELL, gain)
    lines = draft_lines(table, make_style("en_IN"))

    def write(table: FactTable, style: Style) -> tuple[object, ...]:
        script = Script(style)
        script.observe("It fell.", 40, false)
        return (*lines, *script.lines)

    monkeypatch.setattr("services.portfolio.domain.narrative.draft_lines", write)

    assert write_narrative(table, make_style("en_IN")).lines == lines


@pytest.mark.parametrize(
    "claim",
    [Claim("", 0, 0, Relation.NAMED, subject="aggressive"), Claim("", 0, 0, Relation.NAMED)],
)
def test_a_profile_that_the_section_does_not_name_is_no_claim_of_it(claim: Claim, facts_of: Compute) -> None:

    assert hold(claim, facts_of(SCRIPT_TABLE)).fault


def test_a_weight_below_zero_is_said_with_its_sign_and_leads_nothing(facts_of: Compute) -> None:
    rows = [{"name": "World ETF", "market_value": 130}, {"name": "Lombard loan", "market_value": -30}]
    table, script = facts_of({"holdings": rows, "Currency": "GBP"}), Script(make_style("en_GB"))
    owed = table.find("weight.position.lombard_loan")
    assert owed is not None

    assert "By weight it is led by World ETF (130%)." in write_narrative(table, script.style).render()
    script.observe(f"It is {script.percent(owed)}.")
    assert script.lines[0].text == "It is -30%."


def test_days_half_a_year_apart_are_no_years(facts_of: Compute) -> None:
    days, values = ["2025-01-31", "2025-07-31", "2026-01-31"], [200, 208, 214]
    table = facts_of({"series": [{"date": day, "value": value} for day, value in zip(days, values, strict=True)]})
    volatility = table.find("volatility")

    assert "2 half-years say little" in write_narrative(table, make_style("en_GB")).render()
    assert volatility is None or volatility.periods_per_year == 2
