"""Bringing over what older services left, over REST: for operators, a document at a time."""

import base64
import json
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import InvalidInput
from services.gateway.rest.bodies import json_answer, json_body, read_body
from services.gateway.rest.converter_mapping import job_metadata
from services.gateway.rest.converter_models import METADATA_EXAMPLE, JobMetadata
from services.gateway.rest.door import Guard, TheDoor
from services.gateway.rest.examples import shown_as
from services.gateway.rest.portfolio_mapping import task_state
from services.gateway.rest.portfolio_models import TASK_EXAMPLE, TaskState

router = APIRouter(prefix="/api/v1/import", tags=["operators"])

_CALL = [Depends(Guard("admin"))]
_OUTCOMES = {
    jobs_pb2.IMPORT_OUTCOME_IMPORTED: "imported",
    jobs_pb2.IMPORT_OUTCOME_PRESENT: "present",
    jobs_pb2.IMPORT_OUTCOME_VALID: "valid",
}
OutcomeWord = Literal["imported", "present", "valid"]


class OlderTask(BaseModel):
    """A task of the older task service."""

    model_config = shown_as(
        {
            "document": {
                "task_id": "task_20250102030405_0a1b2c3d",
                "username": "alice",
                "status": "completed",
                "created_at": "2025-01-02T03:04:05",
                "data": {"top_movers": {"section": "top_movers", "status": "completed", "response": "..."}},
            },
            "validate_only": True,
        }
    )

    document: dict[str, Any] = Field(description="The object as it stands in the older bucket")
    username: str = Field("", max_length=128, description="Whose it is, where the document does not say")
    validate_only: bool = Field(False, strict=True, description="Only look whether it can be brought over")


class OlderJob(BaseModel):
    """A job of the older CSV converter."""

    model_config = shown_as(
        {
            "metadata": {
                "user_id": "alice",
                "job_id": "0b6a1c1e-4ad7-4f6e-9a53-6a4bb3c9f2d1",
                "mode": "training",
                "job_status": "completed",
                "created_at": "2025-01-02T03:04:05",
            },
            "validate_only": True,
        }
    )

    metadata: dict[str, Any] = Field(description="The job's job_metadata.json")
    user_id: str = Field("", max_length=128, description="Whose it is, where the metadata does not say")
    output_csv_base64: str | None = Field(None, description="What an inference gave, where it is still there")
    validate_only: bool = Field(False, strict=True, description="Only look whether it can be brought over")


class ImportedTask(BaseModel):
    """What came of a task."""

    model_config = shown_as(
        {"outcome": "imported", "notes": ["its times name no zone and are taken for UTC"], "task": TASK_EXAMPLE}
    )

    outcome: OutcomeWord
    notes: list[str]
    task: TaskState


class ImportedJob(BaseModel):
    """What came of a job."""

    model_config = shown_as({"outcome": "valid", "notes": [], "job": METADATA_EXAMPLE})

    outcome: OutcomeWord
    notes: list[str]
    job: JobMetadata


@router.post(
    "/task",
    response_model=ImportedTask,
    dependencies=_CALL,
    openapi_extra=json_body(OlderTask),
    summary="Bring over an older service's task",
)
async def import_task(request: Request, door: TheDoor) -> Response:
    """Writes a task that an older service ran, results included. The same task again changes nothing: `present`."""
    body = await read_body(request, OlderTask)
    answer = await door.backends.portfolio.ImportTask(
        portfolio_pb2.ImportTaskRequest(
            document_json=json.dumps(body.document, ensure_ascii=False),
            username=body.username,
            validate_only=body.validate_only,
        )
    )
    return json_answer(
        {"outcome": _OUTCOMES[answer.outcome], "notes": list(answer.notes), "task": task_state(answer.task)}
    )


@router.post(
    "/job",
    response_model=ImportedJob,
    dependencies=_CALL,
    openapi_extra=json_body(OlderJob),
    summary="Bring over an older service's job",
)
async def import_job(request: Request, door: TheDoor) -> Response:
    """Writes a job that an older service ran. A training ends as `RETRAIN_REQUIRED`: its script cannot be run here."""
    body = await read_body(request, OlderJob)
    answer = await door.backends.converter.ImportJob(
        converter_pb2.ImportJobRequest(
            metadata_json=json.dumps(body.metadata, ensure_ascii=False),
            user_id=body.user_id,
            output=_decode(body.output_csv_base64),
            validate_only=body.validate_only,
        )
    )
    return json_answer(
        {"outcome": _OUTCOMES[answer.outcome], "notes": list(answer.notes), "job": job_metadata(answer.job)}
    )


def _decode(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # binascii.Error is one; what is not ASCII is another
        raise InvalidInput("not base64", reason="BASE64_INVALID", field="output_csv_base64") from error
