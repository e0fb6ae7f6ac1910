"""The portfolio, put together: its API role, its worker role, or both in one process."""

from typing import Literal

from wealth.portfolio.v1 import portfolio_pb2_grpc

from services.common.identity import TokenSigner, TokenVerifier
from services.common.interceptors import ServerInterceptor
from services.common.jobs.runtime import JobRuntime, StorageClientComponent
from services.common.other_process import OtherProcess
from services.common.server import Component, GrpcServer, run_components
from services.common.settings import read_identity_key
from services.common.storage import StorageClient
from services.portfolio.adapters.brand_files import load_brands
from services.portfolio.adapters.converter_output import ConverterOutputs
from services.portfolio.adapters.credentials import CredentialVault
from services.portfolio.adapters.providers import Providers
from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.task import PLATFORM
from services.portfolio.mapping import TASK_KIND
from services.portfolio.migration import OlderTasks
from services.portfolio.servicer import SERVICE_NAME, PortfolioServicer
from services.portfolio.settings import PortfolioSettings
from services.portfolio.usecases import Claims, Tasks
from services.portfolio.worker import PortfolioHandler

Role = Literal["api", "worker", "all"]


def build(settings: PortfolioSettings, role: Role) -> list[Component]:
    """Puts the role's components in the order in which they start.

    Raises ValueError on a malformed key, a file of sections or brands that is wrong (naming the line), or providers
    without the settings that they need.
    """
    key = read_identity_key(settings.portfolio_identity_key, "PORTFOLIO_IDENTITY_KEY")
    signer = TokenSigner("portfolio", key)
    catalogue = load_catalogue(settings.portfolio_sections_file, settings.portfolio_reference_dir)
    chosen = settings.choose_providers(catalogue.sections)
    storage = StorageClient.connect(settings.storage_target, signer, call_timeout_s=settings.grpc_call_timeout_s)
    runtime = JobRuntime(TASK_KIND, settings, key, storage)
    vault = CredentialVault(storage, settings.sealing_keys())
    components: list[Component] = [StorageClientComponent(storage), runtime.broker]
    # What bootstrap made is an API's to look after; a worker may not even look at all of it.
    nats = runtime.broker if role == "worker" else runtime.keeper
    verifier = TokenVerifier("portfolio", settings.public_keys())
    dependencies = {
        "nats": nats.check,
        "storage": storage.check,
        "clocks": verifier.check,
    }
    worker = None
    if role in {"worker", "all"}:
        outputs = ConverterOutputs(settings.converter_target, signer, max_bytes=settings.portfolio_max_csv_bytes)
        providers = Providers(settings, frozenset(chosen.values()))
        handler = PortfolioHandler(
            runtime, vault, catalogue, chosen=chosen, providers=providers, outputs=outputs, settings=settings
        )
        worker = runtime.worker(handler)
        components += [outputs, providers, worker]
        dependencies["jobs"] = worker.check
    server = GrpcServer(
        settings.portfolio_worker_listen if role == "worker" else settings.portfolio_listen,
        settings,
        interceptors=[
            ServerInterceptor(
                verifier,
                default_timeout_s=settings.grpc_request_timeout_s,
                serves_calls=role != "worker",
            )
        ],
        dependencies=dependencies,
    )
    if role in {"api", "all"}:
        elsewhere = OtherProcess()
        components.append(elsewhere)
        tasks = Tasks(
            runtime,
            vault,
            elsewhere,
            needs_credentials=PLATFORM in chosen.values(),
            max_payload_bytes=settings.portfolio_max_payload_bytes,
            inline_input_bytes=settings.portfolio_inline_input_bytes,
            default_locale=settings.portfolio_locale,
        )
        older = OlderTasks(runtime, elsewhere, default_locale=settings.portfolio_locale)
        claims = Claims(
            catalogue,
            elsewhere,
            max_payload_bytes=settings.portfolio_max_payload_bytes,
            default_locale=settings.portfolio_locale,
        )
        server.add(
            portfolio_pb2_grpc.add_PortfolioServiceServicer_to_server,
            PortfolioServicer(tasks, older, claims, runtime, load_brands(settings.portfolio_brands_file)),
            SERVICE_NAME,
        )
        components += runtime.api_components(maintain=tasks.maintain, forget_user=tasks.forget_user)
    return [*components, server]


async def run(settings: PortfolioSettings, role: Role) -> None:
    """Runs a role until SIGTERM."""
    await run_components(build(settings, role), drain_timeout_s=settings.drain_timeout_s)
