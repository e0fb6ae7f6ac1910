"""What the base's manifests say of a role, read without kubectl: how it is started, told, probed, replaced, stopped."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

BASE = Path(__file__).parents[3] / "deploy" / "base"


@dataclass(frozen=True, slots=True)
class RoleManifest:
    """A Deployment of ours, as far as a stand-in for a cluster acts on it."""

    name: str
    arguments: tuple[str, ...]
    settings: Mapping[str, str]
    secrets: frozenset[str]
    probe_port: int
    probe_path: str | None
    pre_stop_s: float
    grace_s: float
    headless: bool

    @property
    def module(self) -> str:
        """The module that the image's entry point runs."""
        return f"services.{self.name.partition('-')[0]}"


def read_roles() -> dict[str, RoleManifest]:
    """The roles by name."""
    documents = [
        document
        for path in sorted(BASE.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
        if document.get("kind") in {"Deployment", "Service"}
    ]
    headless = {
        item["metadata"]["name"]
        for item in documents
        if item["kind"] == "Service" and item["spec"].get("clusterIP") == "None"
    }
    kustomization = yaml.safe_load((BASE / "kustomization.yaml").read_text())
    settings = {
        each["name"]: dict(line.split("=", 1) for line in each["literals"])
        for each in kustomization["configMapGenerator"]
    }
    deployments = [item for item in documents if item["kind"] == "Deployment"]
    for patch in kustomization["patches"]:
        _add_variables(patch, deployments)
    return {item["metadata"]["name"]: _read_role(item, settings, headless) for item in deployments}


def _add_variables(patch: Mapping[str, Any], deployments: Sequence[dict[str, Any]]) -> None:
    """Does what a patch that adds variables to some Deployments does; others are left alone."""
    additions = [
        operation["value"]
        for operation in yaml.safe_load((BASE / patch["path"]).read_text())
        if operation["path"] == "/spec/template/spec/containers/0/env/-"
    ]
    for item in deployments:
        if patch["target"]["kind"] == "Deployment" and re.fullmatch(
            patch["target"].get("name", ".*"), item["metadata"]["name"]
        ):
            item["spec"]["template"]["spec"]["containers"][0]["env"].extend(additions)


def _read_role(item: Mapping[str, Any], maps: Mapping[str, dict[str, str]], headless: set[str]) -> RoleManifest:
    name, pod = item["metadata"]["name"], item["spec"]["template"]["spec"]
    rolling = item["spec"]["strategy"]["rollingUpdate"]
    # What the stand-in does: one more at a time. With one or two pods 25 % of them are, too, none away and one more.
    assert (rolling["maxSurge"], rolling["maxUnavailable"]) in {(1, 0), ("25%", "25%")}, name
    (container,) = pod["containers"]
    told: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        told |= maps[source["configMapRef"]["name"]]
    for variable in container.get("env", ()):
        if "configMapKeyRef" in variable.get("valueFrom", {}):
            reference = variable["valueFrom"]["configMapKeyRef"]
            value = maps[reference["name"]].get(reference["key"])
            assert value is not None or reference.get("optional"), variable
            if value is not None:
                told[variable["name"]] = value
        elif "value" in variable:
            told[variable["name"]] = variable["value"]
    probe = container["readinessProbe"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    port = probe["grpc"]["port"] if "grpc" in probe else ports[probe["httpGet"]["port"]]
    return RoleManifest(
        name=name,
        arguments=tuple(container.get("args", ())),
        settings=told,
        secrets=frozenset(
            each["name"] for each in container.get("env", ()) if "secretKeyRef" in each.get("valueFrom", {})
        ),
        probe_port=port,
        probe_path=probe.get("httpGet", {}).get("path"),
        pre_stop_s=container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0),
        grace_s=pod["terminationGracePeriodSeconds"],
        headless=name in headless,
    )
