"""What operators do with jobs: those that were given up, and those that shall not go on."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.browser.conftest import Desk, Launched
from tests.e2e.test_conversions import ORDERS, SHIPMENTS, encode, make_user, train, wait_until_over
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, list_family

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def list_engines(suite: LaunchedSuite) -> list[int]:
    """The processes that learn and convert."""
    family = list_family([suite.pid("converter-worker")])
    return [pid for pid in family if b"engine_process" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@contextlib.asynccontextmanager
async def job_that_stands_still(client: httpx.AsyncClient, suite: LaunchedSuite) -> AsyncIterator[tuple[str, str]]:
    """A training's user and id: it is in hand, and goes on when this ends."""
    user = make_user()
    # One that is done leaves an engine that waits for the next.
    before = (await train(client, user, encode(ORDERS), encode(SHIPMENTS))).json()
    await wait_until_over(client, user, before["job_id"])
    engines = list_engines(suite)
    for pid in engines:
        os.kill(pid, signal.SIGSTOP)
    try:
        job_id = (await train(client, user, encode(ORDERS), encode(SHIPMENTS))).json()["job_id"]
        await wait_until_status(client, f"/api/v1/{user}/{job_id}", "processing")
        yield user, job_id
    finally:
        for pid in engines:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


async def wait_until_status(client: httpx.AsyncClient, path: str, *statuses: str) -> None:
    async def stands_so() -> bool:
        return (await client.get(path)).json()["status"] in statuses

    await eventually(stands_so, within_s=60, every_s=0.1)


async def test_a_job_that_was_given_up_is_run_again(desk: Desk, launched: Launched) -> None:
    suite, page = launched.suite, desk.page
    async with suite.client() as client:
        async with job_that_stands_still(client, suite) as (user, job_id):
            # A crash of its engine counts against the job, unlike its worker's death; it has one attempt here.
            for pid in list_engines(suite):
                os.kill(pid, signal.SIGSEGV)
        path = f"/api/v1/{user}/{job_id}"
        await wait_until_status(client, path, "failed")
        await desk.sign_in(launched.operator_key, "/dashboard/dead-letters")
        row = page.get_by_role("row").filter(has_text=job_id)

        async def is_listed() -> bool:  # the letter may be written after the status
            await desk.open("/dashboard/dead-letters")
            return await row.count() > 0

        await eventually(is_listed, within_s=60, every_s=0.5)
        assert "the process that ran the job died" in await row.inner_text()
        await desk.photograph("dead-letters-one")
        await row.get_by_role("button", name="Run again").click()
        await page.get_by_text("was put back in its queue").wait_for()
        done = await wait_until_over(client, user, job_id)
        assert (done["generation"], done["status"]) == (2, "completed")


async def test_a_job_that_shall_not_go_on_is_cancelled(desk: Desk, launched: Launched) -> None:
    suite, page = launched.suite, desk.page
    async with suite.client() as client, job_that_stands_still(client, suite) as (user, job_id):
        await desk.sign_in(launched.operator_key, f"/dashboard/jobs/{user}/{job_id}")
        await page.get_by_role("button", name="Cancel").click()
        await wait_until_status(client, f"/api/v1/{user}/{job_id}", "cancelled")
    await page.locator(".badge").filter(has_text="cancelled").first.wait_for()


async def test_dead_letters_are_not_for_everybody(desk: Desk, launched: Launched) -> None:
    await desk.sign_in(launched.user_key)
    assert await desk.page.get_by_role("link", name="Dead letters").count() == 0
