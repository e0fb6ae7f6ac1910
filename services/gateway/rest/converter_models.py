"""The converter's bodies and answers over REST, for reading requests and for OpenAPI."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from services.common.fault_words import JOB_ID_PATTERN
from services.gateway.rest.examples import shown_as
from services.gateway.rest.portfolio_models import TraceLine

JobStatusWord = Literal[
    "pending",
    "initializing",
    "uploading",
    "processing",
    "planning",
    "coding",
    "testing",
    "completed",
    "failed",
    "cancelled",
]
JobModeWord = Literal["training", "inference"]

JOB_ID = "3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11"
# What the fields of the messages behind the gateway hold.
MAX_INT = 2**31 - 1
_MAX_INPUT_CHARS = 16 * 1024 * 1024
_INPUT = (
    "An uploaded file's URI, s3:// or https:// of an allow-listed place, "
    "a data URI (data:text/csv;name=x.csv;base64,...), or bare base64: CSV, or a workbook, gzip or ZIP of one table"
)

TRAINING_EXAMPLE = {
    "user_id": "a.meier",
    "input_file": "data:text/csv;name=trades.csv;base64,ZGF0ZSxhbW91bnQKMzEuMTIuMjAyNSwxJzAwMC41MAo=",
    "expected_output_file": "data:text/csv;name=wanted.csv;base64,RGF0ZSxBbW91bnQKMjAyNS0xMi0zMSwxMDAwLjUwCg==",
    "job_title": "Broker A trades",
    "description": "Monthly export of broker A",
    "owner": "Anna Meier",
    "general_instructions": "Dates are day first.",
    "column_instructions": {"Amount": "Two decimals, no thousands separators"},
}
INFERENCE_EXAMPLE = {
    "user_id": "a.meier",
    "job_id": JOB_ID,
    "input_file": "file_id:4f0c8a526f0e4a7e9b440d2f6f6b8a11",
}
_ACCEPTED_EXAMPLE = {
    "job_id": JOB_ID,
    "status": "pending",
    "input_file": "inline",
    "expected_output_file": "inline",
    "description": "Monthly export of broker A",
    "client_id": "a.meier",
    "mode": "training",
    "created_at": "2026-01-02T03:04:05.000Z",
    "message": "accepted",
    "trained_job_id": None,
}
METADATA_EXAMPLE = {
    "user_id": "a.meier",
    "user_name": "Anna Meier",
    "job_id": JOB_ID,
    "job_title": "Broker A trades",
    "job_description": "Monthly export of broker A",
    "mode": "training",
    "created_at": "2026-01-02T03:04:05.000Z",
    "updated_at": "2026-01-02T03:04:09.000Z",
    "finished_at": "2026-01-02T03:04:09.000Z",
    "job_status": "completed",
    "status": "completed",
    "progress": 100,
    "message": "the program reproduces the example",
    "script_path": "s3://wealth/a.meier/3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11/program.sql",
    "output_path": None,
    "program_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "error": None,
    "error_code": None,
    "input_file": "inline",
    "expected_output_file": "inline",
    "trained_job_id": None,
    "flagged_rows": 0,
    "questions": 0,
    "lessons": 0,
    "serving_generation": 1,
    "generation": 1,
    "revision": 9,
    "trace": [],
}


class TrainingSubmission(BaseModel):
    """A pair of files to learn from."""

    model_config = shown_as(TRAINING_EXAMPLE)

    user_id: str = Field(min_length=1, max_length=128, description="The user that the job belongs to")
    input_file: str = Field(min_length=1, max_length=_MAX_INPUT_CHARS, description=_INPUT)
    expected_output_file: str = Field(
        min_length=1, max_length=_MAX_INPUT_CHARS, description="What it should become; named as input_file is"
    )
    job_title: str = Field(min_length=1, max_length=200, description="For people")
    description: str | None = Field(None, max_length=2000, description="For people")
    owner: str = Field(min_length=1, max_length=200, description="Who asks, for people")
    general_instructions: str | None = Field(None, max_length=20_000, description="Plain words that guide learning")
    column_instructions: dict[str, str] | None = Field(
        None, max_length=500, description="Plain words for single output columns"
    )
    job_id: str | None = Field(None, pattern=JOB_ID_PATTERN, description="Retrain this job of the user")
    effort: int | None = Field(
        None,
        strict=True,
        ge=1,
        le=16,
        description="How many times its usual work the search may take, after `OUT_OF_TIME`",
    )
    samples: dict[str, str] | None = Field(
        None, max_length=10, description="Inputs without an output, by name, which are only looked at for questions"
    )
    on_ambiguity: Literal["keep", "fail"] | None = Field(
        None, description="Whether a program that leaves questions open completes the job (keep) or fails it"
    )
    references: dict[str, str] | None = Field(
        None,
        max_length=10,
        description="Tables that the program may look things up in, by name (small letters, digits, _); named as "
        "input_file is. A retraining without any keeps the job's",
    )


class InferenceSubmission(BaseModel):
    """A file to convert with a learned program."""

    model_config = shown_as(INFERENCE_EXAMPLE)

    user_id: str = Field(min_length=1, max_length=128, description="The user that the trained job belongs to")
    job_id: str = Field(pattern=JOB_ID_PATTERN, description="The trained job")
    input_file: str = Field(min_length=1, max_length=_MAX_INPUT_CHARS, description=_INPUT)
    on_unseen: Literal["null", "keep", "fail"] | None = Field(
        None, description="What to do with cells that the example did not show; null leaves them empty"
    )
    on_drift: Literal["ask", "accept_renames"] | None = Field(
        None,
        description="What to do with columns that the file calls otherwise: fail with questions (ask), or take what is "
        "surely meant",
    )
    columns: dict[str, str] | None = Field(
        None, max_length=500, description="What the file calls columns of the example, by the example's names"
    )
    references: dict[str, str] | None = Field(
        None, max_length=10, description="Newer versions of reference tables of the training, by name"
    )


class AcceptedJob(BaseModel):
    """A job that was accepted."""

    model_config = shown_as(_ACCEPTED_EXAMPLE)

    job_id: str
    status: JobStatusWord
    input_file: str
    expected_output_file: str | None
    description: str
    client_id: str
    mode: JobModeWord
    created_at: str | None
    message: str
    trained_job_id: str | None


class FinishedInference(AcceptedJob):
    """An inference that was over within the time that the client waited."""

    model_config = shown_as(
        {
            **_ACCEPTED_EXAMPLE,
            "status": "completed",
            "mode": "inference",
            "expected_output_file": None,
            "trained_job_id": JOB_ID,
            "output_csv_base64": "RGF0ZSxBbW91bnQKMjAyNS0xMi0zMSwxMDAwLjUwCg==",
            "program_base64": "U0VMRUNUIC4uLg==",
            "output_s3_path": "s3://wealth/a.meier/3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11/output.csv",
            "program_s3_path": "s3://wealth/a.meier/3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11/program.sql",
            "report": {},
            "error": None,
            "error_code": None,
            "output_url": "/api/v1/a.meier/3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11/output",
        }
    )

    output_csv_base64: str | None = Field(
        description="None where there is no output, or it is too large: see output_url"
    )
    program_base64: str | None
    output_s3_path: str | None
    program_s3_path: str | None
    report: dict[str, Any] | None
    error: str | None
    error_code: str | None
    output_url: str | None = Field(description="Where to download the output")


class JobMetadata(BaseModel):
    """All that is known of a job."""

    model_config = shown_as(METADATA_EXAMPLE)

    user_id: str
    user_name: str
    job_id: str
    job_title: str
    job_description: str
    mode: JobModeWord
    created_at: str | None
    updated_at: str | None
    finished_at: str | None
    elapsed_seconds: float | None = Field(None, description="From its acceptance to its end; null before")
    job_status: JobStatusWord
    status: JobStatusWord
    progress: int = Field(ge=0, le=100)
    message: str
    script_path: str | None
    output_path: str | None
    program_sha256: str | None
    error: str | None
    error_code: str | None
    input_file: str
    expected_output_file: str | None
    input_file_name: str | None = Field(description="What the input's file is called, where it came with a name")
    expected_output_file_name: str | None = Field(description="The same of the expected output")
    trained_job_id: str | None
    flagged_rows: int
    questions: int = Field(description="Questions that the report leaves open")
    lessons: int = Field(description="Lessons that the training has learned from")
    serving_generation: int | None = Field(description="The generation whose program is in service")
    generation: int
    revision: int
    trace: list[TraceLine]


class QueueInfo(BaseModel):
    """How many jobs there are, and workers for them."""

    max_workers: int
    active_jobs: int
    available_workers: int
    queue_size: int
    max_queue_size: int
    worker_processes: int
    open_jobs: int


class CapacityUtilization(BaseModel):
    """How busy the workers are."""

    workers_busy_percent: float
    can_accept_new_jobs: bool
    estimated_wait_time_minutes: float | None = Field(description="None while nothing has finished to measure by")


class QueueStatus(BaseModel):
    """The converter's queue."""

    model_config = shown_as(
        {
            "status": "ok",
            "queue_info": {
                "max_workers": 4,
                "active_jobs": 1,
                "available_workers": 3,
                "queue_size": 0,
                "max_queue_size": 1000,
                "worker_processes": 2,
                "open_jobs": 1,
            },
            "capacity_utilization": {
                "workers_busy_percent": 25.0,
                "can_accept_new_jobs": True,
                "estimated_wait_time_minutes": 0.0,
            },
        }
    )

    status: str = Field(description='"ok", or "no_workers" while no worker process is alive')
    queue_info: QueueInfo
    capacity_utilization: CapacityUtilization
