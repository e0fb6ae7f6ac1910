"""Electing one process of a service for a task, by a key that expires."""

import asyncio
import contextlib
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any

import nats.errors
from nats.js.errors import BucketNotFoundError, KeyNotFoundError, KeyWrongLastSequenceError, NoStreamResponseError
from nats.js.kv import KeyValue

from services.common.errors import Unavailable
from services.common.jobs.broker import Broker
from services.common.jobs.queue import QueueMissingError
from services.common.jobs.topology import LEADERS_BUCKET
from services.common.tasks import stop_task

RENEW_S, PATIENCE_S = 1.0, 4.0
"""How often a lead is renewed, and how long others are patient where work must soon go on: four renewals, as an answer
may be late now and then."""


class LeadLostError(Exception):
    """Another process has the lead now."""


class Leadership:
    """One holder at a time of a key that expires, renewed by ``hold``; two for a moment must do no harm.

    ``patience_s``: a holder that has not renewed the key for so long, by this process's own clock, loses it to this
    one before the key expires; None waits for that.
    """

    def __init__(self, broker: Broker, name: str, *, patience_s: float | None = None) -> None:
        self._broker = broker
        self._name = name
        self._patience_s = patience_s
        self._id = secrets.token_hex(8).encode()
        self._revision: int | None = None
        self._other: tuple[int, float] = (0, 0.0)

    async def hold(self) -> bool:
        """Takes or renews the lead; returns whether it is ours.

        Raises Unavailable where NATS does not answer, QueueMissingError where it has lost the bucket.
        """
        try:
            bucket = await self._broker.bucket(LEADERS_BUCKET)
            if self._revision is not None:
                self._revision = await bucket.update(self._name, self._id, last=self._revision)
            elif self._patience_s is None or await self._is_free(bucket):
                self._revision = await bucket.create(self._name, self._id)
        except KeyWrongLastSequenceError:
            self._revision = None
        except (BucketNotFoundError, NoStreamResponseError) as error:
            self._revision = None
            raise QueueMissingError("the election's bucket does not exist") from error
        except (nats.errors.Error, TimeoutError) as error:
            self._revision = None
            raise Unavailable("no election", reason="NATS_UNAVAILABLE") from error
        return self._revision is not None

    async def work(self, *parts: Coroutine[Any, Any, None], name: str) -> None:
        """Does all parts for as long as the lead is renewed and none of them has ended; raises what ended it:
        LeadLostError, or what a part or NATS raised. ``name`` is the tasks'."""
        tasks = [asyncio.create_task(part, name=name) for part in (*parts, self._renew())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await asyncio.gather(*(stop_task(task) for task in tasks))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            if not await self.hold():
                raise LeadLostError

    async def release(self) -> None:
        """Lets another take the lead at once."""
        if self._revision is not None:
            with contextlib.suppress(nats.errors.Error, Unavailable, TimeoutError):
                bucket = await self._broker.bucket(LEADERS_BUCKET)
                await bucket.delete(self._name, last=self._revision)
            self._revision = None

    async def _is_free(self, bucket: KeyValue) -> bool:
        """Whether nobody holds the key; takes it from a holder that was silent for too long."""
        try:
            revision = (await bucket.get(self._name)).revision or 0
        except KeyNotFoundError:
            return True
        if revision != self._other[0]:
            self._other = revision, time.monotonic()
        elif time.monotonic() - self._other[1] > (self._patience_s or 0):
            self._revision = await bucket.update(self._name, self._id, last=revision)
        return False


class LedComponent(ABC):
    """A component that works in the one process of a service that has the lead; ``name`` is the work's."""

    def __init__(self, name: str, leadership: Leadership) -> None:
        self._name = name
        self._leadership = leadership
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _run(self) -> None:
        """Works whenever this process has the lead, until it is cancelled."""

    async def start(self) -> None:
        """Starts to work whenever this process has the lead."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def drain(self) -> None:
        """Stops working, and lets another take the lead."""
        if self._task:
            await stop_task(self._task)
            self._task = None
            await self._leadership.release()

    async def stop(self) -> None:
        """Stops working."""
        await self.drain()
