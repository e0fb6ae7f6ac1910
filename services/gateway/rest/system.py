"""What is open without a key: the way in, health, and liveness."""

from typing import Any

import grpc.aio
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response
from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2 as pb

from services.common.context import acting_as
from services.gateway.rest.bodies import json_answer
from services.gateway.rest.door import Door, TheDoor
from services.gateway.rest.examples import shown_as

APP_NAME = "wealth-suite"
APP_VERSION = "0.1.0"
_RETRY_AFTER = {"retry-after": "2"}
# Tasks and conversions go on without it.
_NOT_NEEDED = frozenset({"events"})

router = APIRouter(tags=["system"])


class Health(BaseModel):
    """How the suite stands."""

    model_config = shown_as(
        {
            "status": "ok",
            "app_name": APP_NAME,
            "version": APP_VERSION,
            "services": {
                "portfolio": {"status": "ok", "dependencies": {"clocks": "ok", "nats": "ok", "storage": "ok"}},
                "converter": {"status": "ok", "dependencies": {"clocks": "ok", "nats": "ok", "storage": "ok"}},
                "storage": {"status": "ok", "dependencies": {"clocks": "ok", "s3": "ok", "s3-writes": "ok"}},
            },
            "notices": [],
        }
    )

    status: str
    app_name: str
    version: str
    services: dict[str, Any]
    notices: list[str] = []


class Ping(BaseModel):
    """How the portfolio's workers stand, as the older task clients read it."""

    model_config = shown_as(
        {
            "status": "healthy",
            "workers": 8,
            "workers_started": True,
            "worker_processes": 1,
            "active_tasks": 0,
            "queue_size": 0,
            "total_tasks": 0,
            "storage": {"status": "healthy", "bucket": "wealth", "cache_size": None},
        }
    )

    status: str
    workers: int
    workers_started: bool
    worker_processes: int
    active_tasks: int
    queue_size: int
    total_tasks: int
    storage: dict[str, Any]


@router.get("/", include_in_schema=False)
async def redirect_to_docs() -> Response:
    """Sends browsers to the documentation."""
    return RedirectResponse("/docs")


@router.get(
    "/health",
    response_model=Health,
    responses={503: {"model": Health, "description": "A needed part is down"}},
    summary="Read the suite's health",
)
async def read_health(door: TheDoor) -> Response:
    """Asks every service. 503 where one that work needs is down, or storage has lost its bucket."""
    services = await door.backends.read_health()
    needed = [service for name, service in services.items() if name not in _NOT_NEEDED]
    down = any(service.status == "down" for service in needed) or services["storage"].status != "ok"
    degraded = any(service.status != "ok" for service in services.values())
    content = {
        "status": "down" if down else "degraded" if degraded else "ok",
        "app_name": APP_NAME,
        "version": APP_VERSION,
        "services": {
            name: {"status": service.status, "dependencies": dict(service.dependencies)}
            for name, service in services.items()
        },
        "notices": [*door.settings.notices(), *await door.backends.find_unattended()],
    }
    return json_answer(content, 503 if down else 200, _RETRY_AFTER if down else None)


@router.get(
    "/ping",
    response_model=Ping,
    responses={503: {"model": Ping, "description": "The portfolio service is down"}},
    summary="Read the task workers' state",
)
async def ping(door: TheDoor) -> Response:
    """Reads how many task workers there are and what waits for them.

    `total_tasks` counts the default tenant's tasks, ended ones too, up to 10,000. `cache_size` is null, as there is no
    cache.
    """
    storage = (await door.backends.read_health())["storage"]
    try:
        queue = await _read_queue(door)
    except grpc.aio.AioRpcError:
        queue = None
    content = {
        "status": "healthy" if queue else "unhealthy",
        "workers": queue.max_workers if queue else 0,
        "workers_started": bool(queue and queue.worker_processes),
        "worker_processes": queue.worker_processes if queue else 0,
        "active_tasks": queue.active_jobs if queue else 0,
        "queue_size": queue.queue_size if queue else 0,
        "total_tasks": queue.total_jobs if queue else 0,
        "storage": {
            "status": "healthy" if storage.status == "ok" else "unhealthy",
            "bucket": door.settings.s3_bucket_name,
            "cache_size": None,
        },
    }
    return json_answer(content, 200 if queue else 503, None if queue else _RETRY_AFTER)


@router.get("/livez", summary="Is the gateway alive?")
async def read_liveness() -> Response:
    """Answers as long as the process does."""
    return json_answer({"status": "ok"})


@router.get("/readyz", responses={503: {"description": "The gateway drains"}}, summary="Does the gateway take calls?")
async def read_readiness(door: TheDoor) -> Response:
    """Answers 503 once the process drains, so that no new calls are sent to it."""
    draining = door.closing.is_set()
    return json_answer({"status": "draining" if draining else "ok"}, 503 if draining else 200)


async def _read_queue(door: Door) -> jobs_pb2.Queue:
    """Reads the portfolio's queue as the gateway itself: this page is open."""
    with acting_as(door.backends.own_principal):
        return await door.backends.portfolio.GetQueue(pb.GetQueueRequest(count_all=True), timeout=2)
