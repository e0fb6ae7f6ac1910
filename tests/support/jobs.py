"""A small kind of job, and processes of it whose calls a test can delay, lose or cut off."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import nats
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from services.common.clock import utc_now
from services.common.context import acting_as
from services.common.errors import Unavailable
from services.common.identity import ALL_USERS, Principal, encode_public_key, service_principal
from services.common.jobs.dispatcher import Dispatcher
from services.common.jobs.handler import Outcome, WorkerLimits
from services.common.jobs.keeper import TopologyKeeper
from services.common.jobs.kind import JobKind
from services.common.jobs.permissions import Role, permissions_of
from services.common.jobs.record import HistoryEntry, JobRecord, new_record
from services.common.jobs.runtime import JobRuntime
from services.common.jobs.settings import JobSettings
from services.common.jobs.sweeper import Sweeper
from services.common.jobs.topology import EVENTS_STREAM, Topology, backlog_stream, ensure_topology, jobs_stream
from services.common.jobs.upkeep import Maintain
from services.common.jobs.worker import JobWorker
from services.common.jobs.writer import AttemptWriter
from services.common.storage import StorageClient
from services.launcher.embedded import NatsUser, S3Server
from services.storage.settings import CallerGrant
from tests.support.eventually import eventually
from tests.support.storage import RunningStorage, run_storage

CALLER = "probe"
USER = "alice"
DONE = Outcome("completed", "done")
Script = Callable[[AttemptWriter], Awaitable[Outcome]]
Tap = Callable[[], Awaitable[None]]


def make_probe_kind(service: str) -> JobKind:
    """A kind whose queue is named by ``service``, so that each test has one of its own."""

    def read_event(record: JobRecord, entry: HistoryEntry, terminal: bool, resumable: bool) -> bytes:
        return json.dumps({"job_id": record.job_id, "status": entry.status, "terminal": terminal}).encode()

    return JobKind(
        service=service,
        noun="probe",
        name="probe.job",
        statuses=("pending", "running", "completed", "failed", "cancelled"),
        terminal=frozenset({"completed", "failed", "cancelled"}),
        record_key=lambda user_id, job_id: f"probe/{user_id}/{job_id}/record.json",
        job_id_of=lambda key: key.split("/")[-2],
        record_prefix="probe/",
        record_suffix="/record.json",
        places=lambda user_id, job_id: (f"probe/{user_id}/{job_id}/",),
        readable=lambda record: {"job_status": record.status},
        event=read_event,
    )


@asynccontextmanager
async def run_probe_storage(server: S3Server, bucket: str, **changes: Any) -> AsyncIterator[RunningStorage]:
    """A storage service that grants the probe what every service with jobs is granted."""
    key = Ed25519PrivateKey.generate()
    grant = CallerGrant(prefixes=("probe/", "idempotency/", "tombstones/"), kinds=("probe.",))
    async with run_storage(
        server,
        bucket,
        trusted_callers={CALLER: encode_public_key(key)},
        storage_callers={CALLER: grant},
        **changes,
    ) as running:
        running.keys[CALLER] = key
        yield running


def make_probe_users() -> dict[Role, NatsUser]:
    """Users of NATS that may do what a service's API and workers may; names of services stand for any, as each test has
    one of its own.
    """

    def widen(subjects: Iterable[str]) -> list[str]:
        tokens = ([("*" if "probe" in token.lower() else token) for token in name.split(".")] for name in subjects)
        return sorted(map(".".join, tokens))

    roles: tuple[Role, ...] = ("api", "worker")
    allowed = {role: permissions_of("probe", role) for role in roles}
    return {
        role: NatsUser(f"probe-{role}", uuid4().hex, widen(each.publish), widen(each.subscribe))
        for role, each in allowed.items()
    }


class PowerCut(asyncio.CancelledError):
    """What a dead process's next step meets."""


class TappedStorage:
    """A storage client of one process. ``before`` and ``after`` hold a callback by method's name, each used once;
    ``is_away`` lets every call fail, ``is_cut`` is the process's own death."""

    def __init__(self, client: StorageClient) -> None:
        self._client = client
        self.before: dict[str, Tap] = {}
        self.after: dict[str, Tap] = {}
        self.calls: list[str] = []
        self.is_cut = False
        self.is_away = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            self._require_power()
            if self.is_away:
                raise Unavailable("S3 does not answer", reason="S3_UNAVAILABLE")
            self.calls.append(name)
            await self._run(self.before, name)
            answer = await method(*args, **kwargs)
            await self._run(self.after, name)
            self._require_power()
            return answer

        return call

    def lose_answer(self, name: str) -> None:
        """The next call of this method is applied, and its answer lost."""
        self.after[name] = raise_unavailable

    def _require_power(self) -> None:
        if self.is_cut:
            raise PowerCut

    async def _run(self, taps: dict[str, Tap], name: str) -> None:
        tap = taps.pop(name, None)
        if tap is not None:
            await tap()


async def raise_unavailable() -> None:
    """A tap: the dependency does not answer."""
    raise Unavailable("no answer in time", reason="DEADLINE_EXCEEDED", retry_after_s=0.01)


@dataclass
class Gate:
    """A place where somebody waits: ``reached`` is set when it does, ``open`` lets it go on."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        """Waits here."""
        self.reached.set()
        await self.opened.wait()

    def open(self) -> None:
        """Lets all pass."""
        self.opened.set()


class ScriptedHandler:
    """Does with a job what the test says."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.runs: list[JobRecord] = []
        self.settled: list[JobRecord] = []

    async def run(self, attempt: AttemptWriter) -> Outcome:
        """Runs the script."""
        self.runs.append(attempt.record)
        return await self.script(attempt)

    async def settle(self, record: JobRecord) -> None:
        """Notes that it was called."""
        self.settled.append(record)


async def finish_at_once(_attempt: AttemptWriter) -> Outcome:
    """A script: done."""
    return DONE


@dataclass
class Process:
    """One process of the service: a connection to NATS, a storage client, and what runs on them."""

    runtime: JobRuntime
    storage: TappedStorage
    handler: ScriptedHandler
    worker: JobWorker | None = None
    sweeper: Sweeper | None = None
    dispatcher: Dispatcher | None = None

    async def cut_power(self) -> None:
        """From now on nothing that this process does reaches anybody: as after kill -9."""
        self.storage.is_cut = True
        await self.runtime.broker.stop()

    async def stop(self) -> None:
        """Ends what is left of it."""
        for component in (self.sweeper, self.dispatcher, self.worker, self.runtime.feed):
            if component is not None:
                await component.stop()
        await self.runtime.broker.stop()


@dataclass
class Probe:
    """The service of one test: its kind, tenant and processes."""

    kind: JobKind
    tenant: str
    principal: Principal
    url_of: Mapping[Role, str]
    client: StorageClient
    topology: Topology
    js: JetStreamContext
    open: AsyncExitStack
    api: Process = field(init=False)

    async def start_process(self, script: Script = finish_at_once, *, role: Role = "api", **settings: Any) -> Process:
        """A process with nothing running in it yet but its connection, as one of the roles."""
        storage = TappedStorage(self.client)
        runtime = JobRuntime(
            self.kind,
            JobSettings(nats_url=self.url_of[role], **settings),
            Ed25519PrivateKey.from_private_bytes(b"k" * 32),
            storage,  # type: ignore[arg-type]
        )
        process = Process(runtime, storage, ScriptedHandler(script))
        await runtime.broker.start()
        await runtime.broker.wait_connected()
        self.open.push_async_callback(process.stop)
        return process

    async def start_worker(self, script: Script = finish_at_once, **limits: Any) -> Process:
        """A process that works."""
        process = await self.start_process(script, role="worker")
        runtime = process.runtime
        process.worker = JobWorker(
            runtime.broker,
            store=runtime.store,
            publisher=runtime.publisher,
            outbox=runtime.outbox,
            handler=process.handler,
            limits=replace(FAST, **limits),
            storage_ready=process.storage.check,
        )
        await process.worker.start()
        return process

    async def start_dispatcher(self, process: Process | None = None) -> Process:
        """A process that hands out; the API process unless another is given."""
        process = process or self.api
        process.dispatcher = process.runtime.dispatcher(compare_s=0.5)
        await process.dispatcher.start()
        return process

    def make_sweeper(
        self, process: Process | None = None, *, maintain: Maintain | None = None, **options: Any
    ) -> Sweeper:
        """A sweeper without grace, not running: call ``sweep``, ``scan``, ``purge``."""
        runtime = (process or self.api).runtime
        return Sweeper(
            runtime.broker,
            runtime.store,
            runtime.queue,
            runtime.outbox,
            runtime.tombstones,
            keeper=TopologyKeeper(runtime.broker, self.topology, self.kind.service),
            **{"grace_s": 0, "interval_s": 0.05, **options},
            maintain=maintain,
        )

    async def accept(self, *, process: Process | None = None, user_id: str = USER, **options: Any) -> JobRecord:
        """Accepts a job at the API process."""
        runtime = (process or self.api).runtime

        async def prepare(job_id: str) -> JobRecord:
            return new_record(
                self.principal,
                user_id=user_id,
                job_id=job_id,
                now=utc_now(),
                status="pending",
                message="accepted",
                body={"wish": "none"},
            )

        return await runtime.acceptance.accept(
            self.principal,
            user_id=user_id,
            **{
                "method": "Create",
                "request_id": "",
                "body": {"wish": "none"},
                "new_job_id": lambda: uuid4().hex,
                "prepare": prepare,
                **options,
            },
        )

    async def accept_without_message(self) -> JobRecord:
        """Writes a job's record as a process does that dies before it has published the message."""
        now = utc_now()
        record = new_record(
            self.principal, user_id=USER, job_id=uuid4().hex, now=now, status="pending", message="accepted", body={}
        )
        return await self.api.runtime.store.create(record)

    async def get(self, record: JobRecord) -> JobRecord:
        """The job as it stands in the bucket."""
        return await self.api.runtime.store.get(record.user_id, record.job_id)

    async def until(self, record: JobRecord, status: str, *, within_s: float = 300) -> JobRecord:
        """The job, once it stands so."""

        async def look() -> JobRecord | None:
            current = await self.get(record)
            return current if current.status == status else None

        found = await eventually(look, within_s=within_s, every_s=0.02)
        assert found is not None
        return found

    async def until_queue_is_empty(self, *, within_s: float = 300) -> None:
        """Returns once every message was acknowledged."""

        async def look() -> bool:
            return await self.count_messages() == 0

        await eventually(look, within_s=within_s)

    async def count_messages(self) -> int:
        """Messages that are queued or in hand."""
        return (await self.js.stream_info(backlog_stream(self.kind.service))).state.messages

    async def events(self, record: JobRecord) -> list[str]:
        """The statuses of all events of a job that the stream holds, in order."""
        subject = f"{self.kind.event_prefix}.*.{self.tenant}.{record.job_id}"
        statuses, sequence = [], 1
        while True:
            try:
                message = await self.js.get_msg(EVENTS_STREAM, sequence, subject=subject, next=True)
            except NotFoundError:
                return statuses
            statuses.append(json.loads(message.data or b"")["status"])
            sequence = (message.seq or 0) + 1

    def acting(self) -> Any:
        """Acts as the service in the test's tenant."""
        return acting_as(service_principal(self.tenant, CALLER))


FAST = WorkerLimits(
    heartbeat_s=0.25,
    retry_delay_s=0.02,
    drain_timeout_s=0.2,
    write_interval_s=0.02,
    look_interval_s=0.1,
)


@asynccontextmanager
async def run_probe(
    nats_url: str, storage: RunningStorage, *, url_of: Mapping[Role, str] | None = None, **topology: Any
) -> AsyncIterator[Probe]:
    """A probe with a queue and a tenant of its own, and its API process; acts as the service in the tenant.

    ``url_of`` tells how each role signs in to NATS; without it both may do everything there.
    """
    name = uuid4().hex[:10]
    layout = Topology(**{"ack_wait_s": 1.0, **topology})
    connection = await nats.connect(nats_url)
    try:
        js = connection.jetstream()
        kind = make_probe_kind(f"probe-{name}")
        await ensure_topology(js, layout, services=(kind.service,))
        tenant = f"t-{name}"
        async with AsyncExitStack() as stack:
            principal = Principal(tenant, "key:tests", frozenset({ALL_USERS}), frozenset({"probe", "admin"}))
            probe = Probe(
                kind,
                tenant,
                principal,
                url_of or dict.fromkeys(("api", "worker"), nats_url),
                storage.client(CALLER),
                layout,
                js,
                stack,
            )
            with probe.acting():
                probe.api = await probe.start_process()
                await probe.start_dispatcher()
                yield probe
        for stream in (jobs_stream(kind.service), backlog_stream(kind.service)):
            await js.delete_stream(stream)
    finally:
        await connection.close()
