"""Workers tell that they live, also where the bucket that they tell it to comes later than they do."""

from typing import Any

import pytest

from services.common.errors import Unavailable
from services.common.jobs import presence
from services.common.jobs.presence import PresenceReporter
from tests.support.eventually import eventually


class LateBroker:
    """Stands for NATS whose bucket is made after the worker has started."""

    def __init__(self) -> None:
        self.asked = 0
        self.told: list[str] = []

    async def bucket(self, _name: str) -> Any:
        self.asked += 1
        if self.asked == 1:
            raise Unavailable("no such bucket yet")
        return self

    async def put(self, key: str, _value: bytes) -> None:
        self.told.append(key)

    async def delete(self, key: str) -> None:
        self.told.remove(key)


async def test_a_worker_that_came_before_its_bucket_does_not_wait_for_its_next_heartbeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presence, "HEARTBEAT_S", 3600)
    broker = LateBroker()
    reporter = PresenceReporter(broker, "converter", "w", 1)  # type: ignore[arg-type]
    await reporter.start()
    try:
        await eventually(lambda: broker.told == ["converter.w"], within_s=300, every_s=0.02)
    finally:
        await reporter.stop()
