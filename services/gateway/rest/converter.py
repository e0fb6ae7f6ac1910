"""The converter over REST: trainings, inferences, their artefacts and their events."""

import urllib.parse
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.responses import Response
from wealth.converter.v1 import converter_pb2 as pb
from wealth.portfolio.v1 import portfolio_pb2

from services.common.context import current_principal
from services.common.tasks import map_in_turns
from services.gateway.admission import Occupies
from services.gateway.domain.search import MAX_CHARS, find_words, fits
from services.gateway.rest.bodies import IdempotencyKey, conditional_json_answer, json_answer, json_body, read_body
from services.gateway.rest.call import RestCall
from services.gateway.rest.converter_mapping import (
    AMBIGUITY_VALUES,
    DRIFT_VALUES,
    JOB_VALUES,
    TERMINAL_JOB,
    UNSEEN_VALUES,
    accepted_job,
    job_event,
    job_metadata,
    job_path,
    queue_status,
)
from services.gateway.rest.converter_models import (
    AcceptedJob,
    FinishedInference,
    InferenceSubmission,
    JobMetadata,
    JobStatusWord,
    QueueStatus,
    TrainingSubmission,
)
from services.gateway.rest.door import Door, Guard, TheCall, TheDoor
from services.gateway.rest.downloads import answer_download, describe_download
from services.gateway.rest.events import answer_events, parse_last_event_id
from services.gateway.rest.inference_wait import choose_wait_s, describe_finished, wait_until_over
from services.gateway.rest.portfolio import EVENTS_RESPONSE
from services.gateway.rest.searching import SEARCH, searched_job

router = APIRouter(prefix="/api/v1", tags=["converter"])

CALL = [Depends(Guard("converter"))]
_WATCH = [Depends(Guard("converter", Occupies.WATCH))]
ClientId = Annotated[str, Path(max_length=128, description="The user that the job belongs to")]
JobId = Annotated[str, Path(max_length=64)]


def _describe_json(what: str) -> dict[int | str, dict[str, Any]]:
    """Describes the download of a JSON object for OpenAPI."""
    whole = {"description": what, "content": {"application/json": {"schema": {"type": "object"}}}}
    return {**describe_download(what, "application/json"), 200: whole}


@router.post(
    "/train",
    status_code=202,
    response_model=AcceptedJob,
    dependencies=CALL,
    openapi_extra=json_body(TrainingSubmission),
    summary="Learn a conversion",
)
async def train(request: Request, door: TheDoor, idempotency_key: IdempotencyKey = "") -> Response:
    """Accepts an input and the file that it should become. With `job_id`, that job is retrained and replaced."""
    body = await read_body(request, TrainingSubmission)
    job = await door.backends.converter.CreateTraining(
        pb.CreateTrainingRequest(
            user_id=body.user_id,
            input_file=body.input_file,
            expected_output_file=body.expected_output_file,
            title=body.job_title,
            description=body.description or "",
            owner=body.owner,
            general_instructions=body.general_instructions or "",
            column_instructions=body.column_instructions or {},
            job_id=body.job_id or "",
            request_id=idempotency_key,
            effort=body.effort or 0,
            samples=body.samples or {},
            on_ambiguity=AMBIGUITY_VALUES[body.on_ambiguity] if body.on_ambiguity else pb.ON_AMBIGUITY_UNSPECIFIED,
            references=body.references or {},
        )
    )
    return json_answer(accepted_job(job), 202, {"location": job_path(job)})


@router.post(
    "/inference/run",
    status_code=202,
    response_model=AcceptedJob,
    dependencies=CALL,
    openapi_extra=json_body(InferenceSubmission),
    responses={200: {"model": FinishedInference, "description": "It was over within the time asked for"}},
    summary="Convert a file",
)
async def run_inference(
    request: Request,
    door: TheDoor,
    wait: Annotated[float | None, Query(ge=0, description="Seconds to wait for the end, up to a limit")] = None,
    prefer: Annotated[str | None, Header(description="`wait=N`, as the query's wait")] = None,
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Applies a trained job's program to a file. With `wait` the output comes at once where it is ready in time."""
    body = await read_body(request, InferenceSubmission)
    wait_s = choose_wait_s(wait, prefer, door.settings.gateway_max_wait_s)
    job = await door.backends.converter.CreateInference(
        pb.CreateInferenceRequest(
            user_id=body.user_id,
            trained_job_id=body.job_id,
            input_file=body.input_file,
            on_unseen=UNSEEN_VALUES[body.on_unseen] if body.on_unseen else pb.ON_UNSEEN_UNSPECIFIED,
            on_drift=DRIFT_VALUES[body.on_drift] if body.on_drift else pb.ON_DRIFT_UNSPECIFIED,
            columns=body.columns or {},
            references=body.references or {},
            request_id=idempotency_key,
        )
    )
    headers = {"location": job_path(job)}
    if wait_s > 0:
        if prefer:
            headers["preference-applied"] = f"wait={wait_s:g}"
        if await wait_until_over(door, job, wait_s):
            return json_answer(await describe_finished(door, job), 200, headers)
    return json_answer(accepted_job(job), 202, headers)


@router.get("/queue/status", response_model=QueueStatus, dependencies=CALL, summary="Read the queue")
async def read_queue(door: TheDoor) -> Response:
    """Reads how many jobs wait and run, and how busy the workers are."""
    return json_answer(queue_status(await door.backends.converter.GetQueue(pb.GetQueueRequest())))


@router.get("/users/{client_id}/jobs", response_model=list[JobMetadata], dependencies=CALL, summary="List jobs")
async def list_jobs(
    client_id: ClientId,
    door: TheDoor,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    status: Annotated[JobStatusWord | None, Query()] = None,
    page_token: Annotated[str, Query(max_length=2048)] = "",
    search: Annotated[str, Query(max_length=MAX_CHARS, description=SEARCH)] = "",
) -> Response:
    """Lists a user's jobs newest first. The `Link` header names the next page, where there is one."""
    page = await door.backends.converter.ListJobs(
        pb.ListJobsRequest(
            user_id=client_id,
            page_size=limit,
            page_token=page_token,
            status=JOB_VALUES[status] if status else pb.JOB_STATUS_UNSPECIFIED,
        )
    )
    headers = {}
    if page.next_page_token:
        query = {"limit": str(limit), "page_token": page.next_page_token}
        query |= {name: value for name, value in (("status", status), ("search", search)) if value}
        path = f"/api/v1/users/{urllib.parse.quote(client_id, safe='')}/jobs"
        headers["link"] = f'<{path}?{urllib.parse.urlencode(query)}>; rel="next"'
    words = find_words(search)
    told = await map_in_turns(job_metadata, page.jobs)
    jobs = [metadata for metadata in told if fits(words, searched_job(metadata))]
    return json_answer(jobs, headers=headers)


@router.delete("/delete/job/{user_id}/{job_id}", status_code=204, dependencies=CALL, summary="Delete a job")
async def delete_job(user_id: ClientId, job_id: JobId, door: TheDoor) -> Response:
    """Deletes a job and all that belongs to it."""
    await door.backends.converter.DeleteJob(pb.DeleteJobRequest(user_id=user_id, job_id=job_id))
    return Response(status_code=204)


@router.delete("/delete/user/{user_id}", status_code=204, dependencies=CALL, summary="Delete a user's data")
async def delete_user(user_id: ClientId, door: TheDoor) -> Response:
    """Deletes all jobs and files of a user, with a key of the scope `portfolio` the tasks too, and refuses new ones for
    a while. A call that failed may be repeated: it goes on."""
    await door.backends.converter.DeleteUser(pb.DeleteUserRequest(user_id=user_id))
    if "portfolio" in current_principal().scopes:
        await door.backends.portfolio.DeleteUser(portfolio_pb2.DeleteUserRequest(user_id=user_id))
    return Response(status_code=204)


# Parameter paths from here on: the fixed ones above, and those of files, come first.


@router.get(
    "/{client_id}/{job_id}",
    response_model=JobMetadata,
    dependencies=CALL,
    responses={304: {"description": "Unchanged since the `If-None-Match` tag"}},
    summary="Read a job",
)
async def read_job(
    client_id: ClientId, job_id: JobId, door: TheDoor, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Reads a job's metadata. The ETag changes with every change of the job."""
    job = await door.backends.converter.GetJob(pb.GetJobRequest(user_id=client_id, job_id=job_id))
    return conditional_json_answer(f"{job.generation}-{job.revision}", if_none_match, lambda: job_metadata(job))


@router.get(
    "/{client_id}/{job_id}/program",
    dependencies=CALL,
    response_class=Response,
    responses=describe_download("DuckDB SQL", "text/plain"),
    summary="Read the learned program",
)
async def read_program(request: Request, client_id: ClientId, job_id: JobId, door: TheDoor) -> Response:
    """Reads the learned program: one DuckDB SELECT."""
    return await _answer_artifact(
        door, request, client_id, job_id, pb.ARTIFACT_PROGRAM, content_type="text/plain; charset=utf-8"
    )


@router.get(
    "/{client_id}/{job_id}/output",
    dependencies=CALL,
    response_class=Response,
    responses=describe_download("The CSV", "text/csv"),
    summary="Download the output",
)
async def read_output(
    request: Request,
    client_id: ClientId,
    job_id: JobId,
    door: TheDoor,
    safe: Annotated[bool, Query(description="Put an apostrophe before cells that a spreadsheet would run")] = False,
) -> Response:
    """Streams the converted CSV as an attachment. Ranges are honoured, but not with `safe`."""
    return await _answer_artifact(door, request, client_id, job_id, pb.ARTIFACT_OUTPUT, safe=safe)


@router.get(
    "/{client_id}/{job_id}/report",
    dependencies=CALL,
    response_class=Response,
    responses=_describe_json("The report"),
    summary="Read the report",
)
async def read_report(request: Request, client_id: ClientId, job_id: JobId, door: TheDoor) -> Response:
    """Reads the training or inference report."""
    return await _answer_artifact(door, request, client_id, job_id, pb.ARTIFACT_REPORT, content_type="application/json")


@router.get(
    "/{client_id}/{job_id}/agents",
    dependencies=CALL,
    response_class=Response,
    responses=_describe_json("What the agents did"),
    summary="Read what the agents did",
)
async def read_agents(request: Request, client_id: ClientId, job_id: JobId, door: TheDoor) -> Response:
    """Reads the rounds of a training's agents: programs, verdicts, tokens and cost. Not found where none were asked."""
    return await _answer_artifact(door, request, client_id, job_id, pb.ARTIFACT_AGENTS, content_type="application/json")


@router.get(
    "/{client_id}/{job_id}/events",
    dependencies=_WATCH,
    response_class=Response,
    responses=EVENTS_RESPONSE,
    summary="Watch a job",
)
async def watch_job(
    client_id: ClientId,
    job_id: JobId,
    door: TheDoor,
    call: TheCall,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> Response:
    """Streams each change of status, from the start or after `Last-Event-ID`."""
    return await answer_job_events(door, call, client_id, job_id, last_event_id)


@router.post(
    "/{client_id}/{job_id}/cancel",
    status_code=202,
    response_model=JobMetadata,
    dependencies=CALL,
    summary="Cancel a job",
)
async def cancel_job(client_id: ClientId, job_id: JobId, door: TheDoor) -> Response:
    """Asks for a job to be cancelled; 409 where it is over already."""
    job = await door.backends.converter.CancelJob(pb.CancelJobRequest(user_id=client_id, job_id=job_id))
    return json_answer(job_metadata(job), 202)


async def answer_job_events(
    door: Door, call: RestCall, user_id: str, job_id: str, last_event_id: str | None
) -> Response:
    """Answers with a job's events; 204 where nothing follows. Raises what reading the job raises."""
    after_revision = parse_last_event_id(last_event_id)
    stub = door.backends.converter
    job = await stub.GetJob(pb.GetJobRequest(user_id=user_id, job_id=job_id))
    if after_revision >= job.revision and job.status in TERMINAL_JOB:
        return Response(status_code=204)
    return answer_events(
        door,
        call,
        lambda revision: stub.WatchJob(pb.WatchJobRequest(user_id=user_id, job_id=job_id, after_revision=revision)),
        lambda event: ("status", job_event(event)),
        after_revision,
    )


async def _answer_artifact(
    door: Door,
    request: Request,
    user_id: str,
    job_id: str,
    artifact: pb.Artifact.ValueType,
    *,
    safe: bool = False,
    content_type: str | None = None,
) -> Response:
    def open_part(offset: int, length: int) -> Any:
        return door.backends.converter.DownloadArtifact(
            pb.DownloadArtifactRequest(user_id=user_id, job_id=job_id, artifact=artifact, offset=offset, length=length)
        )

    return await answer_download(request, open_part, safe=safe, content_type=content_type)
