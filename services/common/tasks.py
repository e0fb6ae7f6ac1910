"""Ending background tasks for certain, bounding what they wait for by the time that this process really had, doing
several things at once, and writing to other processes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

LOOP_PATIENCE_S = 0.05
_TICK_S = 1.0
# Records that are read or told in one go: about a millisecond of them.
_ITEMS_A_TURN = 16
# What is left of a limit that is less than clocks tell apart.
_RESOLUTION_S = 1e-6


@asynccontextmanager
async def awake_timeout(seconds: float) -> AsyncIterator[None]:
    """As ``asyncio.timeout``, but time in which this process did not run at all (stopped, or without a processor)
    counts two ticks at most: a process that stood still learns nothing of how long others took. Raises TimeoutError.
    """
    loop = asyncio.get_running_loop()
    tick_s = min(_TICK_S, seconds / 4)
    left_s, last = seconds, loop.time()
    timer: asyncio.TimerHandle | None = None

    def tick() -> None:
        nonlocal left_s, last, timer
        now = loop.time()
        left_s, last = left_s - min(now - last, 2 * tick_s), now
        if left_s <= _RESOLUTION_S:
            scope.reschedule(now)
        else:
            timer = loop.call_later(min(tick_s, left_s), tick)

    timer = loop.call_later(tick_s, tick)
    try:
        async with asyncio.timeout(None) as scope:
            yield
    finally:
        if timer is not None:
            timer.cancel()


async def map_in_turns(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Applies a function to each item, and lets this process do other things after every few: a long list would hold
    up everybody's calls for as long as all of it takes."""
    results = []
    for number, item in enumerate(items, 1):
        results.append(function(item))
        if number % _ITEMS_A_TURN == 0:
            await asyncio.sleep(0)
    return results


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


async def send(writer: asyncio.StreamWriter, *pieces: bytes) -> None:
    """Writes to another process. Raises ConnectionError where it is gone, on every event loop: where a pipe has been
    closed asyncio drops what is written, and uvloop raises a RuntimeError.
    """
    if writer.is_closing():
        raise ConnectionResetError("the other process is gone")
    for piece in pieces:
        writer.write(piece)
    await writer.drain()


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
