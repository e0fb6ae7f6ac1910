"""Each event is delivered or a dead letter, whatever the receiver does; receivers tell repetitions by `webhook-id`."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from wealth.events.v1 import events_pb2 as pb

from services.common.jobs.broker import Broker
from tests.integration.events.conftest import Events
from tests.support.eventually import eventually
from tests.support.webhook_receiver import OK, Answer, Receiver, answer, receiving

PATIENT_S, HASTY_S = 300.0, 0.3
DELIVERED = ""


async def closes(writer: asyncio.StreamWriter) -> None:
    """Closes without an answer."""
    writer.transport.abort()


async def never_answers(_writer: asyncio.StreamWriter) -> None:
    """Says nothing for as long as the receiver is there."""
    await asyncio.Event().wait()


async def drips(writer: asyncio.StreamWriter) -> None:
    """Sends a header without an end, a byte at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\nx: ")
    while not writer.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


class Flood:
    """A good status, and then a body without an end; counts what it could send."""

    sent = 0

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            self.sent += 65536


@dataclass(frozen=True)
class Law:
    """What a receiver does, and what becomes of an event: delivered, or a dead letter that says why."""

    name: str
    answers: tuple["bytes | Answer", ...]
    ends: str
    retry_for_s: float = PATIENT_S
    calls: Callable[[int], bool] = lambda count: count >= 1


LAWS = (
    Law("takes it", (OK,), DELIVERED, calls=lambda count: count == 1),
    Law("takes it with 204", (answer(204),), DELIVERED, calls=lambda count: count == 1),
    Law("fails twice", (answer(500), answer(503), OK), DELIVERED, calls=lambda count: count == 3),
    Law("applies it and says 500", (answer(500), OK), DELIVERED, calls=lambda count: count == 2),
    Law("closes without an answer", (closes, closes, OK), DELIVERED, calls=lambda count: count == 3),
    Law("answers what is not HTTP", (b"hello\r\n\r\n", OK), DELIVERED, calls=lambda count: count == 2),
    Law("says too many", (answer(429, retry_after="0"), OK), DELIVERED, calls=lambda count: count == 2),
    Law("fails often, then recovers", (*[answer(500)] * 7, OK), DELIVERED, calls=lambda count: count == 8),
    Law("floods the answer", (Flood(),), DELIVERED, calls=lambda count: count == 1),
    # A machine under load may be slow once more.
    Law("is slow once", (never_answers, OK), DELIVERED, calls=lambda count: count >= 2),
    Law("fails for ever", (answer(500),), "ANSWERED_500", HASTY_S, lambda count: count >= 2),
    Law("does not know us", (answer(404),), "ANSWERED_404", HASTY_S),
    Law("never answers", (never_answers,), "NO_ANSWER", HASTY_S),
    Law("drips", (drips,), "NO_ANSWER", HASTY_S),
    Law("always closes", (closes,), "ANSWER_BROKEN", HASTY_S),
    Law("redirects to metadata", (answer(302, location="http://169.254.169.254/latest"),), "ANSWERED_302", HASTY_S),
    Law("redirects to itself", (answer(307, location="/other"),), "ANSWERED_307", HASTY_S),
    Law("is gone", (answer(410),), "ANSWERED_410", calls=lambda count: count == 1),
)


async def register(events: Events, receiver: Receiver) -> pb.CreateWebhookResponse:
    """A webhook to a receiver."""
    made: pb.CreateWebhookResponse = await events.call("CreateWebhook", pb.CreateWebhookRequest(url=receiver.url))
    return made


async def list_undelivered(events: Events, webhook_id: str) -> list[pb.Undelivered]:
    """Its dead letters."""
    page = await events.call("ListUndelivered", pb.ListUndeliveredRequest(webhook_id=webhook_id))
    return list(page.undelivered)


async def count_waiting(events: Events) -> int:
    """What the tenant's webhooks wait for."""
    info = await events.js.stream_info("WEBHOOKS", subjects_filter=f"webhooks.{events.principal.tenant}.>")
    return sum((info.state.subjects or {}).values())


def verify(call: Any, secret: str) -> bool:
    """As the documentation tells receivers to."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    wanted = "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return any(hmac.compare_digest(given, wanted) for given in call.headers["webhook-signature"].split(" "))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
async def test_an_event_is_delivered_or_a_dead_letter(run_events: Any, law: Law) -> None:
    async with (
        receiving(*law.answers) as receiver,
        run_events(
            events_webhook_trusted_receivers=[receiver.address],
            events_webhook_retry_for_s=law.retry_for_s,
            # Long enough for a busy machine where an answer is to count.
            events_webhook_timeout_s=0.3 if law.ends == "NO_ANSWER" or never_answers in law.answers else 30,
        ) as events,
    ):
        made = await register(events, receiver)
        event_id = await events.publish()

        async def is_over() -> bool:
            letters = await list_undelivered(events, made.webhook.webhook_id)
            return bool(receiver.calls) and not await count_waiting(events) and bool(letters) == bool(law.ends)

        await eventually(is_over, within_s=300, every_s=0.02)
        letters = await list_undelivered(events, made.webhook.webhook_id)
        assert [(letter.event.id, letter.error_code) for letter in letters] == (
            [(event_id, law.ends)] if law.ends else []
        )
        assert law.calls(len(receiver.calls)), len(receiver.calls)
        assert set(receiver.ids) == {event_id}
        assert {call.path for call in receiver.calls} == {"/hook"}
        assert all(verify(call, made.secret) for call in receiver.calls)
        told = json.loads(receiver.calls[0].body)
        assert (told["id"], told["data"]["user_id"]) == (event_id, "alice")
        for each in law.answers:
            if isinstance(each, Flood):
                assert each.sent < 16 * 1024 * 1024


async def test_a_receiver_that_is_down_gets_it_once_it_is_up(run_events: Any) -> None:
    receiver = Receiver()
    await receiver.start()
    await receiver.stop()
    async with run_events(
        events_webhook_trusted_receivers=[receiver.address], events_webhook_retry_for_s=PATIENT_S
    ) as events:
        await register(events, receiver)
        event_id = await events.publish()
        await eventually(lambda: _is_waiting(events), within_s=300, every_s=0.02)
        await receiver.start()
        await eventually(lambda: receiver.ids == [event_id], within_s=300, every_s=0.02)
        await receiver.stop()


async def _is_waiting(events: Events) -> bool:
    return await count_waiting(events) == 1


async def test_a_courier_that_dies_before_its_acknowledgement_delivers_again_under_the_same_id(
    run_events: Any,
) -> None:
    died = asyncio.Event()

    async with receiving() as receiver:
        settings = {
            "events_webhook_trusted_receivers": [receiver.address],
            "events_webhook_retry_for_s": PATIENT_S,
        }
        async with run_events(**settings) as events:

            async def die_first(writer: asyncio.StreamWriter) -> None:
                # From now on nothing that it does reaches NATS: as after kill -9, with the answer under way.
                await events.service.part(Broker).stop()
                died.set()
                writer.write(OK)

            receiver.answers = [die_first, OK]
            await register(events, receiver)
            event_id = await events.publish()
            await asyncio.wait_for(died.wait(), 120)
        async with run_events(**settings) as events:
            await eventually(lambda: receiver.ids == [event_id, event_id], within_s=300, every_s=0.02)

            async def is_done() -> bool:
                return await count_waiting(events) == 0

            await eventually(is_done, within_s=300, every_s=0.02)


async def test_one_tenants_dead_receiver_holds_up_no_others(run_events: Any) -> None:
    async with (
        receiving(never_answers) as dead,
        receiving() as alive,
        run_events(
            events_webhook_trusted_receivers=[dead.address, alive.address],
            events_webhook_retry_for_s=PATIENT_S,
            events_webhook_timeout_s=60,
        ) as events,
    ):
        await register(events, dead)
        other = type(events.principal)(
            f"{events.principal.tenant}-b", "key:b", frozenset({"*"}), events.principal.scopes
        )
        await events.call("CreateWebhook", pb.CreateWebhookRequest(url=alive.url), other)
        for _ in range(40):
            await events.publish()
        event_id = await events.publish(tenant=other.tenant)
        # Its 40 wait for answers that do not come within the time of this test.
        await eventually(lambda: alive.ids == [event_id], within_s=300, every_s=0.02)
        assert 1 <= len(dead.calls) <= 4


async def test_what_could_not_be_delivered_is_delivered_on_request_and_once(run_events: Any) -> None:
    async with (
        receiving(answer(500)) as receiver,
        run_events(events_webhook_trusted_receivers=[receiver.address], events_webhook_retry_for_s=HASTY_S) as events,
    ):
        made = await register(events, receiver)
        webhook_id = made.webhook.webhook_id
        event_id = await events.publish()

        async def is_buried() -> bool:
            return len(await list_undelivered(events, webhook_id)) == 1

        await eventually(is_buried, within_s=300, every_s=0.02)
        before = len(receiver.calls)
        receiver.answers = [OK]
        (letter,) = await list_undelivered(events, webhook_id)
        request = pb.ReplayUndeliveredRequest(webhook_id=webhook_id, number=letter.number)
        await events.call("ReplayUndelivered", request)

        await eventually(lambda: len(receiver.calls) == before + 1, within_s=300, every_s=0.02)
        assert receiver.ids[-1] == event_id
        assert await list_undelivered(events, webhook_id) == []
        with pytest.raises(Exception, match="number"):
            await events.call("ReplayUndelivered", request)
