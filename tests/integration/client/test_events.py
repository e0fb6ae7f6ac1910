"""Events over a real NATS: as CloudEvents ask, as docs/asyncapi.yaml says, and as `wealth events tail` shows them."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
import pytest
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

from services.client.event_tail import EventFilter, connected, read_event, tail
from services.common.clock import parse_time, utc_now
from services.common.errors import InvalidInput, Unavailable
from services.common.identity import service_principal
from services.common.jobs.broker import Broker
from services.common.jobs.events import EventPublisher, event_subject
from services.common.jobs.record import Fault, JobRecord, new_record
from services.common.jobs.topology import EVENTS_STREAM, Topology, ensure_topology
from services.launcher.embedded import NatsServer, NatsUser
from services.portfolio.mapping import TASK_KIND
from tests.support.eventually import eventually
from tests.support.servers import run_nats_server
from tests.unit.client.test_asyncapi import DOCUMENT


@dataclass(slots=True)
class News:
    """A place to publish events of tasks, and a tenant of this test alone."""

    url: str
    js: JetStreamContext
    broker: Broker
    tenant: str

    def make_task(self) -> JobRecord:
        """A task that failed: accepted, one section, the end."""
        task_id = f"task_20260102030405_{uuid4().hex[:8]}"
        principal = service_principal(self.tenant, "portfolio")
        record = new_record(
            principal, user_id="alice", job_id=task_id, now=utc_now(), status="pending", message="accepted",
            body={},
        )  # fmt: skip
        record = replace(record, revision=1).note(utc_now(), "processing", 70, "1 of 1", section="holdings")
        record = replace(record, revision=2).note(utc_now(), "error", 100, "0 of 1\x1b[2J")
        return replace(record, revision=3, error=Fault("ROWS_MISSING", "no rows", "data.0"))

    async def publish(self, record: JobRecord, *, times: int = 1) -> None:
        """Publishes all its events."""
        for _ in range(times):
            await EventPublisher(self.broker, TASK_KIND).publish(record, after_revision=0)


@pytest.fixture
async def news(nats_server: NatsServer) -> AsyncIterator[News]:
    broker = Broker(nats_server.url, name="tests")
    await broker.start()
    await broker.wait_connected()
    client = await nats.connect(nats_server.url)
    js = client.jetstream()
    await ensure_topology(js, Topology())
    yield News(nats_server.url, js, broker, f"t{uuid4().hex[:8]}")
    await client.close()
    await broker.stop()


async def take(url: str, wanted: EventFilter, count: int, since_s: float = 3600) -> list[Any]:
    """The first events of a tail from a while ago."""
    found = []
    async with connected(url) as client, asyncio.timeout(120):
        events = tail(client, wanted, since_s=since_s)
        async for event in events:
            found.append(event)
            if len(found) == count:
                break
        await events.aclose()
    return found


# What is published


async def test_headers_are_those_of_the_description(news: News) -> None:
    record = news.make_task()
    await news.publish(record)
    subject = event_subject(TASK_KIND, record, record.history[-1])
    headers = (await news.js.get_last_msg(EVENTS_STREAM, subject)).headers or {}
    schema = DOCUMENT["components"]["schemas"]["headers"]
    assert set(schema["required"]) <= headers.keys() <= schema["properties"].keys()
    constants = {name: item["const"] for name, item in schema["properties"].items() if "const" in item}
    assert constants.items() <= headers.items()
    assert headers["ce-source"] in schema["properties"]["ce-source"]["enum"]


async def test_attributes_need_no_percent_encoding(news: News) -> None:
    record = news.make_task()
    await news.publish(record)
    subject = event_subject(TASK_KIND, record, record.history[-1])
    headers = (await news.js.get_last_msg(EVENTS_STREAM, subject)).headers or {}
    values = [value for name, value in headers.items() if name.startswith("ce-")]
    assert all(0x21 <= ord(character) <= 0x7E and character not in '"%' for value in values for character in value)


async def test_a_payload_holds_what_the_description_names(news: News) -> None:
    record = news.make_task()
    await news.publish(record)
    events = await take(news.url, EventFilter(tenant=news.tenant), 3)
    known = DOCUMENT["components"]["schemas"]["taskEvent"]["properties"]
    assert all(event.data.keys() <= known.keys() for event in events)
    assert {event.data["status"] for event in events} <= set(known["status"]["enum"])
    assert events[-1].data["error"] == {"code": "ROWS_MISSING", "message": "no rows", "field": "data.0"}


async def test_the_stream_is_as_described(news: News) -> None:
    config = (await news.js.stream_info(EVENTS_STREAM)).config
    described = DOCUMENT["channels"]["tasks"]["x-jetstream"]
    assert {
        "stream": config.name,
        "retention": str(config.retention),
        "max_age_s": config.max_age,
        "duplicate_window_s": config.duplicate_window,
    } == described


# Tailing


async def test_events_come_in_order_with_their_attributes(news: News) -> None:
    record = news.make_task()
    await news.publish(record)
    events = await take(news.url, EventFilter(tenant=news.tenant), 3)
    assert [(event.service, event.status) for event in events] == [
        ("portfolio", "pending"),
        ("portfolio", "processing"),
        ("portfolio", "error"),
    ]
    last = events[-1].attributes
    assert (last["id"], last["type"], last["subject"]) == (
        f"{record.job_id}:1:3",
        "wealth.portfolio.v1.task.error",
        record.job_id,
    )
    assert parse_time(last["time"]) <= utc_now()


async def test_an_event_that_is_published_again_is_shown_once(news: News) -> None:
    record = news.make_task()
    async with connected(news.url) as client:
        events = tail(client, EventFilter(tenant=news.tenant))
        first = asyncio.ensure_future(anext(events))
        await eventually(lambda: client._subs)
        await client.flush()
        await news.publish(record, times=2)
        other = news.make_task()
        await news.publish(other)
        async with asyncio.timeout(120):
            found = [await first] + [await anext(events) for _ in range(3)]
        await events.aclose()
    assert [event.attributes["subject"] for event in found] == [record.job_id] * 3 + [other.job_id]


async def test_events_are_told_apart_by_status_tenant_and_job(news: News) -> None:
    first, second = news.make_task(), news.make_task()
    await news.publish(first)
    await news.publish(second)
    wanted = EventFilter("portfolio", frozenset({"processing", "error"}), news.tenant, second.job_id)
    found = await take(news.url, wanted, 2)
    assert [(event.attributes["subject"], event.status) for event in found] == [
        (second.job_id, "processing"),
        (second.job_id, "error"),
    ]


async def test_a_nats_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable) as caught:
        async with connected("nats://user:hidden@127.0.0.1:9"):
            pass
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("subject", "headers", "payload"),
    [
        ("wealth.portfolio.v1.task.error.t.j", {"ce-id": "1"}, b"not json"),
        ("wealth.portfolio.v1.task.error.t.j", {"ce-id": "1"}, b"[]"),
        ("wealth.portfolio.v1.task.error.t.j", {}, b"{}"),
        ("wealth.something.else", {"ce-id": "1"}, b"{}"),
    ],
)
def test_what_is_no_event_of_the_suites_is_passed_over(subject: str, headers: dict[str, str], payload: bytes) -> None:
    assert read_event(subject, headers, payload) is None


def test_attributes_are_percent_decoded() -> None:
    event = read_event("wealth.a.v1.b.c.d.e", {"ce-id": "1", "CE-Subject": "Z%C3%BCrich"}, b"{}")
    assert event is not None
    assert event.attributes["subject"] == "Zürich"


# The command


async def run(news: News, *arguments: str, code: str = "", **environment: str) -> tuple[int, str, str]:
    call = code or "import sys; from services.client.cli import main; sys.exit(main())"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", call, "events", *arguments, stdout=PIPE, stderr=PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NATS_URL": news.url, **environment},
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_command_prints_events_as_cloudevents(news: News) -> None:
    record = news.make_task()
    await news.publish(record)
    code, out, _ = await run(news, "tail", "--tenant", news.tenant, "--since", "1h", "--count", "3", "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [event["id"] for event in events] == [f"{record.job_id}:1:{sequence}" for sequence in (1, 2, 3)]
    assert {"specversion", "type", "source", "subject", "time", "datacontenttype", "tenant", "data"} <= events[0].keys()


async def test_the_command_prints_lines_without_foreign_control_characters(news: News) -> None:
    record = news.make_task()
    await news.publish(record)
    code, out, _ = await run(
        news, "tail", "--tenant", news.tenant, "--status", "error", "--since", "1h", "--count", "1"
    )
    assert code == 0
    assert f"portfolio error             100% {news.tenant} {record.job_id} 0 of 1\\x1b[2J (ROWS_MISSING)" in out


async def test_without_nats_installed_the_command_says_so(news: News) -> None:
    hidden = "import sys; sys.modules['nats'] = None; from services.client.cli import main; sys.exit(main())"
    code, _, err = await run(news, "tail", code=hidden)
    assert (code, err.partition(":")[0], err.count("\n")) == (2, "NATS_CLIENT_MISSING", 1)


@pytest.mark.parametrize("option", [("--tenant", "a.>"), ("--status", "*"), ("--since", "soon"), ("--service", "x")])
async def test_a_filter_that_is_none_exits_64(news: News, option: tuple[str, str]) -> None:
    assert (await run(news, "tail", *option))[0] == 64


async def test_a_nats_without_the_suites_streams_says_so(tmp_path: Path) -> None:
    with run_nats_server(tmp_path) as server:
        async with connected(server.url) as client:
            with pytest.raises(InvalidInput):
                await anext(tail(client, EventFilter(), since_s=60))


# What docs/events.md tells consumers


def read_documented_user() -> NatsUser:
    """The user that the page shows."""
    page = (Path(__file__).parents[3] / "docs" / "events.md").read_text()
    lists = [re.findall(rf"{verb}: \[(.*?)\]", page, re.DOTALL)[0] for verb in ("publish", "subscribe")]
    publish, subscribe = (re.findall(r'"([^"]+)"', text) for text in lists)
    return NatsUser("billing", "secret", publish, subscribe)


async def test_the_documented_permissions_are_enough_for_a_durable_consumer_and_for_no_other_tenant(
    tmp_path: Path,
) -> None:
    with run_nats_server(tmp_path, (NatsUser("operator", "secret"), read_documented_user())) as server:
        operator = await nats.connect(server.url_of("operator"))
        await ensure_topology(operator.jetstream(), Topology())
        refused: list[str] = []

        async def note(error: Exception) -> None:
            refused.append(str(error))

        client = await nats.connect(server.url_of("billing"), error_cb=note)
        js = client.jetstream()
        consumer = ConsumerConfig(durable_name="billing", filter_subjects=["wealth.portfolio.v1.task.error.acme.>"])
        await js.add_consumer(EVENTS_STREAM, consumer)
        await operator.jetstream().publish("wealth.portfolio.v1.task.error.acme.task_1", b"{}")
        events = await js.pull_subscribe_bind("billing", EVENTS_STREAM)
        [message] = await events.fetch(1, timeout=5)
        await message.ack_sync()
        assert message.subject.endswith("acme.task_1")
        await client.subscribe("wealth.*.v1.*.*.other.>")
        await client.flush()
        await eventually(lambda: refused)
        assert "other" in refused[0]
        await client.close()
        await operator.close()
