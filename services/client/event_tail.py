"""The suite's events as they come over NATS, as CloudEvents. Imports nats: only `wealth events` imports this."""

import asyncio
import json
import ssl
import urllib.parse
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy

from services.common.errors import InvalidInput, Unauthenticated, Unavailable
from services.common.jobs.topology import EVENTS_STREAM

_CONNECT_TIMEOUT_S = 5.0
_QUEUE_SIZE = 4096
_REMEMBERED = 10_000
_ATTRIBUTE_PREFIX = "ce-"


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: an empty field is any. Values are single words of a subject."""

    service: str = ""
    statuses: frozenset[str] = frozenset()
    tenant: str = ""
    job_id: str = ""

    @property
    def subject(self) -> str:
        """The subject that holds them all; several statuses are told apart after that."""
        status = next(iter(self.statuses)) if len(self.statuses) == 1 else "*"
        return f"wealth.{self.service or '*'}.v1.*.{status}.{self.tenant or '*'}.{self.job_id or '*'}"

    def takes(self, subject: str) -> bool:
        """Whether an event's status is one that is asked for."""
        return not self.statuses or subject.split(".")[4] in self.statuses


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """An event: its attributes without the prefix, its data, and where it was published."""

    subject: str
    attributes: Mapping[str, str]
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """Whose it is: portfolio or converter."""
        return self.subject.split(".")[1]

    @property
    def status(self) -> str:
        """Where the task or job stands."""
        return self.subject.split(".")[4]

    def as_json(self) -> dict[str, Any]:
        """The event in CloudEvents' JSON format."""
        return {**self.attributes, "data": self.data}


def read_event(subject: str, headers: Mapping[str, str], payload: bytes) -> CloudEvent | None:
    """Reads a message in CloudEvents' binary mode; None where it is none of the suite's."""
    attributes = {
        name.lower().removeprefix(_ATTRIBUTE_PREFIX): urllib.parse.unquote(value)
        for name, value in headers.items()
        if name.lower().startswith(_ATTRIBUTE_PREFIX)
    }
    try:
        data = json.loads(payload)
    except ValueError:
        return None
    if not isinstance(data, dict) or "id" not in attributes or len(subject.split(".")) != 7:
        return None
    return CloudEvent(subject, attributes, data)


@asynccontextmanager
async def connected(url: str, ca_file: Path | None = None) -> AsyncIterator[Client]:
    """A connection to NATS, made again where it breaks. Raises Unavailable or Unauthenticated without the password."""
    client, problems = Client(), [""]

    async def on_error(error: Exception) -> None:
        problems[0] = str(error)

    try:
        tls = ssl.create_default_context(cafile=str(ca_file)) if ca_file else None
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            await client.connect(
                [part.strip() for part in url.split(",")],
                name="wealth-events",
                tls=tls,
                tls_handshake_first=tls is not None,
                max_reconnect_attempts=-1,
                reconnect_time_wait=1,
                error_cb=on_error,
            )
    except (nats.errors.Error, TimeoutError, OSError) as error:
        await client.close()
        words = problems[0] or str(error)
        if "authorization" in words.lower():
            raise Unauthenticated("NATS knows no such user or password", reason="NATS_REFUSED") from error
        raise Unavailable("NATS does not answer", reason="NATS_UNAVAILABLE") from error
    try:
        yield client
    finally:
        await client.close()


async def tail(
    client: Client, wanted: EventFilter, *, since_s: float | None = None
) -> AsyncGenerator[CloudEvent, None]:
    """Yields events from now on, or from ``since_s`` ago, each once. Raises InvalidInput where there is no stream."""
    messages: asyncio.Queue[Msg] = asyncio.Queue(_QUEUE_SIZE)
    if since_s is None:
        subscription: Any = await client.subscribe(wanted.subject, cb=messages.put)
    else:
        start = (datetime.now(UTC) - timedelta(seconds=since_s)).isoformat(timespec="milliseconds")
        try:
            subscription = await client.jetstream().subscribe(
                wanted.subject,
                stream=EVENTS_STREAM,
                cb=messages.put,
                ordered_consumer=True,
                config=ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_time=start),  # type: ignore[arg-type]
            )
        except nats.js.errors.NotFoundError as error:
            raise InvalidInput(f"there is no stream {EVENTS_STREAM}: has the suite run yet?", field="since") from error
    await client.flush()
    seen: OrderedDict[str, None] = OrderedDict()
    try:
        while True:
            message = await messages.get()
            event = read_event(message.subject, message.headers or {}, message.data)
            if event is None or not wanted.takes(message.subject) or event.attributes["id"] in seen:
                continue
            seen[event.attributes["id"]] = None
            if len(seen) > _REMEMBERED:
                seen.popitem(last=False)
            yield event
    finally:
        if client.is_connected:
            await subscription.unsubscribe()
