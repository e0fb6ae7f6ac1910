"""One attempt's files: fetched into its own directory, and stored where the manifest says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.common.clock import Clock
from services.common.context import acting_as
from services.common.errors import InvalidInput, NotFound, PreconditionFailed, TooLarge
from services.common.jobs.record import Artefact, JobRecord
from services.common.jobs.writer import AttemptWriter
from services.common.storage import StorageClient
from services.common.tasks import run_together
from services.converter.agent_work import Agents
from services.converter.domain.places import Places
from services.converter.incoming import field_of
from services.converter.ports import ConversionEngine
from services.converter.settings import ConverterSettings
from services.converter.usecases import file_reader

_CONTENT_TYPES = {".csv": "text/csv", ".sql": "application/sql", ".json": "application/json"}
_MOST_SENT_BACK_BYTES = 4 << 20
"""The largest uploaded file that is stored once more from here, in one request; a larger one is copied inside of S3, in
three, and its bytes are not sent again."""


@dataclass(frozen=True, slots=True)
class WorkPlace:
    """What attempts work with. ``is_read_once`` says of an artefact, by name and size, that nothing reads it again."""

    storage: StorageClient
    places: Places
    engine: ConversionEngine
    settings: ConverterSettings
    agents: Agents | None
    clock: Clock
    is_read_once: Callable[[JobRecord, str, int], bool]


class AttemptFiles:
    """The files of one attempt, in its own directory."""

    def __init__(self, place: WorkPlace, attempt: AttemptWriter, directory: Path) -> None:
        self._storage = place.storage
        self._places = place.places
        self._engine = place.engine
        self._settings = place.settings
        self._agents = place.agents
        self._clock = place.clock
        self._is_read_once = place.is_read_once
        self._attempt = attempt
        self._record = attempt.record
        self._directory = directory
        self._manifest: dict[str, Artefact] = {}
        self._folder = self._places.attempt_folder(
            self._record.user_id, self._record.job_id, self._record.generation, self._record.attempt
        )

    def _samples(self) -> dict[str, str]:
        """The sample files' paths, by the names that lessons call them."""
        samples = self._record.body.get("samples", {})
        return {shown: str(self._directory / f"{name}.csv") for shown, name in samples.items()}

    def _references(self) -> dict[str, str]:
        """The reference tables' paths, by their names."""
        references = self._record.body.get("references", {})
        return {shown: str(self._directory / f"{name}.csv") for shown, name in references.items()}

    def _example(self) -> dict[str, Any]:
        """The fields of a request to the engine that say what is learned from."""
        instructions = self._record.body.get("instructions", {})
        return {
            "input": str(self._directory / "input.csv"),
            "expected": str(self._directory / "expected.csv"),
            "general_instructions": instructions.get("general", ""),
            "column_instructions": instructions.get("columns", {}),
        }

    async def _fetch_inputs(self, max_bytes: int) -> None:
        self._attempt.note("uploading", 15, "fetching the input")
        self._attempt.step("fetch", "started")
        sources = self._record.body["sources"]
        found = await run_together(*(self._fetch(name, source, max_bytes) for name, source in sources.items()))
        self._manifest |= {name: item for name, item in zip(sources, found, strict=True) if item.key}
        sizes = (f"{name}: {item.size} bytes" for name, item in zip(sources, found, strict=True))
        self._attempt.step("fetch", "completed", ", ".join(sizes))

    async def _fetch_program(self, key: str, path: Path, *, of: str = "trained job") -> None:
        try:
            await self._storage.get_object_to_file(key, path, never_changes=True)
        except NotFound as error:
            raise PreconditionFailed(f"the {of} was deleted", reason="PROGRAM_GONE") from error

    async def _fetch(self, name: str, source: Mapping[str, Any], max_bytes: int) -> Artefact:
        """Brings one input to the work directory and, where it is not ours yet, into the job's folder; a large one that
        is read once stays where it was uploaded, and the artefact has no key."""
        path, field = self._directory / f"{name}.csv", field_of(name)
        key = source.get("key") or f"{self._folder}{name}.csv"
        try:
            if source["kind"] == "address":
                await self._storage.import_object(source["uri"], key, max_size=max_bytes)
            if source["kind"] == "file":
                # Read as those for whom the job was accepted, not as this service.
                with acting_as(file_reader(self._record)):
                    file = await self._storage.download_file_to(source["uri"], path, max_size=max_bytes)
                    if self._is_read_once(self._record, name, file.size):
                        return Artefact("", file.size, file.sha256, "text/csv")
                    if file.size > _MOST_SENT_BACK_BYTES:
                        await self._storage.import_object(source["uri"], key, max_size=file.size)
                        return Artefact(key, file.size, file.sha256, "text/csv")
                return await self._keep(path, key)
            # One that came with the request is named by its content; older jobs' stand under fixed names.
            is_of_content = source["kind"] == "inline"
            info = await self._storage.get_object_to_file(key, path, max_size=max_bytes, never_changes=is_of_content)
        except NotFound as error:
            raise InvalidInput("the file is gone", reason="FILE_NOT_FOUND", field=field) from error
        except TooLarge as error:
            raise TooLarge(error.message, reason="INPUT_TOO_LARGE", field=field) from error
        except InvalidInput as error:
            raise InvalidInput(error.message, reason=error.reason, field=field) from error
        return Artefact(key, info.size, info.sha256, "text/csv")

    async def _upload(self, files: Mapping[str, tuple[Path, str]]) -> None:
        """Stores files under their keys, by what the manifest calls them."""
        kept = await run_together(*(self._keep(path, key) for path, key in files.values()))
        self._manifest |= dict(zip(files, kept, strict=True))

    async def _keep(self, path: Path, key: str) -> Artefact:
        content_type = _CONTENT_TYPES[path.suffix]
        info = await self._storage.keep_object(key, path, content_type=content_type)
        return Artefact(key, info.size, info.sha256, content_type)
