"""The converter's bodies and answers over REST, for reading requests and for OpenAPI."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

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


class AnswerBody(BaseModel):
    """An answer to a question of the report: a value, a candidate, or whether the row belongs."""

    question_id: str = Field(min_length=1, max_length=64)
    value: str | None = Field(None, max_length=65_536, description="What the cell should be")
    candidate: int | None = Field(
        None, strict=True, ge=0, le=MAX_INT, description="The place of one of the question's candidates, from 0"
    )
    drop: bool | None = Field(None, strict=True, description="Whether the row does not belong to the output")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(said is not None for said in (self.value, self.candidate, self.drop)) != 1:
            raise ValueError("one of value, candidate and drop is wanted")
        return self


class CorrectionBody(BaseModel):
    """What should become of a row of a file that was converted."""

    file: str = Field(
        min_length=1, max_length=200, description='"input", the name of a sample, or the job id of an inference'
    )
    row: int = Field(strict=True, ge=1, le=MAX_INT, description="The row of that file, from 1, without its header")
    column: str = Field("", max_length=500, description="The output column; empty where the whole row is meant")
    value: str = Field("", max_length=65_536, description="What the cell should be")
    drop: bool = Field(
        False, strict=True, description="Without a column: whether the row does not belong to the output"
    )


ANSWERS_EXAMPLE = {
    "answers": [{"question_id": "q1", "candidate": 1}],
    "corrections": [{"file": "march.csv", "row": 14, "column": "Action", "value": "Buy"}],
}


class AnswersSubmission(BaseModel):
    """Answers and corrections for a training to learn on from, and further files for it to look at."""

    model_config = shown_as(ANSWERS_EXAMPLE)

    answers: list[AnswerBody] = Field(default_factory=list, max_length=100)
    corrections: list[CorrectionBody] = Field(default_factory=list, max_length=100)
    promote: Literal["auto", "ask"] | None = Field(
        None, description="auto: at once where only taught rows change in the files it is tried on; ask: by rollback"
    )
    generation: int = Field(
        0, strict=True, ge=0, le=MAX_INT,
        description="The generation whose questions are answered: refused where there is a newer one; 0: that of now",
    )  # fmt: skip
    samples: dict[str, str] | None = Field(
        None, max_length=10, description="Further inputs without an output, by new names, to look at for questions"
    )


class ExplainSubmission(BaseModel):
    """The output columns whose program to explain."""

    model_config = shown_as({"columns": ["fee"]})

    columns: list[Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        default_factory=list, max_length=20, description="The first 20 where none is named"
    )


class RollbackSubmission(BaseModel):
    """The generation whose program to put in service."""

    model_config = shown_as({"generation": 1})

    generation: int = Field(strict=True, ge=1, le=MAX_INT)


class OfferedAnswer(BaseModel):
    """An answer that a question offers, to be picked by its place from 0."""

    value: str
    words: str = Field(description="How a program comes to it")
    programs: int = Field(description="Programs, of those at hand, that come to it")
    says: Literal["value", "none", "unknown"] = Field(
        description="That the value is right, that none of those offered is, or that the user does not know: the last "
        "two leave what is asked about flagged"
    )


class AskedRow(BaseModel):
    """The row that is asked about; number 0 is made up in the shape of the example."""

    file: str
    number: int
    cells: list[str]


class OpenQuestion(BaseModel):
    """What a job leaves open, as a choice."""

    id: str
    kind: str = Field(description="which value, which rows, which order, a new value, which reading or a name")
    row: AskedRow
    column: str = Field(description="Empty where the row itself is asked about")
    candidates: list[OfferedAnswer]
    default: str = Field(description="What the program does so far")
    share: float = Field(description="What the answer is expected to rule out, from 0 to 1")
    decides: int = Field(description="Cells of the files at hand that the answer decides; 0 where there are none")


class OpenQuestions(BaseModel):
    """What a job leaves open, the question whose answer is worth most first."""

    model_config = shown_as(
        {
            "generation": 1,
            "questions": [
                {
                    "id": "q1",
                    "kind": "a new value",
                    "row": {"file": "march.csv", "number": 14, "cells": ["2026-03-03", "Sparplan", "Acme"]},
                    "column": "Action",
                    "candidates": [
                        {"value": "Buy", "words": "as other values in the example", "programs": 0, "says": "value"},
                        {"value": "", "words": "none of these is right", "programs": 0, "says": "none"},
                        {"value": "", "words": "I do not know", "programs": 0, "says": "unknown"},
                    ],
                    "default": "",
                    "share": 0.6,
                    "decides": 3,
                }
            ],
        }
    )

    generation: int = Field(description="Send it with the answer: one to questions of an older generation is refused")
    questions: list[OpenQuestion]


class ProgramVersion(BaseModel):
    """A program that a training has learned."""

    generation: int
    program_sha256: str
    learned_at: str | None
    lessons: int
    serving: bool
    changed_rows: int = Field(
        description="Rows that it changed though they were not taught, in the files it was tried on"
    )


class ProgramVersions(BaseModel):
    """A training's programs, newest first."""

    model_config = shown_as(
        {
            "versions": [
                {
                    "generation": 1,
                    "program_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "learned_at": "2026-01-02T03:04:09.000Z",
                    "lessons": 0,
                    "serving": True,
                    "changed_rows": 0,
                }
            ]
        }
    )

    versions: list[ProgramVersion]


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


_FILE_EXAMPLE = {
    "uri": "file_id:4f0c8a526f0e4a7e9b440d2f6f6b8a11",
    "file_id": "4f0c8a526f0e4a7e9b440d2f6f6b8a11",
    "size": 1048576,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "user_id": "a.meier",
    "file_name": "trades.csv",
    "content_type": "text/csv",
    "created_at": "2026-01-02T03:04:05.000Z",
}


class StoredFile(BaseModel):
    """An uploaded file."""

    model_config = shown_as(_FILE_EXAMPLE)

    uri: str = Field(description="What input_file and expected_output_file accept")
    file_id: str
    size: int
    sha256: str
    user_id: str
    file_name: str
    content_type: str
    created_at: str | None


class FilePage(BaseModel):
    """A page of a user's files."""

    model_config = shown_as({"files": [_FILE_EXAMPLE], "next_page_token": ""})

    files: list[StoredFile]
    next_page_token: str
