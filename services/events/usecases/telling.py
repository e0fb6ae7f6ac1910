"""Telling webhooks: which of them an event is for, and what becomes of one delivery."""

import contextlib
import time
from collections.abc import Callable

from services.common.clock import Clock, utc_now
from services.common.context import acting_as
from services.common.errors import Conflict, NotFound
from services.common.identity import service_principal
from services.common.logging import get_logger
from services.events.domain.news import NewsItem
from services.events.domain.webhook import DISABLED, ENABLED
from services.events.ports import Deliveries, Failure, Sender, StoredWebhook, Waiting, WebhookStore

# How long a tenant's webhooks are taken from memory: a new one is in force within that time.
REMEMBERED_S = 5.0
_TENANTS_REMEMBERED = 1_000
FULL = Failure("TOO_MANY_WAITING", "more events wait for this webhook than are kept")
SWITCHED_OFF = Failure("WEBHOOK_DISABLED", "the webhook was switched off")
SECRET_GONE = Failure("WEBHOOK_SECRET_GONE", "the key that sealed the secret was retired: rotate the secret")


class Telling:
    """Acts for the service itself, in each event's tenant."""

    def __init__(
        self,
        store: WebhookStore,
        deliveries: Deliveries,
        sender: Sender,
        *,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._sender = sender
        self._clock = clock
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, dict[str, StoredWebhook]]] = {}

    async def route(self, item: NewsItem) -> None:
        """Puts an event in for each webhook that takes it. Raises Unavailable: route it again."""
        for stored in (await self._webhooks(item.tenant)).values():
            webhook = stored.webhook
            if webhook.state != ENABLED or not webhook.takes(item.service, item.user_id):
                continue
            if not await self._deliveries.put(item.tenant, webhook.webhook_id, item):
                await self._deliveries.bury(item.tenant, webhook.webhook_id, item, FULL)

    async def try_one(self, waiting: Waiting) -> Failure | None:
        """Tries one delivery; None where the receiver has it, or nobody wants it any more. Raises Unavailable.

        What the receiver will never take, or nobody may send, is a failure that is final.
        """
        stored = (await self._webhooks(waiting.tenant)).get(waiting.webhook_id)
        if stored is None or stored.webhook.state != ENABLED:
            # What is remembered may be older than its being enabled: nothing is thrown away for that.
            stored = (await self._webhooks(waiting.tenant, is_fresh=True)).get(waiting.webhook_id)
        if stored is None:
            return None
        if stored.webhook.state != ENABLED:
            return _final(SWITCHED_OFF)
        secrets = self._store.open(stored, self._clock())
        if not secrets:
            return _final(SECRET_GONE)
        failure = await self._sender.send(stored.webhook.url, waiting.item, secrets)
        get_logger().info(
            "webhook_tried",
            tenant=waiting.tenant,
            webhook_id=waiting.webhook_id,
            event_id=waiting.item.event_id,
            outcome=failure.code if failure else "DELIVERED",
        )
        if failure and failure.is_final:
            await self._switch_off(stored, failure)
        return failure

    async def give_up(self, waiting: Waiting, failure: Failure) -> None:
        """Keeps what could not be delivered, then takes it out of what waits. Raises Unavailable."""
        await self._deliveries.bury(waiting.tenant, waiting.webhook_id, waiting.item, failure)
        await self._deliveries.remove(waiting.number)

    async def _switch_off(self, stored: StoredWebhook, failure: Failure) -> None:
        webhook = stored.webhook
        # Its owner may have been quicker; the next delivery sees how it stands.
        with acting_as(service_principal(webhook.tenant, "events")), contextlib.suppress(Conflict, NotFound):
            await self._store.update(stored, stored.changed(state=DISABLED, state_reason=failure.message))
        self._known.pop(webhook.tenant, None)
        get_logger().warning("webhook_switched_off", tenant=webhook.tenant, webhook_id=webhook.webhook_id)

    async def _webhooks(self, tenant: str, *, is_fresh: bool = False) -> dict[str, StoredWebhook]:
        read_at, found = self._known.get(tenant, (float("-inf"), {}))
        if is_fresh or self._monotonic() - read_at >= REMEMBERED_S:
            with acting_as(service_principal(tenant, "events")):
                found = {stored.webhook.webhook_id: stored for stored in await self._store.list_all()}
            if len(self._known) >= _TENANTS_REMEMBERED:
                self._known.clear()
            self._known[tenant] = (self._monotonic(), found)
        return found


def _final(failure: Failure) -> Failure:
    return Failure(failure.code, failure.message, is_final=True)
