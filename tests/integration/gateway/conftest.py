"""Gateways for tests: one that all share, as fast as can be, and one of a test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.gateway import RunningGateway, run_gateway


@pytest.fixture(scope="session")
async def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """A gateway with default settings before scripted services; tests ask for ``running``."""
    async with run_gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture
async def running(shared_gateway: RunningGateway) -> AsyncIterator[RunningGateway]:
    """The shared gateway, its services with nothing said and nothing seen. Keys may be added."""
    yield shared_gateway
    await shared_gateway.suite.reset()


@pytest.fixture
async def own_gateway(tmp_path: Path) -> AsyncIterator[RunningGateway]:
    """A gateway of the test's own, to be drained, or to lose keys or services."""
    async with run_gateway(tmp_path) as gateway:
        yield gateway
