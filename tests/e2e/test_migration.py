"""Coming from the older services: their bucket, taken over in place, is migrated, served and trained again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import obstore
import pytest
from obstore.store import S3Store

from tests.support.eventually import eventually
from tests.support.launched_suite import TERMINAL, LaunchedSuite
from tests.support.older_services import older_job, older_task, write_job, write_tasks

BROKER = Path(__file__).parents[2] / "examples" / "broker"
STATEMENT, HOLDINGS = BROKER / "statement-2026-09.csv", BROKER / "holdings-2026-09.csv"


@pytest.fixture(scope="module")
def older_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An older bucket as a folder: two tasks, one of which never ended, a training, an inference, and a stray file."""
    folder = tmp_path_factory.mktemp("older")
    write_tasks(folder, older_task(1), older_task(2, status="processing"))
    write_job(folder, older_job(str(uuid4())), input=STATEMENT.read_bytes(), expected=HOLDINGS.read_bytes())
    write_job(folder, older_job(str(uuid4()), mode="inference"), output=b"a,b\n1,2\n")
    (folder / "notes.txt").write_text("nobody's")
    return folder


def migrate(suite: LaunchedSuite, *arguments: str, **environment: str) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Runs the command; its exit code, its lines by the record's place, and what it said."""
    done = subprocess.run(
        [
            sys.executable, "-m", "services.client.cli", "migrate",
            "--suite", str(suite.folder / "suite.json"), "--json", *arguments,
        ],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    lines = json.loads(done.stdout) if done.stdout else []
    return done.returncode, {line["place"]: line for line in lines}, done.stderr


def outcomes(lines: dict[str, dict[str, Any]]) -> list[str]:
    return sorted(line["outcome"] for line in lines.values())


async def test_a_folder_is_looked_at_brought_over_and_brought_over_once(
    suite: LaunchedSuite, client: httpx.AsyncClient, older_files: Path, tmp_path: Path
) -> None:
    task_id = older_task(1)["task_id"]

    code, lines, _ = migrate(suite, str(older_files))
    assert (code, outcomes(lines)) == (0, ["valid"] * 4)
    assert (await client.get(f"/task/{task_id}/status")).status_code == 404

    report = tmp_path / "report.jsonl"
    code, lines, _ = migrate(suite, str(older_files), "--apply", "--retrain", "--report", str(report))
    assert (code, outcomes(lines)) == (0, ["imported", "imported", "imported", "retraining"])
    assert len(report.read_text().splitlines()) == 4

    result = (await client.get(f"/task/{task_id}/result")).json()
    assert result["data"]["top_movers"]["response"] == "Equity gained 4.2 %."
    assert result["conv_id"] == "c-1"
    assert task_id in [task["task_id"] for task in (await client.get("/tasks?limit=200")).json()["tasks"]]
    stuck = (await client.get(f"/task/{older_task(2)['task_id']}/status")).json()
    assert (stuck["status"], "submit it again" in stuck["message"]) == ("error", True)
    assert (await client.get(f"/task/{task_id}/report")).status_code == 200

    (trained,) = (line["id"] for line in lines.values() if line["outcome"] == "retraining")

    async def is_over() -> dict[str, Any] | None:
        job: dict[str, Any] = (await client.get(f"/api/v1/{trained}")).json()
        return job if job["job_status"] in TERMINAL else None

    job = await eventually(is_over, within_s=300)
    assert job is not None
    assert (job["job_status"], job["job_title"]) == ("completed", "Broker to ledger")
    (inferred,) = (line["id"] for line in lines.values() if line["what"] == "inference")
    assert (await client.get(f"/api/v1/{inferred}/output")).text == "a,b\n1,2\n"

    code, lines, _ = migrate(suite, str(older_files), "--apply", "--retrain")
    assert (code, outcomes(lines)) == (0, ["present"] * 4)


async def test_a_bucket_that_becomes_the_suites_own_is_taken_over_in_place(
    suite: LaunchedSuite, client: httpx.AsyncClient
) -> None:
    s3 = suite.document["s3"]
    access = {
        "AWS_ACCESS_KEY_ID": s3["access_key"], "AWS_SECRET_ACCESS_KEY": s3["secret_key"],
        "AWS_ENDPOINT_URL": s3["url"], "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
    }  # fmt: skip
    store = S3Store(s3["bucket"], config={name.lower(): value for name, value in access.items()})
    task = older_task(9)
    place = f"tasks/{task['task_id']}.json"
    obstore.put(store, place, json.dumps(task).encode())

    code, lines, said = migrate(suite, f"s3://{s3['bucket']}/tasks", "--apply", **access)
    assert code == 0, said
    assert lines[f"{task['task_id']}.json"]["outcome"] == "imported"
    assert (await client.get(f"/task/{task['task_id']}/status")).json()["status"] == "completed"
    # What stood there is now the record: the password of the older object is gone with it.
    assert b"never to be seen" not in bytes(obstore.get(store, place).bytes())
    _, lines, _ = migrate(suite, f"s3://{s3['bucket']}/tasks", "--apply", **access)
    assert lines[f"{task['task_id']}.json"]["outcome"] == "present"


def test_all_tasks_of_one_file_are_found_and_what_is_damaged_is_refused_by_itself(
    suite: LaunchedSuite, tmp_path: Path
) -> None:
    tasks = {older_task(20)["task_id"]: older_task(20), older_task(21)["task_id"]: older_task(21, created_at=None)}
    (tmp_path / "tasks.json").write_text(json.dumps({**tasks, "task_broken": {"status": "completed"}, "x": 5}))
    code, lines, said = migrate(suite, str(tmp_path / "tasks.json"))
    assert (code, outcomes(lines)) == (1, ["refused", "refused", "valid", "valid"])
    assert "whose it is" in lines["tasks.json#task_broken"]["notes"][0]
    assert "2 refused, 2 valid" in said


async def test_a_key_without_the_admin_scope_brings_nothing_over(suite: LaunchedSuite, older_files: Path) -> None:
    key = suite.make_key()

    async def is_known() -> bool:
        async with suite.client(key) as caller:
            return (await caller.get("/tasks")).status_code == 200

    await eventually(is_known)
    code, lines, said = migrate(suite, str(older_files), WEALTH_API_KEY=key)
    assert (code, lines) == (77, {})
    assert "SCOPE_MISSING" in said
