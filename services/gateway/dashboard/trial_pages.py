"""The page to try a conversion on: an example is dropped, its program is learned, another file is converted."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response
from wealth.converter.v1 import converter_pb2
from wealth.storage.v1 import storage_pb2

from services.common.errors import FieldViolation, InvalidInput
from services.gateway.dashboard.frame import (
    CSRF_HEADER,
    HOME,
    JobReader,
    PageRoute,
    Uploader,
    lead_to,
    quote_segment,
    read_own_form,
    render,
    require_own_page,
    require_token,
)
from services.gateway.dashboard.job_pages import read_job
from services.gateway.rest.bodies import json_answer, refuse_encoded
from services.gateway.rest.converter_mapping import UNSEEN_VALUES, stored_file
from services.gateway.rest.door import TheDoor
from services.gateway.rest.files import store_upload
from services.gateway.rest.uploads import open_upload

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)

_TRIAL = f"{HOME}/try"
UNSEEN_WORDS = {
    "null": "Leave the cell empty and report the row",
    "keep": "Keep what the program makes of it and report the row",
    "fail": "Stop the conversion",
}


@router.get("/try")
async def show_trial(visitor: JobReader) -> Response:
    """Shows the form for an example."""
    return render("trial.html", visitor, trained=None, converted=None, unseen=UNSEEN_WORDS)


@router.get("/try/{user_id}/{job_id}")
async def show_trained(user_id: str, job_id: str, visitor: JobReader, door: TheDoor) -> Response:
    """Shows a training as it learns, and then the form for a file to convert."""
    trained = await read_job(door, user_id, job_id)
    return render("trial.html", visitor, trained=trained, converted=None, unseen=UNSEEN_WORDS)


@router.get("/try/{user_id}/{job_id}/{inference_id}")
async def show_converted(user_id: str, job_id: str, inference_id: str, visitor: JobReader, door: TheDoor) -> Response:
    """Shows a conversion as it runs, and then its result."""
    trained = await read_job(door, user_id, job_id)
    converted = await read_job(door, user_id, inference_id)
    return render("trial.html", visitor, trained=trained, converted=converted, unseen=UNSEEN_WORDS)


@router.post("/files")
async def upload_file(
    request: Request,
    visitor: Uploader,
    door: TheDoor,
    user_id: Annotated[str, Query(max_length=128)] = "",
    file_name: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Streams a dropped file into the bucket. The body is the file; a script of ours sends it."""
    require_own_page(request)
    require_token(visitor, request.headers.get(CSRF_HEADER, ""))
    refuse_encoded(request)
    settings = door.settings
    upload = await open_upload(
        request, limit_bytes=settings.gateway_max_file_bytes, idle_s=settings.gateway_upload_idle_s
    )
    header = storage_pb2.UploadFileHeader(
        user_id=user_id.strip() or visitor.usual_user, file_name=file_name, content_type="text/csv"
    )
    if upload.head.size is not None:
        header.size = upload.head.size
    return json_answer(stored_file(await store_upload(door, header, upload)), 201)


@router.post("/try")
async def train(request: Request, visitor: JobReader, door: TheDoor) -> Response:
    """Has a program learned from an example of two uploaded files; with ``job_id`` that job learns again."""
    form = await read_own_form(request, visitor)
    user_id = form.get("user_id", "").strip() or visitor.usual_user
    job = await door.backends.converter.CreateTraining(
        converter_pb2.CreateTrainingRequest(
            user_id=user_id,
            input_file=_require(form, "input", "the file as it comes"),
            expected_output_file=_require(form, "expected", "the file as it should be"),
            title=form.get("title", "").strip()[:200] or "Trial",
            owner=visitor.principal.subject[:200] or user_id,
            general_instructions=form.get("instructions", "").strip(),
            job_id=form.get("job_id", ""),
            effort=_effort(form),
        )
    )
    return lead_to(request, f"{_TRIAL}/{quote_segment(job.user_id)}/{quote_segment(job.job_id)}")


@router.post("/try/{user_id}/{job_id}")
async def convert(request: Request, user_id: str, job_id: str, visitor: JobReader, door: TheDoor) -> Response:
    """Converts an uploaded file by a learned program."""
    form = await read_own_form(request, visitor)
    on_unseen = form.get("on_unseen", "null")
    if on_unseen not in UNSEEN_WORDS:
        raise InvalidInput("on_unseen is null, keep or fail", violations=[FieldViolation("on_unseen", "unknown")])
    job = await door.backends.converter.CreateInference(
        converter_pb2.CreateInferenceRequest(
            user_id=user_id,
            trained_job_id=job_id,
            input_file=_require(form, "input", "the file to convert"),
            on_unseen=UNSEEN_VALUES[on_unseen],
        )
    )
    return lead_to(request, f"{_TRIAL}/{quote_segment(user_id)}/{quote_segment(job_id)}/{quote_segment(job.job_id)}")


def _effort(form: dict[str, str]) -> int:
    text = form.get("effort", "1")
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise InvalidInput("effort is a whole number", violations=[FieldViolation("effort", "not a whole number")])
    return int(text)


def _require(form: dict[str, str], name: str, words: str) -> str:
    value = form.get(name, "")
    if not value.startswith("file_id:"):
        message = f"{words} is missing"
        raise InvalidInput(message, violations=[FieldViolation(name, message)])
    return value
