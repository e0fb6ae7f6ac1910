"""Logs of the suite's processes, kept from growing without end: each file has a bound and one predecessor.

The processes have their files open and know of nothing, also such as somebody else started again; so a full file is
copied and emptied, not renamed. What is written between the two is lost, which is a line or none.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.launcher import console

MAX_BYTES = 32 * 2**20
_LOOK_EVERY_S = 5.0


def rotate(folder: Path, max_bytes: int = MAX_BYTES) -> list[Path]:
    """Makes ``name.log.1`` of each ``name.log`` that has more bytes, in place of a former one; returns which."""
    rotated = []
    for path in sorted(folder.glob("*.log")):
        if path.stat().st_size > max_bytes:
            shutil.copyfile(path, path.with_name(f"{path.name}.1"))
            os.truncate(path, 0)  # who writes to it appends, and so begins anew
            rotated.append(path)
    return rotated


@contextmanager
def rotating(folder: Path) -> Iterator[None]:
    """Looks after the logs in a folder, in a thread of its own, for as long as the block lasts."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_EVERY_S):
            try:
                rotate(folder)
            except OSError as error:  # a full disk: the processes must go on, and the next look may find room
                console.warn(f"logs are not rotated: {error}")

    thread = threading.Thread(target=look, name="logs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
