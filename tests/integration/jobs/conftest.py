"""A storage service and a NATS server, shared; each test has a queue and a tenant of its own."""

from collections.abc import AsyncIterator

import pytest

from services.launcher.embedded import NatsServer, S3Server
from tests.support.jobs import Probe, run_probe, run_probe_storage
from tests.support.storage import RunningStorage, new_bucket


@pytest.fixture(scope="session")
async def probe_storage(s3_server: S3Server) -> AsyncIterator[RunningStorage]:
    """A storage service over a bucket of these tests."""
    async with (
        new_bucket(s3_server) as connection,
        run_probe_storage(s3_server, connection.options.bucket) as running,
    ):
        yield running


@pytest.fixture
async def probe(nats_server: NatsServer, probe_storage: RunningStorage) -> AsyncIterator[Probe]:
    """A service with an API process and no worker yet."""
    async with run_probe(nats_server.url, probe_storage) as running:
        yield running
