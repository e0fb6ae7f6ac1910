"""Work on large inputs in a process of its own: a parser in C holds the interpreter's lock, in a thread as well, and
with it every call of the process.

``python -m services.common.other_process`` is that process: it reads calls from its standard input until that ends.
"""

import asyncio
import contextlib
import os
import pickle
import resource
import struct
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

from services.common.core_files import leave_no_core_files
from services.common.errors import Exhausted, Unavailable, WealthError
from services.common.logging import get_logger
from services.common.tasks import send

# Up to here a parse takes a few milliseconds at worst (64 KiB of the densest JSON: 5 ms), which is what handing it over
# and back takes; a fair call's body is smaller.
SMALL_BYTES = 64 * 1024
_LENGTH = struct.Struct("<Q")
_TIMEOUT_S = 30.0
_MAX_WAITING = 16
_MEMORY_BYTES = 1 << 30
_NICENESS = 5

Result = TypeVar("Result")


class OtherProcess:
    """One process for one call at a time. A component of the process that it serves."""

    def __init__(self, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: Process | None = None

    async def start(self) -> None:
        """Starts it, before there are calls: a fork of a process with much in memory would hold them up."""
        self._process = await self._spawn()

    async def drain(self) -> None:
        """Does nothing: calls in hand still need it."""

    async def stop(self) -> None:
        """Ends it."""
        await self._end()

    async def run(self, size: int, function: Callable[..., Result], *arguments: Any) -> Result:
        """Calls a function of a module, here where ``size`` bytes of input are few, otherwise there.

        Arguments and result are pickled: a result should be smaller than what the input is parsed to. Raises what the
        function raises of the suite's errors, Exhausted where too many wait, Unavailable where the process fails.
        """
        if size <= SMALL_BYTES:
            return function(*arguments)
        if self._waiting >= _MAX_WAITING:
            raise Exhausted("too many large bodies at once", reason="TOO_MANY_LARGE_BODIES", retry_after_s=2)
        self._waiting += 1
        try:
            async with self._turn:
                return await self._ask(function, arguments)
        finally:
            self._waiting -= 1

    async def _ask(self, function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
        if self._process is None or self._process.returncode is not None:
            self._process = await self._spawn()
        process = self._process
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - it was made with pipes
        request = pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL)
        try:
            async with asyncio.timeout(self._timeout_s):
                await send(process.stdin, _LENGTH.pack(len(request)), request)
                (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
                reply = await process.stdout.readexactly(length)
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            await self._end()
            get_logger().warning(
                "other_process_lost", error=type(error).__name__, function=repr(getattr(function, "func", function))
            )
            raise Unavailable("the body could not be read in time", reason="BODY_NOT_READ") from error
        except BaseException:
            await self._end()  # an answer that nobody waits for any more must not be the next call's
            raise
        failed, result = pickle.loads(reply)  # noqa: S301 - our own process's
        if failed:
            raise result
        answer: Result = result
        return answer

    async def _spawn(self) -> Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.common.other_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Nothing of this process's settings, and so no secret, is the other's business.
            env={key: os.environ[key] for key in ("PATH", "PYTHONPATH", "LANG", "HOME") if key in os.environ},
        )

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _serve(requests: BinaryIO, replies: BinaryIO) -> None:
    while head := requests.read(_LENGTH.size):
        function, arguments = pickle.loads(requests.read(_LENGTH.unpack(head)[0]))  # noqa: S301 - the parent's
        try:
            reply = (False, function(*arguments))
        except WealthError as error:
            error.__cause__ = error.__context__ = None
            reply = (True, error.with_traceback(None))
        content = pickle.dumps(reply, pickle.HIGHEST_PROTOCOL)
        replies.write(_LENGTH.pack(len(content)))
        replies.write(content)
        replies.flush()
        del function, arguments, reply, content


if __name__ == "__main__":
    # What interrupts its parent's group is not for it. A session of its own would do that too, but niceness counts for
    # nothing between sessions (sched(7), autogroup).
    os.setpgid(0, 0)
    leave_no_core_files()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    os.nice(_NICENESS)
    _serve(sys.stdin.buffer, sys.stdout.buffer)
