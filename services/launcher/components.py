"""Components of a suite that somebody else started again: told by a mark in their environment, stopped with the rest.

The launcher restarts nothing. Whoever does, by the command and environment in ``suite.json``, makes a process that is
no child of the launcher's; the mark in that environment says whose it is all the same. Only Linux shows environments.
"""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.launcher.process import wait_until_ready

_VARIABLE = "WEALTH_COMPONENT"
_PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Component:
    """One component of the one suite that works on a folder."""

    folder: Path
    name: str

    @property
    def environment(self) -> dict[str, str]:
        """The mark, for the component's environment."""
        return {_VARIABLE: f"{self.folder}:{self.name}"}

    def ask_to_stop(self) -> None:
        """Sends SIGTERM to its processes, but not to those that one of them has started and stops itself."""
        marked = dict(self._list_processes())
        for pid, parent in marked.items():
            if parent not in marked:
                _send(pid, signal.SIGTERM)

    def stop(self, grace_s: float) -> bool:
        """Waits for the end of its processes and kills what is left after ``grace_s``; whether all ended themselves."""
        ended = wait_until_ready(lambda: not any(self._list_processes()), grace_s)
        for pid, _ in self._list_processes():
            _send(pid, signal.SIGKILL)
        return ended

    def _list_processes(self) -> Iterator[tuple[int, int]]:
        """The ids of the processes that carry the mark and of their parents."""
        (mark,) = (f"{name}={value}".encode() for name, value in self.environment.items())
        for process in _PROCESSES.glob("[0-9]*"):
            try:
                environment = (process / "environ").read_bytes().split(b"\0")
                state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:  # it has ended meanwhile, or is another user's
                continue
            if mark in environment and state not in "ZX":
                yield int(process.name), int(parent)


def _send(pid: int, signum: signal.Signals) -> None:
    try:
        os.kill(pid, signum)
    except ProcessLookupError:
        return  # it has ended meanwhile
