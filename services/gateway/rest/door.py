"""What routes need to do their work, and the guards that decide who may use them."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from services.common.other_process import OtherProcess
from services.gateway.admission import Admission, Occupies
from services.gateway.backends import Backends
from services.gateway.domain.shares import CHANGE_CALLS, Kind
from services.gateway.rest import segments  # noqa: F401 - before any route is declared
from services.gateway.rest.call import RestCall, call_of, route_of
from services.gateway.rest.parameters import refuse_slips
from services.gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Door:
    """The gateway's parts, as routes see them.

    ``closing`` is set once the process drains: event streams end then. ``elsewhere`` is where large bodies are parsed.
    """

    settings: GatewaySettings
    backends: Backends
    admission: Admission
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    elsewhere: OtherProcess = field(default_factory=OtherProcess)


def door_of(request: Request) -> Door:
    """Returns the parts that the request's app was made with."""
    door: Door = request.app.state.door
    return door


TheDoor = Annotated[Door, Depends(door_of)]

TheCall = Annotated[RestCall, Depends(call_of)]

_API_KEY = APIKeyHeader(
    name="X-API-KEY", scheme_name="ApiKey", description="A key, `id.secret`, of the tenant.", auto_error=False
)
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_KeyText = Annotated[str | None, Security(_API_KEY)]


def kind_of(request: Request) -> Kind:
    """What the call counts as in its tenant's share."""
    return Kind(f"{request.method} {route_of(request.scope)}", 1.0 if request.method in _READS else CHANGE_CALLS)


class Guard:
    """Lets a call through whose key has ``scope``, and makes its principal the current one until the call is over."""

    def __init__(self, scope: str, occupies: Occupies = Occupies.CALL) -> None:
        self.scope = scope
        self._occupies = occupies

    async def __call__(self, request: Request, key_text: _KeyText) -> None:
        """Raises Unauthenticated, Denied or Exhausted."""
        call, admission = call_of(request), door_of(request).admission
        async with admission.slow_refusals(key_text, call.cut_off):
            call.admit(
                await admission.admit(
                    key_text,
                    self.scope,
                    self._occupies,
                    peer=call.peer,
                    identify=call.identify,
                    kind=kind_of(request),
                )
            )
        refuse_slips(request)


class TaskGuard(Guard):
    """As Guard, but lets the older task clients in without a key where that is switched on."""

    def __init__(self, occupies: Occupies = Occupies.CALL) -> None:
        super().__init__("portfolio", occupies)

    async def __call__(self, request: Request, key_text: _KeyText) -> None:
        """Raises Unauthenticated, Denied or Exhausted."""
        call, admission = call_of(request), door_of(request).admission
        async with admission.slow_refusals(key_text, call.cut_off):
            call.admit(
                await admission.admit_open_task(
                    key_text, self._occupies, peer=call.peer, identify=call.identify, kind=kind_of(request)
                )
            )
        refuse_slips(request)
