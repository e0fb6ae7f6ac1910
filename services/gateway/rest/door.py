"""What routes need to do their work, and the guards that decide who may use them."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader

from services.common.errors import InvalidInput
from services.common.near import find_near
from services.common.other_process import OtherProcess
from services.gateway.admission import Admission, Occupies
from services.gateway.backends import Backends
from services.gateway.rest.call import RestCall, call_of
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
_KeyText = Annotated[str | None, Security(_API_KEY)]


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
                await admission.admit(key_text, self.scope, self._occupies, peer=call.peer, identify=call.identify)
            )
        _refuse_slips(request)


class TaskGuard(Guard):
    """As Guard, but lets the older task clients in without a key where that is switched on."""

    def __init__(self, occupies: Occupies = Occupies.CALL) -> None:
        super().__init__("portfolio", occupies)

    async def __call__(self, request: Request, key_text: _KeyText) -> None:
        """Raises Unauthenticated, Denied or Exhausted."""
        call, admission = call_of(request), door_of(request).admission
        async with admission.slow_refusals(key_text, call.cut_off):
            call.admit(
                await admission.admit_open_task(key_text, self._occupies, peer=call.peer, identify=call.identify)
            )
        _refuse_slips(request)


def _refuse_slips(request: Request) -> None:
    """Raises InvalidInput for a query parameter that stands by a slip of the pen for one that the route takes."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    taken = {parameter.alias for parameter in route.dependant.query_params}
    for name in request.query_params:
        if name not in taken and (near := find_near(name, taken - set(request.query_params))):
            raise InvalidInput(f"no such parameter: is {near} meant?", reason="UNKNOWN_PARAMETER", field=name)
