"""Webhooks of the whole suite: a job's end is told, and told again under the same id where the courier was killed, or
where an operator has it told again after the receiver was away for too long."""

import asyncio
import json
from pathlib import Path

from services.client.rest import AsyncClient
from tests.e2e.test_commands import wealth
from tests.e2e.test_conversions import ORDERS, SHIPMENTS, encode, make_user, train, wait_until_over
from tests.support.eventually import eventually
from tests.support.launched_suite import launched_suite
from tests.support.webhook_receiver import OK, answer, receiving


async def test_a_jobs_end_reaches_a_receiver_over_a_kill_of_the_courier(tmp_path: Path) -> None:
    async with receiving() as receiver:
        settings = {"EVENTS_WEBHOOK_TRUSTED_RECEIVERS": receiver.address, "EVENTS_WEBHOOK_FIRST_PAUSE_S": "0.1"}
        with launched_suite(tmp_path, settings) as suite:
            killed = asyncio.Event()

            async def kill_first(writer: asyncio.StreamWriter) -> None:
                # It has the event; the courier dies before it hears so.
                await asyncio.to_thread(suite.kill, "events")
                killed.set()
                writer.write(OK)

            receiver.answers = [kill_first, OK]
            document = suite.document
            async with AsyncClient(document["rest"], document["api_key"]) as api, suite.client() as client:
                await api.create_webhook(receiver.url)
                user = make_user()
                job_id = (await train(client, user, encode(ORDERS), encode(SHIPMENTS))).json()["job_id"]
                ended = await wait_until_over(client, user, job_id)
                await asyncio.wait_for(killed.wait(), 120)
                await asyncio.to_thread(suite.start, "events")
                await eventually(lambda: len(receiver.calls) == 2, within_s=300, every_s=0.05)
                assert len(set(receiver.ids)) == 1
                told = [json.loads(call.body) for call in receiver.calls]
                assert told[0] == told[1]
                assert (told[0]["subject"], told[0]["type"].rpartition(".")[2]) == (job_id, ended["job_status"])


async def test_what_a_receiver_missed_while_it_was_down_is_told_on_request_under_the_id_that_it_had(
    tmp_path: Path,
) -> None:
    # It lies once, having taken the event, and is then down for longer than it is tried again.
    async with receiving(answer(500)) as receiver:
        settings = {
            "EVENTS_WEBHOOK_TRUSTED_RECEIVERS": receiver.address,
            "EVENTS_WEBHOOK_FIRST_PAUSE_S": "0.1",
            "EVENTS_WEBHOOK_RETRY_FOR_S": "1",
        }
        with launched_suite(tmp_path, settings) as suite:

            async def run(*arguments: str) -> str:
                done = await asyncio.to_thread(wealth, suite, "webhooks", *arguments)
                assert done.returncode == 0, done.stderr
                return done.stdout

            document = suite.document
            async with AsyncClient(document["rest"], document["api_key"]) as api, suite.client() as client:
                webhook_id = (await api.create_webhook(receiver.url)).webhook_id
                user = make_user()
                job_id = (await train(client, user, encode(ORDERS), encode(SHIPMENTS))).json()["job_id"]
                await eventually(lambda: receiver.calls, within_s=300, every_s=0.05)
                await receiver.stop()
                await wait_until_over(client, user, job_id)

                async def is_given_up() -> bool:
                    return job_id in await run("show", webhook_id)

                await eventually(is_given_up, within_s=300, every_s=0.5)
                (missed,) = set(receiver.ids)
                heard = len(receiver.calls)

                receiver.answers = [OK]
                await receiver.start()
                await run("replay", webhook_id, "all")
                await eventually(lambda: len(receiver.calls) > heard, within_s=300, every_s=0.05)
                assert set(receiver.ids[heard:]) == {missed}
                assert json.loads(receiver.calls[heard].body)["subject"] == job_id
                assert job_id not in await run("show", webhook_id)
