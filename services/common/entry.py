"""The one way a process of the suite starts: settings, logs, metrics, traces, then the service."""

import argparse
import importlib.metadata
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import start_http_server

from services.common.core_files import leave_no_core_files
from services.common.logging import configure_logging
from services.common.native_log import native_lines_logged
from services.common.server import run
from services.common.settings import ServiceSettings
from services.common.telemetry import exported_traces

HEALTH_TIMEOUT_S = 3

Settings = TypeVar("Settings", bound=ServiceSettings)


def start_service(
    name: str,
    settings_class: type[Settings],
    main: Callable[[Settings, Any], Awaitable[None]],
    arguments: Sequence[str],
    *,
    roles: Sequence[str],
) -> None:
    """Reads the settings, sets up logs and the metrics page, and runs ``main(settings, role)`` until it ends.

    Exits with 2 on a wrong argument, with 1 on settings that are not valid or an address that is taken.
    """
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    parser.add_argument(
        "role", choices=roles, nargs="?", default=roles[-1], help="what this process does (%(default)s)"
    )
    parser.add_argument("--version", action="version", version=importlib.metadata.version("wealth-suite"))
    parser.add_argument("--health", metavar="HOST:PORT", help="ask a running process whether it serves, and end")
    options = parser.parse_args(arguments)
    leave_no_core_files()
    if options.health:
        sys.exit(_ask_health(options.health))
    role = options.role
    settings = settings_class.load()
    service = f"{name}-{role}" if role not in {"all", "server"} else name
    with native_lines_logged():
        configure_logging(service, settings.log_level, settings.log_format)
        if settings.metrics_listen:
            host, _, port = settings.metrics_listen.rpartition(":")
            start_http_server(int(port), host)
        with exported_traces(service, settings):
            run(lambda: main(settings, role))


def _ask_health(address: str) -> str | None:
    """Asks the standard health service; returns what is wrong, or None."""
    with grpc.insecure_channel(address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check  # type: ignore[attr-defined]
        try:
            answer = check(health_pb2.HealthCheckRequest(), timeout=HEALTH_TIMEOUT_S)
        except grpc.RpcError as error:
            return f"{address} does not answer: {error.code().name}"
    name: str = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    return None if name == "SERVING" else f"{address}: {name}"
