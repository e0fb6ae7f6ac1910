"""A field that is nearly the right one is refused with the right one named: it would change nothing, unnoticed."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from services.common.errors import InvalidInput
from services.gateway.domain.bodies import find_slips, list_faults, parse_body
from services.gateway.rest.converter_models import InferenceSubmission, TrainingSubmission
from services.gateway.rest.portfolio_models import ClaimFields, TaskFields
from services.gateway.rest.teaching_models import AnswersSubmission, RollbackSubmission

MODELS = (TrainingSubmission, InferenceSubmission, AnswersSubmission, RollbackSubmission, TaskFields, ClaimFields)
FIELDS = [(model, name) for model in MODELS for name in model.model_fields if len(name) >= 6]


def mistyped(name: str) -> dict[str, str]:
    """One way of each kind to miss a name: a letter gone, twice, in another's place, in capitals of another style."""
    middle = len(name) // 2
    return {
        "gone": name[:middle] + name[middle + 1 :],
        "twice": name[:middle] + name[middle] + name[middle:],
        "swapped": name[: middle - 1] + name[middle] + name[middle - 1] + name[middle + 1 :],
        "plural": name + "s",
    }


@pytest.mark.parametrize(("model", "name"), FIELDS, ids=lambda value: getattr(value, "__name__", value))
def test_every_field_missed_by_a_letter_is_named(model: type[BaseModel], name: str) -> None:
    for kind, slip in mistyped(name).items():
        if slip in model.model_fields or slip == name:
            continue
        (fault,) = find_slips(model, [slip])
        assert (fault["loc"], name in fault["msg"]) == ((slip,), True), kind


@pytest.mark.parametrize("extra", ["client_version", "timestamp", "retry", "x", "metadata", "trace_id"])
def test_what_older_clients_send_beside_it_is_left_alone(extra: str) -> None:
    for model in MODELS:
        assert find_slips(model, [*model.model_fields, extra]) == []


def test_a_slip_beside_the_right_field_is_somebody_elses() -> None:
    assert find_slips(TrainingSubmission, ["input_file", "input_files"]) == []


@pytest.mark.parametrize("content", [b"{", b"[]", b"null", b'"x"'])
def test_what_is_no_object_is_told_as_before(content: bytes) -> None:
    body, faults, _ = parse_body(TrainingSubmission, content)
    assert (body, len(faults)) == (None, 1)


@pytest.mark.parametrize("content", [b'{"effort": 1, "effort": 2}', b'{"column_instructions": {"a": "x", "a": "y"}}'])
def test_a_name_with_two_values_is_refused_rather_than_the_last_taken(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_body(TrainingSubmission, content)
    assert (refused.value.reason, refused.value.field) in {("NAME_REPEATED", "effort"), ("NAME_REPEATED", "a")}


@pytest.mark.parametrize(("slip", "words"), [("date", "is dates meant?"), ("zone", "it may have dates, ")])
def test_a_field_within_a_field_is_told_what_there_is(slip: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TaskFields.model_validate({"username": "u", "password": "", "input_conventions": {slip: "DMY"}})
    (fault,) = list_faults(refused.value, TaskFields)
    assert fault["loc"] == ("input_conventions", slip)
    assert words in fault["msg"]


def test_a_slip_is_told_together_with_what_is_missing() -> None:
    fields: dict[str, Any] = {"user_id": "a", "inputfile": "x", "expected_output_file": "y", "job_title": "t"}
    body, faults, unread = parse_body(TrainingSubmission, json.dumps(fields).encode())
    said = {fault["loc"][0]: fault["msg"] for fault in faults}
    assert (body, unread) == (None, ["inputfile"])
    assert said["inputfile"] == "no such field: is input_file meant?"
    assert said["input_file"] == "Field required"
