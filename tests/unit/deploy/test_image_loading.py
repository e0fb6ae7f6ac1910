"""Loading images into a local cluster: which program is asked for what. The programs are stand-ins, which note it."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.manifests import DEPLOY

SCRIPT = DEPLOY / "load_images.sh"
IMAGE = "docker.io/wealth/gateway:dev"
# Writes an archive where it is told to, as the engines do.
SAVES = {
    "docker": 'test "$1" = save && echo "$4" > "$3"',
    "podman": 'test "$1" = save && echo "$7" > "$6"',
    "buildah": 'test "$1" = push && name="${4#docker-archive:}" && echo "$3" > "${name%%:*}"',
}
LOADS = {
    "kind-dev": ("kind", "load image-archive {archive} --name dev"),
    "k3d-dev": ("k3d", "image import {archive} --cluster dev"),
    "minikube": ("minikube", "image load {archive} --profile minikube"),
}


def put_program(folder: Path, name: str, body: str) -> None:
    """A program of this name."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


def run(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs the script with the folder's programs before all others."""
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "SERVICES": "gateway", **settings}
    return subprocess.run([SCRIPT], env=environment, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.parametrize("context", LOADS)
@pytest.mark.parametrize("engine", SAVES)
def test_what_an_engine_saved_is_loaded_under_the_name_that_the_manifests_ask_for(
    tmp_path: Path, engine: str, context: str
) -> None:
    loader, words = LOADS[context]
    put_program(tmp_path, engine, f'test "$1" = info || {{ {SAVES[engine]}; }}')
    put_program(tmp_path, "kubectl", f"echo {context}")
    put_program(
        tmp_path,
        loader,
        f'echo "$*" > {tmp_path}/asked\n'
        f'for word in "$@"; do test ! -f "$word" || cat "$word" > {tmp_path}/loaded; done',
    )
    done = run(tmp_path, ENGINE=engine)
    assert done.returncode == 0, done.stderr
    asked, loaded = (tmp_path / "asked").read_text().split(), (tmp_path / "loaded").read_text().strip()
    archive = next(word for word in asked if word.endswith("/gateway.tar"))
    assert " ".join(asked) == words.format(archive=archive)
    assert loaded == IMAGE
    assert not Path(archive).exists()


def test_another_cluster_is_refused_in_words(tmp_path: Path) -> None:
    put_program(tmp_path, "docker", f'test "$1" = info || {{ {SAVES["docker"]}; }}')
    done = run(tmp_path, ENGINE="docker", CONTEXT="arn:aws:eks:somewhere")
    assert done.returncode == 1
    assert "push to a registry" in done.stderr


def test_the_development_overlay_asks_for_the_names_that_are_built() -> None:
    overlay = yaml.safe_load((DEPLOY / "overlays" / "dev" / "kustomization.yaml").read_text())
    ours = {image["name"]: image for image in overlay["images"] if image["name"].startswith("wealth/")}
    assert {f"docker.io/{name}:{image['newTag']}" for name, image in ours.items()} == {
        f"docker.io/wealth/{service}:dev"
        for service in ("gateway", "portfolio", "converter", "crew", "storage", "events")
    }
    assert not any("newName" in image for image in ours.values())
