"""A job's page: what was learned, in words and in SQL, what a conversion came to, and rows before and after."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import RedirectResponse, Response
from wealth.converter.v1 import converter_pb2 as pb

from services.common.errors import NotFound
from services.gateway.dashboard.csv_preview import Preview, read_preview
from services.gateway.dashboard.frame import (
    HOME,
    JobReader,
    JobWatcher,
    PageRoute,
    quote_segment,
    read_own_form,
    render,
)
from services.gateway.dashboard.job_files import MAX_REPORT_BYTES, JobFiles, Start
from services.gateway.dashboard.job_report import (
    InferenceView,
    TrainingView,
    view_inference,
    view_training,
)
from services.gateway.dashboard.json_fields import parse_report
from services.gateway.rest.converter import answer_job_events
from services.gateway.rest.converter_mapping import TERMINAL_JOB, job_metadata
from services.gateway.rest.door import Door, TheCall, TheDoor
from services.gateway.rest.downloads import answer_download

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)

_MAX_PROGRAM_BYTES = 256 * 1024
_PREVIEW_BYTES = 32 * 1024
_DOWNLOADS = {
    "output": pb.ARTIFACT_OUTPUT,
    "program": pb.ARTIFACT_PROGRAM,
    "report": pb.ARTIFACT_REPORT,
    "agents": pb.ARTIFACT_AGENTS,
}


@dataclass(frozen=True, slots=True)
class JobView:
    """All that a page shows of a job. What is not there (yet), or too large for a page, is None."""

    job: Mapping[str, Any]
    path: str
    over: bool
    completed: bool
    program: str | None = None
    training: TrainingView | None = None
    inference: InferenceView | None = None
    before: Preview | None = None
    after: Preview | None = None

    @property
    def is_training(self) -> bool:
        """Whether it learns a program; otherwise it applies one."""
        return bool(self.job["mode"] == "training")

    @property
    def may_search_longer(self) -> bool:
        """Whether the search was cut, and its files can be named again."""
        files = (self.job["input_file"], self.job["expected_output_file"])
        return self.job["error_code"] == "OUT_OF_TIME" and all(str(file).startswith("file_id:") for file in files)

    @property
    def has_output(self) -> bool:
        """Whether there is a file to download."""
        return self.completed and not self.is_training


async def read_job(door: Door, user_id: str, job_id: str) -> JobView:
    """Reads a job and, once it is over, what came of it. Raises AioRpcError where it is not there."""
    job = await door.backends.converter.GetJob(pb.GetJobRequest(user_id=user_id, job_id=job_id))
    path = f"{HOME}/jobs/{quote_segment(job.user_id or user_id)}/{quote_segment(job.job_id or job_id)}"
    completed = job.status == pb.JOB_STATUS_COMPLETED
    if job.status not in TERMINAL_JOB:
        return JobView(job_metadata(job), path, over=False, completed=False)
    is_training = job.mode == pb.JOB_MODE_TRAINING
    files = JobFiles(door, user_id, job_id)
    program, report, before, after = await asyncio.gather(
        files.read_whole(pb.ARTIFACT_PROGRAM, _MAX_PROGRAM_BYTES),
        files.read_whole(pb.ARTIFACT_REPORT, MAX_REPORT_BYTES),
        files.read_start(pb.ARTIFACT_INPUT, _PREVIEW_BYTES),
        files.read_start(pb.ARTIFACT_EXPECTED if is_training else pb.ARTIFACT_OUTPUT, _PREVIEW_BYTES),
    )
    parsed = parse_report(report) if report is not None else None
    training = view_training(parsed) if is_training and parsed is not None else None
    inference = view_inference(parsed) if not is_training and parsed is not None else None
    input_dialect = training.input_dialect if training else inference.input_dialect if inference else {}
    output_dialect = training.output_dialect if training else {}
    return JobView(
        job_metadata(job),
        path,
        over=True,
        completed=completed,
        program=None if program is None else program.decode("utf-8", "replace"),
        training=training,
        inference=inference,
        before=_preview(before, input_dialect),
        after=_preview(after, output_dialect),
    )


@router.get("/jobs/{user_id}/{job_id}")
async def show_job(user_id: str, job_id: str, visitor: JobReader, door: TheDoor) -> Response:
    """Shows a job: its history, its program and its report."""
    return render("job.html", visitor, view=await read_job(door, user_id, job_id))


@router.get("/jobs/{user_id}/{job_id}/events")
async def watch_job(
    user_id: str,
    job_id: str,
    _: JobWatcher,
    door: TheDoor,
    call: TheCall,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> Response:
    """Streams a job's events to its page."""
    return await answer_job_events(door, call, user_id, job_id, last_event_id)


@router.get("/jobs/{user_id}/{job_id}/{name}")
async def download_artefact(
    request: Request, user_id: str, job_id: str, name: str, _: JobReader, door: TheDoor, *, exact: bool = False
) -> Response:
    """Streams a job's output, program or report.

    The output's formulas are made harmless, as a browser's download ends in a spreadsheet; ``exact=true`` leaves them.
    """
    if name not in _DOWNLOADS:
        raise NotFound("there is no such file")

    def open_part(offset: int, length: int) -> Any:
        return door.backends.converter.DownloadArtifact(
            pb.DownloadArtifactRequest(
                user_id=user_id, job_id=job_id, artifact=_DOWNLOADS[name], offset=offset, length=length
            )
        )

    return await answer_download(request, open_part, safe=name == "output" and not exact)


@router.post("/jobs/{user_id}/{job_id}/cancel")
async def cancel_job(request: Request, user_id: str, job_id: str, visitor: JobReader, door: TheDoor) -> Response:
    """Cancels a job."""
    await read_own_form(request, visitor)
    await door.backends.converter.CancelJob(pb.CancelJobRequest(user_id=user_id, job_id=job_id))
    return RedirectResponse(f"{HOME}/jobs/{quote_segment(user_id)}/{quote_segment(job_id)}", 303)


def _preview(start: Start | None, dialect: Mapping[str, Any]) -> Preview | None:
    return None if start is None else read_preview(start.content, dialect, truncated=start.truncated)
