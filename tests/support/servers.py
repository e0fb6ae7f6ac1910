"""Real NATS and S3 servers for tests: from the wheels, on free ports, with data in a temporary folder."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from services.launcher.embedded import NatsServer, NatsUser, S3Credentials, S3Ports, S3Server
from services.launcher.free_ports import find_free_ports
from services.launcher.process import StartFailed

TEST_CREDENTIALS = S3Credentials("test-access-key", "test-secret-key")
# Somebody else may take a port between our look and the server's bind.
START_ATTEMPTS = 3

Server = TypeVar("Server", NatsServer, S3Server)


def _start(make: Callable[[int], Server]) -> Server:
    for attempt in range(START_ATTEMPTS):
        server = make(attempt)
        server.start()
        try:
            server.wait_until_serving()
        except StartFailed:
            server.kill()
            if attempt == START_ATTEMPTS - 1:
                raise
        else:
            return server
    raise AssertionError("unreachable: the last attempt returns or raises")


@contextmanager
def run_nats_server(folder: Path, users: tuple[NatsUser, ...] = ()) -> Iterator[NatsServer]:
    """A NATS server of one's own, to be killed and started again: ``server.kill()``, ``server.start()``."""
    server = _start(
        lambda attempt: NatsServer(
            folder / f"nats-{attempt}", find_free_ports(1)[0], environment=os.environ, users=users
        )
    )
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def run_s3_server(folder: Path, credentials: S3Credentials = TEST_CREDENTIALS) -> Iterator[S3Server]:
    """An S3 server of one's own, without buckets, to be killed and started again."""
    server = _start(
        lambda attempt: S3Server(folder / f"s3-{attempt}", S3Ports.find(), credentials, environment=os.environ)
    )
    try:
        yield server
    finally:
        server.kill()
