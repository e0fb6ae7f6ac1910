"""Does what the schedule says to a suite, when it says so, and counts what was done."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import nats
import nats.errors
from nats.js.errors import NotFoundError

from services.common.jobs.topology import WORKERS
from tests.chaos.campaign.disturbed_suite import DisturbedSuite
from tests.chaos.campaign.evidence import Bucket, EventLog
from tests.chaos.campaign.schedule import Action, PlannedFault
from tests.support.faults import Fault, FaultKind
from tests.support.faults.listener import FaultListener


class Disturber:
    """Applies faults. ``done`` counts them by name; one that met a target that was down already is ``skipped``."""

    def __init__(self, suite: DisturbedSuite, bucket: Bucket, events: EventLog) -> None:
        self._suite = suite
        self._bucket = bucket
        self._events = events
        self.done: Counter[str] = Counter()
        self.skipped = 0

    async def run(self, faults: Sequence[PlannedFault]) -> None:
        """Applies each at its time, and returns once all have ended and what they broke is mended."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, begun + fault.at_s - loop.time()))
                self._suite.note_deaths()
                group.create_task(self._apply(fault))
        self._suite.note_deaths()

    async def _apply(self, fault: PlannedFault) -> None:
        apply = _ACTIONS[fault.action]
        if await apply(self, fault):
            self.done[fault.name] += 1
        else:
            self.skipped += 1

    async def _kill(self, fault: PlannedFault) -> bool:
        if not await asyncio.to_thread(self._suite.kill, fault.target):
            return False
        await asyncio.sleep(fault.duration_s)
        self._suite.revive(fault.target)
        return True

    async def _pause(self, fault: PlannedFault) -> bool:
        if not self._suite.pause(fault.target):
            return False
        await asyncio.sleep(fault.duration_s)
        self._suite.resume(fault.target)
        return True

    async def _skew(self, fault: PlannedFault) -> bool:
        self._suite.skew(fault.target, fault.amount)
        await asyncio.sleep(fault.duration_s)
        self._suite.skew(fault.target, 0)
        return True

    async def _disturb_s3(self, fault: PlannedFault) -> bool:
        return await self._disturb(self._suite.s3_proxy, fault)

    async def _disturb_nats(self, fault: PlannedFault) -> bool:
        return await self._disturb(self._suite.nats_proxies[fault.target], fault)

    @staticmethod
    async def _disturb(proxy: FaultListener, planned: PlannedFault) -> bool:
        if planned.kind is FaultKind.CUT:
            proxy.cut()
            return True
        assert planned.kind is not None
        fault = Fault(planned.kind, planned.share, planned.delay_s, random.Random(planned.seed))
        proxy.begin(fault)
        await asyncio.sleep(planned.duration_s)
        if proxy.fault is fault:  # another may stand by now
            proxy.heal()
        return True

    async def _delete_stream(self, fault: PlannedFault) -> bool:
        if fault.target == "EVENTS":
            await self._events.collect()  # what is deleted here has been published
        return await self._ask_nats(lambda client: client.jetstream().delete_stream(fault.target))

    async def _delete_consumer(self, fault: PlannedFault) -> bool:
        return await self._ask_nats(lambda client: client.jetstream().delete_consumer(fault.target, WORKERS))

    async def _ask_nats(self, ask: Callable[[nats.NATS], Awaitable[object]]) -> bool:
        """Asks NATS past the proxies; False where it is down, or what is asked for is gone already."""
        with contextlib.suppress(NotFoundError, nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(5):
                client = await nats.connect(
                    self._suite.nats_url, allow_reconnect=False, connect_timeout=1, error_cb=_pass_over
                )
                try:
                    await ask(client)
                finally:
                    await client.close()
                return True
        return False

    async def _delete_index(self, fault: PlannedFault) -> bool:
        return await asyncio.to_thread(self._bucket.delete_some_index_keys, int(fault.amount), fault.seed)


async def _pass_over(_error: Exception) -> None:
    """A connection to a NATS that is being killed breaks."""


_ACTIONS: dict[Action, Callable[[Disturber, PlannedFault], Awaitable[bool]]] = {
    Action.KILL: Disturber._kill,
    Action.PAUSE: Disturber._pause,
    Action.SKEW: Disturber._skew,
    Action.S3_FAULT: Disturber._disturb_s3,
    Action.NATS_FAULT: Disturber._disturb_nats,
    Action.DELETE_STREAM: Disturber._delete_stream,
    Action.DELETE_CONSUMER: Disturber._delete_consumer,
    Action.DELETE_INDEX: Disturber._delete_index,
}
