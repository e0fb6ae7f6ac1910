"""What scripted services answer for the dashboard's pages, hostile words included."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from tests.integration.gateway.test_rest_converter import JOB_ID, finished_inference, make_job, serve_artifacts
from tests.integration.gateway.test_rest_portfolio import finished_task, make_task
from tests.support.gateway import RunningGateway

HOSTILE = """<script>alert("1")</script><img src=x onerror='alert(2)'>"""


@asynccontextmanager
async def signed_in(running: RunningGateway, key: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser without a key in its headers."""
    async with httpx.AsyncClient(base_url=running.base_url, timeout=10) as client:
        answer = await client.post("/dashboard/login", data={"key": key or running.key})
        assert answer.status_code == 303
        yield client


def serve_lists(running: RunningGateway, words: str = HOSTILE) -> None:
    """One task and one job, and queues."""
    running.suite.portfolio.answers |= {
        "ListTasks": lambda _: portfolio_pb2.ListTasksResponse(tasks=[make_task(message=words, user_id=words)]),
        "GetQueue": lambda _: jobs_pb2.Queue(max_workers=4, active_jobs=1, worker_processes=2),
    }
    running.suite.converter.answers |= {
        "ListJobs": lambda _: converter_pb2.ListJobsResponse(jobs=[make_job(title=words)]),
        "GetQueue": lambda _: jobs_pb2.Queue(max_workers=2),
    }


def training_report(words: str = HOSTILE, **fields: Any) -> bytes:
    """A training's report in which all texts are the same."""
    column = {
        "name": words,
        "how": "synthesised",
        "words": words,
        "expression": words,
        "sources": [words],
        "witnesses": [1],
        "values": [words],
        "confidence": 0.9,
        "cells_right": 1.0,
    }
    dialect = {"delimiter": ",", "has_header": True}
    return json.dumps(
        {
            "status": "completed",
            "rows_in": 3,
            "rows_out": 3,
            "cells_right": 1.0,
            "steps": [words],
            "columns": [column],
            "differences": [{"row": 1, "column": words, "expected": words, "got": words}],
            "ambiguities": [{"column": words, "chosen": words, "alternative": words, "rows": [[1, words, words]]}],
            "warnings": [words],
            "guards": [{"column": words, "words": words}],
            "reading": {"input": [words], "expected": []},
            "agents": {"model": words, "spend": {"rounds": 1}},
            "questions": [
                {
                    "id": words,
                    "kind": words,
                    "row": {"file": words, "number": 1, "cells": [words]},
                    "column": words,
                    "candidates": [{"value": words, "words": words}],
                    "default": words,
                    "share": 0.5,
                }
            ],
            "lessons": [{"source": {"file": words, "row": 1}, "output": {words: words}}],
            "regression": {
                "files": [
                    {"file": words, "rows": 1, "changed": 1, "first": [{"before": [words], "after": [f"{words}2"]}]},
                    {"file": words, "trouble": words},
                ]
            },
            "input": {"dialect": dialect, "columns": [words]},
            "output": {"dialect": dialect},
            **fields,
        }
    ).encode()


def inference_report(words: str = HOSTILE) -> bytes:
    """An inference's report in which all texts are the same."""
    flag = {"column": words, "severity": "unseen", "words": words, "rows": 7, "output_columns": [words]}
    return json.dumps(
        {
            "rows_in": 9,
            "rows_out": 1,
            "checked": True,
            "on_unseen": "null",
            "flagged_rows": 7,
            "flags": [{**flag, "first": [{"row": row, "value": words, "output_row": row} for row in range(1, 8)]}],
            "notes": [words],
            "input_dialect": {"delimiter": ",", "has_header": True},
        }
    ).encode()


def review(words: str = HOSTILE) -> bytes:
    """What an inference noted to be looked over, in which all texts are the same."""
    return json.dumps(
        {
            "columns": [words],
            "input_columns": [words],
            "dialect": {"delimiter": ",", "has_header": True},
            "traceable": True,
            "rows": [{"row": 1, "cells": [words], "output_rows": [1]}, {"row": 2, "cells": [words], "output_rows": []}],
        }
    ).encode()


def quoted_csv(*cells: str) -> bytes:
    """A CSV of a header and a row with these cells."""
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    return f"{line}\n{line}\n".encode()


def serve_training(running: RunningGateway, words: str = HOSTILE, **fields: Any) -> None:
    """A finished training whose texts, names and cells are all the same."""
    job = make_job(
        **{
            "status": converter_pb2.JOB_STATUS_COMPLETED,
            "title": words,
            "owner": words,
            "description": words,
            "message": words,
            "program_sha256": "ab" * 32,
            "trace": [jobs_pb2.TraceStep(step=words, status="completed", detail=words)],
            **fields,
        }
    )
    running.suite.converter.answers |= {
        "GetJob": lambda _: job,
        "ListVersions": lambda _: converter_pb2.ListVersionsResponse(
            versions=[converter_pb2.Version(generation=2), converter_pb2.Version(generation=1, serving=True)]
        ),
    }
    artifacts = {
        (JOB_ID, converter_pb2.ARTIFACT_PROGRAM): f"SELECT '{words}' AS \"{words}\" -- {words}".encode(),
        (JOB_ID, converter_pb2.ARTIFACT_REPORT): training_report(words),
        (JOB_ID, converter_pb2.ARTIFACT_INPUT): quoted_csv(words, "b"),
        (JOB_ID, converter_pb2.ARTIFACT_EXPECTED): quoted_csv("c", words),
    }
    serve_artifacts(running, artifacts)


def serve_inference(running: RunningGateway, words: str = HOSTILE) -> None:
    """A finished inference whose texts, names and cells are all the same."""
    running.suite.converter.answers["GetJob"] = lambda _: finished_inference(title=words, owner=words, flagged_rows=7)
    artifacts = {
        (JOB_ID, converter_pb2.ARTIFACT_PROGRAM): words.encode(),
        (JOB_ID, converter_pb2.ARTIFACT_REPORT): inference_report(words),
        (JOB_ID, converter_pb2.ARTIFACT_REVIEW): review(words),
        (JOB_ID, converter_pb2.ARTIFACT_INPUT): quoted_csv(words),
        (JOB_ID, converter_pb2.ARTIFACT_OUTPUT): quoted_csv(words),
    }
    serve_artifacts(running, artifacts)


def hostile_task(words: str = HOSTILE) -> portfolio_pb2.Task:
    """A finished task whose texts and names are all the same."""
    section = portfolio_pb2.SectionResult(
        name=words,
        section=words,
        status=words,
        response=f"{words}\n\n{words}:\n- {words} 12",
        error=words,
        facts=[portfolio_pb2.Fact(id=words, label=words, value=words, unit=words, currency=words, method=words)],
        absent=[portfolio_pb2.AbsentFact(id=words, reason=words)],
        notes=[portfolio_pb2.Note(code=words, severity=words, message=words)],
        unknown_fields=[words],
        provider=words,
        grounding=portfolio_pb2.Grounding(
            claims=2,
            traces=[portfolio_pb2.Trace(text=words, start=0, fact=words)],
            unsupported=[portfolio_pb2.UnsupportedClaim(text=words, value=words, why=words)],
            derivations=[portfolio_pb2.Derivation(text=words, formula=words)],
        ),
        charts=[portfolio_pb2.Chart(title=words)],
    )
    return finished_task(
        sections=[section],
        sections_detected=[words],
        message=words,
        user_id=words,
        highlights=[portfolio_pb2.Highlight(section=words, text=words)],
        conflicts=[portfolio_pb2.Conflict(figure=words, message=words)],
        error=jobs_pb2.JobError(code="X", message=words),
        trace=[jobs_pb2.TraceStep(step=words, status=words, detail=words)],
    )
