"""Bringing over what the older task service left: `wealth migrate` calls this for each of its tasks."""

from services.common.identity import Principal
from services.common.jobs.importing import EndedJob, Imported, Imports
from services.common.jobs.older import INTERRUPTED, is_document_of
from services.common.jobs.record import Fault, JobRecord
from services.common.jobs.runtime import JobRuntime
from services.common.other_process import OtherProcess
from services.portfolio.domain.older_tasks import BROUGHT_OVER, ID_NAMES, OlderTask, read_older_task
from services.portfolio.usecases import OPERATOR_SCOPE


class OlderTasks:
    """Tasks that an older service left, brought over by an operator."""

    def __init__(self, runtime: JobRuntime, elsewhere: OtherProcess, *, default_locale: str) -> None:
        self._runtime = runtime
        self._elsewhere = elsewhere
        self._imports = Imports(runtime.store, runtime.tombstones)
        self._default_locale = default_locale

    async def bring_over(
        self, principal: Principal, document: str, *, username: str, validate_only: bool
    ) -> tuple[JobRecord, Imported, tuple[str, ...]]:
        """Writes an older task's record; also what came of it and what there is to say.

        Raises Denied, InvalidInput naming what the document lacks, and as ``Imports.bring_over``.
        """
        principal.require_scope(OPERATOR_SCOPE)
        older = await self._elsewhere.run(len(document), read_older_task, document, username)
        self._runtime.require_user(principal, older.username, "username")
        record, outcome = await self._imports.bring_over(
            principal,
            self._ended(older),
            is_same=lambda content: is_document_of(content, older.task_id, ID_NAMES),
            validate_only=validate_only,
        )
        return record, outcome, older.notes

    def _ended(self, older: OlderTask) -> EndedJob:
        error, message = None, older.message
        if older.interrupted:
            message = "it had not ended when it was brought over, and its payloads were not kept: submit it again"
            error = Fault(INTERRUPTED, message)
        elif older.status == "error":
            error = Fault("OLDER_TASK_FAILED", older.message)
        return EndedJob(
            user_id=older.username,
            job_id=older.task_id,
            status=older.status,
            message=message,
            created_at=older.created_at,
            finished_at=older.finished_at,
            progress=older.progress,
            body={
                "username": older.username,
                "locale": self._default_locale,
                "sections_detected": list(older.sections_detected),
                "sections": older.sections,
                "cost": older.cost,
                BROUGHT_OVER: True,
            },
            error=error,
            trace=older.trace,
        )
