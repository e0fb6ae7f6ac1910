"""Bodies as they are parsed, here or in another process. Pure."""

import urllib.parse
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.common.errors import InvalidInput
from services.common.json_limits import JsonLimits, check_json

Body = TypeVar("Body", bound=BaseModel)

# Beyond any body that a model takes: the largest has some 1,500 values.
BODY_LIMITS = JsonLimits(values=5_000)


def parse_body(model: type[Body], content: bytes) -> tuple[Body | None, Sequence[dict[str, Any]]]:
    """Reads a JSON body into its model, or says what is wrong with it. Raises InvalidInput over a bound."""
    check_json(content, BODY_LIMITS, field="body")
    try:
        return model.model_validate_json(content), ()
    except ValidationError as error:
        return None, list_faults(error)


def list_faults(error: ValidationError) -> Sequence[dict[str, Any]]:
    """Pydantic's findings without the values at fault: they may be secrets."""
    return [dict(item) for item in error.errors(include_url=False, include_input=False, include_context=False)]


def parse_form(body: bytes, max_fields: int) -> dict[str, str]:
    """Reads a form's fields; empty ones are left out. Raises InvalidInput where there are too many."""
    try:
        return dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), max_num_fields=max_fields))
    except ValueError as error:
        raise InvalidInput("this form has too many fields") from error
