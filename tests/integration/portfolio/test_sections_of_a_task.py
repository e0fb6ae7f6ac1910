"""Sections side by side: one's failure is its own, no call is paid twice, and all are asked about at once."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from wealth.portfolio.v1 import portfolio_pb2 as pb

from services.common.channels import translated_errors
from services.common.context import acting_as
from services.common.errors import PreconditionFailed
from services.portfolio.adapters.platform_provider import PlatformProvider
from services.portfolio.domain.narration import Narration, NarrationRequest
from tests.integration.portfolio.conftest import PASSWORD, Portfolio
from tests.support.eventually import eventually
from tests.support.openai_server import run_openai_server

DONE, FAILED = pb.TASK_STATUS_COMPLETED, pb.TASK_STATUS_ERROR
SNAPSHOT = {"Market Value": "₹1,20,00,000", "Investment Value": "₹1.0 Cr", "Top Asset": "Equity (65%)"}
POSITIONS = [
    {"name": "Infosys", "market_value": 600_000, "sector": "Technology"},
    {"name": "HDFC Bank", "market_value": 400_000, "sector": "Banks"},
]
EIGHT = (
    SNAPSHOT,
    {"top_movers_data": [{"name": "Infosys", "weight": 10, "return": 5}, {"name": "ITC", "weight": 8, "return": -3}]},
    {
        "total_portfolio_mv": 1_000_000,
        "customer_risk_profile": "Balanced",
        "assets": [
            {"name": "Equity", "market_value": 700_000, "model_weight": 60},
            {"name": "Debt", "market_value": 300_000, "model_weight": 40},
        ],
    },
    {"returns": ["1%", "-0.5%", "0.7%", "0.2%"], "periods_per_year": 12},
    {"concentration": POSITIONS},
    {"income": [{"name": "ITC", "market_value": 100_000, "yield": "3.2%"}]},
    {"fixed_income": [{"name": "7.26% GS 2033", "market_value": 500_000, "coupon": 7.26, "maturity": "2033-02-06"}]},
    {"holdings": POSITIONS},
)
STRAYING = "The portfolio is worth ₹9.9 crore."


async def submit(portfolio: Portfolio, *payloads: dict[str, Any]) -> str:
    """Submits a task of these payloads; its id."""
    request = pb.CreateTaskRequest(
        username="alice", password=PASSWORD, payloads_json=[json.dumps(payload) for payload in payloads]
    )
    with acting_as(portfolio.principal), translated_errors():
        task: pb.Task = await portfolio.stub.CreateTask(request)
    return task.task_id


async def test_bug_in_one_section_is_that_sections_error_and_logged_with_its_id(
    portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrate = PlatformProvider.narrate

    async def stumble(self: PlatformProvider, request: NarrationRequest) -> Narration:
        if request.section.name == "top_movers":
            raise ZeroDivisionError
        return await narrate(self, request)

    monkeypatch.setattr(PlatformProvider, "narrate", stumble)
    await portfolio.start("worker")
    with capture_logs() as lines:
        task = await portfolio.until(await submit(portfolio, *EIGHT), FAILED)
    by_status = {section.name: section.error_code for section in task.sections if section.status == "error"}
    assert by_status == {"top_movers": "INTERNAL"}
    assert sum(section.status == "completed" for section in task.sections) == 7
    (logged,) = [line for line in lines if line["event"] == "section_failed_unexpectedly"]
    assert next(section.error for section in task.sections if section.error) == f"internal error {logged['error_id']}"


async def test_second_call_of_a_section_is_paid_once_though_the_worker_dies_waiting_for_it(
    portfolio: Portfolio,
) -> None:
    platform = portfolio.platform
    platform.answer, platform.polls_until_done = STRAYING, 10_000
    platform._polls["msg-1"] = 10_000  # the first message is answered at once, the second is waited for
    task_id = await submit(portfolio, SNAPSHOT)
    doomed = await portfolio.start("worker", portfolio_grounding_policy="retry", portfolio_platform_poll_s=0.1)
    await eventually(lambda: platform._polls["msg-2"])
    await doomed.cut_power()
    platform.answer, platform.polls_until_done = "The portfolio is worth ₹1.2 crore.", 1
    await portfolio.start("worker", portfolio_grounding_policy="retry", portfolio_platform_poll_s=0.1)
    (section,) = (await portfolio.until(task_id, DONE)).sections
    assert (platform.calls["create"], platform.calls["addmessage"]) == (2, 2)
    assert (section.provider, section.response, section.cost) == ("platform", platform.answer, "0.025")


async def test_models_first_answer_is_paid_once_though_the_worker_dies_asking_again(portfolio: Portfolio) -> None:
    straying = {"headline": STRAYING, "observations": [], "risks": [], "actions": []}
    good = straying | {"headline": "The portfolio is worth ₹1.2 crore."}
    async with run_openai_server(straying, good, hangs_from=2) as model:
        worker_settings = {
            "portfolio_provider": "openai",
            "openai_base_url": model.url,
            "openai_model": "small-model",
            "openai_api_key": SecretStr(model.api_key),
            "openai_input_price": Decimal(2),
            "openai_output_price": Decimal(10),
        }
        task_id = await submit(portfolio, SNAPSHOT)
        doomed = await portfolio.start("worker", **worker_settings)
        await eventually(lambda: len(model.bodies) == 2)
        await doomed.cut_power()
        model.hangs_from = None
        await portfolio.start("worker", **worker_settings)
        (section,) = (await portfolio.until(task_id, DONE)).sections
    asked_again = ["An earlier answer did not do" in body["messages"][1]["content"] for body in model.bodies]
    assert asked_again == [False, True, True]  # the call that was cut off is made again, the answered one is not
    assert (section.response, section.cost) == (good["headline"], "0.008")


async def test_task_waits_for_a_platform_that_is_away_when_it_signs_in(portfolio: Portfolio) -> None:
    portfolio.platform.refusals = {"accesstoken": [503]}
    task_id = await submit(portfolio, SNAPSHOT)
    await portfolio.start("worker", portfolio_platform_sign_in_timeout_s=0.1, portfolio_provider_pause_s=0.1)
    task = await portfolio.until(task_id, DONE)
    assert (portfolio.platform.calls["sign_in"], task.error.code) == (2, "")


async def test_report_of_a_finished_task_is_a_page_with_every_section(portfolio: Portfolio) -> None:
    await portfolio.start("worker")
    task = await portfolio.until(await submit(portfolio, *EIGHT), DONE)
    with acting_as(portfolio.principal), translated_errors():
        report = await portfolio.stub.GetTaskReport(pb.GetTaskReportRequest(task_id=task.task_id))
    assert report.html.startswith("<!doctype html>")
    assert all(f'<section id="{section.name}">' in report.html for section in task.sections)
    assert "<svg" in report.html


async def test_report_of_a_running_task_is_refused(portfolio: Portfolio) -> None:
    task_id = await submit(portfolio, SNAPSHOT)
    with pytest.raises(PreconditionFailed) as refusal, acting_as(portfolio.principal), translated_errors():
        await portfolio.stub.GetTaskReport(pb.GetTaskReportRequest(task_id=task_id))
    assert refusal.value.reason == "TASK_RUNNING"


async def test_eight_sections_are_asked_about_at_once(portfolio: Portfolio) -> None:
    """One after another, the first would wait for ever for an answer that comes when the eighth has been asked."""
    portfolio.platform.quotes, portfolio.platform.answers_once_asked = True, len(EIGHT)
    await portfolio.start("worker", portfolio_platform_poll_s=0.1)
    task = await portfolio.until(await submit(portfolio, *EIGHT), DONE)
    assert len(task.sections) == len(portfolio.platform.queries) == len(EIGHT)
