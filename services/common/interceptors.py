"""What happens around every gRPC call that is served: context, identity, access line, errors, deadline, validation."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Any

import grpc
import grpc.aio
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message
from prometheus_client import Counter, Histogram

from services.common import tracing
from services.common.context import REQUEST_ID_HEADER, UNATTENDED_HEADER, CallContext, accept_request_id, serving
from services.common.errors import Internal, InvalidInput, TooLarge, Unauthenticated, WealthError
from services.common.identity import Caller, TokenVerifier
from services.common.incoming import Incoming, up_to
from services.common.logging import get_logger
from services.common.other_process import SMALL_BYTES
from services.common.refusals import SlowRefusals
from services.common.status import grpc_code, to_bare_status, to_rpc_status

AUTHORIZATION = "authorization"
_OPEN_SERVICES = ("/grpc.health.", "/grpc.reflection.")
_MAX_ITEMS = 2000
# Of the wire's types; groups, which nobody writes any more, are none of them.
_VARINT, _BYTES = 0, 2
_FIXED_BYTES = {1: 8, 5: 4}
_DETAILS = "grpc-status-details-bin"

CALLS = Counter("wealth_grpc_calls_total", "gRPC calls served", ["method", "code"])
LATENCY = Histogram(
    "wealth_grpc_call_seconds",
    "Time to serve a gRPC call",
    ["method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30),
)

# What says that a service failed, not that a call was wrong (OpenTelemetry's reading of the codes).
SERVER_FAULTS = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)

Authorize = Callable[[str, Caller], None]


async def read_request(context: Any) -> Any:
    """Reads the one request of a call that is served as a stream of them. Raises InvalidInput where there is none.

    A handler of one request is called with it, after it was read whole, whoever sent it; the handler of a stream is
    called first. So methods of both kinds are served as streams, and who may not call costs no message's memory.
    """
    try:
        request = await context.read()
    except DecodeError as error:
        raise InvalidInput("the request is no message of this method", reason="REQUEST_MALFORMED") from error
    if request is grpc.aio.EOF:
        raise InvalidInput("the call has no request", reason="REQUEST_MISSING")
    return request


def require_few_items(content: bytes, descriptor: Descriptor) -> None:
    """Raises TooLarge naming the field that a message on the wire has more often than any method takes it.

    Told before the message is parsed: to parse a million entries, and to check them against the rules, would hold up
    the process for seconds. The walk ends at the bound, and passes over what is no message: that is the parser's.
    """
    counts: dict[int, int] = {}
    position, end = 0, len(content)
    while position < end:
        tag, position = _read_varint(content, position)
        number, wire_type = tag >> 3, tag & 7
        counts[number] = counts.get(number, 0) + 1
        if counts[number] > _MAX_ITEMS:
            field = descriptor.fields_by_number.get(number)
            name = field.name if field else f"field {number}"
            raise TooLarge(
                f"{name} has more than {_MAX_ITEMS} entries, and no more are taken", reason="TOO_MANY_ITEMS", field=name
            )
        if wire_type == _VARINT:
            _, position = _read_varint(content, position)
        elif wire_type == _BYTES:
            size, position = _read_varint(content, position)
            position += size
        elif wire_type in _FIXED_BYTES:
            position += _FIXED_BYTES[wire_type]
        else:
            return


def _read_varint(content: bytes, position: int) -> tuple[int, int]:
    """A number and where it ends; past the end where it is cut off."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(content):
            break
        byte = content[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
    return value, len(content)


def _read_bounded(deserialize: Any) -> Any:
    """A message's parser, behind ``require_few_items`` where it is a generated class's and the message is large."""
    message_class = getattr(deserialize, "__self__", None)
    if message_class is None:
        return deserialize

    def read(content: bytes) -> Any:
        if len(content) > SMALL_BYTES:
            require_few_items(content, message_class.DESCRIPTOR)
        return deserialize(content)

    return read


def rpc_attributes(method: str) -> tracing.Attributes:
    """What a span says of a call, by the method's path."""
    service, _, name = method.removeprefix("/").partition("/")
    return {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}


def _load_validation() -> Callable[[Message], None]:
    from services.common.validation import validate  # noqa: PLC0415 - a quarter of a start, which workers do without

    return validate


def _refuse(_: Message) -> None:
    raise Internal("this process serves no calls")


class ServerInterceptor(grpc.aio.ServerInterceptor):
    """Wraps every handler but health and reflection: context, access line, errors, deadline and validation.

    ``authorize(method, caller)`` raises Denied where this caller may not use the method; the verified principal is
    current (``services.common.context``) while the handler runs. A process with nothing but health and reflection
    (``serves_calls`` is false: a worker) does without the rules of requests, a quarter of its start.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        *,
        default_timeout_s: float,
        authorize: Authorize | None = None,
        serves_calls: bool = True,
    ) -> None:
        self._verifier = verifier
        self._default_timeout_s = default_timeout_s
        self._authorize = authorize
        self._validate = _load_validation() if serves_calls else _refuse
        self._refusals = SlowRefusals()
        self._log = get_logger()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Returns the method's handler, wrapped."""
        details = handler_call_details
        handler = await continuation(details)
        if handler is None:
            await self._refusals.wait()
            return None
        if details.method.startswith(_OPEN_SERVICES):
            return handler
        method = details.method
        metadata = {key: value for key, value in details.invocation_metadata if isinstance(value, str)}
        codec = {
            "request_deserializer": _read_bounded(handler.request_deserializer),
            "response_serializer": handler.response_serializer,
        }
        if handler.response_streaming:
            inner_stream: Any = handler.stream_stream if handler.request_streaming else handler.unary_stream

            # Not a generator: one that a leaving client left half-way would end later, in another context.
            async def serve_stream(_: Any, context: Any) -> None:
                incoming = Incoming(context) if handler.request_streaming else None
                async with (
                    self._serving(method, metadata, context, incoming),
                    aclosing(inner_stream(await self._read(incoming, context), context)) as responses,
                ):
                    async for response in responses:
                        await context.write(response)

            return grpc.stream_stream_rpc_method_handler(serve_stream, **codec)
        inner: Any = handler.stream_unary if handler.request_streaming else handler.unary_unary
        # The client's deadline holds; a unary call that brings none gets ours.
        default_s = None if handler.request_streaming else self._default_timeout_s

        async def serve_unary(_: Any, context: Any) -> Any:
            incoming = Incoming(context) if handler.request_streaming else None
            async with self._serving(method, metadata, context, incoming):
                remaining_s = context.time_remaining()
                async with asyncio.timeout(default_s if remaining_s is None else remaining_s):
                    return await inner(await self._read(incoming, context), context)

        return grpc.stream_unary_rpc_method_handler(serve_unary, **codec)

    @asynccontextmanager
    async def _serving(
        self, method: str, metadata: Mapping[str, str], context: Any, incoming: Incoming | None
    ) -> AsyncIterator[None]:
        """Everything around one call, from authentication to the access line.

        What a known caller still sends (``incoming``) is read before the call ends, be it refused or served.
        """
        started = time.perf_counter()
        request_id = accept_request_id(metadata.get(REQUEST_ID_HEADER))
        fields: dict[str, Any] = {}
        code = grpc.StatusCode.OK
        with (
            tracing.continue_trace(metadata, method.removeprefix("/"), attributes=rpc_attributes(method)) as trace_id,
            serving(CallContext(request_id), trace_id=trace_id),
        ):
            try:
                caller = self._verifier.verify(metadata.get(AUTHORIZATION, "").removeprefix("Bearer "), method)
                principal = caller.principal
                fields = {"caller": caller.service, "tenant": principal.tenant, "subject": principal.subject}
                if self._authorize:
                    self._authorize(method, caller)
                with serving(CallContext(request_id, principal, caller)):
                    yield
                if incoming is not None:
                    await incoming.read_on(up_to())
            except (asyncio.CancelledError, GeneratorExit):
                code = grpc.StatusCode.CANCELLED
                raise
            except grpc.aio.AbortError:
                code = context.code() or grpc.StatusCode.UNKNOWN
                raise
            except TimeoutError:
                code, message = grpc.StatusCode.DEADLINE_EXCEEDED, "the call took longer than its deadline"
                status = to_bare_status(code, message, request_id)
                await context.abort(code, message, ((_DETAILS, status.SerializeToString()),))
            except Exception as failure:  # noqa: BLE001 - the outermost place: whatever it is, the client gets a status
                error = self._name_error(method, failure)
                code, fields["reason"] = grpc_code(error), error.reason
                if error.__cause__ is not None:
                    fields["cause"] = type(error.__cause__).__name__
                status = to_rpc_status(error, request_id)
                if isinstance(error, Unauthenticated):
                    await self._refusals.wait()
                elif incoming is not None:
                    await incoming.read_on(up_to())
                await context.abort(code, status.message, ((_DETAILS, status.SerializeToString()),))
            finally:
                duration_s = time.perf_counter() - started
                tracing.describe_span({"rpc.grpc.status_code": code.value[0]}, failed=code in SERVER_FAULTS)
                CALLS.labels(method, code.name).inc()
                LATENCY.labels(method).observe(duration_s)
                fields |= {"method": method, "code": code.name, "duration_ms": round(duration_s * 1000, 2)}
                # After the answer, which waits to be sent: a line takes longer to write than many a call to serve.
                is_routine = UNATTENDED_HEADER in metadata and code is grpc.StatusCode.OK
                write = self._log.debug if is_routine else self._log.info
                asyncio.get_running_loop().call_soon(partial(write, "rpc", **fields))

    def _name_error(self, method: str, failure: Exception) -> WealthError:
        """Returns the error for the client; an unknown one is logged once, under an id that the client gets."""
        if isinstance(failure, WealthError):
            return failure
        error_id = secrets.token_hex(8)
        self._log.error("rpc_failed", method=method, error_id=error_id, exc_info=failure)
        return Internal(f"internal error {error_id}", metadata={"error_id": error_id})

    async def _read(self, incoming: Incoming | None, context: Any) -> Any:
        """A call's request, or its messages as they come, held against their rules."""
        if incoming is not None:
            return self._checked(incoming)
        request: Message = await read_request(context)
        self._validate(request)
        return request

    async def _checked(self, incoming: Incoming) -> AsyncIterator[Message]:
        async with aclosing(incoming.messages()) as messages:
            async for message in messages:
                self._validate(message)
                yield message
