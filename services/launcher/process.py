"""One child process: its command, environment and log file; started, watched, stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TETHER = Path(__file__).with_name("tether.py")
LOG_TAIL_BYTES = 2_000


class StartFailed(RuntimeError):
    """A process ended, or did not become ready in time, while it was being started."""


def wait_until_ready(check: Callable[[], bool], timeout_s: float) -> bool:
    """Asks ``check`` until it holds, at intervals that grow from 5 to 100 ms. Returns False after ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    interval_s = 0.005
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval_s)
        interval_s = min(interval_s * 1.5, 0.1)
    return True


@dataclass
class ChildProcess:
    """A command that runs in a process group of its own, writes to a log file and dies with us.

    Its own group, so that Ctrl-C reaches only the launcher, which stops the children in order.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_path: Path
    directory: Path = field(default_factory=Path.cwd)
    _process: subprocess.Popen[bytes] | None = None
    # Where this start's lines begin in the log, which keeps those of earlier runs.
    _log_began: int = 0

    @property
    def pid(self) -> int:
        """The process id. Raises RuntimeError where it was never started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the command, also once more after it has ended. Raises StartFailed where it cannot be run."""
        if self.alive:
            raise RuntimeError(f"{self.name} is running")
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        tethered = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *self.command]
        with self.log_path.open("ab") as log:
            self._log_began = log.tell()
            try:
                self._process = subprocess.Popen(  # noqa: S603 - commands are our own
                    tethered,
                    cwd=self.directory,
                    env=dict(self.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                )
            except OSError as error:
                raise StartFailed(f"{self.name} cannot be run: {error}") from error

    def wait_ready(self, check: Callable[[], bool], timeout_s: float) -> None:
        """Waits until ``check`` holds. Raises StartFailed, with the log's end, where the process ends or is late."""
        if wait_until_ready(lambda: not self.alive or check(), timeout_s) and self.alive:
            return
        why = f"is not ready after {timeout_s:g} s" if self.alive else f"ended with status {self.wait()}"
        raise StartFailed(f"{self.name} {why}; the end of {self.log_path}:\n{self.read_log_tail()}")

    def wait(self) -> int:
        """Waits for the end and returns the exit status (negative: the signal)."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.wait()

    def send_signal(self, signum: signal.Signals) -> None:
        """Sends a signal to the process; does nothing where it has ended."""
        if self._process is not None:
            self._process.send_signal(signum)

    def kill(self) -> None:
        """Kills it at once (SIGKILL) and waits for the end."""
        self.send_signal(signal.SIGKILL)
        if self._process is not None:
            self.wait()

    def stop(self, grace_s: float) -> bool:
        """Asks it to end (SIGTERM), kills it after ``grace_s``. Returns whether it ended by itself."""
        if self._process is None:
            return True
        self._process.terminate()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def read_log_tail(self) -> str:
        """The last lines of the log that were written since the last start."""
        if not self.log_path.exists():
            return ""
        size = self.log_path.stat().st_size
        # A log that was emptied for room since then holds this run alone.
        began = self._log_began if self._log_began <= size else 0
        with self.log_path.open("rb") as log:
            log.seek(max(began, size - LOG_TAIL_BYTES))
            return log.read().decode(errors="replace")
