"""Writes whose answer is lost after they were applied (rule 6), and repairs of the index (rule 8)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common.errors import AlreadyExists, Conflict, Unavailable, WealthError
from services.common.identity import Caller, service_principal
from services.launcher.embedded import S3Server
from services.storage.adapters.s3_bucket import S3Connection
from services.storage.domain.access import AccessRules, Grant
from services.storage.domain.records import Envelope
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.record_listings import RecordQuery
from services.storage.usecases.records import Records
from services.storage.usecases.uploads import Expectation, store_stream
from tests.support.storage import new_bucket

KIND = "portfolio.task"
KEY = "tasks/a.json"
CALLER = Caller("portfolio", service_principal("default", "portfolio"))
PART = 5 * 1024 * 1024


class LostAnswers:
    """A store over a real one that, once ``failure`` is set, applies writes of ``key`` and then raises it."""

    def __init__(self, store: Any, key: str) -> None:
        self._store = store
        self._key = key
        self.failure: WealthError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def put(self, key: str, content: bytes, **options: Any) -> str:
        etag = await self._store.put(key, content, **options)
        if self.failure is not None and key == self._key:
            raise self.failure
        return etag

    async def begin_upload(self, key: str, **options: Any) -> Any:
        upload = await self._store.begin_upload(key, **options)
        complete = upload.complete

        async def complete_and_lose(*, if_absent: bool) -> str:
            await complete(if_absent=if_absent)
            assert self.failure is not None
            raise self.failure

        upload.complete = complete_and_lose
        return upload


@pytest.fixture
async def connection(s3_server: S3Server) -> AsyncIterator[S3Connection]:
    async with new_bucket(s3_server, part_bytes=PART) as opened:
        yield opened


@pytest.fixture
def store(connection: S3Connection) -> LostAnswers:
    return LostAnswers(connection.store, KEY)


def make_records(store: Any, **options: Any) -> Records:
    namespaces = Namespaces(AccessRules({"portfolio": Grant(("tasks/",), ("portfolio.",))}), "default")
    return Records(store, namespaces, default_tenant="default", **options)


def envelope(write_id: str = "w1", *, state: str = "open", revision: int = 1) -> Envelope:
    return Envelope(KIND, "alice", state, 1_700_000_000_000, revision, write_id)


async def listed(records: Records, *states: str) -> list[str]:
    page = await records.list_page(CALLER, RecordQuery(KIND, "", states), limit=9, position="", keys_only=True)
    return [f"{record.envelope.state}:{record.key}" for record in page.records]


@pytest.mark.parametrize("failure", [AlreadyExists("412"), Unavailable("lost")], ids=["412", "lost"])
async def test_6_a_creation_that_was_applied_is_success(store: LostAnswers, failure: WealthError) -> None:
    records = make_records(store)
    store.failure = failure
    created = await records.create(CALLER, KEY, b"{}", envelope())
    assert (await records.get(CALLER, KEY)).etag == created.etag


async def test_6_an_update_that_was_applied_is_success(store: LostAnswers) -> None:
    records = make_records(store)
    created = await records.create(CALLER, KEY, b"{}", envelope())
    store.failure = Unavailable("lost")
    written = await records.update(
        CALLER, KEY, b"{}", envelope("w2", state="completed", revision=2), if_match=created.etag, previous_state="open"
    )
    assert written.envelope.revision == 2
    assert await listed(records, "open", "completed") == [f"completed:{KEY}"]


async def test_6_a_write_that_another_overtook_is_a_conflict(store: LostAnswers) -> None:
    records = make_records(store)
    created = await records.create(CALLER, KEY, b"{}", envelope())
    await records.update(CALLER, KEY, b"{}", envelope("w2", revision=2), if_match=created.etag, previous_state="open")
    with pytest.raises(Conflict):
        await records.update(
            CALLER, KEY, b"{}", envelope("w3", revision=2), if_match=created.etag, previous_state="open"
        )


@pytest.mark.parametrize("size", [10, PART + 10], ids=["one request", "parts"])
@pytest.mark.parametrize("failure", [AlreadyExists("412"), Unavailable("lost")], ids=["412", "lost"])
async def test_6_an_object_that_was_stored_is_success(store: LostAnswers, size: int, failure: WealthError) -> None:
    async def chunks() -> AsyncIterator[bytes | str]:
        yield b"x" * size

    store.failure = failure
    stored, _ = await store_stream(store, KEY, chunks(), Expectation(2 * PART), part_bytes=PART, if_absent=True)
    assert stored.size == size


async def test_8_a_crash_before_the_record_leaves_a_key_that_is_swept(connection: S3Connection) -> None:
    class CrashesOnTheRecord(LostAnswers):
        async def put(self, key: str, content: bytes, **options: Any) -> str:
            if key == KEY:
                raise SystemError("the process died")
            return await self._store.put(key, content, **options)

    with pytest.raises(SystemError):
        await make_records(CrashesOnTheRecord(connection.store, KEY)).create(CALLER, KEY, b"{}", envelope())
    later = make_records(connection.store, clock=lambda: datetime.now(UTC) + timedelta(minutes=2))
    assert await listed(later, "open") == [f"open:{KEY}"]
    assert await later.reindex(CALLER, KEY, ["open"], kind=KIND, user_id="alice", created_ms=envelope().created_ms) == (
        0,
        1,  # an open record has no key of its user
        0,  # there is none
    )
    assert await listed(later, "open") == []


async def test_8_a_crash_after_the_record_leaves_an_old_key_that_is_swept(connection: S3Connection) -> None:
    class CrashesOnDeleting(LostAnswers):
        async def delete(self, keys: Any) -> None:
            raise Unavailable("S3 went away")

    left: list[str] = []
    crashing = make_records(
        CrashesOnDeleting(connection.store, ""), on_leftover=lambda names, error: left.extend(names)
    )
    created = await crashing.create(CALLER, KEY, b"{}", envelope())
    await crashing.update(
        CALLER, KEY, b"{}", envelope("w2", state="completed", revision=2), if_match=created.etag, previous_state="open"
    )
    assert len(left) == 2
    later = make_records(connection.store, clock=lambda: datetime.now(UTC) + timedelta(minutes=2))
    outcome = await later.reindex(
        CALLER, KEY, ["open", "completed", "error"], kind=KIND, user_id="alice", created_ms=None
    )
    assert outcome == (0, 1, 2)
    assert await listed(later, "open", "completed") == [f"completed:{KEY}"]


async def test_8_a_repair_that_meets_a_slow_writer_puts_its_keys_back(connection: S3Connection) -> None:
    """The sweeper takes the new key of a writer that stalled beyond the grace; the record moves right after."""
    records = make_records(connection.store)
    created = await records.create(CALLER, KEY, b"{}", envelope())
    moved = envelope("w2", state="completed", revision=2)

    class WriterWakesUp(LostAnswers):
        async def delete(self, keys: Any) -> None:
            await self._store.delete(keys)
            await connection.store.put(
                KEY, (await connection.store.get(KEY, max_size=9999))[1].replace(b'"open"', b'"completed"')
            )

    for name in moved.index_keys(KEY):
        await connection.store.put(name, b"")
    later = make_records(WriterWakesUp(connection.store, ""), clock=lambda: datetime.now(UTC) + timedelta(minutes=2))
    await later.reindex(CALLER, KEY, ["completed"], kind=KIND, user_id="alice", created_ms=None)
    assert created.envelope.state == "open"
    assert await listed(records, "completed") == [f"completed:{KEY}"]
