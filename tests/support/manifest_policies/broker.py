"""NATS: that it keeps what it acknowledges, names itself, ends in time, and is spoken to over TLS."""

import re
from typing import Any

from tests.support.manifest_policies.reading import (
    Resources,
    find,
    named,
    of_kind,
    pod_of,
    quantity,
    roles,
)

_IN_SECONDS = re.compile(r'(lame_duck_grace_period|lame_duck_duration): "(\d+)s"')


def _configuration(resources: Resources, pod: dict[str, Any]) -> dict[str, str]:
    """NATS's configuration files by name."""
    volume = next(each for each in pod["volumes"] if "configMap" in each)
    data: dict[str, str] = find(resources, "ConfigMap", volume["configMap"]["name"])["data"]
    return data


def nats_keeps_what_it_acknowledges(resources: Resources) -> list[str]:
    """Flushed before it is acknowledged, on as many servers as the streams have copies, on volumes large enough."""
    faults = []
    for item in of_kind(resources, "StatefulSet"):
        pod, spec = pod_of(item), item["spec"]
        files = _configuration(resources, pod)
        text = "\n".join(files.values())
        replicas = spec["replicas"]
        copies = {values["NATS_REPLICAS"] for name, _, values in roles(resources) if name == "bootstrap"}
        seconds = sum(int(value) for _, value in _IN_SECONDS.findall(text))
        claim = spec["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"]
        most = re.search(r"max_file_store: (\d+)GB", text)
        headless = find(resources, "Service", spec["serviceName"])["spec"]
        probe = pod["containers"][0]["readinessProbe"]["httpGet"]["path"]
        starting = pod["containers"][0]["startupProbe"]
        routes = next((each["value"] for each in pod["containers"][0]["env"] if each["name"] == "ROUTES"), "")
        rules = {
            "sync_interval: always": "sync_interval: always" in text,
            "streams with a copy on each server": copies == {str(replicas)},
            "one or three servers": replicas in {1, 3},
            "a route to each server": replicas == 1 or routes.count("nats://") == replicas,
            "no cluster of one": (replicas == 1) == ("cluster {" not in text),
            "its pod's name": "server_name: $POD_NAME" in text,
            "users": "password: $" in text and "permissions" in text,
            "a volume larger than its store": most is not None and int(most[1]) * 10**9 < quantity(claim),
            "lame duck below the grace": 0 < seconds < pod["terminationGracePeriodSeconds"],
            "addresses of those that are not ready": headless.get("publishNotReadyAddresses") is True,
            # With a restriction a server that lacks messages counts as ready, and the next one is taken down.
            "readiness that knows each stream": probe == "/healthz",
            "a start that waits for the cluster": starting["httpGet"]["path"] == "/healthz?js-server-only=true",
            "time to read a store back": starting["failureThreshold"] * starting["periodSeconds"] >= 300,
        }
        faults += [f"{named(item)}: {rule} is missing" for rule, holds in rules.items() if not holds]
    return faults


def nats_is_encrypted(resources: Resources) -> list[str]:
    """Where the servers have a certificate: TLS before the first word, and every client knows the authority."""
    faults = []
    for item in of_kind(resources, "StatefulSet"):
        files = _configuration(resources, pod_of(item))
        has_certificate = any(
            each.get("secret", {}).get("secretName") == "nats-tls" for each in pod_of(item)["volumes"]
        )
        faults += [
            f"{named(item)}: {file} and the mounted certificate do not agree"
            for file in ("tls.conf", "cluster-tls.conf")
            if ("cert_file" in files[file]) != has_certificate
        ]
        if has_certificate and "handshake_first: true" not in files["tls.conf"]:
            faults.append(f"{named(item)}: a client can be talked out of TLS")
        for name, pod, values in roles(resources):
            path = values.get("NATS_CA_FILE")
            if "NATS_URL" in values and bool(path) != has_certificate:
                faults.append(f"{name}: speaks {'TLS' if path else 'plainly'} to servers that do not")
            paths = {mount["mountPath"] for mount in pod["containers"][0].get("volumeMounts", ())}
            if path and path.rpartition("/")[0] not in paths:
                faults.append(f"{name}: NATS_CA_FILE lies in no volume")
    return faults
