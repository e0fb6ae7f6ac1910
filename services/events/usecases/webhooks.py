"""Webhooks as their owners see them: registered, listed, switched, given new secrets, and what they missed."""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from services.common.clock import Clock, format_time, parse_time, utc_now
from services.common.errors import AlreadyExists, Conflict, Exhausted, InvalidInput, NotFound, PreconditionFailed
from services.common.identity import Principal
from services.events.domain.signature import make_secret
from services.events.domain.webhook import (
    DISABLED,
    ENABLED,
    MAX_WEBHOOKS,
    SERVICES,
    Webhook,
    find_url_fault,
)
from services.events.ports import Deliveries, StoredWebhook, Undelivered, WebhookStore

OLD_SECRET_LIFETIME = timedelta(days=1)
MAX_OLD_SECRETS = 2
REPEAT_LIFETIME = timedelta(days=1)
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Registered:
    """A webhook with its secret, which is shown this once."""

    webhook: Webhook
    secret: str


class Webhooks:
    """Acts for a principal. A webhook that a key may not see is not found, whoever's it is.

    ``trusted`` are receivers that the operator allows although they are not public: ``host:port``.
    """

    def __init__(
        self, store: WebhookStore, deliveries: Deliveries, *, trusted: Collection[str] = (), clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._trusted = frozenset(trusted)
        self._clock = clock

    async def create(self, principal: Principal, url: str, description: str, request_id: str) -> Registered:
        """Registers an address. Raises InvalidInput naming the field, Exhausted where the tenant has enough, Conflict
        where the request id came with another body or too long ago."""
        if fault := find_url_fault(url, self._trusted):
            raise InvalidInput(f"the address {fault}", reason="WEBHOOK_URL_INVALID", field="url")
        if not description.isprintable():
            raise InvalidInput("the description has control characters", field="description")
        services = principal.scopes & set(SERVICES)
        if not services or not principal.users:
            raise PreconditionFailed("this key may see no news, so neither may its webhook", reason="NOTHING_TO_TELL")
        now = self._clock()
        webhook_id = _make_id(principal, request_id)
        request = _digest("request", url, description) if request_id else ""
        webhook = Webhook(
            principal.tenant, webhook_id, url, description, principal.users, services, now, request=request
        )
        existing = await self._store.list_all()
        if webhook_id not in {stored.webhook.webhook_id for stored in existing}:
            if len(existing) >= MAX_WEBHOOKS:
                raise Exhausted(
                    f"a tenant has {MAX_WEBHOOKS} webhooks at most", reason="TOO_MANY_WEBHOOKS", retry_after_s=3600
                )
            secret = make_secret()
            try:
                return Registered(await self._store.create(webhook, secret), secret)
            except AlreadyExists:
                pass  # the same request, at the same time
        return self._repeat(principal, await self._store.get(webhook_id), webhook)

    def _repeat(self, principal: Principal, stored: StoredWebhook, wanted: Webhook) -> Registered:
        """The answer of a registration that was made before."""
        found = self._store.open(stored, wanted.created_at)
        is_same = stored.webhook.request == wanted.request and stored.webhook.is_open_to(principal)
        if not is_same or not found or wanted.created_at - stored.webhook.created_at > REPEAT_LIFETIME:
            raise Conflict("this Idempotency-Key stands for another request", reason="IDEMPOTENCY_KEY_REUSED")
        return Registered(stored.webhook, found[0])

    async def get(self, principal: Principal, webhook_id: str) -> Webhook:
        """Reads one. Raises NotFound."""
        return (await self._get(principal, webhook_id)).webhook

    async def list_all(self, principal: Principal) -> list[Webhook]:
        """Those that the key may see, the oldest first."""
        return [item.webhook for item in await self._store.list_all() if item.webhook.is_open_to(principal)]

    async def rotate(self, principal: Principal, webhook_id: str) -> Registered:
        """Makes a new secret; those before sign as well until they are a day out of date. Raises NotFound, Conflict."""
        stored, now = await self._get(principal, webhook_id), self._clock()
        secret, until = make_secret(), now + OLD_SECRET_LIFETIME
        # More than one before it: an answer that was lost leaves a secret that nobody knows, and is asked for again.
        present, *older = stored.sealed
        older = [kept for kept in older if parse_time(kept["until"]) > now][: MAX_OLD_SECRETS - 1]
        before = [{**present, "until": format_time(until)}, *older]
        after = replace(
            stored.changed(old_secret_until=until), sealed=(self._store.seal(stored.webhook, secret), *before)
        )
        return Registered(await self._store.update(stored, after), secret)

    async def enable(self, principal: Principal, webhook_id: str) -> Webhook:
        """Puts it into force. Raises NotFound, Conflict."""
        stored = await self._get(principal, webhook_id)
        return await self._store.update(stored, stored.changed(state=ENABLED, state_reason=""))

    async def disable(self, principal: Principal, webhook_id: str) -> Webhook:
        """Switches it off. Raises NotFound, Conflict."""
        stored = await self._get(principal, webhook_id)
        return await self._store.update(stored, stored.changed(state=DISABLED, state_reason="switched off"))

    async def delete(self, principal: Principal, webhook_id: str) -> None:
        """Forgets it, and what could not be delivered to it; what waits goes when its turn comes. Raises NotFound."""
        await self._get(principal, webhook_id)
        await self._store.delete(webhook_id)
        while buried := await self._deliveries.list_buried(principal.tenant, webhook_id, after=0, count=_PAGE):
            for item in buried:
                await self._deliveries.remove_buried(item.number)

    async def list_undelivered(
        self, principal: Principal, webhook_id: str, *, after: int, count: int
    ) -> list[Undelivered]:
        """What could not be delivered, the oldest first, after a number. Raises NotFound."""
        await self._get(principal, webhook_id)
        return await self._deliveries.list_buried(principal.tenant, webhook_id, after=after, count=count)

    async def replay(self, principal: Principal, webhook_id: str, number: int) -> None:
        """Delivers one of these once more. Raises NotFound, PreconditionFailed where the webhook is switched off,
        Exhausted where too much waits for it."""
        stored = await self._get(principal, webhook_id)
        if stored.webhook.state != ENABLED:
            raise PreconditionFailed("the webhook is switched off: enable it first", reason="WEBHOOK_DISABLED")
        buried = await self._deliveries.get_buried(principal.tenant, webhook_id, number)
        if not await self._deliveries.put(principal.tenant, webhook_id, buried.item, is_replay=True):
            raise Exhausted("too much waits for this webhook", reason="QUEUE_FULL", retry_after_s=60)
        # After it: what was put in twice is delivered twice, under the same id.
        await self._deliveries.remove_buried(number)

    async def _get(self, principal: Principal, webhook_id: str) -> StoredWebhook:
        if not is_webhook_id(webhook_id):
            raise not_found()
        stored = await self._store.get(webhook_id)
        if not stored.webhook.is_open_to(principal):
            raise not_found()
        return stored


def not_found() -> NotFound:
    """The error of a webhook that there is not, or not for this key."""
    return NotFound("there is no such webhook", reason="WEBHOOK_NOT_FOUND")


def is_webhook_id(text: str) -> bool:
    """Whether this may be a webhook's id: nothing else is looked for."""
    return len(text) == 19 and text.startswith("wh_") and set(text[3:]) <= set("0123456789abcdef")


def _make_id(principal: Principal, request_id: str) -> str:
    named = _digest("id", principal.tenant, principal.subject, request_id)
    return f"wh_{named[:16] if request_id else secrets.token_hex(8)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
