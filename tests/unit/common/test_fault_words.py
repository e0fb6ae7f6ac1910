"""What is said of a field of REST, of a proto or of the settings that is not as it should be: words, no expression."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings
from wealth.converter.v1 import converter_pb2
from wealth.events.v1 import events_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2
from wealth.storage.v1 import storage_pb2

from services.client.settings import ClientSettings
from services.common.errors import FieldViolation, InvalidInput
from services.common.fault_words import (
    ADDRESS_PATTERN,
    JOB_ID_PATTERN,
    OPTIONAL_JOB_ID_PATTERN,
    PATTERN_WORDS,
    tell_fault,
)
from services.common.validation import validate
from services.converter.settings import ConverterSettings
from services.events.settings import EventsSettings
from services.gateway.settings import GatewaySettings
from services.launcher.settings import LauncherSettings
from services.portfolio.settings import PortfolioSettings
from services.storage.settings import StorageSettings

DESCRIPTION = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())


def find_patterns(document: Any) -> Iterator[str]:
    """All expressions that the description of REST holds texts to."""
    for item in document.values() if isinstance(document, dict) else document:
        if isinstance(item, dict | list):
            yield from find_patterns(item)
    if isinstance(document, dict) and isinstance(document.get("pattern"), str):
        yield document["pattern"]


PROTOS = (converter_pb2, events_pb2, jobs_pb2, portfolio_pb2, storage_pb2)
SETTINGS = (
    ClientSettings, ConverterSettings, EventsSettings, GatewaySettings, LauncherSettings, PortfolioSettings,
    StorageSettings,
)  # fmt: skip


def find_rules(message: Descriptor) -> Iterator[str]:
    """All expressions that a message's fields are held to."""
    for field in message.fields:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        for strings in (rules.string, rules.repeated.items.string, rules.map.keys.string, rules.map.values.string):
            if strings.pattern:
                yield strings.pattern
    for inner in message.nested_types:
        yield from find_rules(inner)


def find_setting_patterns(settings: type[BaseSettings]) -> Iterator[str]:
    """All expressions that settings are held to; pydantic describes decimals by one that it does not use."""
    decimal = set(find_patterns(TypeAdapter(Decimal).json_schema(mode="validation")))
    yield from set(find_patterns(settings.model_json_schema())) - decimal


REST = set(find_patterns(DESCRIPTION))
RULES = {
    pattern
    for proto in PROTOS
    for message in proto.DESCRIPTOR.message_types_by_name.values()
    for pattern in find_rules(message)
}
OF_SETTINGS = {pattern for settings in SETTINGS for pattern in find_setting_patterns(settings)}


def refuse(field: Any, value: Any) -> str:
    """What is told of a value that a field refuses."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(field).validate_python(value)
    (fault,) = caught.value.errors()
    return tell_fault(fault)


@pytest.mark.parametrize("pattern", sorted(REST | RULES | OF_SETTINGS))
def test_every_expression_that_a_field_is_held_to_has_words(pattern: str) -> None:
    told = refuse(Annotated[str, Field(pattern=pattern)], "¿ ?")
    assert told == PATTERN_WORDS[pattern]
    assert re.search(r"[\\^$\[\]{}]", told) is None


def test_an_example_in_the_words_fits_its_expression() -> None:
    for pattern, words in PATTERN_WORDS.items():
        for example in [*re.findall(r'"([^"]+)"', words), *re.findall(r"looks like (\S+)", words)]:
            assert re.search(pattern, example), example


def test_no_words_are_left_of_an_expression_that_nothing_is_held_to() -> None:
    elsewhere = {"^[A-Z]{3}$"}  # the exchange rates' file
    assert set(PATTERN_WORDS) - REST - RULES - OF_SETTINGS <= elsewhere | {OPTIONAL_JOB_ID_PATTERN}


def test_the_protos_rules_are_told_in_the_same_words() -> None:
    with pytest.raises(InvalidInput) as refused:
        validate(converter_pb2.CreateInferenceRequest(user_id="a", trained_job_id="x", input_file="y"))
    assert refused.value.violations == (FieldViolation("trained_job_id", PATTERN_WORDS[JOB_ID_PATTERN]),)


def test_the_settings_rules_are_told_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_LISTEN", "nowhere")
    with pytest.raises(SystemExit) as refused:
        PortfolioSettings.load()
    assert f"METRICS_LISTEN: {PATTERN_WORDS[ADDRESS_PATTERN]}" in str(refused.value)


def test_an_empty_text_is_told_as_empty() -> None:
    assert refuse(Annotated[str, Field(min_length=1)], "") == "must not be empty"
