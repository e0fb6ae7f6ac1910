"""What an overlay on top of ours does to Jobs, and what the development overlay asks of a laptop."""

import subprocess
from decimal import Decimal
from typing import Any

import pytest

from tests.support.manifest_policies.reading import Resources, containers, of_kind, quantity, role_of, workloads
from tests.support.manifests import DEPLOY, find_kubectl, render, render_overlay

pytestmark = pytest.mark.skipif(find_kubectl() is None, reason="kubectl is not here: `make manifests` brings it")
# What a cluster of one node of 2 processors has left beside its own pods (kind: 950 m), and of 4 GiB.
ROOM_CPU, ROOM_MEMORY = Decimal("1.05"), 3 * 2**30


def names_of_jobs(**changes: Any) -> dict[str, str]:
    """The Jobs' names, by role, in an overlay on the development overlay."""
    return {role_of(item): item["metadata"]["name"] for item in of_kind(render_overlay("dev", **changes), "Job")}


def merged(name: str, setting: str) -> dict[str, Any]:
    """A setting of one's own."""
    return {"configMapGenerator": [{"name": name, "behavior": "merge", "literals": [setting]}]}


@pytest.mark.parametrize(
    ("changes", "runs_again"),
    [
        ({}, set()),
        (merged("common", "LOG_LEVEL=DEBUG"), set()),
        (merged("converter", "CONVERTER_ENGINES=1"), set()),
        (merged("bootstrap", "JOBS_MAX_ACK_PENDING=4000"), {"bootstrap"}),
        (merged("bootstrap", "S3_BUCKET_NAME=another"), {"bootstrap"}),
        ({"images": [{"name": "wealth/storage", "newTag": "2.0.0"}]}, {"bootstrap"}),
        ({"images": [{"name": "wealth/storage", "digest": f"sha256:{'0' * 64}"}]}, {"bootstrap"}),
        ({"images": [{"name": "wealth/gateway", "newName": "registry.example.com/g"}]}, {"secrets"}),
    ],
    ids=str,
)
def test_a_job_runs_again_when_what_it_does_has_changed(changes: dict[str, Any], runs_again: set[str]) -> None:
    before, after = names_of_jobs(), names_of_jobs(**changes)
    assert {role for role in before if before[role] != after[role]} == runs_again


def requested(resources: Resources) -> dict[str, tuple[Decimal, Decimal]]:
    """Processors and bytes that the pods of each role ask for."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for workload in workloads(resources):
        for _, _, container in containers([workload]):
            requests = container["resources"]["requests"]
            found[role_of(workload)] = (quantity(requests["cpu"]), quantity(requests["memory"]))
    return found


def test_development_asks_for_less_than_a_processor_and_2_gib() -> None:
    asked = requested(render("overlays/dev")).values()
    assert sum(cpu for cpu, _ in asked) < 1
    assert sum(memory for _, memory in asked) < 2 * 2**30


def test_every_role_can_be_rolled_on_the_smallest_cluster() -> None:
    """One more pod of the largest role fits beside all others; the roles then roll one after the other."""
    asked = {
        role: each for role, each in requested(render("overlays/dev")).items() if role not in {"secrets", "bootstrap"}
    }
    assert sum(cpu for cpu, _ in asked.values()) + max(cpu for cpu, _ in asked.values()) <= ROOM_CPU
    assert sum(memory for _, memory in asked.values()) + max(memory for _, memory in asked.values()) <= ROOM_MEMORY


def test_development_scales_by_load_and_not_by_its_small_requests() -> None:
    for item in of_kind(render("overlays/dev"), "HorizontalPodAutoscaler"):
        (metric,) = item["spec"]["metrics"]
        assert metric["resource"]["target"] == {"type": "AverageValue", "averageValue": "500m"}, item["metadata"][
            "name"
        ]
        assert (item["spec"]["minReplicas"], item["spec"]["maxReplicas"]) == (1, 3)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_images_that_the_cluster_pulls_can_be_listed(name: str) -> None:
    """As docs/air-gap.md does it."""
    kubectl = find_kubectl()
    assert kubectl
    listing = subprocess.run(  # noqa: S602 - the line of the page
        f"{kubectl} kustomize {DEPLOY}/overlays/{name} | sed -n 's/^ *image: //p' | sort -u",
        shell=True, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    used = {box["image"] for _, _, box in containers(render(f"overlays/{name}"))}
    assert set(listing) == used
    assert not any(image.endswith(":latest") or ":" not in image for image in used)


def test_operators_find_every_role_of_ours_by_its_app_label() -> None:
    labels = {
        role_of(item): item["spec"]["template"]["metadata"]["labels"].get("app")
        for item in of_kind(render("overlays/prod"), "Deployment")
    }
    assert labels == {role: role for role in labels}
