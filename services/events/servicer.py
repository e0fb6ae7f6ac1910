"""EventsService over gRPC: proto in, use case, proto out."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from wealth.events.v1 import events_pb2 as pb
from wealth.events.v1 import events_pb2_grpc

from services.common.context import current_principal
from services.common.paging import clamp_page_size, decode_page_token, encode_page_token
from services.events.mapping import to_undelivered, to_watched, to_webhook
from services.events.ports import NewsStream
from services.events.usecases.webhooks import Webhooks

SERVICE_NAME = "wealth.events.v1.EventsService"
_DEFAULT_PAGE = 20
_MAX_PAGE = 100


class EventsServicer(events_pb2_grpc.EventsServiceServicer):
    """Every method acts for the call's principal."""

    def __init__(self, webhooks: Webhooks, stream: NewsStream) -> None:
        self._webhooks = webhooks
        self._stream = stream

    async def WatchEvents(self, request: pb.WatchEventsRequest, context: Any) -> AsyncIterator[pb.WatchEventsResponse]:
        async with aclosing(self._stream.watch(current_principal(), request.after)) as answers:
            async for told in answers:
                yield to_watched(told)

    async def CreateWebhook(self, request: pb.CreateWebhookRequest, context: Any) -> pb.CreateWebhookResponse:
        made = await self._webhooks.create(current_principal(), request.url, request.description, request.request_id)
        return pb.CreateWebhookResponse(webhook=to_webhook(made.webhook), secret=made.secret)

    async def GetWebhook(self, request: pb.GetWebhookRequest, context: Any) -> pb.Webhook:
        return to_webhook(await self._webhooks.get(current_principal(), request.webhook_id))

    async def ListWebhooks(self, request: pb.ListWebhooksRequest, context: Any) -> pb.ListWebhooksResponse:
        return pb.ListWebhooksResponse(webhooks=map(to_webhook, await self._webhooks.list_all(current_principal())))

    async def RotateWebhookSecret(
        self, request: pb.RotateWebhookSecretRequest, context: Any
    ) -> pb.RotateWebhookSecretResponse:
        made = await self._webhooks.rotate(current_principal(), request.webhook_id)
        return pb.RotateWebhookSecretResponse(webhook=to_webhook(made.webhook), secret=made.secret)

    async def EnableWebhook(self, request: pb.EnableWebhookRequest, context: Any) -> pb.Webhook:
        return to_webhook(await self._webhooks.enable(current_principal(), request.webhook_id))

    async def DisableWebhook(self, request: pb.DisableWebhookRequest, context: Any) -> pb.Webhook:
        return to_webhook(await self._webhooks.disable(current_principal(), request.webhook_id))

    async def DeleteWebhook(self, request: pb.DeleteWebhookRequest, context: Any) -> pb.DeleteWebhookResponse:
        await self._webhooks.delete(current_principal(), request.webhook_id)
        return pb.DeleteWebhookResponse()

    async def ListUndelivered(self, request: pb.ListUndeliveredRequest, context: Any) -> pb.ListUndeliveredResponse:
        principal, query = current_principal(), ("undelivered", request.webhook_id)
        count = clamp_page_size(request.page_size, default=_DEFAULT_PAGE, maximum=_MAX_PAGE)
        found = await self._webhooks.list_undelivered(
            principal, request.webhook_id, after=int(decode_page_token(request.page_token, query) or 0), count=count
        )
        token = encode_page_token(str(found[-1].number), query) if len(found) == count else ""
        return pb.ListUndeliveredResponse(undelivered=map(to_undelivered, found), next_page_token=token)

    async def ReplayUndelivered(
        self, request: pb.ReplayUndeliveredRequest, context: Any
    ) -> pb.ReplayUndeliveredResponse:
        await self._webhooks.replay(current_principal(), request.webhook_id, request.number)
        return pb.ReplayUndeliveredResponse()
