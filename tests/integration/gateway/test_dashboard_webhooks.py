"""The dashboard's pages of webhooks: what they show, what their forms do, and who may see them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from wealth.events.v1 import events_pb2 as pb

from services.common.errors import InvalidInput
from tests.integration.gateway.dashboard_data import HOSTILE, signed_in
from tests.integration.gateway.test_dashboard import assert_structure, bear_hostile_words, parse
from tests.integration.gateway.test_rest_webhooks import EVENT, WEBHOOK, WEBHOOK_ID
from tests.support.gateway import RunningGateway

LIST = "/dashboard/webhooks"
ONE = f"{LIST}/{WEBHOOK_ID}"


@pytest.fixture
async def browser(running: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with signed_in(running) as client:
        yield client


def letter(number: int, words: str = "the receiver answered with status 500") -> pb.Undelivered:
    return pb.Undelivered(
        number=number,
        event=EVENT,
        error_code="ANSWERED_500",
        error=words,
        failed_at=Timestamp(seconds=1_767_400_000 + number),
    )


def serve(running: RunningGateway, *webhooks: pb.Webhook, letters: int = 0, more: str = "", words: str = "") -> None:
    undelivered = [letter(n + 1, words or f"failure {n + 1}") for n in range(letters)]
    running.suite.events.answers |= {
        "ListWebhooks": lambda _: pb.ListWebhooksResponse(webhooks=webhooks),
        "GetWebhook": lambda _: webhooks[0],
        "ListUndelivered": lambda _: pb.ListUndeliveredResponse(undelivered=undelivered, next_page_token=more),
        "CreateWebhook": lambda _: pb.CreateWebhookResponse(webhook=WEBHOOK, secret="whsec_shown"),
        "RotateWebhookSecret": lambda _: pb.RotateWebhookSecretResponse(webhook=WEBHOOK, secret="whsec_shown"),
        "EnableWebhook": lambda _: WEBHOOK,
        "DisableWebhook": lambda _: WEBHOOK,
        "DeleteWebhook": lambda _: pb.DeleteWebhookResponse(),
        "ReplayUndelivered": lambda _: pb.ReplayUndeliveredResponse(),
    }


async def send(browser: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    page = await browser.get(LIST)
    token = re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)[0]
    return await browser.post(path, data={"csrf_token": token, **fields})


async def test_the_list_shows_states_and_the_last_failure(running: RunningGateway, browser: httpx.AsyncClient) -> None:
    off = pb.Webhook(
        webhook_id="wh_2", url="https://b.example.com/", state=pb.WEBHOOK_STATE_DISABLED, state_reason="gone"
    )
    serve(running, WEBHOOK, off, letters=2)
    page = await browser.get(LIST)
    assert all(words in page.text for words in (WEBHOOK.url, "enabled", "disabled", "gone", "failure 2"))
    assert "failure 1" not in page.text


async def test_more_failures_than_are_counted_are_not_called_the_last(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    serve(running, WEBHOOK, letters=2, more="t")
    page = await browser.get(LIST)
    assert ("more than" in page.text, "failure 1" in page.text, "failure 2" in page.text) == (True, True, False)


@pytest.mark.parametrize("path", [LIST, ONE])
async def test_empty_pages_tell_the_next_step(running: RunningGateway, browser: httpx.AsyncClient, path: str) -> None:
    serve(running, *([WEBHOOK] if path == ONE else []))
    empty = re.findall(r'class="empty">(.*?)</td>', (await browser.get(path)).text, re.DOTALL)
    assert len(empty) == 1
    assert "<a href=" in empty[0]


async def test_a_webhook_is_added_and_its_secret_shown_once(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    serve(running, WEBHOOK)
    made = await send(browser, LIST, url=" https://hooks.example.com/x ", description="CRM", request_id="r")
    asked = running.suite.events.last("CreateWebhook").request
    assert (asked.url, asked.description, asked.request_id) == ("https://hooks.example.com/x", "CRM", "r")
    assert "whsec_shown" in made.text
    assert "whsec_" not in (await browser.get(ONE)).text


async def test_a_refused_address_is_said_above_the_form_filled_as_it_was(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    def refuse(_: Any) -> pb.CreateWebhookResponse:
        raise InvalidInput("the address is not https", reason="WEBHOOK_URL_INVALID", field="url")

    serve(running)
    running.suite.events.answers["CreateWebhook"] = refuse
    page = await send(browser, LIST, url="http://x.example.com", description="CRM")
    assert page.status_code == 422
    assert all(words in page.text for words in ("The address is not https.", 'value="http://x.example.com"', "CRM"))


@pytest.mark.parametrize(
    ("fields", "method", "leads_to"),
    [
        ({"action": "enable"}, "EnableWebhook", f"{ONE}?done=enabled"),
        ({"action": "disable"}, "DisableWebhook", f"{ONE}?done=disabled"),
        ({"action": "delete"}, "DeleteWebhook", f"{LIST}?deleted={WEBHOOK_ID}"),
        ({"action": "replay", "number": "3"}, "ReplayUndelivered", f"{ONE}?done=replayed"),
        ({"action": "rotate"}, "RotateWebhookSecret", ""),
    ],
)
async def test_a_button_does_what_it_says(
    running: RunningGateway, browser: httpx.AsyncClient, fields: dict[str, str], method: str, leads_to: str
) -> None:
    serve(running, WEBHOOK, letters=1)
    answer = await send(browser, ONE, **fields)
    asked = running.suite.events.last(method).request
    assert (asked.webhook_id, answer.headers.get("location", "")) == (WEBHOOK_ID, leads_to)
    if leads_to:
        assert (await browser.get(leads_to)).text.count('role="status"') == 2  # the note, and the announcer


@pytest.mark.parametrize(
    "fields", [{}, {"action": "x"}, *({"action": "replay", "number": n} for n in ("", "0", "x", "9" * 11, "²"))]
)
async def test_a_form_that_names_nothing_changes_nothing(
    running: RunningGateway, browser: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    serve(running, WEBHOOK)
    assert (await send(browser, ONE, **fields)).status_code == 422
    assert {call.method for call in running.suite.events.seen} == {"ListWebhooks", "ListUndelivered"}


async def test_a_form_without_the_sessions_token_changes_nothing(
    running: RunningGateway, browser: httpx.AsyncClient
) -> None:
    assert (await browser.post(ONE, data={"action": "delete"})).status_code == 403
    assert running.suite.events.seen == []


@pytest.mark.parametrize("path", [LIST, ONE])
async def test_a_key_without_the_scope_sees_no_webhooks(running: RunningGateway, path: str) -> None:
    async with signed_in(running, running.make_key(scopes=["portfolio", "admin"])) as other:
        assert (await other.get(path)).status_code == 403
        assert "/dashboard/webhooks" not in (await other.get("/dashboard/workers")).text
    assert running.suite.events.seen == []


@pytest.mark.parametrize("path", [LIST, ONE])
async def test_what_others_wrote_is_no_markup(running: RunningGateway, browser: httpx.AsyncClient, path: str) -> None:
    hostile = pb.Webhook(
        webhook_id=HOSTILE, url=HOSTILE, description=HOSTILE, state_reason=HOSTILE, users=[HOSTILE], services=[HOSTILE]
    )
    serve(running, hostile, letters=2, words=HOSTILE)
    markup = parse(await browser.get(path))
    assert bear_hostile_words(markup) == []
    assert_structure(markup)
