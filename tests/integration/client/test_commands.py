"""`wealth` as a process before a gateway: exit codes, one line of error, Ctrl-C, hostile words."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from wealth.converter.v1 import converter_pb2
from wealth.events.v1 import events_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import NotFound, Unavailable
from tests.integration.client.test_clients import refuse, serve_artifacts, watchable
from tests.integration.gateway.test_rest_converter import CSV, JOB_ID, make_job
from tests.integration.gateway.test_rest_portfolio import TASK_ID, finished_task, make_event, make_task
from tests.support.eventually import eventually
from tests.support.gateway import RunningGateway

HOSTILE = "\x1b]0;pwned\x07\x1b[2J<script>"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


async def start(
    gateway: RunningGateway, folder: Path, *arguments: str, key: str = "", stdin: int = DEVNULL, **environment: str
) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.client.cli", *arguments,
        cwd=folder, stdin=stdin, stdout=PIPE, stderr=PIPE,
        env={
            **os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TZ": "UTC",
            "WEALTH_URL": gateway.base_url, "WEALTH_API_KEY": key or gateway.key, **environment,
        },
    )  # fmt: skip


async def run(gateway: RunningGateway, folder: Path, *arguments: str, typed: str = "", **options: str) -> Ended:
    process = await start(gateway, folder, *arguments, stdin=PIPE if typed else DEVNULL, **options)
    out, err = await asyncio.wait_for(process.communicate(typed.encode() or None), 120)
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


async def test_a_status_is_shown_with_its_history(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    ended = await run(running, tmp_path, "status", TASK_ID)
    assert ended.code == 0
    assert ended.out.splitlines()[2] == "status    processing (60%)"
    assert ended.out.splitlines()[-1] == "2026-01-02 03:04:05  submit  completed  2 payloads"


async def test_a_status_as_json_is_what_the_gateway_answers(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.converter.answers["GetJob"] = lambda _: make_job()
    ended = await run(running, tmp_path, "status", f"alice/{JOB_ID}", "--json")
    answered = (await running.rest.get(f"/api/v1/alice/{JOB_ID}")).json()
    answered.pop("job_status")
    assert json.loads(ended.out) == answered


async def test_an_error_is_one_line_and_an_exit_code(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.portfolio.answers["GetTask"] = refuse(NotFound("there is no such task", reason="TASK_NOT_FOUND"))
    ended = await run(running, tmp_path, "status", "task_x")
    request = running.suite.portfolio.last("GetTask").request_id
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"TASK_NOT_FOUND: there is no such task (request {request})\n"


async def test_a_wrong_key_exits_77(running: RunningGateway, tmp_path: Path) -> None:
    ended = await run(running, tmp_path, "queue", key="k_wrong.secret")
    assert (ended.code, ended.err.count("\n")) == (77, 1)
    assert "secret" not in ended.err


async def test_a_full_queue_exits_69(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.portfolio.answers["CreateTask"] = refuse(Unavailable("away", retry_after_s=100))
    (tmp_path / "p.json").write_text("[{}]")
    ended = await run(running, tmp_path, "submit", "p.json", "--user", "alice")
    assert (ended.code, ended.err.count("\n")) == (69, 1)


async def test_a_file_that_is_not_there_exits_2(running: RunningGateway, tmp_path: Path) -> None:
    ended = await run(running, tmp_path, "submit", "none.json", "--user", "alice")
    assert (ended.code, ended.err) == (2, "FILE_FAILED: No such file or directory: none.json\n")


async def test_a_payload_is_submitted_with_its_digits(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    (tmp_path / "p.json").write_text('{"data": [{"Market Value": 12345678901234567890.10}]}')
    ended = await run(running, tmp_path, "submit", "p.json", "--user", "alice", "--no-wait")
    assert (ended.code, ended.out) == (0, f"{TASK_ID}\n")
    assert list(running.suite.portfolio.last("CreateTask").request.payloads_json) == [
        '{"Market Value": 12345678901234567890.10}'
    ]


async def test_a_task_with_a_failed_section_exits_2_and_shows_the_others(
    running: RunningGateway, tmp_path: Path
) -> None:
    watchable(running)
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    running.suite.portfolio.answers["GetTask"] = lambda _: finished_task(revision=3)
    (tmp_path / "p.json").write_text("[{}]")
    ended = await run(running, tmp_path, "submit", "p.json", "--user", "alice")
    assert ended.code == 2
    assert "It stands at 12,000,000." in ended.out
    assert "ROWS_MISSING: no rows" in ended.out


def listed(*questions: str, generation: int = 1) -> converter_pb2.ListQuestionsResponse:
    """Open questions by their ids, each on the cell of a row that would do harm to a terminal."""
    candidates = [
        converter_pb2.Candidate(value="BUY", words="as other values in the example"),
        converter_pb2.Candidate(words="I do not know", meaning=converter_pb2.MEANING_UNKNOWN),
    ]
    asked = [
        converter_pb2.Question(
            id=name, kind="a new value", file="march.csv", row=2, cells=["8", HOSTILE], column="action",
            candidates=candidates, decides=3,
        )
        for name in questions
    ]  # fmt: skip
    return converter_pb2.ListQuestionsResponse(questions=asked, generation=generation)


async def test_the_questions_of_a_training_are_listed(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.converter.answers["ListQuestions"] = lambda _: listed("q1")
    ended = await run(running, tmp_path, "teach", f"alice/{JOB_ID}")
    assert ended.code == 0
    assert 'q1 (a new value): what is "action" of row 2 of march.csv: 8 | ' in ended.out
    assert ended.out.splitlines()[0].endswith("[decides 3 cells]")
    assert ended.out.splitlines()[1:] == ["  1. 'BUY': as other values in the example", "  2. I do not know"]
    assert "\x1b" not in ended.out


async def test_questions_are_asked_one_at_a_time(running: RunningGateway, tmp_path: Path) -> None:
    converter = running.suite.converter
    left = iter([listed("q1", "q2"), listed("q1", generation=2), listed(generation=3)])
    converter.answers["ListQuestions"] = lambda _: next(left)
    converter.answers["TeachTraining"] = lambda _: make_job(status=converter_pb2.JOB_STATUS_PENDING)
    converter.answers["GetJob"] = lambda _: make_job(status=converter_pb2.JOB_STATUS_COMPLETED, revision=9)
    converter.answers["WatchJob"] = lambda _: []
    ended = await run(running, tmp_path, "teach", f"alice/{JOB_ID}", "--ask", typed="7\n=Buy\n2\n")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "no question is open")
    requests = [call.request for call in converter.seen if isinstance(call.request, converter_pb2.TeachTrainingRequest)]
    assert [(list(request.answers), request.generation) for request in requests] == [
        ([converter_pb2.Answer(question_id="q1", value="Buy")], 1),
        ([converter_pb2.Answer(question_id="q1", candidate=1)], 2),
    ]


async def test_asking_ends_where_nothing_is_typed(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.converter.answers["ListQuestions"] = lambda _: listed("q1")
    ended = await run(running, tmp_path, "teach", f"alice/{JOB_ID}", "--ask", typed="\n")
    assert (ended.code, "q1 (a new value)" in ended.out) == (0, True)


async def test_a_training_is_taught_from_the_terminal(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.converter.answers["TeachTraining"] = lambda _: make_job()
    (tmp_path / "a.json").write_text('{"answers": [{"question_id": "q9", "value": "x"}]}')
    ended = await run(
        running, tmp_path, "teach", f"alice/{JOB_ID}", "--answer", "q1=A=B", "--pick", "q2=1", "--drop", "q3",
        "--correct", "march.csv:14:Action=Buy", "--drop-row", "march.csv:15", "--answers", "a.json", "--no-wait",
    )  # fmt: skip
    assert (ended.code, ended.out) == (0, f"alice/{JOB_ID}\n")
    request = running.suite.converter.last("TeachTraining").request
    assert [(a.question_id, a.WhichOneof("said"), getattr(a, a.WhichOneof("said"))) for a in request.answers] == [
        ("q9", "value", "x"),
        ("q1", "value", "A=B"),
        ("q2", "candidate", 0),
        ("q3", "drop", True),
    ]
    assert [(c.file, c.row, c.column, c.value, c.drop) for c in request.corrections] == [
        ("march.csv", 14, "Action", "Buy", False),
        ("march.csv", 15, "", "", True),
    ]


EXPLAINED = {"column": "fee", "words": f"The amount {HOSTILE}", "proved": False, "why": "case 1: it is 2"}


async def test_a_program_is_explained_in_the_terminal(running: RunningGateway, tmp_path: Path) -> None:
    ended = converter_pb2.JOB_STATUS_COMPLETED
    running.suite.converter.answers["ExplainTraining"] = lambda _: make_job()
    running.suite.converter.answers["GetJob"] = lambda _: make_job(status=ended, revision=9)
    running.suite.converter.answers["WatchJob"] = lambda _: []
    serve_artifacts(running, {converter_pb2.ARTIFACT_REPORT: json.dumps({"explanations": [EXPLAINED]}).encode()})
    shown = await run(running, tmp_path, "explain", f"alice/{JOB_ID}", "--column", "fee")
    assert running.suite.converter.last("ExplainTraining").request.columns == ["fee"]
    assert (shown.code, shown.out.startswith("fee: The amount ")) == (0, True)
    assert "\n  unproved: case 1: it is 2" in shown.out
    assert "\x1b" not in shown.out


@pytest.mark.parametrize("option", [("--answer", "q1"), ("--pick", "q1=0"), ("--correct", "a.csv:x:b=c")])
async def test_an_answer_that_is_none_exits_64(
    running: RunningGateway, tmp_path: Path, option: tuple[str, str]
) -> None:
    ended = await run(running, tmp_path, "teach", f"alice/{JOB_ID}", *option)
    assert (ended.code, ended.out) == (64, "")


async def test_the_programs_of_a_training_are_listed_and_chosen(running: RunningGateway, tmp_path: Path) -> None:
    versions = [converter_pb2.Version(generation=2, serving=True, program_sha256="ab" * 32)]
    running.suite.converter.answers["ListVersions"] = lambda _: converter_pb2.ListVersionsResponse(versions=versions)
    running.suite.converter.answers["RollbackTraining"] = lambda _: make_job()
    ended = await run(running, tmp_path, "teach", f"alice/{JOB_ID}", "--versions")
    assert (ended.code, "serves" in ended.out) == (0, True)
    assert (await run(running, tmp_path, "teach", f"alice/{JOB_ID}", "--rollback", "1")).code == 0
    assert running.suite.converter.last("RollbackTraining").request.generation == 1


async def test_events_are_json_lines(running: RunningGateway, tmp_path: Path) -> None:
    watchable(running)
    ended = await run(running, tmp_path, "watch", TASK_ID, "--json")
    assert ended.code == 0
    assert [json.loads(line)["progress"] for line in ended.out.splitlines()] == [0, 70, 80, 100]


async def test_foreign_words_are_shown_as_words(running: RunningGateway, tmp_path: Path) -> None:
    job = make_job(title=HOSTILE, description=HOSTILE, message=HOSTILE)
    running.suite.converter.answers["ListJobs"] = lambda _: converter_pb2.ListJobsResponse(jobs=[job])
    running.suite.portfolio.answers["ListTasks"] = lambda _: portfolio_pb2.ListTasksResponse(
        tasks=[make_task(message=HOSTILE)]
    )
    ended = await run(running, tmp_path, "jobs", "--user", "alice")
    assert ended.code == 0
    assert ended.out.count("\\x1b[2J") == 2
    assert "\x1b" not in ended.out + ended.err


async def test_lists_go_on_over_pages_up_to_the_limit(running: RunningGateway, tmp_path: Path) -> None:
    pages = {"": "two", "two": "three", "three": ""}
    running.suite.portfolio.answers["ListTasks"] = lambda request: portfolio_pb2.ListTasksResponse(
        tasks=[make_task(), make_task()], next_page_token=pages[request.page_token]
    )
    ended = await run(running, tmp_path, "jobs", "tasks", "--limit", "3", "--json")
    assert len(json.loads(ended.out)) == 3
    assert running.suite.portfolio.count("ListTasks") == 2


async def test_a_search_looks_through_whole_pages_until_it_has_found_enough(
    running: RunningGateway, tmp_path: Path
) -> None:
    tasks = [make_task(task_id=f"task_{number:03}") for number in range(250)]
    running.suite.portfolio.answers["ListTasks"] = lambda request: portfolio_pb2.ListTasksResponse(
        tasks=tasks[int(request.page_token or 0) :][: request.page_size],
        next_page_token=str(int(request.page_token or 0) + request.page_size),
    )
    ended = await run(running, tmp_path, "jobs", "tasks", "--search", "task_142 movers", "--limit", "1", "--json")
    assert [item["task_id"] for item in json.loads(ended.out)] == ["task_142"]
    assert running.suite.portfolio.count("ListTasks") == 2


@pytest.fixture
def hanging(running: RunningGateway) -> RunningGateway:
    """A gateway whose task never ends."""

    async def watch_task(_: Any) -> AsyncIterator[Any]:
        yield make_event(1)
        await asyncio.Event().wait()

    running.suite.portfolio.answers["WatchTask"] = watch_task
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    return running


async def test_ctrl_c_leaves_the_task_running_and_says_how_to_watch_it_again(
    hanging: RunningGateway, tmp_path: Path
) -> None:
    (tmp_path / "p.json").write_text("[{}]")
    process = await start(hanging, tmp_path, "submit", "p.json", "--user", "alice", "--url", hanging.base_url)
    await eventually(lambda: hanging.suite.portfolio.running > 0)
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 130
    assert f"{TASK_ID} goes on; to watch it again: wealth watch {TASK_ID} --url {hanging.base_url}" in err.decode()
    assert hanging.suite.portfolio.count("CancelTask") == 0


async def test_time_that_runs_out_exits_75_and_says_how_to_watch_again(hanging: RunningGateway, tmp_path: Path) -> None:
    ended = await run(hanging, tmp_path, "watch", TASK_ID, "--timeout-s", "0.3")
    assert ended.code == 75
    assert f"wealth watch {TASK_ID}\n" in ended.err


async def test_an_output_is_downloaded_whole_and_never_over_another_file(
    running: RunningGateway, tmp_path: Path
) -> None:
    serve_artifacts(running, {converter_pb2.ARTIFACT_OUTPUT: CSV})
    assert (await run(running, tmp_path, "download", f"alice/{JOB_ID}")).code == 0
    assert (tmp_path / "output.csv").read_bytes() == CSV
    again = await run(running, tmp_path, "download", f"alice/{JOB_ID}")
    assert (again.code, again.err.partition(":")[0]) == (2, "FILE_EXISTS")


async def test_an_output_goes_to_standard_output_byte_by_byte(running: RunningGateway, tmp_path: Path) -> None:
    serve_artifacts(running, {converter_pb2.ARTIFACT_OUTPUT: CSV})
    ended = await run(running, tmp_path, "download", f"alice/{JOB_ID}", "-o", "-")
    assert ended.out.encode() == CSV


async def test_what_a_task_has_not_exits_64(running: RunningGateway, tmp_path: Path) -> None:
    assert (await run(running, tmp_path, "download", TASK_ID, "--what", "program")).code == 64


async def test_given_up_work_is_listed_and_run_again(running: RunningGateway, tmp_path: Path) -> None:
    letter = jobs_pb2.DeadLetter(job_id=JOB_ID, user_id="alice", attempts=5)
    running.suite.portfolio.answers["ListDeadLetters"] = lambda _: portfolio_pb2.ListDeadLettersResponse()
    running.suite.converter.answers["ListDeadLetters"] = lambda _: converter_pb2.ListDeadLettersResponse(
        dead_letters=[letter]
    )
    running.suite.converter.answers["ReplayJob"] = lambda _: make_job(generation=2)
    listed = await run(running, tmp_path, "dead-letters", "--json", "list")
    assert [entry["id"] for entry in json.loads(listed.out)] == [JOB_ID]
    replayed = await run(running, tmp_path, "dead-letters", "replay", f"alice/{JOB_ID}")
    assert (replayed.code, replayed.err) == (0, f"alice/{JOB_ID} runs again\n")


WEBHOOK = events_pb2.Webhook(
    webhook_id="wh_0123456789abcdef",
    url="https://hooks.example.com/x",
    state=events_pb2.WEBHOOK_STATE_ENABLED,
    users=["*"],
    services=["portfolio"],
)
NEWS = events_pb2.Event(
    id="task_1:1:5", type="wealth.portfolio.v1.task.completed", subject="task_1", json='{"subject":"task_1","data":{}}'
)


async def test_a_webhooks_secret_alone_is_printed_and_in_no_list(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.events.answers |= {
        "CreateWebhook": lambda _: events_pb2.CreateWebhookResponse(webhook=WEBHOOK, secret="whsec_x"),
        "ListWebhooks": lambda _: events_pb2.ListWebhooksResponse(webhooks=[WEBHOOK]),
    }
    added = await run(running, tmp_path, "webhooks", "add", WEBHOOK.url, "--description", "CRM")
    assert (added.code, added.out) == (0, "whsec_x\n")
    assert running.suite.events.last("CreateWebhook").request.description == "CRM"
    listed = await run(running, tmp_path, "webhooks", "--json", "list")
    assert [(each["webhook_id"], "secret" in each) for each in json.loads(listed.out)] == [(WEBHOOK.webhook_id, False)]


async def test_all_that_was_not_delivered_is_replayed(running: RunningGateway, tmp_path: Path) -> None:
    letters = [events_pb2.Undelivered(number=number, event=NEWS, error_code="ANSWERED_500") for number in (3, 7)]
    running.suite.events.answers |= {
        "GetWebhook": lambda _: WEBHOOK,
        "ListUndelivered": lambda _: events_pb2.ListUndeliveredResponse(undelivered=letters),
        "ReplayUndelivered": lambda _: events_pb2.ReplayUndeliveredResponse(),
    }
    shown = await run(running, tmp_path, "webhooks", "show", WEBHOOK.webhook_id)
    assert shown.out.splitlines()[1].split()[:3] == ["3", "task_1", "ANSWERED_500"]
    replayed = await run(running, tmp_path, "webhooks", "replay", WEBHOOK.webhook_id, "all")
    assert replayed.code == 0
    asked = [call.request.number for call in running.suite.events.seen if call.method == "ReplayUndelivered"]
    assert asked == [3, 7]
    assert (await run(running, tmp_path, "webhooks", "replay", WEBHOOK.webhook_id, "-1")).code == 64


async def test_all_that_a_key_may_see_is_followed(running: RunningGateway, tmp_path: Path) -> None:
    running.suite.events.answers["WatchEvents"] = lambda _: [
        events_pb2.WatchEventsResponse(position="7-4"),
        events_pb2.WatchEventsResponse(position="7-5", event=NEWS),
    ]
    ended = await run(running, tmp_path, "events", "watch", "--after", "7-3", "--count", "1", "--json")
    told = json.loads(ended.out)
    assert (ended.code, told["position"], told["kind"], told["event"]["subject"]) == (0, "7-5", "task", "task_1")
    assert running.suite.events.last("WatchEvents").request.after == "7-3"


def serve_idle(running: RunningGateway) -> None:
    """Queues with a worker and nothing given up."""
    queue = jobs_pb2.Queue(worker_processes=1, max_workers=1)
    running.suite.portfolio.answers |= {
        "GetQueue": lambda _: queue,
        "ListDeadLetters": lambda _: portfolio_pb2.ListDeadLettersResponse(),
    }
    running.suite.converter.answers |= {
        "GetQueue": lambda _: queue,
        "ListDeadLetters": lambda _: converter_pb2.ListDeadLettersResponse(),
    }


async def test_the_doctor_tells_of_webhooks_that_are_off_and_of_what_was_not_delivered(
    running: RunningGateway, tmp_path: Path
) -> None:
    serve_idle(running)
    off = events_pb2.Webhook(
        webhook_id="wh_off", url="https://a.example.com/", state=events_pb2.WEBHOOK_STATE_DISABLED, state_reason="gone"
    )
    on = events_pb2.Webhook(webhook_id="wh_on", url="https://b.example.com/", state=events_pb2.WEBHOOK_STATE_ENABLED)
    letter = events_pb2.Undelivered(number=1, event=events_pb2.Event(json="{}"), error_code="ANSWERED_500")
    running.suite.events.answers |= {
        "ListWebhooks": lambda _: events_pb2.ListWebhooksResponse(webhooks=[off, on]),
        "ListUndelivered": lambda asked: events_pb2.ListUndeliveredResponse(
            undelivered=[letter] if asked.webhook_id == "wh_on" else [], next_page_token=""
        ),
    }
    told = {item["what"]: item for item in json.loads((await run(running, tmp_path, "doctor", "--json")).out)}
    assert (told["events"]["state"], told["webhooks"]["state"], told["webhook"]["state"]) == ("ok", "look", "look")
    assert "wh_off (gone)" in told["webhooks"]["words"]
    assert "1 not delivered, ANSWERED_500: see `wealth webhooks show wh_on`" in told["webhook"]["words"]


async def test_the_doctor_goes_on_where_events_do_not_answer(running: RunningGateway, tmp_path: Path) -> None:
    serve_idle(running)
    running.suite.events.answers["ListWebhooks"] = refuse(Unavailable("events are away"))
    told = {item["what"]: item for item in json.loads((await run(running, tmp_path, "doctor", "--json")).out)}
    assert (told["webhooks"]["state"], "events are away" in told["webhooks"]["words"]) == ("look", True)
