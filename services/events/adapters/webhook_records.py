"""Webhooks as records of storage, their secrets sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.common.clock import format_time, parse_time
from services.common.context import current_principal
from services.common.errors import NotFound
from services.common.sealing import Sealer
from services.common.storage import StorageClient
from services.common.storage.stored import StoredRecord
from services.events.domain.webhook import STATES, Webhook
from services.events.ports import StoredWebhook
from services.events.usecases.webhooks import not_found

KIND = "events.webhook"
_FORMAT = 1
_PAGE = 100


class WebhookRecords:
    """``services.events.ports.WebhookStore``. ``keys`` are those that seal: by key id, the first seals."""

    def __init__(self, storage: StorageClient, keys: Mapping[str, bytes]) -> None:
        self._storage = storage
        self._sealer = Sealer(keys)

    async def create(self, webhook: Webhook, secret: str) -> Webhook:
        """Keeps a new one. Raises AlreadyExists, PreconditionFailed where nothing can seal its secret."""
        await self._storage.create_record(
            _key(webhook.webhook_id),
            _to_document(webhook, [self.seal(webhook, secret)]),
            kind=KIND,
            state=webhook.state,
            created_at=webhook.created_at,
        )
        return webhook

    async def get(self, webhook_id: str) -> StoredWebhook:
        """Reads one. Raises NotFound."""
        try:
            return _to_stored(await self._storage.get_record(_key(webhook_id)))
        except NotFound:
            raise not_found() from None

    async def list_all(self) -> list[StoredWebhook]:
        """All of the tenant's, the oldest first."""
        found: list[StoredWebhook] = []
        token = ""
        while True:
            page = await self._storage.list_records(KIND, STATES, page_size=_PAGE, page_token=token)
            found += map(_to_stored, page.records)
            token = page.next_page_token
            if not token:
                return found[::-1]

    async def update(self, before: StoredWebhook, after: StoredWebhook) -> Webhook:
        """Replaces one. Raises Conflict where it was changed meanwhile, NotFound."""
        await self._storage.update_record(
            _key(after.webhook.webhook_id),
            _to_document(after.webhook, after.sealed),
            kind=KIND,
            created_at=before.webhook.created_at,
            if_match=before.etag,
            if_revision=before.revision,
            state=after.webhook.state,
            previous_state=before.webhook.state,
        )
        return after.webhook

    async def delete(self, webhook_id: str) -> None:
        """Forgets one and its secrets; what is not there is forgotten already."""
        await self._storage.delete_record(_key(webhook_id))

    def seal(self, webhook: Webhook, secret: str) -> dict[str, str]:
        """A secret as it is kept. Raises PreconditionFailed."""
        return self._sealer.seal(secret.encode(), (webhook.tenant, webhook.webhook_id))

    def open(self, stored: StoredWebhook, now: datetime) -> list[str]:
        """The secrets that sign at a time, the present one first; none where their sealing key was retired."""
        webhook = stored.webhook
        opened = [
            self._sealer.open(kept, (webhook.tenant, webhook.webhook_id))
            for kept in stored.sealed
            if "until" not in kept or parse_time(kept["until"]) > now
        ]
        return [secret.decode() for secret in opened if secret is not None]


def _key(webhook_id: str) -> str:
    return f"webhooks/{webhook_id}.json"


def _to_document(webhook: Webhook, sealed: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "webhook_id": webhook.webhook_id,
        "url": webhook.url,
        "description": webhook.description,
        "users": sorted(webhook.users),
        "services": sorted(webhook.services),
        "created_at": format_time(webhook.created_at),
        "state": webhook.state,
        "state_reason": webhook.state_reason,
        "old_secret_until": format_time(webhook.old_secret_until) if webhook.old_secret_until else None,
        "request": webhook.request,
        "secrets": [dict(kept) for kept in sealed],
    }


def _to_stored(record: StoredRecord) -> StoredWebhook:
    fields = record.document
    until = fields.get("old_secret_until")
    webhook = Webhook(
        current_principal().tenant,
        fields["webhook_id"],
        fields["url"],
        fields["description"],
        frozenset(fields["users"]),
        frozenset(fields["services"]),
        parse_time(fields["created_at"]),
        fields["state"],
        fields["state_reason"],
        parse_time(until) if until else None,
        fields["request"],
    )
    return StoredWebhook(webhook, record.etag, record.revision, tuple(fields["secrets"]))
