"""The dashboard's pages: behind a session, escaped, and from here alone."""

import re
from typing import Any

import httpx
import pytest
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import NotFound
from tests.integration.gateway.test_rest_converter import CSV, JOB_ID, finished_inference, make_job, serve_artifacts
from tests.integration.gateway.test_rest_portfolio import TASK_ID, finished_task, make_task
from tests.support.gateway import RunningGateway

HOSTILE = '<script>alert("1")</script>'


@pytest.fixture
async def browser(running: RunningGateway) -> Any:
    """A signed-in browser without a key in its headers."""
    async with httpx.AsyncClient(base_url=running.base_url) as client:
        answer = await client.post("/dashboard/login", data={"key": running.key})
        assert answer.status_code == 303
        yield client


def serve_lists(running: RunningGateway) -> None:
    running.suite.portfolio.answers |= {
        "ListTasks": lambda _: portfolio_pb2.ListTasksResponse(tasks=[make_task(message=HOSTILE, user_id=HOSTILE)]),
        "GetQueue": lambda _: jobs_pb2.Queue(max_workers=4),
    }
    running.suite.converter.answers |= {
        "ListJobs": lambda _: converter_pb2.ListJobsResponse(jobs=[make_job(title=HOSTILE)], next_page_token="n"),
        "GetQueue": lambda _: jobs_pb2.Queue(max_workers=2),
    }


@pytest.mark.parametrize(
    "path", ["/dashboard", "/dashboard/tasks/t", "/dashboard/jobs/u/j", "/dashboard/jobs/u/j/output"]
)
async def test_without_a_session_pages_lead_to_the_sign_in(running: RunningGateway, path: str) -> None:
    answer = await running.rest.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/login")


async def test_a_wrong_key_opens_no_session(running: RunningGateway) -> None:
    answer = await running.rest.post("/dashboard/login", data={"key": "wrong"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


async def test_the_session_cookie_is_out_of_scripts_and_other_sites_reach(running: RunningGateway) -> None:
    answer = await running.rest.post("/dashboard/login", data={"key": running.key})
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/dashboard"} <= {part.strip() for part in cookie.split(";")}
    assert running.key.partition(".")[2] not in answer.headers["set-cookie"]


async def test_a_sign_in_from_another_site_is_refused(running: RunningGateway) -> None:
    headers = {"origin": "https://evil.example"}
    answer = await running.rest.post("/dashboard/login", data={"key": running.key}, headers=headers)
    assert answer.status_code == 403


async def test_home_lists_tasks_and_jobs(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_lists(running)
    page = await browser.get("/dashboard")
    assert page.status_code == 200
    assert f"/dashboard/tasks/{TASK_ID}" in page.text
    assert f"/dashboard/jobs/alice/{JOB_ID}" in page.text
    assert "jobs_page=n" in page.text


async def test_pages_show_clients_words_escaped(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_lists(running)
    page = await browser.get("/dashboard")
    assert HOSTILE not in page.text
    assert "&lt;script&gt;" in page.text


async def test_pages_load_nothing_from_elsewhere(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_lists(running)
    page = await browser.get("/dashboard")
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(source.startswith(("/", "#")) and not source.startswith("//") for source in sources)
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


@pytest.mark.parametrize("asset", ["dashboard.css", "dashboard.js"])
async def test_assets_are_served_without_a_session(running: RunningGateway, asset: str) -> None:
    assert (await running.rest.get(f"/dashboard/assets/{asset}")).status_code == 200


async def test_a_tasks_page_marks_traced_numbers(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    task = finished_task()
    grounding = task.sections[0].grounding
    grounding.traces.add(text="12,000,000", start=13, fact="mv")
    running.suite.portfolio.answers["GetTask"] = lambda _: task
    page = await browser.get(f"/dashboard/tasks/{TASK_ID}")
    assert '<mark title="Market value: INR 12000000.00" tabindex="0">12,000,000</mark>' in page.text


async def test_a_running_tasks_page_follows_its_events(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    page = await browser.get(f"/dashboard/tasks/{TASK_ID}")
    assert f'data-events="/dashboard/tasks/{TASK_ID}/events"' in page.text


async def test_a_pages_events_need_the_session_alone(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    running.suite.portfolio.answers["WatchTask"] = lambda _: [
        portfolio_pb2.TaskEvent(event_id="a", revision=8, terminal=True, resumable=True)
    ]
    answer = await browser.get(f"/dashboard/tasks/{TASK_ID}/events")
    assert "id: 8" in answer.text


async def test_a_jobs_page_shows_its_program_escaped(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.converter.answers["GetJob"] = lambda _: make_job(status=converter_pb2.JOB_STATUS_COMPLETED)
    serve_artifacts(running, {(JOB_ID, converter_pb2.ARTIFACT_PROGRAM): b"SELECT a < b -- <b>"})
    page = await browser.get(f"/dashboard/jobs/alice/{JOB_ID}")
    assert "SELECT a &lt; b -- &lt;b&gt;" in page.text


async def test_a_pages_download_has_its_formulas_neutralised(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    running.suite.converter.answers["GetJob"] = lambda _: finished_inference()
    serve_artifacts(running, {(JOB_ID, converter_pb2.ARTIFACT_OUTPUT): CSV})
    answer = await browser.get(f"/dashboard/jobs/alice/{JOB_ID}/output")
    assert b"'=1+1" in answer.content


async def test_a_missing_task_is_a_page_too(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    def refuse(_: Any) -> None:
        raise NotFound(f"no such task {HOSTILE}")

    running.suite.portfolio.answers["GetTask"] = refuse
    page = await browser.get("/dashboard/tasks/nope")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert HOSTILE not in page.text


async def test_cancelling_takes_the_sessions_token(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["CancelTask"] = lambda _: make_task()
    answer = await browser.post(f"/dashboard/tasks/{TASK_ID}/cancel", data={"csrf_token": "0" * 64})
    assert (answer.status_code, running.suite.portfolio.count("CancelTask")) == (403, 0)


async def test_cancelling_from_the_page_works(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers |= {"GetTask": lambda _: make_task(), "CancelTask": lambda _: make_task()}
    page = await browser.get(f"/dashboard/tasks/{TASK_ID}")
    token = re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)[0]
    answer = await browser.post(f"/dashboard/tasks/{TASK_ID}/cancel", data={"csrf_token": token})
    assert (answer.status_code, running.suite.portfolio.count("CancelTask")) == (303, 1)


async def test_a_revoked_key_ends_its_sessions(running: RunningGateway) -> None:
    serve_lists(running)
    key = running.make_key()
    async with httpx.AsyncClient(base_url=running.base_url) as client:
        await client.post("/dashboard/login", data={"key": key})
        before = (await client.get("/dashboard")).status_code
        running.revoke_key(key)
        after = await client.get("/dashboard")
    assert (before, after.status_code, after.headers["location"]) == (200, 303, "/dashboard/login")


async def test_a_session_without_the_scope_does_not_see_tasks(running: RunningGateway) -> None:
    key = running.make_key(scopes=["converter"])
    async with httpx.AsyncClient(base_url=running.base_url) as client:
        await client.post("/dashboard/login", data={"key": key})
        assert (await client.get(f"/dashboard/tasks/{TASK_ID}")).status_code == 403


async def test_a_session_does_not_open_the_api(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/tasks")).status_code == 401
