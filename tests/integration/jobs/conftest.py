"""A storage service and NATS with its users, shared; each test has a queue and a tenant of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.common.jobs.permissions import Role
from services.launcher.embedded import NatsServer, NatsUser, S3Server
from tests.support.jobs import Probe, make_probe_users, run_probe, run_probe_storage
from tests.support.servers import run_nats_server
from tests.support.storage import RunningStorage, new_bucket

OPERATOR = "operator"


@pytest.fixture(scope="session")
async def probe_storage(s3_server: S3Server) -> AsyncIterator[RunningStorage]:
    """A storage service over a bucket of these tests."""
    async with (
        new_bucket(s3_server) as connection,
        run_probe_storage(s3_server, connection.options.bucket) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def probe_nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A server on which an API and a worker may do what they may do in an installation."""
    users = (NatsUser(OPERATOR, OPERATOR), *make_probe_users().values())
    with run_nats_server(tmp_path_factory.mktemp("probe-nats"), users) as server:
        yield server


@pytest.fixture
async def probe(probe_nats: NatsServer, probe_storage: RunningStorage) -> AsyncIterator[Probe]:
    """A service with an API process and no worker yet."""
    roles: tuple[Role, ...] = ("api", "worker")
    url_of = {role: probe_nats.url_of(f"probe-{role}") for role in roles}
    async with run_probe(probe_nats.url_of(OPERATOR), probe_storage, url_of=url_of) as running:
        yield running
