"""The bootstrap command: the bucket, its lifecycle rules and the queues."""

import asyncio
import os
import subprocess
import sys
from typing import Any
from uuid import uuid4

import nats
import pytest
from pydantic import SecretStr

from services.common.context import acting_as
from services.common.errors import Unavailable
from services.common.identity import service_principal
from services.launcher.embedded import NatsServer, S3Server
from services.storage import app
from services.storage.adapters.s3_bucket import connect_bucket
from services.storage.adapters.s3_options import Breaker
from services.storage.app import refresh_lifecycle
from services.storage.settings import StorageSettings
from tests.support.eventually import eventually
from tests.support.storage import run_storage, s3_options


@pytest.fixture
def settings(s3_server: S3Server, nats_server: NatsServer) -> StorageSettings:
    return StorageSettings(
        s3_bucket_name=f"test-{uuid4().hex[:16]}",
        s3_endpoint_url=s3_server.url,
        aws_access_key_id=SecretStr(s3_server.credentials.access_key),
        aws_secret_access_key=SecretStr(s3_server.credentials.secret_key),
        nats_url=SecretStr(nats_server.url),
        storage_bootstrap_timeout_s=20,
    )


async def bootstrap(settings: StorageSettings) -> None:
    async with app.connect(settings) as connection:
        await app.bootstrap(settings, connection)


async def read_rules(server: S3Server, bucket: str) -> dict[str, Any]:
    async with connect_bucket(s3_options(server, bucket), Breaker()) as connection:
        answer = await connection.client.get_bucket_lifecycle_configuration(Bucket=bucket)
    return {rule["ID"]: rule for rule in answer["Rules"]}


async def test_bootstrap_makes_bucket_rules_and_queues(
    settings: StorageSettings, s3_server: S3Server, nats_server: NatsServer
) -> None:
    await bootstrap(settings)
    rules = await read_rules(s3_server, settings.s3_bucket_name)
    assert rules["wealth-tasks"]["Filter"] == {"Prefix": "tasks/"}
    assert rules["wealth-tasks"]["Expiration"] == {"Days": 30}
    assert "wealth-jobs" not in rules
    client = await nats.connect(nats_server.url)
    assert (await client.jetstream().stream_info("JOBS_PORTFOLIO")).config.max_msgs_per_subject == 1
    await client.close()


async def test_bootstrap_again_keeps_the_rules_of_others_and_covers_new_tenants(
    settings: StorageSettings, s3_server: S3Server
) -> None:
    await bootstrap(settings)
    bucket = settings.s3_bucket_name
    foreign = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "theirs/"}, "Expiration": {"Days": 3}}
    async with connect_bucket(s3_options(s3_server, bucket), Breaker()) as connection:
        await connection.client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [foreign]}
        )
        await connection.store.put("tenants/acme%2Finc/tasks/a.json", b"{}")
    changed = settings.model_copy(update={"storage_task_days": 5, "storage_job_days": 9})
    await bootstrap(changed)
    await bootstrap(changed)
    rules = await read_rules(s3_server, bucket)
    assert rules["theirs"]["Expiration"] == {"Days": 3}
    assert rules["wealth-tasks"]["Expiration"] == {"Days": 5}
    assert rules["wealth-jobs"]["Expiration"] == {"Days": 9}
    assert rules["wealth-tenants.acme%2Finc.tasks"]["Filter"] == {"Prefix": "tenants/acme%2Finc/tasks/"}


async def test_a_tenant_that_comes_later_gets_its_rules_from_the_running_service(
    settings: StorageSettings, s3_server: S3Server
) -> None:
    await bootstrap(settings)
    bucket, rule = settings.s3_bucket_name, "wealth-tenants.later.tasks"
    async with run_storage(s3_server, bucket, storage_lifecycle_interval_s=0.05) as running:
        records = running.client("portfolio")
        assert rule not in await read_rules(s3_server, bucket)
        with acting_as(service_principal("later", "portfolio")):
            await records.create_record("tasks/a.json", {}, kind="portfolio.task", write_id="write-0001")

        async def is_covered() -> bool:
            return rule in await read_rules(s3_server, bucket)

        await eventually(is_covered, every_s=0.05)
    assert (await read_rules(s3_server, bucket))[rule]["Expiration"] == {"Days": settings.storage_task_days}


async def test_rules_that_stand_are_not_written_again(settings: StorageSettings, s3_server: S3Server) -> None:
    await bootstrap(settings)
    async with connect_bucket(s3_options(s3_server, settings.s3_bucket_name), Breaker()) as connection:
        assert await refresh_lifecycle(connection, settings) is False
        await connection.store.put("tenants/acme/tasks/a.json", b"{}")
        assert await refresh_lifecycle(connection, settings) is True


async def test_more_tenants_than_rules_do_not_keep_the_queues_from_being_made(
    settings: StorageSettings, s3_server: S3Server, nats_server: NatsServer
) -> None:
    await bootstrap(settings)
    before = await read_rules(s3_server, settings.s3_bucket_name)
    async with connect_bucket(s3_options(s3_server, settings.s3_bucket_name), Breaker()) as connection:
        await asyncio.gather(*(connection.store.put(f"tenants/t{n}/tasks/a.json", b"{}") for n in range(150)))
    client = await nats.connect(nats_server.url)
    await client.jetstream().delete_stream("JOBS_PORTFOLIO")
    await bootstrap(settings)
    assert (await client.jetstream().stream_info("JOBS_PORTFOLIO")).config.name == "JOBS_PORTFOLIO"
    await client.close()
    assert await read_rules(s3_server, settings.s3_bucket_name) == before


async def test_bootstrap_gives_up_in_time_where_s3_is_away(settings: StorageSettings) -> None:
    away = settings.model_copy(update={"s3_endpoint_url": "http://127.0.0.1:1", "storage_bootstrap_timeout_s": 0.5})
    with pytest.raises(OSError, match="S3 is not ready"):
        await bootstrap(away)


def test_the_command_ends_with_success_and_says_what_it_did(
    settings: StorageSettings, s3_server: S3Server, nats_server: NatsServer
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "S3_BUCKET_NAME": settings.s3_bucket_name,
        "S3_ENDPOINT_URL": s3_server.url,
        "AWS_ACCESS_KEY_ID": s3_server.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": s3_server.credentials.secret_key,
        "NATS_URL": nats_server.url,
    }
    done = subprocess.run(
        [sys.executable, "-m", "services.storage", "bootstrap"],
        env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "bootstrap_done" in done.stderr
    assert s3_server.credentials.secret_key not in done.stderr


async def test_queues_are_made_while_s3_is_not_there_yet(settings: StorageSettings, nats_server: NatsServer) -> None:
    await bootstrap(settings)
    client = await nats.connect(nats_server.url)
    streams = client.jetstream()
    await streams.delete_stream("JOBS_PORTFOLIO")
    away = settings.model_copy(update={"s3_endpoint_url": "http://127.0.0.1:1"})
    waiting = asyncio.ensure_future(bootstrap(away))

    async def is_there_again() -> bool:
        return "JOBS_PORTFOLIO" in {stream.config.name for stream in await streams.streams_info()}

    await eventually(is_there_again, within_s=300)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await client.close()


async def test_whether_there_is_a_bucket_is_asked_once(settings: StorageSettings) -> None:
    async with app.connect(settings) as connection:
        assert not await connection.lister.has_bucket()
        await app.bootstrap(settings, connection)
        assert await connection.lister.has_bucket()


async def test_a_bucket_of_an_s3_that_is_away_is_not_asked_for_with_waits_between(settings: StorageSettings) -> None:
    asked = 0

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, app.connect(settings.model_copy(update={"s3_endpoint_url": f"http://127.0.0.1:{port}"})) as away:
        with pytest.raises(Unavailable):
            await away.lister.has_bucket()

    assert asked <= 2  # aiohttp itself asks again, at once, where a connection is dropped
