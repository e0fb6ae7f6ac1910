"""What storage remembers of records: within a bound, and never instead of what stands."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.common.clock import utc_now
from services.common.errors import Conflict, NotFound
from services.common.identity import ALL_USERS, Caller, Principal
from services.storage.domain.access import AccessRules, Grant
from services.storage.domain.records import Envelope, Record
from services.storage.ports import StoredObject
from services.storage.usecases.memory import RecordMemory
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.records import RecordQuery, Records
from tests.simulation.bucket import SimulatedBucket
from tests.simulation.loop import SimulatedLoop
from tests.simulation.wire import Wire

_CALLER = Caller("portfolio", Principal("default", "test", frozenset({ALL_USERS}), frozenset()))
_KIND = "portfolio.task"
_QUERY = RecordQuery(_KIND, "", ("open", "completed"))


def _envelope(number: int, revision: int = 1, state: str = "completed") -> Envelope:
    return Envelope(_KIND, "alice", state, 1_700_000_000_000 + number, revision, f"write-{number}-{revision}")


def _record(size: int, etag: str = "e") -> Record:
    return Record("tasks/a.json", _envelope(0), b"x" * size, etag)


class _CountingBucket(SimulatedBucket):
    gets = 0

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
    memory = RecordMemory(100_000)
    for number in range(50):
        memory.keep(f"{number}", _record(9_000))
    kept = [number for number in range(50) if memory.recall(f"{number}")]
    assert kept == list(range(41, 50))  # each weighs its document and a kilobyte
    memory.keep("49", _record(0, etag=""))
    assert memory.recall("49") is None  # nothing could confirm it
    memory.keep("large", _record(300_000))
    assert memory.recall("large") is None
    assert memory.recall("41")
