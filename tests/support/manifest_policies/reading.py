"""Reading rendered manifests: who is there, what pods they make, what these are told."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from services.common.settings import ServiceSettings
from services.converter.settings import ConverterSettings
from services.events.settings import EventsSettings
from services.gateway.settings import GatewaySettings
from services.portfolio.settings import PortfolioSettings
from services.storage.settings import StorageSettings
from tests.support.manifests import Resource

Resources = list[Resource]
Policy = Callable[[Resources], list[str]]

SETTINGS: dict[str, type[ServiceSettings]] = {
    "gateway": GatewaySettings,
    "portfolio": PortfolioSettings,
    "portfolio-worker": PortfolioSettings,
    "converter": ConverterSettings,
    "converter-worker": ConverterSettings,
    "storage": StorageSettings,
    "events": EventsSettings,
    "bootstrap": StorageSettings,
}
# What each role must be told: its default is for one machine, or there is none.
_UNITS = {
    "m": Decimal("0.001"), "": Decimal(1), "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30), "Ti": Decimal(2**40),
}  # fmt: skip


def named(item: Resource) -> str:
    """Kind/name."""
    return f"{item['kind']}/{item['metadata']['name']}"


def of_kind(resources: Resources, *kinds: str) -> list[Resource]:
    """The resources of some kinds."""
    return [item for item in resources if item["kind"] in kinds]


def find(resources: Resources, kind: str, name: str) -> Resource:
    """The one resource of a kind and name."""
    (found,) = (item for item in of_kind(resources, kind) if item["metadata"]["name"] == name)
    return found


def workloads(resources: Resources) -> list[Resource]:
    """Everything that makes pods."""
    return of_kind(resources, "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def pod_of(workload: Resource) -> dict[str, Any]:
    """A workload's pod spec."""
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def role_of(workload: Resource) -> str:
    """What a workload is for: its pods' label. A Job's own name has a hash behind it."""
    name: str = workload["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
    return name


def containers(resources: Resources) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, pod spec and container of each container."""
    for workload in workloads(resources):
        pod = pod_of(workload)
        for container in [*pod.get("initContainers", ()), *pod["containers"]]:
            yield f"{named(workload)}/{container['name']}", pod, container


def environment(resources: Resources, container: dict[str, Any]) -> dict[str, str | None]:
    """What a container's environment says; None where a Secret or the pod itself says it."""
    found: dict[str, str | None] = {}
    for source in container.get("envFrom", ()):
        if reference := source.get("configMapRef"):
            found |= find(resources, "ConfigMap", reference["name"])["data"]
    for variable in container.get("env", ()):
        if reference := variable.get("valueFrom", {}).get("configMapKeyRef"):
            data = find(resources, "ConfigMap", reference["name"])["data"]
            if reference["key"] in data or not reference.get("optional"):
                found[variable["name"]] = data[reference["key"]]
        else:
            found[variable["name"]] = variable.get("value")
    return found


def roles(resources: Resources) -> Iterator[tuple[str, dict[str, Any], dict[str, str | None]]]:
    """Each of our roles: its name, its pod spec, its environment."""
    for workload in workloads(resources):
        name = role_of(workload)
        if name in SETTINGS:
            pod = pod_of(workload)
            yield name, pod, environment(resources, pod["containers"][0])


def port_of(address: str | None) -> int:
    """The port of host:port."""
    return int((address or ":0").rpartition(":")[2])


def quantity(text: str | int | float) -> Decimal:
    """A Kubernetes quantity as a number. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi|Ti|)", str(text))
    if not match:
        raise ValueError(f"{text!r} is not a quantity")
    return Decimal(match[1]) * _UNITS[match[2]]


def matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector of Kubernetes selects these labels."""
    wanted = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return wanted and all(
        labels.get(item["key"]) in item["values"]
        for item in selector.get("matchExpressions", ())
        if item["operator"] == "In"
    )


def pod_labels(resources: Resources) -> list[dict[str, str]]:
    """The labels of every workload's pods."""
    return [workload["spec"]["template"]["metadata"]["labels"] for workload in workloads(resources)]
