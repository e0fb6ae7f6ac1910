"""What the converter's API does with jobs. Authorisation by the principal happens here and nowhere else."""

import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from services.common import tracing
from services.common.context import acting_as
from services.common.errors import InvalidInput, NotFound, PreconditionFailed
from services.common.identity import Principal
from services.common.jobs.deletion import delete_job, delete_jobs_of, purge_places
from services.common.jobs.record import Artefact, JobRecord, new_record
from services.common.jobs.runtime import JobRuntime
from services.common.jobs.watch import News
from services.converter.domain.places import Places
from services.converter.domain.references import ReferenceInvalid, check_names
from services.converter.domain.sources import Source
from services.converter.domain.versions import versions_of
from services.converter.incoming import EXPECTED, INPUT, REFERENCE, Incoming

SCOPE = "converter"
OPERATOR_SCOPE = "admin"


@dataclass(frozen=True, slots=True)
class TrainingOrder:
    """A training as it is submitted; ``job_id`` retrains an existing job, ``effort`` multiplies the search's work."""

    user_id: str
    input_file: str
    expected_output_file: str
    title: str
    description: str = ""
    owner: str = ""
    general_instructions: str = ""
    column_instructions: Mapping[str, str] = field(default_factory=dict)
    job_id: str = ""
    request_id: str = ""
    effort: int = 1
    samples: Mapping[str, str] = field(default_factory=dict)
    """Files to look at for questions, by name."""
    on_ambiguity: str = "keep"
    references: Mapping[str, str] = field(default_factory=dict)
    """Tables that the program may look things up in, by name."""


@dataclass(frozen=True, slots=True)
class InferenceOrder:
    """An inference as it is submitted."""

    user_id: str
    trained_job_id: str
    input_file: str
    on_unseen: str = "null"
    request_id: str = ""
    on_drift: str = "ask"
    columns: Mapping[str, str] = field(default_factory=dict)
    """What the file calls columns of the example."""
    references: Mapping[str, str] = field(default_factory=dict)
    """Newer versions of reference tables of the training, by name."""


class Jobs:
    """The jobs of whoever calls."""

    def __init__(self, runtime: JobRuntime, places: Places, incoming: Incoming) -> None:
        self._runtime = runtime
        self._places = places
        self._incoming = incoming
        self._clock = runtime.store.clock

    async def train(self, principal: Principal, order: TrainingOrder) -> JobRecord:
        """Accepts a training or a retraining.

        Raises InvalidInput naming the field at fault, TooLarge, Denied, NotFound for a job to retrain that is not
        there, PreconditionFailed while that one runs, and what accepting raises.
        """
        principal.require_scope(SCOPE)
        self._runtime.require_user(principal, order.user_id, "user_id")
        if INPUT in order.samples:
            raise InvalidInput(f'"{INPUT}" is the name of the example\'s own file', field="samples")
        samples = {shown: f"sample_{number}" for number, shown in enumerate(order.samples, 1)}
        files = {samples[shown]: file for shown, file in order.samples.items()}
        references = _name_references(order.references)
        files |= {references[shown]: file for shown, file in order.references.items()}
        sources = await self._incoming.read(
            {INPUT: order.input_file, EXPECTED: order.expected_output_file, **files}, order.user_id
        )
        body = {
            "mode": "training",
            "samples": samples,
            "references": references,
            "on_ambiguity": order.on_ambiguity,
            "title": order.title,
            "description": order.description,
            "owner": order.owner,
            "principal_users": sorted(principal.users),
            "instructions": {
                "general": order.general_instructions,
                "columns": dict(order.column_instructions),
            },
            "effort": order.effort,
        }
        if order.job_id:
            return await self._retrain(principal, order, sources, body)
        return await self._accept(principal, order, "CreateTraining", sources, body)

    async def infer(self, principal: Principal, order: InferenceOrder) -> JobRecord:
        """Accepts an inference with the program that the trained job has now, whatever it learns later.

        Raises as ``train``, and PreconditionFailed with reason JOB_NOT_TRAINED where there is no program yet.
        """
        principal.require_scope(SCOPE)
        self._runtime.require_user(principal, order.user_id, "user_id")
        trained = await self._runtime.get_visible(principal, order.user_id, order.trained_job_id)
        program = trained.body.get("program")
        if trained.body.get("mode") != "training" or not program:
            raise PreconditionFailed("the job has no trained program", reason="JOB_NOT_TRAINED")
        stored = program.get("references", {})
        unknown = sorted(set(order.references) - set(stored))
        if unknown:
            raise InvalidInput(f"the training has no reference table {unknown[0]}", field="references")
        references = _name_references(stored)
        brought = {references[shown]: file for shown, file in order.references.items()}
        sources = await self._incoming.read({INPUT: order.input_file, **brought}, order.user_id)
        kept = {
            references[shown]: _stored(key, shown) for shown, key in stored.items() if shown not in order.references
        }
        body = {
            "mode": "inference",
            "references": references,
            "title": trained.body.get("title", ""),
            "description": trained.body.get("description", ""),
            "owner": trained.body.get("owner", ""),
            "principal_users": sorted(principal.users),
            "trained_job_id": order.trained_job_id,
            "program": dict(program),
            "on_unseen": order.on_unseen,
            "on_drift": order.on_drift,
            "columns": dict(order.columns),
        }
        return await self._accept(principal, order, "CreateInference", sources, body, kept)

    async def get(self, principal: Principal, user_id: str, job_id: str) -> JobRecord:
        """Reads a job. Raises NotFound where there is none or it is somebody else's."""
        principal.require_scope(SCOPE)
        return await self._runtime.get_visible(principal, user_id, job_id)

    async def list_page(
        self,
        principal: Principal,
        *,
        user_id: str,
        status: str,
        page_size: int,
        page_token: str,
        open_only: bool = False,
        mode: str = "",
    ) -> tuple[list[JobRecord], str]:
        """Lists a user's jobs newest first, or those of all users that the principal may act for.

        A page of one ``mode`` may be short: its jobs are picked out of all.
        """
        principal.require_scope(SCOPE)
        records, token = await self._runtime.list_visible(
            principal,
            user_id=user_id,
            status=status,
            page_size=page_size,
            page_token=page_token,
            open_only=open_only,
        )
        return [record for record in records if not mode or record.body.get("mode") == mode], token

    def watch(self, principal: Principal, user_id: str, job_id: str, after_revision: int) -> AsyncGenerator[News, None]:
        """Yields a job's news until it is terminal. Raises NotFound as ``get`` does."""
        principal.require_scope(SCOPE)
        return self._runtime.watch(principal, user_id, job_id, after_revision)

    async def cancel(self, principal: Principal, user_id: str, job_id: str) -> JobRecord:
        """Cancels a job. Raises NotFound, or PreconditionFailed where it has ended."""
        return await self._runtime.cancel(await self.get(principal, user_id, job_id))

    async def delete(self, principal: Principal, user_id: str, job_id: str) -> None:
        """Deletes a job and all that belongs to it. Raises NotFound."""
        await self.get(principal, user_id, job_id)
        await delete_job(self._runtime.store, self._runtime.tombstones, user_id, job_id)

    async def delete_user(self, principal: Principal, user_id: str) -> None:
        """Deletes all of a user's jobs and files; a repetition goes on where one was cut short.

        Raises NotFound where the principal may not act for the user, InvalidInput where nobody can be called so.
        """
        principal.require_scope(SCOPE)
        await self._runtime.mark_user_deleted(principal, user_id, [self._places.user_folder(user_id)])
        await self.forget_user(user_id)

    async def forget_user(self, user_id: str) -> None:
        """Deletes what there is of a user's jobs and files, as the current principal. Again is no harm."""
        runtime = self._runtime
        await delete_jobs_of(runtime.store, runtime.tombstones, user_id)
        await purge_places(runtime.storage, [self._places.user_folder(user_id)])
        await self._delete_files(user_id)

    async def replay(self, principal: Principal, user_id: str, job_id: str) -> JobRecord:
        """Runs a terminal job again. Raises NotFound, Denied, or PreconditionFailed where it has not ended."""
        principal.require_scope(OPERATOR_SCOPE)
        record = await self._runtime.get_visible(principal, user_id, job_id)
        body = {key: value for key, value in record.body.items() if key not in {"flagged_rows", "agents", "questions"}}
        return await self._runtime.acceptance.restart(principal, record, message="accepted again", body=body)

    @asynccontextmanager
    async def open_artefact(
        self, principal: Principal, user_id: str, job_id: str, name: str, *, offset: int, length: int
    ) -> AsyncIterator[tuple[Artefact, AsyncIterator[bytes]]]:
        """Opens a job's program, report or output. Raises NotFound where there is none (yet)."""
        record = await self.get(principal, user_id, job_id)
        artefact = record.manifest.get(name)
        program = record.body.get("program")
        is_training = record.body.get("mode") == "training"
        if name == "program" and program:
            artefact = Artefact(program["key"], program["size"], program["sha256"], "application/sql")
        elif name == "report" and artefact is None and is_training and program and "report_sha256" in program:
            # While another program is learned, the report is that of the one in service.
            size, sha256 = program["report_size"], program["report_sha256"]
            artefact = Artefact(program["report_key"], size, sha256, "application/json")
        source = record.body.get("sources", {}).get(name, {})
        is_over = self._runtime.store.kind.is_terminal(record.status)
        if artefact is None and is_over and not is_training and source.get("kind") == "file":
            # Too large to be stored twice: it is read where it was uploaded, as long as it is kept there.
            async with AsyncExitStack() as opened:
                with acting_as(file_reader(record)):
                    file = await opened.enter_async_context(
                        self._runtime.storage.download_file(source["uri"], offset=offset, length=length)
                    )
                yield Artefact(source["uri"], file.info.size, file.info.sha256, "text/csv"), file.chunks
            return
        if artefact is None:
            raise NotFound(f"the job has no {name}", reason=f"{name.upper()}_NOT_FOUND")
        async with self._runtime.storage.get_object(artefact.key, offset=offset, length=length) as stream:
            yield artefact, stream.chunks

    async def _accept(
        self,
        principal: Principal,
        order: TrainingOrder | InferenceOrder,
        method: str,
        sources: Mapping[str, Source],
        body: Mapping[str, Any],
        kept: Mapping[str, dict[str, str]] | None = None,
    ) -> JobRecord:
        user_id = order.user_id

        async def prepare(job_id: str) -> JobRecord:
            return new_record(
                principal,
                user_id=user_id,
                job_id=job_id,
                now=self._clock(),
                status=self._runtime.kind.pending,
                message="accepted",
                body={**body, "sources": {**await self._incoming.store(sources, user_id, job_id, 1), **(kept or {})}},
                traceparent=tracing.trace_headers().get("traceparent", ""),
            )

        return await self._runtime.acceptance.accept(
            principal,
            user_id=user_id,
            method=method,
            request_id=order.request_id,
            body=_fields_of(order),
            new_job_id=lambda: str(uuid.uuid4()),
            prepare=prepare,
        )

    async def _retrain(
        self,
        principal: Principal,
        order: TrainingOrder,
        sources: Mapping[str, Source],
        body: dict[str, Any],
    ) -> JobRecord:
        record = await self._runtime.get_visible(principal, order.user_id, order.job_id)
        if record.body.get("mode") != "training":
            raise PreconditionFailed("only a training can be retrained", reason="JOB_NOT_A_TRAINING")
        stored = await self._incoming.store(sources, order.user_id, order.job_id, record.generation + 1)
        if not order.references:
            body["references"] = dict(record.body.get("references", {}))
            sources_kept = kept_sources(record)
            stored |= {name: sources_kept[name] for name in body["references"].values()}
        body |= {
            "sources": stored,
            "program": record.body.get("program"),
            "versions": versions_of(record.body),
        }
        if not order.general_instructions and not order.column_instructions:
            body["instructions"] = record.body.get("instructions", body["instructions"])
        return await self._runtime.acceptance.restart(
            principal,
            record,
            message="accepted for retraining",
            body=body,
            method="CreateTraining",
            request_id=order.request_id,
            request=_fields_of(order),
        )

    async def _delete_files(self, user_id: str) -> None:
        storage = self._runtime.storage
        while True:
            page = await storage.list_files(user_id=user_id)
            for file in page.files:
                await storage.delete_file(file.uri)
            if not page.files:
                return


def kept_sources(record: JobRecord) -> dict[str, dict[str, str]]:
    """The files that the last generation read, from where it put them: an upload may be gone by now.

    Raises PreconditionFailed where one is nowhere.
    """
    found = {}
    for name, source in record.body["sources"].items():
        if name in record.manifest:
            found[name] = _stored(record.manifest[name].key, source.get("shown", ""), source.get("name", ""))
        elif "key" in source:
            found[name] = source
        else:
            raise PreconditionFailed("the job could not read its files", reason="FILE_NOT_FOUND")
    return found


def _stored(key: str, shown: str, name: str = "") -> dict[str, str]:
    return {"kind": "stored", "uri": "", "shown": shown, "name": name, "key": key}


def _name_references(references: Iterable[str]) -> dict[str, str]:
    """The names of reference tables among a job's sources. Raises InvalidInput where one is no name of a relation."""
    names = list(references)
    try:
        check_names(names)
    except ReferenceInvalid as fault:
        raise InvalidInput(fault.message, reason=fault.reason, field="references") from fault
    return {shown: f"{REFERENCE}{number}" for number, shown in enumerate(names, 1)}


def file_reader(record: JobRecord) -> Principal:
    """The principal that a job's files are read as: the users that it was accepted for, and no more."""
    return Principal(
        record.tenant,
        f"job:{record.job_id}",
        frozenset(record.body.get("principal_users", (record.user_id,))),
        frozenset({SCOPE, "files"}),
    )


def _fields_of(order: TrainingOrder | InferenceOrder) -> dict[str, Any]:
    """An order as the idempotency key's body, without the key itself.

    What older releases do not know is left out where it says nothing: a retry that meets another release is the same.
    """
    plain = replace(order, request_id="")
    found = {name: _plain(getattr(plain, name)) for name in plain.__slots__}
    return {name: value for name, value in found.items() if value != _APPENDED.get(name, _NOTHING)}


_NOTHING = object()
_APPENDED: dict[str, Any] = {"references": {}, "columns": {}, "on_drift": "ask"}
"""Fields of orders that came after the first release, as they are where they say nothing."""


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
