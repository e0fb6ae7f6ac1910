"""Bringing over what the older CSV converter left: `wealth migrate` calls this for each of its jobs."""

import hashlib
from collections.abc import Mapping

from services.common.identity import Principal
from services.common.jobs.importing import EndedJob, Imported, Imports
from services.common.jobs.older import is_document_of
from services.common.jobs.record import Artefact, JobRecord
from services.common.jobs.runtime import JobRuntime
from services.common.other_process import OtherProcess
from services.converter.domain.older_jobs import ID_NAMES, OlderJob, read_older_job
from services.converter.domain.places import Places
from services.converter.usecases import OPERATOR_SCOPE

_OUTPUT = "output"


class OlderJobs:
    """Jobs that an older service left, brought over by an operator."""

    def __init__(self, runtime: JobRuntime, places: Places, elsewhere: OtherProcess) -> None:
        self._runtime = runtime
        self._places = places
        self._elsewhere = elsewhere
        self._imports = Imports(runtime.store, runtime.tombstones)

    async def bring_over(
        self, principal: Principal, metadata: str, *, user_id: str, output: bytes | None, validate_only: bool
    ) -> tuple[JobRecord, Imported, tuple[str, ...]]:
        """Writes an older job's record, with an inference's ``output`` where there is one; also what came of it and
        what there is to say.

        Raises Denied, InvalidInput naming what the metadata lacks, and as ``Imports.bring_over``.
        """
        principal.require_scope(OPERATOR_SCOPE)
        older = await self._elsewhere.run(len(metadata), read_older_job, metadata, user_id)
        self._runtime.require_user(principal, older.user_id, "user_id")
        notes = older.notes
        if older.mode == "inference" and output is None:
            notes += ("its output was not there",)

        async def store_output() -> Mapping[str, Artefact]:
            if output is None or older.mode != "inference":
                return {}
            folder = self._places.attempt_folder(older.user_id, older.job_id, 1, 0)
            artefact = Artefact(f"{folder}output.csv", len(output), hashlib.sha256(output).hexdigest(), "text/csv")
            await self._runtime.storage.put_object(artefact.key, output, content_type=artefact.content_type)
            return {_OUTPUT: artefact}

        record, outcome = await self._imports.bring_over(
            principal,
            _ended(older),
            is_same=lambda content: is_document_of(content, older.job_id, ID_NAMES),
            validate_only=validate_only,
            prepare=store_output,
        )
        return record, outcome, notes


def _ended(older: OlderJob) -> EndedJob:
    return EndedJob(
        user_id=older.user_id,
        job_id=older.job_id,
        status=older.status,
        message=older.error.message if older.error else f"{older.status} in the older service",
        created_at=older.created_at,
        finished_at=older.finished_at,
        progress=100 if older.error is None else 0,
        body={
            "mode": older.mode,
            "title": older.title,
            "description": older.description,
            "owner": older.owner,
            "trained_job_id": older.trained_job_id,
            "instructions": {"general": older.general_instructions, "columns": dict(older.column_instructions)},
            "sources": {},
        },
        error=older.error,
    )
