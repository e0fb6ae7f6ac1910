"""Tasks over REST, as the older task clients know them."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2 as pb

from services.common.errors import AlreadyExists, Conflict, Exhausted, InvalidInput, NotFound, PreconditionFailed
from services.gateway.rest.portfolio_models import AcceptedTask, CheckedClaims, TaskOutcome, TaskPage, TaskState
from tests.support.gateway import RunningGateway

TASK_ID = "task_20260102030405_0a1b2c3d"


def at(second: int) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(datetime(2026, 1, 2, 3, 4, second, tzinfo=UTC))
    return moment


def make_task(**fields: Any) -> pb.Task:
    defaults: dict[str, Any] = {
        "task_id": TASK_ID,
        "user_id": "alice",
        "status": pb.TASK_STATUS_PROCESSING,
        "progress": 60,
        "message": "1 of 2 section(s) finished",
        "sections_detected": ["portfolio_snapshot", "top_movers"],
        "created_at": at(5),
        "updated_at": at(6),
        "trace": [jobs_pb2.TraceStep(step="submit", status="completed", timestamp=at(5), detail="2 payloads")],
        "generation": 1,
        "revision": 7,
    }
    return pb.Task(**{**defaults, **fields})


def make_event(revision: int, **fields: Any) -> pb.TaskEvent:
    defaults: dict[str, Any] = {
        "event_id": f"{TASK_ID}:1:{revision}",
        "task_id": TASK_ID,
        "revision": revision,
        "status": pb.TASK_STATUS_PROCESSING,
        "generation": 1,
        "resumable": True,
    }
    return pb.TaskEvent(**{**defaults, **fields})


def finished_task(**fields: Any) -> pb.Task:
    sections = [
        pb.SectionResult(
            name="portfolio_snapshot",
            section="portfolio_snapshot",
            status="completed",
            conv_id="c1",
            message_id="m1",
            response="It stands at 12,000,000.",
            cost="0.0125",
            facts=[pb.Fact(id="mv", label="Market value", value="12000000.00", unit="money", currency="INR")],
            grounding=pb.Grounding(claims=1, grounded=1),
            provider="platform",
            duration_ms=1200,
        ),
        pb.SectionResult(
            name="holdings_2", section="holdings", status="error", error="no rows", error_code="ROWS_MISSING",
            conv_id="c2", message_id="m2",
        ),
    ]  # fmt: skip
    return make_task(
        **{"status": pb.TASK_STATUS_ERROR, "finished_at": at(7), "sections": sections, "cost": "0.0125", **fields}
    )


async def test_submitting_answers_202_in_the_older_shape(running: RunningGateway) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task(status=pb.TASK_STATUS_PENDING, message="ok")
    answer = await running.rest.post("/task/submit", json={"username": "alice", "password": "p", "data": [{"a": 1}]})
    assert (answer.status_code, answer.json()) == (
        202,
        {"task_id": TASK_ID, "status": "pending", "message": "ok", "created_at": "2026-01-02T03:04:05.000Z"},
    )
    AcceptedTask.model_validate(answer.json())


async def test_payloads_keep_every_digit(running: RunningGateway) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    payload = '{"Market Value": 12345678901234567890.10, "x": 1e-400}'
    body = f'{{"username": "alice", "data": [{payload}]}}'
    await running.rest.post("/task/submit", content=body, headers={"content-type": "application/json"})
    assert list(running.suite.portfolio.last("CreateTask").request.payloads_json) == [payload]


async def test_the_idempotency_key_becomes_the_request_id(running: RunningGateway) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    await running.rest.post("/task/submit", json={"username": "a", "data": [{}]}, headers={"Idempotency-Key": "k-1"})
    assert running.suite.portfolio.last("CreateTask").request.request_id == "k-1"


async def test_conventions_of_the_input_go_on_as_they_came(running: RunningGateway) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    stated = {"dates": "MDY", "weights": "fraction", "fiscal_year_start": 4}
    body = {"username": "a", "data": [{}], "input_conventions": stated}
    assert (await running.rest.post("/task/submit", json=body)).status_code == 202
    request = running.suite.portfolio.last("CreateTask").request
    assert request.input_conventions == pb.InputConventions(**stated)


@pytest.mark.parametrize("stated", [{"dates": "DDMM"}, {"fiscal_year_start": 13}, {"nothing": 1}, "MDY"])
async def test_conventions_that_are_not_known_answer_422(running: RunningGateway, stated: Any) -> None:
    body = {"username": "a", "data": [{}], "input_conventions": stated}
    answer = await running.rest.post("/task/submit", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("input_conventions")


async def test_texts_are_checked_at_once_and_what_does_not_apply_is_null(running: RunningGateway) -> None:
    claim = pb.CheckedClaim(text="12%", start=4, end=7, value="12", unit="percent", verdict="unsupported", fault=True)
    running.suite.portfolio.answers["CheckClaims"] = lambda _: pb.CheckClaimsResponse(claims=[claim])
    body = {"texts": ["Is 12% right?"], "data": [{"a": 1.10}], "locale": "en_GB", "allow_forecasts": True}

    answer = await running.rest.post("/api/v1/check-claims", json=body)

    assert answer.status_code == 200
    (found,) = CheckedClaims.model_validate(answer.json()).claims
    assert (found.text, found.verdict, found.fact, found.section) == ("12%", "unsupported", None, None)
    request = running.suite.portfolio.last("CheckClaims").request
    assert (list(request.texts), request.allow_forecasts) == (["Is 12% right?"], True)


async def test_a_check_without_texts_answers_422(running: RunningGateway) -> None:
    answer = await running.rest.post("/api/v1/check-claims", json={"texts": [], "data": [{"a": 1}]})

    assert answer.status_code == 422


async def test_a_result_says_how_the_input_was_read(running: RunningGateway) -> None:
    ways = [pb.AlternativeReading(read_as={"order": order}, why="range") for order in ("DMY", "MDY")]
    section = pb.SectionResult(
        name="holdings",
        section="holdings",
        status="completed",
        reading=[pb.FieldReading(field="holdings[].price", read_as={"unit": "money", "currency": "GBP"}, why="marked")],
        absent=[pb.AbsentFact(id="twr", reason="two orders", code="AMBIGUOUS_INPUT", alternatives=ways)],
    )
    task = make_task(status=pb.TASK_STATUS_COMPLETED, sections=[section])
    running.suite.portfolio.answers["GetTask"] = lambda _: task
    found = (await running.rest.get(f"/task/{TASK_ID}/result")).json()["data"]["holdings"]
    assert found["reading"] == [
        {
            "field": "holdings[].price",
            "read_as": {"unit": "money", "currency": "GBP"},
            "why": "marked",
            "alternatives": [],
            "rows": [],
        }
    ]
    assert found["absent"][0]["code"] == "AMBIGUOUS_INPUT"
    assert [item["read_as"] for item in found["absent"][0]["alternatives"]] == [{"order": "DMY"}, {"order": "MDY"}]


@pytest.mark.parametrize("error", [Conflict("another body"), AlreadyExists("another body")])
async def test_a_reused_idempotency_key_answers_409(running: RunningGateway, error: Exception) -> None:
    def refuse(_: Any) -> None:
        raise error

    running.suite.portfolio.answers["CreateTask"] = refuse
    answer = await running.rest.post("/task/submit", json={"username": "alice", "data": [{}]})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"data": [{}]}, "username"),
        ({"username": "", "data": [{}]}, "username"),
        ({"username": "alice"}, "data"),
        ({"username": "alice", "data": []}, "data"),
        ({"username": "alice", "data": {}}, "data"),
        ({"username": "alice", "data": [{}, 7]}, "data.1"),
        ({"username": "alice", "data": [{}], "locale": "english"}, "locale"),
        ({"username": "alice", "data": [{}], "password": 0}, "password"),
        ({"username": 1.5, "data": [{}]}, "username"),
    ],
)
async def test_a_bad_submission_answers_422_naming_the_field(
    running: RunningGateway, body: dict[str, Any], field: str
) -> None:
    answer = await running.rest.post("/task/submit", json=body)
    problem = answer.json()
    assert (answer.status_code, [error["field"] for error in problem["errors"]]) == (422, [field])
    assert {"field", "message", "loc", "msg", "type"} <= set(problem["errors"][0])


async def test_a_parameter_that_the_service_refused_is_placed_in_the_query(running: RunningGateway) -> None:
    def refuse(_: Any) -> None:
        raise InvalidInput("the token is of another list", field="page_token")

    running.suite.portfolio.answers["ListTasks"] = refuse
    problem = (await running.rest.get("/tasks", params={"page_token": "x"})).json()
    assert problem["errors"][0]["loc"] == ["query", "page_token"]


async def test_a_bad_password_is_not_repeated_in_the_answer(running: RunningGateway) -> None:
    body = {"username": "alice", "password": "hunter2" * 500, "data": [{}]}
    answer = await running.rest.post("/task/submit", json=body)
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


async def test_a_full_queue_answers_429_with_retry_after(running: RunningGateway) -> None:
    def refuse(_: Any) -> None:
        raise Exhausted("the queue is full", reason="QUEUE_FULL", retry_after_s=7.2)

    running.suite.portfolio.answers["CreateTask"] = refuse
    answer = await running.rest.post("/task/submit", json={"username": "alice", "data": [{}]})
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (429, "8", "QUEUE_FULL")


async def test_status_has_the_older_shape(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    answer = await running.rest.get(f"/task/{TASK_ID}/status")
    state = answer.json()
    assert state["section_detected"] == "portfolio_snapshot, top_movers"
    assert state["trace"] == [
        {"step": "submit", "status": "completed", "timestamp": "2026-01-02T03:04:05.000Z", "detail": "2 payloads"}
    ]
    TaskState.model_validate(state)


async def test_an_unchanged_status_answers_304(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    first = await running.rest.get(f"/task/{TASK_ID}/status")
    second = await running.rest.get(f"/task/{TASK_ID}/status", headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, second.content) == (304, b"")


async def test_a_changed_status_answers_200(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    first = await running.rest.get(f"/task/{TASK_ID}/status")
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task(revision=8)
    second = await running.rest.get(f"/task/{TASK_ID}/status", headers={"If-None-Match": first.headers["etag"]})
    assert second.status_code == 200


async def test_a_result_joins_the_sections_values(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: finished_task()
    answer = (await running.rest.get(f"/task/{TASK_ID}/result")).json()
    TaskOutcome.model_validate(answer)
    assert (answer["conv_id"], answer["message_id"], answer["cost"], answer["elapsed_seconds"]) == (
        "c1, c2",
        "m1, m2",
        0.0125,
        2.0,
    )


async def test_a_failed_task_keeps_its_finished_sections(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: finished_task()
    data = (await running.rest.get(f"/task/{TASK_ID}/result")).json()["data"]
    assert {name: (item["section"], item["status"], item["error"]) for name, item in data.items()} == {
        "portfolio_snapshot": ("portfolio_snapshot", "completed", None),
        "holdings_2": ("holdings", "error", "no rows"),
    }


async def test_the_result_of_a_running_task_answers_409(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    answer = await running.rest.get(f"/task/{TASK_ID}/result")
    assert (answer.status_code, answer.json()["code"]) == (409, "TASK_RUNNING")


async def test_an_unknown_task_answers_404_as_a_problem(running: RunningGateway) -> None:
    def refuse(_: Any) -> None:
        raise NotFound("there is no such task", reason="TASK_NOT_FOUND")

    running.suite.portfolio.answers["GetTask"] = refuse
    answer = await running.rest.get("/task/task_x/status", headers={"X-Request-Id": "abc-1"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:wealth:error:task-not-found",
        "title": "Not found",
        "status": 404,
        "detail": "there is no such task",
        "message": "there is no such task",
        "code": "TASK_NOT_FOUND",
        "request_id": "abc-1",
    }


async def test_listing_passes_filter_and_page_on(running: RunningGateway) -> None:
    running.suite.portfolio.answers["ListTasks"] = lambda _: pb.ListTasksResponse(
        tasks=[make_task()], next_page_token="n"
    )
    answer = await running.rest.get("/tasks", params={"limit": 5, "status": "completed", "page_token": "p"})
    TaskPage.model_validate(answer.json())
    request = running.suite.portfolio.last("ListTasks").request
    assert (request.page_size, request.status, request.page_token, answer.json()["next_page_token"]) == (
        5,
        pb.TASK_STATUS_COMPLETED,
        "p",
        "n",
    )


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "status=done"])
async def test_a_bad_query_answers_422(running: RunningGateway, query: str) -> None:
    assert (await running.rest.get(f"/tasks?{query}")).status_code == 422


async def test_cancelling_answers_202(running: RunningGateway) -> None:
    running.suite.portfolio.answers["CancelTask"] = lambda _: make_task(status=pb.TASK_STATUS_CANCELLED)
    answer = await running.rest.post(f"/task/{TASK_ID}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")


async def test_deleting_answers_204(running: RunningGateway) -> None:
    running.suite.portfolio.answers["DeleteTask"] = lambda _: pb.DeleteTaskResponse()
    answer = await running.rest.delete(f"/task/{TASK_ID}")
    assert (answer.status_code, answer.content) == (204, b"")


def parse_events(text: str) -> list[dict[str, str]]:
    blocks = [block for block in text.split("\n\n") if block and not block.startswith((":", "retry:"))]
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


async def test_events_carry_ids_only_where_watching_may_resume(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    running.suite.portfolio.answers["WatchTask"] = lambda _: [
        make_event(6, event_id="a", section="top_movers", resumable=False),
        make_event(6, event_id="b"),
        make_event(7, event_id="c", status=pb.TASK_STATUS_COMPLETED, terminal=True),
    ]
    answer = await running.rest.get(f"/task/{TASK_ID}/events")
    events = parse_events(answer.text)
    assert [(event.get("id"), event["event"]) for event in events] == [
        (None, "section"),
        ("6", "status"),
        ("7", "status"),
    ]
    assert json.loads(events[-1]["data"])["terminal"] is True


async def test_watching_resumes_after_the_last_event_id(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    running.suite.portfolio.answers["WatchTask"] = lambda _: [make_event(8, terminal=True)]
    await running.rest.get(f"/task/{TASK_ID}/events", headers={"Last-Event-ID": "5"})
    assert running.suite.portfolio.last("WatchTask").request.after_revision == 5


async def test_watching_after_the_end_answers_204_so_that_browsers_stop(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: finished_task()
    answer = await running.rest.get(f"/task/{TASK_ID}/events", headers={"Last-Event-ID": "7"})
    assert answer.status_code == 204


async def test_watching_an_unknown_task_answers_404(running: RunningGateway) -> None:
    def refuse(_: Any) -> None:
        raise NotFound("there is no such task")

    running.suite.portfolio.answers["GetTask"] = refuse
    assert (await running.rest.get(f"/task/{TASK_ID}/events")).status_code == 404


async def test_a_watch_survives_the_services_restart_and_shows_nothing_twice(own_gateway: RunningGateway) -> None:
    portfolio = own_gateway.suite.portfolio
    portfolio.answers["GetTask"] = lambda _: make_task()
    broken = asyncio.Event()

    async def first_watch() -> Any:
        yield make_event(6, event_id="a")
        yield make_event(7, event_id="b", resumable=False)
        broken.set()
        await asyncio.Event().wait()

    portfolio.answers["WatchTask"] = lambda _: first_watch()
    reading = asyncio.create_task(own_gateway.rest.get(f"/task/{TASK_ID}/events"))
    await broken.wait()
    await own_gateway.suite.stop_service("portfolio")
    portfolio.answers["WatchTask"] = lambda _: [
        make_event(7, event_id="b", resumable=False),
        make_event(8, event_id="c", terminal=True),
    ]
    await own_gateway.suite.start_service("portfolio")
    events = parse_events((await reading).text)
    assert [json.loads(event["data"])["event_id"] for event in events] == ["a", "b", "c"]
    assert portfolio.last("WatchTask").request.after_revision == 6


async def test_an_error_after_the_start_ends_the_stream_with_a_problem(running: RunningGateway) -> None:
    portfolio = running.suite.portfolio
    portfolio.answers["GetTask"] = lambda _: make_task()

    async def deleted_meanwhile() -> Any:
        yield make_event(6)
        raise NotFound("it was deleted", reason="TASK_NOT_FOUND")

    portfolio.answers["WatchTask"] = lambda _: deleted_meanwhile()
    events = parse_events((await running.rest.get(f"/task/{TASK_ID}/events")).text)
    assert (events[-1]["event"], json.loads(events[-1]["data"])["code"]) == ("problem", "TASK_NOT_FOUND")


async def test_a_client_that_leaves_ends_the_services_stream(running: RunningGateway) -> None:
    portfolio = running.suite.portfolio
    portfolio.answers["GetTask"] = lambda _: make_task()
    ended = asyncio.Event()

    async def endless() -> Any:
        try:
            yield make_event(6)
            await asyncio.Event().wait()
        finally:
            ended.set()

    portfolio.answers["WatchTask"] = lambda _: endless()
    async with running.rest.stream("GET", f"/task/{TASK_ID}/events") as answer:
        await anext(answer.aiter_lines())
    await asyncio.wait_for(ended.wait(), 120)
    assert running.gateway.door.admission.watchers == 0


async def test_a_service_that_is_away_answers_503_with_retry_after(own_gateway: RunningGateway) -> None:
    await own_gateway.suite.stop_service("portfolio")
    answer = await own_gateway.rest.post("/task/submit", json={"username": "alice", "data": [{}]})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_an_unexpected_fault_answers_500_without_its_words(running: RunningGateway) -> None:
    def fail(_: Any) -> None:
        raise RuntimeError("the secret detail")

    running.suite.portfolio.answers["GetTask"] = fail
    answer = await running.rest.get(f"/task/{TASK_ID}/status")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text


async def test_the_principal_behind_the_key_reaches_the_service(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    key = running.make_key(tenant="acme", users=["alice"], scopes=["portfolio"], subject="crm")
    headers = {"X-API-KEY": key, "X-Request-Id": "req-1", "authorization": "Bearer forged"}
    await running.rest.get(f"/task/{TASK_ID}/status", headers=headers)
    seen = running.suite.portfolio.last("GetTask")
    assert seen.principal is not None
    assert (seen.principal.tenant, seen.principal.users, seen.principal.subject, seen.request_id) == (
        "acme",
        frozenset({"alice"}),
        "crm",
        "req-1",
    )


async def test_open_tasks_let_the_older_clients_in_without_a_key(tmp_path: Any) -> None:
    from tests.support.gateway import run_gateway

    overrides = {"gateway_legacy_open_tasks": True, "gateway_legacy_open_tasks_tenant": "legacy"}
    async with run_gateway(tmp_path, **overrides) as running:
        running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
        async with httpx.AsyncClient(base_url=running.base_url) as client:
            assert (await client.get(f"/task/{TASK_ID}/status")).status_code == 200
            assert (await client.get("/api/v1/queue/status")).status_code == 401
        principal = running.suite.portfolio.last("GetTask").principal
        assert principal is not None
        assert principal.tenant == "legacy"


async def test_a_report_is_a_page_that_runs_and_fetches_nothing(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTaskReport"] = lambda _: pb.TaskReport(html="<!doctype html><p>₹1.2 Cr</p>")
    answer = await running.rest.get(f"/task/{TASK_ID}/report")
    assert (answer.text, answer.headers["content-type"]) == (
        "<!doctype html><p>₹1.2 Cr</p>", "text/html; charset=utf-8",
    )  # fmt: skip
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"sandbox", "default-src 'none'"} <= set(policy)
    assert "content-disposition" not in answer.headers


async def test_a_report_is_saved_where_that_is_asked(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTaskReport"] = lambda _: pb.TaskReport(html="<p>")
    answer = await running.rest.get(f"/task/{TASK_ID}/report", params={"download": "true"})
    assert answer.headers["content-disposition"] == 'attachment; filename="portfolio-report.html"'


async def test_the_report_of_a_running_task_answers_409(running: RunningGateway) -> None:
    def refuse(_: Any) -> pb.TaskReport:
        raise PreconditionFailed("the task is still running", reason="TASK_RUNNING")

    running.suite.portfolio.answers["GetTaskReport"] = refuse
    answer = await running.rest.get(f"/task/{TASK_ID}/report")
    assert (answer.status_code, answer.json()["code"]) == (409, "TASK_RUNNING")
