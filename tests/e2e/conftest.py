"""One suite for all end-to-end tests of a run but those in ``launches``, which start suites of their own."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.support.launched_suite import LaunchedSuite, launched_suite

# A short lease, so that a killed worker's job comes back within the test's time.
SETTINGS = {"JOBS_ACK_WAIT_S": "3", "JOBS_SWEEP_INTERVAL_S": "1", "LOG_FORMAT": "json"}


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaunchedSuite]:
    """The running suite. Whoever kills a part of it starts it again (``restored``)."""
    with launched_suite(tmp_path_factory.mktemp("suite"), SETTINGS) as running:
        yield running


@pytest.fixture
async def client(suite: LaunchedSuite) -> AsyncIterator[httpx.AsyncClient]:
    """A REST client with the ready key."""
    async with suite.client() as ready:
        yield ready
