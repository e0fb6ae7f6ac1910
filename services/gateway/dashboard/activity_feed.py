"""The list of tasks and jobs as it changes, over server-sent events: rows that move, and rows that are new.

Each open row's own watch tells of its changes at once; the list is read again now and then for rows that are new.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import grpc.aio
from starlette.responses import StreamingResponse
from wealth.converter.v1 import converter_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.logging import get_logger
from services.common.status import from_rpc_error
from services.gateway.dashboard.activity import Entry, Filter, decode_cursor, read_activity
from services.gateway.dashboard.frame import Visitor, templates
from services.gateway.dashboard.queues import NamedQueue, read_queues
from services.gateway.rest.call import RestCall
from services.gateway.rest.converter_mapping import JOB_WORDS
from services.gateway.rest.door import Door
from services.gateway.rest.events import format_event
from services.gateway.rest.portfolio_mapping import TASK_WORDS

_MAX_WATCHES = 25
_CLIENT_RETRY_MS = 3000


def answer_activity_events(
    door: Door, call: RestCall, visitor: Visitor, wanted: Filter, cursor: str
) -> StreamingResponse:
    """Answers with what changes on a page of the list, from what it shows now.

    Events are ``row`` and ``new``, each with the row's key and its HTML, and ``queues`` with the HTML of how busy the
    workers are. A client that reconnects gets every row again, so nothing is missed. Raises InvalidInput for a cursor
    that is none.
    """
    decode_cursor(cursor)  # refused here: an answer that has begun can tell of nothing
    feed = _Feed(door, call, visitor, wanted, cursor)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(feed.lines(), media_type="text/event-stream", headers=headers)


@dataclass(slots=True)
class _Following:
    """An open row's watch and the event that is waited for."""

    call: Any
    events: AsyncIterator[Any]
    waiting: asyncio.Future[Any]


class _Feed:
    """One page's events."""

    def __init__(self, door: Door, call: RestCall, visitor: Visitor, wanted: Filter, cursor: str) -> None:
        self._door = door
        self._call = call
        self._visitor = visitor
        self._wanted = wanted
        self._cursor = cursor
        self._entries: dict[str, Entry] = {}
        self._following: dict[str, _Following] = {}
        self._queues = ""
        self._first = True

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """Yields the stream's bytes until the process closes, the key is no longer good, or the stream is too old."""
        yield f"retry: {_CLIENT_RETRY_MS}\n\n".encode()
        loop = asyncio.get_running_loop()
        settings = self._door.settings
        ends_s, refresh_s, spoke_s = loop.time() + settings.gateway_watch_max_s, loop.time(), loop.time()
        closing = asyncio.ensure_future(self._door.closing.wait())
        try:
            while not closing.done() and loop.time() < ends_s and await self._call.is_still_admitted():
                chunks = []
                if loop.time() >= refresh_s:
                    chunks += await self._refresh()
                    refresh_s = loop.time() + settings.gateway_list_refresh_s
                chunks += self._collect()
                if not chunks and loop.time() - spoke_s > settings.gateway_heartbeat_s:
                    chunks = [b": keep-alive\n\n"]
                for chunk in chunks:
                    spoke_s = loop.time()
                    yield chunk
                waiting = [following.waiting for following in self._following.values()]
                await asyncio.wait(
                    {closing, *waiting},
                    timeout=max(0.0, min(refresh_s, ends_s) - loop.time()),
                    return_when=asyncio.FIRST_COMPLETED,
                )
        finally:
            closing.cancel()
            for key in list(self._following):
                self._unfollow(key)

    async def _refresh(self) -> list[bytes]:
        """Reads the page again: rows that changed or are new. A page further back gets no new rows."""
        try:
            page, queues = await asyncio.gather(
                read_activity(self._door, self._visitor, self._wanted, self._cursor),
                read_queues(self._door, self._visitor),
            )
        except grpc.aio.AioRpcError as failure:
            get_logger().info("activity_not_read", reason=from_rpc_error(failure).reason)
            return []
        chunks = self._show_queues(queues)
        for entry in reversed(page.entries):
            known = self._entries.get(entry.key)
            if known is None and not self._first and self._cursor:
                continue
            if known is None or (known != entry and known.version <= entry.version):
                chunks.append(self._show(entry, is_new=known is None and not self._first))
            if entry.is_open and entry.key not in self._following and len(self._following) < _MAX_WATCHES:
                self._follow(entry)
        self._first = False
        # Rows that others pushed off the page are not told of any more.
        kept = {entry.key for entry in page.entries} | set(self._following)
        self._entries = {key: entry for key, entry in self._entries.items() if key in kept}
        return chunks

    def _collect(self) -> list[bytes]:
        """What open rows' watches told meanwhile."""
        chunks = []
        for key, following in list(self._following.items()):
            if not following.waiting.done():
                continue
            if following.waiting.cancelled() or following.waiting.exception() is not None:
                # The list, read again, tells what became of it.
                self._unfollow(key)
                continue
            event, entry = following.waiting.result(), self._entries[key]
            changed = _apply(entry, event)
            if changed.version >= entry.version and changed != entry:
                chunks.append(self._show(changed, is_new=False))
            if event.terminal:
                self._unfollow(key)
            else:
                following.waiting = asyncio.ensure_future(_next(following.events))
        return chunks

    def _show(self, entry: Entry, *, is_new: bool) -> bytes:
        self._entries[entry.key] = entry
        html = templates().get_template("row.html").render(entry=entry, visitor=self._visitor)
        return format_event("new" if is_new else "row", {"key": entry.key, "title": entry.title, "html": html})

    def _show_queues(self, queues: Sequence[NamedQueue]) -> list[bytes]:
        html = templates().get_template("queues.html").render(queues=queues)
        if html == self._queues:
            return []
        self._queues = html
        return [format_event("queues", {"html": html})]

    def _follow(self, entry: Entry) -> None:
        backends, revision = self._door.backends, entry.version[1]
        call: Any
        if entry.kind == "task":
            call = backends.portfolio.WatchTask(
                portfolio_pb2.WatchTaskRequest(task_id=entry.id, after_revision=revision)
            )
        else:
            call = backends.converter.WatchJob(
                converter_pb2.WatchJobRequest(user_id=entry.user_id, job_id=entry.id, after_revision=revision)
            )
        events = call.__aiter__()
        self._following[entry.key] = _Following(call, events, asyncio.ensure_future(_next(events)))

    def _unfollow(self, key: str) -> None:
        following = self._following.pop(key)
        following.call.cancel()
        following.waiting.cancel()
        following.waiting.add_done_callback(_forget)


def _apply(entry: Entry, event: Any) -> Entry:
    """The entry as an event of its leaves it."""
    words: Mapping[int, str] = TASK_WORDS if entry.kind == "task" else JOB_WORDS
    return replace(
        entry,
        status=words.get(event.status, "unknown"),
        progress=event.progress,
        message=event.error.message or event.message,
        is_open=not event.terminal,
        version=(event.generation, event.revision),
    )


async def _next(events: AsyncIterator[Any]) -> Any:
    try:
        return await events.__anext__()
    except StopAsyncIteration:
        raise _WatchEnded from None


def _forget(future: asyncio.Future[Any]) -> None:
    """Takes note of a future's end, which nobody waits for any more."""
    if not future.cancelled():
        future.exception()


class _WatchEnded(Exception):
    """The service has no more to say of a row."""
