"""Ending background tasks for certain, and doing several things at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

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


async def run_together(*work: Coroutine[Any, Any, Result]) -> list[Result]:
    """Runs all at once; returns what came of each, in order. Where one fails the others are cancelled, and the first
    failure is raised as it is."""
    failure: BaseException | None = None
    tasks: list[asyncio.Task[Result]] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks += [group.create_task(item) for item in work]
    except BaseExceptionGroup as failures:
        failure = failures.exceptions[0]
    if failure is not None:
        raise failure  # here, where it keeps the cause that it came with
    return [task.result() for task in tasks]
