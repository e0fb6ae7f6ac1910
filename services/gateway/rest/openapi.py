"""The REST door's description: FastAPI's, plus bodies that routes read by themselves and the problems that they answer.

`api` puts it on the app, and writes the committed file.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from services.gateway.rest.converter_models import InferenceSubmission, TrainingSubmission
from services.gateway.rest.examples import shown_as
from services.gateway.rest.imports import OlderJob, OlderTask
from services.gateway.rest.portfolio_models import ClaimsToCheck, TaskSubmission
from services.gateway.rest.system import APP_VERSION
from services.gateway.rest.teaching_models import AnswersSubmission, ExplainSubmission, RollbackSubmission
from services.gateway.rest.webhooks import WebhookSubmission

TITLE = "Wealth suite"
_DESCRIPTION = """Portfolio analysis, and CSV conversion learned from one example.

Every data call needs the header `X-API-KEY`. Errors are `application/problem+json` (RFC 9457) with a stable `code`.
An `Idempotency-Key` makes creating calls safe to repeat. Lists are newest first, a page at a time. Each answer carries
`X-Request-Id`, which the logs know too.
"""
_SELF_READ_BODIES = (
    TaskSubmission,
    ClaimsToCheck,
    TrainingSubmission,
    InferenceSubmission,
    AnswersSubmission,
    ExplainSubmission,
    RollbackSubmission,
    OlderTask,
    OlderJob,
    WebhookSubmission,
)
_OPEN = frozenset({"/health", "/ping", "/livez", "/readyz"})


class FieldProblem(BaseModel):
    """One field at fault. `loc`, `msg` and `type` say the same as FastAPI's errors do."""

    field: str
    message: str
    loc: list[str | int]
    msg: str
    type: str


class InputFault(BaseModel):
    """A field at fault, as FastAPI says it."""

    loc: list[str | int]
    msg: str
    type: str


class Problem(BaseModel):
    """What went wrong (RFC 9457). With 422, `detail` is FastAPI's list, as the older services' clients read it."""

    model_config = shown_as(
        {
            "type": "urn:wealth:error:invalid-input",
            "title": "Invalid input",
            "status": 422,
            "message": "user_id: Field required",
            "detail": [{"loc": ["body", "user_id"], "msg": "Field required", "type": "missing"}],
            "code": "INVALID_INPUT",
            "request_id": "8f1c2a90b7d4e653",
            "errors": [
                {
                    "field": "user_id",
                    "message": "Field required",
                    "loc": ["body", "user_id"],
                    "msg": "Field required",
                    "type": "missing",
                }
            ],
        }
    )

    type: str = Field(description="A URN that names the kind of problem")
    title: str
    status: int
    message: str = Field(description="A sentence for people")
    detail: str | list[InputFault] = Field(description="The same sentence; with 422 the faults as FastAPI lists them")
    code: str = Field(description="UPPER_SNAKE and stable: branch on this")
    request_id: str
    errors: list[FieldProblem] | None = Field(None, description="The fields at fault, for bad input")
    metadata: dict[str, str] | None = None


_PROBLEMS = {
    "400": "The request cannot be read",
    "401": "No key, or a wrong one",
    "403": "The key lacks the scope",
    "404": "There is no such thing, or it is somebody else's",
    "409": "The state does not allow this, or the idempotency key came with another body",
    "413": "Too large",
    "415": "The body's media type or encoding is not taken",
    "422": "Bad input; `errors` names the fields",
    "429": "Too many; see Retry-After",
    "500": "Unexpected; `request_id` finds it in the logs",
    "503": "Something needed is away; see Retry-After",
}
# What can be asked next with what an answer says: operation -> status -> parameters -> operations.
_JOB = {"client_id": "$response.body#/client_id", "job_id": "$response.body#/job_id"}
_JOB_OF_USER = {"user_id": "$response.body#/client_id", "job_id": "$response.body#/job_id"}
_TASK = {"task_id": "$response.body#/task_id"}
_FILE = {"uri": "$response.body#/uri"}
_FOLLOWING: Mapping[str, tuple[str, Sequence[tuple[Mapping[str, str], Sequence[str]]]]] = {
    "submit_task": (
        "202",
        [
            (
                _TASK,
                (
                    "read_task_status",
                    "read_task_result",
                    "read_task_report",
                    "watch_task",
                    "cancel_task",
                    "delete_task",
                ),
            )
        ],
    ),
    "train": (
        "202",
        [
            (
                _JOB,
                (
                    "read_job",
                    "read_program",
                    "read_report",
                    "watch_job",
                    "cancel_job",
                    "teach_job",
                    "list_questions",
                    "list_versions",
                ),
            ),
            (_JOB_OF_USER, ("delete_job",)),
        ],
    ),
    "run_inference": (
        "202",
        [
            (_JOB, ("read_job", "read_output", "read_report", "watch_job", "cancel_job")),
            (_JOB_OF_USER, ("delete_job",)),
        ],
    ),
    "upload_file": ("201", [(_FILE, ("download_file", "delete_file"))]),
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}


def describe(app: FastAPI) -> dict[str, Any]:
    """Builds the app's OpenAPI 3.1 document, once."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(title=TITLE, version=APP_VERSION, description=_DESCRIPTION, routes=app.routes)
    schemas = document["components"]["schemas"]
    models = [(model, "validation") for model in (*_SELF_READ_BODIES, Problem)]
    _, extra = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    schemas.update(extra["$defs"])
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _add_problems(path, method, operation)
            _add_links(operation)
    app.openapi_schema = document
    return document


def _add_problems(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    statuses = {"500"}
    if path not in _OPEN:
        statuses |= {"400", "401", "403", "404", "409", "422", "429", "503"}
    if method in {"post", "put", "patch"}:
        statuses |= {"413", "415"}
    for status in sorted(statuses - set(responses)):
        answer: dict[str, Any] = {
            "description": _PROBLEMS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        if status in {"429", "503"}:
            answer["headers"] = _RETRY_AFTER
        responses[status] = answer


def _add_links(operation: dict[str, Any]) -> None:
    status, following = _FOLLOWING.get(operation["operationId"], ("", ()))
    links = {
        name: {"operationId": name, "parameters": dict(parameters)} for parameters, names in following for name in names
    }
    if links:
        operation["responses"][status]["links"] = links
