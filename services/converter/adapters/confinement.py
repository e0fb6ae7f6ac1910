"""The kernel's limits on a process, put on by itself before it touches anything that it was not written for."""

import ctypes
import resource
import signal
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
"""Numbers of Linux's prctl(2) and unshare(2)."""


def confine_process(*, cpu_s: int, file_bytes: int, open_files: int, private_bytes: int, mapped_bytes: int) -> None:
    """Put the limits on this process; they hold for every thread that it will start, and cannot be lifted again.

    ``private_bytes`` and ``mapped_bytes`` are on top of what it has now: memory written to, and address space.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0)
    for kind, amount in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_DATA, _status_bytes("VmData") + private_bytes),
        (resource.RLIMIT_AS, _status_bytes("VmSize") + mapped_bytes),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        # The processor's limit is told by SIGXCPU, which is the process's own end, and a second later by SIGKILL.
        last = bound + 1 if kind == resource.RLIMIT_CPU and bound != hard else bound
        resource.setrlimit(kind, (bound, last))
    # Writing past RLIMIT_FSIZE is then an error of the write instead of a silent death.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def leave_network() -> None:
    """Enter an empty network namespace, as root or through a user namespace; children inherit it.

    Where the kernel allows neither, DuckDB's locked configuration is what stands between a program and the network.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _status_bytes(field: str) -> int:
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) << 10
    return 512 << 20
