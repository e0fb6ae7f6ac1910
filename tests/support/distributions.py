"""Environments as other projects have them: one of our wheels, what it asks for, and nothing else of ours."""

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable, Iterator
from importlib.metadata import PathDistribution, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SITE = Path(sysconfig.get_path("purelib"))


def build_wheel(project: Path, folder: Path) -> Path:
    """Builds a project's wheel as `pip install PROJECT` does, with this environment's build tool and no network."""
    subprocess.run(
        [
            sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--no-build-isolation", "--wheel-dir", str(folder), str(project),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob(f"wealth_{project.name}-*.whl")
    return wheel


def make_environment(folder: Path, *wheels: Path, beside: Iterable[str] = ()) -> Path:
    """A fresh environment with wheels and the distributions ``beside`` them installed; returns its Python.

    What a wheel requires is linked from this environment, file by file, so that no other package can be imported there
    and nothing needs to be fetched.
    """
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    site = next((folder / "lib").glob("python*")) / "site-packages"
    needed = set(beside)
    for wheel in wheels:
        subprocess.run(
            [
                sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install",
                "--quiet", "--no-index", "--no-deps", str(wheel),
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip
        own = read_installed(site, wheel)
        needed |= set(_names(own.requires))
    for name in _with_needs(needed):
        for file in distribution(name).files or ():
            source = Path(str(file.locate())).resolve()
            if source.is_relative_to(SITE) and "__pycache__" not in source.parts:
                link = site / source.relative_to(SITE)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(source)
    return python


def read_installed(site: Path, wheel: Path) -> PathDistribution:
    """What stands in an environment of a wheel."""
    name, version = wheel.name.split("-")[:2]
    return PathDistribution(site / f"{name}-{version}.dist-info")


def _with_needs(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _names(requires(name))
    return found


def _names(requirements: Iterable[str] | None) -> Iterator[str]:
    for requirement in map(Requirement, requirements or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)
