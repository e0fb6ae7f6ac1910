"""Calls to the storage service without a socket: its own servicer, run by a process of its own.

Takes the place of the channel below ``StorageClient``. Keeps of gRPC what the protocol must live with: deadlines,
repetition of idempotent calls that found nobody, a handler that is cancelled once its caller has died or given up,
and one that ends with its process, at any of its steps.
"""

import asyncio
import contextvars
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from grpc_health.v1 import health_pb2

from services.common.context import CallContext, current_call, serving
from services.common.errors import Internal, Unavailable, WealthError
from services.common.identity import Caller
from services.common.storage.client import IDEMPOTENT_METHODS
from services.storage.servicer import StorageServicer
from tests.simulation.loop import PROCESS, SimulatedProcess

_TRIES = 4


class StorageHost:
    """The storage process: ``die`` ends every call that it serves, and another takes its place at once."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        servicers: Sequence[StorageServicer],
        draw: random.Random,
        *,
        s3_answers: Callable[[], bool] = lambda: True,
    ) -> None:
        """``servicers`` take calls at random, as pods do: each remembers what it has seen of records, and no other.
        ``s3_answers`` is what the health check looks at."""
        self._loop = loop
        self._s3_answers = s3_answers
        self._servicers = servicers
        self._draw = draw
        self._process = SimulatedProcess("storage")
        self._serving: dict[int, tuple[asyncio.Task[Any], asyncio.Future[Any], SimulatedProcess | None]] = {}
        self._numbers = 0
        # On whose behalf a step of the storage process is done.
        self.client: contextvars.ContextVar[SimulatedProcess | None] = contextvars.ContextVar("client", default=None)

    def die(self) -> None:
        """Kills the process: what it was doing stays undone from here on."""
        self._process.is_dead = True
        self._process = SimulatedProcess("storage")
        for _, answer, _ in self._serving.values():
            if not answer.done():
                answer.set_exception(_nobody())
        self._serving.clear()

    def leave(self, client: SimulatedProcess) -> None:
        """A client has died: half of what is being done for it is cancelled, the rest was as good as done."""
        for task, _, of in list(self._serving.values()):
            if of is client and self._draw.random() < 0.5:
                task.cancel()

    async def call(self, service: str, method: str, request: Any, timeout_s: float) -> Any:
        """One call with gRPC's own repetitions."""
        tries = _TRIES if method in IDEMPOTENT_METHODS else 1
        deadline = self._loop.time() + timeout_s
        for number in range(1, tries + 1):
            try:
                return await self._call_once(service, method, request, deadline)
            except Unavailable:
                pause_s = min(1.0, 0.2 * 2 ** (number - 1)) * (0.8 + 0.4 * self._draw.random())
                if number == tries or self._loop.time() + pause_s >= deadline:
                    raise
                await asyncio.sleep(pause_s)
        raise AssertionError("unreachable")

    async def _call_once(self, service: str, method: str, request: Any, deadline: float) -> Any:
        call = current_call()
        assert call.principal is not None
        served = CallContext(call.request_id, call.principal, Caller(service, call.principal))
        answer: asyncio.Future[Any] = self._loop.create_future()
        context = contextvars.Context()
        context.run(PROCESS.set, self._process)
        context.run(self.client.set, PROCESS.get())
        task = self._loop.create_task(self._serve(served, method, request, answer), context=context)
        self._numbers += 1
        number = self._numbers
        self._serving[number] = (task, answer, PROCESS.get())
        timer = self._loop.call_at(deadline, _give_up, answer)
        try:
            return await answer
        finally:
            timer.cancel()
            self._serving.pop(number, None)
            if not task.done():
                task.cancel()

    async def _serve(self, call: CallContext, method: str, request: Any, answer: "asyncio.Future[Any]") -> None:
        with serving(call):
            try:
                result = await getattr(self._draw.choice(self._servicers), method)(request, None)
            except WealthError as error:
                if not answer.done():
                    answer.set_exception(error)
            except Exception as error:  # noqa: BLE001 - as the server's interceptor does
                if not answer.done():
                    answer.set_exception(Internal(f"internal error: {error!r}"))
            else:
                if not answer.done():
                    answer.set_result(result)

    async def check(self, _request: Any, timeout: float = 2) -> health_pb2.HealthListResponse:  # noqa: ASYNC109
        """What health says of S3."""
        await asyncio.sleep(0)
        status = health_pb2.HealthCheckResponse
        s3 = status(status=status.SERVING if self._s3_answers() else status.NOT_SERVING)
        return health_pb2.HealthListResponse(statuses={"s3": s3})

    async def stream(self, service: str, method: str, request: Any) -> AsyncIterator[Any]:
        """A call that is answered in parts, served by the caller's own steps."""
        call = current_call()
        assert call.principal is not None
        with serving(CallContext(call.request_id, call.principal, Caller(service, call.principal))):
            messages = getattr(self._draw.choice(self._servicers), method)(request, None)
            while True:
                message = await anext(messages, None)
                if message is None:
                    return
                yield message


class StorageChannel:
    """What ``StorageClient`` makes its stubs from."""

    def __init__(self, host: StorageHost, service: str) -> None:
        self._host = host
        self._service = service

    def unary_unary(self, path: str, *_codec: Any, **_options: Any) -> Callable[..., Awaitable[Any]]:
        """A call with one request."""
        method = path.rpartition("/")[2]
        if path.startswith("/grpc.health"):
            return self._host.check
        return lambda request, timeout=10: self._host.call(self._service, method, request, timeout)

    stream_unary = unary_unary

    def unary_stream(self, path: str, *_codec: Any, **_options: Any) -> Callable[..., Any]:
        """A call answered in parts."""
        method = path.rpartition("/")[2]
        return lambda request, timeout=10: _Download(self._host.stream(self._service, method, request))

    stream_stream = unary_stream

    async def close(self) -> None:
        """Nothing to close."""


class _Download:
    def __init__(self, messages: AsyncIterator[Any]) -> None:
        self._messages = messages

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._messages

    def cancel(self) -> None:
        """What is not read is not sent."""


def _give_up(answer: "asyncio.Future[Any]") -> None:
    if not answer.done():
        answer.set_exception(Unavailable("the call took too long", reason="DEADLINE_EXCEEDED"))


def _nobody() -> Unavailable:
    return Unavailable("the service does not answer", reason="SERVICE_UNAVAILABLE", retry_after_s=1)
