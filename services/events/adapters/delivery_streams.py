"""What is to be delivered, and what could not be: two streams of JetStream, each with a bound for each webhook."""

import secrets
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import TypeVar

import nats.errors
from nats.js.api import RawStreamMsg
from nats.js.errors import APIError, NotFoundError

from services.common.clock import format_time, parse_time
from services.common.errors import NotFound, Unavailable
from services.common.jobs.broker import Broker
from services.common.jobs.topology import (
    DELIVERIES_STREAM,
    UNDELIVERED_STREAM,
    delivery_subject,
    undelivered_subject,
)
from services.events.domain.news import NewsItem, read_told
from services.events.ports import Failure, Undelivered, Waiting

_TIMEOUT_S = 2.0
_STORE_FAILED = 10077
_ID, _CODE, _WORDS, _FAILED_AT = "Nats-Msg-Id", "wealth-code", "wealth-error", "wealth-failed-at"

T = TypeVar("T")


class DeliveryStreams:
    """``services.events.ports.Deliveries``."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def put(self, tenant: str, webhook_id: str, item: NewsItem, *, is_replay: bool = False) -> bool:
        """Puts an event in for a webhook; whether there was room. Twice within two minutes is once, but for replays."""
        name = secrets.token_hex(16) if is_replay else f"{tenant}:{webhook_id}:{item.event_id}"
        try:
            await self._publish(delivery_subject(tenant, webhook_id), item, {_ID: name})
        except APIError as error:
            if error.err_code == _STORE_FAILED:
                return False
            raise _unavailable() from error
        return True

    async def get(self, number: int) -> Waiting | None:
        """Reads what waits; None where it is gone, or was none of ours."""
        message = await _found(self._broker.jetstream().get_msg(DELIVERIES_STREAM, number))
        if message is None:
            return None
        _, tenant, webhook_id = (message.subject or "").split(".")
        return Waiting(number, tenant, webhook_id, read_told(message.data or b""))

    async def remove(self, number: int) -> None:
        """Takes out what was delivered."""
        await self._remove(DELIVERIES_STREAM, number)

    async def bury(self, tenant: str, webhook_id: str, item: NewsItem, failure: Failure) -> None:
        """Keeps what could not be delivered."""
        headers = {
            _ID: f"{tenant}:{webhook_id}:{item.event_id}",
            _CODE: failure.code,
            _WORDS: failure.message,
            _FAILED_AT: format_time(datetime.now(UTC)),
        }
        try:
            await self._publish(undelivered_subject(tenant, webhook_id), item, headers)
        except APIError as error:
            raise _unavailable() from error

    async def get_buried(self, tenant: str, webhook_id: str, number: int) -> Undelivered:
        """Reads what could not be delivered to a webhook. Raises NotFound."""
        message = await _found(self._broker.jetstream().get_msg(UNDELIVERED_STREAM, number))
        if message is None or message.subject != undelivered_subject(tenant, webhook_id):
            raise NotFound("nothing undelivered has this number", reason="UNDELIVERED_NOT_FOUND")
        return _to_undelivered(message)

    async def list_buried(self, tenant: str, webhook_id: str, *, after: int, count: int) -> list[Undelivered]:
        """What could not be delivered to a webhook, the oldest first, after a number."""
        js, subject = self._broker.jetstream(), undelivered_subject(tenant, webhook_id)
        found: list[Undelivered] = []
        while len(found) < count:
            message = await _found(js.get_msg(UNDELIVERED_STREAM, seq=after + 1, subject=subject, next=True))
            if message is None:
                break
            found.append(_to_undelivered(message))
            after = found[-1].number
        return found

    async def remove_buried(self, number: int) -> None:
        """Takes it out."""
        await self._remove(UNDELIVERED_STREAM, number)

    async def _publish(self, subject: str, item: NewsItem, headers: dict[str, str]) -> None:
        """Raises APIError where the stream refuses it, Unavailable."""
        try:
            await self._broker.jetstream().publish(subject, item.json, timeout=_TIMEOUT_S, headers=headers)
        except APIError:
            raise
        except (nats.errors.Error, TimeoutError) as error:
            raise _unavailable() from error

    async def _remove(self, stream: str, number: int) -> None:
        try:
            await self._broker.delete_message(stream, number)
        except (nats.errors.Error, TimeoutError) as error:
            raise _unavailable() from error


async def _found(asking: Awaitable[T]) -> T | None:
    """What was asked for; None where it is not there. Raises Unavailable."""
    try:
        return await asking
    except NotFoundError:
        return None
    except (nats.errors.Error, TimeoutError) as error:
        raise _unavailable() from error


def _to_undelivered(message: RawStreamMsg) -> Undelivered:
    headers = message.headers or {}
    failure = Failure(headers.get(_CODE, ""), headers.get(_WORDS, ""))
    failed_at = parse_time(headers[_FAILED_AT])
    return Undelivered(message.seq or 0, read_told(message.data or b""), failure, failed_at)


def _unavailable() -> Unavailable:
    return Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE", retry_after_s=2)
