"""Clients who submit jobs whatever happens, and remember what they were promised."""

import asyncio
import base64
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.chaos.campaign.schedule import Ending, JobKind, PlannedJob
from tests.support.eventually import eventually

_TASK = json.loads((Path(__file__).parents[3] / "examples" / "portfolio" / "review.json").read_text())
ORDERS = "quantity,price_per_unit,order_status\n10,2.5,pending\n5,10.0,shipped\n1,100.0,pending\n"
SHIPMENTS = (
    "total_price,order_status,shipping_category\n25.0,Pending,Standard\n50.0,Shipped,Express\n100.0,Pending,Standard\n"
)
NEW_ORDERS = "quantity,price_per_unit,order_status\n4,2.5,shipped\n7,3.0,pending\n2,12.25,shipped\n"
NEW_SHIPMENTS = (
    "total_price,order_status,shipping_category\n10.0,Shipped,Express\n21.0,Pending,Standard\n24.5,Shipped,Express\n"
)
USERS = 10
_RETRY_S = 1.0
_GIVE_UP_AFTER_S = 240.0
_TIMEOUT_S = 30.0
_LOOKS_EVERY_S = 2.0


@dataclass
class Promise:
    """A job that was accepted. ``cancelled`` and ``deleted``: its client was told that it is."""

    planned: PlannedJob
    user: str
    job_id: str
    cancelled: bool = False
    deleted: bool = False
    asked_to_end: bool = False


@dataclass
class Promises:
    """All that clients were told. ``refused`` are jobs for which no client got a yes; ``answers`` counts what was
    answered instead of it, by status or error; ``broken`` are ids that one idempotency key was given twice."""

    kept: list[Promise] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


class Load:
    """Submits the planned jobs to REST, each under a key of its own that repeats it safely."""

    def __init__(self, rest: str, api_key: str, seed: int) -> None:
        self._client = httpx.AsyncClient(
            base_url=rest, headers={"X-API-KEY": api_key}, timeout=_TIMEOUT_S, trust_env=False
        )
        self._seed = seed
        self._programs: dict[str, str] = {}
        self.promises = Promises()

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def prepare(self) -> None:
        """Trains a conversion for each user, which later inferences use. Before the faults."""
        for number in range(USERS):
            user = self._user(number)
            answer = await self._client.post("/api/v1/train", json=_training(user, "prepared"))
            answer.raise_for_status()
            self._programs[user] = answer.json()["job_id"]
        for user, job_id in self._programs.items():
            await eventually(lambda u=user, j=job_id: self._is_trained(u, j), within_s=300, every_s=0.2)  # type: ignore[misc]

    async def _is_trained(self, user: str, job_id: str) -> bool:
        return (await self._read(f"/api/v1/{user}/{job_id}")).get("job_status") == "completed"

    async def run(self, jobs: Sequence[PlannedJob]) -> None:
        """Submits each at its time, and returns once all were accepted or given up."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                await asyncio.sleep(max(0.0, begun + job.at_s - loop.time()))
                group.create_task(self._go_through(job))

    async def look_on(self, stop: asyncio.Event) -> None:
        """Reads lists and jobs all the while, as pages do."""
        dice = random.Random(f"looks {self._seed}")
        while not stop.is_set():
            user = self._user(dice.randrange(USERS))
            await self._read(
                dice.choice(("/tasks", f"/api/v1/users/{user}/jobs", f"/api/v1/{user}/{self._programs[user]}"))
            )
            try:
                await asyncio.wait_for(stop.wait(), _LOOKS_EVERY_S)
            except TimeoutError:
                continue

    async def _go_through(self, job: PlannedJob) -> None:
        promise = await self._submit(job)
        if promise is None:
            self.promises.refused.append(job.number)
            return
        self.promises.kept.append(promise)
        if job.ending is Ending.WAIT:
            return
        await asyncio.sleep(job.ends_after_s)
        promise.asked_to_end = True
        if job.ending is Ending.CANCEL:
            promise.cancelled = await self._cancel(promise)
        else:
            promise.deleted = await self._delete(promise)

    async def _submit(self, job: PlannedJob) -> Promise | None:
        user = self._user(job.number)
        path, body = self._request(job, user)
        headers = {"Idempotency-Key": f"campaign-{self._seed}-{job.number}"}
        answer = await self._insist("POST", path, {202}, headers=headers, json=body)
        if answer is None:
            return None
        document = answer.json()
        return Promise(job, user, str(document.get("task_id") or document["job_id"]))

    def _request(self, job: PlannedJob, user: str) -> tuple[str, Mapping[str, Any]]:
        if job.kind is JobKind.TASK:
            return "/task/submit", {"username": user, "password": "", **_TASK}
        if job.kind is JobKind.TRAINING:
            return "/api/v1/train", _training(user, f"job {job.number}")
        body = {"user_id": user, "job_id": self._programs[user], "input_file": _encode(NEW_ORDERS)}
        return "/api/v1/inference/run", body

    async def _cancel(self, promise: Promise) -> bool:
        if promise.planned.kind is JobKind.TASK:
            path = f"/task/{promise.job_id}/cancel"
        else:
            path = f"/api/v1/{promise.user}/{promise.job_id}/cancel"
        answer = await self._insist("POST", path, {202, 409})
        return answer is not None and answer.status_code == 202

    async def _delete(self, promise: Promise) -> bool:
        if promise.planned.kind is JobKind.TASK:
            path = f"/task/{promise.job_id}"
        else:
            path = f"/api/v1/delete/job/{promise.user}/{promise.job_id}"
        # 404 to a repetition: the first was done and its answer lost.
        return await self._insist("DELETE", path, {204, 404}) is not None

    async def _insist(self, method: str, path: str, wanted: set[int], **options: Any) -> httpx.Response | None:
        """Asks until it is answered as wanted; None where that never came."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _GIVE_UP_AFTER_S
        while loop.time() < deadline:
            try:
                answer = await self._client.request(method, path, **options)
            except httpx.HTTPError as error:
                self.promises.answers[type(error).__name__] += 1
            else:
                if answer.status_code in wanted:
                    return answer
                self._note(answer)
            await asyncio.sleep(_RETRY_S)
        return None

    async def _read(self, path: str) -> Mapping[str, Any]:
        try:
            answer = await self._client.get(path)
        except httpx.HTTPError as error:
            self.promises.answers[type(error).__name__] += 1
            return {}
        if answer.status_code != 200:
            self._note(answer)
            return {}
        document = answer.json()
        return document if isinstance(document, dict) else {}

    def _note(self, answer: httpx.Response) -> None:
        try:
            code = answer.json().get("code", "")
        except ValueError:
            code = ""
        self.promises.answers[f"{answer.status_code} {code}".strip()] += 1

    def _user(self, number: int) -> str:
        return f"user-{self._seed}-{number % USERS}"


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _training(user: str, title: str) -> Mapping[str, Any]:
    return {
        "user_id": user,
        "owner": user,
        "job_title": title,
        "input_file": _encode(ORDERS),
        "expected_output_file": _encode(SHIPMENTS),
    }
