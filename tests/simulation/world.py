"""One simulated suite: API processes with sweepers and dispatchers, workers, storage, a bucket and a broker, and what
befalls them."""

import asyncio
import contextvars
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.common.clock import utc_now
from services.common.context import CallContext, new_request_id, serving
from services.common.errors import Internal, Unavailable
from services.common.identity import ALL_USERS, Principal
from services.common.jobs.deletion import delete_jobs_of, purge_places
from services.common.jobs.runtime import JobRuntime
from services.common.jobs.settings import JobSettings
from services.common.jobs.topology import LEADERS_BUCKET, ensure_topology
from services.common.jobs.worker import JobWorker
from services.common.server import Component
from services.common.storage import StorageClient
from services.converter.domain.places import Places
from services.converter.mapping import make_job_kind
from services.storage.domain.access import AccessRules, Grant
from services.storage.servicer import Limits, StorageServicer
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.objects import Objects
from services.storage.usecases.records import Records
from tests.simulation.bucket import SimulatedBucket
from tests.simulation.faults import RACES, FaultPlan, draw_faults
from tests.simulation.jetstream import SimulatedJetStream
from tests.simulation.laws import Laws
from tests.simulation.loop import PROCESS, SimulatedLoop, SimulatedProcess
from tests.simulation.storage_calls import StorageChannel, StorageHost
from tests.simulation.streams import SimulatedNats
from tests.simulation.wire import Fate, Request, Wire
from tests.simulation.work import SimulatedWork

Answer = TypeVar("Answer")

SERVICE = "converter"
PLACES = Places("conv/")
KIND = make_job_kind(PLACES)
TENANTS = ("default", "other")
WORKERS = APIS = 2
LEASE_S = 6.0
MAX_ATTEMPTS = 3
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
SETTINGS = JobSettings(
    nats_url="nats://simulated",
    jobs_ack_wait_s=LEASE_S,
    jobs_concurrency=2,
    jobs_max_attempts=MAX_ATTEMPTS,
    jobs_timeout_s=60,
    jobs_sweep_interval_s=5,
    jobs_grace_s=2,
    jobs_reconcile_interval_s=5,
    jobs_scan_interval_s=12,
    jobs_purge_again_after_s=20,
    drain_timeout_s=8,
)
INDEX_GRACE_S = 8.0
_RULES = AccessRules({SERVICE: Grant(prefixes=("conv/", "idempotency/", "tombstones/"), kinds=("converter.",))})


def principal_of(tenant: str) -> Principal:
    """A client of a tenant."""
    return Principal(tenant, "client", frozenset({ALL_USERS}), frozenset({"converter", "operator", "admin"}))


async def forget_user(runtime: JobRuntime, user_id: str) -> None:
    """As the converter does, which keeps files besides."""
    await delete_jobs_of(runtime.store, runtime.tombstones, user_id)
    await purge_places(runtime.storage, [PLACES.user_folder(user_id)])


class Running:
    """A process of the suite that runs: a worker, or an API with its sweeper and its dispatcher."""

    def __init__(self, process: SimulatedProcess, number: int, role: str) -> None:
        self.process = process
        self.number = number
        self.role = role
        self.runtime: JobRuntime | None = None
        self.components: list[Component] = []
        self.is_leaving = False
        self.died: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_ready(self) -> bool:
        """Whether it takes calls."""
        return self.runtime is not None and not (self.process.is_dead or self.is_leaving or self.process.is_paused)


class World:
    """Everything of one run."""

    def __init__(self, seed: int, loop: SimulatedLoop) -> None:
        self.seed = seed
        self.draw = random.Random(f"{seed} world")
        self.loop = loop
        self.plan = FaultPlan(
            draw_faults(random.Random(f"{seed} faults")), loop.time, random.Random(f"{seed} fates"), self._strike
        )
        self.wire = Wire(loop, random.Random(f"{seed} wire"))
        self.bucket = SimulatedBucket(self.wire, utc_now)
        self.nats = SimulatedNats(loop, self.wire)
        self.host = StorageHost(
            loop, [self._make_servicer() for _ in range(2)], self.draw, s3_answers=self.plan.s3_answers
        )
        self.laws = Laws(KIND, self.bucket, self.nats, loop.time)
        self.laws.watch()
        self.laws.kill = lambda process: self.kill(self.running[process.name])
        self.running: dict[str, Running] = {}
        self.max_queue_size = 2 if self.draw.random() < 0.08 else 100
        self.max_unfinished = 2 if self.draw.random() < 0.08 else 100
        # In half of all runs nothing is looked at but what changed, after a leader's first round.
        self.scan_interval_s = SETTINGS.jobs_scan_interval_s if self.draw.random() < 0.5 else 3600
        self.race: Callable[[str, str], None] = lambda _kind, _name: None
        self.chores: set[asyncio.Task[Any]] = set()

    def _make_servicer(self) -> StorageServicer:
        names = Namespaces(_RULES, TENANTS[0])
        records = Records(self.bucket, names, default_tenant=TENANTS[0], index_grace_s=INDEX_GRACE_S)
        objects = Objects(
            self.bucket,
            None,  # type: ignore[arg-type]
            names,
            max_object_bytes=1 << 20,
            part_bytes=1 << 20,
            presign_max_s=60,
        )
        return StorageServicer(
            records,
            objects,
            None,
            None,
            limits=Limits(),
        )

    async def start(self) -> None:
        """Makes the queues, and starts all processes; faults begin after that."""
        topology = replace(SETTINGS.topology(), max_queue_size=self.max_queue_size)
        await ensure_topology(SimulatedJetStream(self.nats), topology, services=(SERVICE,))  # type: ignore[arg-type]
        for stream in self.nats.streams.values():
            stream.made_at -= timedelta(hours=1)  # nothing was lost a moment ago
        for number in range(APIS):
            self.spawn("api", number)
        for number in range(WORKERS):
            self.spawn("worker", number)
        self.wire.fates = self.plan

    def begin(self, coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begins something that belongs to no process."""
        return self.loop.create_task(coro, context=contextvars.Context())

    def chore(self, coro: Coroutine[Any, Any, Any]) -> None:
        """Does something in the background that belongs to no process, and must be done before the suite rests."""
        task = self.begin(coro)
        self.chores.add(task)
        task.add_done_callback(self.chores.discard, context=contextvars.Context())

    def spawn(self, role: str, number: int) -> None:
        """Starts a process."""
        name = f"{role}-{number}"
        running = Running(SimulatedProcess(name), number, role)
        self.running[name] = running
        context = contextvars.Context()
        context.run(PROCESS.set, running.process)
        self.loop.create_task(self._start(running), context=context)

    async def _start(self, running: Running) -> None:
        storage = StorageClient(StorageChannel(self.host, SERVICE))  # type: ignore[arg-type]
        settings = SETTINGS.model_copy(
            update={
                "jobs_max_queue_size": self.max_queue_size,
                "jobs_scan_interval_s": self.scan_interval_s,
                "jobs_max_unfinished": self.max_unfinished,
                "jobs_max_unfinished_of_user": self.max_unfinished,
            }
        )
        runtime = JobRuntime(KIND, settings, KEY, storage)
        work = SimulatedWork(runtime, PLACES, self.laws)
        running.components = (
            [runtime.worker(work)]
            if running.role == "worker"
            else runtime.api_components(maintain=work.maintain, forget_user=partial(forget_user, runtime))
        )
        for component in running.components:
            await component.start()
        running.runtime = runtime

    # What clients do

    async def call(
        self, tenant: str, do: Callable[[JobRuntime], Awaitable[Answer]], *, patience_s: float | None = 30
    ) -> Answer:
        """Has one of the API processes do something for a client. Raises Unavailable where it dies on the way."""
        ready = [item for item in self.running.values() if item.role == "api" and item.is_ready]
        if not ready:
            raise Unavailable("no API process", retry_after_s=0.5)
        running = self.draw.choice(ready)

        async def serve() -> Answer:
            assert running.runtime is not None
            with serving(CallContext(new_request_id(), principal_of(tenant))):
                return await do(running.runtime)

        context = contextvars.Context()
        context.run(PROCESS.set, running.process)
        task = self.loop.create_task(serve(), context=context)
        await asyncio.wait((task, running.died), timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        raise Unavailable("the API process went away", retry_after_s=0.5)

    async def call_patiently(self, tenant: str, do: Callable[[JobRuntime], Awaitable[Answer]]) -> Answer:
        """As ``call``, for as long as there is no answer."""
        while True:
            try:
                return await self.call(tenant, do)
            except Unavailable as error:
                await asyncio.sleep(error.retry_after_s)
            except Internal:
                await asyncio.sleep(1)

    # What befalls processes

    def _strike(self, kind: str, request: Request) -> Fate | None:
        """Does what is no request's own fate; None where it cannot befall this request."""
        if kind.startswith("storage dies"):
            if PROCESS.get() is None or not str(PROCESS.get()).startswith("storage"):
                return None
            self.loop.call_soon(self.host.die, context=contextvars.Context())
            return Fate.REFUSED if kind.endswith("before") else Fate.SERVED
        if kind in RACES:
            self.race(kind, request.name)
            return Fate.SERVED
        if kind == "delivered again":
            return Fate.SERVED if self.nats.lose_leases() else None
        if kind == "lead lost":
            self._lose_lead()
            return Fate.SERVED
        if kind == "leads keep being lost":
            self.chore(self._keep_losing_leads())
            return Fate.SERVED
        if kind == "index key lost":
            return Fate.SERVED if self.bucket.lose(self.draw, "index/") else None
        if kind == "nats wiped":
            self.nats.wipe()
            return Fate.REFUSED if request.server == "nats" else Fate.SERVED
        return self._strike_process(kind)

    def _strike_process(self, kind: str) -> Fate | None:
        role, _, what = kind.partition(" ")
        process = PROCESS.get()
        if process is not None and process.name == "storage":
            process = self.host.client.get()
        if process is None or not process.name.startswith(role) or process.is_dead:
            return None
        running = self.running[process.name]
        if running.process is not process or running.is_leaving:
            return None
        if what == "paused":
            process.is_paused = True
            self.loop.call_later(
                LEASE_S * (0.5 + 2 * self.draw.random()), self._resume, process, context=contextvars.Context()
            )
            return Fate.SERVED
        if what == "drained":
            running.is_leaving = True
            self.chore(self._drain(running))
            return Fate.SERVED
        self.kill(running)
        return Fate.REFUSED if what.endswith("before") else Fate.SERVED

    def kill(self, running: Running) -> None:
        """Ends a process at this very step; another takes its place after a while."""
        running.process.is_dead = True
        if not running.died.done():
            running.died.set_result(None)
        self.host.leave(running.process)
        self.loop.call_later(
            0.2 + 4 * self.draw.random(), self.spawn, running.role, running.number, context=contextvars.Context()
        )

    def _resume(self, process: SimulatedProcess) -> None:
        if process.is_paused:
            self.loop.resume(process)

    async def _drain(self, running: Running) -> None:
        worker = running.components[0] if running.components else None
        if isinstance(worker, JobWorker):
            context = contextvars.Context()
            context.run(PROCESS.set, running.process)

            async def leave() -> None:
                await worker.drain()
                await worker.stop()

            leaving = self.loop.create_task(leave(), context=context)
            await asyncio.wait((leaving, running.died), timeout=60, return_when=asyncio.FIRST_COMPLETED)
        running.process.is_dead = True
        self.spawn(running.role, running.number)

    async def _keep_losing_leads(self) -> None:
        """Whoever takes the lead loses it, until all have had it."""
        for _ in range(2 * APIS):
            self._lose_lead()
            await asyncio.sleep(2 + 4 * self.draw.random())

    def _lose_lead(self) -> None:
        stream = self.nats.streams.get(f"KV_{LEADERS_BUCKET}")
        if stream is not None:
            stream.messages.clear()
            stream.last_by_subject.clear()
