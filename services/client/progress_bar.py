"""A bar on the terminal for work whose progress is told from outside. Shows nothing where stderr is no terminal."""

import shutil
import sys
import threading
import time
from typing import Self, TextIO

from services.client.rest.results import Event
from services.client.tables import clean

_WIDTH = 24
_TICK_S = 0.5
_CLEAR = "\r\x1b[K"


class ProgressBar:
    """Shows how far something is, what it does and for how long, from when it is first told something.

    Its methods are what clients call back: ``show`` takes a task's or job's events, ``show_bytes`` a transfer's bytes.
    The time goes on between them.
    """

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self._what = what
        self._stream = stream or sys.stderr
        self._shown = self._stream.isatty()
        self._began_s = time.monotonic()
        self._told: tuple[float, str] | None = None
        self._drawing = threading.Lock()
        self._over = threading.Event()
        self._ticking = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        if self._shown:
            self._ticking.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._shown:
            return
        self._over.set()
        self._ticking.join()
        self._write(_CLEAR)

    def show(self, event: Event) -> None:
        """Shows where a task or job stands."""
        words = f"{event.status}: {event.message}" if event.message else event.status
        self._tell(event.progress / 100, words, at_once=True)

    def show_bytes(self, done: int, total: int | None) -> None:
        """Shows how much of a file is through."""
        self._tell(done / total if total else 0.0, f"{done / 1e6:.1f} MB", at_once=done == total)

    def _tell(self, share: float, words: str, *, at_once: bool) -> None:
        first, self._told = self._told is None, (min(1.0, max(0.0, share)), clean(words))
        if self._shown and (first or at_once):
            self._draw()

    def _tick(self) -> None:
        while not self._over.wait(_TICK_S):
            self._draw()

    def _draw(self) -> None:
        with self._drawing:
            if self._told is None:
                return
            share, words = self._told
            filled = round(_WIDTH * share)
            bar = "#" * filled + "-" * (_WIDTH - filled)
            line = f"{self._what} [{bar}] {share:4.0%} {time.monotonic() - self._began_s:.0f} s  {words}"
            # A line that wraps could not be cleared again.
            self._write(_CLEAR + line[: shutil.get_terminal_size().columns - 1])

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
