"""Bodies of many megabytes hold nothing up: they are parsed elsewhere, within bounds that are told by field."""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wealth.converter.v1 import converter_pb2, converter_pb2_grpc
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import TooLarge
from services.common.interceptors import require_few_items
from services.common.other_process import OtherProcess
from services.common.status import from_rpc_error
from tests.support.gateway import RunningGateway

JSON = {"content-type": "application/json"}
TRAINING = {"user_id": "a", "expected_output_file": "x", "job_title": "t", "owner": "o"}


def make_fields(count: int) -> bytes:
    return ('{"username":"a","data":[{' + ",".join(f'"k{number}":1' for number in range(count)) + "}]}").encode()


def make_instructions(count: int) -> bytes:
    fields = ",".join(f'"k{number}":"x"' for number in range(count))
    return ('{"user_id":"a","column_instructions":{' + fields + "}}").encode()


def make_data_uri(count: int) -> bytes:
    return json.dumps(TRAINING | {"input_file": "data:text/csv," + "%41" * count}).encode()


BODIES = {
    "fields": ("/task/submit", make_fields(1_200_000), "TOO_MANY_VALUES", "data"),
    "instructions": ("/api/v1/train", make_instructions(900_000), "TOO_MANY_VALUES", "body"),
    "a long name": (
        "/task/submit",
        b'{"username":"a","data":[{"' + b"n" * 3_000_000 + b'":1}]}',
        "FIELD_NAME_TOO_LONG",
        f"data.{'n' * 60}…",
    ),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_over_a_bound_is_refused_with_its_field(running: RunningGateway, name: str) -> None:
    path, body, reason, field = BODIES[name]
    answer = await running.rest.post(path, content=body, headers=JSON, timeout=600)
    problem = answer.json()
    assert (problem["code"], problem["errors"][0]["field"]) == (reason, field)
    assert answer.status_code == 422


async def test_a_large_task_passes_as_it_came(running: RunningGateway) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: portfolio_pb2.Task(task_id="t")
    payload = '{"rows": [' + ",".join(f'{{"v": {number}.10}}' for number in range(50_000)) + "]}"
    body = f'{{"username": "a", "data": [{payload}]}}'.encode()
    answer = await running.rest.post("/task/submit", content=body, headers=JSON, timeout=600)
    assert answer.status_code == 202
    assert list(running.suite.portfolio.last("CreateTask").request.payloads_json) == [payload]


async def test_a_large_training_passes_as_it_came(running: RunningGateway) -> None:
    running.suite.converter.answers["CreateTraining"] = lambda _: converter_pb2.Job(job_id="j")
    answer = await running.rest.post("/api/v1/train", content=make_data_uri(100_000), headers=JSON, timeout=600)
    assert answer.status_code == 202
    assert running.suite.converter.last("CreateTraining").request.input_file == "data:text/csv," + "%41" * 100_000


async def test_what_is_wrong_with_a_large_body_is_told_as_of_a_small_one(running: RunningGateway) -> None:
    answers = [
        await running.rest.post(
            "/api/v1/train", content=json.dumps(TRAINING | {"input_file": ["x" * size]}), headers=JSON, timeout=600
        )
        for size in (1, 200_000)
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


async def test_no_large_body_is_parsed_in_the_gateways_own_process(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What holds the loop is a call into a parser: each that reads a large body is asked of the other process."""
    asked: list[str] = []
    ask = OtherProcess._ask

    async def noted(self: OtherProcess, function: Any, arguments: tuple[Any, ...]) -> Any:
        asked.append(function.__name__)
        return await ask(self, function, arguments)

    monkeypatch.setattr(OtherProcess, "_ask", noted)
    for path, body, _, _ in BODIES.values():
        await running.rest.post(path, content=body, headers=JSON, timeout=600)
    await running.rest.post("/dashboard/login", content=b"key=" + b"%41" * 2000)  # a small form
    assert asked == ["split_task_body", "parse_body", "split_task_body"]


async def test_a_message_with_more_entries_than_any_method_takes_is_refused(running: RunningGateway) -> None:
    request = converter_pb2.CreateTrainingRequest(column_instructions={f"k{number}": "x" for number in range(9000)})
    stub = converter_pb2_grpc.ConverterServiceStub(running.channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.CreateTraining(request, metadata=[("x-api-key", running.key)])
    error = from_rpc_error(caught.value)
    assert isinstance(error, TooLarge)
    assert (error.reason, error.field) == ("TOO_MANY_ITEMS", "column_instructions")


def test_entries_are_counted_up_to_the_bound_alone() -> None:
    """A message of a million entries costs what one of two thousand costs: it is told without a parse."""
    entry = converter_pb2.CreateTrainingRequest(column_instructions={"k": "x"}).SerializeToString()
    descriptor = converter_pb2.CreateTrainingRequest.DESCRIPTOR
    read = Counter[str]()

    class Counted(bytes):
        def __getitem__(self, place: Any) -> Any:
            read["bytes"] += 1
            return super().__getitem__(place)

    with pytest.raises(TooLarge):
        require_few_items(Counted(entry * 1_000_000), descriptor)
    assert read["bytes"] < 10_000
    require_few_items(entry * 2000, descriptor)


@given(st.binary(max_size=300))
def test_what_is_no_message_is_left_to_the_parser(content: bytes) -> None:
    require_few_items(content, converter_pb2.CreateTrainingRequest.DESCRIPTOR)


@pytest.mark.timing("milliseconds of CPU, which a slow machine stretches")
@pytest.mark.parametrize("name", [*BODIES, "data URI"])
async def test_no_large_body_holds_up_the_other_calls(running: RunningGateway, tmp_path: Path, name: str) -> None:
    """A probe waits for the loop's turn to end: a tenth of a second of its own work at most.

    CPU time of this thread is measured, so that a busy machine says nothing. Services work in it, the client does not.
    """
    running.suite.converter.answers["CreateTraining"] = lambda _: converter_pb2.Job(job_id="j")
    path, body, *_ = BODIES.get(name, ("/api/v1/train", make_data_uri(5_000_000)))
    (tmp_path / "body").write_bytes(body)
    most_s, loop, sending = 0.0, asyncio.get_running_loop(), True
    turned_s = time.thread_time()

    def turn() -> None:
        nonlocal most_s, turned_s
        now_s = time.thread_time()
        most_s, turned_s = max(most_s, now_s - turned_s), now_s
        if sending:
            loop.call_soon(turn)

    client = await asyncio.create_subprocess_exec(
        sys.executable, "-Sc", CLIENT, str(running.gateway.http.port), path, running.key, tmp_path / "body"
    )
    turned_s = time.thread_time()
    loop.call_soon(turn)
    assert await client.wait() == 0
    sending = False
    assert most_s < 0.1


CLIENT = """
import http.client, sys
_, port, path, key, body = sys.argv
connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=600)
headers = {"X-API-KEY": key, "content-type": "application/json"}
connection.request("POST", path, open(body, "rb").read(), headers)
assert connection.getresponse().status in {202, 422}
"""
