"""Pods: that they are found, bounded, probed, restricted, and let go."""

import re

from tests.support.manifest_policies.reading import (
    SETTINGS,
    Resources,
    containers,
    matches,
    named,
    of_kind,
    pod_labels,
    pod_of,
    quantity,
    role_of,
    roles,
    workloads,
)
from tests.support.manifests import Resource

SPEAKS_TO_THE_API_SERVER = {"secrets"}
_HANDLERS = {"httpGet", "tcpSocket", "exec", "grpc", "sleep"}


def selectors_find_pods(resources: Resources) -> list[str]:
    """Every selector matches pods that are there; a workload's matches its own."""
    labels = pod_labels(resources)
    strangers = [
        f"{named(item)}: does not select its own pods"
        for item in of_kind(resources, "Deployment", "StatefulSet")
        if not matches(item["spec"]["selector"], item["spec"]["template"]["metadata"]["labels"])
    ]
    selectors = [
        *((item, {"matchLabels": item["spec"]["selector"]}) for item in of_kind(resources, "Service")),
        *((item, item["spec"]["selector"]) for item in of_kind(resources, "PodDisruptionBudget")),
    ]
    return strangers + [
        f"{named(item)}: selects nothing"
        for item, selector in selectors
        if not any(matches(selector, each) for each in labels)
    ]


def ports_agree(resources: Resources) -> list[str]:
    """Names of at most 15 characters, once each; probes and Services use ports that pods have; headless: the same."""
    faults = []
    for name, _, container in containers(resources):
        ports = container.get("ports", ())
        names, numbers = [port["name"] for port in ports], {port["containerPort"] for port in ports}
        faults += [f"{name}: port name {each!r}" for each in names if not re.fullmatch(r"[a-z][a-z0-9-]{0,14}", each)]
        if len(names) != len(set(names)) or len(numbers) != len(names):
            faults.append(f"{name}: a port stands there twice")
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            for handler in container.get(probe, {}).values():
                if isinstance(handler, dict) and handler.get("port") not in numbers | set(names):
                    faults.append(f"{name}: {probe} asks port {handler.get('port')}")
    for service in of_kind(resources, "Service"):
        selector = {"matchLabels": service["spec"]["selector"]}
        chosen = [
            item for item in workloads(resources) if matches(selector, item["spec"]["template"]["metadata"]["labels"])
        ]
        for port in service["spec"]["ports"]:
            target = port.get("targetPort", port["port"])
            open_ports = [
                each for item in chosen for box in pod_of(item)["containers"] for each in box.get("ports", ())
            ]
            if not any(target in (each["name"], each["containerPort"]) for each in open_ports):
                faults.append(f"{named(service)}: no pod has port {target}")
            if service["spec"].get("clusterIP") == "None" and target != port["port"]:
                faults.append(f"{named(service)}: a headless Service translates no ports ({port['port']} to {target})")
            if not re.fullmatch(r"[a-z][a-z0-9-]{0,14}", port["name"]):
                faults.append(f"{named(service)}: port name {port['name']!r}")
    return faults


def resources_are_bounded(resources: Resources) -> list[str]:
    """Requests for cpu, memory and disk, limits of memory above them and none of cpu; sized emptyDirs."""
    faults = []
    for name, pod, container in containers(resources):
        given = container.get("resources", {})
        requests, limits = given.get("requests", {}), given.get("limits", {})
        faults += [
            f"{name}: requests no {each}" for each in ("cpu", "memory", "ephemeral-storage") if each not in requests
        ]
        if "memory" not in limits:
            faults.append(f"{name}: no memory limit")
        if "cpu" in limits:
            faults.append(f"{name}: a cpu limit")
        for kind in (*requests, *limits):
            try:
                if quantity(requests.get(kind, 0)) > quantity(limits.get(kind, requests.get(kind, 0))):
                    faults.append(f"{name}: requests more {kind} than its limit")
            except ValueError as error:
                faults.append(f"{name}: {kind}: {error}")
        for volume in pod.get("volumes", ()):
            if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
                faults.append(f"{name}: emptyDir {volume['name']} without a size")
    return faults


def volumes_are_there(resources: Resources) -> list[str]:
    """Each mount has its volume, each volume its mount and its ConfigMap, and the converter's work folder is one."""
    faults = []
    for workload in workloads(resources):
        pod = pod_of(workload)
        claims = {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", ())}
        volumes = {volume["name"]: volume for volume in pod.get("volumes", ())}
        mounts = {mount["name"] for box in pod["containers"] for mount in box.get("volumeMounts", ())}
        if mounts != volumes.keys() | claims:
            faults.append(f"{named(workload)}: mounts {sorted(mounts)}, has {sorted(volumes.keys() | claims)}")
        maps = {item["metadata"]["name"] for item in of_kind(resources, "ConfigMap")}
        faults += [
            f"{named(workload)}: no ConfigMap {volume['configMap']['name']}"
            for volume in volumes.values()
            if "configMap" in volume and volume["configMap"]["name"] not in maps
        ]
    for name, pod, values in roles(resources):
        paths = {mount["mountPath"] for mount in pod["containers"][0].get("volumeMounts", ())}
        for setting in ("CONVERTER_WORK_DIR", "GATEWAY_KEYS_FILE"):
            path = values.get(setting) if name in ("gateway", "converter-worker") else None
            if path and not any(path == each or path.startswith(each + "/") for each in paths):
                faults.append(f"{name}: {setting} lies in no volume")
    return faults


def probes_are_whole(resources: Resources) -> list[str]:
    """Three probes a server, one handler each, liveness looser than readiness; the gateway's readiness its own."""
    faults = []
    for name, _, container in containers(resources):
        found = [probe for probe in ("startupProbe", "readinessProbe", "livenessProbe") if probe in container]
        if not name.startswith("Job/") and container["name"] != "exporter" and len(found) < 3:
            faults.append(f"{name}: has only {found}")
        faults += [
            f"{name}: {probe} needs one handler" for probe in found if len(_HANDLERS & container[probe].keys()) != 1
        ]
        if len(found) == 3:
            ready, alive = container["readinessProbe"], container["livenessProbe"]
            if alive.get("failureThreshold", 3) * alive.get("periodSeconds", 10) <= ready.get(
                "failureThreshold", 3
            ) * ready.get("periodSeconds", 10):
                faults.append(f"{name}: liveness is no looser than readiness")
        if (
            container["name"] == "gateway"
            and container.get("readinessProbe", {}).get("httpGet", {}).get("path") != "/readyz"
        ):
            faults.append(f"{name}: readiness is /readyz")
    return faults


def budgets_let_pods_go(resources: Resources) -> list[str]:
    """Every Deployment of ours and NATS have a budget, and none forbids all evictions."""
    faults = []
    budgets = {item["metadata"]["name"]: item["spec"] for item in of_kind(resources, "PodDisruptionBudget")}
    for name, spec in budgets.items():
        if "minAvailable" in spec or str(spec.get("maxUnavailable", "0")) in {"0", "0%"}:
            faults.append(f"PodDisruptionBudget/{name}: may forbid every eviction")
    return faults + [
        f"{named(item)}: has no budget"
        for item in of_kind(resources, "Deployment", "StatefulSet")
        if item["metadata"]["name"] not in {*budgets, "s3"}
    ]


def pods_are_restricted(resources: Resources) -> list[str]:
    """The restricted profile, uids above 10000, a read-only root, a ServiceAccount of one's own without a token."""
    faults = []
    accounts = {item["metadata"]["name"] for item in of_kind(resources, "ServiceAccount")}
    for name, pod, container in containers(resources):
        security, own = pod.get("securityContext", {}), container.get("securityContext", {})
        rules = {
            "runAsNonRoot": security.get("runAsNonRoot") is True,
            "a uid above 10000": security.get("runAsUser", 0) > 10000,
            "seccomp": security.get("seccompProfile") == {"type": "RuntimeDefault"},
            "no escalation": own.get("allowPrivilegeEscalation") is False,
            "a read-only root": own.get("readOnlyRootFilesystem") is True,
            "no capabilities": own.get("capabilities") == {"drop": ["ALL"]},
            "a ServiceAccount": pod.get("serviceAccountName") in accounts,
            "no token": pod.get("automountServiceAccountToken")
            is (pod.get("serviceAccountName") in SPEAKS_TO_THE_API_SERVER),
            "a /tmp": "wealth/" not in container["image"]
            or "/tmp" in {mount["mountPath"] for mount in container.get("volumeMounts", ())},
            "no service links": pod.get("enableServiceLinks") is False,
            "a tag": ":" in container["image"] or not container["image"].startswith("registry."),
            "not latest": not container["image"].endswith(":latest"),
        }
        faults += [f"{name}: {rule} is missing" for rule, holds in rules.items() if not holds]
    for item in of_kind(resources, "Namespace"):
        if item["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            faults.append("the namespace does not enforce the restricted profile")
    return faults


def priorities_are_there(resources: Resources) -> list[str]:
    """A pod's priority class is one that comes with it; who answers clients goes before who works through queues."""
    classes = {item["metadata"]["name"]: item["value"] for item in of_kind(resources, "PriorityClass")}
    given = {role_of(item): pod_of(item).get("priorityClassName") for item in workloads(resources)}
    faults = [f"{role}: no PriorityClass {name}" for role, name in given.items() if name and name not in classes]
    if faults or not classes:
        return faults
    values = {role: classes.get(name, 0) for role, name in given.items()}
    return [
        f"{serving}: goes no earlier than {working}"
        for serving in sorted({"gateway", "portfolio", "converter", "storage", "events", "nats"} & values.keys())
        for working in ("portfolio-worker", "converter-worker")
        if not values[serving] > values[working] > 0
    ]


def rollouts_keep_serving(resources: Resources) -> list[str]:
    """No rollout takes an API's pod away before the next one serves; pods are spread over hosts and zones."""
    faults = []
    ours = [item for item in workloads(resources) if role_of(item) in {*SETTINGS, "nats"} - {"bootstrap"}]
    for item in ours:
        name = item["metadata"]["name"]
        rolling = item["spec"].get("strategy", {}).get("rollingUpdate", {})
        if item["kind"] == "Deployment" and not name.endswith("-worker") and rolling.get("maxUnavailable") != 0:
            faults.append(f"{named(item)}: a rollout takes pods away before there are others")
        labels = item["spec"]["template"]["metadata"]["labels"]
        constraints = pod_of(item).get("topologySpreadConstraints", ())
        apart = _kept_apart(item)
        if {each["topologyKey"] for each in constraints} | apart != {
            "kubernetes.io/hostname", "topology.kubernetes.io/zone",
        }:  # fmt: skip
            faults.append(f"{named(item)}: is not spread over hosts and zones")
        if item["kind"] == "StatefulSet" and "kubernetes.io/hostname" not in apart:
            faults.append(f"{named(item)}: two of its servers may stand on one host")
        for each in constraints:
            # Counting the pods of others would spread these by where those stand.
            own = "app.kubernetes.io/name" in {*each["labelSelector"]["matchLabels"], *each.get("matchLabelKeys", ())}
            if not matches(each["labelSelector"], labels) or not own:
                faults.append(f"{named(item)}: spread counts pods other than its own")
    return faults


def _kept_apart(item: Resource) -> set[str]:
    """By what a workload's pods never stand together."""
    labels = item["spec"]["template"]["metadata"]["labels"]
    affinity = pod_of(item).get("affinity", {}).get("podAntiAffinity", {})
    return {
        term["topologyKey"]
        for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution", ())
        if matches(term["labelSelector"], labels)
    }


def jobs_end(resources: Resources) -> list[str]:
    """A Job's pods are not restarted for ever."""
    return [
        f"{named(item)}: {what}"
        for item in of_kind(resources, "Job")
        for what, holds in {
            "restartPolicy": pod_of(item).get("restartPolicy") in {"OnFailure", "Never"},
            "backoffLimit": item["spec"].get("backoffLimit", 0) > 0,
        }.items()
        if not holds
    ]
