"""How late the event loop is: what a process's every call waits for while something else computes."""

import asyncio

from prometheus_client import Histogram

LAG = Histogram(
    "wealth_event_loop_lag_seconds",
    "How late the event loop woke a sleeper",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
_INTERVAL_S = 0.1


async def watch_loop_lag() -> None:
    """Measures for as long as the process lives: ten timers a second, microseconds each."""
    loop = asyncio.get_running_loop()
    while True:
        due_s = loop.time() + _INTERVAL_S
        await asyncio.sleep(_INTERVAL_S)
        LAG.observe(max(0.0, loop.time() - due_s))
