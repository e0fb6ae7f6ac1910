"""Holds what clients were promised against what stands in S3 and what NATS has carried."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.chaos.campaign.evidence import Bucket, EventLog, Found, expected_index, read_index
from tests.chaos.campaign.load import NEW_SHIPMENTS, Promise, Promises
from tests.chaos.campaign.schedule import JobKind

_OUTPUT = "output"


@dataclass
class Verdict:
    """What was found: each list names the jobs, keys or events that break one law."""

    accepted: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    left_of_deleted: list[str] = field(default_factory=list)
    events_missing: list[str] = field(default_factory=list)
    events_unequal: list[str] = field(default_factory=list)

    @property
    def laws(self) -> Mapping[str, list[str]]:
        """Each law with what breaks it."""
        return {
            "jobs lost": self.lost,
            "jobs doubled": self.doubled,
            "wrong verdicts": self.wrong,
            "left of deleted jobs": self.left_of_deleted,
            "terminal events missing": self.events_missing,
            "events of one id that differ": self.events_unequal,
        }


def list_open(promises: Promises, records: Mapping[str, Found]) -> list[str]:
    """The promised jobs that have not ended and are not gone."""
    by_id = {found.job_id: found for found in records.values()}
    return [
        promise.job_id
        for promise in promises.kept
        if not promise.deleted and promise.job_id in by_id and not by_id[promise.job_id].is_over
    ]


def find_left(promises: Promises, bucket: Bucket) -> list[str]:
    """The keys that stand of deleted jobs, with the jobs: a few of each."""
    keys = bucket.list_keys()
    return [
        f"{promise.job_id}: {key}"
        for promise in promises.kept
        if promise.deleted
        for key in sorted(key for key in keys if promise.job_id in key)[:3]
    ]


def judge(promises: Promises, bucket: Bucket, records: Mapping[str, Found], events: EventLog) -> Verdict:
    """Judges every promise. Reads outputs from the bucket."""
    verdict = Verdict(accepted=len(promises.kept), left_of_deleted=find_left(promises, bucket))
    by_id = {found.job_id: found for found in records.values()}
    for promise in promises.kept:
        found = by_id.get(promise.job_id)
        if promise.deleted:
            continue
        if found is None:
            if not promise.asked_to_end:
                verdict.lost.append(f"{promise.planned.kind} {promise.job_id}: no record")
        elif not found.is_over:
            verdict.lost.append(f"{promise.planned.kind} {promise.job_id}: {found.status}")
        else:
            verdict.wrong += [
                f"{promise.planned.kind} {promise.job_id}: {why}" for why in _faults(promise, found, bucket)
            ]
    _judge_doubles(verdict, promises, records)
    _judge_events(verdict, promises, by_id, events)
    return verdict


def _faults(promise: Promise, found: Found, bucket: Bucket) -> list[str]:
    """What is wrong with how a good example ended."""
    if promise.cancelled:
        return [] if found.status == "cancelled" else [f"cancelled, and {found.status}"]
    if found.status != "completed":
        if promise.asked_to_end and found.status == "cancelled":
            return []
        error = found.job.get("error") or {}
        return [f"{found.status} {error.get('code', '')} {error.get('message', '')}"]
    if promise.planned.kind is JobKind.TASK:
        sections = found.document.get("sections", {})
        values = sections.values() if isinstance(sections, dict) else sections
        bad = [section for section in values if section.get("status") != "completed"]
        return [f"{len(bad)} sections did not complete"] if bad or not sections else []
    faults = [
        f"{name} is not what the manifest says"
        for name, artefact in found.job["manifest"].items()
        if not bucket.holds(artefact["key"], artefact["sha256"])
    ]
    if promise.planned.kind is JobKind.INFERENCE:
        output = found.job["manifest"].get(_OUTPUT)
        if output is None or bucket.read(output["key"]) != NEW_SHIPMENTS.encode():
            faults.append("the output is another")
    return faults


def _judge_doubles(verdict: Verdict, promises: Promises, records: Mapping[str, Found]) -> None:
    """One job for each promise, one end for each job. A job whose acceptance nobody heard of may stand all the same."""
    counted = Counter(promise.job_id for promise in promises.kept)
    verdict.doubled += [f"{job_id}: promised {count} times" for job_id, count in counted.items() if count > 1]
    verdict.doubled += [
        f"{found.job_id}: {found.endings} ends" for found in records.values() if found.is_over and found.endings != 1
    ]
    extra = [found.job_id for found in records.values() if found.job_id not in counted and not _is_prepared(found)]
    if len(extra) > len(promises.refused):
        verdict.doubled += [f"{job_id}: nobody was promised it" for job_id in extra]


def _is_prepared(found: Found) -> bool:
    return "prepared" in json.dumps(found.document)


def _judge_events(verdict: Verdict, promises: Promises, by_id: Mapping[str, Found], events: EventLog) -> None:
    for (job_id, generation), ids in events.seen.items():
        if len(ids) > 1:
            verdict.doubled.append(f"{job_id}: {len(ids)} terminal events of generation {generation}")
    for promise in promises.kept:
        found = by_id.get(promise.job_id)
        if found is not None and found.is_over:
            generation = str(found.job["generation"])
            if not events.seen.get((promise.job_id, generation)):
                verdict.events_missing.append(f"{promise.job_id}: {found.status}")
    verdict.events_unequal += [event_id for event_id, bodies in events.bodies.items() if len(bodies) > 1]


def compare_index(bucket: Bucket) -> list[str]:
    """Where the index and the records disagree, each way."""
    keys = bucket.list_keys("index/")
    wanted, said = expected_index(bucket.read_records()), read_index(keys)
    return [f"missing {entry}" for entry in sorted(wanted - said)] + [
        f"stale {entry}" for entry in sorted(said - wanted)
    ]
