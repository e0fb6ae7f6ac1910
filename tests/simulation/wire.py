"""The way to a simulated server and back: how long it takes, and what goes wrong on it.

Each request takes two steps of the loop, or some simulated time: on its way, and its answer's way back. What becomes
of it is the fate that ``Fates`` says. A caller that dies or gives up in between changes nothing of what a server does.
"""

import asyncio
import contextlib
import contextvars
import enum
import random
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

Answer = TypeVar("Answer")


class Fate(enum.Enum):
    """What becomes of one request."""

    SERVED = "served"
    REFUSED = "refused"  # nothing was done, and the caller is told that nobody answered
    LOST = "answer lost"  # done, and the caller is told that nobody answered
    TWICE = "sent twice"  # done, repeated by the client after its answer was lost: the caller gets the second answer
    LATE = "done late"  # the caller is told that nobody answered; it is done some time after
    BROKEN = "server broken"  # nothing was done, and the caller is told of a fault that has no name
    SILENT = "no answer"  # done, and the caller hears nothing at all: whoever asked has died


class Request(NamedTuple):
    """One request to a server: ``s3`` or ``nats``; its verb, whether it changes anything, and what it names."""

    server: str
    verb: str
    writes: bool
    name: str


class Fates(Protocol):
    """Says what becomes of requests."""

    def of(self, request: Request) -> Fate:
        """The fate of the next request."""


class AllServed:
    """Nothing goes wrong."""

    def of(self, request: Request) -> Fate:
        """Served."""
        return Fate.SERVED


class Wire:
    """The way to all servers of one simulated world. ``draw`` gives how long things take."""

    def __init__(self, loop: asyncio.AbstractEventLoop, draw: random.Random, fates: Fates | None = None) -> None:
        self._loop = loop
        self._later = loop.call_later
        self._soon = loop.call_soon
        self._random = draw.random
        self.fates: Fates = fates or AllServed()
        self.is_cut = False
        self.requests = 0

    async def ask(
        self, request: Request, do: Callable[[], Answer], *, unanswered: Callable[[], Exception], patience_s: float = 2
    ) -> Answer:
        """Has the server ``do`` it; raises what that raises, or ``unanswered()`` where the fate is so."""
        if self.is_cut:
            raise asyncio.CancelledError
        self.requests += 1
        fate = self.fates.of(request)
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._send(self._travel_s(), self._serve, answer, do, fate, unanswered, patience_s)
        return await answer

    async def tell(self, request: Request, do: Callable[[], object]) -> None:
        """Sends what is not answered."""
        if self.is_cut:
            raise asyncio.CancelledError
        self.requests += 1
        fate = self.fates.of(request)
        if fate is Fate.LATE:
            self._send(1 + 15 * self._random(), do)
        elif fate is not Fate.REFUSED:
            self._send(self._travel_s(), do)
        await asyncio.sleep(0)

    def _serve(
        self,
        answer: "asyncio.Future[Answer]",
        do: Callable[[], Answer],
        fate: Fate,
        unanswered: Callable[[], Exception],
        patience_s: float,
    ) -> None:
        if fate is Fate.REFUSED or fate is Fate.LATE:
            if fate is Fate.LATE:
                self._send(patience_s + 6 * self._random(), _do_unheard, do)
            self._send(patience_s * self._random(), _fail, answer, unanswered())
            return
        if fate is Fate.BROKEN:
            self._answer(_fail, answer, RuntimeError("the server is broken"))
            return
        try:
            result = do()
            if fate is Fate.TWICE:
                result = do()
        except Exception as error:  # noqa: BLE001 - the answer, whatever it is
            self._answer(_fail, answer, error)
            return
        if fate is Fate.LOST:
            self._send(patience_s * self._random(), _fail, answer, unanswered())
        elif fate is not Fate.SILENT:
            self._answer(_succeed, answer, result)

    def _answer(self, tell: Callable[..., None], answer: "asyncio.Future[Answer]", told: object) -> None:
        """Sends the answer. Whoever waits for it goes on in a step of its own, so that others come between also where
        it takes no time."""
        travel_s = self._travel_s()
        if travel_s:
            self._send(travel_s, tell, answer, told)
        else:
            tell(answer, told)

    def _travel_s(self) -> float:
        drawn = self._random()
        if drawn < 0.75:
            return 0.0
        return 0.03 * self._random() if drawn < 0.97 else 1.2 * self._random()

    def _send(self, delay_s: float, do: Callable[..., object], *arguments: object) -> None:
        if delay_s:
            self._later(delay_s, do, *arguments, context=OUTSIDE)
        else:
            self._soon(do, *arguments, context=OUTSIDE)


# What servers do belongs to no process of the suite.
OUTSIDE = contextvars.Context()


def _succeed(answer: "asyncio.Future[Answer]", result: Answer) -> None:
    if not answer.done():
        answer.set_result(result)


def _fail(answer: "asyncio.Future[Answer]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


def _do_unheard(do: Callable[[], object]) -> None:
    with contextlib.suppress(Exception):  # nobody is there to be told
        do()
