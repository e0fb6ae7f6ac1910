"""A bar on the terminal for work whose progress is told from outside. Shows nothing where stderr is no terminal."""

import sys
import time
from typing import Self, TextIO

from services.client.rest.results import Event
from services.client.tables import clean

_WIDTH = 24
_MAX_WORDS_CHARS = 60
_REDRAW_S = 0.1
_CLEAR = "\r\x1b[K"


class ProgressBar:
    """Shows how far something is, what it does and for how long. Its methods are what clients call back:

    ``show`` takes a task's or job's events, ``show_bytes`` the bytes of a transfer.
    """

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self._what = what
        self._stream = stream or sys.stderr
        self._shown = self._stream.isatty()
        self._began_s = time.monotonic()
        self._drawn_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self._drawn_s:
            self._write(_CLEAR)

    def show(self, event: Event) -> None:
        """Shows where a task or job stands."""
        self._draw(event.progress / 100, f"{event.status}: {event.message}" if event.message else event.status)

    def show_bytes(self, done: int, total: int | None) -> None:
        """Shows how much of a file is through."""
        if time.monotonic() - self._drawn_s >= _REDRAW_S or done == total:
            self._draw(done / total if total else 0.0, f"{done / 1e6:.1f} MB")

    def _draw(self, share: float, words: str) -> None:
        if not self._shown:
            return
        self._drawn_s = time.monotonic()
        filled = round(_WIDTH * min(1.0, max(0.0, share)))
        bar = "#" * filled + "-" * (_WIDTH - filled)
        told = clean(words)[:_MAX_WORDS_CHARS]
        self._write(f"{_CLEAR}{self._what} [{bar}] {share:4.0%} {told} {self._drawn_s - self._began_s:.0f} s")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
