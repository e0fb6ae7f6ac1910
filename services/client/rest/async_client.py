"""The asynchronous client, and how it carries out the steps of flows."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing, closing
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

import httpx

from services.client.rest import calls, converter_calls, transfers, webhook_calls
from services.client.rest.call import describe_method
from services.client.rest.connection import AnswerBuffer, Connection, head_of, read_pieces
from services.client.rest.converter_results import Job
from services.client.rest.news import News, NewsWatch
from services.client.rest.results import Event, Task
from services.client.rest.retries import Plan, Retries, Terms
from services.client.rest.subjects import HasJobRef, HasTaskRef
from services.client.rest.watching import Deadline, Watch, wait
from services.client.rest.wire import Answer, Emit, FileBody, Flow, Open, Pause, Read, Request, Send, Step, Work

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _method(
    describe: Callable[Arguments, Plan[Result]],
) -> Callable[Concatenate["AsyncClient", Arguments], Coroutine[Any, Any, Result]]:
    """The method that carries out what ``describe`` plans."""

    async def method(self: "AsyncClient", /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return await self.run(describe(*args, **kwargs))

    describe_method(method, describe)
    return method


class AsyncClient:
    """Speaks to the gateway over REST. May be shared by tasks of one event loop; close it, or use ``async with``.

    Every call raises the suite's errors (`services.common.errors`): ``reason`` to branch on, ``request_id`` to quote,
    ``field`` for bad input. Calls are tried again as ``retries`` says; those that create carry an idempotency key, so
    that this is safe.
    """

    def __init__(
        self,
        url: str,
        api_key: str = "",
        *,
        timeout_s: float = 30.0,
        retries: Retries | None = None,
        max_answer_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._connection = Connection(url, api_key, Terms(retries or Retries(), timeout_s), max_answer_bytes)
        self._http = httpx.AsyncClient(**self._connection.httpx_arguments)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    submit_task = _method(calls.submit_task)
    check_claims = _method(calls.check_claims)
    get_task = _method(calls.get_task)
    get_task_result = _method(calls.get_task_result)
    get_task_report = _method(calls.get_task_report)
    list_tasks = _method(calls.list_tasks)
    cancel_task = _method(calls.cancel_task)
    delete_task = _method(calls.delete_task)
    train = _method(converter_calls.train)
    teach = _method(converter_calls.teach)
    explain = _method(converter_calls.explain)
    list_questions = _method(converter_calls.list_questions)
    list_versions = _method(converter_calls.list_versions)
    rollback = _method(converter_calls.rollback)
    run_inference = _method(converter_calls.run_inference)
    get_queue = _method(converter_calls.get_queue)
    list_jobs = _method(converter_calls.list_jobs)
    get_job = _method(converter_calls.get_job)
    get_program = _method(converter_calls.get_program)
    get_output = _method(converter_calls.get_output)
    get_report = _method(converter_calls.get_report)
    get_agents = _method(converter_calls.get_agents)
    cancel_job = _method(converter_calls.cancel_job)
    delete_job = _method(converter_calls.delete_job)
    delete_user = _method(converter_calls.delete_user)
    list_files = _method(calls.list_files)
    get_file = _method(calls.get_file)
    delete_file = _method(calls.delete_file)
    get_health = _method(calls.get_health)
    ping = _method(calls.ping)
    list_dead_tasks = _method(calls.list_dead_tasks)
    list_dead_jobs = _method(calls.list_dead_jobs)
    replay_task = _method(calls.replay_task)
    replay_job = _method(calls.replay_job)
    create_webhook = _method(webhook_calls.create_webhook)
    list_webhooks = _method(webhook_calls.list_webhooks)
    get_webhook = _method(webhook_calls.get_webhook)
    rotate_webhook = _method(webhook_calls.rotate_webhook)
    enable_webhook = _method(webhook_calls.enable_webhook)
    disable_webhook = _method(webhook_calls.disable_webhook)
    delete_webhook = _method(webhook_calls.delete_webhook)
    list_undelivered = _method(webhook_calls.list_undelivered)
    replay_undelivered = _method(webhook_calls.replay_undelivered)
    import_task = _method(calls.import_task)
    import_job = _method(calls.import_job)
    upload_file = _method(transfers.upload_file)
    download = _method(transfers.download)
    download_file = _method(transfers.download_file)

    async def run(self, plan: Plan[Result]) -> Result:
        """Carries out a call, an upload or a download, and gives its result."""
        return await self._run(plan.flow(self._connection.terms))

    def watch(
        self, subject: HasTaskRef | HasJobRef, *, timeout_s: float | None = None, last_event_id: str = ""
    ) -> AsyncGenerator[Event, None]:
        """Yields the events of a task or a job from the start until it is over. Raises Overdue after ``timeout_s``."""
        deadline = Deadline(timeout_s)
        watch = Watch(subject.ref, terms=self._connection.terms, deadline=deadline, last_event_id=last_event_id)
        return _Run(self._http, self._connection, watch.events()).emitted()

    def watch_events(self, *, after: str = "", timeout_s: float | None = None) -> AsyncGenerator[News, None]:
        """Yields each change of every task and conversion that the key may see: from now on, or after the position of
        the last that was seen, over any break of the connection. Raises Overdue after ``timeout_s``."""
        news = NewsWatch(terms=self._connection.terms, deadline=Deadline(timeout_s), after=after)
        return _Run(self._http, self._connection, news.events()).emitted()

    @overload
    async def wait(
        self, subject: HasTaskRef, *, timeout_s: float | None = ..., on_event: Callable[[Event], None] | None = ...
    ) -> Task: ...

    @overload
    async def wait(
        self, subject: HasJobRef, *, timeout_s: float | None = ..., on_event: Callable[[Event], None] | None = ...
    ) -> Job: ...

    async def wait(
        self,
        subject: HasTaskRef | HasJobRef,
        *,
        timeout_s: float | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> Task | Job:
        """Waits until a task or a job is over, well or not, and gives its last state.

        ``on_event`` is told each event; a `ProgressBar`'s ``show`` is one. Raises Overdue after ``timeout_s``: the task
        or job goes on.
        """
        flow = wait(subject.ref, terms=self._connection.terms, deadline=Deadline(timeout_s))
        return await self._run(flow, on_event)

    async def _run(self, flow: Flow[Result], on_item: Callable[[Any], None] | None = None) -> Result:
        run = _Run(self._http, self._connection, flow)
        async with aclosing(run.emitted()) as items:
            async for item in items:
                if on_item:
                    on_item(item)
        return run.result


class _Run(Generic[Result]):
    """A flow on its way, and the one answer that it may have open."""

    result: Result

    def __init__(self, http: httpx.AsyncClient, connection: Connection, flow: Flow[Result]) -> None:
        self._http = http
        self._connection = connection
        self._flow = flow
        self._response: httpx.Response | None = None
        self._pieces: AsyncIterator[bytes] | None = None

    async def emitted(self) -> AsyncGenerator[Any, None]:
        """Carries the flow's steps out and yields what it emits; at its end ``result`` is set."""
        outcome: Any = None
        failure: Exception | None = None
        try:
            while True:
                step = self._flow.throw(failure) if failure else self._flow.send(outcome)
                outcome, failure = None, None
                if isinstance(step, Emit):
                    yield step.item
                    continue
                try:
                    outcome = await self._do(step)
                except Exception as error:  # noqa: BLE001 - the flow decides what it means
                    failure = error
        except StopIteration as end:
            self.result = end.value
        finally:
            self._flow.close()
            await self._close_response()

    async def _do(self, step: Step) -> Any:
        try:
            match step:
                case Send(request):
                    async with aclosing(await self._open(request)) as response:
                        return await self._read_all(response)
                case Open(request):
                    return await self._open_stream(request)
                case Read():
                    return await anext(self._pieces, None) if self._pieces else None
                case Pause(seconds):
                    return await asyncio.sleep(seconds)
                case Work(do):
                    return await asyncio.to_thread(do)
        except httpx.RequestError as error:
            raise self._connection.broken(error) from error

    async def _open(self, request: Request) -> httpx.Response:
        body = request.body
        content = _read_pieces(body) if isinstance(body, FileBody) else body
        built = self._http.build_request(**self._connection.request_arguments(request, content))
        return await self._http.send(built, stream=True)

    async def _open_stream(self, request: Request) -> Answer:
        await self._close_response()
        response = await self._open(request)
        self._response = response
        if response.status_code >= 400:
            return await self._read_all(response)
        self._pieces = response.aiter_bytes()
        return head_of(response)

    async def _read_all(self, response: httpx.Response) -> Answer:
        buffer = AnswerBuffer(self._connection.max_answer_bytes)
        async for piece in response.aiter_bytes():
            buffer.add(piece)
        return buffer.answer(response)

    async def _close_response(self) -> None:
        if self._response is not None:
            await self._response.aclose()
            self._response = None


async def _read_pieces(body: FileBody) -> AsyncIterator[bytes]:
    """As `read_pieces`, with the disk read off the event loop."""
    with closing(read_pieces(body)) as pieces:
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece
