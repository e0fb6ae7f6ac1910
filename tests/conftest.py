"""What all tests share: the servers, started once per test process when a test first asks."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from services.launcher.embedded import NatsServer, S3Server
from tests.support.servers import run_nats_server, run_s3_server

# Machines of CI are shared: how long an example takes says nothing of what is tested.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
# What is logged in a test's own process. structlog's own choice shows tracebacks with all variables: seconds for each.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A running NATS server with JetStream (``.url``). Shared: name streams your own, never kill it."""
    with run_nats_server(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A running S3 server (``.url``, ``.credentials``). Shared: use a bucket of your own, never kill it."""
    with run_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server
