"""A process's life: start its parts, serve, drain on SIGTERM, stop. And the gRPC server as one such part."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

import grpc
import grpc.aio
from google.protobuf.descriptor_pool import Default
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.common.interceptors import ServerInterceptor
from services.common.logging import get_logger
from services.common.loop_lag import watch_loop_lag
from services.common.reflected import describe_served
from services.common.settings import ServiceSettings
from services.common.tasks import stop_task

DependencyCheck = Callable[[], Awaitable[None]]
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Component(Protocol):
    """A part of a process that starts and stops with it."""

    async def start(self) -> None:
        """Starts; raising stops the process."""

    async def drain(self) -> None:
        """Takes nothing new, and finishes or hands back what is in hand."""

    async def stop(self) -> None:
        """Lets go of everything; called once, also when the start failed."""


async def run_components(components: Sequence[Component], *, drain_timeout_s: float) -> None:
    """Starts the components in order, waits for SIGTERM or SIGINT, drains and stops them in reverse.

    A second signal, or the drain's timeout, cuts the draining short.
    """
    log = get_logger()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = 0

    def on_signal() -> None:
        nonlocal signals
        signals += 1
        stopping.set()
        if signals > 1:
            draining.cancel()

    draining: asyncio.Future[Any] = loop.create_future()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, on_signal)
    started: list[Component] = []
    lag = asyncio.create_task(watch_loop_lag(), name="loop-lag")
    try:
        for component in components:
            started.append(component)
            await component.start()
        log.info("process_started")
        await stopping.wait()
        log.info("process_draining", timeout_s=drain_timeout_s)
        draining = asyncio.ensure_future(
            asyncio.gather(*(component.drain() for component in reversed(started)), return_exceptions=True)
        )
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            for outcome in await asyncio.wait_for(draining, drain_timeout_s):
                if isinstance(outcome, Exception):
                    log.error("drain_failed", exc_info=outcome)
    finally:
        for component in reversed(started):
            try:
                await component.stop()
            except Exception:  # the others must let go all the same
                log.exception("stop_failed", component=type(component).__name__)
        await stop_task(lag)
        log.info("process_stopped")


class _HealthServicer(health.aio.HealthServicer):
    """The health package's, with the protocol's List method, which it leaves out."""

    async def List(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - the protocol's names
        """Returns all states by name, so that a gateway need not know the names of a service's dependencies."""
        return health_pb2.HealthListResponse(  # type: ignore[attr-defined]
            statuses={
                name: health_pb2.HealthCheckResponse(status=status)
                for name, status in self._server_status.items()  # type: ignore[attr-defined]
            }
        )


class GrpcServer:
    """An aio gRPC server with health, reflection, keepalive and our interceptor.

    Health: the service ``""`` says whether this process can serve and nothing else; each dependency has a name of its
    own, checked every ``check_interval_s``. Reflection tells what is registered; ``open_paths``
    (``/package.Service/Method``) are the methods among it that are served, None: all of them.
    """

    def __init__(
        self,
        listen: str,
        settings: ServiceSettings,
        *,
        interceptors: Sequence[ServerInterceptor | grpc.aio.ServerInterceptor],
        dependencies: Mapping[str, DependencyCheck] | None = None,
        check_interval_s: float = 1.0,
        max_message_bytes: int | None = None,
        open_paths: Collection[str] | None = None,
        options: Sequence[tuple[str, int]] = (),
    ) -> None:
        self._listen = listen
        self._dependencies = dict(dependencies or {})
        self._check_interval_s = check_interval_s
        limit = max_message_bytes or settings.grpc_max_message_bytes
        self._server = grpc.aio.server(
            interceptors=list(interceptors),
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", limit),
                ("grpc.max_send_message_length", limit),
                ("grpc.max_connection_age_ms", settings.grpc_max_connection_age_s * 1000),
                ("grpc.max_connection_age_grace_ms", settings.grpc_max_connection_age_grace_s * 1000),
                ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
                ("grpc.keepalive_permit_without_calls", 1),
                *options,
            ],
        )
        self._health = _HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._names: list[str] = []
        self._open_paths = open_paths
        self._checks: asyncio.Task[None] | None = None
        self._drain_timeout_s = settings.drain_timeout_s
        self.port = 0

    def add(self, register: Callable[[Any, grpc.aio.Server], None], servicer: Any, service_name: str) -> None:
        """Registers a servicer by its generated function, under its full proto service name."""
        register(servicer, self._server)
        self._names.append(service_name)

    async def start(self) -> None:
        """Binds and serves. Raises OSError where the address is taken."""
        self._enable_reflection()
        try:
            self.port = self._server.add_insecure_port(self._listen)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {self._listen}") from error
        for name in self._dependencies:
            await self._health.set(name, _NOT_SERVING)
        await self._server.start()
        for name in ("", *self._names):
            await self._health.set(name, _SERVING)
        if self._dependencies:
            self._checks = asyncio.create_task(self._watch_dependencies(), name="dependency-checks")
        get_logger().info("grpc_listening", address=self._listen, port=self.port)

    def _enable_reflection(self) -> None:
        own = (health.SERVICE_NAME, reflection.SERVICE_NAME)
        every = [f"/{name}/{method.name}" for name in own for method in Default().FindServiceByName(name).methods]
        paths = None if self._open_paths is None else {*self._open_paths, *every}
        names = (*self._names, *own)
        reflection.enable_server_reflection(names, self._server, pool=describe_served(names, paths))

    async def drain(self) -> None:
        """Answers NOT_SERVING and lets running calls finish."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(self._drain_timeout_s)

    async def stop(self) -> None:
        """Ends the checks and what calls are left."""
        await stop_task(self._checks)
        await self._server.stop(None)

    async def _watch_dependencies(self) -> None:
        standing: dict[str, bool] = {}
        while True:
            for name, check in self._dependencies.items():
                try:
                    async with asyncio.timeout(2):
                        await check()
                    up, why = True, None
                except Exception as error:  # noqa: BLE001 - any failure of a check means that the dependency is away
                    up, why = False, f"{type(error).__name__}: {error}"
                if standing.get(name) is not up:
                    get_logger().info("dependency_changed", dependency=name, up=up, why=why)
                    standing[name] = up
                    await self._health.set(name, _SERVING if up else _NOT_SERVING)
            await asyncio.sleep(self._check_interval_s)


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Runs an entry point's coroutine, on uvloop where it is installed; exits with 1 where it fails."""
    try:
        import uvloop  # noqa: PLC0415 - only where it is installed

        factory: Callable[[], asyncio.AbstractEventLoop] | None = uvloop.new_event_loop
    except ImportError:
        factory = None
    with asyncio.Runner(loop_factory=factory) as runner:
        try:
            runner.run(main())  # type: ignore[arg-type]
        except (OSError, ValueError) as error:
            get_logger().error("process_failed", error=f"{type(error).__name__}: {error}")
            sys.exit(1)
