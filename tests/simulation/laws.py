"""What must hold of any schedule, told by the bucket and the broker alone.

Nothing here knows how the protocol works: laws are of records, objects, index keys, events and messages as they stand
or change, and of what clients were told.
"""

import contextlib
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.common.jobs.acceptance import QUEUE_FULL
from services.common.jobs.caps import TOO_MANY
from services.common.jobs.claims import MOST_DEATHS_ALONE
from services.common.jobs.kind import OPEN, JobKind
from services.common.jobs.record import DELETED, ENVELOPE
from services.storage.domain.records import split_record
from tests.simulation.bucket import SimulatedBucket
from tests.simulation.loop import SimulatedProcess
from tests.simulation.streams import SimulatedNats, Stored

Document = Mapping[str, Any]


@dataclass(slots=True)
class Told:
    """What clients were told of one job, by generation where it matters."""

    key: str
    is_good: bool
    accepted: bool = False
    deleted: bool = False
    cancelled: set[int] = field(default_factory=set)
    cancel_asked: bool = False


@dataclass(slots=True)
class Laws:
    """Watches a run and gathers what is broken; ``judge`` says what is wrong in the end."""

    kind: JobKind
    bucket: SimulatedBucket
    nats: SimulatedNats
    now: Callable[[], float]
    broken: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    jobs: dict[str, Told] = field(default_factory=dict)
    records: dict[str, Document] = field(default_factory=dict)
    ever: dict[str, Document] = field(default_factory=dict)
    runs: set[tuple[str, int, int]] = field(default_factory=set)
    paid: set[tuple[str, int]] = field(default_factory=set)
    starts: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    failures: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    made_for: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    refused: set[str] = field(default_factory=set)
    news: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    ends: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    ended: dict[tuple[str, int], str] = field(default_factory=dict)
    dead_letters: set[tuple[str, int]] = field(default_factory=set)
    # Users that were deleted, or are about to be, by the folder of their jobs.
    forgetting: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    # What stands among open jobs and has ended, by its index key: the outbox.
    owed: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    # Ends a process, and all that it has in hand.
    kill: Callable[[SimulatedProcess], None] = lambda _process: None
    # Is told of each law that is broken on the way.
    on_broken: Callable[[], None] = lambda: None
    in_hand: dict[SimulatedProcess, list[bool]] = field(default_factory=dict)
    starts_alone: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    def watch(self) -> None:
        """Begins to watch."""
        self.bucket.watch = self._on_object
        self.nats.on_publish = self._on_publish
        self.nats.on_remove = self._on_remove

    def break_(self, law: str, what: str) -> None:
        """Notes that a law was broken."""
        self.broken.append(f"{law} at {self.now():.3f} s: {what}")
        self.on_broken()

    @contextlib.contextmanager
    def running(self, process: SimulatedProcess, *, alone: bool) -> Iterator[None]:
        """A handler runs in a process; no other may begin or go on beside one that is ``alone``."""
        here = self.in_hand.setdefault(process, [])
        if here and (alone or any(here)):
            self.break_("suspects run alone", f"{len(here) + 1} jobs in {process}")
        here.append(alone)
        try:
            yield
        finally:
            here.remove(alone)

    def note_run(self, job_id: str, generation: int, attempt: int, *, alone: bool = False) -> None:
        """A handler begins to run an attempt."""
        run = (job_id, generation, attempt)
        if run in self.runs:
            self.break_("fences hold", f"attempt {run} is run twice")
        self.runs.add(run)
        self.starts[job_id, generation] += 1
        self.starts_alone[job_id, generation] += alone

    def note_paid(self, job_id: str, generation: int) -> None:
        """An attempt pays for something, having written down that it does."""
        if (job_id, generation) in self.paid:
            self.break_("nothing doubles", f"{job_id}:{generation} was paid for twice")
        self.paid.add((job_id, generation))

    def _on_object(self, key: str, before: bytes | None, after: bytes | None) -> None:
        own = _split_tenant(key)[1]
        if own.startswith("index/"):
            if after is None and key in self.owed:
                self._on_withdrawal(key)
            return
        if not own.endswith(self.kind.record_suffix):
            return
        former = self.records.pop(key, None)
        if after is None:
            is_forgotten = key.rsplit("/", 2)[0] in self.forgetting
            if former is not None and former[ENVELOPE]["status"] != DELETED and not is_forgotten:
                self.break_("nothing is lost", f"{key} was deleted as {former[ENVELOPE]['status']}")
            return
        document = json.loads(after)
        self.records[key] = document
        if former is None:
            self._on_creation(key, document)
        else:
            self._on_change(key, former, document)
        envelope = document[ENVELOPE]
        if envelope["status"] in self.kind.terminal:
            self.ended.setdefault((envelope["job_id"], envelope["generation"]), envelope["status"])
            if (envelope["error"] or {}).get("code") in {QUEUE_FULL, TOO_MANY}:
                self.refused.add(envelope["job_id"])
            self._note_outbox(key, after, envelope)
        self.ever[envelope["job_id"]] = document

    def _note_outbox(self, full_key: str, content: bytes, envelope: Document) -> None:
        """A record that has ended owes its terminal event for as long as its place among open jobs says so."""
        prefix, key = _split_tenant(full_key)
        listed = replace(split_record(content)[1], state=OPEN)
        self.owed[prefix + listed.index_keys(key)[0]] = (full_key, envelope["job_id"], envelope["generation"])

    def _on_withdrawal(self, index_key: str) -> None:
        """A job leaves the open ones: nothing would look for what it owes any more."""
        full_key, job_id, generation = self.owed.pop(index_key)
        document = self.records.get(full_key)
        if document is None or full_key.rsplit("/", 2)[0] in self.forgetting:
            return
        envelope = document[ENVELOPE]
        stands = envelope["status"] in self.kind.terminal and envelope["generation"] == generation
        if stands and job_id not in self.refused and not self.ends[job_id, generation]:
            self.break_("one terminal event", f"{job_id}:{generation} left the open jobs before its terminal event")

    def _on_creation(self, key: str, document: Document) -> None:
        envelope = document[ENVELOPE]
        job_id = envelope["job_id"]
        self.made_for[document.get("request", key)].add(job_id)
        if document["_record"]["revision"] != 1:
            self.break_("terminal absorbs", f"{key} is created as revision {document['_record']['revision']}")
        if envelope["status"] in self.kind.terminal or envelope["attempt"]:
            self.break_("terminal absorbs", f"{key} is created as {envelope['status']}")

    def _on_change(self, key: str, former: Document, document: Document) -> None:
        old, new = former[ENVELOPE], document[ENVELOPE]
        where = f"{key} {_shown(former)} -> {_shown(document)}"
        if document["_record"]["revision"] != former["_record"]["revision"] + 1:
            self.break_("fences hold", f"revisions skip: {where}")
        for name in ("tenant", "user_id", "job_id", "created_at"):
            if old[name] != new[name]:
                self.break_("nothing is lost", f"{name} changed: {where}")
        if old["status"] == DELETED:
            self.break_("terminal absorbs", f"deleted, and written again: {where}")
            return
        if new["status"] == DELETED:
            return
        if new["generation"] != old["generation"]:
            if old["status"] not in self.kind.terminal:
                self.break_("nothing is lost", f"a new generation over one that runs: {where}")
            if (new["generation"], new["attempt"]) != (old["generation"] + 1, 0):
                self.break_("fences hold", f"generations skip: {where}")
            return
        if old["status"] in self.kind.terminal:
            self.break_("terminal absorbs", where)
        self._check_same_generation(old, new, former, document, where)

    def _check_same_generation(
        self, old: Document, new: Document, former: Document, document: Document, where: str
    ) -> None:
        if new["attempt"] not in {old["attempt"], old["attempt"] + 1}:
            self.break_("fences hold", f"attempts skip: {where}")
        if new["attempt"] != old["attempt"] and new["status"] != old["status"]:
            self.break_("fences hold", f"a claim changed the status: {where}")
        if new["charged"] > self.failures[new["job_id"], new["generation"]]:
            self.break_("failures have owners", f"charged {new['charged']} times: {where}")
        kept = old["history"]
        if new["history"][: len(kept)] != kept:
            self.break_("nothing is lost", f"history was rewritten: {where}")
        if [entry["sequence"] for entry in new["history"]] != list(range(1, len(new["history"]) + 1)):
            self.break_("nothing is lost", f"history has gaps: {where}")
        run, was = document.get("run"), former.get("run")
        if run != was and run is not None and run[:2] != [new["generation"], new["attempt"]]:
            self.break_("fences hold", f"written by attempt {run[:2]}: {where}")
        if run != was and was is not None and was[:2] == [new["generation"], new["attempt"]]:
            self.break_("fences hold", f"two writers of one attempt: {where}")
        if "paid" in former and former["paid"] != document.get("paid"):
            self.break_("nothing is lost", f"a checkpoint was forgotten: {where}")

    def _on_publish(self, stored: Stored) -> None:
        if stored.subject.startswith("dead."):
            *_, job_id, generation = stored.subject.split(".")
            self.dead_letters.add((job_id, int(generation)))
        if not stored.subject.startswith("wealth."):
            return
        name = stored.headers["ce-id"]
        headers = {key: value for key, value in stored.headers.items() if key not in {"traceparent", "tracestate"}}
        known = self.news.setdefault(name, (stored.data, headers))
        if known != (stored.data, headers):
            self.break_("one terminal event", f"{name} was published with other bytes")
        status = stored.headers["ce-type"].rpartition(".")[2]
        job_id, generation, _ = name.rsplit(":", 2)
        if status not in self.kind.terminal:
            return
        self.ends[job_id, int(generation)].add(name)
        if self.ended.get((job_id, int(generation))) != status:
            self.break_("one terminal event", f"{name} says {status} before any record did")
        if len(self.ends[job_id, int(generation)]) > 1:
            self.break_("one terminal event", f"{sorted(self.ends[job_id, int(generation)])}")

    def _on_remove(self, stored: Stored) -> None:
        if not stored.subject.startswith(("jobs.", "backlog.")):
            return
        if stored.subject.startswith("jobs.") and self._stands_in_backlog(stored.data):
            return  # to wait there once more, whatever has become of it meanwhile
        if self.nats.wipes:
            # The server's numbers began anew: who has one of before takes out another's message, and the sweeper
            # puts that back.
            return
        locator = json.loads(stored.data)
        job_id, generation = locator["job_id"], locator["generation"]
        document = self.records.get(self._full_key(locator["tenant"], locator["user_id"], job_id))
        if document is None:
            return
        envelope = document[ENVELOPE]
        is_over = envelope["generation"] > generation or self.kind.is_terminal(envelope["status"])
        if not is_over:
            self.break_("nothing is lost", f"{job_id} was taken out of {stored.subject} as {_shown(document)}")
        elif envelope["generation"] == generation and envelope["status"] != DELETED:
            refused = job_id in self.refused
            if not refused and not self.ends[job_id, generation]:
                self.break_("one terminal event", f"{job_id} was acknowledged before its terminal event")

    def _stands_in_backlog(self, payload: bytes) -> bool:
        backlogs = (stream for name, stream in self.nats.streams.items() if name.startswith("BACKLOG_"))
        return any(stored.data == payload for stream in backlogs for stored in stream.messages.values())

    def _full_key(self, tenant: str, user_id: str, job_id: str) -> str:
        prefix = "" if tenant == "default" else f"tenants/{tenant}/"
        return prefix + self.kind.record_key(user_id, job_id)

    def is_settled(self) -> bool:
        """Whether every job has ended, and no message is left in the backlog and in the work queue."""
        queues = (stream for name, stream in self.nats.streams.items() if name.startswith(("JOBS_", "BACKLOG_")))
        return all(
            self.kind.is_terminal(document[ENVELOPE]["status"]) for document in self.records.values()
        ) and not any(stream.messages for stream in queues)

    def judge(self, listed: Mapping[str, list[str]]) -> list[str]:
        """Says what was broken on the way, and what is wrong as things stand. ``listed`` has the job ids that a list
        shows, by tenant."""
        self.wrong = []
        for document in self.records.values():
            self._judge_record(document)
        for job_id, told in self.jobs.items():
            self._judge_told(job_id, told)
        for request, made in self.made_for.items():
            if len(made - self.refused) > 1:
                self._wrong("nothing doubles", f"request {request} made {sorted(made)}")
        for (job_id, generation), status in self.ended.items():
            last = self.ever[job_id][ENVELOPE]
            is_forgotten = job_id in self.jobs and self.jobs[job_id].key.rsplit("/", 2)[0] in self.forgetting
            lost = is_forgotten or (last["status"] == DELETED and last["generation"] == generation)
            if not self.ends[job_id, generation] and not lost:
                self._wrong("one terminal event", f"{job_id}:{generation} ended {status} without one")
        self._judge_places()
        for tenant, shown in listed.items():
            jobs = (document[ENVELOPE] for document in self.records.values())
            standing = sorted(job["job_id"] for job in jobs if job["tenant"] == tenant and job["status"] != DELETED)
            if sorted(shown) != standing:
                self._wrong("index equals records", f"a list of {tenant} shows {sorted(shown)}, not {standing}")
        if not self.is_settled():
            left = [_shown(document) for document in self.records.values()]
            self._wrong("nothing is lost", f"not all settled: {left}")
        return self.broken + self.wrong

    def _wrong(self, law: str, what: str) -> None:
        self.wrong.append(f"{law} at {self.now():.3f} s: {what}")

    def _judge_record(self, document: Document) -> None:
        envelope = document[ENVELOPE]
        shown, generation = _shown(document), (envelope["job_id"], envelope["generation"])
        if envelope["status"] not in self.kind.terminal:
            return  # told by ``is_settled``
        prefix = "" if envelope["tenant"] == "default" else f"tenants/{envelope['tenant']}/"
        folder = prefix + self.kind.places(envelope["user_id"], envelope["job_id"])[0]
        if envelope["status"] == self.kind.completed and not envelope["manifest"]:
            self._wrong("nothing is lost", f"{shown} completed with nothing")
        for name, artefact in envelope["manifest"].items():
            for key in (prefix + artefact["key"], f"{folder}{name}.csv"):
                content = self.bucket.look(key)
                if content is None or hashlib.sha256(content).hexdigest() != artefact["sha256"]:
                    self._wrong("nothing is lost", f"{shown}: {key} is not what the manifest says")
        if envelope["given_up"] and generation not in self.dead_letters:
            self._wrong("nothing is lost", f"{shown} was given up without a dead letter")
        if envelope["charged"] > document.get("limit", 0) > 0:
            self._wrong("failures have owners", f"{shown} failed {envelope['charged']} times")

    def _judge_told(self, job_id: str, told: Told) -> None:
        document = self.records.get(told.key)
        user = told.key.rsplit("/", 2)[0]
        if told.deleted or user in self.forgotten:
            if document is not None and document[ENVELOPE]["status"] != DELETED:
                self._wrong("deleted stays deleted", f"{_shown(document)} stands after its deletion")
            return
        if document is None:
            last = self.ever.get(job_id)
            is_gone = last is not None and last[ENVELOPE]["status"] == DELETED
            if told.accepted and not (is_gone or user in self.forgetting):
                self._wrong("nothing is lost", f"{job_id} was accepted and is gone")
            return
        envelope = document[ENVELOPE]
        if envelope["generation"] in told.cancelled and envelope["status"] != self.kind.cancelled:
            self._wrong("terminal absorbs", f"{_shown(document)} was told to be cancelled")
        wrong = envelope["status"] == self.kind.failed or (
            envelope["status"] == self.kind.cancelled
            and not (told.cancel_asked or user in self.forgetting)
            and job_id not in self.refused
        )
        # Who died three times alone may be the one that kills.
        may_kill = self.starts_alone[job_id, envelope["generation"]] >= MOST_DEATHS_ALONE
        if told.is_good and wrong and not may_kill:
            self._wrong("failures have owners", f"{_shown(document)} {envelope['error']} was a good job")

    def _judge_places(self) -> None:
        """Index keys equal records, and nothing stands where no record does."""
        wanted: set[str] = set()
        folders: set[str] = set()
        for full_key in self.records:
            content = self.bucket.look(full_key)
            assert content is not None
            _, envelope = split_record(content)
            prefix, key = _split_tenant(full_key)
            wanted |= {prefix + name for name in envelope.index_keys(key)}
            is_mark = self.records[full_key][ENVELOPE]["status"] == DELETED
            folders.add(full_key if is_mark else full_key.removesuffix(self.kind.record_suffix) + "/")
        standing = {key for key in self.bucket.keys() if _split_tenant(key)[1].startswith("index/")}  # noqa: SIM118
        for key in sorted(standing ^ wanted):
            self._wrong("index equals records", f"{'left over' if key in standing else 'missing'}: {key}")
        for key in self.bucket.keys():  # noqa: SIM118
            own = _split_tenant(key)[1]
            if own.startswith(self.kind.record_prefix) and not any(key.startswith(folder) for folder in folders):
                self._wrong("deleted stays deleted", f"left over: {key}")


def _split_tenant(full_key: str) -> tuple[str, str]:
    if not full_key.startswith("tenants/"):
        return "", full_key
    _, tenant, key = full_key.split("/", 2)
    return f"tenants/{tenant}/", key


def _shown(document: Document) -> str:
    envelope = document[ENVELOPE]
    return (
        f"{envelope['job_id']}:g{envelope['generation']}a{envelope['attempt']}:{envelope['status']}"
        f"(r{document['_record']['revision']})"
    )
