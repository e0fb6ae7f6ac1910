"""Protocols that are wrong in one place each: the simulation must find every one of them.

A mutant replaces a text in a function of the services for as long as it is applied. Where the text does not stand
there exactly once, the function has changed and the mutant must be written anew.
"""

import contextlib
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

JOBS = "services.common.jobs."
RECORDS = "services.storage.usecases.records:Records."


@dataclass(frozen=True, slots=True)
class Mutant:
    """``where`` is ``module:function`` or ``module:Class.method``; ``old`` becomes ``new`` in it.

    ``seed`` was the first to show it when that was last looked at (``--mutants`` tells), and is tried before all
    others. What ``is_rare`` takes hundreds of seeds to show: too many for every run of the tests once it has moved.
    """

    name: str
    where: str
    old: str
    new: str
    seed: int = 0
    is_rare: bool = False

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """The services with this fault inside of the block. Raises LookupError where the text is not there once."""
        module_name, _, path = self.where.partition(":")
        module = importlib.import_module(module_name)
        *owners, name = path.split(".")
        owner: Any = module
        for step in owners:
            owner = getattr(owner, step)
        original = inspect.getattr_static(owner, name)
        source = textwrap.dedent(inspect.getsource(original))
        old = textwrap.dedent(self.old)
        if source.count(old) != 1:
            raise LookupError(f"{self.where} has {source.count(old)} times: {self.old}")
        made: dict[str, Any] = {}
        code = compile(source.replace(old, self.new), inspect.getsourcefile(original) or self.where, "exec")
        exec(code, module.__dict__, made)  # noqa: S102 - our own source with one text replaced
        # In place: whoever imported the function by name has this one.
        former, original.__code__ = original.__code__, made[name].__code__
        try:
            yield
        finally:
            original.__code__ = former


MUTANTS = (
    Mutant(
        "a claim does not raise the attempt",
        JOBS + "claims:claim",
        "attempt=record.attempt + 1",
        "attempt=max(1, record.attempt)",
    ),
    Mutant(
        "the fence is off",
        JOBS + "writer:AttemptWriter._catch_up",
        "(current.generation, current.attempt) != (self._saved.generation, self._saved.attempt)",
        "current.generation != self._saved.generation",
    ),
    Mutant(
        "a terminal record does not absorb",
        JOBS + "writer:AttemptWriter._catch_up",
        "current is not None and self._store.kind.is_terminal(current.status)",
        "False",
        seed=6,
    ),
    Mutant(
        "the store writes over what has ended",
        JOBS + "kind:JobKind.may_follow",
        "if not self.is_terminal(previous.status) or record.status == DELETED:",
        "if True:",
        seed=23,
        is_rare=True,
    ),
    Mutant(
        "an ended job may still be excused",
        JOBS + "kind:_ending_of",
        "body={},",
        "body={}, excused=0, updated_at=None, message='', progress=0,",
        seed=350,
        is_rare=True,
    ),
    Mutant("writes do not compare", RECORDS + "update", "if_match=if_match", "if_match=''"),
    Mutant(
        "the event goes before the write",
        JOBS + "writer:AttemptWriter.finish",
        "await self._write(self._final, publish=False)",
        "await self._publisher.publish(self._final, after_revision=self._saved.revision); "
        "await self._write(self._final, publish=False)",
    ),
    Mutant(
        "a job is done before the write",
        JOBS + "worker:JobWorker._finish",
        "record = await self._persist(",
        "await delivery.done()\n    record = await self._persist(",
    ),
    Mutant(
        "a job is done before its event",
        JOBS + "worker:JobWorker._conclude",
        "await self._outbox.deliver(record)",
        "await delivery.done(); await self._outbox.deliver(record)",
    ),
    Mutant(
        "who lost its lease is done all the same",
        JOBS + "worker:JobWorker._abandon",
        'return "superseded"',
        'await delivery.done(); return "superseded"',
    ),
    Mutant(
        "open jobs without a message are not repaired",
        JOBS + "sweeper:Sweeper._repair",
        "kind = self._store.kind",
        "return 0",
        seed=25,
    ),
    Mutant(
        "a job leaves the open ones before its event",
        JOBS + "outbox:Outbox.deliver",
        "await self.announce(record)",
        "await self._store.close(record); await self.announce(record)",
        seed=54,
    ),
    Mutant(
        "the swap takes a job out of the open ones",
        JOBS + "store:JobStore.save",
        'previous_state="" if record.status in self.kind.terminal else listed',
        "previous_state=listed",
        seed=115,
        is_rare=True,
    ),
    Mutant(
        "a restart forgets the former news",
        JOBS + "acceptance:Acceptance.restart",
        "await self._outbox.announce(record)",
        "",
        seed=115,
        is_rare=True,
    ),
    Mutant(
        "a restart does not wait for the end",
        JOBS + "acceptance:Acceptance.restart",
        "if not kind.is_terminal(record.status):",
        "if False:",
    ),
    Mutant(
        "the record goes before its index keys",
        RECORDS + "create",
        "await self._put_index_keys(space, self._due_keys(envelope, key))\n    try:",
        "try:",
        seed=28,
    ),
    Mutant(
        "index keys are not reconciled with records",
        JOBS + "upkeep:Upkeep.reconcile",
        "checked, removed, token = await",
        "return 0, ''\n    checked, removed, token = await",
        seed=8,
    ),
    Mutant(
        "tombstones are ignored",
        JOBS + "deletion:Tombstones.check",
        "if user or job:",
        "if False:",
        seed=41,
        is_rare=True,
    ),
    Mutant(
        "nothing is purged again",
        JOBS + "upkeep:Upkeep.purge",
        "seen, found, token = await",
        "return 0, ''\n    seen, found, token = await",
        seed=39,
    ),
    Mutant(
        "a deletion leaves no mark where the record stood",
        JOBS + "deletion:delete_job",
        "spared_key=kind.record_key(user_id, job_id)",
        "spared_key=''",
        seed=852,
        is_rare=True,
    ),
    Mutant(
        "the tombstone goes before the mark",
        JOBS + "deletion:delete_job",
        "record, _ = await store.change",
        "await tombstones.put_job(store, user_id, job_id); record, _ = await store.change",
        seed=0,
        is_rare=True,
    ),
    Mutant(
        "a refusal that nobody can look into is a verdict",
        RECORDS + "_read_after",
        "raise unanswered from failure",
        "raise failure from unanswered",
        seed=5444,
        is_rare=True,
    ),
    Mutant(
        "index keys carry no run",
        JOBS + "store:JobStore.save",
        "run=previous.run if record.generation == previous.generation else record.generation",
        "run=previous.run",
        seed=1050,
        is_rare=True,
    ),
    Mutant(
        "attempts without end",
        JOBS + "worker:JobWorker._retry",
        "if not excused and record.charged + 1 >= limits.max_attempts:",
        "if False:",
        seed=1,
    ),
    Mutant(
        "who is given up leaves no dead letter",
        JOBS + "outbox:Outbox.announce",
        "if record.given_up:",
        "if False:",
        seed=1,
    ),
    Mutant(
        "an idempotency key is not kept",
        JOBS + "acceptance:Acceptance._claim_key",
        "await storage.create_record(key, document, kind=IDEMPOTENCY_KIND, created_at=now)",
        "return wanted",
        seed=7,
    ),
    Mutant(
        "a claim forgets the checkpoints",
        JOBS + "claims:claim",
        "attempt=record.attempt + 1",
        "attempt=record.attempt + 1, body={k: v for k, v in record.body.items() if k != 'paid'}",
    ),
    Mutant(
        "times are finer than what is written down",
        "services.common.clock:utc_now",
        "return now.replace(microsecond=now.microsecond // 1000 * 1000)",
        "return now",
        seed=98,
    ),
    Mutant(
        "suspects run beside others",
        JOBS + "worker:JobWorker._clear_hands",
        "while others := [task for task in self._running if task is not this]:",
        "while others := []:",
        seed=79,
        is_rare=True,
    ),
    Mutant(
        "deaths are charged to the job",
        JOBS + "claims:claim",
        "attempt=record.attempt + 1,",
        "attempt=record.attempt + 1, charged=record.charged + int(died),",
    ),
    Mutant(
        "jobs are handed out without noting where they stand in the backlog",
        JOBS + "queue:JobQueue.hand_out",
        "{BACKLOG_HEADER: str(waiting.sequence)}",
        "{}",
    ),
    Mutant(
        "what is gone from the backlog already cannot be done",
        JOBS + "broker:Broker.delete_message",
        "if error.err_code == _NO_SUCH_SEQUENCE or is_out_of_range:",
        "if False:",
        seed=2,
    ),
    Mutant(
        "a job leaves the backlog when it is handed out",
        JOBS + "queue:JobQueue.hand_out",
        "headers = {BACKLOG_HEADER",
        "await self._broker.delete_message(self._backlog, waiting.sequence)\n    headers = {BACKLOG_HEADER",
    ),
    Mutant(
        "a job leaves the backlog when a worker takes it",
        JOBS + "worker:JobWorker._settle",
        "claimed = claim(record)",
        "await delivery._broker.delete_message('BACKLOG_CONVERTER', int(delivery.headers['Wealth-Backlog']))\n"
        "    claimed = claim(record)",
    ),
    Mutant(
        "a job that is tried again is done",
        JOBS + "worker:JobWorker._retry",
        "await delivery.again(",
        "await delivery.done(); return 'retried'; await delivery.again(",
    ),
    Mutant(
        "a job that is tried again is left in hand",
        JOBS + "deliveries:Delivery.again",
        "await self._message.ack_sync(_ACK_TIMEOUT_S)",
        "await self._message.nak(86400)",
    ),
    Mutant(
        "nobody looks for jobs whose notes were lost",
        JOBS + "dispatcher:_Shift.compare",
        "if job not in handed_out",
        "if False",
        seed=8,
    ),
    Mutant(
        "what a dispatcher has handed out once never waits again",
        JOBS + "dispatcher:_Shift.compare",
        "self._handed_out_at = {job: at for job, at in self._handed_out_at.items() if at > begun}",
        "",
        seed=8,
    ),
    Mutant(
        "a job that was not handed out is forgotten",
        JOBS + "dispatcher:_Shift._hand_out",
        "self._add_later(job, _REFUSED_PAUSE_S)",
        "self._handed_out_at[job.ready_subject] = float('inf')",
        seed=4,
    ),
    Mutant(
        "nobody takes the lead over",
        JOBS + "leadership:Leadership._is_free",
        "return True",
        "return self._other[0] == 0",
        seed=25,
    ),
    Mutant(
        "a dispatcher that met an error ends",
        JOBS + "dispatcher:Dispatcher._run",
        'self._log.warning("dispatching_deferred"',
        'return self._log.warning("dispatching_deferred"',
        seed=1,
    ),
    Mutant(
        "what is one too many leaves the backlog before it is cancelled",
        JOBS + "acceptance:Acceptance._withdraw",
        "kind = self._store.kind",
        "await self._queue.withdraw(record); kind = self._store.kind",
        seed=123,
    ),
    Mutant(
        "a watcher does not see gaps",
        JOBS + "watch:watch_job",
        "unbroken = generation == record.generation and entry.sequence == last + 1",
        "unbroken = generation == record.generation",
        seed=65,
    ),
    Mutant(
        "a watcher waits for events alone",
        JOBS + "watch:watch_job",
        "except TimeoutError:\n                    break",
        "except TimeoutError:\n                    continue",
        seed=9,
    ),
    Mutant(
        "a watcher that comes back gets its last news again",
        JOBS + "watch:_position",
        "entry.revision <= after_revision",
        "entry.revision < after_revision",
        seed=1,
    ),
    Mutant(
        "the close of a job takes the first run's key",
        JOBS + "store:JobStore.close",
        "run=record.run if run is None else run",
        "run=0",
    ),
    Mutant(
        "a checkpoint does not wait to be written",
        JOBS + "writer:AttemptWriter.checkpoint",
        "await self.flush()",
        "",
        seed=4,
    ),
    Mutant(
        "a creation takes another's record for its own",
        RECORDS + "create",
        "if found.envelope.write_id == envelope.write_id:",
        "if True:",
        seed=7,
    ),
    Mutant(
        "what a dependency's absence cost is the job's",
        JOBS + "worker:JobWorker._try",
        "after_s=error.retry_after_s, excused=excused",
        "after_s=error.retry_after_s, excused=False",
        seed=1,
    ),
    Mutant(
        "outputs share a name",
        "tests.simulation.work:SimulatedWork._upload",
        'f"{folder}output.csv"',
        'self._places.fixed_key(record.user_id, record.job_id, "shared.csv")',
    ),
)
