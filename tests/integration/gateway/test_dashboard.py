"""The dashboard's door: behind a session, escaped, and from here alone."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from wealth.converter.v1 import converter_pb2
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.common.errors import NotFound
from tests.integration.gateway.dashboard_data import (
    HOSTILE,
    hostile_task,
    serve_inference,
    serve_lists,
    serve_training,
    signed_in,
)
from tests.integration.gateway.test_rest_converter import JOB_ID
from tests.integration.gateway.test_rest_portfolio import TASK_ID, make_task
from tests.support.gateway import RunningGateway


@pytest.fixture
async def stranger(running: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has not signed in."""
    async with httpx.AsyncClient(base_url=running.base_url, timeout=10) as client:
        yield client


TASK = f"/dashboard/tasks/{TASK_ID}"
JOB = f"/dashboard/jobs/alice/{JOB_ID}"
TRIAL = f"/dashboard/try/alice/{JOB_ID}"


@pytest.fixture
async def browser(running: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in browser without a key in its headers."""
    async with signed_in(running) as client:
        yield client


@pytest.mark.parametrize("path", ["/dashboard/tasks/t", "/dashboard/jobs/u/j/output", "/dashboard/try?a=b"])
async def test_without_a_session_pages_lead_to_the_sign_in_and_back(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    wanted = httpx.QueryParams({"next": path})
    assert (answer.status_code, httpx.URL(answer.headers["location"]).params) == (303, wanted)


async def test_the_sign_in_leads_to_the_page_that_was_wanted(
    running: RunningGateway, stranger: httpx.AsyncClient
) -> None:
    answer = await stranger.post("/dashboard/login", data={"key": running.key, "next": "/dashboard/try?a=b"})
    assert answer.headers["location"] == "/dashboard/try?a=b"


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/dashboard/\\evil", "/docs", "/dashboardx"]
)
async def test_the_sign_in_leads_nowhere_else(running: RunningGateway, stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.post("/dashboard/login", data={"key": running.key, "next": path})
    assert answer.headers["location"] == "/dashboard"


async def test_a_script_without_a_session_gets_a_problem(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/dashboard/try", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


async def test_a_wrong_key_opens_no_session(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/dashboard/login", data={"key": "wrong"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


async def test_the_session_cookie_is_out_of_scripts_and_other_sites_reach(
    running: RunningGateway, stranger: httpx.AsyncClient
) -> None:
    answer = await stranger.post("/dashboard/login", data={"key": running.key})
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/dashboard"} <= {part.strip() for part in cookie.split(";")}
    assert running.key.partition(".")[2] not in answer.headers["set-cookie"]


async def test_a_sign_in_from_another_site_is_refused(running: RunningGateway, stranger: httpx.AsyncClient) -> None:
    headers = {"origin": "https://evil.example"}
    answer = await stranger.post("/dashboard/login", data={"key": running.key}, headers=headers)
    assert answer.status_code == 403


async def test_a_revoked_key_ends_its_sessions(running: RunningGateway) -> None:
    serve_lists(running)
    key = running.make_key()
    async with signed_in(running, key) as client:
        before = (await client.get("/dashboard")).status_code
        running.revoke_key(key)
        after = await client.get("/dashboard")
    assert (before, after.status_code, after.headers["location"]) == (200, 303, "/dashboard/login")


async def test_a_session_without_the_scope_does_not_see_tasks(running: RunningGateway) -> None:
    async with signed_in(running, running.make_key(scopes=["converter"])) as client:
        assert (await client.get(TASK)).status_code == 403


async def test_a_session_does_not_open_the_api(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/tasks")).status_code == 401


@dataclass
class Markup(HTMLParser):
    """A page's elements: (tag, attributes)."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def values(self, *names: str) -> list[str]:
        """The values of these attributes, in order."""
        return [attributes[name] or "" for _, attributes in self.elements for name in names if name in attributes]


def parse(page: httpx.Response) -> Markup:
    assert page.status_code == 200
    markup = Markup()
    markup.feed(page.text)
    return markup


def serve_hostile_words(running: RunningGateway) -> None:
    """Lets the services answer a page's calls with hostile words wherever a client's words may stand."""
    serve_lists(running)
    letter = jobs_pb2.DeadLetter(
        job_id=HOSTILE, user_id=HOSTILE, error=jobs_pb2.JobError(code=HOSTILE, message=HOSTILE)
    )
    running.suite.portfolio.answers |= {
        "GetTask": lambda _: hostile_task(),
        # Escaped by the service that draws them.
        "GetTaskReport": lambda _: portfolio_pb2.TaskReport(
            charts=[portfolio_pb2.DrawnChart(section=HOSTILE, title=HOSTILE, svg="<svg></svg>")]
        ),
        "ListDeadLetters": lambda _: portfolio_pb2.ListDeadLettersResponse(dead_letters=[letter]),
    }
    running.suite.converter.answers["ListDeadLetters"] = lambda _: converter_pb2.ListDeadLettersResponse()
    serve_training(running)


PAGES = [
    "/dashboard",
    f"/dashboard?user={HOSTILE}",
    TASK,
    JOB,
    f"{JOB}/teach",
    TRIAL,
    "/dashboard/try",
    "/dashboard/analyse",
    "/dashboard/workers",
    "/dashboard/dead-letters",
    f"/dashboard/dead-letters?replayed={HOSTILE}",
    "/dashboard/login",
]


def bear_hostile_words(markup: Markup) -> list[str]:
    """What of a page came to be markup though a client wrote it."""
    return [
        f"{tag} {name}"
        for tag, attributes in markup.elements
        for name in attributes
        if name.startswith("on") or name == "style" or (tag, attributes.get("src")) == ("img", "x")
    ] + [tag for tag, attributes in markup.elements if tag == "style" or (tag == "script" and "src" not in attributes)]


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_that_clients_wrote_is_markup(
    running: RunningGateway, browser: httpx.AsyncClient, path: str
) -> None:
    serve_hostile_words(running)
    assert bear_hostile_words(parse(await browser.get(path))) == []


@pytest.mark.parametrize("path", [JOB, f"{JOB}/review", f"{TRIAL}/{JOB_ID}"])
async def test_nothing_of_a_converted_file_is_markup(
    running: RunningGateway, browser: httpx.AsyncClient, path: str
) -> None:
    serve_inference(running)
    page = await browser.get(path)
    assert ("&lt;script&gt;" in page.text, bear_hostile_words(parse(page))) == (True, [])


@pytest.mark.parametrize("path", PAGES)
async def test_pages_load_nothing_from_elsewhere(
    running: RunningGateway, browser: httpx.AsyncClient, path: str
) -> None:
    serve_hostile_words(running)
    page = await browser.get(path)
    sources = parse(page).values("src", "href", "action", "data-events", "data-feed")
    assert [source for source in sources if not source.startswith(("/", "#")) or source.startswith("//")] == []
    policy = page.headers["content-security-policy"]
    assert ("default-src 'none'" in policy, "unsafe" in policy) == (True, False)


@pytest.mark.parametrize("path", PAGES)
async def test_pages_can_be_found_through_without_eyes(
    running: RunningGateway, browser: httpx.AsyncClient, path: str
) -> None:
    serve_hostile_words(running)
    assert_structure(parse(await browser.get(path)))


async def test_a_review_can_be_found_through_without_eyes(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_inference(running)
    assert_structure(parse(await browser.get(f"{JOB}/review")))


def assert_structure(markup: Markup) -> None:
    """One main part and heading, a name for each field, a scope for each heading of a table, each id once."""
    tags = [tag for tag, _ in markup.elements]
    assert (tags.count("main"), tags.count("h1"), markup.values("lang")) == (1, 1, ["en"])
    labelled = set(markup.values("for"))
    fields = [
        attributes
        for tag, attributes in markup.elements
        if tag in {"input", "select", "textarea"} and attributes.get("type") != "hidden"
    ]
    unnamed = [a for a in fields if a.get("id") not in labelled and not a.get("aria-label")]
    assert unnamed == []
    assert all("scope" in attributes for tag, attributes in markup.elements if tag == "th")
    ids = markup.values("id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("asset", ["dashboard.css", "dashboard.js", "icon.svg", "sample-trades-september.csv"])
async def test_assets_are_served_without_a_session(stranger: httpx.AsyncClient, asset: str) -> None:
    assert (await stranger.get(f"/dashboard/assets/{asset}")).status_code == 200


async def test_scripts_import_assets_that_are_there(stranger: httpx.AsyncClient) -> None:
    script = (await stranger.get("/dashboard/assets/dashboard.js")).text
    answers = [await stranger.get(f"/dashboard/assets/{name}") for name in re.findall(r'from "\./(\S+)";', script)]
    assert {answer.status_code for answer in answers} == {200}


async def test_an_unchanged_asset_is_not_sent_again(stranger: httpx.AsyncClient) -> None:
    tag = (await stranger.get("/dashboard/assets/dashboard.css")).headers["etag"]
    answer = await stranger.get("/dashboard/assets/dashboard.css", headers={"if-none-match": tag})
    assert answer.status_code == 304


@pytest.mark.parametrize("name", ["pages.py", "..%2Fpages.py", "nothing.css"])
async def test_nothing_else_is_an_asset(stranger: httpx.AsyncClient, name: str) -> None:
    assert (await stranger.get(f"/dashboard/assets/{name}")).status_code == 404


async def test_a_missing_task_is_a_page_too(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    def refuse(_: Any) -> None:
        raise NotFound(f"no such task {HOSTILE}")

    running.suite.portfolio.answers["GetTask"] = refuse
    page = await browser.get("/dashboard/tasks/nope")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert HOSTILE not in page.text


async def test_an_address_that_is_none_is_a_page_too(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    page = await browser.get("/dashboard?kind=nonsense")
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "path",
    [
        f"{TASK}/cancel",
        f"{JOB}/cancel",
        "/dashboard/try",
        TRIAL,
        "/dashboard/analyse",
        "/dashboard/dead-letters/replay",
    ],
)
async def test_forms_take_the_sessions_token(running: RunningGateway, browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.post(path, data={"csrf_token": "0" * 64, "input": "file_id:1", "expected": "file_id:2"})
    assert (answer.status_code, running.suite.portfolio.seen, running.suite.converter.seen) == (403, [], [])


async def test_cancelling_from_the_page_works(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    running.suite.portfolio.answers |= {"GetTask": lambda _: make_task(), "CancelTask": lambda _: make_task()}
    page = await browser.get(TASK)
    token = re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)[0]
    answer = await browser.post(f"{TASK}/cancel", data={"csrf_token": token})
    assert (answer.status_code, running.suite.portfolio.count("CancelTask")) == (303, 1)


async def test_a_copied_cookie_is_dead_after_the_sign_out(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    serve_lists(running)
    page = await browser.get("/dashboard")
    copy = dict(browser.cookies)
    async with httpx.AsyncClient(base_url=running.base_url, cookies=copy, timeout=10) as thief:
        before = (await thief.get("/dashboard")).status_code
        token = re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)[0]
        await browser.post("/dashboard/logout", data={"csrf_token": token})
        after = await thief.get("/dashboard")
    assert (before, after.status_code, after.headers["location"]) == (200, 303, "/dashboard/login")
