"""Bodies as they are parsed, here or in another process. Pure."""

import json
import urllib.parse
from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from services.common.errors import InvalidInput
from services.common.fault_words import tell_fault
from services.common.json_limits import JsonLimits, check_json
from services.common.json_names import RepeatedName, keep_names
from services.common.near import find_near

Body = TypeVar("Body", bound=BaseModel)

# Beyond any body that a model takes: the largest has some 1,500 values.
BODY_LIMITS = JsonLimits(values=5_000)


def parse_body(model: type[Body], content: bytes) -> tuple[Body | None, Sequence[dict[str, Any]], Sequence[str]]:
    """Reads a JSON body into its model, or says what is wrong with it; and the fields of it that nobody reads.

    Raises InvalidInput over a bound.
    """
    check_json(content, BODY_LIMITS, field="body")
    faults: list[dict[str, Any]] = []
    body = None
    try:
        body = model.model_validate_json(content)
    except ValidationError as error:
        faults += list_faults(error, model)
        if any(not item["loc"] for item in faults):  # no JSON, or no object
            return None, faults, ()
    try:
        names = json.loads(content, object_pairs_hook=keep_names)
    except RepeatedName as error:
        raise InvalidInput(str(error), reason="NAME_REPEATED", field=error.name) from error
    slips = find_slips(model, names)
    return (None if slips else body), [*slips, *faults], list_unread(model, names)


def find_slips(model: type[BaseModel], names: Collection[str]) -> list[dict[str, Any]]:
    """Fields that the model has not and that stand where one of its own is missing by a slip of the pen.

    Any other field that nobody reads is no fault, as older clients send some: the answer's header tells of it.
    """
    missing = [name for name in model.model_fields if name not in names]
    found = ((name, find_near(name, missing)) for name in list_unread(model, names))
    return [
        {"loc": (name,), "msg": f"no such field: is {near} meant?", "type": "unknown_field"}
        for name, near in found
        if near
    ]


def list_unread(model: type[BaseModel], names: Collection[str]) -> list[str]:
    """The fields that the model has not."""
    return [name for name in names if name not in model.model_fields]


def list_faults(error: ValidationError, model: type[BaseModel]) -> Sequence[dict[str, Any]]:
    """Pydantic's findings in words, without the values at fault: they may be secrets."""
    return [
        {
            "type": item["type"],
            "loc": item["loc"],
            "msg": _tell_no_field(model, item["loc"]) if item["type"] == "extra_forbidden" else tell_fault(item),
        }
        for item in error.errors(include_url=False, include_input=False)
    ]


def _tell_no_field(model: type[BaseModel], place: Sequence[str | int]) -> str:
    """What there is where somebody wrote a field that a model within the body refuses."""
    for part in place[:-1]:
        if isinstance(part, str):
            inner = _models_in(model.model_fields[part].annotation)
            model = next(iter(inner), model)
    near = find_near(str(place[-1]), model.model_fields)
    return f"no such field: is {near} meant?" if near else f"no such field: it may have {', '.join(model.model_fields)}"


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def parse_form(body: bytes, max_fields: int) -> dict[str, str]:
    """Reads a form's fields; empty ones are left out. Raises InvalidInput where there are too many."""
    try:
        return dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), max_num_fields=max_fields))
    except ValueError as error:
        raise InvalidInput("this form has too many fields") from error
