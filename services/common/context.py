"""What a call or message carries along: its id, its caller and its principal."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from services.common.identity import Caller, Principal
from services.common.logging import bound_log_fields

REQUEST_ID_HEADER = "x-request-id"
UNATTENDED_HEADER = "x-unattended"
"""On calls between services that nobody waits for, such as sweepers': of use in the log where they fail."""
_REQUEST_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CallContext:
    """The call or message being served."""

    request_id: str
    principal: Principal | None = None
    caller: Caller | None = None


_current: ContextVar[CallContext | None] = ContextVar("call_context", default=None)


def current_call() -> CallContext:
    """Returns the context of the call being served; outside of one, a fresh anonymous context."""
    return _current.get() or CallContext(request_id=new_request_id())


def current_principal() -> Principal:
    """Returns the principal of the call being served. Raises LookupError outside of a call: a mistake in the code."""
    call = _current.get()
    if call is None or call.principal is None:
        raise LookupError("no principal: not inside of a call")
    return call.principal


@contextmanager
def serving(call: CallContext, **log_fields: str) -> Iterator[CallContext]:
    """Makes ``call`` the current one, and its ids part of every log line."""
    token = _current.set(call)
    try:
        with bound_log_fields(request_id=call.request_id, **log_fields):
            yield call
    finally:
        _current.reset(token)


@contextmanager
def acting_as(principal: Principal) -> Iterator[None]:
    """Makes outgoing calls inside of the block on behalf of ``principal``."""
    call = current_call()
    token = _current.set(CallContext(call.request_id, principal, call.caller))
    try:
        yield
    finally:
        _current.reset(token)


def new_request_id() -> str:
    """Makes a request id."""
    return secrets.token_hex(8)


def accept_request_id(candidate: str | None) -> str:
    """Returns the client's request id where it is a plain short token, otherwise a new one."""
    return candidate if candidate and _REQUEST_ID.fullmatch(candidate) else new_request_id()
