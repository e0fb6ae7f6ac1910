"""A sign-out counts at every gateway, and after a restart: two gateways of one deployment before one storage."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from wealth.portfolio.v1 import portfolio_pb2 as pb

from services.common.errors import Denied, Unavailable
from services.common.identity import service_principal
from services.gateway.dashboard.sessions import COOKIE
from services.gateway.settings import GatewaySettings
from services.storage.settings import StorageSettings
from tests.integration.gateway.dashboard_data import serve_lists, signed_in
from tests.support.gateway import RunningGateway, run_gateway

TASK_ID = "task_20260102030405_0a1b2c3d"
MARKS = "tombstones/gateway/"


def deny(_: Any) -> Any:
    raise Denied("gateway may not call this method", reason="METHOD_NOT_ALLOWED")


def be_away(_: Any) -> Any:
    raise Unavailable("S3 does not answer")


async def token_of(browser: httpx.AsyncClient) -> str:
    page = await browser.get("/dashboard")
    return re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)[0]


async def sign_out(browser: httpx.AsyncClient) -> httpx.Response:
    return await browser.post("/dashboard/logout", data={"csrf_token": await token_of(browser)})


@pytest.fixture
async def gateways(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[RunningGateway, RunningGateway]]:
    """Two gateways of one deployment: one secret, one file of keys, one storage."""
    key = Ed25519PrivateKey.generate()
    async with (
        run_gateway(tmp_path_factory.mktemp("first"), identity_key=key) as first,
        run_gateway(
            tmp_path_factory.mktemp("second"),
            identity_key=key,
            gateway_keys_file=first.keys_file,
            storage_target=first.suite.targets["storage"],
            gateway_heartbeat_s=0.05,
        ) as second,
    ):
        serve_lists(first)
        serve_lists(second)
        yield first, second


async def test_a_copied_cookie_is_dead_at_every_gateway_after_the_sign_out_at_one(
    gateways: tuple[RunningGateway, RunningGateway],
) -> None:
    first, second = gateways
    async with signed_in(first) as browser:
        copy = dict(browser.cookies)
        async with httpx.AsyncClient(base_url=second.base_url, cookies=copy, timeout=10) as thief:
            before = await thief.get("/dashboard")
            left = await sign_out(browser)
            after = await thief.get("/dashboard")
            looked = first.suite.storage.count("GetRecord")
            again = await thief.get("/dashboard")
    assert (before.status_code, left.status_code, after.status_code, again.status_code) == (200, 303, 303, 303)
    assert (left.headers["location"], after.headers["location"]) == ("/dashboard/login", "/dashboard/login")
    assert first.suite.storage.count("GetRecord") == looked  # a dead cookie asks storage once, not at each call


async def test_a_mark_names_neither_cookie_nor_key(own_gateway: RunningGateway) -> None:
    serve_lists(own_gateway)
    async with signed_in(own_gateway) as browser:
        cookie = browser.cookies[COOKIE]
        await sign_out(browser)
    (record,) = own_gateway.suite.records.values()
    assert record.key.startswith(MARKS)
    secrets = [part for part in (*cookie.split("."), *own_gateway.key.split(".")) if len(part) > 10]
    assert secrets
    assert not [part for part in secrets if part in str(record)]
    assert own_gateway.suite.storage.last("CreateRecord").principal == service_principal("default", "gateway")


async def test_a_stream_that_is_open_at_another_gateway_ends_with_the_sign_out(
    gateways: tuple[RunningGateway, RunningGateway],
) -> None:
    first, second = gateways

    async def endless() -> AsyncIterator[pb.TaskEvent]:
        yield pb.TaskEvent(event_id="1", revision=1, resumable=True)
        await asyncio.Event().wait()

    second.suite.portfolio.answers |= {"GetTask": lambda _: pb.Task(task_id=TASK_ID), "WatchTask": lambda _: endless()}
    async with signed_in(first) as browser:
        thief = httpx.AsyncClient(base_url=second.base_url, cookies=dict(browser.cookies), timeout=30)
        async with thief, thief.stream("GET", f"/dashboard/tasks/{TASK_ID}/events") as answer:
            lines = answer.aiter_lines()
            await anext(lines)
            await sign_out(browser)
            async for _ in lines:  # to its end, which the client's time-out bounds
                pass


async def test_while_storage_is_away_no_page_is_shown_and_no_sign_out_is_claimed(own_gateway: RunningGateway) -> None:
    serve_lists(own_gateway)
    async with signed_in(own_gateway) as browser:
        token = await token_of(browser)
        usual = dict(own_gateway.suite.storage.answers)
        own_gateway.suite.storage.answers["GetRecord"] = be_away
        unseen = await browser.get("/dashboard")
        own_gateway.suite.storage.answers |= {**usual, "CreateRecord": be_away}
        unwritten = await browser.post("/dashboard/logout", data={"csrf_token": token})
        still = await browser.get("/dashboard")
        own_gateway.suite.storage.answers |= usual
        left = await browser.post("/dashboard/logout", data={"csrf_token": token})
    assert (unseen.status_code, unwritten.status_code, still.status_code, left.status_code) == (503, 503, 200, 303)
    assert "SESSION_NOT_CHECKED" in unseen.text
    assert "You are not signed out yet" in unwritten.text
    assert "set-cookie" not in unwritten.headers


async def test_an_older_storage_that_takes_no_marks_is_said_and_hides_no_page(own_gateway: RunningGateway) -> None:
    serve_lists(own_gateway)
    own_gateway.suite.storage.answers |= {"GetRecord": deny, "CreateRecord": deny}
    async with signed_in(own_gateway) as browser:
        shown = await browser.get("/dashboard")
        copy = dict(browser.cookies)
        left = await sign_out(browser)
    async with httpx.AsyncClient(base_url=own_gateway.base_url, cookies=copy, timeout=10) as thief:
        after = await thief.get("/dashboard")
    assert (shown.status_code, left.status_code, after.status_code) == (200, 200, 303)
    assert "a copy of your cookie" in left.text
    assert 'wealth_session=""' in left.headers["set-cookie"]


def test_a_mark_outlives_every_session() -> None:
    days = {rule.prefix: rule.days for rule in StorageSettings(storage_tombstone_days=1).expiry_rules()}
    with pytest.raises(ValidationError, match="gateway_session_s"):
        GatewaySettings(gateway_session_s=days["tombstones/"] * 86_400 + 1)
