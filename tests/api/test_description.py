"""Schemathesis against the running suite: whatever it makes up, every answer is one that the description has.

It comes from an environment of its own (`make test-api`), so that its packages are not the product's.
"""

import base64
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from services.gateway.rest.portfolio_models import SUBMISSION_EXAMPLE
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, launched_suite

pytestmark = [pytest.mark.api, pytest.mark.timeout(600)]

SCHEMATHESIS = Path(".venv-api/bin/schemathesis")
# Calls come as fast as they can; watches and waits end soon, so that the time goes into calls.
SETTINGS = {
    "GATEWAY_RATE_PER_S": "100000",
    "GATEWAY_BURST": "100000",
    "GATEWAY_MAX_WAIT_S": "1",
    "GATEWAY_WATCH_MAX_S": "1",
    "JOBS_MAX_UNFINISHED": "100000",
    "LOG_FORMAT": "json",
}
# Tokens come out of answers alone. Where the content decides as well as the form, a refusal is no fault: files that are
# no base64 or stand nowhere, and forms that contradict their query.
CONFIGURATION = """
[parameters]
page_token = ""
{parameters}

[[operations]]
include-path-regex = "^/api/v1/(train|inference/run)$"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-path = "/api/v1/files"
include-method = "POST"
checks.positive_data_acceptance.enabled = false
"""
INPUT = b"date,amount\n31.12.2025,1000.5\n01.02.2025,20\n"
WANTED = b"Date,Amount\n2025-12-31,1000.50\n2025-02-01,20.00\n"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LaunchedSuite]:
    if not SCHEMATHESIS.exists():
        pytest.skip(f"{SCHEMATHESIS} is not there: run `make test-api`")
    with launched_suite(tmp_path_factory.mktemp("suite"), SETTINGS) as running:
        yield running


async def make_things(client: httpx.AsyncClient) -> Mapping[str, str]:
    """Makes a finished inference, a finished task and a file; returns what their paths are made of."""
    uploaded = await client.post("/api/v1/files?user_id=alice", content=INPUT, headers={"content-type": "text/csv"})
    pair = {
        "input_file": uploaded.json()["uri"],
        "expected_output_file": base64.b64encode(WANTED).decode(),
    }
    trained = await client.post(
        "/api/v1/train", json={"user_id": "alice", "owner": "Alice", "job_title": "Trades", **pair}
    )
    await wait_for(client, f"/api/v1/alice/{trained.json()['job_id']}")
    started = await client.post(
        "/api/v1/inference/run",
        json={"user_id": "alice", "job_id": trained.json()["job_id"], "input_file": uploaded.json()["uri"]},
    )
    await wait_for(client, f"/api/v1/alice/{started.json()['job_id']}")
    task = await client.post("/task/submit", json={**SUBMISSION_EXAMPLE, "username": "alice"})
    await wait_for(client, f"/task/{task.json()['task_id']}/status")
    return {
        "client_id": "alice",
        "job_id": started.json()["job_id"],
        "task_id": task.json()["task_id"],
        "uri": uploaded.json()["uri"],
    }


async def wait_for(client: httpx.AsyncClient, path: str) -> None:
    async def is_completed() -> bool:
        return bool((await client.get(path)).json()["status"] == "completed")

    await eventually(is_completed, within_s=300, every_s=0.1)


def explore(suite: LaunchedSuite, folder: Path, parameters: Mapping[str, str], *options: str) -> None:
    """Runs schemathesis with what is known of paths; fails with what it found."""
    configuration = folder / "schemathesis.toml"
    lines = "\n".join(f'{name} = "{value}"' for name, value in parameters.items())
    configuration.write_text(CONFIGURATION.format(parameters=lines))
    found = subprocess.run(
        [
            SCHEMATHESIS.absolute(), "--no-color", "--config-file", configuration, "run", f"{suite.rest}/openapi.json",
            "--header", f"X-API-KEY: {suite.document['api_key']}", "--request-timeout", "30",
            # How many of its own values it throws away is luck, and says nothing of the answers.
            "--suppress-health-check", "filter_too_much", *options,
        ],
        cwd=folder, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout[-20_000:] + found.stderr[-2000:]


async def test_calls_on_what_is_there_are_answered_as_described(suite: LaunchedSuite, tmp_path: Path) -> None:
    async with suite.client() as client:
        known = await make_things(client)
    explore(
        suite, tmp_path, known,
        "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--exclude-method", "DELETE",
    )  # fmt: skip


# Last: it leaves a queue of jobs that were made up.
def test_whatever_is_made_up_is_answered_as_described(suite: LaunchedSuite, tmp_path: Path) -> None:
    explore(suite, tmp_path, {}, "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "25")
