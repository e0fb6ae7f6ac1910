"""A storage service over a real S3 server, shared by the tests of this folder: each takes a tenant of its own."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from services.common.identity import Principal, service_principal
from services.launcher.embedded import S3Server
from tests.support.storage import RunningStorage, new_bucket, run_storage


@pytest.fixture(scope="session")
async def storage(s3_server: S3Server) -> AsyncIterator[RunningStorage]:
    """A running storage service with small parts and caps."""
    async with (
        new_bucket(s3_server) as connection,
        run_storage(
            s3_server,
            connection.options.bucket,
            storage_part_bytes=5 * 1024 * 1024,
            storage_max_object_bytes=24 * 1024 * 1024,
            storage_max_file_bytes=16 * 1024 * 1024,
        ) as running,
    ):
        yield running


@pytest.fixture
def tenant() -> str:
    """A tenant that no other test has."""
    return f"t-{uuid4().hex[:12]}"


@pytest.fixture
def portfolio(tenant: str) -> Principal:
    """Portfolio's own work in the tenant."""
    return service_principal(tenant, "portfolio")


@pytest.fixture
def converter(tenant: str) -> Principal:
    """The converter's own work in the tenant."""
    return service_principal(tenant, "converter")
