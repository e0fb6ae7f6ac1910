"""What holds for every REST call: keys, limits, bounds, problems, health and documentation."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import NotFound
from services.gateway.key_file import KeyFileWatch
from services.gateway.keys import load_keys, save_keys
from services.gateway.rest.api import write_document
from services.gateway.rest.system import Health, Ping
from tests.support.gateway import RunningGateway, run_gateway

OPEN = {"/health", "/ping", "/livez", "/readyz"}
LEGACY_KEY = "the older services' key of 32 chars or more"


def queue(_: Any) -> jobs_pb2.Queue:
    return jobs_pb2.Queue(
        max_workers=4, worker_processes=2, queue_size=3, open_jobs=5, max_queue_size=10, total_jobs=812
    )


def list_calls() -> list[tuple[str, str]]:
    paths = json.loads(write_document())["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


async def test_every_data_call_needs_a_key(running: RunningGateway) -> None:
    async with httpx.AsyncClient(base_url=running.base_url) as client:
        answers = {
            (method, path): (await client.request(method, path.replace("{", "").replace("}", ""))).status_code
            for method, path in list_calls()
            if path not in OPEN
        }
    assert len(answers) > 20
    assert set(answers.values()) == {401}


@pytest.mark.parametrize("key", ["", "k_000000000000.wrong", "no-dot", "x" * 5000, "legacy.x"])
async def test_a_wrong_key_answers_401_as_a_problem(running: RunningGateway, key: str) -> None:
    answer = await running.rest.get("/tasks", headers={"X-API-KEY": key})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith("ApiKey")


async def test_the_key_is_checked_before_the_body_is_read(running: RunningGateway) -> None:
    answer = await running.rest.post("/api/v1/train", content=b"not json", headers={"X-API-KEY": "wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("scope", "path"), [("files", "/tasks"), ("portfolio", "/api/v1/queue/status"), ("converter", "/api/v1/files")]
)
async def test_a_key_without_the_scope_answers_403(running: RunningGateway, scope: str, path: str) -> None:
    key = running.make_key(scopes=[scope])
    answer = await running.rest.get(path, headers={"X-API-KEY": key})
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")


async def test_an_expired_key_answers_401(running: RunningGateway) -> None:
    key = running.make_key(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert (await running.rest.get("/tasks", headers={"X-API-KEY": key})).status_code == 401


async def wait_for_status(running: RunningGateway, key: str, status: int) -> None:
    """Asks until the answer is so: the file is looked at every 20 ms."""
    async with asyncio.timeout(120):
        while True:
            if (await running.rest.get("/api/v1/queue/status", headers={"X-API-KEY": key})).status_code == status:
                return


async def test_a_revoked_key_is_refused_without_a_restart(own_gateway: RunningGateway) -> None:
    own_gateway.suite.converter.answers["GetQueue"] = queue
    key = own_gateway.make_key()
    await wait_for_status(own_gateway, key, 200)
    remaining = [record for record in load_keys(own_gateway.keys_file) if not key.startswith(record.id)]
    save_keys(own_gateway.keys_file, remaining)
    await wait_for_status(own_gateway, key, 401)


async def test_a_damaged_keys_file_leaves_the_keys_in_force(own_gateway: RunningGateway) -> None:
    own_gateway.suite.converter.answers["GetQueue"] = queue
    watch = KeyFileWatch(own_gateway.keys_file, own_gateway.gateway.ring, interval_s=1)
    own_gateway.keys_file.write_text("{")
    with pytest.raises(ValueError, match="not a keys file"):
        await watch.start()
    assert (await own_gateway.rest.get("/api/v1/queue/status")).status_code == 200


async def test_the_older_services_key_is_accepted(tmp_path: Path) -> None:
    async with run_gateway(tmp_path, fastapi_and_wep_app_secret_key=LEGACY_KEY) as running:
        running.suite.converter.answers["GetQueue"] = queue
        answer = await running.rest.get("/api/v1/queue/status", headers={"X-API-KEY": LEGACY_KEY})
        assert answer.status_code == 200


async def test_a_short_legacy_key_is_not_accepted_and_health_says_so(tmp_path: Path) -> None:
    async with run_gateway(tmp_path, fastapi_and_wep_app_secret_key="short") as running:
        assert (await running.rest.get("/tasks", headers={"X-API-KEY": "short"})).status_code == 401
        (notice,) = (await running.rest.get("/health")).json()["notices"]
    assert "FASTAPI_AND_WEP_APP_SECRET_KEY has fewer than 32 characters" in notice


async def test_bad_input_is_told_as_the_older_services_clients_read_it(running: RunningGateway) -> None:
    problem = (await running.rest.post("/api/v1/train", json={"user_id": "alice"})).json()
    assert {"loc": ["body", "input_file"], "msg": "Field required", "type": "missing"} in problem["detail"]
    assert "input_file: Field required" in problem["message"]


async def test_a_key_over_its_rate_answers_429_with_retry_after(running: RunningGateway) -> None:
    running.suite.converter.answers["GetQueue"] = queue
    key = running.make_key(rate_per_s=0.01)  # its next turn is further off than calls wait
    statuses = []
    answer = None
    for _ in range(3):
        answer = await running.rest.get("/api/v1/queue/status", headers={"X-API-KEY": key})
        statuses.append(answer.status_code)
    assert answer is not None
    assert statuses == [200, 429, 429]
    assert 10 < int(answer.headers["retry-after"]) <= 100


async def test_a_key_over_its_concurrency_answers_429(running: RunningGateway) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow() -> jobs_pb2.Queue:
        entered.set()
        await leave.wait()
        return queue(None)

    running.suite.converter.answers["GetQueue"] = lambda _: slow()
    headers = {"X-API-KEY": running.make_key(concurrency=1)}
    first = asyncio.create_task(running.rest.get("/api/v1/queue/status", headers=headers))
    await entered.wait()
    second = await running.rest.get("/api/v1/queue/status", headers=headers)
    leave.set()
    assert (second.status_code, (await first).status_code) == (429, 200)


async def test_watchers_are_bounded(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[portfolio_pb2.TaskEvent]:
        await asyncio.Event().wait()
        yield portfolio_pb2.TaskEvent()

    async with run_gateway(tmp_path, gateway_max_watchers=1) as running:
        running.suite.portfolio.answers["GetTask"] = lambda _: portfolio_pb2.Task(revision=1)
        running.suite.portfolio.answers["WatchTask"] = lambda _: endless()
        async with running.rest.stream("GET", "/task/t/events") as first:
            await anext(first.aiter_lines())
            second = await running.rest.get("/task/t/events")
        assert (second.status_code, second.json()["code"]) == (429, "TOO_MANY_WATCHERS")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_answers_413(tmp_path: Path, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 1000

    headers = {"content-type": "application/json"}
    async with run_gateway(tmp_path, gateway_max_body_bytes=10_000) as running:
        content = chunks() if chunked else b" " * 20_000
        answer = await running.rest.post("/task/submit", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    "headers", [{"content-type": "text/plain"}, {"content-type": "application/json", "content-encoding": "gzip"}]
)
async def test_a_body_in_another_form_answers_415(running: RunningGateway, headers: dict[str, str]) -> None:
    answer = await running.rest.post("/api/v1/train", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (415, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/tasks", 405), ("GET", "/tasks/", 404)]
)
async def test_unknown_paths_and_methods_answer_problems(
    running: RunningGateway, method: str, path: str, status: int
) -> None:
    answer = await running.rest.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("request_id", [b"a b", b"\xe9", b"x" * 65, b"a\tb"])
async def test_a_strange_request_id_is_replaced(running: RunningGateway, request_id: bytes) -> None:
    # A byte that gRPC metadata cannot carry would take every other call on the connection down with it.
    running.suite.converter.answers["GetQueue"] = queue
    answer = await running.rest.get("/api/v1/queue/status", headers={b"X-Request-Id": request_id})
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] != request_id.decode("latin-1")


async def test_an_idempotency_key_that_is_too_long_answers_422(running: RunningGateway) -> None:
    answer = await running.rest.post("/task/submit", json={}, headers={"Idempotency-Key": "k" * 129})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_health_is_ok_where_all_services_are(running: RunningGateway) -> None:
    answer = await running.rest.get("/health", headers={"X-API-KEY": ""})
    Health.model_validate(answer.json())
    assert answer.status_code == 200
    assert {name: service["status"] for name, service in answer.json()["services"].items()} == {
        "portfolio": "ok",
        "converter": "ok",
        "storage": "ok",
        "events": "ok",
    }


async def test_a_parameter_missed_by_a_letter_is_refused_with_the_right_one(running: RunningGateway) -> None:
    answer = await running.rest.get("/tasks", params={"statuss": "completed"})
    assert (answer.status_code, answer.json()["code"]) == (422, "UNKNOWN_PARAMETER")
    assert answer.json()["detail"] == [
        {"loc": ["query", "statuss"], "msg": "no such parameter: is status meant?", "type": "unknown_parameter"}
    ]


@pytest.mark.parametrize(
    ("path", "meant"),
    [("/task/submit/", "/task/submit"), ("/api/v2/train", "/api/v1/train"), ("/task", "/tasks"), ("/nothing/x", "")],
)
async def test_a_path_that_is_nearly_one_names_it(running: RunningGateway, path: str, meant: str) -> None:
    answer = await running.rest.get(path)
    words = f"there is nothing at this path: is {meant} meant?" if meant else "there is nothing at this path"
    assert (answer.status_code, answer.json()["detail"]) == (404, words)


async def test_a_wrong_method_is_told_the_right_ones(running: RunningGateway) -> None:
    answer = await running.rest.put("/tasks")
    assert (answer.status_code, answer.json()["detail"]) == (405, "this path does not take PUT: it takes GET, HEAD")


@pytest.mark.parametrize("path", ["/task/submit", "/api/v1/train", "/api/v1/webhooks"])
async def test_an_empty_body_is_told_as_empty(running: RunningGateway, path: str) -> None:
    answer = await running.rest.post(path, content=b" ", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["message"] == "the body is empty: a JSON object is needed"


@pytest.mark.parametrize(
    ("path", "name"), [("/tasks", "state"), ("/tasks", "page_size"), ("/ping", "verbose"), ("/health", "x")]
)
async def test_a_parameter_that_nobody_reads_is_told_in_a_header(running: RunningGateway, path: str, name: str) -> None:
    running.suite.portfolio.answers["ListTasks"] = lambda _: portfolio_pb2.ListTasksResponse()
    running.suite.portfolio.answers["GetQueue"] = queue
    answer = await running.rest.get(path, params={name: "completed"})
    assert answer.status_code == 200
    assert answer.headers["x-warning"].startswith(f"query parameters that nobody reads: {name}; this call takes")


async def test_a_field_that_nobody_reads_is_told_in_a_header(running: RunningGateway) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: portfolio_pb2.Task(task_id="t")
    body = {"username": "u", "password": "p", "data": [{"holdings": []}], "priority": "high", "ü\r\nx: y": 1}
    answer = await running.rest.post("/task/submit", json=body)
    assert answer.status_code == 202
    told = answer.headers["x-warning"]
    assert "fields of the body that nobody reads: priority" in told
    assert "this call takes" in told


async def test_a_call_that_is_read_whole_has_no_warning(running: RunningGateway) -> None:
    running.suite.portfolio.answers["ListTasks"] = lambda _: portfolio_pb2.ListTasksResponse()
    assert "x-warning" not in (await running.rest.get("/tasks", params={"limit": "5"})).headers


async def test_health_says_which_queue_has_no_worker(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetQueue"] = queue
    running.suite.converter.answers["GetQueue"] = lambda _: jobs_pb2.Queue(queue_size=3)
    notices = (await running.rest.get("/health")).json()["notices"]
    assert notices == ["no worker of converter is running, and 3 job(s) wait for one"]


async def test_health_answers_503_where_a_service_is_down(own_gateway: RunningGateway) -> None:
    await own_gateway.suite.stop_service("converter")
    answer = await own_gateway.rest.get("/health")
    assert (answer.status_code, answer.json()["services"]["converter"]["status"]) == (503, "down")


async def test_health_answers_503_where_storage_lost_its_bucket(own_gateway: RunningGateway) -> None:
    own_gateway.suite.dependencies["s3"] = False
    async with asyncio.timeout(120):
        while True:
            if (await own_gateway.rest.get("/health")).status_code == 503:
                return


async def test_ping_has_the_older_shape_and_needs_no_key(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetQueue"] = queue
    async with httpx.AsyncClient(base_url=running.base_url) as client:
        answer = await client.get("/ping")
    Ping.model_validate(answer.json())
    assert answer.json() == {
        "status": "healthy",
        "workers": 4,
        "workers_started": True,
        "worker_processes": 2,
        "active_tasks": 0,
        "queue_size": 3,
        "total_tasks": 812,
        "storage": {"status": "healthy", "bucket": None, "cache_size": None},
    }


async def test_ping_answers_503_where_portfolio_is_down(own_gateway: RunningGateway) -> None:
    await own_gateway.suite.stop_service("portfolio")
    assert (await own_gateway.rest.get("/ping")).status_code == 503


async def test_readiness_turns_as_soon_as_the_process_drains(own_gateway: RunningGateway) -> None:
    before = (await own_gateway.rest.get("/readyz")).status_code
    own_gateway.gateway.door.closing.set()
    assert (before, (await own_gateway.rest.get("/readyz")).status_code) == (200, 503)


async def test_the_way_in_leads_to_the_docs(running: RunningGateway) -> None:
    answer = await running.rest.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


async def test_the_docs_come_from_here_alone(running: RunningGateway) -> None:
    page = await running.rest.get("/docs")
    assert "//" not in page.text.replace("<!doctype", "")
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js", "docs.js", "docs.css"):
        assert (await running.rest.get(f"/docs/assets/{asset}")).status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_no_other_file_is_served_beside_the_docs(running: RunningGateway) -> None:
    assert (await running.rest.get("/docs/assets/core.py")).status_code == 404


def test_the_committed_description_is_the_codes() -> None:
    committed = Path("docs/openapi.json").read_text(encoding="utf-8")
    assert committed == write_document(), "run: python -m services.gateway.rest.api > docs/openapi.json"


def test_every_answer_of_the_description_has_an_example_or_a_schema() -> None:
    document = json.loads(write_document())
    models = {
        content["schema"]["$ref"].rpartition("/")[2]
        for path in document["paths"].values()
        for operation in path.values()
        for answer in operation["responses"].values()
        for content in answer.get("content", {}).values()
        if "$ref" in content.get("schema", {})
    }
    assert {name for name in models if "examples" not in document["components"]["schemas"][name]} == set()


async def test_cors_is_off_by_default(running: RunningGateway) -> None:
    answer = await running.rest.get("/livez", headers={"origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers


async def test_cors_answers_allowed_origins(tmp_path: Path) -> None:
    async with run_gateway(tmp_path, gateway_cors_origins=["https://app.example"]) as running:
        answer = await running.rest.get("/livez", headers={"origin": "https://app.example"})
    assert answer.headers["access-control-allow-origin"] == "https://app.example"


async def test_each_call_leaves_one_audit_line_without_the_key(
    running: RunningGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    running.suite.converter.answers["GetQueue"] = queue
    await running.rest.get("/api/v1/queue/status")
    output = capsys.readouterr()
    lines = [line for line in (output.out + output.err).splitlines() if " audit " in line]
    assert len(lines) == 1
    assert "route=/api/v1/queue/status" in lines[0]
    assert "tenant=default" in lines[0]
    assert running.key.partition(".")[2] not in output.out + output.err


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/api/v1/files", "GET, HEAD, POST"), ("/api/v1/files/file_id:1", "DELETE, GET, HEAD"), ("/task/submit", "POST")],
)
async def test_a_wrong_method_is_told_all_of_the_paths(running: RunningGateway, path: str, allowed: str) -> None:
    answer = await running.rest.request("PUT", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_the_description_refers_to_nothing_that_it_leaves_out() -> None:
    text = Path("docs/openapi.json").read_text(encoding="utf-8")
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert named - set(json.loads(text)["components"]["schemas"]) == set()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_a_file_of_a_name_with_line_feeds_is_looked_for(running: RunningGateway, method: str) -> None:
    seen = []
    for name in ("GetFile", "DownloadFile", "DeleteFile"):
        running.suite.storage.answers[name] = lambda request: seen.append(request.uri) or _raise_missing()
    answer = await running.rest.request(method, "/api/v1/files/a%0Ab%0A")
    assert (answer.status_code, seen) == (404, ["a\nb\n"])


def _raise_missing() -> None:
    raise NotFound("no such file")
