"""The first page: tasks and jobs."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.gateway.dashboard.activity import KINDS, STATES, Filter, read_activity
from services.gateway.dashboard.activity_feed import answer_activity_events
from services.gateway.dashboard.frame import HOME, Anybody, ListWatcher, PageRoute, Visitor, render
from services.gateway.dashboard.queues import read_queues
from services.gateway.domain.search import MAX_CHARS
from services.gateway.rest.door import TheCall, TheDoor

router = APIRouter(prefix=HOME, include_in_schema=False, route_class=PageRoute)


class _Query(BaseModel):
    """What the list's address may say."""

    kind: Literal["", "task", "training", "inference"] = ""
    state: Literal["", "open", "completed", "failed", "cancelled"] = ""
    user: str = Field("", max_length=128)
    search: str = Field("", max_length=MAX_CHARS)
    cursor: str = Field("", max_length=8192)

    def wanted(self, visitor: Visitor) -> Filter:
        return Filter(self.kind, self.state, "" if visitor.only_user else self.user.strip(), self.search.strip())


@router.get("")
async def show_activity(query: Annotated[_Query, Query()], visitor: Anybody, door: TheDoor) -> Response:
    """Shows tasks and jobs, newest first, and how busy the workers are."""
    wanted = query.wanted(visitor)
    page = await read_activity(door, visitor, wanted, query.cursor)
    kinds = {
        kind: words for kind, words in KINDS.items() if visitor.may("portfolio" if kind == "task" else "converter")
    }
    return render(
        "activity.html",
        visitor,
        page=page,
        wanted=wanted,
        kinds=kinds,
        states=STATES,
        cursor=query.cursor,
        queues=await read_queues(door, visitor),
        address={"kind": wanted.kind, "state": wanted.state, "user": wanted.user, "search": wanted.search},
        home=HOME,
    )


@router.get("/events")
async def watch_activity(
    query: Annotated[_Query, Query()], visitor: ListWatcher, door: TheDoor, call: TheCall
) -> Response:
    """Streams what changes on a page of the list."""
    return answer_activity_events(door, call, visitor, query.wanted(visitor), query.cursor)
