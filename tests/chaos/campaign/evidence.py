"""What S3 and NATS themselves say, read with their own clients and with nothing of the suite's code."""

import asyncio
import contextlib
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import boto3
import nats
import nats.errors
from botocore.config import Config
from botocore.exceptions import ClientError
from nats.aio.msg import Msg

TASKS, JOBS, INDEX = "tasks/", "jobs/", "index/"
_METADATA = "/job_metadata.json"
_TERMINAL = {"completed", "error", "failed", "cancelled"}
_READERS = 16


@dataclass(frozen=True, slots=True)
class Found:
    """A job's record as it stands in the bucket."""

    key: str
    document: Mapping[str, Any]

    @property
    def job(self) -> Mapping[str, Any]:
        """What every job's record holds."""
        found: Mapping[str, Any] = self.document.get("_job", {})
        return found

    @property
    def job_id(self) -> str:
        """The job's id."""
        return str(self.job.get("job_id", ""))

    @property
    def status(self) -> str:
        """How it stands."""
        return str(self.job.get("status", ""))

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in _TERMINAL

    @property
    def endings(self) -> int:
        """How many ends its history tells."""
        return sum(entry["status"] in _TERMINAL for entry in self.job.get("history", ()))


class Bucket:
    """The bucket, past the proxy."""

    def __init__(self, url: str, name: str, access_key: str, secret_key: str) -> None:
        self._client = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=Config(
                s3={"addressing_style": "path"},
                max_pool_connections=_READERS,
                connect_timeout=2,
                read_timeout=10,
                retries={"max_attempts": 1},
            ),
        )
        self._name = name

    def list_keys(self, prefix: str = "") -> set[str]:
        """All keys that begin so."""
        return set(self._walk(prefix))

    def read(self, key: str) -> bytes | None:
        """An object's bytes; None where there is none."""
        try:
            content: bytes = self._client.get_object(Bucket=self._name, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        return content

    def read_records(self) -> dict[str, Found]:
        """The records of all jobs by key."""
        keys = [key for key in self._walk(TASKS) if key.endswith(".json")]
        keys += [key for key in self._walk(JOBS) if key.endswith(_METADATA)]
        with ThreadPoolExecutor(_READERS) as pool:
            found = {}
            for key, content in zip(keys, pool.map(self.read, keys), strict=True):
                if content is not None:
                    document = json.loads(content)
                    if "_job" in document and document["_job"]["status"] != "deleted":
                        found[key] = Found(key, document)
        return found

    def holds(self, key: str, sha256: str) -> bool:
        """Whether a key holds these bytes."""
        content = self.read(key)
        return content is not None and hashlib.sha256(content).hexdigest() == sha256

    def delete_some_index_keys(self, count: int, seed: int) -> bool:
        """Deletes index keys, as a hand or a lost disk does; False where S3 is down or there are none."""
        with contextlib.suppress(ClientError, OSError, Exception):
            keys = sorted(self._walk(INDEX))
            chosen = random.Random(seed).sample(keys, min(count, len(keys)))
            for key in chosen:
                self._client.delete_object(Bucket=self._name, Key=key)
            return bool(chosen)
        return False

    def _walk(self, prefix: str) -> Iterator[str]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix):
            for item in page.get("Contents", ()):
                yield item["Key"]


def expected_index(records: Mapping[str, Found]) -> set[tuple[str, str, str, str]]:
    """What the index should say of records: kind, state, whose list (``all``, or a user), and the record's key."""
    wanted = set()
    for key, found in records.items():
        own = found.document["_record"]
        if own["state"]:
            for whose in ("all", own["user_id"]):
                if whose:
                    wanted.add((own["kind"], own["state"], whose, key))
    return wanted


def read_index(keys: set[str]) -> set[tuple[str, str, str, str]]:
    """What index keys say, in the form of ``expected_index``; one that cannot be read stands for itself."""
    said = set()
    for key in keys:
        parts = key.split("/")
        try:
            _, kind, state, whose, *rest = parts
            if whose == "user":
                whose, *rest = unquote(rest[0]), *rest[1:]
            said.add((kind, state, whose, unquote("".join(rest).split("~")[1])))
        except (ValueError, IndexError):
            said.add(("unreadable", "", "", key))
    return said


class EventLog:
    """Every terminal event that NATS has carried: heard as it passed, and read from the stream before it goes.

    ``seen`` has, by job and generation, the ids of terminal events; ``bodies`` the digests of what each id carried.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.bodies: defaultdict[str, set[str]] = defaultdict(set)
        self._client: nats.NATS | None = None

    async def __aenter__(self) -> "EventLog":
        """Listens."""
        self._client = await nats.connect(
            self._url,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.05,  # type: ignore[arg-type]
            error_cb=_pass_over,
        )
        await self._client.subscribe("wealth.>", cb=self._hear)
        return self

    async def __aexit__(self, *_failure: object) -> None:
        """Stops listening."""
        if self._client is not None:
            await self._client.close()

    async def collect(self) -> None:
        """Reads what the stream holds, as far as NATS answers."""
        client = None
        try:
            client = await nats.connect(self._url, allow_reconnect=False, connect_timeout=2, error_cb=_pass_over)
            async with asyncio.timeout(60):
                subscription = await client.jetstream().subscribe("wealth.>", ordered_consumer=True)
                pending = (await subscription.consumer_info()).num_pending or 0
                for _ in range(pending):
                    await self._hear(await subscription.next_msg(timeout=5))
        except (nats.errors.Error, TimeoutError, OSError):
            return  # it is down, or its stream is gone: what was heard stays
        finally:
            if client is not None:
                await client.close()

    async def _hear(self, message: Msg) -> None:
        parts, headers = message.subject.split("."), message.headers or {}
        event_id = headers.get("ce-id", "")
        if len(parts) < 5 or parts[4] not in _TERMINAL or not event_id:
            return
        job_id = parts[-1]
        self.seen[job_id, headers.get("wealth-generation", "1")].add(event_id)
        self.bodies[event_id].add(hashlib.sha256(message.data).hexdigest())


async def _pass_over(_error: Exception) -> None:
    """A connection to a NATS that is being killed breaks."""
