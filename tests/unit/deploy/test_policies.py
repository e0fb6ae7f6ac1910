"""Every combination of manifests keeps every policy, and every policy catches the mistakes that it is there for."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import manifest_policies as policies
from tests.support.manifest_policies import Policy, Resources, find, of_kind
from tests.support.manifests import COMBINATIONS, find_kubectl, render

pytestmark = pytest.mark.skipif(find_kubectl() is None, reason="kubectl is not here: `make manifests` brings it")

EVERYTHING = "nats + nats-single + s3-dev + generated-secrets + network-policies + keda + monitoring"


@pytest.mark.parametrize("policy", policies.POLICIES, ids=lambda policy: policy.__name__)
@pytest.mark.parametrize("combination", COMBINATIONS)
def test_a_combination_keeps_the_policy(combination: str, policy: Policy) -> None:
    assert policy(render(combination)) == []


def deployment(resources: Resources, name: str) -> dict[str, Any]:
    """A Deployment's spec."""
    spec: dict[str, Any] = find(resources, "Deployment", name)["spec"]
    return spec


def container(resources: Resources, name: str) -> dict[str, Any]:
    """The first container of a Deployment."""
    box: dict[str, Any] = deployment(resources, name)["template"]["spec"]["containers"][0]
    return box


def settings(resources: Resources, prefix: str) -> dict[str, str]:
    """The ConfigMap whose name, but for its hash, is this."""
    (data,) = (i["data"] for i in of_kind(resources, "ConfigMap") if i["metadata"]["name"].rpartition("-")[0] == prefix)
    return data


def trigger(resources: Resources) -> dict[str, str]:
    """What KEDA is told of the converter's queue."""
    metadata: dict[str, str] = find(resources, "ScaledObject", "converter-worker")["spec"]["triggers"][0]["metadata"]
    return metadata


def network(resources: Resources, name: str) -> dict[str, Any]:
    """A network policy's spec."""
    spec: dict[str, Any] = find(resources, "NetworkPolicy", name)["spec"]
    return spec


Mutation = Callable[[Resources], Any]
MUTANTS: dict[str, tuple[Policy, Mutation]] = {
    "a Service that selects nothing": (
        policies.selectors_find_pods,
        lambda r: find(r, "Service", "storage")["spec"]["selector"].update({"app.kubernetes.io/name": "storag"}),
    ),
    "a Deployment that misses its pods": (
        policies.selectors_find_pods,
        lambda r: deployment(r, "gateway")["selector"]["matchLabels"].update({"app.kubernetes.io/name": "door"}),
    ),
    "a budget that selects nothing": (
        policies.selectors_find_pods,
        lambda r: find(r, "PodDisruptionBudget", "nats")["spec"]["selector"]["matchLabels"].update({"a": "b"}),
    ),
    "a port name of 16 characters": (
        policies.ports_agree,
        lambda r: container(r, "storage")["ports"][0].update(name="grpc-of-storage1"),
    ),
    "a Service's port that no pod has": (
        policies.ports_agree,
        lambda r: find(r, "Service", "gateway")["spec"]["ports"][0].update(targetPort="web"),
    ),
    "a headless Service that translates": (
        policies.ports_agree,
        lambda r: find(r, "Service", "portfolio")["spec"]["ports"][0].update(port=80),
    ),
    "a probe of a port that is not there": (
        policies.ports_agree,
        lambda r: container(r, "storage")["readinessProbe"]["grpc"].update(port=9999),
    ),
    "a quantity that is none": (
        policies.resources_are_bounded,
        lambda r: container(r, "storage")["resources"]["limits"].update(memory="1GB"),
    ),
    "a request above its limit": (
        policies.resources_are_bounded,
        lambda r: container(r, "storage")["resources"]["requests"].update(memory="2Gi"),
    ),
    "no request for disk": (
        policies.resources_are_bounded,
        lambda r: container(r, "storage")["resources"]["requests"].pop("ephemeral-storage"),
    ),
    "a cpu limit": (
        policies.resources_are_bounded,
        lambda r: container(r, "storage")["resources"]["limits"].update(cpu="1"),
    ),
    "an emptyDir without a size": (
        policies.resources_are_bounded,
        lambda r: deployment(r, "storage")["template"]["spec"]["volumes"][0].update(emptyDir={}),
    ),
    "an autoscaler with min above max": (
        policies.autoscalers_are_sane,
        lambda r: find(r, "HorizontalPodAutoscaler", "storage")["spec"].update(minReplicas=99),
    ),
    "replicas beside an autoscaler": (
        policies.autoscalers_are_sane,
        lambda r: deployment(r, "storage").update(replicas=2),
    ),
    "two autoscalers of one Deployment": (
        policies.autoscalers_are_sane,
        lambda r: find(r, "ScaledObject", "converter-worker")["spec"]["scaleTargetRef"].update(name="converter"),
    ),
    "an autoscaler of nothing": (
        policies.autoscalers_are_sane,
        lambda r: find(r, "HorizontalPodAutoscaler", "storage")["spec"]["scaleTargetRef"].update(name="store"),
    ),
    "a trigger without a consumer": (policies.triggers_match_the_queues, lambda r: trigger(r).pop("consumer")),
    "a trigger on another's stream": (
        policies.triggers_match_the_queues,
        lambda r: trigger(r).update(stream="JOBS_PORTFOLIO"),
    ),
    "a threshold that is not a worker's slots": (
        policies.triggers_match_the_queues,
        lambda r: trigger(r).update(lagThreshold="50"),
    ),
    "more slots than may be in hand": (
        policies.triggers_match_the_queues,
        lambda r: settings(r, "queues").update(JOBS_MAX_ACK_PENDING="100"),
    ),
    "a mount without a volume": (
        policies.volumes_are_there,
        lambda r: container(r, "gateway")["volumeMounts"][0].update(name="temp"),
    ),
    "a keys' file outside of its volume": (
        policies.volumes_are_there,
        lambda r: settings(r, "gateway").update(GATEWAY_KEYS_FILE="/etc/keys/keys.json"),
    ),
    "a probe with two handlers": (
        policies.probes_are_whole,
        lambda r: container(r, "storage")["livenessProbe"].update(tcpSocket={"port": 9101}),
    ),
    "no startup probe": (policies.probes_are_whole, lambda r: container(r, "converter").pop("startupProbe")),
    "liveness as strict as readiness": (
        policies.probes_are_whole,
        lambda r: container(r, "portfolio")["livenessProbe"].update(periodSeconds=1, failureThreshold=2),
    ),
    "readiness that hangs on backends": (
        policies.probes_are_whole,
        lambda r: container(r, "gateway")["readinessProbe"]["httpGet"].update(path="/health"),
    ),
    "a budget that forbids all": (
        policies.budgets_let_pods_go,
        lambda r: find(r, "PodDisruptionBudget", "gateway")["spec"].update(maxUnavailable=0),
    ),
    "a Deployment without a budget": (
        policies.budgets_let_pods_go,
        lambda r: r.remove(find(r, "PodDisruptionBudget", "storage")),
    ),
    "no securityContext": (
        policies.pods_are_restricted,
        lambda r: container(r, "converter-worker").pop("securityContext"),
    ),
    "a read-only root without a /tmp": (
        policies.pods_are_restricted,
        lambda r: find(r, "Job", "secrets")["spec"]["template"]["spec"]["containers"][0].pop("volumeMounts"),
    ),
    "a uid of the host's": (
        policies.pods_are_restricted,
        lambda r: deployment(r, "storage")["template"]["spec"]["securityContext"].update(runAsUser=1000),
    ),
    "a token where none is needed": (
        policies.pods_are_restricted,
        lambda r: deployment(r, "storage")["template"]["spec"].update(automountServiceAccountToken=True),
    ),
    "a ServiceAccount that is not there": (
        policies.pods_are_restricted,
        lambda r: deployment(r, "storage")["template"]["spec"].update(serviceAccountName="default"),
    ),
    "a namespace without the profile": (
        policies.pods_are_restricted,
        lambda r: of_kind(r, "Namespace")[0]["metadata"].pop("labels"),
    ),
    "a removed API": (
        policies.apis_are_current,
        lambda r: find(r, "HorizontalPodAutoscaler", "storage").update(apiVersion="autoscaling/v2beta2"),
    ),
    "a variable that nobody reads": (
        policies.settings_are_read,
        lambda r: settings(r, "converter").update(CONVERTER_WORKERS="2"),
    ),
    "a setting that is not given": (
        policies.settings_are_read,
        lambda r: container(r, "portfolio").update(env=container(r, "portfolio")["env"][1:]),
    ),
    "a value that the settings refuse": (
        policies.settings_are_read,
        lambda r: settings(r, "converter").update(JOBS_CONCURRENCY="many"),
    ),
    "a listener that is not the port": (
        policies.addresses_match,
        lambda r: settings(r, "storage").update(STORAGE_LISTEN="0.0.0.0:9105"),
    ),
    "a listener that pods cannot reach": (
        policies.addresses_match,
        lambda r: settings(r, "storage").update(STORAGE_LISTEN="127.0.0.1:9101"),
    ),
    "a target that is no Service": (
        policies.addresses_match,
        lambda r: settings(r, "gateway").update(STORAGE_TARGET="dns:///store:9101"),
    ),
    "a target that is not balanced": (
        policies.addresses_match,
        lambda r: settings(r, "gateway").update(STORAGE_TARGET="storage:9101"),
    ),
    "a grace below the drain": (
        policies.drains_fit_the_grace,
        lambda r: deployment(r, "converter-worker")["template"]["spec"].update(terminationGracePeriodSeconds=20),
    ),
    "no pause before the stop": (policies.drains_fit_the_grace, lambda r: container(r, "storage").pop("lifecycle")),
    "engines above the memory": (
        policies.engines_fit_the_memory,
        lambda r: settings(r, "converter").update(CONVERTER_ENGINES="4", JOBS_CONCURRENCY="4"),
    ),
    "slots without engines": (
        policies.engines_fit_the_memory,
        lambda r: settings(r, "converter").update(JOBS_CONCURRENCY="8"),
    ),
    "a Secret in git": (
        policies.secrets_stay_apart,
        lambda r: r.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}),
    ),
    "a key in plain sight": (
        policies.secrets_stay_apart,
        lambda r: settings(r, "portfolio").update(OPENAI_API_KEY="sk-1"),
    ),
    "a worker that knows S3": (
        policies.secrets_stay_apart,
        lambda r: settings(r, "converter").update(S3_ENDPOINT_URL="http://s3:8333"),
    ),
    "nothing denied by default": (
        policies.roles_are_reachable,
        lambda r: r.remove(find(r, "NetworkPolicy", "deny-all")),
    ),
    "a worker cut off from NATS": (
        policies.roles_are_reachable,
        lambda r: network(r, "converter-worker")["egress"].pop(1),
    ),
    "a converter that may go outward": (
        policies.roles_are_reachable,
        lambda r: network(r, "converter-worker")["egress"].append(network(r, "storage")["egress"][0]),
    ),
    "a worker that reaches S3": (
        policies.roles_are_reachable,
        lambda r: network(r, "converter-worker")["egress"].append(network(r, "storage")["egress"][1]),
    ),
    "KEDA cut off from NATS": (policies.roles_are_reachable, lambda r: network(r, "nats")["ingress"].pop()),
}


@pytest.mark.parametrize("mistake", MUTANTS)
def test_a_mistake_is_caught(mistake: str) -> None:
    policy, mutate = MUTANTS[mistake]
    resources = render(EVERYTHING)
    mutate(resources)
    assert policy(resources)


def test_every_policy_has_a_mutant() -> None:
    assert {policy for policy, _ in MUTANTS.values()} == set(policies.POLICIES)
