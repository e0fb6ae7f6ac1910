"""What no schema catches in a manifest: each policy takes rendered resources and names what is wrong with them."""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from services.common.jobs.topology import SERVICES, WORKERS, jobs_stream
from services.common.settings import ServiceSettings
from services.converter.settings import ConverterSettings
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
    "bootstrap": StorageSettings,
}
# What each role must be told: its default is for one machine, or there is none.
REQUIRED: dict[str, set[str]] = {
    "gateway": {
        "GATEWAY_LISTEN", "GATEWAY_GRPC_LISTEN", "GATEWAY_IDENTITY_KEY", "GATEWAY_KEY_SECRET", "GATEWAY_KEYS_FILE",
        "PORTFOLIO_TARGET", "CONVERTER_TARGET", "STORAGE_TARGET", "METRICS_LISTEN",
    },
    "portfolio": {
        "PORTFOLIO_LISTEN", "PORTFOLIO_IDENTITY_KEY", "PORTFOLIO_SEALING_KEYS", "TRUSTED_CALLERS", "NATS_URL",
        "STORAGE_TARGET", "NATS_REPLICAS", "METRICS_LISTEN",
    },
    "portfolio-worker": {
        "PORTFOLIO_WORKER_LISTEN", "PORTFOLIO_IDENTITY_KEY", "PORTFOLIO_SEALING_KEYS", "NATS_URL", "STORAGE_TARGET",
        "CONVERTER_TARGET", "JOBS_CONCURRENCY", "METRICS_LISTEN",
    },
    "converter": {
        "CONVERTER_LISTEN", "CONVERTER_IDENTITY_KEY", "TRUSTED_CALLERS", "NATS_URL", "STORAGE_TARGET",
        "NATS_REPLICAS", "METRICS_LISTEN",
    },
    "converter-worker": {
        "CONVERTER_WORKER_LISTEN", "CONVERTER_IDENTITY_KEY", "NATS_URL", "STORAGE_TARGET", "CONVERTER_ENGINES",
        "CONVERTER_WORK_DIR", "JOBS_CONCURRENCY", "METRICS_LISTEN",
    },
    "storage": {"STORAGE_LISTEN", "TRUSTED_CALLERS", "S3_BUCKET_NAME", "METRICS_LISTEN"},
    "bootstrap": {"NATS_URL", "S3_BUCKET_NAME", "NATS_REPLICAS", "JOBS_MAX_ACK_PENDING"},
}  # fmt: skip
LISTENS = {
    "gateway": ("GATEWAY_LISTEN", "GATEWAY_GRPC_LISTEN"),
    "portfolio": ("PORTFOLIO_LISTEN",),
    "portfolio-worker": ("PORTFOLIO_WORKER_LISTEN",),
    "converter": ("CONVERTER_LISTEN",),
    "converter-worker": ("CONVERTER_WORKER_LISTEN",),
    "storage": ("STORAGE_LISTEN",),
}
APIS = {
    "v1", "apps/v1", "batch/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1",
    "keda.sh/v1alpha1", "monitoring.coreos.com/v1", "external-secrets.io/v1",
}  # fmt: skip
HOLDERS_OF_S3 = {"storage", "bootstrap"}
SPEAKS_TO_THE_API_SERVER = {"secrets"}
_HANDLERS = {"httpGet", "tcpSocket", "exec", "grpc", "sleep"}
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
        found[variable["name"]] = variable.get("value")
    return found


def roles(resources: Resources) -> Iterator[tuple[str, dict[str, Any], dict[str, str | None]]]:
    """Each of our roles: its name, its pod spec, its environment."""
    for workload in workloads(resources):
        name = workload["metadata"]["name"]
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


def _matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    wanted = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return wanted and all(
        labels.get(item["key"]) in item["values"]
        for item in selector.get("matchExpressions", ())
        if item["operator"] == "In"
    )


def _pod_labels(resources: Resources) -> list[dict[str, str]]:
    return [workload["spec"]["template"]["metadata"]["labels"] for workload in workloads(resources)]


def selectors_find_pods(resources: Resources) -> list[str]:
    """Every selector matches pods that are there; a workload's matches its own."""
    labels = _pod_labels(resources)
    strangers = [
        f"{named(item)}: does not select its own pods"
        for item in of_kind(resources, "Deployment", "StatefulSet")
        if not _matches(item["spec"]["selector"], item["spec"]["template"]["metadata"]["labels"])
    ]
    selectors = [
        *((item, {"matchLabels": item["spec"]["selector"]}) for item in of_kind(resources, "Service")),
        *((item, item["spec"]["selector"]) for item in of_kind(resources, "PodDisruptionBudget")),
    ]
    return strangers + [
        f"{named(item)}: selects nothing"
        for item, selector in selectors
        if not any(_matches(selector, each) for each in labels)
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
            item for item in workloads(resources) if _matches(selector, item["spec"]["template"]["metadata"]["labels"])
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


def autoscalers_are_sane(resources: Resources) -> list[str]:
    """min <= max, one autoscaler a Deployment, which is there and says no replicas; all of ours have one or can."""
    faults, targets = [], []
    for item in of_kind(resources, "HorizontalPodAutoscaler", "ScaledObject"):
        spec = item["spec"]
        least, most = (
            (spec["minReplicas"], spec["maxReplicas"])
            if item["kind"] == "HorizontalPodAutoscaler"
            else (spec["minReplicaCount"], spec["maxReplicaCount"])
        )
        if least > most:
            faults.append(f"{named(item)}: min {least} > max {most}")
        targets.append(spec["scaleTargetRef"]["name"])
    deployments = {item["metadata"]["name"]: item for item in of_kind(resources, "Deployment")}
    faults += [f"{name}: two autoscalers" for name in set(targets) if targets.count(name) > 1]
    faults += [f"{name}: no such Deployment to scale" for name in targets if name not in deployments]
    for name, item in deployments.items():
        if "replicas" in item["spec"] and name in SETTINGS:
            faults.append(f"{named(item)}: replicas belong to its autoscaler, or to kubectl scale")
    return faults


def triggers_match_the_queues(resources: Resources) -> list[str]:
    """KEDA looks at the streams and consumers that bootstrap makes, and no more is handed out than may be in hand."""
    faults = []
    streams = {f"{service}-worker": jobs_stream(service) for service in SERVICES}
    by_role = {name: values for name, _, values in roles(resources)}
    for item in of_kind(resources, "ScaledObject"):
        target = item["spec"]["scaleTargetRef"]["name"]
        concurrency = int(by_role[target]["JOBS_CONCURRENCY"] or 0)
        if item["spec"]["maxReplicaCount"] * concurrency > int(by_role[target]["JOBS_MAX_ACK_PENDING"] or 0):
            faults.append(f"{named(item)}: more slots than JOBS_MAX_ACK_PENDING")
        for trigger in item["spec"]["triggers"]:
            seen = trigger["metadata"]
            wanted = {
                "stream": streams.get(target),
                "consumer": WORKERS,
                "account": "WEALTH",
                "lagThreshold": str(concurrency),
                "natsServerMonitoringEndpoint": "nats-headless.wealth.svc.cluster.local:8222",
            }
            faults += [
                f"{named(item)}: {key} is {seen.get(key)!r}, not {value!r}"
                for key, value in wanted.items()
                if seen.get(key) != value
            ]
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


def apis_are_current(resources: Resources) -> list[str]:
    """Only API versions that servers of today serve."""
    return [f"{named(item)}: {item['apiVersion']}" for item in resources if item["apiVersion"] not in APIS]


def settings_are_read(resources: Resources) -> list[str]:
    """Each variable is a field of the role's settings, of a value that they take; what a role must be told is told."""
    faults = []
    for name, _, values in roles(resources):
        model = SETTINGS[name]
        fields = {field.upper() for field in model.model_fields}
        faults += [f"{name}: nobody reads {variable}" for variable in values.keys() - fields]
        faults += [f"{name}: {variable} is not given" for variable in REQUIRED[name] - values.keys()]
        if name == "bootstrap" and "METRICS_LISTEN" in values:
            faults.append("bootstrap: serves no metrics")
        told = {key.lower(): _parse(value) for key, value in values.items() if value is not None and key in fields}
        try:
            model.__pydantic_validator__.validate_python({**_stand_ins(model), **told})
        except ValueError as error:
            faults.append(f"{name}: {error}")
    return faults


def _parse(value: str) -> Any:
    try:
        return json.loads(value) if value[:1] in "[{" else value
    except ValueError:
        return value


def _stand_ins(model: type[ServiceSettings]) -> dict[str, str]:
    """Something for what a Secret says, so that the rest can be validated."""
    return {name: "s" * 43 for name in ("gateway_identity_key", "gateway_key_secret") if name in model.model_fields}


def addresses_match(resources: Resources) -> list[str]:
    """Where a role listens is a port of its container that probes ask; what it dials is a Service with that port."""
    faults = []
    services = {
        item["metadata"]["name"]: (item["spec"], {port["port"] for port in item["spec"]["ports"]})
        for item in of_kind(resources, "Service")
    }
    for name, pod, values in roles(resources):
        numbers = {port["containerPort"] for port in pod["containers"][0].get("ports", ())}
        for setting in (*LISTENS.get(name, ()), "METRICS_LISTEN"):
            address = values.get(setting)
            if address and (port_of(address) not in numbers or not address.startswith("0.0.0.0:")):
                faults.append(f"{name}: {setting}={address}, ports {sorted(numbers)}")
        grpc = pod["containers"][0].get("readinessProbe", {}).get("grpc")
        if grpc and grpc["port"] != port_of(values.get(LISTENS[name][0])):
            faults.append(f"{name}: readiness asks {grpc['port']}")
        for setting, target in values.items():
            if setting.endswith("_TARGET") and target:
                host, port = target.removeprefix("dns:///").split(":")
                spec, ports = services.get(host, ({}, set()))
                if not target.startswith("dns:///") or spec.get("clusterIP") != "None" or int(port) not in ports:
                    faults.append(f"{name}: {setting}={target} is no headless Service")
    return faults


def drains_fit_the_grace(resources: Resources) -> list[str]:
    """terminationGracePeriodSeconds is above preStop + DRAIN_TIMEOUT_S; servers of calls wait before they stop."""
    faults = []
    for name, pod, values in roles(resources):
        if name == "bootstrap":
            continue
        hook = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        drain = float(values.get("DRAIN_TIMEOUT_S") or SETTINGS[name].model_fields["drain_timeout_s"].default)
        if pod.get("terminationGracePeriodSeconds", 30) < hook + drain + 5:
            faults.append(f"{name}: {hook} + {drain:g} s do not fit into its grace")
        if not name.endswith("-worker") and hook < 5:
            faults.append(f"{name}: stops before balancers forget it")
    return faults


def engines_fit_the_memory(resources: Resources) -> list[str]:
    """The converter's engines at their limit leave the worker room, and its jobs' files fit into their volume."""
    faults = []
    for name, pod, values in roles(resources):
        if name == "converter-worker":
            limit = quantity(pod["containers"][0]["resources"]["limits"]["memory"])
            engines, each = int(values["CONVERTER_ENGINES"] or 0), int(values["CONVERTER_ENGINE_MEMORY_BYTES"] or 0)
            if engines * each + 512 * 2**20 > limit:
                faults.append(f"{name}: {engines} engines of {each} bytes do not fit into {limit}")
            if values["JOBS_CONCURRENCY"] != values["CONVERTER_ENGINES"]:
                faults.append(f"{name}: jobs in hand that no engine works on, or idle engines")
            work = next(v["emptyDir"]["sizeLimit"] for v in pod["volumes"] if v["name"] == "work")
            if engines * 3 * int(values["CONVERTER_INFERENCE_MAX_BYTES"] or 0) > quantity(work):
                faults.append(f"{name}: inputs and outputs do not fit into {work}")
    return faults


def secrets_stay_apart(resources: Resources) -> list[str]:
    """No Secret stands in a manifest; S3 keys are storage's; the identity key of a service is its own."""
    faults = [f"{named(item)}: a Secret in git" for item in of_kind(resources, "Secret")]
    for name, _, values in roles(resources):
        if (
            name not in HOLDERS_OF_S3
            and {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "S3_ENDPOINT_URL"} & values.keys()
        ):
            faults.append(f"{name}: knows S3")
        model = SETTINGS[name].model_fields
        for variable, value in values.items():
            annotation = str(model[variable.lower()].annotation) if variable.lower() in model else ""
            if "Secret" in annotation and value is not None:
                faults.append(f"{name}: {variable} stands in the manifest")
    return faults


def roles_are_reachable(resources: Resources) -> list[str]:
    """Where there are network policies: roles reach what they dial, both ends agree, and only storage reaches S3."""
    policies = of_kind(resources, "NetworkPolicy")
    if not policies:
        return []
    faults = []
    everything = [
        item
        for item in policies
        if item["spec"]["podSelector"] == {} and not ({"ingress", "egress"} & item["spec"].keys())
    ]
    if not any(set(item["spec"]["policyTypes"]) == {"Ingress", "Egress"} for item in everything):
        faults.append("nothing denies by default, both ways")
    job_roles = ("portfolio", "portfolio-worker", "converter", "converter-worker")
    dials = {
        ("gateway", "portfolio", 9102), ("gateway", "converter", 9103), ("gateway", "storage", 9101),
        ("portfolio-worker", "converter", 9103), ("bootstrap", "nats", 4222),
        *((role, "storage", 9101) for role in job_roles),
        *((role, "nats", 4222) for role in job_roles),
        ("nats", "nats", 6222), ("storage", "s3", 8333), ("bootstrap", "s3", 8333),
    }  # fmt: skip
    names = {item["metadata"]["name"] for item in workloads(resources)} | {"nats", "s3"}
    for source in sorted(names):
        for target in sorted(names):
            for port in (9101, 9102, 9103, 4222, 6222, 8333):
                leaves = _permits(policies, "egress", "to", source, target, port)
                enters = _permits(policies, "ingress", "from", target, source, port)
                if (leaves or enters) != ((source, target, port) in dials) or leaves != enters:
                    faults.append(f"{source} to {target}:{port}: may leave {leaves}, may enter {enters}")
    outward = {name for name in names if _leaves_the_cluster(policies, name)}
    models = {name for name, _, values in roles(resources) if "OPENAI_API_KEY" in values}
    if outward - {"secrets"} != ({"portfolio-worker", "storage", "bootstrap"} & names) | models:
        faults.append(f"outward go {sorted(outward)}")
    if not any(_asks_from(item, "keda", 8222) for item in policies if item["metadata"]["name"] == "nats"):
        faults.append("KEDA does not reach NATS's monitoring")
    return faults


def _permits(policies: Resources, rules: str, end: str, subject: str, peer: str, port: int) -> bool:
    mine = {"app.kubernetes.io/name": subject, "app.kubernetes.io/part-of": "wealth"}
    other = {"app.kubernetes.io/name": peer, "app.kubernetes.io/part-of": "wealth"}
    return any(
        port in {each["port"] for each in rule["ports"]}
        and any("podSelector" in each and _matches(each["podSelector"], other) for each in rule[end])
        for item in policies
        if _matches(item["spec"]["podSelector"], mine)
        for rule in item["spec"].get(rules, ())
    )


def _leaves_the_cluster(policies: Resources, name: str) -> bool:
    mine = {"app.kubernetes.io/name": name}
    return any(
        each["ipBlock"]["cidr"] == "0.0.0.0/0"
        for item in policies
        if _matches(item["spec"]["podSelector"], mine)
        for rule in item["spec"].get("egress", ())
        for each in rule["to"]
        if "ipBlock" in each
    )


def _asks_from(policy: Resource, namespace: str, port: int) -> bool:
    wanted = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    return any(
        port in {each["port"] for each in rule["ports"]}
        and any(each.get("namespaceSelector") == wanted for each in rule["from"])
        for rule in policy["spec"]["ingress"]
    )


POLICIES: tuple[Policy, ...] = (
    selectors_find_pods,
    ports_agree,
    resources_are_bounded,
    autoscalers_are_sane,
    triggers_match_the_queues,
    volumes_are_there,
    probes_are_whole,
    budgets_let_pods_go,
    pods_are_restricted,
    apis_are_current,
    settings_are_read,
    addresses_match,
    drains_fit_the_grace,
    engines_fit_the_memory,
    secrets_stay_apart,
    roles_are_reachable,
)
