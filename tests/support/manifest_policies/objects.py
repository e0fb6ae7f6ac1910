"""Objects as such: what the API server refuses though every schema takes it, and what applying them again does."""

import re
from typing import Any

from tests.support.manifest_policies.reading import (
    Resources,
    containers,
    named,
    of_kind,
    pod_of,
)

APIS = {
    "v1", "apps/v1", "batch/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1",
    "keda.sh/v1alpha1", "monitoring.coreos.com/v1", "external-secrets.io/v1", "scheduling.k8s.io/v1",
    "gateway.networking.k8s.io/v1",
}  # fmt: skip
_OF_THE_CLUSTER = {"Namespace", "PriorityClass"}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_KEY = re.compile(r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_HASHED = re.compile(r"[a-z-]+-[a-z0-9]{10}")


def apis_are_current(resources: Resources) -> list[str]:
    """Only API versions that servers of today serve."""
    return [f"{named(item)}: {item['apiVersion']}" for item in resources if item["apiVersion"] not in APIS]


def names_are_valid(resources: Resources) -> list[str]:
    """Names and labels in the forms that are taken; each object, variable and mount once; all in one namespace."""
    faults = []
    everything = [named(item) for item in resources]
    faults += [f"{name}: stands there twice" for name in sorted(set(everything)) if everything.count(name) > 1]
    for item in resources:
        if not _LABEL.fullmatch(item["metadata"]["name"]):
            faults.append(f"{named(item)}: not a name")
        if item["kind"] not in _OF_THE_CLUSTER and item["metadata"].get("namespace") != "wealth":
            faults.append(f"{named(item)}: stands in another namespace")
        template = item["spec"].get("template", {}) if isinstance(item.get("spec"), dict) else {}
        for labels in (item["metadata"].get("labels", {}), template.get("metadata", {}).get("labels", {})):
            faults += [
                f"{named(item)}: label {key}={value}"
                for key, value in labels.items()
                if not _KEY.fullmatch(key) or not _VALUE.fullmatch(str(value))
            ]
    for name, pod, container in containers(resources):
        for what, found in {
            "variable": [variable["name"] for variable in container.get("env", ())],
            "mount": [mount["mountPath"] for mount in container.get("volumeMounts", ())],
            "container": [each["name"] for each in pod["containers"]],
            "volume": [each["name"] for each in pod.get("volumes", ())],
        }.items():
            faults += [f"{name}: {what} {each} twice" for each in sorted(set(found)) if found.count(each) > 1]
    return faults


def configmaps_roll_their_pods(resources: Resources) -> list[str]:
    """Pods name ConfigMaps by the hash of their content: a changed setting is a rollout, and can be rolled back."""
    faults = []
    present = {item["metadata"]["name"] for item in of_kind(resources, "ConfigMap")}
    for name, pod, container in containers(resources):
        named_maps = [
            *sorted(_config_maps_of(container)),
            *(each["configMap"]["name"] for each in pod.get("volumes", ()) if "configMap" in each),
        ]
        faults += [f"{name}: no ConfigMap {each}" for each in named_maps if each not in present]
        faults += [f"{name}: ConfigMap {each} has no hash" for each in named_maps if not _HASHED.fullmatch(each)]
    return faults


def jobs_run_again_when_they_change(resources: Resources) -> list[str]:
    """A Job is named by the hash of its ConfigMap, which holds its image: no change is a change of the name, too."""
    faults = []
    maps = {item["metadata"]["name"]: item["data"] for item in of_kind(resources, "ConfigMap")}
    for item in of_kind(resources, "Job"):
        data = maps.get(item["metadata"]["name"])
        (container,) = pod_of(item)["containers"]
        if not _HASHED.fullmatch(item["metadata"]["name"]) or data is None:
            faults.append(f"{named(item)}: no ConfigMap names it")
            continue
        if data.get("IMAGE") != container["image"]:
            faults.append(f"{named(item)}: another image would be the same Job")
        others = {name for name in _config_maps_of(container) if name != item["metadata"]["name"]}
        if others:
            faults.append(f"{named(item)}: reads {sorted(others)}, which do not name it")
        if "ttlSecondsAfterFinished" in item["spec"]:
            faults.append(f"{named(item)}: goes away, so that the next `kubectl apply` runs it without a change")
    return faults


def applying_again_changes_nothing(resources: Resources) -> list[str]:
    """What `kubectl apply` compares with the API server's copy is written as the API server keeps it."""
    faults = []
    for item in of_kind(resources, "Deployment", "StatefulSet"):
        # Deployment.strategy is merged whole: a default that is left out is "removed" by each apply.
        strategy = item["spec"].get("strategy" if item["kind"] == "Deployment" else "updateStrategy", {})
        if "type" not in strategy:
            faults.append(f"{named(item)}: the type of its rollout is left to the default")
        for claim in item["spec"].get("volumeClaimTemplates", ()):  # a list that is compared whole
            kept = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "status": {"phase": "Pending"}}
            if not kept.items() <= claim.items() or "volumeMode" not in claim["spec"]:
                faults.append(f"{named(item)}: a claim's defaults are left out")
    for item in of_kind(resources, "NetworkPolicy"):
        rules = [*item["spec"].get("ingress", ()), *item["spec"].get("egress", ())]
        if not all("protocol" in port for rule in rules for port in rule.get("ports", ())):
            faults.append(f"{named(item)}: a port's protocol is left to the default")
    for name, _, container in containers(resources):
        for amounts in container.get("resources", {}).values():
            faults += [
                f"{name}: {amount!r} is kept in another form"
                for amount in amounts.values()
                if not _is_canonical(amount)
            ]
    return faults


def _config_maps_of(container: dict[str, Any]) -> set[str]:
    return {each["configMapRef"]["name"] for each in container.get("envFrom", ()) if "configMapRef" in each} | {
        each["valueFrom"]["configMapKeyRef"]["name"]
        for each in container.get("env", ())
        if "configMapKeyRef" in each.get("valueFrom", {})
    }


def _is_canonical(amount: object) -> bool:
    """Whether a quantity is written as the API server writes it: text, no fraction, the largest unit that fits."""
    match = re.fullmatch(r"(0|[1-9][0-9]*)(m|k|M|G|T|Ki|Mi|Gi|Ti|)", amount) if isinstance(amount, str) else None
    if match is None:
        return False
    number, unit = int(match[1]), match[2]
    return number % (1024 if unit.endswith("i") else 1000) != 0 or number == 0
