"""Settings: what each role is told is what its settings class reads, and the addresses in it lead somewhere."""

import json
from typing import Any

from services.common.settings import ServiceSettings, is_fixed
from tests.support.manifest_policies.reading import (
    SETTINGS,
    Resources,
    of_kind,
    port_of,
    roles,
)

# What each role must be told: its default is for one machine, or there is none.
REQUIRED: dict[str, set[str]] = {
    "gateway": {
        "GATEWAY_LISTEN", "GATEWAY_GRPC_LISTEN", "GATEWAY_IDENTITY_KEY", "GATEWAY_KEY_SECRET", "GATEWAY_KEYS_FILE",
        "PORTFOLIO_TARGET", "CONVERTER_TARGET", "STORAGE_TARGET", "EVENTS_TARGET", "METRICS_LISTEN",
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
    "events": {
        "EVENTS_LISTEN", "EVENTS_IDENTITY_KEY", "EVENTS_SEALING_KEYS", "TRUSTED_CALLERS", "NATS_URL", "STORAGE_TARGET",
        "NATS_REPLICAS", "METRICS_LISTEN",
    },
    "bootstrap": {"NATS_URL", "S3_BUCKET_NAME", "NATS_REPLICAS", "JOBS_MAX_ACK_PENDING"},
}  # fmt: skip
LISTENS = {
    "gateway": ("GATEWAY_LISTEN", "GATEWAY_GRPC_LISTEN"),
    "portfolio": ("PORTFOLIO_LISTEN",),
    "portfolio-worker": ("PORTFOLIO_WORKER_LISTEN",),
    "converter": ("CONVERTER_LISTEN",),
    "converter-worker": ("CONVERTER_WORKER_LISTEN",),
    "storage": ("STORAGE_LISTEN",),
    "events": ("EVENTS_LISTEN",),
}


def settings_are_read(resources: Resources) -> list[str]:
    """Each variable is a field of the role's settings, of a value that they take; what a role must be told is told."""
    faults = []
    for name, _, values in roles(resources):
        model = SETTINGS[name]
        fields = {field.upper() for field, info in model.model_fields.items() if not is_fixed(info)}
        # The image that bootstrap runs from stands beside its settings, for its name (deploy/base/names.yaml).
        unread = values.keys() - fields - ({"IMAGE"} if name == "bootstrap" else set())
        faults += [f"{name}: nobody reads {variable}" for variable in unread]
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


# How long CoreDNS keeps an answer, and what a cluster may take to tell everybody of a pod that goes.
NAMES_KEPT_S, FORGETTING_S = 5, 3
# gRPC varies a connection's age by as much, so that not all end at once.
AGE_JITTER = 1.1


def drains_fit_the_grace(resources: Resources) -> list[str]:
    """terminationGracePeriodSeconds is above preStop + DRAIN_TIMEOUT_S; servers are without callers when they stop.

    A connection made by the last stale answer of a name has come of age by then.
    """
    faults = []
    for name, pod, values in roles(resources):
        if name == "bootstrap":
            continue
        hook = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        drain = float(values.get("DRAIN_TIMEOUT_S") or SETTINGS[name].model_fields["drain_timeout_s"].default)
        if pod.get("terminationGracePeriodSeconds", 30) < hook + drain + 5:
            faults.append(f"{name}: {hook} + {drain:g} s do not fit into its grace")
        age = SETTINGS[name].model_fields["grpc_max_connection_age_s"].default
        age = float(values.get("GRPC_MAX_CONNECTION_AGE_S") or age)
        if not name.endswith("-worker") and hook < NAMES_KEPT_S + FORGETTING_S + AGE_JITTER * age:
            faults.append(f"{name}: stops while callers are connected to it")
    return faults
