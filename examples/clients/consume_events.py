"""A service that acts on the end of each task and conversion, and misses none while it is away: a durable consumer.

NATS_URL=nats://user:password@127.0.0.1:4222 python examples/clients/consume_events.py --name billing --count 3
"""

import argparse
import asyncio
import json
import os
import sys

import nats
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NothingCame
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

STREAM = "EVENTS"
ENDS = ["wealth.portfolio.v1.task.completed.>", "wealth.portfolio.v1.task.error.>",
        "wealth.converter.v1.job.completed.>", "wealth.converter.v1.job.failed.>"]  # fmt: skip
BATCH = 32


def act(message: Msg, done: set[str]) -> None:
    """Acts on one event. Here it is printed; a real service notes the id in the transaction of what it does."""
    headers = message.headers or {}
    if headers["ce-id"] in done:
        return
    event = json.loads(message.data)
    print(headers["ce-time"], headers["ce-tenant"], headers["ce-type"], headers["ce-subject"], event.get("user_id"))
    sys.stdout.flush()
    done.add(headers["ce-id"])


async def main() -> None:
    """Acts on events until --count of them are done, or for good."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--name", required=True, help="the consumer's: its place in the stream is kept under it")
    parser.add_argument("--count", type=int)
    options = parser.parse_args()
    client = await nats.connect(os.environ["NATS_URL"], max_reconnect_attempts=-1)
    try:
        consumer = ConsumerConfig(
            durable_name=options.name,
            filter_subjects=ENDS,
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=30,
            # One at a time keeps the order of what is in hand; raise it where order does not matter.
            max_ack_pending=1,
        )
        await client.jetstream().add_consumer(STREAM, consumer)
        events = await client.jetstream().pull_subscribe_bind(options.name, STREAM)
        done: set[str] = set()
        while options.count is None or len(done) < options.count:
            try:
                messages = await events.fetch(BATCH, timeout=5)
            except NothingCame:
                continue
            for message in messages:
                act(message, done)
                # Only what is done is acknowledged: whatever dies before this comes again.
                await message.ack()
    finally:
        await client.close()


if __name__ == "__main__":
    asyncio.run(main())
