"""Runs a service with a clock that can be put off: ``python -m tests.chaos.campaign.skewed FILE MODULE ARGUMENTS``.

FILE holds the offset in seconds as one double, which may change at any time. What services read is the wall clock, as
``time.time()`` and ``services.common.clock.utc_now``; the clock of intervals is left alone, as it is when somebody puts
a machine's clock right.
"""

import mmap
import runpy
import struct
import sys
import time
from datetime import timedelta
from pathlib import Path

from services.common import clock

_DOUBLE = struct.Struct("d")
_real_time, _real_now = time.time, clock.utc_now


def write_offset(file: Path, offset_s: float) -> None:
    """Puts the clock of whoever runs with this file off."""
    if not file.exists():
        file.write_bytes(_DOUBLE.pack(offset_s))
        return
    with file.open("r+b") as target:  # in place: it is mapped
        target.write(_DOUBLE.pack(offset_s))


def main() -> None:
    """Puts the clock in place and becomes the service."""
    _, file, module, *arguments = sys.argv
    with Path(file).open("rb") as source:
        offset = mmap.mmap(source.fileno(), _DOUBLE.size, access=mmap.ACCESS_READ)

    def read_offset() -> timedelta:
        # In whole milliseconds, so that what the suite's own clock rounds stays round.
        return timedelta(milliseconds=round(1000 * float(_DOUBLE.unpack_from(offset)[0])))

    time.time = lambda: _real_time() + read_offset().total_seconds()
    clock.utc_now = lambda: _real_now() + read_offset()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
