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
from pathlib import Path
from typing import Any

from services.common.errors import RetryableError, Unavailable, WealthError
from services.common.logging import get_logger
from services.common.tasks import awake_timeout, send
from services.converter.ports import ConversionRefused

_REPLY_BYTES = 1 << 20
"""A reply holds figures and words; tables and reports are files."""
# The share of its time that an engine, with all that it started, must have had of a processor for its lateness to be
# the job's doing. It has nothing to wait for: one that had less stood still, or stood back behind others.
_OWN_SHARE = 0.5
_FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP})
# How long an engine whose pipes have closed may take to be gone.
_DEATH_S = 2.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_CAN_MEASURE = sys.platform.startswith("linux")


class EngineLostError(RetryableError):
    """The engine's process crashed under a job."""

    default_reason = "ENGINE_LOST"


class EngineUnansweredError(Unavailable):
    """The engine gave no answer, and not by the job's doing: stopped, starved of the processor, killed from outside."""

    default_reason = "ENGINE_UNANSWERED"


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
        """Runs one request. Raises ConversionRefused with the domain's reason or ENGINE_TIMED_OUT, EngineLostError,
        EngineUnansweredError."""
        async with self._slots, self._engine() as engine:
            before = measure_cpu(engine.process.pid)
            try:
                async with awake_timeout(self._timeout_s):
                    reply = await engine.ask(request)
            except TimeoutError:
                had = measure_cpu(engine.process.pid) - before
                if _CAN_MEASURE and had < _OWN_SHARE * self._timeout_s:
                    words = f"it had {had:.1f} s of a processor within {self._timeout_s:g} s"
                    raise EngineUnansweredError(words) from None
                raise ConversionRefused(f"not done within {self._timeout_s:g} s", reason="ENGINE_TIMED_OUT") from None
        if "unanswered" in reply:
            raise EngineUnansweredError(reply["unanswered"])
        if fault := reply.get("fault"):
            raise ConversionRefused(fault["message"], reason=fault["reason"])
        result: dict[str, Any] = reply["result"]
        return result

    @asynccontextmanager
    async def _engine(self) -> "AsyncIterator[_Engine]":
        engine = await self._take()
        try:
            yield engine
        except BaseException as error:
            if not isinstance(error, ConnectionError | asyncio.IncompleteReadError):
                # Whatever state it is in, it is not for the next job.
                await self._discard(engine)
                raise
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DEATH_S):
                    await engine.process.wait()
            code = engine.process.returncode
            await self._discard(engine)
            if code in _FROM_OUTSIDE:
                raise EngineUnansweredError("the process that ran the job was killed") from error
            raise EngineLostError("the process that ran the job died") from error
        engine.jobs += 1
        if engine.jobs >= self._jobs_per_process:
            await self._discard(engine)
        else:
            self._idle.append(engine)

    async def _take(self) -> "_Engine":
        """One that stands idle and lives, or a new one."""
        while self._idle:
            engine = self._idle.pop()
            if engine.process.returncode is None:
                return engine
            # Not killed for certain: it may have died long ago, and its pid be somebody else's.
            self._all.discard(engine)
        return await self._spawn()

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
        await send(stdin, json.dumps(request).encode(), b"\n")
        reply: dict[str, Any] = json.loads(await stdout.readuntil(b"\n"))
        return reply


def measure_cpu(pid: int) -> float:
    """Seconds of processors that a process, its children and theirs have had, those that have ended included."""
    try:
        # Behind the name, which may hold anything: utime, stime, and both of the children that were waited for.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # Each thread has the children that it has started itself.
        children = [child for of in Path(f"/proc/{pid}/task").glob("*/children") for child in of.read_text().split()]
    except OSError:
        return 0.0  # it has ended: its parent's count has it
    return sum(map(int, fields[11:15])) / _TICKS_PER_S + sum(measure_cpu(int(child)) for child in children)
