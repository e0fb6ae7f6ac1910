"""What trainings leave open, over REST: questions, answers, explanations, and which program serves."""

from fastapi import APIRouter, Request
from starlette.responses import Response
from wealth.converter.v1 import converter_pb2 as pb

from services.gateway.rest.bodies import IdempotencyKey, json_answer, json_body, read_body
from services.gateway.rest.converter import CALL, ClientId, JobId
from services.gateway.rest.converter_mapping import (
    PROMOTE_VALUES,
    accepted_job,
    job_metadata,
    job_path,
    open_questions,
    program_versions,
)
from services.gateway.rest.converter_models import AcceptedJob, JobMetadata
from services.gateway.rest.door import TheDoor
from services.gateway.rest.teaching_models import (
    AnswersSubmission,
    ExplainSubmission,
    OpenQuestions,
    ProgramVersions,
    RollbackSubmission,
)

router = APIRouter(prefix="/api/v1", tags=["converter"])


@router.post(
    "/{client_id}/{job_id}/answers",
    status_code=202,
    response_model=AcceptedJob,
    dependencies=CALL,
    openapi_extra=json_body(AnswersSubmission),
    summary="Teach a training",
)
async def teach_job(
    request: Request, client_id: ClientId, job_id: JobId, door: TheDoor, idempotency_key: IdempotencyKey = ""
) -> Response:
    """Takes answers to the questions of a training's report, corrections of files that it converted, and further files
    to look at (`samples`).

    The training learns on as its next generation; its program in service stays until the new one takes its place.
    Answers to an inference's questions on names convert its file again, those on values are corrections of its
    training."""
    body = await read_body(request, AnswersSubmission)
    job = await door.backends.converter.TeachTraining(
        pb.TeachTrainingRequest(
            user_id=client_id,
            job_id=job_id,
            answers=[pb.Answer(**answer.model_dump(exclude_none=True)) for answer in body.answers],
            corrections=[pb.Correction(**correction.model_dump()) for correction in body.corrections],
            promote=PROMOTE_VALUES[body.promote] if body.promote else pb.PROMOTE_UNSPECIFIED,
            request_id=idempotency_key,
            generation=body.generation,
            samples=body.samples or {},
        )
    )
    return json_answer(accepted_job(job), 202, {"location": job_path(job)})


@router.post(
    "/{client_id}/{job_id}/explain",
    status_code=202,
    response_model=AcceptedJob,
    dependencies=CALL,
    openapi_extra=json_body(ExplainSubmission),
    summary="Explain a program",
)
async def explain_job(
    request: Request, client_id: ClientId, job_id: JobId, door: TheDoor, idempotency_key: IdempotencyKey = ""
) -> Response:
    """Has the configured model explain columns of a training's program in words.

    The program stays as it is. When the job has ended, its report's `explanations` hold the words, and of each whether
    the cases that it came with were proved by running the program on them."""
    body = await read_body(request, ExplainSubmission)
    job = await door.backends.converter.ExplainTraining(
        pb.ExplainTrainingRequest(user_id=client_id, job_id=job_id, columns=body.columns, request_id=idempotency_key)
    )
    return json_answer(accepted_job(job), 202, {"location": job_path(job)})


@router.get(
    "/{client_id}/{job_id}/questions", response_model=OpenQuestions, dependencies=CALL, summary="List questions"
)
async def list_questions(client_id: ClientId, job_id: JobId, door: TheDoor) -> Response:
    """Lists what a job that has ended leaves open, the question whose answer is worth most first.

    Answer it, wait for the job, and ask again: what the answer has settled is gone."""
    found = await door.backends.converter.ListQuestions(pb.ListQuestionsRequest(user_id=client_id, job_id=job_id))
    return json_answer(open_questions(found))


@router.get(
    "/{client_id}/{job_id}/versions", response_model=ProgramVersions, dependencies=CALL, summary="List versions"
)
async def list_versions(client_id: ClientId, job_id: JobId, door: TheDoor) -> Response:
    """Lists the programs that a training has learned, newest first."""
    found = await door.backends.converter.ListVersions(pb.ListVersionsRequest(user_id=client_id, job_id=job_id))
    return json_answer(program_versions(found))


@router.post(
    "/{client_id}/{job_id}/rollback",
    response_model=JobMetadata,
    dependencies=CALL,
    openapi_extra=json_body(RollbackSubmission),
    summary="Put a version in service",
)
async def rollback_job(request: Request, client_id: ClientId, job_id: JobId, door: TheDoor) -> Response:
    """Puts the program of a generation in service: an earlier one, or a new one that waits for it."""
    body = await read_body(request, RollbackSubmission)
    job = await door.backends.converter.RollbackTraining(
        pb.RollbackTrainingRequest(user_id=client_id, job_id=job_id, generation=body.generation)
    )
    return json_answer(job_metadata(job))
