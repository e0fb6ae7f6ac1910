"""A conversion's review and a training's teaching, from pages to calls of the converter."""

import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from wealth.converter.v1 import converter_pb2 as pb

from services.common.errors import InvalidInput, NotFound, PreconditionFailed
from tests.integration.gateway.dashboard_data import HOSTILE, signed_in
from tests.integration.gateway.test_rest_converter import (
    JOB_ID,
    TRAINED_ID,
    finished_inference,
    make_job,
    serve_artifacts,
)
from tests.support.gateway import RunningGateway

REVIEW = f"/dashboard/jobs/alice/{JOB_ID}/review"
TEACH = f"/dashboard/jobs/alice/{TRAINED_ID}/teach"
OUTPUT = b"when;action\r\n1;BUY\r\n3;\r\n"
DIALECT = {"delimiter": ";", "has_header": True}
REPORT = {
    "rows_in": 3,
    "rows_out": 2,
    "on_unseen": "keep",
    "flags": [
        {
            "column": "type",
            "severity": "unseen",
            "words": "not seen",
            "rows": 1,
            "output_columns": ["action"],
            "first": [{"row": 3, "value": "Sparplan", "output_row": 2}],
        },
        {
            "column": "",
            "severity": "note",
            "words": "kept otherwise",
            "rows": 1,
            "output_columns": [],
            "first": [{"row": 2, "value": "Steuer", "output_row": None}],
        },
    ],
}
NOTED = {
    "columns": ["when", "action"],
    "input_columns": ["day", "type"],
    "dialect": DIALECT,
    "traceable": True,
    "rows": [
        {"row": 1, "cells": ["1", "Kauf"], "output_rows": [1]},
        {"row": 2, "cells": ["2", "Steuer"], "output_rows": []},
        {"row": 3, "cells": ["3", "Sparplan"], "output_rows": [2]},
    ],
}
TRAINING = {
    "status": "completed",
    "input": {"columns": ["day", "type"]},
    "columns": [{"name": "when"}, {"name": "action"}],
    "questions": [
        {
            "id": "q1",
            "kind": "a new value",
            "row": {"file": "march", "number": 2, "cells": ["8", "Sparplan"]},
            "column": "action",
            "candidates": [
                {"value": "", "words": "so far"},
                {"value": "BUY", "words": "as others"},
                {"value": "", "words": "none of these is right", "says": "none"},
                {"value": "", "words": "I do not know", "says": "unknown"},
            ],
            "default": "",
            "share": 0.4,
            "decides": 3,
        },
        {"id": "q2", "kind": "which rows", "row": {}, "column": "", "candidates": [{"value": "keep"}], "default": ""},
    ],
    "lessons": [{"source": {"file": "input", "row": 3}, "output": {"action": "PLAN"}}],
    "regression": {
        "untaught": 1,
        "files": [
            {
                "file": "march",
                "rows": 3,
                "changed": 1,
                "untaught": 1,
                "first": [{"before": ["8", ""], "after": ["8", "PLAN"], "taught": False}],
            }
        ],
    },
}


@pytest.fixture
async def browser(running: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser without a key in its headers."""
    async with signed_in(running) as client:
        yield client


def serve(running: RunningGateway, training: pb.Job | None = None, **fields: Any) -> None:
    """A conversion with three rows of which one is flagged, and the training behind it."""
    inference = finished_inference(**fields)
    trained = training or make_job(
        job_id=TRAINED_ID, status=pb.JOB_STATUS_COMPLETED, generation=2, serving_generation=1, lessons=1, questions=1
    )

    def get(request: pb.GetJobRequest) -> pb.Job:
        return trained if request.job_id == TRAINED_ID else inference

    versions = [
        pb.Version(generation=2, lessons=1, changed_rows=1, serving=trained.serving_generation == 2),
        pb.Version(generation=1, serving=trained.serving_generation == 1),
    ]
    running.suite.converter.answers |= {
        "GetJob": get,
        "ListVersions": lambda _: pb.ListVersionsResponse(versions=versions),
        "TeachTraining": lambda _: trained,
        "RollbackTraining": lambda _: trained,
    }
    serve_artifacts(
        running,
        {
            (JOB_ID, pb.ARTIFACT_REPORT): json.dumps(REPORT).encode(),
            (JOB_ID, pb.ARTIFACT_REVIEW): json.dumps(NOTED).encode(),
            (JOB_ID, pb.ARTIFACT_OUTPUT): OUTPUT,
            (TRAINED_ID, pb.ARTIFACT_REPORT): json.dumps(TRAINING).encode(),
        },
    )


class Fields(HTMLParser):
    """The fields of a page's forms as a browser without scripts would send them, by the form's address."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}
        self._select = ""
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.forms.setdefault(given["action"], {})
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self._form[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and (self._select not in self._form or "selected" in given):
            self._form[self._select] = given["value"]


async def send(browser: httpx.AsyncClient, path: str, page: httpx.Response, **fields: str) -> httpx.Response:
    """Sends the form of a page as it stands, with some fields otherwise."""
    form = Fields(page).forms[path] | {
        name.replace("_", "-") if name[-1].isdigit() else name: v for name, v in fields.items()
    }
    return await browser.post(path, data=form)


def corrections(running: RunningGateway) -> list[tuple[str, int, str, str, bool]]:
    request = running.suite.converter.last("TeachTraining").request
    return [(c.file, c.row, c.column, c.value, c.drop) for c in request.corrections]


async def test_a_flagged_cell_stands_in_the_file_with_the_inputs_row_beside(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    serve(running)
    page = (await browser.get(REVIEW)).text
    assert re.findall(r'<td class="(\w+) written"><div class="edit"><label[^>]*for="value-3-1">', page) == ["wrong"]
    assert "<dt>type</dt><dd>Sparplan</dd>" in page
    assert "Row 3 of the input" in page


async def test_what_is_sent_as_it_stood_teaches_nothing(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    answer = await send(browser, REVIEW, await browser.get(REVIEW), learn="yes")
    assert (answer.status_code, running.suite.converter.count("TeachTraining")) == (422, 0)
    assert "Nothing was decided yet" in answer.text


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"value_3_1": "PLAN"}, (JOB_ID, 3, "action", "PLAN", False)),
        ({"ok_3_1": "yes"}, (JOB_ID, 3, "action", "", False)),
        ({"row_3": "drop"}, (JOB_ID, 3, "", "", True)),
        ({"row_2": "keep"}, (JOB_ID, 2, "", "", False)),
    ],
    ids=["corrected", "accepted", "dropped", "brought_back"],
)
async def test_a_decision_is_taught(
    running: RunningGateway, browser: httpx.AsyncClient, fields: dict[str, str], expected: tuple[Any, ...]
) -> None:
    serve(running)
    answer = await send(browser, REVIEW, await browser.get(REVIEW), learn="yes", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{TEACH}?of={JOB_ID}")
    assert corrections(running) == [expected]
    assert running.suite.converter.last("TeachTraining").request.job_id == TRAINED_ID


async def test_lessons_are_taught_as_those_for_whom_the_key_acts(running: RunningGateway) -> None:
    serve(running)
    async with signed_in(running, running.make_key(users=["alice"])) as client:
        await send(client, REVIEW, await client.get(REVIEW), learn="yes", value_3_1="PLAN")
    principal = running.suite.converter.last("TeachTraining").principal
    assert principal is not None
    assert (principal.may_act_for("alice"), principal.may_act_for("bob")) == (True, False)


async def test_decisions_that_are_sent_twice_are_one_call(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    page = await browser.get(REVIEW)
    keys = set()
    for value in ("PLAN", "PLAN", "OTHER"):
        await send(browser, REVIEW, page, learn="yes", value_3_1=value)
        keys.add(running.suite.converter.last("TeachTraining").request.request_id)
    assert (len(keys), "" in keys) == (2, False)


async def test_a_new_program_may_be_told_to_wait(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    await send(browser, REVIEW, await browser.get(REVIEW), learn="yes", value_3_1="PLAN", promote="ask")
    assert running.suite.converter.last("TeachTraining").request.promote == pb.PROMOTE_ASK


async def test_what_the_service_refuses_is_said_at_its_cell_and_nothing_written_is_lost(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    def refuse(_: Any) -> None:
        raise InvalidInput("no such file of this training", field="corrections[0].file")

    serve(running)
    running.suite.converter.answers["TeachTraining"] = refuse
    answer = await send(browser, REVIEW, await browser.get(REVIEW), learn="yes", value_3_1="PLAN")
    assert answer.status_code == 422
    assert 'id="value-3-1-fault">no such file of this training' in answer.text
    assert Fields(answer).forms[REVIEW]["value-3-1"] == "PLAN"


async def test_a_training_that_runs_keeps_what_was_decided(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    def refuse(_: Any) -> None:
        raise PreconditionFailed("the training has not ended", reason="JOB_NOT_TERMINAL")

    serve(running)
    running.suite.converter.answers["TeachTraining"] = refuse
    answer = await send(browser, REVIEW, await browser.get(REVIEW), learn="yes", ok_3_1="yes")
    assert (answer.status_code, "the training has not ended" in answer.text) == (409, True)
    assert Fields(answer).forms[REVIEW]["ok-3-1"] == "yes"


async def test_a_row_is_opened_without_losing_decisions(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    answer = await send(browser, REVIEW, await browser.get(REVIEW), open="1", value_3_1="PLAN")
    form = Fields(answer).forms[REVIEW]
    assert (form["value-1-1"], form["value-3-1"], answer.status_code) == ("BUY", "PLAN", 200)
    answer = await send(browser, REVIEW, answer, learn="yes", value_1_1="SELL")
    assert corrections(running) == [(JOB_ID, 1, "action", "SELL", False), (JOB_ID, 3, "action", "PLAN", False)]


async def test_all_rows_are_shown_when_they_are_asked_for(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    answer = await send(browser, REVIEW, await browser.get(REVIEW), **{"to-show": "all"})
    assert 'value="all" aria-current="true"' in answer.text


@pytest.mark.parametrize(
    "form", [{"page": "x"}, {"show": "x"}, {"promote": "x"}, {"open": "-1"}], ids=["page", "show", "promote", "row"]
)
async def test_a_form_that_no_page_of_ours_sent_is_refused(
    running: RunningGateway, browser: httpx.AsyncClient, form: dict[str, str]
) -> None:
    serve(running)
    answer = await browser.post(REVIEW, data=Fields(await browser.get(REVIEW)).forms[REVIEW] | form)
    assert (answer.status_code, running.suite.converter.count("TeachTraining")) == (422, 0)


async def test_a_conversion_that_has_not_ended_says_so(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running, status=pb.JOB_STATUS_PROCESSING)
    page = await browser.get(REVIEW)
    assert (page.status_code, "has not ended yet" in page.text) == (200, True)
    assert f'data-events="{REVIEW.removesuffix("/review")}/events"' in page.text


async def test_a_conversion_from_before_there_were_reviews_says_what_to_do(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    serve(running)
    serve_artifacts(running, {(JOB_ID, pb.ARTIFACT_OUTPUT): OUTPUT})
    page = await browser.get(REVIEW)
    assert (page.status_code, "Convert it again" in page.text) == (200, True)


@pytest.mark.parametrize("path", [REVIEW, TEACH])
async def test_anothers_job_has_no_page(running: RunningGateway, browser: httpx.AsyncClient, path: str) -> None:
    def refuse(_: Any) -> None:
        raise NotFound("no such job")

    serve(running)
    running.suite.converter.answers["GetJob"] = refuse
    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize(
    "path", [REVIEW, TEACH, TEACH.replace("/teach", "/rollback"), REVIEW.replace("/review", "/again")]
)
async def test_forms_take_the_sessions_token(running: RunningGateway, browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.post(path, data={"csrf_token": "0" * 64, "learn": "yes", "row-2": "drop"})
    assert (answer.status_code, running.suite.converter.seen) == (403, [])


async def test_a_session_without_the_scope_teaches_nothing(running: RunningGateway) -> None:
    serve(running)
    async with signed_in(running, running.make_key(scopes=["portfolio"])) as client:
        answers = [await client.get(REVIEW), await client.post(TEACH, data={})]
    assert ([answer.status_code for answer in answers], running.suite.converter.seen) == ([403, 403], [])


async def test_the_other_page_of_a_job_is_found(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    of_training = await browser.get(TEACH.replace("/teach", "/review"))
    of_conversion = await browser.get(REVIEW.replace("/review", "/teach"))
    assert (of_training.headers["location"], of_conversion.headers["location"]) == (TEACH, REVIEW)


async def test_a_training_shows_what_is_open_what_was_taught_and_what_changes(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    serve(running)
    page = (await browser.get(TEACH)).text
    for words in (
        "action: What should become of this value?",
        "settles about 40 %",
        "</data> cells of the sample files",
        "None of these is right",
        "I do not know",
        "<summary>1 more is open so far</summary>",
        "<dt>type</dt><dd>Sparplan</dd>",
        "<strong>Row 3 of the example</strong>",
        "<del>(empty)</del>",
        "<ins>PLAN</ins>",
        "</data> row that nobody decided on changes, too",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"candidate": "1"}, {"candidate": 1}),
        ({"candidate": "3"}, {"candidate": 3}),
        ({"say": "yes", "value": "PLAN"}, {"value": "PLAN"}),
        ({"say": "yes"}, {"value": ""}),
    ],
    ids=["picked", "not_known", "written", "written_as_empty"],
)
async def test_an_answer_is_taught(
    running: RunningGateway, browser: httpx.AsyncClient, fields: dict[str, str], said: dict[str, Any]
) -> None:
    serve(running)
    answer = await send(browser, TEACH, await browser.get(TEACH), question="q1", **fields)
    request = running.suite.converter.last("TeachTraining").request
    assert (answer.status_code, list(request.answers)) == (303, [pb.Answer(question_id="q1", **said)])


async def test_after_an_answer_the_next_question_is_led_to(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    answer = await send(browser, TEACH, await browser.get(TEACH), candidate="1")
    assert answer.headers["location"] == f"{TEACH}#asked"


async def test_a_review_says_how_many_questions_are_open(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    assert "Questions and lessons (1 open)" in (await browser.get(REVIEW)).text


@pytest.mark.parametrize("change", [{"generation": 3}, {"serving_generation": 2}], ids=["taught", "rolled_back"])
async def test_an_answer_to_questions_that_changed_meanwhile_is_refused(
    running: RunningGateway, browser: httpx.AsyncClient, change: dict[str, int]
) -> None:
    stood: dict[str, Any] = {"generation": 2, "serving_generation": 1, "status": pb.JOB_STATUS_COMPLETED}
    serve(running)
    page = await browser.get(TEACH)
    serve(running, make_job(job_id=TRAINED_ID, **stood | change))
    answer = await send(browser, TEACH, page, candidate="1")
    assert (answer.status_code, running.suite.converter.count("TeachTraining")) == (409, 0)


async def test_a_waiting_program_is_put_in_service(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    path = TEACH.replace("/teach", "/rollback")
    answer = await send(browser, path, await browser.get(f"{TEACH}?of={JOB_ID}"), generation="2")
    request = running.suite.converter.last("RollbackTraining").request
    assert (answer.headers["location"], request.generation) == (f"{TEACH}?of={JOB_ID}", 2)


async def test_a_refused_lesson_is_said_with_its_reason(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    failed = make_job(job_id=TRAINED_ID, status=pb.JOB_STATUS_FAILED, generation=2, serving_generation=1)
    failed.error.code, failed.error.message = "LESSON_CONTRADICTORY", "row 1 says Buy, row 2 says Sell"
    serve(running, failed)
    page = (await browser.get(f"{TEACH}?of={JOB_ID}")).text
    assert ("row 1 says Buy, row 2 says Sell" in page, "Back to the review" in page) == (True, True)


async def test_a_training_that_learns_is_followed(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running, make_job(job_id=TRAINED_ID, status=pb.JOB_STATUS_PROCESSING, generation=2, serving_generation=1))
    page = (await browser.get(TEACH)).text
    events = f"/dashboard/jobs/alice/{TRAINED_ID}/events"
    assert (f'data-events="{events}"' in page, "Open questions" in page) == (True, False)


async def test_an_uploaded_file_is_converted_again(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running, input_file="file_id:1")
    running.suite.converter.answers["CreateInference"] = lambda _: make_job(job_id="new", mode=pb.JOB_MODE_INFERENCE)
    path = REVIEW.replace("/review", "/again")
    answer = await send(browser, path, await browser.get(f"{TEACH}?of={JOB_ID}"))
    request = running.suite.converter.last("CreateInference").request
    assert answer.headers["location"] == "/dashboard/jobs/alice/new/review"
    assert (request.input_file, request.trained_job_id, request.on_unseen) == (
        "file_id:1",
        TRAINED_ID,
        pb.ON_UNSEEN_KEEP,
    )


async def test_a_file_that_came_with_its_request_is_not_offered_again(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    serve(running, input_file="inline")
    assert "Convert the file again" not in (await browser.get(f"{TEACH}?of={JOB_ID}")).text


async def test_a_conversion_of_another_training_is_not_led_back_to(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    serve(running, trained_job_id="22222222-6f0e-4a7e-9b44-0d2f6f6b8a11")
    assert "Back to the review" not in (await browser.get(f"{TEACH}?of={JOB_ID}")).text


async def test_hostile_cells_stay_text_in_fields_too(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve(running)
    quoted = HOSTILE.replace('"', '""')
    noted = {**NOTED, "columns": ["when", HOSTILE], "rows": [{"row": 1, "cells": [HOSTILE] * 3, "output_rows": [1]}]}
    flag = {"column": HOSTILE, "severity": "unseen", "words": HOSTILE, "output_columns": [HOSTILE]}
    report = {"rows_out": 1, "flags": [{**flag, "first": [{"row": 1, "value": HOSTILE, "output_row": 1}]}]}
    serve_artifacts(
        running,
        {
            (JOB_ID, pb.ARTIFACT_REPORT): json.dumps(report).encode(),
            (JOB_ID, pb.ARTIFACT_REVIEW): json.dumps(noted).encode(),
            (JOB_ID, pb.ARTIFACT_OUTPUT): f'when;x\n1;"{quoted}"\n'.encode(),
        },
    )
    page = await browser.get(REVIEW)
    assert Fields(page).forms[REVIEW]["value-1-1"] == HOSTILE
    assert "<script>alert" not in page.text
