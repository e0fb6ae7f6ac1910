"""Rules 12, 13 and 16 of the job protocol, where tasks sign in at a platform that costs money."""

import json
from pathlib import Path

import grpc
import pytest
from wealth.portfolio.v1 import portfolio_pb2 as pb
from wealth.portfolio.v1 import portfolio_pb2_grpc

from services.common.channels import translated_errors
from services.common.context import acting_as
from services.common.errors import Conflict, Denied, InvalidInput, NotFound, PreconditionFailed, TooLarge
from services.common.identity import Principal, service_principal
from services.common.jobs.sweeper import Sweeper
from services.launcher.embedded import NatsServer, S3Server
from services.portfolio.servicer import SERVICE_NAME
from tests.integration.portfolio.conftest import PASSWORD, Portfolio
from tests.support.eventually import eventually
from tests.support.services import call_as_gateway

PAYLOAD = json.dumps({"Market Value": "₹1,20,00,000", "Investment Value": "₹1.0 Cr", "Top Asset": "Equity (65%)"})
DONE = pb.TASK_STATUS_COMPLETED


async def test_task_runs_to_its_end_and_tells_what_it_cost(portfolio: Portfolio) -> None:
    await portfolio.start("worker")
    task = await portfolio.until((await portfolio.create(PAYLOAD)).task_id, DONE)
    assert (task.progress, task.cost, portfolio.platform.calls["addmessage"]) == (100, "0.0125", 1)
    assert task.sections[0].response == portfolio.platform.answer


@pytest.mark.parametrize(("bound", "objects"), [(0, 1), (16, 1), (4096, 0)], ids=["off", "larger", "small"])
async def test_rule_28_input_stands_in_the_record_where_it_is_small_and_every_worker_knows(
    portfolio: Portfolio, bound: int, objects: int
) -> None:
    api = await portfolio.start("api", portfolio_inline_input_bytes=bound)
    request = pb.CreateTaskRequest(username="alice", password=PASSWORD, payloads_json=[PAYLOAD])
    async with call_as_gateway(api.target, "portfolio", SERVICE_NAME) as channel:
        with acting_as(portfolio.principal), translated_errors():
            task = await portfolio_pb2_grpc.PortfolioServiceStub(channel).CreateTask(request)
    with acting_as(service_principal(portfolio.principal.tenant, "portfolio")):
        assert len((await portfolio.storage.list_objects("task-inputs/")).objects) == objects
    await portfolio.start("worker")  # reads both, whatever its own setting says
    ended = await portfolio.until(task.task_id, DONE)
    assert ended.sections[0].response == portfolio.platform.answer


async def test_rule_12_credentials_are_gone_when_the_task_has_ended(portfolio: Portfolio) -> None:
    task = await portfolio.create(PAYLOAD)
    assert len(await portfolio.list_credentials()) == 1
    await portfolio.start("worker")
    await portfolio.until(task.task_id, DONE)

    async def are_gone() -> bool:
        return not await portfolio.list_credentials()

    await eventually(are_gone)


async def test_rule_12_credentials_are_gone_when_the_task_is_cancelled(portfolio: Portfolio) -> None:
    task = await portfolio.create(PAYLOAD)
    with acting_as(portfolio.principal):
        await portfolio.stub.CancelTask(pb.CancelTaskRequest(task_id=task.task_id))
    assert await portfolio.list_credentials() == []


async def test_rule_12_credentials_are_gone_when_the_task_is_deleted(portfolio: Portfolio) -> None:
    task = await portfolio.create(PAYLOAD)
    with acting_as(portfolio.principal), translated_errors():
        await portfolio.stub.DeleteTask(pb.DeleteTaskRequest(task_id=task.task_id))
    assert await portfolio.list_credentials() == []
    with pytest.raises(NotFound):
        await portfolio.get(task.task_id)


async def test_rule_10_users_deletion_takes_all_tasks(portfolio: Portfolio) -> None:
    tasks = [await portfolio.create(PAYLOAD) for _ in range(3)]
    user_id = "alice"
    with acting_as(portfolio.principal), translated_errors():
        for _ in range(2):  # once more is no harm
            await portfolio.stub.DeleteUser(pb.DeleteUserRequest(user_id=user_id))
    assert await portfolio.list_credentials() == []
    for task in tasks:
        with pytest.raises(NotFound):
            await portfolio.get(task.task_id)
    with pytest.raises(PreconditionFailed) as refusal:
        await portfolio.create(PAYLOAD)
    assert refusal.value.reason == "USER_DELETED"


async def test_rule_12_credentials_that_a_dead_process_left_are_deleted_by_the_janitor(portfolio: Portfolio) -> None:
    task = await portfolio.create(PAYLOAD)
    (key,) = await portfolio.list_credentials()
    with acting_as(portfolio.principal):
        await portfolio.stub.CancelTask(pb.CancelTaskRequest(task_id=task.task_id))
    with acting_as(service_principal(portfolio.principal.tenant, "portfolio")):
        await portfolio.storage.put_object(key, b"left behind")
        await portfolio.api.part(Sweeper).upkeep.scan()
    assert await portfolio.list_credentials() == []


async def test_rule_12_replay_without_credentials_says_so(portfolio: Portfolio) -> None:
    await portfolio.start("worker")
    task = await portfolio.until((await portfolio.create(PAYLOAD)).task_id, DONE)

    async def are_gone() -> bool:
        return not await portfolio.list_credentials()

    await eventually(are_gone)
    with acting_as(portfolio.operator), translated_errors():
        await portfolio.stub.ReplayTask(pb.ReplayTaskRequest(task_id=task.task_id))
    ended = await portfolio.until(task.task_id, pb.TASK_STATUS_ERROR)
    assert (ended.error.code, ended.generation) == ("CREDENTIALS_GONE", 2)
    assert "submit it again" in ended.error.message


@pytest.mark.parametrize("password", ["trailing ", "nul\0", "schlüssel"])
async def test_a_password_that_cannot_be_sent_is_refused_at_once(portfolio: Portfolio, password: str) -> None:
    request = pb.CreateTaskRequest(username="alice", password=password, payloads_json=[PAYLOAD])
    with acting_as(portfolio.principal), pytest.raises(InvalidInput) as refusal, translated_errors():
        await portfolio.stub.CreateTask(request)
    assert (refusal.value.reason, refusal.value.field) == ("CREDENTIALS_UNSENDABLE", "password")
    assert password.strip() not in str(refusal.value)


async def test_rule_12_password_stands_nowhere_in_clear(
    portfolio: Portfolio,
    nats_server: NatsServer,
    s3_server: S3Server,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    portfolio.platform.polls_until_done = 10_000  # the task is in mid-flight, its credentials in the bucket
    task = await portfolio.create(PAYLOAD)
    await portfolio.start("worker")
    await eventually(lambda: portfolio.platform.calls["addmessage"])
    assert len(await portfolio.list_credentials()) == 1
    for folder in (nats_server._folder, s3_server._folder):
        for path in folder.rglob("*"):
            assert path.is_dir() or PASSWORD.encode() not in read(path), path
    assert PASSWORD not in "".join(capfd.readouterr()) + caplog.text
    assert PASSWORD not in str(await portfolio.get(task.task_id))


def read(path: Path) -> bytes:
    """A file's bytes; empty where it went away meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


async def test_rule_12_wrong_password_is_told_without_it(portfolio: Portfolio) -> None:
    portfolio.platform.password = "another"
    await portfolio.start("worker")
    ended = await portfolio.until((await portfolio.create(PAYLOAD)).task_id, pb.TASK_STATUS_ERROR)
    assert PASSWORD not in str(ended)
    assert ended.error.code


async def test_rule_13_narration_is_paid_once_though_the_worker_dies_after_paying(portfolio: Portfolio) -> None:
    portfolio.platform.polls_until_done = 10_000
    task = await portfolio.create(PAYLOAD)
    doomed = await portfolio.start("worker")
    await eventually(lambda: portfolio.platform.calls["response"])  # paid, checkpointed, polling
    await doomed.cut_power()
    portfolio.platform.polls_until_done = 1
    await portfolio.start("worker")
    ended = await portfolio.until(task.task_id, DONE)
    assert (portfolio.platform.calls["create"], portfolio.platform.calls["addmessage"]) == (1, 1)
    assert ended.cost == "0.0125"


async def test_rule_16_nobody_submits_in_anothers_name(portfolio: Portfolio) -> None:
    stranger = Principal(portfolio.principal.tenant, "key:3", frozenset({"bob"}), frozenset({"portfolio"}))
    task = await portfolio.create(PAYLOAD)
    with pytest.raises(Denied), acting_as(stranger), translated_errors():
        await portfolio.stub.CreateTask(pb.CreateTaskRequest(username="alice", payloads_json=[PAYLOAD]))
    with acting_as(stranger):
        for call, request in (
            (portfolio.stub.GetTask, pb.GetTaskRequest(task_id=task.task_id)),
            (portfolio.stub.CancelTask, pb.CancelTaskRequest(task_id=task.task_id)),
            (portfolio.stub.DeleteTask, pb.DeleteTaskRequest(task_id=task.task_id)),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refusal:
                await call(request)
            assert refusal.value.code() is grpc.StatusCode.NOT_FOUND
        listed = await portfolio.stub.ListTasks(pb.ListTasksRequest())
        assert list(listed.tasks) == []


async def test_rule_16_converter_output_of_another_user_is_refused_when_it_is_accepted(portfolio: Portfolio) -> None:
    payload = json.dumps({"converter_output": {"user_id": "bob", "job_id": "j1"}})
    portfolio.principal = Principal(
        portfolio.principal.tenant, "key:1", frozenset({"alice"}), frozenset({"portfolio", "converter"})
    )
    with pytest.raises(InvalidInput) as refusal:
        await portfolio.create(payload)
    assert refusal.value.reason == "CONVERTER_OUTPUT_NOT_FOUND"


async def test_rule_11_retried_submission_is_one_task(portfolio: Portfolio) -> None:
    first, second = [await portfolio.create(PAYLOAD, request_id="r1") for _ in range(2)]
    assert first.task_id == second.task_id
    assert len(await portfolio.list_credentials()) == 1


async def test_watching_tells_every_step_to_the_end(portfolio: Portfolio) -> None:
    task = await portfolio.create(PAYLOAD)
    await portfolio.start("worker")
    with acting_as(portfolio.principal):
        events = [event async for event in portfolio.stub.WatchTask(pb.WatchTaskRequest(task_id=task.task_id))]
    assert [event.terminal for event in events] == [False] * (len(events) - 1) + [True]
    assert events[-1].status == DONE
    progress = [event.progress for event in events]
    assert progress == sorted(progress)


@pytest.mark.parametrize(
    ("size", "reason", "field"), [(6_400_000, "PAYLOAD_TOO_LARGE", "data"), (10_000_000, "MESSAGE_TOO_LARGE", "")]
)
async def test_payloads_beyond_the_bound_are_refused(portfolio: Portfolio, size: int, reason: str, field: str) -> None:
    with pytest.raises(TooLarge) as refusal:
        await portfolio.create(json.dumps({"holdings_csv": "x" * size}))
    assert (refusal.value.reason, refusal.value.field) == (reason, field)


async def test_a_name_that_no_record_can_hold_is_refused_by_its_field(portfolio: Portfolio) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await portfolio.create(json.dumps({"n" * 3_000_000: 1}))
    assert (refusal.value.reason, refusal.value.field) == ("FIELD_NAME_TOO_LONG", f"data.0.{'n' * 60}…")


@pytest.mark.parametrize(
    "payload", ["nonsense", "[]", "{}", "57", "[" * 100_000, '{"\\ud800": 1}', '{"a": ["\\udfff"]}']
)
async def test_payload_that_is_none_is_refused_by_its_place(portfolio: Portfolio, payload: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await portfolio.create(payload)
    assert (refusal.value.reason, refusal.value.field) == ("INVALID_PAYLOAD", "data.0")


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ('{"Market Value": "1", "Market Value": "2", "Investment Value": "1", "Top Asset": "A (5%)"}', "Market Value"),
        ('{"holdings": [{"name": "A", "market_value": 5, "market_value": 50}]}', "market_value"),
    ],
)
async def test_a_payload_with_two_values_for_one_name_is_refused_by_the_name(
    portfolio: Portfolio, payload: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await portfolio.create(payload)
    assert (refusal.value.reason, refusal.value.field) == ("NAME_REPEATED", f"data.0.{field}")


async def test_a_locale_that_there_is_not_is_refused_when_the_task_is_submitted(portfolio: Portfolio) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await portfolio.create(PAYLOAD, locale="qb_KN")
    assert refusal.value.field == "locale"


async def test_open_tasks_are_listed_until_they_end(portfolio: Portfolio) -> None:
    task = await portfolio.create(PAYLOAD)
    request = pb.ListTasksRequest(open=True)
    with acting_as(portfolio.principal):
        before = await portfolio.stub.ListTasks(request)
        await portfolio.stub.CancelTask(pb.CancelTaskRequest(task_id=task.task_id))
        after = await portfolio.stub.ListTasks(request)
    assert ([item.task_id for item in before.tasks], list(after.tasks)) == ([task.task_id], [])


SERIES = json.dumps(
    {"series": [{"date": f"{month:02d}/01/2025", "value": 100 + month} for month in (3, 4, 5)], "Currency": "INR"}
)


async def create_with(portfolio: Portfolio, request_id: str = "", **stated: str) -> pb.Task:
    with acting_as(portfolio.principal), translated_errors():
        task: pb.Task = await portfolio.stub.CreateTask(
            pb.CreateTaskRequest(
                username="alice",
                password=PASSWORD,
                payloads_json=[SERIES],
                request_id=request_id,
                input_conventions=pb.InputConventions(**stated),
            )
        )
    return task


async def test_a_task_is_read_by_its_conventions_and_says_so(portfolio: Portfolio) -> None:
    await portfolio.start("worker")
    task = await portfolio.until((await create_with(portfolio, dates="MDY")).task_id, DONE)

    (section,) = task.sections
    (read,) = [entry for entry in section.reading if entry.field == "series[].date"]
    assert (dict(read.read_as), read.why) == ({"unit": "date", "order": "MDY"}, "convention")
    assert any(fact.id == "twr" for fact in section.facts)


async def test_a_task_that_nothing_settles_is_completed_and_asks(portfolio: Portfolio) -> None:
    await portfolio.start("worker")
    task = await portfolio.until((await create_with(portfolio)).task_id, DONE)

    (absent,) = [item for item in task.sections[0].absent if item.id == "twr"]
    assert absent.code == "AMBIGUOUS_INPUT"
    assert [dict(item.read_as)["order"] for item in absent.alternatives] == ["DMY", "MDY"]


async def test_a_tenants_conventions_settle_what_nothing_else_does(portfolio: Portfolio) -> None:
    await portfolio.start("worker", portfolio_input_conventions={portfolio.principal.tenant: {"dates": "DMY"}})
    task = await portfolio.until((await create_with(portfolio)).task_id, DONE)

    assert any(entry.why == "tenant" for entry in task.sections[0].reading)


async def test_conventions_are_part_of_what_a_key_stands_for(portfolio: Portfolio) -> None:
    first = await create_with(portfolio, "key-1", dates="MDY")

    assert (await create_with(portfolio, "key-1", dates="MDY")).task_id == first.task_id
    with pytest.raises(Conflict):
        await create_with(portfolio, "key-1", dates="DMY")


async def test_a_scale_that_is_not_known_is_refused(portfolio: Portfolio) -> None:
    with pytest.raises(InvalidInput, match="money_scale"):
        await create_with(portfolio, money_scale="dozen")


async def test_texts_are_held_against_the_facts_of_payloads(portfolio: Portfolio) -> None:
    payload = json.dumps({"Market Value": "₹1.2 Cr", "Investment Value": "₹1 Cr", "Top Asset": "Equity (65%)"})
    request = pb.CheckClaimsRequest(
        payloads_json=[payload], texts=["It is worth ₹1.2 crore.", "It is worth ₹1.3 crore."], locale="en_IN"
    )

    with acting_as(portfolio.principal), translated_errors():
        answer = await portfolio.stub.CheckClaims(request)

    assert [(claim.source, claim.verdict, claim.fact) for claim in answer.claims] == [
        (0, "grounded", "market_value"),
        (1, "contradicted", "market_value"),
    ]


async def test_a_payload_of_no_section_cannot_be_checked_against(portfolio: Portfolio) -> None:
    request = pb.CheckClaimsRequest(payloads_json=['{"nothing": 1}'], texts=["It is worth ₹1.2 crore."])

    with acting_as(portfolio.principal), pytest.raises(InvalidInput), translated_errors():
        await portfolio.stub.CheckClaims(request)
