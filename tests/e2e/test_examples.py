"""The examples for callers, run as they stand against the running suite."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.launched_suite import LaunchedSuite

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "examples" / "clients"
BROKER = ROOT / "examples" / "broker"
REVIEW = ROOT / "examples" / "portfolio" / "review.json"
SENTENCE = "The portfolio needs rebalancing: 2 assets are outside the band"


def run(suite: LaunchedSuite, name: str, *arguments: object, **environment: str) -> str:
    """Runs an example with the suite's address and key; returns what it printed."""
    done = subprocess.run(
        [sys.executable, str(CLIENTS / name), *map(str, arguments)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "WEALTH_URL": suite.rest,
            "WEALTH_API_KEY": suite.document["api_key"],
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_statement_is_converted_over_rest(suite: LaunchedSuite, tmp_path: Path) -> None:
    for output in (tmp_path / "october.csv", tmp_path / "again.csv"):
        run(
            suite, "convert_statement.py", "--user", "examples", "--learn", BROKER / "statement-2026-09.csv",
            "--expected", BROKER / "holdings-2026-09.csv", "--convert", BROKER / "statement-2026-10.csv",
            "--output", output,
        )  # fmt: skip
        assert output.read_bytes() == (BROKER / "holdings-2026-10.csv").read_bytes()


def test_portfolios_are_analysed_at_once_over_asyncio(suite: LaunchedSuite) -> None:
    income = REVIEW.with_name("income.json")
    printed = run(suite, "analyse_many.py", "--user", "examples", REVIEW, income)
    assert f"review.json: model_and_rebalancing: {SENTENCE}" in printed
    assert "income.json: " in printed


def test_a_service_calls_over_grpc_with_a_token_of_its_own(suite: LaunchedSuite) -> None:
    printed = run(
        suite, "call_over_grpc.py", "--portfolio", suite.grpc_address("portfolio"), "--tenant", "default",
        "--user", "examples", REVIEW,
        CALLER="gateway", CALLER_KEY=suite.document["env"]["gateway"]["GATEWAY_IDENTITY_KEY"],
    )  # fmt: skip
    assert f"model_and_rebalancing: {SENTENCE}" in printed


def test_a_durable_consumer_goes_on_where_it_was(suite: LaunchedSuite) -> None:
    environment = {"NATS_URL": suite.document["nats"]}
    run(suite, "analyse_many.py", "--user", "examples", REVIEW, REVIEW)
    first = run(suite, "consume_events.py", "--name", "examples", "--count", "1", **environment)
    second = run(suite, "consume_events.py", "--name", "examples", "--count", "1", **environment)
    assert first.split()[3] != second.split()[3]
    assert {line.split()[2] for line in (first, second)} <= {
        "wealth.portfolio.v1.task.completed",
        "wealth.portfolio.v1.task.error",
        "wealth.converter.v1.job.completed",
        "wealth.converter.v1.job.failed",
    }
