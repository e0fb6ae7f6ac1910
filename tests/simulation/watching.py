"""Clients that watch a job until its end, through whatever API is there, and what must hold of what they see."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from services.common.context import CallContext, new_request_id, serving
from services.common.errors import Internal, NotFound, Unavailable
from services.common.jobs.runtime import JobRuntime
from services.common.jobs.watch import News
from tests.simulation.laws import Laws
from tests.simulation.world import World, principal_of

# A watch that misses an event reads the record every ten seconds or so.
END_S = 60
# How often a watcher goes away after a piece of news, and comes back.
_LEAVES = 0.25


@dataclass(slots=True)
class Watcher:
    """Whoever watches one job: resumes where a process goes away, as a browser does with Last-Event-ID."""

    world: World
    tenant: str
    user_id: str
    job_id: str
    seen_revision: int = 0
    has_ended: bool = False
    _place: tuple[int, int] | None = None

    async def watch(self) -> None:
        """Until the job's end was seen, or the job is gone."""
        while not self.has_ended:
            self._place = None
            try:
                await self.world.call(self.tenant, self._follow, patience_s=None)
            except NotFound:
                self.has_ended = True
            except (Internal, Unavailable):
                await asyncio.sleep(0.5)

    async def _follow(self, runtime: JobRuntime) -> None:
        principal = principal_of(self.tenant)
        with serving(CallContext(new_request_id(), principal)):
            news = runtime.watch(principal, self.user_id, self.job_id, self.seen_revision)
            async with aclosing(news):
                await self._take(news)

    async def _take(self, news: AsyncGenerator[News, Any]) -> None:
        laws = self.world.laws
        async for item in news:
            self._check(laws, item)
            if item.resumable:
                self.seen_revision = item.entry.revision
                if self.world.draw.random() < _LEAVES:
                    return
        if not self.has_ended:
            laws.break_("watchers see the end", f"a watch of {self.job_id} ended without one")

    def _check(self, laws: Laws, item: News) -> None:
        generation, entry = item.record.generation, item.entry
        shown = f"{self.job_id}:{generation}:{entry.sequence} {entry.status} after {self._place}"
        if self.has_ended:
            laws.break_("watchers see the end", f"more after it: {shown}")
        if entry.revision <= self.seen_revision:
            laws.break_("watchers see everything once", f"seen before: {shown}")
        following = self._place and {(self._place[0], self._place[1] + 1)}
        is_new_run = entry.sequence == 1 and (self._place is None or generation > self._place[0])
        is_first = self._place is None and (self.seen_revision > 0 or entry.sequence == 1)
        if not (is_first or is_new_run or (following and (generation, entry.sequence) in following)):
            laws.break_("watchers see everything once", f"out of order: {shown}")
        self._place = (generation, entry.sequence)
        if item.terminal:
            self.has_ended = True
            if laws.ended.get((self.job_id, generation)) != entry.status:
                laws.break_("watchers see the end", f"an end that no record had: {shown}")


class Gallery:
    """All watchers of a run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._watching: list[tuple[Watcher, asyncio.Task[None]]] = []

    def watch(self, tenant: str, user_id: str, job_id: str) -> None:
        """Begins to watch a job, for good."""
        watcher = Watcher(self._world, tenant, user_id, job_id)
        self._watching.append((watcher, self._world.begin(watcher.watch())))

    async def close(self) -> None:
        """All jobs have ended, and nothing goes wrong any more: whoever still watches has missed the end."""
        for _ in range(END_S):
            if all(task.done() for _, task in self._watching):
                break
            await asyncio.sleep(1)
        for watcher, task in self._watching:
            if not task.done():
                self._world.laws.break_("watchers see the end", f"{watcher.job_id} is watched for ever")
            elif (error := task.exception()) is not None:
                self._world.laws.break_("no surprises", f"a watcher of {watcher.job_id} met {error!r}")
