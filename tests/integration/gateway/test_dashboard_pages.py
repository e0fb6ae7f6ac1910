"""What the dashboard's pages show and do."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import NotFound, Unavailable
from tests.integration.gateway.dashboard_data import serve_inference, serve_lists, serve_training, signed_in
from tests.integration.gateway.test_rest_converter import (
    CSV,
    JOB_ID,
    TRAINED_ID,
    finished_inference,
    make_job,
    serve_artifacts,
)
from tests.integration.gateway.test_rest_files import store
from tests.integration.gateway.test_rest_portfolio import TASK_ID, finished_task, make_task
from tests.support.gateway import RunningGateway

TASK = f"/dashboard/tasks/{TASK_ID}"
JOB = f"/dashboard/jobs/alice/{JOB_ID}"
TRIAL = f"/dashboard/try/alice/{JOB_ID}"
SCRIPT = {"accept": "application/json"}


@pytest.fixture
async def browser(running: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser without a key in its headers."""
    async with signed_in(running) as client:
        yield client


async def read_token(browser: httpx.AsyncClient) -> str:
    page = await browser.get("/dashboard/try")
    return re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)[0]


def at(minute: int) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=minute))
    return moment


def serve_history(running: RunningGateway, minutes: int, *, page_size: int = 50) -> list[str]:
    """Tasks at even minutes and jobs at odd ones, in pages; returns all ids, newest first."""
    tasks = [make_task(task_id=f"task-{n:03}", created_at=at(n)) for n in range(minutes) if n % 2 == 0][::-1]
    jobs = [make_job(job_id=f"job-{n:03}", created_at=at(n)) for n in range(minutes) if n % 2][::-1]

    def page(items: Sequence[Any], request: Any) -> tuple[Sequence[Any], str]:
        start = int(request.page_token or 0)
        end = start + page_size
        return items[start:end], str(end) if end < len(items) else ""

    def list_tasks(request: portfolio_pb2.ListTasksRequest) -> portfolio_pb2.ListTasksResponse:
        shown, token = page(tasks, request)
        return portfolio_pb2.ListTasksResponse(tasks=shown, next_page_token=token)

    def list_jobs(request: converter_pb2.ListJobsRequest) -> converter_pb2.ListJobsResponse:
        shown, token = page(jobs, request)
        return converter_pb2.ListJobsResponse(jobs=shown, next_page_token=token)

    serve_lists(running)
    running.suite.portfolio.answers["ListTasks"] = list_tasks
    running.suite.converter.answers["ListJobs"] = list_jobs
    return [f"{'job' if n % 2 else 'task'}-{n:03}" for n in range(minutes)][::-1]


def shown_ids(page: httpx.Response) -> list[str]:
    return re.findall(r'<a class="title" href="[^"]*/([^"/]+)"', page.text)


@pytest.mark.parametrize("page_size", [7, 50])
async def test_pages_of_tasks_and_jobs_are_one_list_newest_first(
    running: RunningGateway, browser: httpx.AsyncClient, page_size: int
) -> None:
    expected = serve_history(running, 60, page_size=page_size)
    shown: list[str] = []
    address: str | None = "/dashboard"
    while address:
        page = await browser.get(address)
        shown += shown_ids(page)
        found = re.findall(r'href="([^"]+)" rel="next"', page.text)
        address = found[0].replace("&amp;", "&") if found else None
    assert shown == expected


async def test_a_filter_reaches_the_services(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_lists(running)
    await browser.get("/dashboard?kind=inference&state=failed&user=bob")
    request = running.suite.converter.last("ListJobs").request
    assert (request.user_id, request.status, request.mode) == (
        "bob",
        converter_pb2.JOB_STATUS_FAILED,
        converter_pb2.JOB_MODE_INFERENCE,
    )
    assert running.suite.portfolio.count("ListTasks") == 0


async def test_what_has_not_ended_can_be_asked_for(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_lists(running)
    await browser.get("/dashboard?state=open")
    assert (
        running.suite.portfolio.last("ListTasks").request.open,
        running.suite.converter.last("ListJobs").request.open,
    ) == (True, True)


async def test_a_user_whom_the_key_does_not_know_has_an_empty_list(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    def refuse(_: Any) -> None:
        raise NotFound("no such user")

    serve_lists(running)
    running.suite.portfolio.answers["ListTasks"] = refuse
    running.suite.converter.answers["ListJobs"] = refuse
    page = await browser.get("/dashboard?user=nobody")
    assert (page.status_code, "Nothing fits this filter" in page.text) == (200, True)


async def test_a_service_that_is_away_leaves_the_rest_of_the_list(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    def refuse(_: Any) -> None:
        raise Unavailable("away", retry_after_s=1)

    serve_history(running, 4)
    running.suite.portfolio.answers |= {"ListTasks": refuse, "GetQueue": refuse}
    page = await browser.get("/dashboard")
    assert (shown_ids(page), "Portfolio tasks are missing" in page.text) == (["job-003", "job-001"], True)


async def test_a_key_of_one_scope_sees_its_part_of_the_list(running: RunningGateway) -> None:
    serve_history(running, 4)
    async with signed_in(running, running.make_key(scopes=["portfolio"])) as client:
        assert shown_ids(await client.get("/dashboard")) == ["task-002", "task-000"]


async def read_rows(browser: httpx.AsyncClient, count: int) -> list[tuple[str, dict[str, Any]]]:
    """The list's first events that speak of rows."""
    return [event async for event in read_events(browser, {"row", "new"}, count)]


async def read_events(
    browser: httpx.AsyncClient, names: set[str], count: int
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """The list's first events of these names."""
    name = ""
    async with browser.stream("GET", "/dashboard/events") as answer:
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data: ") and name in names:
                count -= 1
                yield name, json.loads(line.removeprefix("data: "))
            if not count:
                return


async def test_the_list_tells_how_busy_the_workers_are(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_history(running, 0)
    ((_, data),) = [event async for event in read_events(browser, {"queues"}, 1)]
    assert "1 running, 0 waiting" in re.sub(r"<[^>]+>", "", data["html"])


async def test_a_row_changes_when_its_task_does(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_history(running, 1)
    running.suite.portfolio.answers["WatchTask"] = lambda _: [
        portfolio_pb2.TaskEvent(
            event_id="a",
            task_id="task-000",
            revision=8,
            generation=1,
            status=portfolio_pb2.TASK_STATUS_COMPLETED,
            terminal=True,
        )
    ]
    events = await read_rows(browser, 2)
    assert [(name, data["key"], "completed" in data["html"]) for name, data in events] == [
        ("row", "task-task-000", False),
        ("row", "task-task-000", True),
    ]


async def test_a_row_whose_watch_breaks_is_read_again(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    def refuse(_: Any) -> None:
        done = make_task(task_id="task-000", revision=9, status=portfolio_pb2.TASK_STATUS_COMPLETED)
        running.suite.portfolio.answers["ListTasks"] = lambda _: portfolio_pb2.ListTasksResponse(tasks=[done])
        raise Unavailable("away", retry_after_s=1)

    serve_history(running, 1)
    running.suite.portfolio.answers["WatchTask"] = refuse
    (_, (name, data)) = await read_rows(browser, 2)
    assert (name, "completed" in data["html"]) == ("row", True)


async def test_a_gateway_that_drains_ends_the_lists_stream(own_gateway: RunningGateway) -> None:
    serve_history(own_gateway, 0)
    async with signed_in(own_gateway) as client, client.stream("GET", "/dashboard/events") as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        await own_gateway.gateway.http.drain()
        assert [line async for line in lines if line.startswith("event: problem")] == []


async def test_what_is_submitted_meanwhile_comes_as_new(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    answers = running.suite.converter.answers
    serve_history(running, 0)
    first = answers["ListJobs"]
    job = make_job(title="<b>Trades</b>", status=converter_pb2.JOB_STATUS_COMPLETED)

    def answer(request: Any) -> Any:
        answers["ListJobs"] = lambda _: converter_pb2.ListJobsResponse(jobs=[job])
        return first(request)

    answers["ListJobs"] = answer
    ((name, data),) = await read_rows(browser, 1)
    assert (name, data["key"], "<b>" in data["html"]) == ("new", f"training-{JOB_ID}", False)


async def test_a_tasks_page_tells_where_a_number_comes_from(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    task = finished_task()
    task.sections[0].facts[0].method = "as sent"
    task.sections[0].grounding.traces.add(text="12,000,000", start=13, fact="mv")
    running.suite.portfolio.answers["GetTask"] = lambda _: task
    page = (await browser.get(TASK)).text
    (source_id,) = re.findall(r'<a href="#s1-figure-0" aria-describedby="([^"]+)">12,000,000</a>', page)
    (source,) = re.findall(rf'role="tooltip" id="{source_id}">(.*?)</span></span>', page)
    assert re.sub(r"<[^>]+>", "|", source) == "|Market value||INR 12,000,000.00||as sent||mv|"
    assert '<tr id="s1-figure-0">' in page


async def test_a_tasks_page_shows_how_the_input_was_read(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    task = finished_task()
    reading = task.sections[0].reading
    reading.add(field="holdings[].price", read_as={"scale": "0.01", "unit": "money", "currency": "GBP"}, why="marked")
    undecided = reading.add(field="holdings[].<b>date", rows=["row 3"])
    undecided.alternatives.add(read_as={"unit": "date", "order": "DMY"}, why="range")
    undecided.alternatives.add(read_as={"unit": "date", "order": "MDY"}, why="range")
    running.suite.portfolio.answers["GetTask"] = lambda _: task
    page = (await browser.get(TASK)).text
    (table,) = re.findall(r'aria-label="How the input of Portfolio snapshot was read">(.*?)</table>', page, re.DOTALL)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)]
    mark = "a mark beside the number or in its column&#39;s name"
    assert [[re.sub(r"(<[^>]+>)+", "|", cell).strip("|") for cell in row] for row in rows] == [
        ["Field", "Read as", "Because of", "Alternatives"],
        ["holdings[].price", "money, currency GBP, scale 0.01", mark, ""],
        ["holdings[].&lt;b&gt;date|row 3", "not settled", "", "date, order DMY or date, order MDY"],
    ]
    assert "<details open>" in page  # what was not settled is for the reader to see


async def test_a_tasks_page_shows_the_services_charts(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    task = finished_task()
    task.sections[0].charts.add(kind="bars", title="Weights")
    svg = '<svg viewBox="0 0 1 1"><text>a &amp; b</text></svg>'
    drawn = portfolio_pb2.DrawnChart(section=task.sections[0].name, title="Weights", svg=svg)
    running.suite.portfolio.answers |= {
        "GetTask": lambda _: task,
        "GetTaskReport": lambda _: portfolio_pb2.TaskReport(charts=[drawn]),
    }
    assert f"<figcaption>Weights</figcaption>{svg}" in (await browser.get(TASK)).text


async def test_a_running_tasks_page_follows_its_events(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    assert f'data-events="{TASK}/events"' in (await browser.get(TASK)).text


async def test_a_pages_events_need_the_session_alone(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task()
    running.suite.portfolio.answers["WatchTask"] = lambda _: [
        portfolio_pb2.TaskEvent(event_id="a", revision=8, terminal=True, resumable=True)
    ]
    answer = await browser.get(f"{TASK}/events")
    assert "id: 8" in answer.text


async def test_a_report_page_can_run_nothing(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["GetTaskReport"] = lambda _: portfolio_pb2.TaskReport(html="<h1>Report</h1>")
    page = await browser.get(f"{TASK}/report")
    assert (page.text, "sandbox" in page.headers["content-security-policy"]) == ("<h1>Report</h1>", True)


async def test_a_trainings_page_has_its_program_in_colours(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.converter.answers["GetJob"] = lambda _: make_job(status=converter_pb2.JOB_STATUS_COMPLETED)
    serve_artifacts(running, {(JOB_ID, converter_pb2.ARTIFACT_PROGRAM): b"SELECT a < b -- <b>"})
    page = (await browser.get(JOB)).text
    assert '<span class="keyword">SELECT</span> a &lt; b <span class="comment">-- &lt;b&gt;</span>' in page


async def test_a_trainings_page_tells_columns_in_words_and_shows_rows(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    serve_training(running, "Qty without dots")
    page = (await browser.get(JOB)).text
    for words in ("Qty without dots", "worked out from Qty without dots", "90 %", "<td>c</td>", "Where it differs"):
        assert words in page, words


async def test_a_conversions_page_lists_flagged_rows(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_inference(running, "T")
    page = (await browser.get(JOB)).text
    assert re.findall(r'<span class="soft">row (\d)</span> <code>T</code>', page) == list("1234567")
    assert '<tr class="flagged">' in page


async def test_a_job_without_artefacts_has_a_page(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    error = jobs_pb2.JobError(code="INPUT_EMPTY", message="the input is empty")
    running.suite.converter.answers["GetJob"] = lambda _: make_job(status=converter_pb2.JOB_STATUS_FAILED, error=error)
    serve_artifacts(running, {})
    page = await browser.get(JOB)
    assert (page.status_code, "the input is empty" in page.text) == (200, True)


@pytest.mark.parametrize(("query", "expected"), [("", b"'=1+1"), ("?exact=true", b",=1+1")])
async def test_a_pages_download_has_its_formulas_neutralised_unless_asked(
    running: RunningGateway, browser: httpx.AsyncClient, query: str, expected: bytes
) -> None:
    running.suite.converter.answers["GetJob"] = lambda _: finished_inference()
    serve_artifacts(running, {(JOB_ID, converter_pb2.ARTIFACT_OUTPUT): CSV})
    answer = await browser.get(f"{JOB}/output{query}")
    assert expected in answer.content


async def test_nothing_else_of_a_job_can_be_downloaded(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    assert (await browser.get(f"{JOB}/input")).status_code == 404


async def test_a_dropped_file_is_stored_for_its_user(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.storage.answers["UploadFile"] = store
    headers = {**SCRIPT, "x-csrf-token": await read_token(browser)}
    answer = await browser.post(
        "/dashboard/files?user_id=bob&file_name=a%3Cb%3E.csv", content=b"a,b\n1,2\n", headers=headers
    )
    stored = answer.json()
    assert (answer.status_code, stored["user_id"], stored["file_name"], stored["size"]) == (201, "bob", "a<b>.csv", 8)


async def test_a_dropped_file_may_be_larger_than_a_call(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.storage.answers["UploadFile"] = store
    headers = {**SCRIPT, "x-csrf-token": await read_token(browser)}
    content = bytes(running.gateway.door.settings.gateway_max_body_bytes + 1)
    answer = await browser.post("/dashboard/files", content=content, headers=headers)
    assert (answer.status_code, answer.json()["size"]) == (201, len(content))


@pytest.mark.parametrize("headers", [{}, {"x-csrf-token": "0" * 64}])
async def test_a_file_without_the_sessions_token_is_not_stored(
    running: RunningGateway, browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await browser.post("/dashboard/files", content=b"a", headers={**SCRIPT, **headers})
    assert (answer.status_code, running.suite.storage.count("UploadFile")) == (403, 0)


async def test_an_example_becomes_a_training(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.converter.answers["CreateTraining"] = lambda request: make_job(user_id=request.user_id)
    form = {"input": "file_id:u/1", "expected": "file_id:u/2", "title": " Trades ", "instructions": "day first"}
    answer = await browser.post(
        "/dashboard/try", data={**form, "csrf_token": await read_token(browser)}, headers=SCRIPT
    )
    request = running.suite.converter.last("CreateTraining").request
    assert (answer.status_code, answer.json()["location"]) == (201, f"/dashboard/try/{request.user_id}/{JOB_ID}")
    assert (request.input_file, request.expected_output_file, request.title, request.general_instructions) == (
        "file_id:u/1",
        "file_id:u/2",
        "Trades",
        "day first",
    )


async def test_an_example_that_was_not_learned_can_be_explained(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    job = make_job(status=converter_pb2.JOB_STATUS_FAILED, input_file="file_id:u/1", expected_output_file="file_id:u/2")
    running.suite.converter.answers |= {"GetJob": lambda _: job, "CreateTraining": lambda _: job}
    serve_artifacts(running, {})
    page = (await browser.get(TRIAL)).text
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    await browser.post("/dashboard/try", data={**form, "instructions": "a plus b"})
    request = running.suite.converter.last("CreateTraining").request
    assert (request.job_id, request.input_file, request.expected_output_file, request.general_instructions) == (
        JOB_ID,
        "file_id:u/1",
        "file_id:u/2",
        "a plus b",
    )


async def test_a_form_without_scripts_leads_to_the_training(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    running.suite.converter.answers["CreateTraining"] = lambda _: make_job()
    form = {"input": "file_id:u/1", "expected": "file_id:u/2", "csrf_token": await read_token(browser)}
    answer = await browser.post("/dashboard/try", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, TRIAL)


async def test_an_example_of_one_file_is_refused_naming_the_other(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    form = {"input": "file_id:u/1", "csrf_token": await read_token(browser)}
    answer = await browser.post("/dashboard/try", data=form, headers=SCRIPT)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "expected")


@pytest.mark.parametrize("effort", ["9" * 20, "9" * 5000, "-1", "٣", "1.5"])
async def test_an_effort_that_is_no_small_number_is_refused(
    running: RunningGateway, browser: httpx.AsyncClient, effort: str
) -> None:
    form = {"input": "file_id:u/1", "expected": "file_id:u/2", "csrf_token": await read_token(browser)}
    answer = await browser.post("/dashboard/try", data={**form, "effort": effort}, headers=SCRIPT)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "effort")


async def test_a_third_file_becomes_a_conversion(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.converter.answers["CreateInference"] = lambda _: make_job(job_id=TRAINED_ID)
    form = {"input": "file_id:u/3", "on_unseen": "keep", "csrf_token": await read_token(browser)}
    answer = await browser.post(TRIAL, data=form, headers=SCRIPT)
    request = running.suite.converter.last("CreateInference").request
    assert answer.json()["location"] == f"{TRIAL}/{TRAINED_ID}"
    assert (request.trained_job_id, request.input_file, request.on_unseen) == (
        JOB_ID,
        "file_id:u/3",
        converter_pb2.ON_UNSEEN_KEEP,
    )


async def test_a_trial_is_watched_while_it_learns(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.converter.answers["GetJob"] = lambda _: make_job(message="learning from the example")
    page = (await browser.get(TRIAL)).text
    assert (f'data-events="{JOB}/events"' in page, "Learning from the example" in page) == (True, True)


async def test_a_learned_trial_asks_for_a_third_file(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_training(running, "words")
    page = (await browser.get(TRIAL)).text
    assert (f'action="{TRIAL}"' in page, 'aria-current="step"><span>Convert another file' in page) == (True, True)


async def test_a_converted_trial_offers_its_result(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_inference(running, "words")
    assert f'href="{JOB}/output" download' in (await browser.get(f"{TRIAL}/{JOB_ID}")).text


ANALYSE = "/dashboard/analyse"
PASTED = {
    "one payload": ('{"Market Value": 1.10}', ['{"Market Value": 1.10}']),
    "a list of payloads": ('[{"a": 1.10}, {"b": 2}]', ['{"a": 1.10}', '{"b": 2}']),
    "a request": ('{"username": "x", "data": [{"a": 12345678901234567890.10}]}', ['{"a": 12345678901234567890.10}']),
    "a CSV": ("Fund,Value\nA,1\n", ['{"holdings_csv": "Fund,Value\\nA,1"}']),
    "a CSV with a byte order mark": ("\ufeffFund,Value\nA,1", ['{"holdings_csv": "Fund,Value\\nA,1"}']),
}


@pytest.mark.parametrize("form", PASTED)
async def test_what_is_pasted_becomes_a_task_with_its_digits(
    running: RunningGateway, browser: httpx.AsyncClient, form: str
) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    pasted, payloads = PASTED[form]
    fields = {"payload": pasted, "locale": "en_IN", "csrf_token": await read_token(browser)}
    answer = await browser.post(ANALYSE, data=fields, headers=SCRIPT)
    request = running.suite.portfolio.last("CreateTask").request
    assert (answer.status_code, answer.json()["location"]) == (201, TASK)
    assert (list(request.payloads_json), request.locale) == (payloads, "en_IN")


async def test_the_locale_of_a_pasted_request_is_kept(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    pasted = '{"locale": "de_DE", "data": [{"a": 1}]}'
    await browser.post(ANALYSE, data={"payload": pasted, "csrf_token": await read_token(browser)})
    assert running.suite.portfolio.last("CreateTask").request.locale == "de_DE"


async def test_pasting_works_without_scripts(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    answer = await browser.post(ANALYSE, data={"payload": "{}", "csrf_token": await read_token(browser)})
    assert (answer.status_code, answer.headers["location"]) == (303, TASK)


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "missing"),
        (" \n", "missing"),
        ('{"a": ', "cannot be read as JSON"),
        ('{"data": [{"a": 1}], "input_conventions": {}}', "not input_conventions"),
    ],
)
async def test_what_cannot_be_analysed_whole_is_refused_naming_the_field(
    running: RunningGateway, browser: httpx.AsyncClient, pasted: str, words: str
) -> None:
    answer = await browser.post(
        ANALYSE, data={"payload": pasted, "csrf_token": await read_token(browser)}, headers=SCRIPT
    )
    problem = answer.json()["errors"][0]
    assert (answer.status_code, problem["field"], running.suite.portfolio.seen) == (422, "payload", [])
    assert words in answer.text


async def test_a_payload_larger_than_other_forms_is_taken(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["CreateTask"] = lambda _: make_task()
    pasted = "Fund,Value\n" + "A,1\n" * 100_000
    answer = await browser.post(ANALYSE, data={"payload": pasted, "csrf_token": await read_token(browser)})
    assert answer.status_code == 303


async def test_every_field_of_the_analysis_has_a_label(browser: httpx.AsyncClient) -> None:
    page = (await browser.get(ANALYSE)).text
    fields = re.findall(r'<(?:input|textarea|select)(?![^>]*type="hidden")[^>]* id="(\w+)"', page)
    assert set(fields) == {"file", "payload", "locale", "user_id", "password"}
    assert all(f'<label for="{name}">' in page for name in fields)


async def test_the_sample_of_the_analysis_is_there(browser: httpx.AsyncClient) -> None:
    page = (await browser.get(ANALYSE)).text
    (sample,) = re.findall(r'data-samples="file=([^"]+)"', page)
    answer = await browser.get(f"/dashboard/assets/{sample}")
    assert (answer.status_code, answer.text.splitlines()[0].split(",")[0]) == (200, "Scheme Name")


async def test_an_analysis_is_for_keys_of_the_portfolio(running: RunningGateway) -> None:
    async with signed_in(running, running.make_key(scopes=["converter", "files"])) as client:
        pages = [await client.get(path) for path in (ANALYSE, "/dashboard/try")]
    assert [page.status_code for page in pages] == [403, 200]
    assert ANALYSE not in pages[1].text


async def test_workers_are_counted(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_lists(running)
    page = re.sub(r"</?data[^>]*>", "", (await browser.get("/dashboard/workers")).text)
    assert ("1 of 4 busy" in page, "No worker is alive" in page) == (True, True)


def serve_dead_letter(running: RunningGateway) -> None:
    letter = jobs_pb2.DeadLetter(job_id=JOB_ID, user_id="alice", failed_at=at(1), attempts=5)
    running.suite.portfolio.answers["ListDeadLetters"] = lambda _: portfolio_pb2.ListDeadLettersResponse()
    running.suite.converter.answers["ListDeadLetters"] = lambda _: converter_pb2.ListDeadLettersResponse(
        dead_letters=[letter]
    )


async def test_dead_letters_are_listed_for_operators(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_dead_letter(running)
    page = (await browser.get("/dashboard/dead-letters")).text
    assert (f'href="{JOB}"' in page, "Nothing was given up" in page) == (True, True)
    assert "after 5 attempts" in re.sub(r"</?data[^>]*>", "", page)


async def test_a_dead_letter_is_run_again(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.converter.answers["ReplayJob"] = lambda _: make_job(generation=2)
    form = {"kind": "job", "user_id": "alice", "job_id": JOB_ID, "csrf_token": await read_token(browser)}
    answer = await browser.post("/dashboard/dead-letters/replay", data=form)
    request = running.suite.converter.last("ReplayJob").request
    assert (answer.status_code, request.user_id, request.job_id) == (303, "alice", JOB_ID)


async def test_the_list_is_searched_by_words_and_shows_how_long_things_took(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    serve_lists(running)
    jobs = [make_job(title="Other"), make_job(title="Broker statement", created_at=at(1), finished_at=at(3))]
    running.suite.converter.answers["ListJobs"] = lambda _: converter_pb2.ListJobsResponse(jobs=jobs)
    page = (await browser.get("/dashboard?search=broker&kind=training")).text
    assert ("Broker statement" in page, ">Other<" in page, "took 2 min 0 s" in page) == (True, False, True)
    assert "Show everything" in (await browser.get("/dashboard?search=nowhere")).text


@pytest.mark.parametrize("where", ["/dashboard", TASK])
async def test_a_failed_task_says_why_and_is_run_again_where_it_stands(
    running: RunningGateway, browser: httpx.AsyncClient, where: str
) -> None:
    failed = make_task(
        status=portfolio_pb2.TASK_STATUS_ERROR,
        message="1 of 2 section(s) completed",
        error=jobs_pb2.JobError(code="SECTIONS_FAILED", message="1 of 2 section(s) completed; income: no date"),
    )
    serve_lists(running)
    running.suite.portfolio.answers["ListTasks"] = lambda _: portfolio_pb2.ListTasksResponse(tasks=[failed])
    running.suite.portfolio.answers |= {"GetTask": lambda _: failed, "ReplayTask": lambda _: make_task(generation=2)}
    page = (await browser.get(where)).text
    assert "income: no date" in page
    (form,) = re.findall(r'<form method="post" action="(/dashboard/dead-letters/replay)">(.*?)</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    answer = await browser.post(form[0], data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, where)
    assert running.suite.portfolio.last("ReplayTask").request.task_id == TASK_ID


async def test_a_failed_job_is_run_again_from_its_page(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    failed = make_job(status=converter_pb2.JOB_STATUS_FAILED, error=jobs_pb2.JobError(code="X", message="why not"))
    serve_artifacts(running, {})
    running.suite.converter.answers["GetJob"] = lambda _: failed
    assert ("why not" in (page := (await browser.get(JOB)).text), page.count("dead-letters/replay")) == (True, 1)


async def test_only_operators_run_again_and_only_what_has_failed(running: RunningGateway) -> None:
    failed = make_task(status=portfolio_pb2.TASK_STATUS_ERROR)
    serve_lists(running)
    tasks = portfolio_pb2.ListTasksResponse(tasks=[failed, make_task()])
    running.suite.portfolio.answers["ListTasks"] = lambda _: tasks
    async with signed_in(running) as client:
        assert (await client.get("/dashboard")).text.count("dead-letters/replay") == 1
    async with signed_in(running, running.make_key(scopes=["portfolio"])) as client:
        assert "dead-letters/replay" not in (await client.get("/dashboard")).text


async def test_running_again_leads_to_no_other_site(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers["ReplayTask"] = lambda _: make_task(generation=2)
    form = {"kind": "task", "job_id": TASK_ID, "csrf_token": await read_token(browser), "next": "//evil.example"}
    answer = await browser.post("/dashboard/dead-letters/replay", data=form)
    assert answer.headers["location"] == "/dashboard"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_dead_letters_are_for_operators_alone(running: RunningGateway, method: str) -> None:
    key = running.make_key(scopes=["portfolio", "converter", "files"])
    path = "/dashboard/dead-letters" + ("/replay" if method == "POST" else "")
    async with signed_in(running, key) as client:
        page = await client.get("/dashboard/try")
        answer = await client.request(method, path)
    assert (answer.status_code, "/dashboard/dead-letters" in page.text) == (403, False)


async def test_a_page_that_is_not_there_keeps_the_menu(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    def refuse(_: Any) -> Any:
        raise NotFound("no such task")

    running.suite.portfolio.answers["GetTask"] = refuse
    for path in ("/dashboard/nothing/here", TASK):
        page = await browser.get(path)
        assert (page.status_code, 'aria-label="Main"' in page.text, "Sign out" in page.text) == (404, True, True)
    stranger = await running.rest.get("/dashboard/nothing")
    assert (stranger.status_code, "Sign out" in stranger.text) == (404, False)


async def test_figures_stand_on_the_page_exact_for_the_reader_to_write(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    task = finished_task()
    running.suite.portfolio.answers["GetTask"] = lambda _: task
    page = (await browser.get(TASK)).text
    facts = [fact for section in task.sections for fact in section.facts]
    assert facts
    for fact in facts:
        assert re.search(rf'<data class="number" value="{re.escape(fact.value)}"[^>]*>[^<]+</data>', page), fact.value


def hide_data(page: str) -> str:
    """A page's words without what scripts write as the reader does: numbers and times."""
    body = page[page.index("<main") :]
    return re.sub(r"<[^>]*>", " ", re.sub(r"<(data|time|meter|progress)\b.*?</\1>", "", body, flags=re.DOTALL))


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/workers"])
async def test_numbers_of_queues_are_left_to_the_readers_locale(
    running: RunningGateway, browser: httpx.AsyncClient, path: str
) -> None:
    fields = {field.name for field in jobs_pb2.Queue.DESCRIPTOR.fields}
    queue = jobs_pb2.Queue(**dict.fromkeys(fields, 12345))
    serve_lists(running)
    for service in (running.suite.portfolio, running.suite.converter):
        service.answers["GetQueue"] = lambda _: queue
    page = (await browser.get(path)).text
    assert ("12,345" in page, re.findall(r"12.?345", hide_data(page))) == (True, [])


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/dead-letters"])
async def test_an_empty_list_tells_the_next_step(
    running: RunningGateway, browser: httpx.AsyncClient, path: str
) -> None:
    serve_lists(running)
    running.suite.portfolio.answers |= {
        "ListTasks": lambda _: portfolio_pb2.ListTasksResponse(),
        "ListDeadLetters": lambda _: portfolio_pb2.ListDeadLettersResponse(),
    }
    running.suite.converter.answers |= {
        "ListJobs": lambda _: converter_pb2.ListJobsResponse(),
        "ListDeadLetters": lambda _: converter_pb2.ListDeadLettersResponse(),
    }
    empty = re.findall(r'class="empty">(.*?)</td>', (await browser.get(path)).text, re.DOTALL)
    assert empty
    assert all("<a href=" in words for words in empty)


async def test_a_path_that_is_none_keeps_the_menu_of_who_is_signed_in(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/dashboard/nowhere/at/all")
    assert (page.status_code, '<nav aria-label="Main">' in page.text, "Sign out" in page.text) == (404, True, True)
