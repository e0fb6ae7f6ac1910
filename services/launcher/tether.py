"""Runs a command that dies with its parent: ``python tether.py PARENT_PID COMMAND...`` becomes the command.

A launcher that is killed with SIGKILL can stop nobody. On Linux the kernel does it for us: the signal asked for here
survives exec. It is asked for in a fresh interpreter and not between fork and exec, because the parent may have
threads (gRPC's among them) that make code there unsafe. Elsewhere the command runs untethered.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ties this process to its parent and becomes the command. Exits with 1 where the parent is gone already."""
    parent_pid, *command = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # NATS and S3 have others' data in memory, too
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent_pid):
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main()
