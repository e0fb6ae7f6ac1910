"""The order in which bootstrap makes the queues."""

import asyncio
from typing import Any, cast

import pytest
from nats.js import JetStreamContext

from services.common.jobs import topology
from services.common.jobs.topology import ConsumerPart, Topology, ensure_topology, list_parts


async def test_all_streams_are_made_at_once_and_then_all_consumers(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = list_parts(Topology())
    consumers = [part.name for part in parts if isinstance(part, ConsumerPart)]
    streams = [part.name for part in parts if not isinstance(part, ConsumerPart)]
    together = {True: asyncio.Barrier(len(consumers)), False: asyncio.Barrier(len(streams))}
    made: list[str] = []

    async def make(part: Any, _js: JetStreamContext) -> None:
        await together[isinstance(part, ConsumerPart)].wait()  # until all of its kind are being made
        made.append(part.name)

    for kind in (topology.StreamPart, topology.ConsumerPart, topology.BucketPart):
        monkeypatch.setattr(kind, "make", make)

    await asyncio.wait_for(ensure_topology(cast(JetStreamContext, None), Topology()), 120)

    assert sorted(made[: len(streams)]) == sorted(streams)
    assert sorted(made[len(streams) :]) == sorted(consumers)
