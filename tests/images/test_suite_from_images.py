"""The suite from its images, as a cluster runs them: read-only, without capabilities, stopped by SIGTERM.

`make images-test` builds the images and runs this; the servers beside them are the embedded ones.
"""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.e2e.test_conversions import ORDERS, SHIPMENTS, encode, make_user, train, wait_until_over
from tests.support.launched_suite import LaunchedSuite, launched_suite

PREFIX = os.environ.get("WEALTH_TEST_IMAGES")
BASE = "docker.io/library/python:3.11-slim"
pytestmark = [
    pytest.mark.skipif(not PREFIX, reason="images are tested by `make images-test`"),
    pytest.mark.slow,
    pytest.mark.timeout(600),
]
# The machine's part of an environment is podman's, not the container's.
OF_THE_MACHINE = {"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "CONTAINERS_CONF"}
GRACE_S = 60
LOAD = 24


@dataclass
class Containers:
    """Service processes in containers, by name, over the launcher's NATS and S3."""

    suite: LaunchedSuite
    folder: Path
    running: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, *, role: str | None = None, **changes: str) -> None:
        """Starts a process; ``role`` where a second one of a kind gets a name of its own."""
        role = role or name
        service = role.partition("-")[0]
        settings = {
            key: value for key, value in self.suite.document["env"][role].items() if key not in OF_THE_MACHINE
        } | changes
        if "CONVERTER_WORK_DIR" in settings:
            settings["CONVERTER_WORK_DIR"] = "/work"
        if "GATEWAY_KEYS_FILE" in settings:
            settings["GATEWAY_KEYS_FILE"] = str(self._copy_readable(Path(settings["GATEWAY_KEYS_FILE"])))
        container = f"wealth-test-{name}-{uuid4().hex[:8]}"
        subprocess.run(
            [
                "podman", "run", "--detach", "--name", container, "--network", "host", "--pull", "never",
                "--read-only", "--tmpfs", "/tmp:rw,mode=1777", "--tmpfs", "/work:rw,mode=1777", "--cap-drop", "all",
                "--security-opt", "no-new-privileges", "--volume", f"{self.folder}:{self.folder}:ro",
                *(part for key in settings for part in ("--env", key)),
                f"{PREFIX}{service}:dev", *self.suite.document["commands"][role][3:],
            ],
            env={**os.environ, **settings}, check=True, capture_output=True, text=True,
        )  # fmt: skip
        self.running[name] = container

    def stop(self, name: str) -> int:
        """Stops a process as a kubelet does, SIGTERM first; returns its exit status (137: it had to be killed)."""
        container = self.running.pop(name)
        subprocess.run(["podman", "stop", "--time", str(GRACE_S), container], check=True, capture_output=True)
        seen = subprocess.run(
            ["podman", "inspect", "--format", "{{.State.ExitCode}}", container],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        self._remove(container)
        return int(seen.stdout)

    def close(self) -> None:
        """Removes what still runs; its logs are printed, for whoever looks at a failure."""
        for name, container in self.running.items():
            logs = subprocess.run(
                ["podman", "logs", "--tail", "20", container], capture_output=True, text=True, check=False
            )
            sys.stdout.write(f"== {name}\n{logs.stdout}{logs.stderr}")
            self._remove(container)

    def _remove(self, container: str) -> None:
        subprocess.run(["podman", "rm", "--force", "--time", "0", container], check=True, capture_output=True)

    def _copy_readable(self, source: Path) -> Path:
        """A copy for the containers' user, as a Secret's volume would be."""
        target = self.folder / source.name
        shutil.copyfile(source, target)
        target.chmod(0o444)
        return target


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """The suite, each of its own processes replaced by a container."""
    folder = tmp_path_factory.mktemp("mounted")
    for parent in (folder, *folder.parents[:-1]):
        if parent.is_relative_to(tmp_path_factory.getbasetemp().parent):
            parent.chmod(0o755)
    with launched_suite(tmp_path_factory.mktemp("suite")) as suite:
        containers = Containers(suite, folder)
        try:
            for name in (
                "storage",
                "portfolio",
                "portfolio-worker",
                "converter",
                "converter-worker",
                "gateway",
                "events",
            ):
                suite.kill(name)
                containers.start(name)
            yield containers
        finally:
            containers.close()


@pytest.fixture
async def client(containers: Containers) -> AsyncIterator[httpx.AsyncClient]:
    """A REST client of the healthy suite."""
    await containers.suite.wait_healthy()
    async with containers.suite.client() as client:
        yield client


async def submit(client: httpx.AsyncClient, count: int) -> list[tuple[str, str]]:
    """Asks for trainings; returns user and job of each that was accepted, which all must be."""
    accepted = []
    for _ in range(count):
        user = make_user()
        answer = await train(client, user, encode(ORDERS), encode(SHIPMENTS))
        assert answer.status_code == 202, answer.text
        accepted.append((user, answer.json()["job_id"]))
    return accepted


async def outcomes(client: httpx.AsyncClient, jobs: list[tuple[str, str]]) -> set[str]:
    """How they ended, all of them."""
    return {(await wait_until_over(client, user, job, within_s=300))["job_status"] for user, job in jobs}


@pytest.mark.parametrize("service", ["gateway", "portfolio", "converter", "storage", "events"])
def test_an_image_names_its_version_and_runs_as_nobody(service: str) -> None:
    command = ["podman", "run", "--rm", "--pull", "never", "--read-only", "--cap-drop", "all", "--network", "none"]
    version = subprocess.run(
        [*command, f"{PREFIX}{service}:dev", "--version"], capture_output=True, text=True, check=True
    )
    user = subprocess.run(
        [*command, "--entrypoint", "id", f"{PREFIX}{service}:dev", "-u"], capture_output=True, text=True, check=True
    )
    assert version.stdout.strip().count(".") == 2, version.stderr
    assert int(user.stdout) > 10000


@pytest.mark.parametrize("service", ["gateway", "portfolio", "converter", "storage", "events"])
def test_an_image_says_of_what_it_was_made(service: str) -> None:
    seen = subprocess.run(
        ["podman", "image", "inspect", "--format", "{{json .Labels}}", f"{PREFIX}{service}:dev"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in json.loads(seen.stdout).items()}
    head = subprocess.run(["git", "log", "-1", "--format=%H %cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"],
        check=True, capture_output=True, text=True, env={**os.environ, "TZ": "UTC"})  # fmt: skip
    revision, created = head.stdout.split()
    assert labels["revision"].removesuffix("-changed") == revision
    assert labels["created"] == created
    assert labels["title"] == f"wealth-{service}"
    assert labels["version"] == importlib.metadata.version("wealth-suite")


def test_the_gateways_image_makes_the_secrets_of_a_cluster() -> None:
    done = subprocess.run(
        [
            "podman", "run", "--rm", "--pull", "never", "--read-only", "--tmpfs", "/tmp:rw,mode=1777",
            "--cap-drop", "all", "--network", "none", "--entrypoint", "python", f"{PREFIX}gateway:dev",
            "-m", "services.launcher.cluster_secrets", "print",
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    names = {item["metadata"]["name"] for item in json.loads(done.stdout)["items"]}
    assert names >= {"gateway", "gateway-keys", "nats", "nats-tls", "nats-ca", "trusted-callers"}


@pytest.mark.parametrize("service", ["gateway", "storage"])
def test_the_images_that_there_are_most_of_stay_small(service: str) -> None:
    sizes = [
        subprocess.run(
            ["podman", "image", "inspect", "--format", "{{.Size}}", image], check=True, capture_output=True, text=True
        ).stdout
        for image in (f"{PREFIX}{service}:dev", BASE)
    ]
    assert int(sizes[0]) - int(sizes[1]) < 150_000_000


async def test_a_job_runs_through(client: httpx.AsyncClient) -> None:
    assert await outcomes(client, await submit(client, 1)) == {"completed"}


async def test_sigterm_drains_a_busy_worker_and_loses_nothing(
    containers: Containers, client: httpx.AsyncClient
) -> None:
    jobs = await submit(client, LOAD)
    assert containers.stop("converter-worker") == 0
    containers.start("converter-worker")
    assert await outcomes(client, jobs) == {"completed"}


async def test_workers_come_and_go_under_load(containers: Containers, client: httpx.AsyncClient) -> None:
    containers.start("second", role="converter-worker", CONVERTER_WORKER_LISTEN="127.0.0.1:0", METRICS_LISTEN="")
    try:
        jobs = await submit(client, LOAD)
        assert containers.stop("converter-worker") == 0
        jobs += await submit(client, LOAD)
        containers.start("converter-worker")
        assert await outcomes(client, jobs) == {"completed"}
    finally:
        assert containers.stop("second") == 0


@pytest.mark.parametrize("name", ["storage", "portfolio", "converter", "portfolio-worker", "gateway"])
async def test_every_role_ends_in_peace(containers: Containers, client: httpx.AsyncClient, name: str) -> None:
    assert containers.stop(name) == 0
    containers.start(name)
    await containers.suite.wait_healthy()
