"""Rule 26: a rebuild that cannot tell publishes again, once, and what ended lately alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.common.identity import Principal
from services.common.jobs import backlog_loss
from services.common.jobs.acceptance import QUEUE_FULL
from services.common.jobs.backlog_loss import BacklogLoss
from services.common.jobs.record import Fault, JobRecord, new_record

MADE_AT = datetime(2027, 1, 1, 12, tzinfo=UTC)
LATER = MADE_AT + timedelta(minutes=2)


def ended(at: datetime) -> JobRecord:
    """A job that ended at a time."""
    principal = Principal("acme", "test", frozenset(), frozenset())
    record = new_record(principal, user_id="ann", job_id="one", now=at, status="completed", message="done", body={})
    return replace(record, updated_at=at)


@pytest.mark.parametrize(
    ("minutes", "may_owe"),
    [(-16, False), (-14, True), (-0.1, True), (0.5, True), (2, False)],
    ids=["long before", "lately", "just before", "as it was made", "after"],
)
def test_26_what_ended_shortly_before_the_backlog_was_made_may_be_owed(minutes: float, may_owe: bool) -> None:
    loss = BacklogLoss()
    loss.begin_round(LATER, LATER, MADE_AT)
    assert loss.may_owe(ended(MADE_AT + timedelta(minutes=minutes))) is may_owe


@pytest.mark.parametrize("made_at", [None, LATER - timedelta(days=1)], ids=["unknown", "long ago"])
def test_26_nothing_is_owed_where_the_backlog_remembers(made_at: datetime | None) -> None:
    loss = BacklogLoss()
    assert loss.begin_round(LATER, LATER, made_at) == LATER
    assert not loss.may_owe(ended(LATER))


def test_26_the_round_looks_back_to_what_the_backlog_forgot() -> None:
    since = BacklogLoss().begin_round(LATER, LATER - timedelta(minutes=1), MADE_AT)
    assert since == MADE_AT - timedelta(minutes=15)


def test_26_a_round_over_everything_stays_one() -> None:
    assert BacklogLoss().begin_round(LATER, None, MADE_AT) is None


def test_26_what_was_announced_by_a_whole_round_is_not_announced_again() -> None:
    loss = BacklogLoss()
    loss.begin_round(LATER, LATER, MADE_AT)
    loss.end_round()
    loss.begin_round(LATER, LATER, MADE_AT)
    assert not loss.may_owe(ended(MADE_AT))


def test_26_another_loss_is_made_good_again() -> None:
    loss = BacklogLoss()
    loss.begin_round(LATER, LATER, MADE_AT)
    loss.end_round()
    loss.begin_round(LATER, LATER, LATER - timedelta(seconds=1))
    assert loss.may_owe(ended(LATER - timedelta(seconds=2)))


def test_26_a_round_in_which_something_failed_is_made_again() -> None:
    loss = BacklogLoss()
    loss.begin_round(LATER, LATER, MADE_AT)
    loss.is_whole = False
    loss.end_round()
    loss.begin_round(LATER, LATER, MADE_AT)
    assert loss.may_owe(ended(MADE_AT))


def test_26_what_was_open_when_the_backlog_was_lost_is_waited_for() -> None:
    """A round right after the loss does not see what a worker that knows of nothing ends a moment later."""
    loss = BacklogLoss()
    loss.begin_round(MADE_AT + timedelta(seconds=5), MADE_AT, MADE_AT)
    loss.end_round()
    loss.begin_round(LATER, LATER, MADE_AT)
    assert loss.may_owe(ended(MADE_AT + timedelta(seconds=30)))


def refused(at: datetime, code: str = QUEUE_FULL) -> JobRecord:
    """A job that was refused at a time."""
    return replace(ended(at), error=Fault(code, "the queue is full"))


def test_26_a_job_that_the_backlog_never_took_is_announced_once() -> None:
    loss, record = BacklogLoss(), refused(LATER - timedelta(minutes=1))
    loss.begin_round(LATER, LATER, None)
    assert loss.may_owe(record)
    loss.note_told(record)
    assert not loss.may_owe(record)


@pytest.mark.parametrize("record", [refused(LATER - timedelta(minutes=16)), refused(LATER, "SOURCE_BUSY")])
def test_26_what_was_refused_long_ago_or_stood_in_the_backlog_is_left(record: JobRecord) -> None:
    loss = BacklogLoss()
    loss.begin_round(LATER, None, None)
    assert not loss.may_owe(record)


def test_26_what_is_remembered_of_refusals_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog_loss, "_MOST_TOLD", 2)
    loss = BacklogLoss()
    for number in range(5):
        loss.note_told(replace(refused(LATER), job_id=f"job-{number}"))
    assert len(loss._told) <= 2
