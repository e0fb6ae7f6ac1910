"""What workers gave up, over REST: listed and run again by operators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel
from starlette.responses import Response
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.gateway.rest.bodies import json_answer
from services.gateway.rest.converter_mapping import job_metadata
from services.gateway.rest.converter_models import JobMetadata
from services.gateway.rest.door import Guard, TheDoor
from services.gateway.rest.examples import shown_as
from services.gateway.rest.portfolio_mapping import task_state
from services.gateway.rest.portfolio_models import TaskState
from services.gateway.rest.wire import time_text

router = APIRouter(prefix="/api/v1/dead-letters", tags=["operators"])

_CALL = [Depends(Guard("admin"))]
_Limit = Annotated[int, Query(ge=1, le=200)]
_Token = Annotated[str, Query(max_length=2048)]


_EXAMPLE = {
    "id": "task_20260102030405_0a1b2c3d",
    "user_id": "alice",
    "generation": 1,
    "attempts": 5,
    "error_code": "ATTEMPTS_EXHAUSTED",
    "error": "given up after 5 attempts",
    "failed_at": "2026-01-02T03:09:05.000Z",
}


class DeadLetter(BaseModel):
    """A task or job that used up its attempts."""

    model_config = shown_as(_EXAMPLE)

    id: str
    user_id: str
    generation: int
    attempts: int
    error_code: str
    error: str
    failed_at: str | None


class DeadLetterPage(BaseModel):
    """A page of dead letters, newest first."""

    model_config = shown_as({"dead_letters": [_EXAMPLE], "next_page_token": ""})

    dead_letters: list[DeadLetter]
    next_page_token: str


@router.get("/tasks", response_model=DeadLetterPage, dependencies=_CALL, summary="List given-up tasks")
async def list_dead_tasks(door: TheDoor, limit: _Limit = 50, page_token: _Token = "") -> Response:
    """Lists tasks that used up their attempts, of users that the key may act for."""
    page = await door.backends.portfolio.ListDeadLetters(
        portfolio_pb2.ListDeadLettersRequest(page_size=limit, page_token=page_token)
    )
    return _answer(page)


@router.get("/jobs", response_model=DeadLetterPage, dependencies=_CALL, summary="List given-up conversions")
async def list_dead_jobs(door: TheDoor, limit: _Limit = 50, page_token: _Token = "") -> Response:
    """Lists trainings and inferences that used up their attempts, of users that the key may act for."""
    page = await door.backends.converter.ListDeadLetters(
        converter_pb2.ListDeadLettersRequest(page_size=limit, page_token=page_token)
    )
    return _answer(page)


@router.post(
    "/tasks/{task_id}/replay",
    status_code=202,
    response_model=TaskState,
    dependencies=_CALL,
    summary="Run a task again",
)
async def replay_task(task_id: Annotated[str, Path(max_length=64)], door: TheDoor) -> Response:
    """Runs a task that has ended again, as a new generation with its payloads as they were."""
    task = await door.backends.portfolio.ReplayTask(portfolio_pb2.ReplayTaskRequest(task_id=task_id))
    return json_answer(task_state(task), 202)


@router.post(
    "/jobs/{client_id}/{job_id}/replay",
    status_code=202,
    response_model=JobMetadata,
    dependencies=_CALL,
    summary="Run a training or inference again",
)
async def replay_job(
    client_id: Annotated[str, Path(max_length=128)], job_id: Annotated[str, Path(max_length=64)], door: TheDoor
) -> Response:
    """Runs a job that has ended again, as a new generation with its files as they were."""
    job = await door.backends.converter.ReplayJob(converter_pb2.ReplayJobRequest(user_id=client_id, job_id=job_id))
    return json_answer(job_metadata(job), 202)


def _answer(page: portfolio_pb2.ListDeadLettersResponse | converter_pb2.ListDeadLettersResponse) -> Response:
    return json_answer(
        {
            "dead_letters": [dead_letter(letter) for letter in page.dead_letters],
            "next_page_token": page.next_page_token,
        }
    )


def dead_letter(letter: jobs_pb2.DeadLetter) -> dict[str, Any]:
    """A dead letter."""
    return {
        "id": letter.job_id,
        "user_id": letter.user_id,
        "generation": letter.generation,
        "attempts": letter.attempts,
        "error_code": letter.error.code,
        "error": letter.error.message,
        "failed_at": time_text(letter.failed_at),
    }
