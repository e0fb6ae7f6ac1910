"""`wealth check-env`: what a file of settings, an older service's too, does here. No value is ever shown."""

import json
from pathlib import Path

import pytest

from services.client.cli import main
from services.launcher.env_example import PARTS, list_settings, render
from services.launcher.env_review import find_unknown, review_file

OLDER_TASK_SERVICE = """
AWS_ACCESS_KEY_ID=AKIAEXAMPLE
AWS_SECRET_ACCESS_KEY=not-to-be-shown
AWS_REGION=eu-west-1
S3_BUCKET_NAME=tasks-bucket
S3_PREFIX=tasks/
BASE_URL=https://ai.example.com
API_KEY=not-to-be-shown
TENANT_ID=acme
"""
OLDER_CONVERTER = """
AWS_BUCKET_NAME=conversions
OPENAI_API_KEY=not-to-be-shown
OPENAI_MODEL=gpt-4o
OPENAI_TEMPERATURE=0.1
FASTAPI_AND_WEP_APP_SECRET_KEY=not-to-be-shown-and-long-enough-to-be-taken
LOG_LEVEL=INFO
"""


def verdicts(folder: Path, text: str) -> dict[str, str]:
    path = folder / "settings.env"
    path.write_text(text)
    return {finding.name: finding.verdict for finding in review_file(path)}


@pytest.mark.parametrize("text", [OLDER_TASK_SERVICE, OLDER_CONVERTER])
def test_every_name_of_the_older_services_is_read(tmp_path: Path, text: str) -> None:
    assert set(verdicts(tmp_path, text).values()) <= {"read", "look"}


def test_the_suites_own_example_is_read_whole(tmp_path: Path) -> None:
    filled = [line.removeprefix("#") for line in render().splitlines() if line.startswith("#") and "=" in line]
    names = {name for _, settings in PARTS for name, _ in list_settings(settings)}
    lines = [line for line in filled if line.partition("=")[0] in names]
    found = verdicts(tmp_path, "\n".join(lines))
    assert len(found) == len(names)
    # Of the machine, in words: how many processors there are.
    assert {name for name, verdict in found.items() if verdict != "read"} <= {"CONVERTER_ENGINES"}


@pytest.mark.parametrize(
    ("line", "verdict", "words"),
    [
        ("FASTAPI_AND_WEP_APP_SECRET_KEY=short", "look", "fewer than 32 characters"),
        ("BASE_URL=https://ai.example.com", "look", "PORTFOLIO_PROVIDER=platform"),
        ("API_KEY=x", "look", "BASE_URL, which is not set"),
        ("S3_PREFIX=conversions/", "refused", "wealth migrate"),
        ("CONVERTER_JOBS_PREFIX=tasks/", "refused", "where others of the suite write"),
        ("OPENAI_TEMPERATURE=warm", "refused", "valid number"),
        ("STORAGE_CALLERS={", "refused", "dictionary"),
        ("LOG_LEVL=INFO", "unknown", "is LOG_LEVEL meant?"),
        ("FLASK_THREADS=4", "unknown", "no service reads it"),
        ("GATEWAY_BURST=", "read", "the default holds"),
    ],
)
def test_what_needs_a_hand_is_said_with_the_remedy(tmp_path: Path, line: str, verdict: str, words: str) -> None:
    path = tmp_path / ".env"
    path.write_text(line + "\n")
    (finding,) = review_file(path)
    assert finding.verdict == verdict
    assert words in finding.words


def test_two_names_of_the_bucket_that_disagree_are_told(tmp_path: Path) -> None:
    found = verdicts(tmp_path, "S3_BUCKET_NAME=one\nAWS_BUCKET_NAME=two\n")
    assert found == {"S3_BUCKET_NAME": "read", "AWS_BUCKET_NAME": "look"}


def test_the_environment_of_the_command_is_not_what_is_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_TEMPERATURE", "hot")
    assert verdicts(tmp_path, "OPENAI_TEMPERATURE=0.5\n") == {"OPENAI_TEMPERATURE": "read"}


def test_the_command_shows_no_value(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / ".env"
    path.write_text(
        OLDER_TASK_SERVICE + OLDER_CONVERTER + "LOG_LEVL=not-to-be-shown\nJOBS_CONCURRENCY=not-to-be-shown\n"
    )
    assert main(["check-env", str(path)]) == 1
    assert main(["check-env", str(path), "--json"]) == 1
    out, err = capfd.readouterr()
    assert "not-to-be-shown" not in out + err
    assert "LOG_LEVL" in err


def test_a_file_in_order_ends_with_0(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / ".env"
    path.write_text(OLDER_CONVERTER)
    assert main(["check-env", str(path), "--json"]) == 0
    assert {entry["verdict"] for entry in json.loads(capfd.readouterr().out)} == {"read"}


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["check-env", str(tmp_path / "none")]) == 2
    assert "FILE_UNREADABLE" in capfd.readouterr().err


def test_make_run_warns_of_slips_of_the_pen_alone() -> None:
    found = find_unknown({"GATWAY_BURST": "5", "GATEWAY_BURST": "5", "NPM_TOKEN": "x", "AWS_PROFILE": "x"})
    assert [finding.name for finding in found] == ["GATWAY_BURST"]
