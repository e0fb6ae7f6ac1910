"""A tenant's webhooks: what stands registered, how it goes, what could not be delivered; added, switched, replayed."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import grpc.aio
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import RedirectResponse, Response
from wealth.events.v1 import events_pb2 as pb

from services.common.errors import InvalidInput
from services.common.status import from_rpc_error
from services.gateway.dashboard.frame import (
    HOME,
    PageRoute,
    Visitor,
    WebhookKeeper,
    quote_segment,
    read_own_form,
    render,
)
from services.gateway.rest.door import Door, TheDoor
from services.gateway.rest.webhooks import describe_letter, describe_webhook

router = APIRouter(prefix=f"{HOME}/webhooks", include_in_schema=False, route_class=PageRoute)

_PAGE_SIZE = 50
# The most that one call lists: beyond it a webhook's letters are not counted, but said to be more.
_COUNTED = 100
_WebhookId = Annotated[str, Path(max_length=64)]
_Token = Annotated[str, Query(max_length=64)]
_DONE = {
    "enabled": "The webhook is in force again.",
    "disabled": "The webhook is switched off: what comes now is not kept for it.",
    "replayed": "The event is delivered again, with all its tries.",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A webhook on the list, with what could not be delivered to it as far as it was counted."""

    webhook: dict[str, Any]
    letters: Sequence[dict[str, Any]]
    has_more: bool

    @property
    def last(self) -> dict[str, Any] | None:
        """The newest failure; None where there is none, and where there are more than were looked at."""
        return self.letters[-1] if self.letters and not self.has_more else None


@router.get("")
async def show_webhooks(
    visitor: WebhookKeeper, door: TheDoor, deleted: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """Shows the tenant's webhooks that the key may see; there are twenty at most."""
    return await _show_list(visitor, door, deleted=deleted)


@router.post("")
async def add_webhook(request: Request, visitor: WebhookKeeper, door: TheDoor) -> Response:
    """Registers an address and shows its secret, this once; a refused one is said above the form, filled as it was."""
    form = await read_own_form(request, visitor)
    url, description = form.get("url", "").strip(), form.get("description", "").strip()
    try:
        made = await door.backends.events.CreateWebhook(
            # The form's own: sent again by a reload it gives the same webhook and secret.
            pb.CreateWebhookRequest(url=url, description=description, request_id=form.get("request_id", ""))
        )
    except grpc.aio.AioRpcError as failure:
        error = from_rpc_error(failure)
        if not isinstance(error, InvalidInput):
            raise
        return await _show_list(visitor, door, 422, problem=error.message, url=url, description=description)
    return _show_secret(visitor, made.webhook, made.secret)


@router.get("/{webhook_id}")
async def show_webhook(
    visitor: WebhookKeeper,
    webhook_id: _WebhookId,
    door: TheDoor,
    page: _Token = "",
    done: Annotated[str, Query(max_length=16)] = "",
) -> Response:
    """Shows one, and a page of what could not be delivered to it, the oldest first."""
    webhook, letters = await asyncio.gather(
        door.backends.events.GetWebhook(pb.GetWebhookRequest(webhook_id=webhook_id)),
        door.backends.events.ListUndelivered(
            pb.ListUndeliveredRequest(webhook_id=webhook_id, page_size=_PAGE_SIZE, page_token=page)
        ),
    )
    return render(
        "webhook.html",
        visitor,
        webhook=describe_webhook(webhook),
        letters=[_letter(each) for each in letters.undelivered],
        next_token=letters.next_page_token,
        done=_DONE.get(done, ""),
    )


@router.post("/{webhook_id}")
async def change_webhook(request: Request, visitor: WebhookKeeper, webhook_id: _WebhookId, door: TheDoor) -> Response:
    """Does what the pressed button says."""
    form, events = await read_own_form(request, visitor), door.backends.events
    action, done = form.get("action", ""), ""
    if action == "enable":
        await events.EnableWebhook(pb.EnableWebhookRequest(webhook_id=webhook_id))
        done = "enabled"
    elif action == "disable":
        await events.DisableWebhook(pb.DisableWebhookRequest(webhook_id=webhook_id))
        done = "disabled"
    elif action == "rotate":
        made = await events.RotateWebhookSecret(pb.RotateWebhookSecretRequest(webhook_id=webhook_id))
        return _show_secret(visitor, made.webhook, made.secret)
    elif action == "delete":
        await events.DeleteWebhook(pb.DeleteWebhookRequest(webhook_id=webhook_id))
        return RedirectResponse(f"{HOME}/webhooks?deleted={quote_segment(webhook_id)}", 303)
    elif action == "replay":
        await events.ReplayUndelivered(
            pb.ReplayUndeliveredRequest(webhook_id=webhook_id, number=_read_number(form.get("number", "")))
        )
        done = "replayed"
    else:
        raise InvalidInput("this form names nothing to do", field="action")
    return RedirectResponse(f"{HOME}/webhooks/{quote_segment(webhook_id)}?done={done}", 303)


def _read_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) < 2**31 and len(text) <= 10):
        raise InvalidInput("this form names no event", field="number")
    return int(text)


def _letter(letter: pb.Undelivered) -> dict[str, Any]:
    """A dead letter, with the task or job that it tells of."""
    shown = describe_letter(letter)
    shown["subject"] = str(shown["event"].get("subject") or shown["event"].get("id", ""))
    return shown


def _show_secret(visitor: Visitor, webhook: pb.Webhook, secret: str) -> Response:
    return render("webhook_secret.html", visitor, webhook=describe_webhook(webhook), secret=secret)


async def _show_list(visitor: Visitor, door: Door, status: int = 200, **values: Any) -> Response:
    found = await door.backends.events.ListWebhooks(pb.ListWebhooksRequest())
    pages = await asyncio.gather(
        *(
            door.backends.events.ListUndelivered(
                pb.ListUndeliveredRequest(webhook_id=each.webhook_id, page_size=_COUNTED)
            )
            for each in found.webhooks
        )
    )
    listed = [
        Listed(describe_webhook(webhook), [_letter(each) for each in page.undelivered], bool(page.next_page_token))
        for webhook, page in zip(found.webhooks, pages, strict=True)
    ]
    values = {"deleted": "", "problem": "", "url": "", "description": "", **values}
    return render("webhooks.html", visitor, status, listed=listed, request_id=secrets.token_hex(16), **values)
