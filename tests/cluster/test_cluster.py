"""The development overlay on a real cluster, disturbed under load. It makes the namespace `wealth` and deletes it.

Rolls, scaling between 1 and 3 and drains may cost no request; without any pod of a role, or without NATS or S3,
requests may be told to come back, and all is well again within a minute. No accepted job is lost, whatever happens.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.launcher.process import wait_until_ready
from tests.cluster import kubectl
from tests.cluster.judging import RECOVERY_S, Lines, failures, impolite_failures, is_steady

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parents[2]
OVERLAY = os.environ.get("WEALTH_TEST_OVERLAY", "deploy/overlays/dev")
APIS = ("gateway", "portfolio", "converter", "storage", "events")
WORKERS = ("portfolio-worker", "converter-worker")
ROLES = (*APIS, *WORKERS)
START_S, JOBS_S = 600, 300
PATHS = os.environ | {"PATH": os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))}
"""kubectl is found where tests/cluster/kubectl.py finds it."""


class Load:
    """The clients in their pod, and what they have written."""

    def __init__(self) -> None:
        self.lines = Lines()
        self.said: list[str] = []
        """What the pod wrote beside its lines: gRPC's own log, or why it fell."""
        self._lock = threading.Lock()
        assert kubectl.KUBECTL
        self._logs = subprocess.Popen(
            [kubectl.KUBECTL, "--namespace", kubectl.NAMESPACE, "logs", "--follow", "pod/cluster-test"],
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._logs.stdout or ():
            with self._lock:
                if line.startswith("{"):
                    self.lines.add(json.loads(line))
                else:
                    self.said.append(line.rstrip())

    def since(self, mark: int) -> list[dict[str, object]]:
        """The requests after a mark."""
        assert self._logs.poll() is None, f"the clients, or the view of what they write, have ended: {self.said[-5:]}"
        with self._lock:
            return list(self.lines.requests[mark:])

    @property
    def mark(self) -> int:
        """How many requests were made."""
        return len(self.since(0))

    def wait_until_steady(self, mark: int, within_s: float = RECOVERY_S) -> float:
        """Waits until requests after the mark are answered again; returns how long that took."""
        begun = time.monotonic()
        assert wait_until_ready(lambda: is_steady(self.since(mark)), within_s), failures(self.since(mark))[-5:]
        return time.monotonic() - begun

    def close(self) -> None:
        """Lets go of the logs."""
        self._logs.kill()
        self._logs.wait()


@contextmanager
def following_load() -> Iterator[Load]:
    """The clients started."""
    script = Path(__file__).with_name("load.py")
    made = kubectl.inside(
        "create", "configmap", "cluster-test", f"--from-file={script}", "--dry-run=client", "--output=yaml"
    )
    kubectl.inside("apply", "--filename=-", stdin=made)
    (image,) = {box["image"] for pod in kubectl.pods("gateway")[:1] for box in pod["spec"]["containers"]}
    text = Path(__file__).with_name("load_pod.yaml").read_text().replace("wealth/gateway:dev", image)
    kubectl.inside("apply", "--filename=-", stdin=text)
    kubectl.inside("wait", "--for=condition=Ready", "pod/cluster-test", "--timeout=120s")
    load = Load()
    try:
        load.wait_until_steady(0, 120)
        yield load
    finally:
        load.close()


@pytest.fixture(scope="module")
def applied() -> Iterator[None]:
    """The overlay, applied and ready; the namespace is deleted at the end."""
    if reason := kubectl.why_not():
        pytest.skip(f"nothing was tested: {reason}")
    try:
        kubectl.run("apply", "--kustomize", OVERLAY)
        kubectl.inside(
            "wait", "--for=condition=Available", "deployment", "--all", f"--timeout={START_S}s", within_s=START_S + 60
        )
        kubectl.inside("rollout", "status", "statefulset/nats", f"--timeout={START_S}s", within_s=START_S + 60)
        kubectl.inside(
            "wait", "--for=condition=Complete", "job", "--all", f"--timeout={START_S}s", within_s=START_S + 60
        )
        yield
    finally:
        if os.environ.get("WEALTH_TEST_KEEP") != "1":
            kubectl.run("delete", "namespace", kubectl.NAMESPACE, "--wait=true", "--timeout=300s", within_s=360)


@pytest.fixture(scope="module")
def load(applied: None) -> Iterator[Load]:
    """The clients, who ask for as long as the module runs."""
    with following_load() as running:
        yield running


def report(what: str, load: Load, mark: int, took: object = "") -> None:
    """Writes what a disturbance cost."""
    requests = load.since(mark)
    failed = failures(requests)
    sys.stdout.write(f"\n{what}: {len(requests)} requests, {len(failed)} failed {took}\n")
    sys.stdout.write("".join(f"  {line}\n" for line in failed[:10]))


def assert_unnoticed(what: str, load: Load, mark: int, took: object = "") -> None:
    """No request after the mark failed."""
    load.wait_until_steady(mark)
    report(what, load, mark, took)
    assert failures(load.since(mark)) == []


def assert_told_to_come_back(what: str, load: Load, mark: int, *, door_is_away: bool = False) -> None:
    """Requests were refused in words alone, and soon no more."""
    took = load.wait_until_steady(load.mark)
    report(what, load, mark, f"(answered again {took:.0f} s after it was put right)")
    assert impolite_failures(load.since(mark), door_is_away=door_is_away) == []


def test_applying_again_changes_nothing(applied: None) -> None:
    said = kubectl.run("apply", "--kustomize", OVERLAY)
    assert [line for line in said.splitlines() if not line.endswith("unchanged")] == []
    assert kubectl.run("diff", "--kustomize", OVERLAY) == ""


def test_every_line_of_the_readme_works(applied: None) -> None:
    page = (ROOT / "README.md").read_text()
    (block,) = re.findall(r"<!-- cluster:begin -->\n```shell\n(.*?)```\n<!-- cluster:end -->", page, re.DOTALL)
    commands = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
    assert len(commands) >= 5
    forwards = []
    try:
        for command in commands:
            words = shlex.split(command, comments=True)
            if words[0] == "make":
                continue  # images are built and loaded before this lane runs
            assert words[0] == "kubectl", command
            if "port-forward" in words:
                forwards.append(subprocess.Popen(words, env=PATHS, stdout=subprocess.PIPE, text=True))
                said = forwards[-1].stdout.readline() if forwards[-1].stdout else ""
                assert "Forwarding" in said, f"{command}: are this machine's ports 8000 and 8001 free?"
                continue
            done = subprocess.run(  # noqa: S602 - the page's lines have pipes
                command, shell=True, cwd=ROOT, env=PATHS, capture_output=True, text=True, timeout=400, check=False
            )
            assert done.returncode == 0, f"{command}: {done.stderr}"
            sys.stdout.write(f"$ {command}\n{'***' if 'secret' in words else done.stdout}\n")
    finally:
        for forward in forwards:
            forward.kill()
            forward.wait()
    # They are made in a moment; a small node may have no room for all to run.
    assert wait_until_ready(lambda: len(kubectl.pods("converter-worker")) == 4, 60)
    kubectl.scale(["converter-worker"], 1)


def test_jobs_run(load: Load) -> None:
    assert wait_until_ready(lambda: len(load.lines.over) >= 3, JOBS_S)
    assert set(load.lines.over.values()) == {"completed"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_scales_between_one_and_three(load: Load, role: str) -> None:
    mark = load.mark
    took = [kubectl.scale([role], count)[role] for count in (3, 1)]
    assert_unnoticed(f"{role} to 3 and 1", load, mark, f"({took[0]:.0f} s, {took[1]:.0f} s)")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_without_pods_says_come_back_and_comes_back(load: Load, role: str) -> None:
    mark = load.mark
    kubectl.scale([role], 0)
    kubectl.scale([role], 1)
    assert_told_to_come_back(f"{role} to 0 and 1", load, mark, door_is_away=role == "gateway")


@pytest.mark.parametrize("replicas", [1, 2])
def test_everything_is_rolled_at_once(load: Load, replicas: int) -> None:
    kubectl.scale(ROLES, replicas)
    load.wait_until_steady(load.mark)
    mark, begun = load.mark, time.monotonic()
    kubectl.roll(ROLES)
    assert_unnoticed(f"all rolled at {replicas}", load, mark, f"({time.monotonic() - begun:.0f} s)")


def test_a_node_is_drained(load: Load) -> None:
    kubectl.scale(ROLES, 2)
    single = {pod["spec"]["nodeName"] for role in ("nats", "s3") for pod in kubectl.pods(role)}
    ours = {pod["spec"]["nodeName"] for role in ROLES for pod in kubectl.pods(role)}
    if not ours - single:
        pytest.skip("not drained: it needs a second node, with pods of the suite and without the only NATS or S3")
    node = min(ours - single)
    mark = load.mark
    try:
        kubectl.run(
            "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=300s",
            "--pod-selector=app.kubernetes.io/part-of=wealth", within_s=330,
        )  # fmt: skip
        for role in ROLES:
            kubectl.wait_for_pods(role, 2)
    finally:
        kubectl.run("uncordon", node)
    assert_unnoticed(f"{node} drained", load, mark)


@pytest.mark.parametrize("role", ["gateway", "nats", "s3"])
def test_the_only_pod_is_deleted(load: Load, role: str) -> None:
    if role == "gateway":
        kubectl.scale([role], 1)
    mark = load.mark
    kubectl.inside("delete", "pod", "--selector", f"app.kubernetes.io/name={role}", "--wait=true", within_s=180)
    kubectl.wait_for_pods(role, 1)
    assert_told_to_come_back(f"{role} deleted", load, mark, door_is_away=role == "gateway")


def test_no_accepted_job_is_lost(load: Load) -> None:
    kubectl.scale(ROLES, 1)
    # New jobs go on being accepted: those of now are looked at.
    accepted = set(load.lines.accepted)
    assert wait_until_ready(lambda: accepted <= load.lines.over.keys(), JOBS_S), load.lines.unfinished[:10]
    assert {load.lines.over[job] for job in accepted} == {"completed"}
    sys.stdout.write(f"\n{len(accepted)} accepted jobs, all completed\n")
