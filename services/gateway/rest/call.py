"""What surrounds every REST call: its id, its trace, its context, its audit line, and the bounds on its body."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import grpc.aio
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.common.context import REQUEST_ID_HEADER, CallContext, accept_request_id, current_call, serving
from services.common.incoming import READ_ON_BYTES, READ_ON_IDLE_S, READ_ON_S
from services.common.logging import get_logger
from services.common.tracing import continue_trace
from services.gateway.admission import Admission, Admitted
from services.gateway.audit import AuditLine
from services.gateway.domain.pace import Pace
from services.gateway.domain.shares import CALL_BYTES
from services.gateway.rest.parameters import WARNING_HEADER, tell_unread

_STATE = "wealth_call"
UPLOAD_PATH = "/api/v1/files"
_UPLOAD_PATHS = frozenset({UPLOAD_PATH, "/dashboard/files"})
_PROBES = frozenset({"/livez", "/readyz", "/health", "/ping"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FailureHandler = Callable[[Request, Exception], Awaitable[ASGIApp]]


@dataclass(slots=True)
class RestCall:
    """One call. Guards put in who made it; it stays current until the answer's last byte was sent."""

    audit: AuditLine
    peer: str
    identify: Callable[[], None]
    cut_off: Callable[[], None]
    has_gone: Callable[[], bool]
    stack: ExitStack = field(default_factory=ExitStack)
    warnings: list[str] = field(default_factory=list)
    """What the client should know of its call beside the answer, in ASCII."""
    session_holds: Callable[[], Awaitable[bool]] | None = None

    async def is_still_admitted(self) -> bool:
        """Whether the key that the call was made with has not been revoked, changed or run out since, nor the session
        been ended."""
        if self.audit.admitted is not None and not self.audit.admitted.holds():
            return False
        return self.session_holds is None or await self.session_holds()

    def admit(self, admitted: Admitted) -> None:
        """Makes the call's principal the current one until the call is over; what it occupies is then given back.

        Raises ClientDisconnect where nobody waits for the answer any more: its turn may have been long in coming.
        """
        self.audit.admitted = admitted
        self.stack.callback(admitted.release)
        self.stack.enter_context(serving(CallContext(current_call().request_id, admitted.principal)))
        self.stack.enter_context(admitted.answering())
        if self.has_gone():
            raise ClientDisconnect


def call_of(request: Request) -> RestCall:
    """Returns the call that a request belongs to."""
    call: RestCall = request.scope["state"][_STATE]
    return call


class CallMiddleware:
    """The outermost layer. ``answer_failure`` answers for exceptions that nothing further in did."""

    def __init__(
        self, app: ASGIApp, *, admission: Admission, max_body_bytes: int, answer_failure: FailureHandler
    ) -> None:
        self._app = app
        self._admission = admission
        self._max_body_bytes = max_body_bytes
        self._answer_failure = answer_failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        if "turn" in state and not await state["turn"].comes():
            return
        headers = Headers(scope=scope)
        request_id = accept_request_id(headers.get(REQUEST_ID_HEADER))
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        address = (scope.get("client") or ("",))[0]
        peer = self._admission.peers.find(address, ",".join(headers.getlist("x-forwarded-for")))
        call = state[_STATE] = RestCall(
            AuditLine("rest", method),
            peer,
            state.get("identify", _know_already),
            state.get("cut_off", _know_already),
            state.get("has_gone", _is_there),
        )
        carrier = {"traceparent": headers["traceparent"]} if "traceparent" in headers else {}
        body = _Incoming(receive)
        outgoing = _Outgoing(send, body, scope, request_id, call, self._admission)
        status = "aborted"
        # Probes come every few seconds and lead nowhere.
        record = scope["path"] not in _PROBES
        with (
            continue_trace(carrier, method, record=record) as trace_id,
            serving(CallContext(request_id), trace_id=trace_id),
            call.stack,
        ):
            try:
                await self._serve(scope, headers, body, outgoing, call)
                status = str(outgoing.status or "aborted")
            finally:
                call.audit.route = route_of(scope)
                call.audit.write(status)

    async def _serve(
        self, scope: Scope, headers: Headers, body: "_Incoming", outgoing: "_Outgoing", call: RestCall
    ) -> None:
        try:
            await self._app(scope, self._bound(scope, headers, body, call), outgoing)
        except Exception as error:  # noqa: BLE001 - the outermost place: whatever it is, the client hears of it
            if outgoing.status is None:
                response = await self._answer_failure(Request(scope), error)
                await response(scope, body, outgoing)
            else:
                # The answer has begun: ending it here breaks the connection, which tells the client that it is cut off.
                _note_broken_answer(error)

    def _bound(self, scope: Scope, headers: Headers, body: "_Incoming", call: RestCall) -> Receive:
        """Counts the body's bytes, with or without a Content-Length, and how long they are waited for; what is above a
        small body's comes at the pace of the tenant's share.

        Uploads bound their size themselves, and are parsed by nobody.
        """
        limit = None if scope["path"] in _UPLOAD_PATHS else self._max_body_bytes
        declared = headers.get("content-length", "")
        if limit is not None and declared.isdigit() and int(declared) > limit:
            raise _body_too_large(limit)
        pace = Pace()

        async def bounded() -> Message:
            if body.ended:  # what comes now is that the client is gone, and may take as long as it likes
                return await body()
            asked_s = time.monotonic()
            try:
                async with asyncio.timeout(pace.remaining_s):
                    message = await body()
            except TimeoutError as error:
                raise HTTPException(408, f"the body comes too slowly: {pace.received} bytes so far") from error
            count = len(message.get("body", b""))
            pace.note(count, time.monotonic() - asked_s)
            if limit is None:
                return message
            if pace.received > limit:
                raise _body_too_large(limit)
            if call.audit.admitted is not None and pace.received > CALL_BYTES:
                await call.audit.admitted.pay(min(count, pace.received - CALL_BYTES))
            return message

        return bounded


class _Incoming:
    """The body, and whether its end was seen."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self.ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def discard(self, may_go_on: Callable[[int], bool]) -> None:
        """Reads on while bytes come, for a little while: clients send all before they read, and a connection closed on
        bytes that nobody read loses the answer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READ_ON_S):
                while not self.ended:
                    async with asyncio.timeout(READ_ON_IDLE_S):
                        if not may_go_on(len((await self()).get("body", b""))):
                            return


class _Outgoing:
    """Adds the headers that every answer has, and notes what was answered."""

    def __init__(
        self, send: Send, body: _Incoming, scope: Scope, request_id: str, call: RestCall, admission: Admission
    ) -> None:
        self._send = send
        self._body = body
        self._scope = scope
        self._request_id = request_id
        self._call = call
        self._admission = admission
        self._discarded = 0
        self.status: int | None = None

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            if message["status"] >= 400 and not self._body.ended:
                await self._body.discard(self._may_discard)
                if not self._body.ended:
                    headers["connection"] = "close"
            headers[REQUEST_ID_HEADER] = self._request_id
            if warnings := [words for words in (tell_unread(self._scope), *self._call.warnings) if words]:
                headers[WARNING_HEADER] = "; ".join(warnings)
            headers["x-content-type-options"] = "nosniff"
            headers.setdefault("cache-control", "private, no-cache")
            headers.setdefault("referrer-policy", "no-referrer")
        elif message["type"] == "http.response.body":
            self._call.audit.bytes_out += len(message.get("body", b""))
        await self._send(message)

    def _may_discard(self, count: int) -> bool:
        """A stranger has a budget for it, of all its calls together."""
        self._discarded += count
        if self._call.audit.admitted is None:
            return self._admission.may_send_on(self._call.peer, count)
        return self._discarded <= READ_ON_BYTES


def _know_already() -> None:
    """There is no connection to tell, or it is a proxy's."""


def _is_there() -> bool:
    """There is no connection to ask."""
    return False


def _note_broken_answer(error: Exception) -> None:
    cause = error.__cause__ or error
    if isinstance(cause, grpc.aio.AioRpcError):
        get_logger().warning("answer_broken", code=cause.code().name, details=cause.details())
    else:
        get_logger().error("answer_broken", exc_info=error)


def _body_too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"the body has more than {limit} bytes; upload large files to {UPLOAD_PATH}")


def route_of(scope: Scope) -> str:
    """The template of the path that was found for a call."""
    route = scope.get("route")
    return getattr(route, "path", None) or "unmatched"
