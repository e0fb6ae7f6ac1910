"""Files of users, as the gateway and the converter use them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import grpc.aio
import pytest
from wealth.storage.v1 import storage_pb2, storage_pb2_grpc

from services.common.channels import open_channel
from services.common.context import acting_as
from services.common.errors import Conflict, Denied, InvalidInput, NotFound, TooLarge
from services.common.identity import Principal, TokenSigner
from services.common.status import from_rpc_error
from services.common.storage import StorageClient
from services.common.storage.client import AUDIENCE, SERVICE_NAME
from tests.support.storage import RunningStorage

CSV = b"a,b\n1,2\n"


@pytest.fixture
async def door(storage: RunningStorage) -> StorageClient:
    return storage.client("gateway")


@pytest.fixture
def alice(tenant: str) -> Principal:
    return Principal(tenant, "key:a", frozenset({"alice"}), frozenset({"files"}))


@pytest.fixture
def bob(tenant: str) -> Principal:
    return Principal(tenant, "key:b", frozenset({"bob"}), frozenset({"converter"}))


@pytest.fixture
def everybody(tenant: str) -> Principal:
    return Principal(tenant, "key:e", frozenset({"*"}), frozenset({"files"}))


async def test_a_file_downloads_as_it_was_uploaded(door: StorageClient, alice: Principal, tmp_path: Path) -> None:
    with acting_as(alice):
        file = await door.upload_file(CSV, file_name="größe.csv", content_type="text/csv")
        assert await door.get_file(file.uri) == file
        assert await door.download_file_to(file.uri, tmp_path / "out") == file
    assert (tmp_path / "out").read_bytes() == CSV
    assert (file.user_id, file.size, file.sha256, file.file_name, file.content_type) == (
        "alice", len(CSV), hashlib.sha256(CSV).hexdigest(), "größe.csv", "text/csv",
    )  # fmt: skip


async def test_a_part_of_a_file_downloads(door: StorageClient, alice: Principal) -> None:
    with acting_as(alice):
        file = await door.upload_file(CSV)
        async with door.download_file(file.uri, offset=4, length=3) as stream:
            assert b"".join([chunk async for chunk in stream.chunks]) == b"1,2"


async def test_the_bare_id_names_a_file_of_the_only_user(door: StorageClient, alice: Principal) -> None:
    with acting_as(alice):
        file = await door.upload_file(CSV)
        assert await door.get_file(file.file_id) == file


async def test_16_another_users_file_is_not_found(door: StorageClient, alice: Principal, bob: Principal) -> None:
    with acting_as(alice):
        file = await door.upload_file(CSV)
    with acting_as(bob), pytest.raises(NotFound):
        await door.get_file(file.uri)


async def test_16_another_users_file_does_not_download(door: StorageClient, alice: Principal, bob: Principal) -> None:
    with acting_as(alice):
        file = await door.upload_file(CSV)
    with acting_as(bob), pytest.raises(NotFound):
        async with door.download_file(file.uri):
            pytest.fail("it opened")


async def test_16_deleting_another_users_file_deletes_nothing(
    door: StorageClient, alice: Principal, bob: Principal
) -> None:
    with acting_as(alice):
        file = await door.upload_file(CSV)
    with acting_as(bob):
        await door.delete_file(file.uri)
    with acting_as(alice):
        assert await door.get_file(file.uri) == file


@pytest.mark.parametrize("uri", ["file_id:alice/../x", "file_id:", "x", "file_id:alice/" + "0" * 32, "file_id:%/1"])
async def test_what_is_no_file_is_not_found(door: StorageClient, alice: Principal, uri: str) -> None:
    with acting_as(alice), pytest.raises(NotFound):
        await door.get_file(uri)


async def test_16_uploading_for_another_user_is_denied(door: StorageClient, alice: Principal) -> None:
    with acting_as(alice), pytest.raises(Denied):
        await door.upload_file(CSV, user_id="bob")


async def test_a_key_of_several_users_must_say_for_which(door: StorageClient, tenant: str) -> None:
    two = Principal(tenant, "key:2", frozenset({"alice", "bob"}), frozenset({"files"}))
    with acting_as(two):
        with pytest.raises(InvalidInput) as caught:
            await door.upload_file(CSV)
        assert (await door.upload_file(CSV, user_id="bob")).user_id == "bob"
    assert caught.value.field == "user_id"


async def test_shared_files_are_for_keys_of_all_users_only(
    door: StorageClient, alice: Principal, everybody: Principal
) -> None:
    with acting_as(everybody):
        file = await door.upload_file(CSV)
        assert await door.get_file(file.file_id) == file
    with acting_as(alice), pytest.raises(NotFound):
        await door.get_file(file.uri)


async def test_nobody_can_pass_for_the_shared_user(door: StorageClient, tenant: str) -> None:
    imposter = Principal(tenant, "key:i", frozenset({"_shared"}), frozenset({"files"}))
    with acting_as(imposter):
        with pytest.raises(InvalidInput):
            await door.upload_file(CSV, user_id="_shared")
        with pytest.raises(NotFound):
            await door.get_file("file_id:_shared/" + "0" * 32)


async def test_a_key_without_a_scope_for_files_is_denied(door: StorageClient, tenant: str) -> None:
    reader = Principal(tenant, "key:r", frozenset({"alice"}), frozenset({"portfolio"}))
    with acting_as(reader), pytest.raises(Denied) as caught:
        await door.list_files()
    assert caught.value.reason == "SCOPE_MISSING"


async def test_an_upload_repeated_with_its_request_id_gives_the_same_file(
    door: StorageClient, alice: Principal
) -> None:
    with acting_as(alice):
        first = await door.upload_file(CSV, request_id="r-1")
        assert await door.upload_file(CSV, request_id="r-1") == first


async def test_uploads_of_one_request_id_at_once_give_one_file(
    door: StorageClient, storage: RunningStorage, alice: Principal, converter: Principal
) -> None:
    with acting_as(alice):
        files = await asyncio.gather(*(door.upload_file(CSV, request_id="r-1") for _ in range(4)))
        async with door.download_file(files[0].uri) as stream:
            assert b"".join([chunk async for chunk in stream.chunks]) == CSV
    assert len(set(files)) == 1


async def test_a_request_id_used_for_another_file_is_a_conflict(door: StorageClient, alice: Principal) -> None:
    with acting_as(alice):
        await door.upload_file(CSV, request_id="r-1")
        with pytest.raises(Conflict) as caught:
            await door.upload_file(CSV + b"3,4\n", request_id="r-1")
    assert caught.value.reason == "REQUEST_ID_REUSED"


async def test_content_is_compared_where_a_repetition_announces_nothing(
    storage: RunningStorage, alice: Principal
) -> None:
    async def upload(content: bytes) -> AsyncIterator[storage_pb2.UploadFileRequest]:
        yield storage_pb2.UploadFileRequest(header=storage_pb2.UploadFileHeader(request_id="r-1"))
        yield storage_pb2.UploadFileRequest(chunk=content)

    signer = TokenSigner("gateway", storage.keys["gateway"])
    async with open_channel(storage.target, audience=AUDIENCE, signer=signer, service=SERVICE_NAME) as channel:
        stub = storage_pb2_grpc.StorageServiceStub(channel)
        with acting_as(alice):
            first = await stub.UploadFile(upload(CSV))
            assert await stub.UploadFile(upload(CSV)) == first
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.UploadFile(upload(CSV.replace(b"2", b"3")))
    assert from_rpc_error(caught.value).reason == "REQUEST_ID_REUSED"


async def test_an_empty_file_is_refused_and_nothing_is_kept(door: StorageClient, alice: Principal) -> None:
    async def send_nothing():
        yield b""

    with acting_as(alice):
        for content in (b"", send_nothing()):
            with pytest.raises(InvalidInput, match="the file is empty") as caught:
                await door.upload_file(content)
            assert (caught.value.reason, caught.value.field) == ("FILE_EMPTY", "file")
        assert (await door.list_files()).files == ()


async def test_a_file_above_the_cap_is_refused(door: StorageClient, alice: Principal) -> None:
    async def send():
        for _ in range(17):
            yield b"x" * 1024 * 1024

    with acting_as(alice):
        with pytest.raises(TooLarge):
            await door.upload_file(send())
        assert (await door.list_files()).files == ()


async def test_file_pages_join_to_the_users_files(door: StorageClient, alice: Principal, bob: Principal) -> None:
    with acting_as(bob):
        await door.upload_file(CSV)
    with acting_as(alice):
        uploaded = [await door.upload_file(CSV + bytes([n])) for n in range(5)]
        seen, token = [], ""
        while True:
            page = await door.list_files(page_size=2, page_token=token)
            seen += page.files
            token = page.next_page_token
            if not token:
                break
    assert seen == sorted(uploaded, key=lambda file: file.file_id)


async def test_a_deleted_file_is_gone(door: StorageClient, alice: Principal) -> None:
    with acting_as(alice):
        file = await door.upload_file(CSV)
        await door.delete_file(file.uri)
        await door.delete_file(file.uri)
        with pytest.raises(NotFound):
            await door.get_file(file.uri)


async def test_the_converter_reads_a_users_file_and_may_not_write_one(
    door: StorageClient, storage: RunningStorage, alice: Principal, converter: Principal
) -> None:
    with acting_as(alice):
        file = await door.upload_file(CSV)
    with acting_as(converter):
        assert await storage.client("converter").get_file(file.uri) == file
        with pytest.raises(Denied):
            await storage.client("converter").upload_file(CSV)


async def test_a_users_file_is_imported_by_its_uri(
    door: StorageClient, storage: RunningStorage, alice: Principal, converter: Principal
) -> None:
    client = storage.client("converter")
    with acting_as(alice):
        file = await door.upload_file(CSV)
    with acting_as(converter):
        info = await client.import_object(file.uri, "jobs/alice/1/input.csv")
        assert await client.get_object_bytes("jobs/alice/1/input.csv", max_size=100) == CSV
    assert (info.size, info.sha256) == (file.size, file.sha256)


async def test_16_importing_another_users_file_is_not_found(
    door: StorageClient, storage: RunningStorage, alice: Principal, bob: Principal
) -> None:
    with acting_as(alice):
        file = await door.upload_file(CSV)
    with acting_as(bob), pytest.raises(NotFound):
        await storage.client("converter").check_source(file.uri, "jobs/bob/1/input.csv")
