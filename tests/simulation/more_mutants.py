"""Mutants of what is done late and seldom: deletion, outbox, runs, suspects, the lead, the index's upkeep, owners."""

from tests.simulation.mutant import JOBS, Mutant

MORE_MUTANTS = (
    Mutant(
        "the fence forgets generations",
        JOBS + "writer:AttemptWriter._catch_up",
        "(current.generation, current.attempt) != (self._saved.generation, self._saved.attempt)",
        "current.attempt != self._saved.attempt",
        seed=7,
    ),
    Mutant(
        "a job leaves the open ones though its event was refused",
        JOBS + "outbox:Outbox.deliver",
        "await self.announce(record)",
        "import asyncio; await asyncio.gather(self.announce(record), return_exceptions=True)",
        seed=57,
    ),
    Mutant(
        "nobody sweeps the outbox",
        JOBS + "sweeper:Sweeper._repair",
        "await self.upkeep.settle(record, run=key.run)",
        "pass",
        seed=14,
    ),
    Mutant(
        "a deletion that was cut short gets no tombstone",
        JOBS + "upkeep:Upkeep.scan",
        "await self._tombstones.put_job(self._store, deleted.user_id, deleted.job_id, if_absent=True)",
        "pass",
        seed=348,
    ),
    Mutant(
        "tombstones of jobs are ignored",
        JOBS + "deletion:Tombstones.check",
        "job = any(jobs)",
        "job = False",
        seed=5,
    ),
    Mutant(
        "reconciling takes the outbox's keys",
        JOBS + "upkeep:Upkeep.reconcile",
        "spared_state=OPEN,",
        "spared_state='',",
        seed=64,
    ),
    Mutant(
        "nobody looks for records whose index keys are gone",
        JOBS + "upkeep:Upkeep.reconcile",
        "is_due = self._finds_unlisted and",
        "is_due = False and",
        seed=8,
    ),
    Mutant(
        "others are taken up beside a suspect",
        JOBS + "worker:JobWorker._clear_hands",
        "self._lone = this\n",
        "pass\n",
        seed=24,
        is_rare=True,
    ),
    Mutant(
        "suspects never run alone",
        JOBS + "claims:claim",
        "alone=deaths >= DEATHS_OF_A_SUSPECT",
        "alone=False",
        seed=24,
    ),
    Mutant(
        "deaths beside others count",
        JOBS + "claims:find_verdict",
        "claimed.deaths_alone < MOST_DEATHS_ALONE",
        "claimed.deaths < MOST_DEATHS_ALONE",
        seed=11,
    ),
    Mutant(
        "who has lost the lead never takes it again",
        JOBS + "leadership:Leadership.hold",
        "except KeyWrongLastSequenceError:\n        self._revision = None",
        "except KeyWrongLastSequenceError:\n        return False",
        seed=1,
    ),
    Mutant(
        "the sweeper closes the record's run and not the key's",
        JOBS + "upkeep:Upkeep.settle",
        "await self._outbox.deliver(record, run=run)",
        "await self._outbox.deliver(record)",
        seed=14,
    ),
    Mutant(
        "what storage could not do is the job's",
        JOBS + "owners:owner_of",
        "if isinstance(error, _OF_PLATFORM):",
        "if isinstance(error, Unavailable):",
    ),
)
