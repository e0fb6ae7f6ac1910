"""docs/asyncapi.yaml says what the code publishes: subjects, statuses, payloads, the stream."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.jobs import topology
from services.common.jobs.kind import JobKind
from services.common.jobs.topology import Topology
from services.converter.domain.places import Places
from services.converter.mapping import make_job_kind
from services.portfolio.mapping import TASK_KIND

DOCUMENT = yaml.safe_load((Path(__file__).parents[3] / "docs" / "asyncapi.yaml").read_text())
KINDS: Mapping[str, JobKind] = {"tasks": TASK_KIND, "jobs": make_job_kind(Places(""))}
MESSAGES: Mapping[str, Descriptor] = {
    "taskEvent": portfolio_pb2.TaskEvent.DESCRIPTOR,
    "jobEvent": converter_pb2.JobEvent.DESCRIPTOR,
    "jobError": jobs_pb2.JobError.DESCRIPTOR,
}
TYPES = {
    FieldDescriptor.TYPE_STRING: ("string", None),
    FieldDescriptor.TYPE_BOOL: ("boolean", None),
    FieldDescriptor.TYPE_INT32: ("integer", "int32"),
    FieldDescriptor.TYPE_INT64: ("string", "int64"),
    FieldDescriptor.TYPE_ENUM: ("string", None),
}


def resolve(reference: str) -> Any:
    """What a ``$ref`` of the document points to."""
    found = DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def references(node: Any) -> Iterator[str]:
    """Every ``$ref`` below a node."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and "$ref" in node:
        yield node["$ref"]
    for child in children:
        yield from references(child)


def describe(field: FieldDescriptor) -> tuple[Any, ...]:
    """A proto field as its JSON schema should read: type, format, enum, reference."""
    if field.message_type is not None and field.message_type.full_name == "google.protobuf.Timestamp":
        return "string", "date-time", None, None
    if field.message_type is not None:
        name = next(name for name, message in MESSAGES.items() if message is field.message_type)
        return None, None, None, f"#/components/schemas/{name}"
    words = [value.name for value in field.enum_type.values if value.number] if field.enum_type else None
    return (*TYPES[field.type], words, None)


def test_it_is_asyncapi_3() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"info", "channels", "operations", "components"} <= DOCUMENT.keys()


def test_every_reference_leads_somewhere() -> None:
    found = list(references(DOCUMENT))
    assert len(found) >= 10
    assert all(resolve(reference) for reference in found)


def test_channels_are_the_kinds_of_jobs() -> None:
    addresses = {name: channel["address"] for name, channel in DOCUMENT["channels"].items()}
    assert addresses == {name: f"{kind.event_prefix}.{{status}}.{{tenant}}.{{job_id}}" for name, kind in KINDS.items()}


@pytest.mark.parametrize("name", KINDS)
def test_the_statuses_of_a_channel_are_the_kinds(name: str) -> None:
    parameters = DOCUMENT["channels"][name]["parameters"]
    assert parameters.keys() == {"status", "tenant", "job_id"}
    assert tuple(parameters["status"]["enum"]) == KINDS[name].statuses


@pytest.mark.parametrize("name", KINDS)
def test_terminal_statuses_are_named(name: str) -> None:
    words = DOCUMENT["channels"][name]["parameters"]["status"]["description"].partition("; ")[2]
    assert {word for word in KINDS[name].statuses if f"`{word}`" in words} == KINDS[name].terminal


@pytest.mark.parametrize("name", MESSAGES)
def test_a_payload_is_the_proto_message(name: str) -> None:
    properties = DOCUMENT["components"]["schemas"][name]["properties"]
    shown = {
        field: tuple(schema.get(key) for key in ("type", "format", "enum", "$ref"))
        for field, schema in properties.items()
    }
    assert shown == {field.name: describe(field) for field in MESSAGES[name].fields}


@pytest.mark.parametrize("name", ["taskEvent", "jobEvent"])
def test_an_example_is_one(name: str) -> None:
    [example] = DOCUMENT["components"]["messages"][name]["examples"]
    known = DOCUMENT["components"]["schemas"][name]["properties"]
    assert example["payload"].keys() <= known.keys()
    assert example["payload"]["status"] in known["status"]["enum"]


@pytest.mark.parametrize("name", KINDS)
def test_the_stream_is_the_topologys(name: str) -> None:
    defaults = Topology()
    assert DOCUMENT["channels"][name]["x-jetstream"] == {
        "stream": topology.EVENTS_STREAM,
        "retention": "limits",
        "max_age_s": defaults.events_max_age_s,
        "duplicate_window_s": 120,
    }
