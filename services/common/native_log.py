"""What libraries that are not Python write to standard error themselves becomes lines of the log.

gRPC's core writes there what a peer said, line ends and all: text of anybody's choosing would stand among our lines,
and could look like one of them. So the process's own standard error is a pipe, read by a thread, and each line of it
one event ``native_log`` with the text as a value. What Python writes goes to where standard error was before.
"""

import contextlib
import faulthandler
import os
import re
import sys
import threading
from collections.abc import Iterator

from services.common.logging import get_logger

_STANDARD_ERROR = 2
_PIECE_BYTES = 64 * 1024  # what a pipe holds
_END_TIMEOUT_S = 1.0
# How gRPC's core (absl) begins a message: level, date, time, thread, file and line.
_HEAD = re.compile(r"([IWEF])\d{4} [\d:.]+ +\d+ ([\w.]+:\d+)\] ")
_ROUTINE = "I"


@contextlib.contextmanager
def native_lines_logged() -> Iterator[None]:
    """Logs what is written to the process's standard error past Python, inside of the block.

    Logging has to be set up inside, for it to write where standard error was. Messages of a library that ends the
    process at once may be lost; where Python stood then is written.
    """
    sys.stderr.flush()
    before = sys.stderr
    ours = os.fdopen(os.dup(_STANDARD_ERROR), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    reading, writing = os.pipe()
    # A full pipe loses lines: waiting for its reader, which needs Python's lock, could be for ever.
    os.set_blocking(writing, False)
    os.dup2(writing, _STANDARD_ERROR)
    os.close(writing)
    sys.stderr = ours
    faulthandler.enable(ours)
    reader = threading.Thread(target=_log_pieces, args=(reading,), name="native-log", daemon=True)
    reader.start()
    try:
        yield
    finally:
        # What logs on, as the interpreter ends, still holds ``ours``: it stays open.
        os.dup2(ours.fileno(), _STANDARD_ERROR)
        reader.join(_END_TIMEOUT_S)  # a child that lives on may hold the pipe open
        sys.stderr = before


def _log_pieces(reading: int) -> None:
    with open(reading, "rb", buffering=0) as pipe:
        while piece := pipe.read(_PIECE_BYTES):
            log_native(piece.decode("utf-8", "backslashreplace"))


def log_native(piece: str) -> None:
    """Logs what was written at once: a library's routine messages at the level DEBUG, all else as warnings."""
    log, source, is_routine = get_logger(), "", False
    for line in piece.splitlines():
        if head := _HEAD.match(line):
            source, is_routine = head[2], head[1] == _ROUTINE
        if line.strip():
            (log.debug if is_routine else log.warning)("native_log", source=source, text=line)
