"""ConverterService over gRPC: proto in, use case, proto out."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from wealth.converter.v1 import converter_pb2 as pb
from wealth.converter.v1 import converter_pb2_grpc
from wealth.jobs.v1 import jobs_pb2

from services.common.context import current_principal
from services.common.jobs.importing import to_outcome
from services.common.jobs.runtime import JobRuntime
from services.common.paging import clamp_page_size
from services.common.tasks import map_in_turns
from services.converter.mapping import (
    ARTEFACT_NAMES,
    NameObject,
    from_mode,
    from_on_ambiguity,
    from_on_drift,
    from_on_unseen,
    from_status,
    to_event,
    to_job,
    to_questions,
    to_versions,
)
from services.converter.migration import OlderJobs
from services.converter.teaching import Teaching
from services.converter.teaching_orders import Answer, Correction, ExplainingOrder, TeachingOrder
from services.converter.usecases import InferenceOrder, Jobs, TrainingOrder

SERVICE_NAME = "wealth.converter.v1.ConverterService"
DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
"""As the other services' pages."""
_FILE_NAMES = {
    "program": "program.sql",
    "report": "report.json",
    "output": "output.csv",
    "input": "input.csv",
    "expected": "expected.csv",
    "review": "review.json",
    "agents": "agents.json",
}


class ConverterServicer(converter_pb2_grpc.ConverterServiceServicer):
    """The API role. Every method acts for the call's principal."""

    def __init__(
        self, jobs: Jobs, older: OlderJobs, teaching: Teaching, runtime: JobRuntime, name_object: NameObject
    ) -> None:
        self._jobs = jobs
        self._older = older
        self._teaching = teaching
        self._runtime = runtime
        self._name_object = name_object

    async def CreateTraining(self, request: pb.CreateTrainingRequest, context: Any) -> pb.Job:
        order = TrainingOrder(
            user_id=request.user_id,
            input_file=request.input_file,
            expected_output_file=request.expected_output_file,
            title=request.title,
            description=request.description,
            owner=request.owner,
            general_instructions=request.general_instructions,
            column_instructions=dict(request.column_instructions),
            job_id=request.job_id,
            request_id=request.request_id,
            effort=request.effort or 1,
            samples=dict(request.samples),
            on_ambiguity=from_on_ambiguity(request.on_ambiguity),
            references=dict(request.references),
        )
        return to_job(await self._jobs.train(current_principal(), order), self._name_object)

    async def CreateInference(self, request: pb.CreateInferenceRequest, context: Any) -> pb.Job:
        order = InferenceOrder(
            user_id=request.user_id,
            trained_job_id=request.trained_job_id,
            input_file=request.input_file,
            on_unseen=from_on_unseen(request.on_unseen),
            request_id=request.request_id,
            on_drift=from_on_drift(request.on_drift),
            columns=dict(request.columns),
            references=dict(request.references),
        )
        return to_job(await self._jobs.infer(current_principal(), order), self._name_object)

    async def GetJob(self, request: pb.GetJobRequest, context: Any) -> pb.Job:
        record = await self._jobs.get(current_principal(), request.user_id, request.job_id)
        return to_job(record, self._name_object)

    async def ListJobs(self, request: pb.ListJobsRequest, context: Any) -> pb.ListJobsResponse:
        records, token = await self._jobs.list_page(
            current_principal(),
            user_id=request.user_id,
            status=from_status(request.status),
            page_size=clamp_page_size(request.page_size, default=DEFAULT_PAGE_SIZE, maximum=MAX_PAGE_SIZE),
            page_token=request.page_token,
            open_only=request.open,
            mode=from_mode(request.mode),
        )
        jobs = await map_in_turns(partial(to_job, name_object=self._name_object), records)
        return pb.ListJobsResponse(jobs=jobs, next_page_token=token)

    async def WatchJob(self, request: pb.WatchJobRequest, context: Any) -> AsyncIterator[pb.JobEvent]:
        principal = current_principal()
        async for news in self._jobs.watch(principal, request.user_id, request.job_id, request.after_revision):
            yield to_event(news.record, news.entry, news.terminal, news.resumable)

    async def CancelJob(self, request: pb.CancelJobRequest, context: Any) -> pb.Job:
        record = await self._jobs.cancel(current_principal(), request.user_id, request.job_id)
        return to_job(record, self._name_object)

    async def DeleteJob(self, request: pb.DeleteJobRequest, context: Any) -> pb.DeleteJobResponse:
        await self._jobs.delete(current_principal(), request.user_id, request.job_id)
        return pb.DeleteJobResponse()

    async def DeleteUser(self, request: pb.DeleteUserRequest, context: Any) -> pb.DeleteUserResponse:
        await self._jobs.delete_user(current_principal(), request.user_id)
        return pb.DeleteUserResponse()

    async def ReplayJob(self, request: pb.ReplayJobRequest, context: Any) -> pb.Job:
        record = await self._jobs.replay(current_principal(), request.user_id, request.job_id)
        return to_job(record, self._name_object)

    async def ImportJob(self, request: pb.ImportJobRequest, context: Any) -> pb.ImportJobResponse:
        record, outcome, notes = await self._older.bring_over(
            current_principal(),
            request.metadata_json,
            user_id=request.user_id,
            output=request.output if request.HasField("output") else None,
            validate_only=request.validate_only,
        )
        return pb.ImportJobResponse(job=to_job(record, self._name_object), outcome=to_outcome(outcome), notes=notes)

    async def TeachTraining(self, request: pb.TeachTrainingRequest, context: Any) -> pb.Job:
        order = TeachingOrder(
            user_id=request.user_id,
            job_id=request.job_id,
            answers=[_to_answer(answer) for answer in request.answers],
            corrections=[Correction(c.file, c.row, c.column, c.value, c.drop) for c in request.corrections],
            promote="ask" if request.promote == pb.PROMOTE_ASK else "auto",
            request_id=request.request_id,
            generation=request.generation,
            samples=dict(request.samples),
        )
        return to_job(await self._teaching.teach(current_principal(), order), self._name_object)

    async def ListQuestions(self, request: pb.ListQuestionsRequest, context: Any) -> pb.ListQuestionsResponse:
        found = await self._teaching.list_questions(current_principal(), request.user_id, request.job_id)
        return to_questions(*found)

    async def ListVersions(self, request: pb.ListVersionsRequest, context: Any) -> pb.ListVersionsResponse:
        record = await self._teaching.list_versions(current_principal(), request.user_id, request.job_id)
        return to_versions(record)

    async def RollbackTraining(self, request: pb.RollbackTrainingRequest, context: Any) -> pb.Job:
        record = await self._teaching.rollback(current_principal(), request.user_id, request.job_id, request.generation)
        return to_job(record, self._name_object)

    async def ExplainTraining(self, request: pb.ExplainTrainingRequest, context: Any) -> pb.Job:
        order = ExplainingOrder(request.user_id, request.job_id, tuple(request.columns), request.request_id)
        return to_job(await self._teaching.explain(current_principal(), order), self._name_object)

    async def DownloadArtifact(
        self, request: pb.DownloadArtifactRequest, context: Any
    ) -> AsyncIterator[pb.DownloadArtifactResponse]:
        name = ARTEFACT_NAMES[request.artifact]
        async with self._jobs.open_artefact(
            current_principal(),
            request.user_id,
            request.job_id,
            name,
            offset=request.offset,
            length=request.length,
        ) as (artefact, chunks):
            yield pb.DownloadArtifactResponse(
                info=pb.ArtifactInfo(
                    size=artefact.size,
                    sha256=artefact.sha256,
                    content_type=artefact.content_type,
                    file_name=_FILE_NAMES[name],
                )
            )
            async for chunk in chunks:
                yield pb.DownloadArtifactResponse(chunk=chunk)

    async def GetQueue(self, request: pb.GetQueueRequest, context: Any) -> jobs_pb2.Queue:
        return await self._runtime.describe_queue()

    async def ListDeadLetters(self, request: pb.ListDeadLettersRequest, context: Any) -> pb.ListDeadLettersResponse:
        letters, token = await self._runtime.list_dead_letters(
            current_principal(),
            page_size=clamp_page_size(request.page_size, default=50, maximum=MAX_PAGE_SIZE),
            page_token=request.page_token,
        )
        return pb.ListDeadLettersResponse(dead_letters=letters, next_page_token=token)


def _to_answer(answer: pb.Answer) -> Answer:
    said = answer.WhichOneof("said")
    return Answer(
        answer.question_id,
        answer.value if said == "value" else None,
        answer.candidate if said == "candidate" else None,
        answer.drop if said == "drop" else None,
    )
