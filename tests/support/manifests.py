"""The manifests of deploy/, rendered by `kubectl kustomize`: the overlays, and components in combinations."""

import copy
import functools
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
Resource = dict[str, Any]

# What people may put together: an overlay, or the base with components.
COMBINATIONS: dict[str, tuple[str, ...]] = {
    "overlays/dev": (),
    "overlays/prod": (),
    "base": (),
    **{
        " + ".join(components): components
        for components in (
            ("nats",),
            ("nats", "nats-single"),
            ("nats", "keda"),
            ("nats", "nats-tls", "keda", "monitoring", "network-policies"),
            ("keda", "network-policies", "monitoring"),
            ("nats", "nats-tls", "network-policies", "external-secrets", "workload-identity"),
            ("nats", "nats-single", "s3-dev", "generated-secrets"),
            ("nats", "network-policies", "keda", "crew", "priorities", "ingress"),
            ("nats", "keda", "priorities", "gateway-api"),
            (
                "nats",
                "nats-single",
                "nats-tls",
                "s3-dev",
                "generated-secrets",
                "network-policies",
                "keda",
                "monitoring",
                "priorities",
                "ingress",
                "gateway-api",
            ),
        )
    },
}


def find_kubectl() -> str | None:
    """kubectl from the environment of `make manifests`, or the machine's; None where there is neither."""
    return shutil.which("kubectl", path=sysconfig.get_path("scripts")) or shutil.which("kubectl")


@functools.cache
def render_text(name: str) -> str:
    """Renders one of the combinations. Raises CalledProcessError with kustomize's words."""
    kubectl = find_kubectl()
    assert kubectl, "kubectl is needed: make manifests"
    components = COMBINATIONS[name]
    if not components:
        return _kustomize(kubectl, DEPLOY / name)
    return _render_document(
        kubectl,
        # As the overlays do: what components bring stands where the base does.
        namespace="wealth",
        resources=["../../deploy/base"],
        components=[f"../../deploy/components/{component}" for component in components],
    )


def render_overlay(name: str, **changes: Any) -> list[Resource]:
    """The resources of an overlay on top of one of ours; ``changes`` are the fields of its kustomization."""
    kubectl = find_kubectl()
    assert kubectl, "kubectl is needed: make manifests"
    return list(_load(_render_document(kubectl, resources=[f"../../deploy/overlays/{name}"], **changes)))


def _render_document(kubectl: str, **document: Any) -> str:
    # Kustomize takes relative paths alone, and none outside of its root's file system.
    artifacts = DEPLOY.parent / "artifacts"
    artifacts.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=artifacts, prefix="combination-") as folder:
        (Path(folder) / "kustomization.yaml").write_text(yaml.safe_dump(document))
        return _kustomize(kubectl, Path(folder))


def _load(text: str) -> Iterator[Resource]:
    # The C parser where there is one: the pure one takes a second for each combination.
    return yaml.load_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@functools.cache
def _parse(name: str) -> list[Resource]:
    return list(_load(render_text(name)))


def render(name: str) -> list[Resource]:
    """The resources of one of the combinations, fresh: a test may spoil them."""
    return copy.deepcopy(_parse(name))


def _kustomize(kubectl: str, folder: Path) -> str:
    run = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert not run.stderr, run.stderr
    return run.stdout
