"""The libraries behind the figures, loaded ahead of the first task."""

import asyncio

from services.common.tasks import stop_task
from services.portfolio.domain.figures import load_libraries


class FigureLibraries:
    """Loads, beside everything else, what the first task would wait seconds for. A component of the worker."""

    def __init__(self) -> None:
        self._loading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns at once: a task that comes before the libraries waits for them, no other part does."""
        self._loading = asyncio.create_task(asyncio.to_thread(load_libraries), name="figure-libraries")

    async def drain(self) -> None:
        """Nothing is in hand."""

    async def stop(self) -> None:
        """Stops waiting; an import cannot be broken off."""
        await stop_task(self._loading)
