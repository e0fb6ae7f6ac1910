"""One run of one program: lock DuckDB down, check the program, write its output, say how it went.

Runs in a process of its own, forked by ``server`` and thrown away after the run. Everything that it reads comes in
the request; everything that it writes is the output file, the file of what guards found, and one JSON line of result.
The database is the server's, opened before the fork: an empty one in memory, in which nothing of a request ever ran.
"""

from collections.abc import Mapping
from typing import Any

import duckdb

from services.converter.adapters.sandbox import statements
from services.converter.adapters.sandbox.conversion import Conversion
from services.converter.adapters.sandbox.faults import MissingColumn, as_fault
from services.converter.domain.faults import ProgramFault

_WARMING = (
    "SELECT coalesce(CASE WHEN regexp_full_match(trim(name), '[0-9]+') THEN try_strptime(name, '%Y')::VARCHAR END, "
    "regexp_replace(upper(name), '[ ]+$', ''), concat_ws(',', name)) AS name, _row "
    "FROM (SELECT 'one' AS name, 1 AS _row) ORDER BY _row"
)


def open_database() -> duckdb.DuckDBPyConnection:
    """An empty database in memory, for children to be forked with: no thread of it is running.

    DuckDB's own threads would not be there in a child: the one that asks does all work, files are read by it too.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "async_threads": 0,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        },
    )
    # What the first statements of each kind set up once, catalogues and parsers, is there for all children.
    tree = connection.execute("SELECT json_serialize_sql(?)", [_WARMING]).fetchall()[0][0]
    connection.execute("SELECT json_deserialize_sql(?::JSON)", [tree]).fetchall()
    connection.execute(f"DESCRIBE {_WARMING}").fetchall()
    connection.execute(_WARMING).fetchall()
    return connection


def run_request(connection: duckdb.DuckDBPyConnection, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run the program of a request on a new database; the result, or the fault as ``{"fault", "message"}``."""
    try:
        return _run(connection, request)
    except (ProgramFault, MissingColumn, MemoryError, RecursionError, duckdb.Error) as error:
        return as_fault(error)


def _run(connection: duckdb.DuckDBPyConnection, request: Mapping[str, Any]) -> dict[str, Any]:
    source = request["source"]
    _confine_database(connection, request)
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


def _confine_database(connection: duckdb.DuckDBPyConnection, request: Mapping[str, Any]) -> None:
    limits = request["limits"]
    read = (spool["path"] for spool in (request["source"], *request["references"].values()))
    paths = ", ".join(statements.quote_text(path) for path in (*read, request["output"]))
    for name, value in {
        "threads": str(limits["threads"]),
        "memory_limit": f"'{limits['memory_bytes']}B'",
        "temp_directory": statements.quote_text(request["temp_directory"]),
        "max_temp_directory_size": f"'{limits['temp_bytes']}B'",
        "allowed_paths": f"[{paths}]",
        "enable_external_access": "false",
    }.items():
        connection.execute(f"SET {name} = {value}")
