"""The converter, put together: its API role, its worker role, or both in one process."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from wealth.converter.v1 import converter_pb2_grpc

from services.common.identity import TokenSigner, TokenVerifier
from services.common.interceptors import ServerInterceptor
from services.common.jobs.runtime import JobRuntime, StorageClientComponent
from services.common.logging import get_logger
from services.common.other_process import OtherProcess
from services.common.paths import encode_segment
from services.common.server import Component, GrpcServer, run_components
from services.common.settings import read_identity_key
from services.common.storage import StorageClient
from services.converter.adapters.crew.pool import CrewPool, Endpoint
from services.converter.adapters.crew.prompts import load_prompts
from services.converter.adapters.engine_pool import EnginePool
from services.converter.adapters.work_folder import WorkFolder
from services.converter.agent_work import Agents
from services.converter.agents import Terms
from services.converter.domain.places import Places
from services.converter.incoming import Incoming
from services.converter.mapping import NameObject, make_job_kind
from services.converter.migration import OlderJobs
from services.converter.servicer import SERVICE_NAME, ConverterServicer
from services.converter.settings import ConverterSettings
from services.converter.teaching import Teaching
from services.converter.usecases import Jobs
from services.converter.worker import ConverterHandler

Role = Literal["api", "worker", "all"]
# What clients of an endpoint without keys send.
_NO_KEY = "no-key-is-needed"


def build(settings: ConverterSettings, role: Role) -> list[Component]:
    """Puts the role's components in the order in which they start. Raises ValueError on a malformed key."""
    key = read_identity_key(settings.converter_identity_key, "CONVERTER_IDENTITY_KEY")
    places = Places(settings.converter_jobs_prefix)
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
    folder = WorkFolder(settings.converter_work_dir)
    crew = make_crew(settings, folder.path) if role in {"worker", "all"} else None
    agents = Agents(crew, make_terms(settings)) if crew else None
    handler = ConverterHandler(runtime, places, engines, settings, folder.path, agents)
    worker = runtime.worker(handler) if role in {"worker", "all"} else None
    # What bootstrap made is an API's to look after; a worker may not even look at all of it.
    nats = runtime.broker if role == "worker" else runtime.keeper
    verifier = TokenVerifier("converter", settings.public_keys())
    server = GrpcServer(
        settings.converter_worker_listen if role == "worker" else settings.converter_listen,
        settings,
        interceptors=[
            ServerInterceptor(
                verifier,
                default_timeout_s=settings.grpc_request_timeout_s,
                serves_calls=role != "worker",
            )
        ],
        dependencies={
            "nats": nats.check,
            "storage": storage.check,
            "clocks": verifier.check,
        }
        | ({"jobs": worker.check} if worker else {}),
        max_message_bytes=settings.converter_max_message_bytes,
    )
    components: list[Component] = [StorageClientComponent(storage), runtime.broker]
    if role in {"api", "all"}:
        elsewhere = OtherProcess()
        components.append(elsewhere)
        incoming = Incoming(runtime, places, elsewhere, settings.converter_inline_max_bytes)
        jobs = Jobs(runtime, places, incoming)
        teaching = Teaching(runtime, places, incoming, sample_max_bytes=settings.converter_training_max_bytes)
        older = OlderJobs(runtime, places, elsewhere)
        server.add(
            converter_pb2_grpc.add_ConverterServiceServicer_to_server,
            ConverterServicer(jobs, older, teaching, runtime, _make_namer(settings)),
            SERVICE_NAME,
        )
        components += runtime.api_components(maintain=handler.maintain, forget_user=jobs.forget_user)
    if worker:
        components += [folder, engines, *([crew] if crew else []), worker]
    return [*components, server]


def make_crew(settings: ConverterSettings, work_folder: Path) -> CrewPool | None:
    """The agents' processes, which keep their files in ``work_folder``.

    None where no model is configured, or crewai is not installed (which is logged).
    """
    if not settings.has_model:
        return None
    if importlib.util.find_spec("crewai") is None:
        get_logger().warning("crew_not_installed", extra="crew", model=settings.model_name, start="make run CREW=1")
        return None
    get_logger().info("model_configured", endpoint=settings.model_url, model=settings.model_name)
    endpoint = Endpoint(
        settings.model_url,
        settings.model_name,
        settings.openai_api_key.get_secret_value() if settings.openai_api_key else _NO_KEY,
        settings.openai_temperature,
        settings.converter_crew_provider,
    )
    return CrewPool(
        endpoint,
        process_bytes=settings.converter_crew_memory_bytes,
        niceness=settings.converter_engine_niceness,
        work_dir=work_folder,
    )


def make_terms(settings: ConverterSettings) -> Terms:
    """What holds for every consultation."""
    return Terms(load_prompts(), settings.crew_limits(), settings.crew_prices(), settings.model_name)


async def run(settings: ConverterSettings, role: Role) -> None:
    """Runs a role until SIGTERM."""
    components: Sequence[Component] = build(settings, role)
    await run_components(components, drain_timeout_s=settings.drain_timeout_s)


def _make_namer(settings: ConverterSettings) -> NameObject:
    def name_object(tenant: str, key: str) -> str:
        prefix = "" if tenant == settings.default_tenant else f"tenants/{encode_segment(tenant)}/"
        return f"s3://{settings.s3_bucket_name}/{prefix}{key}"

    return name_object
