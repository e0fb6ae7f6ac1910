"""The campaign's checker finds what it is there to find: each law is broken by hand in a bucket where all was well."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from services.launcher.embedded import S3Server
from tests.chaos.campaign.evidence import Bucket, EventLog
from tests.chaos.campaign.judging import compare_index, judge, list_open
from tests.chaos.campaign.load import NEW_SHIPMENTS, Promise, Promises
from tests.chaos.campaign.schedule import Ending, JobKind, PlannedJob

USER = "alice"
_CONFIG = Config(s3={"addressing_style": "path"})
TASK_KEY, JOB_FOLDER = "tasks/task_1.json", f"jobs/{USER}/job-1/"
JOB_KEY, OUTPUT_KEY = f"{JOB_FOLDER}job_metadata.json", f"{JOB_FOLDER}g1/a1/output.csv"


def make_record(job_id: str, kind: str, status: str = "completed", **body: Any) -> dict[str, Any]:
    """A record of a job that ran once."""
    entries = [{"status": "pending"}, {"status": status}]
    job = {"job_id": job_id, "user_id": USER, "status": status, "generation": 1, "history": entries, "manifest": {}}
    own = {"kind": kind, "user_id": USER, "state": status, "created_ms": 1, "revision": 2, "write_id": "w"}
    return {**body, "_job": job, "_record": own}


@dataclass
class Scene:
    """A bucket with a task and an inference, what their clients were promised, and the events that were seen."""

    client: Any
    name: str
    bucket: Bucket
    promises: Promises
    events: EventLog

    def put(self, key: str, content: bytes | dict[str, Any]) -> None:
        """Writes an object."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.delete(key)  # this S3 lets boto3, which asks first (Expect: 100-continue), wait for long to replace one
        self.client.put_object(Bucket=self.name, Key=key, Body=body)

    def delete(self, key: str) -> None:
        """Deletes an object."""
        self.client.delete_object(Bucket=self.name, Key=key)

    def change(self, key: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Changes a record."""
        document = json.loads(self.bucket.read(key) or b"")
        change(document)
        self.put(key, document)

    def broken(self) -> set[str]:
        """The names of the laws that are broken."""
        verdict = judge(self.promises, self.bucket, self.bucket.read_records(), self.events)
        return {law for law, items in verdict.laws.items() if items}


def index_key(kind: str, state: str, whose: str, key: str) -> str:
    """An index key as storage writes it."""
    end = "" if whose != "all" else f"~{USER}"
    return f"index/{kind}/{state}/{whose}/0000000000001~{quote(key, safe='')}{end}"


INDEX = [
    index_key(kind, "completed", whose, key)
    for kind, key in (("portfolio.task", TASK_KEY), ("converter.job", JOB_KEY))
    for whose in ("all", f"user/{USER}")
]


@pytest.fixture
def scene(s3_server: S3Server) -> Iterator[Scene]:
    """All is well."""
    name, credentials = f"test-{uuid4().hex[:16]}", s3_server.credentials
    client = boto3.client(
        "s3", endpoint_url=s3_server.url, region_name="us-east-1", config=_CONFIG,
        aws_access_key_id=credentials.access_key, aws_secret_access_key=credentials.secret_key,
    )  # fmt: skip
    client.create_bucket(Bucket=name)
    promises = Promises(
        kept=[
            Promise(PlannedJob(1, 0, JobKind.TASK, Ending.WAIT, 0), USER, "task_1"),
            Promise(PlannedJob(2, 0, JobKind.INFERENCE, Ending.WAIT, 0), USER, "job-1"),
        ]
    )
    events = EventLog("")
    bucket = Bucket(s3_server.url, name, credentials.access_key, credentials.secret_key)
    made = Scene(client, name, bucket, promises, events)
    made.put(TASK_KEY, make_record("task_1", "portfolio.task", sections={"a": {"status": "completed"}}))
    inference = make_record("job-1", "converter.job")
    digest = hashlib.sha256(NEW_SHIPMENTS.encode()).hexdigest()
    inference["_job"]["manifest"] = {"output": {"key": OUTPUT_KEY, "sha256": digest}}
    made.put(JOB_KEY, inference)
    made.put(OUTPUT_KEY, NEW_SHIPMENTS.encode())
    for key in INDEX:
        made.put(key, b"")
    for job_id in ("task_1", "job-1"):
        events.seen[job_id, "1"].add(f"{job_id}:1:2")
        events.bodies[f"{job_id}:1:2"].add("digest")
    yield made
    client.close()


def test_where_all_is_well_nothing_is_found(scene: Scene) -> None:
    assert scene.broken() == set()
    assert compare_index(scene.bucket) == []
    assert list_open(scene.promises, scene.bucket.read_records()) == []


def end_differently(document: dict[str, Any]) -> None:
    """Lets a job have failed."""
    document["_job"]["status"] = document["_job"]["history"][-1]["status"] = "failed"


DAMAGES: dict[str, tuple[str, Callable[[Scene], object]]] = {
    "a record is gone": ("jobs lost", lambda scene: scene.delete(TASK_KEY)),
    "a job never ends": (
        "jobs lost",
        lambda scene: scene.change(TASK_KEY, lambda document: document["_job"].update(status="processing")),
    ),
    "a job ended twice": (
        "jobs doubled",
        lambda scene: scene.change(TASK_KEY, lambda document: document["_job"]["history"].append({"status": "error"})),
    ),
    "one key gave one job twice": (
        "jobs doubled",
        lambda scene: scene.promises.kept.append(scene.promises.kept[0]),
    ),
    "there is a job that nobody asked for": (
        "jobs doubled",
        lambda scene: scene.put("tasks/task_2.json", make_record("task_2", "portfolio.task", sections={"a": {}})),
    ),
    "a job has two terminal events": (
        "jobs doubled",
        lambda scene: scene.events.seen["task_1", "1"].add("task_1:1:3"),
    ),
    "a good example fails": ("wrong verdicts", lambda scene: scene.change(JOB_KEY, end_differently)),
    "a section fails": (
        "wrong verdicts",
        lambda scene: scene.change(TASK_KEY, lambda document: document["sections"]["a"].update(status="error")),
    ),
    "an output is another": ("wrong verdicts", lambda scene: scene.put(OUTPUT_KEY, b"other")),
    "an output is gone": ("wrong verdicts", lambda scene: scene.delete(OUTPUT_KEY)),
    "a cancelled job completed": (
        "wrong verdicts",
        lambda scene: setattr(scene.promises.kept[0], "cancelled", True),
    ),
    "a deleted job left something": (
        "left of deleted jobs",
        lambda scene: setattr(scene.promises.kept[1], "deleted", True),
    ),
    "an end was not told": ("terminal events missing", lambda scene: scene.events.seen.clear()),
    "an event came in two versions": (
        "events of one id that differ",
        lambda scene: scene.events.bodies["task_1:1:2"].add("another digest"),
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_each_law_that_is_broken_is_found_and_no_other(scene: Scene, name: str) -> None:
    law, damage = DAMAGES[name]
    damage(scene)
    assert scene.broken() == {law}


@pytest.mark.parametrize("key", INDEX)
def test_an_index_key_that_is_missing_or_too_many_is_found(scene: Scene, key: str) -> None:
    scene.delete(key)
    assert len(compare_index(scene.bucket)) == 1
    scene.put(key, b"")
    scene.put(key.replace("/completed/", "/open/"), b"")
    assert len(compare_index(scene.bucket)) == 1


def test_index_keys_are_deleted_as_the_seed_says(scene: Scene) -> None:
    assert scene.bucket.delete_some_index_keys(3, seed=1)
    assert len(scene.bucket.list_keys("index/")) == len(INDEX) - 3
