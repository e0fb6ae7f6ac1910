"""What operators do with jobs that were given up."""

from __future__ import annotations

import base64
import os
import random
import signal
from pathlib import Path

import httpx
import pytest

from tests.browser.conftest import Desk, Launched
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, list_family

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def make_hard_example() -> dict[str, str]:
    """A training that keeps a worker busy for as long as learning may take: nothing in the output is computable."""
    chance = random.Random(7)
    rows = [[f"{chance.random():.9f}" for _ in range(6)] for _ in range(150)]
    files = {
        "input_file": "\n".join(["a,b,c,d,e,f", *(",".join(row) for row in rows)]),
        "expected_output_file": "\n".join(["x,y,z", *(f"{chance.random():.9f},q{n},r{n * n}" for n in range(150))]),
    }
    inline = {name: base64.b64encode(f"{text}\n".encode()).decode() for name, text in files.items()}
    return {"user_id": "anna", "owner": "Anna Meier", "job_title": "Hard nut", **inline}


async def wait_until_status(client: httpx.AsyncClient, path: str, *statuses: str) -> None:
    async def stands_so() -> bool:
        return (await client.get(path)).json()["status"] in statuses

    await eventually(stands_so, within_s=60, every_s=0.1)


def crash_engines(suite: LaunchedSuite) -> None:
    """Has what learns and converts crash by itself: that counts against the job, unlike its worker's death."""
    for pid in list_family([suite.pid("converter-worker")]):
        if b"engine_process" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGSEGV)


async def test_a_job_that_was_given_up_is_run_again(desk: Desk, launched: Launched) -> None:
    suite, page = launched.suite, desk.page
    async with suite.client() as client:
        job_id = (await client.post("/api/v1/train", json=make_hard_example())).json()["job_id"]
        path = f"/api/v1/anna/{job_id}"
        await wait_until_status(client, path, "processing")
        crash_engines(suite)
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
        assert (await client.get(path)).json()["generation"] == 2
        await desk.open(f"/dashboard/jobs/anna/{job_id}")
        await page.get_by_role("button", name="Cancel").click()
        await wait_until_status(client, path, "cancelled")
    await page.locator(".badge").filter(has_text="cancelled").first.wait_for()


async def test_dead_letters_are_not_for_everybody(desk: Desk, launched: Launched) -> None:
    await desk.sign_in(launched.user_key)
    assert await desk.page.get_by_role("link", name="Dead letters").count() == 0
