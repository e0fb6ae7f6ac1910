"""A tenant that minds its own business: calls at a steady rate over both doors, each measured from when it was due."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import grpc.aio
import httpx
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc

from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite

USER = "vera"
PAYLOAD = {"Market Value": "12000000", "Investment Value": "10000000", "Top Asset": "Equity (65%)"}
_TIMEOUT_S = 60
Act = Callable[[], Awaitable[str]]


@dataclass
class Seen:
    """What the victim saw: how each call ended, the milliseconds that calls of each kind took, its tasks."""

    statuses: Counter[str] = field(default_factory=Counter)
    times_ms: dict[str, list[float]] = field(default_factory=dict)
    tasks: list[str] = field(default_factory=list)

    @property
    def all_ms(self) -> list[float]:
        """The calls of the tenant's own, probes apart."""
        return [each for name, times in self.times_ms.items() if name != "livez" for each in times]

    @property
    def faults(self) -> dict[str, int]:
        """What was not answered as it should be."""
        return {status: count for status, count in self.statuses.items() if status not in {"200", "202", "OK"}}


class Victim:
    """Clients of one key."""

    def __init__(self, suite: LaunchedSuite, key: str, rest: httpx.AsyncClient, channel: grpc.aio.Channel) -> None:
        self._rest = rest
        self._metadata = (("x-api-key", key),)
        self._stub = portfolio_pb2_grpc.PortfolioServiceStub(channel)
        self._suite = suite
        self.task_id = ""

    async def prepare(self) -> None:
        """Makes a finished task to read."""
        self.task_id = (await self._submit(Seen()))[1]
        await self.require_finished([self.task_id])

    async def require_finished(self, tasks: list[str], *, within_s: float = 120) -> None:
        """Waits until every task has ended well; a lost one fails."""
        for task_id in tasks:

            async def is_over(task_id: str = task_id) -> bool:
                answer = await self._rest.get(f"/task/{task_id}/status")
                return answer.status_code == 200 and answer.json()["status"] == "completed"

            await eventually(is_over, within_s=within_s, every_s=0.1)

    async def act(self, rate_per_s: float, seconds: float) -> Seen:
        """Calls in turn, each when it is due."""
        seen = Seen()
        kinds = itertools.cycle(self._kinds(seen).items())
        loop = asyncio.get_running_loop()
        started_s = loop.time() + 0.1

        async def measure(name: str, call: Act, due_s: float) -> None:
            status = await call()
            seen.statuses[status] += 1
            seen.times_ms.setdefault(name, []).append((loop.time() - due_s) * 1000)

        async with asyncio.TaskGroup() as group:
            for number in range(round(rate_per_s * seconds)):
                due_s = started_s + number / rate_per_s
                await asyncio.sleep(max(0.0, due_s - loop.time()))
                name, call = next(kinds)
                group.create_task(measure(name, call, due_s))
        return seen

    def _kinds(self, seen: Seen) -> Mapping[str, Act]:
        async def submit() -> str:
            status, task_id = await self._submit(seen)
            return status if task_id else f"{status} without a task"

        def get(path: str) -> Act:
            async def call() -> str:
                try:
                    return str((await self._rest.get(path)).status_code)
                except httpx.TransportError as error:
                    return type(error).__name__

            return call

        async def get_task() -> str:
            request = portfolio_pb2.GetTaskRequest(task_id=self.task_id)
            return await self._call(self._stub.GetTask(request, metadata=self._metadata, timeout=_TIMEOUT_S))

        async def list_tasks() -> str:
            request = portfolio_pb2.ListTasksRequest(page_size=5)
            return await self._call(self._stub.ListTasks(request, metadata=self._metadata, timeout=_TIMEOUT_S))

        return {
            "livez": get("/livez"),
            "status": get(f"/task/{self.task_id}/status"),
            "grpc task": get_task,
            "result": get(f"/task/{self.task_id}/result"),
            "list": get("/tasks?limit=5"),
            "grpc list": list_tasks,
            "submit": submit,
            "queue": get("/ping"),
        }

    async def _submit(self, seen: Seen) -> tuple[str, str]:
        try:
            answer = await self._rest.post("/task/submit", json={"username": USER, "data": [PAYLOAD]})
        except httpx.TransportError as error:
            return type(error).__name__, ""
        task_id = answer.json().get("task_id", "")
        seen.tasks += [task_id] if task_id else []
        return str(answer.status_code), task_id

    @staticmethod
    async def _call(call: Awaitable[object]) -> str:
        try:
            await call
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "OK"
