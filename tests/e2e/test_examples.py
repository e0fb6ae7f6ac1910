"""The examples for callers, run as they stand against the running suite, where nothing else of it is installed."""

import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support.distributions import build_wheel, make_environment
from tests.support.launched_suite import LaunchedSuite

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "examples" / "clients"
BROKER = ROOT / "examples" / "broker"
REVIEW = ROOT / "examples" / "portfolio" / "review.json"
SENTENCE = "The portfolio needs rebalancing: 2 assets are outside the band"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of another project: with wealth-client, and what the examples import of others."""
    folder = tmp_path_factory.mktemp("elsewhere")
    wheel = build_wheel(ROOT / "client", folder)
    return make_environment(folder / "venv", wheel, beside=("grpcio-tools", "PyJWT", "cryptography", "nats-py"))


@pytest.fixture
def run(suite: LaunchedSuite, elsewhere: Path) -> Callable[..., str]:
    """Runs an example in another project's environment; returns what it printed."""
    return partial(_run, suite, elsewhere)


def _run(suite: LaunchedSuite, python: Path, name: str, *arguments: object, **environment: str) -> str:
    done = subprocess.run(
        [python, str(CLIENTS / name), *map(str, arguments)],
        env={
            "PATH": os.environ["PATH"],
            "WEALTH_URL": suite.rest,
            "WEALTH_API_KEY": suite.document["api_key"],
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_statement_is_converted_over_rest(run: Callable[..., str], tmp_path: Path) -> None:
    for output in (tmp_path / "october.csv", tmp_path / "again.csv"):
        run(
            "convert_statement.py", "--user", "examples", "--learn", BROKER / "statement-2026-09.csv",
            "--expected", BROKER / "holdings-2026-09.csv", "--convert", BROKER / "statement-2026-10.csv",
            "--output", output,
        )  # fmt: skip
        assert output.read_bytes() == (BROKER / "holdings-2026-10.csv").read_bytes()


def test_portfolios_are_analysed_at_once_over_asyncio(run: Callable[..., str]) -> None:
    income = REVIEW.with_name("income.json")
    printed = run("analyse_many.py", "--user", "examples", REVIEW, income)
    assert f"review.json: model_and_rebalancing: {SENTENCE}" in printed
    assert "income.json: " in printed


def test_a_service_that_has_nothing_of_the_suite_but_the_protos_calls_with_a_token_of_its_own(
    run: Callable[..., str], suite: LaunchedSuite
) -> None:
    printed = run(
        "call_over_grpc.py", suite.grpc_address("portfolio"), "default", "examples", REVIEW,
        PYTHONPATH=str(ROOT / "protos"),
        CALLER="gateway", CALLER_KEY=suite.document["env"]["gateway"]["GATEWAY_IDENTITY_KEY"],
    )  # fmt: skip
    assert f"model_and_rebalancing: {SENTENCE}" in printed


def test_a_durable_consumer_goes_on_where_it_was(run: Callable[..., str], suite: LaunchedSuite) -> None:
    environment = {"NATS_URL": suite.document["nats"]}
    run("analyse_many.py", "--user", "examples", REVIEW, REVIEW)
    first = run("consume_events.py", "--name", "examples", "--count", "1", **environment)
    second = run("consume_events.py", "--name", "examples", "--count", "1", **environment)
    assert first.split()[3] != second.split()[3]
    assert {line.split()[2] for line in (first, second)} <= {
        "wealth.portfolio.v1.task.completed",
        "wealth.portfolio.v1.task.error",
        "wealth.converter.v1.job.completed",
        "wealth.converter.v1.job.failed",
    }
