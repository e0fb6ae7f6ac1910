"""A release before the backlog, beside one with it: jobs go straight into the work queue, and its workers and sweepers
know of no other place that they stand in."""

from nats.aio.msg import Msg

from services.common.jobs.deliveries import Deliveries, Delivery
from services.common.jobs.queue import JobQueue, Locator
from services.common.jobs.record import JobRecord
from services.common.jobs.topology import job_subject
from services.common.jobs.worker import JobWorker
from tests.support.jobs import FAST, Probe, Process, Script


class PreviousQueue(JobQueue):
    """Publishes to the work queue, and looks nowhere else."""

    async def publish(self, record: JobRecord) -> bool:
        """Queues the record's generation for the workers, as it comes."""
        subject = job_subject(self._kind.service, record.tenant, record.job_id, record.generation)
        locator = Locator(record.tenant, record.user_id, record.job_id, record.generation)
        return await self._publish(self._ready, subject, locator.encode(), {})

    async def queued_subjects(self, tenant: str = "*") -> set[str]:
        """What the work queue holds of a tenant."""
        return await self.list_handed_out(tenant)


class PreviousDelivery(Delivery):
    """A message of the work queue: acknowledged or not, and nothing else."""

    async def done(self) -> None:
        """Acknowledges it."""
        await self._message.ack()

    async def again(self, after_s: float) -> None:
        """Has it delivered again later."""
        await self._message.nak(delay=after_s)


class PreviousDeliveries(Deliveries):
    """Takes without a word to anybody."""

    def _make(self, message: Msg) -> Delivery:
        return PreviousDelivery(self._broker, self._service, message)


async def start_previous_process(probe: Probe) -> Process:
    """An API process of the release before."""
    process = await probe.start_process()
    process.runtime.queue = PreviousQueue(process.runtime.broker, probe.kind)
    process.runtime.acceptance._queue = process.runtime.queue
    return process


async def start_previous_worker(probe: Probe, script: Script) -> Process:
    """A worker of the release before."""
    process = await probe.start_process(script)
    runtime = process.runtime
    process.worker = JobWorker(
        runtime.broker,
        store=runtime.store,
        publisher=runtime.publisher,
        outbox=runtime.outbox,
        handler=process.handler,
        limits=FAST,
        storage_ready=process.storage.check,
    )
    process.worker._deliveries = PreviousDeliveries(runtime.broker, probe.kind.service)
    await process.worker.start()
    return process
