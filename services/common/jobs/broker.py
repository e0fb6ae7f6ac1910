"""The connection to NATS: made in the background, as services start in any order, and made again whenever it breaks."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import APIError
from nats.js.kv import KeyValue

from services.common.errors import Unavailable
from services.common.logging import get_logger, redact
from services.common.tasks import stop_task

CONNECT_RETRY_S = 0.5
# Of a listing that begins here only the number of all is told.
_PAST_ALL_SUBJECTS = 1 << 30
_NO_SUCH_SEQUENCE = 10043
# A file store fails, with these words, where the sequence lies before its first message or past its last.
_NOT_DELETED = 10057
_OUT_OF_RANGE = frozenset({"no message found", "stream store EOF"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be published."""

    subject: str
    payload: bytes
    headers: Mapping[str, str]


class Broker:
    """A NATS client as a component of a process.

    With ``tls`` it speaks to nobody who does not show a certificate that this accepts, before anything else is said.
    """

    def __init__(self, url: str, *, name: str, tls: ssl.SSLContext | None = None) -> None:
        self._urls = [part.strip() for part in url.split(",")]
        self._name = name
        self._tls = tls
        self._client: Client | None = None
        # What hears the acknowledgements of messages that are published together: one for each connection.
        self._publisher: JetStreamContext | None = None
        self._buckets: dict[str, KeyValue] = {}
        self._connecting: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()

    async def start(self) -> None:
        """Begins to connect; does not wait for the server."""
        self._connecting = asyncio.create_task(self._connect(), name="nats-connect")

    async def drain(self) -> None:
        """Keeps the connection: others still need it while they drain."""

    async def stop(self) -> None:
        """Closes the connection after what was published has left."""
        await stop_task(self._connecting)
        if self._client and self._client.is_connected:
            with contextlib.suppress(nats.errors.Error, TimeoutError, OSError):
                await asyncio.wait_for(self._client.flush(), 1)
        if self._client and not self._client.is_closed:
            await self._client.close()

    async def _connect(self) -> None:
        log = get_logger()

        async def on_error(error: Exception) -> None:
            log.warning("nats_error", error=redact(f"{type(error).__name__}: {error}"))

        async def on_disconnected() -> None:
            log.warning("nats_disconnected")

        async def on_reconnected() -> None:
            log.info("nats_reconnected")

        while True:
            client = self._client = Client()
            try:
                await client.connect(
                    self._urls,
                    name=self._name,
                    tls=self._tls,
                    # Otherwise TLS would be the server's wish alone, and the password follows whatever it wishes.
                    tls_handshake_first=self._tls is not None,
                    # Permissions are by prefix: nobody else may read the answers meant for this service.
                    inbox_prefix=f"_INBOX_{self._name}".encode(),
                    allow_reconnect=True,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=CONNECT_RETRY_S,  # type: ignore[arg-type]
                    connect_timeout=2,
                    ping_interval=10,
                    max_outstanding_pings=2,
                    pending_size=8 * 1024 * 1024,
                    error_cb=on_error,
                    disconnected_cb=on_disconnected,
                    reconnected_cb=on_reconnected,
                )
            except (nats.errors.Error, OSError, TimeoutError) as error:
                log.warning("nats_unreachable", error=redact(f"{type(error).__name__}: {error}"))
                await asyncio.sleep(CONNECT_RETRY_S)
            else:
                self._publisher = client.jetstream()
                self._connected.set()
                log.info("nats_connected")
                return

    @property
    def is_connected(self) -> bool:
        """Whether the server is there right now."""
        return self._client is not None and self._client.is_connected

    @property
    def client(self) -> Client:
        """The client. Raises Unavailable while there is no connection: nothing may wait in its buffer unseen."""
        if self._client is None or not self._client.is_connected:
            raise _not_connected()
        return self._client

    def jetstream(self, timeout_s: float = 2) -> JetStreamContext:
        """A JetStream context whose requests wait so long. Raises Unavailable while there is no connection."""
        return self.client.jetstream(timeout=timeout_s)

    def _publishing(self) -> JetStreamContext:
        if not self.is_connected or self._publisher is None:
            raise _not_connected()
        return self._publisher

    async def publish_all(self, messages: Sequence[Outgoing], *, timeout_s: float) -> None:
        """Publishes messages to JetStream, in their order and without waiting in between; returns once the server has
        acknowledged all of them.

        Raises nats.errors.Error or TimeoutError where it has not acknowledged every one: any of them may be there.
        Raises Unavailable while there is no connection.
        """
        stream = self._publishing()
        acknowledged: list[asyncio.Future[PubAck]] = []
        try:
            async with asyncio.timeout(timeout_s):
                for message in messages:
                    headers = dict(message.headers)
                    sent = await stream.publish_async(message.subject, message.payload, headers=headers)
                    acknowledged.append(sent)
                await asyncio.gather(*acknowledged)
        finally:
            for acknowledgement in acknowledged:
                acknowledgement.cancel()

    async def bucket(self, name: str) -> KeyValue:
        """A key-value bucket, looked up once. Raises Unavailable, or nats.errors.Error where there is none."""
        js = self.jetstream()
        if name not in self._buckets:
            self._buckets[name] = await js.key_value(name)
        return self._buckets[name]

    async def count_subjects(self, stream: str, pattern: str) -> int:
        """How many subjects like ``pattern`` a stream holds messages of, without listing them.

        Raises nats.js.errors.NotFoundError where there is no such stream, nats.errors.Error where there is no answer.
        """
        listing = {"subjects_filter": pattern, "offset": _PAST_ALL_SUBJECTS}
        answer = await self._ask(f"STREAM.INFO.{stream}", listing)
        return int(answer.get("total", 0))

    async def delete_message(self, stream: str, sequence: int) -> bool:
        """Takes one message out of a stream; returns whether it was there. Raises as ``count_subjects``."""
        try:
            # Not the client's own call: that has the server write over what stood there, which nobody asks for.
            await self._ask(f"STREAM.MSG.DELETE.{stream}", {"seq": sequence, "no_erase": True})
        except APIError as error:
            is_out_of_range = error.err_code == _NOT_DELETED and error.description in _OUT_OF_RANGE
            if error.err_code == _NO_SUCH_SEQUENCE or is_out_of_range:
                return False
            raise
        return True

    async def _ask(self, what: str, request: dict[str, Any]) -> dict[str, Any]:
        message = await self.client.request(f"$JS.API.{what}", json.dumps(request).encode(), timeout=2)
        answer: dict[str, Any] = json.loads(message.data)
        if "error" in answer:
            raise APIError.from_error(answer["error"])
        return answer

    async def wait_connected(self) -> None:
        """Returns once the first connection was made."""
        await self._connected.wait()

    async def check(self) -> None:
        """Raises where JetStream does not answer."""
        await self.jetstream().account_info()


def _not_connected() -> Unavailable:
    return Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE", retry_after_s=2)
