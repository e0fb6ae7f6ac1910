"""A launched suite and a real browser before it; screenshots go to ``artifacts/browser``.

Run by ``make test-browser``, which installs Playwright. The browser is Debian's chromium, or ``CHROMIUM=/path``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from services.gateway.keys import add_key, create_key
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, launched_suite

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

PICTURES = Path(__file__).parents[2] / "artifacts" / "browser"
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 375, "height": 780}
_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without these chromium looks for hosts of its own at every start.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_WAIT_MS = 20_000
# One attempt, so that a job under which an engine crashes is given up at once.
_SETTINGS = {"JOBS_MAX_ATTEMPTS": "1"}


@dataclass(frozen=True, slots=True)
class Launched:
    """The suite under test, how long its launch took, and an operator's key."""

    suite: LaunchedSuite
    launch_s: float
    operator_key: str
    user_key: str


@dataclass
class Desk:
    """A browser's window, and what went wrong in it."""

    page: Page
    base_url: str
    faults: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Goes to one of the suite's pages."""
        await self.page.goto(self.base_url + path)

    async def sign_in(self, key: str, path: str = "/dashboard") -> None:
        """Signs in on the way to a page."""
        await self.open(path)
        await self.page.get_by_label("API key").fill(key)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.wait_for_url(self.base_url + path)

    async def photograph(self, name: str, *, whole: bool = True) -> None:
        """Keeps a picture of the page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)


def find_chromium() -> str | None:
    """Where the browser is; None where there is none."""
    return os.environ.get("CHROMIUM") or next((path for path in map(shutil.which, _NAMES) if path), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path. Skips, and says so, where it or Playwright is missing."""
    pytest.importorskip("playwright.async_api", reason="Playwright is missing: run `make test-browser`")
    path = find_chromium()
    if path is None:
        pytest.skip("NO BROWSER WAS TESTED: chromium is missing (apt-get install chromium, or CHROMIUM=/path)")
    return path


@pytest.fixture(scope="session")
def launched(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """The whole suite, launched as `make run` does."""
    began_s = time.monotonic()
    with launched_suite(tmp_path_factory.mktemp("suite"), _SETTINGS) as suite:
        launch_s = time.monotonic() - began_s
        environment = suite.document["env"]["gateway"]
        keys = []
        for scopes in (("portfolio", "converter", "files", "webhooks", "admin"), ("portfolio", "converter", "files")):
            created = create_key(environment["GATEWAY_KEY_SECRET"], tenant="default", scopes=scopes)
            add_key(Path(environment["GATEWAY_KEYS_FILE"]), created)
            keys.append(created.text)
        yield Launched(suite, launch_s, *keys)


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser for all tests; each has a context of its own."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        yield browser
        await browser.close()


@asynccontextmanager
async def open_desk(browser: Browser, launched: Launched, **options: Any) -> AsyncIterator[Desk]:
    """A new window. Script errors, refused resources and dialogs are faults, which the test ends with none of."""
    context: BrowserContext = await browser.new_context(**{"viewport": DESKTOP, **options})
    context.set_default_timeout(_WAIT_MS)
    try:
        desk = Desk(await context.new_page(), launched.suite.rest)

        def note_message(message: Any) -> None:
            if message.type == "error":
                desk.faults.append(message.text)

        def note_dialog(dialog: Any) -> None:
            desk.faults.append(f"a dialog: {dialog.message}")
            tasks.append(asyncio.ensure_future(dialog.dismiss()))

        tasks: list[asyncio.Future[None]] = []
        desk.page.on("console", note_message)
        desk.page.on("pageerror", lambda error: desk.faults.append(str(error)))
        desk.page.on("dialog", note_dialog)
        yield desk
        assert desk.faults == []
    finally:
        await context.close()


@pytest.fixture
async def desk(browser: Browser, launched: Launched) -> AsyncIterator[Desk]:
    """A window at a desk."""
    async with open_desk(browser, launched) as desk:
        yield desk


@pytest.fixture(scope="session")
async def paths(launched: Launched) -> dict[str, str]:
    """Pages by name, with finished work on them."""
    async with launched.suite.client() as client:
        return await make_work(client)


async def make_work(client: Any) -> dict[str, str]:
    """Has a task, a training and a conversion done over REST; returns all pages by name."""
    examples = Path(__file__).parents[2] / "examples"
    inline = {path.stem: base64.b64encode(path.read_bytes()).decode() for path in (examples / "broker").iterdir()}
    review = json.loads((examples / "portfolio" / "review.json").read_text())
    task = (await client.post("/task/submit", json={**review, "username": "anna", "password": ""})).json()["task_id"]
    training = await client.post(
        "/api/v1/train",
        json={
            "user_id": "anna",
            "owner": "Anna Meier",
            "job_title": "Broker statement to holdings",
            "input_file": inline["statement-2026-09"],
            "expected_output_file": inline["holdings-2026-09"],
        },
    )
    trained = f"/api/v1/anna/{training.json()['job_id']}"

    async def is_done(path: str) -> bool:
        return (await client.get(path)).json()["status"] in {"completed", "failed", "error"}

    await eventually(lambda: is_done(trained), within_s=60, every_s=0.2)
    body = {"user_id": "anna", "job_id": training.json()["job_id"], "input_file": inline["statement-2026-10"]}
    inference = (await client.post("/api/v1/inference/run?wait=30", json=body)).json()["job_id"]
    await eventually(lambda: is_done(f"/task/{task}/status"), within_s=30, every_s=0.2)
    webhook = (await client.post("/api/v1/webhooks", json={"url": "https://hooks.example.com/wealth"})).json()
    job_id = training.json()["job_id"]
    return {
        "activity": "/dashboard",
        "try": "/dashboard/try",
        "analyse": "/dashboard/analyse",
        "workers": "/dashboard/workers",
        "dead-letters": "/dashboard/dead-letters",
        "webhooks": "/dashboard/webhooks",
        "webhook": f"/dashboard/webhooks/{webhook['webhook_id']}",
        "task": f"/dashboard/tasks/{task}",
        "training": f"/dashboard/jobs/anna/{job_id}",
        "conversion": f"/dashboard/jobs/anna/{inference}",
        "review": f"/dashboard/jobs/anna/{inference}/review",
        "teach": f"/dashboard/jobs/anna/{job_id}/teach?of={inference}",
        "try-learned": f"/dashboard/try/anna/{job_id}",
        "try-converted": f"/dashboard/try/anna/{job_id}/{inference}",
    }
