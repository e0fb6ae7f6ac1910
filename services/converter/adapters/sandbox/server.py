"""The sandbox's fork server: DuckDB imported once, one child a run, no network.

It never opens a database itself; `runner` starts it.
"""

import json
import os
import signal
import socket
import sys
from typing import Any

from services.converter.adapters.confinement import confine_process, leave_network
from services.converter.adapters.fork_server import read_line, serve
from services.converter.adapters.sandbox import child

_OPEN_FILES = 64


def run_child(connection: socket.socket, limits: dict[str, Any]) -> None:
    """One run of one program, in its own process."""
    confine_process(
        cpu_s=int(limits["time_s"] * limits["threads"]) + 1,
        file_bytes=max(limits["output_bytes"], limits["temp_bytes"]),
        open_files=_OPEN_FILES,
        private_bytes=limits["process_bytes"],
        mapped_bytes=2 * limits["process_bytes"] + limits["memory_bytes"],
    )
    request = read_line(connection)
    os.chdir(request["directory"])
    connection.sendall(json.dumps(child.run_request(request)).encode() + b"\n")


def main() -> None:
    """Serve on the socket whose descriptor is the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's interrupt is the parent's to handle
    leave_network()
    serve(socket.socket(fileno=int(sys.argv[1])), run_child)


if __name__ == "__main__":
    main()
