"""Where a task's things stand in the bucket, below its tenant's prefix."""

from services.common.paths import encode_segment

RECORD_PREFIX = "tasks/"
RECORD_SUFFIX = ".json"


def record_key(task_id: str) -> str:
    """The task itself."""
    return f"{RECORD_PREFIX}{encode_segment(task_id)}{RECORD_SUFFIX}"


def task_id_of(key: str) -> str:
    """The task that a record's key names."""
    return key.removeprefix(RECORD_PREFIX).removesuffix(RECORD_SUFFIX)


def input_key(task_id: str) -> str:
    """Its payloads."""
    return f"task-inputs/{encode_segment(task_id)}.json"


def credentials_prefix(task_id: str) -> str:
    """Its sealed credentials, by generation."""
    return f"private/credentials/{encode_segment(task_id)}/"
