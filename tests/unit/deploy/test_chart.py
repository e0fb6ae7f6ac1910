"""The Helm chart: with its default values it is the production overlay, and its values do what they say."""

import importlib.util
import json
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.manifest_policies import POLICIES
from tests.support.manifest_policies.reading import Resources, containers, find, of_kind
from tests.support.manifests import DEPLOY, find_kubectl, render

HELM = shutil.which("helm", path=sysconfig.get_path("scripts")) or shutil.which("helm")
pytestmark = pytest.mark.skipif(
    HELM is None or find_kubectl() is None, reason="helm or kubectl is not here: `make manifests` brings them"
)
# What the chart names by the hash of its values, and kustomize by that of its own.
HASH = re.compile(r"\b(common|bootstrap|gateway|portfolio|converter|storage|events)-[a-z0-9]{10}\b")
DIGEST = f"sha256:{'1' * 64}"


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart, as `make chart` writes it."""
    spec = importlib.util.spec_from_file_location("chart", DEPLOY / "chart.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written: Path = module.write_chart(tmp_path_factory.mktemp("chart"))
    return written


def run(*arguments: str | Path, **values: Any) -> subprocess.CompletedProcess[str]:
    """Runs helm; nothing of this machine's own configuration is read."""
    options = [option for key, value in values.items() for option in ("--set-json", f"{key}={json.dumps(value)}")]
    return subprocess.run([str(HELM), *arguments, *options], capture_output=True, text=True, timeout=600, check=False)


def template(chart: Path, *options: str, **values: Any) -> Resources:
    """What the chart makes of values."""
    done = run("template", "wealth", chart, "--namespace", "wealth", *options, **values)
    assert done.returncode == 0, done.stderr
    return [item for item in yaml.safe_load_all(done.stdout) if item]


def without_hashes(resources: Resources) -> dict[tuple[str, str], Any]:
    """Resources by kind and name, with the hashes behind names left out."""
    plain = json.loads(HASH.sub(r"\1-hash", json.dumps(resources)))
    return {(item["kind"], item["metadata"]["name"]): item for item in plain if item["kind"] != "Namespace"}


def test_the_chart_is_the_production_overlay(chart: Path) -> None:
    ours, theirs = without_hashes(render("overlays/prod")), without_hashes(template(chart))
    assert theirs.keys() == ours.keys()
    assert {key for key in ours if ours[key] != theirs[key]} == set()


VALUES: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "other images": {"images": {"prefix": "mirror.example.com/", "tag": "9.9.9", "digests": {"storage": DIGEST}}},
    "other settings": {"settings": {"bootstrap": {"S3_BUCKET_NAME": "ours"}, "common": {"LOG_LEVEL": "DEBUG"}}},
    "no policies, no KEDA, no monitoring": {
        "networkPolicies": {"enabled": False}, "keda": {"enabled": False}, "monitoring": {"enabled": False},
    },
}  # fmt: skip


@pytest.mark.parametrize("values", VALUES)
def test_the_chart_keeps_the_policies(chart: Path, values: str) -> None:
    resources = template(chart, **VALUES[values])
    assert [fault for policy in POLICIES for fault in policy(resources)] == []


def test_values_do_what_they_say(chart: Path) -> None:
    resources = template(
        chart,
        images={"prefix": "mirror.example.com/", "tag": "9.9.9", "digests": {"storage": DIGEST}},
        autoscaling={"gateway": {"minReplicas": 3, "maxReplicas": 7}, "converter-worker": {"maxReplicas": 9}},
        resources={"gateway": {"requests": {"cpu": "2"}}},
        nats={"storageClass": "local-ssd"},
        networkPolicies={"apiServerPorts": [8443], "namespaces": {"ingress": "traefik"}},
    )
    images = {box["image"] for _, _, box in containers(resources)}
    assert {"mirror.example.com/gateway:9.9.9", f"mirror.example.com/storage@{DIGEST}"} <= images
    scaler = find(resources, "HorizontalPodAutoscaler", "gateway")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 7)
    scaled = find(resources, "ScaledObject", "converter-worker")["spec"]
    assert (scaled["minReplicaCount"], scaled["maxReplicaCount"]) == (1, 9)
    (box,) = find(resources, "Deployment", "gateway")["spec"]["template"]["spec"]["containers"]
    assert box["resources"]["requests"]["cpu"] == "2"
    (claim,) = find(resources, "StatefulSet", "nats")["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "local-ssd"
    (rule,) = find(resources, "NetworkPolicy", "secrets")["spec"]["egress"]
    assert [port["port"] for port in rule["ports"]] == [8443]
    text = json.dumps(find(resources, "NetworkPolicy", "gateway"))
    assert "traefik" in text
    assert "ingress-nginx" not in text


def test_another_namespace_is_named_everywhere(chart: Path) -> None:
    done = run("template", "wealth", chart, "--namespace", "other")
    resources = [item for item in yaml.safe_load_all(done.stdout) if item]
    assert {item["metadata"]["namespace"] for item in resources} == {"other"}
    trigger = find(resources, "ScaledObject", "converter-worker")["spec"]["triggers"][0]["metadata"]
    assert trigger["natsServerMonitoringEndpoint"] == "nats-headless.other.svc.cluster.local:8222"


@pytest.mark.parametrize(
    ("values", "job_runs", "pods_roll"),
    [
        ({"settings": {"bootstrap": {"JOBS_MAX_ACK_PENDING": "900"}}}, True, True),
        ({"settings": {"gateway": {"GATEWAY_COOKIE_SECURE": "false"}}}, False, True),
        ({"images": {"digests": {"storage": DIGEST}}}, True, True),
        ({"autoscaling": {"gateway": {"maxReplicas": 9}}}, False, False),
    ],
    ids=str,
)
def test_what_changes_runs_and_rolls(chart: Path, values: dict[str, Any], job_runs: bool, pods_roll: bool) -> None:
    before, after = template(chart), template(chart, **values)
    jobs = [of_kind(each, "Job")[0]["metadata"]["name"] for each in (before, after)]
    pods = [find(each, "Deployment", "gateway")["spec"]["template"] for each in (before, after)]
    assert (jobs[0] != jobs[1]) is job_runs
    assert (pods[0] != pods[1]) is pods_roll


@pytest.mark.parametrize(
    "values",
    [
        {"setings": {}},
        {"settings": {"common": {"DRAIN_TIMEOUT_S": 25}}},
        {"images": {"digest": DIGEST}},
        {"autoscaling": {"gateway": {"max": 3}}},
        {"autoscaling": {"gateways": {"maxReplicas": 3}}},
    ],
    ids=str,
)
def test_a_value_that_nobody_knows_is_refused(chart: Path, values: dict[str, Any]) -> None:
    done = run("template", "wealth", chart, **values)
    assert done.returncode != 0
    assert "values don't meet the specifications of the schema" in done.stderr


def test_helm_finds_nothing_wrong_and_packages_it(chart: Path, tmp_path: Path) -> None:
    assert run("lint", "--strict", chart).returncode == 0
    assert run("package", chart, "--destination", tmp_path).returncode == 0
    assert len(list(tmp_path.glob("wealth-*.tgz"))) == 1
