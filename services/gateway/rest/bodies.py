"""JSON in and out. Bodies are read by the routes themselves, after the key was checked; FastAPI reads first."""

import email.message
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from services.common.errors import InvalidInput
from services.common.fault_words import HEADER_PATTERN
from services.gateway.domain.bodies import list_faults, parse_body
from services.gateway.domain.conditions import matches_tag
from services.gateway.rest.call import call_of
from services.gateway.rest.door import door_of
from services.gateway.rest.parameters import list_names
from services.gateway.rest.problems import UnsupportedMediaType

Body = TypeVar("Body", bound=BaseModel)

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=128,
        pattern=HEADER_PATTERN,
        description="The same key and body give the same answer; the same key with another body gives 409.",
    ),
]


async def read_json_bytes(request: Request) -> bytes:
    """Reads a JSON body. Raises an error for other media types, and for one over the limit."""
    message = email.message.Message()
    message["content-type"] = request.headers.get("content-type", "")
    subtype = message.get_content_subtype() if message.get_content_maintype() == "application" else ""
    if subtype != "json" and not subtype.endswith("+json"):
        raise UnsupportedMediaType("the body must be application/json")
    refuse_encoded(request)
    content = await request.body()
    if not content.strip():
        raise InvalidInput("the body is empty: a JSON object is needed", reason="BODY_NOT_JSON", field="body")
    return content


def refuse_encoded(request: Request) -> None:
    """Raises an error for compressed bodies, whose size would mean nothing."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Content-Encoding is not taken: send the body as it is")


async def read_body(request: Request, model: type[Body]) -> Body:
    """Reads a JSON body into its model. Raises RequestValidationError naming the fields."""
    content = await read_json_bytes(request)
    body, faults, unread = await door_of(request).elsewhere.run(len(content), parse_body, model, content)
    if not isinstance(body, model):
        raise faulty_body(faults)
    warn_of_fields(request, model, unread)
    return body


def warn_of_fields(
    request: Request, model: type[BaseModel], unread: Sequence[str], *, beside: Sequence[str] = ()
) -> None:
    """Tells in the answer's header of fields that nobody reads; ``beside`` are those that others read."""
    if unread:
        takes = ", ".join(sorted([*model.model_fields, *beside]))
        call_of(request).warnings.append(
            f"fields of the body that nobody reads: {list_names(unread)}; this call takes {takes}"
        )


def invalid_body(error: ValidationError, model: type[BaseModel]) -> RequestValidationError:
    """Writes pydantic's findings as FastAPI would, without the values at fault: they may be secrets."""
    return faulty_body(list_faults(error, model))


def faulty_body(faults: Sequence[Mapping[str, Any]]) -> RequestValidationError:
    """Faults of a body's fields as FastAPI would raise them."""
    return RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in faults])


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """Describes such a body for OpenAPI; ``openapi.build`` puts the model among the components."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}},
        }
    }


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answers with JSON. Answers are built field by field: validating them again would only cost time."""
    return Response(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(),
        status,
        dict(headers or {}),
        "application/json",
    )


def conditional_json_answer(tag: str, if_none_match: str | None, render: Callable[[], Any]) -> Response:
    """Answers with JSON and its ETag, or 304 with no content made where the caller has this version already."""
    headers = {"etag": f'"{tag}"'}
    if matches_tag(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return json_answer(render(), headers=headers)
