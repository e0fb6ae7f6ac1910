"""The processes that learn, as the operating system sees them."""

import os
import sys
from pathlib import Path

import pytest

from services.converter.adapters.engine_pool import EnginePool
from tests.support.eventually import eventually

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def children() -> set[int]:
    """The processes that this one has started and that live."""
    return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


async def test_engines_stand_back_from_whatever_else_the_machine_serves() -> None:
    before = children()
    pool = EnginePool(size=1, niceness=7, memory_bytes=4 << 30, jobs_per_process=1, timeout_s=60)
    await pool.start()
    try:
        (engine,) = children() - before
        await eventually(lambda: os.getpriority(os.PRIO_PROCESS, engine) >= 7, within_s=300)
        # In a session of its own its niceness would weigh nothing against the API's (sched(7), autogroup).
        assert os.getsid(engine) == os.getsid(0)
        # Yet the terminal's interrupt does not reach it, and it can be killed with all that it started.
        await eventually(lambda: os.getpgid(engine) == engine)
    finally:
        await pool.stop()
