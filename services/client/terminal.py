"""What commands share at the terminal: usage errors, progress, and files that are written whole or not at all."""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any, NoReturn

from services.client.exit_codes import USAGE_ERROR
from services.common.near import find_near
from services.common.placing import find_draft_folder, put_in_place

_TICK_S = 0.5
_QUIET_S = 1.0
_DAY_S = 86_400


class CommandParser(argparse.ArgumentParser):
    """`argparse` with the exit code 64 for usage errors."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments and exit."""
        self.print_usage(sys.stderr)
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As `argparse`, but an option that there is not is told as such, with the one that is probably meant: it would
        complain of the option's value, which it takes for something else."""
        given = list(sys.argv[1:] if args is None else args)
        known = [option for option in self._option_string_actions if option.startswith("--")]
        is_whole = not any(isinstance(action, argparse._SubParsersAction) for action in self._actions)  # noqa: SLF001
        for word in takewhile(lambda word: word != "--", given if is_whole else ()):
            name = word.partition("=")[0]
            if name.startswith("--") and not any(option.startswith(name) for option in known):
                near = find_near(name, known)
                self.error(f"there is no option {name}" + (f": is {near} meant?" if near else ""))
        return super().parse_known_args(given, namespace)


def duration_s(text: str) -> float:
    """An argument in seconds: more than none, at most a day."""
    value = float(text)
    if not 0 < value <= _DAY_S:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {_DAY_S} seconds")
    return value


def say(text: str) -> None:
    """A line for people, on stderr: stdout is for what other programs read."""
    _show(text + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever sees half of it: beside its place, then renamed onto it.

    A device or a pipe is written to.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=find_draft_folder(path))
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        beside.chmod(0o666 & ~_umask())
        put_in_place(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def progress(words: str) -> Iterator[None]:
    """Show on a terminal that work goes on and for how long; nothing is shown for short work or into a file."""
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()

    def tick() -> None:
        started = time.monotonic()
        if ended.wait(_QUIET_S):
            return
        while True:
            _show(f"\r{words} ... {time.monotonic() - started:.0f} s")
            if ended.wait(_TICK_S):
                break
        _show("\r\x1b[K")

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _show(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
