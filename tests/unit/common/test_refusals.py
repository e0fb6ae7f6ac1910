"""Refusals of callers without a valid token."""

import asyncio

from services.common.refusals import SlowRefusals
from tests.support.eventually import eventually


async def test_the_first_refusals_come_at_once_and_later_ones_wait() -> None:
    now_s, over = 0.0, asyncio.Event()
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await over.wait()

    refusals = SlowRefusals(monotonic_s=lambda: now_s, sleep=sleep)
    for _ in range(100):
        await refusals.wait()
    assert waits == []
    waiting = [asyncio.create_task(refusals.wait()) for _ in range(300)]
    await eventually(lambda: len(waits) == 256)
    assert sum(task.done() for task in waiting) == 44  # no more than so many are held at once
    over.set()
    await asyncio.gather(*waiting)
    now_s = 1.0
    for _ in range(20):
        await refusals.wait()
    assert len(waits) == 256
