"""The release script: images by digest from the push on, signatures and SBOMs of digests, and words on what is missing.

The programs are stand-ins that note what they are asked; the script itself runs in a copy of the project's folders.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.manifests import DEPLOY
from tests.unit.deploy.test_image_loading import put_program

PREFIX = "registry.example.com/wealth/"
DIGEST = f"sha256:{'ab' * 32}"
NOTES = 'echo "{name} $*" >> {folder}/asked'
PUSHES = {
    "docker": f'if test "$1" = inspect; then echo "{PREFIX}x@{DIGEST}"; fi',
    "podman": f'while test $# -gt 0; do if test "$1" = --digestfile; then echo {DIGEST} > "$2"; fi; shift; done',
    "buildah": f'while test $# -gt 0; do if test "$1" = --digestfile; then echo {DIGEST} > "$2"; fi; shift; done',
}


class Release:
    """A copy of what the script needs, and programs that note what they are asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.programs = folder, folder / "programs"
        self.programs.mkdir()
        shutil.copytree(DEPLOY, folder / "deploy")
        shutil.copy(DEPLOY.parent / "pyproject.toml", folder)
        for name in ("sh", "sed", "dirname", "mkdir", "rm", "cat", "date", "git", "grep", "printf"):
            (self.programs / name).symlink_to(shutil.which(name) or "/bin/false")
        self.put("make", "true")

    def put(self, name: str, body: str) -> None:
        """A program that notes its arguments and does something."""
        put_program(self.programs, name, f"{NOTES.format(name=name, folder=self.folder)}\n{body}")

    def run(self, **settings: str) -> subprocess.CompletedProcess[str]:
        """Runs the script with these programs and no others."""
        environment = {"PATH": str(self.programs), "PREFIX": PREFIX, "SERVICES": "gateway storage", **settings}
        return subprocess.run(
            [shutil.which("sh") or "sh", self.folder / "deploy" / "release.sh"],
            env={**environment, "HOME": os.environ["HOME"]}, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip

    @property
    def asked(self) -> list[str]:
        """What the programs were asked, in order."""
        return (self.folder / "asked").read_text().splitlines()


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """A release to be made."""
    return Release(tmp_path)


@pytest.mark.parametrize("engine", PUSHES)
def test_everything_after_the_push_names_digests(release: Release, engine: str) -> None:
    release.put(engine, PUSHES[engine])
    for tool in ("syft", "cosign", "helm"):
        release.put(tool, "true")
    done = release.run(ENGINE=engine, REQUIRE="syft cosign helm")
    assert done.returncode == 0, done.stderr
    written = release.folder / "artifacts" / "release"
    component = yaml.safe_load((written / "kustomization.yaml").read_text())
    assert component["images"] == [
        {"name": f"wealth/{name}", "newName": f"{PREFIX}{name}", "digest": DIGEST} for name in ("gateway", "storage")
    ]
    values = yaml.safe_load((written / "values.yaml").read_text())["images"]
    assert (values["prefix"], values["digests"]) == (PREFIX, {"gateway": DIGEST, "storage": DIGEST})
    signed = [line for line in release.asked if line.startswith(("cosign", "syft"))]
    assert len(signed) == 6
    assert all(f"@{DIGEST}" in line for line in signed)
    assert any(
        line.startswith("helm push") and "oci://registry.example.com/wealth/charts" in line for line in release.asked
    )


def test_what_is_missing_is_said(release: Release) -> None:
    release.put("podman", PUSHES["podman"])
    done = release.run(ENGINE="podman")
    assert done.returncode == 0, done.stderr
    for words in ("NOT SIGNED", "NO SBOMs", "NOT PUSHED"):
        assert words in done.stderr


def test_what_is_required_and_missing_ends_it_before_anything_is_built(release: Release) -> None:
    release.put("podman", PUSHES["podman"])
    done = release.run(ENGINE="podman", REQUIRE="cosign")
    assert done.returncode == 1
    assert "cosign is required" in done.stderr
    assert not (release.folder / "asked").exists()


def test_a_push_without_a_digest_is_no_release(release: Release) -> None:
    release.put(
        "podman", 'while test $# -gt 0; do if test "$1" = --digestfile; then echo latest > "$2"; fi; shift; done'
    )
    done = release.run(ENGINE="podman")
    assert done.returncode == 1
    assert "no digest" in done.stderr


def test_a_registry_is_needed(release: Release) -> None:
    assert release.run(PREFIX="").returncode != 0
