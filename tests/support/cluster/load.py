"""Clients that ask all the time, over REST and gRPC, none of them trying anything twice; what failed is kept."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc.aio
import httpx
from wealth.converter.v1 import converter_pb2, converter_pb2_grpc
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc
from wealth.storage.v1 import storage_pb2, storage_pb2_grpc

from tests.e2e.test_conversions import ORDERS, SHIPMENTS, encode, make_user, train
from tests.support.launched_suite import TERMINAL

_TASK = json.loads((Path(__file__).parents[3] / "examples" / "portfolio" / "review.json").read_text())


@dataclass
class Record:
    """What clients asked, what failed and when, and the jobs that were accepted."""

    begun: float = field(default_factory=time.monotonic)
    asked: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    jobs: list[tuple[str, str]] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    slowest_s: float = 0

    @property
    def total(self) -> int:
        """How many requests were made."""
        return sum(self.asked.values())

    async def note(self, what: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Makes a request; returns its answer, None where it failed."""
        self.asked[what] = self.asked.get(what, 0) + 1
        begun = time.monotonic()
        try:
            return await call()
        except (httpx.HTTPError, grpc.aio.AioRpcError, AssertionError) as error:
            why = f"{error.code().name} {error.details()}" if isinstance(error, grpc.aio.AioRpcError) else repr(error)
            self.failed.append(f"{begun - self.begun:6.2f} s {what}: {why[:300]}")
            return None
        finally:
            self.slowest_s = max(self.slowest_s, time.monotonic() - begun)


class RestClient:
    """One user over REST. Connections are kept, as browsers and libraries keep them."""

    def __init__(self, url: str, key: str, record: Record) -> None:
        self._client = httpx.AsyncClient(base_url=url, headers={"X-API-KEY": key}, timeout=90, trust_env=False)
        self._record = record
        self._user = make_user()

    async def ask(self) -> None:
        """Makes one request of some kind."""
        kinds = (self._train, self._submit, self._look, self._list, self._store)
        # A training is a second of computing, in a process that starts for it: the others have a share each.
        (kind,) = random.choices(kinds, weights=(1, 3, 3, 3, 3))
        await kind()

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _train(self) -> None:
        async def call() -> str:
            answer = await train(self._client, self._user, encode(ORDERS), encode(SHIPMENTS))
            return str(_expect(answer, 202)["job_id"])

        if job := await self._record.note("REST train", call):
            self._record.jobs.append((self._user, job))

    async def _submit(self) -> None:
        async def call() -> str:
            answer = await self._client.post("/task/submit", json={"username": self._user, "password": "", **_TASK})
            return str(_expect(answer, 202)["task_id"])

        if task := await self._record.note("REST submit", call):
            self._record.tasks.append(task)

    async def _look(self) -> None:
        if self._record.jobs:
            user, job = random.choice(self._record.jobs)
            await self._record.note("REST job", lambda: self._get(f"/api/v1/{user}/{job}"))

    async def _list(self) -> None:
        await self._record.note("REST list", lambda: self._get(f"/api/v1/users/{self._user}/jobs"))

    async def _store(self) -> None:
        async def store() -> str:
            files = {"file": ("orders.csv", ORDERS.encode(), "text/csv")}
            answer = await self._client.post("/api/v1/files", files=files, data={"user_id": self._user})
            return str(_expect(answer, 200, 201)["uri"])

        if uri := await self._record.note("REST upload", store):
            await self._record.note("REST download", lambda: self._get(f"/api/v1/files/{uri}", text=True))

    async def _get(self, path: str, *, text: bool = False) -> Any:
        answer = await self._client.get(path)
        return answer.text if text and answer.status_code == 200 else _expect(answer, 200)


def _expect(answer: httpx.Response, *statuses: int) -> Any:
    assert answer.status_code in statuses, f"{answer.status_code} {answer.text[:200]}"
    return answer.json()


class GrpcClient:
    """One user over gRPC, on one channel as long as it lives. gRPC's own repeating is off."""

    def __init__(self, target: str, key: str, record: Record) -> None:
        self._channel = grpc.aio.insecure_channel(target, options=[("grpc.enable_retries", 0)])
        self._metadata = (("x-api-key", key),)
        self._record = record
        self._user = make_user()
        self._converter = converter_pb2_grpc.ConverterServiceStub(self._channel)
        self._portfolio = portfolio_pb2_grpc.PortfolioServiceStub(self._channel)
        self._storage = storage_pb2_grpc.StorageServiceStub(self._channel)

    async def ask(self) -> None:
        """Makes one request of some kind."""
        await random.choice((self._list, self._queue, self._store, self._tasks))()

    async def close(self) -> None:
        """Closes the channel."""
        await self._channel.close()

    async def _list(self) -> None:
        request = converter_pb2.ListJobsRequest(user_id=self._user)
        await self._unary("gRPC ListJobs", self._converter.ListJobs, request)

    async def _queue(self) -> None:
        await self._unary("gRPC GetQueue", self._portfolio.GetQueue, portfolio_pb2.GetQueueRequest())

    async def _tasks(self) -> None:
        await self._unary("gRPC ListTasks", self._portfolio.ListTasks, portfolio_pb2.ListTasksRequest())

    async def _store(self) -> None:
        async def send() -> Any:
            header = storage_pb2.UploadFileHeader(user_id=self._user, file_name="orders.csv")
            yield storage_pb2.UploadFileRequest(header=header)
            yield storage_pb2.UploadFileRequest(chunk=ORDERS.encode())

        async def read(uri: str) -> bytes:
            request = storage_pb2.DownloadFileRequest(uri=uri)
            call = self._storage.DownloadFile(request, metadata=self._metadata, timeout=90)
            return b"".join([message.chunk async for message in call])

        stored = await self._record.note(
            "gRPC UploadFile", lambda: self._storage.UploadFile(send(), metadata=self._metadata, timeout=90)
        )
        if stored is not None:
            await self._record.note("gRPC DownloadFile", lambda: read(stored.uri))

    async def _unary(self, what: str, method: Any, request: Any) -> None:
        await self._record.note(what, lambda: method(request, metadata=self._metadata, timeout=90))


async def ask_until(stop: asyncio.Event, clients: Sequence[RestClient | GrpcClient], every_s: float) -> None:
    """Each client asks again ``every_s`` after its last answer, until ``stop`` is set."""

    async def go_on(client: RestClient | GrpcClient) -> None:
        while not stop.is_set():
            await client.ask()
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue

    await asyncio.gather(*map(go_on, clients))


async def count_unfinished(url: str, key: str, record: Record, *, within_s: float) -> list[str]:
    """Waits for all accepted jobs; returns those that did not complete, with what became of them."""
    deadline = time.monotonic() + within_s
    waiting = [f"/api/v1/{user}/{job}" for user, job in record.jobs] + [f"/task/{task}/status" for task in record.tasks]
    states: dict[str, str] = {}
    why: dict[str, str] = {}
    async with httpx.AsyncClient(base_url=url, headers={"X-API-KEY": key}, timeout=30, trust_env=False) as client:
        while waiting and time.monotonic() < deadline:
            for path in list(waiting):
                answer = await client.get(path)
                document = answer.json() if answer.status_code == 200 else {}
                states[path] = document.get("job_status") or document.get("status") or str(answer.status_code)
                if states[path] in TERMINAL:
                    waiting.remove(path)
                    if states[path] != "completed":
                        why[path] = json.dumps(document)[:1000]
            await asyncio.sleep(0.5)
    return [f"{path}: {state} {why.get(path, '')}" for path, state in states.items() if state != "completed"]
