"""How many pods a load takes: measured milliseconds a job, and the arithmetic of the autoscalers in the manifests.

    python -m benchmarks.capacity            print the tables
    python -m benchmarks.capacity --write    put them into docs/scaling.md, between their markers

An HPA adds pods until each takes ``averageUtilization`` of what it *requests*, not of a core:
pods = ceil(cores in use / (utilisation x request)). KEDA adds workers until there are as many slots as jobs waiting and
in hand; jobs in hand are arrivals x duration. ``benchmarks/job_cost.json`` has what `benchmarks.job_cost` measured, the
manifests of ``deploy/base`` the requests and targets, ``PEAK_JOBS_A_MINUTE`` what all largest numbers in the manifests
follow from; a test holds the manifests and the page to what comes out.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measured_page import put_between_markers

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scaling.md"
DEPLOY = ROOT / "deploy"
LOADS = (10, 100, 1_000, 10_000, 100_000)

# What the manifests' largest numbers are made for: trainings, inferences or portfolio tasks a minute. Above it the keys
# of one bucket and the leader of one stream are what limits (docs/scaling.md), and not the number of pods.
PEAK_JOBS_A_MINUTE = 10_000
# Tasks that wait for an AI platform at once. They compute next to nothing: this is a choice, not a measurement.
PORTFOLIO_TASKS_IN_HAND = 320
# An engine is a process with a core of its own; so much of its time it works at most, the rest it waits for storage.
ENGINE_UTILISATION = 0.7
# Reserve above the largest number of slots, so that an autoscaler can be raised without bootstrap's running again.
ACK_PENDING_RESERVE = 2
# A job's message is ids and a trace: far below; and what the file store holds beside messages.
MESSAGE_BYTES = 2_048
STORE_RESERVE = 2

# AWS's list prices in dollars, of November 2026, for 1,000 requests.
PUT_PRICE, GET_PRICE = 0.005, 0.0004
_MINUTES_A_MONTH = 30 * 24 * 60
_UNITS = {"m": 0.001, "": 1.0}
# What tells others works beside the jobs, and one pod of it delivers.
_NO_PART_OF_JOBS = frozenset({"events"})


@dataclass(frozen=True, slots=True)
class Scaled:
    """A Deployment that an HPA scales: cores that a pod requests, the share that it aims at, and its bounds."""

    request: float
    utilisation: float
    least: int
    most: int

    @property
    def usable(self) -> float:
        """Cores in use at which the HPA leaves a pod alone."""
        return self.request * self.utilisation

    def pods(self, cores: float) -> int:
        """The pods that the HPA comes to for so many cores in use, its bounds apart from the least."""
        # Rounded before it is rounded up: 0.35 / 0.175 is two pods.
        return max(self.least, math.ceil(round(cores / self.usable, 6)))


@dataclass(frozen=True, slots=True)
class Manifests:
    """What the base and KEDA's component say."""

    scaled: Mapping[str, Scaled]
    concurrency: Mapping[str, int]
    worker_requests: Mapping[str, float]
    most_workers: Mapping[str, int]
    max_ack_pending: int
    max_queue_size: int


def read_cost() -> dict[str, Any]:
    """What a job of each kind was measured to cost."""
    found = json.loads((Path(__file__).parent / "job_cost.json").read_text())
    return {kind: cost for kind, cost in found.items() if kind != "measured"}


def read_manifests() -> Manifests:
    """Reads the manifests as they stand, without rendering them."""
    documents = [
        document
        for path in (*sorted((DEPLOY / "base").glob("*.yaml")), DEPLOY / "components" / "keda" / "scaledobjects.yaml")
        for document in yaml.safe_load_all(path.read_text())
        if "kind" in document
    ]
    requests = {
        item["metadata"]["name"]: _cores(
            item["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"]
        )
        for item in documents
        if item["kind"] == "Deployment"
    }
    scaled = {}
    for item in documents:
        if item["kind"] == "HorizontalPodAutoscaler":
            (metric,) = item["spec"]["metrics"]
            name = item["spec"]["scaleTargetRef"]["name"]
            if name in _NO_PART_OF_JOBS:
                continue
            scaled[name] = Scaled(
                requests[name],
                metric["resource"]["target"]["averageUtilization"] / 100,
                item["spec"]["minReplicas"],
                item["spec"]["maxReplicas"],
            )
    (kustomization,) = (item for item in documents if item["kind"] == "Kustomization")
    maps = {
        each["name"]: dict(line.split("=", 1) for line in each["literals"])
        for each in kustomization["configMapGenerator"]
    }
    return Manifests(
        scaled,
        {name: int(maps[name]["JOBS_CONCURRENCY"]) for name in ("converter", "portfolio")},
        {name: requests[f"{name}-worker"] for name in ("converter", "portfolio")},
        {
            item["spec"]["scaleTargetRef"]["name"].removesuffix("-worker"): item["spec"]["maxReplicaCount"]
            for item in documents
            if item["kind"] == "ScaledObject"
        },
        int(maps["bootstrap"]["JOBS_MAX_ACK_PENDING"]),
        int(maps["bootstrap"]["JOBS_MAX_QUEUE_SIZE"]),
    )


def count_pods(kind: str, jobs_a_minute: float, cost: Mapping[str, Any], manifests: Manifests) -> dict[str, int]:
    """The pods of each role for so many jobs of a kind; ``worker`` and ``api`` are those of the kind's service."""
    service = "portfolio" if kind == "portfolio task" else "converter"
    seconds = {role: ms / 1000 for role, ms in cost[kind]["cpu_ms"].items()}
    arrivals = jobs_a_minute / 60
    pods = {
        name: manifests.scaled[of].pods(arrivals * seconds[name])
        for name, of in (("gateway", "gateway"), ("storage", "storage"), ("api", service))
    }
    # A process of the portfolio's worker computes on one core; the converter's has one for each engine.
    cores = manifests.concurrency[service] if service == "converter" else 1
    pods["worker"] = max(1, math.ceil(round(arrivals * seconds["worker"] / (cores * ENGINE_UTILISATION), 6)))
    return pods


def largest_numbers(cost: Mapping[str, Any], manifests: Manifests) -> dict[str, int]:
    """What the manifests' largest numbers have to be for the peak: pods in fives, slots in hundreds."""
    by_kind = {kind: count_pods(kind, PEAK_JOBS_A_MINUTE, cost, manifests) for kind in cost}
    most = {
        "gateway": max(pods["gateway"] for pods in by_kind.values()),
        "storage": max(pods["storage"] for pods in by_kind.values()),
        "converter": max(by_kind[kind]["api"] for kind in ("training", "inference")),
        "portfolio": by_kind["portfolio task"]["api"],
        "converter-worker": max(by_kind[kind]["worker"] for kind in ("training", "inference")),
        "portfolio-worker": math.ceil(PORTFOLIO_TASKS_IN_HAND / manifests.concurrency["portfolio"]),
    }
    found = {name: _round_up(pods, 5) for name, pods in most.items()}
    slots = max(found[f"{name}-worker"] * concurrency for name, concurrency in manifests.concurrency.items())
    found["JOBS_MAX_ACK_PENDING"] = _round_up(slots * ACK_PENDING_RESERVE, 100)
    found["JOBS_MAX_QUEUE_SIZE"] = PEAK_JOBS_A_MINUTE
    return found


def needed_store_bytes(events_bytes: int, deliveries_bytes: int) -> int:
    """What a NATS server's file store has to take: the news, both of the webhooks' streams, and both backlogs, their
    queues and dead letters, full."""
    return STORE_RESERVE * (events_bytes + 2 * deliveries_bytes + 6 * PEAK_JOBS_A_MINUTE * MESSAGE_BYTES)


def describe(cost: Mapping[str, Any], manifests: Manifests) -> str:
    """The tables, as Markdown."""
    header = (
        "| jobs a minute | gateway | storage | API | workers | cores requested | S3 PUT/s, GET/s | S3 requests a month "
        "| NATS: messages/s, cores in all |"
    )
    lines = []
    for kind in cost:
        title = f"{kind}s".capitalize()
        lines += [f"{title}:", "", header, "| --- " * 9 + "|"]
        lines += [_describe_load(kind, jobs, cost, manifests) for jobs in LOADS]
        lines.append("")
    roles = (*manifests.scaled, "converter-worker", "portfolio-worker")
    lines += ["| role | requests | the autoscaler's aim a pod | at most |", "| --- | --- | --- | --- |"]
    numbers = largest_numbers(cost, manifests)
    for role in roles:
        scaled = manifests.scaled.get(role)
        service = role.removesuffix("-worker")
        request = scaled.request if scaled else manifests.worker_requests[service]
        aim = (
            f"{scaled.usable:g} cores ({scaled.utilisation:.0%} of the request)"
            if scaled
            else f"{manifests.concurrency[service]} jobs"
        )
        lines.append(f"| {role} | {request:g} cores | {aim} | {numbers[role]} pods |")
    return "\n".join(lines)


def _describe_load(kind: str, jobs: int, cost: Mapping[str, Any], manifests: Manifests) -> str:
    pods = count_pods(kind, jobs, cost, manifests)
    service = "portfolio" if kind == "portfolio task" else "converter"
    requested = (
        pods["gateway"] * manifests.scaled["gateway"].request
        + pods["storage"] * manifests.scaled["storage"].request
        + pods["api"] * manifests.scaled[service].request
        + pods["worker"] * manifests.worker_requests[service]
    )
    s3, arrivals = cost[kind]["s3"], jobs / 60
    price = jobs * _MINUTES_A_MONTH * (s3["put"] * PUT_PRICE + s3["get"] * GET_PRICE) / 1000
    nats_cores = arrivals * cost[kind]["cpu_ms"]["nats"] / 1000 * 3
    cells = (
        f"{jobs:,}", pods["gateway"], pods["storage"], pods["api"], pods["worker"], f"{requested:.1f}",
        f"{arrivals * s3['put']:,.0f}, {arrivals * s3['get']:,.0f}", f"{price:,.0f} $",
        f"{arrivals * cost[kind]['nats_messages']:,.0f}, {nats_cores:.2f}",
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def _cores(quantity: str) -> float:
    unit = "m" if quantity.endswith("m") else ""
    return float(quantity.removesuffix("m")) * _UNITS[unit]


def _round_up(number: int, step: int) -> int:
    return math.ceil(number / step) * step


def main(arguments: Sequence[str]) -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scaling.md")
    options = parser.parse_args(arguments)
    cost, manifests = read_cost(), read_manifests()
    if options.write:
        PAGE.write_text(put_between_markers(PAGE.read_text(), "capacity", describe(cost, manifests)))
    print(describe(cost, manifests))
    for name, number in largest_numbers(cost, manifests).items():
        print(f"{name}: {number}")


if __name__ == "__main__":
    main(sys.argv[1:])
