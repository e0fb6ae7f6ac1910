"""Long lists are told in pieces, and other calls come in between."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from services.common.tasks import map_in_turns


@given(st.lists(st.integers(), max_size=100))
def test_it_is_map(items: list[int]) -> None:
    assert asyncio.run(map_in_turns(lambda item: item + 1, items)) == [item + 1 for item in items]


async def test_other_calls_come_in_between() -> None:
    done: list[str] = []

    async def call() -> None:
        for _ in range(5):
            done.append("call")
            await asyncio.sleep(0)

    other = asyncio.create_task(call())
    await map_in_turns(lambda _: done.append("item"), range(200))
    assert done.count("call") == 5
    assert done.index("call") < done.index("item") + 100
    await other
