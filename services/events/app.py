"""The events service, put together."""

from wealth.events.v1 import events_pb2_grpc

from services.common.identity import TokenSigner, TokenVerifier
from services.common.interceptors import ServerInterceptor
from services.common.jobs.broker import Broker
from services.common.jobs.keeper import TopologyKeeper
from services.common.jobs.runtime import StorageClientComponent
from services.common.jobs.topology import NEWS
from services.common.server import Component, GrpcServer, run_components
from services.common.settings import read_identity_key
from services.common.storage import StorageClient
from services.events.adapters.delivery_streams import DeliveryStreams
from services.events.adapters.event_stream import EventStream
from services.events.adapters.https_sender import HttpsSender
from services.events.adapters.webhook_records import WebhookRecords
from services.events.domain.schedule import Schedule
from services.events.servicer import SERVICE_NAME, EventsServicer
from services.events.settings import EventsSettings
from services.events.usecases.telling import Telling
from services.events.usecases.webhooks import Webhooks
from services.events.worker import Courier


def build(settings: EventsSettings) -> list[Component]:
    """Puts the components in the order in which they start. Raises ValueError on a malformed key."""
    signer = TokenSigner(NEWS, read_identity_key(settings.events_identity_key, "EVENTS_IDENTITY_KEY"))
    storage = StorageClient.connect(settings.storage_target, signer, call_timeout_s=settings.grpc_call_timeout_s)
    broker = Broker(settings.nats_url.get_secret_value(), name=NEWS, tls=settings.nats_tls())
    keeper = TopologyKeeper(broker, settings.topology(), NEWS)
    store = WebhookRecords(storage, settings.sealing_keys())
    deliveries, stream = DeliveryStreams(broker), EventStream(broker)
    trusted = settings.events_webhook_trusted_receivers
    sender = HttpsSender(trusted=trusted, timeout_s=settings.events_webhook_timeout_s)
    schedule = Schedule(settings.events_webhook_first_pause_s, settings.events_webhook_retry_for_s)
    courier = Courier(broker, keeper, Telling(store, deliveries, sender), deliveries, schedule=schedule)
    verifier = TokenVerifier(NEWS, settings.public_keys())
    server = GrpcServer(
        settings.events_listen,
        settings,
        interceptors=[ServerInterceptor(verifier, default_timeout_s=settings.grpc_request_timeout_s)],
        dependencies={"nats": keeper.check, "storage": storage.check, "clocks": verifier.check},
    )
    webhooks = Webhooks(store, deliveries, trusted=trusted)
    server.add(events_pb2_grpc.add_EventsServiceServicer_to_server, EventsServicer(webhooks, stream), SERVICE_NAME)
    return [StorageClientComponent(storage), broker, sender, stream, courier, server]


async def serve(settings: EventsSettings, _role: str) -> None:
    """Runs the service until the process is told to stop."""
    await run_components(build(settings), drain_timeout_s=settings.drain_timeout_s)
