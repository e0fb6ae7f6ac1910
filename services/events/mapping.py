"""Proto and domain."""

from wealth.events.v1 import events_pb2 as pb

from services.common.clock import parse_time
from services.events.domain.news import NewsItem, Told
from services.events.domain.webhook import ENABLED, Webhook
from services.events.ports import Undelivered


def to_event(item: NewsItem) -> pb.Event:
    """An event as it is told."""
    event = pb.Event(
        id=item.event_id, type=item.type, source=item.source, subject=item.subject, json=item.json.decode()
    )
    event.occurred_at.FromDatetime(parse_time(item.time))
    return event


def to_watched(told: Told) -> pb.WatchEventsResponse:
    """An answer to a watcher."""
    event = to_event(told.item) if told.item else None
    return pb.WatchEventsResponse(position=told.position, event=event, missed=told.missed)


def to_webhook(webhook: Webhook) -> pb.Webhook:
    """A webhook, without its secrets."""
    is_enabled = webhook.state == ENABLED
    message = pb.Webhook(
        webhook_id=webhook.webhook_id,
        url=webhook.url,
        description=webhook.description,
        state=pb.WEBHOOK_STATE_ENABLED if is_enabled else pb.WEBHOOK_STATE_DISABLED,
        state_reason=webhook.state_reason,
        users=sorted(webhook.users),
        services=sorted(webhook.services),
    )
    message.created_at.FromDatetime(webhook.created_at)
    if webhook.old_secret_until:
        message.old_secret_until.FromDatetime(webhook.old_secret_until)
    return message


def to_undelivered(item: Undelivered) -> pb.Undelivered:
    """What could not be delivered."""
    message = pb.Undelivered(
        number=item.number, event=to_event(item.item), error_code=item.failure.code, error=item.failure.message
    )
    message.failed_at.FromDatetime(item.failed_at)
    return message
