"""What a terminal record owes the world: its dead letter, its terminal event, and then its place among open jobs.

A job stays in the index of open jobs until the server has acknowledged its terminal event: an ``open`` key beside a
terminal record is the outbox, which the sweeper empties where nobody else came to it. Again is no harm.
"""

from services.common.jobs.events import EventPublisher
from services.common.jobs.queue import JobQueue
from services.common.jobs.record import JobRecord
from services.common.jobs.store import JobStore


class Outbox:
    """Delivers what terminal records of one kind owe."""

    def __init__(self, store: JobStore, queue: JobQueue, publisher: EventPublisher) -> None:
        self._store = store
        self._queue = queue
        self._publisher = publisher

    async def announce(self, record: JobRecord) -> None:
        """Publishes the dead letter of a job that was given up, and the terminal event. Raises Unavailable."""
        if record.given_up:
            await self._queue.publish_dead_letter(record)
        # Its last news, whatever was written since: which of its programs serves may have changed.
        await self._publisher.publish(record, after_revision=record.history[-1].revision - 1)

    async def deliver(self, record: JobRecord, *, run: int | None = None) -> None:
        """Announces a terminal record, then takes it out of the index of open jobs: its own run, or the one that a key
        of the index carries. Raises Unavailable."""
        await self.announce(record)
        await self._store.close(record, run=run)
