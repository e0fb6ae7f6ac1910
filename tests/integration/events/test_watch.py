"""A tenant's stream: from now on or from a position, each event once, its own alone, bounded, and honest about gaps."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from wealth.events.v1 import events_pb2 as pb

from services.common.context import acting_as
from services.common.errors import Denied, Exhausted, InvalidInput, WealthError
from services.common.identity import Principal
from services.common.jobs.broker import Broker
from services.common.status import from_rpc_error
from services.events.adapters import event_stream
from services.events.adapters.event_stream import EventStream
from services.launcher.embedded import NatsServer
from tests.integration.events.conftest import Events
from tests.support.eventually import eventually


@asynccontextmanager
async def watching(
    events: Events, after: str = "", principal: Principal | None = None
) -> AsyncIterator[AsyncIterator[Any]]:
    with acting_as(principal or events.principal):
        call = events.stub.WatchEvents(pb.WatchEventsRequest(after=after))
    try:
        yield call.__aiter__()
    finally:
        call.cancel()


async def told(answers: AsyncIterator[Any]) -> Any:
    """The next answer."""
    return await asyncio.wait_for(anext(answers), 120)


async def refusal(answers: AsyncIterator[Any]) -> WealthError:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - looked at by the caller
        await told(answers)
    return from_rpc_error(caught.value)


async def test_events_come_in_order_once_and_resume_after_a_position(run_events: Any) -> None:
    async with run_events() as events:
        async with watching(events) as answers:
            assert not (await told(answers)).HasField("event")
            ids = [await events.publish(status) for status in ("pending", "processing", "completed")]
            seen = [await told(answers) for _ in ids]
        assert [answer.event.id for answer in seen] == ids
        assert [answer.event.type.rpartition(".")[2] for answer in seen] == ["pending", "processing", "completed"]
        ids.append(await events.publish())
        async with watching(events, seen[0].position) as answers:
            again = [await told(answers) for _ in range(4)]
        assert [answer.event.id for answer in again[1:]] == ids[1:]
        assert not any(answer.missed for answer in again)


async def test_a_key_sees_its_tenant_its_users_and_its_services_alone(run_events: Any) -> None:
    async with run_events() as events:
        modest = replace(events.principal, users=frozenset({"alice"}), subject="key:modest")
        strange = replace(events.principal, scopes=frozenset({"converter"}), subject="key:strange")
        async with watching(events, principal=modest) as answers, watching(events, principal=strange) as none:
            await told(answers)
            await told(none)
            await events.publish(user="bob")
            await events.publish(tenant=f"{events.principal.tenant}-x")
            event_id = await events.publish(user="alice")
            assert (await told(answers)).event.id == event_id
            waiting = asyncio.ensure_future(anext(none))
            await events.publish(user="alice")
            await told(answers)
            assert not waiting.done()
            waiting.cancel()
        async with watching(events, principal=replace(modest, scopes=frozenset({"files"}))) as answers:
            assert isinstance(await refusal(answers), Denied)


async def test_a_key_has_sixteen_streams_at_most_and_gets_them_back(run_events: Any) -> None:
    async with run_events() as events:
        other = replace(events.principal, subject="key:other")
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(event_stream.MAX_WATCHERS_OF_KEY):
                await told(await stack.enter_async_context(watching(events)))
            async with watching(events) as answers:
                error = await refusal(answers)
                assert isinstance(error, Exhausted)
                assert error.reason == "TOO_MANY_WATCHERS"
            async with watching(events, principal=other) as answers:
                await told(answers)

        async def is_free() -> bool:
            async with watching(events) as answers:
                try:
                    return bool((await told(answers)).position)
                except Exception:  # noqa: BLE001 - the server has not noticed yet that the others left
                    return False

        await eventually(is_free, within_s=300, every_s=0.05)


@pytest.mark.parametrize("after", ["x", "1-", "-1", "1-2-3", "1-99999999999999999999", "１-２"])
async def test_a_position_that_is_none_is_refused(run_events: Any, after: str) -> None:
    async with run_events() as events, watching(events, after) as answers:
        error = await refusal(answers)
        assert isinstance(error, InvalidInput)
        assert error.field == "after"


async def test_a_position_of_a_stream_that_was_made_anew_is_said_to_have_missed_some(run_events: Any) -> None:
    async with run_events() as events:
        async with watching(events) as answers:
            position = (await told(answers)).position
        opened, _, number = position.partition("-")
        for lost in (f"{int(opened) - 5}-{number}", f"{opened}-{int(number) + 1000}"):
            async with watching(events, lost) as answers:
                assert (await told(answers)).missed


async def test_many_watchers_of_a_tenant_cost_one_look_for_each_event(run_events: Any) -> None:
    async with run_events() as events:
        stream = events.service.part(EventStream)
        looks = 0
        fetch = stream._fetch_next

        async def count(tenant: str, after: int) -> Any:
            nonlocal looks
            looks += 1
            return await fetch(tenant, after)

        stream._fetch_next = count  # type: ignore[method-assign]
        async with contextlib.AsyncExitStack() as stack:
            watchers = [await stack.enter_async_context(watching(events)) for _ in range(12)]
            for each in watchers:
                await told(each)
            looks = 0
            for _ in range(10):
                event_id = await events.publish()
                assert {(await told(each)).event.id for each in watchers} == {event_id}
        # One that finds it, one that finds no further, and now and then one that came between.
        assert looks <= 10 * 6


async def test_a_watcher_that_takes_nothing_is_cut_and_one_that_is_idle_is_told_where_it_stands(
    nats_server: NatsServer, run_events: Any
) -> None:
    async with run_events() as events:
        broker = Broker(nats_server.url, name="watch-test")
        now = [0.0]
        stream = EventStream(broker, idle_s=0.05, monotonic=lambda: now[0])
        await broker.start()
        await stream.start()
        try:
            await eventually(lambda: broker.is_connected)
            answers = stream.watch(events.principal, "")
            first = await asyncio.wait_for(anext(answers), 120)
            # What the stream has for others moves the position on, so that resuming it finds no gap.
            await events.publish(tenant=f"{events.principal.tenant}-x")

            async def moves() -> bool:
                return (await asyncio.wait_for(anext(answers), 120)).position != first.position

            await eventually(moves, within_s=300, every_s=0.01)
            event_id = await events.publish()
            while (answer := await asyncio.wait_for(anext(answers), 120)).item is None:
                pass
            assert answer.item.event_id == event_id
            now[0] += event_stream.SLOW_AFTER_S + 1
            with pytest.raises(Exhausted, match="too slow"):
                await asyncio.wait_for(anext(answers), 120)
        finally:
            await stream.stop()
            await broker.stop()


async def test_the_stream_is_followed_only_while_somebody_watches_and_a_while_after(
    nats_server: NatsServer, run_events: Any
) -> None:
    async with run_events() as events:
        broker = Broker(nats_server.url, name="watch-test")
        now = [0.0]
        stream = EventStream(broker, monotonic=lambda: now[0])
        begun, ended = 0, asyncio.Event()
        follow = stream._follow_while_watched

        async def count() -> None:
            nonlocal begun
            begun += 1
            await follow()
            ended.set()

        async def see_one() -> None:
            answers = stream.watch(events.principal, "")
            await asyncio.wait_for(anext(answers), 120)
            event_id = await events.publish()
            answer = await asyncio.wait_for(anext(answers), 120)
            assert answer.item is not None
            assert answer.item.event_id == event_id
            await answers.aclose()

        stream._follow_while_watched = count  # type: ignore[method-assign]
        await broker.start()
        await stream.start()
        try:
            await eventually(lambda: broker.is_connected)
            await events.publish()
            assert begun == 0
            await see_one()
            await see_one()
            assert begun == 1
            now[0] += event_stream.FOLLOWED_ON_S + 1
            await events.publish()
            await asyncio.wait_for(ended.wait(), 120)
            await see_one()
            assert begun == 2
        finally:
            await stream.stop()
            await broker.stop()


async def test_a_process_that_drains_ends_its_watches_with_unavailable(run_events: Any) -> None:
    async with run_events() as events, watching(events) as answers:
        await told(answers)
        await events.service.part(EventStream).drain()
        assert (await refusal(answers)).reason == "SERVICE_DRAINING"
