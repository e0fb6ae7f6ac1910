"""Whatever a client sends, the answer is one that the description knows, and never a 5xx."""

import json
import re
import urllib.parse
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wealth.converter.v1 import converter_pb2
from wealth.events.v1 import events_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2
from wealth.storage.v1 import storage_pb2

from services.gateway.rest.api import write_document
from tests.support.gateway import RunningGateway

PATHS: dict[str, Any] = json.loads(write_document())["paths"]
CALLS = sorted((method.upper(), path) for path, operations in PATHS.items() for method in operations)

words = st.sampled_from(["x", "\x00", "é", "a" * 3000, "a/b", "null", "-1", "1e999", "\u202e", "{}", "9" * 400])
names = st.sampled_from(
    ["user_id", "input_file", "expected_output_file", "job_title", "owner", "job_id", "column_instructions", "username",
     "data", "password", "locale"]
)  # fmt: skip
values = st.recursive(
    words | st.none() | st.booleans() | st.integers() | st.just("\ud800"),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(names | words, children, max_size=8),
    max_leaves=12,
)
bodies = st.binary(max_size=60) | st.dictionaries(names, values, max_size=9).map(lambda body: json.dumps(body).encode())
queries = st.dictionaries(
    st.sampled_from(["limit", "page_token", "status", "user_id", "wait", "safe", "sha256", "file_name"]),
    words,
    max_size=2,
)
headers = st.dictionaries(
    st.sampled_from(
        [b"idempotency-key", b"prefer", b"if-none-match", b"range", b"if-range", b"last-event-id", b"x-request-id",
         b"traceparent", b"content-disposition", b"content-encoding"]
    ),
    st.sampled_from([b"", b"x", b"1", b"bytes=9-", b"\xe9", b"a" * 300, b"wait=1", b'"', b"bytes=0-2"]),
    max_size=3,
)  # fmt: skip
types = st.sampled_from([b"application/json", b"multipart/form-data; boundary=x", b"text/csv", b"\xff", b""])
requests = st.fixed_dictionaries(
    {"segment": words, "query": queries, "headers": headers, "type": types, "body": bodies}
)


def answer_everything(running: RunningGateway) -> None:
    """Lets every service agree to everything."""
    task, job = portfolio_pb2.Task(revision=1, status=6), converter_pb2.Job(revision=1, status=8)
    running.suite.portfolio.answers |= {
        name: lambda _: task for name in ("CreateTask", "GetTask", "CancelTask", "ReplayTask")
    }
    running.suite.portfolio.answers |= {
        "ListTasks": lambda _: portfolio_pb2.ListTasksResponse(tasks=[task]),
        "DeleteTask": lambda _: portfolio_pb2.DeleteTaskResponse(),
        "DeleteUser": lambda _: portfolio_pb2.DeleteUserResponse(),
        "ListDeadLetters": lambda _: portfolio_pb2.ListDeadLettersResponse(),
        "ImportTask": lambda _: portfolio_pb2.ImportTaskResponse(task=task, outcome=jobs_pb2.IMPORT_OUTCOME_VALID),
        "GetTaskReport": lambda _: portfolio_pb2.TaskReport(html="<p>report</p>"),
        "GetQueue": lambda _: jobs_pb2.Queue(),
        "WatchTask": lambda _: [],
    }
    running.suite.converter.answers |= {
        name: lambda _: job
        for name in (
            "CreateTraining",
            "CreateInference",
            "GetJob",
            "CancelJob",
            "TeachTraining",
            "RollbackTraining",
            "ExplainTraining",
            "ReplayJob",
        )
    }
    info = converter_pb2.ArtifactInfo(size=3, sha256="a", file_name='é"\r\n.csv')
    running.suite.converter.answers |= {
        "ListJobs": lambda _: converter_pb2.ListJobsResponse(jobs=[job]),
        "ListQuestions": lambda _: converter_pb2.ListQuestionsResponse(questions=[converter_pb2.Question(id="q1")]),
        "ListVersions": lambda _: converter_pb2.ListVersionsResponse(versions=[converter_pb2.Version(generation=1)]),
        "DeleteJob": lambda _: converter_pb2.DeleteJobResponse(),
        "DeleteUser": lambda _: converter_pb2.DeleteUserResponse(),
        "ListDeadLetters": lambda _: converter_pb2.ListDeadLettersResponse(),
        "ImportJob": lambda _: converter_pb2.ImportJobResponse(job=job, outcome=jobs_pb2.IMPORT_OUTCOME_VALID),
        "GetQueue": lambda _: jobs_pb2.Queue(),
        "WatchJob": lambda _: [],
        "DownloadArtifact": lambda _: [
            converter_pb2.DownloadArtifactResponse(info=info),
            converter_pb2.DownloadArtifactResponse(chunk=b"{ }"),
        ],
    }
    webhook = events_pb2.Webhook(webhook_id="wh_0123456789abcdef")
    running.suite.events.answers |= {
        "WatchEvents": lambda _: [],
        "CreateWebhook": lambda _: events_pb2.CreateWebhookResponse(webhook=webhook, secret="whsec_x"),
        "GetWebhook": lambda _: webhook,
        "ListWebhooks": lambda _: events_pb2.ListWebhooksResponse(webhooks=[webhook]),
        "RotateWebhookSecret": lambda _: events_pb2.RotateWebhookSecretResponse(webhook=webhook, secret="whsec_y"),
        "EnableWebhook": lambda _: webhook,
        "DisableWebhook": lambda _: webhook,
        "DeleteWebhook": lambda _: events_pb2.DeleteWebhookResponse(),
        "ListUndelivered": lambda _: events_pb2.ListUndeliveredResponse(),
        "ReplayUndelivered": lambda _: events_pb2.ReplayUndeliveredResponse(),
    }
    running.suite.storage.answers |= {
        "UploadFile": lambda _: storage_pb2.File(),
        "ListFiles": lambda _: storage_pb2.ListFilesResponse(),
        "DeleteFile": lambda _: storage_pb2.DeleteFileResponse(),
        "DownloadFile": lambda _: [
            storage_pb2.DownloadFileResponse(file=storage_pb2.File(size=3, sha256="a")),
            storage_pb2.DownloadFileResponse(chunk=b"abc"),
        ],
    }


@pytest.mark.parametrize(("method", "path"), CALLS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=requests)
async def test_every_answer_is_one_that_the_description_knows(
    running: RunningGateway, method: str, path: str, sent: dict[str, Any]
) -> None:
    answer_everything(running)
    posting = {"content": sent["body"]} if method == "POST" else {}
    answer: httpx.Response = await running.rest.request(
        method,
        re.sub(r"\{\w+\}", urllib.parse.quote(sent["segment"], safe=""), path),
        params=sent["query"],
        headers={**sent["headers"], b"content-type": sent["type"]},
        **posting,
    )
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in PATHS[path][method.lower()]["responses"], answer.text
