"""Server-sent events over a service's watch: resumable, with heartbeats, and surviving the service's restarts."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, Generic, Protocol, TypeVar

import grpc.aio

from services.common.context import current_call
from services.common.status import from_rpc_error, to_problem
from services.gateway.rest.call import RestCall
from services.gateway.rest.door import Door
from services.gateway.rest.streaming import Stream


class WatchEvent(Protocol):
    """What all events have in common: ``revision`` is where watching may resume after them."""

    event_id: str
    revision: Any
    terminal: bool
    resumable: bool


Event = TypeVar("Event", bound=WatchEvent)
Seen_co = TypeVar("Seen_co", bound=WatchEvent, covariant=True)


class Watch(Protocol[Seen_co]):
    """A service's stream of events."""

    def __aiter__(self) -> AsyncIterator[Seen_co]:
        """Iterates over the events."""

    def cancel(self) -> bool:
        """Ends the stream."""


_RECONNECT_CODES = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN})
_MAX_FAILURES = 8
_FIRST_PAUSE_S = 0.1
_MAX_PAUSE_S = 3.0
_CLIENT_RETRY_MS = 2000


def parse_last_event_id(header: str | None) -> int:
    """The revision to resume after; 0 for anything that is not one of our ids."""
    return int(header) if header and header.isascii() and header.isdigit() and len(header) < 19 else 0


def answer_events(
    door: Door,
    call: RestCall,
    open_watch: Callable[[Any], Watch[Event]],
    describe: Callable[[Event], tuple[str, dict[str, Any]]],
    after_revision: Any,
) -> Stream:
    """Answers with the events of a watch after a revision.

    ``open_watch`` opens the service's stream after a revision; ``describe`` names an event and writes its data. One
    without a name says where the stream stands and nothing else.
    """
    stream = _EventStream(door, call, open_watch, describe, after_revision)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(stream.lines(), media_type="text/event-stream", headers=headers)


def format_event(name: str, data: Any, event_id: int | str | None = None) -> bytes:
    """One event on the wire. JSON has no line ends of its own, so the data is one line."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    if not name:
        return f"{head}\n".encode()
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


class _EventStream(Generic[Event]):
    """One client's stream. A watch that breaks is opened again where it broke; no event is shown twice."""

    def __init__(
        self,
        door: Door,
        call: RestCall,
        open_watch: Callable[[Any], Watch[Event]],
        describe: Callable[[Event], tuple[str, dict[str, Any]]],
        after_revision: Any,
    ) -> None:
        self._door = door
        self._rest_call = call
        self._open_watch = open_watch
        self._describe = describe
        self._after_revision = after_revision
        # Events shown since the last place to resume at: they come again when the watch is opened again.
        self._shown: set[str] = set()
        self._failures = 0
        self._finished = False

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """Yields the stream's bytes until the job is terminal, the process closes, the key is no longer good, or the
        stream is too old."""
        yield f"retry: {_CLIENT_RETRY_MS}\n\n".encode()
        closing = asyncio.ensure_future(self._door.closing.wait())
        age_limit_s = asyncio.get_running_loop().time() + self._door.settings.gateway_watch_max_s
        try:
            while not self._finished and not closing.done():
                async with contextlib.aclosing(self._one_watch(closing, age_limit_s)) as chunks:
                    async for chunk in chunks:
                        yield chunk
        finally:
            closing.cancel()

    async def _one_watch(self, closing: asyncio.Future[Any], age_limit_s: float) -> AsyncGenerator[bytes, None]:
        call = self._open_watch(self._after_revision)
        following: asyncio.Future[Event] | None = None
        loop = asyncio.get_running_loop()
        try:
            events = call.__aiter__()
            while True:
                following = following or asyncio.ensure_future(_next(events))
                timeout_s = min(self._door.settings.gateway_heartbeat_s, max(0.0, age_limit_s - loop.time()))
                await asyncio.wait({following, closing}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
                if closing.done() or loop.time() >= age_limit_s or not await self._rest_call.is_still_admitted():
                    self._finished = True
                    return
                if not following.done():
                    yield b": keep-alive\n\n"
                    continue
                event, following = following.result(), None
                for chunk in self._show(event):
                    yield chunk
                if self._finished:
                    return
        except _Ended:
            # The service has no more to say; a client that wants more comes back with its Last-Event-ID.
            self._finished = True
        except grpc.aio.AioRpcError as failure:
            for chunk in await self._after_failure(failure, closing):
                yield chunk
        finally:
            # Nothing is awaited here: inside of a cancelled scope an await would be where it ends.
            call.cancel()
            if following is not None:
                following.cancel()
                following.add_done_callback(_forget)

    def _show(self, event: Event) -> list[bytes]:
        self._failures = 0
        if event.event_id in self._shown:
            return []
        if event.resumable:
            self._after_revision = event.revision
            self._shown.clear()
        else:
            self._shown.add(event.event_id)
        self._finished = event.terminal
        name, data = self._describe(event)
        return [format_event(name, data, event.revision if event.resumable else None)]

    async def _after_failure(self, failure: grpc.aio.AioRpcError, closing: asyncio.Future[Any]) -> list[bytes]:
        """Waits before the next try; gives up on errors that are the service's last word."""
        self._failures += 1
        if failure.code() in _RECONNECT_CODES and self._failures <= _MAX_FAILURES:
            pause_s = min(_MAX_PAUSE_S, _FIRST_PAUSE_S * 2**self._failures)
            await asyncio.wait({closing}, timeout=pause_s)
            return [b": reconnecting\n\n"]
        self._finished = True
        _, _, problem = to_problem(from_rpc_error(failure), current_call().request_id)
        return [format_event("problem", problem)]


async def _next(events: AsyncIterator[Event]) -> Event:
    try:
        return await events.__anext__()
    except StopAsyncIteration:
        # Inside of an asynchronous generator StopAsyncIteration would turn into RuntimeError.
        raise _Ended from None


def _forget(future: asyncio.Future[Any]) -> None:
    """Takes note of a future's end, which nobody waits for any more."""
    if not future.cancelled():
        future.exception()


class _Ended(Exception):
    """The service ended its stream."""
