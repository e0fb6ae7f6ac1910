"""Renders every overlay and combination of components, and holds what comes out against the schemas of its kinds.

``make manifests`` runs it before the policy tests. Prints what is wrong and ends with 1, or says how much it saw.
"""

import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from cloudcoil.models.keda.v1alpha1 import ScaledObject
from pydantic import ValidationError

DEPLOY = Path(__file__).parent
sys.path.insert(0, str(DEPLOY.parent))

from tests.support.manifests import COMBINATIONS, Resource, render  # noqa: E402 - the path above makes it importable

# The oldest that has all that the manifests use (preStop sleep), and the newest that the schemas know.
VERSIONS = ("1.30", "1.37")
TOOLS = Path(sysconfig.get_path("scripts"))
# Their kinds are the Prometheus operator's, External Secrets' and the Gateway API's; no package carries models of them.
WITHOUT_SCHEMA = {"ServiceMonitor", "PrometheusRule", "ExternalSecret", "HTTPRoute", "GRPCRoute"}


def check_schemas(rendered: Mapping[str, list[Resource]], version: str) -> list[str]:
    """Faults of the kinds that this Kubernetes knows, unknown fields and unknown kinds included."""
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        # One file for each combination, whose name stands in what is found; all in one go, as starting takes longest.
        paths = [Path(folder) / f"{name.replace('/', '-')}.yaml" for name in rendered]
        for path, resources in zip(paths, rendered.values(), strict=True):
            known = [item for item in resources if item["kind"] not in WITHOUT_SCHEMA | {"ScaledObject"}]
            path.write_text(yaml.dump_all(known, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)))
            count += len(known)
        run = subprocess.run(
            [TOOLS / "kubernetes-validate", "--strict", "-k", version, *paths],
            capture_output=True,
            text=True,
            check=False,
        )
    # It ends with 0 where it does not know a kind, so its words count.
    words = (run.stdout + run.stderr).replace(f"{folder}/", "").splitlines()
    passed = sum(" passed for resource " in line for line in words)
    faults = [f"{version}: {line}" for line in words if " passed for resource " not in line and line.strip()]
    if passed != count or run.returncode:
        faults.append(f"{version}: {passed} of {count} resources passed (exit status {run.returncode})")
    return faults


def check_keda(name: str, resource: dict[str, Any]) -> list[str]:
    """Faults of one ScaledObject."""
    try:
        ScaledObject.model_validate(resource, strict=True, extra="forbid")
    except ValidationError as error:
        where = f"{name}: ScaledObject/{resource['metadata']['name']}"
        return [f"{where}: {fault['loc']} {fault['msg']}" for fault in error.errors()]
    return []


def main() -> int:
    """Checks everything; returns the exit status."""
    rendered = {name: render(name) for name in COMBINATIONS}
    faults = [fault for version in VERSIONS for fault in check_schemas(rendered, version)]
    for name, resources in rendered.items():
        for resource in resources:
            if resource["kind"] == "ScaledObject":
                faults += check_keda(name, resource)
    lint = subprocess.run(
        [TOOLS / "hadolint", DEPLOY.parent / "Dockerfile"], capture_output=True, text=True, check=False
    )
    faults += (lint.stdout + lint.stderr).splitlines()
    if lint.returncode and not faults:
        faults.append(f"hadolint: exit status {lint.returncode}")
    if faults:
        sys.stderr.write("\n".join(faults) + "\n")
        return 1
    seen = f"{len(COMBINATIONS)} combinations, {sum(map(len, rendered.values()))} resources"
    sys.stdout.write(f"{seen}: schemas of {' and '.join(VERSIONS)}, KEDA and Dockerfile are right\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
