"""The engines of a worker: processes started as fresh interpreters, each with one job at a time, killed for certain.

Killing is how a job is cancelled or ended over its time; the next job gets a new process.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from services.common.errors import RetryableError, WealthError
from services.common.logging import get_logger
from services.converter.ports import ConversionRefused

_REPLY_BYTES = 1 << 20


class EngineLostError(RetryableError):
    """The engine's process died under a job: out of memory, or killed from outside."""

    default_reason = "ENGINE_LOST"


class EnginePool:
    """At most ``size`` engines, started when they are needed. Implements ``ports.ConversionEngine``."""

    def __init__(self, *, size: int, niceness: int, memory_bytes: int, jobs_per_process: int, timeout_s: float) -> None:
        self._slots = asyncio.Semaphore(size)
        self._idle: list[_Engine] = []
        self._arguments = (str(niceness), str(memory_bytes))
        self._jobs_per_process = jobs_per_process
        self._timeout_s = timeout_s
        self._all: set[_Engine] = set()

    async def start(self) -> None:
        """Starts one engine ahead of the first job."""
        engine = await self._spawn()
        self._idle.append(engine)

    async def drain(self) -> None:
        """The jobs in hand are the worker's to drain."""

    async def stop(self) -> None:
        """Kills all engines."""
        for engine in tuple(self._all):
            await self._discard(engine)

    async def run(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Runs one request. Raises ConversionRefused with the domain's reason, EngineLostError, or JOB_TIMEOUT."""
        async with self._slots, self._engine() as engine:
            try:
                async with asyncio.timeout(self._timeout_s):
                    reply = await engine.ask(request)
            except TimeoutError:
                raise ConversionRefused(f"not done within {self._timeout_s:g} s", reason="ENGINE_TIMED_OUT") from None
        if fault := reply.get("fault"):
            raise ConversionRefused(fault["message"], reason=fault["reason"])
        result: dict[str, Any] = reply["result"]
        return result

    @asynccontextmanager
    async def _engine(self) -> "AsyncIterator[_Engine]":
        engine = self._idle.pop() if self._idle else await self._spawn()
        try:
            yield engine
        except BaseException as error:
            # Whatever state it is in, it is not for the next job.
            await self._discard(engine)
            if isinstance(error, ConnectionError | asyncio.IncompleteReadError):
                raise EngineLostError("the process that ran the job died") from error
            raise
        engine.jobs += 1
        if engine.jobs >= self._jobs_per_process:
            await self._discard(engine)
        else:
            self._idle.append(engine)

    async def _spawn(self) -> "_Engine":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.converter.adapters.engine_process",
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_REPLY_BYTES,
            # Nothing of this process's settings, and so no secret, is the engine's business.
            env={key: os.environ[key] for key in ("PATH", "PYTHONPATH", "TMPDIR", "LANG", "HOME") if key in os.environ},
        )
        engine = _Engine(process)
        self._all.add(engine)
        return engine

    async def _discard(self, engine: "_Engine") -> None:
        self._all.discard(engine)
        # It is its group's leader as soon as it has run its first line.
        for kill in (os.kill, os.killpg):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(engine.process.pid, signal.SIGKILL)
        code = await engine.process.wait()
        get_logger().info("engine_ended", jobs=engine.jobs, code=code)


class _Engine:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.jobs = 0

    async def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise WealthError("an engine without pipes")
        stdin.write(json.dumps(request).encode() + b"\n")
        await stdin.drain()
        reply: dict[str, Any] = json.loads(await stdout.readuntil(b"\n"))
        return reply
