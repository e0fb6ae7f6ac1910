"""Waiting for what happens in the background: on the condition itself, with a deadline, never for a fixed time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Value = TypeVar("Value")


async def eventually(
    look: Callable[[], Value | Awaitable[Value]], *, within_s: float = 300, every_s: float = 0.01
) -> Value:
    """Looks until what it sees is true, and returns that. Fails with the last sight after ``within_s``."""
    deadline = time.monotonic() + within_s
    while True:
        seen = look()
        value: Value = await seen if inspect.isawaitable(seen) else seen
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s; the last sight was {value!r}")
        await asyncio.sleep(every_s)
