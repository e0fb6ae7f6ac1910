"""The gateway as a process keeps its memory while strangers do their worst at both of its doors."""

import asyncio
import contextlib
import re
from pathlib import Path
from typing import Any

import grpc.aio

from services.common.tasks import stop_task
from services.launcher.free_ports import find_free_ports
from tests.integration.gateway.test_process import run_process

MIB = 1024 * 1024
ALLOWED_GROWTH = 1.3
# Most of what a process lets be by default (512), from enough addresses that no one's bound holds first.
STRANGERS = 400
# Each address of the loopback network is a peer of its own.
PEERS = [f"127.0.0.{number}" for number in range(1, 13)]


def read_memory(pid: int, name: str) -> int:
    """A process's resident memory in bytes: VmRSS now, VmHWM at its highest."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def forget_peak(pid: int) -> None:
    """Has the kernel measure the highest memory from now on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


async def send(port: int, peer: str, pieces: list[bytes]) -> None:
    """Sends all of it for as long as it is taken."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(peer, 0))
        try:
            for piece in pieces:
                writer.write(piece)
                async with asyncio.timeout(10):
                    await writer.drain()
        finally:
            writer.close()


async def attack_rest(port: int) -> None:
    heads = {
        path: f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {16 * MIB}\r\n\r\n".encode()
        for path in ("/api/v1/train", "/dashboard/login", "/api/v1/files", "/nowhere")
    }
    body = [b"x" * 65_536] * (4 * MIB // 65_536)
    chunked = b"POST /task/submit HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    long_head = [b"GET /livez HTTP/1.1\r\n", *([b"a: " + b"x" * 8000 + b"\r\n"] * 16)]
    ahead = [b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n" * 2000] * 8
    kinds = [
        *([head, *body] for head in heads.values()),
        [chunked, *([b"10000\r\n" + body[0] + b"\r\n"] * 64)],
        long_head,
        ahead,
    ]
    await asyncio.gather(
        *(send(port, PEERS[n % len(PEERS)], kinds[n % len(kinds)]) for n in range(STRANGERS)), return_exceptions=False
    )


REFUSED = {
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
# Two that ask for a key, two that ask for none and read whatever comes.
PATHS = (
    "/wealth.portfolio.v1.PortfolioService/CreateTask",
    "/wealth.storage.v1.StorageService/UploadFile",
    "/grpc.health.v1.Health/Check",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
)


async def attack_grpc(port: int, *, connections: int, calls: int) -> None:
    """Large messages to each method on each connection: refusals alone come back."""
    options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    body = b"\x0a\x80\x80\x80\x08" + b"x" * (16 * MIB)  # a name of 16 MiB

    async def attack(path: str) -> None:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            method: Any = channel.unary_unary(path)
            codes = [await call.code() for call in [method(body, timeout=60) for _ in range(calls)]]
            assert set(codes) <= REFUSED

    await asyncio.gather(*(attack(PATHS[n % len(PATHS)]) for n in range(connections)))


async def read_on(stream: asyncio.StreamReader | None) -> None:
    """Takes what a process logs: one that nobody reads stands still."""
    while stream is not None and await stream.read(MIB):
        pass


async def test_strangers_do_not_make_it_grow(tmp_path: Path) -> None:
    grpc_port = find_free_ports(1)[0]
    async with run_process(tmp_path, GATEWAY_GRPC_LISTEN=f"127.0.0.1:{grpc_port}") as (process, port, _):
        logs = asyncio.create_task(read_on(process.stderr))
        try:
            growth = await measure_growth(process.pid, port, grpc_port)
        finally:
            await stop_task(logs)
        assert {name: value for name, value in growth.items() if value > ALLOWED_GROWTH} == {}


async def measure_growth(pid: int, port: int, grpc_port: int) -> dict[str, float]:
    """The highest memory during each attack, as a multiple of what it was before all of them."""
    await attack_grpc(grpc_port, connections=len(PATHS), calls=1)  # what its first call makes is there for good
    idle = read_memory(pid, "VmRSS")
    growth = {}
    for name in ("rest", "grpc", "rest again"):
        forget_peak(pid)
        await (attack_grpc(grpc_port, connections=16, calls=4) if name == "grpc" else attack_rest(port))
        growth[name] = round(read_memory(pid, "VmHWM") / idle, 2)
    return growth
