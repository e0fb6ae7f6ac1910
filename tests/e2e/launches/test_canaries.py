"""Secrets of tasks that run before an AI platform stand nowhere but in memory: every place is searched for canaries."""

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import aioboto3
import httpx
import nats
import pytest

from tests.support.ai_platform import AiPlatform, run_ai_platform
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, launched_suite

SNAPSHOT = {"Market Value": "₹1,20,00,000", "Investment Value": "₹1.0 Cr", "Top Asset": "Equity (65%)"}
USER = "ananya"


@dataclass
class Scene:
    """A suite whose AI platform knows these secrets, and what its answers and events said meanwhile."""

    suite: LaunchedSuite
    client: httpx.AsyncClient
    platform: AiPlatform
    password: str
    wrong_password: str
    seen: dict[str, bytes] = field(default_factory=dict)

    @property
    def of_tasks(self) -> list[bytes]:
        """What no place may hold: both passwords, and the beginning of every token."""
        return [word.encode() for word in (self.password, self.wrong_password, self.platform.token_prefix)]

    @property
    def all(self) -> list[bytes]:
        """These and the tenant's API key, which stands in the environment of the portfolio's processes alone."""
        return [*self.of_tasks, self.platform.api_key.encode()]

    async def submit(self, password: str) -> str:
        """Submits a task; its id."""
        answer = await self.client.post(
            "/task/submit", json={"username": USER, "password": password, "data": [SNAPSHOT]}
        )
        assert answer.status_code == 202, answer.text
        self.note(answer)
        return str(answer.json()["task_id"])

    async def read(self, task_id: str, *whats: str) -> None:
        """Reads what REST tells of a task, its events to the end included."""
        for what in whats:
            self.note(await self.client.get(f"/task/{task_id}/{what}"))

    async def until(self, task_id: str, status: str) -> None:
        """Waits until a task stands so."""

        async def stands() -> bool:
            return bool((await self.client.get(f"/task/{task_id}/status")).json()["status"] == status)

        await eventually(stands, within_s=300, every_s=0.1)

    def note(self, answer: httpx.Response) -> None:
        """Keeps an answer, headers included, to be searched."""
        self.seen[f"{answer.request.method} {answer.request.url} {len(self.seen)}"] = (
            str(answer.headers).encode() + answer.content
        )


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """A suite of the test's own before a platform of the test's own."""
    sections = tmp_path / "sections.yaml"
    shipped = resources.files("services.portfolio").joinpath("sections.yaml").read_text()
    sections.write_text(shipped.replace('asset_id: ""', 'asset_id: "asset-7"'))
    password, wrong, key, token = (f"canary-{secrets.token_hex(12)}" for _ in range(4))
    async with run_ai_platform(
        username=USER, password=password, api_key=key, token_prefix=f"{token}-", many_sessions=True
    ) as platform:
        settings = {
            "PORTFOLIO_PROVIDER": "platform",
            "PORTFOLIO_SECTIONS_FILE": str(sections),
            "PORTFOLIO_PLATFORM_POLL_S": "0.2",
            "BASE_URL": platform.url,
            "API_KEY": key,
            "TENANT_ID": "acme",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "DEBUG",
        }
        folder = tmp_path / "suite"
        with launched_suite(folder, settings) as suite:
            async with suite.client() as client:
                yield Scene(suite, client, platform, password, wrong)


@pytest.mark.slow
async def test_rule_12_password_token_and_key_stand_nowhere(scene: Scene) -> None:
    done = await scene.submit(scene.password)
    await scene.until(done, "completed")
    refused = await scene.submit(scene.wrong_password)
    await scene.until(refused, "error")
    scene.platform.polls_until_done = 10_000
    in_flight = await scene.submit(scene.password)
    await eventually(lambda: scene.platform.calls["addmessage"] == 2)
    await scene.read(done, "status", "result", "report", "events")
    await scene.read(refused, "status", "result", "report", "events")
    await scene.read(in_flight, "status", "result", "report")
    for path in ("/tasks", "/health", "/queue/status", "/metrics", "/dashboard"):
        scene.note(await scene.client.get(path))

    objects = await read_bucket(scene.suite.document["s3"])
    messages = await read_messages(scene.suite.document["nats"])
    files = read_files(scene.suite.folder)
    processes = read_processes(scene.suite)

    # The places are really searched: each holds what is known to be there.
    assert any(in_flight.encode() in content for content in objects.values())
    assert any(key.endswith(".json") and "private/" in key for key in objects)
    assert any(done.encode() in content for content in messages.values())
    assert any(done.encode() in content for path, content in files.items() if "logs" in path)
    holders = {name for name, content in processes.items() if scene.platform.api_key.encode() in content}
    assert holders == {"environment of portfolio", "environment of portfolio-worker", "environment of launcher"}

    assert find({**scene.seen, **objects, **messages, **files}, scene.all) == []
    assert find(processes, scene.of_tasks) == []


def find(places: dict[str, bytes], canaries: list[bytes]) -> list[str]:
    """The places that hold one of these."""
    return [place for place, content in places.items() if any(canary in content for canary in canaries)]


async def read_bucket(s3: dict[str, str]) -> dict[str, bytes]:
    """Every object of the suite's bucket, as S3 gives it back."""
    session = aioboto3.Session(
        aws_access_key_id=s3["access_key"], aws_secret_access_key=s3["secret_key"], region_name="us-east-1"
    )
    found = {}
    async with session.client("s3", endpoint_url=s3["url"]) as client:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=s3["bucket"])
        keys = [item["Key"] async for page in pages for item in page.get("Contents", [])]
        for key in keys:
            answer: Any = await client.get_object(Bucket=s3["bucket"], Key=key)
            found[f"object {key}"] = str(answer["Metadata"]).encode() + await answer["Body"].read()
    return found


async def read_messages(url: str) -> dict[str, bytes]:
    """Every message of every stream, key-value buckets included: subject, headers and data."""
    found = {}
    connection = await nats.connect(url)
    js = connection.jetstream()
    for stream in await js.streams_info():
        for sequence in range(max(1, stream.state.first_seq), stream.state.last_seq + 1):
            try:
                message = await js.get_msg(stream.config.name or "", sequence)
            except nats.js.errors.NotFoundError:
                continue  # consumed or superseded
            content = f"{message.subject} {message.headers}".encode() + (message.data or b"")
            found[f"message {sequence} of {stream.config.name}"] = content
    await connection.close()
    return found


def read_files(folder: Path) -> dict[str, bytes]:
    """Every file of the suite but the description of its processes, which its owner alone can read: NATS' and S3's
    stores, and all logs."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "suite.json":
            found[f"file {path.relative_to(folder)}"] = path.read_bytes()
    assert folder.joinpath("suite.json").stat().st_mode & 0o077 == 0
    return found


def read_processes(suite: LaunchedSuite) -> dict[str, bytes]:
    """The command lines of all processes of this machine, and the environments of the suite's."""
    found = {f"command {pid}": content for pid, content in list_commands()}
    for name, pid in {**suite.document["pids"], "launcher": suite.launcher.pid}.items():
        found[f"environment of {name}"] = Path(f"/proc/{pid}/environ").read_bytes()
    return found


def list_commands() -> Iterator[tuple[str, bytes]]:
    """The process ids of this machine and their command lines."""
    for pid in (path.name for path in Path("/proc").iterdir() if path.name.isdigit()):
        try:
            yield pid, Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
