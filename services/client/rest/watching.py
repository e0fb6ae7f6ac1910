"""Following a task or a job to its end: by server-sent events, and by asking now and then where those do not come."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from services.client.rest.calls import get_state, watch_events
from services.client.rest.converter_results import Job
from services.client.rest.problems import read_problem
from services.client.rest.results import Event, JobRef, Task, TaskRef, read_result
from services.client.rest.retries import Terms
from services.client.rest.sse import EventParser, Message
from services.client.rest.wire import Answer, Broken, Emit, Flow, Open, Pause, Read
from services.common.errors import Internal, RetryableError

# The gateway sends a comment every 15 seconds of silence: three missed ones are a dead connection.
SILENCE_S = 45.0
# A stream is opened again where its silence could outlast the caller's deadline by more than this.
_LATENESS_S = 1.0
_FIRST_PAUSE_S, _LAST_PAUSE_S = 0.25, 5.0


class Overdue(TimeoutError):
    """The time to wait is over; the task or job goes on."""


class Deadline:
    """A moment by the monotonic clock; None is never."""

    def __init__(self, timeout_s: float | None, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._timeout_s = timeout_s
        self._monotonic_s = monotonic_s
        self._end_s = None if timeout_s is None else monotonic_s() + timeout_s

    def remaining_s(self, at_most_s: float) -> float:
        """The time that is left, at most so much. Raises Overdue where none is."""
        if self._end_s is None:
            return at_most_s
        left_s = self._end_s - self._monotonic_s()
        if left_s <= 0:
            raise Overdue(f"not over after {self._timeout_s:g} seconds")
        return min(at_most_s, left_s)


class Watch:
    """One watch of a task or a job: emits what is new in order until it is over.

    Each event is emitted once, however often the stream breaks. While no stream can be had, the state is read now and
    then, and a change of it is emitted as one event without an id, which stands for all that led to it.
    """

    def __init__(
        self,
        ref: TaskRef | JobRef,
        *,
        terms: Terms,
        deadline: Deadline,
        last_event_id: str = "",
    ) -> None:
        self._ref = ref
        self._terms = terms
        self._deadline = deadline
        self._last_event_id = last_event_id
        # Events since the last one with an id: they come again when the stream is opened again.
        self._shown: set[str] = set()
        # Generation and revision of the newest that was told, and of the last state read in place of events.
        self._newest = self._polled = (0, 0)
        self._pause_s = _FIRST_PAUSE_S
        self._over = False

    def events(self) -> Flow[None]:
        """Emits Event after Event. Raises Overdue, or the error of an answer that no repetition changes."""
        while not self._over:
            try:
                streamed = yield from self._one_stream()
            except (Broken, RetryableError):
                # A restart, too many watchers, or a proxy that lets no streams through: asking still works.
                streamed = False
            if not streamed and not self._over:
                yield from self._poll()

    def _one_stream(self) -> Flow[bool]:
        """Follows one stream to its end; gives whether it brought anything new."""
        silence_s = self._deadline.remaining_s(SILENCE_S)
        head: Answer = yield Open(watch_events(self._ref, self._last_event_id).request(silence_s))
        if head.status >= 400:
            raise read_problem(head)
        if head.status == 204:
            self._over = True
        if head.status != 200 or not head.headers.get("content-type", "").startswith("text/event-stream"):
            return False
        parser = EventParser()
        before = self._place()
        while (piece := (yield Read())) is not None:
            for message in parser.feed(piece):
                yield from self._show(message)
            if self._over:
                return True
            if silence_s > self._deadline.remaining_s(SILENCE_S) + _LATENESS_S:
                # Reading on could wait past the deadline: begin again with the time that is left.
                return True
        # A stream that is cut before it tells anything new must not be asked for again at once.
        return self._place() != before

    def _place(self) -> tuple[str, int]:
        return self._last_event_id, len(self._shown)

    def _show(self, message: Message) -> Flow[None]:
        if not message.data:
            return
        document = _read_json(message.data)
        if message.name == "problem":
            raise read_problem(Answer(int(document.get("status", 500)), {}, message.data.encode()))
        event = read_result(Event, document)
        version = (event.generation, event.revision)
        if event.event_id not in self._shown and version > self._polled:
            self._newest = max(self._newest, version)
            self._over = event.terminal
            self._pause_s = _FIRST_PAUSE_S
            yield Emit(event)
        self._shown.add(event.event_id)
        if message.id:
            self._last_event_id = message.id
            self._shown.clear()

    def _poll(self) -> Flow[None]:
        # The retries of one look have bounds of their own, so a gateway that is away can be noticed late.
        timeout_s = self._deadline.remaining_s(self._terms.timeout_s)
        state: Task | Job = yield from get_state(self._ref).flow(replace(self._terms, timeout_s=timeout_s))
        version = (state.generation, state.revision)
        if version > self._newest:
            self._newest = self._polled = version
            self._over = state.finished
            yield Emit(_event_of(state))
        if not self._over:
            yield Pause(self._deadline.remaining_s(self._pause_s))
            self._pause_s = min(_LAST_PAUSE_S, self._pause_s * 1.5)


def wait(ref: TaskRef | JobRef, *, terms: Terms, deadline: Deadline) -> Flow[Task | Job]:
    """Emits the events of a task or a job and gives its last state once it is over. Raises as ``Watch.events`` does."""
    while True:
        yield from Watch(ref, terms=terms, deadline=deadline).events()
        state: Task | Job = yield from get_state(ref).flow(terms)
        if state.finished:
            return state
        # Retrained or replayed in between: there is more to wait for.


def _read_json(data: str) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except ValueError as error:
        raise Internal("an event is not JSON", reason="ANSWER_MALFORMED") from error
    return read_result(dict[str, Any], document)


def _event_of(state: Task | Job) -> Event:
    return Event(
        status=state.status,
        progress=state.progress,
        message=state.message,
        mode=state.mode if isinstance(state, Job) else None,
        occurred_at=state.updated_at,
        terminal=state.finished,
        generation=state.generation,
        revision=state.revision,
        error=state.error,
        error_code=state.error_code,
    )
