"""When to try again, and how long to wait before: the same for every call."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from services.client.rest.problems import is_problem, read_problem
from services.client.rest.wire import Answer, Broken, Flow, Pause, Request, Send
from services.common.errors import RetryableError, Unavailable, WealthError

Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and how long a call is tried.

    Answers of 429, 502, 503 and 504 and broken connections are tried again, after what ``Retry-After`` says, or after
    pauses that double from ``first_pause_s`` to ``max_pause_s`` with jitter. No try begins more than ``max_elapsed_s``
    after the first: what asks for a longer wait is raised at once.
    """

    max_attempts: int = 6
    first_pause_s: float = 0.2
    max_pause_s: float = 5.0
    max_elapsed_s: float = 60.0

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ValueError("max_attempts must be at least 1")
        if min(self.first_pause_s, self.max_pause_s, self.max_elapsed_s) < 0:
            raise ValueError("pauses and max_elapsed_s must not be negative")


NO_RETRIES = Retries(max_attempts=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a client's calls are made: what a plan needs to become a flow. ``timeout_s`` bounds each wait for bytes."""

    retries: Retries
    timeout_s: float


class Plan(Protocol[Result_co]):
    """Something that a client can do: a call, an upload, a download."""

    def flow(self, terms: Terms) -> Flow[Result_co]:
        """The steps that do it."""


class Attempts:
    """Counts the tries of one call."""

    def __init__(
        self,
        retries: Retries,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        random_share: Callable[[], float] = random.random,
    ) -> None:
        self._retries = retries
        self._monotonic_s = monotonic_s
        self._random_share = random_share
        self.restart()

    def restart(self) -> None:
        """Begins to count anew: the last try made progress."""
        self._failed = 0
        self._began_s = self._monotonic_s()

    def choose_pause_s(self, error: WealthError) -> float:
        """The pause before the next try. Raises the error where there is none."""
        self._failed += 1
        if not isinstance(error, RetryableError) or self._failed >= self._retries.max_attempts:
            raise error
        doubled_s = min(self._retries.max_pause_s, self._retries.first_pause_s * 2.0 ** (self._failed - 1))
        # Half fixed, half random: many clients that were refused together do not come back together.
        pause_s = max(error.retry_after_s, doubled_s * (0.5 + self._random_share() / 2))
        if self._monotonic_s() - self._began_s + pause_s > self._retries.max_elapsed_s:
            raise error
        return pause_s


def no_answer(error: Broken) -> Unavailable:
    """A broken connection as an error of the suite."""
    return Unavailable(str(error), reason="NO_ANSWER", retry_after_s=0)


def perform(request: Request, retries: Retries, *, repeatable: bool, accepts: int = 0) -> Flow[Answer]:
    """Sends a request until it is answered below 400. Raises the error of the last answer.

    A request that is not ``repeatable`` is not sent again where its answer was lost: it may have taken effect.
    """
    attempts = Attempts(retries)
    while True:
        try:
            answer: Answer = yield Send(request)
        except Broken as broken:
            error: WealthError = no_answer(broken)
            if not repeatable:
                raise error from broken
        else:
            if answer.status < 400 or (answer.status == accepts and not is_problem(answer)):
                return answer
            error = read_problem(answer)
        yield Pause(attempts.choose_pause_s(error))
