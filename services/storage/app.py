"""The storage service, put together; and the bootstrap command, which prepares the bucket and the queues."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from ipaddress import IPv6Address
from typing import Literal

from wealth.storage.v1 import storage_pb2_grpc

from services.common.errors import Unavailable, WealthError
from services.common.identity import TokenVerifier
from services.common.interceptors import ServerInterceptor
from services.common.jobs.broker import Broker
from services.common.jobs.topology import ensure_topology
from services.common.logging import get_logger
from services.common.public_addresses import IPAddress, is_public
from services.common.server import GrpcServer, run_components
from services.common.tasks import run_together
from services.storage.adapters.backup_folder import BackupFolder
from services.storage.adapters.bucket_reader import S3BucketReader
from services.storage.adapters.lifecycle_keeper import LifecycleKeeper
from services.storage.adapters.s3_bucket import (
    S3Connection,
    connect_bucket,
    ensure_bucket,
    set_lifecycle,
    wait_until_answering,
)
from services.storage.adapters.s3_options import Breaker, S3Options
from services.storage.adapters.web_reader import HttpsReader
from services.storage.domain.access import AccessRules
from services.storage.domain.keys import TenantSpace
from services.storage.domain.lifecycle import TooManyRules
from services.storage.domain.sources import SourceRules
from services.storage.servicer import Limits, StorageServicer
from services.storage.settings import StorageSettings
from services.storage.usecases.backup import back_up, restore, verify
from services.storage.usecases.files import Files
from services.storage.usecases.imports import Imports
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.objects import Objects
from services.storage.usecases.records import Records

Role = Literal["server", "bootstrap", "all", "backup", "verify", "restore"]
SERVICE_NAME = "wealth.storage.v1.StorageService"
S3_WRITES = "s3-writes"


class StorageServer:
    """The serving process's one component: the web reader and the gRPC server, over the bucket's connections."""

    def __init__(self, settings: StorageSettings, connection: S3Connection) -> None:
        """``connection`` is open, and stays so. Raises ValueError on a malformed setting; opens nothing."""
        self._settings = settings
        self._connection = connection
        self._rules = AccessRules(settings.grants())
        self._verifier = TokenVerifier("storage", settings.public_keys())
        self._open = AsyncExitStack()
        self.grpc: GrpcServer | None = None

    async def start(self) -> None:
        """Binds and serves, whether S3 answers or not. Raises OSError where the address is taken."""
        settings, connection = self._settings, self._connection
        web = HttpsReader(
            timeout_s=settings.storage_import_timeout_s,
            idle_timeout_s=settings.storage_import_idle_timeout_s,
            may_connect=choose_address_rule(settings),
        )
        await web.start()
        self._open.push_async_callback(web.close)
        self.grpc = GrpcServer(
            settings.storage_listen,
            settings,
            interceptors=[
                ServerInterceptor(
                    self._verifier,
                    default_timeout_s=settings.grpc_request_timeout_s,
                    authorize=self._rules.require_method,
                )
            ],
            dependencies={
                "s3": connection.check,
                S3_WRITES: connection.check_writes,
                "clocks": self._verifier.check,
            },
        )
        keeper = LifecycleKeeper(
            lambda: refresh_lifecycle(connection, settings), interval_s=settings.storage_lifecycle_interval_s
        )
        self._open.push_async_callback(keeper.stop)
        keeper.start()
        servicer = build_servicer(settings, self._rules, connection, web)
        self.grpc.add(storage_pb2_grpc.add_StorageServiceServicer_to_server, servicer, SERVICE_NAME)
        await self.grpc.start()

    async def drain(self) -> None:
        """Lets running calls finish."""
        if self.grpc is not None:
            await self.grpc.drain()

    async def stop(self) -> None:
        """Ends what is left and closes all connections."""
        if self.grpc is not None:
            await self.grpc.stop()
        await self._open.aclose()


def build_servicer(
    settings: StorageSettings, rules: AccessRules, connection: S3Connection, web: HttpsReader
) -> StorageServicer:
    """Puts the use cases over a connection together."""
    store, namespaces = connection.store, Namespaces(rules, settings.default_tenant)
    part_bytes = settings.storage_part_bytes
    files = Files(store, namespaces, max_file_bytes=settings.storage_max_file_bytes, part_bytes=part_bytes)
    return StorageServicer(
        Records(
            store,
            namespaces,
            default_tenant=settings.default_tenant,
            begins_runs=settings.storage_index_runs,
            open_of_users=settings.storage_open_keys_of_users,
            memory_bytes=settings.storage_memory_bytes // 2,
            on_leftover=_log_leftover,
        ),
        Objects(
            store,
            connection,
            namespaces,
            max_object_bytes=settings.storage_max_object_bytes,
            part_bytes=part_bytes,
            presign_max_s=settings.storage_presign_max_s,
            memory_bytes=settings.storage_memory_bytes // 2,
        ),
        files,
        Imports(
            store,
            namespaces,
            files,
            SourceRules(settings.allowed_sources(), settings.s3_bucket_name),
            web=web,
            buckets=S3BucketReader(connection),
            max_bytes=settings.storage_max_file_bytes,
            part_bytes=part_bytes,
        ),
        limits=Limits(
            max_calls=settings.storage_max_calls,
            max_transfers=settings.storage_max_transfers,
            max_waiting=settings.storage_max_waiting,
            wait_s=settings.storage_max_wait_s,
            transfer_idle_timeout_s=settings.storage_transfer_idle_timeout_s,
        ),
    )


def connect(settings: StorageSettings) -> AbstractAsyncContextManager[S3Connection]:
    """Opens the bucket's connections, whether S3 answers or not."""
    breaker = Breaker(settings.storage_s3_breaker_failures)
    return connect_bucket(s3_options(settings), breaker, presign_endpoint_url=settings.storage_presign_endpoint_url)


async def bootstrap(settings: StorageSettings, connection: S3Connection) -> None:
    """Makes the bucket, its lifecycle rules and the queues: what is there already stays. Waits for S3 and NATS.

    Both at once: neither needs the other, and S3 comes up later. More tenants than S3 takes rules for are logged and
    stop nothing: their queues are wanted all the same. Raises OSError where one of the two has not answered in time.
    """
    began_s = time.monotonic()
    await run_together(_prepare_queues(settings), _prepare_bucket(settings, connection))
    get_logger().info("bootstrap_done", bucket=settings.s3_bucket_name, seconds=round(time.monotonic() - began_s, 3))


async def _prepare_bucket(settings: StorageSettings, connection: S3Connection) -> None:
    timeout_s = settings.storage_bootstrap_timeout_s

    async def prepare() -> None:
        await ensure_bucket(connection)
        await refresh_lifecycle(connection, settings)

    try:
        await wait_until_answering(prepare, timeout_s=timeout_s)
    except Unavailable as error:
        raise OSError(f"S3 is not ready after {timeout_s:g} s: {error.message}") from error
    except TooManyRules as error:
        get_logger().error("lifecycle_rules_not_set", error=str(error))


async def _prepare_queues(settings: StorageSettings) -> None:
    timeout_s = settings.storage_bootstrap_timeout_s
    broker = Broker(settings.nats_url.get_secret_value(), name="bootstrap", tls=settings.nats_tls())
    await broker.start()
    try:
        async with asyncio.timeout(timeout_s):
            await broker.wait_connected()
            await wait_until_answering(
                lambda: ensure_topology(broker.jetstream(5), settings.topology()), timeout_s=timeout_s
            )
    except TimeoutError as error:
        raise OSError(f"NATS is not ready after {timeout_s:g} s") from error
    finally:
        await broker.stop()


async def handle_backup(settings: StorageSettings, command: Literal["backup", "verify", "restore"]) -> None:
    """Copies the bucket into a folder, reads such a copy, or writes it into an empty bucket; logs what was done.

    Raises OSError with what is wrong with bucket or copy.
    """
    folder = BackupFolder(settings.storage_backup_dir)
    log = get_logger().bind(folder=str(settings.storage_backup_dir), bucket=settings.s3_bucket_name)
    try:
        if command == "verify":
            log.info("backup_verified", objects=await verify(folder))
            return
        async with connect_bucket(s3_options(settings), Breaker()) as connection:
            if command == "backup":
                objects, changing = await back_up(connection.store, folder)
                log.info("backup_done", objects=objects, kept_changing=changing)
            else:
                await ensure_bucket(connection)
                objects = await restore(connection.store, folder, part_bytes=settings.storage_part_bytes)
                log.info("restore_done", objects=objects)
    except WealthError as error:
        raise OSError(f"{command}: {error.message} ({error.reason})") from error


async def refresh_lifecycle(connection: S3Connection, settings: StorageSettings) -> bool:
    """Sets the expiry rules of all tenants that have written something; returns whether any changed.

    Raises Unavailable, TooManyRules.
    """
    tenants = await _list_tenants(connection, settings)
    spaces = [TenantSpace.of(tenant, settings.default_tenant).prefix for tenant in tenants]
    return await set_lifecycle(connection, settings.expiry_rules(), spaces)


async def run(settings: StorageSettings, role: Role) -> None:
    """Serves until SIGTERM, or runs one of the commands; ``all`` is bootstrap, then the server, in one process."""
    if role in {"backup", "verify", "restore"}:
        await handle_backup(settings, role)
        return
    async with connect(settings) as connection:
        if role != "server":
            await bootstrap(settings, connection)
        if role != "bootstrap":
            await run_components([StorageServer(settings, connection)], drain_timeout_s=settings.drain_timeout_s)


def s3_options(settings: StorageSettings) -> S3Options:
    """How these settings reach the bucket."""
    return S3Options(
        bucket=settings.s3_bucket_name,
        region=settings.aws_region,
        endpoint_url=settings.s3_endpoint_url,
        credentials=settings.credentials(),
        connect_timeout_s=settings.storage_s3_connect_timeout_s,
        request_timeout_s=settings.storage_s3_request_timeout_s,
        operation_timeout_s=settings.storage_s3_operation_timeout_s,
        transfer_timeout_s=settings.storage_s3_transfer_timeout_s,
        retries=settings.storage_s3_retries,
        part_bytes=settings.storage_part_bytes,
    )


def choose_address_rule(settings: StorageSettings) -> Callable[[IPAddress], bool]:
    """Which addresses imports may connect to: public ones, and in development this machine itself."""
    if not settings.storage_import_allow_loopback:
        return is_public
    get_logger().warning("imports_may_reach_loopback")

    def is_public_or_loopback(address: IPAddress) -> bool:
        plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
        return plain.is_loopback or is_public(address)

    return is_public_or_loopback


async def _list_tenants(connection: S3Connection, settings: StorageSettings) -> Sequence[str]:
    records = Records(
        connection.store,
        Namespaces(AccessRules({}), settings.default_tenant),
        default_tenant=settings.default_tenant,
    )
    tenants, position = await records.list_tenants(limit=1000, position="")
    if position:
        get_logger().warning("too_many_tenants_for_lifecycle_rules", handled=len(tenants))
    return tenants


def _log_leftover(names: Sequence[str], error: Exception) -> None:
    get_logger().warning("index_keys_left", count=len(names), reason=getattr(error, "reason", type(error).__name__))
