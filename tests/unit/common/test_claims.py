"""Whose failure an attempt was, as the next claim finds it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.common.jobs.claims import claim, find_verdict
from services.common.jobs.record import JobRecord, decode_record, encode_record

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FRESH = JobRecord("acme", "ann", "j1", "pending", NOW, NOW)


def die(record: JobRecord, times: int) -> JobRecord:
    """Claimed, and never heard of again."""
    for _ in range(times):
        record = claim(record)
    return record


@pytest.mark.parametrize(
    ("deaths", "alone", "given_up"),
    [(0, False, False), (1, False, False), (2, True, False), (3, True, False), (4, True, False), (5, True, True)],
)
def test_after_two_deaths_a_job_runs_alone_and_three_alone_end_it(deaths: int, alone: bool, given_up: bool) -> None:
    claimed = claim(die(FRESH, deaths))
    assert (claimed.alone, find_verdict(claimed) is not None) == (alone, given_up)


def test_what_failed_by_its_own_doing_or_was_handed_back_is_no_death() -> None:
    record = FRESH
    for number in range(10):
        claimed = claim(record)
        record = replace(
            claimed, **({"charged": claimed.charged + 1} if number % 2 else {"excused": claimed.excused + 1})
        )
    assert (claim(record).deaths, claim(record).alone) == (0, False)


def test_a_death_beside_others_before_is_none_alone() -> None:
    record = die(FRESH, 3)
    handed_back = replace(record, excused=1)
    assert claim(handed_back).deaths_alone == 0


def test_a_record_of_the_release_before_counts_what_nobody_explained() -> None:
    document = encode_record(die(FRESH, 2))
    for name in ("charged", "deaths", "deaths_alone", "alone"):
        del document["_job"][name]
    read = decode_record(document, revision=1, write_id="w", etag="e")
    assert claim(read).alone
