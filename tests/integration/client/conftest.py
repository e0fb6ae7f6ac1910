"""Both clients before a gateway over real sockets: the tests of this folder run once with each."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.client.rest import AsyncClient, Client, Event, Retries
from tests.integration.gateway.conftest import own_gateway, running, shared_gateway
from tests.support.gateway import RunningGateway

__all__ = ["own_gateway", "running", "shared_gateway"]

QUICK = Retries(max_attempts=4, first_pause_s=0.01)


class Speaker:
    """One of the two clients, behind one way of calling. The blocking one runs in a thread."""

    def __init__(self, client: Client | AsyncClient) -> None:
        self._client = client

    async def do(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Calls a method and gives its result."""
        call = getattr(self._client, method)
        if isinstance(self._client, AsyncClient):
            return await call(*args, **kwargs)
        return await asyncio.to_thread(call, *args, **kwargs)

    async def watch(self, subject: Any, **kwargs: Any) -> list[Event]:
        """All events of a watch."""
        if isinstance(self._client, AsyncClient):
            return [event async for event in self._client.watch(subject, **kwargs)]
        client = self._client
        return await asyncio.to_thread(lambda: list(client.watch(subject, **kwargs)))


OpenSpeaker = Callable[..., Any]


@pytest.fixture(params=["blocking", "asynchronous"])
def open_speaker(request: pytest.FixtureRequest) -> OpenSpeaker:
    """Opens a client for a gateway, with its key where no other is given."""

    @asynccontextmanager
    async def open_one(gateway: RunningGateway, key: str | None = None, **options: Any) -> AsyncIterator[Speaker]:
        options = {"retries": QUICK, "timeout_s": 10, **options}
        url, api_key = gateway.base_url, gateway.key if key is None else key
        if request.param == "blocking":
            with Client(url, api_key, **options) as client:
                yield Speaker(client)
        else:
            async with AsyncClient(url, api_key, **options) as client:
                yield Speaker(client)

    return open_one


@pytest.fixture
async def client(running: RunningGateway, open_speaker: OpenSpeaker) -> AsyncIterator[Speaker]:
    """A client of the shared gateway, with its key."""
    async with open_speaker(running) as speaker:
        yield speaker
