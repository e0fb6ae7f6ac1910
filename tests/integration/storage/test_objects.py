"""Objects over gRPC and a real S3 server."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import grpc.aio
import pytest
from wealth.storage.v1 import storage_pb2 as pb

from services.common.context import acting_as
from services.common.errors import AlreadyExists, InvalidInput, NotFound, PreconditionFailed, TooLarge
from services.common.identity import Principal
from services.common.storage import StorageClient
from tests.support.storage import RunningStorage

MIB = 1024 * 1024
# One part and a bit, in bytes that no two windows share.
LARGE = bytes(range(256)) * (5 * 1024 * 4) + b"and the last part"


@pytest.fixture
async def client(storage: RunningStorage, portfolio: Principal) -> StorageClient:
    return storage.client("portfolio")


async def in_chunks(content: bytes, size: int = 300_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def read(client: StorageClient, key: str, **options) -> bytes:
    async with client.get_object(key, **options) as stream:
        return b"".join([chunk async for chunk in stream.chunks])


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", LARGE], ids=["empty", "small", "parts"])
async def test_an_object_reads_back_as_it_was_sent(client: StorageClient, portfolio: Principal, content: bytes) -> None:
    with acting_as(portfolio):
        info = await client.put_object("tasks/a.csv", in_chunks(content), content_type="text/csv")
        assert await read(client, "tasks/a.csv") == content
    assert (info.size, info.sha256, info.content_type) == (
        len(content), hashlib.sha256(content).hexdigest(), "text/csv",
    )  # fmt: skip


async def test_a_local_file_goes_up_and_comes_down_again(
    client: StorageClient, portfolio: Principal, tmp_path: Path
) -> None:
    (tmp_path / "in").write_bytes(LARGE)
    with acting_as(portfolio):
        await client.put_object("tasks/a", tmp_path / "in")
        info = await client.get_object_to_file("tasks/a", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == LARGE
    assert info.sha256 == hashlib.sha256(LARGE).hexdigest()


@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, 10), (5, 0), (len(LARGE) - 3, 0), (len(LARGE), 0), (5 * MIB - 2, 4), (3, 5 * MIB + 3), (10, 10**9)],
)
async def test_ranges_are_those_of_the_whole(
    client: StorageClient, portfolio: Principal, offset: int, length: int
) -> None:
    with acting_as(portfolio):
        await client.put_object("tasks/a", LARGE)
        assert await read(client, "tasks/a", offset=offset, length=length) == LARGE[offset:][: length or None]


async def test_a_range_beyond_the_end_is_refused(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await client.put_object("tasks/a", b"abc")
        with pytest.raises(InvalidInput) as caught:
            await read(client, "tasks/a", offset=4)
    assert caught.value.reason == "RANGE_NOT_SATISFIABLE"


async def test_reading_another_version_than_asked_for_is_refused(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        first = await client.put_object("tasks/a", b"abc")
        await client.put_object("tasks/a", b"abcd")
        with pytest.raises(PreconditionFailed):
            await read(client, "tasks/a", if_match=first.etag)


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["small", "parts"])
@pytest.mark.parametrize(
    ("wrong", "reason"), [({"sha256": "0" * 64}, "CHECKSUM_MISMATCH"), ({"size": 3}, "SIZE_MISMATCH")]
)
async def test_nothing_is_visible_of_an_upload_that_does_not_agree(
    client: StorageClient, portfolio: Principal, content: bytes, wrong: dict, reason: str
) -> None:
    with acting_as(portfolio):
        with pytest.raises(InvalidInput) as caught:
            await client.put_object("tasks/a", in_chunks(content), **wrong)
        with pytest.raises(NotFound):
            await client.get_object_info("tasks/a")
    assert caught.value.reason == reason


async def test_a_checksum_at_the_end_that_does_not_agree_is_refused(
    client: StorageClient, portfolio: Principal
) -> None:
    async def send() -> AsyncIterator[pb.PutObjectRequest]:
        yield pb.PutObjectRequest(header=pb.PutObjectHeader(key="tasks/a"))
        yield pb.PutObjectRequest(chunk=b"abc")
        yield pb.PutObjectRequest(sha256="0" * 64)

    with acting_as(portfolio):
        with pytest.raises(grpc.aio.AioRpcError):
            await client._stub.PutObject(send())
        with pytest.raises(NotFound):
            await client.get_object_info("tasks/a")


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["small", "parts"])
async def test_a_sender_that_breaks_off_leaves_nothing(
    client: StorageClient, portfolio: Principal, content: bytes
) -> None:
    async def break_off() -> AsyncIterator[bytes]:
        yield content
        raise ConnectionResetError("gone")

    with acting_as(portfolio):
        with pytest.raises((ConnectionResetError, grpc.aio.AioRpcError, asyncio.CancelledError)):
            await client.put_object("tasks/a", break_off())
        with pytest.raises(NotFound):
            await client.get_object_info("tasks/a")


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["small", "parts"])
async def test_an_object_that_must_be_new_does_not_replace(
    client: StorageClient, portfolio: Principal, content: bytes
) -> None:
    with acting_as(portfolio):
        await client.put_object("tasks/a", b"first", if_absent=True)
        with pytest.raises(AlreadyExists):
            await client.put_object("tasks/a", content, if_absent=True)
        assert await read(client, "tasks/a") == b"first"


async def test_an_object_above_the_callers_limit_is_refused(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio), pytest.raises(TooLarge):
        await client.put_object("tasks/a", in_chunks(b"x" * 1001), max_size=1000)


async def test_an_object_above_the_services_cap_is_refused_before_it_is_sent(
    client: StorageClient, portfolio: Principal
) -> None:
    async def send() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    with acting_as(portfolio), pytest.raises(TooLarge):
        await client.put_object("tasks/a", send(), size=25 * MIB)


async def test_reading_whole_objects_is_bounded(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await client.put_object("tasks/a", b"abc")
        assert await client.get_object_bytes("tasks/a", max_size=3) == b"abc"
        with pytest.raises(TooLarge):
            await client.get_object_bytes("tasks/a", max_size=2)


async def test_a_download_that_fails_leaves_no_file(
    client: StorageClient, portfolio: Principal, tmp_path: Path
) -> None:
    with acting_as(portfolio):
        await client.put_object("tasks/a", b"abc")
        with pytest.raises(TooLarge):
            await client.get_object_to_file("tasks/a", tmp_path / "out", max_size=2)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the test may block


async def test_a_copy_keeps_content_checksum_and_type(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        first = await client.put_object("tasks/a", b"abc", content_type="text/csv")
        await client.copy_object("tasks/a", "tasks/b")
        copy = await client.get_object_info("tasks/b")
        assert await read(client, "tasks/b") == b"abc"
    assert (copy.sha256, copy.content_type) == (first.sha256, "text/csv")


async def test_copying_what_is_not_there_is_not_found(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio), pytest.raises(NotFound):
        await client.copy_object("tasks/none", "tasks/b")


async def test_object_pages_join_to_the_whole(client: StorageClient, portfolio: Principal) -> None:
    keys = [f"tasks/{name}" for name in ("a", "b b", "c%2F", "d/e", "é")]
    with acting_as(portfolio):
        for key in keys:
            await client.put_object(key, b"x")
        seen, token = [], ""
        while True:
            page = await client.list_objects("tasks/", page_size=2, page_token=token)
            seen += [item.key for item in page.objects]
            token = page.next_page_token
            if not token:
                break
    assert seen == keys


async def test_10_deleting_a_prefix_spares_its_longer_namesakes(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        for key in ("tasks/al/1", "tasks/al/2/3", "tasks/alice/1", "tasks/al"):
            await client.put_object(key, b"x")
        assert await client.delete_prefix("tasks/al/") == 2
        assert [item.key for item in (await client.list_objects("tasks/")).objects] == ["tasks/al", "tasks/alice/1"]


@pytest.mark.parametrize("prefix", ["tasks/al", "tasks/"], ids=["without a slash", "a whole namespace"])
async def test_10_too_wide_a_prefix_is_not_deleted(client: StorageClient, portfolio: Principal, prefix: str) -> None:
    with acting_as(portfolio), pytest.raises(InvalidInput) as caught:
        await client.delete_prefix(prefix)
    assert caught.value.field == "prefix"


async def test_deleting_what_is_not_there_is_success(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await client.delete_object("tasks/none")


async def test_a_link_reads_the_object_as_an_attachment(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await client.put_object("tasks/a", b"abc")
        url, _ = await client.presign_object("tasks/a", timedelta(minutes=1), file_name="für dich.csv")
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert await answer.read() == b"abc"
        assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''f%C3%BCr%20dich.csv"


async def test_a_link_with_another_key_in_it_is_refused(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        await client.put_object("tasks/a", b"abc")
        await client.put_object("tasks/b", b"secret")
        url, _ = await client.presign_object("tasks/a", timedelta(minutes=1))
    async with aiohttp.ClientSession() as http, http.get(url.replace("tasks/a", "tasks/b")) as answer:
        assert answer.status == 403


async def test_a_links_life_is_cut_at_the_limit(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio):
        info = await client.put_object("tasks/a", b"abc")
        _, expires_at = await client.presign_object("tasks/a", timedelta(days=6))
    assert expires_at - info.updated_at < timedelta(hours=1, minutes=1)


async def test_a_link_to_nothing_is_not_made(client: StorageClient, portfolio: Principal) -> None:
    with acting_as(portfolio), pytest.raises(NotFound):
        await client.presign_object("tasks/none", timedelta(minutes=1))


@pytest.mark.parametrize("content_type", ["text", "text/csv\r\nx-amz-acl: public-read", "text/ä", "/"])
async def test_a_media_type_that_is_none_is_refused(
    client: StorageClient, portfolio: Principal, content_type: str
) -> None:
    with acting_as(portfolio), pytest.raises(InvalidInput) as caught:
        await client.put_object("tasks/a", b"x", content_type=content_type)
    assert caught.value.field == "content_type"
