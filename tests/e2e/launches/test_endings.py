"""`make demo`, and suites that a launcher brings to their end or starts in another way."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.launcher.embedded import NatsServer, S3Server
from services.launcher.process import wait_until_ready
from tests.e2e.test_launcher import NAMES
from tests.support.launched_suite import LaunchedSuite, is_running, launched_suite, list_family
from tests.support.servers import run_nats_server


@pytest.fixture
def own_suite(tmp_path: Path) -> Iterator[LaunchedSuite]:
    """A suite of a test's own, to be brought to its end."""
    with launched_suite(tmp_path / "data") as suite:
        yield suite


@pytest.mark.slow
def test_the_demonstration_succeeds_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.launcher", "demo"],
        env={**os.environ, "TMPDIR": str(tmp_path), "OPENAI_API_KEY": "not-to-be-used"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "results are right" in done.stdout
    assert list(tmp_path.glob("wealth-demo-*")) == []


def test_a_killed_launcher_leaves_no_orphan(own_suite: LaunchedSuite) -> None:
    family = list_family(own_suite.pids())
    own_suite.launcher.kill()
    own_suite.launcher.wait()
    assert wait_until_ready(lambda: not any(map(is_running, family)), 300)


def test_a_death_is_said_and_ctrl_c_stops_everything_with_what_was_started_again(own_suite: LaunchedSuite) -> None:
    names = ("portfolio-worker", "s3")
    for name in names:
        own_suite.kill(name)
        assert own_suite.launcher.stdout
        said = next(line for line in own_suite.launcher.stdout if f"{name} ended" in line)
        assert "not restarted" in said
        assert not is_running(own_suite.pid(name))
    if sys.platform == "linux":  # only there others see the environment that tells whose a process is
        for name in names:
            own_suite.start(name)
    family = list_family([pid for pid in own_suite.pids() if is_running(pid)])
    own_suite.launcher.send_signal(signal.SIGINT)
    assert own_suite.launcher.wait(40) == 0
    assert [pid for pid in family if is_running(pid)] == []
    assert not (own_suite.folder / "suite.json").exists()


@pytest.fixture
def nats_outside(tmp_path: Path) -> Iterator[NatsServer]:
    """A broker of a test's own: a suite makes streams by the names of every suite."""
    with run_nats_server(tmp_path / "nats") as server:
        yield server


def test_the_services_run_on_servers_outside(nats_outside: NatsServer, s3_server: S3Server, tmp_path: Path) -> None:
    settings = {
        "WEALTH_SERVERS": "outside", "NATS_URL": nats_outside.url, "S3_BUCKET_NAME": "of-somebody-else",
        "S3_ENDPOINT_URL": s3_server.url, "AWS_ACCESS_KEY_ID": s3_server.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": s3_server.credentials.secret_key,
    }  # fmt: skip
    with launched_suite(tmp_path / "data", settings) as suite:
        assert set(suite.document["pids"]) == NAMES - {"nats", "s3"}

        def is_ok() -> bool:
            return bool(httpx.get(f"{suite.rest}/health", trust_env=False).json()["status"] == "ok")

        assert wait_until_ready(is_ok, 300)
        assert suite.document["s3"]["bucket"] == "of-somebody-else"
