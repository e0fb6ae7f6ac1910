"""Calls to other services, each with the caller's identity, request id, trace and a deadline.

grpc.aio has interceptors for this. They put a task and several turns of the event loop around every call, a fifth of a
millisecond on a hop that takes one; here the metadata is made before the call, which then is grpc.aio's own.

While a service's pods are replaced, there is a moment without any connection to it: the old ones have gone, and the
names of the new ones are being looked up. A call that comes in that moment waits for the connection. It has not been
sent, so waiting is safe for every method. Where there is one process of a service, its restart takes longer: calls that
may be made twice wait for it within their deadline, and are made again where it went away with them.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Container, Coroutine
from functools import partial
from random import uniform
from typing import Any

import grpc
import grpc.aio

from services.common import tracing
from services.common.context import REQUEST_ID_HEADER, UNATTENDED_HEADER, current_call
from services.common.identity import TokenSigner
from services.common.interceptors import AUTHORIZATION, SERVER_FAULTS, rpc_attributes
from services.common.tasks import stop_task

# What a stub calls, and what it gets back: typed by the generated stubs, not here.
_Call = Callable[..., Any]
# How long a service may be without a connection before calls to it fail at once. Above what a rollout leaves open: the
# look-up of names (at most one a second), a stale answer (CoreDNS keeps one for 5 s, of which a pod's pause before its
# stop covers all but the cluster's own delay), and a try to connect (at most 2 s apart).
RECOVERY_WAIT_S = 5.0
# The same for calls that may be made twice: above what a process takes to start on a busy machine.
PATIENCE_S = 30.0
# What of its time a call spends waiting at most, so that it ends with what is wrong and not with its deadline.
_WAITED_SHARE, _PATIENT_SHARE = 0.5, 0.9
_REPEAT_PAUSE_S = 0.2
_DETAILS = "grpc-status-details-bin"
# What grpc.aio says of a write that failed.
_FAILED_WRITE = "Internal error from Core"

_FORMER_CHANNELS = 12


class Outage:
    """How long a service has been away, as far as calls to it noticed. Times are in seconds, of a monotonic clock."""

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._began = self._noticed = float("-inf")

    def remaining_s(self, now: float) -> float:
        """Notes that the service is away; returns how much longer calls should wait for it, 0 where no longer."""
        if now - self._noticed > self._wait_s:  # nobody asked for so long that this may well be another outage
            self._began = now
        self._noticed = now
        return max(0.0, self._began + self._wait_s - now)

    def end(self) -> None:
        """Notes that the service is there."""
        self._noticed = float("-inf")


class OutgoingChannel(grpc.aio.Channel):
    """A channel to the service ``audience``. Unary calls end after ``call_timeout_s`` where the caller says nothing.

    Calls that answer once wait up to ``recovery_wait_s`` for a connection that is lost, from when it was noticed. After
    that the channel is made anew as often: a name without addresses, as of a service that is scaled to zero, is looked
    up by gRPC ever more rarely (after minutes only every two), and nothing but another channel looks at once.

    Calls of ``repeatable`` methods (by path), and such as carry a ``request_id``, wait up to ``patience_s`` instead,
    and are made again where the service went away before it answered.
    """

    def __init__(
        self,
        make_channel: Callable[[], grpc.aio.Channel],
        *,
        audience: str,
        signer: TokenSigner,
        call_timeout_s: float,
        recovery_wait_s: float = RECOVERY_WAIT_S,
        repeatable: Container[str] = (),
        patience_s: float = PATIENCE_S,
        note_answer: Callable[[int], None] | None = None,
    ) -> None:
        self._make_channel = make_channel
        self._channel = make_channel()
        # Answers in parts may still be under way on those of the last minute.
        self._former: deque[grpc.aio.Channel] = deque(maxlen=_FORMER_CHANNELS)
        self._made_at = time.monotonic()
        self._recovery_wait_s = recovery_wait_s
        self._repeatable = repeatable
        self._outage = Outage(recovery_wait_s)
        self._long_outage = Outage(patience_s)
        self._audience = audience
        self._signer = signer
        self._call_timeout_s = call_timeout_s
        self._note_answer = note_answer

    def unary_unary(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Makes what calls a method; each call is a span of its own where traces are recorded."""
        if self._note_answer is not None:
            options["response_deserializer"] = _noting(self._note_answer, options.get("response_deserializer"))
        start = self._starting("unary_unary", method, *arguments, **options)

        def call(request: Any, *, timeout: float | None = None, **more: Any) -> Any:
            more["timeout"] = self._call_timeout_s if timeout is None else timeout
            if tracing.is_recording():
                return self._record(method, start, request, more)
            return self._call(method, start, request, {**self._complete(method, more), "wait_for_ready": True})

        return call

    def unary_stream(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Makes what calls a method that answers with a stream."""
        return self._completing(method, self._starting("unary_stream", method, *arguments, **options))

    def stream_unary(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Makes what calls a method that takes a stream; what the stream raises ends the call and is raised."""
        start = partial(_upload, self._starting("stream_unary", method, *arguments, **options))
        return lambda requests, **more: self._send(start, requests, self._complete(method, more))

    def stream_stream(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Makes what calls a method with streams both ways."""
        return self._completing(method, self._starting("stream_stream", method, *arguments, **options))

    def _starting(self, shape: str, method: str, *arguments: Any, **options: Any) -> _Call:
        """What starts a call on the channel that there is at the time."""
        of = self._channel
        start: _Call = getattr(of, shape)(method, *arguments, **options)

        def start_now(request: Any, **more: Any) -> Any:
            nonlocal of, start
            if of is not self._channel:
                of = self._channel
                start = getattr(of, shape)(method, *arguments, **options)
            return start(request, **more)

        return start_now

    def _completing(self, method: str, start: _Call) -> _Call:
        return lambda request, **options: start(request, **self._complete(method, options))

    def _complete(self, method: str, options: dict[str, Any]) -> dict[str, Any]:
        """A call's options, with what every call carries added to its metadata."""
        call = current_call()
        metadata = [*(options.get("metadata") or ()), (REQUEST_ID_HEADER, call.request_id)]
        if call.principal is not None:
            metadata.append((AUTHORIZATION, f"Bearer {self._signer.sign(self._audience, method, call.principal)}"))
        metadata.extend(tracing.trace_headers().items())
        if not tracing.is_in_trace():
            metadata.append((UNATTENDED_HEADER, "1"))
        return {**options, "metadata": tuple(metadata)}

    def _call(self, method: str, start: _Call, request: Any, options: dict[str, Any]) -> Any:
        """Makes a unary call; to be awaited."""
        if method in self._repeatable or getattr(request, "request_id", None):
            return self._insist(start, request, options)
        return self._send(start, request, options)

    async def _insist(self, start: _Call, request: Any, options: dict[str, Any]) -> Any:
        """Makes a call, and makes it again where the service was lost before it answered, within the call's time."""
        timeout_s, begun = options["timeout"], time.monotonic()
        patient_until = float("inf")
        while True:
            try:
                return await self._send(start, request, options, is_patient=True)
            except grpc.aio.AioRpcError as failure:
                now = time.monotonic()
                options["timeout"] = timeout_s - (now - begun)
                is_late = options["timeout"] < timeout_s * (1 - _PATIENT_SHARE)
                # A try may take longer than the patience, so that each would look like another outage.
                patient_until = min(patient_until, now + self._long_outage.remaining_s(now))
                if not _is_lost(failure) or is_late or now >= patient_until:
                    raise
            await asyncio.sleep(_REPEAT_PAUSE_S * uniform(0.5, 1.5))

    def _send(self, start: _Call, request: Any, options: dict[str, Any], *, is_patient: bool = False) -> Any:
        """Starts a call that answers once, or waits for a connection first; either is to be awaited.

        Where the connection is lost between this look and gRPC's own, ``wait_for_ready`` lets a call wait up to its
        deadline: unary calls have a short one, uploads do not.
        """
        if self._channel.get_state() is grpc.ChannelConnectivity.READY:
            self._note_connection()
            return start(request, **options)
        return self._send_when_connected(start, request, options, is_patient=is_patient)

    async def _send_when_connected(
        self, start: _Call, request: Any, options: dict[str, Any], *, is_patient: bool
    ) -> Any:
        timeout_s, begun = options.get("timeout"), time.monotonic()
        options = {**options}
        outage, share = (self._long_outage, _PATIENT_SHARE) if is_patient else (self._outage, _WAITED_SHARE)
        wait_s = outage.remaining_s(begun)
        is_connected = await self._connect(wait_s if timeout_s is None else min(wait_s, timeout_s * share))
        if not is_connected:
            options["wait_for_ready"] = False  # gRPC says, in its own words, what is wrong with the connection
        if timeout_s is not None:
            options["timeout"] = max(0.0, timeout_s - (time.monotonic() - begun))
        try:
            return await start(request, **options)
        except grpc.aio.AioRpcError as failure:
            if is_connected or failure.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                raise
            if self._channel.get_state() is grpc.ChannelConnectivity.READY:
                raise
            # The time ended while gRPC tried once more to connect: what is wrong is the connection.
            raise _no_connection(failure, self._audience) from failure

    async def _connect(self, wait_s: float) -> bool:
        """Waits so long for a connection, on channels made anew now and then; returns whether there is one."""
        deadline = time.monotonic() + wait_s
        while True:
            until_s = min(deadline, max(time.monotonic(), self._made_at + self._recovery_wait_s))
            try:
                async with asyncio.timeout(until_s - time.monotonic()):
                    await self._channel.channel_ready()
            except TimeoutError:
                now = time.monotonic()
                if now - self._made_at >= self._recovery_wait_s:
                    self._former.append(self._channel)
                    self._channel, self._made_at = self._make_channel(), now
                if now >= deadline:
                    return False
            else:
                self._note_connection()
                return True

    def _note_connection(self) -> None:
        self._outage.end()
        self._long_outage.end()

    async def _record(self, method: str, start: _Call, request: Any, options: dict[str, Any]) -> Any:
        name = method.removeprefix("/")
        with tracing.calling(name, attributes=rpc_attributes(method)):
            code = grpc.StatusCode.OK
            try:
                return await self._call(
                    method, start, request, {**self._complete(method, options), "wait_for_ready": True}
                )
            except grpc.aio.AioRpcError as failure:
                code = failure.code()
                raise
            except asyncio.CancelledError:
                code = grpc.StatusCode.CANCELLED
                raise
            finally:
                tracing.describe_span({"rpc.grpc.status_code": code.value[0]}, failed=code in SERVER_FAULTS)

    async def __aenter__(self) -> "OutgoingChannel":
        """Opens nothing: channels connect on first use."""
        return self

    async def __aexit__(self, *_failure: object) -> None:
        """Closes the channel."""
        await self.close()

    async def close(self, grace: float | None = None) -> None:
        """Ends the calls in hand after ``grace`` seconds, or at once."""
        await asyncio.gather(*(channel.close(grace) for channel in (self._channel, *self._former)))

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """How the connection stands."""
        return self._channel.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Waits until the connection stands otherwise."""
        await self._channel.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Waits until the channel is connected."""
        await self._channel.channel_ready()


def _noting(note_answer: Callable[[int], None], deserialize: Callable[[bytes], Any] | None) -> Callable[[bytes], Any]:
    """A parser of answers that tells their size first."""

    def read(content: bytes) -> Any:
        note_answer(len(content))
        return deserialize(content) if deserialize else content

    return read


async def _upload(start: _Call, requests: AsyncIterator[Any], **options: Any) -> Any:
    """Makes a call that takes a stream. Raises what the server said, however many writes failed because it had said it.

    Nothing is asked of ``requests`` any more once this returns.
    """
    call = start(None, **options)
    status = _FirstStatus(call)
    writing = asyncio.create_task(_write_all(call, requests))
    try:
        return await call
    except grpc.aio.AioRpcError as failure:
        raise status.failure or failure from None
    except asyncio.CancelledError:
        if writing.done() and not writing.cancelled() and (failed := writing.exception()) is not None:
            raise failed from None
        raise
    finally:
        await stop_task(writing)


async def _write_all(call: Any, requests: AsyncIterator[Any]) -> None:
    try:
        async for request in requests:
            try:
                await call.write(request)
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                return  # the call is over, and says itself why
        await call.done_writing()
    except Exception:
        call.cancel()
        raise


class _FirstStatus:
    """The status that a call's server ended it with.

    grpc.aio writes INTERNAL over it where a write fails that was begun before the status was seen
    (https://github.com/grpc/grpc/issues/36066). It tells of each status as it is set.
    """

    def __init__(self, call: Any) -> None:
        self.failure: grpc.aio.AioRpcError | None = None
        call.add_done_callback(self._note)

    def _note(self, call: Any) -> None:
        code, details = _result_of(call.code()), _result_of(call.details())
        is_grpcs_own = (code, details) == (grpc.StatusCode.INTERNAL, _FAILED_WRITE)
        if self.failure is None and code is not grpc.StatusCode.OK and not is_grpcs_own:
            self.failure = grpc.aio.AioRpcError(
                code,
                _result_of(call.initial_metadata()),
                _result_of(call.trailing_metadata()),
                details=details,
                debug_error_string=_result_of(call.debug_error_string()),
            )


def _result_of(known: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that has nothing to wait for."""
    try:
        known.send(None)
    except StopIteration as ended:
        return ended.value
    finally:
        known.close()
    raise RuntimeError("it waits for something")


def _no_connection(failure: grpc.aio.AioRpcError, audience: str) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE,
        failure.initial_metadata(),
        failure.trailing_metadata(),
        details=f"no connection to {audience} within the time of the call",
        debug_error_string=failure.debug_error_string(),
    )


def _is_lost(failure: grpc.aio.AioRpcError) -> bool:
    """Whether the service went away before it answered. What a service itself says comes with details."""
    if failure.code() not in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}:
        return False
    return not any(key == _DETAILS for key, _ in failure.trailing_metadata() or ())
