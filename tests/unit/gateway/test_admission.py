"""Who is let in, and how much at once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from services.common.errors import Denied, Exhausted, Unauthenticated
from services.gateway.admission import Admission, Limits, Occupies
from services.gateway.domain.shares import CALL_BYTES, Kind
from services.gateway.keys import CreatedKey, KeyRing, create_key

SECRET = "a server secret that is long enough"
LIMITS = Limits(rate_per_s=10, burst=20, shared_rate_per_s=5, concurrency=2, max_watchers=2, max_watchers_per_key=1)


class Clock:
    """Time that goes on while somebody sleeps, and not else."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept_s: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, delay_s: float) -> None:
        self.slept_s.append(delay_s)
        self.now_s += delay_s


def make(
    *keys: CreatedKey,
    limits: Limits = LIMITS,
    clock: Clock | None = None,
    sleep: Callable[[float], Awaitable[None]] | None = None,
) -> Admission:
    ring = KeyRing(SECRET)
    ring.replace(key.record for key in keys)
    clock = clock or Clock()
    return Admission(ring, limits, monotonic_s=clock, sleep=sleep or clock.sleep)


async def note(notes: list[str], word: str) -> None:
    notes.append(word)


async def test_a_key_is_let_in_with_its_scope() -> None:
    key = create_key(SECRET, tenant="acme", scopes=["files"])
    assert (await make(key).admit(key.text, "files")).principal.tenant == "acme"


async def test_a_key_without_the_scope_is_denied_and_costs_nothing() -> None:
    key = create_key(SECRET, tenant="acme", scopes=["files"], rate_per_s=0.1)
    admission = make(key)
    with pytest.raises(Denied):
        await admission.admit(key.text, "admin")
    await admission.admit(key.text, "files")


async def test_calls_above_the_concurrency_are_refused_until_one_ends() -> None:
    key = create_key(SECRET, tenant="acme")
    admission = make(key)
    first, _ = await admission.admit(key.text, "files"), await admission.admit(key.text, "files")
    with pytest.raises(Exhausted, match="at once"):
        await admission.admit(key.text, "files")
    first.release()
    await admission.admit(key.text, "files")


async def test_releasing_twice_gives_back_once() -> None:
    key = create_key(SECRET, tenant="acme")
    admission = make(key)
    first = await admission.admit(key.text, "files")
    await admission.admit(key.text, "files")
    first.release()
    first.release()
    await admission.admit(key.text, "files")
    with pytest.raises(Exhausted):
        await admission.admit(key.text, "files")


async def test_one_keys_calls_do_not_bound_anothers() -> None:
    busy, other = create_key(SECRET, tenant="acme", concurrency=1), create_key(SECRET, tenant="other")
    admission = make(busy, other)
    await admission.admit(busy.text, "files")
    await admission.admit(other.text, "files")


async def test_watchers_take_no_calls_slots() -> None:
    key = create_key(SECRET, tenant="acme", concurrency=1)
    admission = make(key)
    await admission.admit(key.text, "files", Occupies.WATCH)
    await admission.admit(key.text, "files")


async def test_a_refused_watcher_leaves_no_slot_behind() -> None:
    keys = [create_key(SECRET, tenant="acme") for _ in range(3)]
    admission = make(*keys)
    held = [await admission.admit(key.text, "files", Occupies.WATCH) for key in keys[:2]]
    with pytest.raises(Exhausted):
        await admission.admit(keys[2].text, "files", Occupies.WATCH)
    held[0].release()
    await admission.admit(keys[2].text, "files", Occupies.WATCH)
    assert admission.watchers == 2


async def test_a_key_above_its_rate_waits_for_its_turn() -> None:
    clock = Clock()
    key = create_key(SECRET, tenant="acme", rate_per_s=0.5)
    admission = make(key, clock=clock)
    for _ in range(3):
        (await admission.admit(key.text, "files")).release()
    assert clock.slept_s == [2, 2]


async def test_a_key_that_would_wait_too_long_is_told_so() -> None:
    key = create_key(SECRET, tenant="acme", rate_per_s=0.05)
    admission = make(key)
    (await admission.admit(key.text, "files")).release()
    with pytest.raises(Exhausted) as caught:
        await admission.admit(key.text, "files")
    assert (caught.value.reason, caught.value.retry_after_s) == ("RATE_LIMITED", pytest.approx(20))


async def test_all_keys_of_a_tenant_have_one_share_beside_others() -> None:
    clock = Clock()
    keys = [create_key(SECRET, tenant="acme") for _ in range(4)]
    other = create_key(SECRET, tenant="other")
    admission = make(*keys, other, clock=clock)
    (await admission.admit(other.text, "files")).release()
    for key in keys:
        (await admission.admit(key.text, "files")).release()
    assert clock.slept_s == [pytest.approx(0.2)] * 2  # two come at once
    clock.slept_s.clear()
    (await admission.admit(other.text, "files")).release()
    assert clock.slept_s == []


async def test_a_key_that_may_call_more_often_has_more_of_its_process() -> None:
    clock = Clock()
    key = create_key(SECRET, tenant="acme", rate_per_s=40)
    other = create_key(SECRET, tenant="other")
    admission = make(key, other, clock=clock)
    (await admission.admit(other.text, "files")).release()
    for _ in range(20):
        (await admission.admit(key.text, "files")).release()
    assert clock.now_s == pytest.approx(12 / 20)  # twenty a second, and eight at once


async def test_what_counts_as_more_calls_takes_more_of_the_share() -> None:
    clock = Clock()
    key, other = create_key(SECRET, tenant="acme"), create_key(SECRET, tenant="other")
    admission = make(key, other, clock=clock)
    (await admission.admit(other.text, "files")).release()
    for _ in range(3):
        (await admission.admit(key.text, "files", kind=Kind(calls=10))).release()
    assert clock.now_s == pytest.approx(2 * 10 / 5)


async def test_bytes_of_a_large_body_are_paid_for_beside_others_alone() -> None:
    clock = Clock()
    key, other = create_key(SECRET, tenant="acme"), create_key(SECRET, tenant="other")
    admission = make(key, other, clock=clock)
    admitted = await admission.admit(key.text, "files")
    await admitted.pay(100 * CALL_BYTES)
    assert clock.slept_s == []
    (await admission.admit(other.text, "files")).release()
    await admitted.pay(10 * CALL_BYTES)
    await admitted.pay(1)
    assert clock.now_s == pytest.approx(8 / 5, rel=0.1)  # two were had already
    assert max(clock.slept_s) <= 1  # in between the tenant's other calls have their turns


async def test_a_connection_is_told_that_it_is_no_strangers_before_its_call_waits() -> None:
    told: list[str] = []
    key = create_key(SECRET, tenant="acme", rate_per_s=0.5)
    admission = make(key, sleep=lambda _: note(told, "slept"))
    for _ in range(2):
        (await admission.admit(key.text, "files", identify=lambda: told.append("identified"))).release()
    assert told == ["identified", "identified", "slept"]


async def test_a_call_that_is_given_up_while_it_waits_holds_nothing() -> None:
    async def give_up(_: float) -> None:
        raise asyncio.CancelledError

    key = create_key(SECRET, tenant="acme", rate_per_s=0.5, concurrency=1)
    admission = make(key, sleep=give_up)
    (await admission.admit(key.text, "files")).release()
    for _ in range(3):
        with pytest.raises(asyncio.CancelledError):
            await admission.admit(key.text, "files")


async def test_tasks_are_closed_to_calls_without_a_key_by_default() -> None:
    with pytest.raises(Unauthenticated):
        await make().admit_open_task(None)


async def test_open_tasks_are_one_tenants_and_of_one_scope() -> None:
    admission = Admission(KeyRing(SECRET), LIMITS, open_tasks_tenant="legacy")
    principal = (await admission.admit_open_task(None)).principal
    assert (principal.tenant, principal.scopes) == ("legacy", frozenset({"portfolio"}))


async def test_a_wrong_key_does_not_fall_back_to_open_tasks() -> None:
    admission = Admission(KeyRing(SECRET), LIMITS, open_tasks_tenant="legacy")
    with pytest.raises(Unauthenticated):
        await admission.admit_open_task("wrong.key")
