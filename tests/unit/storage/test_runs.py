"""Rules 24 and 28: index keys carry the run once a setting says so, and either form is read and put right."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from services.common.clock import utc_now
from services.common.identity import ALL_USERS, Caller, Principal
from services.storage.domain.access import AccessRules, Grant
from services.storage.domain.records import Envelope
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.record_listings import RecordQuery
from services.storage.usecases.records import Records
from tests.simulation.bucket import SimulatedBucket
from tests.simulation.loop import SimulatedLoop
from tests.simulation.wire import Wire

_CALLER = Caller("portfolio", Principal("default", "test", frozenset({ALL_USERS}), frozenset()))
_KEY, _KIND = "tasks/a.json", "portfolio.task"
_FIRST = Envelope(_KIND, "alice", "open", 1_700_000_000_000, 1, "write-one")


class Bench:
    """Storage of this release, and as it is before the setting is flipped, over one bucket."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self.bucket = SimulatedBucket(Wire(loop, random.Random(1)), utc_now)
        names = Namespaces(AccessRules({"portfolio": Grant(prefixes=("tasks/",), kinds=("portfolio.",))}), "default")
        self.flipped, self.before = (
            Records(self.bucket, names, default_tenant="default", index_grace_s=-1, begins_runs=begins)
            for begins in (True, False)
        )

    async def write(self, records: Records, state: str, revision: int, *, run: int, was: tuple[str, int]) -> Envelope:
        """Moves the record from the state and run that it was listed under."""
        etag = (await records.get(_CALLER, _KEY)).etag
        envelope = replace(_FIRST, state=state, revision=revision, write_id=f"write-{revision}", run=run)
        written = await records.update(
            _CALLER, _KEY, b"{}", envelope, if_match=etag, previous_state=was[0], previous_run=was[1]
        )
        return written.envelope

    async def show(self, *states: str) -> list[str]:
        """What a list of states shows."""
        page = await self.flipped.list_page(
            _CALLER, RecordQuery(_KIND, "", states), limit=9, position="", keys_only=False
        )
        return [record.envelope.state for record in page.records]

    def keys(self) -> list[str]:
        """The index keys of all users, by state and run."""
        names = [key.removeprefix(f"index/{_KIND}/") for key in self.bucket.keys("index/") if "/all/" in key]
        return [f"{name.split('/')[0]}{name.rpartition('alice')[2]}" for name in names]


def run_bench(test: Callable[[Bench], Awaitable[None]]) -> Callable[[], None]:
    """Runs a test on a simulated loop."""

    def run() -> None:
        loop = SimulatedLoop(1)
        loop.run_until_complete(test(Bench(loop)))  # type: ignore[arg-type]
        loop.close()

    run.__name__ = getattr(test, "__name__", "test")
    return run


@run_bench
async def test_28_before_the_setting_is_flipped_keys_are_those_of_the_release_before(bench: Bench) -> None:
    await bench.before.create(_CALLER, _KEY, b"{}", _FIRST)
    await bench.write(bench.before, "completed", 2, run=0, was=("open", 0))
    assert (await bench.write(bench.before, "open", 3, run=2, was=("completed", 0))).run == 0
    assert bench.keys() == ["open"]


@run_bench
async def test_24_a_late_delete_of_one_run_takes_no_others_key(bench: Bench) -> None:
    await bench.flipped.create(_CALLER, _KEY, b"{}", _FIRST)
    await bench.write(bench.flipped, "completed", 2, run=0, was=("", 0))  # `open` stays: it is the outbox
    await bench.write(bench.flipped, "open", 3, run=2, was=("completed", 0))
    await bench.write(bench.flipped, "completed", 4, run=2, was=("", 2))
    await bench.flipped.reindex(
        _CALLER, _KEY, ("open",), kind=_KIND, user_id="alice", created_ms=_FIRST.created_ms, run=0, at_once=True
    )
    assert bench.keys() == ["completed~2", "open~2"]


@run_bench
async def test_28_a_run_that_was_begun_goes_on_where_the_setting_is_flipped_back(bench: Bench) -> None:
    await bench.flipped.create(_CALLER, _KEY, b"{}", _FIRST)
    await bench.write(bench.flipped, "completed", 2, run=0, was=("open", 0))
    await bench.write(bench.flipped, "open", 3, run=2, was=("completed", 0))
    await bench.write(bench.before, "completed", 4, run=2, was=("open", 2))
    assert bench.keys() == ["completed~2"]
    assert await bench.show("open", "completed") == ["completed"]


@run_bench
async def test_28_what_the_release_before_wrote_over_a_run_is_put_right(bench: Bench) -> None:
    """It knows no runs: it writes none, and looks for keys without one."""
    await bench.flipped.create(_CALLER, _KEY, b"{}", _FIRST)
    await bench.write(bench.flipped, "completed", 2, run=0, was=("open", 0))
    await bench.write(bench.flipped, "open", 3, run=2, was=("completed", 0))
    await bench.write(bench.flipped, "completed", 4, run=0, was=("open", 0))
    assert bench.keys() == ["completed", "open~2"]
    assert await bench.show("open", "completed") == ["completed"]
    await bench.flipped.reconcile_page(_CALLER, _KIND, limit=99, position="")
    assert bench.keys() == ["completed"]


@pytest.mark.parametrize("run", [0, 2])
def test_28_a_record_says_its_run_only_where_it_has_one(run: int) -> None:
    """Older storage reads the fields that it knows, and this one a record that lacks the run."""
    envelope = replace(_FIRST, run=run)
    assert replace(envelope, run=0).index_keys(_KEY) == _FIRST.index_keys(_KEY)
    assert bool(set(envelope.index_keys(_KEY)) & set(_FIRST.index_keys(_KEY))) is (run == 0)


_OTHERS = ("al", "alice", "alice2", "b~ob", "zoë/1")


@run_bench
async def test_28_a_users_open_records_are_listed_whether_or_not_they_have_keys_of_their_own(bench: Bench) -> None:
    """Page by page, in their order among the others, however they were written; nobody else's are among them."""
    names = Namespaces(AccessRules({"portfolio": Grant(prefixes=("tasks/",), kinds=("portfolio.",))}), "default")
    writers = [
        Records(bench.bucket, names, default_tenant="default", open_of_users=has_keys) for has_keys in (False, True)
    ]
    draw = random.Random(3)
    wanted: dict[str, list[str]] = {user: [] for user in _OTHERS}
    for number in range(60):
        user = draw.choice(_OTHERS)
        key = f"tasks/{number:02}{'x' * draw.choice((1, 210))}.json"
        envelope = replace(
            _FIRST,
            user_id=user,
            created_ms=_FIRST.created_ms + number,
            state=draw.choice(("open", "open", "completed")),
            run=draw.choice((0, 2)),
        )
        await draw.choice(writers).create(_CALLER, key, b"{}", envelope)
        wanted[user].insert(0, key)
    for user, keys in wanted.items():
        for states in (("open", "completed"), ("open",)):
            shown, position = [], ""
            while True:
                page = await bench.flipped.list_page(
                    _CALLER, RecordQuery(_KIND, user, states), limit=3, position=position, keys_only=False
                )
                shown += [(record.key, record.envelope.state) for record in page.records]
                position = page.position
                if not position:
                    break
            assert [key for key, _ in shown] == [key for key in keys if len(states) == 2 or (key, "open") in shown], (
                user,
                states,
            )
            assert {state for _, state in shown} <= set(states)
            if states == ("open",):
                standing = {(await bench.flipped.get(_CALLER, key)).envelope.state for key, _ in shown}
                assert standing <= {"open"}


@run_bench
async def test_28_only_keys_that_the_release_before_lists_by_are_written_beside_it(bench: Bench) -> None:
    names = Namespaces(AccessRules({"portfolio": Grant(prefixes=("tasks/",), kinds=("portfolio.",))}), "default")
    both, one = (
        Records(bench.bucket, names, default_tenant="default", index_grace_s=-1, open_of_users=has_keys)
        for has_keys in (True, False)
    )
    await both.create(_CALLER, _KEY, b"{}", _FIRST)
    assert len(bench.bucket.keys("index/")) == 2
    # Neither takes what the other has written for wrong, and flipping back brings the keys of users again.
    await one.reconcile_page(_CALLER, _KIND, limit=9, position="")
    assert len(bench.bucket.keys("index/")) == 2
    await one.delete(_CALLER, _KEY)
    assert bench.bucket.keys("index/") == []
    await one.create(_CALLER, _KEY, b"{}", _FIRST)
    assert len(bench.bucket.keys("index/")) == 1
    assert await both.reindex(_CALLER, _KEY, (), kind=_KIND, user_id="", created_ms=None) == (1, 0, 2)
    assert await one.reindex(_CALLER, _KEY, (), kind=_KIND, user_id="", created_ms=None) == (0, 0, 1)
