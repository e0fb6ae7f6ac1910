"""Following all of a tenant's tasks and conversions at once, as far as the key may see them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.client.rest.call import Call, read_nothing
from services.client.rest.problems import read_problem
from services.client.rest.results import read_result
from services.client.rest.retries import Terms
from services.client.rest.sse import EventParser, Message
from services.client.rest.watching import SILENCE_S, Deadline
from services.client.rest.wire import Answer, Broken, Emit, Flow, Open, Pause, Read
from services.common.errors import RetryableError

_FIRST_PAUSE_S, _LAST_PAUSE_S = 0.25, 5.0
# With these pauses half a minute.
_MAX_FAILURES = 12


@dataclass(frozen=True, slots=True)
class News:
    """One event of the tenant's stream.

    ``position`` is where to resume after it. ``kind`` is "task" or "job", and ``event`` the CloudEvent; or "missed",
    where events before this place are no longer kept: list tasks and jobs to learn how they stand.
    """

    position: str
    kind: str
    event: Mapping[str, Any]


def open_news(after: str) -> Call[None]:
    """Opens the stream of all that the key may see: from now on, or after a position."""
    return Call("GET", "/api/v1/events", read_nothing, query={"after": after})


class NewsWatch:
    """One watch: emits what is new, each once, however often the stream breaks, until its time is over."""

    def __init__(self, *, terms: Terms, deadline: Deadline, after: str = "") -> None:
        self._terms = terms
        self._deadline = deadline
        self._after = after
        self._pause_s = _FIRST_PAUSE_S
        self._failures = 0

    def events(self) -> Flow[None]:
        """Emits News after News. Raises Overdue, or the error of an answer that no repetition changes."""
        while True:
            try:
                yield from self._one_stream()
            except (Broken, RetryableError):
                # A restart, or too many watchers: not for long. Who waits for ever should know.
                self._failures += 1
                if self._failures > _MAX_FAILURES:
                    raise
            yield Pause(self._deadline.remaining_s(self._pause_s))
            self._pause_s = min(_LAST_PAUSE_S, self._pause_s * 1.5)

    def _one_stream(self) -> Flow[None]:
        silence_s = self._deadline.remaining_s(SILENCE_S)
        head: Answer = yield Open(open_news(self._after).request(silence_s))
        if head.status >= 400:
            raise read_problem(head)
        parser = EventParser()
        while (piece := (yield Read())) is not None:
            for message in parser.feed(piece):
                yield from self._show(message)
            self._deadline.remaining_s(SILENCE_S)

    def _show(self, message: Message) -> Flow[None]:
        if message.name == "problem":
            document = json.loads(message.data)
            raise read_problem(Answer(int(document.get("status", 500)), {}, message.data.encode()))
        if message.id:
            self._after = message.id
            self._pause_s, self._failures = _FIRST_PAUSE_S, 0
        if message.data:
            yield Emit(News(self._after, message.name, read_result(dict[str, Any], json.loads(message.data))))
