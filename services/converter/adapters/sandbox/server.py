"""The fork server: imports DuckDB once, forks a child per run, kills those that run too long.

It is started as a fresh interpreter by ``runner`` (never by forking a process that has threads), has one thread and
never opens a database itself. Requests come as descriptors of sockets over its control socket; the child reads the
request itself from its own socket, so a slow or hostile request delays nobody.
"""

import ctypes
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from services.converter.adapters.sandbox import child

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_REQUEST_BYTES = 64 << 20
_ERRORS = select.POLLHUP | select.POLLERR


@dataclass(slots=True)
class _Run:
    pid: int
    pidfd: int
    connection: socket.socket
    deadline: float
    timed_out: bool = False


def serve(control: socket.socket) -> None:
    """Fork a child for every socket that arrives on ``control``; return once the other end is closed."""
    _leave_network()
    runs: dict[int, _Run] = {}
    poll = select.poll()
    poll.register(control.fileno(), select.POLLIN)
    while True:
        for descriptor, _events in poll.poll(_wait_ms(runs)):
            if descriptor == control.fileno():
                if not _accept(control, runs, poll):
                    for run in runs.values():
                        _kill(run)
                    return
            else:
                _settle(descriptor, runs, poll)
        now = time.monotonic()
        for run in runs.values():
            if now >= run.deadline and not run.timed_out:
                run.timed_out = True
                _kill(run)


def _wait_ms(runs: dict[int, _Run]) -> float | None:
    ends = [run.deadline for run in runs.values() if not run.timed_out]
    return max(0.0, (min(ends) - time.monotonic()) * 1000) + 1 if ends else None


def _accept(control: socket.socket, runs: dict[int, _Run], poll: select.poll) -> bool:
    message, descriptors, _flags, _address = socket.recv_fds(control, 4096, 1)
    if not message:
        return False
    connection = socket.socket(fileno=descriptors[0])
    limits = json.loads(message)
    pid = os.fork()
    if pid == 0:
        _become_child(control, connection, runs, limits)
    run = _Run(pid, os.pidfd_open(pid), connection, time.monotonic() + limits["time_s"])
    runs[run.pidfd] = run
    poll.register(run.pidfd, select.POLLIN)
    poll.register(connection.fileno(), 0)  # only hang-ups: the child owns what is read from it
    return True


def _settle(descriptor: int, runs: dict[int, _Run], poll: select.poll) -> None:
    """A child ended, or nobody waits for its result any more."""
    run = runs.get(descriptor)
    if run is None:
        for other in runs.values():
            if other.connection.fileno() == descriptor:
                poll.unregister(descriptor)
                _kill(other)
        return
    _pid, status, usage = os.wait4(run.pid, 0)
    with suppress(KeyError):
        poll.unregister(run.connection.fileno())
    poll.unregister(run.pidfd)
    os.close(run.pidfd)
    del runs[run.pidfd]
    ended: dict[str, float] = {
        "exit": os.waitstatus_to_exitcode(status),
        "timed_out": run.timed_out,
        "peak_rss_kib": usage.ru_maxrss,
        "cpu_s": usage.ru_utime + usage.ru_stime,
    }
    with suppress(OSError):
        run.connection.sendall(json.dumps(ended).encode() + b"\n")
    run.connection.close()


def _kill(run: _Run) -> None:
    # The group too: a child is its own session's leader as soon as it has run its first line.
    for kill in (os.kill, os.killpg):
        with suppress(ProcessLookupError, PermissionError):
            kill(run.pid, signal.SIGKILL)


def _become_child(
    control: socket.socket, connection: socket.socket, runs: dict[int, _Run], limits: dict[str, float]
) -> None:
    code = 1
    try:
        os.setsid()
        control.close()
        for run in runs.values():
            os.close(run.pidfd)
            run.connection.close()
        child.confine_process(limits)
        request = _read_request(connection)
        os.chdir(request["directory"])
        result = child.run_request(request)
        connection.sendall(json.dumps(result).encode() + b"\n")
        code = 0
    finally:
        os._exit(code)  # no handlers, no flushing: nothing of the server's may run twice


def _read_request(connection: socket.socket) -> dict[str, Any]:
    received = bytearray()
    while not received.endswith(b"\n"):
        chunk = connection.recv(1 << 20)
        if not chunk or len(received) > _REQUEST_BYTES:
            raise ConnectionError("the request is cut short or too long")
        received += chunk
    request: dict[str, Any] = json.loads(received)
    return request


def _leave_network() -> None:
    """Enter an empty network namespace, as root or through a user namespace; children inherit it.

    Where the kernel allows neither, DuckDB's locked configuration is what stands between a program and the network.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def main() -> None:
    """Serve on the socket whose descriptor is the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's interrupt is the parent's to handle
    serve(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
