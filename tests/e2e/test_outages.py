"""What is killed comes back, and every accepted job ends, once: workers, NATS, S3 and the gateway, killed at work."""

import asyncio
import json
from pathlib import Path

import httpx

from tests.e2e.test_conversions import encode, make_user, train, wait_until_over
from tests.support.eventually import eventually
from tests.support.launched_suite import TERMINAL, LaunchedSuite, restored

PAYLOAD = json.loads((Path(__file__).parents[2] / "examples" / "portfolio" / "review.json").read_text())
# Enough rows that a worker has something to do for a moment.
ROWS = 20_000
SLOW_INPUT = "quantity,price_per_unit,order_status\n" + "".join(
    f"{row % 50 + 1},{row % 40 + 1}.5,{('pending', 'shipped')[row % 2]}\n" for row in range(ROWS)
)
SLOW_EXPECTED = "total_price,order_status\n" + "".join(
    f"{(row % 50 + 1) * (row % 40 + 1.5)},{('Pending', 'Shipped')[row % 2]}\n" for row in range(ROWS)
)


async def submit(client: httpx.AsyncClient) -> httpx.Response:
    """Submits the three-section task."""
    return await client.post("/task/submit", json={"username": "ananya", "password": "", **PAYLOAD})


async def wait_for_task(client: httpx.AsyncClient, task_id: str, *, within_s: float = 300) -> str:
    """Waits for a task's end; returns its status."""

    async def look() -> str | None:
        answer = await client.get(f"/task/{task_id}/status")
        status = answer.json()["status"] if answer.status_code == 200 else None
        return status if status in TERMINAL else None

    return await eventually(look, within_s=within_s, every_s=0.1)


async def test_a_training_whose_worker_is_killed_ends_once_on_another(
    suite: LaunchedSuite, client: httpx.AsyncClient
) -> None:
    user = make_user()
    async with restored(suite, "converter-worker"):
        job_id = (await train(client, user, encode(SLOW_INPUT), encode(SLOW_EXPECTED))).json()["job_id"]

        async def is_in_hand() -> bool:
            return (await client.get(f"/api/v1/{user}/{job_id}")).json()["job_status"] not in {"pending", *TERMINAL}

        await eventually(is_in_hand, every_s=0.005)
        suite.kill("converter-worker")
        assert (await client.get(f"/api/v1/{user}/{job_id}")).json()["job_status"] not in TERMINAL

        suite.start("converter-worker")
        job = await wait_until_over(client, user, job_id, within_s=90)
    assert job["job_status"] == "completed", job
    await assert_one_terminal_event(suite, job_id)


async def test_tasks_accepted_while_nats_is_away_end_once_it_is_back(
    suite: LaunchedSuite, client: httpx.AsyncClient
) -> None:
    async with restored(suite, "nats"):
        before = [(await submit(client)).json()["task_id"] for _ in range(5)]
        suite.kill("nats")
        await eventually(lambda: says(suite, "portfolio", "nats", "NOT_SERVING"), every_s=0.1)
        assert await suite.health("portfolio") == "SERVING"
        # The record is what counts: a task whose message could not be published is accepted, and published later.
        answer = await submit(client)
        assert answer.status_code == 202, answer.text
        task_ids = [*before, answer.json()["task_id"]]

        suite.start("nats")
        statuses = await asyncio.gather(*(wait_for_task(client, task_id) for task_id in task_ids))
        await eventually(lambda: says(suite, "portfolio", "nats", "SERVING"), every_s=0.1)
    assert set(statuses) == {"completed"}
    for task_id in task_ids:
        await assert_one_terminal_event(suite, task_id)


async def test_while_s3_is_away_rest_says_503_and_health_names_it(
    suite: LaunchedSuite, client: httpx.AsyncClient
) -> None:
    async with restored(suite, "s3"):
        accepted = [(await submit(client)).json()["task_id"] for _ in range(5)]
        suite.kill("s3")
        await eventually(lambda: says(suite, "storage", "s3", "NOT_SERVING"), every_s=0.1)
        assert await suite.health("storage") == "SERVING"
        answer = await submit(client)
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert (await client.get("/health")).status_code == 503

        suite.start("s3")
        await eventually(lambda: says(suite, "storage", "s3", "SERVING"), within_s=300, every_s=0.1)
        statuses = await asyncio.gather(*(wait_for_task(client, task_id) for task_id in accepted))
    assert set(statuses) == {"completed"}
    for task_id in accepted:
        await assert_one_terminal_event(suite, task_id)


async def test_a_killed_gateway_loses_no_task(suite: LaunchedSuite, client: httpx.AsyncClient) -> None:
    async with restored(suite, "gateway"):
        task_id = (await submit(client)).json()["task_id"]
        suite.kill("gateway")
        suite.start("gateway")
        await suite.wait_healthy()
        async with suite.client() as anew:
            assert await wait_for_task(anew, task_id) == "completed"


async def test_services_come_back_in_any_order(suite: LaunchedSuite, client: httpx.AsyncClient) -> None:
    names = ("storage", "portfolio", "portfolio-worker")
    async with restored(suite, *names):
        task_id = (await submit(client)).json()["task_id"]
        for name in names:
            suite.kill(name)
        for name in reversed(names):
            suite.start(name)
        assert await wait_for_task(client, task_id) == "completed"
    await assert_one_terminal_event(suite, task_id)


async def says(suite: LaunchedSuite, name: str, dependency: str, status: str) -> bool:
    """Whether a process says so of its dependency now."""
    return await suite.health(name, dependency) == status


async def assert_one_terminal_event(suite: LaunchedSuite, job_id: str) -> None:
    """The event follows the record, so it may be a moment behind; a second one must not come."""
    await eventually(lambda: suite.count_terminal_events(job_id), within_s=300, every_s=0.2)
    assert await suite.count_terminal_events(job_id) == 1
