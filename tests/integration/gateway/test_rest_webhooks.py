"""Webhooks and the tenant's stream at the door: scopes, what is passed on, and the shapes of answers."""

import json

import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from wealth.events.v1 import events_pb2 as pb

from services.client.rest import AsyncClient
from services.gateway.rest.webhooks import NewWebhook, UndeliveredPage, WebhookList
from tests.support.gateway import RunningGateway

WEBHOOK_ID = "wh_0123456789abcdef"
PATH = f"/api/v1/webhooks/{WEBHOOK_ID}"
WEBHOOK = pb.Webhook(
    webhook_id=WEBHOOK_ID,
    url="https://hooks.example.com/x",
    state=pb.WEBHOOK_STATE_ENABLED,
    users=["*"],
    services=["portfolio"],
    created_at=Timestamp(seconds=1_767_323_045),
)
EVENT = pb.Event(
    id="task_1:1:5", type="wealth.portfolio.v1.task.completed", subject="task_1", json='{"id":"task_1:1:5","data":{}}'
)
CALLS = [
    ("POST", "/api/v1/webhooks"),
    ("GET", "/api/v1/webhooks"),
    ("GET", PATH),
    ("POST", f"{PATH}/rotate"),
    ("POST", f"{PATH}/enable"),
    ("POST", f"{PATH}/disable"),
    ("DELETE", PATH),
    ("GET", f"{PATH}/undelivered"),
    ("POST", f"{PATH}/undelivered/3/replay"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_a_key_without_the_scope_is_refused(running: RunningGateway, method: str, path: str) -> None:
    key = running.make_key(scopes=["portfolio", "converter", "files", "admin"])
    async with httpx.AsyncClient(base_url=running.base_url, headers={"x-api-key": key}) as client:
        answer = await client.request(method, path, json={"url": "https://x.example.com"} if method == "POST" else None)
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_MISSING")
    assert running.suite.events.seen == []


async def test_a_registration_shows_the_secret_and_what_is_read_does_not(running: RunningGateway) -> None:
    running.suite.events.answers |= {
        "CreateWebhook": lambda _: pb.CreateWebhookResponse(webhook=WEBHOOK, secret="whsec_x"),
        "ListWebhooks": lambda _: pb.ListWebhooksResponse(webhooks=[WEBHOOK]),
    }
    body = {"url": "https://hooks.example.com/x", "description": "CRM"}
    answer = await running.rest.post("/api/v1/webhooks", json=body, headers={"idempotency-key": "k"})
    made = NewWebhook.model_validate(answer.json())
    asked = running.suite.events.last("CreateWebhook").request
    assert (answer.status_code, answer.headers["location"], made.secret) == (201, PATH, "whsec_x")
    assert (asked.url, asked.description, asked.request_id) == (body["url"], "CRM", "k")
    listed = await running.rest.get("/api/v1/webhooks")
    assert WebhookList.model_validate(listed.json()).webhooks[0].status == "enabled"
    assert "secret" not in listed.json()["webhooks"][0]


@pytest.mark.parametrize("body", [{}, {"url": ""}, {"url": 5}, {"url": "https://x", "descripton": "x"}])
async def test_a_registration_that_is_not_as_described_is_refused(running: RunningGateway, body: object) -> None:
    answer = await running.rest.post("/api/v1/webhooks", json=body)
    assert answer.status_code == 422
    assert running.suite.events.seen == []


async def test_what_could_not_be_delivered_is_listed_and_replayed(running: RunningGateway) -> None:
    letter = pb.Undelivered(number=3, event=EVENT, error_code="ANSWERED_500", failed_at=Timestamp(seconds=1))
    running.suite.events.answers |= {
        "ListUndelivered": lambda _: pb.ListUndeliveredResponse(undelivered=[letter], next_page_token="n"),
        "ReplayUndelivered": lambda _: pb.ReplayUndeliveredResponse(),
    }
    page = UndeliveredPage.model_validate((await running.rest.get(f"{PATH}/undelivered?limit=1")).json())
    assert (page.undelivered[0].event["id"], page.next_page_token) == ("task_1:1:5", "n")
    assert (await running.rest.post(f"{PATH}/undelivered/3/replay")).status_code == 202
    asked = running.suite.events.last("ReplayUndelivered").request
    assert (asked.webhook_id, asked.number) == (WEBHOOK_ID, 3)


async def test_a_webhooks_path_is_no_job_of_a_client_called_webhooks(running: RunningGateway) -> None:
    running.suite.events.answers["GetWebhook"] = lambda _: WEBHOOK
    assert (await running.rest.get(PATH)).json()["webhook_id"] == WEBHOOK_ID
    assert running.suite.converter.seen == []


async def test_the_stream_is_told_as_events_whose_id_resumes_it(running: RunningGateway) -> None:
    asked: list[str] = []

    def watch(request: pb.WatchEventsRequest) -> list[pb.WatchEventsResponse]:
        asked.append(request.after)
        return [
            pb.WatchEventsResponse(position="7-1"),
            pb.WatchEventsResponse(position="7-4", missed=True),
            pb.WatchEventsResponse(position="7-5", event=EVENT),
        ]

    running.suite.events.answers["WatchEvents"] = watch
    answer = await running.rest.get("/api/v1/events", params={"after": "7-0"})
    blocks = [block for block in answer.text.split("\n\n") if block and not block.startswith(("retry", ":"))]
    assert blocks[0] == "id: 7-1"
    assert blocks[1].startswith("id: 7-4\nevent: missed\n")
    assert blocks[2].startswith("id: 7-5\nevent: task\n")
    assert json.loads(blocks[2].partition("data: ")[2])["id"] == "task_1:1:5"
    await running.rest.get("/api/v1/events", params={"after": "7-0"}, headers={"last-event-id": "7-5"})
    assert asked == ["7-0", "7-5"]
    assert (await running.rest.get("/api/v1/events", params={"after": "x"})).status_code == 422


async def test_the_client_follows_the_stream_over_its_breaks(running: RunningGateway) -> None:
    asked: list[str] = []

    def watch(request: pb.WatchEventsRequest) -> list[pb.WatchEventsResponse]:
        asked.append(request.after)
        number = len(asked)
        return [
            pb.WatchEventsResponse(position=f"7-{number}0"),
            pb.WatchEventsResponse(position=f"7-{number}5", event=EVENT),
        ]

    running.suite.events.answers["WatchEvents"] = watch
    async with AsyncClient(running.base_url, running.key) as client:
        seen = []
        async for news in client.watch_events(after="7-3", timeout_s=60):
            seen.append((news.position, news.kind, news.event["id"]))
            if len(seen) == 3:
                break
    assert seen == [(f"7-{number}5", "task", "task_1:1:5") for number in (1, 2, 3)]
    assert asked == ["7-3", "7-15", "7-25"]


async def test_health_is_degraded_and_no_more_where_nobody_is_told(running: RunningGateway) -> None:
    await running.suite.stop_service("events")
    try:
        answer = await running.rest.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    finally:
        await running.suite.start_service("events")
