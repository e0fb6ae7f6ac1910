"""kubectl, as the cluster lane uses it: whatever cluster the kubeconfig names, one namespace."""

import json
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from typing import Any

from services.launcher.process import wait_until_ready

NAMESPACE = "wealth"
LEAST_PROCESSORS = 3
"""Three pods of each role (two, and those that take their place) with NATS, S3 and what a node runs itself."""
KUBECTL = shutil.which("kubectl") or shutil.which("kubectl", path=sysconfig.get_path("scripts"))


def run(*arguments: str, within_s: float = 300, stdin: str | None = None, check: bool = True) -> str:
    """Runs kubectl; returns what it wrote. Raises AssertionError with its complaint."""
    assert KUBECTL, "kubectl is needed"
    done = subprocess.run(
        [KUBECTL, *arguments], input=stdin, capture_output=True, text=True, timeout=within_s, check=False
    )
    assert not check or done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr.strip()}"
    return done.stdout


def inside(*arguments: str, within_s: float = 300, stdin: str | None = None, check: bool = True) -> str:
    """Runs kubectl in the suite's namespace."""
    return run("--namespace", NAMESPACE, *arguments, within_s=within_s, stdin=stdin, check=check)


def why_not() -> str | None:
    """Why the lane cannot run: no kubectl, no cluster that answers, or a namespace that is somebody's. None: it can."""
    if KUBECTL is None:
        return "kubectl is not installed"
    try:
        run("version", "--request-timeout=10s", within_s=30)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return f"no cluster answers: {str(error)[-200:]}"
    if run("get", "namespace", NAMESPACE, "--ignore-not-found", "--output=name").strip():
        return f"the cluster has a namespace {NAMESPACE!r} already, which this would delete at its end"
    if (processors := count_processors()) < LEAST_PROCESSORS:
        return f"its nodes have {processors:.1f} processors for pods; three pods of each role want {LEAST_PROCESSORS}"
    return None


def count_processors() -> float:
    """The processors that all nodes that take pods have for them, whatever runs there."""
    nodes = json.loads(run("get", "nodes", "--output=json"))["items"]
    free = [node for node in nodes if not node["spec"].get("unschedulable") and not _is_tainted(node)]
    return sum(_read_processors(node["status"]["allocatable"]["cpu"]) for node in free)


def _is_tainted(node: dict[str, Any]) -> bool:
    return any(taint["effect"] in {"NoSchedule", "NoExecute"} for taint in node["spec"].get("taints", ()))


def _read_processors(quantity: str) -> float:
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


def pods(role: str = "") -> list[dict[str, Any]]:
    """The suite's pods, or those of a role, that are not about to go."""
    selector = f"app.kubernetes.io/name={role}" if role else "app.kubernetes.io/part-of=wealth"
    found = json.loads(inside("get", "pods", "--selector", selector, "--output=json"))["items"]
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def is_ready(pod: dict[str, Any]) -> bool:
    """Whether a pod's readiness holds."""
    conditions = pod.get("status", {}).get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def wait_for_pods(role: str, count: int, *, within_s: float = 300) -> float:
    """Waits until a role has so many pods, all ready; returns the seconds that it took."""
    begun = time.monotonic()

    def are_there() -> bool:
        found = pods(role)
        return len(found) == count and all(map(is_ready, found))

    assert wait_until_ready(are_there, within_s), f"{role}: not {count} ready pods within {within_s:g} s"
    return time.monotonic() - begun


def scale(roles: Sequence[str], count: int) -> dict[str, float]:
    """Scales Deployments by hand and waits; returns the seconds of each.

    An HPA would bring them back to what the load asks for: its own bounds go along. At 0 it stands aside.
    """
    scaled = inside("get", "hpa", "--output=jsonpath={.items[*].metadata.name}").split()
    for role in set(roles) & set(scaled) if count else ():
        inside("patch", "hpa", role, "--patch", json.dumps({"spec": {"minReplicas": count, "maxReplicas": count}}))
    inside("scale", *(f"deployment/{role}" for role in roles), f"--replicas={count}")
    return {role: wait_for_pods(role, count) for role in roles}


def roll(roles: Sequence[str]) -> None:
    """Replaces all pods of some Deployments at once, and waits."""
    inside("rollout", "restart", *(f"deployment/{role}" for role in roles))
    for role in roles:
        inside("rollout", "status", f"deployment/{role}", "--timeout=10m", within_s=660)
