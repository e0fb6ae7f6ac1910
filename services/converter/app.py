"""The converter, put together: its API role, its worker role, or both in one process."""

from collections.abc import Sequence
from typing import Literal

from wealth.converter.v1 import converter_pb2_grpc

from services.common.identity import TokenSigner, TokenVerifier
from services.common.interceptors import ServerInterceptor
from services.common.jobs.runtime import JobRuntime, StorageClientComponent
from services.common.paths import encode_segment
from services.common.server import Component, GrpcServer, run_components
from services.common.settings import read_identity_key
from services.common.storage import StorageClient
from services.converter.adapters.engine_pool import EnginePool
from services.converter.domain.places import Places
from services.converter.mapping import NameObject, make_job_kind
from services.converter.servicer import SERVICE_NAME, ConverterServicer
from services.converter.settings import ConverterSettings
from services.converter.usecases import Jobs
from services.converter.worker import ConverterHandler

Role = Literal["api", "worker", "all"]


def build(settings: ConverterSettings, role: Role) -> list[Component]:
    """Puts the role's components in the order in which they start. Raises ValueError on a malformed key."""
    key = read_identity_key(settings.converter_identity_key, "CONVERTER_IDENTITY_KEY")
    places = Places(settings.s3_prefix)
    storage = StorageClient.connect(
        settings.storage_target, TokenSigner("converter", key), call_timeout_s=settings.grpc_call_timeout_s
    )
    runtime = JobRuntime(make_job_kind(places), settings, key, storage)
    engines = EnginePool(
        size=settings.converter_engines,
        niceness=settings.converter_engine_niceness,
        memory_bytes=settings.converter_engine_memory_bytes,
        jobs_per_process=settings.converter_engine_jobs,
        timeout_s=settings.converter_engine_timeout_s,
    )
    handler = ConverterHandler(runtime, places, engines, settings)
    worker = runtime.worker(handler) if role in {"worker", "all"} else None
    server = GrpcServer(
        settings.converter_worker_listen if role == "worker" else settings.converter_listen,
        settings,
        interceptors=[
            ServerInterceptor(
                TokenVerifier("converter", settings.public_keys()),
                default_timeout_s=settings.grpc_request_timeout_s,
            )
        ],
        dependencies={"nats": runtime.broker.check, "storage": storage.check}
        | ({"jobs": worker.check} if worker else {}),
        max_message_bytes=settings.converter_max_message_bytes,
    )
    components: list[Component] = [StorageClientComponent(storage), runtime.broker]
    if role in {"api", "all"}:
        jobs = Jobs(runtime, places, inline_max_bytes=settings.converter_inline_max_bytes)
        server.add(
            converter_pb2_grpc.add_ConverterServiceServicer_to_server,
            ConverterServicer(jobs, runtime, _make_namer(settings)),
            SERVICE_NAME,
        )
        components += runtime.api_components(maintain=handler.maintain)
    if worker:
        components += [engines, worker]
    return [*components, server]


async def run(settings: ConverterSettings, role: Role) -> None:
    """Runs a role until SIGTERM."""
    components: Sequence[Component] = build(settings, role)
    await run_components(components, drain_timeout_s=settings.drain_timeout_s)


def _make_namer(settings: ConverterSettings) -> NameObject:
    def name_object(tenant: str, key: str) -> str:
        prefix = "" if tenant == settings.default_tenant else f"tenants/{encode_segment(tenant)}/"
        return f"s3://{settings.s3_bucket_name}/{prefix}{key}"

    return name_object
