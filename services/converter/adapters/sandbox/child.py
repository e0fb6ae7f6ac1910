"""One run of one program: lock DuckDB down, check the program, write its output, say how it went.

Runs in a process of its own, forked by ``server`` and thrown away after the run. Everything that it reads comes in
the request; everything that it writes is the output file, the file of what guards found, and one JSON line of result.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

from services.converter.adapters.sandbox import statements
from services.converter.adapters.sandbox.conversion import Conversion
from services.converter.adapters.sandbox.faults import MissingColumn, as_fault
from services.converter.domain.faults import ProgramFault


def run_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """Run the program of a request; the result, or the fault as ``{"fault", "message"}``."""
    try:
        return _run(request)
    except (ProgramFault, MissingColumn, MemoryError, RecursionError, duckdb.Error) as error:
        return as_fault(error)


def _run(request: Mapping[str, Any]) -> dict[str, Any]:
    source = request["source"]
    connection = _open_database(request)
    for name, spool in {"input": source, **request["references"]}.items():
        scan = statements.spool_scan(
            spool["path"],
            len(spool["names"]),
            counted=spool["counted"],
            delimiter=spool["delimiter"],
            line_end=spool["line_end"],
            skip=spool["skip"],
            longest_bytes=spool["longest_bytes"],
        )
        # Small inputs become a table: programs that read `input` several times then parse the file once.
        kind = "TABLE" if spool["in_memory"] else "VIEW"
        query = statements.input_query(scan, spool["names"], counted=spool["counted"])
        connection.execute(f"CREATE {kind} {statements.quote_name(name)} AS {query}")
    connection.execute(f"CREATE TABLE header AS {statements.header_query(source['header'])}")
    connection.execute("SET lock_configuration = true")
    return Conversion(connection, request).run()


def _open_database(request: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    limits = request["limits"]
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": limits["threads"],
            "memory_limit": f"{limits['memory_bytes']}B",
            "temp_directory": request["temp_directory"],
            "max_temp_directory_size": f"{limits['temp_bytes']}B",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        },
    )
    read = (spool["path"] for spool in (request["source"], *request["references"].values()))
    paths = ", ".join(statements.quote_text(path) for path in (*read, request["output"]))
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    return connection
