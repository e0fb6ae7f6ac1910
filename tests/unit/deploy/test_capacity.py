"""The capacity table is computed, and the manifests' largest numbers are what comes out of it."""

import dataclasses
import re
from pathlib import Path

import pytest
import yaml

from benchmarks import capacity
from services.common.jobs.topology import Topology
from tests.support.manifest_policies.reading import quantity
from tests.support.manifests import DEPLOY

COST, MANIFESTS = capacity.read_cost(), capacity.read_manifests()
NATS = DEPLOY / "components" / "nats"


def numbers_of(manifests: capacity.Manifests) -> dict[str, int]:
    """The largest numbers that the manifests have."""
    return {
        **{name: scaled.most for name, scaled in manifests.scaled.items()},
        **{f"{name}-worker": most for name, most in manifests.most_workers.items()},
        "JOBS_MAX_ACK_PENDING": manifests.max_ack_pending,
        "JOBS_MAX_QUEUE_SIZE": manifests.max_queue_size,
    }


def test_the_page_has_the_table_that_the_command_writes() -> None:
    page = capacity.PAGE.read_text()
    assert capacity.put_between_markers(page, "capacity", capacity.describe(COST, MANIFESTS)) == page, (
        "python -m benchmarks.capacity --write"
    )


def test_the_manifests_largest_numbers_follow_from_the_peak() -> None:
    assert numbers_of(MANIFESTS) == capacity.largest_numbers(COST, MANIFESTS)


@pytest.mark.parametrize("name", ["gateway", "storage", "converter", "portfolio"])
def test_a_request_that_changes_alone_is_noticed(name: str) -> None:
    half = dataclasses.replace(MANIFESTS.scaled[name], request=MANIFESTS.scaled[name].request / 2)
    spoilt = dataclasses.replace(MANIFESTS, scaled={**MANIFESTS.scaled, name: half})
    assert capacity.largest_numbers(COST, spoilt)[name] > numbers_of(spoilt)[name]
    assert capacity.describe(COST, spoilt) != capacity.describe(COST, MANIFESTS)


def test_slots_that_change_alone_are_noticed() -> None:
    spoilt = dataclasses.replace(MANIFESTS, concurrency={**MANIFESTS.concurrency, "portfolio": 64})
    assert capacity.largest_numbers(COST, spoilt) != numbers_of(spoilt)


@pytest.mark.parametrize(
    ("cores", "pods"), [(0, 2), (0.34, 2), (0.35, 2), (0.36, 3), (0.525, 3), (0.7, 4), (17.5, 100)]
)
def test_an_hpa_aims_at_a_share_of_the_request(cores: float, pods: int) -> None:
    assert capacity.Scaled(request=0.25, utilisation=0.7, least=2, most=20).pods(cores) == pods


def test_nats_has_room_for_what_the_peak_leaves_there() -> None:
    store = re.search(r"max_file_store: (\d+)GB", (NATS / "nats.conf").read_text())
    assert store
    needed = capacity.needed_store_bytes(Topology().events_max_bytes, Topology().deliveries_max_bytes)
    assert needed < int(store[1]) * 10**9
    server = next(
        item for item in yaml.safe_load_all((NATS / "nats.yaml").read_text()) if item["kind"] == "StatefulSet"
    )
    (claim,) = server["spec"]["volumeClaimTemplates"]
    assert int(store[1]) * 10**9 < quantity(claim["spec"]["resources"]["requests"]["storage"])


def test_what_was_measured_is_what_the_page_shows() -> None:
    page = Path(capacity.PAGE).read_text()
    for role, row in {
        "gateway": "gateway", "storage": "storage", "api": "API of the service", "worker": "worker with its engines",
        "nats": "NATS (one server)",
    }.items():  # fmt: skip
        assert f"| {row} | " + " | ".join(str(COST[kind]["cpu_ms"][role]) for kind in COST) + " |" in page
