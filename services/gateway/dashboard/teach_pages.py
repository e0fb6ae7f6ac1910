"""What a training asks and was taught: its questions, its lessons, what a new program changes, and which one serves."""

import asyncio
import re
import secrets
from collections.abc import Mapping
from typing import Annotated

import grpc
import grpc.aio
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response
from wealth.converter.v1 import converter_pb2 as pb

from services.common.errors import Conflict, InvalidInput
from services.common.fault_words import OPTIONAL_JOB_ID_PATTERN
from services.gateway.dashboard.frame import (
    HOME,
    JobReader,
    PageRoute,
    lead_to,
    quote_segment,
    read_own_form,
    render,
)
from services.gateway.dashboard.job_files import MAX_REPORT_BYTES, JobFiles
from services.gateway.dashboard.json_fields import parse_report
from services.gateway.dashboard.teaching_view import view_teaching
from services.gateway.rest.converter_mapping import TERMINAL_JOB, job_metadata, program_versions
from services.gateway.rest.door import Door, TheDoor

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)


@router.get("/jobs/{user_id}/{job_id}/teach")
async def show_teaching(
    user_id: str,
    job_id: str,
    visitor: JobReader,
    door: TheDoor,
    of: Annotated[str, Query(pattern=OPTIONAL_JOB_ID_PATTERN)] = "",
) -> Response:
    """Shows a training's questions, lessons and programs. ``of`` is the conversion from whose review one came."""
    stub = door.backends.converter
    job = await stub.GetJob(pb.GetJobRequest(user_id=user_id, job_id=job_id))
    path = f"{HOME}/jobs/{quote_segment(user_id)}/{quote_segment(job_id)}"
    if job.mode != pb.JOB_MODE_TRAINING:
        return RedirectResponse(f"{path}/review", 303)
    report, versions, converted = await asyncio.gather(
        JobFiles(door, user_id, job_id).read_whole(pb.ARTIFACT_REPORT, MAX_REPORT_BYTES),
        stub.ListVersions(pb.ListVersionsRequest(user_id=user_id, job_id=job_id)),
        _find_conversion(door, job, of),
    )
    parsed = parse_report(report) if report is not None else None
    return render(
        "teach.html",
        visitor,
        job=job_metadata(job),
        path=path,
        over=job.status in TERMINAL_JOB,
        view=view_teaching(parsed) if parsed is not None else None,
        versions=program_versions(versions)["versions"],
        stand=_stand_of(job),
        of=converted.job_id if converted else "",
        review_path=f"{HOME}/jobs/{quote_segment(user_id)}/{quote_segment(of)}" if converted else "",
        again=converted is not None and converted.input_file.startswith("file_id:"),
        nonce=secrets.token_hex(16),
    )


@router.post("/jobs/{user_id}/{job_id}/teach")
async def answer(request: Request, user_id: str, job_id: str, visitor: JobReader, door: TheDoor) -> Response:
    """Teaches the answer to one question, as long as it is still the one that was shown."""
    form = await read_own_form(request, visitor)
    stub = door.backends.converter
    job = await stub.GetJob(pb.GetJobRequest(user_id=user_id, job_id=job_id))
    if form.get("stand") != _stand_of(job):
        raise Conflict(
            "the training has changed since this page was loaded, and its questions with it: load the page again",
            reason="QUESTIONS_CHANGED",
        )
    await stub.TeachTraining(
        pb.TeachTrainingRequest(user_id=user_id, job_id=job_id, answers=[_read_answer(form)], promote=pb.PROMOTE_AUTO)
    )
    return lead_to(request, f"{_back(user_id, job_id, form)}#asked")


@router.post("/jobs/{user_id}/{job_id}/rollback")
async def put_in_service(request: Request, user_id: str, job_id: str, visitor: JobReader, door: TheDoor) -> Response:
    """Puts the program of a generation in service."""
    form = await read_own_form(request, visitor)
    generation = form.get("generation", "")
    if not re.fullmatch(r"[1-9][0-9]{0,8}", generation):
        raise InvalidInput("a generation is a whole number from 1", field="generation")
    await door.backends.converter.RollbackTraining(
        pb.RollbackTrainingRequest(user_id=user_id, job_id=job_id, generation=int(generation))
    )
    return lead_to(request, _back(user_id, job_id, form))


async def _find_conversion(door: Door, training: pb.Job, job_id: str) -> pb.Job | None:
    """The conversion that was reviewed; None where there is none (any more), or it is of another training."""
    if not job_id:
        return None
    try:
        job = await door.backends.converter.GetJob(pb.GetJobRequest(user_id=training.user_id, job_id=job_id))
    except grpc.aio.AioRpcError as failure:
        if failure.code() == grpc.StatusCode.NOT_FOUND:
            return None
        raise
    return job if job.trained_job_id == training.job_id else None


def _read_answer(form: Mapping[str, str]) -> pb.Answer:
    """An answer: a candidate's place, whether the row goes, or (with ``say``) a value, which may be empty."""
    question_id = form.get("question", "")
    if "candidate" in form:
        if not re.fullmatch(r"[0-9]{1,4}", form["candidate"]):
            raise InvalidInput("a candidate is a whole number", field="candidate")
        return pb.Answer(question_id=question_id, candidate=int(form["candidate"]))
    if "say" in form:
        return pb.Answer(question_id=question_id, value=form.get("value", ""))
    raise InvalidInput("an answer is missing: pick one, or write one", field="value")


def _stand_of(job: pb.Job) -> str:
    """What a training's questions hang on: its generation, and the program in service."""
    return f"{job.generation}.{job.serving_generation}"


def _back(user_id: str, job_id: str, form: Mapping[str, str]) -> str:
    path = f"{HOME}/jobs/{quote_segment(user_id)}/{quote_segment(job_id)}/teach"
    of = form.get("of", "")
    return f"{path}?of={of}" if of and re.fullmatch(OPTIONAL_JOB_ID_PATTERN, of) else path
