"""What every ObjectStore promises, held against the S3 adapter over a real server, and the simulated bucket."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.common.clock import utc_now
from services.common.errors import (
    AlreadyExists,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unavailable,
)  # fmt: skip
from services.launcher.embedded import S3Server
from services.storage.adapters.s3_bucket import S3Connection, connect_bucket
from services.storage.adapters.s3_options import Breaker
from services.storage.ports import ObjectStore
from tests.simulation.bucket import SimulatedBucket
from tests.simulation.wire import Wire
from tests.support.storage import new_bucket, s3_options

PART = 5 * 1024 * 1024


@pytest.fixture(scope="module")
async def connection(s3_server: S3Server) -> AsyncIterator[S3Connection]:
    async with new_bucket(s3_server, part_bytes=PART) as opened:
        yield opened


@pytest.fixture(params=["s3", "simulated"])
async def store(request: pytest.FixtureRequest, connection: S3Connection) -> AsyncIterator[ObjectStore]:
    """An empty bucket."""
    if request.param == "simulated":
        yield SimulatedBucket(Wire(asyncio.get_running_loop(), random.Random(0)), utc_now, part_bytes=PART)
        return
    yield connection.store
    left = await connection.store.list_page("", limit=1000)
    await connection.store.delete([item.key for item in left.objects])


async def read(store: ObjectStore, key: str, **options) -> bytes:
    _, chunks = await store.open(key, **options)
    return b"".join([chunk async for chunk in chunks])


async def collect(chunks: AsyncIterator[bytes], into: bytearray) -> None:
    async for chunk in chunks:
        into += chunk


async def test_what_is_put_is_got_with_its_type_and_metadata(store: ObjectStore) -> None:
    etag = await store.put("a/b", b"content", content_type="text/csv", metadata={"sha256": "00", "write-id": "w"})
    found, content = await store.get("a/b", max_size=100)
    assert content == b"content"
    assert (found.key, found.size, found.etag, found.content_type) == ("a/b", 7, etag, "text/csv")
    assert found.metadata == {"sha256": "00", "write-id": "w"}


async def test_head_says_what_get_says(store: ObjectStore) -> None:
    await store.put("a", b"content", content_type="text/csv", metadata={"sha256": "00"})
    assert await store.head("a") == (await store.get("a", max_size=100))[0]


@pytest.mark.parametrize("call", ["get", "head", "open", "copy"])
async def test_what_is_not_there_is_not_found(store: ObjectStore, call: str) -> None:
    calls = {
        "get": lambda: store.get("none", max_size=1),
        "head": lambda: store.head("none"),
        "open": lambda: store.open("none"),
        "copy": lambda: store.copy("none", "b"),
    }
    with pytest.raises(NotFound):
        await calls[call]()


async def test_get_refuses_what_is_larger_than_asked_for(store: ObjectStore) -> None:
    await store.put("a", b"abc")
    with pytest.raises(TooLarge):
        await store.get("a", max_size=2)


async def test_putting_if_absent_does_not_replace(store: ObjectStore) -> None:
    await store.put("a", b"first", if_absent=True)
    with pytest.raises(AlreadyExists):
        await store.put("a", b"second", if_absent=True)
    assert (await store.get("a", max_size=100))[1] == b"first"


async def test_putting_if_matching_replaces_that_version_only(store: ObjectStore) -> None:
    first = await store.put("a", b"first")
    second = await store.put("a", b"second", if_match=first)
    with pytest.raises(PreconditionFailed):
        await store.put("a", b"third", if_match=first)
    assert (await store.head("a")).etag == second


async def test_putting_if_matching_what_is_gone_is_refused(store: ObjectStore) -> None:
    etag = await store.put("a", b"first")
    await store.delete(["a"])
    with pytest.raises(PreconditionFailed):
        await store.put("a", b"second", if_match=etag)


@pytest.mark.parametrize("condition", ["if_absent", "if_match"])
async def test_of_conditional_puts_at_once_exactly_one_wins(store: ObjectStore, condition: str) -> None:
    etag = "" if condition == "if_absent" else await store.put("a", b"0")
    outcomes = await asyncio.gather(
        *(store.put("a", bytes([n]) * 9, if_absent=not etag, if_match=etag) for n in range(1, 5)),
        return_exceptions=True,
    )
    winners = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert winners == [(await store.head("a")).etag]


@pytest.mark.parametrize(
    ("offset", "length"), [(0, 0), (0, 1), (PART - 1, 2), (PART, PART), (2 * PART + 99, 0), (7, 2 * PART)]
)
async def test_ranges_are_those_of_the_whole(store: ObjectStore, offset: int, length: int) -> None:
    whole = hashlib.shake_128(b"seed").digest(2 * PART + 100)
    upload = await store.begin_upload("a", content_type="text/csv", metadata={"sha256": "00"})
    for start in range(0, len(whole), PART):
        await upload.send_part(whole[start : start + PART])
    await upload.complete(if_absent=False)
    assert await read(store, "a", offset=offset, length=length) == whole[offset:][: length or None]


async def test_an_empty_object_opens_to_nothing(store: ObjectStore) -> None:
    await store.put("a", b"")
    assert await read(store, "a") == b""


async def test_opening_beyond_the_end_is_refused(store: ObjectStore) -> None:
    await store.put("a", b"abc")
    with pytest.raises(InvalidInput):
        await store.open("a", offset=4)


async def test_opening_another_version_is_refused(store: ObjectStore) -> None:
    first = await store.put("a", b"abc")
    await store.put("a", b"abcd")
    with pytest.raises(PreconditionFailed):
        await store.open("a", if_match=first)


async def test_an_object_replaced_while_it_is_read_does_not_mix(store: ObjectStore) -> None:
    await store.put("a", b"1" * (3 * PART))
    _, chunks = await store.open("a")
    first = await anext(chunks)
    await store.put("a", b"2" * (3 * PART))
    with pytest.raises(PreconditionFailed):
        await collect(chunks, into := bytearray(first))
    assert set(into) == set(b"1")


async def test_an_upload_is_invisible_until_complete(store: ObjectStore) -> None:
    upload = await store.begin_upload("a", content_type="text/csv", metadata={"write-id": "w"})
    await upload.send_part(b"x" * PART)
    with pytest.raises(NotFound):
        await store.head("a")
    await upload.send_part(b"last")
    etag = await upload.complete(if_absent=True)
    found = await store.head("a")
    assert (found.size, found.etag, found.content_type, found.metadata) == (
        PART + 4, etag, "text/csv", {"write-id": "w"},
    )  # fmt: skip


async def test_an_aborted_upload_leaves_nothing(store: ObjectStore) -> None:
    upload = await store.begin_upload("a", content_type="", metadata={})
    await upload.send_part(b"x" * PART)
    await upload.abort()
    assert (await store.list_page("", limit=10)).objects == ()


async def test_completing_if_absent_does_not_replace(store: ObjectStore) -> None:
    await store.put("a", b"first")
    upload = await store.begin_upload("a", content_type="", metadata={})
    await upload.send_part(b"x" * PART)
    with pytest.raises(AlreadyExists):
        await upload.complete(if_absent=True)
    await upload.abort()
    assert (await store.get("a", max_size=100))[1] == b"first"


async def test_listings_go_in_key_order_from_after_a_key(store: ObjectStore) -> None:
    for key in ("p/b", "p/a~1", "p/a%2F2", "p/é", "q/1"):
        await store.put(key, b"x")
    page = await store.list_page("p/", limit=2)
    rest = await store.list_page("p/", start_after=page.objects[-1].key, limit=2)
    keys = [item.key for item in (*page.objects, *rest.objects)]
    assert keys == ["p/a%2F2", "p/a~1", "p/b", "p/é"]
    assert (page.is_truncated, rest.is_truncated) == (True, False)


async def test_listings_know_size_version_and_time(store: ObjectStore) -> None:
    etag = await store.put("a", b"abc")
    (listed,) = (await store.list_page("", limit=10)).objects
    assert (listed.size, listed.etag) == (3, etag)
    assert abs((listed.updated_at - (await store.head("a")).updated_at).total_seconds()) <= 1


async def test_a_long_listing_arrives_whole(store: ObjectStore) -> None:
    keys = [f"k/{n:04}-{'x' * 200}" for n in range(400)]
    await asyncio.gather(*(store.put(key, b"") for key in keys))
    assert [item.key for item in (await store.list_page("k/", limit=1000)).objects] == keys


async def test_a_delimiter_gathers_what_lies_deeper(store: ObjectStore) -> None:
    for key in ("t/a/1", "t/a/2", "t/b/1", "t/c"):
        await store.put(key, b"x")
    page = await store.list_page("t/", limit=10, delimiter="/")
    assert page.prefixes == ("t/a/", "t/b/")
    assert [item.key for item in page.objects] == ["t/c"]


async def test_a_copy_keeps_type_and_metadata(store: ObjectStore) -> None:
    await store.put("a", b"abc", content_type="text/csv", metadata={"sha256": "00"})
    await store.copy("a", "b/c")
    found, content = await store.get("b/c", max_size=10)
    assert (content, found.content_type, found.metadata) == (b"abc", "text/csv", {"sha256": "00"})


async def test_deleting_takes_many_keys_and_those_that_are_not_there(store: ObjectStore) -> None:
    keys = [f"k/{n:04}" for n in range(30)]
    await asyncio.gather(*(store.put(key, b"") for key in keys))
    await store.delete([*keys[:-1], "none"])
    await store.delete(["none"])
    assert [item.key for item in (await store.list_page("k/", limit=100)).objects] == keys[-1:]


@pytest.mark.parametrize(
    "wrong", [{"credentials": ("test-access-key", "wrong")}, {"endpoint_url": "http://127.0.0.1:1"}], ids=str
)
@pytest.mark.parametrize("call", ["get", "put", "list", "upload", "copy", "delete", "head", "open"])
async def test_a_server_that_refuses_or_is_away_is_unavailable(s3_server: S3Server, wrong: dict, call: str) -> None:
    options = replace(s3_options(s3_server, "some-bucket", retries=0), **wrong)
    async with connect_bucket(options, Breaker()) as connection:
        store = connection.store
        calls = {
            "get": lambda: store.get("a", max_size=1),
            "put": lambda: store.put("a", b""),
            "list": lambda: store.list_page("", limit=1),
            "upload": lambda: store.begin_upload("a", content_type="", metadata={}),
            "copy": lambda: store.copy("a", "b"),
            "delete": lambda: store.delete(["a"]),
            "head": lambda: store.head("a"),
            "open": lambda: store.open("a"),
        }
        with pytest.raises(Unavailable):
            await calls[call]()


async def test_a_bucket_that_is_missing_is_named_so(s3_server: S3Server) -> None:
    async with connect_bucket(s3_options(s3_server, "no-such-bucket"), Breaker()) as connection:
        for call in (
            connection.check(),
            connection.store.list_page("", limit=1),
            connection.store.get("a", max_size=1),
        ):
            with pytest.raises(Unavailable) as caught:
                await call
            assert caught.value.reason == "S3_BUCKET_MISSING"
