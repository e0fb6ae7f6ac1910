"""Clients in Go and TypeScript: stubs generated from the folder as it stands, compiled, and run against the suite.

Run by ``make test-stubs``. Go and its packages are Debian's, what TypeScript needs comes from npm by its lock.
A language whose tools are not here is skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.launched_suite import LaunchedSuite, launched_suite

pytestmark = [pytest.mark.stubs, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
PROTOS = ROOT / "protos"
FILES = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
CLIENTS = ROOT / "examples" / "clients"
REVIEW = ROOT / "examples" / "portfolio" / "review.json"
SENTENCE = "model_and_rebalancing: The portfolio needs rebalancing: 2 assets are outside the band"
GO_PACKAGES = (
    "golang-go golang-google-grpc-dev golang-github-golang-protobuf-1-5-dev protoc-gen-go-1-5 protoc-gen-go-grpc"
)
# Where Debian's packages of Go libraries stand.
DEBIAN_GO = Path("/usr/share/gocode")


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaunchedSuite]:
    """The running suite."""
    with launched_suite(tmp_path_factory.mktemp("suite"), {}) as running:
        yield running


def run(*command: object, cwd: Path, **environment: str) -> str:
    """Runs a command; returns what it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_protoc(target: Path, *options: str) -> None:
    """Generates stubs of all files with a plugin."""
    target.mkdir(parents=True, exist_ok=True)
    run(sys.executable, "-m", "grpc_tools.protoc", "-I", PROTOS, *options, *FILES, cwd=target)


def assert_analysed(suite: LaunchedSuite, client: list[object], door: str, cwd: Path) -> None:
    """Runs a compiled client against the door, with a good key and with none."""
    printed = run(*client, door, "ananya", REVIEW, cwd=cwd, WEALTH_API_KEY=suite.document["api_key"])
    assert printed.startswith(f"uploaded {REVIEW.stat().st_size} bytes\n")
    assert "\n100 " in printed
    assert SENTENCE in printed
    refused = subprocess.run(
        [str(part) for part in (*client, door, "ananya", REVIEW)],
        cwd=cwd,
        env={**os.environ, "WEALTH_API_KEY": "k_none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "unauthenticated" in refused.stderr.lower()


@pytest.mark.skipif(
    not (shutil.which("go") and shutil.which("protoc-gen-go-grpc") and DEBIAN_GO.exists()),
    reason=f"no Go here: apt-get install {GO_PACKAGES}",
)
def test_a_client_in_go_is_compiled_and_served(suite: LaunchedSuite, tmp_path: Path) -> None:
    workspace = tmp_path / "go"
    run_protoc(workspace / "src", "--go_out=.", "--go-grpc_out=.")
    binary = tmp_path / "analyse_portfolio"
    environment = {
        "GOPATH": f"{workspace}:{DEBIAN_GO}",
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOCACHE": str(tmp_path / "cache"),
    }
    run("go", "vet", ".", cwd=CLIENTS / "go", **environment)
    run("go", "build", "-o", binary, ".", cwd=CLIENTS / "go", **environment)
    assert_analysed(suite, [binary], suite.document["grpc"], tmp_path)


@pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="no node and npm here")
def test_a_client_in_typescript_is_compiled_and_served(suite: LaunchedSuite, tmp_path: Path) -> None:
    project = tmp_path / "typescript"
    shutil.copytree(CLIENTS / "typescript", project, ignore=shutil.ignore_patterns("node_modules", "gen", "out"))
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=project)
    plugin = project / "node_modules" / ".bin" / "protoc-gen-es"
    run_protoc(
        project / "gen",
        f"--plugin=protoc-gen-es={plugin}",
        "--es_out=.",
        "--es_opt=target=ts,import_extension=js",
    )
    run("npm", "run", "build", cwd=project)
    client = ["node", project / "out" / "analyse_portfolio.js"]
    assert_analysed(suite, client, f"http://{suite.document['grpc']}", project)
