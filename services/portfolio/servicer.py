"""PortfolioService over gRPC: proto in, use case, proto out."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from wealth.jobs.v1 import jobs_pb2
from wealth.portfolio.v1 import portfolio_pb2 as pb
from wealth.portfolio.v1 import portfolio_pb2_grpc

from services.common.context import current_principal
from services.common.jobs.importing import to_outcome
from services.common.jobs.runtime import JobRuntime
from services.common.paging import clamp_page_size
from services.common.tasks import map_in_turns
from services.portfolio.domain.report.brand import Brands
from services.portfolio.mapping import from_conventions, from_status, to_claims, to_event, to_report, to_task
from services.portfolio.migration import OlderTasks
from services.portfolio.usecases import Claims, ClaimsToCheck, Submission, Tasks

SERVICE_NAME = "wealth.portfolio.v1.PortfolioService"
DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 200


class PortfolioServicer(portfolio_pb2_grpc.PortfolioServiceServicer):
    """The API role. Every method acts for the call's principal."""

    def __init__(self, tasks: Tasks, older: OlderTasks, claims: Claims, runtime: JobRuntime, brands: Brands) -> None:
        self._tasks = tasks
        self._older = older
        self._claims = claims
        self._runtime = runtime
        self._brands = brands

    async def CreateTask(self, request: pb.CreateTaskRequest, context: Any) -> pb.Task:
        submission = Submission(
            request.username,
            request.password,
            tuple(request.payloads_json),
            request.locale,
            request.request_id,
            from_conventions(request.input_conventions),
        )
        return to_task(await self._tasks.create(current_principal(), submission), full=False)

    async def GetTask(self, request: pb.GetTaskRequest, context: Any) -> pb.Task:
        record = await self._tasks.get(current_principal(), request.task_id)
        return to_task(record, full=request.view == pb.TASK_VIEW_FULL)

    async def GetTaskReport(self, request: pb.GetTaskReportRequest, context: Any) -> pb.TaskReport:
        record = await self._tasks.get_finished(current_principal(), request.task_id)
        return await asyncio.to_thread(to_report, record, self._brands.find(record.tenant))

    async def ListTasks(self, request: pb.ListTasksRequest, context: Any) -> pb.ListTasksResponse:
        records, token = await self._tasks.list_page(
            current_principal(),
            user_id=request.user_id,
            status=from_status(request.status),
            page_size=clamp_page_size(request.page_size, default=DEFAULT_PAGE_SIZE, maximum=MAX_PAGE_SIZE),
            page_token=request.page_token,
            open_only=request.open,
        )
        tasks = await map_in_turns(partial(to_task, full=False), records)
        return pb.ListTasksResponse(tasks=tasks, next_page_token=token)

    async def WatchTask(self, request: pb.WatchTaskRequest, context: Any) -> AsyncIterator[pb.TaskEvent]:
        async for news in self._tasks.watch(current_principal(), request.task_id, request.after_revision):
            yield to_event(news.record, news.entry, news.terminal, news.resumable)

    async def CancelTask(self, request: pb.CancelTaskRequest, context: Any) -> pb.Task:
        return to_task(await self._tasks.cancel(current_principal(), request.task_id), full=False)

    async def DeleteTask(self, request: pb.DeleteTaskRequest, context: Any) -> pb.DeleteTaskResponse:
        await self._tasks.delete(current_principal(), request.task_id)
        return pb.DeleteTaskResponse()

    async def DeleteUser(self, request: pb.DeleteUserRequest, context: Any) -> pb.DeleteUserResponse:
        await self._tasks.delete_user(current_principal(), request.user_id)
        return pb.DeleteUserResponse()

    async def ReplayTask(self, request: pb.ReplayTaskRequest, context: Any) -> pb.Task:
        return to_task(await self._tasks.replay(current_principal(), request.task_id), full=False)

    async def ImportTask(self, request: pb.ImportTaskRequest, context: Any) -> pb.ImportTaskResponse:
        record, outcome, notes = await self._older.bring_over(
            current_principal(), request.document_json, username=request.username, validate_only=request.validate_only
        )
        return pb.ImportTaskResponse(task=to_task(record, full=False), outcome=to_outcome(outcome), notes=notes)

    async def CheckClaims(self, request: pb.CheckClaimsRequest, context: Any) -> pb.CheckClaimsResponse:
        asked = ClaimsToCheck(
            tuple(request.texts),
            tuple(request.payloads_json),
            request.locale,
            from_conventions(request.input_conventions),
            forecasts_are_faults=not request.allow_forecasts,
        )
        return to_claims(await self._claims.check(current_principal(), asked))

    async def GetQueue(self, request: pb.GetQueueRequest, context: Any) -> jobs_pb2.Queue:
        return await self._runtime.describe_queue(count_all=request.count_all)

    async def ListDeadLetters(self, request: pb.ListDeadLettersRequest, context: Any) -> pb.ListDeadLettersResponse:
        letters, token = await self._runtime.list_dead_letters(
            current_principal(),
            page_size=clamp_page_size(request.page_size, default=50, maximum=MAX_PAGE_SIZE),
            page_token=request.page_token,
        )
        return pb.ListDeadLettersResponse(dead_letters=letters, next_page_token=token)
