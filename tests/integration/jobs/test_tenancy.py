"""Rules 14, 16 and 20: whose jobs they are, and what the queue says of itself."""

import base64

import pytest

from services.common.context import acting_as
from services.common.errors import Denied, InvalidInput, NotFound, Unavailable
from services.common.identity import Principal, service_principal
from services.common.jobs.handler import Outcome
from services.common.jobs.record import JobRecord
from services.common.jobs.topology import backlog_stream, jobs_stream
from services.common.jobs.writer import AttemptWriter
from tests.support.eventually import eventually
from tests.support.jobs import CALLER, DONE, USER, Gate, Probe


def owner(probe: Probe, *users: str) -> Principal:
    """A principal of the probe's tenant that may act for some users."""
    return Principal(probe.tenant, "key:owner", frozenset(users), frozenset({"probe"}))


async def test_rule_16_another_tenant_finds_nothing(probe: Probe) -> None:
    record = await probe.accept()
    with acting_as(service_principal(f"{probe.tenant}-other", CALLER)):
        with pytest.raises(NotFound):
            await probe.get(record)
        page = await probe.client.list_records(probe.kind.name, probe.kind.index_states)
        assert page.records == ()
    assert (await probe.get(record)).tenant == probe.tenant


async def test_rule_16_same_ids_of_two_tenants_are_two_jobs(probe: Probe) -> None:
    ours = await probe.accept(new_job_id=lambda: "same")
    with acting_as(service_principal(f"{probe.tenant}-other", CALLER)):
        theirs = JobRecord(**{**fields_of(ours), "tenant": f"{probe.tenant}-other", "message": "theirs"})
        await probe.api.runtime.store.create(theirs)
    worker = await probe.start_worker()
    await probe.until(ours, "completed")
    assert [run.tenant for run in worker.handler.runs] == [probe.tenant]
    with acting_as(service_principal(f"{probe.tenant}-other", CALLER)):
        assert (await probe.get(theirs)).status == "pending"


def fields_of(record: JobRecord) -> dict[str, object]:
    """A record's fields by name."""
    return {name: getattr(record, name) for name in record.__slots__}


async def test_rule_16_another_users_job_looks_like_none(probe: Probe) -> None:
    record = await probe.accept()
    runtime = probe.api.runtime
    assert (await runtime.get_visible(owner(probe, USER), USER, record.job_id)).job_id == record.job_id
    for principal in (owner(probe, "bob"), owner(probe)):
        with pytest.raises(NotFound):
            await runtime.get_visible(principal, USER, record.job_id)


async def test_rule_16_nobody_orders_in_anothers_name(probe: Probe) -> None:
    with pytest.raises(Denied) as refusal:
        probe.api.runtime.require_user(owner(probe, "bob"), USER, "user_id")
    assert refusal.value.reason == "USER_NOT_ALLOWED"


async def test_rule_16_subjects_name_the_tenant(probe: Probe) -> None:
    record = await probe.accept()
    expected = f"jobs.{probe.kind.service}.{probe.tenant}.{record.job_id}.1"
    assert await probe.api.runtime.queue.queued_subjects(probe.tenant) == {expected}
    assert await probe.api.runtime.queue.queued_subjects(f"{probe.tenant}-other") == set()


async def test_listing_is_newest_first_and_continues_where_it_stopped(probe: Probe) -> None:
    records = [await probe.accept() for _ in range(5)]
    store = probe.api.runtime.store
    names, token = [], ""
    while True:
        page, token = await store.list_page(user_id=USER, statuses=(), page_size=2, page_token=token)
        names += [record.job_id for record in page]
        if not token:
            break
    assert names == [record.job_id for record in reversed(records)]


async def test_rule_16_a_page_token_names_nobody_elses_job(probe: Probe) -> None:
    await probe.accept(user_id="alice")
    theirs = [await probe.accept(user_id="bob") for _ in range(3)]
    alice = owner(probe, "alice", "carol")
    listing = {"user_id": "", "status": "", "page_size": 1}
    _, token = await probe.api.runtime.list_visible(alice, **listing, page_token="")
    assert token
    content = base64.urlsafe_b64decode(token + "==")
    assert [job.job_id for job in theirs if job.job_id.encode() in content] == []
    with pytest.raises(InvalidInput):
        await probe.api.runtime.list_visible(owner(probe, "bob"), **listing, page_token=token)


async def test_listing_by_status_finds_what_stands_so(probe: Probe) -> None:
    cancelled = await probe.api.runtime.cancel(await probe.accept())
    waiting = await probe.accept()
    store = probe.api.runtime.store
    for status, expected in (("cancelled", cancelled), ("pending", waiting)):
        page, _ = await store.list_page(user_id=USER, statuses=(status,), page_size=10, page_token="")
        assert [record.job_id for record in page] == [expected.job_id]
    page, _ = await store.list_page(user_id=USER, statuses=("running",), page_size=10, page_token="")
    assert page == []


async def test_dead_letters_are_listed_in_pages_until_they_are_replayed(probe: Probe) -> None:
    async def fail(_attempt: AttemptWriter) -> Outcome:
        raise RuntimeError("a bug")

    worker = await probe.start_worker(fail, max_attempts=1)
    records = [await probe.accept() for _ in range(3)]
    for record in records:
        await probe.until(record, "failed")
    await probe.until_queue_is_empty()
    runtime = probe.api.runtime
    first, token = await runtime.list_dead_letters(probe.principal, page_size=2, page_token="")
    rest, end = await runtime.list_dead_letters(probe.principal, page_size=2, page_token=token)
    assert (len(first), len(rest), end) == (2, 1, "")
    assert {letter.job_id for letter in (*first, *rest)} == {record.job_id for record in records}
    with pytest.raises(InvalidInput):
        await runtime.list_dead_letters(probe.principal, page_size=2, page_token="rubbish")

    async def succeed(_attempt: AttemptWriter) -> Outcome:
        return DONE

    worker.handler.script = succeed
    failed = await probe.get(records[0])
    await runtime.acceptance.restart(probe.principal, failed, message="replayed", body={})
    assert (await probe.until(failed, "completed")).generation == 2
    letters, _ = await runtime.list_dead_letters(probe.principal, page_size=10, page_token="")
    assert records[0].job_id not in {letter.job_id for letter in letters}


async def test_an_operator_of_some_users_sees_their_dead_letters_only(probe: Probe) -> None:
    async def fail(_attempt: AttemptWriter) -> Outcome:
        raise RuntimeError("a bug")

    await probe.start_worker(fail, max_attempts=1)
    record = await probe.accept()
    await probe.until(record, "failed")
    await probe.until_queue_is_empty()
    seen = {}
    for user in (record.user_id, "somebody-else"):
        operator = Principal(probe.tenant, "key:some", frozenset({user}), frozenset({"probe", "admin"}))
        letters, _ = await probe.api.runtime.list_dead_letters(operator, page_size=10, page_token="")
        seen[user] = [letter.job_id for letter in letters]
    assert seen == {record.user_id: [record.job_id], "somebody-else": []}


async def test_dead_letters_are_for_operators(probe: Probe) -> None:
    with pytest.raises(Denied):
        await probe.api.runtime.list_dead_letters(owner(probe, USER), page_size=1, page_token="")


async def test_rule_14_queue_status_counts_records_workers_and_queue_together(probe: Probe) -> None:
    gate = Gate()

    async def script(_attempt: AttemptWriter) -> Outcome:
        await gate()
        return DONE

    await probe.start_worker(script, concurrency=2)
    records = [await probe.accept() for _ in range(3)]
    runtime = probe.api.runtime

    async def look() -> bool:
        queue = await runtime.describe_queue()
        return (queue.max_workers, queue.active_jobs, queue.available_workers, queue.queue_size, queue.open_jobs) == (
            2,
            2,
            0,
            1,
            3,
        )

    await eventually(look)
    gate.open()
    for record in records:
        await probe.until(record, "completed")

    async def is_idle() -> bool:
        queue = await runtime.describe_queue()
        return (queue.active_jobs, queue.available_workers, queue.queue_size) == (0, 2, 0)

    await eventually(is_idle)


async def test_rule_14_queue_status_without_a_queue_is_unavailable(probe: Probe) -> None:
    for stream in (backlog_stream(probe.kind.service), jobs_stream(probe.kind.service)):
        await probe.js.purge_stream(stream)
    assert (await probe.api.runtime.describe_queue()).open_jobs == 0
    await probe.api.runtime.broker.stop()
    with pytest.raises(Unavailable):
        await probe.api.runtime.describe_queue()
