"""What a job costs in requests to S3, counted at the adapter: whoever adds one has to say so here."""

import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.common.identity import Caller, service_principal
from services.launcher.embedded import S3Server
from services.storage.domain.access import AccessRules, Grant
from services.storage.domain.records import Envelope, Record
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.objects import Objects
from services.storage.usecases.record_listings import RecordQuery
from services.storage.usecases.records import Records
from tests.support.storage import new_bucket

KIND = "portfolio.task"
KEY = "tasks/a.json"
CALLER = Caller("portfolio", service_principal("default", "portfolio"))
CREATED_MS = 1_700_000_000_000
NAMESPACES = Namespaces(AccessRules({"portfolio": Grant(("tasks/",), ("portfolio.",))}), "default")


class CountingStore:
    """A store over a real one that counts what is asked of it."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if inspect.iscoroutinefunction(method):
            self.asked += 1
        return method

    def take(self) -> int:
        """The requests since it was asked last."""
        asked, self.asked = self.asked, 0
        return asked


@pytest.fixture
async def store(s3_server: S3Server) -> AsyncIterator[CountingStore]:
    async with new_bucket(s3_server) as connection:
        yield CountingStore(connection.store)


def envelope(state: str, revision: int, run: int = 0) -> Envelope:
    return Envelope(KIND, "alice", state, CREATED_MS, revision, f"write-{revision}", run)


async def close(records: Records, run: int = 0) -> None:
    await records.reindex(
        CALLER, KEY, ("open",), kind=KIND, user_id="alice", created_ms=CREATED_MS, run=run, at_once=True
    )


async def update(records: Records, before: Record, state: str, *, previous: str, run: int = 0) -> Record:
    new = envelope(state, before.envelope.revision + 1, run)
    return await records.update(
        CALLER, KEY, b"{}", new, if_match=before.etag, previous_state=previous, previous_run=before.envelope.run
    )


async def list_states(records: Records, *states: str) -> list[str]:
    page = await records.list_page(CALLER, RecordQuery(KIND, "", states), limit=9, position="", keys_only=True)
    return [record.envelope.state for record in page.records]


@pytest.mark.parametrize(("carries_runs", "closing"), [(True, 1), (False, 2)])
@pytest.mark.parametrize("open_of_users", [False, True])
async def test_a_jobs_record_takes_seven_requests_where_index_keys_are_of_this_release(
    store: CountingStore, carries_runs: bool, closing: int, open_of_users: bool
) -> None:
    records = Records(
        store, NAMESPACES, default_tenant="default", begins_runs=carries_runs, open_of_users=open_of_users
    )
    record = await records.create(CALLER, KEY, b"{}", envelope("open", 1))
    assert store.take() == 2 + open_of_users  # itself and its index keys
    await records.get(CALLER, KEY, may_be_old=True)
    assert store.take() == 0  # whose swap is next finds out
    record = await update(records, record, "open", previous="open")
    assert store.take() == 1
    await update(records, record, "completed", previous="")
    assert store.take() == 3
    await close(records)
    assert store.take() == closing


@pytest.mark.parametrize("carries_runs", [True, False])
async def test_26_who_closes_a_run_late_takes_nothing_of_the_next(store: CountingStore, carries_runs: bool) -> None:
    records = Records(store, NAMESPACES, default_tenant="default", begins_runs=carries_runs)
    record = await records.create(CALLER, KEY, b"{}", envelope("open", 1))
    record = await update(records, record, "completed", previous="")
    await update(records, record, "open", previous="completed", run=2)
    await close(records, run=0)
    assert await list_states(records, "open", "completed") == ["open"]


async def test_an_object_is_stored_and_copied_in_one_request_each(store: CountingStore) -> None:
    objects = Objects(
        store,
        None,  # type: ignore[arg-type]
        NAMESPACES,
        max_object_bytes=1 << 20,
        part_bytes=5 << 20,
        presign_max_s=60,
    )

    async def chunks() -> AsyncIterator[bytes | str]:
        yield b"content"

    stored, sha256 = await objects.put(
        CALLER, "tasks/a", chunks(), size=7, sha256="", content_type="text/csv", if_absent=True, max_size=0
    )
    assert store.take() == 1
    found = await objects.get_info(CALLER, "tasks/a")
    assert (stored.size, stored.etag, stored.content_type) == (found.size, found.etag, found.content_type)
    assert found.metadata["sha256"] == sha256
    store.take()
    await objects.copy(CALLER, "tasks/a", "tasks/b")
    assert store.take() == 1
