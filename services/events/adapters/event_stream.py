"""A tenant's events out of the stream, for as many as watch: from a position on, each once, as fast as they are taken.

A watcher holds no queue: it reads the next event when it has sent the one before. What many of a tenant read at the
same time is asked of NATS once.
"""

import asyncio
import contextlib
import time
from collections import OrderedDict, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator

import nats.errors
from nats.js.errors import NotFoundError

from services.common.errors import Denied, Exhausted, InvalidInput, Unavailable
from services.common.identity import Principal
from services.common.jobs.broker import Broker
from services.common.jobs.following import follow
from services.common.jobs.topology import EVENTS_STREAM
from services.common.logging import get_logger
from services.common.tasks import stop_task
from services.events.domain.news import NewsItem, Told, read_news
from services.events.domain.webhook import SERVICES

MAX_WATCHERS = 2_000
MAX_WATCHERS_OF_KEY = 16
# Who has not taken an answer for so long, while there were others, is asked to come again: resuming is cheap.
SLOW_AFTER_S = 60.0
# So often a silent stream says where it stands, so that resuming it finds that nothing was missed.
IDLE_S = 30.0
# So long the stream is followed after the last watcher: who comes and goes makes no consumer each time.
FOLLOWED_ON_S = 60.0
_REMEMBERED = 512
_RETRY_S = 1.0


class EventStream:
    """A component of a process: watches of all tenants. ``monotonic`` measures how long watchers take."""

    def __init__(
        self, broker: Broker, *, idle_s: float = IDLE_S, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._broker = broker
        self._idle_s = idle_s
        self._monotonic = monotonic
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._of_keys: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._next: OrderedDict[tuple[str, int], asyncio.Task[tuple[int, NewsItem | None] | None]] = OrderedDict()
        self._draining = False
        self._is_watched = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follows the stream while anybody watches, to know when there is something to read."""
        self._following = asyncio.create_task(self._follow(), name="event-stream")

    async def drain(self) -> None:
        """Ends all watches; clients resume them at another process."""
        self._draining = True
        self._wake_all()

    async def stop(self) -> None:
        """Follows no more."""
        await stop_task(self._following)

    async def watch(self, principal: Principal, after: str) -> AsyncGenerator[Told, None]:
        """Yields where the stream stands, then events after a position (from now on where it is empty).

        Events of users and services that the principal may not see are passed over. Raises InvalidInput naming
        ``after``, Denied where there is nothing that it may see, Exhausted above a bound or where the watcher is too
        slow, Unavailable.
        """
        tenant = principal.tenant
        if not principal.scopes & set(SERVICES):
            raise Denied("the key has no scope of which there are news", reason="SCOPE_MISSING")
        with self._watching(principal) as news:
            opened, number, missed = await self._begin(after)
            yield Told(_position(opened, number), missed=missed)
            while True:
                news.clear()
                if self._draining:
                    raise Unavailable("the service restarts; watch again", reason="SERVICE_DRAINING")
                found = await self._read_next(tenant, number)
                if found is None:
                    try:
                        async with asyncio.timeout(self._idle_s):
                            await news.wait()
                    except TimeoutError:
                        opened, number, missed = await self._advance(tenant, opened, number)
                        yield Told(_position(opened, number), missed=missed)
                    continue
                number, item = found
                if item is None or item.service not in principal.scopes or not principal.may_act_for(item.user_id):
                    continue
                offered_at = self._monotonic()
                yield Told(_position(opened, number), item)
                if self._monotonic() - offered_at > SLOW_AFTER_S:
                    raise Exhausted("this watcher is too slow; resume", reason="WATCHER_TOO_SLOW", retry_after_s=1)

    @contextlib.contextmanager
    def _watching(self, principal: Principal) -> Iterator[asyncio.Event]:
        """Counts a watcher; yields what is set when its tenant has news. Raises Exhausted above a bound."""
        key = (principal.tenant, principal.subject)
        if self._of_keys[key] >= MAX_WATCHERS_OF_KEY or sum(self._of_keys.values()) >= MAX_WATCHERS:
            raise Exhausted("too many event streams at once", reason="TOO_MANY_WATCHERS", retry_after_s=5)
        news = asyncio.Event()
        self._of_keys[key] += 1
        self._watchers[principal.tenant].add(news)
        self._is_watched.set()
        try:
            yield news
        finally:
            self._of_keys[key] -= 1
            if not self._of_keys[key]:
                del self._of_keys[key]
            self._watchers[principal.tenant].discard(news)
            if not self._watchers[principal.tenant]:
                del self._watchers[principal.tenant]
            if not self._watchers:
                self._is_watched.clear()

    async def _advance(self, tenant: str, opened: str, number: int) -> tuple[str, int, bool]:
        """Where a watcher stands that has read everything: past what the stream has for others by now."""
        current, first, last = await self._look()
        if current == opened and number + 1 >= first and await self._fetch_next(tenant, number) is None:
            return current, max(number, last), False
        return await self._begin(_position(opened, number))

    async def _look(self) -> tuple[str, int, int]:
        """Which stream it is, and the numbers of its first and last event."""
        try:
            info = await self._broker.jetstream().stream_info(EVENTS_STREAM)
        except (nats.errors.Error, TimeoutError) as error:
            raise _unavailable() from error
        current = f"{info.created.timestamp():.0f}" if info.created else "0"
        return current, info.state.first_seq, info.state.last_seq

    async def _begin(self, after: str) -> tuple[str, int, bool]:
        """Which stream it is, the number to read after, and whether some of what came after ``after`` is lost."""
        opened, number = _read_position(after)
        current, first, last = await self._look()
        if not after:
            return current, last, False
        if opened != current or number > last:
            # The stream was made anew: what is there has not been seen, what was there is lost.
            return current, first - 1 if first else 0, True
        if number + 1 < first:
            return current, first - 1, True
        return current, number, False

    async def _read_next(self, tenant: str, after: int) -> tuple[int, NewsItem | None] | None:
        """A tenant's first event after a number, with its own; None while there is none."""
        key = (tenant, after)
        task = self._next.get(key)
        if task is None:
            task = self._next[key] = asyncio.create_task(self._fetch_next(tenant, after), name="event-read")
            task.add_done_callback(lambda done: self._forget_unless_found(key, done))
            if len(self._next) > _REMEMBERED:
                self._next.popitem(last=False)
        # One watcher's leaving ends nobody else's reading.
        return await asyncio.shield(task)

    def _forget_unless_found(
        self, key: tuple[str, int], done: "asyncio.Task[tuple[int, NewsItem | None] | None]"
    ) -> None:
        is_nothing = done.cancelled() or done.exception() is not None or done.result() is None
        if is_nothing and self._next.get(key) is done:
            del self._next[key]

    async def _fetch_next(self, tenant: str, after: int) -> tuple[int, NewsItem | None] | None:
        subject = f"wealth.*.v1.*.*.{tenant}.>"
        try:
            message = await self._broker.jetstream().get_msg(EVENTS_STREAM, seq=after + 1, subject=subject, next=True)
        except NotFoundError:
            return None
        except (nats.errors.Error, TimeoutError) as error:
            raise _unavailable() from error
        return message.seq or 0, read_news(message.headers or {}, message.data or b"")

    async def _follow(self) -> None:
        await self._broker.wait_connected()
        while True:
            await self._is_watched.wait()
            try:
                await self._follow_while_watched()
            except (nats.errors.Error, Unavailable, TimeoutError) as error:
                get_logger().warning("event_stream_waiting", error=type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _follow_while_watched(self) -> None:
        pieces = follow(self._broker, EVENTS_STREAM, "watch", from_start=False, headers_only=True)
        async with contextlib.aclosing(pieces):
            # The first piece says that it is followed from here on: what came before is looked for.
            await anext(pieces)
            self._wake_all()
            watched_at = self._monotonic()
            async for piece in pieces:
                for tenant in {message.subject.split(".")[5] for message in piece.messages}:
                    self._wake(tenant)
                if self._is_watched.is_set():
                    watched_at = self._monotonic()
                elif self._monotonic() - watched_at > FOLLOWED_ON_S:
                    return

    def _wake_all(self) -> None:
        for tenant in list(self._watchers):
            self._wake(tenant)

    def _wake(self, tenant: str) -> None:
        # What is being asked now may have been answered before this news: nobody joins that any more.
        for key in [key for key, task in self._next.items() if key[0] == tenant and not task.done()]:
            del self._next[key]
        for news in self._watchers.get(tenant, ()):
            news.set()


def _position(opened: str, number: int) -> str:
    return f"{opened}-{number}"


def _read_position(text: str) -> tuple[str, int]:
    if not text:
        return "", 0
    opened, _, number = text.partition("-")
    if not (opened.isascii() and opened.isdigit() and number.isascii() and number.isdigit() and len(number) < 19):
        raise InvalidInput("not a position of this stream", reason="POSITION_INVALID", field="after")
    return opened, int(number)


def _unavailable() -> Unavailable:
    return Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE", retry_after_s=2)
