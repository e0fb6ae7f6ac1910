"""Tests with the real crew: they need crewai, which has an environment of its own (`make test-crew`)."""

import base64
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import nats
import pytest
from pydantic import SecretStr

from services.common.identity import encode_public_key
from services.common.jobs.topology import Topology, ensure_topology
from services.converter.app import build
from services.converter.settings import ConverterSettings
from services.launcher.embedded import NatsServer
from tests.integration.converter.conftest import converter, converter_storage
from tests.support.scripted_model import KEY, Act, ScriptedModel, run_scripted_model
from tests.support.services import GATEWAY_KEY, RunningService, run_service
from tests.support.storage import RunningStorage

__all__ = ["converter", "converter_storage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Says loudly what is left out where crewai is not installed."""
    if importlib.util.find_spec("crewai") is None:
        skip = pytest.mark.skip(reason="crewai is not installed: `make test-crew` runs this in .venv-crew")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(skip)


@pytest.fixture(scope="session")
async def endpoint() -> AsyncIterator[ScriptedModel]:
    """The model of all tests of the session."""
    async with run_scripted_model(Act(sql="SELECT 1")) as model:
        yield model


@pytest.fixture
def model(endpoint: ScriptedModel) -> ScriptedModel:
    """The model, with nothing asked yet; a test sets ``acts``."""
    endpoint.bodies.clear()
    return endpoint


@pytest.fixture(scope="session")
async def service(
    nats_server: NatsServer, converter_storage: RunningStorage, endpoint: ScriptedModel
) -> AsyncIterator[tuple[RunningService, Callable[..., Any]]]:
    """The converter with a model configured."""
    connection = await nats.connect(nats_server.url)
    await ensure_topology(connection.jetstream(), Topology(ack_wait_s=30), services=("converter",))
    key = converter_storage.keys["converter"]
    async with AsyncExitStack() as stack:

        async def start(role: str, **changes: Any) -> RunningService:
            settings = ConverterSettings(
                **{
                    "converter_listen": "127.0.0.1:0",
                    "converter_identity_key": SecretStr(base64.b64encode(key.private_bytes_raw()).decode()),
                    "converter_engines": 1,
                    "converter_engine_niceness": 0,  # a busy machine gives nothing to what asks for little
                    "converter_crew_call_timeout_s": 8,
                    "converter_crew_call_retries": 1,
                    "openai_input_price": "0.15",
                    "openai_output_price": "0.6",
                    "openai_base_url": endpoint.url,
                    "openai_model": "scripted",
                    "openai_api_key": SecretStr(KEY),
                    "storage_target": converter_storage.target,
                    "nats_url": SecretStr(nats_server.url),
                    "jobs_concurrency": 32,
                    "jobs_ack_wait_s": 30,
                    "jobs_sweep_interval_s": 3600,
                    "drain_timeout_s": 2,
                    "trusted_callers": {"gateway": encode_public_key(GATEWAY_KEY)},
                    **changes,
                }
            )
            return await stack.enter_async_context(run_service(build, settings, role))

        yield await start("all"), start
    await connection.close()
