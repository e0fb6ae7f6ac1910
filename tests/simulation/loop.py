"""An event loop whose time is simulated and whose order a seed draws.

Whatever is ready is run in an order drawn by the seed, so that every await is a place where anything else may happen.
Time stands still while something is ready and jumps to the next timer where nothing is. A task belongs to the process
that its context names: what a dead process left is never run again, what a paused one has to do waits.
"""

import asyncio
import contextvars
import heapq
import itertools
import random
from collections.abc import Callable, Coroutine
from typing import Any

_MAX_STEPS = 400_000


class SimulatedProcess:
    """A process: alive, paused (what it has to do waits), or dead (nothing of it is run again)."""

    __slots__ = ("is_dead", "is_paused", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_dead = False
        self.is_paused = False

    def __repr__(self) -> str:
        return self.name


class _Step:
    """What is to be run: as ``asyncio.Handle``, which costs more than most of what it runs."""

    __slots__ = ("_args", "_callback", "_cancelled", "_context")
    _source_traceback = None

    def __init__(self, callback: Callable[..., Any], args: tuple[Any, ...], context: contextvars.Context) -> None:
        self._callback = callback
        self._args = args
        self._context = context
        self._cancelled = False

    def cancel(self) -> None:
        """Takes it back."""
        self._cancelled = True


class _Timer(_Step):
    """What is to be run at a time; again as asyncio's."""

    __slots__ = ("_when",)
    _when: float

    def when(self) -> float:
        """Simulated seconds since the start."""
        return self._when


PROCESS: contextvars.ContextVar[SimulatedProcess | None] = contextvars.ContextVar("process", default=None)


class SimulatedTask(asyncio.Task[Any]):
    """A task whose hash is its number: sets of tasks are walked in the same order in every run of a seed."""

    _numbers = itertools.count()
    _number: int | None = None

    def __hash__(self) -> int:
        number = self._number
        if number is None:  # as it is made: asyncio puts it into its own set
            number = self._number = next(SimulatedTask._numbers)
        return number


class StuckError(Exception):
    """Nothing is ready and no timer runs, or the run does not come to an end."""


class SimulatedLoop(asyncio.BaseEventLoop):
    """See the module. ``steps`` counts what was run."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._draw = random.Random(seed).random
        self._now = 0.0
        self._ready: list[_Step] = []  # type: ignore[assignment]
        self._timers: list[tuple[float, int, _Timer]] = []
        self._timer_numbers = itertools.count()
        # What dead and paused processes would have done.
        self._withheld: list[tuple[SimulatedProcess, _Step]] = []
        self.steps = 0
        self.after_step: Callable[[], None] | None = None
        self.faults: list[dict[str, Any]] = []
        SimulatedTask._numbers = itertools.count()
        self.set_exception_handler(lambda _loop, context: self.faults.append(context))

    def time(self) -> float:
        """Simulated seconds since the start."""
        return self._now

    def tasks(self) -> list[asyncio.Task[Any]]:
        """All tasks that have not ended, in the order in which they were made."""
        return sorted(asyncio.all_tasks(self), key=hash)

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, context: contextvars.Context | None = None
    ) -> SimulatedTask:
        """Begins a task."""
        return SimulatedTask(coro, loop=self, name=name, context=context)

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> _Step:
        """Runs ``callback`` among what is ready."""
        step = _Step(callback, args, contextvars.copy_context() if context is None else context)
        self._ready.append(step)
        return step

    def _call_soon(
        self, callback: Callable[..., Any], args: tuple[Any, ...], context: contextvars.Context | None
    ) -> _Step:
        return self.call_soon(callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> _Timer:
        """Runs ``callback`` at a time; a plain tuple keeps the heap's comparisons out of Python."""
        timer = _Timer(callback, args, contextvars.copy_context() if context is None else context)
        timer._when = when
        heapq.heappush(self._timers, (when, next(self._timer_numbers), timer))
        return timer

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: contextvars.Context | None = None
    ) -> _Timer:
        """Runs ``callback`` after a while."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def _run_once(self) -> None:
        ready, draw, timers = self._ready, self._draw, self._timers
        while not self._stopping:  # type: ignore[attr-defined]
            if not ready or (timers and timers[0][0] <= self._now):
                self._take_due()
                if not ready:
                    continue
            place = int(draw() * len(ready))
            step = ready[place]
            ready[place] = ready[-1]
            ready.pop()
            if step._cancelled:
                continue
            process = step._context.get(PROCESS)
            if process is not None and (process.is_dead or process.is_paused):
                self._withheld.append((process, step))
                continue
            self.steps += 1
            try:
                step._context.run(step._callback, *step._args)
            except BaseException as error:  # noqa: BLE001 - as asyncio's own handles do
                self._tell_failure(step, error)
            if self.after_step is not None:
                self.after_step()
            if self.steps > _MAX_STEPS:
                raise StuckError("the run does not come to an end")

    def _tell_failure(self, step: _Step, error: BaseException) -> None:
        if isinstance(error, SystemExit | KeyboardInterrupt):
            raise error
        self.call_exception_handler({"message": f"exception in {step._callback!r}", "exception": error})

    def _take_due(self) -> None:
        """Makes the timers ready whose time has come; where nothing is ready, time goes on to the next one."""
        timers = self._timers
        if not self._ready:
            while timers and timers[0][2]._cancelled:
                heapq.heappop(timers)
            if not timers:
                raise StuckError("nothing is ready, and no timer runs")
            self._now = max(self._now, timers[0][0])
        while timers and timers[0][0] <= self._now:
            timer = heapq.heappop(timers)[2]
            if not timer._cancelled:
                self._ready.append(timer)

    def resume(self, process: SimulatedProcess) -> None:
        """Lets a paused process go on."""
        process.is_paused = False
        self._ready.extend(step for of, step in self._withheld if of is process)
        self._withheld = [item for item in self._withheld if item[0] is not process]

    def abandon(self) -> None:
        """Ends whatever is left, dead processes' tasks too, so that nothing of it outlives the run."""
        self.after_step = None
        self._ready.extend(step for _, step in self._withheld)
        self._withheld.clear()
        # What cleans up after itself makes tasks, for which it looks for the loop that runs.
        asyncio._set_running_loop(self)
        try:
            self._end_all()
        finally:
            asyncio._set_running_loop(None)

    def _end_all(self) -> None:
        for _ in range(50):
            left = self.tasks()
            if not left:
                return
            for task in left:
                task.cancel()
            for _ in range(20):
                ready, self._ready = self._ready, []
                for step in ready:
                    if step._cancelled:
                        continue
                    try:
                        step._context.run(step._callback, *step._args)
                    except BaseException as error:  # noqa: BLE001 - as asyncio's own handles do
                        self._tell_failure(step, error)
                if not self._ready:
                    break
            while self._timers:
                timer = heapq.heappop(self._timers)[2]
                if not timer._cancelled:
                    self._ready.append(timer)
        raise StuckError(f"tasks that do not end: {self.tasks()[:5]}")

    def _write_to_self(self) -> None:
        """There is no selector to wake."""

    def _process_events(self, _events: Any) -> None:
        """There are none."""
