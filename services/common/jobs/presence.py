"""Which workers live and how busy they are: each tells a key-value bucket whose entries expire."""

import asyncio
import contextlib
import json
from dataclasses import dataclass

import nats.errors
from nats.js.errors import NotFoundError

from services.common.errors import Unavailable
from services.common.jobs.broker import Broker
from services.common.jobs.topology import PRESENCE_BUCKET, PRESENCE_TTL_S
from services.common.logging import get_logger
from services.common.tasks import stop_task

HEARTBEAT_S = PRESENCE_TTL_S / 3
RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class WorkerPresence:
    """One live worker process."""

    worker_id: str
    slots: int
    busy: int
    finished: int
    busy_s: float
    paused: bool


class PresenceReporter:
    """Tells that this worker lives, every few seconds and whenever ``changed`` is called."""

    def __init__(self, broker: Broker, service: str, worker_id: str, slots: int) -> None:
        self._broker = broker
        self._key = f"{service}.{worker_id}"
        self._slots = slots
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.busy = 0
        self.finished = 0
        self.busy_s = 0.0
        self.paused = False

    def changed(self) -> None:
        """Tells soon rather than at the next heartbeat."""
        self._changed.set()

    async def start(self) -> None:
        """Starts to tell."""
        self._task = asyncio.create_task(self._run(), name="presence")

    async def stop(self) -> None:
        """Takes the entry away and stops."""
        await stop_task(self._task)
        with contextlib.suppress(nats.errors.Error, Unavailable, TimeoutError):
            bucket = await self._broker.bucket(PRESENCE_BUCKET)
            await bucket.delete(self._key)

    async def _run(self) -> None:
        log = get_logger()
        while True:
            state = {
                "slots": self._slots,
                "busy": self.busy,
                "finished": self.finished,
                "busy_s": round(self.busy_s, 3),
                "paused": self.paused,
            }
            pause_s = HEARTBEAT_S
            try:
                bucket = await self._broker.bucket(PRESENCE_BUCKET)
                await bucket.put(self._key, json.dumps(state).encode())
            except (nats.errors.Error, Unavailable, TimeoutError) as error:
                # At the first start the bucket may not be there yet: health must not say for long that nobody works.
                pause_s = RETRY_S
                log.debug("presence_not_told", error=type(error).__name__)
            await asyncio.sleep(0.2)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._changed.wait()
            self._changed.clear()


async def list_workers(broker: Broker, service: str) -> list[WorkerPresence]:
    """Lists a service's live workers. Raises Unavailable where NATS does not answer."""
    js = broker.jetstream()
    # Not bucket.keys(): that makes a consumer on the server each time, which outlives the call.
    subjects = f"$KV.{PRESENCE_BUCKET}."
    try:
        info = await js.stream_info(f"KV_{PRESENCE_BUCKET}", subjects_filter=f"{subjects}{service}.>")
        keys = [subject.removeprefix(subjects) for subject in info.state.subjects or ()]
        bucket = await broker.bucket(PRESENCE_BUCKET)
        entries = await asyncio.gather(*(bucket.get(key) for key in keys), return_exceptions=True)
    except NotFoundError:
        return []  # NATS lost its data: the sweeper makes the bucket again, and the workers tell again
    except (nats.errors.Error, TimeoutError) as error:
        raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
    workers = []
    for key, entry in zip(keys, entries, strict=True):
        if isinstance(entry, BaseException) or not entry.value:
            continue  # It expired between the two calls.
        # The bucket's own clock lets entries expire; the workers' clocks may differ.
        state = json.loads(entry.value)
        workers.append(
            WorkerPresence(
                key.partition(".")[2],
                state["slots"],
                state["busy"],
                state["finished"],
                state["busy_s"],
                state["paused"],
            )
        )
    return workers
