"""Which texts of a task or job are searched, over REST and on the dashboard."""

from collections.abc import Iterator, Mapping
from typing import Any

SEARCH = "Only those with all of these words, in their id, title, description, file names, sections, user, status or \
error; a call looks at `limit` of them, so that a page may be short, or empty, while there is a next one"
_TASK_TEXTS = ("task_id", "user_id", "section_detected", "status", "error", "error_code")
_JOB_TEXTS = (
    "job_id", "user_id", "user_name", "job_title", "job_description", "mode", "status", "error", "error_code",
    "input_file", "input_file_name", "expected_output_file_name", "trained_job_id",
)  # fmt: skip


def searched_task(state: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a task, as it is listed."""
    yield from _texts(state, _TASK_TEXTS)
    # As people write it: "top movers".
    yield state["section_detected"].replace("_", " ")


def searched_job(metadata: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a training or inference, as it is listed."""
    return _texts(metadata, _JOB_TEXTS)


def _texts(document: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    return (document[name] for name in names if document[name])
