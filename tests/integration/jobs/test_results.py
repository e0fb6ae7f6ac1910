"""Rule 22: what an attempt makes of its job and storage would never keep is the job's failure, at once."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from wealth.storage.v1 import storage_pb2

from services.common.clock import utc_now
from services.common.errors import InvalidInput, TooLarge
from services.common.jobs.handler import Outcome
from services.common.jobs.record import JobRecord, new_record
from services.common.jobs.store import END_BYTES
from services.common.jobs.writer import AttemptWriter
from services.common.storage.record_calls import MAX_DOCUMENT_BYTES
from tests.support.jobs import DONE, Probe, Script

LARGE = "x" * (MAX_DOCUMENT_BYTES + 1)
LARGER_THAN_A_MESSAGE = "x" * (12 * 1024 * 1024)


async def wait_for_ever() -> Outcome:
    await asyncio.Event().wait()
    return DONE


def end_with(body: Mapping[str, Any]) -> Script:
    async def script(_attempt: AttemptWriter) -> Outcome:
        return replace(DONE, body=body)

    return script


def act(change: Callable[[AttemptWriter], Any]) -> Script:
    """A script that changes its record, and would wait for ever."""

    async def script(attempt: AttemptWriter) -> Outcome:
        found = change(attempt)
        if found is not None:
            await found
        return await wait_for_ever()

    return script


async def fail_at_length(_attempt: AttemptWriter) -> Outcome:
    raise InvalidInput(LARGE)


SCRIPTS: dict[str, tuple[Script, str]] = {
    "a result": (end_with({"result": LARGE}), "RESULT_TOO_LARGE"),
    "a result over the limit of a message": (end_with({"result": LARGER_THAN_A_MESSAGE}), "RESULT_TOO_LARGE"),
    # Not so many that writing them out takes as long as the queue of these tests waits for a sign of life.
    "a result of many fields": (end_with({f"k{n:0100}": n for n in range(45_000)}), "RESULT_TOO_LARGE"),
    "half a character": (end_with({"result": "\ud800"}), "RESULT_NOT_STORABLE"),
    "no number": (end_with({"result": float("nan")}), "RESULT_NOT_STORABLE"),
    "a checkpoint": (act(lambda attempt: attempt.checkpoint(half=LARGE)), "RESULT_TOO_LARGE"),
    "a checkpoint that leaves no room for an end": (
        act(lambda attempt: attempt.checkpoint(half=LARGE[: MAX_DOCUMENT_BYTES - END_BYTES])),
        "RESULT_TOO_LARGE",
    ),
    "progress": (act(lambda attempt: attempt.note("running", 50, LARGE)), "RESULT_TOO_LARGE"),
    "a step": (act(lambda attempt: attempt.step("read", "started", LARGE)), "RESULT_TOO_LARGE"),
    "the words of a failure": (fail_at_length, "RESULT_TOO_LARGE"),
}


@pytest.mark.parametrize("name", SCRIPTS)
async def test_rule_22_result_that_cannot_be_kept_fails_the_job_at_once(probe: Probe, name: str) -> None:
    script, reason = SCRIPTS[name]
    await probe.start_worker(script)
    ended = await probe.until(await probe.accept(), "failed", within_s=300)
    assert (ended.error and ended.error.code, ended.attempt, ended.given_up) == (reason, 1, False)
    await probe.until_queue_is_empty()
    assert await probe.api.runtime.queue.dead_letters(probe.tenant) == []


async def test_rule_22_result_just_below_the_limit_is_kept(probe: Probe) -> None:
    await probe.start_worker(end_with({"result": LARGE[: MAX_DOCUMENT_BYTES - END_BYTES // 2]}))
    assert (await probe.until(await probe.accept(), "completed", within_s=300)).error is None


async def test_job_whose_record_would_be_too_large_is_not_accepted(probe: Probe) -> None:
    async def prepare(job_id: str) -> JobRecord:
        return new_record(
            probe.principal, user_id="alice", job_id=job_id, now=utc_now(), status="pending", message="accepted",
            body={"wish": LARGE[: MAX_DOCUMENT_BYTES - END_BYTES]},
        )  # fmt: skip

    with pytest.raises(TooLarge) as refusal:
        await probe.accept(prepare=prepare)
    assert refusal.value.reason == "RECORD_TOO_LARGE"
    assert await probe.count_messages() == 0


def test_the_clients_limit_of_a_record_is_the_services() -> None:
    options = str(storage_pb2.Record.DESCRIPTOR.fields_by_name["document"].GetOptions())
    assert str(MAX_DOCUMENT_BYTES) in options
