"""Records over gRPC and a real S3 server. Numbers in names are the rules of the job protocol."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.common.context import acting_as
from services.common.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from services.common.identity import Principal, service_principal
from services.common.storage import StorageClient, StoredRecord
from services.common.storage.stored import ReindexedRecord
from tests.support.storage import RunningStorage

KIND = "portfolio.task"
NOON = datetime(2026, 1, 2, 12, 0, 0, 345000, tzinfo=UTC)


@pytest.fixture
async def client(storage: RunningStorage, portfolio: Principal) -> StorageClient:
    return storage.client("portfolio")


async def create(client: StorageClient, name: str, *, minutes: int = 0, user: str = "alice", state: str = "open"):
    return await client.create_record(
        f"tasks/{name}.json",
        {"name": name},
        kind=KIND,
        user_id=user,
        state=state,
        created_at=NOON + timedelta(minutes=minutes),
    )


async def update(client: StorageClient, current: StoredRecord, document: dict, state: str, write_id: str = ""):
    return await client.update_record(
        current.key,
        document,
        kind=current.kind,
        user_id=current.user_id,
        created_at=current.created_at,
        state=state,
        previous_state=current.state,
        if_match=current.etag,
        if_revision=current.revision,
        write_id=write_id,
    )


async def names(client: StorageClient, *states: str, user: str = "", keys_only: bool = False) -> list[str]:
    page = await client.list_records(KIND, states, user_id=user, keys_only=keys_only)
    return [record.key.removeprefix("tasks/").removesuffix(".json") for record in page.records]


async def test_a_created_record_reads_back_as_it_was_written(client: StorageClient, portfolio: Principal) -> None:
    document = {"text": 'ünï\n"quoted"', "nested": {"_record": [1, {}]}, "empty": {}}
    with acting_as(portfolio):
        written = await client.create_record(
            "tasks/one.json", document, kind=KIND, user_id="alice", state="open", created_at=NOON
        )
        read = await client.get_record("tasks/one.json")
    assert read == written
    assert (read.document, read.revision, read.created_at) == (document, 1, NOON)


async def test_reading_what_is_not_there_is_not_found(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio), pytest.raises(NotFound):
        await client.get_record("tasks/none.json")


async def test_6_creating_again_with_the_same_write_id_is_success(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        first = await client.create_record("tasks/a.json", {"n": 1}, kind=KIND, write_id="write-0001")
        again = await client.create_record("tasks/a.json", {"n": 1}, kind=KIND, write_id="write-0001")
    assert again == first


async def test_29_a_creation_tells_which_of_the_keys_it_was_asked_for_hold_a_record_now(
    storage: RunningStorage, client: StorageClient, portfolio: Principal
) -> None:
    async def look(name: str, write_id: str = "") -> set[str] | None:
        written = await client.create_record(
            f"tasks/{name}.json", {}, kind=KIND, write_id=write_id,
            look_for=[f"tasks/{other}.json" for other in ("gone", "stands", "never")],
        )  # fmt: skip
        return None if written.found is None else set(written.found)

    with acting_as(portfolio):
        gone = await create(client, "gone")
        assert await look("a") == {gone.key}
        await client.delete_record(gone.key)
        stands = await create(client, "stands")
        assert await look("b", "write-b1") == {stands.key}
        await create(client, "gone")
        assert await look("b", "write-b1") == {gone.key, stands.key}  # the same write again looks again


async def test_creating_over_another_record_is_refused(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await create(client, "a")
        with pytest.raises(AlreadyExists):
            await create(client, "a", minutes=1)
        assert await names(client, "open", keys_only=True) == ["a"]


async def test_an_update_counts_the_revision_and_changes_the_etag(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        first = await create(client, "a")
        second = await update(client, first, {"n": 2}, "completed")
        read = await client.get_record(first.key)
    assert read == second
    assert (read.revision, read.state, read.document) == (2, "completed", {"n": 2})
    assert read.etag != first.etag


async def test_6_updating_again_with_the_same_write_id_is_success(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        first = await create(client, "a")
        second = await update(client, first, {"n": 2}, "completed", "write-0002")
        assert await update(client, first, {"n": 2}, "completed", "write-0002") == second


async def test_updating_from_a_stale_etag_is_a_conflict(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        first = await create(client, "a")
        await update(client, first, {"n": 2}, "open")
        with pytest.raises(Conflict) as caught:
            await update(client, first, {"n": 3}, "open")
    assert caught.value.reason == "RECORD_CHANGED"


async def test_updating_a_deleted_record_is_not_found(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        first = await create(client, "a")
        await client.delete_record(first.key)
        with pytest.raises(NotFound):
            await update(client, first, {"n": 2}, "open")


async def test_one_of_many_concurrent_updates_wins(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        first = await create(client, "a")
        outcomes = await asyncio.gather(
            *(update(client, first, {"n": n}, "open") for n in range(4)), return_exceptions=True
        )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 3 + ["StoredRecord"]


async def test_8_records_are_listed_newest_first_over_states(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        for minute, state in enumerate(("open", "completed", "error", "open", "completed")):
            await create(client, f"r{minute}", minutes=minute, state=state)
        assert await names(client, "open", "completed") == ["r4", "r3", "r1", "r0"]


async def test_8_a_change_of_state_moves_the_record_between_listings(
    client: StorageClient, portfolio: Principal
) -> None:
    with acting_as(portfolio):
        await update(client, await create(client, "a"), {}, "completed")
        assert await names(client, "open", keys_only=True) == []
        assert await names(client, "completed", keys_only=True) == ["a"]


async def test_a_users_listing_holds_nobody_elses_records(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        for name, user in (("a", "al"), ("b", "alice"), ("c", "a/l")):
            await create(client, name, user=user)
        assert [await names(client, "open", user=user) for user in ("al", "alice", "a/l")] == [["a"], ["b"], ["c"]]


async def test_keys_only_listings_carry_user_state_and_time(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await create(client, "a", user="zoë / 50%~")
        (listed,) = (await client.list_records(KIND, ["open"], keys_only=True)).records
    assert (listed.user_id, listed.state, listed.created_at, listed.document) == ("zoë / 50%~", "open", NOON, {})


@pytest.mark.parametrize("keys_only", [True, False])
async def test_pages_join_to_the_whole_without_gap_or_repetition(
    client: StorageClient, portfolio: Principal, keys_only: bool
) -> None:
    states = ("open", "completed", "error")
    with acting_as(portfolio):
        # Three records share each time: the position is the name, not the time alone.
        await asyncio.gather(*(create(client, f"r{n:02}", minutes=n // 3, state=states[n % 3]) for n in range(24)))
        seen, token = [], ""
        while True:
            page = await client.list_records(KIND, states, page_size=5, page_token=token, keys_only=keys_only)
            seen += [record.key for record in page.records]
            token = page.next_page_token
            if not token:
                break
        whole = [record.key for record in (await client.list_records(KIND, states, page_size=100)).records]
    assert seen == whole
    assert len(set(seen)) == 24


async def test_a_page_token_of_another_query_is_refused(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        for name in "ab":
            await create(client, name)
        token = (await client.list_records(KIND, ["open"], page_size=1)).next_page_token
        with pytest.raises(InvalidInput) as caught:
            await client.list_records(KIND, ["completed"], page_token=token)
    assert caught.value.field == "page_token"


async def test_large_documents_are_spread_over_pages(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        for minute in range(3):
            await client.create_record(
                f"tasks/{minute}.json",
                {"text": "x" * 2_000_000},
                kind=KIND,
                state="open",
                created_at=NOON + timedelta(minutes=minute),
            )
        first = await client.list_records(KIND, ["open"])
        rest = await client.list_records(KIND, ["open"], page_token=first.next_page_token)
    assert [len(first.records), len(rest.records)] == [1, 1]


async def test_a_scan_finds_records_that_no_index_holds(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await client.create_record("tasks/b.json", {}, kind=KIND)
        await client.create_record("tasks/a.json", {}, kind=KIND)
        await client.put_object("tasks/data.csv", b"no record")
        await client.put_object("tasks/broken.json", b"{}")
        page = await client.scan_records("tasks/", suffix=".json")
    assert [record.key for record in page.records] == ["tasks/a.json", "tasks/b.json"]


async def test_scan_pages_join_to_the_whole(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await asyncio.gather(*(client.create_record(f"tasks/{n}.json", {}, kind=KIND) for n in range(7)))
        seen, token = [], ""
        while True:
            page = await client.scan_records("tasks/", page_size=3, page_token=token)
            seen += [record.key for record in page.records]
            token = page.next_page_token
            if not token:
                break
    assert seen == [f"tasks/{n}.json" for n in range(7)]


async def test_a_deleted_record_leaves_no_index_key(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        record = await create(client, "a")
        await client.delete_record(record.key)
        await client.delete_record(record.key)
        assert await names(client, "open", keys_only=True) == []


async def test_8_listings_pass_over_keys_that_the_record_contradicts(
    client: StorageClient, portfolio: Principal
) -> None:
    with acting_as(portfolio):
        kept = await create(client, "kept")
        gone = await create(client, "gone")
        await client.delete_object(gone.key)
        # Claims a wrong previous state, as a crash between the new key and the old one's deletion would leave it.
        await client.update_record(
            kept.key, {}, kind=KIND, user_id="alice", created_at=NOON, state="completed", previous_state="other",
            if_match=kept.etag, if_revision=1,
        )  # fmt: skip
        assert set(await names(client, "open", keys_only=True)) == {"kept", "gone"}
        assert await names(client, "open") == []


async def test_8_reindexing_adds_the_keys_that_are_missing(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        record = await client.create_record("tasks/a.json", {}, kind=KIND, user_id="alice", created_at=NOON)
        # Written with a state but, by lying about the state before, without index keys.
        await client.update_record(
            record.key, {}, kind=KIND, user_id="alice", created_at=NOON, state="open", previous_state="open",
            if_match=record.etag, if_revision=1,
        )  # fmt: skip
        assert await names(client, "open") == []
        assert await client.reindex_record(record.key, kind=KIND) == ReindexedRecord(2, 0, due=2)
        assert await names(client, "open") == ["a"]


async def test_8_reindexing_leaves_young_keys_alone(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        record = await create(client, "a")
        await client.delete_object(record.key)
        outcome = await client.reindex_record(
            record.key, kind=KIND, user_id="alice", created_at=NOON, states=["open", "completed"]
        )
    assert outcome == ReindexedRecord(0, 0)


@pytest.mark.parametrize(
    "document", [b"[]", b"{", b'{"_record": 1}', b"\xff\xfe{}", '{"a": 1}'.encode("utf-16")], ids=repr
)
async def test_a_document_that_is_no_plain_object_is_refused(
    storage: RunningStorage, portfolio: Principal, document: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.common.storage.record_calls.encode_document", lambda *_, **__: document)
    with acting_as(portfolio), pytest.raises(InvalidInput) as caught:
        await storage.client("portfolio").create_record("tasks/a.json", {}, kind=KIND)
    assert caught.value.field == "record.document"


async def test_16_tenants_do_not_see_each_other(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await create(client, "a")
    with acting_as(service_principal("default", "portfolio")):
        assert "a" not in await names(client, "open")
        with pytest.raises(NotFound):
            await client.get_record("tasks/a.json")


async def test_tenants_with_data_are_listed_after_the_default_one(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await create(client, "a")
        page = await client.list_tenants()
    assert page.tenants[0] == "default"
    assert portfolio.tenant in page.tenants


async def test_tenant_pages_join_to_the_whole(storage: RunningStorage, tenant: str) -> None:
    client = storage.client("portfolio")
    for suffix in ("-a", "-b", "-b2"):
        with acting_as(service_principal(tenant + suffix, "portfolio")):
            await client.create_record("tasks/a.json", {}, kind=KIND)
    with acting_as(service_principal(tenant, "portfolio")):
        seen, token = [], ""
        while True:
            page = await client.list_tenants(page_size=1, page_token=token)
            seen += page.tenants
            token = page.next_page_token
            if not token:
                break
        assert seen == list((await client.list_tenants()).tenants)
    assert [name for name in seen if name.startswith(tenant)] == [tenant + suffix for suffix in ("-a", "-b", "-b2")]
