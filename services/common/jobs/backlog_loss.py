"""What a lost backlog has forgotten: terminal events that nobody has published yet.

A job's message stands in the backlog until its terminal event is out, and its ``open`` index key until then, too:
either has somebody publish what is owed. Where NATS loses its data and another hand takes the key away, nothing is left
that could tell; a rebuild that cannot tell publishes again. Nor is anything left but the key where the backlog was too
full to take the message at all.
"""

from datetime import UTC, datetime, timedelta

from services.common.jobs.acceptance import QUEUE_FULL
from services.common.jobs.pace import RECENT
from services.common.jobs.record import JobRecord

# Until then rounds have put back into the backlog what was open when it was lost; and clocks differ by less (beyond
# that services do not take one another's calls).
_SETTLED_AFTER = timedelta(minutes=1)
# A quarter of an hour of ten refusals a second; beyond that some are announced again.
_MOST_TOLD = 10_000


class BacklogLoss:
    """Which terminal records' events a round of upkeep publishes again, by when the backlog was made. Pure.

    ``is_whole`` says that nothing has failed in the round.
    """

    def __init__(self) -> None:
        self.is_whole = True
        self._made_at: datetime | None = None
        self._made_good: datetime | None = None
        self._is_settled = False
        self._recently = datetime.max.replace(tzinfo=UTC)
        # Refused jobs that were announced by this process.
        self._told: set[tuple[str, str, int]] = set()

    def begin_round(self, now: datetime, changed_after: datetime | None, made_at: datetime | None) -> datetime | None:
        """Begins a round over what was written since; returns since when it has to be, for what the backlog forgot."""
        self.is_whole = True
        self._recently = now - RECENT
        recently = made_at is not None and now - made_at < RECENT
        self._made_at = made_at if recently and made_at != self._made_good else None
        if self._made_at is None:
            return changed_after
        self._is_settled = now - self._made_at >= _SETTLED_AFTER
        return None if changed_after is None else min(changed_after, self._made_at - RECENT)

    def may_owe(self, record: JobRecord) -> bool:
        """Whether a terminal record may not have been announced, and the backlog does not know of it."""
        if record.error is not None and record.error.code == QUEUE_FULL:
            return record.updated_at >= self._recently and _name(record) not in self._told
        if self._made_at is None:
            return False
        return self._made_at - RECENT <= record.updated_at <= self._made_at + _SETTLED_AFTER

    def note_told(self, record: JobRecord) -> None:
        """A terminal record was announced: where it was refused, that is done for good."""
        if record.error is not None and record.error.code == QUEUE_FULL:
            if len(self._told) == _MOST_TOLD:
                self._told.clear()
            self._told.add(_name(record))

    def end_round(self) -> None:
        """A round has looked at everything: what is announced by now is not announced again by the next."""
        if self._is_settled and self.is_whole:
            self._made_good = self._made_at or self._made_good


def _name(record: JobRecord) -> tuple[str, str, int]:
    return record.tenant, record.job_id, record.generation
