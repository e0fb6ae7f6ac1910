"""The review of a conversion: the converted file with its flagged cells, and what is taught of them."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

import grpc.aio
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response
from wealth.converter.v1 import converter_pb2 as pb

from services.common.errors import Conflict, Exhausted, InvalidInput, PreconditionFailed, TooLarge, WealthError
from services.common.status import from_rpc_error, http_status
from services.gateway.dashboard.decisions import Decisions, read_decisions
from services.gateway.dashboard.frame import (
    HOME,
    JobReader,
    PageRoute,
    Visitor,
    lead_to,
    quote_segment,
    read_own_form,
    render,
)
from services.gateway.dashboard.job_files import MAX_REPORT_BYTES, JobFiles
from services.gateway.dashboard.json_fields import parse_report
from services.gateway.dashboard.review_grid import Material, lay_out_grid, read_material
from services.gateway.rest.converter_mapping import PROMOTE_VALUES, TERMINAL_JOB, UNSEEN_VALUES, job_metadata
from services.gateway.rest.door import Door, TheDoor

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)

_OUTPUT_BYTES = 4 * 1024 * 1024
"""How much of a converted file is read for its pages."""
_MAX_FORM_BYTES = 1024 * 1024
_MAX_FORM_FIELDS = 10_000
_CORRECTION = re.compile(r"corrections\[(\d+)\]")
_NONCE = re.compile(r"[0-9a-f]{32}")
# What the visitor can mend, or try again: said on the page, beside what was written.
_MENDABLE = (InvalidInput, PreconditionFailed, Conflict, Exhausted, TooLarge)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A conversion to look over. ``material`` is None where there is nothing to show, which ``trouble`` explains."""

    job: pb.Job
    path: str
    trained_path: str
    material: Material | None
    trouble: str = ""
    asked: int = 0
    """Questions that the training leaves open."""


@dataclass(frozen=True, slots=True)
class _Ask:
    """What part of the file is wanted: the flagged rows or all, which page. ``show`` is empty where nobody chose."""

    show: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class _Said:
    """What was decided, and what is wrong with it, in words by the field's name. ``focus`` is a row just opened."""

    decisions: Decisions = field(default_factory=Decisions)
    faults: Mapping[str, str] = field(default_factory=dict)
    promote: str = "auto"
    status: int = 200
    focus: int = 0


@router.get("/jobs/{user_id}/{job_id}/review")
async def show_review(
    user_id: str,
    job_id: str,
    visitor: JobReader,
    door: TheDoor,
    show: Literal["", "flagged", "all"] = "",
    page: Annotated[int, Query(ge=1, le=10**6)] = 1,
) -> Response:
    """Shows a converted file's flagged rows, or all, in pages."""
    reviewed = await _read_review(door, user_id, job_id)
    if reviewed.job.mode == pb.JOB_MODE_TRAINING:
        return RedirectResponse(f"{reviewed.path}/teach", 303)
    return await _show(visitor, reviewed, _Ask(show, page), _Said())


@router.post("/jobs/{user_id}/{job_id}/review")
async def decide(request: Request, user_id: str, job_id: str, visitor: JobReader, door: TheDoor) -> Response:
    """Teaches what was decided, or shows another part of the file with the decisions so far kept."""
    form = await read_own_form(request, visitor, max_bytes=_MAX_FORM_BYTES, max_fields=_MAX_FORM_FIELDS)
    decisions = read_decisions(form)
    promote = form.get("promote", "auto")
    if promote not in PROMOTE_VALUES:
        raise InvalidInput("promote is auto or ask", field="promote")
    reviewed = await _read_review(door, user_id, job_id)
    if "learn" not in form:
        focus = _number(form.get("open", "0"))
        kept = Decisions(decisions.cells, decisions.rows, decisions.opened | {focus})
        return await _show(visitor, reviewed, _read_ask(form), _Said(kept, promote=promote, focus=focus))
    material = reviewed.material
    if material is None:
        raise PreconditionFailed(reviewed.trouble, reason="NOTHING_TO_REVIEW")
    faults: Mapping[str, str] = decisions.faults(material.columns, material.teachable)
    status = 422
    if not faults:
        try:
            await _teach(door, reviewed.job, material, decisions, promote, form.get("nonce", ""))
        except grpc.aio.AioRpcError as failure:
            error = from_rpc_error(failure)
            if not isinstance(error, _MENDABLE):
                raise
            faults, status = _place_faults(error, decisions), http_status(error)
        else:
            return lead_to(request, f"{reviewed.trained_path}/teach?of={quote_segment(job_id)}")
    return await _show(visitor, reviewed, _read_ask(form), _Said(decisions, faults, promote, status))


@router.post("/jobs/{user_id}/{job_id}/again")
async def convert_again(request: Request, user_id: str, job_id: str, visitor: JobReader, door: TheDoor) -> Response:
    """Converts the same file with the program that is in service now."""
    form = await read_own_form(request, visitor)
    job = await door.backends.converter.GetJob(pb.GetJobRequest(user_id=user_id, job_id=job_id))
    if not job.input_file.startswith("file_id:"):
        raise PreconditionFailed("the file came with its request: send it once more", reason="FILE_NOT_KEPT")
    files = JobFiles(door, user_id, job_id)
    report = parse_report(await files.read_whole(pb.ARTIFACT_REPORT, MAX_REPORT_BYTES) or b"") or {}
    made = await door.backends.converter.CreateInference(
        pb.CreateInferenceRequest(
            user_id=user_id,
            trained_job_id=job.trained_job_id,
            input_file=job.input_file,
            on_unseen=UNSEEN_VALUES.get(str(report.get("on_unseen")), pb.ON_UNSEEN_UNSPECIFIED),
            request_id=f"again-{form['nonce']}" if _NONCE.fullmatch(form.get("nonce", "")) else "",
        )
    )
    return lead_to(request, f"{_path_of(user_id, made.job_id)}/review")


async def _read_review(door: Door, user_id: str, job_id: str) -> Reviewed:
    job = await door.backends.converter.GetJob(pb.GetJobRequest(user_id=user_id, job_id=job_id))
    path, trained_path = _path_of(user_id, job_id), _path_of(user_id, job.trained_job_id)
    if job.mode == pb.JOB_MODE_TRAINING or job.status != pb.JOB_STATUS_COMPLETED:
        over = job.status in TERMINAL_JOB
        trouble = "This conversion made no file." if over else "This conversion has not ended yet."
        return Reviewed(job, path, trained_path, None, trouble)
    files = JobFiles(door, user_id, job_id)
    report, review, output, asked = await asyncio.gather(
        files.read_whole(pb.ARTIFACT_REPORT, MAX_REPORT_BYTES),
        files.read_whole(pb.ARTIFACT_REVIEW, MAX_REPORT_BYTES),
        files.read_start(pb.ARTIFACT_OUTPUT, _OUTPUT_BYTES),
        _count_questions(door, user_id, job.trained_job_id),
    )
    found, noted = parse_report(report or b""), parse_report(review or b"")
    if found is None or not noted or output is None:
        trouble = "What this page is made of is gone, too large, or was not kept yet when the file was converted."
        return Reviewed(job, path, trained_path, None, f"{trouble} Convert it again to look it over.")
    # A few megabytes of text: other calls go on meanwhile.
    material = await asyncio.to_thread(read_material, found, noted, output.content, truncated=output.truncated)
    return Reviewed(job, path, trained_path, material, asked=asked)


async def _count_questions(door: Door, user_id: str, trained_job_id: str) -> int:
    """The questions that a training leaves open; none where it is gone."""
    try:
        return (
            await door.backends.converter.GetJob(pb.GetJobRequest(user_id=user_id, job_id=trained_job_id))
        ).questions
    except grpc.aio.AioRpcError as failure:
        if failure.code() == grpc.StatusCode.NOT_FOUND:
            return 0
        raise


async def _show(visitor: Visitor, reviewed: Reviewed, ask: _Ask, said: _Said) -> Response:
    material, grid, everything = reviewed.material, None, ask.show == "all"
    if material is not None:
        everything = everything or (not ask.show and not material.report.get("flags"))
        grid = lay_out_grid(material, said.decisions, everything=everything, page=ask.page)
    return render(
        "review.html",
        visitor,
        said.status,
        job=job_metadata(reviewed.job),
        path=reviewed.path,
        trained_path=reviewed.trained_path,
        over=reviewed.job.status in TERMINAL_JOB,
        trouble=reviewed.trouble,
        asked=reviewed.asked,
        grid=grid,
        show="all" if everything else "flagged",
        said=said,
        nonce=secrets.token_hex(16),
    )


async def _teach(door: Door, job: pb.Job, material: Material, decisions: Decisions, promote: str, nonce: str) -> None:
    corrections = [
        pb.Correction(
            file=job.job_id,
            row=lesson.row,
            column="" if lesson.column is None else material.columns[lesson.column],
            value=lesson.value,
            drop=lesson.drop,
        )
        for lesson in decisions.lessons
    ]
    # The same decisions sent twice from one page, by a double click say, are learned once.
    digest = hashlib.sha256(repr((promote, decisions.lessons)).encode()).hexdigest()[:32]
    await door.backends.converter.TeachTraining(
        pb.TeachTrainingRequest(
            user_id=job.user_id,
            job_id=job.trained_job_id,
            corrections=corrections,
            promote=PROMOTE_VALUES[promote],
            request_id=f"{nonce}-{digest}" if _NONCE.fullmatch(nonce) else "",
        )
    )


def _place_faults(error: WealthError, decisions: Decisions) -> dict[str, str]:
    """What the service refused, in words by the name of the form's field."""
    found: dict[str, str] = {}
    lessons = decisions.lessons
    for violation in error.violations if isinstance(error, InvalidInput) else ():
        named = _CORRECTION.match(violation.field)
        if named and int(named[1]) < len(lessons):
            lesson = lessons[int(named[1])]
            name = f"row-{lesson.row}" if lesson.column is None else f"value-{lesson.row}-{lesson.column}"
            found.setdefault(name, violation.message)
    found.setdefault("", error.message)
    return found


def _read_ask(form: Mapping[str, str]) -> _Ask:
    """Which part of the file a form wants to see next: the one that it shows, where no other was asked for."""
    show = form.get("to-show") or form.get("show", "")
    page = form.get("to-page") or ("1" if "to-show" in form else form.get("page", "1"))
    if show not in {"", "flagged", "all"}:
        raise InvalidInput("show is flagged or all", field="show")
    return _Ask(show, max(1, _number(page)))


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InvalidInput("a whole number is wanted", field="page")
    return int(text)


def _path_of(user_id: str, job_id: str) -> str:
    return f"{HOME}/jobs/{quote_segment(user_id)}/{quote_segment(job_id)}"
