"""What somebody tries with webhooks who means ill: each try by name, and what comes of it."""

import asyncio
import ipaddress
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs
from wealth.events.v1 import events_pb2 as pb

from services.common.context import acting_as
from services.common.errors import Conflict, Denied, Exhausted, InvalidInput, NotFound, PreconditionFailed, WealthError
from services.common.identity import Principal, service_principal
from services.common.public_addresses import is_public
from services.common.status import from_rpc_error
from services.events.adapters.https_sender import HttpsSender
from services.events.domain.news import NewsItem
from services.events.domain.signature import make_secret
from tests.integration.events.conftest import ALL_SCOPES, Events
from tests.integration.events.test_webhooks_under_chaos import count_waiting, list_undelivered, register, verify
from tests.support.eventually import eventually
from tests.support.storage import RunningStorage
from tests.support.webhook_receiver import OK, answer, receiving

ITEM = NewsItem("i:1:1", "wealth.portfolio.v1.task.completed", "/s", "i", "2026-01-02T03:04:05.000Z", "t", "u", b"{}")
ANYWHERE = "https://hooks.example.com/x"


async def refused(call: Any) -> WealthError:
    """The error that a call is answered with."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - looked at below
        await call
    return from_rpc_error(caught.value) if not isinstance(caught.value, WealthError) else caught.value


@asynccontextmanager
async def sending(**options: Any) -> AsyncIterator[HttpsSender]:
    sender = HttpsSender(**options)
    await sender.start()
    try:
        yield sender
    finally:
        await sender.stop()


@pytest.mark.parametrize(
    "url", ["http://storage:9101/", "https://127.0.0.1/", "https://169.254.169.254/latest", "https://a@b.example.com/"]
)
async def test_a_webhook_to_the_inside_is_not_registered(run_events: Any, url: str) -> None:
    async with run_events() as events:
        error = await refused(events.call("CreateWebhook", pb.CreateWebhookRequest(url=url)))
        assert isinstance(error, InvalidInput)
        assert (error.reason, error.field) == ("WEBHOOK_URL_INVALID", "url")
        assert not (await events.call("ListWebhooks", pb.ListWebhooksRequest())).webhooks


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("service-of-the-cluster.example.com", ["10.96.0.7"]),
        ("metadata.example.com", ["169.254.169.254"]),
        ("itself.example.com", ["127.0.0.1"]),
        ("both.example.com", ["93.184.215.14", "127.0.0.1"]),
        ("six.example.com", ["::1"]),
        ("mapped.example.com", ["::ffff:127.0.0.1"]),
    ],
)
async def test_a_name_that_stands_for_an_inner_address_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, host: str, addresses: list[str]
) -> None:
    connected = []
    loop = asyncio.get_running_loop()

    async def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        kinds = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (kinds[ipaddress.ip_address(each).version], socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses
        ]

    async def connect(*arguments: Any, **_: Any) -> None:
        connected.append(arguments)

    monkeypatch.setattr(type(loop), "getaddrinfo", lambda _self, *a, **k: resolve(*a, **k))
    monkeypatch.setattr(type(loop), "sock_connect", connect)
    async with sending() as sender:
        failure = await sender.send(f"https://{host}/x", ITEM, [make_secret()])
    assert failure
    assert failure.code == "ADDRESS_REFUSED"
    assert connected == []


async def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    loop = asyncio.get_running_loop()
    real = type(loop).getaddrinfo
    async with receiving() as inner:

        async def rebind(self: Any, host: Any, port: Any, **options: Any) -> list[Any]:
            nonlocal asked
            if host != "rebinding.example.com":
                return list(await real(self, host, port, **options))
            asked += 1
            # Public when it is vetted; the inside for whoever asks once more.
            address = "192.0.2.1" if asked == 1 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, inner.port))]

        monkeypatch.setattr(type(loop), "getaddrinfo", rebind)
        async with sending(may_connect=lambda _: True, timeout_s=0.2) as sender:
            failure = await sender.send("https://rebinding.example.com/x", ITEM, [make_secret()])
        assert failure
        assert (asked, inner.calls) == (1, [])


@pytest.mark.parametrize(
    "url",
    ["https://2130706433/x", "https://0x7f.1/x", "https://127.1/x", "https://0177.0.0.1/x", "https://localhost/x"],
)
async def test_numbers_that_resolvers_read_as_an_inner_address_are_not_connected_to(url: str) -> None:
    async with sending() as sender:
        failure = await sender.send(url, ITEM, [make_secret()])
    assert failure
    assert failure.code == "ADDRESS_REFUSED"


def test_the_guard_of_webhooks_is_that_of_imports() -> None:
    defaults = HttpsSender.__init__.__kwdefaults__
    assert defaults["may_connect"] is is_public


async def test_a_secret_is_shown_once_and_stands_nowhere_in_clear(
    run_events: Any, events_storage: RunningStorage
) -> None:
    async with receiving(answer(500)) as receiver:
        with capture_logs() as logs:
            async with run_events(
                events_webhook_trusted_receivers=[receiver.address], events_webhook_retry_for_s=0.1
            ) as events:
                made = await register(events, receiver)
                webhook_id = made.webhook.webhook_id
                rotated = await events.call("RotateWebhookSecret", pb.RotateWebhookSecretRequest(webhook_id=webhook_id))
                await events.publish()

                async def is_buried() -> bool:
                    return bool(await list_undelivered(events, webhook_id))

                await eventually(is_buried, within_s=300, every_s=0.02)
                shown = [
                    await events.call("GetWebhook", pb.GetWebhookRequest(webhook_id=webhook_id)),
                    await events.call("ListWebhooks", pb.ListWebhooksRequest()),
                    await events.call("EnableWebhook", pb.EnableWebhookRequest(webhook_id=webhook_id)),
                    *await list_undelivered(events, webhook_id),
                ]
                with acting_as(service_principal(events.principal.tenant, "events")):
                    record = await events_storage.client("events").get_record(f"webhooks/{webhook_id}.json")
        texts = [*map(str, shown), json.dumps(record.document), *map(str, logs), *map(str, receiver.calls)]
        assert len(texts) > 5
        for secret in (made.secret, rotated.secret):
            assert secret.startswith("whsec_")
            assert not [text for text in texts if secret.removeprefix("whsec_")[:20] in text]


async def test_a_replaced_secret_signs_beside_the_new_one(run_events: Any) -> None:
    async with (
        receiving() as receiver,
        run_events(events_webhook_trusted_receivers=[receiver.address]) as events,
    ):
        made = await register(events, receiver)
        request = pb.RotateWebhookSecretRequest(webhook_id=made.webhook.webhook_id)
        rotated = await events.call("RotateWebhookSecret", request)
        await events.publish()
        await eventually(lambda: len(receiver.calls) == 1, within_s=300, every_s=0.02)
        (call,) = receiver.calls
        assert verify(call, made.secret)
        assert verify(call, rotated.secret)
        assert not verify(call, make_secret())


OTHERS = {
    "another tenant": lambda mine: replace(mine, tenant=f"{mine.tenant}-x"),
    "a key for one user": lambda mine: replace(mine, users=frozenset({"alice"})),
    "a key without the tasks": lambda mine: replace(mine, scopes=frozenset({"converter", "webhooks"})),
}
METHODS = {
    "GetWebhook": pb.GetWebhookRequest,
    "RotateWebhookSecret": pb.RotateWebhookSecretRequest,
    "EnableWebhook": pb.EnableWebhookRequest,
    "DisableWebhook": pb.DisableWebhookRequest,
    "DeleteWebhook": pb.DeleteWebhookRequest,
    "ListUndelivered": pb.ListUndeliveredRequest,
    "ReplayUndelivered": lambda webhook_id: pb.ReplayUndeliveredRequest(webhook_id=webhook_id, number=1),
}


@pytest.mark.parametrize("who", OTHERS)
async def test_a_webhook_that_tells_more_than_a_key_may_see_is_not_found_by_it(run_events: Any, who: str) -> None:
    async with run_events() as events:
        made = await events.call("CreateWebhook", pb.CreateWebhookRequest(url=ANYWHERE))
        other: Principal = OTHERS[who](events.principal)
        for method, request in METHODS.items():
            error = await refused(events.call(method, request(webhook_id=made.webhook.webhook_id), other))
            assert isinstance(error, NotFound), method
        assert not (await events.call("ListWebhooks", pb.ListWebhooksRequest(), other)).webhooks
        request = pb.GetWebhookRequest(webhook_id=made.webhook.webhook_id)
        assert (await events.call("GetWebhook", request)).state == pb.WEBHOOK_STATE_ENABLED


@pytest.mark.parametrize("webhook_id", ["wh_../../private/x", "wh_0123456789ABCDEF", "*", "x" * 64, "wh_>"])
async def test_an_id_that_is_none_is_not_looked_for(run_events: Any, webhook_id: str) -> None:
    async with run_events() as events:
        for method, request in METHODS.items():
            error = await refused(events.call(method, request(webhook_id=webhook_id)))
            assert isinstance(error, NotFound), method


async def test_a_webhook_is_told_no_more_than_its_key_may_see(run_events: Any) -> None:
    async with (
        receiving() as receiver,
        run_events(events_webhook_trusted_receivers=[receiver.address]) as events,
    ):
        modest = replace(events.principal, users=frozenset({"alice"}), subject="key:modest")
        await events.call("CreateWebhook", pb.CreateWebhookRequest(url=receiver.url), modest)
        await events.publish(user="bob")
        await events.publish(tenant=f"{events.principal.tenant}-x")
        await events.publish("processing")
        event_id = await events.publish(user="alice")
        await eventually(lambda: bool(receiver.calls), within_s=300, every_s=0.02)
        assert receiver.ids == [event_id]


async def test_dead_letters_of_another_webhook_are_not_replayed_to_ones_own(run_events: Any) -> None:
    async with (
        receiving(answer(500)) as receiver,
        run_events(events_webhook_trusted_receivers=[receiver.address], events_webhook_retry_for_s=0.1) as events,
    ):
        made = await register(events, receiver)
        await events.publish()

        async def is_buried() -> bool:
            return bool(await list_undelivered(events, made.webhook.webhook_id))

        await eventually(is_buried, within_s=300, every_s=0.02)
        (letter,) = await list_undelivered(events, made.webhook.webhook_id)
        other = replace(events.principal, tenant=f"{events.principal.tenant}-x")
        own = await events.call("CreateWebhook", pb.CreateWebhookRequest(url=ANYWHERE), other)
        request = pb.ReplayUndeliveredRequest(webhook_id=own.webhook.webhook_id, number=letter.number)
        assert isinstance(await refused(events.call("ReplayUndelivered", request, other)), NotFound)
        assert len(await list_undelivered(events, made.webhook.webhook_id)) == 1


async def test_a_flood_of_webhooks_and_of_waiting_events_is_bounded(run_events: Any) -> None:
    async with (
        receiving(lambda _: asyncio.Event().wait()) as receiver,
        run_events(
            events_webhook_trusted_receivers=[receiver.address],
            events_webhook_timeout_s=60,
            events_webhook_retry_for_s=300,
        ) as events,
    ):
        made = await register(events, receiver)
        for number in range(19):
            await events.call("CreateWebhook", pb.CreateWebhookRequest(url=f"{ANYWHERE}{number}"))
        error = await refused(events.call("CreateWebhook", pb.CreateWebhookRequest(url=ANYWHERE)))
        assert isinstance(error, Exhausted)
        assert error.reason == "TOO_MANY_WEBHOOKS"
        # What is more than the bound for one webhook is a dead letter at once, and says why.
        subject = f"webhooks.{events.principal.tenant}.{made.webhook.webhook_id}"
        for _ in range(1_000):
            await events.js.publish(subject, b"{}", stream="WEBHOOKS")
        event_id = await events.publish()

        async def is_buried() -> bool:
            return bool(await list_undelivered(events, made.webhook.webhook_id))

        await eventually(is_buried, within_s=300, every_s=0.05)
        (letter,) = await list_undelivered(events, made.webhook.webhook_id)
        assert (letter.event.id, letter.error_code) == (event_id, "TOO_MANY_WAITING")


async def test_a_receiver_that_is_gone_is_told_nothing_more_until_it_is_enabled(run_events: Any) -> None:
    async with (
        receiving(answer(410), OK) as receiver,
        run_events(events_webhook_trusted_receivers=[receiver.address]) as events,
    ):
        made = await register(events, receiver)
        webhook_id = made.webhook.webhook_id
        gone = await events.publish()

        async def is_off() -> bool:
            found = await events.call("GetWebhook", pb.GetWebhookRequest(webhook_id=webhook_id))
            return bool(found.state == pb.WEBHOOK_STATE_DISABLED)

        await eventually(is_off, within_s=300, every_s=0.02)
        await eventually(lambda: _has_letters(events, webhook_id), within_s=300, every_s=0.02)
        (letter,) = await list_undelivered(events, webhook_id)
        request = pb.ReplayUndeliveredRequest(webhook_id=webhook_id, number=letter.number)
        assert isinstance(await refused(events.call("ReplayUndelivered", request)), PreconditionFailed)
        await events.call("EnableWebhook", pb.EnableWebhookRequest(webhook_id=webhook_id))
        await events.call("ReplayUndelivered", request)
        await eventually(lambda: receiver.ids == [gone, gone], within_s=300, every_s=0.02)


async def _has_letters(events: Events, webhook_id: str) -> bool:
    return bool(await list_undelivered(events, webhook_id))


async def test_a_repeated_registration_is_one_webhook_and_another_body_is_refused(run_events: Any) -> None:
    async with run_events() as events:
        request = pb.CreateWebhookRequest(url=ANYWHERE, request_id="once")
        one, two = await events.call("CreateWebhook", request), await events.call("CreateWebhook", request)
        assert (one.webhook.webhook_id, one.secret) == (two.webhook.webhook_id, two.secret)
        other = pb.CreateWebhookRequest(url=f"{ANYWHERE}/y", request_id="once")
        assert isinstance(await refused(events.call("CreateWebhook", other)), Conflict)
        assert len((await events.call("ListWebhooks", pb.ListWebhooksRequest())).webhooks) == 1


async def test_a_deleted_webhook_is_told_nothing_and_leaves_nothing(run_events: Any) -> None:
    async with (
        receiving(answer(500)) as receiver,
        run_events(events_webhook_trusted_receivers=[receiver.address], events_webhook_retry_for_s=0.1) as events,
    ):
        made = await register(events, receiver)
        webhook_id = made.webhook.webhook_id
        await events.publish()
        await eventually(lambda: _has_letters(events, webhook_id), within_s=300, every_s=0.02)
        await events.call("DeleteWebhook", pb.DeleteWebhookRequest(webhook_id=webhook_id))
        subject = f"webhooks-dead.{events.principal.tenant}.{webhook_id}"
        info = await events.js.stream_info("WEBHOOKS_UNDELIVERED", subjects_filter=subject)
        assert not info.state.subjects
        assert await count_waiting(events) == 0


async def test_without_a_sealing_key_no_webhook_is_registered_and_no_secret_kept(run_events: Any) -> None:
    async with run_events(events_sealing_keys={}) as events:
        error = await refused(events.call("CreateWebhook", pb.CreateWebhookRequest(url=ANYWHERE)))
        assert error.reason == "SEALING_KEY_MISSING"
        assert not (await events.call("ListWebhooks", pb.ListWebhooksRequest())).webhooks


async def test_nobody_but_the_gateway_may_call(run_events: Any) -> None:
    async with run_events() as events:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from wealth.events.v1 import events_pb2_grpc

        from services.common.channels import open_channel
        from services.common.identity import TokenSigner

        forged = TokenSigner("gateway", Ed25519PrivateKey.generate())
        async with open_channel(
            events.service.target, audience="events", signer=forged, service="wealth.events.v1.EventsService"
        ) as channel:
            stub = events_pb2_grpc.EventsServiceStub(channel)
            with acting_as(Principal("t", "key:x", frozenset({"*"}), ALL_SCOPES)):
                error = await refused(stub.ListWebhooks(pb.ListWebhooksRequest()))
        assert not isinstance(error, (Denied, NotFound))
        assert error.reason == "SERVICE_TOKEN_INVALID"
