"""The blocking client, and how it carries out the steps of flows."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
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


def _method(describe: Callable[Arguments, Plan[Result]]) -> Callable[Concatenate["Client", Arguments], Result]:
    """The method that carries out what ``describe`` plans."""

    def method(self: "Client", /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return self.run(describe(*args, **kwargs))

    describe_method(method, describe)
    return method


class Client:
    """Speaks to the gateway over REST, one call at a time. May be shared by threads; close it, or use ``with``.

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
        self._http = httpx.Client(**self._connection.httpx_arguments)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

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

    def run(self, plan: Plan[Result]) -> Result:
        """Carries out a call, an upload or a download, and gives its result."""
        return self._run(plan.flow(self._connection.terms))

    def watch(
        self, subject: HasTaskRef | HasJobRef, *, timeout_s: float | None = None, last_event_id: str = ""
    ) -> Generator[Event, None, None]:
        """Yields the events of a task or a job from the start until it is over. Raises Overdue after ``timeout_s``."""
        deadline = Deadline(timeout_s)
        watch = Watch(subject.ref, terms=self._connection.terms, deadline=deadline, last_event_id=last_event_id)
        return _Run(self._http, self._connection, watch.events()).emitted()

    def watch_events(self, *, after: str = "", timeout_s: float | None = None) -> Generator[News, None, None]:
        """Yields each change of every task and conversion that the key may see: from now on, or after the position of
        the last that was seen, over any break of the connection. Raises Overdue after ``timeout_s``."""
        news = NewsWatch(terms=self._connection.terms, deadline=Deadline(timeout_s), after=after)
        return _Run(self._http, self._connection, news.events()).emitted()

    @overload
    def wait(
        self, subject: HasTaskRef, *, timeout_s: float | None = ..., on_event: Callable[[Event], None] | None = ...
    ) -> Task: ...

    @overload
    def wait(
        self, subject: HasJobRef, *, timeout_s: float | None = ..., on_event: Callable[[Event], None] | None = ...
    ) -> Job: ...

    def wait(
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
        return self._run(flow, on_event)

    def _run(self, flow: Flow[Result], on_item: Callable[[Any], None] | None = None) -> Result:
        run = _Run(self._http, self._connection, flow)
        with closing(run.emitted()) as items:
            for item in items:
                if on_item:
                    on_item(item)
        return run.result


class _Run(Generic[Result]):
    """A flow on its way, and the one answer that it may have open."""

    result: Result

    def __init__(self, http: httpx.Client, connection: Connection, flow: Flow[Result]) -> None:
        self._http = http
        self._connection = connection
        self._flow = flow
        self._response: httpx.Response | None = None
        self._pieces: Iterator[bytes] = iter(())

    def emitted(self) -> Generator[Any, None, None]:
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
                    outcome = self._do(step)
                except Exception as error:  # noqa: BLE001 - the flow decides what it means
                    failure = error
        except StopIteration as end:
            self.result = end.value
        finally:
            self._flow.close()
            self._close_response()

    def _do(self, step: Step) -> Any:
        try:
            match step:
                case Send(request):
                    with closing(self._open(request)) as response:
                        return self._read_all(response)
                case Open(request):
                    return self._open_stream(request)
                case Read():
                    return next(self._pieces, None)
                case Pause(seconds):
                    return time.sleep(seconds)
                case Work(do):
                    return do()
        except httpx.RequestError as error:
            raise self._connection.broken(error) from error

    def _open(self, request: Request) -> httpx.Response:
        body = request.body
        content = read_pieces(body) if isinstance(body, FileBody) else body
        built = self._http.build_request(**self._connection.request_arguments(request, content))
        return self._http.send(built, stream=True)

    def _open_stream(self, request: Request) -> Answer:
        self._close_response()
        response = self._open(request)
        self._response = response
        if response.status_code >= 400:
            return self._read_all(response)
        self._pieces = response.iter_bytes()
        return head_of(response)

    def _read_all(self, response: httpx.Response) -> Answer:
        buffer = AnswerBuffer(self._connection.max_answer_bytes)
        for piece in response.iter_bytes():
            buffer.add(piece)
        return buffer.answer(response)

    def _close_response(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None
