"""The crew's fork server: crewai imported once, one child a job. `pool` starts it; it speaks to nobody."""

import gc
import importlib
import os
import signal
import socket
import sys
from typing import Any

from services.common.core_files import leave_no_core_files
from services.converter.adapters.confinement import confine_process
from services.converter.adapters.fork_server import serve

_OPEN_FILES = 256
_FILE_BYTES = 64 << 20
_CPU_S = 300
"""A child talks to one endpoint and writes nothing of its own: what it may take is far above what was seen, and ends
what runs away."""


def run_child(connection: socket.socket, limits: dict[str, Any]) -> None:
    """One job's agents, in a process of their own."""
    confine_process(
        cpu_s=_CPU_S,
        file_bytes=_FILE_BYTES,
        open_files=_OPEN_FILES,
        private_bytes=limits["process_bytes"],
        mapped_bytes=4 * limits["process_bytes"],
    )
    child = importlib.import_module("services.converter.adapters.crew.child")
    child.serve_job(connection)


def main() -> None:
    """Serve on the socket whose descriptor is the first argument."""
    leave_no_core_files()
    os.setpgid(0, 0)  # not a session, in which niceness would count for nothing beside other ones
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's interrupt is the parent's to handle
    os.nice(int(sys.argv[2]))
    # What crewai imports of OpenTelemetry would bring gRPC, which must not be in a process that forks.
    sys.modules["grpc"] = None  # type: ignore[assignment]
    # Imported by name, so that whoever imports this module does not get crewai with it.
    importlib.import_module("services.converter.adapters.crew.child").warm_up()
    gc.collect()
    gc.freeze()  # what is there now stays in pages that all children share
    serve(socket.socket(fileno=int(sys.argv[1])), run_child)


if __name__ == "__main__":
    main()
