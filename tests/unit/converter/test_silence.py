"""Rule 22: a child that is stopped, starved or killed from outside says nothing of the job, whatever it was doing.

The children are the real ones: engines, the sandbox's fork server, and a run in it.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.common.errors import Unavailable
from services.common.jobs.owners import Owner, owner_of
from services.converter.adapters import engine_pool
from services.converter.adapters.engine_pool import EngineLostError, EnginePool, EngineUnansweredError
from services.converter.adapters.sandbox import runner
from services.converter.adapters.sandbox.runner import DuckDBSandbox
from services.converter.domain.faults import ConverterFault, Unanswered
from services.converter.domain.program import TRAINING_LIMITS
from services.converter.domain.table import Table
from services.converter.ports import ConversionRefused
from services.converter.training import SearchLimits, train

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

# What the service asks of engines: trainings, lessons and their regression, inferences, and what agents need.
REQUESTS = ("train", "infer", "regress", "brief", "prove", "look_up", "explaining", "prove_words")
TABLE = Table(("a",), (("1",),))
ENDLESS = "WITH a AS (SELECT unnest(range(10000000)) AS x) SELECT sum(a.x * b.x) FROM a, a AS b"


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that live."""
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


@pytest.fixture
async def pool() -> AsyncIterator[EnginePool]:
    pool = EnginePool(size=len(REQUESTS), niceness=0, memory_bytes=4 << 30, jobs_per_process=9, timeout_s=0.5)
    yield pool
    await pool.stop()


def start_stopped(pool: EnginePool, how: signal.Signals) -> Callable[[], Any]:
    """An engine that gets a signal before it has read anything."""

    async def spawn() -> Any:
        engine = await EnginePool._spawn(pool)
        os.kill(engine.process.pid, how)
        return engine

    return spawn


async def test_22_no_request_to_a_stopped_engine_is_a_verdict(
    pool: EnginePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_spawn", start_stopped(pool, signal.SIGSTOP))
    asked = (pool.run({"do": work}) for work in REQUESTS)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} == {EngineUnansweredError}
    assert {owner_of(answer) for answer in answers if isinstance(answer, Exception)} == {Owner.WORKER}


async def test_22_an_engine_that_is_killed_from_outside_is_no_attempt_of_the_jobs(
    pool: EnginePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_spawn", start_stopped(pool, signal.SIGKILL))
    with pytest.raises(EngineUnansweredError):
        await pool.run({"do": "train"})


async def test_22_an_engine_that_crashes_is_one(pool: EnginePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_spawn", start_stopped(pool, signal.SIGSEGV))
    with pytest.raises(EngineLostError) as lost:
        await pool.run({"do": "train"})
    assert not isinstance(lost.value, Unavailable)


async def test_22_an_engine_that_died_before_it_was_asked_is_no_attempt_of_the_jobs(
    pool: EnginePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pool.start()
    (idle,) = pool._all
    os.kill(idle.process.pid, signal.SIGSEGV)
    await idle.process.wait()
    monkeypatch.setattr(pool, "_spawn", start_stopped(pool, signal.SIGSTOP))
    with pytest.raises(EngineUnansweredError):
        await pool.run({"do": "train"})


async def test_22_a_job_that_used_its_time_is_told_so(pool: EnginePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_spawn", start_stopped(pool, signal.SIGSTOP))
    had = iter([1.0, 1.4])
    monkeypatch.setattr(engine_pool, "measure_cpu", lambda _pid: next(had))
    with pytest.raises(ConversionRefused) as late:
        await pool.run({"do": "train"})
    assert late.value.reason == "ENGINE_TIMED_OUT"


async def test_22_what_a_sandbox_took_counts_as_its_engines() -> None:
    before = engine_pool.measure_cpu(os.getpid())
    with DuckDBSandbox(limits=replace(TRAINING_LIMITS, time_s=60)) as sandbox:
        await asyncio.to_thread(sandbox.run, "SELECT a FROM input", TABLE)
        assert sandbox.cpu_s > 0
        assert engine_pool.measure_cpu(os.getpid()) - before >= sandbox.cpu_s


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[DuckDBSandbox]:
    """One whose fork server has started; runs in it have a second, and it half a second more."""
    monkeypatch.setattr(runner, "_GRACE_S", 0.5)
    monkeypatch.setattr(runner, "WALL_FACTOR", 1.0)
    with DuckDBSandbox(limits=replace(TRAINING_LIMITS, time_s=60)) as sandbox:
        sandbox.run("SELECT a FROM input", TABLE)
        sandbox._limits = replace(TRAINING_LIMITS, time_s=1)
        yield sandbox


def server_of(sandbox: DuckDBSandbox) -> int:
    assert sandbox._server is not None
    return sandbox._server.pid


def signal_server(sandbox: DuckDBSandbox, how: signal.Signals) -> None:
    """To the fork server."""
    os.kill(server_of(sandbox), how)


def signal_run(sandbox: DuckDBSandbox, how: signal.Signals) -> None:
    """To the run that begins, as soon as it is there."""
    server = server_of(sandbox)

    def wait() -> None:
        while not (runs := children_of(server)):
            pass
        os.kill(runs[0], how)

    threading.Thread(target=wait, daemon=True).start()


@pytest.mark.parametrize(
    ("whom", "how"),
    [(signal_server, signal.SIGSTOP), (signal_run, signal.SIGSTOP), (signal_run, signal.SIGKILL)],
)
def test_22_a_sandbox_that_says_nothing_is_no_verdict(
    sandbox: DuckDBSandbox, whom: Callable[[DuckDBSandbox, signal.Signals], None], how: signal.Signals
) -> None:
    whom(sandbox, how)
    with pytest.raises(Unanswered):
        sandbox.run(ENDLESS, TABLE)
    sandbox._limits = replace(TRAINING_LIMITS, time_s=60)
    assert sandbox.run("SELECT a FROM input", TABLE).rows == (("1",),)  # the next one has another


def test_22_a_sandbox_whose_server_is_killed_says_nothing_or_has_another(sandbox: DuckDBSandbox) -> None:
    signal_server(sandbox, signal.SIGKILL)
    sandbox._limits = replace(TRAINING_LIMITS, time_s=60)
    with contextlib.suppress(Unanswered):  # where it was not gone yet when it was asked
        sandbox.run("SELECT a FROM input", TABLE)
    assert sandbox.run("SELECT a FROM input", TABLE).rows == (("1",),)


class Silent:
    """A sandbox that gives no answer."""

    def run(self, *_given: Any) -> Table:
        raise Unanswered("stopped")


def test_22_a_training_concludes_nothing_from_silence() -> None:
    with pytest.raises(Unanswered):
        train(b"a\n1\n2\n", b"b\n1\n2\n", runner=Silent())


def test_22_a_training_without_a_processor_is_not_out_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.converter.training.WALL_FACTOR", 0.0)
    given = "a,b\n" + "".join(f"{i * 7919 % 100003}x{i},{i * 31 % 97}\n" for i in range(400))
    wanted = "c\n" + "".join(f"{i * 104729 % 10007}y{i * 13 % 11}\n" for i in range(400))
    with pytest.raises(Unanswered, match="for want of a processor"):
        train(given.encode(), wanted.encode(), runner=Silent(), limits=SearchLimits(cpu_s=600))


def test_22_silence_is_no_fault_that_is_caught_on_the_way() -> None:
    assert not issubclass(Unanswered, ConverterFault)
