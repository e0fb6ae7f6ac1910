"""What telling news needs of the outside."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.common.identity import Principal
from services.events.domain.news import NewsItem, Told
from services.events.domain.webhook import Webhook


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A webhook and the write that it was read at."""

    webhook: Webhook
    etag: str
    revision: int
    sealed: Sequence[dict[str, str]] = ()
    """Its secrets as they are kept, the present one first; those before it say ``until`` when they sign."""

    def changed(self, **fields: object) -> "StoredWebhook":
        """With other fields of the webhook."""
        return replace(self, webhook=replace(self.webhook, **fields))  # type: ignore[arg-type]


class WebhookStore(Protocol):
    """Keeps the current tenant's webhooks. All raise Unavailable where storage does not answer."""

    async def create(self, webhook: Webhook, secret: str) -> Webhook:
        """Keeps a new one. Raises AlreadyExists, PreconditionFailed where nothing can seal its secret."""

    async def get(self, webhook_id: str) -> StoredWebhook:
        """Reads one. Raises NotFound."""

    async def list_all(self) -> list[StoredWebhook]:
        """All of the tenant's, the oldest first."""

    async def update(self, before: StoredWebhook, after: StoredWebhook) -> Webhook:
        """Replaces one. Raises Conflict where it was changed meanwhile, NotFound."""

    async def delete(self, webhook_id: str) -> None:
        """Forgets one and its secrets; what is not there is forgotten already."""

    def seal(self, webhook: Webhook, secret: str) -> dict[str, str]:
        """A secret as it is kept. Raises PreconditionFailed."""

    def open(self, stored: StoredWebhook, now: datetime) -> list[str]:
        """The secrets that sign at a time, the present one first; none where their sealing key was retired."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a try failed: an UPPER_SNAKE code, words for people, and how long the receiver wants to be left alone.

    ``is_final``: the receiver wants no more (410 Gone), of this or anything.
    """

    code: str
    message: str
    retry_after_s: float = 0.0
    is_final: bool = False


class Sender(Protocol):
    """Makes one try."""

    async def send(self, url: str, item: NewsItem, secrets: Sequence[str]) -> Failure | None:
        """Sends an event, signed; None where the receiver took it. Raises nothing of the network's."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to be delivered, as the stream has it."""

    number: int
    tenant: str
    webhook_id: str
    item: NewsItem


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What could not be delivered; ``number`` is its place in the stream."""

    number: int
    item: NewsItem
    failure: Failure
    failed_at: datetime


class NewsStream(Protocol):
    """A tenant's news as they come."""

    def watch(self, principal: Principal, after: str) -> AsyncGenerator[Told, None]:
        """Yields where the stream stands, then what the principal may see after a position (from now on where empty).

        Raises InvalidInput naming ``after``, Denied, Exhausted above a bound, Unavailable.
        """


class Deliveries(Protocol):
    """What is to be delivered, and what could not be. All raise Unavailable where NATS does not answer."""

    async def put(self, tenant: str, webhook_id: str, item: NewsItem, *, is_replay: bool = False) -> bool:
        """Puts an event in for a webhook; whether there was room. Twice within two minutes is once, but for replays."""

    async def get(self, number: int) -> Waiting | None:
        """Reads what waits; None where it is gone."""

    async def remove(self, number: int) -> None:
        """Takes out what was delivered."""

    async def bury(self, tenant: str, webhook_id: str, item: NewsItem, failure: Failure) -> None:
        """Keeps what could not be delivered."""

    async def get_buried(self, tenant: str, webhook_id: str, number: int) -> Undelivered:
        """Reads what could not be delivered to a webhook. Raises NotFound."""

    async def list_buried(self, tenant: str, webhook_id: str, *, after: int, count: int) -> list[Undelivered]:
        """What could not be delivered to a webhook, the oldest first, after a number."""

    async def remove_buried(self, number: int) -> None:
        """Takes it out."""
