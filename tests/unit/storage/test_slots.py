"""One tenant's calls leave room for another's."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from services.common.errors import Exhausted
from services.storage.slots import Slots


async def take(stack: AsyncExitStack, slots: Slots, tenant: str) -> None:
    await stack.enter_async_context(slots.taken(tenant))


async def test_a_tenant_that_takes_all_it_may_leaves_a_quarter() -> None:
    slots = Slots(8, "transfers", wait_s=0, max_waiting=8)
    async with AsyncExitStack() as stack:
        for _ in range(6):
            await take(stack, slots, "acme")
        with pytest.raises(Exhausted) as refusal:
            await take(stack, slots, "acme")
        assert refusal.value.reason == "STORAGE_BUSY"
        for _ in range(2):
            await take(stack, slots, "beta")
        with pytest.raises(Exhausted):
            await take(stack, slots, "gamma")


async def test_a_slot_that_comes_free_is_taken_by_who_waits() -> None:
    slots = Slots(2, "calls", wait_s=60, max_waiting=8)
    stack = AsyncExitStack()
    await take(stack, slots, "acme")
    waiting = asyncio.create_task(take(AsyncExitStack(), slots, "acme"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    await stack.aclose()
    await waiting


async def test_who_waits_of_one_tenant_leaves_room_in_the_line() -> None:
    slots = Slots(2, "calls", wait_s=60, max_waiting=4)
    async with AsyncExitStack() as stack:
        await take(stack, slots, "acme")
        waiting = [asyncio.create_task(take(stack, slots, "acme")) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Exhausted):
            await take(stack, slots, "acme")
        await take(stack, slots, "beta")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_tenant_that_is_done_is_forgotten() -> None:
    slots = Slots(2, "calls", wait_s=0, max_waiting=4)
    for number in range(100):
        async with slots.taken(f"t{number}"):
            assert len(slots._of_tenant) == 1
    assert slots._of_tenant == {}
