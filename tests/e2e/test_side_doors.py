"""Whoever is on the machine reaches every port of a suite: none gives or takes anything without a key.

The ports are not listed here: they are those on which the suite's processes listen.
"""

import asyncio
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import boto3
import grpc
import grpc.aio
import httpx
import pytest

from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, list_family

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's tables of sockets")

CANARY = "canary-4b1d7c"
READS = (
    "/",
    "/buckets/wealth/?limit=1000&pretty=y",
    "/dir/assign",
    "/dir/status?pretty=y",
    "/dir/lookup?volumeId=1",
    "/vol/status",
    "/vol/grow?count=1",
    "/ui/index.html",
    "/stats/disk",
    "/debug/pprof/cmdline",
    "/varz",
    "/connz?auth=1",
    "/jsz?streams=1&config=1",
    "/subsz?subs=1",
    "/metrics",
    "/status",
)
# What weed's parts and the services would do for whoever has not to say who they are.
GRPC_CALLS = (
    "/filer_pb.SeaweedFiler/ListEntries",
    "/filer_pb.SeaweedFiler/GetFilerConfiguration",
    "/master_pb.Seaweed/Assign",
    "/master_pb.Seaweed/VolumeList",
    "/volume_server_pb.VolumeServer/VolumeServerStatus",
    "/s3_pb.SeaweedS3/Configure",
    "/wealth.storage.v1.StorageService/ListFiles",
    "/wealth.portfolio.v1.PortfolioService/ListTasks",
    "/wealth.converter.v1.ConverterService/ListJobs",
)


@dataclass(frozen=True)
class Kept:
    """A suite with a finished task, the objects that hold it, and the ports on which somebody listens."""

    suite: LaunchedSuite
    task_id: str
    objects: dict[str, str]
    ports: list[int]

    def list_objects(self) -> dict[str, str]:
        """Every object's digest by its key, read with the key of S3."""
        return list_objects(self.suite)

    def urls(self, paths: tuple[str, ...]) -> list[str]:
        """Each path, and each object's, at each port."""
        places = [
            *paths,
            *(f"/buckets/wealth/{key}" for key in self.objects),
            *(f"/wealth/{key}" for key in self.objects),
        ]
        return [f"http://127.0.0.1:{port}{place}" for port in self.ports for place in places]


def list_objects(suite: LaunchedSuite) -> dict[str, str]:
    """Every object's digest by its key, read with the key of S3."""
    access = suite.document["s3"]
    client = boto3.client(
        "s3",
        endpoint_url=access["url"],
        aws_access_key_id=access["access_key"],
        aws_secret_access_key=access["secret_key"],
        region_name="us-east-1",
    )
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=access["bucket"])
    return {found["Key"]: found["ETag"] for page in pages for found in page.get("Contents", ())}


def list_sockets(pids: set[int]) -> set[str]:
    """The inodes of the sockets that these processes hold."""
    held = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                held |= set(re.findall(r"socket:\[(\d+)\]", str(descriptor.readlink())))
            except FileNotFoundError:  # closed meanwhile
                continue
    return held


def list_listening(pids: set[int]) -> list[int]:
    """The TCP ports on which these processes listen."""
    held = list_sockets(pids)
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    return sorted({int(line[1].rpartition(":")[2], 16) for line in lines if line[3] == "0A" and line[9] in held})


@pytest.fixture
async def kept(suite: LaunchedSuite, client: httpx.AsyncClient) -> Kept:
    """The running suite with a task that holds something worth reading."""
    payload = {"Market Value": "1200", "Investment Value": "1000", "Note": CANARY}
    body = {"username": "ananya", "password": "", "data": [payload]}
    task_id = (await client.post("/task/submit", json=body)).raise_for_status().json()["task_id"]

    async def is_over() -> bool:
        return (await client.get(f"/task/{task_id}/status")).json()["status"] in {"completed", "error"}

    await eventually(is_over, within_s=60)
    own = {key: tag for key, tag in list_objects(suite).items() if task_id in key}
    return Kept(suite, task_id, own, list_listening(list_family(suite.pids())))


async def test_no_port_tells_anything_of_a_task_without_a_key(kept: Kept) -> None:
    told = []
    async with httpx.AsyncClient(trust_env=False, timeout=10) as stranger:
        for url in kept.urls(READS):
            try:
                answer = await stranger.get(url)
            except httpx.TransportError:  # speaks no HTTP, or hangs up
                continue
            if CANARY in answer.text or (answer.is_success and kept.task_id in answer.text):
                told.append(url)
    assert told == []


async def test_no_port_takes_or_removes_an_object_without_a_key(kept: Kept) -> None:
    # Tombstones are written again when what they stand for is looked for once more, some time after it was deleted.
    before = {key: tag for key, tag in kept.list_objects().items() if "tombstones/" not in key}
    async with httpx.AsyncClient(trust_env=False, timeout=10) as stranger:
        for url in kept.urls(("/buckets/wealth/evil", "/1,01637037d6", "/submit", "/col/delete?collection=wealth")):
            for method in ("PUT", "POST", "DELETE"):
                try:
                    await stranger.request(method, url, content=b"evil")
                except httpx.TransportError:  # speaks no HTTP, or hangs up
                    continue
    after = kept.list_objects()
    assert {key: after.get(key) for key in before} == before
    assert [key for key in after if "evil" in key] == []


async def test_no_port_answers_a_grpc_call_that_nobody_signed(kept: Kept) -> None:
    answered = []
    for port in kept.ports:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            for method in GRPC_CALLS:
                try:
                    await channel.unary_unary(method)(b"", timeout=2)
                except grpc.aio.AioRpcError:
                    continue
                answered.append((port, method))
    assert answered == []


async def test_nats_lets_nobody_in_without_a_password(kept: Kept) -> None:
    answers = await asyncio.gather(*(ask_as_nats_client(port) for port in kept.ports))
    assert [port for port, answer in zip(kept.ports, answers, strict=True) if b"PONG" in answer] == []
    assert [answer for answer in answers if b"Authorization Violation" in answer]


async def ask_as_nats_client(port: int) -> bytes:
    """What a port says to a client of NATS that names no user, until it hangs up or a second has passed."""
    said = b""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"CONNECT {}\r\nPING\r\n")
        async with asyncio.timeout(1):
            while piece := await reader.read(4096):
                said += piece
    except (OSError, TimeoutError):  # hung up on, or waits for more: what came is what counts
        return said
    finally:
        writer.close()
    return said


async def test_pages_of_other_origins_are_given_nothing(kept: Kept) -> None:
    allowed = []
    async with httpx.AsyncClient(trust_env=False, timeout=10) as stranger:
        for port in kept.ports:
            try:
                answer = await stranger.get(f"http://127.0.0.1:{port}/", headers={"Origin": "http://evil.example"})
            except httpx.TransportError:  # speaks no HTTP, or hangs up
                continue
            # weed lets every page read its refusals.
            if answer.is_success and answer.headers.get("Access-Control-Allow-Origin") in ("*", "http://evil.example"):
                allowed.append(port)
    assert allowed == []


def test_sockets_in_the_file_system_are_their_owners_only(suite: LaunchedSuite) -> None:
    held = list_sockets(list_family(suite.pids()))
    lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    # Flag 00010000: it accepts connections. An abstract name (@) has no owner that the system would look at.
    listening = [line[7] for line in lines if len(line) > 7 and line[3] == "00010000" and line[6] in held]
    open_to_all = [
        name for name in listening if name.startswith("@") or stat.S_IMODE(Path(name).stat().st_mode) & 0o022
    ]
    assert listening
    assert open_to_all == []
