"""`wealth` against the running suite: a portfolio analysed, a conversion learned, a file converted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.launched_suite import LaunchedSuite

EXAMPLES = Path(__file__).parents[2] / "examples"
BROKER = EXAMPLES / "broker"


def wealth(suite: LaunchedSuite, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with the suite's file."""
    command, *rest = arguments
    return subprocess.run(
        [sys.executable, "-m", "services.client.cli", command, "--suite", str(suite.folder / "suite.json"), *rest],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def trained(suite: LaunchedSuite, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A job that learned the broker's statement, and where its program was written."""
    program = tmp_path_factory.mktemp("trained") / "program.sql"
    done = wealth(
        suite, "train", "--user", "cli", "--input", str(BROKER / "statement-2026-09.csv"),
        "--expected", str(BROKER / "holdings-2026-09.csv"), "--program", str(program), "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return f"cli/{json.loads(done.stdout)['job_id']}", program


def test_a_portfolio_is_analysed(suite: LaunchedSuite) -> None:
    done = wealth(suite, "submit", str(EXAMPLES / "portfolio" / "review.json"), "--user", "cli")
    assert done.returncode == 0, done.stderr
    assert "The portfolio needs rebalancing: 2 assets are outside the band." in done.stdout


def test_a_training_writes_its_program(suite: LaunchedSuite, trained: tuple[str, Path]) -> None:
    job, program = trained
    downloaded = wealth(suite, "download", job, "--what", "program", "-o", "-")
    assert downloaded.stdout == program.read_text() != ""


def test_a_file_is_converted(suite: LaunchedSuite, trained: tuple[str, Path], tmp_path: Path) -> None:
    output = tmp_path / "october.csv"
    statement = str(BROKER / "statement-2026-10.csv")
    done = wealth(suite, "infer", trained[0], "--input", statement, "--output", str(output))
    assert done.returncode == 0, done.stderr
    assert output.read_bytes() == (BROKER / "holdings-2026-10.csv").read_bytes()


def test_a_training_under_one_key_is_one_job_however_often_it_is_asked_for(suite: LaunchedSuite) -> None:
    asked = [
        wealth(
            suite, "train", "--user", "cli", "--input", str(BROKER / "statement-2026-09.csv"),
            "--expected", str(BROKER / "holdings-2026-09.csv"), "--idempotency-key", "once", "--no-wait",
        ).stdout
        for _ in range(2)
    ]  # fmt: skip
    assert asked[0] == asked[1] != ""


def test_jobs_report_and_queue_are_shown(suite: LaunchedSuite, trained: tuple[str, Path]) -> None:
    assert trained[0] in wealth(suite, "jobs", "conversions", "--user", "cli").stdout
    assert json.loads(wealth(suite, "result", trained[0], "--json").stdout)["cells_right"] == 1.0
    assert json.loads(wealth(suite, "queue", "--json").stdout)["converter"]["status"] == "ok"


def test_what_cannot_be_learned_exits_2(suite: LaunchedSuite, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n2\n")
    (tmp_path / "b.csv").write_text("")
    done = wealth(
        suite, "train", "--user", "cli", "--input", str(tmp_path / "a.csv"), "--expected", str(tmp_path / "b.csv")
    )
    assert done.returncode == 2, done.stdout + done.stderr


def test_the_doctor_finds_a_running_suite_in_order(suite: LaunchedSuite) -> None:
    done = wealth(suite, "doctor", "--json")
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert {
        "gateway",
        "clock",
        "version",
        "portfolio",
        "converter",
        "storage",
        "events",
        "webhooks",
        "key",
        "disk",
        "processes",
    } <= set(findings)
    assert [name for name, finding in findings.items() if finding["state"] == "wrong"] == []
    reached = {name: findings[name]["words"] for name in ("storage", "portfolio", "events")}
    assert ("s3" in reached["storage"], "nats" in reached["portfolio"], "storage" in reached["events"]) == (True,) * 3


def test_the_doctor_says_where_nobody_answers(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.client.cli", "doctor", "--url", "http://127.0.0.1:1"],
        env={**os.environ, "WEALTH_API_KEY": "k_1.x"}, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert (done.returncode, "does not answer" in done.stdout) == (69, True)
