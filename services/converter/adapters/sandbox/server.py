"""The sandbox's fork server: DuckDB imported and an empty database opened once, one child a run, no network.

It runs nothing of a request itself; `runner` starts it.
"""

import gc
import json
import os
import signal
import socket
import sys
from functools import partial
from typing import Any

import duckdb

from services.common.core_files import leave_no_core_files
from services.converter.adapters.confinement import confine_process, leave_network
from services.converter.adapters.fork_server import read_line, serve
from services.converter.adapters.sandbox import child

_OPEN_FILES = 64
"""A run opens its table, what it spills and its output."""


def run_child(database: duckdb.DuckDBPyConnection, connection: socket.socket, limits: dict[str, Any]) -> None:
    """One run of one program on a database that is this process' own, as memory is after a fork."""
    confine_process(
        cpu_s=int(limits["time_s"] * limits["threads"]) + 1,
        file_bytes=max(limits["output_bytes"], limits["temp_bytes"]),
        open_files=_OPEN_FILES,
        private_bytes=limits["process_bytes"],
        mapped_bytes=2 * limits["process_bytes"] + limits["memory_bytes"],
    )
    # A run is short and its process used once: looking for cycles would touch, and so copy, all of the server's memory.
    gc.disable()
    request = read_line(connection)
    os.chdir(request["directory"])
    connection.sendall(json.dumps(child.run_request(database, request)).encode() + b"\n")


def main() -> None:
    """Serve on the socket whose descriptor is the first argument."""
    leave_no_core_files()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's interrupt is the parent's to handle
    leave_network()
    serve(socket.socket(fileno=int(sys.argv[1])), partial(run_child, child.open_database()))


if __name__ == "__main__":
    main()
