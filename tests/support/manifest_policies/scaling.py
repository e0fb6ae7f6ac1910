"""Scaling: autoscalers, KEDA's triggers, and room for what a worker takes on."""

from services.common.jobs.topology import BACKLOG, SERVICES, backlog_stream
from tests.support.manifest_policies.reading import (
    SETTINGS,
    Resources,
    named,
    of_kind,
    quantity,
    roles,
)


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
    streams = {f"{service}-worker": backlog_stream(service) for service in SERVICES}
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
                "consumer": BACKLOG,
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
