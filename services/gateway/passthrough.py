"""The gRPC door: public methods of the services by path, their bytes untouched, behind the same keys as REST.

What is not listed as public does not exist here: a new method, and all of storage's records and objects, answer
UNIMPLEMENTED until somebody opens them on purpose. Incoming metadata is dropped but for the key, the request id and the
trace; who is calling goes on as a signed principal.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
import grpc.aio
from google.protobuf.descriptor import ServiceDescriptor
from wealth.converter.v1 import converter_pb2
from wealth.events.v1 import events_pb2
from wealth.portfolio.v1 import portfolio_pb2
from wealth.storage.v1 import storage_pb2

from services.common.context import REQUEST_ID_HEADER, CallContext, accept_request_id, current_call, serving
from services.common.errors import Internal, InvalidInput, TooLarge, Unauthenticated, Unavailable, WealthError
from services.common.incoming import Incoming, up_to
from services.common.interceptors import read_request
from services.common.logging import get_logger
from services.common.status import from_rpc_error, grpc_code, to_bare_status, to_rpc_status
from services.common.tracing import continue_trace
from services.gateway.admission import ANY_SCOPE, Admission, Occupies
from services.gateway.audit import AuditLine
from services.gateway.domain.pace import GRACE_S, Pace
from services.gateway.domain.shares import CALL_BYTES, CHANGE_CALLS, Kind
from services.gateway.grpc_front import GrpcFront

API_KEY = "x-api-key"
_DETAILS = "grpc-status-details-bin"
# What comes back beside the status: its details. Everything else is between the gateway and the service.
_PASSED_TRAILERS = frozenset({_DETAILS})
# How the names of methods begin that change nothing and begin no work (a check of claims is some).
_READS = ("Get", "List", "Watch", "Download", "Explain")

_PUBLIC: Sequence[tuple[str, ServiceDescriptor, str, tuple[str, ...]]] = (
    (
        "portfolio",
        portfolio_pb2.DESCRIPTOR.services_by_name["PortfolioService"],
        "portfolio",
        (
            "CreateTask", "GetTask", "GetTaskReport", "ListTasks", "WatchTask", "CancelTask", "DeleteTask", "GetQueue",
            "CheckClaims", "DeleteUser",
        ),
    ),
    (
        "portfolio",
        portfolio_pb2.DESCRIPTOR.services_by_name["PortfolioService"],
        "admin",
        ("ReplayTask", "ImportTask", "ListDeadLetters"),
    ),
    (
        "converter",
        converter_pb2.DESCRIPTOR.services_by_name["ConverterService"],
        "converter",
        (
            "CreateTraining", "CreateInference", "GetJob", "ListJobs", "WatchJob", "CancelJob", "DeleteJob",
            "DeleteUser", "DownloadArtifact", "GetQueue", "TeachTraining", "ListQuestions", "ListVersions",
            "RollbackTraining", "ExplainTraining",
        ),
    ),
    (
        "converter",
        converter_pb2.DESCRIPTOR.services_by_name["ConverterService"],
        "admin",
        ("ReplayJob", "ImportJob", "ListDeadLetters"),
    ),
    (
        "storage",
        storage_pb2.DESCRIPTOR.services_by_name["StorageService"],
        "files",
        ("UploadFile", "GetFile", "ListFiles", "DownloadFile", "DeleteFile"),
    ),
    # Any key may watch: of which services it hears is said by its other scopes.
    ("events", events_pb2.DESCRIPTOR.services_by_name["EventsService"], ANY_SCOPE, ("WatchEvents",)),
    (
        "events",
        events_pb2.DESCRIPTOR.services_by_name["EventsService"],
        "webhooks",
        (
            "CreateWebhook", "GetWebhook", "ListWebhooks", "RotateWebhookSecret", "EnableWebhook", "DisableWebhook",
            "DeleteWebhook", "ListUndelivered", "ReplayUndelivered",
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublicMethod:
    """A method that the door opens: whose it is, the scope that it takes, and its shape."""

    path: str
    backend: str
    scope: str
    client_streaming: bool
    server_streaming: bool

    @property
    def occupies(self) -> Occupies:
        """What a call of it takes up."""
        return Occupies.WATCH if self.path.rpartition("/")[2].startswith("Watch") else Occupies.CALL

    @property
    def kind(self) -> Kind:
        """What a call of it counts as in its tenant's share."""
        return Kind(self.path, 1.0 if self.path.rpartition("/")[2].startswith(_READS) else CHANGE_CALLS)


def public_methods() -> Mapping[str, PublicMethod]:
    """All methods that the door opens, by path."""
    methods = {}
    for backend, service, scope, names in _PUBLIC:
        for name in names:
            method = service.methods_by_name[name]
            path = f"/{service.full_name}/{name}"
            methods[path] = PublicMethod(path, backend, scope, method.client_streaming, method.server_streaming)
    return methods


class PassThrough(grpc.GenericRpcHandler):
    """Hands calls on to the services. ``closing`` ends watches when the process drains; clients resume them.

    Watches also end within ``recheck_s`` of their key's being revoked.
    """

    def __init__(
        self,
        channels: Mapping[str, grpc.aio.Channel],
        admission: Admission,
        front: GrpcFront,
        *,
        closing: asyncio.Event,
        call_timeout_s: float,
        max_upload_bytes: int,
        recheck_s: float,
    ) -> None:
        self._admission = admission
        self._front = front
        self._closing = closing
        self._call_timeout_s = call_timeout_s
        self._max_upload_bytes = max_upload_bytes
        self._recheck_s = recheck_s
        self._handlers = {
            path: self._make_handler(method, channels[method.backend]) for path, method in public_methods().items()
        }

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Returns the method's handler; None for everything that is not public."""
        return self._handlers.get(handler_call_details.method)

    def _make_handler(self, method: PublicMethod, channel: grpc.aio.Channel) -> Any:
        """All methods read their request as a stream is read: after the key was looked at, and not before."""
        if method.server_streaming:
            return grpc.stream_stream_rpc_method_handler(self._hand_on_stream(method, channel))
        hand_on = self._hand_on_upload if method.client_streaming else self._hand_on_call
        return grpc.stream_unary_rpc_method_handler(hand_on(method, channel))

    def _hand_on_call(self, method: PublicMethod, channel: grpc.aio.Channel) -> Any:
        unary: Any = channel.unary_unary(method.path)

        async def serve(_: Any, context: Any) -> bytes:
            async with _ServedCall(self._admission, self._front, method, context) as served:
                request = await served.read_request()
                remaining_s = context.time_remaining()
                limit_s = self._call_timeout_s if remaining_s is None else remaining_s
                answer: bytes = await unary(request, timeout=limit_s)
                served.audit.bytes_out += len(answer)
                return answer

        return serve

    def _hand_on_upload(self, method: PublicMethod, channel: grpc.aio.Channel) -> Any:
        upload: Any = channel.stream_unary(method.path)

        async def serve(_: Any, context: Any) -> bytes:
            incoming = Incoming(context)
            async with _ServedCall(self._admission, self._front, method, context, incoming) as served:
                bounded = _Bounded(incoming.messages(), self._max_upload_bytes)
                try:
                    answer: bytes = await upload(bounded.messages(), timeout=context.time_remaining())
                except grpc.aio.AioRpcError:
                    if bounded.failure is not None:
                        raise bounded.failure from None
                    raise
                served.audit.bytes_out += len(answer)
                return answer

        return serve

    def _hand_on_stream(self, method: PublicMethod, channel: grpc.aio.Channel) -> Any:
        stream: Any = channel.unary_stream(method.path)

        async def serve(_: Any, context: Any) -> AsyncIterator[bytes]:
            async with _ServedCall(self._admission, self._front, method, context) as served:
                request = await served.read_request()
                call = stream(request, timeout=context.time_remaining())
                stopper = self._cancel_when_over(call, served) if method.occupies is Occupies.WATCH else None
                try:
                    async for message in call:
                        served.audit.bytes_out += len(message)
                        yield message
                except asyncio.CancelledError:
                    if self._closing.is_set():
                        raise Unavailable("the gateway is closing; watch again", reason="SERVICE_DRAINING") from None
                    if not served.is_still_admitted:
                        raise Unauthenticated("the API key is not valid any more", reason="API_KEY_INVALID") from None
                    raise
                finally:
                    if stopper is not None:
                        stopper.cancel()
                    call.cancel()

        return serve

    def _cancel_when_over(self, call: Any, served: "_ServedCall") -> asyncio.Task[Any]:
        """Ends a watch when the process drains, and soon after its key is no longer good."""

        async def wait() -> None:
            while served.is_still_admitted:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), self._recheck_s)
                    break
            call.cancel()

        return asyncio.create_task(wait(), name="watch-stopper")


class _ServedCall:
    """Everything around one call: context, admission, errors, audit line.

    What the holder of a valid key still sends (``incoming``) is read before the call ends.
    """

    def __init__(
        self,
        admission: Admission,
        front: GrpcFront,
        method: PublicMethod,
        context: Any,
        incoming: Incoming | None = None,
    ) -> None:
        self._admission = admission
        self._front = front
        self._method = method
        self._context = context
        self._incoming = incoming
        self._stack = ExitStack()
        self.audit = AuditLine("grpc", "CALL", method.path)

    async def __aenter__(self) -> "_ServedCall":
        metadata = {key: value for key, value in self._context.invocation_metadata() or () if isinstance(value, str)}
        connection = self._context.peer()
        address = self._front.find_address(connection)
        peer = self._admission.peers.find(address, metadata.get("x-forwarded-for", ""))
        request_id = accept_request_id(metadata.get(REQUEST_ID_HEADER))
        carrier = {"traceparent": metadata["traceparent"]} if "traceparent" in metadata else {}
        trace_id = self._stack.enter_context(continue_trace(carrier, self._method.path.removeprefix("/")))
        try:
            key_text = metadata.get(API_KEY)
            async with self._admission.slow_refusals(key_text, partial(self._front.cut_off, connection)):
                admitted = await self._admission.admit(
                    key_text,
                    self._method.scope,
                    self._method.occupies,
                    peer=peer,
                    identify=partial(self._front.identify, connection),
                    kind=self._method.kind,
                )
        except WealthError as error:
            with self._stack, serving(CallContext(request_id), trace_id=trace_id):
                if self._incoming is not None and self._admission.knows(key_text):
                    await self._incoming.read_on(partial(self._admission.may_send_on, peer))
                await self._abort(error)
        except asyncio.CancelledError:  # given up while it waited for its turn
            with self._stack:
                self.audit.write(grpc.StatusCode.CANCELLED.name)
            raise
        self.audit.admitted = admitted
        self._stack.callback(admitted.release)
        self._stack.enter_context(serving(CallContext(request_id, admitted.principal), trace_id=trace_id))
        self._stack.enter_context(admitted.answering())
        return self

    async def __aexit__(self, _kind: object, failure: BaseException | None, _trace: object) -> None:
        with self._stack:
            if self._incoming is not None and (failure is None or isinstance(failure, Exception)):
                await self._incoming.read_on(up_to())
            if failure is None:
                self.audit.write_soon(grpc.StatusCode.OK.name)
            elif isinstance(failure, grpc.aio.AioRpcError):
                await self._pass_on(failure)
            elif isinstance(failure, WealthError):
                await self._abort(failure)
            elif isinstance(failure, grpc.aio.AbortError):
                self.audit.write(self._context.code().name)
            elif isinstance(failure, asyncio.CancelledError | GeneratorExit):
                self.audit.write(grpc.StatusCode.CANCELLED.name)
            else:
                error_id = secrets.token_hex(8)
                get_logger().error("passthrough_failed", error_id=error_id, exc_info=failure)
                await self._abort(Internal(f"internal error {error_id}", metadata={"error_id": error_id}))

    async def read_request(self) -> bytes:
        """The one message, once the tenant's share has room for it. Raises InvalidInput where none comes."""
        request = await _read_in_time(self._context)
        if len(request) > CALL_BYTES and self.audit.admitted is not None:
            await self.audit.admitted.pay(len(request) - CALL_BYTES)
        return request

    @property
    def is_still_admitted(self) -> bool:
        """Whether the key that the call was made with has not been revoked, changed or run out since."""
        return self.audit.admitted is None or self.audit.admitted.holds()

    async def _pass_on(self, failure: grpc.aio.AioRpcError) -> None:
        """Ends the call as the service ended it, details included.

        CANCELLED is nobody's cancellation here, which arrives as a CancelledError: the service closed as the call came.
        """
        if failure.code() is grpc.StatusCode.CANCELLED:
            await self._abort(from_rpc_error(failure))
        code, message = failure.code(), failure.details() or ""
        trailers = tuple((key, value) for key, value in failure.trailing_metadata() or () if key in _PASSED_TRAILERS)
        if not trailers:
            status = to_bare_status(code, message, current_call().request_id)
            trailers = ((_DETAILS, status.SerializeToString()),)
        self.audit.write(code.name)
        await self._context.abort(code, message, trailers)

    async def _abort(self, error: WealthError) -> None:
        self.audit.reason = error.reason
        self.audit.write(grpc_code(error).name)
        trailers = ((_DETAILS, to_rpc_status(error, current_call().request_id).SerializeToString()),)
        await self._context.abort(grpc_code(error), error.message, trailers)


async def _read_in_time(context: Any) -> bytes:
    """The one message of a call. Raises InvalidInput where there is none, or it does not come."""
    try:
        async with asyncio.timeout(GRACE_S):
            request: bytes = await read_request(context)
    except TimeoutError as error:
        raise _too_slow(f"the request did not come within {GRACE_S:g} seconds") from error
    return request


def _too_slow(message: str) -> InvalidInput:
    return InvalidInput(message, reason="BODY_TOO_SLOW")


class _Bounded:
    """An upload's messages, up to a number of bytes and not too slow; keeps the error that cut it off."""

    def __init__(self, messages: AsyncIterator[bytes], limit_bytes: int) -> None:
        self._messages = messages
        self._limit_bytes = limit_bytes
        self.failure: WealthError | None = None

    async def messages(self) -> AsyncIterator[bytes]:
        """Yields the messages; past a bound an empty one, which breaks the service's rules and so ends the upload."""
        pace = Pace()
        while True:
            asked_s = time.monotonic()
            try:
                async with asyncio.timeout(pace.remaining_s):
                    message = await anext(self._messages, None)
            except TimeoutError:
                self.failure = _too_slow(f"the file comes too slowly: {pace.received} bytes so far")
                message = b""
            if message is None:
                return
            pace.note(len(message), time.monotonic() - asked_s)
            if pace.received > self._limit_bytes:
                self.failure = TooLarge(
                    f"the file has more than {self._limit_bytes} bytes", reason="FILE_TOO_LARGE", field="chunk"
                )
            if self.failure is not None:
                yield b""
                return
            yield message
