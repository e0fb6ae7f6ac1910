"""Every combination of manifests keeps every policy, and every policy catches the mistakes that it is there for."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.manifest_policies import POLICIES, broker, network, objects, scaling, secrecy, told, workloads
from tests.support.manifest_policies.reading import Policy, Resources, containers, find, of_kind, role_of
from tests.support.manifests import COMBINATIONS, find_kubectl, render

pytestmark = pytest.mark.skipif(find_kubectl() is None, reason="kubectl is not here: `make manifests` brings it")

EVERYTHING = "nats + nats-single + nats-tls + s3-dev + generated-secrets + network-policies + keda + monitoring"
EVERYTHING += " + priorities + ingress + gateway-api"


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
@pytest.mark.parametrize("combination", COMBINATIONS)
def test_a_combination_keeps_the_policy(combination: str, policy: Policy) -> None:
    assert policy(render(combination)) == []


def deployment(resources: Resources, name: str) -> dict[str, Any]:
    """A Deployment's spec."""
    spec: dict[str, Any] = find(resources, "Deployment", name)["spec"]
    return spec


def job(resources: Resources, role: str) -> dict[str, Any]:
    """A Job, whose name has a hash behind it."""
    (found,) = (item for item in of_kind(resources, "Job") if role_of(item) == role)
    return found


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


def policy_of(resources: Resources, name: str) -> dict[str, Any]:
    """A network policy's spec."""
    spec: dict[str, Any] = find(resources, "NetworkPolicy", name)["spec"]
    return spec


def nats(resources: Resources) -> dict[str, Any]:
    """NATS's StatefulSet's spec."""
    spec: dict[str, Any] = find(resources, "StatefulSet", "nats")["spec"]
    return spec


def edit(data: dict[str, str], name: str, before: str, after: str) -> None:
    """Changes a file in a ConfigMap."""
    assert before in data[name]
    data[name] = data[name].replace(before, after)


def rename_settings(resources: Resources, prefix: str, name: str) -> None:
    """Gives a ConfigMap a name of one's own choice, there and in all pods."""
    for item in of_kind(resources, "ConfigMap"):
        if item["metadata"]["name"].rpartition("-")[0] == prefix:
            before, item["metadata"]["name"] = item["metadata"]["name"], name
    for _, _, box in containers(resources):
        for source in box.get("envFrom", ()):
            reference = source.get("configMapRef", {})
            if reference.get("name") == before:
                reference["name"] = name


Mutation = Callable[[Resources], Any]
MUTANTS: dict[str, tuple[Policy, Mutation]] = {
    "a Service that selects nothing": (
        workloads.selectors_find_pods,
        lambda r: find(r, "Service", "storage")["spec"]["selector"].update({"app.kubernetes.io/name": "storag"}),
    ),
    "a Deployment that misses its pods": (
        workloads.selectors_find_pods,
        lambda r: deployment(r, "gateway")["selector"]["matchLabels"].update({"app.kubernetes.io/name": "door"}),
    ),
    "a budget that selects nothing": (
        workloads.selectors_find_pods,
        lambda r: find(r, "PodDisruptionBudget", "nats")["spec"]["selector"]["matchLabels"].update({"a": "b"}),
    ),
    "a port name of 16 characters": (
        workloads.ports_agree,
        lambda r: container(r, "storage")["ports"][0].update(name="grpc-of-storage1"),
    ),
    "a Service's port that no pod has": (
        workloads.ports_agree,
        lambda r: find(r, "Service", "gateway")["spec"]["ports"][0].update(targetPort="web"),
    ),
    "a headless Service that translates": (
        workloads.ports_agree,
        lambda r: find(r, "Service", "portfolio")["spec"]["ports"][0].update(port=80),
    ),
    "a probe of a port that is not there": (
        workloads.ports_agree,
        lambda r: container(r, "storage")["readinessProbe"]["grpc"].update(port=9999),
    ),
    "a quantity that is none": (
        workloads.resources_are_bounded,
        lambda r: container(r, "storage")["resources"]["limits"].update(memory="1GB"),
    ),
    "a request above its limit": (
        workloads.resources_are_bounded,
        lambda r: container(r, "storage")["resources"]["requests"].update(memory="2Gi"),
    ),
    "no request for disk": (
        workloads.resources_are_bounded,
        lambda r: container(r, "storage")["resources"]["requests"].pop("ephemeral-storage"),
    ),
    "a cpu limit": (
        workloads.resources_are_bounded,
        lambda r: container(r, "storage")["resources"]["limits"].update(cpu="1"),
    ),
    "an emptyDir without a size": (
        workloads.resources_are_bounded,
        lambda r: deployment(r, "storage")["template"]["spec"]["volumes"][0].update(emptyDir={}),
    ),
    "an autoscaler with min above max": (
        scaling.autoscalers_are_sane,
        lambda r: find(r, "HorizontalPodAutoscaler", "storage")["spec"].update(minReplicas=99),
    ),
    "replicas beside an autoscaler": (
        scaling.autoscalers_are_sane,
        lambda r: deployment(r, "storage").update(replicas=2),
    ),
    "two autoscalers of one Deployment": (
        scaling.autoscalers_are_sane,
        lambda r: find(r, "ScaledObject", "converter-worker")["spec"]["scaleTargetRef"].update(name="converter"),
    ),
    "an autoscaler of nothing": (
        scaling.autoscalers_are_sane,
        lambda r: find(r, "HorizontalPodAutoscaler", "storage")["spec"]["scaleTargetRef"].update(name="store"),
    ),
    "a trigger without a consumer": (scaling.triggers_match_the_queues, lambda r: trigger(r).pop("consumer")),
    "a trigger on another's stream": (
        scaling.triggers_match_the_queues,
        lambda r: trigger(r).update(stream="BACKLOG_PORTFOLIO"),
    ),
    "a threshold that is not a worker's slots": (
        scaling.triggers_match_the_queues,
        lambda r: trigger(r).update(lagThreshold="50"),
    ),
    "more slots than may be in hand": (
        scaling.triggers_match_the_queues,
        lambda r: settings(r, "bootstrap").update(JOBS_MAX_ACK_PENDING="100"),
    ),
    "a mount without a volume": (
        workloads.volumes_are_there,
        lambda r: container(r, "gateway")["volumeMounts"][0].update(name="temp"),
    ),
    "a keys' file outside of its volume": (
        workloads.volumes_are_there,
        lambda r: settings(r, "gateway").update(GATEWAY_KEYS_FILE="/etc/keys/keys.json"),
    ),
    "a probe with two handlers": (
        workloads.probes_are_whole,
        lambda r: container(r, "storage")["livenessProbe"].update(tcpSocket={"port": 9101}),
    ),
    "no startup probe": (workloads.probes_are_whole, lambda r: container(r, "converter").pop("startupProbe")),
    "liveness as strict as readiness": (
        workloads.probes_are_whole,
        lambda r: container(r, "portfolio")["livenessProbe"].update(periodSeconds=1, failureThreshold=2),
    ),
    "readiness that hangs on backends": (
        workloads.probes_are_whole,
        lambda r: container(r, "gateway")["readinessProbe"]["httpGet"].update(path="/health"),
    ),
    "a budget that forbids all": (
        workloads.budgets_let_pods_go,
        lambda r: find(r, "PodDisruptionBudget", "gateway")["spec"].update(maxUnavailable=0),
    ),
    "a Deployment without a budget": (
        workloads.budgets_let_pods_go,
        lambda r: r.remove(find(r, "PodDisruptionBudget", "storage")),
    ),
    "no securityContext": (
        workloads.pods_are_restricted,
        lambda r: container(r, "converter-worker").pop("securityContext"),
    ),
    "a read-only root without a /tmp": (
        workloads.pods_are_restricted,
        lambda r: job(r, "secrets")["spec"]["template"]["spec"]["containers"][0].pop("volumeMounts"),
    ),
    "a uid of the host's": (
        workloads.pods_are_restricted,
        lambda r: deployment(r, "storage")["template"]["spec"]["securityContext"].update(runAsUser=1000),
    ),
    "a token where none is needed": (
        workloads.pods_are_restricted,
        lambda r: deployment(r, "storage")["template"]["spec"].update(automountServiceAccountToken=True),
    ),
    "a ServiceAccount that is not there": (
        workloads.pods_are_restricted,
        lambda r: deployment(r, "storage")["template"]["spec"].update(serviceAccountName="default"),
    ),
    "a namespace without the profile": (
        workloads.pods_are_restricted,
        lambda r: of_kind(r, "Namespace")[0]["metadata"].pop("labels"),
    ),
    "a removed API": (
        objects.apis_are_current,
        lambda r: find(r, "HorizontalPodAutoscaler", "storage").update(apiVersion="autoscaling/v2beta2"),
    ),
    "a variable that nobody reads": (
        told.settings_are_read,
        lambda r: settings(r, "converter").update(CONVERTER_WORKERS="2"),
    ),
    "a setting that is not given": (
        told.settings_are_read,
        lambda r: container(r, "portfolio").update(env=container(r, "portfolio")["env"][1:]),
    ),
    "a value that the settings refuse": (
        told.settings_are_read,
        lambda r: settings(r, "converter").update(JOBS_CONCURRENCY="many"),
    ),
    "a listener that is not the port": (
        told.addresses_match,
        lambda r: settings(r, "storage").update(STORAGE_LISTEN="0.0.0.0:9105"),
    ),
    "a listener that pods cannot reach": (
        told.addresses_match,
        lambda r: settings(r, "storage").update(STORAGE_LISTEN="127.0.0.1:9101"),
    ),
    "a target that is no Service": (
        told.addresses_match,
        lambda r: settings(r, "gateway").update(STORAGE_TARGET="dns:///store:9101"),
    ),
    "a target that is not balanced": (
        told.addresses_match,
        lambda r: settings(r, "gateway").update(STORAGE_TARGET="storage:9101"),
    ),
    "a grace below the drain": (
        told.drains_fit_the_grace,
        lambda r: deployment(r, "converter-worker")["template"]["spec"].update(terminationGracePeriodSeconds=20),
    ),
    "no pause before the stop": (told.drains_fit_the_grace, lambda r: container(r, "storage").pop("lifecycle")),
    "connections that outlive the pause": (
        told.drains_fit_the_grace,
        lambda r: settings(r, "common").update(GRPC_MAX_CONNECTION_AGE_S="30"),
    ),
    "connections of gRPC's age": (
        told.drains_fit_the_grace,
        lambda r: settings(r, "common").pop("GRPC_MAX_CONNECTION_AGE_S"),
    ),
    "engines above the memory": (
        scaling.engines_fit_the_memory,
        lambda r: settings(r, "converter").update(CONVERTER_ENGINES="4", JOBS_CONCURRENCY="4"),
    ),
    "slots without engines": (
        scaling.engines_fit_the_memory,
        lambda r: settings(r, "converter").update(JOBS_CONCURRENCY="8"),
    ),
    "a Secret in git": (
        secrecy.secrets_stay_apart,
        lambda r: r.append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}),
    ),
    "a key in plain sight": (
        secrecy.secrets_stay_apart,
        lambda r: settings(r, "portfolio").update(OPENAI_API_KEY="sk-1"),
    ),
    "a worker that knows S3": (
        secrecy.secrets_stay_apart,
        lambda r: settings(r, "converter").update(S3_ENDPOINT_URL="http://s3:8333"),
    ),
    "nothing denied by default": (
        network.roles_are_reachable,
        lambda r: r.remove(find(r, "NetworkPolicy", "deny-all")),
    ),
    "a worker cut off from NATS": (
        network.roles_are_reachable,
        lambda r: policy_of(r, "converter-worker")["egress"].pop(1),
    ),
    "a converter that may go outward": (
        network.roles_are_reachable,
        lambda r: policy_of(r, "converter-worker")["egress"].append(policy_of(r, "storage")["egress"][0]),
    ),
    "a worker that reaches S3": (
        network.roles_are_reachable,
        lambda r: policy_of(r, "converter-worker")["egress"].append(policy_of(r, "storage")["egress"][1]),
    ),
    "a Job whose pods start for ever": (
        workloads.jobs_end,
        lambda r: job(r, "bootstrap")["spec"]["template"]["spec"].update(restartPolicy="Always"),
    ),
    "a Job that runs again without a change": (
        objects.jobs_run_again_when_they_change,
        lambda r: job(r, "bootstrap")["spec"].update(ttlSecondsAfterFinished=120),
    ),
    "a Job that cannot be changed": (
        objects.jobs_run_again_when_they_change,
        lambda r: job(r, "bootstrap")["metadata"].update(name="bootstrap"),
    ),
    "a Job that another release does not run": (
        objects.jobs_run_again_when_they_change,
        lambda r: settings(r, "secrets").update(IMAGE="wealth/gateway:0"),
    ),
    "a Job that a setting does not run": (
        objects.jobs_run_again_when_they_change,
        lambda r: job(r, "bootstrap")["spec"]["template"]["spec"]["containers"][0]["envFrom"].append(
            container(r, "storage")["envFrom"][0]
        ),
    ),
    "a rollout whose type each apply removes": (
        objects.applying_again_changes_nothing,
        lambda r: deployment(r, "gateway")["strategy"].pop("type"),
    ),
    "a claim whose defaults each apply removes": (
        objects.applying_again_changes_nothing,
        lambda r: nats(r)["volumeClaimTemplates"][0].pop("status"),
    ),
    "a port whose protocol each apply removes": (
        objects.applying_again_changes_nothing,
        lambda r: policy_of(r, "gateway")["ingress"][0]["ports"][0].pop("protocol"),
    ),
    "a number for a quantity": (
        objects.applying_again_changes_nothing,
        lambda r: container(r, "storage")["resources"]["requests"].update(cpu=1),
    ),
    "a quantity in another form": (
        objects.applying_again_changes_nothing,
        lambda r: container(r, "storage")["resources"]["limits"].update(memory="1024Mi"),
    ),
    "a rollout that takes the door away": (
        workloads.rollouts_keep_serving,
        lambda r: deployment(r, "gateway")["strategy"]["rollingUpdate"].update(maxUnavailable=1),
    ),
    "all pods on one host": (
        workloads.rollouts_keep_serving,
        lambda r: deployment(r, "storage")["template"]["spec"].pop("topologySpreadConstraints"),
    ),
    "a spread that counts everybody": (
        workloads.rollouts_keep_serving,
        lambda r: deployment(r, "storage")["template"]["spec"]["topologySpreadConstraints"][0].pop("matchLabelKeys"),
    ),
    "KEDA with min above max": (
        scaling.autoscalers_are_sane,
        lambda r: find(r, "ScaledObject", "portfolio-worker")["spec"].update(minReplicaCount=99),
    ),
    "a volume that nobody mounts": (
        workloads.volumes_are_there,
        lambda r: container(r, "gateway")["volumeMounts"].pop(),
    ),
    "a name with capitals": (
        objects.names_are_valid,
        lambda r: find(r, "Service", "storage")["metadata"].update(name="Storage"),
    ),
    "a label of 64 characters": (
        objects.names_are_valid,
        lambda r: deployment(r, "storage")["template"]["metadata"]["labels"].update(long="x" * 64),
    ),
    "an object twice": (objects.names_are_valid, lambda r: r.append(find(r, "Service", "storage"))),
    "an object in another namespace": (
        objects.names_are_valid,
        lambda r: find(r, "Service", "storage")["metadata"].update(namespace="default"),
    ),
    "a variable twice": (
        objects.names_are_valid,
        lambda r: container(r, "storage")["env"].append({"name": "DRAIN_TIMEOUT_S", "value": "1"}),
    ),
    "a ConfigMap that rolls nothing": (
        objects.configmaps_roll_their_pods,
        lambda r: rename_settings(r, "converter", "converter-settings"),
    ),
    "a ConfigMap that is not there": (
        objects.configmaps_roll_their_pods,
        lambda r: container(r, "storage")["envFrom"][0]["configMapRef"].update(name="common-0123456789"),
    ),
    "a Secret that nobody makes": (
        secrecy.secrets_are_made,
        lambda r: container(r, "gateway")["env"][1]["valueFrom"]["secretKeyRef"].update(name="door"),
    ),
    "a key that the Secret does not have": (
        secrecy.secrets_are_made,
        lambda r: container(r, "gateway")["env"][1]["valueFrom"]["secretKeyRef"].update(key="GATEWAY_SEED"),
    ),
    "an acknowledgement before the disk": (
        broker.nats_keeps_what_it_acknowledges,
        lambda r: edit(settings(r, "nats"), "nats.conf", "sync_interval: always", ""),
    ),
    "streams with more copies than servers": (
        broker.nats_keeps_what_it_acknowledges,
        lambda r: settings(r, "bootstrap").update(NATS_REPLICAS="3"),
    ),
    "NATS that is killed as a lame duck": (
        broker.nats_keeps_what_it_acknowledges,
        lambda r: nats(r)["template"]["spec"].update(terminationGracePeriodSeconds=30),
    ),
    "NATS that is ready out of step": (
        broker.nats_keeps_what_it_acknowledges,
        lambda r: nats(r)["template"]["spec"]["containers"][0]["readinessProbe"]["httpGet"].update(
            path="/healthz?js-server-only=true"
        ),
    ),
    "NATS that is killed while it catches up": (
        broker.nats_keeps_what_it_acknowledges,
        lambda r: nats(r)["template"]["spec"]["containers"][0]["startupProbe"]["httpGet"].update(path="/healthz"),
    ),
    "NATS that has no time to read its store": (
        broker.nats_keeps_what_it_acknowledges,
        lambda r: nats(r)["template"]["spec"]["containers"][0]["startupProbe"].update(failureThreshold=3),
    ),
    "a priority that nobody defines": (
        workloads.priorities_are_there,
        lambda r: deployment(r, "gateway")["template"]["spec"].update(priorityClassName="high"),
    ),
    "workers before servers": (
        workloads.priorities_are_there,
        lambda r: find(r, "PriorityClass", "wealth-working").update(value=2000),
    ),
    "an Ingress to nowhere": (
        network.routes_lead_to_services,
        lambda r: find(r, "Ingress", "gateway")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"].update(
            port={"name": "web"}
        ),
    ),
    "gRPC to the port of REST": (
        network.routes_lead_to_services,
        lambda r: find(r, "GRPCRoute", "gateway")["spec"]["rules"][0]["backendRefs"][0].update(port=8000),
    ),
    "a host without TLS": (
        network.routes_lead_to_services,
        lambda r: find(r, "Ingress", "gateway")["spec"].update(tls=[]),
    ),
    "two NATS servers on one host": (
        workloads.rollouts_keep_serving,
        lambda r: nats(r)["template"]["spec"].pop("affinity"),
    ),
    "servers that cannot find one another": (
        broker.nats_keeps_what_it_acknowledges,
        lambda r: find(r, "Service", "nats-headless")["spec"].pop("publishNotReadyAddresses"),
    ),
    "a store larger than its volume": (
        broker.nats_keeps_what_it_acknowledges,
        lambda r: nats(r)["volumeClaimTemplates"][0]["spec"]["resources"]["requests"].update(storage="5Gi"),
    ),
    "a client that speaks plainly": (
        broker.nats_is_encrypted,
        lambda r: settings(r, "bootstrap").pop("NATS_CA_FILE"),
    ),
    "TLS that a client can be talked out of": (
        broker.nats_is_encrypted,
        lambda r: edit(settings(r, "nats"), "tls.conf", "handshake_first: true", ""),
    ),
    "plain words between servers": (
        broker.nats_is_encrypted,
        lambda r: settings(r, "nats").update({"cluster-tls.conf": ""}),
    ),
    "pods that resolve no names": (
        network.the_cluster_reaches_what_it_must,
        lambda r: r.remove(find(r, "NetworkPolicy", "dns")),
    ),
    "metrics that nobody can read": (
        network.the_cluster_reaches_what_it_must,
        lambda r: policy_of(r, "metrics")["ingress"][0]["ports"].pop(0),
    ),
    "a door that is shut": (
        network.the_cluster_reaches_what_it_must,
        lambda r: policy_of(r, "gateway")["ingress"].pop(),
    ),
    "an exception that is none": (
        network.the_cluster_reaches_what_it_must,
        lambda r: policy_of(r, "storage")["egress"][0]["to"][0]["ipBlock"].update(cidr="8.0.0.0/8"),
    ),
    "KEDA cut off from NATS": (
        network.the_cluster_reaches_what_it_must,
        lambda r: policy_of(r, "nats")["ingress"].pop(),
    ),
}


@pytest.mark.parametrize("mistake", MUTANTS)
def test_a_mistake_is_caught(mistake: str) -> None:
    policy, mutate = MUTANTS[mistake]
    resources = render(EVERYTHING)
    mutate(resources)
    assert policy(resources)


def test_every_policy_has_a_mutant() -> None:
    assert {policy for policy, _ in MUTANTS.values()} == set(POLICIES)
