"""Takes a task's JSON body apart without touching its payloads: they go on as the very text that came.

A parse and a rewrite would turn ``1234567890123456789.10`` into a double; advisers' figures keep their digits here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from services.common.errors import FieldViolation, InvalidInput
from services.common.json_limits import JsonLimits, check_json
from services.common.near import find_near

# 16 MiB of a holdings table have about 400,000 cells.
TASK_LIMITS = JsonLimits(values=500_000)
_BLANK = " \t\n\r"


@dataclass(frozen=True, slots=True)
class TaskBody:
    """A task's body: ``fields`` are the plain ones, ``payloads`` the elements of "data" as text."""

    fields: Mapping[str, Any]
    payloads: Sequence[str]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# Nobody looks at numbers here: that there is one is enough, and Python's bound on the digits of an int binds nobody.
_SCANNER = json.JSONDecoder(parse_float=lambda _: 0.0, parse_int=lambda _: 0, parse_constant=_refuse_constant)
# The plain fields are few and small; a number of more digits than any of them has is none of theirs.
_FIELDS = json.JSONDecoder(
    parse_int=lambda digits: int(digits) if len(digits) < 20 else 0, parse_constant=_refuse_constant
)


def split_task_body(body: bytes, *, list_field: str = "data", max_payloads: int = 64) -> TaskBody:
    """Splits a body into fields and payloads. Raises InvalidInput naming what is wrong and where."""
    check_json(body, TASK_LIMITS, field=list_field)
    try:
        text = body.decode("utf-8-sig")
        return _split(text, list_field, max_payloads)
    except UnicodeDecodeError as error:
        raise InvalidInput("the body is not UTF-8", reason="BODY_NOT_JSON", field="body") from error
    except RecursionError as error:
        raise InvalidInput("the body is nested too deeply", reason="BODY_NOT_JSON", field="body") from error
    except ValueError as error:
        raise InvalidInput(f"the body is not JSON: {error}", reason="BODY_NOT_JSON", field="body") from error


def _split(text: str, list_field: str, max_payloads: int) -> TaskBody:
    fields: dict[str, Any] = {}
    payloads: list[str] | None = None
    position = _expect(text, 0, "{")
    position = _skip(text, position)
    if text[position : position + 1] == "}":
        return _finish(text, position + 1, fields, payloads, list_field)
    while True:
        name, position = _SCANNER.raw_decode(text, _skip(text, position))
        if not isinstance(name, str) or text[position - 1] != '"':
            raise ValueError("a member's name is not a string")
        position = _skip(text, _expect(text, position, ":"))
        if name in fields or (name == list_field and payloads is not None):
            raise _invalid(name, "stands twice: send it once")
        if name == list_field:
            payloads, position = _split_list(text, position, list_field, max_payloads)
        else:
            fields[name], position = _FIELDS.raw_decode(text, position)
        position = _skip(text, position)
        if text[position : position + 1] == "}":
            return _finish(text, position + 1, fields, payloads, list_field)
        position = _expect(text, position, ",")


def _split_list(text: str, position: int, name: str, max_payloads: int) -> tuple[list[str], int]:
    if text[position : position + 1] != "[":
        raise _invalid(name, "must be a list of section payloads")
    payloads: list[str] = []
    position = _skip(text, position + 1)
    if text[position : position + 1] == "]":
        return payloads, position + 1
    while True:
        start = _skip(text, position)
        value, position = _SCANNER.raw_decode(text, start)
        if not isinstance(value, dict):
            raise _invalid(f"{name}.{len(payloads)}", "must be a JSON object")
        if len(payloads) >= max_payloads:
            raise _invalid(name, f"must have at most {max_payloads} payloads")
        payloads.append(text[start:position])
        position = _skip(text, position)
        if text[position : position + 1] == "]":
            return payloads, position + 1
        position = _expect(text, position, ",")


def _finish(text: str, position: int, fields: dict[str, Any], payloads: list[str] | None, list_field: str) -> TaskBody:
    if _skip(text, position) != len(text):
        raise ValueError(f"there is more after the object, at character {position}")
    if payloads is None:
        missing = FieldViolation(list_field, "Field required")
        slips = [
            FieldViolation(n, f"no such field: is {list_field} meant?") for n in fields if find_near(n, [list_field])
        ]
        first, *_ = found = [*slips, missing]
        raise InvalidInput(f"{first.field}: {first.message}", violations=found)
    if not payloads:
        raise _invalid(list_field, "must have at least one payload")
    return TaskBody(fields, payloads)


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(f"{field}: {message}", violations=[FieldViolation(field, message)])


def _skip(text: str, position: int) -> int:
    while text[position : position + 1] and text[position] in _BLANK:
        position += 1
    return position


def _expect(text: str, position: int, character: str) -> int:
    position = _skip(text, position)
    if text[position : position + 1] != character:
        raise ValueError(f"expected {character!r} at character {position}")
    return position + 1
