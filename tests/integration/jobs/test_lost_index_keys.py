"""Rule 24: index keys that another hand takes away are back after a round beside work, whatever their age."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial

import pytest

from services.common.clock import utc_now
from services.launcher.embedded import NatsServer, S3Server
from services.storage import app
from services.storage.adapters.s3_bucket import S3Connection
from services.storage.usecases.records import Records
from tests.support.eventually import eventually
from tests.support.jobs import Probe, run_probe, run_probe_storage
from tests.support.storage import new_bucket

JOBS = 5


def an_hour_later() -> datetime:
    """The time by which everything here was written long ago: no round looks back to it, nothing is too young."""
    return utc_now() + timedelta(hours=1)


@pytest.fixture
async def bucket(s3_server: S3Server) -> AsyncIterator[S3Connection]:
    """A bucket of the test's own."""
    async with new_bucket(s3_server) as connection:
        yield connection


@pytest.fixture
async def probe(
    nats_server: NatsServer, s3_server: S3Server, bucket: S3Connection, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Probe]:
    """A service whose storage and sweeper live an hour later."""
    monkeypatch.setattr(app, "Records", partial(Records, clock=an_hour_later))
    async with (
        run_probe_storage(s3_server, bucket.options.bucket) as storage,
        run_probe(nats_server.url, storage) as running,
    ):
        running.api.runtime.store.clock = an_hour_later
        yield running


async def index_keys(bucket: S3Connection, probe: Probe) -> list[str]:
    """The tenant's index as it stands in the bucket."""
    page = await bucket.store.list_page(f"tenants/{probe.tenant}/index/", start_after="", limit=1000)
    return sorted(item.key for item in page.objects)


async def test_rule_24_keys_that_another_hand_takes_away_are_back_after_a_round(
    probe: Probe, bucket: S3Connection
) -> None:
    await probe.start_worker()
    for record in [await probe.accept() for _ in range(JOBS)]:
        await probe.until(record, "completed", within_s=300)
    await probe.until_queue_is_empty(within_s=300)
    whole = await index_keys(bucket, probe)
    assert len(whole) == 2 * JOBS
    sweeper = probe.make_sweeper(reconcile_interval_s=0.2, scan_interval_s=3600)
    await sweeper.start()
    try:
        # The first round, over everything, is not what finds them.
        await eventually(lambda: sweeper.upkeep.is_under_way, within_s=300, every_s=0.001)
        await eventually(lambda: not sweeper.upkeep.is_under_way, within_s=300)
        # All of one job, one of the user's of another, one of all users' of a third.
        lost = [*(key for key in whole if whole[0].rpartition("/")[2] in key), whole[-1], whole[1]]
        await bucket.store.delete(lost)
        assert len(await index_keys(bucket, probe)) < len(whole)

        async def is_whole() -> bool:
            return await index_keys(bucket, probe) == whole

        await eventually(is_whole, within_s=300)
    finally:
        await sweeper.stop()
