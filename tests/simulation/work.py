"""What a simulated worker does with a job: the converter's handler, with a script in place of its engine."""

import asyncio
import errno
import hashlib
import json
import secrets
from dataclasses import asdict
from typing import Any

from services.common.errors import Conflict, Exhausted, Internal, InvalidInput, Unavailable
from services.common.jobs.handler import Outcome
from services.common.jobs.record import Artefact
from services.common.jobs.runtime import JobRuntime
from services.common.jobs.writer import AttemptWriter
from services.converter.domain.places import Places
from services.converter.worker import ConverterHandler
from tests.simulation.laws import Laws
from tests.simulation.loop import PROCESS


class SimulatedWork(ConverterHandler):
    """``settle`` and ``maintain`` are the converter's own. The script stands in the job's body:

    ``work_s`` how long it takes; ``ends`` as what: ``good``, ``refused`` (its input is wrong), ``broken`` (a bug),
    ``deadly`` (it kills its process, and whatever else is in hand there);
    ``falls`` attempts first that end with their process, whatever killed it;
    ``waits`` attempts that fail first by what is not the job's (``away`` says what), ``trips`` those that fail in a way
    that counts.
    """

    def __init__(self, runtime: JobRuntime, places: Places, laws: Laws) -> None:
        super().__init__(runtime, places, None, None, None)  # type: ignore[arg-type]
        self._laws = laws

    async def run(self, attempt: AttemptWriter) -> Outcome:
        """Follows the script."""
        process = PROCESS.get()
        assert process is not None
        with self._laws.running(process, alone=attempt.record.alone):
            return await self._follow(attempt)

    async def _follow(self, attempt: AttemptWriter) -> Outcome:
        record = attempt.record
        script = record.body["script"]
        here = [record.generation, record.attempt]
        self._laws.note_run(record.job_id, *here, alone=record.alone)
        attempt.set_body(run=[*here, secrets.token_hex(4)])
        attempt.note("initializing", 5, "taken by a worker")
        await asyncio.sleep(script["work_s"] / 2)
        if "paid" not in record.body:
            await attempt.checkpoint(paid=f"{here}")
            self._laws.note_paid(record.job_id, record.generation)
        attempt.note("processing", 50, "half done")
        await asyncio.sleep(script["work_s"] / 2)
        begun = self._laws.starts[record.job_id, record.generation]
        if script["ends"] == "deadly" or begun <= script["falls"]:
            process = PROCESS.get()
            assert process is not None
            self._laws.kill(process)
            await asyncio.sleep(0)  # nothing of it goes on
        if script["ends"] == "refused":
            raise InvalidInput("the input is wrong", reason="INPUT_WRONG", field="input")
        if script["ends"] == "broken":
            self._laws.failures[record.job_id, record.generation] += 1
            raise RuntimeError("a bug")
        begun -= script["falls"]
        if begun <= script["waits"]:
            raise _not_of_the_job()[script["away"]]
        if begun <= script["waits"] + script["trips"]:
            self._laws.failures[record.job_id, record.generation] += 1
            raise Exhausted("the source is busy", reason="SOURCE_BUSY", retry_after_s=0.5)
        return await self._upload(attempt)

    async def _upload(self, attempt: AttemptWriter) -> Outcome:
        record = attempt.record
        folder = self._places.attempt_folder(record.user_id, record.job_id, record.generation, record.attempt)
        # Of this attempt alone: what another attempt put in its place would be seen.
        content = json.dumps([record.job_id, record.generation, record.attempt]).encode()
        key = f"{folder}output.csv"
        info = await self._storage.keep_object(key, content, content_type="text/csv")
        artefact = Artefact(key, info.size, hashlib.sha256(content).hexdigest(), "text/csv")
        return Outcome("completed", "done", manifest={"output": artefact}, body={"result": asdict(artefact)["sha256"]})


def _not_of_the_job() -> tuple[Exception, ...]:
    """What a handler may meet that is no attempt of its job's."""
    return (
        Unavailable("a dependency is away", reason="STORAGE_UNAVAILABLE", retry_after_s=0.5),
        Internal("the call failed", reason="GRPC_UNKNOWN"),
        Conflict("somebody was first", reason="OBJECT_DIFFERS"),
        OSError(errno.ENOSPC, "no space left on device"),
    )


def draw_script(random: Any) -> dict[str, Any]:
    """What a job is like; most are good, some are slow, wrong or unlucky."""
    work_s = random.choice((0.0, 0.2, 1.0, 3.0, 9.0))
    ends = random.choices(("good", "refused", "broken", "deadly"), (40, 4, 4, 1))[0]
    waits = random.choices((0, 1, 2), (6, 1, 1))[0]
    trips = random.choices((0, 1, 2), (6, 1, 1))[0]
    # Two deaths beside others make a suspect, which must still end well after one more alone.
    falls = random.choices((0, 1, 3), (60, 1, 1))[0]
    away = random.randrange(len(_not_of_the_job()))
    return {"work_s": work_s, "ends": ends, "falls": falls, "waits": waits, "away": away, "trips": trips}
