"""Objects as such: what the API server refuses though every schema takes it."""

import re

from tests.support.manifest_policies.reading import (
    Resources,
    containers,
    named,
    of_kind,
)

APIS = {
    "v1", "apps/v1", "batch/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1",
    "keda.sh/v1alpha1", "monitoring.coreos.com/v1", "external-secrets.io/v1",
}  # fmt: skip
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
        if item["kind"] != "Namespace" and item["metadata"].get("namespace") != "wealth":
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
            *(each["configMapRef"]["name"] for each in container.get("envFrom", ()) if "configMapRef" in each),
            *(each["configMap"]["name"] for each in pod.get("volumes", ()) if "configMap" in each),
        ]
        faults += [f"{name}: no ConfigMap {each}" for each in named_maps if each not in present]
        faults += [f"{name}: ConfigMap {each} has no hash" for each in named_maps if not _HASHED.fullmatch(each)]
    return faults
