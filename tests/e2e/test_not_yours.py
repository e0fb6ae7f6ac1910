"""Rule 16: what is somebody else's and what is not there are the same answer, and no id leads anywhere it should not.

Both walk all that there is: REST's calls by its description, gRPC's by what the door opens.
"""

import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc.aio
import httpx
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from wealth.converter.v1 import converter_pb2
from wealth.events.v1 import events_pb2
from wealth.portfolio.v1 import portfolio_pb2
from wealth.storage.v1 import storage_pb2

from services.gateway.passthrough import PublicMethod, public_methods
from tests.e2e.test_conversions import encode, make_user, train
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite

PATHS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())["paths"]
# Streams that name nobody's thing and have no end.
ENDLESS = {("GET", "/api/v1/events"), "/wealth.events.v1.EventsService/WatchEvents"}
OPERATIONS = sorted(
    (method.upper(), path)
    for path, operations in PATHS.items()
    for method in operations
    if (method.upper(), path) not in ENDLESS
)
WITH_IDS = [(method, path) for method, path in OPERATIONS if "{" in path]
SERVICES = {
    descriptor.full_name: descriptor
    for file in (portfolio_pb2, converter_pb2, storage_pb2, events_pb2)
    for descriptor in file.DESCRIPTOR.services_by_name.values()
}
SCOPES = ("portfolio", "converter", "files", "webhooks")
WORDS = ("a/b", "../x", "..", "*", "nul\0", "line\nfeed", "_shared", "files", "%2e%2e", "x" * 200)
ABSENT = {
    "job_id": "00000000-0000-4000-8000-000000000000",
    "task_id": "task_20200101000000_00000000",
    "webhook_id": "wh_0000000000000000",
}


@dataclass(frozen=True, slots=True)
class Owned:
    """Alice's things, and the keys of two that should see none of them: of her tenant and of another."""

    ids: Mapping[str, str]
    strangers: Mapping[str, str]


@pytest.fixture
async def owned(suite: LaunchedSuite) -> Owned:
    user = make_user()
    keys = {
        "owner": suite.make_key(users=(user,), scopes=SCOPES),
        "of the tenant": suite.make_key(users=("bob",), scopes=SCOPES),
        "of another tenant": suite.make_key(tenant="others", scopes=SCOPES),
    }
    async with suite.client(keys["owner"]) as client:
        await eventually(lambda: _is_known(client), within_s=300, every_s=0.1)
        task = await client.post("/task/submit", json={"username": user, "data": [{"Market Value": "1"}]})
        job = await train(client, user, encode("a,b\n1,2\n3,4\n"), encode("b\n2\n4\n"))
        file = await client.post(f"/api/v1/files?user_id={user}", content=b"a\n1\n")
        hook = await client.post("/api/v1/webhooks", json={"url": "https://hooks.example.com/x"})
        ids = {
            "task_id": task.json()["task_id"], "job_id": job.json()["job_id"], "uri": file.json()["uri"],
            "client_id": user, "user_id": user, "webhook_id": hook.json()["webhook_id"], "number": "1",
        }  # fmt: skip
    return Owned(ids, {name: key for name, key in keys.items() if name != "owner"})


async def _is_known(client: httpx.AsyncClient) -> bool:
    return (await client.get("/api/v1/queue/status")).status_code != 401


def fill(path: str, ids: Mapping[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda match: urllib.parse.quote(ids[match[1]], safe=""), path)


def absent_of(ids: Mapping[str, str]) -> dict[str, str]:
    """The same ids where the one that names the thing is nobody's."""
    address, _, name = ids["uri"].rpartition("/")
    return {**ids, **ABSENT, "uri": f"{address}/{'0' * len(name)}"}


def shape(answer: httpx.Response, ids: Mapping[str, str]) -> tuple[int, str]:
    """An answer without what differs between any two of them."""
    text = answer.text
    for value in sorted(ids.values(), key=len, reverse=True):
        text = text.replace(value, "<id>")
    return answer.status_code, re.sub(r'"request_id": ?"[^"]*"', "", text)


async def test_anothers_things_answer_over_rest_as_if_they_were_not_there(suite: LaunchedSuite, owned: Owned) -> None:
    told = []
    for who, key in owned.strangers.items():
        async with suite.client(key) as client:
            await eventually(lambda client=client: _is_known(client), within_s=300, every_s=0.1)
            for method, path in WITH_IDS:
                body = {"json": {"generation": 1}} if method == "POST" else {}
                answers = [
                    shape(await client.request(method, fill(path, ids), **body), ids)
                    for ids in (owned.ids, absent_of(owned.ids))
                ]
                if answers[0] != answers[1] or (answers[0][0] == 200 and answers[0][1] != "[]"):
                    told.append((who, method, path, answers))
    assert told == []


def make_request(method: PublicMethod, ids: Mapping[str, str]) -> bytes:
    """A request of a method with these ids in it, and little else."""
    service, _, name = method.path.removeprefix("/").rpartition("/")
    message = message_factory.GetMessageClass(SERVICES[service].methods_by_name[name].input_type)()
    for field in message.DESCRIPTOR.fields:
        known = {**ids, "trained_job_id": ids["job_id"], "username": ids["user_id"], "title": "t", "owner": "o"}
        if field.name in known and field.type == FieldDescriptor.TYPE_STRING:
            setattr(message, field.name, known[field.name])
        elif field.name in {"input_file", "expected_output_file"}:
            setattr(message, field.name, ids["uri"])
        elif field.name in {"generation", "number"}:
            setattr(message, field.name, 1)
        elif field.name == "artifact":
            message.artifact = converter_pb2.ARTIFACT_PROGRAM
    content: bytes = message.SerializeToString()
    return content


async def call(channel: grpc.aio.Channel, method: PublicMethod, request: bytes, key: str) -> tuple[str, str]:
    """How a call ends."""
    kind: Any = channel.unary_stream if method.server_streaming else channel.unary_unary
    made = kind(method.path)(request, metadata=[("x-api-key", key)], timeout=30)
    return (await made.code()).name, await made.details() or ""


async def test_anothers_things_answer_over_grpc_as_if_they_were_not_there(suite: LaunchedSuite, owned: Owned) -> None:
    told = []
    by_id = [
        method
        for method in public_methods().values()
        if not method.client_streaming and make_request(method, owned.ids) != make_request(method, absent_of(owned.ids))
    ]
    assert by_id
    async with grpc.aio.insecure_channel(suite.grpc_address("gateway")) as channel:
        for who, key in owned.strangers.items():
            for method in by_id:
                answers = [
                    await call(channel, method, make_request(method, ids), key)
                    for ids in (owned.ids, absent_of(owned.ids))
                ]
                if answers[0] != answers[1]:
                    told.append((who, method.path, answers))
    assert told == []


@pytest.mark.parametrize("word", WORDS)
async def test_no_id_over_rest_leads_to_a_fault(suite: LaunchedSuite, client: httpx.AsyncClient, word: str) -> None:
    faults = []
    for method, path in OPERATIONS:
        operation = PATHS[path][method.lower()]
        named = [item["name"] for item in operation.get("parameters", []) if item["in"] == "query"]
        names = dict.fromkeys(re.findall(r"{(\w+)}", path), word)
        queries = [{}, *({name: word} for name in named)]
        for query in queries:
            answer = await client.request(
                method, fill(path, names), params=query, json={} if method == "POST" else None
            )
            if answer.status_code >= 500 or (names and answer.is_success and answer.content not in {b"", b"[]"}):
                faults.append((method, path, query, answer.status_code))
    assert faults == []


@pytest.mark.parametrize("word", WORDS)
async def test_no_id_over_grpc_leads_to_a_fault(suite: LaunchedSuite, word: str) -> None:
    key = suite.document["api_key"]
    ids = dict.fromkeys(("task_id", "job_id", "uri", "client_id", "user_id", "webhook_id"), word)
    faults = []
    async with grpc.aio.insecure_channel(suite.grpc_address("gateway")) as channel:
        for method in public_methods().values():
            if not method.client_streaming and method.path not in ENDLESS:
                code, _ = await call(channel, method, make_request(method, ids), key)
                if code in {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED"}:
                    faults.append((method.path, code))
    assert faults == []
