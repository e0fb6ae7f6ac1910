"""A job's record: what is written reads back, and what history says stays said."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.common.jobs.events import is_resumable
from services.common.jobs.record import (
    ENVELOPE,
    Artefact,
    Fault,
    HistoryEntry,
    JobRecord,
    TraceStep,
    decode_entry,
    decode_record,
    encode_entry,
    encode_record,
)
from services.common.jobs.store import _stamp_history
from services.common.storage.record_calls import encode_document

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - naive bounds
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
COUNTS = st.integers(0, 10_000)
ENTRIES = st.builds(HistoryEntry, COUNTS, COUNTS, TEXT, st.integers(0, 100), TEXT, TIMES, TEXT)
BODIES = st.dictionaries(
    TEXT.filter(lambda key: key != ENVELOPE),
    st.recursive(st.none() | st.booleans() | COUNTS | TEXT, lambda inner: st.lists(inner, max_size=3), max_leaves=5),
    max_size=4,
)
RECORDS = st.builds(
    JobRecord,
    tenant=TEXT,
    user_id=TEXT,
    job_id=TEXT,
    status=TEXT,
    created_at=TIMES,
    updated_at=TIMES,
    subject=TEXT,
    generation=COUNTS,
    attempt=COUNTS,
    excused=COUNTS,
    finished_at=st.none() | TIMES,
    progress=st.integers(0, 100),
    message=TEXT,
    error=st.none() | st.builds(Fault, TEXT, TEXT, TEXT),
    given_up=st.booleans(),
    requests=st.lists(TEXT, max_size=3).map(tuple),
    history=st.lists(ENTRIES, max_size=4).map(tuple),
    trace=st.lists(st.builds(TraceStep, TEXT, TEXT, TIMES, TEXT), max_size=3).map(tuple),
    manifest=st.dictionaries(TEXT, st.builds(Artefact, TEXT, COUNTS, TEXT, TEXT), max_size=2),
    traceparent=TEXT,
    body=BODIES,
    revision=COUNTS,
    write_id=TEXT,
    etag=TEXT,
)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def make_record() -> JobRecord:
    """A fresh record."""
    return JobRecord("acme", "alice", "j1", "pending", NOW, NOW).note(NOW, "pending", 0, "accepted")


@given(RECORDS)
def test_record_reads_back_through_json(record: JobRecord) -> None:
    document = json.loads(encode_document(encode_record(record)))
    read = decode_record(document, revision=record.revision, write_id=record.write_id, etag=record.etag)
    assert read == record


@given(ENTRIES)
def test_entry_reads_back_and_fits_a_header(entry: HistoryEntry) -> None:
    text = encode_entry(entry)
    assert text.isascii()
    assert "\n" not in text
    assert decode_entry(text) == entry


def test_record_of_a_newer_version_is_read() -> None:
    document = encode_record(make_record())
    document[ENVELOPE]["something_new"] = {"x": 1}
    assert decode_record(document, revision=1, write_id="w", etag="e").job_id == "j1"


def test_record_of_an_older_version_is_read() -> None:
    document = encode_record(make_record())
    for name in ("given_up", "requests", "excused", "manifest", "subject"):
        del document[ENVELOPE][name]
    assert decode_record(document, revision=1, write_id="w", etag="e").given_up is False


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_written_history_never_changes(notes_by_write: list[int]) -> None:
    """However notes fall between writes, a written entry keeps its revision, and revisions never run backwards."""
    saved = replace(_stamp_history(make_record(), replace(make_record(), history=())), revision=1)
    known = {entry.sequence: entry.revision for entry in saved.history}
    for notes in notes_by_write:
        wanted = saved
        for number in range(notes):
            wanted = wanted.note(NOW, "running", number, "x")
        saved = replace(_stamp_history(wanted, saved), revision=saved.revision + 1)
        revisions = {entry.sequence: entry.revision for entry in saved.history}
        assert {sequence: revisions[sequence] for sequence in known} == known
        assert list(revisions.values()) == sorted(revisions.values())
        known = revisions


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8))
def test_watching_resumes_only_after_the_last_entry_of_a_revision(sizes: list[int]) -> None:
    revisions = [revision for revision, size in enumerate(sizes, 1) for _ in range(size)]
    history = tuple(
        HistoryEntry(sequence, revision, "running", 0, "", NOW) for sequence, revision in enumerate(revisions, 1)
    )
    record = replace(make_record(), history=history)
    resumable = [entry.revision for entry in history if is_resumable(record, entry)]
    assert resumable == list(range(1, len(sizes) + 1))


def test_restart_keeps_nothing_of_the_former_run_but_its_identity() -> None:
    ended = replace(
        make_record().note(NOW, "failed", 40, "no").finished(NOW),
        attempt=3,
        excused=1,
        given_up=True,
        error=Fault("X", "no"),
        manifest={"output": Artefact("k", 1, "s")},
        requests=("r1",),
        revision=7,
    )
    fresh = ended.restart(NOW + timedelta(hours=1), "again", status="pending", body={"a": 1})
    assert (fresh.generation, fresh.attempt, fresh.excused, fresh.given_up) == (2, 0, 0, False)
    assert (fresh.error, fresh.manifest, fresh.finished_at, fresh.requests) == (None, {}, None, ("r1",))
    assert [entry.message for entry in fresh.history] == ["again"]
    assert (fresh.created_at, fresh.job_id, fresh.revision) == (ended.created_at, "j1", 7)


def test_step_is_brought_up_to_date_while_it_is_the_latest() -> None:
    record = make_record().with_step(NOW, "fetch", "started").with_step(NOW, "fetch", "completed", "3 rows")
    assert [(step.step, step.status, step.detail) for step in record.trace] == [("fetch", "completed", "3 rows")]
