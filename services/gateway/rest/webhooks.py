"""Webhooks over REST: registered, listed, switched, given new secrets; and what could not be delivered to them."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response
from wealth.events.v1 import events_pb2 as pb

from services.gateway.rest.bodies import IdempotencyKey, json_answer, json_body, read_body
from services.gateway.rest.door import Guard, TheDoor
from services.gateway.rest.examples import shown_as
from services.gateway.rest.wire import enum_word, time_text

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])

_CALL = [Depends(Guard("webhooks"))]
_WebhookId = Annotated[str, Path(max_length=64)]
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the standard's own example
_EXAMPLE = {
    "webhook_id": "wh_0123456789abcdef",
    "url": "https://crm.example.com/hooks/wealth",
    "description": "the CRM",
    "status": "enabled",
    "status_reason": "",
    "users": ["*"],
    "services": ["converter", "portfolio"],
    "created_at": "2026-01-02T03:04:05.000Z",
    "old_secret_until": None,
}
_UNDELIVERED = {
    "number": 12,
    "event": {"specversion": "1.0", "id": "task_20260102030405_0a1b2c3d:1:5"},
    "error_code": "ANSWERED_500",
    "error": "the receiver answered with status 500",
    "failed_at": "2026-01-03T03:04:05.000Z",
}


class WebhookSubmission(BaseModel):
    """What a webhook is registered with."""

    model_config = shown_as({"url": _EXAMPLE["url"], "description": _EXAMPLE["description"]})

    url: str = Field(min_length=1, max_length=1024, description="https, port 443, on a public address")
    description: str | None = Field(None, max_length=256)


class Webhook(BaseModel):
    """An address that is told how tasks and conversions end."""

    model_config = shown_as(_EXAMPLE)

    webhook_id: str
    url: str
    description: str
    status: str
    status_reason: str
    users: list[str]
    services: list[str]
    created_at: str
    old_secret_until: str | None


class NewWebhook(Webhook):
    """A webhook with its secret, which no other answer has."""

    model_config = shown_as({**_EXAMPLE, "secret": _SECRET})

    secret: str


class WebhookList(BaseModel):
    """A tenant's webhooks, as far as the key may see them, the oldest first."""

    model_config = shown_as({"webhooks": [_EXAMPLE]})

    webhooks: list[Webhook]


class UndeliveredEvent(BaseModel):
    """An event that could not be delivered."""

    model_config = shown_as(_UNDELIVERED)

    number: int
    event: dict[str, Any]
    error_code: str
    error: str
    failed_at: str


class UndeliveredPage(BaseModel):
    """A page of these, the oldest first."""

    model_config = shown_as({"undelivered": [_UNDELIVERED], "next_page_token": ""})

    undelivered: list[UndeliveredEvent]
    next_page_token: str


@router.post(
    "",
    status_code=201,
    response_model=NewWebhook,
    dependencies=_CALL,
    openapi_extra=json_body(WebhookSubmission),
    summary="Register a webhook",
)
async def create_webhook(request: Request, door: TheDoor, idempotency_key: IdempotencyKey = "") -> Response:
    """Registers an address for the users of the key and the services that its scopes open. The secret is in this answer
    and in no other: its receiver verifies signatures with it."""
    body = await read_body(request, WebhookSubmission)
    made = await door.backends.events.CreateWebhook(
        pb.CreateWebhookRequest(url=body.url, description=body.description or "", request_id=idempotency_key)
    )
    location = {"location": f"/api/v1/webhooks/{made.webhook.webhook_id}"}
    return json_answer({**describe_webhook(made.webhook), "secret": made.secret}, 201, location)


@router.get("", response_model=WebhookList, dependencies=_CALL, summary="List webhooks")
async def list_webhooks(door: TheDoor) -> Response:
    """Lists the tenant's webhooks that the key may see; there are twenty at most."""
    found = await door.backends.events.ListWebhooks(pb.ListWebhooksRequest())
    return json_answer({"webhooks": [describe_webhook(each) for each in found.webhooks]})


@router.get("/{webhook_id}", response_model=Webhook, dependencies=_CALL, summary="Read a webhook")
async def get_webhook(webhook_id: _WebhookId, door: TheDoor) -> Response:
    """Reads a webhook, without its secret."""
    return json_answer(
        describe_webhook(await door.backends.events.GetWebhook(pb.GetWebhookRequest(webhook_id=webhook_id)))
    )


@router.post(
    "/{webhook_id}/rotate", response_model=NewWebhook, dependencies=_CALL, summary="Give a webhook a new secret"
)
async def rotate_webhook(webhook_id: _WebhookId, door: TheDoor) -> Response:
    """Makes a new secret. For a day, what is sent is signed with the one before as well."""
    made = await door.backends.events.RotateWebhookSecret(pb.RotateWebhookSecretRequest(webhook_id=webhook_id))
    return json_answer({**describe_webhook(made.webhook), "secret": made.secret})


@router.post("/{webhook_id}/enable", response_model=Webhook, dependencies=_CALL, summary="Switch a webhook on")
async def enable_webhook(webhook_id: _WebhookId, door: TheDoor) -> Response:
    """Puts a webhook into force again that somebody, or a receiver's 410, has switched off."""
    answer = await door.backends.events.EnableWebhook(pb.EnableWebhookRequest(webhook_id=webhook_id))
    return json_answer(describe_webhook(answer))


@router.post("/{webhook_id}/disable", response_model=Webhook, dependencies=_CALL, summary="Switch a webhook off")
async def disable_webhook(webhook_id: _WebhookId, door: TheDoor) -> Response:
    """Switches a webhook off: what waits for it counts as undelivered, what comes later is not kept."""
    answer = await door.backends.events.DisableWebhook(pb.DisableWebhookRequest(webhook_id=webhook_id))
    return json_answer(describe_webhook(answer))


@router.delete("/{webhook_id}", status_code=204, dependencies=_CALL, summary="Delete a webhook")
async def delete_webhook(webhook_id: _WebhookId, door: TheDoor) -> Response:
    """Deletes a webhook, its secret and what could not be delivered to it."""
    await door.backends.events.DeleteWebhook(pb.DeleteWebhookRequest(webhook_id=webhook_id))
    return Response(status_code=204)


@router.get(
    "/{webhook_id}/undelivered",
    response_model=UndeliveredPage,
    dependencies=_CALL,
    summary="List what could not be delivered",
)
async def list_undelivered(
    webhook_id: _WebhookId,
    door: TheDoor,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    page_token: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Lists a webhook's dead letters, the oldest first."""
    page = await door.backends.events.ListUndelivered(
        pb.ListUndeliveredRequest(webhook_id=webhook_id, page_size=limit, page_token=page_token)
    )
    letters = [describe_letter(letter) for letter in page.undelivered]
    return json_answer({"undelivered": letters, "next_page_token": page.next_page_token})


@router.post(
    "/{webhook_id}/undelivered/{number}/replay",
    status_code=202,
    dependencies=_CALL,
    response_class=Response,
    summary="Deliver an event again",
)
async def replay_undelivered(
    webhook_id: _WebhookId, number: Annotated[int, Path(ge=1, le=2**31 - 1)], door: TheDoor
) -> Response:
    """Delivers one of these once more, with all its tries, under the id that it had."""
    await door.backends.events.ReplayUndelivered(pb.ReplayUndeliveredRequest(webhook_id=webhook_id, number=number))
    return Response(status_code=202)


def describe_webhook(webhook: pb.Webhook) -> dict[str, Any]:
    """A webhook as its JSON form."""
    return {
        "webhook_id": webhook.webhook_id,
        "url": webhook.url,
        "description": webhook.description,
        "status": enum_word(pb.WebhookState, webhook.state, "WEBHOOK_STATE_"),
        "status_reason": webhook.state_reason,
        "users": list(webhook.users),
        "services": list(webhook.services),
        "created_at": time_text(webhook.created_at),
        "old_secret_until": time_text(webhook.old_secret_until),
    }


def describe_letter(letter: pb.Undelivered) -> dict[str, Any]:
    """What could not be delivered as its JSON form."""
    return {
        "number": letter.number,
        "event": json.loads(letter.event.json),
        "error_code": letter.error_code,
        "error": letter.error,
        "failed_at": time_text(letter.failed_at),
    }
