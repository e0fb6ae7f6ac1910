"""The one way a process of the suite starts: settings, logs, metrics, then the service."""

import argparse
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from prometheus_client import start_http_server

from services.common.logging import configure_logging
from services.common.server import run
from services.common.settings import ServiceSettings

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
    role = parser.parse_args(arguments).role
    settings = settings_class.load()
    service = f"{name}-{role}" if role not in {"all", "server"} else name
    configure_logging(service, settings.log_level, settings.log_format)
    if settings.metrics_listen:
        host, _, port = settings.metrics_listen.rpartition(":")
        start_http_server(int(port), host)
    run(lambda: main(settings, role))
