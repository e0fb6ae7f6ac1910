"""Calls about webhooks, as data like all others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.client.rest.call import Call, Query, idempotency_headers, read_as, read_nothing, read_page
from services.client.rest.results import Page
from services.client.rest.wire import Answer

_ALL = "/api/v1/webhooks"
_ONE = f"{_ALL}/{{webhook_id}}"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told how tasks and conversions end. ``secret`` is there where it was just made, only."""

    webhook_id: str
    url: str
    description: str = ""
    status: str = ""
    status_reason: str = ""
    users: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    created_at: datetime | None = None
    old_secret_until: datetime | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An event that could not be delivered to a webhook, as a CloudEvent; ``number`` names it there."""

    number: int
    event: Mapping[str, Any]
    error_code: str = ""
    error: str = ""
    failed_at: datetime | None = None


def create_webhook(url: str, *, description: str = "", idempotency_key: str | None = None) -> Call[Webhook]:
    """Registers an address for the users and services of the key. The answer alone has its secret."""
    body = {"url": url, "description": description}
    return Call("POST", _ALL, read_as(Webhook), headers=idempotency_headers(idempotency_key), body=body)


def list_webhooks() -> Call[tuple[Webhook, ...]]:
    """Lists the webhooks that the key may see, the oldest first."""

    def read(answer: Answer) -> tuple[Webhook, ...]:
        return read_page(answer, "webhooks", Webhook).items

    return Call("GET", _ALL, read)


def get_webhook(webhook_id: str) -> Call[Webhook]:
    """Reads a webhook. Raises NotFound."""
    return Call("GET", _ONE, read_as(Webhook), {"webhook_id": webhook_id})


def rotate_webhook(webhook_id: str) -> Call[Webhook]:
    """Makes a new secret; the one before signs as well for a day."""
    return Call("POST", f"{_ONE}/rotate", read_as(Webhook), {"webhook_id": webhook_id}, repeatable=False)


def enable_webhook(webhook_id: str) -> Call[Webhook]:
    """Puts a webhook into force again."""
    return Call("POST", f"{_ONE}/enable", read_as(Webhook), {"webhook_id": webhook_id})


def disable_webhook(webhook_id: str) -> Call[Webhook]:
    """Switches a webhook off."""
    return Call("POST", f"{_ONE}/disable", read_as(Webhook), {"webhook_id": webhook_id})


def delete_webhook(webhook_id: str) -> Call[None]:
    """Deletes a webhook and its secret."""
    return Call("DELETE", _ONE, read_nothing, {"webhook_id": webhook_id})


def list_undelivered(webhook_id: str, *, limit: int = 20, page_token: str = "") -> Call[Page[Undelivered]]:
    """Lists what could not be delivered to a webhook, the oldest first."""

    def read(answer: Answer) -> Page[Undelivered]:
        return read_page(answer, "undelivered", Undelivered)

    query: Query = {"limit": limit, "page_token": page_token}
    return Call("GET", f"{_ONE}/undelivered", read, {"webhook_id": webhook_id}, query=query)


def replay_undelivered(webhook_id: str, number: int) -> Call[None]:
    """Delivers one of these once more. Raises NotFound, PreconditionFailed while the webhook is switched off."""
    path = {"webhook_id": webhook_id, "number": str(number)}
    return Call("POST", f"{_ONE}/undelivered/{{number}}/replay", read_nothing, path, repeatable=False)
