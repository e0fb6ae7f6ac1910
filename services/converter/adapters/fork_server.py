"""A fork server: has imported what is heavy once, forks a child per job, kills those that run too long.

It is started as a fresh interpreter (never by forking a process that has threads) and has one thread. Jobs come as
descriptors of sockets over its control socket; the child reads its request itself from its own socket, so a slow or
hostile request delays nobody. When a child has ended, how it ended is the last line on its socket. A child is killed
when its time is up, when nobody waits for it any more, and when the server ends.
"""

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_REQUEST_BYTES = 64 << 20
"""A request holds a program, its guards and paths: a few megabytes where every column has many."""
RunChild = Callable[[socket.socket, dict[str, Any]], None]


@dataclass(slots=True)
class _Run:
    pid: int
    pidfd: int
    connection: socket.socket
    deadline: float
    timed_out: bool = False


def serve(control: socket.socket, run_child: RunChild) -> None:
    """Fork a child for every socket that arrives on ``control``; return once the other end is closed.

    ``run_child(connection, limits)`` is all that a child does; ``limits`` came with the socket, its ``lifetime_s`` is
    the child's life by the wall clock.
    """
    runs: dict[int, _Run] = {}
    poll = select.poll()
    poll.register(control.fileno(), select.POLLIN)
    while True:
        for descriptor, _events in poll.poll(_wait_ms(runs)):
            if descriptor == control.fileno():
                if not _accept(control, runs, poll, run_child):
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


def _accept(control: socket.socket, runs: dict[int, _Run], poll: select.poll, run_child: RunChild) -> bool:
    message, descriptors, _flags, _address = socket.recv_fds(control, 4096, 1)
    if not message:
        return False
    connection = socket.socket(fileno=descriptors[0])
    limits = json.loads(message)
    pid = os.fork()
    if pid == 0:
        _become_child(control, runs, lambda: run_child(connection, limits))
    run = _Run(pid, os.pidfd_open(pid), connection, time.monotonic() + limits["lifetime_s"])
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
    # The group too: a child is its own group's leader as soon as it has run its first line.
    for kill in (os.kill, os.killpg):
        with suppress(ProcessLookupError, PermissionError):
            kill(run.pid, signal.SIGKILL)


def _become_child(control: socket.socket, runs: dict[int, _Run], work: Callable[[], None]) -> None:
    code = 1
    try:
        os.setpgid(0, 0)
        control.close()
        for run in runs.values():
            os.close(run.pidfd)
            run.connection.close()
        work()
        code = 0
    finally:
        os._exit(code)  # no handlers, no flushing: nothing of the server's may run twice


def read_line(connection: socket.socket) -> dict[str, Any]:
    """One JSON line from the other end, which sends nothing behind it before it is answered.

    Raises ConnectionError where it is cut short or too long.
    """
    received = bytearray()
    while not received.endswith(b"\n"):
        chunk = connection.recv(1 << 20)
        if not chunk or len(received) > _REQUEST_BYTES:
            raise ConnectionError("the request is cut short or too long")
        received += chunk
    request: dict[str, Any] = json.loads(received)
    return request
