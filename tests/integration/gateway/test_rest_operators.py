"""What only operators may do over REST: given-up work listed and run again, older records brought over."""

import base64
import json
from typing import Any

import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.gateway.rest.dead_letters import DeadLetterPage
from services.gateway.rest.imports import ImportedJob, ImportedTask
from tests.integration.gateway.test_rest_converter import JOB_ID, make_job
from tests.integration.gateway.test_rest_portfolio import TASK_ID, make_task
from tests.support.gateway import RunningGateway

LETTER = jobs_pb2.DeadLetter(
    job_id=TASK_ID,
    user_id="alice",
    generation=1,
    attempts=5,
    error=jobs_pb2.JobError(code="ATTEMPTS_EXHAUSTED", message="given up"),
    failed_at=Timestamp(seconds=1_767_323_345),
)
CALLS = [
    ("GET", "/api/v1/dead-letters/tasks"),
    ("GET", "/api/v1/dead-letters/jobs"),
    ("POST", f"/api/v1/dead-letters/tasks/{TASK_ID}/replay"),
    ("POST", f"/api/v1/dead-letters/jobs/alice/{JOB_ID}/replay"),
    ("POST", "/api/v1/import/task"),
    ("POST", "/api/v1/import/job"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_a_key_without_the_admin_scope_is_refused(running: RunningGateway, method: str, path: str) -> None:
    key = running.make_key(scopes=["portfolio", "converter", "files"])
    async with httpx.AsyncClient(base_url=running.base_url, headers={"x-api-key": key}) as client:
        answer = await client.request(method, path, json={} if method == "POST" else None)
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")


async def test_given_up_tasks_are_listed_a_page_at_a_time(running: RunningGateway) -> None:
    running.suite.portfolio.answers["ListDeadLetters"] = lambda _: portfolio_pb2.ListDeadLettersResponse(
        dead_letters=[LETTER], next_page_token="next"
    )
    answer = await running.rest.get("/api/v1/dead-letters/tasks", params={"limit": 7, "page_token": "p"})
    page = DeadLetterPage.model_validate(answer.json())
    asked = running.suite.portfolio.last("ListDeadLetters").request
    assert (asked.page_size, asked.page_token, page.next_page_token) == (7, "p", "next")
    assert (page.dead_letters[0].id, page.dead_letters[0].error_code) == (TASK_ID, "ATTEMPTS_EXHAUSTED")


async def test_given_up_work_is_run_again(running: RunningGateway) -> None:
    running.suite.portfolio.answers["ReplayTask"] = lambda _: make_task(generation=2)
    running.suite.converter.answers["ReplayJob"] = lambda _: make_job(generation=2)
    task = await running.rest.post(f"/api/v1/dead-letters/tasks/{TASK_ID}/replay")
    job = await running.rest.post(f"/api/v1/dead-letters/jobs/alice/{JOB_ID}/replay")
    assert (task.status_code, task.json()["task_id"]) == (202, TASK_ID)
    assert (job.status_code, job.json()["generation"]) == (202, 2)
    assert running.suite.converter.last("ReplayJob").request.user_id == "alice"


async def test_an_older_task_goes_on_as_it_stands(running: RunningGateway) -> None:
    running.suite.portfolio.answers["ImportTask"] = lambda _: portfolio_pb2.ImportTaskResponse(
        task=make_task(), outcome=jobs_pb2.IMPORT_OUTCOME_VALID, notes=["left behind: x"]
    )
    body = {"document": {"task_id": TASK_ID, "cost": 0.1}, "validate_only": True}
    answer = ImportedTask.model_validate((await running.rest.post("/api/v1/import/task", json=body)).json())
    assert (answer.outcome, answer.notes) == ("valid", ["left behind: x"])
    request = running.suite.portfolio.last("ImportTask").request
    assert (json.loads(request.document_json), request.validate_only) == (body["document"], True)


@pytest.mark.parametrize("output", [None, b"", b"a,b\n"])
async def test_an_older_job_goes_on_with_its_output_where_there_is_one(
    running: RunningGateway, output: bytes | None
) -> None:
    running.suite.converter.answers["ImportJob"] = lambda _: converter_pb2.ImportJobResponse(
        job=make_job(), outcome=jobs_pb2.IMPORT_OUTCOME_IMPORTED
    )
    body: dict[str, Any] = {"metadata": {"job_id": JOB_ID}}
    if output is not None:
        body["output_csv_base64"] = base64.b64encode(output).decode()
    answer = ImportedJob.model_validate((await running.rest.post("/api/v1/import/job", json=body)).json())
    request = running.suite.converter.last("ImportJob").request
    assert (answer.outcome, request.output if request.HasField("output") else None) == ("imported", output)


@pytest.mark.parametrize("output", ["not base64!", "ò", "a"])
async def test_an_output_that_is_no_base64_is_named(running: RunningGateway, output: str) -> None:
    body = {"metadata": {"job_id": JOB_ID}, "output_csv_base64": output}
    answer = await running.rest.post("/api/v1/import/job", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "output_csv_base64")
