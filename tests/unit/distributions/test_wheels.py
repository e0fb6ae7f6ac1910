"""`wealth-client` and `wealth-protos`: built from the repository, installed apart, and imported."""

import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.distributions import ROOT, build_wheel, make_environment

SUITE = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both wheels, by the folder that they are built from."""
    folder = tmp_path_factory.mktemp("wheels")
    return {name: build_wheel(ROOT / name, folder) for name in ("client", "protos")}


def run_in(python: Path, code: str) -> str:
    """Runs code in an environment, away from the repository; returns what it printed."""
    done = subprocess.run(
        [python, "-I", "-W", "error", "-c", code], capture_output=True, text=True, cwd="/", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_metadata(wheel: Path) -> tuple[str, list[Requirement]]:
    """A wheel's version and what it requires."""
    with zipfile.ZipFile(wheel) as content:
        (name,) = (name for name in content.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(content.read(name).decode())
    return metadata["Version"], [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]


@pytest.mark.parametrize("name", ["client", "protos"])
def test_a_wheel_has_the_suites_version_and_asks_for_no_more_than_the_suite(wheels: dict[str, Path], name: str) -> None:
    version, requirements = read_metadata(wheels[name])
    assert version == SUITE["version"]
    asked = [*SUITE["dependencies"], *SUITE["optional-dependencies"]["client"]]
    known = {requirement.name: requirement.specifier for requirement in map(Requirement, asked)}
    assert {item.name: item.specifier for item in requirements} == {
        item.name: known[item.name] for item in requirements
    }


@pytest.mark.parametrize(("name", "packages"), [("client", {"wealth_client"}), ("protos", {"wealth", "buf"})])
def test_a_wheel_holds_its_own_packages_typed_and_nothing_else(
    wheels: dict[str, Path], name: str, packages: set[str]
) -> None:
    with zipfile.ZipFile(wheels[name]) as content:
        names = {entry for entry in content.namelist() if ".dist-info/" not in entry}
    assert {entry.split("/")[0] for entry in names} == packages
    assert {f"{package}/py.typed" for package in packages} <= names


def test_the_client_works_where_nothing_of_the_suite_is(wheels: dict[str, Path], tmp_path: Path) -> None:
    python = make_environment(tmp_path / "venv", wheels["client"])
    printed = run_in(
        python,
        "import importlib.util, pkgutil, importlib, wealth_client\n"
        "from wealth_client import AsyncClient, Client, parse_ref\n"
        "from wealth_client.errors import NotFound, Unavailable, WealthError\n"
        "for module in pkgutil.iter_modules(wealth_client.__path__):\n"
        "    importlib.import_module(f'wealth_client.{module.name}')\n"
        "assert not any(importlib.util.find_spec(name) for name in ('services', 'wealth', 'grpc'))\n"
        "from wealth_client import NO_RETRIES\n"
        "try:\n"
        "    with Client('http://127.0.0.1:9', 'k_x', retries=NO_RETRIES) as client:\n"
        "        client.get_queue()\n"
        "except Unavailable as error:\n"
        "    print(type(error).__module__, error.reason)\n",
    )
    assert printed == "wealth_client.errors NO_ANSWER\n"


def test_no_module_of_the_client_speaks_of_the_suites_own(wheels: dict[str, Path]) -> None:
    with zipfile.ZipFile(wheels["client"]) as content:
        speaking = [name for name in content.namelist() if b"services." in content.read(name)]
    assert speaking == []


def test_the_stubs_work_where_nothing_of_the_suite_is(wheels: dict[str, Path], tmp_path: Path) -> None:
    python = make_environment(tmp_path / "venv", wheels["protos"])
    printed = run_in(
        python,
        "import importlib.util, grpc\n"
        "from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc\n"
        "from wealth.converter.v1 import converter_pb2, converter_pb2_grpc\n"
        "from wealth.storage.v1 import storage_pb2, storage_pb2_grpc\n"
        "assert importlib.util.find_spec('services') is None\n"
        "with grpc.insecure_channel('127.0.0.1:9') as channel:\n"
        "    print(portfolio_pb2_grpc.PortfolioServiceStub(channel).GetTask is not None)\n",
    )
    assert printed == "True\n"


def test_both_stand_beside_one_another(wheels: dict[str, Path], tmp_path: Path) -> None:
    python = make_environment(tmp_path / "venv", *wheels.values())
    run_in(python, "import wealth_client, wealth.jobs.v1.jobs_pb2, buf.validate.validate_pb2")


def test_a_module_that_the_wheel_has_not_fails_the_build() -> None:
    code = (
        "import hatch_build; hatch_build.rename('from services.common.clock import x\\nfrom services.gateway import y')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT / "client", check=False
    )
    assert "not in the wheel: from services.gateway import y" in done.stderr
