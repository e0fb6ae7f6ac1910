"""What the converter made is analysed by the portfolio without the caller touching it, and only for who may read it."""

import uuid
from typing import Any

import httpx

from tests.e2e.test_conversions import encode, make_user, train, wait_until_over
from tests.e2e.test_outages import wait_for_task
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite

EXPORT = "Scrip;Qty;LTP;Kind\nInfosys;100;1500.50;EQ\nHDFC Bank;200;1600.00;EQ\nGold ETF;500;101.25;ETF\n"
HOLDINGS = (
    "name,quantity,price,asset_class\nInfosys,100,1500.50,Equity\nHDFC Bank,200,1600.00,Equity\n"
    "Gold ETF,500,101.25,Gold\n"
)
NEXT_EXPORT = "Scrip;Qty;LTP;Kind\nITC;1000;400.00;EQ\nInfosys;50;1500.00;EQ\nSilver ETF;1000;100.00;ETF\n"
WORTH = "575000"


async def convert(client: httpx.AsyncClient, user: str) -> str:
    """Learns the export's form and converts the next one; the inference's id."""
    trained = (await train(client, user, encode(EXPORT), encode(HOLDINGS))).json()["job_id"]
    assert (await wait_until_over(client, user, trained))["job_status"] == "completed"
    answer = await client.post(
        "/api/v1/inference/run", json={"user_id": user, "job_id": trained, "input_file": encode(NEXT_EXPORT)}
    )
    job_id = str(answer.json()["job_id"])
    assert (await wait_until_over(client, user, job_id))["job_status"] == "completed"
    return job_id


async def submit(client: httpx.AsyncClient, user: str, reference: dict[str, str]) -> httpx.Response:
    """Submits a task of one payload that names a converter job."""
    body = {"username": user, "password": "", "data": [{"converter_output": reference, "Currency": "INR"}]}
    return await client.post("/task/submit", json=body)


async def read_result(client: httpx.AsyncClient, task_id: str) -> dict[str, Any]:
    """A finished task's holdings."""
    await wait_for_task(client, task_id)
    section: dict[str, Any] = (await client.get(f"/task/{task_id}/result")).json()["data"]["holdings"]
    return section


async def test_a_converters_output_is_analysed_as_holdings(client: httpx.AsyncClient) -> None:
    user = make_user()
    job_id = await convert(client, user)
    accepted = await submit(client, user, {"user_id": user, "job_id": job_id})
    section = await read_result(client, accepted.json()["task_id"])
    values = {fact["id"]: fact["value"] for fact in section["facts"]}
    assert (section["status"], values["market_value"], values["count"]) == ("completed", WORTH, "3")
    assert section["grounding"]["unsupported"] == []


async def test_a_job_that_is_not_there_is_that_sections_error(client: httpx.AsyncClient) -> None:
    user = make_user()
    accepted = await submit(client, user, {"user_id": user, "job_id": str(uuid.uuid4())})
    section = await read_result(client, accepted.json()["task_id"])
    assert (section["status"], section["error_code"]) == ("error", "CONVERTER_OUTPUT_NOT_FOUND")


async def test_an_output_of_another_user_is_refused_by_its_field(
    suite: LaunchedSuite, client: httpx.AsyncClient
) -> None:
    owner, other = make_user(), make_user()
    job_id = await convert(client, owner)
    async with suite.client(suite.make_key(users=(other,))) as stranger:

        async def is_known() -> bool:
            return (await stranger.get("/tasks")).status_code == 200

        await eventually(is_known, every_s=0.1)
        answer = await submit(stranger, other, {"user_id": owner, "job_id": job_id})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "data.0.converter_output"
