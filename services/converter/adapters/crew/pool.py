"""The worker's side of the crew: starts the fork server, opens a child for each job, puts its questions."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.common.errors import RetryableError
from services.common.logging import get_logger
from services.common.tasks import send
from services.converter.domain.crew.budget import Usage
from services.converter.ports import CrewSession, Question, Reply

_LINE_BYTES = 4 << 20
_IMPORT_S = 120.0
_GRACE_S = 10.0
"""A line holds an answer of the most tokens that a call may have, as JSON; importing the crew takes seconds, and on a
busy machine a minute; after its own limit a child has this time to say so before it is killed."""
# The interpreter is isolated from the environment (-I), so it is told where this installation's packages are.
_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv.pop()); "
    "from services.converter.adapters.crew.server import main; main()"
)
_QUIET = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_TRACKING": "true",
    "CREWAI_TRACING_ENABLED": "false",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "OTEL_SDK_DISABLED": "true",
    "ANONYMIZED_TELEMETRY": "false",
    "MALLOC_ARENA_MAX": "2",  # a job's few threads need no heap each
}
_PASSED_ON = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


class CrewLostError(RetryableError):
    """The crew's fork server could not be started, or its child died before it was ready."""

    default_reason = "CREW_LOST"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The model: ``provider`` is crewai's name of the protocol that ``base_url`` speaks."""

    base_url: str
    model: str
    api_key: str = field(repr=False)
    temperature: float = 0.0
    provider: str = "openai"


class CrewPool:
    """One fork server, started with the process. A component; implements ``ports.Crew``."""

    def __init__(
        self, endpoint: Endpoint, *, process_bytes: int, niceness: int = 10, work_dir: Path | None = None
    ) -> None:
        if not endpoint.api_key:
            raise ValueError("an endpoint without a key gets a word in its place")
        self._endpoint = endpoint
        self._process_bytes = process_bytes
        self._niceness = niceness
        self._work_dir = work_dir
        self._lock = asyncio.Lock()
        self._server: Process | None = None
        self._control: socket.socket | None = None
        self._home: tempfile.TemporaryDirectory[str] | None = None

    @property
    def server_pid(self) -> int | None:
        """The fork server's process id, while it runs."""
        return self._server.pid if self._server is not None and self._server.returncode is None else None

    async def start(self) -> None:
        """Starts the import ahead of the first job; does not wait for it."""
        async with self._lock:
            await self._start_server()

    async def drain(self) -> None:
        """The jobs in hand are the worker's to drain."""

    async def stop(self) -> None:
        """Ends the fork server and every child."""
        async with self._lock:
            await self._stop_server()

    @asynccontextmanager
    async def open(self, *, time_s: float) -> AsyncIterator[CrewSession]:
        """A job's agents; see `ports.Crew.open`."""
        with tempfile.TemporaryDirectory(prefix="wealth-crew-", dir=self._work_dir) as directory:
            session = _Session(self, directory, time_s)
            try:
                yield session
            finally:
                await session.close()

    def redact(self, line: bytes) -> bytes:
        """What came back without the key: an endpoint may repeat it."""
        return line.replace(self._endpoint.api_key.encode(), b"[key]")

    async def connect(self, directory: str, time_s: float) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A child that is ready. Raises CrewLostError."""
        ours, theirs = socket.socketpair()
        limits = {"lifetime_s": time_s + _GRACE_S, "process_bytes": self._process_bytes}
        async with self._lock:
            try:
                with theirs:
                    control = await self._start_server()
                    socket.send_fds(control, [json.dumps(limits).encode()], [theirs.fileno()])
            except OSError as error:
                ours.close()
                await self._stop_server()
                raise CrewLostError("the crew's process could not be started") from error
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=ours, limit=_LINE_BYTES)
        try:
            await _send(writer, {"directory": directory, "endpoint": asdict(self._endpoint)})
            async with asyncio.timeout(_IMPORT_S):
                if not json.loads(await reader.readuntil(b"\n")).get("ready"):
                    raise CrewLostError("the crew's process died before it was ready")
        except BaseException as error:
            writer.close()
            if isinstance(error, TimeoutError | ConnectionError | asyncio.IncompleteReadError):
                raise CrewLostError("the crew's process died before it was ready") from error
            raise
        return reader, writer

    async def _start_server(self) -> socket.socket:
        if self._control is not None and self._server is not None and self._server.returncode is None:
            return self._control
        await self._stop_server()
        self._home = tempfile.TemporaryDirectory(prefix="wealth-crew-home-", dir=self._work_dir)
        home = self._home.name
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._server = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-c", _START, str(theirs.fileno()), str(self._niceness), json.dumps(sys.path)),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                # What libraries print may hold what was asked; nothing of it is for a log.
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=home,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ}
                | {"HOME": home, "CREWAI_STORAGE_DIR": home, "TMPDIR": home, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
                | _QUIET,
            )
        self._control = ours
        return ours

    async def _stop_server(self) -> None:
        if self._control is not None:
            self._control.close()  # it kills its children and ends
            self._control = None
        if self._server is not None:
            try:
                async with asyncio.timeout(1):
                    await self._server.wait()
            except TimeoutError:
                # It is its group's leader as soon as it has run its first line.
                for kill in (os.kill, os.killpg):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        kill(self._server.pid, signal.SIGKILL)
                await self._server.wait()
            get_logger().info("crew_ended", code=self._server.returncode)
            self._server = None
        if self._home is not None:
            self._home.cleanup()
            self._home = None


class _Session:
    """One job's child; a child that was lost or hung is replaced for the next question."""

    def __init__(self, pool: CrewPool, directory: str, time_s: float) -> None:
        self._pool = pool
        self._directory = directory
        self._ends_at = asyncio.get_running_loop().time() + time_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, question: Question) -> Reply:
        """Puts a question; a child that does not answer in time is killed. Raises CrewLostError."""
        left_s = self._ends_at - asyncio.get_running_loop().time()
        if self._streams is None:
            self._streams = await self._pool.connect(self._directory, max(1.0, left_s))
        reader, writer = self._streams
        try:
            # The endpoint's own timeout is for each read: an answer that drips is ended here.
            async with asyncio.timeout(question.timeout_s + _GRACE_S / 5):
                await _send(writer, asdict(question))
                line = await reader.readuntil(b"\n")
        except TimeoutError:
            await self.close()
            return Reply(None, fault="unavailable", message="it did not answer in time")
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await self.close()
            return Reply(None, fault="unavailable", message="the process that asked it died")
        except BaseException:
            await self.close()
            raise
        fields = json.loads(self._pool.redact(line))
        if "exit" in fields:
            await self.close()
            return Reply(None, fault="unavailable", message="the process that asked it died")
        usage = Usage(int(fields["prompt_tokens"]), int(fields["completion_tokens"]))
        return Reply(
            fields.get("answer"),
            usage,
            fields.get("fault", ""),
            fields.get("message", ""),
            was_cut=bool(fields.get("was_cut")),
            retry_after_s=float(fields.get("retry_after_s", 0.0)),
            others=tuple(fields.get("others", ())),
        )

    async def close(self) -> None:
        """Hangs up: the fork server then kills the child."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _send(writer: asyncio.StreamWriter, content: dict[str, Any]) -> None:
    await send(writer, json.dumps(content).encode(), b"\n")
