"""A tenant's news over REST: one stream for all tasks and conversions that a key may see."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response
from wealth.events.v1 import events_pb2 as pb

from services.common.fault_words import POSITION_PATTERN
from services.gateway.admission import ANY_SCOPE, Occupies
from services.gateway.rest.door import Guard, TheCall, TheDoor
from services.gateway.rest.events import Watch, answer_events

router = APIRouter(prefix="/api/v1", tags=["events"])

_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events without an end; the schema is one event's",
        "content": {
            "text/event-stream": {
                "schema": {
                    "type": "object",
                    "required": ["event", "data"],
                    "properties": {
                        "event": {"type": "string", "enum": ["task", "job", "missed", "problem"]},
                        "id": {"type": "string", "description": "What Last-Event-ID, or `after`, resumes after"},
                        "data": {"type": "string", "contentMediaType": "application/json"},
                    },
                },
                "example": {
                    "event": "task",
                    "id": "1767323045-7",
                    "data": '{"specversion":"1.0","id":"task_20260102030405_0a1b2c3d:1:5",'
                    '"type":"wealth.portfolio.v1.task.completed","data":{"status":"TASK_STATUS_COMPLETED"}}',
                },
            }
        },
    }
}


@dataclass(slots=True)
class _Answer:
    """An answer of the service's watch, as ``answer_events`` takes it; ``revision`` is its position."""

    revision: str
    event_id: str
    name: str
    data: dict[str, Any]
    terminal: bool = False
    resumable: bool = True


class _NewsWatch:
    """The service's watch."""

    def __init__(self, call: Any) -> None:
        self._call = call

    async def __aiter__(self) -> AsyncIterator[_Answer]:
        async for answer in self._call:
            if answer.missed:
                yield _Answer(answer.position, "", "missed", {"detail": "events are lost: list tasks and jobs"})
            elif answer.HasField("event"):
                event = answer.event
                yield _Answer(answer.position, event.id, event.type.split(".")[3], json.loads(event.json))
            else:
                yield _Answer(answer.position, "", "", {})

    def cancel(self) -> bool:
        """Ends the stream."""
        cancelled: bool = self._call.cancel()
        return cancelled


@router.get(
    "/events",
    dependencies=[Depends(Guard(ANY_SCOPE, Occupies.WATCH))],
    response_class=Response,
    responses=_RESPONSE,
    summary="Watch everything",
)
async def watch_events(
    door: TheDoor,
    call: TheCall,
    after: Annotated[
        str,
        Query(
            pattern=POSITION_PATTERN, description="The `id` of the last event that was seen; from now on where empty"
        ),
    ] = "",
    last_event_id: Annotated[str, Header(alias="Last-Event-ID", pattern=POSITION_PATTERN)] = "",
) -> Response:
    """Streams each change of every task and conversion that the key may see, as CloudEvents, until the client leaves.

    `Last-Event-ID` goes before `after`, as reconnecting browsers send it. An event `missed` says that some between the
    asked position and the next event are no longer kept (a day, at most 1 GiB).
    """

    def open_watch(position: str) -> Watch[_Answer]:
        return _NewsWatch(door.backends.events.WatchEvents(pb.WatchEventsRequest(after=position)))

    return answer_events(door, call, open_watch, lambda answer: (answer.name, answer.data), last_event_id or after)
