"""Ending background tasks for certain."""

import asyncio
from typing import Any

LOOP_PATIENCE_S = 0.05


async def stop_task(task: "asyncio.Task[Any] | None", *, patience_s: float = LOOP_PATIENCE_S) -> None:
    """Cancels a task and returns once it has ended; what it raised is dropped. None is no task.

    It is cancelled again every ``patience_s`` until it hears it: before Python 3.12 ``asyncio.wait_for``, through which
    nats-py publishes, loses a cancellation that arrives together with the answer. A task that cleans up after itself
    needs more patience than that takes.
    """
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=patience_s)
    if task is not None and not task.cancelled():
        task.exception()  # seen: an unseen one would be reported when the task is collected
