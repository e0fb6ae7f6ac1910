"""The gateway as a process: it starts while services are away, and drains when it is told to stop."""

import asyncio
import base64
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from wealth.jobs.v1 import jobs_pb2

from services.gateway.keys import add_key, create_key
from services.launcher.free_ports import find_free_ports
from tests.support.gateway import KEY_SECRET
from tests.support.scripted_services import ScriptedSuite


@asynccontextmanager
async def run_process(folder: Path, **settings: str) -> AsyncIterator[tuple[Process, int, str]]:
    """Runs ``python -m services.gateway``; yields it, its REST port and a key."""
    rest_port, grpc_port = find_free_ports(2)
    created = create_key(KEY_SECRET, tenant="default")
    add_key(folder / "keys.json", created)
    environment = {
        **os.environ,
        "GATEWAY_LISTEN": f"127.0.0.1:{rest_port}",
        "GATEWAY_GRPC_LISTEN": f"127.0.0.1:{grpc_port}",
        "GATEWAY_KEYS_FILE": str(folder / "keys.json"),
        "GATEWAY_KEY_SECRET": KEY_SECRET,
        "GATEWAY_IDENTITY_KEY": base64.b64encode(os.urandom(32)).decode(),
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.gateway", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert process.stderr is not None
        async for line in process.stderr:
            if b"process_started" in line:
                break
        yield process, rest_port, created.text
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_calls_in_hand_are_finished_after_sigterm(tmp_path: Path) -> None:
    identity_key = Ed25519PrivateKey.generate()
    suite = ScriptedSuite(identity_key)
    await suite.start()
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow() -> jobs_pb2.Queue:
        entered.set()
        await leave.wait()
        return jobs_pb2.Queue(max_workers=3)

    suite.converter.answers["GetQueue"] = lambda _: slow()
    settings = {
        "CONVERTER_TARGET": suite.targets["converter"],
        "GATEWAY_IDENTITY_KEY": base64.b64encode(identity_key.private_bytes_raw()).decode(),
    }
    try:
        async with run_process(tmp_path, **settings) as (process, port, key), httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{port}/api/v1/queue/status"
            call = asyncio.create_task(client.get(url, headers={"X-API-KEY": key}, timeout=20))
            await entered.wait()
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            async for line in process.stderr:
                if b"process_draining" in line:
                    break
            leave.set()
            answer = await call
            assert (answer.status_code, answer.json()["queue_info"]["max_workers"]) == (200, 3)
            await process.communicate()
            assert process.returncode == 0
    finally:
        await suite.stop()


async def test_it_starts_and_says_so_while_every_service_is_away(tmp_path: Path) -> None:
    dead = f"127.0.0.1:{find_free_ports(1)[0]}"
    targets = {"PORTFOLIO_TARGET": dead, "CONVERTER_TARGET": dead, "STORAGE_TARGET": dead}
    async with run_process(tmp_path, **targets) as (_, port, _key), httpx.AsyncClient() as client:
        alive = await client.get(f"http://127.0.0.1:{port}/livez")
        health = await client.get(f"http://127.0.0.1:{port}/health", timeout=20)
    assert (alive.status_code, health.status_code, health.json()["status"]) == (200, 503, "down")
