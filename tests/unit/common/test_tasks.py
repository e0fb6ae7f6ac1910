"""Time limits that count only time which this process really had."""

import asyncio

import pytest

from services.common.tasks import awake_timeout
from tests.simulation.loop import SimulatedLoop


def test_22_time_in_which_the_process_stood_still_does_not_count() -> None:
    loop = SimulatedLoop(1)

    async def work() -> None:
        async with awake_timeout(10):
            await asyncio.sleep(1)
            loop._now += 1000  # SIGSTOP, and then SIGCONT
            await asyncio.sleep(5)

    loop.run_until_complete(work())
    loop.close()


@pytest.mark.parametrize("seconds", [0.1, 1.0, 10.0, 900.0])
def test_time_that_it_had_does(seconds: float) -> None:
    loop = SimulatedLoop(1)

    async def work() -> None:
        with pytest.raises(TimeoutError):
            async with awake_timeout(seconds):
                await asyncio.Event().wait()

    loop.run_until_complete(work())
    assert loop.time() == pytest.approx(seconds)
    loop.close()
