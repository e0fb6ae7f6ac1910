"""The courier: one process at a time puts events in for webhooks and delivers what waits.

What waits stands in a stream, and how often it was tried nowhere: whoever takes over reads the stream from its start,
tries everything once, and goes on by how old each is. Two couriers for a moment deliver twice, under the same id.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from random import Random

import nats.errors
from prometheus_client import Counter, Gauge

from services.common.errors import Unavailable, WealthError
from services.common.jobs.broker import Broker
from services.common.jobs.following import follow
from services.common.jobs.keeper import TopologyKeeper
from services.common.jobs.leadership import PATIENCE_S, RENEW_S, Leadership, LeadLostError, LedComponent
from services.common.jobs.topology import DELIVERIES_STREAM, EVENTS_STREAM, ROUTER
from services.common.logging import get_logger
from services.common.tasks import stop_task
from services.events.domain.lanes import Delivery, Lane, LaneKey, Lanes
from services.events.domain.news import read_news
from services.events.domain.schedule import Schedule
from services.events.ports import Deliveries, Failure
from services.events.usecases.telling import Telling

TRIES = Counter("wealth_webhook_tries_total", "Tries to deliver to webhooks, by what came of them", ["outcome"])
WAITING = Gauge("wealth_webhook_waiting_deliveries", "Deliveries to webhooks that wait or are under way")
_BATCH = 64
_FETCH_TIMEOUT_S = 5.0
# How often it looks for what is due although nobody told it to.
_TICK_S = 30.0
# How often the one that leads looks for what NATS has lost: as sweepers do.
_KEEP_S = 5.0


class Courier(LedComponent):
    """A component of a process. ``keeper`` makes again what NATS has lost; ``schedule`` says when to try again."""

    def __init__(
        self,
        broker: Broker,
        keeper: TopologyKeeper,
        telling: Telling,
        deliveries: Deliveries,
        *,
        schedule: Schedule,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__("courier", Leadership(broker, "courier", patience_s=PATIENCE_S))
        self._broker = broker
        self._keeper = keeper
        self._telling = telling
        self._deliveries = deliveries
        self._schedule = schedule
        self._clock = clock
        self._log = get_logger()

    async def _run(self) -> None:
        await self._broker.wait_connected()
        while True:
            try:
                if await self._keeper.take_lead(self._leadership):
                    self._log.info("courier_leads")
                    await self._lead()
            except LeadLostError:
                self._log.info("courier_elsewhere")
            except (WealthError, TimeoutError, nats.errors.Error) as error:
                self._log.warning("courier_deferred", error=f"{type(error).__name__}: {error}")
            except Exception:  # noqa: BLE001 - nothing would be delivered any more: it must not end
                self._log.exception("courier_failed")
            await asyncio.sleep(RENEW_S)

    async def _lead(self) -> None:
        """Works until the lead is lost or NATS fails; raises what ended it."""
        round_ = _Round(self._telling, self._deliveries, Lanes(self._schedule, Random()), self._clock)
        try:
            parts = (self._route(), self._read(round_), round_.deliver(), self._keep())
            await self._leadership.work(*parts, name="courier-part")
        finally:
            await round_.stop()

    async def _keep(self) -> None:
        """Returns once something that NATS had lost was made again: what is known of it counts no more. A try whose
        stream is gone only waits, so that nothing else would find it."""
        while True:
            await asyncio.sleep(_KEEP_S)
            if await self._keeper.restore():
                return

    async def _route(self) -> None:
        """Puts events that end something in for the webhooks they are for, then acknowledges them."""
        subscription = await self._broker.jetstream(_FETCH_TIMEOUT_S).pull_subscribe_bind(ROUTER, stream=EVENTS_STREAM)
        try:
            while True:
                try:
                    messages = await subscription.fetch(_BATCH, timeout=_FETCH_TIMEOUT_S)
                except (TimeoutError, nats.errors.TimeoutError):
                    # Nothing new - or the consumer is gone, which raises.
                    await self._broker.jetstream().consumer_info(EVENTS_STREAM, ROUTER)
                    continue
                for message in messages:
                    item = read_news(message.headers or {}, message.data)
                    if item is None:
                        self._log.warning("event_unreadable", subject=message.subject)
                    else:
                        await self._telling.route(item)
                    await message.ack()
        finally:
            with contextlib.suppress(nats.errors.Error, ConnectionError):
                await subscription.unsubscribe()

    async def _read(self, round_: "_Round") -> None:
        """Learns of everything that waits to be delivered."""
        async with contextlib.aclosing(
            follow(self._broker, DELIVERIES_STREAM, "courier", from_start=True, headers_only=True)
        ) as pieces:
            async for piece in pieces:
                for message in piece.messages:
                    _, tenant, webhook_id = message.subject.split(".")
                    metadata = message.metadata
                    round_.add(LaneKey(tenant, webhook_id), metadata.sequence.stream, metadata.timestamp.timestamp())


def _outcome(failure: Failure | None) -> str:
    """A word for a metric's label: a receiver may answer with as many numbers as it likes."""
    if failure is None:
        return "delivered"
    return "answered" if failure.code.startswith("ANSWERED_") else failure.code.lower()


class _Round:
    """What one process knows while it has the lead, and what it has under way."""

    def __init__(self, telling: Telling, deliveries: Deliveries, lanes: Lanes, clock: Callable[[], float]) -> None:
        self._telling = telling
        self._deliveries = deliveries
        self._lanes = lanes
        self._clock = clock
        self._wake = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    def add(self, key: LaneKey, number: int, begun_at_s: float) -> None:
        """Takes note of what waits."""
        self._lanes.lane(key).add(number, begun_at_s)
        self._wake.set()

    async def deliver(self) -> None:
        """Makes what is due, webhook by webhook in turn."""
        while True:
            self._wake.clear()
            for lane, delivery in self._lanes.take(self._clock()):
                task = asyncio.create_task(self._try(lane, delivery), name="webhook-delivery")
                self._under_way.add(task)
                task.add_done_callback(self._end)
            WAITING.set(sum(map(len, self._lanes)))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause_s()):
                    await self._wake.wait()
            self._lanes.forget_empty(self._clock())

    async def stop(self) -> None:
        """Breaks off what is under way: whoever takes over makes it again."""
        for task in list(self._under_way):
            await stop_task(task)

    def _pause_s(self) -> float:
        next_at_s = self._lanes.next_at_s()
        # Something due for which there was no room waits for the end of another.
        return _TICK_S if next_at_s is None else min(_TICK_S, max(0.05, next_at_s - self._clock()))

    def _end(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            get_logger().error("webhook_delivery_failed", exc_info=error)

    async def _try(self, lane: Lane, delivery: Delivery) -> None:
        try:
            waiting = await self._deliveries.get(delivery.number)
            if waiting is None:
                lane.finish(delivery)
                return
            failure = await self._telling.try_one(waiting)
            TRIES.labels(_outcome(failure)).inc()
            if failure is None:
                await self._deliveries.remove(delivery.number)
                lane.succeed(delivery)
            elif failure.is_final:
                await self._telling.give_up(waiting, failure)
                lane.finish(delivery)
            else:
                for late in lane.fail(delivery, self._clock(), failure.retry_after_s):
                    await self._give_up(lane, late, failure)
        except (Unavailable, nats.errors.Error, TimeoutError):
            # NATS or storage is away: nothing is known of the receiver.
            lane.retry_soon(delivery, self._clock())
        except ValueError as error:
            get_logger().error("delivery_unreadable", number=delivery.number, error=type(error).__name__)
            await self._deliveries.remove(delivery.number)
            lane.finish(delivery)

    async def _give_up(self, lane: Lane, delivery: Delivery, failure: Failure) -> None:
        try:
            waiting = await self._deliveries.get(delivery.number)
            if waiting is not None:
                await self._telling.give_up(waiting, failure)
        except Unavailable:
            lane.retry_soon(delivery, self._clock())
