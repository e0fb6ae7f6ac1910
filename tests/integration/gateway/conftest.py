"""A fresh gateway for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.gateway import RunningGateway, run_gateway


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningGateway]:
    """A gateway with default settings before scripted services."""
    async with run_gateway(tmp_path) as gateway:
        yield gateway
