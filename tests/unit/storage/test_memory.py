"""What storage remembers of records: within a bound, and never instead of what stands."""

import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from services.common.clock import utc_now
from services.common.errors import Conflict, NotFound
from services.common.identity import ALL_USERS, Caller, Principal
from services.storage.domain.access import AccessRules, Grant
from services.storage.domain.records import Envelope
from services.storage.ports import StoredObject
from services.storage.usecases.memory import Memory
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.objects import Objects
from services.storage.usecases.record_listings import RecordQuery
from services.storage.usecases.records import Records
from tests.simulation.bucket import SimulatedBucket
from tests.simulation.loop import SimulatedLoop
from tests.simulation.wire import Wire

_CALLER = Caller("portfolio", Principal("default", "test", frozenset({ALL_USERS}), frozenset()))
_KIND = "portfolio.task"
_QUERY = RecordQuery(_KIND, "", ("open", "completed"))


def _envelope(number: int, revision: int = 1, state: str = "completed") -> Envelope:
    return Envelope(_KIND, "alice", state, 1_700_000_000_000 + number, revision, f"write-{number}-{revision}")


class _CountingBucket(SimulatedBucket):
    gets = opened = 0

    async def open(
        self, key: str, *, offset: int = 0, length: int = 0, if_match: str = ""
    ) -> tuple[StoredObject, AsyncIterator[bytes]]:
        self.opened += 1
        return await super().open(key, offset=offset, length=length, if_match=if_match)

    async def get(self, key: str, *, max_size: int) -> tuple[StoredObject, bytes]:
        self.gets += 1
        return await super().get(key, max_size=max_size)


class Bench:
    """Two storage processes over one bucket, and what they ask of it."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self.bucket = _CountingBucket(Wire(loop, random.Random(1)), utc_now)
        names = Namespaces(AccessRules({"portfolio": Grant(prefixes=("tasks/",), kinds=("portfolio.",))}), "default")
        self.one, self.other = (Records(self.bucket, names, default_tenant="default") for _ in range(2))

    async def fill(self, count: int) -> None:
        """Makes records by the first process."""
        for number in range(count):
            await self.one.create(_CALLER, f"tasks/{number:03}.json", b'{"n": 1}', _envelope(number))

    async def change(self, records: Records, number: int, document: bytes) -> None:
        """Replaces a record by what a process takes it for."""
        key = f"tasks/{number:03}.json"
        before = await records.get(_CALLER, key, may_be_old=True)
        await records.update(
            _CALLER,
            key,
            document,
            replace(_envelope(number, before.envelope.revision + 1), write_id=f"write-{document.decode()}"),
            if_match=before.etag,
            previous_state="completed",
        )

    async def show(self, records: Records) -> list[bytes]:
        """The documents of a list, oldest first."""
        page = await records.list_page(_CALLER, _QUERY, limit=20, position="", keys_only=False)
        return [record.document.strip().replace(b" ", b"") for record in reversed(page.records)]


@pytest.fixture
def loop() -> Iterator[SimulatedLoop]:
    loop = SimulatedLoop(1)
    yield loop
    loop.close()


def test_a_list_reads_what_is_not_remembered_and_no_record_that_is(loop: SimulatedLoop) -> None:
    async def run() -> None:
        bench = Bench(loop)
        await bench.fill(20)
        assert await bench.show(bench.one) == [b'{"n":1}'] * 20
        assert bench.bucket.gets == 0
        assert await bench.show(bench.other) == [b'{"n":1}'] * 20
        assert bench.bucket.gets == 20
        assert await bench.show(bench.other) == [b'{"n":1}'] * 20
        assert bench.bucket.gets == 20

    loop.run_until_complete(run())


def test_24_a_list_never_shows_what_another_process_has_changed_or_deleted(loop: SimulatedLoop) -> None:
    async def run() -> None:
        bench = Bench(loop)
        await bench.fill(20)
        await bench.show(bench.other)
        await bench.change(bench.other, 3, b'{"n": 2}')
        await bench.other.delete(_CALLER, "tasks/007.json")
        bench.bucket.gets = 0
        shown = await bench.show(bench.one)
        assert (shown.count(b'{"n":1}'), shown.count(b'{"n":2}'), shown.index(b'{"n":2}')) == (18, 1, 3)
        assert bench.bucket.gets == 1

    loop.run_until_complete(run())


def test_3_a_swap_of_what_is_no_longer_so_fails_and_is_remembered_no_longer(loop: SimulatedLoop) -> None:
    async def run() -> None:
        bench = Bench(loop)
        await bench.fill(1)
        await bench.change(bench.other, 0, b'{"n": 2}')
        with pytest.raises(Conflict):
            await bench.change(bench.one, 0, b'{"n": 3}')
        await bench.change(bench.one, 0, b'{"n": 3}')
        with pytest.raises(Conflict):
            await bench.change(bench.other, 0, b'{"n": 4}')
        await bench.other.delete(_CALLER, "tasks/000.json")
        with pytest.raises(NotFound):
            await bench.other.get(_CALLER, "tasks/000.json", may_be_old=True)

    loop.run_until_complete(run())


def test_what_is_remembered_keeps_within_its_bound() -> None:
    memory: Memory[int] = Memory(100_000)
    for number in range(50):
        memory.keep(f"{number}", number, 9_000)
    kept = [number for number in range(50) if memory.recall(f"{number}") is not None]
    assert kept == list(range(41, 50))  # each weighs its content and a kilobyte
    memory.keep("large", 1, 300_000)
    assert memory.recall("large") is None
    memory.forget("49")
    assert (memory.recall("49"), memory.recall("41")) == (None, 41)


def test_an_object_is_recalled_only_under_a_name_that_stands_for_nothing_else(loop: SimulatedLoop) -> None:
    async def run() -> None:
        bench = Bench(loop)
        names = Namespaces(AccessRules({"portfolio": Grant(prefixes=("tasks/",), kinds=())}), "default")
        limits = {"max_object_bytes": 1 << 20, "part_bytes": 5 << 20, "presign_max_s": 1}
        one, other = (Objects(bench.bucket, None, names, **limits) for _ in range(2))  # type: ignore[arg-type]

        async def put(objects: Objects, key: str, content: bytes, *, if_absent: bool) -> None:
            async def chunks() -> AsyncIterator[bytes | str]:
                yield content

            await objects.put(
                _CALLER, key, chunks(), size=None, sha256="", content_type="", if_absent=if_absent, max_size=0
            )

        async def read(objects: Objects, key: str, *, never_changes: bool) -> tuple[bytes, int]:
            asked = bench.bucket.opened
            _, pieces = await objects.open(_CALLER, key, offset=0, length=0, if_match="", never_changes=never_changes)
            return b"".join([piece async for piece in pieces]), bench.bucket.opened - asked

        await put(one, "tasks/by-digest", b"content" * 40_000, if_absent=True)
        await put(one, "tasks/small", b"content", if_absent=True)
        await put(one, "tasks/fixed", b"first", if_absent=False)
        assert await read(one, "tasks/small", never_changes=True) == (b"content", 0)
        assert await read(one, "tasks/small", never_changes=False) == (b"content", 1)
        assert await read(one, "tasks/by-digest", never_changes=True) == (b"content" * 40_000, 1)  # too large
        assert [await read(other, "tasks/small", never_changes=True) for _ in range(2)] == [
            (b"content", 1),
            (b"content", 0),
        ]
        await put(other, "tasks/fixed", b"second", if_absent=False)
        assert await read(one, "tasks/fixed", never_changes=False) == (b"second", 1)
        await other.delete(_CALLER, "tasks/small")
        with pytest.raises(NotFound):
            await read(other, "tasks/small", never_changes=True)

    loop.run_until_complete(run())
