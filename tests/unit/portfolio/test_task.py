"""Sections put together into a task's outcome, its JSON, its report, and the command that prints it."""

import asyncio
import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from services.client.cli import main
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narration import Narration, NarrationRequest
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.rendering import render_number, render_task
from services.portfolio.domain.report import render_report
from services.portfolio.domain.sections import Catalogue, Detected, detect
from services.portfolio.domain.task import (
    AnalysisSettings,
    SectionResult,
    TaskOutcome,
    analyse_section,
    assemble,
    fail_undetected,
)
from tests.support.openai_server import run_openai_server
from tests.support.portfolio_payloads import MAKERS, make_payload

STYLE = make_style("en_IN")
EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "portfolio").glob("*.json"))
SNAPSHOT = {"Market Value": "₹1,20,00,000", "Investment Value": "₹1.0 Cr", "Top Asset": "Equity (65%)"}
HOLDINGS = {
    "holdings": [{"name": "Nifty 50 ETF", "market_value": "₹1 crore"}, {"name": "Gold ETF", "market_value": "₹8 lakh"}]
}


async def run(payloads: list[Any], catalogue: Catalogue) -> TaskOutcome:
    results: list[SectionResult] = []
    for found in detect(payloads, catalogue.sections):
        known = isinstance(found, Detected)
        results.append(await analyse_section(found, catalogue, style=STYLE) if known else fail_undetected(found))
    return assemble(results, elapsed_s=1.5)


async def test_sections_are_joined_by_commas(catalogue: Catalogue) -> None:
    outcome = await run([SNAPSHOT, HOLDINGS, HOLDINGS], catalogue)

    assert outcome.status == "completed"
    assert outcome.section_detected == "portfolio_snapshot, holdings, holdings_2"


async def test_ids_are_joined_and_costs_are_summed(catalogue: Catalogue) -> None:
    async def narrate(request: NarrationRequest) -> Narration:
        text = write_narrative(request.table, request.style).render()
        return Narration(text, f"c-{request.section.name}", "m", Decimal("0.1"))

    found = [item for item in detect([SNAPSHOT, HOLDINGS], catalogue.sections) if isinstance(item, Detected)]
    outcome = assemble(
        [await analyse_section(item, catalogue, style=STYLE, narrate=narrate, provider="platform") for item in found]
    )

    assert outcome.conv_id == "c-portfolio_snapshot, c-holdings"
    assert outcome.cost == Decimal("0.2")


async def test_a_payload_of_no_section_does_not_lose_the_others(catalogue: Catalogue) -> None:
    outcome = await run([SNAPSHOT, {"foo": 1}], catalogue)

    assert (outcome.status, outcome.message) == ("error", "1 of 2 section(s) completed")
    assert outcome.results[0].succeeded
    assert outcome.results[1].error_code == "SECTION_NOT_DETECTED"


async def test_totals_that_differ_between_sections_are_named(catalogue: Catalogue) -> None:
    outcome = await run([SNAPSHOT, HOLDINGS], catalogue)

    (conflict,) = outcome.conflicts
    assert conflict.figure == "market_value"
    assert conflict.sections == ("portfolio_snapshot", "holdings")


BONDS: dict[str, Any] = {"fixed_income": [{"name": "7.26% GS 2033", "market_value": 400000, "coupon": 7.26}]}


async def test_a_part_of_the_portfolio_is_no_conflict_with_the_whole(catalogue: Catalogue) -> None:
    outcome = await run([SNAPSHOT, BONDS], catalogue)

    assert outcome.conflicts == ()


async def test_a_part_that_is_more_than_the_whole_is_named(catalogue: Catalogue) -> None:
    much = {"fixed_income": [{"name": "7.26% GS 2033", "market_value": 40000000, "coupon": 7.26}]}
    outcome = await run([much, SNAPSHOT], catalogue)

    (conflict,) = outcome.conflicts
    assert (conflict.figure, conflict.sections) == ("market_value", ("fixed_income", "portfolio_snapshot"))


async def test_highlights_are_ranked_by_importance(catalogue: Catalogue) -> None:
    outcome = await run([make_payload(seed) for seed in range(8)], catalogue)

    ranks = [highlight.importance for highlight in outcome.highlights]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks


async def test_a_provider_that_hangs_ends_at_the_sections_deadline(catalogue: Catalogue) -> None:

    async def narrate(request: NarrationRequest) -> Narration:
        await asyncio.Event().wait()
        raise AssertionError

    (found,) = detect([SNAPSHOT], catalogue.sections)
    assert isinstance(found, Detected)
    settings = AnalysisSettings(section_deadline_s=0.05)
    result = await analyse_section(found, catalogue, style=STYLE, narrate=narrate, provider="openai", settings=settings)

    assert result.error_code == "DEADLINE_EXCEEDED"
    assert result.table is not None


async def test_the_result_is_json_with_the_fields_of_the_contract(catalogue: Catalogue) -> None:
    rendered = json.loads(json.dumps(render_task(await run([SNAPSHOT], catalogue))))

    section = rendered["data"]["portfolio_snapshot"]
    assert {"section", "status", "conv_id", "message_id", "response", "cost", "error", "facts", "grounding", "provider",
            "duration_ms"} <= section.keys()  # fmt: skip
    fact = next(fact for fact in section["facts"] if fact["id"] == "gain_pct")
    assert fact == {
        "id": "gain_pct",
        "label": "unrealised gain on cost",
        "value": "20",
        "unit": "percent",
        "currency": None,
        "method": "(market value - cost) / cost",
        "inputs": ["Market Value", "Investment Value"],
    }
    assert section["grounding"]["unsupported"] == []


@pytest.mark.parametrize(
    ("value", "text"),
    [("12000000", "12000000"), ("1E+7", "10000000"), ("0.10", "0.1"), ("33.33333333333333333333", "33.3333333333333"),
     ("-0", "0")],
)  # fmt: skip
def test_figures_are_plain_decimal_text(value: str, text: str) -> None:
    assert render_number(Decimal(value)).lstrip("-") == text


class _Page(HTMLParser):
    """What a page would fetch or run, and which elements it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "data", "action"}]
        assert not any(name.startswith("on") for name, _ in attrs)


async def test_the_report_has_charts_and_fetches_nothing(catalogue: Catalogue) -> None:
    result = render_task(await run([make_payload(seed) for seed in range(8)], catalogue))

    page = _Page(render_report(result, "Meera Raghavan", "en_IN"))

    assert page.tags.count("svg") >= 8
    assert page.addresses == []
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)


async def test_names_from_the_input_are_escaped_in_the_report(catalogue: Catalogue) -> None:
    hostile = "<script>alert(1)</script>"
    rows = [{"name": hostile, "market_value": 7, "sector": f'"><img src=x onerror=1>{index}'} for index in range(2)]
    result = render_task(await run([{"holdings": rows}], catalogue))

    page = render_report(result, hostile, "en_IN")

    assert "script" not in _Page(page).tags
    assert "img" not in _Page(page).tags
    assert "&lt;script&gt;" in page


def test_a_report_of_an_old_or_empty_record_is_still_a_page() -> None:
    page = render_report(
        {"data": {"holdings": {"charts": [{"kind": "bars", "labels": ["a"], "series": [{"values": ["?"]}]}]}}}
    )

    assert page.startswith("<!doctype html>")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_analysed_and_grounded(
    example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"

    code = main(["analyse", str(example), "--locale", "en_IN", "--html", str(report)])

    result = json.loads(capsys.readouterr().out)
    assert (code, result["status"]) == (0, "completed")
    assert all(not section["grounding"]["unsupported"] for section in result["data"].values())
    assert report.read_text().startswith("<!doctype html>")


def test_the_examples_cover_every_section() -> None:
    assert EXAMPLES
    text = "".join(example.read_text() for example in EXAMPLES)
    fields = (
        "Market Value",
        "top_movers_data",
        "assets",
        "series",
        "concentration",
        "income",
        "fixed_income",
        "holdings_csv",
    )

    assert [field for field in fields if not re.search(rf'"{field}"', text)] == []


@pytest.mark.parametrize(
    ("content", "says"),
    [("{", "not JSON"), ("[]", "a list of section payloads"), ('{"data": []}', "a list of section payloads")],
)
def test_a_payload_file_that_cannot_be_used_is_refused(
    content: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "payload.json"
    path.write_text(content)

    assert main(["analyse", str(path)]) == 2
    assert says in capsys.readouterr().err


def test_a_failed_section_is_told_on_stderr_and_in_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "payload.json"
    path.write_text(json.dumps([SNAPSHOT, {"holdings": [{"name": "A", "market_value": "1,2,3"}]}]))

    assert main(["analyse", str(path)]) == 2
    streams = capsys.readouterr()
    assert "holdings[0].market_value" in streams.err
    assert json.loads(streams.out)["message"] == "1 of 2 section(s) completed"


def test_digits_of_the_payload_survive_to_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "payload.json"
    path.write_text('{"data": [{"holdings": [{"name": "A", "market_value": 12345678901234567.89}]}]}')

    main(["analyse", str(path)])

    facts = json.loads(capsys.readouterr().out)["data"]["holdings"]["facts"]
    assert next(fact["value"] for fact in facts if fact["id"] == "market_value") == "12345678901234567.89"


def test_a_payload_can_be_made_for_every_section(catalogue: Catalogue) -> None:
    assert sorted(MAKERS) == sorted(section.name for section in catalogue.sections)


async def test_the_command_asks_the_configured_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    narrative = {"headline": "The portfolio is worth ₹1.2 crore.", "observations": [], "risks": [], "actions": []}
    path = tmp_path / "payload.json"
    path.write_text(json.dumps([SNAPSHOT]))
    async with run_openai_server(narrative) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", server.api_key)
        monkeypatch.setenv("OPENAI_MODEL", "small-model")

        code = await asyncio.to_thread(main, ["analyse", str(path), "--provider", "openai"])

    # What the parts of a suite that other tests share log meanwhile stands among the lines.
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("[")]
    section = json.loads("\n".join(lines))["data"]["portfolio_snapshot"]
    assert (code, section["response"], section["provider"]) == (0, narrative["headline"], "openai")


def test_a_model_that_is_not_configured_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    path = tmp_path / "payload.json"
    path.write_text(json.dumps([SNAPSHOT]))

    assert main(["analyse", str(path), "--provider", "openai"]) == 2
    assert "OPENAI_BASE_URL" in capsys.readouterr().err
