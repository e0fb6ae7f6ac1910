"""One run of one program: lock DuckDB down, check the program, write its output, say how it went.

Runs in a process of its own, forked by ``server`` and thrown away after the run. Everything that it reads comes in
the request; everything that it writes is the output file and one JSON line of result.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from services.converter.adapters.sandbox import statements
from services.converter.domain.faults import ProgramFailed, ProgramFault, ProgramNotAllowed, ProgramTooLarge
from services.converter.domain.program import CELLS
from services.converter.domain.program_policy import check_program
from services.converter.domain.table import Dialect

_MESSAGE_CHARS = 2_000
_MOST_PLACES = 100_000
_EXHAUSTED = re.compile(
    r"bad_alloc|out of memory|failed to allocate|file too large|max_temp_directory_size", re.IGNORECASE
)


def run_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """Run the program of a request; the result, or the fault as ``{"fault", "message"}``."""
    try:
        return _run(request)
    except ProgramFault as fault:
        return {"fault": type(fault).__name__, "message": fault.message}
    except _MissingColumn as missing:
        return {"fault": "MissingColumns", "names": list(missing.names), "message": ""}
    except (MemoryError, duckdb.OutOfMemoryException):
        return {"fault": "ProgramTooLarge", "message": "the program needs more memory than it may use"}
    except RecursionError:
        return {"fault": "ProgramNotAllowed", "message": "the program is nested too deeply"}
    except duckdb.Error as error:
        return _fault_of(error)


class _MissingColumn(Exception):
    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names


def _run(request: Mapping[str, Any]) -> dict[str, Any]:
    limits, source = request["limits"], request["source"]
    program = request["program"].rstrip().removesuffix(";")  # as people end a statement
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
    tree = _parse(connection, program)
    check_program(tree, source["names"], request["references"])
    columns, cells = _describe(connection, program, tree, request)
    if len(columns) > limits["output_columns"]:
        raise ProgramTooLarge(f"the program returns {len(columns)} columns, the limit is {limits['output_columns']}")
    written = Dialect(**request["dialect"])
    traced = _with_origins(connection, tree) if request["blanks"] or request["traced"] else None
    blanked = None if cells or traced is None else _blank_cells(connection, traced, columns, request)
    lines = statements.line_query(
        blanked or program, len(columns), written, cells=cells, cell_bytes=limits["cell_bytes"]
    )
    rows = connection.execute(statements.copy_lines(lines, request["output"])).fetchall()[0][0]
    if rows > limits["output_rows"]:
        raise ProgramTooLarge(f"the program returns {rows} rows, the limit is {limits['output_rows']}")
    if Path(request["output"]).stat().st_size > limits["output_bytes"]:
        raise ProgramTooLarge(f"the output is larger than the limit of {limits['output_bytes']} bytes")
    places = None if traced is None else _places(connection, traced, len(columns), request["traced"])
    return {"columns": None if cells else columns, "rows": rows, "blanked": blanked is not None, "places": places}


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


def _parse(connection: duckdb.DuckDBPyConnection, program: str) -> dict[str, Any]:
    text = connection.execute("SELECT json_serialize_sql(?)", [program]).fetchall()[0][0]
    tree: dict[str, Any] = json.loads(text)
    return tree


def _describe(
    connection: duckdb.DuckDBPyConnection, program: str, tree: Mapping[str, Any], request: Mapping[str, Any]
) -> tuple[list[str], bool]:
    """The program's column names, and whether it returns one `_cells` list; binds, runs nothing."""
    try:
        described = connection.execute(f"DESCRIBE {program}").fetchall()
    except duckdb.BinderException as error:
        missing = _missing_columns(str(error), tree, request)
        if missing:
            raise _MissingColumn(missing) from error
        raise
    names = [str(row[0]) for row in described]
    kinds = [str(row[1]) for row in described]
    if names == [CELLS]:
        if kinds != ["VARCHAR[]"]:
            raise ProgramFailed(f"the column _cells is VARCHAR[], the program returns {kinds[0]}")
        return names, True
    if CELLS in names:
        raise ProgramFailed("_cells is returned alone or not at all; SELECT * returns it too: * EXCLUDE (_row, _cells)")
    return names, False


def _with_origins(connection: duckdb.DuckDBPyConnection, tree: dict[str, Any]) -> str | None:
    """The program with its input row's number as last column; None where its rows cannot be traced to the input's.

    They can where the outermost SELECT has `_row` in scope and neither groups, nor removes duplicates, nor unites.
    """
    node = tree["statements"][0]["node"]
    grouped = node.get("group_expressions") or any(m.get("type") == "DISTINCT_MODIFIER" for m in node["modifiers"])
    if node.get("type") != "SELECT_NODE" or grouped:
        return None
    row = {"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "column_names": ["_row"]}
    node["select_list"].append(row)
    try:
        traced = str(connection.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchall()[0][0])
        connection.execute(f"DESCRIBE {traced}")
    except duckdb.Error:
        return None
    return traced


def _places(
    connection: duckdb.DuckDBPyConnection, traced: str, width: int, origins: Sequence[int]
) -> list[tuple[int, int]]:
    """(input row, output row) of the rows of the output that come from some rows of the input."""
    if not origins:
        return []
    found = connection.execute(statements.place_query(traced, width, origins, _MOST_PLACES)).fetchall()
    return [(int(origin), int(place)) for origin, place in found]


def _blank_cells(
    connection: duckdb.DuckDBPyConnection, traced: str, columns: list[str], request: Mapping[str, Any]
) -> str | None:
    """The program ``traced`` with the cells of the request's blanks emptied; None where there are none."""
    if not request["blanks"]:
        return None
    targets: dict[int, list[str]] = {}
    for number, blank in enumerate(request["blanks"]):
        check_program(_parse(connection, blank["sql"]), request["source"]["names"], request["references"])
        connection.execute(statements.blank_table(number, blank["sql"]))
        for name in blank["columns"]:
            if name in columns:
                targets.setdefault(columns.index(name), []).append(f"blank{number}")
    return statements.blank_query(traced, len(columns), targets)


def _missing_columns(message: str, tree: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[str, ...]:
    """The input columns that the program reads by name and that are not there.

    ``known_columns`` are those of the input that the program was learned from: without them the binder's first
    complaint is all there is to go by.
    """
    present = {name.lower() for name in request["source"]["names"]}
    known = {name.lower(): name for name in request.get("known_columns") or ()}
    read = {name.lower() for name in _referenced_names(tree)}
    missing = tuple(name for key, name in known.items() if key in read and key not in present)
    if missing or known:
        return missing
    found = re.search(r'Referenced column "(.+?)" (?:was )?not found', message)
    return (found[1],) if found else ()


def _referenced_names(tree: Any) -> Collection[str]:
    names: set[str] = set()
    pending = [tree]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            if item.get("class") == "COLUMN_REF":
                names.add(str(item["column_names"][-1]))
            pending.extend(item.values())
    return names


def _fault_of(error: duckdb.Error) -> dict[str, Any]:
    text = str(error)
    if statements.OVERSIZED_CELL in text:
        return {"fault": "ProgramTooLarge", "message": "the program returns a cell that is larger than the limit"}
    if _EXHAUSTED.search(text):
        return {"fault": "ProgramTooLarge", "message": "the program needs more memory or disk than it may use"}
    if isinstance(error, duckdb.ParserException):
        return {"fault": ProgramNotAllowed.__name__, "message": _clean(text)}
    return {"fault": ProgramFailed.__name__, "message": _clean(text)}


def _clean(text: str) -> str:
    """DuckDB's message without its caret drawing, the sandbox's paths and its advice on settings."""
    lines = [line for line in text.split("\n") if line.strip() and not re.match(r"\s*(LINE \d+:|\^|\.\.\.)", line)]
    joined = re.sub(r"'?/[^\s']*/(spool|output)\.csv'?", "the file", " ".join(lines))
    return re.sub(r"\s+", " ", joined)[:_MESSAGE_CHARS].strip()
