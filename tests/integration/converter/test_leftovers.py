"""Rules 5 and 21: what attempts uploaded and no record names is cleared, whatever became of the job."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.common.context import acting_as
from services.common.identity import ALL_USERS, Principal, service_principal
from services.common.jobs.record import Artefact, Fault, JobRecord, new_record
from services.common.storage import StorageClient
from services.converter.domain.places import Places
from services.converter.leftovers import clear_leftovers, may_have_left_something
from services.launcher.embedded import S3Server
from tests.support.jobs import CALLER, run_probe_storage
from tests.support.storage import new_bucket

PLACES = Places("probe/")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FOLDER = PLACES.folder("alice", "1")
OUTPUT = f"{PLACES.attempt_folder('alice', '1', 2, 3)}output.csv"
KEPT_REPORT = f"{PLACES.attempt_folder('alice', '1', 1, 1)}report.json"
# Everything that two generations of a job of several attempts may have put into its folder.
UPLOADED = {
    PLACES.inline_key("alice", "1", 1, "input.csv"),
    KEPT_REPORT,
    f"{PLACES.attempt_folder('alice', '1', 1, 1)}output.csv",
    f"{PLACES.attempt_folder('alice', '1', 2, 1)}output.csv",
    f"{PLACES.attempt_folder('alice', '1', 2, 2)}output.csv",
    OUTPUT,
    f"{PLACES.attempt_folder('alice', '1', 2, 3)}review.json",
    f"{PLACES.attempt_folder('alice', '1', 3, 1)}output.csv",  # a retraining has begun
    PLACES.program_key("alice", "1", 1, "0" * 64),
    PLACES.fixed_key("alice", "1", "output.csv"),
}
STAYS = {key for key in UPLOADED if "/a" not in key.removeprefix(FOLDER) or key.startswith(f"{FOLDER}g3/")}


@pytest.fixture
async def storage(s3_server: S3Server) -> AsyncIterator[StorageClient]:
    """A storage that holds what the job's attempts uploaded, and something of another job whose id begins alike."""
    async with (
        new_bucket(s3_server) as connection,
        run_probe_storage(s3_server, connection.options.bucket) as running,
    ):
        client = running.client(CALLER)
        with acting_as(service_principal("acme", CALLER)):
            for key in UPLOADED | {f"{PLACES.attempt_folder('alice', '10', 1, 1)}output.csv"}:
                await client.put_object(key, b"x")
            yield client


def ended(status: str, **changes: object) -> JobRecord:
    """The job's second generation, ended in its third attempt."""
    record = new_record(
        Principal("acme", "key:1", frozenset({ALL_USERS})),
        user_id="alice", job_id="1", now=NOW, status=status, message="", body={},
    )  # fmt: skip
    return replace(record, generation=2, attempt=3, finished_at=NOW, **changes)  # type: ignore[arg-type]


ENDS = {
    "completed": (ended("completed", manifest={"output": Artefact(OUTPUT, 1, "0" * 64)}), {OUTPUT}),
    "cancelled": (ended("cancelled"), set()),
    "failed": (ended("failed", error=Fault("NOT_LEARNED", "why")), set()),
    "failed, with its former report in use": (
        ended("failed", body={"versions": [{"report": {"key": KEPT_REPORT}}]}),
        {KEPT_REPORT},
    ),
}


@pytest.mark.parametrize("name", ENDS)
async def test_rule_21_what_no_record_names_is_cleared_and_all_else_stays(storage: StorageClient, name: str) -> None:
    record, named = ENDS[name]
    assert await clear_leftovers(storage, PLACES, record) == len(UPLOADED - STAYS - named)
    left = {item.key for item in (await storage.list_objects(FOLDER)).objects}
    assert left == STAYS | named
    assert len((await storage.list_objects("probe/alice/10/")).objects) == 1
    assert await clear_leftovers(storage, PLACES, record) == 0


@pytest.mark.parametrize(
    ("status", "attempt", "generation", "age", "looks"),
    [
        ("completed", 1, 1, timedelta(hours=2), False),
        ("completed", 2, 1, timedelta(hours=2), True),
        ("completed", 1, 2, timedelta(hours=2), True),
        ("cancelled", 1, 1, timedelta(hours=2), True),
        ("failed", 1, 1, timedelta(hours=2), True),
        ("failed", 1, 1, timedelta(minutes=59), False),
        ("failed", 1, 1, timedelta(days=8), False),
    ],
)
def test_only_jobs_that_may_have_left_something_are_looked_at(
    status: str, attempt: int, generation: int, age: timedelta, looks: bool
) -> None:
    record = replace(ended(status), attempt=attempt, generation=generation)
    assert may_have_left_something(record, NOW + age, completed="completed") is looks
