"""The cluster lane's own parts, as far as they need no cluster: its clients, and what it makes of what they write."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster import load as load_script
from tests.cluster.judging import STEADY, Lines, failures, impolite_failures, is_steady
from tests.support.manifests import DEPLOY

CLUSTER = Path(load_script.__file__).parent


def request(what: str = "REST list", ok: bool = True, status: str = "200", retry_after: bool = False) -> dict[str, Any]:
    """A line of the load's."""
    return {"what": what, "ok": ok, "status": status, "retry_after": retry_after, "error": "" if ok else "why"}


@pytest.mark.parametrize(
    ("line", "is_impolite", "without_a_door"),
    [
        (request(), False, False),
        (request(ok=False, status="503", retry_after=True), False, False),
        (request("gRPC ListJobs", ok=False, status="UNAVAILABLE", retry_after=True), False, False),
        (request(ok=False, status="503"), True, True),
        (request(ok=False, status="500", retry_after=True), True, True),
        (request("gRPC ListJobs", ok=False, status="INTERNAL"), True, True),
        (request(ok=False, status="connection"), True, False),
    ],
    ids=str,
)
def test_a_refusal_has_to_say_when_to_come_back(line: dict[str, Any], is_impolite: bool, without_a_door: bool) -> None:
    assert bool(impolite_failures([line])) is is_impolite
    assert bool(impolite_failures([line], door_is_away=True)) is without_a_door
    assert bool(failures([line])) is (not line["ok"])


def test_steady_are_both_kinds_of_client_for_a_while() -> None:
    rest, grpc = [request()] * STEADY, [request("gRPC ListJobs")] * STEADY
    assert is_steady(rest + grpc)
    assert not is_steady(rest)
    assert not is_steady([*rest, *grpc, request(ok=False, status="503")])
    assert not is_steady([*rest, *grpc[1:]])


def test_a_job_is_finished_once_it_has_completed() -> None:
    lines = Lines()
    for line in (
        {"job": "a"},
        {"job": "b"},
        {"job": "c"},
        {"over": "a", "state": "completed"},
        {"over": "b", "state": "failed"},
    ):
        lines.add(line)
    assert lines.unfinished == ["b: failed", "c: not over"]


def test_the_clients_pod_is_restricted_and_reaches_the_gateway_alone() -> None:
    *policies, pod = yaml.safe_load_all((CLUSTER / "load_pod.yaml").read_text())
    (container,) = pod["spec"]["containers"]
    assert pod["spec"]["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert [policy["spec"]["policyTypes"] for policy in policies] == [["Egress"], ["Ingress"]]


def test_the_readmes_lines_are_there_for_the_lane_to_run() -> None:
    page = (DEPLOY.parent / "README.md").read_text()
    (block,) = re.findall(r"<!-- cluster:begin -->\n```shell\n(.*?)```\n<!-- cluster:end -->", page, re.DOTALL)
    commands = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
    assert all(command.split()[0] in {"make", "kubectl"} for command in commands)
    for part in (
        "apply -k deploy/overlays/dev",
        "port-forward",
        "scale deployment/converter-worker --replicas=4",
        "get hpa",
    ):
        assert any(part in command for command in commands), part
