"""Several things at once: all of them, or the first failure as it was."""

import asyncio

import pytest

from services.common.errors import InvalidInput
from services.common.tasks import run_together


async def test_results_come_in_the_order_of_the_work() -> None:
    turn = asyncio.Event()

    async def last() -> str:
        await turn.wait()
        return "first of the list"

    async def first() -> str:
        turn.set()
        return "second"

    assert await run_together(last(), first()) == ["first of the list", "second"]


async def test_one_that_fails_ends_the_others_and_its_failure_keeps_its_cause() -> None:
    ended = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fail() -> None:
        raise InvalidInput("the file is gone", field="input_file") from KeyError("input")

    with pytest.raises(InvalidInput) as failure:
        await run_together(wait(), fail())
    assert ended.is_set()
    assert isinstance(failure.value.__cause__, KeyError)
