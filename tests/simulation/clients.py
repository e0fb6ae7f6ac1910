"""What clients want of the suite: jobs, and now and then to cancel, delete or restart one, at any moment."""

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable
from typing import Any

from services.common.clock import utc_now
from services.common.errors import Conflict, Exhausted, Internal, NotFound, PreconditionFailed, Unavailable, WealthError
from services.common.jobs.deletion import delete_job
from services.common.jobs.record import JobRecord, new_record
from services.common.jobs.runtime import JobRuntime
from tests.simulation.laws import Told
from tests.simulation.watching import Gallery
from tests.simulation.work import draw_script
from tests.simulation.world import KIND, MAX_ATTEMPTS, PLACES, SETTINGS, TENANTS, World, forget_user, principal_of

MIN_JOBS = 3
# How many jobs a run wants: what three do not show is seldom shown by more, which cost as much again.
_JOBS = (MIN_JOBS, MIN_JOBS, MIN_JOBS, 4, 5)
# How often a client deletes its user, or asks again for what it has deleted.
_FORGETS, _COMES_BACK = 0.08, 0.3
# By then what was deleted is purged for the second time, and nothing stands in its place.
PURGED_S = SETTINGS.jobs_purge_again_after_s + 8
_USERS = ("ann", "bob")
_TRIES = 40
# What new_id names a client's jobs, as it stands in records' keys and in index keys.
_JOB_NAME = re.compile(r"(?:/|%2F)job(\d+)-")


class Client:
    """Whoever wants one job."""

    def __init__(self, world: World, number: int, gallery: Gallery | None) -> None:
        draw = world.draw
        self.gallery = gallery
        self.world = world
        self.number = number
        self.tenant = TENANTS[0] if draw.random() < 0.8 else TENANTS[1]
        self.user_id = draw.choice(_USERS)
        self.script = draw_script(draw)
        self.is_deleted = False
        self.job_ids: list[str] = []
        self._ids = itertools.count()

    async def live(self) -> None:
        """Creates the job, and does what else the seed says."""
        draw = self.world.draw
        await asyncio.sleep(3 * draw.random())
        if not await self.create():
            return
        for _ in range(draw.choice((0, 0, 0, 1, 1, 2))):
            await asyncio.sleep(draw.choice((0.0, 0.5, 4.0, 15.0)) * draw.random())
            if draw.random() < _FORGETS and len(self.world.laws.jobs) >= MIN_JOBS:
                await self.forget_user()
            else:
                await draw.choice((self.cancel, self.delete, self.restart, self.restart, self.redo))()
        if draw.random() < _COMES_BACK and any(self.world.laws.jobs[job].deleted for job in self.job_ids):
            # The request that made the job comes once more, when nothing but a tombstone remembers the deletion.
            await asyncio.sleep(PURGED_S + 10 * draw.random())
            await self.create()

    async def create(self) -> bool:
        """Creates the job, again and again under one key until there is an answer; returns whether there is one."""
        request = f"request-{self.number}"

        async def accept(runtime: JobRuntime) -> JobRecord:
            return await runtime.acceptance.accept(
                principal_of(self.tenant),
                user_id=self.user_id,
                method="Create",
                request_id=request,
                body={"wish": self.number},
                new_job_id=self._new_id,
                prepare=prepare,
            )

        async def prepare(job_id: str) -> JobRecord:
            told = Told(self._full_key(job_id), is_good=self.script["ends"] == "good")
            self.world.laws.jobs.setdefault(job_id, told)
            limit = MAX_ATTEMPTS if self.script["ends"] == "broken" else 0
            return new_record(
                principal_of(self.tenant),
                user_id=self.user_id,
                job_id=job_id,
                now=utc_now(),
                status=KIND.pending,
                message="accepted",
                body={"mode": "inference", "script": self.script, "request": request, "limit": limit},
            )

        record = await self._try(accept)
        if record is None:
            return False
        self.world.laws.jobs[record.job_id].accepted = True
        if record.job_id not in self.job_ids:
            self.job_ids.append(record.job_id)
            if self.gallery is not None:
                self.gallery.watch(self.tenant, self.user_id, record.job_id)
        return True

    async def cancel(self) -> None:
        """Cancels the job if it still runs."""
        for job_id in self.job_ids:
            told = self.world.laws.jobs[job_id]
            told.cancel_asked = True

            async def cancel(runtime: JobRuntime, job_id: str = job_id) -> JobRecord:
                return await runtime.cancel(await runtime.store.get(self.user_id, job_id))

            record = await self._try(cancel)
            if record is not None:
                told.cancelled.add(record.generation)

    async def redo(self) -> None:
        """Cancels the job and has it run again at once, beside whoever has not heard of the end yet."""
        await self.cancel()
        await self.restart()

    async def delete(self) -> None:
        """Deletes the job."""
        for job_id in self.job_ids:

            async def delete(runtime: JobRuntime, job_id: str = job_id) -> bool:
                await delete_job(runtime.store, runtime.tombstones, self.user_id, job_id)
                return True

            self.world.laws.jobs[job_id].cancel_asked = True
            if await self._try(delete, gone_is_done=True):
                self.world.laws.jobs[job_id].deleted = True

    async def forget_user(self) -> None:
        """Deletes the user with all jobs, those of other clients too."""

        async def forget(runtime: JobRuntime) -> bool:
            places = [PLACES.user_folder(self.user_id)]
            await runtime.mark_user_deleted(principal_of(self.tenant), self.user_id, places)
            await forget_user(runtime, self.user_id)
            return True

        laws, user = self.world.laws, self._full_key("x").rsplit("/", 2)[0]
        laws.forgetting.add(user)
        if await self._try(forget):
            laws.forgotten.add(user)

    async def act_once_there(self, act: Callable[[], Awaitable[object]]) -> None:
        """Does something with the job as soon as its creation was answered."""
        for _ in range(_TRIES):
            if self.job_ids:
                await act()
                return
            await asyncio.sleep(0.2)

    async def restart(self) -> None:
        """Has the job run again, once it has ended."""
        for job_id in self.job_ids:
            request = f"restart-{job_id}-{next(self._ids)}"

            async def restart(runtime: JobRuntime, job_id: str = job_id, request: str = request) -> JobRecord:
                record = await runtime.store.get(self.user_id, job_id)
                body = {key: record.body[key] for key in ("mode", "script", "request", "limit")}
                return await runtime.acceptance.restart(
                    principal_of(self.tenant),
                    record,
                    message="again",
                    body=body,
                    method="Restart",
                    request_id=request,
                    request={"again": job_id},
                )

            for _ in range(20):
                try:
                    record = await self._try(restart, raises=PreconditionFailed)
                except PreconditionFailed:  # it runs
                    await asyncio.sleep(1 + self.world.draw.random())
                    continue
                if record is not None:
                    self.world.laws.jobs[job_id].accepted = True
                break

    async def _try(
        self,
        do: Callable[[JobRuntime], Awaitable[Any]],
        *,
        raises: type[WealthError] = Unavailable,
        gone_is_done: bool = False,
    ) -> Any:
        """The answer, asked for until there is one; None where the suite says no."""
        for number in range(_TRIES):
            try:
                return await self.world.call(self.tenant, do)
            except (Unavailable, Exhausted) as error:
                await asyncio.sleep(min(error.retry_after_s, 1 + number / 4))
            except Internal:
                await asyncio.sleep(1)
            except NotFound:
                return True if gone_is_done else None
            except (PreconditionFailed, Conflict) as error:
                if raises is type(error):
                    raise
                return None
        return None

    def _new_id(self) -> str:
        return f"job{self.number}-{next(self._ids)}"

    def _full_key(self, job_id: str) -> str:
        prefix = "" if self.tenant == TENANTS[0] else f"tenants/{self.tenant}/"
        return prefix + KIND.record_key(self.user_id, job_id)


class Crowd:
    """All clients of a run."""

    def __init__(self, world: World) -> None:
        self._world = world
        # Watchers make a run a fifth dearer: one in four has them.
        self.gallery = Gallery(world) if world.seed % 4 == 1 else None
        self.clients = [Client(world, number, self.gallery) for number in range(world.draw.choice(_JOBS))]
        world.race = self.race

    async def live(self) -> None:
        """Until the last one has had its answers."""
        await asyncio.gather(*(client.live() for client in self.clients))

    def race(self, kind: str, name: str) -> None:
        """Somebody asks for the same at this very moment: whose job a request names, or anybody."""
        named = _JOB_NAME.search(name)
        client = self.clients[int(named[1])] if named else self._world.draw.choice(self.clients)
        act = {
            "cancel races": client.cancel,
            "delete races": client.delete,
            "restart races": client.restart,
            "create races": client.create,
        }[kind]
        self._world.chore(act() if client.job_ids or kind == "create races" else client.act_once_there(act))
