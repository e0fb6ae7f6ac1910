"""Trainings, inferences and their artefacts over REST."""

import asyncio
import base64
import json
import urllib.parse
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from wealth.converter.v1 import converter_pb2 as pb
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import NotFound
from services.gateway.rest.converter_models import AcceptedJob, FinishedInference, JobMetadata, QueueStatus
from tests.support.gateway import RunningGateway, run_gateway

JOB_ID = "3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11"
TRAINED_ID = "11111111-6f0e-4a7e-9b44-0d2f6f6b8a11"
TRAINING = {
    "user_id": "alice",
    "input_file": "YQ==",
    "expected_output_file": "Yg==",
    "job_title": "Trades",
    "owner": "Alice",
}
INFERENCE = {"user_id": "alice", "job_id": TRAINED_ID, "input_file": "file_id:1"}
CSV = b"name,amount\r\nalice,=1+1\r\nbob,-5.2\r\n"
SHA = "ab" * 32


def make_job(**fields: Any) -> pb.Job:
    defaults: dict[str, Any] = {
        "job_id": JOB_ID,
        "user_id": "alice",
        "owner": "Alice",
        "title": "Trades",
        "description": "monthly",
        "mode": pb.JOB_MODE_TRAINING,
        "status": pb.JOB_STATUS_PENDING,
        "message": "accepted",
        "input_file": "inline",
        "expected_output_file": "inline",
        "generation": 1,
        "revision": 3,
    }
    return pb.Job(**{**defaults, **fields})


def finished_inference(**fields: Any) -> pb.Job:
    return make_job(
        **{
            "mode": pb.JOB_MODE_INFERENCE,
            "status": pb.JOB_STATUS_COMPLETED,
            "trained_job_id": TRAINED_ID,
            "expected_output_file": "",
            "output_uri": "s3://b/alice/j/output.csv",
            "program_uri": "s3://b/alice/j/program.sql",
            **fields,
        }
    )


def serve_artifacts(running: RunningGateway, contents: dict[tuple[str, int], bytes], sha256: str = SHA) -> None:
    """Lets the converter serve these, in chunks of 7 bytes, ranges included."""

    def answer(request: pb.DownloadArtifactRequest) -> list[pb.DownloadArtifactResponse]:
        content = contents.get((request.job_id, request.artifact))
        if content is None:
            raise NotFound("there is no such artefact")
        end = request.offset + request.length if request.length else len(content)
        part = content[request.offset : end]
        info = pb.ArtifactInfo(
            size=len(content), sha256=sha256, content_type="text/csv; charset=utf-8", file_name="output ü.csv"
        )
        chunks = [part[start : start + 7] for start in range(0, len(part), 7)]
        return [
            pb.DownloadArtifactResponse(info=info),
            *(pb.DownloadArtifactResponse(chunk=chunk) for chunk in chunks),
        ]

    running.suite.converter.answers["DownloadArtifact"] = answer


async def test_training_answers_202_in_the_older_shape(running: RunningGateway) -> None:
    running.suite.converter.answers["CreateTraining"] = lambda _: make_job()
    body = {**TRAINING, "column_instructions": {"Amount": "two decimals"}, "description": "monthly"}
    answer = await running.rest.post("/api/v1/train", json=body, headers={"Idempotency-Key": "k"})
    AcceptedJob.model_validate(answer.json())
    expected = {"job_id": JOB_ID, "status": "pending", "client_id": "alice", "mode": "training", "message": "accepted"}
    assert answer.status_code == 202
    assert expected.items() <= answer.json().items()
    request = running.suite.converter.last("CreateTraining").request
    assert (request.request_id, dict(request.column_instructions)) == ("k", {"Amount": "two decimals"})


@pytest.mark.parametrize("missing", ["user_id", "input_file", "expected_output_file", "job_title", "owner"])
async def test_a_training_without_a_field_answers_422_naming_it(running: RunningGateway, missing: str) -> None:
    body = {name: value for name, value in TRAINING.items() if name != missing}
    answer = await running.rest.post("/api/v1/train", json=body)
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["field"], error["loc"], error["type"]) == (
        422,
        missing,
        ["body", missing],
        "missing",
    )


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b"[1]", b'{"user_id": NaN}', b"null", b'{"a":' * 5000 + b"1" + b"}" * 5000]
)
@pytest.mark.parametrize("path", ["/api/v1/train", "/task/submit"])
async def test_a_body_that_is_no_json_object_answers_422(running: RunningGateway, path: str, content: bytes) -> None:
    answer = await running.rest.post(path, content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_inference_answers_202_with_its_own_id(running: RunningGateway) -> None:
    running.suite.converter.answers["CreateInference"] = lambda _: finished_inference(status=pb.JOB_STATUS_PENDING)
    answer = await running.rest.post("/api/v1/inference/run", json={**INFERENCE, "on_unseen": "keep"})
    assert (answer.status_code, answer.json()["job_id"], answer.json()["trained_job_id"]) == (202, JOB_ID, TRAINED_ID)
    assert running.suite.converter.last("CreateInference").request.on_unseen == pb.ON_UNSEEN_KEEP


@pytest.mark.parametrize(("query", "headers"), [("?wait=5", {}), ("", {"Prefer": "respond-async, wait=5"})])
async def test_waiting_for_an_inference_answers_200_with_its_output(
    running: RunningGateway, query: str, headers: dict[str, str]
) -> None:
    converter = running.suite.converter
    converter.answers["CreateInference"] = lambda _: make_job(status=pb.JOB_STATUS_PENDING)
    converter.answers["WatchJob"] = lambda _: [pb.JobEvent(event_id="1", revision=4, terminal=True)]
    converter.answers["GetJob"] = lambda _: finished_inference()
    serve_artifacts(
        running,
        {
            (JOB_ID, pb.ARTIFACT_OUTPUT): CSV,
            (JOB_ID, pb.ARTIFACT_REPORT): b'{"rows_in": 2}',
            (TRAINED_ID, pb.ARTIFACT_PROGRAM): b"SELECT 1",
        },
    )
    answer = await running.rest.post(f"/api/v1/inference/run{query}", json=INFERENCE, headers=headers)
    result = answer.json()
    FinishedInference.model_validate(result)
    assert answer.status_code == 200
    assert base64.b64decode(result["output_csv_base64"]) == CSV
    assert base64.b64decode(result["program_base64"]) == b"SELECT 1"
    assert (result["report"], result["output_s3_path"]) == ({"rows_in": 2}, "s3://b/alice/j/output.csv")


async def test_an_inference_that_takes_longer_answers_202(running: RunningGateway) -> None:
    async def endless() -> AsyncIterator[pb.JobEvent]:
        await asyncio.Event().wait()
        yield pb.JobEvent()

    running.suite.converter.answers["CreateInference"] = lambda _: make_job()
    running.suite.converter.answers["WatchJob"] = lambda _: endless()
    answer = await running.rest.post("/api/v1/inference/run?wait=0.05", json=INFERENCE)
    assert answer.status_code == 202


async def test_waiting_for_an_inference_that_fails_answers_200_with_the_error(running: RunningGateway) -> None:
    converter = running.suite.converter
    converter.answers["CreateInference"] = lambda _: make_job()
    converter.answers["WatchJob"] = lambda _: [pb.JobEvent(event_id="1", revision=4, terminal=True)]
    error = jobs_pb2.JobError(code="COLUMN_MISSING", message="the column Amount is missing")
    converter.answers["GetJob"] = lambda _: finished_inference(status=pb.JOB_STATUS_FAILED, error=error)
    serve_artifacts(running, {})
    result = (await running.rest.post("/api/v1/inference/run?wait=5", json=INFERENCE)).json()
    assert (result["status"], result["error_code"], result["output_csv_base64"]) == ("failed", "COLUMN_MISSING", None)


async def test_an_output_too_large_for_the_answer_is_named_instead(tmp_path: Any) -> None:
    async with run_gateway(tmp_path, gateway_max_inline_output_bytes=1024) as running:
        converter = running.suite.converter
        converter.answers["CreateInference"] = lambda _: make_job()
        converter.answers["WatchJob"] = lambda _: [pb.JobEvent(event_id="1", revision=4, terminal=True)]
        converter.answers["GetJob"] = lambda _: finished_inference()
        serve_artifacts(running, {(JOB_ID, pb.ARTIFACT_OUTPUT): b"x" * 1025})
        result = (await running.rest.post("/api/v1/inference/run?wait=5", json=INFERENCE)).json()
    assert (result["output_csv_base64"], result["output_url"]) == (None, f"/api/v1/alice/{JOB_ID}/output")


async def test_queue_status_has_the_older_shape(running: RunningGateway) -> None:
    running.suite.converter.answers["GetQueue"] = lambda _: jobs_pb2.Queue(
        max_workers=4, active_jobs=1, available_workers=3, queue_size=6, max_queue_size=6, worker_processes=2,
        estimated_wait_s=90,
    )  # fmt: skip
    answer = (await running.rest.get("/api/v1/queue/status")).json()
    QueueStatus.model_validate(answer)
    assert answer["capacity_utilization"] == {
        "workers_busy_percent": 25.0,
        "can_accept_new_jobs": False,
        "estimated_wait_time_minutes": 1.5,
    }


async def test_listing_answers_a_bare_array_and_links_to_the_next_page(running: RunningGateway) -> None:
    running.suite.converter.answers["ListJobs"] = lambda request: pb.ListJobsResponse(
        jobs=[make_job()], next_page_token="" if request.page_token else "n+/="
    )
    first = await running.rest.get("/api/v1/users/alice/jobs?limit=1&status=completed")
    assert isinstance(first.json(), list)
    JobMetadata.model_validate(first.json()[0])
    second = await running.rest.get(first.links["next"]["url"])
    assert "link" not in second.headers
    request = running.suite.converter.last("ListJobs").request
    assert (request.page_token, request.page_size, request.status) == ("n+/=", 1, pb.JOB_STATUS_COMPLETED)


async def test_a_search_keeps_jobs_with_all_its_words_and_looks_at_one_page_a_call(running: RunningGateway) -> None:
    failed = make_job(title="Großbank statement", error=jobs_pb2.JobError(code="INPUT_EMPTY", message="no byte"))
    running.suite.converter.answers["ListJobs"] = lambda request: pb.ListJobsResponse(
        jobs=[] if request.page_token else [make_job(), failed, make_job()],
        next_page_token="" if request.page_token else "more",
    )
    found = await running.rest.get("/api/v1/users/alice/jobs?search=GROSSBANK%20input_empty&limit=3")
    assert [job["job_title"] for job in found.json()] == ["Großbank statement"]
    assert running.suite.converter.last("ListJobs").request.page_size == 3
    assert (await running.rest.get(found.links["next"]["url"])).json() == []
    assert "search=GROSSBANK" in found.links["next"]["url"]
    assert running.suite.converter.count("ListJobs") == 2
    assert (await running.rest.get("/api/v1/users/alice/jobs?search=trades%20nowhere")).json() == []


async def test_an_inference_is_found_by_its_files_name_though_it_bears_its_trainings_title(
    running: RunningGateway,
) -> None:
    jobs = [make_job(title="Statement", input_file_name=f"statement-2026-{month}.csv") for month in ("09", "10")]
    running.suite.converter.answers["ListJobs"] = lambda _: pb.ListJobsResponse(jobs=jobs)
    found = (await running.rest.get("/api/v1/users/alice/jobs?search=2026-10.csv")).json()
    assert [job["input_file_name"] for job in found] == ["statement-2026-10.csv"]


@pytest.mark.parametrize("user", ["a/b", "../x", "ü b/%2F"])
async def test_a_user_whose_id_has_a_slash_is_reached_by_it_encoded(running: RunningGateway, user: str) -> None:
    running.suite.converter.answers["ListJobs"] = lambda _: pb.ListJobsResponse()
    running.suite.converter.answers["GetJob"] = lambda _: make_job()
    encoded = urllib.parse.quote(user, safe="")
    for path in (f"/api/v1/users/{encoded}/jobs", f"/api/v1/{encoded}/{uuid.uuid4()}"):
        assert (await running.rest.get(path)).status_code == 200
    assert running.suite.converter.last("ListJobs").request.user_id == user
    assert running.suite.converter.last("GetJob").request.user_id == user


@pytest.mark.parametrize("path", ["/api/v1/train", "/api/v1/inference/run"])
async def test_an_id_that_can_be_no_jobs_is_told_in_words(running: RunningGateway, path: str) -> None:
    fields = {"user_id": "alice", "job_id": "nope", "owner": "a", "job_title": "t"}
    answer = await running.rest.post(
        path, json={**fields, "input_file": "file_id:alice/a", "expected_output_file": "x"}
    )
    assert answer.status_code == 422
    assert "not a job's id, which looks like 3f2c8a52" in answer.json()["message"]


async def test_a_job_that_is_over_says_how_long_it_took(running: RunningGateway) -> None:
    begun, ended = Timestamp(seconds=60), Timestamp(seconds=62, nanos=500_000_000)
    jobs = [make_job(created_at=begun), make_job(created_at=begun, finished_at=ended)]
    running.suite.converter.answers["ListJobs"] = lambda _: pb.ListJobsResponse(jobs=jobs)
    listed = (await running.rest.get("/api/v1/users/alice/jobs")).json()
    assert [job["elapsed_seconds"] for job in listed] == [None, 2.5]


async def test_metadata_keeps_the_older_names(running: RunningGateway) -> None:
    running.suite.converter.answers["GetJob"] = lambda _: make_job(
        program_uri="s3://b/p.sql", error=jobs_pb2.JobError(code="X", message="went wrong")
    )
    answer = (await running.rest.get(f"/api/v1/alice/{JOB_ID}")).json()
    JobMetadata.model_validate(answer)
    expected = {
        "user_id": "alice",
        "user_name": "Alice",
        "job_id": JOB_ID,
        "job_title": "Trades",
        "job_description": "monthly",
        "mode": "training",
        "created_at": None,
        "finished_at": None,
        "job_status": "pending",
        "script_path": "s3://b/p.sql",
        "error": "went wrong",
    }
    assert expected.items() <= answer.items()


@pytest.mark.parametrize(
    ("method", "path", "rpc"),
    [
        ("GET", "/api/v1/queue/status", "GetQueue"),
        ("GET", "/api/v1/users/status/jobs", "ListJobs"),
        ("GET", "/api/v1/files", "ListFiles"),
        ("GET", "/api/v1/files/status", "DownloadFile"),
        ("DELETE", "/api/v1/delete/user/job", "DeleteUser"),
    ],
)
async def test_fixed_paths_come_before_parameter_paths(
    running: RunningGateway, method: str, path: str, rpc: str
) -> None:
    await running.rest.request(method, path)
    assert [call.method for call in [*running.suite.converter.seen, *running.suite.storage.seen]] == [rpc]


async def test_the_program_is_read_as_text(running: RunningGateway) -> None:
    serve_artifacts(running, {(JOB_ID, pb.ARTIFACT_PROGRAM): b"SELECT 1"})
    answer = await running.rest.get(f"/api/v1/alice/{JOB_ID}/program")
    assert (answer.text, answer.headers["content-type"]) == ("SELECT 1", "text/plain; charset=utf-8")


async def test_the_report_is_read_as_json(running: RunningGateway) -> None:
    serve_artifacts(running, {(JOB_ID, pb.ARTIFACT_REPORT): b'{"columns": []}'})
    answer = await running.rest.get(f"/api/v1/alice/{JOB_ID}/report")
    assert (answer.json(), answer.headers["content-type"]) == ({"columns": []}, "application/json")


async def output(running: RunningGateway, query: str = "", **headers: str) -> httpx.Response:
    serve_artifacts(running, {(JOB_ID, pb.ARTIFACT_OUTPUT): CSV})
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await running.rest.get(f"/api/v1/alice/{JOB_ID}/output{query}", headers=names)


async def test_the_output_is_an_attachment_that_browsers_do_not_sniff(running: RunningGateway) -> None:
    answer = await output(running)
    assert (answer.content, answer.headers["content-length"]) == (CSV, str(len(CSV)))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"output _.csv\"; filename*=UTF-8''output%20%C3%BC.csv"
    )


@pytest.mark.parametrize(
    ("header", "expected", "content_range"),
    [
        ("bytes=0-3", CSV[:4], f"bytes 0-3/{len(CSV)}"),
        ("bytes=5-", CSV[5:], f"bytes 5-{len(CSV) - 1}/{len(CSV)}"),
        ("bytes=-4", CSV[-4:], f"bytes {len(CSV) - 4}-{len(CSV) - 1}/{len(CSV)}"),
        ("bytes=0-9999", CSV, f"bytes 0-{len(CSV) - 1}/{len(CSV)}"),
    ],
)
async def test_a_range_answers_206(running: RunningGateway, header: str, expected: bytes, content_range: str) -> None:
    answer = await output(running, range=header)
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, expected, content_range)


@pytest.mark.parametrize("header", ["bytes=1-0", "bytes=0-1,3-4", "lines=1-2", "bytes=-"])
async def test_a_range_that_is_not_honoured_answers_the_whole(running: RunningGateway, header: str) -> None:
    answer = await output(running, range=header)
    assert (answer.status_code, answer.content) == (200, CSV)


async def test_a_range_behind_the_end_answers_416(running: RunningGateway) -> None:
    answer = await output(running, range="bytes=1000-")
    assert (answer.status_code, answer.headers["content-range"], answer.json()["status"]) == (
        416,
        f"bytes */{len(CSV)}",
        416,
    )


async def test_a_range_of_another_version_answers_the_whole(running: RunningGateway) -> None:
    answer = await output(running, range="bytes=0-3", if_range='"other"')
    assert (answer.status_code, answer.content) == (200, CSV)


async def test_an_output_that_the_client_has_answers_304(running: RunningGateway) -> None:
    assert (await output(running, if_none_match=f'"{SHA}"')).status_code == 304


async def test_a_safe_output_has_its_formulas_neutralised(running: RunningGateway) -> None:
    answer = await output(running, "?safe=1")
    assert answer.content == b"name,amount\r\nalice,'=1+1\r\nbob,-5.2\r\n"


async def test_a_client_that_leaves_a_download_ends_the_services_stream(running: RunningGateway) -> None:
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[pb.DownloadArtifactResponse]:
        try:
            yield pb.DownloadArtifactResponse(info=pb.ArtifactInfo(size=10**12, sha256=SHA))
            while True:
                yield pb.DownloadArtifactResponse(chunk=b"x" * 65536)
        finally:
            ended.set()

    running.suite.converter.answers["DownloadArtifact"] = lambda _: endless()
    async with running.rest.stream("GET", f"/api/v1/alice/{JOB_ID}/output") as answer:
        await anext(answer.aiter_bytes())
    await asyncio.wait_for(ended.wait(), 120)


async def test_a_download_that_breaks_off_is_not_taken_for_whole(running: RunningGateway) -> None:
    async def breaking() -> AsyncIterator[pb.DownloadArtifactResponse]:
        yield pb.DownloadArtifactResponse(info=pb.ArtifactInfo(size=100, sha256=SHA))
        yield pb.DownloadArtifactResponse(chunk=b"x" * 10)
        raise NotFound("the content is gone")

    running.suite.converter.answers["DownloadArtifact"] = lambda _: breaking()
    with pytest.raises(httpx.RemoteProtocolError):
        await running.rest.get(f"/api/v1/alice/{JOB_ID}/output")


async def test_a_jobs_events_end_with_the_terminal_one(running: RunningGateway) -> None:
    running.suite.converter.answers["GetJob"] = lambda _: make_job()
    running.suite.converter.answers["WatchJob"] = lambda _: [
        pb.JobEvent(event_id="a", revision=3, status=pb.JOB_STATUS_PLANNING, resumable=True),
        pb.JobEvent(event_id="b", revision=4, status=pb.JOB_STATUS_COMPLETED, resumable=True, terminal=True),
    ]
    answer = await running.rest.get(f"/api/v1/alice/{JOB_ID}/events")
    data = [json.loads(line[6:]) for line in answer.text.split("\n") if line.startswith("data: ")]
    assert [event["status"] for event in data] == ["planning", "completed"]


async def test_a_silent_stream_gets_heartbeats(tmp_path: Any) -> None:
    async def endless() -> AsyncIterator[pb.JobEvent]:
        await asyncio.Event().wait()
        yield pb.JobEvent()

    async with run_gateway(tmp_path, gateway_heartbeat_s=0.02) as running:
        running.suite.converter.answers["GetJob"] = lambda _: make_job()
        running.suite.converter.answers["WatchJob"] = lambda _: endless()
        async with running.rest.stream("GET", f"/api/v1/alice/{JOB_ID}/events") as answer:
            lines = answer.aiter_lines()
            async with asyncio.timeout(120):
                while await anext(lines) != ": keep-alive":
                    pass


async def test_draining_ends_event_streams_so_that_clients_resume(own_gateway: RunningGateway) -> None:
    started = asyncio.Event()

    async def endless() -> AsyncIterator[pb.JobEvent]:
        yield pb.JobEvent(event_id="a", revision=3, resumable=True)
        started.set()
        await asyncio.Event().wait()

    own_gateway.suite.converter.answers["GetJob"] = lambda _: make_job()
    own_gateway.suite.converter.answers["WatchJob"] = lambda _: endless()
    reading = asyncio.create_task(own_gateway.rest.get(f"/api/v1/alice/{JOB_ID}/events"))
    await started.wait()
    await asyncio.wait_for(own_gateway.gateway.http.drain(), 2)
    assert (await reading).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "rpc", "status"),
    [
        ("DELETE", f"/api/v1/delete/job/alice/{JOB_ID}", "DeleteJob", 204),
        ("DELETE", "/api/v1/delete/user/alice", "DeleteUser", 204),
        ("POST", f"/api/v1/alice/{JOB_ID}/cancel", "CancelJob", 202),
    ],
)
async def test_ending_and_deleting(running: RunningGateway, method: str, path: str, rpc: str, status: int) -> None:
    running.suite.converter.answers |= {
        "DeleteJob": lambda _: pb.DeleteJobResponse(),
        "DeleteUser": lambda _: pb.DeleteUserResponse(),
        "CancelJob": lambda _: make_job(status=pb.JOB_STATUS_CANCELLED),
    }
    running.suite.portfolio.answers["DeleteUser"] = lambda _: portfolio_pb2.DeleteUserResponse()
    answer = await running.rest.request(method, path)
    assert (answer.status_code, running.suite.converter.last(rpc).request.user_id) == (status, "alice")


@pytest.mark.parametrize(("scopes", "services"), [(("converter",), 1), (("converter", "portfolio"), 2)])
async def test_a_user_is_deleted_from_the_services_that_the_key_may_use(
    running: RunningGateway, scopes: tuple[str, ...], services: int
) -> None:
    suite = running.suite
    suite.converter.answers["DeleteUser"] = lambda _: pb.DeleteUserResponse()
    suite.portfolio.answers["DeleteUser"] = lambda _: portfolio_pb2.DeleteUserResponse()
    key = running.make_key(scopes=scopes)
    answer = await running.rest.delete("/api/v1/delete/user/alice", headers={"x-api-key": key})
    seen = [call.request.user_id for call in [*suite.converter.seen, *suite.portfolio.seen]]
    assert (answer.status_code, seen) == (204, ["alice"] * services)


async def test_answers_and_corrections_teach_a_training(running: RunningGateway) -> None:
    running.suite.converter.answers["TeachTraining"] = lambda _: make_job(generation=2)
    body = {
        "answers": [{"question_id": "q1", "candidate": 0}, {"question_id": "q2", "drop": True}],
        "corrections": [{"file": "march.csv", "row": 14, "column": "Action", "value": "Buy"}],
        "promote": "ask",
        "generation": 1,
    }
    answer = await running.rest.post(
        f"/api/v1/alice/{JOB_ID}/answers", json=body, headers={"idempotency-key": "key-of-the-answers"}
    )
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/v1/alice/{JOB_ID}")
    assert running.suite.converter.last("TeachTraining").request == pb.TeachTrainingRequest(
        user_id="alice",
        job_id=JOB_ID,
        answers=[pb.Answer(question_id="q1", candidate=0), pb.Answer(question_id="q2", drop=True)],
        corrections=[pb.Correction(file="march.csv", row=14, column="Action", value="Buy")],
        promote=pb.PROMOTE_ASK,
        request_id="key-of-the-answers",
        generation=1,
    )


async def test_open_questions_are_listed_as_the_report_has_them(running: RunningGateway) -> None:
    candidates = [
        pb.Candidate(value="Buy", words="as others", programs=2, meaning=pb.MEANING_VALUE),
        pb.Candidate(words="none of these is right", meaning=pb.MEANING_NONE),
        pb.Candidate(words="I do not know", meaning=pb.MEANING_UNKNOWN),
    ]
    question = pb.Question(
        id="q1", kind="a new value", file="march.csv", row=14, cells=["Sparplan"], column="Action",
        candidates=candidates, share=0.5, decides=3,
    )  # fmt: skip
    listed = pb.ListQuestionsResponse(questions=[question], generation=2)
    running.suite.converter.answers["ListQuestions"] = lambda _: listed
    answer = (await running.rest.get(f"/api/v1/alice/{JOB_ID}/questions")).json()
    (shown,) = answer["questions"]
    assert (answer["generation"], shown["id"], shown["decides"]) == (2, "q1", 3)
    assert shown["row"] == {"file": "march.csv", "number": 14, "cells": ["Sparplan"]}
    assert [(c["value"], c["says"]) for c in shown["candidates"]] == [("Buy", "value"), ("", "none"), ("", "unknown")]


async def test_a_program_is_explained(running: RunningGateway) -> None:
    running.suite.converter.answers["ExplainTraining"] = lambda _: make_job(generation=2)
    answer = await running.rest.post(
        f"/api/v1/alice/{JOB_ID}/explain", json={"columns": ["fee"]}, headers={"idempotency-key": "key-of-the-words"}
    )
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/v1/alice/{JOB_ID}")
    assert running.suite.converter.last("ExplainTraining").request == pb.ExplainTrainingRequest(
        user_id="alice", job_id=JOB_ID, columns=["fee"], request_id="key-of-the-words"
    )


async def test_an_answer_says_one_thing(running: RunningGateway) -> None:
    both = {"answers": [{"question_id": "q1", "candidate": 0, "value": "Buy"}]}
    answer = await running.rest.post(f"/api/v1/alice/{JOB_ID}/answers", json=both)
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "answers", 0])


async def test_the_programs_of_a_training_are_listed_and_one_is_put_in_service(running: RunningGateway) -> None:
    versions = [pb.Version(generation=2, changed_rows=3, lessons=1), pb.Version(generation=1, serving=True)]
    running.suite.converter.answers["ListVersions"] = lambda _: pb.ListVersionsResponse(versions=versions)
    running.suite.converter.answers["RollbackTraining"] = lambda _: make_job(serving_generation=2)
    listed = (await running.rest.get(f"/api/v1/alice/{JOB_ID}/versions")).json()["versions"]
    assert [(v["generation"], v["lessons"], v["serving"], v["changed_rows"]) for v in listed] == [
        (2, 1, False, 3),
        (1, 0, True, 0),
    ]
    answer = await running.rest.post(f"/api/v1/alice/{JOB_ID}/rollback", json={"generation": 2})
    assert (answer.status_code, answer.json()["serving_generation"]) == (200, 2)
    assert running.suite.converter.last("RollbackTraining").request.generation == 2


async def test_a_training_brings_samples_and_what_to_do_with_questions(running: RunningGateway) -> None:
    running.suite.converter.answers["CreateTraining"] = lambda _: make_job()
    more = {"samples": {"march.csv": "file_id:1"}, "on_ambiguity": "fail"}
    await running.rest.post("/api/v1/train", json=TRAINING | more)
    request = running.suite.converter.last("CreateTraining").request
    assert (dict(request.samples), request.on_ambiguity) == ({"march.csv": "file_id:1"}, pb.ON_AMBIGUITY_FAIL)


async def test_references_names_and_what_to_do_with_drift_are_passed_on(running: RunningGateway) -> None:
    converter = running.suite.converter
    converter.answers["CreateTraining"] = lambda _: make_job()
    await running.rest.post("/api/v1/train", json={**TRAINING, "references": {"rates": "file_id:1"}})
    assert dict(converter.last("CreateTraining").request.references) == {"rates": "file_id:1"}
    converter.answers["CreateInference"] = lambda _: make_job()
    more = {"references": {"rates": "file_id:2"}, "columns": {"Fee": "Fees"}, "on_drift": "accept_renames"}
    await running.rest.post("/api/v1/inference/run", json={**INFERENCE, **more})
    request = converter.last("CreateInference").request
    assert (dict(request.references), dict(request.columns)) == ({"rates": "file_id:2"}, {"Fee": "Fees"})
    assert request.on_drift == pb.ON_DRIFT_ACCEPT_RENAMES
