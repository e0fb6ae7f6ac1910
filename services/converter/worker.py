"""The converter's worker role: what is done with a job that a worker has claimed."""

import contextlib
import tempfile
from pathlib import Path

from services.common.errors import NotFound
from services.common.jobs.handler import Outcome
from services.common.jobs.record import Artefact, JobRecord
from services.common.jobs.runtime import JobRuntime
from services.common.jobs.writer import AttemptWriter
from services.common.tasks import run_together
from services.converter.agent_work import Agents
from services.converter.attempt_files import WorkPlace
from services.converter.attempt_work import MAX_TRIED_BYTES, AttemptWork
from services.converter.domain.places import Places
from services.converter.leftovers import clear_leftovers, may_have_left_something
from services.converter.ports import ConversionEngine
from services.converter.settings import ConverterSettings

# Names that people expect in a job's folder, by what the manifest calls them.
FIXED_NAMES = {
    "input": "input.csv",
    "expected": "expected.csv",
    "program": "program.sql",
    "report": "report.json",
    "output": "output.csv",
    "agents": "agents.json",
}


class ConverterHandler:
    """Runs trainings and inferences. Implements ``JobHandler``.

    ``work_folder`` is there while jobs run. Without ``agents`` a training ends as synthesis left it.
    """

    def __init__(
        self,
        runtime: JobRuntime,
        places: Places,
        engine: ConversionEngine,
        settings: ConverterSettings,
        work_folder: Path,
        agents: Agents | None = None,
    ) -> None:
        self._storage = runtime.storage
        self._store = runtime.store
        self._places = places
        self._settings = settings
        self._work_folder = work_folder
        self._engine = engine
        self._agents = agents

    async def run(self, attempt: AttemptWriter) -> Outcome:
        """Fetches the inputs, trains or converts, uploads what came of it."""
        attempt.note("initializing", 5, "taken by a worker")
        with tempfile.TemporaryDirectory(prefix="wealth-job-", dir=self._work_folder) as directory:
            work = AttemptWork(self._place(), attempt, Path(directory))
            if attempt.record.body.get("explain"):
                return await work.explain()
            if attempt.record.body["mode"] == "training":
                return await work.train()
            return await work.infer()

    def _place(self) -> WorkPlace:
        return WorkPlace(
            self._storage,
            self._places,
            self._engine,
            self._settings,
            self._agents,
            self._store.clock,
            self.is_read_once,
        )

    async def settle(self, record: JobRecord) -> None:
        """Nothing: readers follow the manifest, and fixed names are the sweeper's (``maintain``)."""

    async def _write_fixed_names(self, record: JobRecord) -> None:
        """Writes the fixed names of a job's folder from its manifest; a newer generation's stay."""
        for _ in range(3):
            await run_together(*(self._copy(item.key, key) for key, item in self._fixed_names(record).items()))
            try:
                current = await self._store.get(record.user_id, record.job_id)
            except NotFound:
                return
            if current.generation == record.generation or not self._store.kind.is_terminal(current.status):
                return
            record = current

    async def _copy(self, source_key: str, key: str) -> None:
        with contextlib.suppress(NotFound):  # deleted in the meantime
            await self._storage.copy_object(source_key, key)

    async def maintain(self, record: JobRecord) -> None:
        """Writes the fixed names that are not there yet, or were damaged, and clears what attempts left behind."""
        for key, artefact in self._fixed_names(record).items():
            if not await self._holds(key, artefact):
                await self._write_fixed_names(record)
                break
        if may_have_left_something(record, self._store.clock(), completed=self._store.kind.completed):
            await clear_leftovers(self._storage, self._places, record)

    def _fixed_names(self, record: JobRecord) -> dict[str, Artefact]:
        """What should stand under a job's fixed names, by key."""
        artefacts = dict(record.manifest)
        if record.body["mode"] == "training":
            # A failed retraining leaves the old program in service; one that never succeeded has none.
            artefacts.pop("program", None)
            if program := record.body.get("program"):
                artefacts["program"] = Artefact(program["key"], program["size"], program["sha256"])
        return {
            self._places.fixed_key(record.user_id, record.job_id, FIXED_NAMES[name]): artefact
            for name, artefact in artefacts.items()
            if name in FIXED_NAMES and not self.is_read_once(record, name, artefact.size)
        }

    def is_read_once(self, record: JobRecord, name: str, size: int) -> bool:
        """Whether a job's artefact is an input that nothing reads again: too large for lessons, and for trials of a new
        program. It is stored once, where it came, and has no copy under a fixed name."""
        if name != "input" or record.body["mode"] != "inference":
            return False
        return size > max(MAX_TRIED_BYTES, self._settings.converter_training_max_bytes)

    async def _holds(self, key: str, artefact: Artefact) -> bool:
        try:
            standing = await self._storage.get_object_info(key)
        except NotFound:
            return False
        return standing.size == artefact.size and standing.sha256 in {"", artefact.sha256}
