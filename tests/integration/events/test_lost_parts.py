"""Rule 25: what bootstrap made for webhooks is looked for while somebody leads, made again, and news go on."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.common.jobs.topology import (
    DELIVERIES_STREAM,
    EVENTS_STREAM,
    LEADERS_BUCKET,
    NEWS,
    ROUTER,
    UNDELIVERED_STREAM,
    Topology,
    ensure_topology,
    list_parts,
)
from services.events import worker
from services.launcher.embedded import NatsServer
from tests.integration.events.conftest import Events
from tests.integration.events.test_webhooks_under_chaos import list_undelivered, register
from tests.support.eventually import eventually
from tests.support.servers import run_nats_server
from tests.support.webhook_receiver import OK, answer, receiving

# Every part that bootstrap makes for the service, by how it is deleted.
PARTS = {
    EVENTS_STREAM: lambda js: js.delete_stream(EVENTS_STREAM),
    f"KV_{LEADERS_BUCKET}": lambda js: js.delete_key_value(LEADERS_BUCKET),
    DELIVERIES_STREAM: lambda js: js.delete_stream(DELIVERIES_STREAM),
    UNDELIVERED_STREAM: lambda js: js.delete_stream(UNDELIVERED_STREAM),
    f"{EVENTS_STREAM}.{ROUTER}": lambda js: js.delete_consumer(EVENTS_STREAM, ROUTER),
}


@pytest.fixture(scope="module")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A server whose shared streams may be deleted."""
    with run_nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


def test_rule_25_no_part_is_left_out_of_these_tests() -> None:
    assert list(PARTS) == [part.name for part in list_parts(Topology(), (NEWS,))]


@pytest.mark.parametrize("name", PARTS)
async def test_rule_25_a_part_that_is_lost_while_somebody_leads_is_made_again_and_news_go_on(
    run_events: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_KEEP_S", 0.1)
    async with receiving(OK) as receiver, receiving(OK, OK, answer(410)) as leaving:
        trusted = [receiver.address, leaving.address]
        async with run_events(events_webhook_trusted_receivers=trusted) as events:
            await register(events, receiver)
            made = await register(events, leaving)
            first = await events.publish()
            await eventually(lambda: first in receiver.ids and first in leaving.ids, within_s=300)
            await PARTS[name](events.js)
            await eventually(lambda: is_whole(events), within_s=300)
            second = await events.publish()
            await eventually(lambda: second in receiver.ids and second in leaving.ids, within_s=300)
            # And what could not be delivered is kept.
            third = await events.publish()
            assert await eventually(lambda: list_undelivered(events, made.webhook.webhook_id), within_s=300)
            await eventually(lambda: third in receiver.ids, within_s=300)


async def test_rule_26_what_ends_while_there_is_no_router_is_told_once_there_is_one_again(
    run_events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EVENTS is made again by whichever service finds it missing first, and goes on without the courier's consumer."""
    monkeypatch.setattr(worker, "_KEEP_S", 1.0)
    async with (
        receiving(OK) as receiver,
        run_events(events_webhook_trusted_receivers=[receiver.address]) as events,
    ):
        await register(events, receiver)
        first = await events.publish()
        await eventually(lambda: first in receiver.ids, within_s=300)
        await events.js.delete_stream(EVENTS_STREAM)
        await list_parts(Topology(), (NEWS,))[0].make_again(events.js)
        second = await events.publish()
        await eventually(lambda: second in receiver.ids, within_s=300)
        # Bootstrap, run again after that, finds nothing to object to.
        await ensure_topology(events.js, Topology(ack_wait_s=2), (NEWS,))


async def is_whole(events: Events) -> bool:
    """Whether all of it is there."""
    return all([await part.exists(events.js) for part in list_parts(Topology(), (NEWS,))])
