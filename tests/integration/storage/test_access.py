"""Who may call what: services within their namespaces, and nobody else."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from services.common.channels import STREAM_CHUNK_BYTES
from services.common.context import acting_as
from services.common.errors import Denied, Exhausted, InvalidInput, Unauthenticated
from services.common.identity import Principal, TokenSigner, service_principal
from services.common.storage import StorageClient
from services.launcher.embedded import S3Server
from tests.support.storage import RunningStorage, new_bucket, run_storage


async def test_17_a_caller_without_a_grant_is_denied(storage: RunningStorage, tenant: str) -> None:
    with acting_as(service_principal(tenant, "stranger")), pytest.raises(Denied):
        await storage.client("stranger").get_record("tasks/a.json")


async def test_17_a_call_without_a_service_token_is_refused(storage: RunningStorage) -> None:
    with pytest.raises(Unauthenticated):
        await storage.client("portfolio").get_record("tasks/a.json")


async def test_17_a_token_signed_by_another_key_is_refused(storage: RunningStorage, portfolio: Principal) -> None:
    forged = StorageClient.connect(storage.target, TokenSigner("portfolio", storage.keys["stranger"]))
    with acting_as(portfolio), pytest.raises(Unauthenticated):
        await forged.get_record("tasks/a.json")
    await forged.close()


async def test_17_the_gateway_may_not_read_records(storage: RunningStorage, tenant: str) -> None:
    everything = Principal(tenant, "key:1", frozenset({"*"}), frozenset({"files", "converter", "service"}))
    with acting_as(everything), pytest.raises(Denied) as caught:
        await storage.client("gateway").get_record("tasks/a.json")
    assert caught.value.reason == "KEY_NOT_ALLOWED"


async def test_17_the_gateway_keeps_marks_of_sign_outs_and_touches_nothing_else(storage: RunningStorage) -> None:
    client, mark = storage.client("gateway"), f"tombstones/gateway/{uuid4().hex}.json"
    with acting_as(service_principal("default", "gateway")):
        await client.create_record(mark, {}, kind="gateway.session")
        assert (await client.get_record(mark)).key == mark
        for key in ("tasks/a.json", "tombstones/portfolio/a.json", "private/a", "idempotency/converter/a"):
            with pytest.raises(Denied) as caught:
                await client.get_record(key)
            assert caught.value.reason == "KEY_NOT_ALLOWED"


@pytest.mark.parametrize("key", ["jobs/alice/1/job_metadata.json", "idempotency/converter/1", "tasksx/1", "private"])
async def test_17_portfolio_may_not_touch_other_namespaces(
    storage: RunningStorage, portfolio: Principal, key: str
) -> None:
    with acting_as(portfolio), pytest.raises(Denied):
        await storage.client("portfolio").get_object_info(key)


async def test_17_portfolio_may_not_list_the_converters_kinds(storage: RunningStorage, portfolio: Principal) -> None:
    with acting_as(portfolio), pytest.raises(Denied):
        await storage.client("portfolio").list_records("converter.job", ["open"])


@pytest.mark.parametrize(
    "key",
    [
        "tasks//a", "tasks/../jobs/a", "tasks/./a", "/tasks/a", "tasks/a/", "tasks/a\n", "tasks/a\u202e",
        "index/a", "tenants/other/tasks/a", "files/alice/1/content", "index", "tasks/" + "x" * 256,
    ],
)  # fmt: skip
async def test_16_a_key_that_is_no_plain_path_is_refused(
    storage: RunningStorage, portfolio: Principal, key: str
) -> None:
    with acting_as(portfolio), pytest.raises(InvalidInput) as caught:
        await storage.client("portfolio").get_object_info(key)
    assert caught.value.field == "key"


async def test_more_transfers_than_may_run_at_once_are_refused_not_queued(
    s3_server: S3Server, portfolio: Principal
) -> None:
    release, begun = asyncio.Event(), asyncio.Event()

    async def hold() -> AsyncIterator[bytes]:
        yield b"x" * STREAM_CHUNK_BYTES
        begun.set()
        await release.wait()

    async with (
        new_bucket(s3_server) as connection,
        run_storage(s3_server, connection.options.bucket, storage_max_transfers=1, storage_max_wait_s=0.1) as storage,
    ):
        client = storage.client("portfolio")
        with acting_as(portfolio):
            held = asyncio.create_task(client.put_object("tasks/held", hold()))
            await begun.wait()
            with pytest.raises(Exhausted):
                await client.put_object("tasks/one-more", b"x")
            release.set()
            await held
            await client.put_object("tasks/one-more", b"x")
