"""Waiting for an inference on the client's behalf, and showing its whole outcome in one answer."""

import asyncio
import base64
import json
import re
from typing import Any

import grpc
import grpc.aio
from wealth.converter.v1 import converter_pb2 as pb

from services.gateway.rest.converter_mapping import accepted_job, job_path
from services.gateway.rest.door import Door
from services.gateway.rest.downloads import Download
from services.gateway.rest.wire import text_or_none

_PREFER_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\d{1,6})(?=$|[,;\s])")
_RETRY_PAUSE_S = 0.2
# What a job that ended badly, or a smaller generation of the service, may not have.
_ABSENT = frozenset({grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION})


def choose_wait_s(query: float | None, prefer: str | None, limit_s: float) -> float:
    """The seconds to wait: the query's, else those of a Prefer header, never above the limit."""
    if query is None:
        match = _PREFER_WAIT.search(prefer) if prefer else None
        query = float(match.group(1)) if match else 0.0
    return min(query, limit_s)


async def wait_until_over(door: Door, job: pb.Job, timeout_s: float) -> bool:
    """Waits until a job is terminal. Returns whether it became so in time."""
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                if await _follow(door, job):
                    return True
                # The watch broke: its service restarts, or hands over to another.
                await asyncio.sleep(_RETRY_PAUSE_S)
    except TimeoutError:
        return False


async def _follow(door: Door, job: pb.Job) -> bool:
    """Follows the events to a terminal one; returns False where the stream ended without it."""
    call = door.backends.converter.WatchJob(pb.WatchJobRequest(user_id=job.user_id, job_id=job.job_id))
    closing = asyncio.ensure_future(door.closing.wait())
    closing.add_done_callback(lambda _: call.cancel())
    try:
        async for event in call:
            if event.terminal:
                return True
    except grpc.aio.AioRpcError as failure:
        if failure.code() is not grpc.StatusCode.UNAVAILABLE:
            raise
    except asyncio.CancelledError:
        if not door.closing.is_set():
            raise
        # The process drains: the client gets its 202 now, and asks again.
        raise TimeoutError from None
    finally:
        closing.cancel()
        call.cancel()
    return False


async def describe_finished(door: Door, accepted: pb.Job) -> dict[str, Any]:
    """The whole outcome of an inference that is over: output and program inside, where they are small enough."""
    job = await door.backends.converter.GetJob(pb.GetJobRequest(user_id=accepted.user_id, job_id=accepted.job_id))
    limit = door.settings.gateway_max_inline_output_bytes
    completed = job.status == pb.JOB_STATUS_COMPLETED
    output, program, report = await asyncio.gather(
        _read(door, job, job.job_id, pb.ARTIFACT_OUTPUT, limit) if completed else _nothing(),
        _read_program(door, job, limit),
        _read(door, job, job.job_id, pb.ARTIFACT_REPORT, limit),
    )
    return {
        **accepted_job(job),
        "output_csv_base64": _base64(output),
        "program_base64": _base64(program),
        "output_s3_path": text_or_none(job.output_uri),
        "program_s3_path": text_or_none(job.program_uri),
        "report": json.loads(report) if report else None,
        "error": text_or_none(job.error.message),
        "error_code": text_or_none(job.error.code),
        "output_url": f"{job_path(job)}/output" if completed else None,
    }


async def _read_program(door: Door, job: pb.Job, limit: int) -> bytes | None:
    """The program that the inference ran; where it keeps none of its own, its trained job's."""
    program = await _read(door, job, job.job_id, pb.ARTIFACT_PROGRAM, limit)
    if program is None and job.trained_job_id:
        program = await _read(door, job, job.trained_job_id, pb.ARTIFACT_PROGRAM, limit)
    return program


async def _read(door: Door, job: pb.Job, job_id: str, artifact: pb.Artifact.ValueType, limit: int) -> bytes | None:
    request = pb.DownloadArtifactRequest(user_id=job.user_id, job_id=job_id, artifact=artifact)
    try:
        download = await Download.open(door.backends.converter.DownloadArtifact(request))
        return await download.read(limit)
    except grpc.aio.AioRpcError as failure:
        if failure.code() in _ABSENT:
            return None
        raise


async def _nothing() -> None:
    return None


def _base64(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()
