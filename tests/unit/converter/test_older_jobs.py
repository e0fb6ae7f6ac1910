"""Jobs of the older converter: their scripts are not run here, and everything else is taken or named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.converter.domain.older_jobs import OlderJob, read_older_job
from tests.support.older_services import older_job

JOB = "0b6a1c1e-4ad7-4f6e-9a53-6a4bb3c9f2d1"
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
JSON = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=8), SCALARS, max_size=3)


def read(**fields: Any) -> OlderJob:
    return read_older_job(json.dumps(older_job(JOB, **fields)), "")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, "failed", "RETRAIN_REQUIRED"),
        ({"mode": "inference"}, "completed", ""),
        ({"job_status": "failed", "error": "no such column"}, "failed", "OLDER_JOB_FAILED"),
        ({"job_status": "coding"}, "failed", "INTERRUPTED_BY_MIGRATION"),
        ({"job_status": "cancelled"}, "cancelled", ""),
    ],
)
def test_how_a_job_ended_is_told_in_our_words(fields: dict[str, Any], status: str, code: str) -> None:
    job = read(**fields)
    assert (job.status, job.error.code if job.error else "") == (status, code)


def test_an_older_failure_keeps_its_words() -> None:
    job = read(job_status="failed", error="no such column")
    assert job.error is not None
    assert job.error.message == "no such column"


def test_instructions_come_over_for_training_again() -> None:
    job = read(general_instructions="keep buys", column_instructions={"Date": "ISO"})
    assert (job.general_instructions, dict(job.column_instructions)) == ("keep buys", {"Date": "ISO"})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"job_id": ""}, "job_id"),
        ({"user_id": None}, "whose"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"mode": "dreaming"}, "mode"),
        ({"_job": {}}, "of this suite"),
    ],
)
def test_what_cannot_be_brought_over_says_why(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read(**fields)


@given(st.dictionaries(st.sampled_from([*older_job(JOB), "column_instructions", "status"]), JSON))
def test_any_metadata_are_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        job = read_older_job(json.dumps(older_job(JOB) | changes), "somebody")
    except InvalidInput:
        return
    assert job.finished_at >= job.created_at
    assert (job.status == "failed") == (job.error is not None)
