"""Large inputs are worked on in a process of their own; small ones here."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvloop

from services.common import other_process
from services.common.errors import Exhausted, InvalidInput, Unavailable
from services.common.json_limits import JsonLimits, check_json
from services.common.other_process import SMALL_BYTES, OtherProcess
from services.common.tasks import send
from tests.support.eventually import eventually

LARGE = SMALL_BYTES + 1


@pytest.fixture
async def elsewhere() -> AsyncIterator[OtherProcess]:
    started = OtherProcess()
    await started.start()
    yield started
    await started.stop()


async def test_small_inputs_stay_here_and_large_ones_do_not(elsewhere: OtherProcess) -> None:
    assert await elsewhere.run(SMALL_BYTES, os.getpid) == os.getpid()
    assert await elsewhere.run(LARGE, os.getpid) != os.getpid()


async def test_it_is_one_process_for_all_calls(elsewhere: OtherProcess) -> None:
    pids = await asyncio.gather(*(elsewhere.run(LARGE, os.getpid) for _ in range(4)))
    assert len(set(pids)) == 1


async def test_it_is_of_this_session_where_niceness_counts_and_not_of_this_group(elsewhere: OtherProcess) -> None:
    assert await elsewhere.run(LARGE, os.getsid, 0) == os.getsid(0)
    assert await elsewhere.run(LARGE, os.getpgrp) != os.getpgrp()


async def test_an_error_of_the_suite_arrives_whole(elsewhere: OtherProcess) -> None:
    with pytest.raises(InvalidInput) as caught:
        await elsewhere.run(LARGE, check_json, b"[1,2,3]", JsonLimits(values=2), "data")
    assert (caught.value.reason, caught.value.field) == ("TOO_MANY_VALUES", "data")


async def test_a_process_that_dies_is_replaced(elsewhere: OtherProcess) -> None:
    with pytest.raises(Unavailable):
        await elsewhere.run(LARGE, os._exit, 1)
    assert await elsewhere.run(LARGE, len, b"abc") == 3


async def test_a_call_over_its_time_is_ended(elsewhere: OtherProcess) -> None:
    await elsewhere.run(LARGE, len, b"")
    hasty = OtherProcess(timeout_s=0.01)
    with pytest.raises(Unavailable):
        await hasty.run(LARGE, len, b"")  # a process takes longer than that to start
    await hasty.stop()


async def test_a_caller_that_leaves_takes_no_answer_of_the_next(elsewhere: OtherProcess) -> None:
    await elsewhere.run(LARGE, len, b"")
    left = asyncio.create_task(elsewhere.run(LARGE, bytes.upper, b"x" * 5_000_000))
    await eventually(lambda: elsewhere._waiting)
    left.cancel()
    assert await elsewhere.run(LARGE, len, b"abc") == 3


async def test_those_that_wait_are_bounded(elsewhere: OtherProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_process, "_MAX_WAITING", 2)
    answers = await asyncio.gather(*(elsewhere.run(LARGE, len, b"") for _ in range(3)), return_exceptions=True)
    assert sorted(type(answer) for answer in answers if answer != 0) == [Exhausted]


async def test_it_has_none_of_the_settings(elsewhere: OtherProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_KEY_SECRET", "hunter2")
    assert await elsewhere.run(LARGE, os.getenv, "GATEWAY_KEY_SECRET") is None


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_one_that_died_while_nobody_called_is_replaced_before_the_next_call(loop: Any) -> None:
    async def call() -> int:
        elsewhere = OtherProcess()
        await elsewhere.start()
        assert elsewhere._process
        elsewhere._process.kill()
        await elsewhere._process.wait()
        try:
            return await elsewhere.run(LARGE, len, b"abc")
        finally:
            await elsewhere.stop()

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(call()) == 3


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_what_is_sent_to_a_process_that_is_gone_is_a_lost_connection_on_every_loop(loop: Any) -> None:
    async def send_to_the_dead() -> None:
        process = await asyncio.create_subprocess_exec("true", stdin=asyncio.subprocess.PIPE)
        assert process.stdin
        await process.wait()
        for _ in range(3):  # before and after the pipe is found closed
            with pytest.raises(ConnectionError):
                await send(process.stdin, b"x" * 100_000)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(send_to_the_dead())
