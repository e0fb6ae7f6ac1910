"""Attacks over HTTP: each takes the target and the second of the loop's clock at which to stop, and counts outcomes."""

import asyncio
import contextlib
import itertools
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import cache

from benchmarks.adversary.target import PEERS, Target

MIB = 1024 * 1024
JSON_TYPE = "content-type: application/json"
_STEP_S = 0.2
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def connected(target: Target, peer: str) -> AsyncIterator[Streams]:
    """A connection from a peer's address."""
    reader, writer = await asyncio.open_connection(target.host, target.rest_port, local_addr=(peer, 0))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def head(method: str, path: str, *lines: str) -> bytes:
    """A request's head."""
    return "\r\n".join((f"{method} {path} HTTP/1.1", "host: x", *lines, "", "")).encode()


async def answer(reader: asyncio.StreamReader) -> str:
    """Reads one answer; returns its status."""
    lines = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(lines.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    await reader.readexactly(length)
    return lines[9:12].decode()


async def repeat(
    target: Target, until_s: float, peer: str, calls: Iterable[Sequence[bytes]], counts: Counter[str]
) -> None:
    """Sends calls, each in pieces, one behind the other's answer, on a connection that is made anew where it ends."""
    loop = asyncio.get_running_loop()
    endless = itertools.cycle(calls)
    while loop.time() < until_s:
        try:
            async with asyncio.timeout_at(until_s), connected(target, peer) as (reader, writer):
                while True:
                    for piece in next(endless):
                        writer.write(piece)
                        await writer.drain()
                    counts[await answer(reader)] += 1
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            counts["cut off"] += 1
            await asyncio.sleep(0)
        except TimeoutError:
            return


async def drip(target: Target, until_s: float, peer: str, start: bytes, more: bytes, counts: Counter[str]) -> None:
    """Sends a beginning, and then a few bytes now and then."""
    loop = asyncio.get_running_loop()
    while loop.time() < until_s:
        with contextlib.suppress(OSError):
            async with connected(target, peer) as (_, writer):
                counts["held"] += 1
                writer.write(start)
                while loop.time() < until_s and not writer.is_closing():
                    await asyncio.sleep(_STEP_S)
                    writer.write(more)
                    await writer.drain()
        await asyncio.sleep(_STEP_S)


async def stall(target: Target, until_s: float, counts: Counter[str]) -> None:
    """Heads and bodies that do not come to their end, with a key and without, and connections that say nothing."""
    key = f"x-api-key: {target.key}"
    kinds = [
        (b"GET /livez HTTP/1.1\r\nx: ", b"y"),
        (head("POST", "/task/submit", "content-length: 1000000", JSON_TYPE), b"{"),
        (head("POST", "/task/submit", "content-length: 1000000", JSON_TYPE, key), b" "),
        (head("POST", "/api/v1/files", "transfer-encoding: chunked", key), b"1\r\nx\r\n"),
        (b"", b""),
    ]
    async with asyncio.TaskGroup() as group:
        for number in range(120):
            start, more = kinds[number % len(kinds)]
            group.create_task(drip(target, until_s, PEERS[number % len(PEERS)], start, more, counts))


async def oversize(target: Target, until_s: float, counts: Counter[str]) -> None:
    """Bodies and heads over every bound, without a key."""
    body = [b"x" * 65_536] * (4 * MIB // 65_536)
    declared = f"content-length: {4 * MIB}"
    calls = [
        *([head("POST", path, declared, JSON_TYPE), *body] for path in ("/api/v1/train", "/task/submit", "/nowhere")),
        [head("POST", "/dashboard/login", declared), *body],
        [b"GET /livez HTTP/1.1\r\n", *([b"a: " + b"x" * 8000 + b"\r\n"] * 16)],
        [head("GET", "/livez") * 500],
    ]
    async with asyncio.TaskGroup() as group:
        for peer in PEERS:
            group.create_task(repeat(target, until_s, peer, calls, counts))


@cache
def make_poison(key_text: str, user: str) -> Sequence[Sequence[bytes]]:
    """Bodies that a parser has much to do with, and paths and ids that mean something else to somebody, with a key."""
    training = {"user_id": user, "expected_output_file": "x", "job_title": "t", "owner": "o"}
    fields = ",".join(f'"k{number}":1' for number in range(1_200_000))
    instructions = ",".join(f'"k{number}":"x"' for number in range(900_000))
    bodies = {
        "/task/submit": [
            f'{{"username":"{user}","data":[{{{fields}}}]}}'.encode(),
            b"[" * 100_000,
            f'{{"username":"{user}","data":[{{"{"n" * 3_000_000}":1}}]}}'.encode(),
            json.dumps({"username": "../x", "data": [{"a": 1}]}).encode(),
        ],
        "/api/v1/train": [
            f'{{"user_id":"{user}","column_instructions":{{{instructions}}}}}'.encode(),
            json.dumps(training | {"input_file": "data:text/csv," + "%41" * 5_000_000}).encode(),
            json.dumps(training | {"input_file": "s3://wealth/private/x"}).encode(),
        ],
    }
    key = f"x-api-key: {key_text}"
    posts = [
        [head("POST", path, key, JSON_TYPE, f"content-length: {len(body)}"), body]
        for path, all_bodies in bodies.items()
        for body in all_bodies
    ]
    paths = ("/task/%00/status", "/api/v1/..%2Fx/y", "/api/v1/*/y", "/api/v1/files/..%2F..%2Fx", "/task/a%2Fb/result")
    return [*posts, *([head("GET", path, key)] for path in paths)]


async def poison(target: Target, until_s: float, counts: Counter[str]) -> None:
    """Two clients with a key send what is hard to parse."""
    calls = make_poison(target.key, target.user)
    async with asyncio.TaskGroup() as group:
        for peer, start in ((PEERS[0], 0), (PEERS[1], len(calls) // 2)):
            group.create_task(repeat(target, until_s, peer, [*calls[start:], *calls[:start]], counts))


async def flood(target: Target, until_s: float, counts: Counter[str]) -> None:
    """As many calls as a tenant's clients can send, far above its rate."""
    key = f"x-api-key: {target.key}"
    task = json.dumps({"username": target.user, "data": [{"Market Value": "12"}]}).encode()
    submit = [head("POST", "/task/submit", key, JSON_TYPE, f"content-length: {len(task)}"), task]
    reads = [[head("GET", path, key)] for path in ("/tasks?limit=200", "/api/v1/queue/status", "/task/x/status")]
    # One task for a thousand reads: what is measured is the door, not the order in which tenants' jobs run.
    calls = [submit, *(reads * 333)]
    async with asyncio.TaskGroup() as group:
        for number in range(16):
            group.create_task(repeat(target, until_s, PEERS[number % len(PEERS)], calls, counts))


async def forge(target: Target, until_s: float, counts: Counter[str]) -> None:
    """Keys, cookies and page tokens that nobody gave out, as many as can be."""

    def make() -> list[Sequence[bytes]]:
        guess = f"x-api-key: {target.key.partition('.')[0]}.{secrets.token_urlsafe(32)}"
        form = f"key=k_{secrets.token_hex(6)}.{secrets.token_urlsafe(32)}".encode()
        cookie = f"cookie: wealth_session=k_1234.99999999999.{secrets.token_hex(16)}.{secrets.token_hex(32)}"
        return [
            [head("GET", "/tasks", guess)],
            [head("GET", "/tasks", "x-api-key: \xff\x00".replace("\x00", "?"))],
            [head("GET", "/dashboard", cookie)],
            [head("POST", "/dashboard/login", f"content-length: {len(form)}"), form],
            [head("GET", f"/tasks?page_token={secrets.token_urlsafe(40)}", f"x-api-key: {target.key}")],
        ]

    async with asyncio.TaskGroup() as group:
        for number in range(16):
            group.create_task(repeat(target, until_s, PEERS[number % len(PEERS)], make(), counts))


ATTACKS: dict[str, Callable[[Target, float, Counter[str]], object]] = {
    "rest stalled": stall,
    "rest oversized": oversize,
    "rest poisoned": poison,
    "rest flooding": flood,
    "rest forging": forge,
}
