"""Both clients against a gateway: every call, typed results, typed errors, retries, waiting, files."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2
from wealth.storage.v1 import storage_pb2

from services.client.rest import JobRef, Overdue, Retries, TaskRef, inline_file
from services.common.clock import parse_time
from services.common.errors import (
    Conflict,
    Denied,
    Exhausted,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    Unavailable,
    WealthError,
)
from services.gateway import admission
from tests.integration.client.conftest import OpenSpeaker, Speaker
from tests.integration.gateway.test_rest_converter import CSV, JOB_ID, TRAINED_ID, finished_inference, make_job
from tests.integration.gateway.test_rest_files import store
from tests.integration.gateway.test_rest_portfolio import TASK_ID, finished_task, make_event, make_task
from tests.support.gateway import RunningGateway, run_gateway

TASK, JOB = TaskRef(TASK_ID), JobRef("alice", JOB_ID)
SHA = hashlib.sha256(CSV).hexdigest()


def serve_artifacts(running: RunningGateway, contents: dict[int, bytes], *, cut_first: bool = False) -> None:
    """Lets the converter serve artefacts in chunks of 7 bytes; with ``cut_first`` the first stream breaks half way."""
    served = []

    async def answer(request: Any) -> AsyncIterator[Any]:
        content = contents[request.artifact]
        end = request.offset + request.length if request.length else len(content)
        part = content[request.offset : end]
        yield converter_pb2.DownloadArtifactResponse(
            info=converter_pb2.ArtifactInfo(
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                content_type="text/csv",
                file_name="output ü.csv",
            )
        )
        served.append(request)
        for start in range(0, len(part), 7):
            if cut_first and len(served) == 1 and start >= 14:
                raise Unavailable("a pod went away")
            yield converter_pb2.DownloadArtifactResponse(chunk=part[start : start + 7])

    running.suite.converter.answers["DownloadArtifact"] = answer


def refuse(error: WealthError) -> Any:
    def answer(_: Any) -> Any:
        raise error

    return answer


def refuse_once(error: WealthError, then: Any) -> Any:
    """An answer that fails the first time."""
    failures = [error]

    def answer(_: Any) -> Any:
        if failures:
            raise failures.pop()
        return then

    return answer


# Tasks


async def test_a_task_is_submitted_with_all_its_digits(running: RunningGateway, client: Speaker) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task(status=portfolio_pb2.TASK_STATUS_PENDING)
    payload = {"Market Value": Decimal("12345678901234567890.10"), "x": Decimal("1e-400"), "name": "Zürich"}
    accepted = await client.do("submit_task", [payload], username="alice", locale="en_IN", idempotency_key="k")
    assert (accepted.task_id, accepted.status, accepted.ref) == (TASK_ID, "pending", TASK)
    request = running.suite.portfolio.last("CreateTask").request
    assert (request.username, request.locale, request.request_id) == ("alice", "en_IN", "k")
    [kept] = [json.loads(text, parse_float=Decimal) for text in request.payloads_json]
    assert kept == payload


async def test_the_state_of_a_task_is_typed(running: RunningGateway, client: Speaker) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    task = await client.do("get_task", TASK_ID)
    assert (task.status, task.progress, task.finished, task.trace[0].step) == ("processing", 60, False, "submit")
    assert task.created_at == parse_time("2026-01-02T03:04:05.000Z")


async def test_the_result_of_a_task_is_typed(running: RunningGateway, client: Speaker) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: finished_task()
    result = await client.do("get_task_result", TASK_ID)
    assert result.data["portfolio_snapshot"].facts[0].value == "12000000.00"
    assert (result.data["holdings_2"].error_code, result.cost) == ("ROWS_MISSING", 0.0125)


async def test_tasks_are_listed_page_by_page(running: RunningGateway, client: Speaker) -> None:
    page = portfolio_pb2.ListTasksResponse(tasks=[make_task()], next_page_token="next")
    running.suite.portfolio.answers["ListTasks"] = lambda _: page
    found = await client.do("list_tasks", limit=7, status="completed", user_id="alice", page_token="now")
    assert ([task.task_id for task in found], found.next_page_token) == ([TASK_ID], "next")
    request = running.suite.portfolio.last("ListTasks").request
    assert (request.page_size, request.user_id, request.page_token) == (7, "alice", "now")


async def test_a_task_is_cancelled_reported_and_deleted(running: RunningGateway, client: Speaker) -> None:
    portfolio = running.suite.portfolio
    portfolio.answers["CancelTask"] = lambda _: make_task()
    portfolio.answers["GetTaskReport"] = lambda _: portfolio_pb2.TaskReport(html="<p>ü</p>")
    portfolio.answers["DeleteTask"] = lambda _: portfolio_pb2.DeleteTaskResponse()
    assert (await client.do("cancel_task", TASK_ID)).task_id == TASK_ID
    assert await client.do("get_task_report", TASK_ID) == "<p>ü</p>"
    assert await client.do("delete_task", TASK_ID) is None
    assert portfolio.last("DeleteTask").request.task_id == TASK_ID


# The converter


async def test_a_training_is_asked_for(running: RunningGateway, client: Speaker) -> None:
    running.suite.converter.answers["CreateTraining"] = lambda _: make_job()
    accepted = await client.do(
        "train",
        user_id="alice",
        input_file=inline_file(b"a\n", "a ü.csv"),
        expected_output_file="file_id:1",
        job_title="Trades",
        column_instructions={"Amount": "two decimals"},
    )
    assert (accepted.ref, accepted.mode) == (JOB, "training")
    request = running.suite.converter.last("CreateTraining").request
    assert (request.owner, dict(request.column_instructions)) == ("alice", {"Amount": "two decimals"})
    assert request.request_id


async def test_an_inference_brings_its_output_where_it_is_ready_in_time(
    running: RunningGateway, client: Speaker
) -> None:
    converter = running.suite.converter
    converter.answers["CreateInference"] = lambda _: make_job(status=converter_pb2.JOB_STATUS_PENDING)
    converter.answers["WatchJob"] = lambda _: [converter_pb2.JobEvent(event_id="1", revision=4, terminal=True)]
    converter.answers["GetJob"] = lambda _: finished_inference()
    serve_artifacts(
        running,
        {
            converter_pb2.ARTIFACT_OUTPUT: CSV,
            converter_pb2.ARTIFACT_REPORT: b'{"rows_in": 2}',
            converter_pb2.ARTIFACT_PROGRAM: b"SELECT 1",
        },
    )
    done = await client.do("run_inference", user_id="alice", job_id=TRAINED_ID, input_file="file_id:1", wait_s=5)
    assert (done.finished, done.output_csv, done.program, done.report) == (True, CSV, "SELECT 1", {"rows_in": 2})


async def test_an_inference_that_is_not_waited_for_has_no_output(running: RunningGateway, client: Speaker) -> None:
    running.suite.converter.answers["CreateInference"] = lambda _: make_job(mode=converter_pb2.JOB_MODE_INFERENCE)
    accepted = await client.do(
        "run_inference", user_id="alice", job_id=TRAINED_ID, input_file="file_id:1", on_unseen="fail"
    )
    assert (accepted.finished, accepted.output_csv) == (False, None)
    assert running.suite.converter.last("CreateInference").request.on_unseen == converter_pb2.ON_UNSEEN_FAIL


async def test_jobs_are_listed_page_by_page(running: RunningGateway, client: Speaker) -> None:
    page = converter_pb2.ListJobsResponse(jobs=[make_job(error=None)], next_page_token="a/b=c&d")
    running.suite.converter.answers["ListJobs"] = lambda _: page
    found = await client.do("list_jobs", "a b?#ü", limit=3, status="failed")
    assert ([job.job_id for job in found], found.next_page_token) == ([JOB_ID], "a/b=c&d")
    request = running.suite.converter.last("ListJobs").request
    assert (request.user_id, request.page_size, request.status) == ("a b?#ü", 3, converter_pb2.JOB_STATUS_FAILED)


async def test_a_job_is_read_cancelled_and_deleted(running: RunningGateway, client: Speaker) -> None:
    converter = running.suite.converter
    converter.answers["GetJob"] = lambda _: make_job(error=jobs_pb2.JobError(code="NOT_LEARNED", message="no"))
    converter.answers["CancelJob"] = lambda _: make_job()
    converter.answers["DeleteJob"] = lambda _: converter_pb2.DeleteJobResponse()
    converter.answers["DeleteUser"] = lambda _: converter_pb2.DeleteUserResponse()
    running.suite.portfolio.answers["DeleteUser"] = lambda _: portfolio_pb2.DeleteUserResponse()
    assert (await client.do("get_job", "alice", JOB_ID)).error_code == "NOT_LEARNED"
    assert (await client.do("cancel_job", "alice", JOB_ID)).ref == JOB
    await client.do("delete_job", "alice", JOB_ID)
    await client.do("delete_user", "alice")
    assert [call.method for call in converter.seen] == ["GetJob", "CancelJob", "DeleteJob", "DeleteUser"]


async def test_program_and_report_are_read(running: RunningGateway, client: Speaker) -> None:
    program = "SELECT 'ü'"
    artifacts = {converter_pb2.ARTIFACT_PROGRAM: program.encode(), converter_pb2.ARTIFACT_REPORT: b'{"rows": 1}'}
    serve_artifacts(running, artifacts)
    assert await client.do("get_program", "alice", JOB_ID) == program
    assert await client.do("get_report", "alice", JOB_ID) == {"rows": 1}


async def test_queue_health_and_ping_are_read(running: RunningGateway, client: Speaker) -> None:
    queue = jobs_pb2.Queue(max_workers=4, worker_processes=2, active_jobs=1)
    running.suite.converter.answers["GetQueue"] = lambda _: queue
    running.suite.portfolio.answers["GetQueue"] = lambda _: queue
    assert (await client.do("get_queue")).queue_info.max_workers == 4
    assert (await client.do("get_health")).services["storage"]["status"] == "ok"
    assert (await client.do("ping")).workers == 4


async def test_ping_answers_where_the_service_is_down(running: RunningGateway, client: Speaker) -> None:
    assert (await client.do("ping")).status == "unhealthy"


# Errors


async def test_an_error_says_its_reason_and_its_request(running: RunningGateway, client: Speaker) -> None:
    running.suite.portfolio.answers["GetTask"] = refuse(NotFound("there is no such task", reason="TASK_NOT_FOUND"))
    with pytest.raises(NotFound) as caught:
        await client.do("get_task", "task_x")
    assert (caught.value.reason, caught.value.message) == ("TASK_NOT_FOUND", "there is no such task")
    assert caught.value.request_id == running.suite.portfolio.last("GetTask").request_id


async def test_bad_input_names_its_field(client: Speaker) -> None:
    with pytest.raises(InvalidInput) as caught:
        await client.do("submit_task", [{}], username="")
    assert caught.value.field == "username"


async def test_a_state_that_does_not_allow_it_is_told_from_a_conflict(running: RunningGateway, client: Speaker) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    with pytest.raises(PreconditionFailed) as caught:
        await client.do("get_task_result", TASK_ID)
    assert caught.value.reason == "TASK_RUNNING"


async def test_a_wrong_key_is_told_from_one_without_the_scope(
    running: RunningGateway, open_speaker: OpenSpeaker
) -> None:
    async with open_speaker(running, "k_wrong.secret") as speaker:
        with pytest.raises(Unauthenticated):
            await speaker.do("list_tasks")
    async with open_speaker(running, running.make_key(scopes=["files"])) as speaker:
        with pytest.raises(Denied) as caught:
            await speaker.do("list_tasks")
    assert caught.value.metadata == {"scope": "portfolio"}


async def test_a_gateway_that_is_away_is_unavailable(running: RunningGateway, open_speaker: OpenSpeaker) -> None:
    async with open_speaker(running) as speaker:
        speaker._client._http.base_url = "http://127.0.0.1:9"
        with pytest.raises(Unavailable) as caught:
            await speaker.do("get_task", TASK_ID)
    assert caught.value.reason == "NO_ANSWER"


async def test_an_answer_over_the_limit_is_refused(running: RunningGateway, open_speaker: OpenSpeaker) -> None:
    serve_artifacts(running, {converter_pb2.ARTIFACT_OUTPUT: CSV})
    async with open_speaker(running, max_answer_bytes=10) as speaker:
        with pytest.raises(InvalidInput) as caught:
            await speaker.do("get_output", "alice", JOB_ID)
    assert caught.value.reason == "ANSWER_TOO_LARGE"


# Retries


async def test_a_creation_is_repeated_under_one_key_while_a_service_is_away(
    running: RunningGateway, client: Speaker
) -> None:
    portfolio = running.suite.portfolio
    portfolio.answers["CreateTask"] = refuse_once(Unavailable("away", retry_after_s=0.1), make_task())
    await client.do("submit_task", [{}], username="alice")
    keys = [call.request.request_id for call in portfolio.seen if call.method == "CreateTask"]
    assert (len(keys), len(set(keys))) == (2, 1)


async def test_a_key_that_calls_too_often_waits_as_long_as_it_is_told(
    running: RunningGateway, open_speaker: OpenSpeaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "MOST_WAIT_S", 0)  # the gateway waits for no turn: the client has to
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    loop = asyncio.get_running_loop()
    async with open_speaker(running, running.make_key(rate_per_s=0.5)) as speaker:
        # At half a call a second the burst is one call.
        await speaker.do("get_task", TASK_ID)
        began_s = loop.time()
        await speaker.do("get_task", TASK_ID)
    assert loop.time() - began_s >= 1
    assert running.suite.portfolio.count("GetTask") == 2


async def test_a_queue_that_stays_full_is_raised(running: RunningGateway, open_speaker: OpenSpeaker) -> None:
    running.suite.portfolio.answers["CreateTask"] = refuse(Exhausted("full", reason="QUEUE_FULL", retry_after_s=30))
    async with open_speaker(running, retries=Retries(max_elapsed_s=5)) as speaker:
        with pytest.raises(Exhausted) as caught:
            await speaker.do("submit_task", [{}], username="alice")
    assert (caught.value.reason, caught.value.retry_after_s) == ("QUEUE_FULL", 30)


# Waiting


def events() -> list[Any]:
    return [
        make_event(1, status=portfolio_pb2.TASK_STATUS_PENDING),
        make_event(2, progress=70, section="top_movers", resumable=False),
        make_event(2, event_id="b", progress=80),
        make_event(3, status=portfolio_pb2.TASK_STATUS_COMPLETED, progress=100, terminal=True),
    ]


def watchable(running: RunningGateway) -> RunningGateway:
    """Lets the portfolio tell ``events``, from where a watch asks, and be completed then."""
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task(
        status=portfolio_pb2.TASK_STATUS_COMPLETED, revision=3
    )
    running.suite.portfolio.answers["WatchTask"] = lambda request: [
        event for event in events() if event.revision > request.after_revision
    ]
    return running


async def test_watching_yields_each_event(running: RunningGateway, client: Speaker) -> None:
    watchable(running)
    seen = await client.watch(TASK)
    assert [(event.status, event.progress, event.section) for event in seen] == [
        ("pending", 0, None),
        ("processing", 70, "top_movers"),
        ("processing", 80, None),
        ("completed", 100, None),
    ]


async def test_watching_goes_on_after_an_event(running: RunningGateway, client: Speaker) -> None:
    watchable(running)
    assert [event.progress for event in await client.watch(TASK, last_event_id="2")] == [100]


async def test_waiting_tells_events_and_gives_the_last_state(running: RunningGateway, client: Speaker) -> None:
    watchable(running)
    told: list[Any] = []
    task = await client.do("wait", TASK, on_event=told.append)
    assert (task.succeeded, len(told)) == (True, 4)


async def test_waiting_for_a_job_gives_the_job(running: RunningGateway, client: Speaker) -> None:
    converter = running.suite.converter
    converter.answers["GetJob"] = lambda _: make_job(status=converter_pb2.JOB_STATUS_FAILED)
    converter.answers["WatchJob"] = lambda _: [
        converter_pb2.JobEvent(event_id="1", revision=3, generation=1, resumable=True, terminal=True)
    ]
    job = await client.do("wait", JOB)
    assert (job.ref, job.finished, job.succeeded) == (JOB, True, False)


async def test_streams_that_end_are_taken_up_again(tmp_path: Path, open_speaker: OpenSpeaker) -> None:
    begun = []

    async def watch_task(request: Any) -> AsyncIterator[Any]:
        begun.append(request.after_revision)
        # Each stream tells one revision more, then hangs until the gateway finds it too old.
        for event in [event for event in events() if event.revision == request.after_revision + 1]:
            yield event
        await asyncio.Event().wait()

    async with run_gateway(tmp_path, gateway_watch_max_s=0.2) as gateway, open_speaker(gateway) as speaker:
        gateway.suite.portfolio.answers["GetTask"] = lambda _: make_task(revision=3)
        gateway.suite.portfolio.answers["WatchTask"] = watch_task
        seen = await speaker.watch(TASK)
    assert [event.progress for event in seen] == [0, 70, 80, 100]
    assert begun == [0, 1, 2]


async def test_the_state_is_asked_for_where_there_are_too_many_watchers(
    tmp_path: Path, open_speaker: OpenSpeaker
) -> None:
    async with run_gateway(tmp_path, gateway_max_watchers=1) as gateway, open_speaker(gateway) as speaker:
        hanging = asyncio.Event()

        async def watch_task(_: Any) -> AsyncIterator[Any]:
            yield make_event(1)
            await hanging.wait()

        gateway.suite.portfolio.answers["WatchTask"] = watch_task
        states = iter([make_task(), make_task(), make_task(status=portfolio_pb2.TASK_STATUS_COMPLETED, revision=9)])
        gateway.suite.portfolio.answers["GetTask"] = lambda _: make_task()
        async with gateway.rest.stream("GET", f"/task/{TASK_ID}/events"):
            last = [make_task()]

            def next_state(_: Any) -> Any:
                last[0] = next(states, last[0])
                return last[0]

            gateway.suite.portfolio.answers["GetTask"] = next_state
            task = await speaker.do("wait", TASK, timeout_s=20)
        hanging.set()
    assert (task.status, task.revision) == ("completed", 9)


async def test_waiting_ends_in_time(running: RunningGateway, client: Speaker) -> None:
    async def watch_task(_: Any) -> AsyncIterator[Any]:
        yield make_event(1)
        await asyncio.Event().wait()

    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    running.suite.portfolio.answers["WatchTask"] = watch_task
    with pytest.raises(Overdue):
        await client.do("wait", TASK, timeout_s=0.5)


# Files


async def test_a_file_is_uploaded_in_pieces_and_checked(
    running: RunningGateway, client: Speaker, tmp_path: Path
) -> None:
    running.suite.storage.answers["UploadFile"] = store
    content = b"a,b\n" * 200_000
    (tmp_path / "big ü.csv").write_bytes(content)
    told: list[tuple[int, int]] = []
    stored = await client.do(
        "upload_file", tmp_path / "big ü.csv", user_id="alice", on_progress=lambda *at: told.append(at)
    )
    assert (stored.size, stored.sha256, stored.file_name) == (
        len(content),
        hashlib.sha256(content).hexdigest(),
        "big ü.csv",
    )
    assert (len(told), told[-1]) == (4, (len(content), len(content)))
    header = running.suite.storage.last("UploadFile").request[0].header
    assert (header.size, header.sha256) == (len(content), stored.sha256)


async def test_an_upload_is_sent_anew_where_storage_was_away(running: RunningGateway, client: Speaker) -> None:
    stored = storage_pb2.File(uri="file_id:1", size=3, sha256=hashlib.sha256(b"a,b").hexdigest())
    running.suite.storage.answers["UploadFile"] = refuse_once(Unavailable("away", retry_after_s=0.1), stored)
    assert (await client.do("upload_file", b"a,b", user_id="alice")).uri == "file_id:1"
    contents = [b"".join(message.chunk for message in call.request) for call in running.suite.storage.seen]
    assert contents == [b"a,b", b"a,b"]


async def test_an_upload_that_was_stored_otherwise_is_an_error(running: RunningGateway, client: Speaker) -> None:
    running.suite.storage.answers["UploadFile"] = lambda _: storage_pb2.File(uri="f", size=3, sha256="ab" * 32)
    with pytest.raises(WealthError) as caught:
        await client.do("upload_file", b"a,b")
    assert caught.value.reason == "CHECKSUM_MISMATCH"


async def test_an_empty_file_is_named_before_anything_is_sent(
    running: RunningGateway, client: Speaker, tmp_path: Path
) -> None:
    (tmp_path / "none.csv").touch()
    with pytest.raises(InvalidInput, match=r"none\.csv is empty") as caught:
        await client.do("upload_file", tmp_path / "none.csv")
    assert (caught.value.reason, running.suite.storage.seen) == ("FILE_EMPTY", [])


async def test_a_file_that_changes_while_it_is_uploaded_is_said_to_have(
    running: RunningGateway, client: Speaker, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n" * 100_000)

    def change(*_: Any) -> None:
        (tmp_path / "a.csv").write_bytes(b"c")

    running.suite.storage.answers["UploadFile"] = store
    with pytest.raises(Conflict) as caught:
        await client.do("upload_file", tmp_path / "a.csv", on_progress=change)
    assert caught.value.reason == "FILE_CHANGED"


async def test_files_are_listed_read_and_deleted(running: RunningGateway, client: Speaker) -> None:
    storage = running.suite.storage
    storage.answers["ListFiles"] = lambda _: storage_pb2.ListFilesResponse(files=[storage_pb2.File(uri="file_id:1")])
    storage.answers["DeleteFile"] = lambda _: storage_pb2.DeleteFileResponse()
    storage.answers["DownloadFile"] = lambda _: [
        storage_pb2.DownloadFileResponse(file=storage_pb2.File(size=3, sha256="cd" * 32)),
        storage_pb2.DownloadFileResponse(chunk=b"a,b"),
    ]
    assert [file.uri for file in await client.do("list_files", user_id="alice")] == ["file_id:1"]
    assert await client.do("get_file", "file_id:users/a b:1") == b"a,b"
    await client.do("delete_file", "file_id:1")
    assert storage.last("DownloadFile").request.uri == "file_id:users/a b:1"


async def test_a_download_that_breaks_goes_on(running: RunningGateway, client: Speaker, tmp_path: Path) -> None:
    serve_artifacts(running, {converter_pb2.ARTIFACT_OUTPUT: CSV}, cut_first=True)
    done = await client.do("download", JOB, tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_bytes() == CSV
    assert (done.sha256, done.file_name) == (SHA, "output ü.csv")


async def test_a_safe_download_neutralises_formulas(running: RunningGateway, client: Speaker, tmp_path: Path) -> None:
    serve_artifacts(running, {converter_pb2.ARTIFACT_OUTPUT: CSV})
    await client.do("download", JOB, tmp_path / "o.csv", safe=True)
    assert b"alice,'=1+1" in (tmp_path / "o.csv").read_bytes()


async def test_a_download_of_nothing_leaves_no_file(running: RunningGateway, client: Speaker, tmp_path: Path) -> None:
    running.suite.converter.answers["DownloadArtifact"] = refuse(NotFound("no output"))
    with pytest.raises(NotFound):
        await client.do("download", JOB, tmp_path / "o.csv")
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


# Teaching


async def test_a_program_is_explained(running: RunningGateway, client: Speaker) -> None:
    running.suite.converter.answers["ExplainTraining"] = lambda _: make_job(status=converter_pb2.JOB_STATUS_PENDING)
    accepted = await client.do("explain", "alice", JOB_ID, columns=["fee"], idempotency_key="key-of-the-words")
    request = running.suite.converter.last("ExplainTraining").request
    assert (accepted.ref, list(request.columns), request.request_id) == (JOB, ["fee"], "key-of-the-words")


async def test_a_training_is_taught_and_its_programs_are_chosen(running: RunningGateway, client: Speaker) -> None:
    converter = running.suite.converter
    converter.answers["TeachTraining"] = lambda _: make_job(status=converter_pb2.JOB_STATUS_PENDING)
    version = converter_pb2.Version(generation=2, lessons=1, serving=True)
    converter.answers["ListVersions"] = lambda _: converter_pb2.ListVersionsResponse(versions=[version])
    converter.answers["RollbackTraining"] = lambda _: make_job(serving_generation=1)
    question = converter_pb2.Question(id="q1", kind="a new value", cells=["Kauf"], column="Action")
    listed = converter_pb2.ListQuestionsResponse(questions=[question], generation=3)
    converter.answers["ListQuestions"] = lambda _: listed
    asked = await client.do("list_questions", "alice", JOB_ID)
    answer = {"question_id": asked.questions[0]["id"], "value": "Buy"}
    accepted = await client.do("teach", "alice", JOB_ID, answers=[answer], promote="ask", generation=asked.generation)
    assert accepted.ref == JOB
    request = converter.last("TeachTraining").request
    assert (request.answers[0].value, request.promote) == ("Buy", converter_pb2.PROMOTE_ASK)
    assert request.generation == 3
    assert [(v.generation, v.lessons, v.serving) for v in await client.do("list_versions", "alice", JOB_ID)] == [
        (2, 1, True)
    ]
    assert (await client.do("rollback", "alice", JOB_ID, 1)).serving_generation == 1
