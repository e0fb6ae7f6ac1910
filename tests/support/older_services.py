"""What the two older services left behind, made from their documents: a bucket's objects, as they wrote them."""

import json
from pathlib import Path
from typing import Any

SECTIONS = {
    "top_movers": {
        "section": "top_movers", "status": "completed", "conv_id": "c-1", "message_id": "m-1",
        "response": "Equity gained 4.2 %.", "cost": 0.01, "error": None,
    },
    "portfolio_value": {
        "section": "portfolio_value", "status": "error", "conv_id": "", "message_id": "",
        "response": "", "cost": 0, "error": "the platform did not answer",
    },
}  # fmt: skip


def older_task(number: int, **fields: Any) -> dict[str, Any]:
    """A task as the task service stored it: times without a zone, the results under ``result``."""
    return {
        "task_id": f"task_2025010203{number:04d}_{number:08x}",
        "username": "alice",
        "password": "never to be seen",
        "status": "completed",
        "progress": 100,
        "message": "2 of 2 section(s) completed",
        "section_detected": "top_movers, portfolio_value",
        "created_at": f"2025-01-02T03:{number % 60:02d}:04.123456",
        "updated_at": f"2025-01-02T03:{number % 60:02d}:59.000001",
        "trace": [{"step": "submit", "status": "completed", "timestamp": "2025-01-02T03:04:04", "detail": "queued"}],
        "result": {"conv_id": "c-1", "cost": 0.01, "data": SECTIONS},
        "retry_count": 0,
        **fields,
    }


def older_job(job_id: str, /, **fields: Any) -> dict[str, Any]:
    """A job's metadata as the converter stored them."""
    return {
        "user_id": "bob",
        "user_name": "Bob",
        "job_id": job_id,
        "job_title": "Broker to ledger",
        "job_description": "monthly",
        "mode": "training",
        "created_at": "2025-03-04T05:06:07Z",
        "finished_at": "2025-03-04T05:09:07Z",
        "job_status": "completed",
        "script_path": f"s3://older/bob/{job_id}/script.py",
        "error": None,
        **fields,
    }


def write_tasks(folder: Path, *tasks: dict[str, Any]) -> None:
    """Writes tasks as the older bucket held them."""
    (folder / "tasks").mkdir(parents=True, exist_ok=True)
    for task in tasks:
        (folder / "tasks" / f"{task['task_id']}.json").write_text(json.dumps(task))


def write_job(folder: Path, metadata: dict[str, Any], **files: bytes) -> None:
    """Writes a job's folder as the older bucket held it; ``files`` are its CSV files by their names without ".csv"."""
    place = folder / metadata["user_id"] / metadata["job_id"]
    place.mkdir(parents=True)
    (place / "job_metadata.json").write_text(json.dumps(metadata))
    (place / "script.py").write_text("import os\nos.system('true')\n")
    for name, content in files.items():
        (place / f"{name}.csv").write_bytes(content)
